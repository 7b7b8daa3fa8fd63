//! `/oauth2/logout`: the session always ends; the browser goes where the application says.

use super::authorize::found;
use super::{lower, tenant_of};
use crate::nouns::{applications, tenants};
use crate::wire::Doc;
use axum::extract::{RawForm, RawQuery, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_protocol::oauth::params::Params;
use doorward_protocol::oauth::redirect_uri::is_registered;
use doorward_protocol::oidc::logout::may_return_to;
use doorward_service::Error;

/// By GET.
pub async fn get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    sign_out(&app, visit, &Params::parse(query.as_deref().unwrap_or_default())).await
}

/// By POST.
pub async fn post(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    sign_out(&app, visit, &Params::parse(&String::from_utf8_lossy(&body))).await
}

async fn sign_out(app: &App, mut visit: Visit, params: &Params) -> Response {
    let to = match target(app, &visit, params).await {
        Ok(to) => to,
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    };
    if let Some(session) = visit.session.take() {
        if let Err(error) = app.service.end_session(&visit.cx, &session, "sign_out").await {
            return visit.answer(app.faces.fault(&visit, &error));
        }
        visit.cookies.remove("session");
    }
    visit.answer(found(&to))
}

/// The address asked for, if it is registered; else the application's, else the tenant's, else our own.
async fn target(app: &App, visit: &Visit, params: &Params) -> Result<String, Error> {
    let service = &app.service;
    let hinted = match params.first("id_token_hint") {
        Some(token) if params.first("client_id").is_none() => {
            service.read_id_token_hint(&visit.cx, token).await?.map(|hint| hint.client_id)
        }
        _ => None,
    };
    let client_id = params.first("client_id").map(lower).or(hinted);
    let cx = tenant_of(service, &visit.cx, client_id.as_deref(), params.first("tenantId")).await?;
    let application = match &client_id {
        Some(id) => service.application(cx.tenant_id(), id).await?,
        None => None,
    };
    if let Some(application) = &application {
        let settings = &application.settings.0;
        // Clients of this accent register one list for both; ours has one for each.
        let registered = |uri: &str| {
            is_registered(uri, &settings.redirect_uris, settings.redirect_tolerance()) || may_return_to(uri, Some(settings))
        };
        if let Some(asked) = params.first("post_logout_redirect_uri").filter(|uri| registered(uri)) {
            return Ok(match (url::Url::parse(asked), params.first("state")) {
                (Ok(mut url), Some(state)) => {
                    url.query_pairs_mut().append_pair("state", state);
                    url.into()
                }
                _ => asked.to_owned(),
            });
        }
        let own = applications::kept(service, application).await.ok();
        if let Some(uri) = own.as_ref().and_then(|kept| kept.text("oauthConfiguration.logoutURL")) {
            return Ok(uri.to_owned());
        }
    }
    let tenant = tenants::setting(service, &cx, "logoutURL").await.ok().flatten();
    Ok(tenant.as_ref().and_then(|v| v.as_str()).unwrap_or("/").to_owned())
}
