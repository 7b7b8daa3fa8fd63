//! `GET|POST /connect/logout` (OpenID Connect RP-Initiated Logout 1.0, section 2).

use axum::extract::{RawForm, RawQuery, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers, csrf};
use doorward_protocol::oauth::params::Params;
use doorward_service::oidc::logout::LoggedOut;

/// By GET.
pub async fn get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    sign_out(&app, visit, &Params::parse(query.as_deref().unwrap_or_default()), false).await
}

/// By POST: from an application, or from our own page that asked (then it carries our token).
pub async fn post(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery, RawForm(body): RawForm) -> Response {
    let body = String::from_utf8_lossy(&body);
    let form = Params::parse(&body);
    let confirmed = form.first("csrf").is_some() && csrf::check(&app, &visit, form.first("csrf")).is_ok();
    // The page that asked keeps the request in the address of its form.
    let text = match query {
        Some(query) => format!("{query}&{body}"),
        None => body.into_owned(),
    };
    if !confirmed && let Some(again) = answers::repeated_as_get(&visit, "/connect/logout", &text) {
        return again;
    }
    if csrf::same_site(&visit.headers, &visit.origin).is_err() {
        // Whether anybody is signed in here is not known, so nobody is signed out.
        return app.faces.bad_request(&visit, "the request is too long");
    }
    sign_out(&app, visit, &Params::parse(&text), confirmed).await
}

async fn sign_out(app: &App, mut visit: Visit, params: &Params, confirmed: bool) -> Response {
    let session = visit.session.clone();
    match app.service.logout(&visit.cx, params, session.as_ref(), confirmed).await {
        Ok(LoggedOut::Done { return_to, application }) => {
            visit.cookies.remove("session");
            visit.session = None;
            match return_to {
                Some(to) => visit.answer(answers::see_other(&to)),
                None => {
                    let application = application.as_ref().map(|a| (a.name.as_str(), a.settings.0.home_uri.as_deref()));
                    visit.answer(app.faces.signed_out(&visit, application))
                }
            }
        }
        Ok(LoggedOut::Confirm { application }) => {
            let request: Vec<(String, String)> =
                params.pairs().filter(|(k, _)| *k != "csrf" && *k != "flow").map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            let label = match &session {
                Some(session) => app.service.account_label(&visit.cx, session.user_id).await.ok().flatten(),
                None => None,
            };
            let name = application.as_ref().map(|a| a.name.as_str());
            visit.answer(app.faces.confirm_sign_out(&visit, &request, name, label.as_deref()))
        }
        Ok(LoggedOut::Refused { reason }) => visit.answer(app.faces.bad_request(&visit, reason)),
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}
