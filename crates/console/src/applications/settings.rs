//! Settings of an application.

use super::Head;
use crate::asking::Asking;
use crate::door::Answer;
use crate::told::{Span, Told, lines, revision};
use doorward_protocol::ids::ApplicationId;
use doorward_protocol::oauth::client::{ApplicationKind, ApplicationSettings, AuthMethod};
use doorward_store::applications::ApplicationRow;
use serde::Serialize;
use serde_json::{Value, json};

const DAY: i64 = 86_400;
const MINUTE: i64 = 60;

/// Grants that the page offers.
const GRANTS: [&str; 3] = ["authorization_code", "refresh_token", "client_credentials"];

#[derive(Serialize)]
struct SettingsPage {
    /// Which version of the settings the form shows.
    revision: String,
    app: Head,
    name: String,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    allowed_origins: String,
    home_uri: String,
    logo_uri: String,
    accent: String,
    accents: Vec<&'static str>,
    auth_method: String,
    auth_methods: Vec<&'static str>,
    require_pkce: bool,
    first_party: bool,
    any_localhost: bool,
    grants: Vec<(&'static str, bool)>,
    signing_alg: String,
    access_minutes: String,
    id_minutes: String,
    rotate: bool,
    idle_days: String,
    absolute_days: String,
    /// Whether people sign in to it: a machine has no addresses.
    people: bool,
    public: bool,
    dev: bool,
}

/// `GET /console/applications/{application}`
pub async fn show(asking: Asking) -> Answer {
    let row = asking.service().get_application(asking.cx(), asking.id("application", "application")?).await?;
    render(&asking, &row, &Told::nothing())
}

fn render(asking: &Asking, row: &ApplicationRow, told: &Told) -> Answer {
    let s = &row.settings.0;
    let text = |field: &str, kept: &[String]| told.value(field, kept.join("\n"));
    let public = matches!(s.kind, ApplicationKind::Spa | ApplicationKind::Native);
    let time = |field: &str| told.value(field, span(s, field).shown());
    let page = SettingsPage {
        revision: revision(row.updated_at),
        app: Head::of(row),
        name: told.value("name", row.name.clone()),
        redirect_uris: text("redirect_uris", &s.redirect_uris),
        post_logout_redirect_uris: text("post_logout_redirect_uris", &s.post_logout_redirect_uris),
        allowed_origins: text("allowed_origins", &s.allowed_origins),
        home_uri: told.value("home_uri", s.home_uri.clone().unwrap_or_default()),
        logo_uri: told.value("logo_uri", s.logo_uri.clone().unwrap_or_default()),
        accent: told.value("accent", super::accent(s.accent)),
        accents: super::ACCENTS.iter().map(|(_, word)| *word).collect(),
        auth_method: told.value("token_endpoint_auth_method", auth_method(s.token_endpoint_auth_method)),
        auth_methods: if s.kind == ApplicationKind::Spa {
            vec!["none"]
        } else if s.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt {
            vec!["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
        } else if s.kind == ApplicationKind::Machine {
            vec!["client_secret_basic", "client_secret_post"]
        } else {
            vec!["client_secret_basic", "client_secret_post", "none"]
        },
        require_pkce: told.ticked("require_pkce", s.require_pkce),
        first_party: told.ticked("first_party", s.first_party),
        any_localhost: told.ticked("any_localhost", s.any_localhost),
        grants: GRANTS
            .into_iter()
            .filter(|grant| s.kind != ApplicationKind::Machine || *grant == "client_credentials")
            .filter(|grant| !public || *grant != "client_credentials")
            .map(|grant| (grant, told.ticked(&format!("grant_{grant}"), s.allows_grant(grant))))
            .collect(),
        signing_alg: told.value("signing_alg", s.signing_alg.clone()),
        access_minutes: time("access_minutes"),
        id_minutes: time("id_minutes"),
        rotate: told.ticked("rotate", s.refresh.rotate),
        idle_days: time("idle_days"),
        absolute_days: time("absolute_days"),
        people: s.kind != ApplicationKind::Machine,
        public,
        dev: asking.service().dev,
    };
    asking.show_told("console/application.html", &page, told)
}

/// Fields that are lengths of time.
fn span(s: &ApplicationSettings, field: &str) -> Span {
    match field {
        "access_minutes" => Span::new(s.access_token_lifetime_seconds, MINUTE),
        "id_minutes" => Span::new(s.id_token_lifetime_seconds, MINUTE),
        "idle_days" => Span::new(s.refresh.idle_seconds, DAY),
        _ => Span::new(s.refresh.absolute_seconds, DAY),
    }
}

fn auth_method(method: AuthMethod) -> &'static str {
    match method {
        AuthMethod::None => "none",
        AuthMethod::ClientSecretBasic => "client_secret_basic",
        AuthMethod::ClientSecretPost => "client_secret_post",
        AuthMethod::PrivateKeyJwt => "private_key_jwt",
    }
}

/// `POST /console/applications/{application}`
pub async fn save(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let row = asking.service().get_application(asking.cx(), id).await?;
    if let Some(told) = Told::overtaken(&asking.sent, &revision(row.updated_at)) {
        return render(&asking, &row, &told);
    }
    let patch = match patch(&asking, &row) {
        Ok(patch) => patch,
        Err((field, message)) => return render(&asking, &row, &Told::wrong(&asking.sent, field, message)),
    };
    match asking.service().patch_application(asking.cx(), &asking.actor(), id, &patch).await {
        Ok(_) => asking.done(&format!("/console/applications/{id}"), "application-saved"),
        Err(error) => render(&asking, &row, &in_units(Told::by(&asking.sent, error)?)),
    }
}

/// The form as a merge patch; `Err` names a field that holds no number.
fn patch(asking: &Asking, row: &ApplicationRow) -> Result<Value, (&'static str, &'static str)> {
    let number = |field: &'static str| {
        span(&row.settings.0, field).typed(asking.field(field)).map_err(|()| (field, "must be a whole number"))
    };
    let optional = |field: &str| Some(asking.field(field)).filter(|text| !text.is_empty()).map(str::to_owned);
    // Grants that the page does not show stay as they are.
    let mut grants = row.settings.0.grant_types.clone();
    grants.retain(|grant| !GRANTS.contains(&grant.as_str()));
    grants.extend(GRANTS.iter().filter(|grant| asking.ticked(&format!("grant_{grant}"))).map(|grant| (*grant).to_owned()));
    let mut patch = json!({
        "name": asking.field("name"),
        "accent": asking.field("accent"),
        "signing_alg": asking.field("signing_alg"),
        "token_endpoint_auth_method": asking.field("token_endpoint_auth_method"),
        "grant_types": grants,
        "access_token_lifetime_seconds": number("access_minutes")?,
        "logo_uri": optional("logo_uri"),
    });
    if row.settings.0.kind != ApplicationKind::Machine
        && let Value::Object(all) = &mut patch
    {
        let more = json!({
            "redirect_uris": lines(asking.field("redirect_uris")),
            "post_logout_redirect_uris": lines(asking.field("post_logout_redirect_uris")),
            "allowed_origins": lines(asking.field("allowed_origins")),
            "home_uri": optional("home_uri"),
            "require_pkce": asking.ticked("require_pkce"),
            "first_party": asking.ticked("first_party"),
            "id_token_lifetime_seconds": number("id_minutes")?,
            "refresh": {
                "rotate": asking.ticked("rotate"),
                "idle_seconds": number("idle_days")?,
                "absolute_seconds": number("absolute_days")?,
            },
        });
        if let Value::Object(more) = more {
            all.extend(more);
        }
        if asking.service().dev {
            all.insert("any_localhost".into(), json!(asking.ticked("any_localhost")));
        }
    }
    Ok(patch)
}

/// Problems of fields that the form has in other units.
fn in_units(mut told: Told) -> Told {
    for wrong in &mut told.wrong {
        let (field, message) = match wrong.field.as_str() {
            "access_token_lifetime_seconds" => ("access_minutes", "must be between 1 and 43200 minutes (30 days)"),
            "id_token_lifetime_seconds" => ("id_minutes", "must be between 1 and 1440 minutes (a day)"),
            "refresh.idle_seconds" => ("idle_days", "must be between 1 and 3650 days, and not above the absolute limit"),
            "refresh.absolute_seconds" => ("absolute_days", "must be between 1 and 3650 days"),
            _ => continue,
        };
        wrong.field = field.to_owned();
        wrong.message = message.to_owned();
    }
    told
}

/// `POST /console/applications/{application}/enabled`
pub async fn enable(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let enabled = asking.field("enabled") == "yes";
    asking.service().patch_application(asking.cx(), &asking.actor(), id, &json!({ "enabled": enabled })).await?;
    asking.done(&format!("/console/applications/{id}"), if enabled { "application-enabled" } else { "application-disabled" })
}

/// `POST /console/applications/{application}/delete`
pub async fn delete(asking: Asking) -> Answer {
    let id: ApplicationId = asking.id("application", "application")?;
    let row = asking.service().get_application(asking.cx(), id).await?;
    // What a person types cannot be a slip of the hand.
    if asking.field("confirmation") != row.name.trim() {
        let told = Told::wrong(&asking.sent, "confirmation", "is not the application's name: nothing was deleted");
        return render(&asking, &row, &Told { typed: std::collections::BTreeMap::default(), ..told });
    }
    asking.service().delete_application(asking.cx(), &asking.actor(), id).await?;
    asking.done("/console/applications", "application-deleted")
}
