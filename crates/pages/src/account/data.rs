//! Download my data, delete my account.

use super::DATA;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::page::page;
use crate::view::{AccountDataPage, AccountDeletedPage};
use axum::Json;
use axum::extract::{Query, RawForm, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::{App, Visit};
use doorward_service::account::AccountError;

/// `GET /account/data`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, DATA).await {
        Ok(asking) => render(&asking, &Told::by(&query)),
        Err(response) => response,
    }
}

/// `POST /account/data/download`
pub async fn download(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, _) = match posting(app, visit, &body, DATA).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.my_data(&asking.visit.cx, &asking.session).await {
        Ok(document) => {
            let mut response = Json(document).into_response();
            let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
            asking.visit.answer(response)
        }
        Err(error) => came_back(&asking, error),
    }
}

/// `POST /account/data/delete`
pub async fn delete(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (mut asking, params) = match posting(app, visit, &body, DATA).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let typed = field(&params, "confirmation");
    let mut signals = match asking.app.service.my_passkeys(&asking.visit.cx, &asking.session).await {
        Ok(passkeys) => asking.signals(&passkeys),
        Err(error) => return came_back(&asking, error),
    };
    match asking.app.service.delete_account(&asking.visit.cx, &asking.session, typed).await {
        Ok(()) => {
            asking.visit.cookies.remove("session");
            asking.visit.session = None;
            let mut chrome = asking.chrome();
            // None of this account's passkeys is accepted any more: the manager can forget them.
            signals.all_accepted_credential_ids = Some(Vec::new());
            chrome.signals = Some(signals);
            let context = AccountDeletedPage { home_url: None };
            asking.visit.answer(page(StatusCode::OK, &context.into(), &chrome))
        }
        Err(error) => came_back(&asking, error),
    }
}

fn came_back(asking: &Asking, error: AccountError) -> Response {
    match asking.refused(error) {
        Ok(told) => render(asking, &told),
        Err(response) => response,
    }
}

fn render(asking: &Asking, told: &Told) -> Response {
    let context = AccountDataPage {
        frame: asking.frame(told),
        download_url: "/account/data/download".into(),
        delete_url: "/account/data/delete".into(),
        confirmation: asking.app.service.deletion_confirmation(&asking.person),
    };
    asking.answer(&context.into(), &asking.chrome(), told)
}
