//! The frame of every page: whose it is, in which language, with what protection.

use crate::view::{Chrome, LanguageLink};
use doorward_httpkit::{App, Visit, csrf};
use doorward_service::i18n::Locale;
use doorward_store::applications::ApplicationRow;

/// The frame for a visit.
pub fn chrome(app: &App, visit: &Visit, application: Option<&ApplicationRow>) -> Chrome {
    let tenant = &visit.cx.tenant.row;
    let brand = &tenant.settings.0.brand;
    let mut chrome = Chrome::new(tenant.name.clone(), visit.locale, csrf::token(app, visit));
    chrome.logo_url.clone_from(&brand.logo_url);
    chrome.color.clone_from(&brand.color);
    chrome.support_url.clone_from(&brand.support_url);
    chrome.privacy_url.clone_from(&brand.privacy_url);
    chrome.terms_url.clone_from(&brand.terms_url);
    chrome.application_name = application.map(|a| a.name.clone());
    chrome.dev_mailbox_url = app.service.dev.then(|| "/dev/mailbox".to_owned());
    if let Some(page) = &visit.page {
        chrome.languages = Locale::ALL
            .iter()
            .map(|locale| LanguageLink { tag: locale.tag(), endonym: locale.endonym(), url: in_language(page, *locale) })
            .collect();
    }
    chrome
}

/// The same page in another language.
fn in_language(page: &str, locale: Locale) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let kept = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "ui_locales");
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).append_pair("ui_locales", locale.tag()).finish();
    format!("{path}?{query}")
}
