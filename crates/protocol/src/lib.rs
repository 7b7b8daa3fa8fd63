//! protocol

pub mod webauthn;
