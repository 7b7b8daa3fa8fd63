//! What stops a handler, as a page that says what happened and what to do.

use crate::asking::{Asking, Onlooker, name_of};
use crate::look;
use axum::http::StatusCode;
use axum::response::Response;
use doorward_httpkit::{App, Visit};
use doorward_pages::chrome::chrome;
use doorward_pages::faces::fault_page;
use doorward_protocol::admin::{AdminRole, Right};
use doorward_service::Error;
use doorward_service::directory::DirectoryError;
use doorward_service::i18n::Locale;
use doorward_store::engine::StoreError;
use doorward_store::users::Person;
use serde::Serialize;

/// Why a handler gave no page of its own.
#[derive(Debug)]
pub enum Trouble {
    /// There is no such thing (any more).
    NotFound(&'static str),
    /// The person's role does not reach that far.
    NotAllowed(Right),
    /// The account belongs to somebody who is trusted with more.
    MoreTrusted(AdminRole),
    /// Something is in the way.
    Refused(String),
    /// A fault inside.
    Fault(Error),
}

impl From<DirectoryError> for Trouble {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::NotFound { noun } => Self::NotFound(noun),
            DirectoryError::Administrator { role } => Self::MoreTrusted(role),
            DirectoryError::Fault(error) => Self::Fault(error),
            other @ (DirectoryError::Conflict { .. } | DirectoryError::Invalid(_)) => Self::Refused(other.to_string()),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

#[derive(Serialize)]
struct TroublePage<'a> {
    kind: &'static str,
    role: &'static str,
    needs: &'static str,
    noun: &'a str,
    detail: &'a str,
}

impl Onlooker {
    /// The page.
    pub fn trouble(&self, trouble: &Trouble) -> Response {
        let role = self.frame.role;
        let page = |kind, needs, noun, detail| TroublePage { kind, role, needs, noun, detail };
        let (status, page) = match trouble {
            Trouble::Fault(error) => return fault_page(&self.app, &self.visit, error),
            Trouble::NotFound(noun) => (StatusCode::NOT_FOUND, page("gone", "", *noun, "")),
            Trouble::NotAllowed(right) => (StatusCode::FORBIDDEN, page("role", least(*right).as_str(), "", "")),
            Trouble::MoreTrusted(other) => (StatusCode::FORBIDDEN, page("trust", other.as_str(), "", "")),
            Trouble::Refused(detail) => (StatusCode::CONFLICT, page("refused", "", "", detail.as_str())),
        };
        self.render(status, "console/trouble.html", &page)
    }
}

fn least(right: Right) -> AdminRole {
    AdminRole::ALL.into_iter().find(|role| role.may(right)).unwrap_or(AdminRole::Owner)
}

#[derive(Serialize)]
struct StrangerPage {
    name: String,
}

/// Signed in, and no administrator.
pub fn stranger(app: &App, visit: &Visit, person: &Person) -> Response {
    let mut chrome = chrome(app, visit, None);
    (chrome.locale, chrome.languages) = (Locale::En, Vec::new());
    let page = StrangerPage { name: name_of(person) };
    visit.answer(look::page(StatusCode::FORBIDDEN, "console/stranger.html", &page, &(), &chrome))
}

impl Asking {
    /// Refuses to change the account of somebody who is trusted with more.
    pub async fn may_change(&self, other: doorward_protocol::ids::UserId) -> Result<(), Trouble> {
        Ok(self.app.service.may_change_account(&self.visit.cx, &self.actor(), other, "console").await?)
    }
}
