//! The movable clock: expiry, lock-out and rotation are tried by moving a tenant's time instead of waiting for it.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use doorward_httpkit::{App, Asked};
use doorward_protocol::ids::TenantId;
use doorward_protocol::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

/// The last second that a date of four digits can tell: 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

/// `GET` and `POST /dev/clock`, each for the tenant of the host.
pub fn router() -> Router<App> {
    Router::new().route("/dev/clock", get(read).post(change))
}

async fn read(State(app): State<App>, Asked(cx): Asked) -> Response {
    told(&app, cx.tenant_id())
}

async fn change(State(app): State<App>, Asked(cx): Asked, body: Result<Json<Body>, JsonRejection>) -> Response {
    let asked = body.map_err(|rejection| rejection.body_text()).and_then(|Json(body)| body.change().map_err(str::to_owned));
    match asked.and_then(|change| apply(&app, cx.tenant_id(), change).map_err(str::to_owned)) {
        Ok(()) => told(&app, cx.tenant_id()),
        Err(why) => refused(&why),
    }
}

/// What a client sends: one member of the three.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    advance_seconds: Option<i64>,
    set: Option<i64>,
    reset: Option<bool>,
}

#[derive(Debug, PartialEq)]
enum Change {
    Advance(i64),
    Set(i64),
    Reset,
}

impl Body {
    fn change(self) -> Result<Change, &'static str> {
        match (self.advance_seconds, self.set, self.reset) {
            (Some(seconds), None, None) => Ok(Change::Advance(seconds)),
            (None, Some(to), None) => Ok(Change::Set(to)),
            (None, None, Some(true)) => Ok(Change::Reset),
            _ => Err("send one of {\"advance_seconds\": N}, {\"set\": UNIX_SECONDS} and {\"reset\": true}"),
        }
    }
}

/// Moves the time unless it would leave the years that certificates, tokens and pages can tell.
fn apply(app: &App, tenant: TenantId, change: Change) -> Result<(), &'static str> {
    let clock = &app.service.clock;
    let within = |to: Option<i64>| to.filter(|to| (0..=LAST).contains(to)).ok_or("the time must stay between 1970 and 9999");
    match change {
        Change::Advance(seconds) => {
            within(clock.now(tenant).seconds().checked_add(seconds))?;
            clock.advance(tenant, seconds);
        }
        Change::Set(to) => clock.set(tenant, Timestamp::from_seconds(within(Some(to))?)),
        Change::Reset => clock.reset(tenant),
    }
    Ok(())
}

fn told(app: &App, tenant: TenantId) -> Response {
    let (real, now) = (app.service.clock.real(), app.service.clock.now(tenant));
    let body = json!({ "now": now.seconds(), "offset_seconds": now.seconds_since(real) });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request", "error_description": why }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::super::rig::{HOST, OTHER_HOST, Rig, json_of};
    use super::*;

    async fn post(rig: &Rig, host: &str, body: &str) -> (StatusCode, serde_json::Value) {
        let request = rig.request("POST", host, "/dev/clock").header("content-type", "application/json");
        json_of(rig.send(router(), request.body(body.to_owned().into()).unwrap()).await).await
    }

    async fn read(rig: &Rig, host: &str) -> serde_json::Value {
        json_of(rig.get(router(), host, "/dev/clock").await).await.1
    }

    fn about(value: &serde_json::Value, expected: i64) -> bool {
        value.as_i64().is_some_and(|value| (value - expected).abs() <= 5)
    }

    #[tokio::test]
    async fn time_is_advanced_set_and_reset_for_the_tenant_of_the_host_only() {
        let rig = Rig::start().await;
        let real = rig.app.service.clock.real().seconds();
        assert_eq!(read(&rig, HOST).await["offset_seconds"], 0);

        let (status, told) = post(&rig, HOST, r#"{"advance_seconds": 3600}"#).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(told["offset_seconds"], 3600);
        assert!(about(&told["now"], real + 3600), "{told}");
        // From where it is now, not from the machine's time.
        assert_eq!(post(&rig, HOST, r#"{"advance_seconds": -7200}"#).await.1["offset_seconds"], -3600);
        assert_eq!(read(&rig, HOST).await["offset_seconds"], -3600);
        assert_eq!(read(&rig, OTHER_HOST).await["offset_seconds"], 0);

        let (_, told) = post(&rig, HOST, r#"{"set": 4102444800}"#).await;
        assert!(about(&told["now"], 4_102_444_800), "{told}");
        let (_, told) = post(&rig, HOST, r#"{"reset": true}"#).await;
        assert_eq!(told["offset_seconds"], 0);
    }

    #[tokio::test]
    async fn what_makes_no_sense_is_refused_with_words_and_moves_nothing() {
        let rig = Rig::start().await;
        for bad in [
            "",
            "{",
            "[]",
            "{}",
            r#"{"reset": false}"#,
            r#"{"advance_seconds": "60"}"#,
            r#"{"advance_seconds": 1.5}"#,
            r#"{"advance": 60}"#,
            r#"{"advance_seconds": 60, "reset": true}"#,
            r#"{"advance_seconds": 9223372036854775807}"#,
            r#"{"advance_seconds": -9223372036854775808}"#,
            r#"{"set": -1}"#,
            r#"{"set": 253402300800}"#,
        ] {
            let (status, answer) = post(&rig, HOST, bad).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{bad}");
            assert_eq!(answer["error"], "invalid_request", "{bad}");
            assert!(answer["error_description"].as_str().is_some_and(|text| text.len() > 20), "{bad}: {answer}");
        }
        assert_eq!(read(&rig, HOST).await["offset_seconds"], 0);
    }

    #[tokio::test]
    async fn a_form_of_another_site_cannot_move_the_clock() {
        let rig = Rig::start().await;
        let request = rig.request("POST", HOST, "/dev/clock").header("content-type", "text/plain");
        let (status, _) = json_of(rig.send(router(), request.body(r#"{"advance_seconds": 60}"#.into()).unwrap()).await).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(read(&rig, HOST).await["offset_seconds"], 0);
    }

    #[tokio::test]
    async fn a_host_without_tenant_has_no_clock() {
        let rig = Rig::start().await;
        assert_eq!(rig.get(router(), "elsewhere.example", "/dev/clock").await.status(), StatusCode::MISDIRECTED_REQUEST);
    }
}
