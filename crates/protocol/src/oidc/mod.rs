//! OpenID Connect: claims, prompts, discovery, sign-out.

pub mod claims;
pub mod logout;
pub mod prompt;
