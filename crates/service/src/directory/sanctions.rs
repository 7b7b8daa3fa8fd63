//! Sanctions: what a moderator imposes on somebody. One that keeps its subject out ends what is open when it is imposed; until when
//! somebody is kept out is noted on the account, so that a sign-in need not read the list.

use super::DirectoryError;
use crate::audit::Event;
use crate::boxed;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::conditions::suspend;
use doorward_store::engine::Batch;
use doorward_store::sanctions::SanctionRow;
use serde_json::Value;
use uuid::Uuid;

/// No end in sight.
const FOR_GOOD: Timestamp = Timestamp(i64::MAX);

/// A sanction to impose.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSanction {
    /// Its id.
    pub id: Uuid,
    /// On whom.
    pub user: UserId,
    /// What it is, in the words of the surface that imposes it.
    pub kind: Uuid,
    /// Whether it keeps the person from signing in.
    pub prevents_sign_in: bool,
    /// What the surface says of it.
    pub detail: Value,
    /// Until when.
    pub ends_at: Option<Timestamp>,
}

impl Service {
    /// Imposes a sanction.
    ///
    /// # Errors
    /// [`DirectoryError::NotFound`] when there is no such user.
    #[boxed]
    pub async fn impose_sanction(&self, cx: &Cx, actor: &str, new: NewSanction) -> Result<SanctionRow, DirectoryError> {
        if self.store.person(cx.tenant_id(), new.user).await?.is_none() {
            return Err(DirectoryError::NotFound { noun: "user" });
        }
        let row = SanctionRow {
            id: new.id,
            tenant_id: cx.tenant_id(),
            user_id: new.user,
            kind: new.kind,
            prevents_sign_in: new.prevents_sign_in,
            detail: Json(new.detail),
            created_at: cx.now,
            updated_at: cx.now,
            ends_at: new.ends_at,
        };
        let mut batch = Batch::new().with(row.insert());
        if row.prevents_sign_in && row.lasts(cx.now) {
            for one in self.end_everything(cx, new.user, "sanctioned").await? {
                batch.push(one);
            }
        }
        self.commit_sanction(cx, actor, "user.sanctioned", row, batch).await
    }

    /// Changes when a sanction ends and what is said of it; one that ends now is lifted.
    ///
    /// # Errors
    /// [`DirectoryError::NotFound`].
    #[boxed]
    pub async fn change_sanction(
        &self,
        cx: &Cx,
        actor: &str,
        id: Uuid,
        ends_at: Option<Timestamp>,
        detail: Value,
    ) -> Result<SanctionRow, DirectoryError> {
        let Some(mut row) = self.store.sanction(cx.tenant_id(), id).await? else {
            return Err(DirectoryError::NotFound { noun: "sanction" });
        };
        row.ends_at = ends_at;
        row.detail = Json(detail);
        row.updated_at = cx.now;
        let name = if row.lasts(cx.now) { "sanction.changed" } else { "sanction.lifted" };
        let batch = Batch::new().with(row.update());
        self.commit_sanction(cx, actor, name, row, batch).await
    }

    async fn commit_sanction(
        &self,
        cx: &Cx,
        actor: &str,
        name: &'static str,
        row: SanctionRow,
        mut batch: Batch,
    ) -> Result<SanctionRow, DirectoryError> {
        let others = self.store.sanctions(cx.tenant_id(), row.user_id).await?.into_iter().filter(|other| other.id != row.id);
        let until = others
            .chain([row.clone()])
            .filter(|one| one.prevents_sign_in && one.lasts(cx.now))
            .map(|one| one.ends_at.unwrap_or(FOR_GOOD))
            .max();
        batch.push(suspend(cx.tenant_id(), row.user_id, until));
        let event = Event::new(name)
            .user(row.user_id)
            .actor(actor)
            .with("sanction", row.id.to_string())
            .with("prevents_sign_in", row.prevents_sign_in)
            .with("ends_at", row.ends_at.map(|at| at.0));
        self.store.commit(batch.with(event.statement(cx))).await?;
        Ok(row)
    }

    /// The sanctions that keep somebody from signing in now.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn preventing_sanctions(&self, cx: &Cx, user: UserId) -> Result<Vec<SanctionRow>, Error> {
        let mut all = self.store.sanctions(cx.tenant_id(), user).await?;
        all.retain(|row| row.prevents_sign_in && row.lasts(cx.now));
        Ok(all)
    }
}
