//! A second factor after a first one that an application carried here: a one-time password, also the first one of a generator that
//! is being set up, or a recovery code.

use super::super::person::ProvenPerson;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::factor::{FactorError, FactorKind};
use crate::oauth::second_factor::WAIT_SECONDS;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode::{ExpiredToken, InvalidGrant, InvalidRequest};
use doorward_protocol::session::Method;
use doorward_store::engine::Batch;
use doorward_store::short_lived;

/// Exchanges a second factor for tokens.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let read = || {
        let session = request.must("auth_session", "auth_session is missing")?;
        Ok::<_, TokenError>((session, request.one("otp")?, request.one("recovery_code")?))
    };
    let (session, otp, recovery_code) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let (code, kind) = match (otp, recovery_code) {
        (Some(otp), None) => (otp, FactorKind::Totp),
        (None, Some(code)) => (code, FactorKind::RecoveryCode),
        _ => return Ok(Err(TokenError::new(InvalidRequest, "otp or recovery_code is missing", "parameter_missing"))),
    };
    let application = request.client.application.id;
    let Some(session) = service.open_factor_session(cx, session).await?.filter(|open| open.application == application) else {
        return Ok(Err(TokenError::new(ExpiredToken, "the session of the first factor is over", "auth_session_unknown")));
    };
    let Some(person) = service.store.person(cx.tenant_id(), session.user).await? else {
        return Ok(Err(TokenError::new(InvalidGrant, "the user is gone", "user_gone")));
    };
    let given = if service.list_factors(cx, session.user).await?.any() {
        service.check_factor(cx, session.user, code, kind).await.map(|good| (good.proof, good.effects))
    } else {
        // The first code of a generator that is being set up makes it one.
        let pending = service.store.totp(cx.tenant_id(), session.user).await?.into_iter().find(|row| row.confirmed_at.is_none());
        match (pending, kind) {
            (Some(row), FactorKind::Totp) => service
                .confirming_totp(cx, "user", session.user, row.id, code)
                .await
                .map(|done| (proof(cx, Method::Totp), done.effects)),
            _ => Err(FactorError::NotFound),
        }
    };
    let (proof, effects) = match given {
        Ok(given) => given,
        Err(FactorError::Fault(error)) => return Err(error),
        Err(FactorError::Locked { wait }) => {
            let mut error = TokenError::new(InvalidGrant, "too many failed attempts; try again later", "locked_out");
            error.retry_after = Some(wait);
            return Ok(Err(error));
        }
        Err(FactorError::NotFound) => {
            return Ok(Err(TokenError::new(InvalidGrant, "no second factor is set up", "no_second_factor")));
        }
        Err(_) => return Ok(Err(TokenError::new(InvalidGrant, "the code is wrong", "second_factor_wrong"))),
    };
    let until = cx.now.plus_seconds(WAIT_SECONDS);
    let spend = short_lived::spend(cx.tenant_id(), "second_factor", session.id.as_bytes(), until);
    let mut proofs = session.proofs;
    proofs.push(proof);
    let proven = ProvenPerson {
        person,
        is_new: false,
        proofs,
        grant_type: super::SECOND_FACTOR,
        session: None,
        effects: effects.into_iter().fold(Batch::new().with(spend), Batch::with),
        agreed: Some((session.scope, session.audience)),
    };
    service.tokens_for(cx, request, proven).await
}
