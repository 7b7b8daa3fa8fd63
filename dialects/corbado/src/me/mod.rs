//! What a signed-in person asks: session, user, passkeys, identifiers.

pub mod identifiers;
pub mod passkeys;
pub mod session;
pub mod user;

use crate::errors::ApiError;
use crate::project::Project;
use doorward_store::sessions::SessionRow;

/// A signed-in request. Ceremonies of this session are bound to it.
pub struct Me {
    /// The project.
    pub project: Project,
    /// The session.
    pub session: SessionRow,
}

impl Me {
    /// Who asks.
    pub async fn of(mut project: Project) -> Result<Self, ApiError> {
        let session = crate::session::session(&project).await?;
        crate::session::person(&project, &session).await?;
        project.cx.client.browser = format!("session:{}", session.id);
        Ok(Self { project, session })
    }
}
