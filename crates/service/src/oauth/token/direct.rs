//! Tokens for a person who proved themself without an authorization request: at an API of an accent, or by a grant that carries
//! the proof. All of them are given here, with the same records.

use super::access_token::{GRANT_CLAIM, token_id};
use super::issue::Issue;
use super::{LONGEST_ACCESS_TOKEN, Tokens};
use crate::audit::Event;
use crate::boxed;
use crate::claims::TokenFacts;
use crate::secrets::{new_id, same};
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::{ApplicationId, GrantId, SessionId, UserId};
use doorward_protocol::jose::Algorithm;
use doorward_protocol::oauth::client::{Accent, ApplicationSettings};
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::grants::{self, GrantTerms, RefreshFamilyRow};
use doorward_store::users::Person;
use doorward_store::{Json, sessions};
use serde_json::{Map, Value, json};

/// What a direct grant is for.
pub struct DirectGrant<'a> {
    /// Which grant carried the proof; [`API`] where it was none.
    pub grant_type: &'a str,
    /// The session that it happened in, if there is one.
    pub session: Option<SessionId>,
    /// For which application; `None`: for none, the token only says who the person is.
    pub application: Option<&'a ApplicationRow>,
    /// In whose words, where there is no application.
    pub accent: Accent,
    /// About whom.
    pub person: &'a Person,
    /// Terms.
    pub terms: GrantTerms,
    /// Whether a refresh token goes with it.
    pub refresh: bool,
    /// Seconds that an access token is good for, where there is no application to say so.
    pub lifetime: i64,
    /// What is committed with it: the spent proof, the session, the note of the sign-in.
    pub effects: Batch,
}

/// The word for tokens that an API gave instead of the token endpoint.
pub const API: &str = "direct";

/// A direct grant's tokens.
#[derive(Debug, Clone)]
pub struct DirectTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// The grant: what a refresh token is known by.
    pub grant: GrantId,
}

impl Service {
    /// Gives tokens to a person, with the records of it in one transaction.
    ///
    /// # Errors
    /// When signing or the store fails. A guard of `effects` that does not hold is a store error.
    pub async fn grant_directly(&self, cx: &Cx, direct: DirectGrant<'_>) -> Result<DirectTokens, Error> {
        let grant = GrantId(new_id(cx.now));
        let user = direct.person.user.id;
        let mut batch = direct.effects;
        let mut refresh_token = None;
        if let Some(application) = direct.application.filter(|_| direct.refresh) {
            let end = cx.now.plus_seconds(application.settings.0.refresh.absolute_seconds);
            let family = RefreshFamilyRow {
                id: grant,
                tenant_id: cx.tenant_id(),
                application_id: application.id,
                user_id: user,
                session_id: direct.session,
                terms: Json(direct.terms.clone()),
                created_at: cx.now,
                last_used_at: cx.now,
                expires_at: end,
                revoked_at: None,
                revoked_reason: None,
            };
            let (row, text) = self.refresh_token_row(cx, grant, application, end, None);
            batch.push(family.insert());
            batch.push(row.insert());
            refresh_token = Some(text);
        }
        if let (Some(session), Some(application)) = (direct.session, direct.application) {
            batch.push(sessions::note_application(cx.tenant_id(), session, application.id, cx.now));
        }
        batch.push(
            Event::new("token.issued")
                .user(user)
                .application(direct.application.map(|a| a.id))
                .actor("client")
                .with("grant_type", direct.grant_type)
                .with("grant", grant.to_string())
                .with("scope", direct.terms.scope.join(" "))
                .statement(cx),
        );
        let tokens = match direct.application {
            Some(application) => {
                let issue = Issue {
                    grant,
                    grant_type: direct.grant_type,
                    application,
                    person: Some(direct.person),
                    session: direct.session,
                    terms: &direct.terms,
                    nonce: None,
                    refresh_token,
                };
                self.issue(cx, issue).await?
            }
            None => {
                let access_token = self
                    .token_without_application(cx, direct.accent, direct.person, &direct.terms, grant, direct.lifetime)
                    .await?;
                Tokens {
                    access_token,
                    expires_in: direct.lifetime,
                    scope: direct.terms.scope.clone(),
                    refresh_token: None,
                    id_token: None,
                }
            }
        };
        self.store.commit(batch).await?;
        Ok(DirectTokens { tokens, grant })
    }

    /// A token that says who somebody is, for no application in particular.
    async fn token_without_application(
        &self,
        cx: &Cx,
        accent: Accent,
        person: &Person,
        terms: &GrantTerms,
        grant: GrantId,
        lifetime: i64,
    ) -> Result<String, Error> {
        let profile = self.profiles.of(accent);
        let nobody = ApplicationRow {
            id: ApplicationId(uuid::Uuid::nil()),
            tenant_id: cx.tenant_id(),
            client_id: String::new(),
            name: String::new(),
            enabled: true,
            settings: Json(ApplicationSettings { accent, ..Default::default() }),
            created_at: cx.now,
            updated_at: cx.now,
        };
        let facts = TokenFacts {
            issuer: cx.issuer(),
            grant_type: API,
            session: None,
            application: &nobody,
            person: Some(person),
            terms,
            resource_server: None,
            permissions: &[],
            roles: &[],
            member: false,
            application_roles: &[],
            tenant: cx.tenant_id(),
            grant,
            offline: false,
        };
        let now = cx.now.seconds();
        let mut claims = Map::new();
        claims.insert("iss".into(), json!(cx.issuer()));
        claims.insert("sub".into(), json!(profile.subject(person.user.id)));
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now + lifetime));
        claims.insert("jti".into(), json!(token_id(grant)));
        claims.insert("scope".into(), json!(terms.scope.join(" ")));
        claims.insert("auth_time".into(), json!(terms.auth_time));
        profile.access_token(&facts, &mut claims);
        let (key, _) = self.key_to_sign(cx, None, Algorithm::Rs256).await?;
        // Read back by the grant, as every access token in an accent's own claims.
        claims.insert(GRANT_CLAIM.into(), json!(URL_SAFE_NO_PAD.encode(grant.0.as_bytes())));
        self.sign_with(key, "JWT", Value::Object(claims)).await
    }

    /// The tenant that gave a refresh token.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn tenant_of_refresh_token(&self, text: &str) -> Result<Option<doorward_protocol::ids::TenantId>, Error> {
        let Some((id, _)) = super::parse_refresh_token(text) else { return Ok(None) };
        Ok(self.store.tenant_of(id).await?)
    }

    /// The live grant and person of a refresh token, without using it.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn find_refresh_token(&self, cx: &Cx, text: &str) -> Result<Option<RefreshFamilyRow>, Error> {
        let Some((id, secret)) = super::parse_refresh_token(text) else { return Ok(None) };
        let Some(found) = self.store.refresh_token(cx.tenant_id(), id).await? else { return Ok(None) };
        if !same(&found.token.secret_hash, &self.refresh_digest(id, &secret)) || found.family.revoked_at.is_some() {
            return Ok(None);
        }
        Ok(Some(found.family))
    }

    /// Revokes grants with their access tokens, in one transaction with the audit event.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn revoke_grants(
        &self,
        cx: &Cx,
        actor: &str,
        families: &[RefreshFamilyRow],
        user: Option<UserId>,
        application: Option<ApplicationId>,
        reason: &'static str,
    ) -> Result<(), Error> {
        if families.is_empty() {
            return Ok(());
        }
        let until = cx.now.plus_seconds(LONGEST_ACCESS_TOKEN);
        let mut batch = Batch::new();
        for family in families {
            batch.push(grants::revoke_family(cx.tenant_id(), family.id, reason, cx.now));
            batch.push(grants::revoke(cx.tenant_id(), family.id.0, until));
        }
        let event = Event::new("refresh_tokens.revoked")
            .user(user)
            .application(application)
            .actor(actor)
            .with("reason", reason)
            .with("grants", families.iter().take(100).map(|f| f.id.to_string()).collect::<Vec<_>>());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }

    /// Exchanges a refresh token for somebody who holds it and is asked for nothing else: as the token endpoint does for the
    /// application that the token belongs to.
    ///
    /// # Errors
    /// When the store or signing fails.
    #[boxed]
    pub async fn refresh_directly(
        &self,
        cx: &Cx,
        text: &str,
    ) -> Result<Option<(Result<Tokens, super::TokenError>, RefreshFamilyRow)>, Error> {
        let Some((id, secret)) = super::parse_refresh_token(text) else { return Ok(None) };
        let Some(found) = self.store.refresh_token(cx.tenant_id(), id).await? else { return Ok(None) };
        if !same(&found.token.secret_hash, &self.refresh_digest(id, &secret)) {
            return Ok(None);
        }
        let Some(application) = self.application_by_id(cx.tenant_id(), found.family.application_id).await? else {
            return Ok(None);
        };
        let params = doorward_protocol::oauth::params::Params::from_pairs([("refresh_token".to_owned(), text.to_owned())]);
        let client = crate::oauth::client_auth::AuthenticatedClient { application, spend: None };
        let request = super::TokenRequest { client, params: &params };
        let answer = super::grants::Grant::RefreshToken.run(self, cx, &request).await?;
        Ok(Some((answer, found.family)))
    }
}
