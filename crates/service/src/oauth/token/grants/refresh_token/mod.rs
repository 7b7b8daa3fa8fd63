//! `refresh_token` (RFC 6749, section 6) with rotation and reuse detection (RFC 9700, section 4.14.2).
//!
//! A token that was used answers again, for some seconds, with the *same* successor: two tabs or a lost answer must not sign an
//! honest person out. After that its use is theft or a broken client, and the family ends.

mod rules;
#[cfg(test)]
mod tests;

use super::super::issue::{Issue, parse_refresh, refresh_text};
use super::super::{TokenError, TokenRequest, Tokens};
use super::authorization_code::LONGEST_ACCESS_TOKEN;
use crate::audit::Event;
use crate::secrets::same;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode::{InvalidGrant, InvalidScope};
use doorward_protocol::oauth::scope;
use doorward_store::engine::Batch;
use doorward_store::grants::{self, GrantTerms};
use rules::Decision;

/// Exchanges a refresh token: one transaction with the used token, its successor and the audit event.
pub(super) async fn exchange(
    service: &Service,
    cx: &Cx,
    request: &TokenRequest<'_>,
) -> Result<Result<Tokens, TokenError>, Error> {
    let tenant = cx.tenant_id();
    let application = &request.client.application;
    let read = || {
        Ok::<_, TokenError>((
            request.must("refresh_token", "refresh_token is missing")?.to_owned(),
            request.one("scope")?.map(str::to_owned),
        ))
    };
    let (text, narrower) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let refuse = |cause| Ok(Err(TokenError::new(InvalidGrant, "unknown or invalid refresh token", cause)));
    let Some((id, secret)) = parse_refresh(&text) else { return refuse("refresh_token_malformed") };
    // Twice: a token that another request used meanwhile is looked at again, and then it is within its overlap.
    for _ in 0..3 {
        let Some(found) = service.store.refresh_token(tenant, id).await? else { return refuse("refresh_token_unknown") };
        if !same(&found.token.secret_hash, &service.refresh_digest(id, &secret)) {
            return refuse("refresh_token_unknown");
        }
        // RFC 6749, section 6: bound to the client it was issued to. Another's attempt tells that it leaked, but must not let a
        // stranger end the family.
        if found.family.application_id != application.id {
            return refuse("refresh_token_of_other_client");
        }
        let successor_state = match found.token.successor_id {
            Some(next) => service.store.refresh_token(tenant, next).await?.map(|s| s.token.used_at),
            None => None,
        };
        let decision =
            rules::decide(&found.token, &found.family, successor_state.flatten(), &application.settings.0.refresh, cx.now);
        let family = &found.family;
        let event = |name| {
            Event::new(name).user(family.user_id).application(application.id).actor("client").with("grant", family.id.to_string())
        };
        if let Decision::Reuse { rule } = decision {
            let batch = Batch::new()
                .with(grants::revoke_family(tenant, family.id, rule, cx.now))
                .with(grants::revoke(tenant, family.id.0, cx.now.plus_seconds(LONGEST_ACCESS_TOKEN)))
                .with(event("refresh_token.reused").with("rule", rule).statement(cx));
            service.store.commit(batch).await?;
            return refuse(rule);
        }
        if let Decision::Refuse { cause } = decision {
            return refuse(cause);
        }
        let Some(person) = service.store.person(tenant, family.user_id).await? else { return refuse("account_blocked") };
        if !service.standing(cx, &person).await?.may_continue() {
            return refuse("account_blocked");
        }
        let mut terms: GrantTerms = family.terms.0.clone();
        if let Some(narrower) = &narrower {
            match scope::parse(narrower) {
                Some(asked) if scope::is_subset(&asked, &terms.scope) => terms.scope = asked,
                _ => {
                    return Ok(Err(TokenError::new(InvalidScope, "scope asks for more than was granted", "scope_exceeds_grant")));
                }
            }
        }
        terms = match service.narrowed_to_resources(cx, request, terms).await? {
            Ok(terms) => terms,
            Err(error) => return Ok(Err(error)),
        };
        terms.origin = Some("refresh_token".into());
        // Permissions may have been taken away since.
        terms.scope = service.narrow_to_permissions(cx, family.user_id, &terms.scope, &terms.audience).await?;
        let mut batch = Batch::new();
        let refresh_token = match decision {
            Decision::Again => {
                let (next, next_secret) = service.successor(id, &secret);
                batch.push(event("refresh_token.repeated").statement(cx));
                refresh_text(next, &next_secret)
            }
            Decision::Keep => {
                let idle = cx.now.plus_seconds(application.settings.0.refresh.idle_seconds).min(family.expires_at);
                batch.push(grants::use_family(tenant, family.id, cx.now));
                batch.push(grants::extend_refresh_token(tenant, id, idle));
                batch.push(event("refresh_token.used").statement(cx));
                text.clone()
            }
            _ => {
                let (row, next) = service.refresh_token_row(cx, family.id, application, family.expires_at, Some((id, &secret)));
                batch.push(grants::use_refresh_token(tenant, id, row.id, cx.now));
                batch.push(grants::use_family(tenant, family.id, cx.now));
                batch.push(row.insert());
                batch.push(event("refresh_token.used").statement(cx));
                next
            }
        };
        if let Some(spend) = request.client.spend.clone() {
            batch.push(spend);
        }
        let issue = Issue {
            grant: family.id,
            grant_type: "refresh_token",
            application,
            person: Some(&person),
            session: family.session_id,
            terms: &terms,
            nonce: None,
            refresh_token: Some(refresh_token),
        };
        let tokens = service.issue(cx, issue).await?;
        match service.store.commit(batch).await {
            Ok(_) => return Ok(Ok(tokens)),
            Err(error) if error.is_guard("refresh_token.used") || error.is_unique("refresh_token") => {}
            Err(error) if error.is_guard("refresh_family.revoked") => return refuse("refresh_family_revoked"),
            Err(error) if error.is_unique("spent") => return refuse("assertion_replayed"),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}
