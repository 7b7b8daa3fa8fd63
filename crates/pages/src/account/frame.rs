//! What all account pages share: who is signed in, the frame, and how a post begins and ends.

use crate::chrome::chrome;
use crate::faces::{error_page, fault_page, password_problem};
use crate::page::page;
use crate::signin::words;
use crate::view::{AccountFrame, AccountUrls, Chrome, ErrorReason, Notice, Page, Problem, Signals};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_httpkit::csrf::{self, CsrfError};
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::identity::IdentifierError;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::policy::SecondFactor;
use doorward_service::account::AccountError;
use doorward_service::signin::relying_party;
use doorward_store::passkeys::PasskeyRow;
use doorward_store::sessions::SessionRow;
use doorward_store::users::{ACTIVE, Person};
use serde::Deserialize;

/// What the address of an account page may carry.
#[derive(Debug, Default, Deserialize)]
pub struct PageQuery {
    pub notice: Option<String>,
    pub flow: Option<String>,
    pub before: Option<String>,
}

/// A request by somebody who is signed in.
pub struct Asking {
    pub app: App,
    pub visit: Visit,
    pub session: SessionRow,
    pub person: Person,
    /// The page that is asked for, or that the form stands on.
    pub here: &'static str,
}

/// What happened just before the page is shown.
#[derive(Debug, Default)]
pub struct Told {
    pub problem: Option<Problem>,
    pub notice: Option<Notice>,
    /// What was typed into the field that is at fault.
    pub typed: Option<String>,
}

impl Told {
    /// By the address of a page.
    pub fn by(query: &PageQuery) -> Self {
        Self { notice: query.notice.as_deref().and_then(notice), ..Self::default() }
    }

    /// Why a form came back.
    pub fn wrong(problem: Problem) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

/// Who asks; `Err` sends everybody else to sign in, and back here.
pub async fn asking(app: App, mut visit: Visit, here: &'static str) -> Result<Asking, Response> {
    let Some(session) = visit.session.clone() else {
        return Err(visit.answer(answers::see_other(&format!("/signin?return_to={here}"))));
    };
    match app.service.account(&visit.cx, &session).await {
        Ok(person) if person.user.status == ACTIVE => Ok(Asking { app, visit, session, person, here }),
        Ok(_) => Err(visit.answer(error_page(&app, &visit, StatusCode::FORBIDDEN, ErrorReason::AccountDisabled, None, None))),
        Err(AccountError::NotFound(_)) => {
            visit.cookies.remove("session");
            Err(visit.answer(answers::see_other("/signin")))
        }
        Err(AccountError::Fault(error)) => Err(fault_page(&app, &visit, &error)),
        Err(other) => Err(fault_page(&app, &visit, &doorward_service::Error::internal(other))),
    }
}

/// Who posts, and what, after the protection token was checked.
pub async fn posting(app: App, visit: Visit, body: &[u8], here: &'static str) -> Result<(Asking, Params), Response> {
    let params = Params::parse(&String::from_utf8_lossy(body));
    if let Err(error) = csrf::check(&app, &visit, params.first("csrf")) {
        let reason = match error {
            CsrfError::NoCookies => ErrorReason::CookiesBlocked,
            CsrfError::OtherSite | CsrfError::Token => ErrorReason::FormExpired,
        };
        return Err(visit.answer(error_page(&app, &visit, StatusCode::FORBIDDEN, reason, Some(here.into()), None)));
    }
    Ok((asking(app, visit, here).await?, params))
}

/// The text of a field.
pub fn field<'a>(params: &'a Params, name: &str) -> &'a str {
    params.first(name).unwrap_or_default()
}

impl Asking {
    /// Name, addresses of the pages, and what happened.
    pub fn frame(&self, told: &Told) -> AccountFrame {
        let mut urls = AccountUrls::below("/account", "/connect/logout");
        if !self.visit.cx.policy().password.enabled {
            urls.password = None;
        }
        if self.visit.cx.policy().second_factor.requirement == SecondFactor::Off {
            urls.two_step = None;
        }
        let identifier = self.identifier();
        AccountFrame {
            name: self.person.user.name.clone().unwrap_or_else(|| identifier.clone()),
            identifier,
            picture_url: self.person.user.profile.0.picture.clone(),
            urls,
            problem: told.problem,
            notice: told.notice,
        }
    }

    /// What the person is known by.
    pub fn identifier(&self) -> String {
        let first = self.person.email().or(self.person.identifiers.first());
        first.map(|i| i.value.clone()).or_else(|| self.person.user.name.clone()).unwrap_or_default()
    }

    /// Whether the last proof is recent enough for sensitive changes.
    pub fn is_fresh(&self) -> bool {
        self.app.service.is_fresh(&self.visit.cx, &self.session)
    }

    /// Where a fresh proof is given, before `here` goes on.
    pub fn confirm_url(&self) -> String {
        again(self.here)
    }

    /// The frame around the page.
    pub fn chrome(&self) -> Chrome {
        chrome(&self.app, &self.visit, None)
    }

    /// Answers with a page: 200, or 422 when a form came back.
    pub fn answer(&self, context: &Page, chrome: &Chrome, told: &Told) -> Response {
        let status = match told.problem {
            None => StatusCode::OK,
            Some(Problem::TooManyAttempts { .. }) => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        self.visit.answer(page(status, context, chrome))
    }

    /// After a change: back to the page, with the good news.
    pub fn done(&self, news: Notice) -> Response {
        self.visit.answer(answers::see_other(&format!("{}?notice={}", self.here, key(news))))
    }

    /// News for the passkey manager (WebAuthn Level 3, section 5.1.10): what is still accepted, and under which name.
    pub fn signals(&self, passkeys: &[PasskeyRow]) -> Signals {
        let rp_id = relying_party(&self.visit.cx, self.app.service.dev).id;
        // Passkeys of a former relying party are managed under that one.
        let accepted = passkeys.iter().filter(|p| p.rp_id == rp_id).map(|p| URL_SAFE_NO_PAD.encode(&p.credential_id)).collect();
        let handle = passkeys.first().map_or_else(|| self.session.user_id.0.as_bytes().to_vec(), |p| p.user_handle.clone());
        let name = self.identifier();
        Signals {
            rp_id,
            user_id: Some(URL_SAFE_NO_PAD.encode(handle)),
            unknown_credential_id: None,
            all_accepted_credential_ids: Some(accepted),
            display_name: self.person.user.name.clone().or_else(|| Some(name.clone())),
            name: Some(name),
        }
    }

    /// What a refusal means for the page: another answer, or the page again with the problem on it.
    pub fn refused(&self, error: AccountError) -> Result<Told, Response> {
        let problem = match error {
            AccountError::NotFresh => return Err(self.visit.answer(answers::see_other(&self.confirm_url()))),
            AccountError::Fault(error) => return Err(fault_page(&self.app, &self.visit, &error)),
            AccountError::NotFound("account") => return Err(self.visit.answer(answers::see_other("/signin"))),
            // What the form was about went away in another tab: the page shows what is there now.
            AccountError::NotFound(_) | AccountError::PasswordsOff | AccountError::SecondFactorsOff => Problem::FormExpired,
            AccountError::Invalid(_) => Problem::FieldInvalid,
            AccountError::NameMissing => Problem::NameMissing,
            AccountError::Email(IdentifierError::Empty) => Problem::IdentifierMissing,
            AccountError::Email(_) => Problem::EmailInvalid,
            AccountError::EmailTaken => Problem::EmailTaken,
            AccountError::PrimaryEmail => Problem::PrimaryEmail,
            AccountError::EmailUnverified => Problem::EmailUnverified,
            AccountError::LastSignInMethod => Problem::LastSignInMethod,
            AccountError::LastOwner => Problem::LastOwner,
            AccountError::WrongPassword => Problem::PasswordWrong,
            AccountError::Password(problem) => password_problem(problem),
            AccountError::Locked { wait } => Problem::TooManyAttempts { minutes: words::minutes(wait) },
            AccountError::Refused(problem) => words::shown(&problem),
            AccountError::ConfirmationWrong => Problem::ConfirmationWrong,
        };
        Ok(Told::wrong(problem))
    }

    /// Counts a proof that somebody types; `Err` is the problem when there were too many from this address.
    pub fn count_proof(&self) -> Result<(), Told> {
        let counted = self.app.service.limits.proof(&self.visit.cx.client.ip);
        counted.map_err(|wait| Told::wrong(Problem::TooManyAttempts { minutes: words::minutes(wait) }))
    }
}

/// Where a fresh proof is given before a path goes on.
pub fn again(path: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", path).finish();
    format!("/signin/again?{query}")
}

/// The word for a piece of news, as it stands in the address and in the language files.
fn key(news: Notice) -> String {
    let value = serde_json::to_value(news).unwrap_or_default();
    value.get("key").and_then(|k| k.as_str()).unwrap_or_default().to_owned()
}

/// The news that a word stands for; nothing else can be put on a page by its address.
fn notice(word: &str) -> Option<Notice> {
    Notice::ALL.iter().copied().find(|news| key(*news) == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_news_can_be_put_on_a_page() {
        assert_eq!(notice("email-primary"), Some(Notice::EmailPrimary));
        assert!(Notice::ALL.iter().all(|news| notice(&key(*news)) == Some(*news)));
        assert_eq!(notice("call-this-number"), None);
        assert_eq!(notice(""), None);
    }

    #[test]
    fn a_fresh_proof_leads_back() {
        assert_eq!(
            again("/account/emails/verify?flow=a&x=1"),
            "/signin/again?return_to=%2Faccount%2Femails%2Fverify%3Fflow%3Da%26x%3D1"
        );
    }
}
