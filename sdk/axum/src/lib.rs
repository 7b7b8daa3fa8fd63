#![doc = include_str!("../README.md")]
// Neither feature is no use, but no mistake either.
#![cfg_attr(not(any(feature = "bearer", feature = "sign-in")), allow(dead_code))]

mod error;
mod jwt;
mod keys;
mod provider;
mod remembered;

#[cfg(feature = "bearer")]
mod bearer;
#[cfg(feature = "sign-in")]
mod sign_in;

pub use error::{ConfigError, ProviderError, TokenFault, VerifyError};
pub use jwt::Claims;
pub use keys::Algorithm;
pub use provider::{Provider, ProviderBuilder};

#[cfg(feature = "bearer")]
pub use bearer::{
    AccessToken, Api, ApiBuilder, Authorized, Bearer, BearerError, Guarded, RequireLayer, Requirement, Requirements,
};
#[cfg(feature = "sign-in")]
pub use sign_in::{
    AccessTokenError, ClientAuth, MemoryStore, NotSignedIn, SessionLayer, SessionStore, SignIn, SignInBuilder, SignInError,
    StoreError, User,
};
