//! `/api/*`: one door, so that every answer is JSON with the vendor's statuses, whatever was sent.

pub(crate) mod api_keys;
mod applications;
mod cors;
mod groups;
mod import;
mod jwt;
mod keys;
mod login;
mod password_grant;
pub(crate) mod passwordless;
pub(crate) mod passwords;
mod registrations;
mod roles;
mod search;
mod stored;
mod system;
mod tenants;
mod two_factor;
mod user_actions;
mod users;
pub(crate) mod verification;
mod webauthn;
mod webhooks;

use crate::routes::{Known, endpoint_names, look_up};
use crate::wire::{Answer, Call, Caller, Errors, Query, Refused, Reply, respond};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use doorward_httpkit::connection::Scheme;
use doorward_httpkit::{App, Asked, Refusal};
use doorward_service::directory::scopes_allow;
use doorward_store::keys::ApiKeyRow;

/// The longest body of a call without a key: what a person's program sends.
const LONGEST_ANONYMOUS_BODY: usize = 256 * 1024;

/// What stands behind `/api/user/` and is no id.
const OTHER_USER_WORDS: &[&str] = &["action", "comment", "consent", "family", "recent-login", "refresh-token"];

/// Takes any call.
pub async fn entry(State(app): State<App>, asked: Result<Asked, Refusal>, request: Request) -> Response {
    let Asked(host) = match asked {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    if let Err(wait) = app.service.limits.request(&host.client.ip) {
        let body = Errors::general("[tooManyRequests]", format!("too many requests; try again in {wait} seconds")).body();
        return respond(Err(Refused::With(503, body)));
    }
    let verdict = cors::judge(&app.service, &host, request.method().as_str(), request.headers()).await;
    match verdict {
        Ok(cors::Verdict::Silent) => respond(Box::pin(answer(app, host, request)).await),
        Ok(cors::Verdict::Go(allowed)) => allowed.tell(respond(Box::pin(answer(app, host, request)).await)),
        Ok(cors::Verdict::Answer(response)) => *response,
        Err(refused) => respond(Err(refused)),
    }
}

async fn answer(app: App, host: doorward_service::Cx, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let path: Vec<String> = parts
        .uri
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .skip(1)
        .map(decode)
        .filter(|part| !matches!(part.as_str(), "null" | "undefined"))
        .collect();
    let verb = match parts.method.as_str() {
        "GET" | "HEAD" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "OTHER",
    };
    let known = look_up(verb, &path);
    let sent = key_sent(&parts.headers);
    let caller = match sent {
        None => Caller::Nobody,
        Some(key) => match app.service.authenticate_door_key(&key).await? {
            Some(row) if may(&row, verb, &path, known) => Caller::Key(Box::new(row)),
            _ => Caller::Refused,
        },
    };
    let most = if matches!(caller, Caller::Key(_)) { crate::routes::LONGEST_BODY } else { LONGEST_ANONYMOUS_BODY };
    let raw = match to_bytes(body, most).await {
        Ok(bytes) => bytes.to_vec(),
        Err(_) => return Err(Refused::With(413, Errors::general("[tooLarge]", "the body is too large").body())),
    };
    let call = Call {
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        secure: parts.extensions.get::<Scheme>() == Some(&Scheme::Https),
        headers: parts.headers,
        app,
        verb,
        path,
        raw,
        host,
        caller,
    };
    match known {
        Known::Here { .. } => {
            if call.has_key() {
                crate::nouns::built_in::ensure(&call).await?;
            }
            dispatch(&call).await
        }
        Known::OtherVerbs => Err(Refused::With(
            405,
            Errors::general("[methodNotAllowed]", format!("{} has no {}", parts.uri.path(), parts.method)).body(),
        )),
        Known::Nowhere => {
            Err(Refused::With(404, Errors::general("[notFound]", format!("there is no {}", parts.uri.path())).body()))
        }
    }
}

/// One line an area; each area knows its own verbs and paths.
async fn dispatch(call: &Call) -> Answer {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["api-key", ..] => Box::pin(api_keys::dispatch(call)).await,
        ["application", _, "role", ..] => Box::pin(roles::dispatch(call)).await,
        ["application", ..] => Box::pin(applications::dispatch(call)).await,
        ["group", ..] => Box::pin(groups::dispatch(call)).await,
        ["jwt", ..] => Box::pin(jwt::dispatch(call)).await,
        ["key", ..] => Box::pin(keys::dispatch(call)).await,
        ["login" | "logout", ..] => Box::pin(login::dispatch(call)).await,
        ["passwordless", ..] => Box::pin(passwordless::dispatch(call)).await,
        ["tenant", ..] => Box::pin(tenants::dispatch(call)).await,
        ["user", "registration", ..] => Box::pin(registrations::dispatch(call)).await,
        ["user", "search" | "bulk" | "import", ..] => Box::pin(search::dispatch(call)).await,
        ["user", "change-password" | "forgot-password", ..] => Box::pin(passwords::dispatch(call)).await,
        ["user", "verify-email" | "verify-registration", ..] => Box::pin(verification::dispatch(call)).await,
        ["two-factor", ..] | ["user", "two-factor", ..] => Box::pin(two_factor::dispatch(call)).await,
        ["user"] => Box::pin(users::dispatch(call)).await,
        ["user", word] if !OTHER_USER_WORDS.contains(word) => Box::pin(users::dispatch(call)).await,
        ["webauthn", ..] => Box::pin(webauthn::dispatch(call)).await,
        ["webhook", ..] => Box::pin(webhooks::dispatch(call)).await,
        ["user", "action", ..] => Box::pin(user_actions::dispatch(call)).await,
        ["email", "template", ..] | ["theme", ..] | ["form", ..] | ["user-action" | "user-action-reason", ..] => {
            Box::pin(stored::dispatch(call)).await
        }
        ["status" | "health" | "prometheus" | "system" | "system-configuration" | "reactor", ..] => {
            Box::pin(system::dispatch(call)).await
        }
        _ => not_yet(call),
    }
}

pub(crate) use password_grant::{DirectPassword, password_grant};
pub(crate) use two_factor::{due as second_factor_due, new_trust, render as second_factor};

/// What we do not answer yet: 501, in JSON. Never 404, which clients read as "no such object".
pub(crate) fn not_yet(call: &Call) -> Answer {
    if !matches!(call.caller, Caller::Key(_)) && matches!(call.caller, Caller::Refused) {
        return Err(Refused::Unauthorized);
    }
    let words = format!("{} /api/{} is not implemented", call.verb, call.path.join("/"));
    Ok(Reply::with(501, Errors::general("[notImplemented]", words).body()))
}

fn decode(part: &str) -> String {
    // A plus is a plus in a path.
    let text = format!("v={}", part.replace('+', "%2B").replace('&', "%26").replace(';', "%3B"));
    form_urlencoded::parse(text.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
}

/// The raw key of a call. A header of a known scheme carries something else.
fn key_sent(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let scheme = |name: &str| header.get(..name.len()).is_some_and(|s| s.eq_ignore_ascii_case(name));
    (!header.is_empty() && !scheme("bearer ") && !scheme("basic ")).then(|| header.to_owned())
}

/// Whether a key opens an endpoint. Its scopes are written `VERB /path`; `*` stands for every verb, and for every path.
fn may(key: &ApiKeyRow, verb: &str, path: &[String], known: Known) -> bool {
    let scopes = &key.scopes.0;
    if path.first().is_some_and(|p| p == "api-key") && !scopes_allow(scopes, api_keys::MANAGER) {
        return false;
    }
    if scopes_allow(scopes, "*") || scopes.iter().any(|s| s == api_keys::EVERYTHING) {
        return true;
    }
    let Known::Here { row, .. } = known else { return true };
    endpoint_names(row).iter().any(|name| {
        scopes
            .iter()
            .filter_map(|s| s.split_once(' '))
            .any(|(verbs, endpoint)| (verbs == "*" || verbs == verb) && endpoint == name)
    })
}
