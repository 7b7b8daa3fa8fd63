//! What a browser has got: a page with forms, or a redirect.

use anyhow::{Context as _, Result};
use reqwest::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

/// An answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Status code.
    pub status: u16,
    /// The address that was asked.
    pub url: url::Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: String,
}

/// A form as a browser would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent, as a path of the page's origin or an absolute address.
    pub action: String,
    /// Its fields with their values, buttons excepted.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Fills a field in; adds it when the form has none of that name, as a button or a script does.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        match self.fields.iter_mut().find(|(have, _)| have == name) {
            Some((_, old)) => *old = value.into(),
            None => self.fields.push((name.to_owned(), value.into())),
        }
        self
    }

    /// Takes a field away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(have, _)| have != name);
        self
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }
}

impl Page {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the answer sends the browser.
    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// The parameters of an authorization answer in the query, the fragment or the form of this page.
    pub fn answer(&self) -> Vec<(String, String)> {
        let Some(target) = self.location().and_then(|to| self.url.join(to).ok()) else {
            return self.forms().into_iter().next().map(|form| form.fields).unwrap_or_default();
        };
        let text = target.fragment().or(target.query()).unwrap_or_default();
        url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    /// One parameter of it.
    pub fn answered(&self, name: &str) -> Option<String> {
        self.answer().into_iter().find(|(have, _)| have == name).map(|(_, value)| value)
    }

    /// Every form.
    pub fn forms(&self) -> Vec<Form> {
        let document = Html::parse_document(&self.body);
        document.select(&selector("form")).map(form).collect()
    }

    /// The form that is sent to an action; a query of the action does not matter.
    pub fn form(&self, action: &str) -> Result<Form> {
        let found = self.forms().into_iter().find(|form| form.action.split('?').next() == Some(action));
        found.with_context(|| format!("no form for {action} on {self}"))
    }

    /// Whether there is a form for an action.
    pub fn has_form(&self, action: &str) -> bool {
        self.form(action).is_ok()
    }

    /// An attribute of the element with this id.
    pub fn attribute(&self, id: &str, name: &str) -> Option<String> {
        let document = Html::parse_document(&self.body);
        document.select(&selector(&format!("[id={id}]"))).next().and_then(|e| e.value().attr(name)).map(str::to_owned)
    }

    /// The key of the problem that the page names, such as `passkey-rejected`, or of its reason when it is an error page.
    pub fn problem(&self) -> Option<String> {
        self.attribute("error", "data-problem").or_else(|| self.attribute("error", "data-problem"))
    }

    /// The WebAuthn options that the page carries.
    pub fn passkey_options(&self) -> Result<Value> {
        let document = Html::parse_document(&self.body);
        let element = document.select(&selector("script#passkey-options")).next();
        let text: String = element.with_context(|| format!("no passkey options on {self}"))?.text().collect();
        Ok(serde_json::from_str(&text)?)
    }

    /// The values of an attribute wherever it stands.
    pub fn all(&self, attribute: &str) -> Vec<String> {
        let document = Html::parse_document(&self.body);
        let with = selector(&format!("[{attribute}]"));
        document.select(&with).filter_map(|e| e.value().attr(attribute)).map(str::to_owned).collect()
    }
}

/// In one line, for messages of tests.
impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let document = Html::parse_document(&self.body);
        let title: String = document.select(&selector("h1")).next().map(|e| e.text().collect()).unwrap_or_default();
        let actions: Vec<String> = self.forms().into_iter().map(|form| form.action).collect();
        write!(f, "{} {} {title:?} forms {actions:?} problem {:?}", self.status, self.url, self.problem())?;
        match self.location() {
            Some(to) => write!(f, " leads to {to}"),
            None => Ok(()),
        }
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).expect("a selector of ours")
}

fn form(element: ElementRef<'_>) -> Form {
    let attribute = |e: &ElementRef<'_>, name| e.value().attr(name).unwrap_or_default().to_owned();
    let sent = |input: &ElementRef<'_>| {
        !matches!(input.value().attr("type"), Some("checkbox" | "radio")) || input.value().attr("checked").is_some()
    };
    let inputs = selector("input[name]");
    let fields = element.select(&inputs).filter(sent).map(|i| (attribute(&i, "name"), attribute(&i, "value")));
    Form { action: attribute(&element, "action"), fields: fields.collect() }
}
