//! What components tell of ceremonies that did not go on. Counted; the same event may come twice.

use crate::errors::Done;
use crate::project::Project;
use crate::wire::body::Body;
use serde::Deserialize;

/// The events that are known; others are counted together.
const KNOWN: &[&str] = &[
    "login-explicit-abort",
    "login-error",
    "login-error-untyped",
    "login-error-unexpected",
    "login-one-tap-switch",
    "login-no-credentials",
    "user-append-after-cross-platform-blacklisted",
    "user-append-after-login-error-blacklisted",
    "append-credential-exists",
    "append-explicit-abort",
    "append-error",
    "append-error-unexpected",
    "append-learn-more",
    "manage-error",
    "manage-error-unexpected",
    "manage-learn-more",
    "manage-credential-exists",
    "local-unlock",
];

/// An event.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    event_type: String,
}

/// `POST /v2/auth/events`. Also of a process that has ended meanwhile.
pub async fn record(_: Project, Body(body): Body<Event>) -> Done {
    let name = KNOWN.iter().find(|name| **name == body.event_type).copied().unwrap_or("other");
    metrics::counter!("doorward_passkey_client_events_total", "event" => name).increment(1);
    Done
}
