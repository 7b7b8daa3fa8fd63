//! OpenID Connect as use cases: discovery, userinfo, sign-out.

pub mod discovery;
pub mod logout;
pub mod userinfo;
