//! `GET|POST /authorize`.

use crate::{DATABASE, EMAIL};
use axum::extract::{RawForm, RawQuery, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::session::Method;
use doorward_service::oauth::authorize::{Answer, Begun, ReadRequest, SECOND_FACTOR_OWED};
use doorward_service::{Cx, Error};

/// By GET.
pub async fn get(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    begin(&app, visit, &Params::parse(query.as_deref().unwrap_or_default())).await
}

/// By POST from another site, which brings no cookies: repeated as a GET, which does.
pub async fn post(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let text = String::from_utf8_lossy(&body);
    if let Some(again) = answers::repeated_as_get(&visit, "/authorize", &text) {
        return again;
    }
    begin(&app, visit, &Params::parse(&text)).await
}

async fn begin(app: &App, mut visit: Visit, params: &Params) -> Response {
    match ask(app, &visit, params).await {
        Ok(Begun::Answer(answer)) => answers::authorization(app, &visit, &worded(*answer)),
        Ok(Begun::Untrusted(error)) => visit.answer(app.faces.untrusted_request(&visit, &error)),
        Ok(Begun::Page(view)) => {
            visit.adopt_language(&view);
            visit.answer(answers::see_other(&app.faces.sign_in_path(&view)))
        }
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

async fn ask(app: &App, visit: &Visit, params: &Params) -> Result<Begun, Error> {
    let cx = &visit.cx;
    let sent = match app.service.pushed_request(cx, params).await? {
        Ok(sent) => sent,
        Err(untrusted) => return Ok(Begun::Untrusted(untrusted)),
    };
    let silent = sent.params.first("prompt") == Some("none");
    let session = if silent { visit.silent_session(app).await? } else { visit.session.clone() };
    let standard = standard(cx, &sent.params, session.is_some());
    match app.service.read_authorization(cx, &standard, sent.pushed).await? {
        ReadRequest::Untrusted(error) => Ok(Begun::Untrusted(error)),
        ReadRequest::Refused { answer, .. } => Ok(Begun::Answer(answer)),
        ReadRequest::Good { application, mut request } => {
            match sent.params.first("connection") {
                None | Some(DATABASE) => {}
                Some(EMAIL) => request.method = Some(Method::EmailCode),
                Some(_) => {
                    let text = "the connection was not found";
                    return Ok(Begun::Answer(Box::new(Answer::error(cx, &request, OAuthErrorCode::InvalidRequest, text))));
                }
            }
            app.service.authorize_request(cx, application, *request, session.as_ref()).await
        }
    }
}

/// A request in the words of the specifications: `audience` is a resource (RFC 8707), `screen_hint=signup` asks for sign-up
/// (Initiating User Registration via OpenID Connect 1.0) where somebody would be asked anything at all.
pub fn standard(cx: &Cx, params: &Params, signed_in: bool) -> Params {
    let mut pairs: Vec<(String, String)> =
        params.pairs().filter(|(name, _)| !matches!(*name, "audience" | "prompt")).map(|(k, v)| (k.into(), v.into())).collect();
    let mut audience: Vec<String> = params.all("audience").to_vec();
    if audience.is_empty() && params.all("resource").is_empty() {
        audience.extend(cx.tenant.row.settings.0.default_audience.clone());
    }
    pairs.extend(audience.into_iter().map(|one| ("resource".to_owned(), one)));
    let mut prompt: Vec<&str> = params.first("prompt").unwrap_or_default().split_whitespace().collect();
    let wants_sign_up = params.first("screen_hint") == Some("signup") && !prompt.contains(&"none");
    if wants_sign_up && (!signed_in || prompt.contains(&"login")) {
        prompt.push("create");
    }
    pairs.push(("prompt".into(), prompt.join(" ")));
    Params::from_pairs(pairs)
}

/// An answer in this accent's words.
fn worded(mut answer: Answer) -> Answer {
    let target = |(name, value): &(String, String)| name == "error" && value == OAuthErrorCode::InvalidTarget.as_str();
    // Libraries compare both words before they offer a step-up.
    let factor = |(name, value): &(String, String)| name == "error_description" && value == SECOND_FACTOR_OWED;
    if answer.params.iter().any(factor) {
        for (name, value) in &mut answer.params {
            match name.as_str() {
                "error" => *value = OAuthErrorCode::LoginRequired.as_str().to_owned(),
                "error_description" => *value = "Multifactor authentication required".to_owned(),
                _ => {}
            }
        }
    }
    if answer.params.iter().any(target) {
        for (name, value) in &mut answer.params {
            match name.as_str() {
                "error" => *value = OAuthErrorCode::AccessDenied.as_str().to_owned(),
                "error_description" => *value = value.replace("there is no resource server", "Service not found:"),
                _ => {}
            }
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_audience_is_access_denied_and_named() {
        let answer = Answer {
            redirect_uri: "https://app.example/cb".into(),
            response_mode: Default::default(),
            params: vec![
                ("error".into(), "invalid_target".into()),
                ("error_description".into(), "there is no resource server https://api.example".into()),
            ],
        };
        let params = worded(answer).params;
        assert_eq!(params[0].1, "access_denied");
        assert_eq!(params[1].1, "Service not found: https://api.example");
    }
}
