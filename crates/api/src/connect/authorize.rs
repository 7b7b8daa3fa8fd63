//! `GET|POST /connect/authorize` (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2.1).

use axum::extract::{RawForm, RawQuery, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::oauth::params::Params;
use doorward_service::oauth::authorize::Begun;

/// By GET.
pub async fn get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    begin(&app, visit, &Params::parse(query.as_deref().unwrap_or_default())).await
}

/// By POST. Our cookies are `SameSite=Lax` and do not come with a post from the application's site, so the request is repeated as
/// a GET, which brings them.
pub async fn post(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let text = String::from_utf8_lossy(&body);
    if let Some(again) = answers::repeated_as_get(&visit, "/connect/authorize", &text) {
        return again;
    }
    begin(&app, visit, &Params::parse(&text)).await
}

async fn begin(app: &App, mut visit: Visit, params: &Params) -> Response {
    let session = if params.first("prompt") == Some("none") {
        match visit.silent_session(app).await {
            Ok(session) => session,
            Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
        }
    } else {
        visit.session.clone()
    };
    match app.service.authorize(&visit.cx, params, session.as_ref()).await {
        Ok(Begun::Answer(answer)) => answers::authorization(app, &visit, &answer),
        Ok(Begun::Untrusted(error)) => visit.answer(app.faces.untrusted_request(&visit, &error)),
        Ok(Begun::Page(view)) => {
            visit.adopt_language(&view);
            visit.answer(answers::see_other(&app.faces.sign_in_path(&view)))
        }
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}
