//! Relying-party rules of W3C Web Authentication Level 3.
//!
//! Decides whether a registration (section 7.1) or an authentication (section 7.2) may be believed, and builds the
//! options that start one (section 5.4, 5.5). It draws no challenge, reads no clock and stores nothing: that a
//! challenge is spent once, that a credential id is not registered twice and what happens to a user are decisions of
//! the caller. Every refusal has its own variant and a stable code, because the audit log must say what went wrong.

pub mod aaguid;
pub mod attestation;
pub mod authentication;
pub mod authenticator_data;
mod cbor;
pub mod client_data;
pub mod cose;
pub mod options;
pub mod registration;
pub mod response;
pub mod rp;

pub use aaguid::{Provider, provider};
pub use attestation::{AttestationError, AttestationKind, AttestationPolicy};
pub use authentication::{
    AuthenticationError, AuthenticationExpectation, StoredCredential, VerifiedAssertion, verify_authentication,
};
pub use cose::{CoseAlgorithm, algorithm_name};
pub use options::{
    AttestationConveyance, AuthenticatorAttachment, CreationOptions, CredentialDescriptor, Hint, RequestOptions, ResidentKey,
    UserEntity, UserVerification,
};
pub use registration::{RegisteredCredential, RegistrationError, RegistrationExpectation, verify_registration};
pub use response::{AuthenticationResponse, RegistrationResponse};
pub use rp::{OriginRule, RelyingParty, rp_id_valid_for_origin};

/// Input that is not what the specification says it must look like; the text names the part, never quotes the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed: {0}")]
pub struct Malformed(pub &'static str);
