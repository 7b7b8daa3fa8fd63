//! `/api/webhook`.

use super::not_yet;
use crate::wire::{Answer, Call, Refused};
use doorward_service::Cx;
use serde_json::Value;

pub async fn dispatch(call: &Call) -> Answer {
    not_yet(call)
}

/// Asks the webhooks that may object whether something may happen.
///
/// # Errors
/// 504 when they object.
#[expect(clippy::unused_async, reason = "asks over the network once webhooks are there")]
pub async fn ask(_call: &Call, _cx: &Cx, _event: &str, _facts: Value) -> Result<(), Refused> {
    Ok(())
}
