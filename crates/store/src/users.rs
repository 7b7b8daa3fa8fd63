//! Users, their identifiers and passwords.

use crate::engine::{Expect, Statement, StoreError, Value};
use crate::params;
use crate::record::{Json, record, statement};
use crate::{Page, Store, cut};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{IdentifierId, TenantId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::time::Timestamp;
use uuid::Uuid;

/// A user who may sign in.
pub const ACTIVE: &str = "active";
/// A user whom somebody else made and who has not signed in yet; the first sign-in makes them active.
pub const PENDING: &str = "pending";
/// A user who may not.
pub const BLOCKED: &str = "blocked";

/// From so many matches on, a search by prefix walks the list instead of sorting the matches.
const MANY_MATCHES: i64 = 20_000;

record! {
    /// A user. (The table is called `account`, since `user` is a word of SQL.)
    UserRow in "account" by [tenant_id, id] {
        /// Its id.
        id: UserId,
        /// Whose.
        tenant_id: TenantId,
        /// `active`, `pending` or `blocked`.
        status: String,
        /// Full name.
        name: Option<String>,
        /// Everything else that OpenID Connect has a name for.
        profile: Json<Profile>,
        /// When an offered passkey was declined last.
        passkey_declined_at: Option<Timestamp>,
        /// Last sign-in.
        last_sign_in_at: Option<Timestamp>,
        /// How many.
        sign_in_count: i64,
        /// Made at.
        created_at: Timestamp,
        /// Changed at.
        updated_at: Timestamp,
    }
}

record! {
    /// An identifier of a user.
    IdentifierRow in "identifier" by [tenant_id, id] {
        /// Its id.
        id: IdentifierId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// Whose.
        user_id: UserId,
        /// `email`, `username` or `phone`.
        kind: String,
        /// As written.
        value: String,
        /// As compared.
        normal: String,
        /// Proven at.
        verified_at: Option<Timestamp>,
        /// The one that mail goes to.
        is_primary: bool,
        /// Made at.
        created_at: Timestamp,
    }
}

record! {
    /// A password.
    PasswordRow in "password" by [tenant_id, user_id] {
        /// Whose.
        user_id: UserId,
        /// Whose tenant.
        tenant_id: TenantId,
        /// PHC string of ours, or the JSON of a hash that was made elsewhere.
        hash: String,
        /// Set at.
        changed_at: Timestamp,
    }
}

/// A user with identifiers.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user.
    pub user: UserRow,
    /// Identifiers, primary ones first.
    pub identifiers: Vec<IdentifierRow>,
}

impl Person {
    /// The primary e-mail address.
    pub fn email(&self) -> Option<&IdentifierRow> {
        self.primary(IdentifierKind::Email)
    }

    /// The primary identifier of a kind.
    pub fn primary(&self, kind: IdentifierKind) -> Option<&IdentifierRow> {
        self.identifiers.iter().find(|i| i.kind == kind.as_str())
    }
}

/// Sets or replaces a password.
pub fn put_password(row: &PasswordRow) -> Statement {
    let mut insert = row.insert();
    insert.sql =
        format!("{} ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at", insert.sql)
            .into();
    insert
}

/// Puts another hash of the same password in the place of the one it was checked against, if that is still there.
pub fn renew_hash(tenant: TenantId, user: UserId, old: &str, new: &str) -> Statement {
    statement(
        "UPDATE password SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3",
        params![tenant.0, user.0, old, new],
        Expect::Any,
        "password.renew",
    )
}

/// Notes a sign-in on the user's row.
pub fn note_sign_in(tenant: TenantId, user: UserId, now: Timestamp) -> Statement {
    statement(
        "UPDATE account SET last_sign_in_at = $3, sign_in_count = sign_in_count + 1, status = 'active' WHERE tenant_id = $1 AND id = $2 AND status IN ('active', 'pending')",
        params![tenant.0, user.0, now.0],
        Expect::Rows(1),
        "user.not_active",
    )
}

/// Writes a user's name and profile, and nothing that a sign-in writes at the same time.
pub fn update_profile(row: &UserRow) -> Statement {
    use crate::record::Field as _;
    statement(
        "UPDATE account SET name = $3, profile = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2",
        vec![row.tenant_id.bind(), row.id.bind(), row.name.bind(), row.profile.bind(), row.updated_at.bind()],
        Expect::Rows(1),
        "account.gone",
    )
}

/// Blocks a user or lets one in again.
pub fn set_status(tenant: TenantId, user: UserId, status: &str, now: Timestamp) -> Statement {
    statement(
        "UPDATE account SET status = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2",
        params![tenant.0, user.0, status, now.0],
        Expect::Rows(1),
        "account.gone",
    )
}

/// Notes that an offered passkey was declined.
pub fn note_passkey_declined(tenant: TenantId, user: UserId, now: Timestamp) -> Statement {
    statement(
        "UPDATE account SET passkey_declined_at = $3 WHERE tenant_id = $1 AND id = $2",
        params![tenant.0, user.0, now.0],
        Expect::Any,
        "user.declined",
    )
}

/// Marks an address of a user as proven, if it was not.
pub fn verify_identifier(tenant: TenantId, user: UserId, identifier: &Identifier, now: Timestamp) -> Statement {
    statement(
        "UPDATE identifier SET verified_at = $5 WHERE tenant_id = $1 AND user_id = $2 AND kind = $3 AND normal = $4 AND verified_at IS NULL",
        params![tenant.0, user.0, identifier.kind.as_str(), identifier.normal.as_str(), now.0],
        Expect::Any,
        "identifier.verify",
    )
}

/// Takes an identifier that was never proven from its account.
pub fn detach_identifier(tenant: TenantId, user: UserId, id: IdentifierId) -> Statement {
    statement(
        "DELETE FROM identifier WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND verified_at IS NULL",
        params![tenant.0, user.0, id.0],
        Expect::Rows(1),
        "identifier.detached",
    )
}

/// Takes every mailbox and phone from an account but one.
pub fn keep_mailbox(tenant: TenantId, user: UserId, id: IdentifierId) -> Statement {
    statement(
        "DELETE FROM identifier WHERE tenant_id = $1 AND user_id = $2 AND id <> $3 AND kind IN ('email', 'phone')",
        params![tenant.0, user.0, id.0],
        Expect::Any,
        "identifier.kept",
    )
}

/// Makes one address of a user the primary one of its kind; use both statements in this order.
pub fn make_primary(tenant: TenantId, user: UserId, kind: &str, id: IdentifierId) -> [Statement; 2] {
    [
        statement(
            "UPDATE identifier SET is_primary = 0 WHERE tenant_id = $1 AND user_id = $2 AND kind = $3",
            params![tenant.0, user.0, kind],
            Expect::Any,
            "identifier.primary",
        ),
        statement(
            "UPDATE identifier SET is_primary = 1 WHERE tenant_id = $1 AND user_id = $2 AND id = $3",
            params![tenant.0, user.0, id.0],
            Expect::Rows(1),
            "identifier.gone",
        ),
    ]
}

/// Deletes a password.
pub fn delete_password(tenant: TenantId, user: UserId) -> Statement {
    statement(
        "DELETE FROM password WHERE tenant_id = $1 AND user_id = $2",
        params![tenant.0, user.0],
        Expect::Any,
        "password.delete",
    )
}

impl Store {
    /// A user.
    pub async fn user(&self, tenant: TenantId, id: UserId) -> Result<Option<UserRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND id = $2", params![tenant.0, id.0]).await
    }

    /// Identifiers of a user, primary ones first.
    pub async fn identifiers(&self, tenant: TenantId, user: UserId) -> Result<Vec<IdentifierRow>, StoreError> {
        self.list("WHERE tenant_id = $1 AND user_id = $2 ORDER BY is_primary DESC, id", params![tenant.0, user.0]).await
    }

    /// A user with identifiers.
    pub async fn person(&self, tenant: TenantId, id: UserId) -> Result<Option<Person>, StoreError> {
        let Some(user) = self.user(tenant, id).await? else { return Ok(None) };
        let identifiers = self.identifiers(tenant, id).await?;
        Ok(Some(Person { user, identifiers }))
    }

    /// Who has an identifier.
    pub async fn identifier(&self, tenant: TenantId, identifier: &Identifier) -> Result<Option<IdentifierRow>, StoreError> {
        self.find(
            "WHERE tenant_id = $1 AND kind = $2 AND normal = $3",
            params![tenant.0, identifier.kind.as_str(), identifier.normal.as_str()],
        )
        .await
    }

    /// The user whose id begins with these bytes; `None` also when several do.
    pub async fn user_by_id_prefix(&self, tenant: TenantId, prefix: [u8; 12]) -> Result<Option<UserId>, StoreError> {
        let bound = |rest: u8| {
            let mut bytes = [rest; 16];
            for (slot, byte) in bytes.iter_mut().zip(prefix) {
                *slot = byte;
            }
            Uuid::from_bytes(bytes)
        };
        let rows = self
            .db
            .query(
                "SELECT id FROM account WHERE tenant_id = $1 AND id >= $2 AND id <= $3 LIMIT 2",
                params![tenant.0, bound(0), bound(0xff)],
            )
            .await?;
        match rows.as_slice() {
            [one] => Ok(Some(UserId(one.uuid("id")?))),
            _ => Ok(None),
        }
    }

    /// The password of a user.
    pub async fn password(&self, tenant: TenantId, user: UserId) -> Result<Option<PasswordRow>, StoreError> {
        self.find("WHERE tenant_id = $1 AND user_id = $2", params![tenant.0, user.0]).await
    }

    /// Users of a tenant, oldest first; with `search`, those one of whose identifiers begins with it.
    pub async fn users(
        &self,
        tenant: TenantId,
        search: Option<&str>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<UserRow>, StoreError> {
        let Some(search) = search else {
            return self.page(tenant.0, after, limit, |u: &UserRow| u.id.0).await;
        };
        // A range instead of LIKE: both engines use the index for it whatever their collation rules.
        let from = search.trim().to_lowercase();
        let to = format!("{from}\u{10ffff}");
        // Few matches are collected and sorted; of many, the next ones are met soon by walking in the order of the list.
        let found = self
            .db
            .query_opt(
                "SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM identifier WHERE tenant_id = $1 AND kind IN ('email', 'username', 'phone') AND normal >= $2 AND normal < $3 LIMIT $4) AS found",
                params![tenant.0, from.as_str(), to.as_str(), MANY_MATCHES],
            )
            .await?;
        let many = found.map_or(Ok(0), |row| row.int("n"))? >= MANY_MATCHES;
        let params: Vec<Value> = params![tenant.0, after.unwrap_or(Uuid::nil()), i64::from(limit) + 1, from, to];
        let tail = if many {
            "WHERE tenant_id = $1 AND id > $2 AND EXISTS (SELECT 1 FROM identifier i WHERE i.tenant_id = $1 AND i.user_id = account.id AND i.kind IN ('email', 'username', 'phone') AND i.normal >= $4 AND i.normal < $5) ORDER BY id LIMIT $3"
        } else {
            "WHERE tenant_id = $1 AND id > $2 AND id IN (SELECT user_id FROM identifier WHERE tenant_id = $1 AND kind IN ('email', 'username', 'phone') AND normal >= $4 AND normal < $5) ORDER BY id LIMIT $3"
        };
        let items = self.list(tail, params).await?;
        Ok(cut(items, limit, |u: &UserRow| u.id.0))
    }

    /// Identifiers among these that somebody has.
    pub async fn owners_of(&self, tenant: TenantId, identifiers: &[&Identifier]) -> Result<Vec<IdentifierRow>, StoreError> {
        let mut out = Vec::new();
        // One kind at a time: each value is then one step into the index.
        for kind in [IdentifierKind::Email, IdentifierKind::Username, IdentifierKind::Phone] {
            let values: Vec<&str> = identifiers.iter().filter(|i| i.kind == kind).map(|i| i.normal.as_str()).collect();
            for part in values.chunks(500) {
                let mut params = params![tenant.0, kind.as_str()];
                let tail = format!("WHERE tenant_id = $1 AND kind = $2 AND normal IN ({})", crate::places(&mut params, part));
                let found: Vec<IdentifierRow> = self.list(&tail, params).await?;
                out.extend(found);
            }
        }
        Ok(out)
    }

    /// Ids among these that a user of any tenant has.
    pub async fn users_named(&self, ids: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let mut out = Vec::new();
        for part in ids.chunks(500) {
            let mut params = Vec::new();
            let sql = format!("SELECT id FROM account WHERE id IN ({})", crate::places(&mut params, part));
            for row in self.db.query(sql, params).await? {
                out.push(row.uuid("id")?);
            }
        }
        Ok(out)
    }

    /// How many users a tenant has.
    pub async fn count_users(&self, tenant: TenantId) -> Result<i64, StoreError> {
        let row = self.db.query_opt("SELECT COUNT(*) AS n FROM account WHERE tenant_id = $1", params![tenant.0]).await?;
        row.map_or(Ok(0), |row| row.int("n"))
    }
}
