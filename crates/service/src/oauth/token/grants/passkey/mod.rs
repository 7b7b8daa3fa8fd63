//! The answer of an authenticator, carried by the application that ran the ceremony itself: a native application, or a page of its
//! own. It is a sign-in or, when it brings a new credential, a sign-up.

use super::super::person::ProvenPerson;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::audit::{Event, count_failure};
use crate::oauth::passkeys::{Errand, PasskeySession};
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode::{InvalidGrant, UnauthorizedClient};
use doorward_protocol::session::{Method, Proof};
use doorward_store::engine::Batch;

/// Exchanges an answer for tokens.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let read = || {
        let session = request.must("auth_session", "auth_session is missing")?;
        Ok::<_, TokenError>((session, request.must("credential", "the authenticator's answer is missing")?))
    };
    let (session, credential) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    // The ceremony may have begun under another policy.
    if !cx.policy().passkey.enabled {
        return Ok(Err(TokenError::new(UnauthorizedClient, "people here have no passkeys", "passkeys_disabled")));
    }
    if let Err(wait) = service.limits.proof(&cx.client.ip) {
        let mut error = TokenError::new(InvalidGrant, "too many failed attempts; try again later", "locked_out");
        error.retry_after = Some(wait);
        return Ok(Err(error));
    }
    let application = &request.client.application;
    let Some(PasskeySession { errand, holder, .. }) =
        service.open_passkey_session(cx, session).filter(|open| open.application == Some(application.id))
    else {
        return Ok(Err(TokenError::new(InvalidGrant, "auth_session is unknown or expired", "auth_session_unknown")));
    };
    let refused = async |user, cause: &'static str| {
        let event = Event::new("sign_in.failed").user(user).application(application.id).with("method", "passkey");
        let batch = Batch::new().with(event.with("cause", cause).statement(cx)).with(count_failure(cx, cause));
        service.store.commit(batch).await?;
        Ok(Err(TokenError::new(InvalidGrant, "the passkey was not accepted", cause)))
    };
    let is_new = matches!(errand, Errand::SignUp(_));
    if is_new && !cx.policy().sign_up.enabled {
        return Ok(Err(TokenError::new(UnauthorizedClient, "people cannot sign up here", "sign_up_disabled")));
    }
    let (person, proof, effects) = match errand {
        Errand::SignIn => match service.check_assertion(cx, credential, &holder, None).await? {
            Err(bad) => return refused(bad.user, bad.cause).await,
            Ok(good) => {
                let Some(person) = service.store.person(cx.tenant_id(), good.user).await? else {
                    return refused(None, "user_gone").await;
                };
                let effects = good.effects.into_iter().fold(Batch::new(), Batch::with);
                (person, good.proof, effects)
            }
        },
        Errand::SignUp(account) => match service.check_registration(cx, credential, account.user.0.as_bytes(), &holder, false) {
            Err(bad) => return refused(None, bad.cause).await,
            Ok(good) => {
                let proof = Proof {
                    method: Method::Passkey,
                    at: cx.now,
                    user_verified: good.credential.user_verified,
                    device_bound: !good.credential.backup_eligible,
                };
                let row = service.passkey_row(cx, account.user, account.user.0.as_bytes(), &good);
                let (person, made) = service.new_account(cx, *account, application.id);
                let event = Event::new("passkey.created")
                    .user(person.user.id)
                    .with("passkey", row.id.to_string())
                    .with("aaguid", row.aaguid.to_string())
                    .with("synced", row.backup_eligible);
                let mut effects = Batch::new().with(good.spend).and(made).with(row.insert()).with(event.statement(cx));
                effects = effects.and(service.ask_to_verify(cx, &person).await?);
                (person, proof, effects)
            }
        },
        Errand::Enrol(_) => {
            return Ok(Err(TokenError::new(InvalidGrant, "auth_session is for another errand", "auth_session_of_other_kind")));
        }
    };
    let proven =
        ProvenPerson { person, is_new, proofs: vec![proof], grant_type: super::PASSKEY, session: None, effects, agreed: None };
    service.tokens_for(cx, request, proven).await
}
