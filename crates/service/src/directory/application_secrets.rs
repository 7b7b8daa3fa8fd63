//! Secrets of applications: shown once, kept as a keyed digest and encrypted; several live side by side while one is rotated.

use super::DirectoryError;
use super::applications::wants_secret;
use super::field::Problems;
use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, token};
use crate::{Cx, Service};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::Accent;
use doorward_store::applications::ApplicationSecretRow;
use doorward_store::engine::Batch;
use uuid::Uuid;

/// Seconds that an earlier secret goes on working after a rotation, unless said otherwise.
pub const GRACE_SECONDS: i64 = 86_400;

/// A secret just made.
#[derive(Clone)]
pub struct CreatedSecret {
    /// The row.
    pub row: ApplicationSecretRow,
    /// The secret, shown this once.
    pub plain: String,
}

/// Prints nothing of the secret.
impl std::fmt::Debug for CreatedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedSecret").field("id", &self.row.id).finish_non_exhaustive()
    }
}

pub(super) fn check_secret(problems: &mut Problems, field: &str, secret: &str) {
    // RFC 6749, appendix A.2: VSCHAR.
    let ok = (16..=256).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic());
    problems.must(ok, field, "must be 16 to 256 printable ASCII characters without spaces");
}

impl Service {
    pub(super) fn secret_row(&self, cx: &Cx, application: ApplicationId, accent: Accent, plain: Option<String>) -> CreatedSecret {
        let plain = plain.unwrap_or_else(|| token::<32>(accent.secret_prefix()));
        let id = new_id(cx.now);
        let row = ApplicationSecretRow {
            id,
            tenant_id: cx.tenant_id(),
            application_id: application,
            secret_hash: self.client_secret_digest(cx.tenant_id(), &plain),
            secret_sealed: self.secrets.encrypt("client_secret", &id.to_string(), plain.as_bytes()),
            hint: plain.chars().skip(plain.chars().count().saturating_sub(4)).collect(),
            created_at: cx.now,
            expires_at: None,
        };
        CreatedSecret { row, plain }
    }

    /// Secrets of an application, newest first, expired ones left out.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn list_application_secrets(
        &self,
        cx: &Cx,
        id: ApplicationId,
    ) -> Result<Vec<ApplicationSecretRow>, DirectoryError> {
        let application = self.get_application(cx, id).await?;
        let mut all = self.store.application_secrets(cx.tenant_id(), application.id).await?;
        all.retain(|s| s.expires_at.is_none_or(|at| at > cx.now));
        Ok(all)
    }

    /// Gives an application a new secret; earlier ones go on working for `grace_seconds`, so that programs can change over.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn rotate_application_secret(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        plain: Option<String>,
        grace_seconds: i64,
    ) -> Result<CreatedSecret, DirectoryError> {
        let mut problems = Problems::default();
        problems.range("grace_seconds", grace_seconds, 0..=30 * 86_400);
        if let Some(plain) = &plain {
            check_secret(&mut problems, "client_secret", plain);
        }
        problems.finish()?;
        let application = self.get_application(cx, id).await?;
        if !wants_secret(&application.settings.0) {
            return Err(DirectoryError::conflict(
                "token_endpoint_auth_method",
                "this application's token_endpoint_auth_method uses no secret",
            ));
        }
        let earlier = self.store.application_secrets(cx.tenant_id(), id).await?;
        let live = earlier.iter().filter(|s| s.expires_at.is_none_or(|at| at > cx.now)).count();
        if live >= 10 {
            return Err(DirectoryError::conflict("client_secret", "ten secrets work already; delete one first"));
        }
        let accent = application.settings.0.accent;
        if plain.as_deref().is_some_and(|plain| !plain.starts_with(accent.secret_prefix())) {
            let message = format!("must begin with {}: clients of this accent take no other", accent.secret_prefix());
            return Err(DirectoryError::invalid("client_secret", message));
        }
        let created = self.secret_row(cx, id, accent, plain);
        let ends = cx.now.plus_seconds(grace_seconds);
        let mut batch = Batch::new();
        for old in earlier {
            if old.expires_at.is_some_and(|at| at <= cx.now) {
                batch.push(old.delete());
            } else if old.expires_at.is_none_or(|at| at > ends) {
                batch.push(ApplicationSecretRow { expires_at: Some(ends), ..old }.update());
            }
        }
        let event = Event::new("application_secret.rotated")
            .application(id)
            .actor(actor)
            .with("secret", created.row.id.to_string())
            .with("grace_seconds", grace_seconds);
        self.write(batch.with(created.row.insert()).with(event.statement(cx))).await?;
        Ok(created)
    }

    /// Ends a secret at once.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_application_secret(
        &self,
        cx: &Cx,
        actor: &str,
        id: ApplicationId,
        secret: Uuid,
    ) -> Result<(), DirectoryError> {
        let all = self.store.application_secrets(cx.tenant_id(), id).await?;
        let row = all.into_iter().find(|s| s.id == secret).ok_or(DirectoryError::NotFound { noun: "secret" })?;
        let event = Event::new("application_secret.deleted").application(id).actor(actor).with("secret", secret.to_string());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await
    }
}
