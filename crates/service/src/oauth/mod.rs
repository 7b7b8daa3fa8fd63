//! OAuth 2.0 as use cases: authorization, client authentication, tokens, introspection, revocation.

pub mod authorize;
pub mod client_auth;
pub mod device;
pub mod introspect;
pub mod par;
pub mod passkeys;
pub mod revoke;
pub mod scopes;
pub mod second_factor;
pub mod token;
