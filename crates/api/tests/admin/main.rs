//! The management API over its router: every noun's life, every refusal.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is test code, its functions too")]

mod bulk;
mod conditions;
mod description;
mod keys;
mod life;
mod lists;
mod ranks;
mod refusals;
mod rig;
