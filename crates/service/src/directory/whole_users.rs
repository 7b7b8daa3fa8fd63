//! Users written whole: identifiers, password, conditions, memberships and what a surface keeps, in one transaction.

use super::field::Problems;
use super::identifiers::{NewIdentifier, identifier_row};
use super::{DirectoryError, Extension, UserDocument, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{ApplicationId, GroupId, RoleId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::conditions::{ConditionRow, password_was_changed, put_conditions};
use doorward_store::directory::{GroupMemberRow, put};
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use doorward_store::users::{self, PasswordRow, Person, UserRow};
use serde_json::Value;

/// A password of a draft.
#[derive(Clone)]
pub enum DraftPassword {
    /// As typed; hashed here, and checked against the tenant's policy.
    Plain(String),
    /// Hashed already.
    Hash(String),
}

/// A membership that a new user begins with.
#[derive(Debug, Clone)]
pub struct DraftMembership {
    /// Of which application.
    pub application: ApplicationId,
    /// With which of its roles; `None`: its default ones.
    pub roles: Option<Vec<RoleId>>,
    /// What the application keeps.
    pub data: Value,
}

/// A user as a caller wants it to be.
#[derive(Default)]
pub struct UserDraft {
    /// Its id; made up when absent.
    pub id: Option<UserId>,
    /// Name and profile.
    pub document: UserDocument,
    /// At most one identifier of each kind, at least one in all.
    pub identifiers: Vec<NewIdentifier>,
    /// A new password.
    pub password: Option<DraftPassword>,
    /// May not sign in.
    pub blocked: bool,
    /// From then on nobody signs in.
    pub expires_at: Option<Timestamp>,
    /// Why the password must be changed at the next sign-in.
    pub change_password: Option<String>,
    /// Groups, for a new user.
    pub groups: Vec<GroupId>,
    /// Memberships, for a new user.
    pub memberships: Vec<DraftMembership>,
    /// What the surface keeps.
    pub extension: Option<Extension>,
}

impl Service {
    /// Makes a user whole.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_whole_user(&self, cx: &Cx, actor: &str, draft: UserDraft) -> Result<Person, DirectoryError> {
        let identifiers = self.check_draft(cx, &draft)?;
        let id = draft.id.unwrap_or_else(|| UserId(new_id(cx.now)));
        if draft.id.is_some() && self.store.tenant_of(id.0).await?.is_some() {
            return Err(DirectoryError::conflict("id", "this id is taken"));
        }
        for (identifier, _) in &identifiers {
            self.must_be_free(cx, identifier).await?;
        }
        let user = UserRow {
            id,
            tenant_id: cx.tenant_id(),
            status: status(draft.blocked).into(),
            name: draft.document.name.clone(),
            profile: Json(draft.document.profile.clone()),
            passkey_declined_at: None,
            last_sign_in_at: None,
            sign_in_count: 0,
            created_at: cx.now,
            updated_at: cx.now,
        };
        let mut batch = Batch::new().with(user.insert());
        let mut rows = Vec::new();
        for (identifier, verified) in identifiers {
            let row = identifier_row(cx, id, identifier, verified, true);
            batch.push(row.insert());
            rows.push(row);
        }
        if let Some(password) = draft.password.clone() {
            let hash = match password {
                DraftPassword::Plain(plain) => self.hash_password(&plain).await?,
                DraftPassword::Hash(hash) => hash,
            };
            batch.push(users::put_password(&PasswordRow { user_id: id, tenant_id: user.tenant_id, hash, changed_at: cx.now }));
        }
        if draft.expires_at.is_some() || draft.change_password.is_some() {
            batch.push(put_conditions(&conditions(cx, id, &draft)));
        }
        for group_id in &draft.groups {
            let row = GroupMemberRow { tenant_id: user.tenant_id, group_id: *group_id, user_id: id, created_at: cx.now };
            batch.push(put(row.insert()));
        }
        for one in &draft.memberships {
            self.get_application(cx, one.application).await?;
            let roles = one.roles.as_deref();
            for statement in self.join_statements(cx, actor, id, one.application, roles, one.data.clone()).await? {
                batch.push(statement);
            }
        }
        if let Some(extension) = &draft.extension {
            batch.push(extension.statement(cx, id.0));
        }
        let event = Event::new("user.created").user(id).actor(actor).with("password", draft.password.is_some());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(Person { user, identifiers: rows })
    }

    /// Makes a user what the draft says. The identifier of a kind that the draft leaves out goes; further ones that the person
    /// added stay. A password that is not named stays.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_user(&self, cx: &Cx, actor: &str, id: UserId, draft: UserDraft) -> Result<Person, DirectoryError> {
        let before = self.get_user(cx, id).await?;
        let wanted = self.check_draft(cx, &draft)?;
        let mut batch = Batch::new().with(before.user.unchanged());
        let mut email_changed = false;
        for kind in [IdentifierKind::Email, IdentifierKind::Username, IdentifierKind::Phone] {
            let have = before.identifiers.iter().find(|i| i.kind == kind.as_str() && i.is_primary);
            let want = wanted.iter().find(|(i, _)| i.kind == kind);
            match (have, want) {
                (Some(have), Some((want, verified))) if have.normal == want.normal => {
                    let mut row = have.clone();
                    row.value.clone_from(&want.value);
                    if *verified && row.verified_at.is_none() {
                        row.verified_at = Some(cx.now);
                    }
                    if row != *have {
                        batch.push(row.update());
                    }
                }
                (have, want) => {
                    if let Some(have) = have {
                        batch.push(have.delete());
                    }
                    if let Some((want, verified)) = want {
                        // An address that the person added besides becomes the first one.
                        match before.identifiers.iter().find(|i| i.kind == kind.as_str() && i.normal == want.normal) {
                            Some(other) => {
                                let mut row = other.clone();
                                row.is_primary = true;
                                batch.push(row.update());
                            }
                            None => {
                                self.must_be_free(cx, want).await?;
                                batch.push(identifier_row(cx, id, want.clone(), *verified, true).insert());
                            }
                        }
                    }
                    email_changed |= kind == IdentifierKind::Email && (have.is_some() || want.is_some());
                }
            }
        }
        let row = UserRow {
            name: draft.document.name.clone(),
            profile: Json(draft.document.profile.clone()),
            updated_at: revised_at(before.user.updated_at, cx.now),
            ..before.user.clone()
        };
        batch.push(users::update_profile(&row));
        let was_blocked = before.user.status == users::BLOCKED;
        if was_blocked != draft.blocked {
            batch.push(users::set_status(cx.tenant_id(), id, status(draft.blocked), row.updated_at));
            let name = if draft.blocked { "user.blocked" } else { "user.unblocked" };
            batch.push(Event::new(name).user(id).actor(actor).statement(cx));
            if draft.blocked {
                for one in self.end_everything(cx, id, "user_blocked").await? {
                    batch.push(one);
                }
            }
        }
        batch.push(put_conditions(&conditions(cx, id, &draft)));
        if let Some(password) = draft.password.clone() {
            let hash = match password {
                DraftPassword::Plain(plain) => self.hash_password(&plain).await?,
                DraftPassword::Hash(hash) => hash,
            };
            batch.push(users::put_password(&PasswordRow { user_id: id, tenant_id: cx.tenant_id(), hash, changed_at: cx.now }));
            if draft.change_password.is_none() {
                batch.push(password_was_changed(cx.tenant_id(), id));
            }
            batch.push(Event::new("password.changed").user(id).actor(actor).statement(cx));
        }
        if let Some(extension) = &draft.extension {
            batch.push(extension.statement(cx, id.0));
        }
        if email_changed {
            batch.push(Event::new("user.email_changed").user(id).actor(actor).statement(cx));
        }
        self.store.commit(batch.with(Event::new("user.updated").user(id).actor(actor).statement(cx))).await?;
        self.get_user(cx, id).await
    }

    fn check_draft(&self, cx: &Cx, draft: &UserDraft) -> Result<Vec<(Identifier, bool)>, DirectoryError> {
        let mut problems = Problems::default();
        draft.document.check(&mut problems);
        problems.must(!draft.identifiers.is_empty(), "email", "an e-mail address, a user name or a phone number must be given");
        let mut out: Vec<(Identifier, bool)> = Vec::new();
        for one in &draft.identifiers {
            match one.parse() {
                Ok(identifier) if out.iter().any(|(i, _)| i.kind == identifier.kind) => {
                    problems.add(one.field(), "must be given once");
                }
                Ok(identifier) => out.push((identifier, one.verified)),
                Err(message) => problems.add(one.field(), message),
            }
        }
        if let Some(DraftPassword::Plain(plain)) = &draft.password {
            self.check_password(cx, &mut problems, plain, &draft.document, out.iter().map(|(i, _)| i));
        }
        problems.finish()?;
        Ok(out)
    }
}

fn status(blocked: bool) -> &'static str {
    if blocked { users::BLOCKED } else { users::ACTIVE }
}

fn conditions(cx: &Cx, user_id: UserId, draft: &UserDraft) -> ConditionRow {
    ConditionRow {
        user_id,
        tenant_id: cx.tenant_id(),
        expires_at: draft.expires_at,
        change_password: draft.change_password.clone(),
        // Kept by the statement where there is a row already.
        suspended_until: None,
    }
}
