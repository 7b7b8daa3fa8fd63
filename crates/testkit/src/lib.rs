//! testkit

pub mod authenticator;
