//! The Auth0 accent: apps that were written for Auth0 run when their domain, ids and secrets are changed.
//!
//! Nothing is decided here. A request is read as those apps send it, a use case of the core is asked, and the answer is put into
//! the words that they read. What is covered stands in this crate's README.

mod answers;
mod authorize;
mod claims;
mod dbconnections;
mod device;
mod discovery;
mod errors;
mod limits;
mod logout;
pub mod management;
pub mod me;
pub mod mfa;
mod par;
mod passkey;
mod passwordless;
mod revoke;
mod routes;
mod token;
mod userinfo;
mod wire;

pub use claims::Auth0;
pub use routes::{PATHS, routes};

use doorward_protocol::oauth::client::Accent;
use doorward_service::Service;
use std::sync::Arc;

/// The connection of people with a password or a passkey.
pub const DATABASE: &str = "Username-Password-Authentication";
/// The connection of people who are sent a code by e-mail.
pub const EMAIL: &str = "email";

/// Teaches the services this accent; done once, at start.
pub fn register(service: &Service) {
    service.profiles.register(Accent::Auth0, Arc::new(Auth0));
    service.discovery.register(Accent::Auth0, discovery::document);
    service.profiles.register_resource_servers(Accent::Auth0, management::resource_servers_of);
    management::register(service);
}
