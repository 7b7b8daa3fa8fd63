//! The plumbing around the surfaces, tried with a toy router: listeners, stop, logs, metrics, headers, the binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod binary;
mod listeners;
mod observing;
mod stopping;
mod toy;
