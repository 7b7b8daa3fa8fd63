//! Provider metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414).

use crate::Cx;
use doorward_protocol::oauth::scope;
use doorward_protocol::oidc::claims;
use serde_json::{Value, json};

/// The document. It depends on the issuer alone.
pub fn document(cx: &Cx) -> Value {
    json!({
        "issuer": cx.issuer(),
        "authorization_endpoint": cx.url("/connect/authorize"),
        "token_endpoint": cx.url("/connect/token"),
        "userinfo_endpoint": cx.url("/connect/userinfo"),
        "jwks_uri": cx.url("/.well-known/jwks.json"),
        "introspection_endpoint": cx.url("/connect/introspect"),
        "revocation_endpoint": cx.url("/connect/revoke"),
        "end_session_endpoint": cx.url("/connect/logout"),
        "scopes_supported": scope::STANDARD,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": claims::supported(),
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": ["phrh", "phr", doorward_protocol::session::MULTI_FACTOR, "1"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": ["en", "de", "fr", "es", "ja"],
    })
}
