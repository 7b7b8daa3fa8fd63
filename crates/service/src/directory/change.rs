//! A user changed in many respects at once, in one transaction.

use super::document::{json, patched, read};
use super::field::Problems;
use super::identifiers::identifier_row;
use super::users::check_metadata;
use super::{Change, DirectoryError, UserDocument, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_store::Json;
use doorward_store::administrators::{keeps_owner, lock_administrators};
use doorward_store::conditions::password_was_changed;
use doorward_store::directory::{delete_metadata, put_metadata};
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use doorward_store::users::{self, IdentifierRow, PasswordRow, Person, UserRow};
use serde_json::Value;

/// What is changed of the primary identifier of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentifierChange {
    /// Which kind.
    pub kind: IdentifierKind,
    /// Another value, or none any more; nothing said keeps it.
    pub value: Option<Option<String>>,
    /// Whether it counts as proven; nothing said: as before, and no for a new value.
    pub verified: Option<bool>,
}

/// A value of metadata that is set, or goes.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataChange {
    /// Whose.
    pub namespace: &'static str,
    /// Which.
    pub key: String,
    /// What it becomes.
    pub value: Option<Value>,
}

/// What is changed of a user. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A merge patch on name and profile.
    pub patch: Option<Value>,
    /// Identifiers, each kind once.
    pub identifiers: Vec<IdentifierChange>,
    /// Whether they may not sign in. Whoever is blocked loses sessions and refresh tokens.
    pub blocked: Option<bool>,
    /// A new password.
    pub password: Option<String>,
    /// Metadata.
    pub metadata: Vec<MetadataChange>,
}

/// Most values that a user has in a namespace.
const MOST_KEYS: usize = 200;

impl Service {
    /// Changes a user in many respects, all of them or none.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn change_user(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        change: &UserChange,
    ) -> Result<Change<Person>, DirectoryError> {
        again!(self.change_user_once(cx, actor, id, change))
    }

    async fn change_user_once(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        change: &UserChange,
    ) -> Result<Change<Person>, DirectoryError> {
        let tenant = cx.tenant_id();
        if change.password.is_some() || change.blocked.is_some() || !change.identifiers.is_empty() {
            self.may_change_account(cx, actor, id, "change").await?;
        }
        let before = self.get_user(cx, id).await?;
        let mut problems = Problems::default();
        let (document, mut fields) = self.changed_document(&before, change, &mut problems)?;
        let identifiers = self.changed_identifiers(cx, &before, change, &mut problems).await?;
        self.check_kept(cx, id, change, &mut problems).await?;
        if let Some(plain) = &change.password {
            let known: Vec<Identifier> = identifiers.iter().filter_map(|(_, row)| row.as_ref().map(as_identifier)).collect();
            self.check_password(cx, &mut problems, plain, &document, known.iter());
        }
        problems.finish()?;

        let mut batch = Batch::new().with(before.user.unchanged());
        let mut after = before.user.clone();
        (after.name, after.profile) = (document.name, Json(document.profile));
        for (old, new) in &identifiers {
            match (old, new) {
                (Some(old), Some(new)) if old == new => continue,
                (Some(old), Some(new)) if old.normal == new.normal => batch.push(new.update()),
                (old, new) => {
                    if let Some(old) = old {
                        batch.push(old.delete());
                    }
                    if let Some(new) = new {
                        match before.identifiers.iter().any(|other| other.id == new.id) {
                            true => batch.push(new.update()),
                            false => batch.push(new.insert()),
                        }
                    }
                }
            }
            let kind = old.as_ref().or(new.as_ref()).map(|row| row.kind.clone()).unwrap_or_default();
            let moved = old.as_ref().map(|r| &r.normal) != new.as_ref().map(|r| &r.normal);
            if kind == IdentifierKind::Email.as_str() && moved {
                batch.push(Event::new("user.email_changed").user(id).actor(actor).statement(cx));
            }
            fields.push(kind);
        }
        for one in &change.metadata {
            batch.push(match &one.value {
                Some(value) => put_metadata(tenant, one.namespace, id.0, &one.key, value),
                None => delete_metadata(tenant, one.namespace, id.0, &one.key),
            });
            if !fields.iter().any(|field| field == one.namespace) {
                fields.push(one.namespace.to_owned());
            }
        }
        let was_blocked = before.user.status == users::BLOCKED;
        let turned = change.blocked.filter(|blocked| *blocked != was_blocked);
        if fields.is_empty() && turned.is_none() && change.password.is_none() {
            return Ok(Change { row: before, changed: false });
        }
        after.updated_at = revised_at(before.user.updated_at, cx.now);
        batch.push(users::update_profile(&after));
        let owner = turned == Some(true) && self.administrator(cx, id).await? == Some(AdminRole::Owner);
        if owner {
            batch.push(lock_administrators(tenant));
        }
        if let Some(blocked) = turned {
            let (status, name) = if blocked { (users::BLOCKED, "user.blocked") } else { (users::ACTIVE, "user.unblocked") };
            batch.push(users::set_status(tenant, id, status, after.updated_at));
            batch.push(Event::new(name).user(id).actor(actor).statement(cx));
            if blocked {
                for one in self.end_everything(cx, id, "user_blocked").await? {
                    batch.push(one);
                }
            }
        }
        if owner {
            batch.push(keeps_owner(tenant));
        }
        if let Some(plain) = &change.password {
            let hash = self.hash_password(plain).await?;
            batch.push(users::put_password(&PasswordRow { user_id: id, tenant_id: tenant, hash, changed_at: cx.now }));
            batch.push(password_was_changed(tenant, id));
            batch.push(Event::new("password.changed").user(id).actor(actor).statement(cx));
            for one in self.end_everything(cx, id, "password_changed").await? {
                batch.push(one);
            }
        }
        if !fields.is_empty() {
            batch.push(Event::new("user.updated").user(id).actor(actor).with("fields", fields).statement(cx));
        }
        self.store.commit(batch).await?;
        Ok(Change { row: self.get_user(cx, id).await?, changed: true })
    }

    fn changed_document(
        &self,
        before: &Person,
        change: &UserChange,
        problems: &mut Problems,
    ) -> Result<(UserDocument, Vec<String>), DirectoryError> {
        let had = UserDocument::of(&before.user);
        let Some(patch) = &change.patch else { return Ok((had, Vec::new())) };
        let (after, fields) = patched(json(&had)?, patch)?;
        let document: UserDocument = read(after)?;
        document.check(problems);
        Ok((document, fields))
    }

    /// Each kind that is named: its primary identifier as it was and as it will be.
    async fn changed_identifiers(
        &self,
        cx: &Cx,
        before: &Person,
        change: &UserChange,
        problems: &mut Problems,
    ) -> Result<Vec<(Option<IdentifierRow>, Option<IdentifierRow>)>, DirectoryError> {
        let mut out = Vec::new();
        let mut left = before.identifiers.len();
        for one in &change.identifiers {
            let field = one.kind.as_str();
            let have = before.primary(one.kind).cloned();
            let new = match &one.value {
                None => have.clone(),
                Some(None) => None,
                Some(Some(text)) => match Identifier::of_kind(one.kind, text) {
                    Err(error) => {
                        problems.add(field, error.to_string());
                        continue;
                    }
                    Ok(identifier) => {
                        let other = before.identifiers.iter().find(|i| i.kind == field && i.normal == identifier.normal);
                        match other {
                            Some(same) => Some(IdentifierRow { value: identifier.value, is_primary: true, ..same.clone() }),
                            None => {
                                self.must_be_free(cx, &identifier).await?;
                                let user: &UserRow = &before.user;
                                Some(identifier_row(cx, user.id, identifier, false, true))
                            }
                        }
                    }
                },
            };
            let new = new.map(|mut row| {
                match one.verified {
                    Some(true) => row.verified_at = row.verified_at.or(Some(cx.now)),
                    Some(false) if one.kind != IdentifierKind::Username => row.verified_at = None,
                    Some(false) | None => {}
                }
                row
            });
            if have.is_some() && new.is_none() {
                left -= 1;
            }
            if have.is_none() && new.is_some() {
                left += 1;
            }
            out.push((have, new));
        }
        problems.must(left > 0, "email", "an e-mail address, a user name or a phone number must be left");
        Ok(out)
    }

    async fn check_kept(&self, cx: &Cx, id: UserId, change: &UserChange, problems: &mut Problems) -> Result<(), DirectoryError> {
        for one in &change.metadata {
            if let Some(value) = &one.value {
                check_metadata(problems, &one.key, value);
            }
        }
        let mut namespaces: Vec<&str> = change.metadata.iter().map(|one| one.namespace).collect();
        namespaces.dedup();
        for namespace in namespaces {
            let mut keys: Vec<String> =
                self.store.metadata(cx.tenant_id(), namespace, id.0).await?.into_iter().map(|(key, _)| key).collect();
            for one in change.metadata.iter().filter(|one| one.namespace == namespace) {
                keys.retain(|key| *key != one.key);
                if one.value.is_some() {
                    keys.push(one.key.clone());
                }
            }
            problems.must(keys.len() <= MOST_KEYS, "metadata", "must have at most 200 keys");
        }
        Ok(())
    }
}

fn as_identifier(row: &IdentifierRow) -> Identifier {
    let kind = IdentifierKind::parse(&row.kind).unwrap_or(IdentifierKind::Email);
    Identifier { kind, value: row.value.clone(), normal: row.normal.clone() }
}
