//! Two-step sign-in.

use super::TWO_STEP;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::{error_page, fault_page};
use crate::signin::secret;
use crate::view::{AccountFactorsPage, ErrorReason, FactorRow, Notice, Problem, When};
use axum::extract::{Query, RawForm, State};
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_protocol::policy::SecondFactor;
use doorward_service::account::AccountError;
use doorward_service::factor::TotpEnrolment;
use uuid::Uuid;

/// What the page shows besides what there is.
#[derive(Default)]
struct Shown {
    enrolment: Option<TotpEnrolment>,
    codes: Vec<String>,
}

/// `GET /account/two-step`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, TWO_STEP).await {
        Ok(asking) => render(&asking, &Told::by(&query), Shown::default()).await,
        Err(response) => response,
    }
}

/// `POST /account/two-step/begin`
pub async fn begin(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, _) = match posting(app, visit, &body, TWO_STEP).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.begin_my_totp(&asking.visit.cx, &asking.session).await {
        Ok(enrolment) => render(&asking, &Told::default(), Shown { enrolment: Some(enrolment), ..Default::default() }).await,
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// `POST /account/two-step/confirm`
pub async fn confirm(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (mut asking, params) = match posting(app, visit, &body, TWO_STEP).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = Uuid::parse_str(field(&params, "factor")).unwrap_or_default();
    if let Err(told) = asking.count_proof() {
        return render(&asking, &told, Shown::default()).await;
    }
    let code = field(&params, "code");
    match asking.app.service.confirm_my_totp(&asking.visit.cx, &asking.session, id, code).await {
        Ok((confirmed, cookie)) => {
            asking.visit.remember(Some(&cookie));
            render(&asking, &Told::default(), Shown { codes: confirmed.recovery_codes, ..Default::default() }).await
        }
        Err(error) => came_back(&asking, error, Some(id)).await,
    }
}

/// `POST /account/two-step/remove`
pub async fn remove(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, TWO_STEP).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = Uuid::parse_str(field(&params, "factor")).unwrap_or_default();
    match asking.app.service.remove_my_factor(&asking.visit.cx, &asking.session, id).await {
        Ok(()) => asking.done(Notice::FactorRemoved),
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// `POST /account/two-step/codes`
pub async fn new_codes(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, _) = match posting(app, visit, &body, TWO_STEP).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.new_my_recovery_codes(&asking.visit.cx, &asking.session).await {
        Ok(codes) => render(&asking, &Told::default(), Shown { codes, ..Default::default() }).await,
        Err(error) => came_back(&asking, error, None).await,
    }
}

/// The page again; an app that is being set up keeps its secret, so that a mistyped code is no new beginning.
async fn came_back(asking: &Asking, error: AccountError, pending: Option<Uuid>) -> Response {
    if matches!(error, AccountError::SecondFactorsOff) {
        return nothing_here(asking);
    }
    let told = match asking.refused(error) {
        Ok(told) => told,
        Err(response) => return response,
    };
    let enrolment = match (pending, told.problem) {
        (Some(id), Some(Problem::FactorWrong | Problem::FactorUsed)) => {
            asking.app.service.my_pending_totp(&asking.visit.cx, &asking.session, id).await.ok().flatten()
        }
        _ => None,
    };
    render(asking, &told, Shown { enrolment, ..Default::default() }).await
}

fn nothing_here(asking: &Asking) -> Response {
    let back = Some(super::PROFILE.to_owned());
    let none = error_page(&asking.app, &asking.visit, StatusCode::NOT_FOUND, ErrorReason::NotFound, None, back);
    asking.visit.answer(none)
}

async fn render(asking: &Asking, told: &Told, shown: Shown) -> Response {
    let factors = match asking.app.service.my_factors(&asking.visit.cx, &asking.session).await {
        Ok(factors) => factors,
        Err(AccountError::SecondFactorsOff) => return nothing_here(asking),
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let path = |name: &str| format!("{TWO_STEP}/{name}");
    let row = |f: &doorward_service::factor::Factor| FactorRow {
        id: f.id.to_string(),
        name: Some(f.name.clone()).filter(|name| !name.is_empty()),
        created: When(f.created_at.seconds()),
        last_used: f.last_used_at.map(|at| When(at.seconds())),
    };
    let context = AccountFactorsPage {
        frame: asking.frame(told),
        factors: factors.totp.iter().filter(|f| f.confirmed).map(row).collect(),
        required: asking.visit.cx.policy().second_factor.requirement == SecondFactor::Required,
        pending: shown.enrolment.as_ref().map(|e| e.id.to_string()).unwrap_or_default(),
        secret: shown.enrolment.as_ref().map(secret),
        begin_url: path("begin"),
        submit_url: path("confirm"),
        remove_url: path("remove"),
        new_codes_url: path("codes"),
        codes_left: u32::try_from(factors.recovery_codes).unwrap_or(u32::MAX),
        codes: shown.codes,
        confirm_url: (!asking.is_fresh()).then(|| asking.confirm_url()),
    };
    asking.answer(&context.into(), &asking.chrome(), told)
}
