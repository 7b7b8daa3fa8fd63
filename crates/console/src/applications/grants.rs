//! What a machine may have at each API (client credentials).

use super::Head;
use crate::asking::Asking;
use crate::door::Answer;
use crate::told::Told;
use doorward_protocol::ids::{ApplicationId, ResourceServerId};
use doorward_service::directory::{DirectoryError, Grant};
use serde::Serialize;

#[derive(Serialize)]
struct GrantsPage {
    app: Head,
    apis: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    audience: String,
    granted: bool,
    scopes: Vec<(String, String, bool)>,
}

/// `GET /console/applications/{application}/apis`
pub async fn show(asking: Asking) -> Answer {
    let id = asking.id("application", "application")?;
    render(&asking, id, &Told::nothing()).await
}

async fn render(asking: &Asking, id: ApplicationId, told: &Told) -> Answer {
    let (service, cx) = (asking.service(), asking.cx());
    let row = service.get_application(cx, id).await?;
    let grants = service.list_application_grants(cx, id).await?;
    let mut apis = Vec::new();
    for server in service.list_resource_servers(cx, None, 200).await?.items {
        let grant = grants.iter().find(|g| g.resource_server_id == server.id);
        let has = |scope: &str| grant.is_some_and(|g| g.scopes.0.iter().any(|s| s == scope));
        let (_, scopes) = service.get_resource_server(cx, server.id).await?;
        apis.push(Line {
            id: server.id.to_string(),
            name: server.name,
            audience: server.audience,
            granted: grant.is_some(),
            scopes: scopes.into_iter().map(|s| (s.value.clone(), s.description, has(&s.value))).collect(),
        });
    }
    asking.show_told("console/application_apis.html", &GrantsPage { app: Head::of(&row), apis }, told)
}

/// `POST /console/applications/{application}/apis`
pub async fn save(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let api: ResourceServerId = asking.field_id("api", "API")?;
    let actor = asking.actor();
    let done = if asking.field("act") == "revoke" {
        asking.service().delete_application_grant(asking.cx(), &actor, id, api).await
    } else {
        let grant = Grant { resource_server: api, scopes: asking.sent.all("scope").to_vec() };
        asking.service().put_application_grant(asking.cx(), &actor, id, grant).await.map(|_| ())
    };
    match done {
        Ok(()) => asking.done(&format!("/console/applications/{id}/apis"), "grant-saved"),
        Err(error @ DirectoryError::Invalid(_)) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
        Err(error) => Err(error.into()),
    }
}
