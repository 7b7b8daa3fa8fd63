//! The device grant (RFC 8628) under the vendor's paths. People type the code on the hosted page.

use super::tenant_of;
use super::token::{asked, authorization, refused, tidy};
use crate::nouns::tenants;
use crate::wire::Refused;
use axum::Json;
use axum::extract::{OriginalUri, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::form::OAuthForm;
use doorward_httpkit::{App, Asked, Refusal, answers};
use doorward_protocol::oauth::params::Params;
use doorward_protocol::oauth::scope;
use doorward_service::oauth::device::{DEVICE_SECONDS, TypedCode};
use doorward_service::{Cx, Error, Service};
use serde_json::{Value, json};

/// `POST /oauth2/device_authorize`: a device asks for its codes (section 3.1).
pub async fn begin(
    State(app): State<App>,
    Asked(host): Asked,
    headers: HeaderMap,
    OAuthForm(params): OAuthForm,
) -> Result<Response, Refusal> {
    let (cx, params, _) = asked(&app, &host, &headers, &params).await?;
    let params = known_scopes(&app.service, &cx, params).await?;
    let seconds = match tenants::seconds(&app.service, &cx, "deviceCodeTimeToLiveInSeconds").await {
        Ok(seconds) => seconds.max(60),
        Err(Refused::Fault(error)) => return Err(error.into()),
        Err(_) => DEVICE_SECONDS,
    };
    Ok(match app.service.begin_device_for(&cx, authorization(&headers), &params, seconds).await? {
        Ok(mut device) => {
            let page = cx.url("/oauth2/device");
            device.verification_uri_complete = format!("{page}?user_code={}", device.user_code);
            device.verification_uri = page;
            answers::device(&device)
        }
        Err(error) => refused(&error),
    })
}

/// Scopes that nobody defines are left out, as at the authorization endpoint of this accent.
async fn known_scopes(service: &Service, cx: &Cx, params: Params) -> Result<Params, Error> {
    let defined = service.store.scopes_of_tenant(cx.tenant_id()).await?;
    let known = |word: &&str| scope::is_standard(word) || defined.iter().any(|s| s.value == **word);
    Ok(Params::from_pairs(params.pairs().map(|(name, value)| {
        let value = match name {
            "scope" => value.split(' ').filter(known).collect::<Vec<_>>().join(" "),
            _ => value.to_owned(),
        };
        (name.to_owned(), value)
    })))
}

/// `GET /oauth2/device`: the page where the code is typed is ours.
pub async fn page(OriginalUri(uri): OriginalUri) -> Response {
    let query = Params::parse(uri.query().unwrap_or_default());
    let code = query.first("user_code").or(query.first("interactive_user_code")).unwrap_or_default();
    if code.is_empty() {
        return answers::see_other("/activate");
    }
    let code = form_urlencoded::Serializer::new(String::new()).append_pair("user_code", code).finish();
    answers::see_other(&format!("/activate?{code}"))
}

/// `GET /oauth2/device/validate`: whether a code that somebody typed waits for this application. Wrong ones are counted as on the
/// page.
pub async fn validate(State(app): State<App>, Asked(host): Asked, RawQuery(query): RawQuery) -> Result<Response, Refusal> {
    app.service.limits.request(&host.client.ip).map_err(Refusal::TooMany)?;
    let params = tidy(&Params::parse(query.as_deref().unwrap_or_default()));
    let refuse = |reason: &str, words: &str| -> Response {
        let body: Value = json!({ "error": "invalid_request", "error_reason": reason, "error_description": words });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    };
    let Some(client) = params.first("client_id").filter(|c| !c.is_empty()) else {
        return Ok(refuse("missing_client_id", "client_id is missing"));
    };
    let Some(code) = params.first("user_code").filter(|c| !c.is_empty()) else {
        return Ok(refuse("missing_user_code", "user_code is missing"));
    };
    let cx = tenant_of(&app.service, &host, Some(client), params.first("tenantId")).await?;
    Ok(match app.service.typed_device_code(&cx, code).await? {
        TypedCode::Waiting(device) if device.application.client_id == client => StatusCode::OK.into_response(),
        TypedCode::Locked(_) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        TypedCode::Waiting(_) | TypedCode::Unknown => StatusCode::NOT_FOUND.into_response(),
    })
}
