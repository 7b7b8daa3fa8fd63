//! The Corbado accent: what `@corbado/web-js` and the Python package `passkeys` ask, answered by the core.
//!
//! A project is an application of the accent `corbado`: its `client_id` is the project id (`pro-…`), its secret the API secret.
//! Nothing is decided here; requests become inputs of the core's sign-in, and its steps become blocks.

pub mod auth;
pub mod backend;
pub mod config;
pub mod cors;
pub mod door;
pub mod errors;
pub mod ids;
pub mod links;
pub mod me;
pub mod project;
pub mod routes;
pub mod session;
pub mod wire;

pub use routes::{register, routes};
