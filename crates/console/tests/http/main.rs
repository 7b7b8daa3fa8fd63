//! The console over HTTP: every path with every role, forged and foreign requests, and what each section does. Sessions are
//! opened without the sign-in pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "all of this crate is test code, its functions too")]

mod browser;
mod doors;
mod kept;
mod measure;
mod people;
mod reach;
mod sections;
