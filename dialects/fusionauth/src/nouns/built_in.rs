//! The applications that come with the vendor's server: scripts register administrators with the first one, and count both.

use super::{applications, extension};
use crate::ids::{ADMIN_APPLICATION, TENANT_MANAGER};
use crate::wire::{Call, Refused};
use doorward_protocol::ids::{ApplicationId, RoleId};
use doorward_protocol::oauth::client::{Accent, ApplicationSettings, Membership};
use doorward_service::directory::{ApplicationDocument, NewApplication, RoleDocument};
use doorward_service::{Cx, Service};
use serde_json::json;

/// Makes them in the first tenant if they are not there.
///
/// # Errors
/// When the store fails.
pub async fn ensure(call: &Call) -> Result<(), Refused> {
    let service = call.service();
    let host = call.host.tenant_id();
    if service.application_by_id(host, ApplicationId(ADMIN_APPLICATION)).await?.is_some() {
        return Ok(());
    }
    // Somewhere else already: there is one of each for the whole server.
    if service.store.tenant_of(ADMIN_APPLICATION).await?.is_some() {
        return Ok(());
    }
    make(service, &call.host, ADMIN_APPLICATION, TENANT_MANAGER).await
}

/// Makes them with these ids.
///
/// # Errors
/// When the store fails.
pub async fn make(service: &Service, cx: &Cx, admin: uuid::Uuid, manager: uuid::Uuid) -> Result<(), Refused> {
    for (id, name, roles) in [(admin, "FusionAuth", &["admin"][..]), (manager, "Tenant Manager", &["admin"][..])] {
        let settings = ApplicationSettings {
            accent: Accent::Fusionauth,
            // Nobody signs in to them here: our console has its own door.
            grant_types: Vec::new(),
            membership: Membership::Required,
            ..Default::default()
        };
        let new = NewApplication {
            client_id: Some(id.to_string()),
            document: ApplicationDocument { name: name.into(), enabled: true, settings },
            client_secret: None,
        };
        let kept =
            extension(applications::KEY, json!({ "oauthConfiguration": { "enabledGrants": [], "requireRegistration": true } }));
        match service.create_whole_application(cx, "system", ApplicationId(id), new, Some(&kept)).await {
            Ok(_) => {}
            // Another request made it a moment ago.
            Err(doorward_service::directory::DirectoryError::Conflict { .. }) => continue,
            Err(error) => return Err(error.into()),
        }
        for role in roles {
            let document = RoleDocument {
                name: (*role).into(),
                description: "May do everything".into(),
                application_id: Some(ApplicationId(id)),
                is_default: false,
            };
            service.put_role(cx, "system", RoleId(crate::ids::fresh()), document, None).await?;
        }
    }
    Ok(())
}
