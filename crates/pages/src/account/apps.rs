//! Connected applications.

use super::APPS;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::fault_page;
use crate::view::{AccountAppsPage, AppRow, Notice, ScopeLine, When};
use axum::extract::{Query, RawForm, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_protocol::ids::ApplicationId;
use doorward_service::account::AccountError;
use uuid::Uuid;

/// `GET /account/apps`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, APPS).await {
        Ok(asking) => render(&asking, &Told::by(&query)).await,
        Err(response) => response,
    }
}

/// `POST /account/apps/revoke`
pub async fn revoke(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, APPS).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = field(&params, "application").parse().unwrap_or(ApplicationId(Uuid::nil()));
    match asking.app.service.disconnect_app(&asking.visit.cx, &asking.session, id).await {
        Ok(()) => asking.done(Notice::AppDisconnected),
        Err(error) => match asking.refused(error) {
            Ok(told) => render(&asking, &told).await,
            Err(response) => response,
        },
    }
}

async fn render(asking: &Asking, told: &Told) -> Response {
    let loaded = async {
        let apps = asking.app.service.my_apps(&asking.visit.cx, &asking.session).await?;
        let defined = asking.app.service.store.scopes_of_tenant(asking.visit.cx.tenant_id()).await?;
        Ok::<_, AccountError>((apps, defined))
    };
    let (apps, defined) = match loaded.await {
        Ok(loaded) => loaded,
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let line = |name: &String| ScopeLine {
        name: name.clone(),
        description: defined.iter().find(|s| s.value == *name).map(|s| s.description.clone()).filter(|d| !d.is_empty()),
    };
    let rows = apps
        .iter()
        .map(|app| AppRow {
            id: app.application.id.to_string(),
            name: app.application.name.clone(),
            logo_url: app.application.settings.0.logo_uri.clone(),
            since: When(app.since.seconds()),
            last_used: app.last_used.map(|at| When(at.seconds())),
            // That somebody signs in is no access to anything.
            scopes: app.scopes.iter().filter(|s| *s != "openid").map(line).collect(),
        })
        .collect();
    let context = AccountAppsPage { frame: asking.frame(told), apps: rows, revoke_url: "/account/apps/revoke".into() };
    asking.answer(&context.into(), &asking.chrome(), told)
}
