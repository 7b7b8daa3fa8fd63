//! How the tenant's pages look, and how they would look.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::framed::{framed, with_frames};
use crate::look;
use crate::told::{Told, revision};
use crate::trouble::Trouble;
use doorward_pages::samples;
use doorward_pages::view::{Chrome, Theme, render};
use doorward_protocol::admin::Right::{Manage, Read};
use doorward_service::Error;
use doorward_service::i18n::Locale;
use doorward_store::tenants::TenantRow;
use serde::Serialize;
use serde_json::json;

pub fn doors(doors: Doors) -> Doors {
    doors.page("/console/branding", Read, show).act("/console/branding", Manage, save).page(
        "/console/branding/preview",
        Read,
        preview,
    )
}

#[derive(Serialize)]
struct BrandingPage {
    /// Which version of the settings the form shows.
    revision: String,
    /// Whether there is a colour of the tenant's own to take away, and whether that was asked for.
    own_color: bool,
    no_color: bool,
    name: String,
    color: String,
    logo_url: String,
    support_url: String,
    terms_url: String,
    privacy_url: String,
    default_locale: String,
    locales: Vec<(&'static str, &'static str)>,
    mail_from: String,
    states: Vec<(String, String)>,
    shown: String,
    language: String,
    /// The address of the preview, with what stands in the form.
    preview: String,
}

/// `GET /console/branding`
async fn show(asking: Asking) -> Answer {
    page(&asking, &asking.cx().tenant.row, &Told::nothing())
}

/// States that have nothing to look at, or are no page of the tenant's.
const UNSEEN: [&str; 4] = ["demo", "mail", "form-post", "web-message"];

/// Pages that a tenant's people see.
fn states() -> impl Iterator<Item = samples::State> {
    samples::states().into_iter().filter(|state| !UNSEEN.iter().any(|unseen| state.name.starts_with(unseen)))
}

/// `signin-problem` as people read it: the page, and the state it is in.
fn label(name: &str) -> String {
    let mut end = name.len();
    loop {
        let page = name.get(..end).unwrap_or_default();
        if let Some(words) = look::known(&format!("page-{page}")) {
            let state = name.get(end..).unwrap_or_default().trim_start_matches('-');
            if state.is_empty() {
                return words;
            }
            let state = look::known(&format!("state-{state}")).unwrap_or_else(|| state.replace('-', " "));
            return format!("{words}: {state}");
        }
        match page.rfind('-') {
            Some(shorter) => end = shorter,
            None => return name.replace('-', " "),
        }
    }
}

/// What the pages have without a colour of the tenant's own, as a colour field needs one to show.
const NO_COLOR: &str = "#0f6a64";

/// The colour of a form; the one that a field shows where none is kept is none, and dark pages keep their own.
fn color(asking: &Asking) -> Option<String> {
    if asking.ticked("no_color") {
        return None;
    }
    let kept = asking.cx().tenant.row.settings.0.brand.color.is_some();
    Some(asking.field("color")).filter(|color| !color.is_empty() && (kept || *color != NO_COLOR)).map(str::to_owned)
}

fn page(asking: &Asking, row: &TenantRow, told: &Told) -> Answer {
    let s = &row.settings.0;
    let text = |field: &str, kept: &Option<String>| told.value(field, kept.clone().unwrap_or_default());
    let states: Vec<(String, String)> = states()
        .map(|state| {
            let words = label(&state.name);
            (state.name, words)
        })
        .collect();
    let shown = states.iter().find(|(name, _)| name == asking.field("page")).or(states.first()).map_or("", |(name, _)| name);
    let language = Locale::matching(asking.field("language")).unwrap_or(Locale::En).tag();
    let (color, name) =
        (told.value("color", s.brand.color.clone().unwrap_or_else(|| NO_COLOR.into())), told.value("name", row.name.clone()));
    let logo_url = text("logo_url", &s.brand.logo_url);
    let draft = [("page", shown), ("language", language), ("name", &name), ("color", &color), ("logo_url", &logo_url)];
    let draft = form_urlencoded::Serializer::new(String::new()).extend_pairs(draft).finish();
    let page = BrandingPage {
        revision: revision(row.updated_at),
        own_color: s.brand.color.is_some(),
        no_color: told.ticked("no_color", false),
        preview: format!("/console/branding/preview?{draft}"),
        shown: shown.to_owned(),
        language: language.to_owned(),
        states,
        name,
        color,
        logo_url,
        support_url: text("support_url", &s.brand.support_url),
        terms_url: text("terms_url", &s.brand.terms_url),
        privacy_url: text("privacy_url", &s.brand.privacy_url),
        default_locale: told.value("default_locale", s.default_locale.clone().unwrap_or_else(|| "en".into())),
        locales: Locale::ALL.iter().map(|l| (l.tag(), l.endonym())).collect(),
        mail_from: text("mail_from", &s.mail_from),
    };
    asking.show_told("console/branding.html", &page, told).map(with_frames)
}

/// `POST /console/branding`
async fn save(asking: Asking) -> Answer {
    let kept = asking.service().store.tenant(asking.cx().tenant_id()).await?;
    let row = kept.ok_or(Trouble::NotFound("tenant"))?;
    if let Some(told) = Told::overtaken(&asking.sent, &revision(row.updated_at)) {
        return page(&asking, &row, &told);
    }
    let optional = |field: &str| Some(asking.field(field)).filter(|text| !text.is_empty());
    let patch = json!({
        "name": asking.field("name"),
        "default_locale": optional("default_locale"),
        "mail_from": optional("mail_from"),
        "brand": {
            "color": color(&asking).map(|color| color.to_lowercase()),
            "logo_url": optional("logo_url"),
            "support_url": optional("support_url"),
            "terms_url": optional("terms_url"),
            "privacy_url": optional("privacy_url"),
        },
    });
    match asking.service().patch_tenant(asking.cx(), &asking.actor(), &patch).await {
        Ok(_) => asking.done("/console/branding", "branding-saved"),
        Err(error) => page(&asking, &row, &below(Told::by(&asking.sent, error)?, "brand.")),
    }
}

/// Problems by the names that the form has for its fields.
fn below(mut told: Told, prefix: &str) -> Told {
    for wrong in &mut told.wrong {
        if let Some(field) = wrong.field.strip_prefix(prefix) {
            wrong.field = field.to_owned();
        }
    }
    told
}

/// `GET /console/branding/preview`: a hosted page in one of its states, with the look that the address tells.
async fn preview(asking: Asking) -> Answer {
    let state = states().find(|state| state.name == asking.field("page")).ok_or(Trouble::NotFound("page"))?;
    let locale = Locale::matching(asking.field("language")).unwrap_or(Locale::En);
    let text = |field: &str| Some(asking.field(field)).filter(|text| !text.is_empty()).map(str::to_owned);
    let brand = &asking.cx().tenant.row.settings.0.brand;
    let name = text("name").unwrap_or_else(|| asking.cx().tenant.row.name.clone());
    let mut chrome = Chrome::new(name, locale, "");
    chrome.color = color(&asking);
    // A logo that could not be saved is not shown either.
    chrome.logo_url = text("logo_url").filter(|url| url::Url::parse(url).is_ok_and(|url| url.scheme() == "https"));
    chrome.theme = if asking.field("theme") == "dark" { Theme::Dark } else { Theme::Light };
    chrome.application_name = Some("Orchard Shop".into());
    (chrome.support_url, chrome.terms_url) = (brand.support_url.clone(), brand.terms_url.clone());
    chrome.privacy_url = brand.privacy_url.clone();
    chrome.inert = true;
    let html = render(&state.page, &chrome).map_err(|error| Trouble::Fault(Error::internal(error)))?;
    Ok(asking.visit.answer(framed(html, false)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_the_preview_has_a_name_that_people_read() {
        assert_eq!(label("signin"), "Sign in");
        assert_eq!(label("offer-password"), "Offer of a passkey: after a password");
        assert_eq!(label("account-passkeys-minimal"), "Account, passkeys: with as little as possible");
        for state in states() {
            assert!(label(&state.name).starts_with(char::is_uppercase), "{} has no words", state.name);
        }
        assert!(states().any(|state| state.name.starts_with("device-")), "a page that people see is not shown");
    }
}
