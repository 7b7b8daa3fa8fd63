//! Overview and profile.

use super::PROFILE;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::fault_page;
use crate::view::{AccountProfilePage, Notice};
use axum::extract::{Query, RawForm, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_service::account::{AccountError, ProfileChange};

/// `GET /account`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, PROFILE).await {
        Ok(asking) => render(&asking, &Told::by(&query), None).await,
        Err(response) => response,
    }
}

/// `POST /account`
pub async fn save(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, PROFILE).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let text = |name: &str| field(&params, name).to_owned();
    let change = ProfileChange {
        name: text("name"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        locale: text("locale"),
        zoneinfo: text("zoneinfo"),
    };
    match asking.app.service.change_profile(&asking.visit.cx, &asking.session, &change).await {
        Ok(_) => asking.done(Notice::ProfileSaved),
        Err(error) => match asking.refused(error) {
            Ok(told) => render(&asking, &told, Some(change)).await,
            Err(response) => response,
        },
    }
}

async fn render(asking: &Asking, told: &Told, typed: Option<ProfileChange>) -> Response {
    let loaded = async {
        let passkeys = asking.app.service.my_passkeys(&asking.visit.cx, &asking.session).await?;
        let devices = asking.app.service.my_devices(&asking.visit.cx, &asking.session).await?;
        Ok::<_, AccountError>((passkeys, devices.len()))
    };
    let (passkeys, devices) = match loaded.await {
        Ok(loaded) => loaded,
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let user = &asking.person.user;
    let profile = &user.profile.0;
    let filled = |text: String| Some(text).filter(|t| !t.is_empty());
    let (name, given_name, family_name, locale, zoneinfo) = match typed {
        Some(t) => (filled(t.name), filled(t.given_name), filled(t.family_name), filled(t.locale), filled(t.zoneinfo)),
        None => (
            user.name.clone(),
            profile.given_name.clone(),
            profile.family_name.clone(),
            profile.locale.clone(),
            profile.zoneinfo.clone(),
        ),
    };
    let context = AccountProfilePage {
        frame: asking.frame(told),
        submit_url: PROFILE.into(),
        name,
        given_name,
        family_name,
        locale,
        zoneinfo,
        passkey_count: u32::try_from(passkeys.len()).unwrap_or(u32::MAX),
        email_verified: asking.person.email().is_some_and(|e| e.verified_at.is_some()),
        device_count: u32::try_from(devices).unwrap_or(u32::MAX),
    };
    let mut chrome = asking.chrome();
    if told.notice == Some(Notice::ProfileSaved) {
        chrome.signals = Some(asking.signals(&passkeys));
    }
    asking.answer(&context.into(), &chrome, told)
}
