//! Pages of the vendor's theme, by their paths: each leads to the page of ours that does the same.

use super::tenant_of;
use crate::api::passwordless::{self, Passwordless};
use crate::api::passwords::{self, ChangePassword};
use crate::api::verification::{self, Verification};
use crate::nouns::tenants;
use crate::wire::{Errors, Reply, respond};
use axum::Json;
use axum::extract::{OriginalUri, Path, RawForm, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::app::{MailLink, MailLinkAct};
use doorward_httpkit::{App, Asked, Refusal, Visit, answers, cors, csrf};
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::params::Params;
use doorward_service::Error;
use doorward_service::directory::DirectoryError;
use doorward_service::oauth::token::grants;
use doorward_service::signin::Outcome;
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

/// The page behind a sign-in link. Looking at it changes nothing.
pub async fn sign_in_link(State(app): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    let carried = app.service.peek_one_time_id::<Passwordless>(&visit.cx, passwordless::PURPOSE, &id).await;
    let user = match carried {
        Ok(carried) => carried.map(|c| c.user),
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    };
    ask(&app, visit, user, MailLinkAct::SignIn, &format!("/oauth2/passwordless/{id}")).await
}

/// Its button.
pub async fn sign_in_link_post(
    State(app): State<App>,
    mut visit: Visit,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Response {
    if let Some(refused) = forged(&app, &visit, &body) {
        return refused;
    }
    let opened = app.service.open_one_time_id::<Passwordless>(&visit.cx, passwordless::PURPOSE, &id, None).await;
    let opened = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(_)) => return visit.answer(app.faces.mail_link(&visit, &MailLink::Gone)),
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    };
    let session = visit.session.clone();
    let user = opened.value.user;
    match app.service.sign_in_by_link(&visit.cx, user, "/account", vec![opened.spend], session.as_ref()).await {
        Ok(Outcome::Finished(finished)) => {
            visit.remember(finished.session.as_ref());
            visit.answer(answers::see_other("/account"))
        }
        Ok(Outcome::Show(view)) => {
            visit.remember(view.session.as_ref());
            visit.answer(answers::see_other(&app.faces.sign_in_path(&view)))
        }
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

/// The page with a button, for a link that is still good.
async fn ask(app: &App, visit: Visit, user: Option<UserId>, act: MailLinkAct, submit_url: &str) -> Response {
    let Some(user) = user else { return visit.answer(app.faces.mail_link(&visit, &MailLink::Gone)) };
    match app.service.account_label(&visit.cx, user).await {
        Ok(label) => {
            let identifier = label.unwrap_or_default();
            let link = MailLink::Confirm { act, submit_url: submit_url.to_owned(), identifier };
            visit.answer(app.faces.mail_link(&visit, &link))
        }
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

/// The answer to a form that did not come from our page.
fn forged(app: &App, visit: &Visit, body: &[u8]) -> Option<Response> {
    let form = Params::parse(&String::from_utf8_lossy(body));
    csrf::check(app, visit, form.first("csrf"))
        .err()
        .map(|_| visit.answer(app.faces.bad_request(visit, "this page was open too long")))
}

/// The page behind a link that sets a password.
pub async fn change_password(State(app): State<App>, mut visit: Visit, Path(id): Path<String>) -> Response {
    visit.cx = tenants::at_this_door(&visit.cx);
    match app.service.peek_one_time_id::<ChangePassword>(&visit.cx, passwords::PURPOSE, &id).await {
        Ok(Some(carried)) => {
            let label = app.service.account_label(&visit.cx, carried.user).await.ok().flatten().unwrap_or_default();
            visit.answer(app.faces.new_password(&visit, &format!("/password/change/{id}"), &label, None))
        }
        Ok(None) => visit.answer(app.faces.mail_link(&visit, &MailLink::Gone)),
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

/// Its form.
pub async fn change_password_post(
    State(app): State<App>,
    mut visit: Visit,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Response {
    if let Some(refused) = forged(&app, &visit, &body) {
        return refused;
    }
    visit.cx = tenants::at_this_door(&visit.cx);
    match set_password(&app, &visit, &id, &body).await {
        Ok(response) => visit.answer(response),
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
}

async fn set_password(app: &App, visit: &Visit, id: &str, body: &[u8]) -> Result<Response, Error> {
    let form = Params::parse(&String::from_utf8_lossy(body));
    let plain = form.first("password").unwrap_or_default();
    let opened = app.service.open_one_time_id::<ChangePassword>(&visit.cx, passwords::PURPOSE, id, None).await?;
    let Ok(opened) = opened else { return Ok(app.faces.mail_link(visit, &MailLink::Gone)) };
    let Some(person) = app.service.store.person(visit.cx.tenant_id(), opened.value.user).await? else {
        return Ok(app.faces.mail_link(visit, &MailLink::Gone));
    };
    let label = app.service.account_label(&visit.cx, person.user.id).await?.unwrap_or_default();
    if let Err(problem) = doorward_service::password::check(plain, &visit.cx.policy().password, &[&label]) {
        return Ok(app.faces.new_password(visit, &format!("/password/change/{id}"), &label, Some(problem)));
    }
    match app.service.renew_password(&visit.cx, "user", &person, plain, vec![opened.spend]).await {
        Ok(()) => {
            let done = MailLink::Done { act: MailLinkAct::SetPassword, continue_url: Some("/signin".into()) };
            Ok(app.faces.mail_link(visit, &done))
        }
        Err(DirectoryError::Fault(Error::Store(error))) if error.is_unique("spent") => {
            Ok(app.faces.mail_link(visit, &MailLink::Gone))
        }
        Err(DirectoryError::Fault(error)) => Err(error),
        Err(_) => {
            let problem = doorward_service::password::PasswordProblem::TooWeak;
            Ok(app.faces.new_password(visit, &format!("/password/change/{id}"), &label, Some(problem)))
        }
    }
}

/// The page behind a link that proves an address.
pub async fn verify_email(State(app): State<App>, visit: Visit, Path(id): Path<String>) -> Response {
    let user = match app.service.peek_one_time_id::<Verification>(&visit.cx, verification::EMAIL, &id).await {
        Ok(carried) => carried.map(|c| c.user),
        Err(error) => return visit.answer(app.faces.fault(&visit, &error)),
    };
    ask(&app, visit, user, MailLinkAct::VerifyEmail, &format!("/email/verify/{id}")).await
}

/// Its button.
pub async fn verify_email_post(State(app): State<App>, visit: Visit, Path(id): Path<String>, RawForm(body): RawForm) -> Response {
    if let Some(refused) = forged(&app, &visit, &body) {
        return refused;
    }
    let opened = app.service.open_one_time_id::<Verification>(&visit.cx, verification::EMAIL, &id, None).await;
    let proven = match opened {
        Ok(Ok(opened)) => {
            app.service.prove_address_by_id(&visit.cx, opened.value.user, &opened.value.address, opened.spend).await
        }
        Ok(Err(_)) => Ok(false),
        Err(error) => Err(error),
    };
    match proven {
        Ok(true) => {
            let done = MailLink::Done { act: MailLinkAct::VerifyEmail, continue_url: None };
            visit.answer(app.faces.mail_link(&visit, &done))
        }
        Ok(false) => visit.answer(app.faces.mail_link(&visit, &MailLink::Gone)),
        Err(error) => visit.answer(app.faces.fault(&visit, &error)),
    }
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
        "device_authorization_endpoint": url("/oauth2/device_authorize"),
        "introspection_endpoint": url("/oauth2/introspect"),
        "jwks_uri": url(&format!("/{}/.well-known/jwks.json", cx.tenant_id())),
        "grant_types_supported": ["authorization_code", grants::PASSWORD, "refresh_token", grants::DEVICE_CODE],
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
