//! The account pages over HTTP, as a browser meets them; sessions are opened without the sign-in pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of this crate is test code, its functions too")]

mod account;
mod browser;
mod sign_in;
