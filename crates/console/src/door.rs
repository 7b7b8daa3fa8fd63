//! The way in. A path is declared with the right that it needs, so that no handler can forget to ask: what reaches a handler is
//! an [`Asking`] whose person is an administrator with that right, in this tenant, with an honest form and, for sensitive acts,
//! a proof that is fresh.

use crate::asking::Asking;
use crate::trouble::{self, Trouble};
use crate::upload::{self, Sent};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest as _, RawForm, RawPathParams, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use doorward_httpkit::csrf::{self, CsrfError};
use doorward_httpkit::{App, Visit, answers};
use doorward_pages::faces::{error_page, fault_page};
use doorward_pages::view::ErrorReason;
use doorward_protocol::admin::Right;
use doorward_protocol::oauth::params::Params;
use doorward_service::directory::DirectoryError;
use doorward_store::users::ACTIVE;
use std::collections::HashMap;

/// A path and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As the router has it.
    pub path: &'static str,
    /// What the person must be allowed.
    pub right: Right,
    /// Whether the last proof must be fresh.
    pub fresh: bool,
    /// Whether its form may carry a file.
    pub file: bool,
}

/// What a handler gives.
pub type Answer = Result<Response, Trouble>;

/// All of them.
#[derive(Default)]
pub struct Doors {
    router: Router<App>,
    list: Vec<Door>,
}

impl Doors {
    /// A page.
    #[must_use]
    pub fn page<F, T>(self, path: &'static str, right: Right, handler: F) -> Self
    where
        F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Answer> + Send + 'static,
    {
        self.add(Door { method: "GET", path, right, fresh: false, file: false }, handler)
    }

    /// An act, by form.
    #[must_use]
    pub fn act<F, T>(self, path: &'static str, right: Right, handler: F) -> Self
    where
        F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Answer> + Send + 'static,
    {
        self.add(Door { method: "POST", path, right, fresh: false, file: false }, handler)
    }

    /// An act that could let somebody else in or cannot be undone: only after a fresh proof.
    #[must_use]
    pub fn sensitive<F, T>(self, path: &'static str, right: Right, handler: F) -> Self
    where
        F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Answer> + Send + 'static,
    {
        self.add(Door { method: "POST", path, right, fresh: true, file: false }, handler)
    }

    /// A sensitive act whose form carries a file. The file is read only from somebody who may do it.
    #[must_use]
    pub fn upload<F, T>(self, path: &'static str, right: Right, handler: F) -> Self
    where
        F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Answer> + Send + 'static,
    {
        self.add(Door { method: "POST", path, right, fresh: true, file: true }, handler)
    }

    fn add<F, T>(mut self, door: Door, handler: F) -> Self
    where
        F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
        T: Future<Output = Answer> + Send + 'static,
    {
        self.list.push(door);
        let method: MethodRouter<App> = match door.method {
            "GET" => get(enter(door, handler)),
            _ if door.file => post(enter(door, handler)).layer(DefaultBodyLimit::max(upload::MOST_BYTES)),
            _ => post(enter(door, handler)),
        };
        Self { router: self.router.route(door.path, method), list: self.list }
    }

    pub(crate) fn router(self) -> Router<App> {
        self.router
    }

    pub(crate) fn list(self) -> Vec<Door> {
        self.list
    }
}

type Entered = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

fn enter<F, T>(
    door: Door,
    handler: F,
) -> impl Fn(State<App>, Visit, RawPathParams, Request) -> Entered + Clone + Send + Sync + 'static
where
    F: Fn(Asking) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    move |State(app), visit, names, request| {
        let handler = handler.clone();
        Box::pin(async move {
            let path = names.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let sent = if door.file && upload::is_one(&request) {
                if !may_send(door, &app, &visit).await {
                    return unread(door, app, visit, path).await;
                }
                upload::read(request).await
            } else {
                let form = RawForm::from_request(request, &app).await.map(|RawForm(form)| form).unwrap_or_default();
                Sent { params: Params::parse(&String::from_utf8_lossy(&form)), file: None }
            };
            if let Some(refusal) = forged(door, &app, &visit, &sent.params) {
                return refusal;
            }
            let mut asking = match admit(door, app, visit, path, sent.params).await {
                Ok(asking) => asking,
                Err(response) => return *response,
            };
            asking.file = sent.file;
            let onlooker = asking.onlooker();
            match handler(asking).await {
                Ok(response) => response,
                Err(trouble) => onlooker.trouble(&trouble),
            }
        })
    }
}

/// Whether a large body is worth reading: from somebody with the right, who proved it a moment ago.
async fn may_send(door: Door, app: &App, visit: &Visit) -> bool {
    let Some(session) = &visit.session else { return false };
    let role = app.service.administrator(&visit.cx, session.user_id).await.ok().flatten();
    role.is_some_and(|role| role.may(door.right)) && app.service.is_fresh(&visit.cx, session)
}

/// Why a file is not read: whoever sent it has to sign in, to prove it anew, or may not. The token stands in what is not read, so it
/// cannot be asked for; nothing is done here that a forged form could want.
async fn unread(door: Door, app: App, visit: Visit, path: HashMap<String, String>) -> Response {
    let page = expired(&app, &visit, ErrorReason::FormExpired);
    let sent = Params::from_pairs(vec![("from".to_owned(), door.path.to_owned())]);
    match admit(door, app, visit, path, sent).await {
        Err(response) => *response,
        Ok(_) => page,
    }
}

/// What answers a form that does not come from a page of ours.
fn forged(door: Door, app: &App, visit: &Visit, params: &Params) -> Option<Response> {
    if door.method != "POST" {
        return None;
    }
    let reason = match csrf::check(app, visit, params.first("csrf")).err()? {
        CsrfError::NoCookies => ErrorReason::CookiesBlocked,
        CsrfError::OtherSite | CsrfError::Token => ErrorReason::FormExpired,
    };
    Some(expired(app, visit, reason))
}

fn expired(app: &App, visit: &Visit, reason: ErrorReason) -> Response {
    let page = error_page(app, visit, StatusCode::FORBIDDEN, reason, Some("/console".into()), None);
    visit.answer(page)
}

/// Asks everything else that has to be asked before a handler runs.
async fn admit(
    door: Door,
    app: App,
    mut visit: Visit,
    path: HashMap<String, String>,
    params: Params,
) -> Result<Asking, Box<Response>> {
    let here = visit.page.clone().unwrap_or_else(|| own(params.first("from")));
    let Some(session) = visit.session.clone() else {
        return Err(Box::new(visit.answer(answers::see_other(&with_return("/signin", &here)))));
    };
    let person = match app.service.get_user(&visit.cx, session.user_id).await {
        Ok(person) if person.user.status == ACTIVE => person,
        Ok(_) => {
            let page = error_page(&app, &visit, StatusCode::FORBIDDEN, ErrorReason::AccountDisabled, None, None);
            return Err(Box::new(visit.answer(page)));
        }
        Err(DirectoryError::Fault(error)) => return Err(Box::new(fault_page(&app, &visit, &error))),
        Err(_) => {
            visit.cookies.remove("session");
            return Err(Box::new(visit.answer(answers::see_other("/signin"))));
        }
    };
    let role = match app.service.administrator(&visit.cx, person.user.id).await {
        Ok(role) => role,
        Err(error) => return Err(Box::new(fault_page(&app, &visit, &doorward_service::Error::internal(error)))),
    };
    let Some(role) = role else { return Err(Box::new(trouble::stranger(&app, &visit, &person))) };
    let asking = Asking::new(app, visit, session, person, role, path, params, here);
    if !role.may(door.right) {
        return Err(Box::new(asking.onlooker().trouble(&Trouble::NotAllowed(door.right))));
    }
    if door.fresh && !asking.is_fresh() {
        return Err(Box::new(asking.redirect(&asking.confirm_again_url())));
    }
    Ok(asking)
}

/// A path of the console, or its first page.
pub(crate) fn own(path: Option<&str>) -> String {
    let sound = |path: &&str| {
        (*path == "/console" || path.starts_with("/console/") || path.starts_with("/console?"))
            && path.len() <= 500
            && !path.contains('\\')
            && path.bytes().all(|b| b.is_ascii_graphic())
    };
    path.filter(sound).unwrap_or("/console").to_owned()
}

/// A page of sign-in that leads back.
pub(crate) fn with_return(page: &str, back: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", back).finish();
    format!("{page}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_the_console_only() {
        for good in ["/console", "/console?x=1", "/console/users/1?page=2"] {
            assert_eq!(own(Some(good)), good);
        }
        for bad in ["", "/account", "//evil.example", "/consoles", "https://evil.example/console", "/console/\\x", "/console/ x"]
        {
            assert_eq!(own(Some(bad)), "/console", "{bad}");
        }
    }
}
