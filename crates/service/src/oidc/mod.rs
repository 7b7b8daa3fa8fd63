//! oidc/mod
