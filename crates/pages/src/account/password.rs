//! The password.

use super::PASSWORD;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::{error_page, fault_page};
use crate::view::{AccountPasswordPage, ErrorReason, Notice, PasswordRules, Problem, When};
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_service::account::AccountError;

/// `GET /account/password`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, PASSWORD).await {
        Ok(asking) => render(&asking, &Told::by(&query)).await,
        Err(response) => response,
    }
}

/// `POST /account/password`
pub async fn save(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, PASSWORD).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    if let Err(told) = asking.count_proof() {
        return render(&asking, &told).await;
    }
    let new = field(&params, "password");
    if new.is_empty() {
        return render(&asking, &Told::wrong(Problem::PasswordMissing)).await;
    }
    let current = params.first("current_password");
    match asking.app.service.change_password(&asking.visit.cx, &asking.session, current, new).await {
        Ok(()) => asking.done(Notice::PasswordSaved),
        Err(error) => came_back(&asking, error).await,
    }
}

/// `POST /account/password/remove`
pub async fn remove(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, _) = match posting(app, visit, &body, PASSWORD).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.remove_password(&asking.visit.cx, &asking.session).await {
        Ok(()) => asking.done(Notice::PasswordRemoved),
        Err(error) => came_back(&asking, error).await,
    }
}

async fn came_back(asking: &Asking, error: AccountError) -> Response {
    match asking.refused(error) {
        Ok(told) => render(asking, &told).await,
        Err(response) => response,
    }
}

async fn render(asking: &Asking, told: &Told) -> Response {
    let state = match asking.app.service.password_state(&asking.visit.cx, &asking.session).await {
        Ok(state) => state,
        Err(AccountError::PasswordsOff) => {
            let back = Some(super::PROFILE.to_owned());
            let none = error_page(&asking.app, &asking.visit, StatusCode::NOT_FOUND, ErrorReason::NotFound, None, back);
            return asking.visit.answer(none);
        }
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let context = AccountPasswordPage {
        frame: asking.frame(told),
        has_password: state.changed_at.is_some(),
        changed: state.changed_at.map(|at| When(at.seconds())),
        asks_current: state.asks_current,
        submit_url: PASSWORD.into(),
        remove_url: state.removable.then(|| "/account/password/remove".into()),
        rules: PasswordRules { min_length: asking.visit.cx.policy().password.min_length },
    };
    asking.answer(&context.into(), &asking.chrome(), told)
}
