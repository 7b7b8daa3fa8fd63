//! How requests are read and answers are written: the habits of the vendor's API, in one place.

mod answer;
mod call;
mod document;
mod errors;
mod patch;
mod query;

pub use answer::{Answer, Refused, Reply, respond};
pub use call::{Call, Caller};
pub use document::{Doc, instant, uuid_of};
pub use errors::Errors;
pub use patch::{change_of, strip_nulls};
pub use query::Query;
