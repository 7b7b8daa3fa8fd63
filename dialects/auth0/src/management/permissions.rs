//! Permissions as bodies name them: a scope of the API with an identifier.

use super::body::Document;
use super::door::Call;
use super::refused::Refused;
use doorward_protocol::ids::ResourceServerId;
use doorward_service::directory::{DirectoryError, Permission, Scope};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The refusals of the core in this API's words.
pub const NAMES: &[(&str, &str)] = &[("permissions", "permissions")];

/// Reads `permissions` of a body.
///
/// # Errors
/// 400, also for an API that is not there.
pub async fn read(call: &Call, body: &Document) -> Result<Vec<Permission>, Refused> {
    body.only(&[&["permissions"]])?;
    let all = body.objects("permissions")?.ok_or_else(|| Refused::body("permissions", "must be given"))?;
    if all.is_empty() {
        return Err(Refused::body("permissions", "must not be empty"));
    }
    let mut out = Vec::with_capacity(all.len());
    for one in &all {
        one.only(&[&["resource_server_identifier", "permission_name"]])?;
        let (audience, scope) = (one.must("resource_server_identifier")?, one.must("permission_name")?);
        let server = call.service().resource_server(call.cx.tenant_id(), audience).await?;
        let server = server.ok_or_else(|| Refused::body("resource_server_identifier", format!("names no API: {audience}")))?;
        out.push(Permission { resource_server: server.id, scope: scope.to_owned() });
    }
    Ok(out)
}

/// What the APIs of permissions are called, read once each.
#[derive(Default)]
pub struct Servers {
    known: HashMap<ResourceServerId, Option<(String, String, Vec<Scope>)>>,
}

impl Servers {
    /// A permission as an answer has it; `None` when its API is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn shown(&mut self, call: &Call, one: &Permission) -> Result<Option<Map<String, Value>>, Refused> {
        if let Entry::Vacant(place) = self.known.entry(one.resource_server) {
            let found = match call.service().get_resource_server(&call.cx, one.resource_server).await {
                Ok((row, scopes)) => {
                    let scopes = scopes.into_iter().map(|s| Scope { value: s.value, description: s.description }).collect();
                    Some((row.audience, row.name, scopes))
                }
                Err(DirectoryError::NotFound { .. }) => None,
                Err(error) => return Err(Refused::about("resource server", NAMES)(error)),
            };
            place.insert(found);
        }
        let Some(Some((audience, name, scopes))) = self.known.get(&one.resource_server) else { return Ok(None) };
        let description = scopes.iter().find(|scope| scope.value == one.scope).map(|scope| scope.description.clone());
        let mut out = Map::new();
        out.insert("resource_server_identifier".into(), json!(audience));
        out.insert("permission_name".into(), json!(one.scope));
        out.insert("resource_server_name".into(), json!(name));
        out.insert("description".into(), json!(description.unwrap_or_default()));
        Ok(Some(out))
    }
}
