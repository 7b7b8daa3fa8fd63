//! The pages.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use doorward_axum::User;
use minijinja::{Environment, Value, context};

use crate::messages::Answer;

/// The templates.
#[derive(Clone)]
pub struct Pages(Arc<Environment<'static>>);

impl Pages {
    /// All of them; fails when one is not well-formed.
    pub fn new() -> Result<Self, minijinja::Error> {
        let mut templates = Environment::new();
        templates.add_template("base.html", include_str!("../templates/base.html"))?;
        templates.add_template("home.html", include_str!("../templates/home.html"))?;
        templates.add_template("profile.html", include_str!("../templates/profile.html"))?;
        templates.add_template("message.html", include_str!("../templates/message.html"))?;
        templates.add_template("not_found.html", include_str!("../templates/not_found.html"))?;
        Ok(Self(Arc::new(templates)))
    }

    /// A page, with who is signed in.
    pub fn show(&self, page: &str, user: Option<&User>, more: Value) -> Response {
        let status = if page == "not_found" { StatusCode::NOT_FOUND } else { StatusCode::OK };
        self.render(page, status, user, more)
    }

    /// A page with the API's answer. It has the API's status, so that a refusal looks like one to machines too.
    pub fn message(&self, title: &str, about: &str, user: Option<&User>, answer: &Answer) -> Response {
        let body = serde_json::to_string_pretty(&answer.body).unwrap_or_default();
        let text = |name: &str| answer.body.get(name).and_then(serde_json::Value::as_str);
        let words = text("message").or_else(|| text("error_description")).unwrap_or("The API gave no reason.");
        let status = answer.status.as_u16();
        let more = context! { title, about, words, body, status, allowed => answer.status.is_success(), reason => answer.status.canonical_reason() };
        self.render("message", answer.status, user, more)
    }

    fn render(&self, page: &str, status: StatusCode, user: Option<&User>, more: Value) -> Response {
        let user = user.map(|user| {
            let name = user.name().or(user.email()).unwrap_or("You");
            let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            context! { name, initial, email => user.email(), verified => user.email_verified(), picture => user.picture() }
        });
        let context = context! { page, user, ..more };
        match self.0.get_template(&format!("{page}.html")).and_then(|template| template.render(context)) {
            Ok(html) => (status, Html(html)).into_response(),
            Err(error) => {
                tracing::error!(%error, page, "the page cannot be shown");
                plain(StatusCode::INTERNAL_SERVER_ERROR, "This page cannot be shown.")
            }
        }
    }
}

/// A page without templates, for when something is wrong.
pub fn plain(status: StatusCode, words: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"data:,\"><title>{words}</title><link rel=\"stylesheet\" href=\"/style.css\"><main class=\"page\"><h1 role=\"alert\">{words}</h1><p class=\"buttons\"><a id=\"try-again\" class=\"button\" href=\"/login\">Log in</a> <a class=\"button quiet\" href=\"/\">Home</a></p></main></html>"
    );
    (status, Html(html)).into_response()
}
