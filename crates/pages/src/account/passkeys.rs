//! Passkeys. The page tells the passkey manager each time what is still accepted.

use super::PASSKEYS;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::fault_page;
use crate::view::{AccountPasskeysPage, Notice, PasskeyCreation, PasskeyRow as Row, When};
use axum::Json;
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Refusal, Visit};
use doorward_protocol::ids::PasskeyId;
use doorward_protocol::webauthn::provider;
use doorward_service::account::AccountError;
use doorward_service::challenge::CHALLENGE_SECONDS;
use serde_json::json;
use uuid::Uuid;

/// `GET /account/passkeys`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, PASSKEYS).await {
        Ok(asking) => render(&asking, &Told::by(&query)).await,
        Err(response) => response,
    }
}

/// `GET /account/passkeys/options`: a new challenge for a page that has been open for a while.
pub async fn options(State(app): State<App>, visit: Visit) -> Response {
    let Some(session) = visit.session.clone() else { return visit.answer(StatusCode::UNAUTHORIZED) };
    match app.service.my_creation_options(&visit.cx, &session).await {
        Ok(options) => visit.answer(Json(json!({ "flow": "", "options": options }))),
        Err(AccountError::Fault(error)) => visit.answer(Refusal::from(error).into_response()),
        Err(_) => visit.answer(StatusCode::FORBIDDEN),
    }
}

/// `POST /account/passkeys/add`
pub async fn add(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, PASSKEYS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    if let Err(told) = asking.count_proof() {
        return render(&asking, &told).await;
    }
    match asking.app.service.add_my_passkey(&asking.visit.cx, &asking.session, field(&params, "credential")).await {
        Ok(_) => asking.done(Notice::PasskeyAdded),
        Err(error) => came_back(&asking, error).await,
    }
}

/// `POST /account/passkeys/rename`
pub async fn rename(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, PASSKEYS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = passkey_id(field(&params, "passkey"));
    match asking.app.service.rename_passkey(&asking.visit.cx, &asking.session, id, field(&params, "name")).await {
        Ok(()) => asking.done(Notice::PasskeyRenamed),
        Err(error) => came_back(&asking, error).await,
    }
}

/// `POST /account/passkeys/delete`
pub async fn delete(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, PASSKEYS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = passkey_id(field(&params, "passkey"));
    match asking.app.service.delete_passkey(&asking.visit.cx, &asking.session, id).await {
        Ok(()) => asking.done(Notice::PasskeyRemoved),
        Err(error) => came_back(&asking, error).await,
    }
}

/// An id that is none finds nothing.
fn passkey_id(text: &str) -> PasskeyId {
    text.parse().unwrap_or(PasskeyId(Uuid::nil()))
}

async fn came_back(asking: &Asking, error: AccountError) -> Response {
    match asking.refused(error) {
        Ok(told) => render(asking, &told).await,
        Err(response) => response,
    }
}

async fn render(asking: &Asking, told: &Told) -> Response {
    let (service, cx, session) = (&asking.app.service, &asking.visit.cx, &asking.session);
    let enabled = cx.policy().passkey.enabled;
    let loaded = async {
        let passkeys = service.my_passkeys(cx, session).await?;
        let last_deletable = service.last_passkey_deletable(cx, session).await?;
        let options = if enabled && asking.is_fresh() { Some(service.my_creation_options(cx, session).await?) } else { None };
        Ok::<_, AccountError>((passkeys, last_deletable, options))
    };
    let (passkeys, last_deletable, options) = match loaded.await {
        Ok(loaded) => loaded,
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let creation = options.map(|options| PasskeyCreation {
        action: "/account/passkeys/add".into(),
        options,
        renew_url: Some("/account/passkeys/options".into()),
        expires_in: u32::try_from(CHALLENGE_SECONDS).unwrap_or(600),
        silent: false,
    });
    let rows = passkeys
        .iter()
        .map(|row| Row {
            id: row.id.to_string(),
            name: row.name.clone(),
            provider: provider(row.aaguid).map_or("passkey", |p| p.icon).to_owned(),
            created: When(row.created_at.seconds()),
            last_used: row.last_used_at.map(|at| When(at.seconds())),
            synced: row.backup_eligible,
            current: false,
        })
        .collect();
    let context = AccountPasskeysPage {
        frame: asking.frame(told),
        passkeys: rows,
        flow: String::new(),
        confirm_url: (enabled && creation.is_none()).then(|| asking.confirm_url()),
        creation,
        rename_url: "/account/passkeys/rename".into(),
        delete_url: "/account/passkeys/delete".into(),
        last_deletable,
    };
    let mut chrome = asking.chrome();
    chrome.signals = Some(asking.signals(&passkeys));
    asking.answer(&context.into(), &chrome, told)
}
