//! `password` (RFC 6749, section 4.3). OAuth 2.1 has dropped it, since it shows people's passwords to applications: it must be
//! allowed to an application by name, and to the tenant's people by its policy.

use super::super::person::ProvenPerson;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::audit::{Event, count_failure};
use crate::session::proof;
use crate::signin::guess_subject;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_protocol::oauth::error::OAuthErrorCode::{InvalidGrant, UnauthorizedClient};
use doorward_protocol::session::Method;
use doorward_store::engine::Batch;

/// Exchanges a password for tokens.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let read = || {
        Ok::<_, TokenError>((request.must("username", "username is missing")?, request.must("password", "password is missing")?))
    };
    let (username, password) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    if !cx.policy().password.enabled {
        return Ok(Err(TokenError::new(UnauthorizedClient, "people here have no passwords", "passwords_disabled")));
    }
    let application = request.client.application.id;
    let locked = |wait| {
        let mut error = TokenError::new(InvalidGrant, "too many failed attempts; try again later", "locked_out");
        error.retry_after = Some(wait);
        Ok(Err(error))
    };
    if let Err(wait) = service.limits.proof(&cx.client.ip) {
        return locked(wait);
    }
    let wrong = Ok(Err(TokenError::new(InvalidGrant, "wrong user name or password", "wrong_password")));
    let Ok(identifier) = Identifier::typed(username) else { return wrong };
    let user = service.store.identifier(cx.tenant_id(), &identifier).await?.map(|row| row.user_id);
    let subject = guess_subject(service, cx, user, &identifier);
    let guessing = match service.may_guess(cx, user, &subject).await? {
        Ok(guessing) => guessing,
        Err(wait) => return locked(wait),
    };
    let stored = match user {
        Some(user) => service.store.password(cx.tenant_id(), user).await?,
        None => None,
    };
    let right = service.verify_password(password, stored.as_ref().map(|row| row.hash.as_str())).await?;
    let person = match user {
        Some(user) if right => service.store.person(cx.tenant_id(), user).await?,
        _ => None,
    };
    let Some(person) = person else {
        let mut batch = Batch::new();
        for one in service.guess_failed(cx, &guessing) {
            batch.push(one);
        }
        let event = Event::new("sign_in.failed").user(user).application(application).with("method", "password");
        service
            .store
            .commit(batch.with(event.with("cause", "wrong_password").statement(cx)).with(count_failure(cx, "wrong_password")))
            .await?;
        return wrong;
    };
    let mut effects = Batch::new().with(service.guess_succeeded(cx, &guessing));
    for one in service.renewal(cx, password, stored.as_ref()).await? {
        effects.push(one);
    }
    let proven = ProvenPerson {
        person,
        is_new: false,
        proofs: vec![proof(cx, Method::Password)],
        grant_type: super::PASSWORD,
        session: None,
        effects,
        agreed: None,
    };
    service.tokens_for(cx, request, proven).await
}
