//! Bodies as these apps send them.

mod body;

pub use body::Body;
