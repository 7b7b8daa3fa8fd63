//! The grants, one folder each. A new one is a folder and a line in [`find`].

pub mod authorization_code;
pub mod client_credentials;
pub mod device_code;
pub mod email_code;
pub mod passkey;
pub mod password;
pub mod refresh_token;
pub mod second_factor;

use super::{TokenError, TokenRequest, Tokens};
use crate::{Cx, Error, Service};

/// `grant_type` of the resource owner password credentials grant (RFC 6749, section 4.3).
pub const PASSWORD: &str = "password";
/// `grant_type` of RFC 8628, section 3.4.
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// `grant_type` of ours: a code that was sent by e-mail.
pub const EMAIL_CODE: &str = "urn:doorward:params:oauth:grant-type:email_code";
/// `grant_type` of ours: an answer of an authenticator.
pub const PASSKEY: &str = "urn:doorward:params:oauth:grant-type:passkey";

/// `grant_type` of ours: a second factor after one of the other grants. Whoever may use those may use it.
pub const SECOND_FACTOR: &str = "urn:doorward:params:oauth:grant-type:second_factor";

/// A grant that the token endpoint knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// RFC 6749, section 4.1.
    AuthorizationCode,
    /// RFC 6749, section 6.
    RefreshToken,
    /// RFC 6749, section 4.4.
    ClientCredentials,
    /// RFC 6749, section 4.3.
    Password,
    /// RFC 8628.
    DeviceCode,
    /// A code that was sent by e-mail.
    EmailCode,
    /// An answer of an authenticator.
    Passkey,
    /// A second factor after one of the others.
    SecondFactor,
}

/// The grant of a `grant_type`.
pub fn find(grant_type: &str) -> Option<Grant> {
    match grant_type {
        "authorization_code" => Some(Grant::AuthorizationCode),
        "refresh_token" => Some(Grant::RefreshToken),
        "client_credentials" => Some(Grant::ClientCredentials),
        PASSWORD => Some(Grant::Password),
        DEVICE_CODE => Some(Grant::DeviceCode),
        EMAIL_CODE => Some(Grant::EmailCode),
        PASSKEY => Some(Grant::Passkey),
        SECOND_FACTOR => Some(Grant::SecondFactor),
        _ => None,
    }
}

impl Grant {
    /// Its `grant_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::Password => PASSWORD,
            Self::DeviceCode => DEVICE_CODE,
            Self::EmailCode => EMAIL_CODE,
            Self::Passkey => PASSKEY,
            Self::SecondFactor => SECOND_FACTOR,
        }
    }

    pub(super) async fn run(
        self,
        service: &Service,
        cx: &Cx,
        request: &TokenRequest<'_>,
    ) -> Result<Result<Tokens, TokenError>, Error> {
        match self {
            Self::AuthorizationCode => authorization_code::redeem(service, cx, request).await,
            Self::RefreshToken => refresh_token::exchange(service, cx, request).await,
            Self::ClientCredentials => client_credentials::issue(service, cx, request).await,
            Self::Password => password::exchange(service, cx, request).await,
            Self::DeviceCode => device_code::exchange(service, cx, request).await,
            Self::EmailCode => email_code::exchange(service, cx, request).await,
            Self::Passkey => passkey::exchange(service, cx, request).await,
            Self::SecondFactor => second_factor::exchange(service, cx, request).await,
        }
    }
}
