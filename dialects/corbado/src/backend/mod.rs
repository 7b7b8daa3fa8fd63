//! What an application's server asks, with the project id and API secret.

pub mod credentials;
pub mod identifiers;
pub mod query;
pub mod sessions;
pub mod users;

use crate::errors::ApiError;
use crate::ids;
use crate::project::Project;
use doorward_protocol::ids::UserId;
use doorward_store::users::Person;

/// Who is named in audit events.
fn actor(project: &Project) -> String {
    format!("application:{}", project.id())
}

/// A user of a path; a user who does not exist is a wrong field here, not a wrong path.
async fn user(project: &Project, id: &str) -> Result<Person, ApiError> {
    let id: UserId = id.starts_with("usr-").then(|| ids::parse_user(id)).flatten().ok_or_else(unknown_user)?;
    let found = project.service().store.person(project.cx.tenant_id(), id).await;
    found.map_err(doorward_service::Error::from)?.ok_or_else(unknown_user)
}

fn unknown_user() -> ApiError {
    ApiError::invalid("userID", "does not exist")
}
