//! Whether a code may be redeemed by this client with these parameters.
//!
//! A wrong verifier or address refuses the request and leaves the code: it lives for a minute, is bound to client and verifier,
//! and burning it would let whoever sees a code break the sign-in of the one it belongs to.

use super::super::super::TokenError;
use crate::oauth::authorize::AuthorizationCode;
use doorward_protocol::oauth::error::OAuthErrorCode::InvalidGrant;
use doorward_protocol::oauth::pkce;
use doorward_store::applications::ApplicationRow;

pub(super) fn check(
    code: &AuthorizationCode,
    application: &ApplicationRow,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
) -> Result<(), TokenError> {
    let refuse = |description, cause| Err(TokenError::new(InvalidGrant, description, cause));
    if code.application != application.id {
        return refuse("the code is not valid", "code_of_other_client");
    }
    match redirect_uri {
        Some(uri) if uri != code.redirect_uri => {
            return refuse("redirect_uri is not the one of the authorization request", "redirect_uri_mismatch");
        }
        // RFC 6749, section 4.1.3. OAuth 2.1 dropped the parameter for clients that use PKCE.
        None if code.redirect_uri_sent && code.code_challenge.is_none() => {
            return refuse("redirect_uri is missing", "redirect_uri_missing");
        }
        _ => {}
    }
    if let Err(error) = pkce::verify(code.code_challenge.as_ref(), verifier) {
        let cause = match error {
            pkce::PkceError::Missing => "code_verifier_missing",
            pkce::PkceError::Unexpected => "code_verifier_unexpected",
            _ => "code_verifier_wrong",
        };
        return refuse("code_verifier does not fit the code", cause);
    }
    Ok(())
}
