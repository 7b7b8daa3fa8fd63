//! Provider metadata (OpenID Connect Discovery 1.0, section 3; RFC 8414).

use crate::Cx;
use crate::oauth::token::grants;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oauth::scope;
use doorward_protocol::oidc::claims;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::RwLock;

/// What clients may sign their assertions with.
const ASSERTION_ALGORITHMS: [&str; 7] = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"];

/// Writes the document of a domain of an accent.
pub type Writer = fn(&Cx) -> Value;

/// Who writes the documents of which accent.
#[derive(Default)]
pub struct Discovery {
    writers: RwLock<HashMap<Accent, Writer>>,
}

impl Discovery {
    /// Registers an accent's writer; done once, at start.
    pub fn register(&self, accent: Accent, writer: Writer) {
        if let Ok(mut writers) = self.writers.write() {
            writers.insert(accent, writer);
        }
    }

    /// The document of the domain that was asked; the standard one when its accent has none of its own.
    pub fn document(&self, cx: &Cx) -> Value {
        let writer = self.writers.read().ok().and_then(|writers| writers.get(&cx.domain.accent).copied());
        writer.unwrap_or(document)(cx)
    }
}

/// The document of the standard accent. It depends on the issuer alone.
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
        "pushed_authorization_request_endpoint": cx.url("/connect/par"),
        "device_authorization_endpoint": cx.url("/connect/device"),
        "response_types_supported": ["code", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post", "web_message"],
        "grant_types_supported": [
            "authorization_code",
            "implicit",
            "refresh_token",
            "client_credentials",
            grants::PASSWORD,
            grants::DEVICE_CODE,
            grants::EMAIL_CODE,
            grants::PASSKEY,
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"],
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": claims::supported(),
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_pushed_authorization_requests": false,
        "authorization_response_iss_parameter_supported": true,
        "acr_values_supported": ["phrh", "phr", doorward_protocol::session::MULTI_FACTOR, "1"],
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "ui_locales_supported": ["en", "de", "fr", "es", "ja"],
    })
}
