//! Identifiers of users: e-mail addresses, user names, phone numbers.

use super::DirectoryError;
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{IdentifierId, UserId};
use doorward_store::engine::Batch;
use doorward_store::users::{IdentifierRow, make_primary};

/// Most identifiers of one user.
const MOST_IDENTIFIERS: usize = 100;

/// An identifier to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIdentifier {
    /// What kind it is.
    pub kind: IdentifierKind,
    /// As written.
    pub value: String,
    /// Whether it counts as proven.
    pub verified: bool,
}

impl NewIdentifier {
    /// An e-mail address.
    pub fn email(value: impl Into<String>, verified: bool) -> Self {
        Self { kind: IdentifierKind::Email, value: value.into(), verified }
    }

    pub(super) fn parse(&self) -> Result<Identifier, String> {
        Identifier::of_kind(self.kind, &self.value).map_err(|e| e.to_string())
    }

    /// The field that this kind stands in.
    pub(super) fn field(&self) -> &'static str {
        field_of(self.kind)
    }
}

fn field_of(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Email => "email",
        IdentifierKind::Username => "username",
        IdentifierKind::Phone => "phone_number",
    }
}

pub(super) fn identifier_row(
    cx: &Cx,
    user_id: UserId,
    identifier: Identifier,
    verified: bool,
    is_primary: bool,
) -> IdentifierRow {
    IdentifierRow {
        id: IdentifierId(new_id(cx.now)),
        tenant_id: cx.tenant_id(),
        user_id,
        kind: identifier.kind.as_str().to_owned(),
        value: identifier.value,
        normal: identifier.normal,
        // A user name has nothing to prove: whoever has it, has it.
        verified_at: (verified || identifier.kind == IdentifierKind::Username).then_some(cx.now),
        is_primary,
        created_at: cx.now,
    }
}

impl Service {
    pub(super) async fn must_be_free(&self, cx: &Cx, identifier: &Identifier) -> Result<(), DirectoryError> {
        if self.store.identifier(cx.tenant_id(), identifier).await?.is_none() {
            return Ok(());
        }
        let words = match identifier.kind {
            IdentifierKind::Email => "a user with this e-mail address exists",
            IdentifierKind::Username => "a user with this user name exists",
            IdentifierKind::Phone => "a user with this phone number exists",
        };
        Err(DirectoryError::conflict(field_of(identifier.kind), words))
    }

    /// Adds an identifier to a user; the first of its kind, or one that asks for it, becomes the primary one.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn add_identifier(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        new: &NewIdentifier,
        primary: bool,
    ) -> Result<IdentifierRow, DirectoryError> {
        self.may_change_account(cx, actor, user, "add_identifier").await?;
        let person = self.get_user(cx, user).await?;
        let identifier = new.parse().map_err(|message| DirectoryError::invalid("value", message))?;
        if person.identifiers.len() >= MOST_IDENTIFIERS {
            return Err(DirectoryError::conflict("value", "a user can have at most 100 identifiers"));
        }
        self.must_be_free(cx, &identifier).await?;
        let kind = identifier.kind;
        let first = person.primary(kind).is_none();
        let row = identifier_row(cx, user, identifier, new.verified, first);
        let mut batch = Batch::new().with(row.insert());
        if primary && !first {
            for one in make_primary(cx.tenant_id(), user, kind.as_str(), row.id) {
                batch.push(one);
            }
        }
        let event = Event::new("identifier.added")
            .user(user)
            .actor(actor)
            .with("kind", kind.as_str())
            .with("identifier", row.id.to_string());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(IdentifierRow { is_primary: first || primary, ..row })
    }

    /// Marks an identifier as proven or not, or makes it the primary one of its kind.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn change_identifier(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        id: IdentifierId,
        verified: Option<bool>,
        primary: bool,
    ) -> Result<IdentifierRow, DirectoryError> {
        self.may_change_account(cx, actor, user, "change_identifier").await?;
        let person = self.get_user(cx, user).await?;
        let before = person.identifiers.into_iter().find(|i| i.id == id);
        let before = before.ok_or(DirectoryError::NotFound { noun: "identifier" })?;
        let mut row = before.clone();
        match verified {
            Some(true) => row.verified_at = row.verified_at.or(Some(cx.now)),
            Some(false) => row.verified_at = None,
            None => {}
        }
        row.is_primary |= primary;
        if row == before {
            return Ok(row);
        }
        let mut batch = Batch::new();
        if primary {
            for one in make_primary(cx.tenant_id(), user, &row.kind, id) {
                batch.push(one);
            }
        }
        let event = Event::new("identifier.changed")
            .user(user)
            .actor(actor)
            .with("kind", row.kind.as_str())
            .with("identifier", id.to_string())
            .with("verified", row.verified_at.is_some())
            .with("primary", row.is_primary);
        self.store.commit(batch.with(row.update()).with(event.statement(cx))).await?;
        Ok(row)
    }

    /// Takes an identifier from a user. The last one stays: nobody could sign in to the account or find it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_identifier(&self, cx: &Cx, actor: &str, user: UserId, id: IdentifierId) -> Result<(), DirectoryError> {
        self.may_change_account(cx, actor, user, "remove_identifier").await?;
        let mut others = self.get_user(cx, user).await?.identifiers;
        let at = others.iter().position(|i| i.id == id).ok_or(DirectoryError::NotFound { noun: "identifier" })?;
        let row = others.remove(at);
        if others.is_empty() {
            return Err(DirectoryError::conflict("identifier", "this is the user's last identifier; add another one first"));
        }
        let mut batch = Batch::new().with(row.delete());
        // A proven address inherits before one that nobody has proven.
        let heir = others.iter().filter(|i| i.kind == row.kind).min_by_key(|i| (i.verified_at.is_none(), i.id));
        if let Some(heir) = heir.filter(|_| row.is_primary) {
            for one in make_primary(cx.tenant_id(), user, &row.kind, heir.id) {
                batch.push(one);
            }
        }
        let event = Event::new("identifier.removed")
            .user(user)
            .actor(actor)
            .with("kind", row.kind.as_str())
            .with("identifier", id.to_string());
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(())
    }
}
