//! Signed-in devices.

use super::DEVICES;
use super::frame::{Asking, PageQuery, Told, asking, field, posting};
use crate::faces::fault_page;
use crate::view::{AccountDevicesPage, DeviceKind, Notice, SessionRow as Row, When};
use axum::extract::{Query, RawForm, State};
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_protocol::ids::SessionId;
use doorward_service::account::{AccountError, device_name};
use uuid::Uuid;

/// `GET /account/devices`
pub async fn show(State(app): State<App>, visit: Visit, Query(query): Query<PageQuery>) -> Response {
    match asking(app, visit, DEVICES).await {
        Ok(asking) => render(&asking, &Told::by(&query)).await,
        Err(response) => response,
    }
}

/// `POST /account/devices/revoke`
pub async fn revoke(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, params) = match posting(app, visit, &body, DEVICES).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = field(&params, "session").parse().unwrap_or(SessionId(Uuid::nil()));
    match asking.app.service.revoke_device(&asking.visit.cx, &asking.session, id).await {
        Ok(()) => asking.done(Notice::DeviceSignedOut),
        Err(error) => came_back(&asking, error).await,
    }
}

/// `POST /account/devices/revoke-others`
pub async fn revoke_others(State(app): State<App>, visit: Visit, RawForm(body): RawForm) -> Response {
    let (asking, _) = match posting(app, visit, &body, DEVICES).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match asking.app.service.revoke_other_devices(&asking.visit.cx, &asking.session).await {
        Ok(()) => asking.done(Notice::DevicesSignedOut),
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
    let devices = match asking.app.service.my_devices(&asking.visit.cx, &asking.session).await {
        Ok(devices) => devices,
        Err(error) => return fault_page(&asking.app, &asking.visit, &doorward_service::Error::internal(error)),
    };
    let sessions = devices
        .into_iter()
        .map(|device| Row {
            id: device.session.id.to_string(),
            device: device_name(&device.session.user_agent),
            kind: kind(&device.session.user_agent),
            origin: Some(device.session.ip).filter(|ip| !ip.is_empty()),
            signed_in: When(device.session.created_at.seconds()),
            last_seen: When(device.session.last_seen_at.seconds()),
            applications: device.applications,
            current: device.current,
        })
        .collect();
    let context = AccountDevicesPage {
        frame: asking.frame(told),
        sessions,
        revoke_url: "/account/devices/revoke".into(),
        revoke_others_url: "/account/devices/revoke-others".into(),
    };
    asking.answer(&context.into(), &asking.chrome(), told)
}

/// The kind of device, from `User-Agent`. Android says `Mobile` on phones and leaves it out on tablets.
fn kind(user_agent: &str) -> DeviceKind {
    let has = |word: &str| user_agent.contains(word);
    if has("iPad") || (has("Android") && !has("Mobile")) {
        DeviceKind::Tablet
    } else if has("iPhone") || has("Android") {
        DeviceKind::Phone
    } else if has("Windows") || has("Mac OS X") || has("Linux") || has("CrOS") {
        DeviceKind::Desktop
    } else {
        DeviceKind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_by_their_user_agent() {
        for (agent, expected) in [
            ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Safari/604.1", DeviceKind::Tablet),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile Safari/604.1", DeviceKind::Phone),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130 Mobile Safari/537.36", DeviceKind::Phone),
            ("Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/130 Safari/537.36", DeviceKind::Tablet),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0", DeviceKind::Desktop),
            ("curl/8.0", DeviceKind::Unknown),
        ] {
            assert_eq!(kind(agent), expected, "{agent}");
        }
    }
}
