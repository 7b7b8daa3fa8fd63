//! The sign-in state machine: one typed state and one pure function, seen through every surface.

mod next;
mod state;
mod step;

pub use next::{next, second_factor_is_due};
pub use state::{ChangeReason, Facts, Knowledge, NewPasskey, Purpose, ReturnTo, SignIn, UserFacts};
pub use step::{BlockReason, CodePurpose, OfferReason, Step};
