//! Provider metadata as these apps' libraries expect it (OpenID Connect Discovery 1.0, section 3).

use doorward_protocol::oauth::scope;
use doorward_service::Cx;
use serde_json::{Value, json};

/// The document of a domain of this accent.
pub fn document(cx: &Cx) -> Value {
    json!({
        "issuer": cx.issuer(),
        "authorization_endpoint": cx.url("/authorize"),
        "token_endpoint": cx.url("/oauth/token"),
        "device_authorization_endpoint": cx.url("/oauth/device/code"),
        "userinfo_endpoint": cx.url("/userinfo"),
        "mfa_challenge_endpoint": cx.url("/mfa/challenge"),
        "jwks_uri": cx.url("/.well-known/jwks.json"),
        "registration_endpoint": cx.url("/oidc/register"),
        "revocation_endpoint": cx.url("/oauth/revoke"),
        "end_session_endpoint": cx.url("/oidc/logout"),
        "pushed_authorization_request_endpoint": cx.url("/oauth/par"),
        "scopes_supported": scope::STANDARD,
        "response_types_supported": [
            "code", "token", "id_token", "code token", "code id_token", "token id_token", "code token id_token"
        ],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
        "claims_supported": [
            "aud", "auth_time", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "nickname",
            "phone_number", "phone_number_verified", "picture", "sid", "sub", "updated_at"
        ],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}
