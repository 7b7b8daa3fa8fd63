//! What applications hold: refresh token families, revocations, consent.

use crate::Store;
use crate::engine::{Expect, Statement, StoreError};
use crate::params;
use crate::record::{Json, record, statement};
use doorward_protocol::ids::{ApplicationId, GrantId, SessionId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The terms of a grant: what its tokens may say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GrantTerms {
    /// Granted scopes.
    pub scope: Vec<String>,
    /// Audiences asked for.
    pub audience: Vec<String>,
    /// `auth_time`, seconds.
    pub auth_time: i64,
    /// `acr`.
    pub acr: String,
    /// `amr`.
    pub amr: Vec<String>,
    /// Single claims for the ID token.
    pub id_token_claims: Vec<String>,
    /// Single claims for userinfo.
    pub userinfo_claims: Vec<String>,
    /// How the grant came about, where `amr` does not tell it: `refresh_token`, `registration` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

record! {
    /// A family of refresh tokens.
    RefreshFamilyRow in "refresh_family" by [tenant_id, id] {
        /// Its id: that of the grant.
        id: GrantId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Held by.
        application_id: ApplicationId,
        /// About.
        user_id: UserId,
        /// The session it came from.
        session_id: Option<SessionId>,
        /// Terms.
        terms: Json<GrantTerms>,
        /// Made at.
        created_at: Timestamp,
        /// Used at.
        last_used_at: Timestamp,
        /// Ends at, whatever happens.
        expires_at: Timestamp,
        /// Revoked at.
        revoked_at: Option<Timestamp>,
        /// Why.
        revoked_reason: Option<String>,
    }
}

record! {
    /// One refresh token of a family.
    RefreshTokenRow in "refresh_token" by [tenant_id, id] {
        /// Its id.
        id: Uuid,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Of which family.
        family_id: GrantId,
        /// Digest of its secret.
        secret_hash: Vec<u8>,
        /// Made at.
        created_at: Timestamp,
        /// Good until, unless used.
        expires_at: Timestamp,
        /// Used at.
        used_at: Option<Timestamp>,
        /// What it was exchanged for.
        successor_id: Option<Uuid>,
    }
}

record! {
    /// What a person consented to.
    ConsentRow in "consent" by [user_id, application_id] {
        /// Whose tenant.
        tenant_id: TenantId,
        /// Who.
        user_id: UserId,
        /// For which application.
        application_id: ApplicationId,
        /// Scopes.
        scopes: Json<Vec<String>>,
        /// First.
        created_at: Timestamp,
        /// Last.
        updated_at: Timestamp,
    }
}

/// Marks a refresh token as used; the guard fails when it was used already.
pub fn use_refresh_token(tenant: TenantId, id: Uuid, successor: Uuid, now: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_token SET used_at = $3, successor_id = $4 WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL",
        params![tenant.0, id, now.0, successor],
        Expect::Rows(1),
        "refresh_token.used",
    )
}

/// Notes the use of a family; the guard fails when it was revoked.
pub fn use_family(tenant: TenantId, id: GrantId, now: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_family SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        params![tenant.0, id.0, now.0],
        Expect::Rows(1),
        "refresh_family.revoked",
    )
}

/// Moves the end of an unused refresh token that is not rotated.
pub fn extend_refresh_token(tenant: TenantId, id: Uuid, expires_at: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_token SET expires_at = $3 WHERE tenant_id = $1 AND id = $2",
        params![tenant.0, id, expires_at.0],
        Expect::Any,
        "refresh_token.extend",
    )
}

/// Revokes a family.
pub fn revoke_family(tenant: TenantId, id: GrantId, reason: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_family SET revoked_at = $3, revoked_reason = $4 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        params![tenant.0, id.0, now.0, reason],
        Expect::Any,
        "refresh_family.revoke",
    )
}

/// Revokes every family of a user.
pub fn revoke_families_of_user(tenant: TenantId, user: UserId, reason: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_family SET revoked_at = $3, revoked_reason = $4 WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL",
        params![tenant.0, user.0, now.0, reason],
        Expect::Any,
        "refresh_family.revoke",
    )
}

/// Revokes every family that a session gave.
pub fn revoke_families_of_session(tenant: TenantId, session: SessionId, reason: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE refresh_family SET revoked_at = $3, revoked_reason = $4 WHERE tenant_id = $1 AND session_id = $2 AND revoked_at IS NULL",
        params![tenant.0, session.0, now.0, reason],
        Expect::Any,
        "refresh_family.revoke",
    )
}

/// Revokes every family that an application holds of a user.
pub fn revoke_families_of_application(
    tenant: TenantId,
    user: UserId,
    application: ApplicationId,
    reason: &str,
    now: Timestamp,
) -> Statement {
    statement(
        "UPDATE refresh_family SET revoked_at = $4, revoked_reason = $5 WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3 AND revoked_at IS NULL",
        params![tenant.0, user.0, application.0, now.0, reason],
        Expect::Any,
        "refresh_family.revoke",
    )
}

/// Stops an access token or everything of a grant until its longest token has expired.
pub fn revoke(tenant: TenantId, id: Uuid, until: Timestamp) -> Statement {
    statement(
        "INSERT INTO revocation (tenant_id, id, until) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, id) DO UPDATE SET until = excluded.until WHERE excluded.until > revocation.until",
        params![tenant.0, id, until.0],
        Expect::Any,
        "revocation.insert",
    )
}

/// Gives or widens consent.
pub fn put_consent(row: &ConsentRow) -> Statement {
    let mut insert = row.insert();
    insert.sql = format!(
        "{} ON CONFLICT (user_id, application_id) DO UPDATE SET scopes = excluded.scopes, updated_at = excluded.updated_at",
        insert.sql
    )
    .into();
    insert
}

/// Takes consent back.
pub fn delete_consent(tenant: TenantId, user: UserId, application: ApplicationId) -> Statement {
    statement(
        "DELETE FROM consent WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3",
        params![tenant.0, user.0, application.0],
        Expect::Any,
        "consent.delete",
    )
}

/// Forgets everything that a person consented to.
pub fn delete_consents(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM consent WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "consent.delete_all",
    )
}

/// A refresh token with its family, as one read.
#[derive(Debug, Clone)]
pub struct RefreshTokenAndFamily {
    /// The token.
    pub token: RefreshTokenRow,
    /// Its family.
    pub family: RefreshFamilyRow,
}

impl Store {
    /// A refresh token with its family.
    pub async fn refresh_token(&self, tenant: TenantId, id: Uuid) -> Result<Option<RefreshTokenAndFamily>, StoreError> {
        let Some(token) = self.find::<RefreshTokenRow>("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id]).await? else {
            return Ok(None);
        };
        let family = self.refresh_family(tenant, token.family_id).await?;
        Ok(family.map(|family| RefreshTokenAndFamily { token, family }))
    }

    /// A family.
    pub async fn refresh_family(&self, tenant: TenantId, id: GrantId) -> Result<Option<RefreshFamilyRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// The live families that an application holds, newest first, at most 10,000.
    pub async fn refresh_families_of_application(
        &self,
        tenant: TenantId,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Vec<RefreshFamilyRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND application_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id DESC LIMIT 10000",
            params![tenant.0, application.0, now.0],
        )
        .await
    }

    /// The live families of a user, newest first.
    pub async fn refresh_families(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<RefreshFamilyRow>, StoreError> {
        self.list(
            "WHERE tenant_id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3 ORDER BY id DESC",
            params![tenant.0, user.0, now.0],
        )
        .await
    }

    /// Whether any of these ids is revoked.
    pub async fn is_revoked(&self, tenant: TenantId, token: Uuid, grant: Uuid) -> Result<bool, StoreError> {
        let row = self
            .db
            .query_opt(
                "SELECT 1 AS one FROM revocation WHERE tenant_id = $1 AND id IN ($2, $3) LIMIT 1",
                params![tenant.0, token, grant],
            )
            .await?;
        Ok(row.is_some())
    }

    /// The person of a token, in one read; `None` where the token is worth nothing: it or its grant was revoked, or the person is
    /// gone, blocked, suspended, or past the end of their account.
    pub async fn person_of_token(
        &self,
        tenant: TenantId,
        user: UserId,
        token: Uuid,
        grant: Uuid,
        now: Timestamp,
    ) -> Result<Option<crate::users::Person>, StoreError> {
        let rows = self
            .db
            .query(
                "SELECT a.id, a.tenant_id, a.status, a.name, a.profile, a.passkey_declined_at, a.last_sign_in_at, a.sign_in_count, a.created_at, a.updated_at, i.id AS identifier_id, i.kind, i.value, i.normal, i.verified_at, i.is_primary, i.created_at AS identifier_created_at FROM account a LEFT JOIN identifier i ON i.tenant_id = a.tenant_id AND i.user_id = a.id WHERE a.tenant_id = $1 AND a.id = $2 AND a.status = 'active' AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.tenant_id = $1 AND r.id IN ($3, $4)) AND NOT EXISTS (SELECT 1 FROM account_condition c WHERE c.tenant_id = $1 AND c.user_id = $2 AND (c.expires_at <= $5 OR c.suspended_until > $5)) ORDER BY i.is_primary DESC, i.id",
                params![tenant.0, user.0, token, grant, now.0],
            )
            .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let mut identifiers = Vec::new();
        for row in &rows {
            let Some(id) = row.opt_uuid("identifier_id")? else { continue };
            identifiers.push(crate::users::IdentifierRow {
                id: doorward_protocol::ids::IdentifierId(id),
                tenant_id: tenant,
                user_id: user,
                kind: row.text("kind")?,
                value: row.text("value")?,
                normal: row.text("normal")?,
                verified_at: row.opt_int("verified_at")?.map(Timestamp),
                is_primary: row.flag("is_primary")?,
                created_at: Timestamp(row.int("identifier_created_at")?),
            });
        }
        Ok(Some(crate::users::Person { user: <crate::users::UserRow as crate::Record>::read(first)?, identifiers }))
    }

    /// Consent of a person for an application.
    pub async fn consent(
        &self,
        tenant: TenantId,
        user: UserId,
        application: ApplicationId,
    ) -> Result<Option<ConsentRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2 AND application_id = $3", params![tenant.0, user.0, application.0]).await
    }

    /// Everything a person consented to.
    pub async fn consents(&self, tenant: TenantId, user: UserId) -> Result<Vec<ConsentRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY created_at", params![tenant.0, user.0]).await
    }
}
