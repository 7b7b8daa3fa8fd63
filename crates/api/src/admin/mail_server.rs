//! `/mail-server`: the mail server of a tenant that has one of its own.

use super::body::Body;
use super::caller::Caller;
use super::problem::Problem;
use super::rights::{TenantsRead, TenantsWrite};
use axum::Json;
use axum::http::StatusCode;
use doorward_service::directory::MailServerDocument;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MailSecurity {
    /// Not at all.
    None,
    /// STARTTLS, required.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// The mail server of a tenant. Its password is never told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct MailServer {
    /// Its name.
    host: String,
    /// Its port.
    port: u16,
    /// How the connection is protected.
    security: MailSecurity,
    /// The account.
    username: Option<String>,
    /// Whether there is a password.
    has_password: bool,
    /// The sender.
    from: Option<String>,
}

/// A mail server to be used.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "the document is read by the directory; this describes it")]
pub(super) struct MailServerInput {
    /// Its name.
    host: String,
    /// Its port.
    port: u16,
    /// How the connection is protected; `tls` when absent.
    #[schema(required = false)]
    security: MailSecurity,
    /// The account, if it wants one.
    username: Option<String>,
    /// The password of that account; without, the one that it has is kept for the same server and account.
    password: Option<String>,
    /// The sender, `name <address>` or an address.
    from: Option<String>,
}

/// Where a test goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MailTest {
    /// An e-mail address.
    to: String,
}

async fn shown<R: super::rights::Right>(caller: &Caller<R>) -> Result<Json<Value>, Problem> {
    let server = caller.service.mail_server(&caller.cx).await?.ok_or_else(|| Problem::not_found("mail server"))?;
    Ok(Json(serde_json::to_value(server).map_err(doorward_service::Error::internal)?))
}

/// The tenant's own mail server; 404 when its mail goes by the server's.
#[utoipa::path(get, path = "/mail-server", operation_id = "get_mail_server", tag = "tenants", responses((status = 200, body = MailServer)))]
pub(super) async fn get(caller: Caller<TenantsRead>) -> Result<Json<Value>, Problem> {
    shown(&caller).await
}

/// Send the tenant's mail by a server of its own. Whoever has it reads the links that are mailed, so the key must also have
/// `administrators:write`.
#[utoipa::path(put, path = "/mail-server", operation_id = "put_mail_server", tag = "tenants", request_body = MailServerInput, responses((status = 200, body = MailServer)))]
pub(super) async fn put(caller: Caller<TenantsWrite>, body: Body) -> Result<Json<Value>, Problem> {
    let new: MailServerDocument = body.read()?;
    caller.service.put_mail_server(&caller.cx, &caller.actor, new).await?;
    shown(&caller).await
}

/// Send it as everybody's again. The key must also have `administrators:write`.
#[utoipa::path(delete, path = "/mail-server", operation_id = "delete_mail_server", tag = "tenants", responses((status = 204)))]
pub(super) async fn delete(caller: Caller<TenantsWrite>) -> Result<StatusCode, Problem> {
    caller.service.remove_mail_server(&caller.cx, &caller.actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have the mail server take a mail now; 409 with its words when it takes none. The key must also have `administrators:write`.
#[utoipa::path(post, path = "/mail-server/test", operation_id = "test_mail_server", tag = "tenants", request_body = MailTest, responses((status = 204)))]
pub(super) async fn test(caller: Caller<TenantsWrite>, body: Body) -> Result<StatusCode, Problem> {
    let MailTest { to } = body.read()?;
    caller.service.test_mail_server(&caller.cx, &caller.actor, &to).await?;
    Ok(StatusCode::NO_CONTENT)
}
