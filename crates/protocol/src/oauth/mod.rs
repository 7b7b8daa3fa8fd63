//! OAuth 2.0 (RFC 6749 with the habits of OAuth 2.1): requests read, rules decided.

pub mod authorize;
pub mod client;
pub mod error;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
pub mod response_mode;
pub mod response_type;
pub mod scope;
pub mod wildcard;
