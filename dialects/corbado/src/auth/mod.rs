//! The sign-in process.

pub mod call;
pub mod events;
pub mod identifier;
pub mod login;
pub mod passkey;
pub mod process;
pub mod signup;
pub mod social;
