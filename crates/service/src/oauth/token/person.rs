//! Tokens for a person who proved it without a browser of ours: the grants in which an application carries the proof.

use super::direct::DirectGrant;
use super::{TokenError, TokenRequest, Tokens};
use crate::audit::Event;
use crate::signin::Standing;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::SessionId;
use doorward_protocol::oauth::error::OAuthErrorCode as Code;
use doorward_protocol::oauth::scope;
use doorward_protocol::session::{Proof, acr, amr, auth_time};
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::grants::GrantTerms;
use doorward_store::users::Person;

/// A person who has proven who they are.
pub(crate) struct ProvenPerson<'a> {
    /// Who.
    pub(crate) person: Person,
    /// The account comes into being by `effects`.
    pub(crate) is_new: bool,
    /// How.
    pub(crate) proofs: Vec<Proof>,
    /// Which grant carried it.
    pub(crate) grant_type: &'a str,
    /// The session that it happened in, if there is one.
    pub(crate) session: Option<SessionId>,
    /// What the proof spends and changes.
    pub(crate) effects: Batch,
    /// Scopes and audiences, where they were agreed on earlier; else the request's own count.
    pub(crate) agreed: Option<(Vec<String>, Vec<String>)>,
}

impl Service {
    /// The scopes and audiences that a request asks for, as far as its application may have them.
    pub(crate) async fn asked_for(
        &self,
        cx: &Cx,
        application: &ApplicationRow,
        request: &TokenRequest<'_>,
    ) -> Result<Result<(Vec<String>, Vec<String>), TokenError>, Error> {
        let sent = match request.one("scope") {
            Ok(scope) => scope.unwrap_or_default(),
            Err(error) => return Ok(Err(error)),
        };
        let Some(asked) = scope::parse(sent) else {
            let text = "scope contains a character that is not allowed";
            return Ok(Err(TokenError::new(Code::InvalidScope, text, "scope_malformed")));
        };
        // RFC 8707 says `resource`; many applications say `audience`.
        let audience: Vec<String> =
            request.params.all("resource").iter().chain(request.params.all("audience")).cloned().collect();
        for one in &audience {
            if self.resource_server(cx.tenant_id(), one).await?.is_none() {
                return Ok(Err(TokenError::new(
                    Code::InvalidTarget,
                    format!("there is no resource server {one}"),
                    "resource_unknown",
                )));
            }
        }
        // Nobody is there to be asked.
        if self.targets(cx, &audience, &asked).await?.iter().any(|target| target.settings.0.require_consent) {
            let text = "this resource server asks for consent, which needs a browser";
            return Ok(Err(TokenError::new(Code::AccessDenied, text, "consent_needed")));
        }
        Ok(match self.grantable_scopes(cx, application, &asked, &audience).await? {
            Ok(scope) => Ok((scope, audience)),
            Err(refused) => Err(TokenError::new(refused.code, refused.description, "scope_refused")),
        })
    }

    /// RFC 8707, section 2.2: what a token request that names resource servers wants of its grant, which must have them all. Scopes
    /// of the others stay behind.
    pub(crate) async fn narrowed_to_resources(
        &self,
        cx: &Cx,
        request: &TokenRequest<'_>,
        terms: GrantTerms,
    ) -> Result<Result<GrantTerms, TokenError>, Error> {
        let asked = request.params.all("resource");
        if asked.is_empty() {
            return Ok(Ok(terms));
        }
        let granted = self.targets(cx, &terms.audience, &terms.scope).await?;
        let mut defined = Vec::new();
        for one in asked {
            let Some(target) = granted.iter().find(|target| target.audience == *one) else {
                let text = "resource names what was not granted";
                return Ok(Err(TokenError::new(Code::InvalidTarget, text, "resource_exceeds_grant")));
            };
            defined.extend(self.store.scopes(cx.tenant_id(), target.id).await?.into_iter().map(|s| s.value));
        }
        let mut scope = terms.scope;
        scope.retain(|s| scope::is_standard(s) || defined.contains(s));
        Ok(Ok(GrantTerms { scope, audience: asked.to_vec(), ..terms }))
    }

    /// Gives tokens: one transaction with the proof's effects, the refresh family and the audit event.
    pub(crate) async fn tokens_for(
        &self,
        cx: &Cx,
        request: &TokenRequest<'_>,
        mut proven: ProvenPerson<'_>,
    ) -> Result<Result<Tokens, TokenError>, Error> {
        let application = &request.client.application;
        let user = proven.person.user.id;
        let standing = if proven.is_new { Standing::Good } else { self.standing(cx, &proven.person).await? };
        match standing {
            Standing::Good => {}
            Standing::Blocked => return Ok(Err(TokenError::new(Code::InvalidGrant, "user is blocked", "account_blocked"))),
            Standing::Suspended => return Ok(Err(TokenError::new(Code::InvalidGrant, "user is blocked", "sanctioned"))),
            Standing::Expired => return Ok(Err(TokenError::new(Code::InvalidGrant, "user is blocked", "account_expired"))),
            Standing::ChangePassword(_) => {
                // A page asks for the new one; there is none here.
                let text = "the password must be changed first: sign in with a browser";
                return Ok(Err(TokenError::new(Code::AccessDenied, text, "password_must_change")));
            }
        }
        if !proven.is_new && self.must_be_member(cx, user, Some(application.id)).await? {
            return Ok(Err(TokenError::new(Code::AccessDenied, "the application is for its members only", "not_a_member")));
        }
        let (asked, audience) = match proven.agreed.take() {
            Some(agreed) => agreed,
            // Consent has no page here: only applications that need none may ask.
            None if !application.settings.0.first_party => {
                let text = "this grant is for first-party applications";
                return Ok(Err(TokenError::new(Code::UnauthorizedClient, text, "third_party")));
            }
            None => match self.asked_for(cx, application, request).await? {
                Ok(asked) => asked,
                Err(error) => return Ok(Err(error)),
            },
        };
        if proven.session.is_none() && self.owes_second_factor(cx, application, user, &proven.proofs, proven.is_new).await? {
            return self.ask_for_second_factor(cx, application.id, proven, asked, audience).await;
        }
        let terms = GrantTerms {
            scope: self.narrow_to_permissions(cx, user, &asked, &audience).await?,
            audience,
            auth_time: auth_time(&proven.proofs).map_or(0, Timestamp::seconds),
            acr: acr(&proven.proofs).to_owned(),
            amr: amr(&proven.proofs).into_iter().map(str::to_owned).collect(),
            ..Default::default()
        };
        let mut effects = proven.effects;
        if let Some(spend) = request.client.spend.clone() {
            effects.push(spend);
        }
        if proven.session.is_none() {
            let method = proven.proofs.last().map_or("none", |proof| proof.method.as_str());
            for one in self.sign_in_records(cx, user, Some(application.id), method) {
                effects.push(one);
            }
        }
        let direct = DirectGrant {
            grant_type: proven.grant_type,
            session: proven.session,
            application: Some(application),
            accent: application.settings.0.accent,
            person: &proven.person,
            refresh: terms.scope.iter().any(|s| s == "offline_access"),
            lifetime: application.settings.0.access_token_lifetime_seconds,
            terms,
            effects,
        };
        match self.grant_directly(cx, direct).await {
            Ok(given) => Ok(Ok(given.tokens)),
            Err(Error::Store(error)) => lost_race(error),
            Err(error) => Err(error),
        }
    }
}

impl Service {
    /// The first factor is used up, and waits with the application for the second one.
    async fn ask_for_second_factor(
        &self,
        cx: &Cx,
        application: doorward_protocol::ids::ApplicationId,
        proven: ProvenPerson<'_>,
        scope: Vec<String>,
        audience: Vec<String>,
    ) -> Result<Result<Tokens, TokenError>, Error> {
        let user = proven.person.user.id;
        let event = Event::new("sign_in.waits").user(user).application(application).with("for", "second_factor");
        match self.store.commit(proven.effects.with(event.statement(cx))).await {
            Ok(_) => {}
            Err(error) => return lost_race(error),
        }
        let session = Self::factor_session(application, user, &proven.proofs, scope, audience);
        let mut error = TokenError::new(Code::InsufficientAuthorization, "a second factor is needed", "second_factor_owed");
        error.owed = Some(self.owed_factor(cx, &session).await?);
        Ok(Err(error))
    }
}

/// Something else was quicker: the same proof sent twice, an account blocked or made meanwhile.
fn lost_race(error: StoreError) -> Result<Result<Tokens, TokenError>, Error> {
    let refuse = |cause| Ok(Err(TokenError::new(Code::InvalidGrant, "the proof was used already", cause)));
    if error.is_unique("spent") {
        refuse("proof_replayed")
    } else if error.is_guard("code.used") {
        refuse("code_used")
    } else if error.is_guard("device.taken") {
        refuse("device_code_used")
    } else if error.is_guard("passkey.gone") {
        refuse("passkey_gone")
    } else if error.is_guard("user.not_active") {
        refuse("account_blocked")
    } else if error.is_unique("identifier") || error.is_unique("account") || error.is_unique("passkey") {
        refuse("account_made_meanwhile")
    } else {
        Err(error.into())
    }
}
