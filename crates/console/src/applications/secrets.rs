//! Credentials of an application: what its program is configured with.

use super::{Head, discovery_at, domain_for};
use crate::asking::Asking;
use crate::door::Answer;
use crate::reveal;
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::AuthMethod;
use doorward_service::directory::GRACE_SECONDS;
use serde::Serialize;

#[derive(Serialize)]
struct CredentialsPage {
    app: Head,
    issuer: String,
    domain: String,
    discovery: String,
    public: bool,
    by_key: bool,
    secret: Option<String>,
    secrets: Vec<SecretLine>,
    graces: [(i64, &'static str); 5],
    grace: i64,
}

#[derive(Serialize)]
struct SecretLine {
    id: String,
    hint: String,
    created: i64,
    expires: Option<i64>,
}

/// `GET /console/applications/{application}/credentials`
pub async fn show(asking: Asking) -> Answer {
    render(&asking, asking.id("application", "application")?, &Told::nothing()).await
}

async fn render(asking: &Asking, id: ApplicationId, told: &Told) -> Answer {
    let row = asking.service().get_application(asking.cx(), id).await?;
    let secrets = asking.service().list_application_secrets(asking.cx(), id).await?;
    let method = row.settings.0.token_endpoint_auth_method;
    let (domain, _) = domain_for(asking, row.settings.0.accent);
    let page = CredentialsPage {
        issuer: domain.issuer.clone(),
        domain: domain.host.clone(),
        discovery: discovery_at(domain),
        public: method == AuthMethod::None,
        by_key: method == AuthMethod::PrivateKeyJwt,
        secret: reveal::see(asking, &id.to_string()),
        secrets: secrets
            .into_iter()
            .map(|s| SecretLine {
                id: s.id.to_string(),
                hint: s.hint,
                created: s.created_at.seconds(),
                expires: s.expires_at.map(doorward_protocol::time::Timestamp::seconds),
            })
            .collect(),
        graces: [(0, "now"), (3600, "hour"), (GRACE_SECONDS, "day"), (7 * 86_400, "week"), (30 * 86_400, "month")],
        grace: GRACE_SECONDS,
        app: Head::of(&row),
    };
    asking.show_told("console/credentials.html", &page, told)
}

/// `POST /console/applications/{application}/credentials/rotate`
pub async fn rotate(mut asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let grace = asking.field("grace").parse().unwrap_or(GRACE_SECONDS);
    let made = asking.service().rotate_application_secret(asking.cx(), &asking.actor(), id, None, grace).await;
    match made {
        Ok(made) => {
            reveal::keep(&mut asking, &id.to_string(), &made.plain)?;
            asking.done(&format!("/console/applications/{id}/credentials"), "secret-made")
        }
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, id, &told).await
        }
    }
}

/// `POST /console/applications/{application}/credentials/end`
pub async fn end(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let secret = asking.field("secret").parse().map_err(|_| Trouble::NotFound("secret"))?;
    asking.service().delete_application_secret(asking.cx(), &asking.actor(), id, secret).await?;
    asking.done(&format!("/console/applications/{id}/credentials"), "secret-ended")
}
