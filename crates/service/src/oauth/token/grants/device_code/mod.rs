//! `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628, sections 3.4 and 3.5).

use super::super::person::ProvenPerson;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::oauth::device::{SLOW_DOWN_SECONDS, parse_device_code};
use crate::secrets::same;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode::{AccessDenied, AuthorizationPending, ExpiredToken, InvalidGrant, SlowDown};
use doorward_store::device;
use doorward_store::engine::Batch;

/// Answers a poll.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let text = match request.must("device_code", "device_code is missing") {
        Ok(text) => text,
        Err(error) => return Ok(Err(error)),
    };
    let tenant = cx.tenant_id();
    let unknown = || Ok(Err(TokenError::new(InvalidGrant, "Invalid or expired device code.", "device_code_unknown")));
    let Some((id, secret)) = parse_device_code(text) else { return unknown() };
    let Some(row) = service.store.device_authorization(tenant, id).await? else { return unknown() };
    if !same(&row.device_code_hash, &service.device_code_digest(id, &secret))
        || row.application_id != request.client.application.id
    {
        return unknown();
    }
    if row.expires_at <= cx.now {
        return Ok(Err(TokenError::new(ExpiredToken, "The device code has expired.", "device_code_expired")));
    }
    match row.state.as_str() {
        device::DENIED => return Ok(Err(TokenError::new(AccessDenied, "User has denied the request.", "device_denied"))),
        device::ALLOWED => {}
        _ => {
            // Section 3.5: whoever asks too soon waits longer from then on.
            let early = cx.now.0.saturating_sub(row.polled_at.0) < row.poll_seconds.saturating_mul(1000);
            let wait = if early { row.poll_seconds + SLOW_DOWN_SECONDS } else { row.poll_seconds };
            service.store.commit(Batch::new().with(device::note_poll(tenant, id, cx.now, wait))).await?;
            if early {
                let mut error = TokenError::new(SlowDown, "You are polling faster than the interval allows.", "device_slow_down");
                error.retry_after = u64::try_from(wait).ok();
                return Ok(Err(error));
            }
            return Ok(Err(TokenError::new(AuthorizationPending, "User has yet to authorize device code.", "device_waiting")));
        }
    }
    let person = match row.user_id {
        Some(user) => service.store.person(tenant, user).await?,
        None => None,
    };
    let Some(person) = person else { return unknown() };
    let proven = ProvenPerson {
        person,
        is_new: false,
        proofs: row.proofs.0,
        grant_type: super::DEVICE_CODE,
        session: row.session_id,
        effects: Batch::new().with(device::take(tenant, id)),
        agreed: Some((row.scope.0, row.audience.0)),
    };
    service.tokens_for(cx, request, proven).await
}
