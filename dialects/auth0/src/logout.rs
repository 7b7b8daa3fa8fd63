//! `GET /v2/logout` and `GET|POST /oidc/logout`.

use axum::extract::{RawForm, RawQuery, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers, csrf};
use doorward_protocol::oauth::params::Params;
use doorward_service::Error;
use doorward_service::oidc::logout::LoggedOut;

/// Signs out without asking, and returns to a registered address.
pub async fn v2(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let params = Params::parse(query.as_deref().unwrap_or_default());
    let session = visit.session.clone();
    let (client, to) = (params.first("client_id"), params.first("returnTo"));
    let done = app.service.sign_out_by_link(&visit.cx, client, to, session.as_ref()).await;
    answer(&app, visit, &params, done).await
}

/// OpenID Connect RP-Initiated Logout 1.0.
pub async fn oidc_get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    oidc(&app, visit, &Params::parse(query.as_deref().unwrap_or_default())).await
}

/// The same by POST. From another site it brings no cookies, so it is repeated as a GET.
pub async fn oidc_post(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let text = String::from_utf8_lossy(&body);
    if let Some(again) = answers::repeated_as_get(&visit, "/oidc/logout", &text) {
        return again;
    }
    if csrf::same_site(&visit.headers, &visit.origin).is_err() {
        // Whether anybody is signed in here is not known, so nobody is signed out.
        return app.faces.bad_request(&visit, "the request is too long");
    }
    oidc(&app, visit, &Params::parse(&text)).await
}

async fn oidc(app: &App, visit: Visit, params: &Params) -> Response {
    let session = visit.session.clone();
    let done = app.service.logout(&visit.cx, params, session.as_ref(), false).await;
    answer(app, visit, params, done).await
}

async fn answer(app: &App, mut visit: Visit, params: &Params, done: Result<LoggedOut, Error>) -> Response {
    match done {
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
        // Our own page asks, and goes on at the standard endpoint: the rules are the same.
        Ok(LoggedOut::Confirm { application }) => {
            let request: Vec<(String, String)> = params
                .pairs()
                .filter(|(k, _)| !matches!(*k, "csrf" | "flow"))
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .collect();
            let label = match &visit.session {
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
