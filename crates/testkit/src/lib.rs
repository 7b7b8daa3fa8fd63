//! What tests from outside need: a server as a child process, a browser without script, a software authenticator, a relying party.

pub mod authenticator;
pub mod browser;
pub mod page;
pub mod relying_party;
pub mod server;
pub mod tenant;
