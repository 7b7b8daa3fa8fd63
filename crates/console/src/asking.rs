//! A request of an administrator: who, what was asked, and the frame that all pages have.

use crate::door::with_return;
use crate::look;
use crate::told::{Told, Wrong};
use crate::trouble::Trouble;
use crate::upload::File;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit, answers};
use doorward_pages::chrome::chrome;
use doorward_pages::view::Chrome;
use doorward_protocol::admin::{AdminRole, Right};
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::params::Params;
use doorward_service::i18n::Locale;
use doorward_service::{Cx, Service};
use doorward_store::sessions::SessionRow;
use doorward_store::users::Person;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Debug;
use std::str::FromStr;
use uuid::Uuid;

/// A request by an administrator who may make it.
pub struct Asking {
    pub app: App,
    pub visit: Visit,
    pub session: SessionRow,
    pub person: Person,
    pub role: AdminRole,
    path: HashMap<String, String>,
    /// The query of a page, or the form of an act.
    pub sent: Params,
    /// The file that came with a form.
    pub file: Option<File>,
    /// The page that is asked for, or that the form stands on.
    pub here: String,
}

/// What all pages have.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    pub name: String,
    pub identifier: String,
    pub role: &'static str,
    /// What the person may do, so that pages offer nothing that would be refused.
    pub may: May,
    pub fresh: bool,
    pub confirm_url: String,
    pub here: String,
    pub news: Option<String>,
    pub wrong: Vec<Wrong>,
    pub issuer: String,
    pub assets: String,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct May {
    pub help: bool,
    pub manage: bool,
    pub own: bool,
}

/// What is left of a request once its handler has it: enough to say what went wrong.
pub struct Onlooker {
    pub app: App,
    pub visit: Visit,
    pub frame: Frame,
    chrome: Chrome,
}

impl Asking {
    #[allow(clippy::too_many_arguments, reason = "all of it is one request")]
    pub fn new(
        app: App,
        visit: Visit,
        session: SessionRow,
        person: Person,
        role: AdminRole,
        path: HashMap<String, String>,
        sent: Params,
        here: String,
    ) -> Self {
        let here = without_news(&here);
        Self { app, visit, session, person, role, path, sent, file: None, here }
    }

    pub fn service(&self) -> &Service {
        &self.app.service
    }

    pub fn cx(&self) -> &Cx {
        &self.visit.cx
    }

    /// Who acts, for the audit log.
    pub fn actor(&self) -> String {
        format!("user:{}", self.person.user.id)
    }

    /// An id of the path. What is no id is the id of nothing.
    pub fn id<T: FromStr>(&self, name: &str, noun: &'static str) -> Result<T, Trouble> {
        self.path.get(name).and_then(|text| text.parse().ok()).ok_or(Trouble::NotFound(noun))
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A field, without white space around it.
    pub fn field(&self, name: &str) -> &str {
        self.sent.first(name).unwrap_or_default().trim()
    }

    /// A field that holds an id.
    pub fn field_id<T: FromStr>(&self, name: &str, noun: &'static str) -> Result<T, Trouble> {
        self.field(name).parse().map_err(|_| Trouble::NotFound(noun))
    }

    /// The revision of something that does not know when it was changed: another one for everything else that it may be.
    pub fn fingerprint(&self, value: &impl Debug) -> String {
        let digest = self.app.service.secrets.digest("console revision", &[format!("{value:?}").as_bytes()]);
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A box that was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.sent.first(name).is_some()
    }

    /// What the address of the page says, also where a form on that page was sent: so that it is shown as it stood.
    pub fn kept(&self, name: &str) -> String {
        let query = self.here.split_once('?').map_or("", |(_, query)| query);
        let kept = form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        kept.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    /// The cursor of a list.
    pub fn cursor(&self, name: &str) -> Option<Uuid> {
        Uuid::parse_str(&self.kept(name)).ok()
    }

    /// The address of a page with what its place in lists was, for the way back to it after an act.
    pub fn place(&self, path: &str, names: &[&str]) -> String {
        let from = self.here.split_once('?').map_or(self.here.as_str(), |(from, _)| from);
        let kept: Vec<(&str, String)> =
            names.iter().map(|name| (*name, self.kept(name))).filter(|(_, v)| !v.is_empty()).collect();
        if from != path || kept.is_empty() {
            return path.to_owned();
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        format!("{path}?{query}")
    }

    pub fn is_fresh(&self) -> bool {
        self.app.service.is_fresh(&self.visit.cx, &self.session)
    }

    /// Where a fresh proof is given before the page goes on.
    pub fn confirm_url(&self) -> String {
        with_return("/signin/again", &self.here)
    }

    /// The same for a form that came too late: the page then says that nothing of it was kept.
    pub fn confirm_again_url(&self) -> String {
        with_return("/signin/again", &with_news(&self.here, "nothing-saved"))
    }

    fn frame(&self, told: &Told) -> Frame {
        Frame {
            name: name_of(&self.person),
            identifier: identifier_of(&self.person),
            role: self.role.as_str(),
            may: May { help: self.role.may(Right::Help), manage: self.role.may(Right::Manage), own: self.role.may(Right::Own) },
            fresh: self.is_fresh(),
            confirm_url: self.confirm_url(),
            here: self.here.clone(),
            news: self.sent.first("news").filter(|word| look::is_news(word)).map(str::to_owned),
            wrong: told.wrong.iter().cloned().map(named).collect(),
            issuer: self.visit.cx.issuer().to_owned(),
            assets: crate::assets::base(),
        }
    }

    fn chrome(&self) -> Chrome {
        let mut chrome = chrome(&self.app, &self.visit, None);
        (chrome.locale, chrome.languages) = (Locale::En, Vec::new());
        chrome
    }

    /// A page.
    pub fn show(&self, template: &'static str, page: &impl Serialize) -> Result<Response, Trouble> {
        self.show_told(template, page, &Told::nothing())
    }

    /// A page with what is wrong on it.
    pub fn show_told(&self, template: &'static str, page: &impl Serialize, told: &Told) -> Result<Response, Trouble> {
        let status = if told.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok(self.visit.answer(look::page(status, template, page, &self.frame(told), &self.chrome())))
    }

    /// After an act: to a page, with the news.
    pub fn done(&self, path: &str, news: &str) -> Result<Response, Trouble> {
        Ok(self.redirect(&with_news(path, news)))
    }

    /// To a page.
    pub fn redirect(&self, path: &str) -> Response {
        self.visit.answer(answers::see_other(path))
    }

    pub fn onlooker(&self) -> Onlooker {
        let frame = self.frame(&Told::nothing());
        Onlooker { app: self.app.clone(), visit: self.visit.clone(), frame, chrome: self.chrome() }
    }
}

impl Onlooker {
    pub fn render(&self, status: StatusCode, template: &'static str, page: &impl Serialize) -> Response {
        self.visit.answer(look::page(status, template, page, &self.frame, &self.chrome))
    }
}

/// An address with news for whoever comes there.
fn with_news(path: &str, news: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}news={news}")
}

/// An address without the news that it brought once: they are no news the next time.
fn without_news(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("news=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// A field that has no name for people has none on the page, nor a link: only what is wrong with it, with the name it has inside.
fn named(wrong: Wrong) -> Wrong {
    let key = format!("field-{}", wrong.field.replace(['.', '_'], "-"));
    if wrong.field.is_empty() || look::known(&key).is_some() {
        return wrong;
    }
    Wrong { message: format!("{} {}", wrong.field, wrong.message), field: String::new() }
}

/// What a person is called.
pub fn name_of(person: &Person) -> String {
    person.user.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| identifier_of(person))
}

/// What a person is known by.
pub fn identifier_of(person: &Person) -> String {
    let first = person.email().or(person.identifiers.first());
    first.map_or_else(|| person.user.id.to_string(), |i| i.value.clone())
}

/// The user who is known by an address or a user name.
pub async fn find_user(asking: &Asking, typed: &str) -> Result<Option<UserId>, Trouble> {
    for identifier in [Identifier::email(typed), Identifier::username(typed)].into_iter().flatten() {
        if let Some(found) = asking.service().store.identifier(asking.cx().tenant_id(), &identifier).await? {
            return Ok(Some(found.user_id));
        }
    }
    Ok(None)
}
