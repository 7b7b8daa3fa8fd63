//! The FusionAuth accent: set-up scripts, client libraries and applications written for FusionAuth work when their base address is
//! changed. This crate holds no rule: it reads the vendor's requests, asks the use cases and writes the vendor's answers.

mod api;
mod claims;
mod events;
mod ids;
mod kickstart;
mod nouns;
mod oauth2;
mod routes;
mod routes_table;
mod wire;

pub use kickstart::{Kickstart, KickstartError};
pub use routes::routes;

use doorward_protocol::oauth::client::Accent;
use doorward_service::Service;
use std::sync::Arc;

/// Tells the services how this accent speaks; done once, at start.
pub fn register(service: &Service) {
    service.profiles.register(Accent::Fusionauth, Arc::new(claims::Vendor));
    service.vocabulary.register(events::ACCENT, Arc::new(events::Vendor));
}
