//! Domains: the hosts at which the tenant answers, each with one exact issuer.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::admin::Right::{Own, Read};
use doorward_protocol::ids::DomainId;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::oauth::redirect_uri::is_loopback;
use doorward_service::base_of;
use doorward_service::directory::DomainDocument;
use doorward_store::tenants::DomainRow;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/domains", Read, list)
        .page("/console/domains/new", Own, form)
        .sensitive("/console/domains/new", Own, create)
        .page("/console/domains/{domain}", Read, show)
        .sensitive("/console/domains/{domain}", Own, save)
        .sensitive("/console/domains/{domain}/delete", Own, delete)
}

/// Whose discovery document a domain can serve.
const ACCENTS: [(Accent, &str); 4] =
    [(Accent::Standard, "standard"), (Accent::Auth0, "auth0"), (Accent::Fusionauth, "fusionauth"), (Accent::Corbado, "corbado")];

#[derive(Serialize)]
struct Line {
    id: String,
    host: String,
    issuer: String,
    primary: bool,
    accent: &'static str,
    /// Whether this very page was asked for there.
    here: bool,
    warnings: usize,
}

fn line(asking: &Asking, row: &DomainRow, all: &[DomainRow]) -> Line {
    Line {
        id: row.id.to_string(),
        host: row.host.clone(),
        issuer: row.issuer.clone(),
        primary: row.is_primary,
        accent: row.accent.as_str(),
        here: row.id == asking.cx().domain.id,
        warnings: checks(row, all).iter().filter(|check| !check.good).count(),
    }
}

/// Something about a domain that is worth to know.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Check {
    word: &'static str,
    good: bool,
}

/// Whether a host, with or without a port, is the machine that asks for it.
pub fn is_local(host: &str) -> bool {
    url::Url::parse(&format!("http://{host}/")).is_ok_and(|url| is_loopback(&url))
}

/// What can be told of a domain without asking anybody else: whether clients that are given its issuer find it.
fn checks(row: &DomainRow, all: &[DomainRow]) -> Vec<Check> {
    let url = url::Url::parse(base_of(row)).ok();
    let authority = url.as_ref().map(|url| match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    });
    let local = is_local(&row.host);
    let secure = url.as_ref().is_some_and(|url| url.scheme() == "https");
    let mut out = vec![
        // Another host of the tenant serves the discovery document of the issuer just as well.
        Check { word: "found", good: all.iter().any(|one| authority.as_deref() == Some(one.host.as_str())) },
        Check { word: "secure", good: secure || local },
    ];
    // Clients of this accent are told a host and put a slash behind it themselves.
    if row.accent == Accent::Auth0 {
        out.push(Check { word: "slash", good: row.issuer.ends_with('/') });
    } else {
        out.push(Check { word: "no-slash", good: !row.issuer.ends_with('/') });
    }
    out
}

#[derive(Serialize)]
struct ListPage {
    domains: Vec<Line>,
}

/// `GET /console/domains`
async fn list(asking: Asking) -> Answer {
    let domains = asking.service().list_domains(asking.cx().tenant_id()).await?;
    asking.show("console/domains.html", &ListPage { domains: domains.iter().map(|row| line(&asking, row, &domains)).collect() })
}

#[derive(Serialize)]
struct DomainPage {
    /// Which version of the domain the form shows.
    revision: String,
    domain: Option<Line>,
    checks: Vec<Check>,
    only: bool,
    host: String,
    issuer: String,
    accent: String,
    is_primary: bool,
    accents: [&'static str; 4],
    discovery: String,
    /// Resource servers that come with the accent: id, name, audience.
    apis: Vec<(String, String, String)>,
}

/// `GET /console/domains/new`
async fn form(asking: Asking) -> Answer {
    new(&asking, &Told::nothing())
}

fn new(asking: &Asking, told: &Told) -> Answer {
    let page = DomainPage {
        revision: String::new(),
        domain: None,
        checks: Vec::new(),
        only: false,
        host: told.value("host", ""),
        issuer: told.value("issuer", ""),
        accent: told.value("accent", "standard"),
        is_primary: told.ticked("is_primary", false),
        accents: ACCENTS.map(|(_, word)| word),
        discovery: String::new(),
        apis: Vec::new(),
    };
    asking.show_told("console/domain.html", &page, told)
}

fn accent(asking: &Asking) -> Result<Accent, Trouble> {
    let word = asking.field("accent");
    ACCENTS.iter().find(|(_, known)| *known == word).map(|(accent, _)| *accent).ok_or(Trouble::NotFound("accent"))
}

/// The issuer that was typed, or the one that follows from the host.
fn issuer(asking: &Asking, accent: Accent) -> String {
    match (asking.field("issuer"), asking.field("host").to_ascii_lowercase()) {
        ("", host) if accent == Accent::Auth0 => format!("https://{host}/"),
        ("", host) => format!("https://{host}"),
        (typed, _) => typed.to_owned(),
    }
}

/// `POST /console/domains/new`
async fn create(asking: Asking) -> Answer {
    let accent = accent(&asking)?;
    let document = DomainDocument {
        host: asking.field("host").to_owned(),
        issuer: issuer(&asking, accent),
        is_primary: asking.ticked("is_primary"),
        accent,
    };
    match asking.service().create_domain(asking.cx(), &asking.actor(), document).await {
        Ok(row) => asking.done(&format!("/console/domains/{}", row.id), "domain-created"),
        Err(error) => new(&asking, &Told::by(&asking.sent, error)?),
    }
}

async fn found(asking: &Asking) -> Result<(DomainRow, Vec<DomainRow>), Trouble> {
    let id: DomainId = asking.id("domain", "domain")?;
    let all = asking.service().list_domains(asking.cx().tenant_id()).await?;
    let row = all.iter().find(|row| row.id == id).cloned().ok_or(Trouble::NotFound("domain"))?;
    Ok((row, all))
}

/// `GET /console/domains/{domain}`
async fn show(asking: Asking) -> Answer {
    let (row, all) = found(&asking).await?;
    render(&asking, &row, &all, &Told::nothing()).await
}

async fn render(asking: &Asking, row: &DomainRow, all: &[DomainRow], told: &Told) -> Answer {
    let (service, tenant) = (asking.service(), asking.cx().tenant_id());
    let mut apis = Vec::new();
    for wanted in service.profiles.resource_servers_of(row.accent, &row.issuer) {
        if let Some(known) = service.store.resource_server_by_audience(tenant, &wanted.audience).await? {
            apis.push((known.id.to_string(), known.name, known.audience));
        }
    }
    let page = DomainPage {
        revision: asking.fingerprint(row),
        apis,
        checks: checks(row, all),
        only: all.len() < 2,
        host: told.value("host", row.host.clone()),
        issuer: told.value("issuer", row.issuer.clone()),
        accent: told.value("accent", row.accent.as_str()),
        is_primary: told.ticked("is_primary", row.is_primary),
        accents: ACCENTS.map(|(_, word)| word),
        discovery: format!("{}/.well-known/openid-configuration", row.issuer.trim_end_matches('/')),
        domain: Some(line(asking, row, all)),
    };
    asking.show_told("console/domain.html", &page, told)
}

/// `POST /console/domains/{domain}`
async fn save(asking: Asking) -> Answer {
    let (row, all) = found(&asking).await?;
    if let Some(told) = Told::overtaken(&asking.sent, &asking.fingerprint(&row)) {
        return render(&asking, &row, &all, &told).await;
    }
    let accent = accent(&asking)?;
    let patch = json!({
        "host": asking.field("host"),
        "issuer": issuer(&asking, accent),
        "accent": accent,
        "is_primary": row.is_primary || asking.ticked("is_primary"),
    });
    if row.id == asking.cx().domain.id && asking.field("host").to_ascii_lowercase() != row.host {
        let message = "is the one at which you are here: the next page could not be shown any more. Add the new host first, and \
                       change this one from there";
        return render(&asking, &row, &all, &Told::wrong(&asking.sent, "host", message)).await;
    }
    match asking.service().patch_domain(asking.cx(), &asking.actor(), row.id, &patch).await {
        Ok(_) => asking.done(&format!("/console/domains/{}", row.id), "domain-saved"),
        Err(error) => render(&asking, &row, &all, &Told::by(&asking.sent, error)?).await,
    }
}

/// `POST /console/domains/{domain}/delete`
async fn delete(asking: Asking) -> Answer {
    let (row, all) = found(&asking).await?;
    let wrong = if all.len() < 2 {
        Some("is the only one: a tenant without a host could not be reached")
    } else if row.id == asking.cx().domain.id {
        Some("is the one at which you are here: remove it from another one")
    } else if asking.field("confirmation") != row.host {
        Some("is not this host: nothing was removed")
    } else {
        None
    };
    if let Some(message) = wrong {
        let told = Told::wrong(&asking.sent, "confirmation", message);
        return render(&asking, &row, &all, &Told { typed: BTreeMap::default(), ..told }).await;
    }
    asking.service().delete_domain(asking.cx(), &asking.actor(), row.id).await?;
    asking.done("/console/domains", "domain-removed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::ids::TenantId;
    use doorward_protocol::time::Timestamp;

    fn bad(host: &str, issuer: &str, accent: Accent) -> Vec<&'static str> {
        let row = DomainRow {
            id: DomainId(uuid::Uuid::nil()),
            tenant_id: TenantId(uuid::Uuid::nil()),
            host: host.into(),
            issuer: issuer.into(),
            base_url: None,
            is_primary: true,
            accent,
            created_at: Timestamp(0),
        };
        checks(&row, std::slice::from_ref(&row)).into_iter().filter(|check| !check.good).map(|check| check.word).collect()
    }

    #[test]
    fn a_domain_is_checked_as_its_clients_will() {
        let (standard, auth0) = (Accent::Standard, Accent::Auth0);
        for (host, issuer, accent, told) in [
            ("id.example", "https://id.example", standard, vec![]),
            ("localhost:9011", "http://localhost:9011", standard, vec![]),
            ("login.example", "https://login.example/", auth0, vec![]),
            ("id.example", "https://login.example", standard, vec!["found"]),
            ("id.example", "https://id.example:8443", standard, vec!["found"]),
            ("id.example", "http://id.example", standard, vec!["secure"]),
            ("id.example", "https://id.example/", standard, vec!["no-slash"]),
            ("login.example", "https://login.example", auth0, vec!["slash"]),
        ] {
            assert_eq!(bad(host, issuer, accent), told, "{host} {issuer}");
        }
    }
}
