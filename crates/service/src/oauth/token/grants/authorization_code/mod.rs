//! `authorization_code` (RFC 6749, section 4.1.3; PKCE, RFC 7636; Core, section 3.1.3).

mod rules;

use super::super::issue::Issue;
use super::super::{TokenError, TokenRequest, Tokens};
use crate::audit::Event;
use crate::oauth::authorize::{AuthorizationCode, CODE_PURPOSE, CODE_SECONDS};
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::error::OAuthErrorCode::InvalidGrant;
use doorward_protocol::seal::SealError;
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::grants::{self, RefreshFamilyRow};
use doorward_store::{sessions, short_lived};

/// Longest life of an access token, in seconds: how long a revoked grant must be remembered.
pub(crate) const LONGEST_ACCESS_TOKEN: i64 = 30 * 86_400;

/// Exchanges a code for tokens: one transaction with the spent code, the refresh family and the audit event.
pub(super) async fn redeem(service: &Service, cx: &Cx, request: &TokenRequest<'_>) -> Result<Result<Tokens, TokenError>, Error> {
    let read = || {
        let code = request.must("code", "code is missing")?.to_owned();
        Ok::<_, TokenError>((code, request.one("redirect_uri")?, request.one("code_verifier")?))
    };
    let (text, redirect_uri, verifier) = match read() {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    let tenant = cx.tenant_id();
    let application = &request.client.application;
    let refuse = |cause| Ok(Err(TokenError::new(InvalidGrant, "the code is not valid", cause)));
    let code: AuthorizationCode = match service.secrets.open(CODE_PURPOSE, tenant, cx.now, &text) {
        Ok(code) => code,
        Err(SealError::Expired) => {
            // A replayed code is a replayed code, however late: what it gave is stopped all the same.
            if let Ok(code) = service.secrets.open_expired::<AuthorizationCode>(CODE_PURPOSE, tenant, &text)
                && service.store.is_spent(tenant, "code", code.id.0.as_bytes()).await?
                && code.application == application.id
            {
                revoke_grant(service, cx, &code).await?;
                return refuse("code_replayed");
            }
            return refuse("code_expired");
        }
        Err(_) => return refuse("code_unknown"),
    };
    if let Err(error) = rules::check(&code, application, redirect_uri, verifier) {
        return Ok(Err(error));
    }
    let Some(person) = service.store.person(tenant, code.user).await? else { return refuse("user_gone") };
    if !service.standing(cx, &person).await?.may_continue() {
        return refuse("account_blocked");
    }
    // The refresh token keeps what was granted; the access token is for what this request names of it.
    let terms = match service.narrowed_to_resources(cx, request, code.terms.clone()).await? {
        Ok(terms) => terms,
        Err(error) => return Ok(Err(error)),
    };
    let offline = code.terms.scope.iter().any(|s| s == "offline_access");
    // Remembered for longer than the code is good for: RFC 9700, section 2.1.1, wants reuse to be noticed.
    let mut batch = Batch::new().with(short_lived::spend(
        tenant,
        "code",
        code.id.0.as_bytes(),
        cx.now.plus_seconds(CODE_SECONDS + LONGEST_ACCESS_TOKEN),
    ));
    if let Some(spend) = request.client.spend.clone() {
        batch.push(spend);
    }
    let mut refresh_token = None;
    if offline {
        let end = cx.now.plus_seconds(application.settings.0.refresh.absolute_seconds);
        let family = RefreshFamilyRow {
            id: code.id,
            tenant_id: tenant,
            application_id: application.id,
            user_id: code.user,
            session_id: code.session,
            terms: Json(code.terms.clone()),
            created_at: cx.now,
            last_used_at: cx.now,
            expires_at: end,
            revoked_at: None,
            revoked_reason: None,
        };
        let (row, text) = service.refresh_token_row(cx, code.id, application, end, None);
        batch.push(family.insert());
        batch.push(row.insert());
        refresh_token = Some(text);
    }
    if let Some(session) = code.session {
        batch.push(sessions::note_application(tenant, session, application.id, cx.now));
    }
    batch.push(
        Event::new("token.issued")
            .user(code.user)
            .application(application.id)
            .actor("client")
            .with("grant_type", "authorization_code")
            .with("grant", code.id.to_string())
            .with("scope", code.terms.scope.join(" "))
            .statement(cx),
    );
    // Signed before it is spent: if signing is refused for lack of room, the code is still good and the client tries again.
    let issue = Issue {
        grant: code.id,
        grant_type: "authorization_code",
        application,
        person: Some(&person),
        session: code.session,
        terms: &terms,
        nonce: code.nonce.as_deref(),
        refresh_token,
    };
    let tokens = service.issue(cx, issue).await?;
    match service.store.commit(batch).await {
        Ok(_) => Ok(Ok(tokens)),
        Err(error) if error.is_unique("spent") => {
            if service.store.is_spent(tenant, "code", code.id.0.as_bytes()).await? {
                revoke_grant(service, cx, &code).await?;
                return refuse("code_replayed");
            }
            refuse("assertion_replayed")
        }
        Err(error) => Err(error.into()),
    }
}

/// RFC 6749, section 4.1.2: a code used twice revokes what it gave.
async fn revoke_grant(service: &Service, cx: &Cx, code: &AuthorizationCode) -> Result<(), Error> {
    let batch = Batch::new()
        .with(grants::revoke(cx.tenant_id(), code.id.0, cx.now.plus_seconds(LONGEST_ACCESS_TOKEN)))
        .with(grants::revoke_family(cx.tenant_id(), code.id, "code_replayed", cx.now))
        .with(
            Event::new("grant.revoked")
                .user(code.user)
                .application(code.application)
                .actor("system")
                .with("grant", code.id.to_string())
                .with("reason", "code_replayed")
                .statement(cx),
        );
    service.store.commit(batch).await?;
    Ok(())
}
