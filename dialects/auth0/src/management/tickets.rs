//! `/tickets`: links to hosted pages that an administrator hands on.

use super::body::{Body, Document};
use super::connections;
use super::door::{Call, Caller};
use super::people;
use super::refused::{Answer, Refused};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use doorward_httpkit::App;
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::UserId;
use doorward_service::directory::{NewTicket, TicketAct};
use serde_json::json;

const NOUN: &str = "ticket";
const NAMES: &[(&str, &str)] = &[("seconds", "ttl_sec"), ("user", "user_id")];
/// Seconds that a ticket is good for when the call does not say.
const LIFETIME: i64 = 5 * 86_400;

/// Its paths.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/tickets/password-change", post(password_change))
        .route("/tickets/email-verification", post(email_verification))
}

/// Members that both kinds have.
const COMMON: &[&str] = &["user_id", "result_url", "ttl_sec", "client_id", "organization_id", "includeEmailInRedirect"];

async fn password_change(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:user_tickets"])?;
    let body = body.read()?;
    body.only(&[COMMON, &["email", "connection_id", "mark_email_as_verified"]])?;
    let user = match (body.text("user_id")?, body.text("email")?) {
        (Some(id), None) => people::find(&call, id).await?,
        (None, Some(email)) => {
            connections::find(&call, body.must("connection_id")?)?;
            by_email(&call, email).await?
        }
        _ => return Err(Refused::body("user_id", "or email with connection_id must be given, one of them")),
    };
    let proves_address = body.flag("mark_email_as_verified")?.unwrap_or(false);
    make(&call, user, &body, TicketAct::SetPassword { proves_address }).await
}

async fn by_email(call: &Call, email: &str) -> Result<UserId, Refused> {
    let email = Identifier::email(email).map_err(|error| Refused::body("email", error.to_string()))?;
    let found = call.service().store.identifier(call.cx.tenant_id(), &email).await?;
    found.map(|row| row.user_id).ok_or_else(|| Refused::absent("user"))
}

async fn email_verification(caller: Caller, body: Body) -> Answer {
    let call = caller.may(&["create:user_tickets"])?;
    let body = body.read()?;
    body.only(&[COMMON, &["identity"]])?;
    let user = people::find(&call, body.must("user_id")?).await?;
    make(&call, user, &body, TicketAct::VerifyEmail).await
}

async fn make(call: &Call, user: UserId, body: &Document, act: TicketAct) -> Answer {
    let seconds = body.number("ttl_sec", 0..=30 * 86_400)?.filter(|seconds| *seconds > 0).unwrap_or(LIFETIME);
    let new = NewTicket {
        act,
        seconds,
        result_url: body.text("result_url")?.filter(|url| !url.is_empty()).map(str::to_owned),
        tells_address: body.flag("includeEmailInRedirect")?.unwrap_or(true),
    };
    let made = call.service().new_ticket(&call.cx, &call.actor, user, new).await;
    let ticket = made.map_err(Refused::about(NOUN, NAMES))?;
    Ok((StatusCode::CREATED, call.query.one(json!({ "ticket": ticket }))).into_response())
}
