//! Sanctions: what a moderator imposes on somebody. One that keeps its subject out ends what is open when it is imposed; until when
//! somebody is kept out is noted on the account, so that a sign-in need not read the list.

use super::DirectoryError;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::conditions::suspend;
use doorward_store::engine::Batch;
use doorward_store::sanctions::SanctionRow;
use serde_json::{Value, json};
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

/// A sanction in no surface's own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlainSanction {
    /// Why.
    pub reason: String,
    /// Whether it keeps the person from signing in.
    pub prevents_sign_in: bool,
    /// Until when; `None`: until it is lifted.
    pub ends_at: Option<Timestamp>,
}

impl Service {
    /// The sanctions on a user, the newest first.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_sanctions(&self, cx: &Cx, user: UserId) -> Result<Vec<SanctionRow>, DirectoryError> {
        self.get_user(cx, user).await?;
        let mut all = self.store.sanctions(cx.tenant_id(), user).await?;
        all.reverse();
        Ok(all)
    }

    /// Imposes a sanction that has a reason and, perhaps, an end.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn sanction_user(
        &self,
        cx: &Cx,
        actor: &str,
        user: UserId,
        new: PlainSanction,
    ) -> Result<SanctionRow, DirectoryError> {
        let reason = new.reason.trim();
        let mut problems = Problems::default();
        problems.must((1..=500).contains(&reason.chars().count()), "reason", "must have 1 to 500 characters");
        problems.must(new.ends_at.is_none_or(|at| at > cx.now), "ends_at", "must lie in the future");
        problems.finish()?;
        let new = NewSanction {
            id: new_id(cx.now),
            user,
            kind: Uuid::nil(),
            prevents_sign_in: new.prevents_sign_in,
            detail: json!({ "name": if new.prevents_sign_in { "Suspension" } else { "Note" }, "reason": reason }),
            ends_at: new.ends_at,
        };
        self.impose_sanction(cx, actor, new).await
    }

    /// Lifts a sanction of a user.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn lift_sanction(&self, cx: &Cx, actor: &str, user: UserId, id: Uuid) -> Result<SanctionRow, DirectoryError> {
        let row = self.store.sanction(cx.tenant_id(), id).await?.filter(|row| row.user_id == user);
        let row = row.ok_or(DirectoryError::NotFound { noun: "sanction" })?;
        if !row.lasts(cx.now) {
            return Err(DirectoryError::conflict("sanction", "this sanction is over"));
        }
        self.change_sanction(cx, actor, id, Some(cx.now), row.detail.0).await
    }

    /// Imposes a sanction.
    ///
    /// # Errors
    /// [`DirectoryError::NotFound`] when there is no such user.
    #[boxed]
    pub async fn impose_sanction(&self, cx: &Cx, actor: &str, new: NewSanction) -> Result<SanctionRow, DirectoryError> {
        self.may_change_account(cx, actor, new.user, "sanction").await?;
        if self.store.person(cx.tenant_id(), new.user).await?.is_none() {
            return Err(DirectoryError::NotFound { noun: "user" });
        }
        if new.prevents_sign_in && self.administrator(cx, new.user).await? == Some(AdminRole::Owner) {
            return Err(DirectoryError::conflict("user", "an owner cannot be kept out: give them another role first"));
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
        self.may_change_account(cx, actor, row.user_id, "sanction").await?;
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
