//! Passkeys of users, as an administrator sees them.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::ids::{PasskeyId, UserId};
use doorward_store::engine::Batch;
use doorward_store::passkeys::{self, PasskeyRow};

impl Service {
    /// The passkeys of a user, oldest first.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_user_passkeys(&self, cx: &Cx, user: UserId) -> Result<Vec<PasskeyRow>, DirectoryError> {
        self.get_user(cx, user).await?;
        Ok(self.store.passkeys(cx.tenant_id(), user).await?)
    }

    /// Takes passkeys over that were made elsewhere, all of them or none.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn import_passkeys(&self, cx: &Cx, actor: &str, rows: Vec<PasskeyRow>) -> Result<(), DirectoryError> {
        let mut batch = Batch::new();
        for row in rows {
            let event = Event::new("passkey.imported").user(row.user_id).actor(actor).with("passkey", row.id.to_string());
            batch.push(row.insert());
            batch.push(event.statement(cx));
        }
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_unique("passkey") => {
                Err(DirectoryError::conflict("credentials", "a passkey with this credential id exists"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a passkey of a user another name.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn rename_user_passkey(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        id: PasskeyId,
        name: &str,
    ) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        problems.text("name", name, 200);
        problems.finish()?;
        self.get_user(cx, user).await?;
        let event = Event::new("passkey.renamed").user(user).actor(actor).with("passkey", id.to_string());
        let batch = Batch::new().with(passkeys::rename(cx.tenant_id(), user, id, name)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }

    /// Deletes a passkey of a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_user_passkey(&self, cx: &Cx, actor: &str, user: UserId, id: PasskeyId) -> Result<(), DirectoryError> {
        self.get_user(cx, user).await?;
        let event = Event::new("passkey.deleted").user(user).actor(actor).with("passkey", id.to_string());
        let batch = Batch::new().with(passkeys::delete(cx.tenant_id(), user, id)).with(event.statement(cx));
        self.store.commit(batch).await?;
        Ok(())
    }
}
