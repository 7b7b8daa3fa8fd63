//! A code that was sent by e-mail, carried back by the application that asked for it. Whoever proves a mailbox that no account has
//! gets one, where the tenant lets people sign up.

use super::super::person::ProvenPerson;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::session::proof;
use crate::signin::Problem;
use crate::signin::code::Claim;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
use doorward_protocol::oauth::error::OAuthErrorCode::InvalidGrant;
use doorward_protocol::session::Method;
use doorward_store::engine::Batch;
use doorward_store::{short_lived, users};

/// Exchanges a code for tokens.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let read = || Ok::<_, TokenError>((request.must("username", "username is missing")?, request.must("otp", "otp is missing")?));
    let (address, code) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    if let Err(wait) = service.limits.proof(&cx.client.ip) {
        let mut error = TokenError::new(InvalidGrant, "too many failed attempts; try again later", "locked_out");
        error.retry_after = Some(wait);
        return Ok(Err(error));
    }
    let refuse = |cause| Ok(Err(TokenError::new(InvalidGrant, "Wrong email or verification code.", cause)));
    let Ok(identifier) = Identifier::email(address) else { return refuse("address_malformed") };
    let application = &request.client.application;
    let id = service.direct_code_id(cx, application.id, &identifier);
    let Some(row) = service.store.code_challenge(cx.tenant_id(), id).await? else { return refuse("no_code") };
    match service.check_code(cx, &row, code).await? {
        Ok(()) => {}
        Err(Problem::WrongCode { .. }) => return refuse("code_wrong"),
        Err(_) => return refuse("code_dead"),
    }
    let mut effects = Batch::new().with(short_lived::use_code(cx.tenant_id(), row.id, cx.now));
    let owner = service.store.identifier(cx.tenant_id(), &identifier).await?;
    let is_new = owner.is_none();
    let person = match owner {
        Some(owner) => {
            if owner.verified_at.is_none() {
                match service.claim(cx, &owner).await? {
                    Claim::Taken(statements) => {
                        for one in statements {
                            effects.push(one);
                        }
                    }
                    Claim::Detached(statements) => {
                        for one in statements {
                            effects.push(one);
                        }
                        service.store.commit(effects).await?;
                        return refuse("address_of_other_account");
                    }
                }
                effects.push(users::verify_identifier(cx.tenant_id(), owner.user_id, &identifier, cx.now));
            }
            match service.store.person(cx.tenant_id(), owner.user_id).await? {
                Some(person) => person,
                None => return refuse("user_gone"),
            }
        }
        None if cx.policy().sign_up.enabled => {
            let (person, batch) =
                service.new_account(cx, crate::signin::NewAccount::of_email(cx, identifier, true), application.id);
            effects = effects.and(batch);
            person
        }
        None => return refuse("sign_up_disabled"),
    };
    let proven = ProvenPerson {
        person,
        is_new,
        proofs: vec![proof(cx, Method::EmailCode)],
        grant_type: super::EMAIL_CODE,
        session: None,
        effects,
        agreed: None,
    };
    service.tokens_for(cx, request, proven).await
}
