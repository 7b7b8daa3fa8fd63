//! Administrators: users of a tenant who may run it (`protocol::admin` says how far).

use super::{DirectoryError, Invitation, NewIdentifier, NewUser, UserDocument};
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::administrators::{AdministratorRow, keeps_owner, lock_administrators, put_administrator};
use doorward_store::engine::Batch;
use doorward_store::users::{BLOCKED, Person};

/// An administrator.
#[derive(Debug, Clone)]
pub struct Administrator {
    /// Who.
    pub person: Person,
    /// How far they may go.
    pub role: AdminRole,
    /// Since.
    pub since: Timestamp,
}

impl Service {
    /// What a user may do here; `None` for everybody who is no administrator.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn administrator(&self, cx: &Cx, user: UserId) -> Result<Option<AdminRole>, DirectoryError> {
        let row = self.store.administrator(cx.tenant_id(), user).await?;
        // A word that this binary does not know gives no right.
        Ok(row.and_then(|row| AdminRole::parse(&row.role)))
    }

    /// Administrators of the tenant, the longest-serving first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_administrators(&self, cx: &Cx) -> Result<Vec<Administrator>, DirectoryError> {
        let mut all = Vec::new();
        for row in self.store.administrators(cx.tenant_id()).await? {
            let person = self.store.person(cx.tenant_id(), row.user_id).await?;
            if let (Some(person), Some(role)) = (person, AdminRole::parse(&row.role)) {
                all.push(Administrator { person, role, since: row.created_at });
            }
        }
        Ok(all)
    }

    /// Makes a user an administrator or changes what one may do; the answer says whether anything changed. The last owner stays one,
    /// and nobody becomes one who could not sign in: a tenant would have an owner and yet nobody to run it.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_administrator(&self, cx: &Cx, actor: &str, user: UserId, role: AdminRole) -> Result<bool, DirectoryError> {
        self.may_appoint(cx, actor, Some(user)).await?;
        let person = self.get_user(cx, user).await?;
        let before = self.store.administrator(cx.tenant_id(), user).await?;
        if before.as_ref().is_some_and(|b| b.role == role.as_str()) {
            return Ok(false);
        }
        if role == AdminRole::Owner {
            let conditions = self.user_conditions(cx, user).await?;
            // An end that is still to come would leave the tenant without an owner on that day.
            if person.user.status == BLOCKED || conditions.suspended_until.is_some() || conditions.expires_at.is_some() {
                let message = "this person cannot sign in, or only for a while: unblock them, lift what keeps them out and take \
                               the end of the account away first";
                return Err(DirectoryError::conflict("role", message));
            }
        }
        let before_role = before.as_ref().map(|b| b.role.clone());
        let was_owner = before.as_ref().is_some_and(|b| b.role == AdminRole::Owner.as_str());
        let row = AdministratorRow {
            tenant_id: cx.tenant_id(),
            user_id: user,
            role: role.as_str().into(),
            created_at: before.map_or(cx.now, |b| b.created_at),
            updated_at: cx.now,
        };
        let mut event = Event::new("administrator.set").user(user).actor(actor).with("role", role.as_str());
        if let Some(before) = before_role {
            event = event.with("role_before", before);
        }
        let mut batch =
            Batch::new().with(lock_administrators(cx.tenant_id())).with(put_administrator(&row)).with(event.statement(cx));
        if was_owner {
            batch.push(keeps_owner(cx.tenant_id()));
        }
        self.store.commit(batch).await?;
        Ok(true)
    }

    /// Makes somebody an administrator by address. Who has no account yet gets one, and a link into it by mail. Whoever signs up can
    /// type any address, so the account that has it is taken only where the address was proven.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn invite_administrator(
        &self,
        cx: &Cx,
        actor: &str,
        email: &str,
        name: Option<String>,
        role: AdminRole,
    ) -> Result<UserId, DirectoryError> {
        self.may_appoint(cx, actor, None).await?;
        let address = Identifier::email(email).map_err(|error| DirectoryError::invalid("email", error.to_string()))?;
        if let Some(known) = self.store.identifier(cx.tenant_id(), &address).await? {
            // To say again what is so gives nobody anything.
            let is_so = self.administrator(cx, known.user_id).await? == Some(role);
            if known.verified_at.is_none() && !is_so {
                let message = "nobody has proven this address yet: the account that has it may be somebody else's";
                return Err(DirectoryError::conflict("email", message));
            }
            self.put_administrator(cx, actor, known.user_id, role).await?;
            return Ok(known.user_id);
        }
        let new = NewUser {
            document: UserDocument { name, ..UserDocument::default() },
            identifiers: vec![NewIdentifier::email(email, false)],
            ..NewUser::default()
        };
        let user = self.create_user(cx, actor, new).await?.user.id;
        self.put_administrator(cx, actor, user, role).await?;
        self.send_sign_in_link(cx, actor, user, Invitation::Welcome).await?;
        Ok(user)
    }

    /// Takes a user's place as administrator away. The last owner stays.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn remove_administrator(&self, cx: &Cx, actor: &str, user: UserId) -> Result<(), DirectoryError> {
        self.may_appoint(cx, actor, Some(user)).await?;
        let row = self.store.administrator(cx.tenant_id(), user).await?;
        let row = row.ok_or(DirectoryError::NotFound { noun: "administrator" })?;
        let event = Event::new("administrator.removed").user(user).actor(actor).with("role", row.role.as_str());
        let mut batch = Batch::new().with(lock_administrators(cx.tenant_id())).with(row.delete()).with(event.statement(cx));
        if row.role == AdminRole::Owner.as_str() {
            batch.push(keeps_owner(cx.tenant_id()));
        }
        self.store.commit(batch).await?;
        Ok(())
    }
}
