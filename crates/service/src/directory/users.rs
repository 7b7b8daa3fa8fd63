//! Users: made, found, changed, blocked and deleted by an administrator.

use super::document::{json, patched, read};
use super::field::{Problems, has_nul};
use super::identifiers::{NewIdentifier, identifier_row};
use super::{Change, DirectoryError, again, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::password::{self, Lack, PasswordProblem};
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{GroupId, RoleId, SessionId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_store::administrators::{keeps_owner, lock_administrators};
use doorward_store::conditions::{password_was_changed, require_password_change};
use doorward_store::directory::{GroupMemberRow, UserRoleRow, delete_aliases, delete_all_metadata, put, put_alias, put_metadata};
use doorward_store::engine::{Batch, Statement};
use doorward_store::revision::Revised as _;
use doorward_store::users::{self, PasswordRow, Person, UserRow};
use doorward_store::{Json, Page, grants, sessions};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What can be set of a user, besides what has a list of its own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserDocument {
    /// Full name.
    #[serde(default)]
    pub name: Option<String>,
    /// Everything else that OpenID Connect has a name for.
    #[serde(default)]
    pub profile: Profile,
}

/// A user to be made.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// Name and profile.
    pub document: UserDocument,
    /// Identifiers, at least one; the first of each kind is the primary one.
    pub identifiers: Vec<NewIdentifier>,
    /// A password; it waits when the tenant's policy has no passwords yet.
    pub password: Option<String>,
    /// Roles.
    pub roles: Vec<RoleId>,
    /// Groups.
    pub groups: Vec<GroupId>,
    /// May be made without any identifier: the caller adds them next.
    pub without_identifier: bool,
    /// Counts as active only from the first sign-in on.
    pub pending: bool,
    /// May not sign in.
    pub blocked: bool,
    /// Outward ids by namespace: what applications call the user.
    pub aliases: BTreeMap<String, String>,
    /// Values by namespace and key.
    pub metadata: BTreeMap<String, BTreeMap<String, Value>>,
}

/// Longest metadata value as JSON.
const LONGEST_METADATA: usize = 64 * 1024;

/// Whether a value of metadata may be kept under a key.
pub(super) fn check_metadata(problems: &mut Problems, key: &str, value: &Value) {
    let fits = (1..=200).contains(&key.len()) && value.to_string().len() <= LONGEST_METADATA;
    problems.must(fits, "metadata", "must have keys of 1 to 200 bytes and values of at most 64 KiB");
    problems.must(!key.contains('\0') && !has_nul(value), "metadata", "must not contain the character NUL");
}

/// What a user is called outside, and what is kept of them.
pub(super) fn check_outward(
    problems: &mut Problems,
    aliases: &BTreeMap<String, String>,
    metadata: &BTreeMap<String, BTreeMap<String, Value>>,
) {
    problems.must(aliases.len() <= 10, "aliases", "must have at most 10 entries");
    let fits = |text: &str| (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
    for (namespace, outward) in aliases {
        problems.must(fits(namespace) && fits(outward), "aliases", "must be texts of 1 to 255 bytes");
    }
    problems.must(metadata.values().map(BTreeMap::len).sum::<usize>() <= 200, "metadata", "must have at most 200 keys");
    for (key, value) in metadata.values().flatten() {
        check_metadata(problems, key, value);
    }
}

impl UserDocument {
    /// The document of a row.
    pub fn of(row: &UserRow) -> Self {
        Self { name: row.name.clone(), profile: row.profile.0.clone() }
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        if let Some(name) = &self.name {
            problems.text("name", name, 200);
        }
        let p = &self.profile;
        for (field, text, most) in [
            ("profile.name", &p.name, 200),
            ("profile.given_name", &p.given_name, 200),
            ("profile.family_name", &p.family_name, 200),
            ("profile.middle_name", &p.middle_name, 200),
            ("profile.nickname", &p.nickname, 200),
            ("profile.preferred_username", &p.preferred_username, 200),
            ("profile.gender", &p.gender, 100),
            ("profile.zoneinfo", &p.zoneinfo, 64),
            ("profile.locale", &p.locale, 35),
        ] {
            if let Some(text) = text {
                problems.text(field, text, most);
            }
        }
        problems.web_address("profile.profile", p.profile.as_deref());
        problems.web_address("profile.picture", p.picture.as_deref());
        problems.web_address("profile.website", p.website.as_deref());
        if let Some(date) = &p.birthdate {
            problems.must(birthdate_ok(date), "profile.birthdate", "must be a date as YYYY-MM-DD, or a year");
        }
        if let Some(address) = &p.address {
            let ok = address.is_object() && address.to_string().len() <= 4096;
            problems.must(ok, "profile.address", "must be an object of at most 4096 characters");
            problems.must(!has_nul(address), "profile.address", "must not contain the character NUL");
        }
    }
}

/// OpenID Connect Core, section 5.1: `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
fn birthdate_ok(text: &str) -> bool {
    let number = |part: &str, len: usize| if part.len() == len { part.parse::<u16>().ok() } else { None };
    let mut parts = text.split('-');
    let year = parts.next().and_then(|y| number(y, 4));
    match (year, parts.next(), parts.next(), parts.next()) {
        (Some(_), None, None, None) => true,
        (Some(_), Some(month), Some(day), None) => {
            number(month, 2).is_some_and(|m| (1..=12).contains(&m)) && number(day, 2).is_some_and(|d| (1..=31).contains(&d))
        }
        _ => false,
    }
}

impl Service {
    /// Makes a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_user(&self, cx: &Cx, actor: &str, new: NewUser) -> Result<Person, DirectoryError> {
        let mut problems = Problems::default();
        new.document.check(&mut problems);
        problems.must(
            new.without_identifier || !new.identifiers.is_empty(),
            "email",
            "an e-mail address, a user name or a phone number must be given",
        );
        problems.must(new.identifiers.len() <= 20, "identifiers", "must have at most 20 entries");
        let mut identifiers: Vec<(Identifier, bool)> = Vec::new();
        for one in &new.identifiers {
            match one.parse() {
                Ok(identifier) => identifiers.push((identifier, one.verified)),
                Err(message) => problems.add(one.field(), message),
            }
        }
        if let Some(plain) = &new.password {
            self.check_password(cx, &mut problems, plain, &new.document, identifiers.iter().map(|(i, _)| i));
        }
        for (n, role) in new.roles.iter().enumerate() {
            problems.must(self.store.role(cx.tenant_id(), *role).await?.is_some(), &format!("role_ids[{n}]"), "no such role");
        }
        for (n, group) in new.groups.iter().enumerate() {
            let known = self.store.group(cx.tenant_id(), *group).await?.is_some();
            problems.must(known, &format!("group_ids[{n}]"), "no such group");
        }
        check_outward(&mut problems, &new.aliases, &new.metadata);
        problems.finish()?;
        for (identifier, _) in &identifiers {
            self.must_be_free(cx, identifier).await?;
        }
        for (namespace, outward) in &new.aliases {
            if self.store.by_alias(cx.tenant_id(), namespace, outward).await?.is_some() {
                return Err(DirectoryError::conflict("id", "a user with this id exists"));
            }
        }
        let status = match (new.blocked, new.pending) {
            (true, _) => users::BLOCKED,
            (false, true) => users::PENDING,
            (false, false) => users::ACTIVE,
        };
        let user = UserRow {
            id: UserId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            status: status.into(),
            name: new.document.name,
            profile: Json(new.document.profile),
            passkey_declined_at: None,
            last_sign_in_at: None,
            sign_in_count: 0,
            created_at: cx.now,
            updated_at: cx.now,
        };
        let mut batch = Batch::new().with(user.insert());
        let mut rows = Vec::new();
        for (identifier, verified) in identifiers {
            let primary = !rows.iter().any(|r: &users::IdentifierRow| r.kind == identifier.kind.as_str());
            let row = identifier_row(cx, user.id, identifier, verified, primary);
            batch.push(row.insert());
            rows.push(row);
        }
        if let Some(plain) = &new.password {
            let hash = self.hash_password(plain).await?;
            let row = PasswordRow { user_id: user.id, tenant_id: user.tenant_id, hash, changed_at: cx.now };
            batch.push(row.insert());
        }
        for role_id in new.roles {
            batch.push(put(UserRoleRow { tenant_id: user.tenant_id, user_id: user.id, role_id }.insert()));
        }
        for group_id in new.groups {
            let row = GroupMemberRow { tenant_id: user.tenant_id, group_id, user_id: user.id, created_at: cx.now };
            batch.push(put(row.insert()));
        }
        for (namespace, outward) in &new.aliases {
            batch.push(put_alias(user.tenant_id, namespace, outward, user.id.0));
        }
        for (namespace, values) in &new.metadata {
            for (key, value) in values {
                batch.push(put_metadata(user.tenant_id, namespace, user.id.0, key, value));
            }
        }
        let event = Event::new("user.created").user(user.id).actor(actor).with("password", new.password.is_some());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(Person { user, identifiers: rows })
    }

    /// A user with identifiers.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn get_user(&self, cx: &Cx, id: UserId) -> Result<Person, DirectoryError> {
        self.store.person(cx.tenant_id(), id).await?.ok_or(DirectoryError::NotFound { noun: "user" })
    }

    /// Users, oldest first; with `search`, those one of whose identifiers begins with it.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_users(
        &self,
        cx: &Cx,
        search: Option<&str>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Page<Person>, DirectoryError> {
        let page = self.store.users(cx.tenant_id(), search, after, limit).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for user in page.items {
            let identifiers = self.store.identifiers(cx.tenant_id(), user.id).await?;
            items.push(Person { user, identifiers });
        }
        Ok(Page { items, next: page.next })
    }

    /// Changes name and profile by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_user(&self, cx: &Cx, actor: &str, id: UserId, patch: &Value) -> Result<Change<UserRow>, DirectoryError> {
        again!(self.patch_user_once(cx, actor, id, patch))
    }

    async fn patch_user_once(&self, cx: &Cx, actor: &str, id: UserId, patch: &Value) -> Result<Change<UserRow>, DirectoryError> {
        let before = self.get_user(cx, id).await?.user;
        let (after, fields) = patched(json(&UserDocument::of(&before))?, patch)?;
        let document: UserDocument = read(after)?;
        let mut problems = Problems::default();
        document.check(&mut problems);
        problems.finish()?;
        let mut row = before.clone();
        (row.name, row.profile) = (document.name, Json(document.profile));
        if row == before {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let event = Event::new("user.updated").user(id).actor(actor).with("fields", fields);
        let batch = Batch::new().with(before.unchanged()).with(users::update_profile(&row)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(Change { row, changed: true })
    }

    /// Blocks a user: sessions end and refresh tokens die in the same transaction.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn block_user(&self, cx: &Cx, actor: &str, id: UserId) -> Result<bool, DirectoryError> {
        self.may_change_account(cx, actor, id, "block").await?;
        let user = self.get_user(cx, id).await?.user;
        let at = revised_at(user.updated_at, cx.now);
        let mut batch = Batch::new();
        let owner = self.administrator(cx, id).await? == Some(AdminRole::Owner);
        if owner {
            batch.push(lock_administrators(cx.tenant_id()));
        }
        if user.status != users::BLOCKED {
            batch.push(users::set_status(cx.tenant_id(), id, users::BLOCKED, at));
            batch.push(Event::new("user.blocked").user(id).actor(actor).statement(cx));
        }
        // Also for somebody who is blocked already: what was opened in the same moment is closed by a second call.
        for one in self.end_everything(cx, id, "user_blocked").await? {
            batch.push(one);
        }
        if owner {
            batch.push(keeps_owner(cx.tenant_id()));
        }
        self.store.commit(batch).await?;
        Ok(user.status != users::BLOCKED)
    }

    /// Lets a blocked user in again.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn unblock_user(&self, cx: &Cx, actor: &str, id: UserId) -> Result<bool, DirectoryError> {
        self.may_change_account(cx, actor, id, "unblock").await?;
        let user = self.get_user(cx, id).await?.user;
        if user.status == users::ACTIVE {
            return Ok(false);
        }
        let at = revised_at(user.updated_at, cx.now);
        let batch = Batch::new()
            .with(users::set_status(cx.tenant_id(), id, users::ACTIVE, at))
            .with(Event::new("user.unblocked").user(id).actor(actor).statement(cx));
        self.store.commit(batch).await?;
        Ok(true)
    }

    /// Deletes a user with everything that is theirs. Tokens die at once; audit events stay, with the user's id only.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_user(&self, cx: &Cx, actor: &str, id: UserId) -> Result<(), DirectoryError> {
        self.may_change_account(cx, actor, id, "delete").await?;
        let user = self.get_user(cx, id).await?.user;
        let mut batch = Batch::new();
        let owner = self.administrator(cx, id).await? == Some(AdminRole::Owner);
        if owner {
            batch.push(lock_administrators(cx.tenant_id()));
        }
        for one in self.end_everything(cx, id, "user_deleted").await? {
            batch.push(one);
        }
        batch.push(delete_aliases(cx.tenant_id(), id.0));
        batch.push(delete_all_metadata(cx.tenant_id(), id.0));
        batch.push(user.delete());
        batch.push(Event::new("user.deleted").user(id).actor(actor).statement(cx));
        if owner {
            batch.push(keeps_owner(cx.tenant_id()));
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Sets what a surface keeps of a user under a key of its own.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn set_user_metadata(
        &self,
        cx: &Cx,
        id: UserId,
        namespace: &str,
        key: &str,
        value: &Value,
    ) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        check_metadata(&mut problems, key, value);
        problems.finish()?;
        self.get_user(cx, id).await?;
        let put = doorward_store::directory::put_metadata(cx.tenant_id(), namespace, id.0, key, value);
        self.store.commit(Batch::new().with(put)).await?;
        Ok(())
    }

    /// Sets a user's password.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn set_user_password(&self, cx: &Cx, actor: &str, id: UserId, plain: &str) -> Result<(), DirectoryError> {
        self.write_password(cx, actor, id, plain, false).await
    }

    /// Sets a password that must be changed at the next sign-in with it: whoever set it knows it too.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn set_temporary_password(&self, cx: &Cx, actor: &str, id: UserId, plain: &str) -> Result<(), DirectoryError> {
        self.write_password(cx, actor, id, plain, true).await
    }

    async fn write_password(&self, cx: &Cx, actor: &str, id: UserId, plain: &str, temporary: bool) -> Result<(), DirectoryError> {
        self.may_change_account(cx, actor, id, "set_password").await?;
        let person = self.get_user(cx, id).await?;
        let mut problems = Problems::default();
        let known: Vec<Identifier> = person
            .identifiers
            .iter()
            .filter_map(|i| IdentifierKind::parse(&i.kind).and_then(|kind| Identifier::of_kind(kind, &i.value).ok()))
            .collect();
        self.check_password(cx, &mut problems, plain, &UserDocument::of(&person.user), known.iter());
        problems.finish()?;
        let hash = self.hash_password(plain).await?;
        let row = PasswordRow { user_id: id, tenant_id: cx.tenant_id(), hash, changed_at: cx.now };
        let event = Event::new("password.changed").user(id).actor(actor).with("temporary", temporary);
        let must = match temporary {
            true => require_password_change(cx.tenant_id(), id, Some("administrator")),
            false => password_was_changed(cx.tenant_id(), id),
        };
        let mut batch = Batch::new().with(users::put_password(&row)).with(must).with(event.statement(cx));
        // Whoever had the old one may be signed in with it.
        for one in self.end_everything(cx, id, "password_changed").await? {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Takes a user's password away.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_user_password(&self, cx: &Cx, actor: &str, id: UserId) -> Result<(), DirectoryError> {
        self.may_change_account(cx, actor, id, "delete_password").await?;
        self.get_user(cx, id).await?;
        if self.store.password(cx.tenant_id(), id).await?.is_none() {
            return Ok(());
        }
        let event = Event::new("password.deleted").user(id).actor(actor);
        let batch = Batch::new().with(users::delete_password(cx.tenant_id(), id)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// The statements that end every session and every refresh token family of a user, with the access tokens of those families.
    pub(crate) async fn end_everything(&self, cx: &Cx, id: UserId, reason: &str) -> Result<Vec<Statement>, crate::Error> {
        self.end_all_but(cx, id, None, reason).await
    }

    /// The same, but for one session.
    pub(crate) async fn end_all_but(
        &self,
        cx: &Cx,
        id: UserId,
        keeping: Option<SessionId>,
        reason: &str,
    ) -> Result<Vec<Statement>, crate::Error> {
        // A family that is begun meanwhile ends too.
        let mut out = vec![
            sessions::end_others(cx.tenant_id(), id, keeping, cx.now),
            grants::revoke_families_of_user(cx.tenant_id(), id, reason, cx.now),
        ];
        let until = cx.now.plus_seconds(super::applications::LONGEST_ACCESS_TOKEN);
        for family in self.store.refresh_families(cx.tenant_id(), id, cx.now).await? {
            out.push(grants::revoke(cx.tenant_id(), family.id.0, until));
        }
        Ok(out)
    }

    /// Whether a new password is good enough for somebody, by the tenant's policy.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn check_new_password(&self, cx: &Cx, person: &Person, plain: &str) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        let known: Vec<Identifier> = person
            .identifiers
            .iter()
            .filter_map(|i| IdentifierKind::parse(&i.kind).and_then(|kind| Identifier::of_kind(kind, &i.value).ok()))
            .collect();
        self.check_password(cx, &mut problems, plain, &UserDocument::of(&person.user), known.iter());
        problems.finish()
    }

    pub(super) fn check_password<'a>(
        &self,
        cx: &Cx,
        problems: &mut Problems,
        plain: &str,
        document: &UserDocument,
        identifiers: impl Iterator<Item = &'a Identifier>,
    ) {
        let policy = &cx.policy().password;
        // An administrator may set one before the tenant's policy lets people use it: it waits.
        let mut about: Vec<&str> = identifiers.map(|i| i.normal.as_str()).collect();
        about.extend(document.name.as_deref());
        match password::check(plain, policy, &about) {
            Ok(()) => {}
            Err(PasswordProblem::TooShort { least }) => {
                problems.add("password", format!("must have at least {least} characters"));
            }
            Err(PasswordProblem::TooLong { most }) => problems.add("password", format!("must have at most {most} characters")),
            Err(PasswordProblem::Lacks(Lack::Number)) => problems.add("password", "must have a digit"),
            Err(PasswordProblem::Lacks(Lack::MixedCase)) => problems.add("password", "must have small letters and capitals"),
            Err(PasswordProblem::Lacks(Lack::Symbol)) => {
                problems.add("password", "must have something that is neither letter nor digit");
            }
            Err(PasswordProblem::TooWeak) => problems.add("password", "is too easy to guess"),
        }
    }
}
