//! The WebAuthn rules against the specification's own vectors, against ceremonies bent one way each, and against noise.

mod attestation;
mod attestation_tpm;
mod authentication;
mod authenticator;
mod parsers;
mod registration;
mod vectors;
