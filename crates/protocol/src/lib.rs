//! Pure types and rules of Doorward: no async, database, HTTP, clock or randomness.
//!
//! What a rule needs to know comes in as an argument, time and random bytes included, and what it decides goes out as a
//! value. Everything above this crate loads, asks here, and saves.

pub mod admin;
pub mod audit;
pub mod identity;
pub mod ids;
pub mod jose;
pub mod oauth;
pub mod oidc;
pub mod policy;
pub mod seal;
pub mod search;
pub mod session;
pub mod signin;
pub mod time;
pub mod webauthn;
