//! Pages of the vendor's theme, by their paths: each leads to the page of ours that does the same.

use super::tenant_of;
use crate::wire::{Errors, Reply, respond};
use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Asked, Refusal, Visit, answers, cors};
use serde_json::json;

/// `/password/forgot`: ours is called recovery.
pub async fn forgot(visit: Visit, OriginalUri(uri): OriginalUri) -> Response {
    let query = uri.query().map(|q| format!("?{q}")).unwrap_or_default();
    visit.answer(answers::see_other(&format!("/recover{query}")))
}

/// What is not there yet, in the words of the API.
pub async fn not_yet(OriginalUri(uri): OriginalUri) -> Response {
    let words = format!("{} is not implemented", uri.path());
    respond(Ok(Reply::with(501, Errors::general("[notImplemented]", words).body())))
}

/// Pages of the sign-in flow that have no address of their own here.
pub async fn other(visit: Visit) -> Response {
    visit.answer(answers::see_other("/account"))
}

/// The page behind a sign-in link.
pub async fn passwordless(visit: Visit) -> Response {
    visit.answer(answers::see_other("/signin"))
}

/// Its button.
pub async fn passwordless_post(visit: Visit) -> Response {
    visit.answer(answers::see_other("/signin"))
}

/// The page behind a link that sets a password.
pub async fn change_password(visit: Visit) -> Response {
    visit.answer(answers::see_other("/recover"))
}

/// Its form.
pub async fn change_password_post(visit: Visit) -> Response {
    visit.answer(answers::see_other("/recover"))
}

/// The page behind a link that proves an address.
pub async fn verify_email(visit: Visit) -> Response {
    visit.answer(answers::see_other("/account"))
}

/// Its button.
pub async fn verify_email_post(visit: Visit) -> Response {
    visit.answer(answers::see_other("/account"))
}

/// Provider metadata of a tenant, with the vendor's paths.
pub async fn discovery(State(app): State<App>, Asked(host): Asked, Path(tenant): Path<String>) -> Result<Response, Refusal> {
    let cx = tenant_of(&app.service, &host, None, Some(&tenant)).await?;
    if cx.tenant_id().to_string() != tenant.to_lowercase() {
        return Ok((StatusCode::NOT_FOUND, Json(json!({ "error": "not_found" }))).into_response());
    }
    // Every endpoint answers on the host that was asked.
    let url = |path: &str| host.url(path);
    let document = json!({
        "issuer": cx.issuer(),
        "authorization_endpoint": url("/oauth2/authorize"),
        "token_endpoint": url("/oauth2/token"),
        "userinfo_endpoint": url("/oauth2/userinfo"),
        "end_session_endpoint": url("/oauth2/logout"),
        "introspection_endpoint": url("/oauth2/introspect"),
        "jwks_uri": url(&format!("/{}/.well-known/jwks.json", cx.tenant_id())),
        "grant_types_supported": ["authorization_code", "password", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post", "fragment", "query"],
        "scopes_supported": ["openid", "offline_access", "profile", "email", "phone", "address"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "RS384", "RS512", "ES256", "ES384", "EdDSA"],
        "userinfo_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "frontchannel_logout_supported": false,
        "backchannel_logout_supported": false,
        "claims_supported": doorward_protocol::oidc::claims::supported(),
    });
    Ok(cors::public(Json(document).into_response()))
}

/// The public keys of a tenant.
pub async fn jwks(State(app): State<App>, Asked(host): Asked, Path(tenant): Path<String>) -> Result<Response, Refusal> {
    let cx = tenant_of(&app.service, &host, None, Some(&tenant)).await?;
    if cx.tenant_id().to_string() != tenant.to_lowercase() {
        return Ok((StatusCode::NOT_FOUND, Json(json!({ "error": "not_found" }))).into_response());
    }
    let keys = app.service.keys_of(cx.tenant_id(), cx.now).await?;
    Ok(cors::public(([(header::CONTENT_TYPE, "application/json")], keys.document.to_string()).into_response()))
}
