//! Sign-in and bearer tokens against a small provider in this process, which has its own keys and can be made to misbehave.
//! Its tokens are put together by hand, so that nothing here is checked by what made it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bearer;
mod browser;
mod provider;
mod sign_in;
