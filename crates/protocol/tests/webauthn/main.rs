//! The WebAuthn rules against the specification's own vectors, against ceremonies bent one way each, and against noise.

mod authenticator;
mod vectors;
