//! Applications.

mod create;
mod grants;
mod quickstart;
mod secrets;
mod settings;

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use doorward_protocol::admin::Right::{Manage, Read};
use doorward_protocol::oauth::client::{Accent, ApplicationKind};
use doorward_service::base_of;
use doorward_store::applications::ApplicationRow;
use doorward_store::tenants::DomainRow;
use serde::Serialize;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/applications", Read, list)
        .page("/console/applications/new", Manage, create::form)
        .act("/console/applications/new", Manage, create::create)
        .page("/console/applications/{application}", Read, settings::show)
        .act("/console/applications/{application}", Manage, settings::save)
        .act("/console/applications/{application}/enabled", Manage, settings::enable)
        .sensitive("/console/applications/{application}/delete", Manage, settings::delete)
        .page("/console/applications/{application}/credentials", Read, secrets::show)
        .sensitive("/console/applications/{application}/credentials/rotate", Manage, secrets::rotate)
        .sensitive("/console/applications/{application}/credentials/end", Manage, secrets::end)
        .page("/console/applications/{application}/apis", Read, grants::show)
        .act("/console/applications/{application}/apis", Manage, grants::save)
        .page("/console/applications/{application}/quickstart", Read, quickstart::show)
        .act("/console/applications/{application}/quickstart", Manage, quickstart::register)
}

/// Items on one page of a list.
pub const PAGE: u32 = 25;

/// The kinds, in the order in which they are offered.
pub const KINDS: [(ApplicationKind, &str, &str); 4] = [
    (ApplicationKind::Web, "web", "desktop"),
    (ApplicationKind::Spa, "spa", "unknown"),
    (ApplicationKind::Native, "native", "phone"),
    (ApplicationKind::Machine, "machine", "api"),
];

/// The accents, likewise.
pub const ACCENTS: [(Accent, &str); 4] =
    [(Accent::Standard, "standard"), (Accent::Auth0, "auth0"), (Accent::Fusionauth, "fusionauth"), (Accent::Corbado, "corbado")];

pub fn kind(kind: ApplicationKind) -> (&'static str, &'static str) {
    KINDS.iter().find(|(one, _, _)| *one == kind).map_or(("web", "desktop"), |(_, word, icon)| (word, icon))
}

pub fn accent(accent: Accent) -> &'static str {
    ACCENTS.iter().find(|(one, _)| *one == accent).map_or("standard", |(_, word)| word)
}

/// The domain that an application's program is told of, and whether it speaks its accent. The standard is spoken well enough where the
/// console is open.
fn domain_for(asking: &Asking, accent: Accent) -> (&DomainRow, bool) {
    let cx = asking.cx();
    let here: &DomainRow = &cx.domain;
    if accent == Accent::Standard || here.accent == accent {
        return (here, true);
    }
    cx.tenant.domain_of_accent(accent).map_or((here, false), |domain| (domain, true))
}

/// The address of a domain's discovery document.
fn discovery_at(domain: &DomainRow) -> String {
    format!("{}/.well-known/openid-configuration", base_of(domain))
}

/// What every page of one application has at its head.
#[derive(Debug, Serialize)]
pub struct Head {
    pub id: String,
    pub name: String,
    pub client_id: String,
    pub kind: &'static str,
    pub icon: &'static str,
    pub accent: &'static str,
    pub enabled: bool,
    pub machine: bool,
    pub url: String,
}

impl Head {
    pub fn of(row: &ApplicationRow) -> Self {
        let settings = &row.settings.0;
        let (word, icon) = kind(settings.kind);
        Self {
            id: row.id.to_string(),
            name: row.name.clone(),
            client_id: row.client_id.clone(),
            kind: word,
            icon,
            accent: accent(settings.accent),
            enabled: row.enabled,
            machine: settings.allows_grant("client_credentials"),
            url: format!("/console/applications/{}", row.id),
        }
    }
}

#[derive(Serialize)]
struct ListPage {
    applications: Vec<Head>,
    next: Option<String>,
    later: bool,
}

/// `GET /console/applications`
async fn list(asking: Asking) -> Answer {
    let after = asking.cursor("after");
    let page = asking.service().list_applications(asking.cx(), after, PAGE).await?;
    let next = page.next.map(|id| format!("/console/applications?after={}", id.simple()));
    asking.show(
        "console/applications.html",
        &ListPage { applications: page.items.iter().map(Head::of).collect(), next, later: after.is_some() },
    )
}
