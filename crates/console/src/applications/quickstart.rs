//! Quick starts: how a program of one's own signs people in, with the ids and addresses of this very application in it.
//!
//! Each is a template in `templates/console/quickstarts`; its files and commands are marked so that a test can follow it to the
//! letter. One is offered only when a test does. Applications of an accent are offered its own first, written with what such
//! applications are written with; any other works for them as well.

use super::{Head, discovery_at, domain_for};
use crate::asking::Asking;
use crate::domains::is_local;
use crate::door::Answer;
use crate::reveal;
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::{Accent, ApplicationKind};
use doorward_service::base_of;
use doorward_store::applications::ApplicationRow;
use serde::Serialize;
use serde_json::json;

/// A quick start.
struct Quickstart {
    word: &'static str,
    name: &'static str,
    template: &'static str,
    kinds: &'static [ApplicationKind],
    /// The accent of the applications that it is for; the standard one is for all.
    accent: Accent,
    /// Where its program runs on the developer's machine.
    base: &'static str,
    callback: &'static str,
    after_logout: &'static str,
}

const ALL: &[Quickstart] = &[
    Quickstart {
        word: "auth0-express",
        name: "Express, Auth0 SDK",
        template: "console/quickstarts/auth0_express.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Auth0,
        base: "http://localhost:3002",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "auth0-javascript",
        name: "JavaScript, Auth0 SDK",
        template: "console/quickstarts/auth0_javascript.html",
        kinds: &[ApplicationKind::Spa],
        accent: Accent::Auth0,
        base: "http://localhost:4041",
        callback: "/",
        after_logout: "/",
    },
    Quickstart {
        word: "auth0-curl",
        name: "curl, as for Auth0",
        template: "console/quickstarts/auth0_curl.html",
        kinds: &[ApplicationKind::Machine],
        accent: Accent::Auth0,
        base: "",
        callback: "",
        after_logout: "",
    },
    Quickstart {
        word: "fusionauth-flask",
        name: "Flask, FusionAuth client",
        template: "console/quickstarts/fusionauth_flask.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Fusionauth,
        base: "http://localhost:5002",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "flask",
        name: "Flask",
        template: "console/quickstarts/flask.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:5000",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "django",
        name: "Django",
        template: "console/quickstarts/django.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:8000",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "fastapi",
        name: "FastAPI",
        template: "console/quickstarts/fastapi.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:8001",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "express",
        name: "Express",
        template: "console/quickstarts/express.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:3000",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "nextjs",
        name: "Next.js",
        template: "console/quickstarts/nextjs.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:3001",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "axum",
        name: "axum",
        template: "console/quickstarts/axum.html",
        kinds: &[ApplicationKind::Web],
        accent: Accent::Standard,
        base: "http://localhost:8002",
        callback: "/callback",
        after_logout: "/",
    },
    Quickstart {
        word: "javascript",
        name: "JavaScript",
        template: "console/quickstarts/javascript.html",
        kinds: &[ApplicationKind::Spa],
        accent: Accent::Standard,
        base: "http://localhost:4040",
        callback: "/",
        after_logout: "/",
    },
    Quickstart {
        word: "curl",
        name: "curl",
        template: "console/quickstarts/curl.html",
        kinds: &[ApplicationKind::Machine],
        accent: Accent::Standard,
        base: "",
        callback: "",
        after_logout: "",
    },
];

#[derive(Serialize)]
struct QuickstartPage {
    app: Head,
    offered: Vec<(&'static str, &'static str)>,
    word: &'static str,
    issuer: String,
    token_url: String,
    /// Where the program reaches us, without a last slash.
    address: String,
    /// The same as a host, if one speaks the application's accent.
    host: Option<String>,
    /// Whether that is this machine, where nobody trusts our certificate yet.
    local: bool,
    /// Whether the program needs such a host and there is none.
    lacks_domain: bool,
    base: &'static str,
    callback: String,
    after_logout: String,
    /// Whether the application knows the addresses of this quick start.
    ready: bool,
    /// The secret while it can be seen; else what stands in for it.
    secret: String,
    secret_known: bool,
    /// An API that the machine may call.
    audience: Option<String>,
}

fn offered(row: &ApplicationRow) -> impl Iterator<Item = &'static Quickstart> {
    let (kind, accent) = (row.settings.0.kind, row.settings.0.accent);
    // Those of the accent stand first.
    ALL.iter().filter(move |one| one.kinds.contains(&kind) && [accent, Accent::Standard].contains(&one.accent))
}

fn chosen(asking: &Asking, row: &ApplicationRow) -> Option<&'static Quickstart> {
    offered(row).find(|one| one.word == asking.field("for")).or_else(|| offered(row).next())
}

/// `GET /console/applications/{application}/quickstart`
pub async fn show(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let row = asking.service().get_application(asking.cx(), id).await?;
    let (domain, speaks) = domain_for(&asking, row.settings.0.accent);
    let Some(one) = chosen(&asking, &row) else {
        let page = json!({ "app": Head::of(&row), "discovery": discovery_at(domain) });
        return asking.show("console/quickstart_none.html", &page);
    };
    let s = &row.settings.0;
    let (callback, after_logout) = (format!("{}{}", one.base, one.callback), format!("{}{}", one.base, one.after_logout));
    let known = |list: &[String], uri: &String| one.base.is_empty() || s.any_localhost || list.contains(uri);
    let secret = reveal::see(&asking, &id.to_string());
    let mut audience = None;
    if s.kind == ApplicationKind::Machine
        && let Some(grant) = asking.service().list_application_grants(asking.cx(), id).await?.first()
    {
        audience = Some(asking.service().get_resource_server(asking.cx(), grant.resource_server_id).await?.0.audience);
    }
    let page = QuickstartPage {
        address: base_of(domain).to_owned(),
        lacks_domain: one.accent == Accent::Auth0 && !speaks,
        local: is_local(&domain.host),
        host: speaks.then(|| domain.host.clone()),
        offered: offered(&row).map(|one| (one.word, one.name)).collect(),
        word: one.word,
        issuer: asking.cx().issuer().to_owned(),
        token_url: asking.cx().url("/connect/token"),
        base: one.base,
        ready: known(&s.redirect_uris, &callback) && known(&s.post_logout_redirect_uris, &after_logout),
        callback,
        after_logout,
        secret_known: secret.is_some() || s.is_public(),
        secret: secret.unwrap_or_else(|| "YOUR_CLIENT_SECRET".to_owned()),
        audience,
        app: Head::of(&row),
    };
    asking.show(one.template, &page)
}

/// `POST /console/applications/{application}/quickstart`: registers the addresses that the quick start uses.
pub async fn register(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let row = asking.service().get_application(asking.cx(), id).await?;
    let back = format!("/console/applications/{id}/quickstart");
    let Some(one) = chosen(&asking, &row).filter(|one| !one.base.is_empty()) else { return Ok(asking.redirect(&back)) };
    let with = |list: &[String], path: &str| {
        let uri = format!("{}{path}", one.base);
        let mut list = list.to_vec();
        if !list.contains(&uri) {
            list.push(uri);
        }
        list
    };
    let patch = json!({
        "redirect_uris": with(&row.settings.0.redirect_uris, one.callback),
        "post_logout_redirect_uris": with(&row.settings.0.post_logout_redirect_uris, one.after_logout),
    });
    asking.service().patch_application(asking.cx(), &asking.actor(), id, &patch).await?;
    asking.done(&format!("{back}?for={}", one.word), "addresses-added")
}
