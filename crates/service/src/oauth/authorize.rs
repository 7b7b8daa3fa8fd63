//! The authorization endpoint: a request in, a code or a page out. Nothing is stored: the request travels sealed while a person
//! signs in, and so does the code afterwards.

use super::token::Issue;
use crate::audit::Event;
use crate::boxed;
use crate::claims::subject_of;
use crate::secrets::new_id;
use crate::signin::{Finished, Goal, Outcome, Start};
use crate::{Cx, Error, Service};
use doorward_protocol::ids::{ApplicationId, GrantId, SessionId, UserId};
use doorward_protocol::oauth::authorize::{
    AuthorizationRequest, RefusedRequest, UntrustedRequest, client_id, read, return_address,
};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::oauth::pkce::CodeChallenge;
use doorward_protocol::oauth::response_mode::ResponseMode;
use doorward_protocol::oidc::prompt::Prompt;
use doorward_protocol::session::{acr, amr, auth_time};
use doorward_protocol::signin::{Purpose, ReturnTo, SignIn, Step};
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::engine::Batch;
use doorward_store::grants::GrantTerms;
use doorward_store::sessions::{self, SessionRow};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Seconds that a code is good for (RFC 6749, section 4.1.2, recommends at most ten minutes).
pub const CODE_SECONDS: i64 = 60;
/// Why a request that must show nothing is refused when a second factor is owed.
pub const SECOND_FACTOR_OWED: &str = "the person has to give a second factor";
pub(crate) const CODE_PURPOSE: &str = "authorization code";

/// An answer to an application, with where it goes and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address.
    pub redirect_uri: String,
    /// How it travels.
    pub response_mode: ResponseMode,
    /// Its parameters, `state` and `iss` included (RFC 9207).
    pub params: Vec<(String, String)>,
}

impl Answer {
    /// An error answer.
    pub fn error(cx: &Cx, request: &AuthorizationRequest, code: OAuthErrorCode, description: &str) -> Self {
        Self::refusal(
            cx,
            &request.redirect_uri,
            request.response_mode,
            request.state.as_deref(),
            &RefusedRequest::new(code, description),
        )
    }

    fn refusal(cx: &Cx, redirect_uri: &str, response_mode: ResponseMode, state: Option<&str>, refused: &RefusedRequest) -> Self {
        let mut params = vec![
            ("error".to_owned(), refused.code.as_str().to_owned()),
            ("error_description".to_owned(), refused.description.clone()),
        ];
        if let Some(state) = state {
            params.push(("state".into(), state.to_owned()));
        }
        params.push(("iss".into(), cx.issuer().to_owned()));
        Self { redirect_uri: redirect_uri.to_owned(), response_mode, params }
    }
}

/// What an authorization code says. It is sealed: nobody reads or changes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// Its id: spent when it is redeemed, and the id of the grant that comes of it.
    pub id: GrantId,
    /// For which application.
    pub application: ApplicationId,
    /// About whom.
    pub user: UserId,
    /// In which session.
    pub session: Option<SessionId>,
    /// Where it was sent.
    pub redirect_uri: String,
    /// Whether the token request must name that address too.
    pub redirect_uri_sent: bool,
    /// PKCE.
    pub code_challenge: Option<CodeChallenge>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// Terms of the grant.
    pub terms: GrantTerms,
}

/// What came of an authorization request.
pub enum Begun {
    /// Shown on a page, sent nowhere.
    Untrusted(UntrustedRequest),
    /// Sent back at once.
    Answer(Box<Answer>),
    /// A person is asked something first.
    Page(Box<crate::signin::View>),
}

/// A request that was read, or the answer that it gets without being read any further.
pub enum ReadRequest {
    /// It passed its checks.
    Good {
        /// Who asks.
        application: Arc<ApplicationRow>,
        /// What for.
        request: Box<AuthorizationRequest>,
    },
    /// It is shown on a page, and sent nowhere.
    Untrusted(UntrustedRequest),
    /// It did not pass them.
    Refused {
        /// Why.
        why: RefusedRequest,
        /// What the application is told.
        answer: Box<Answer>,
    },
}

impl Service {
    /// Begins an authorization request.
    #[boxed]
    pub async fn authorize(&self, cx: &Cx, params: &Params, session: Option<&SessionRow>) -> Result<Begun, Error> {
        let sent = match self.pushed_request(cx, params).await? {
            Ok(sent) => sent,
            Err(untrusted) => return Ok(Begun::Untrusted(untrusted)),
        };
        match self.read_authorization(cx, &sent.params, sent.pushed).await? {
            ReadRequest::Good { application, request } => self.authorize_request(cx, application, *request, session).await,
            ReadRequest::Untrusted(error) => Ok(Begun::Untrusted(error)),
            ReadRequest::Refused { answer, .. } => Ok(Begun::Answer(answer)),
        }
    }

    /// Reads a request. `pushed`: it came by the pushed authorization request endpoint.
    #[boxed]
    pub async fn read_authorization(&self, cx: &Cx, params: &Params, pushed: bool) -> Result<ReadRequest, Error> {
        let untrusted = |error| Ok(ReadRequest::Untrusted(error));
        let id = match client_id(params) {
            Ok(id) => id,
            Err(error) => return untrusted(error),
        };
        let Some(application) = self.application(cx.tenant_id(), id).await? else {
            return untrusted(UntrustedRequest::UnknownClient(id.chars().take(128).collect()));
        };
        let settings = &application.settings.0;
        let address = match return_address(params, settings) {
            Ok(address) => address,
            Err(error) => return untrusted(error),
        };
        let request = match read(params, settings, address.clone()) {
            // RFC 9126, section 6.
            Ok(_) if settings.require_pushed_authorization_requests && !pushed => {
                Err(RefusedRequest::new(OAuthErrorCode::InvalidRequest, "this application must push its requests (RFC 9126)"))
            }
            other => other,
        };
        Ok(match request {
            Ok(request) => ReadRequest::Good { application, request: Box::new(request) },
            Err(why) => {
                let (uri, mode, state) = (&address.redirect_uri, address.response_mode, address.state.as_deref());
                ReadRequest::Refused { answer: self.refuse_request(cx, uri, mode, state, &why), why }
            }
        })
    }

    /// Goes on with a request that was read.
    #[boxed]
    pub async fn authorize_request(
        &self,
        cx: &Cx,
        application: Arc<ApplicationRow>,
        mut request: AuthorizationRequest,
        session: Option<&SessionRow>,
    ) -> Result<Begun, Error> {
        let refused = |request: &AuthorizationRequest, code, text: &str| {
            Ok(Begun::Answer(self.refuse_request(
                cx,
                &request.redirect_uri,
                request.response_mode,
                request.state.as_deref(),
                &RefusedRequest::new(code, text),
            )))
        };
        for audience in &request.resource {
            if self.resource_server(cx.tenant_id(), audience).await?.is_none() {
                return refused(&request, OAuthErrorCode::InvalidTarget, &format!("there is no resource server {audience}"));
            }
        }
        request.scope = match self.grantable_scopes(cx, &application, &request.scope, &request.resource).await? {
            Ok(scope) => scope,
            Err(refusal) => {
                return Ok(Begun::Answer(self.refuse_request(
                    cx,
                    &request.redirect_uri,
                    request.response_mode,
                    request.state.as_deref(),
                    &refusal,
                )));
            }
        };
        let Ok(wanted) = self.wanted_subject(cx, &request).await? else {
            return refused(&request, OAuthErrorCode::InvalidRequest, "id_token_hint is not an ID token of ours");
        };
        let session = match (session, wanted) {
            (Some(session), Some(wanted)) => {
                let subject = self.subject(cx, application.settings.0.accent, session.user_id).await?;
                Some(session).filter(|_| subject == wanted)
            }
            (session, _) => session,
        };
        let silent = request.prompt.contains(&Prompt::None);
        let purpose = if request.prompt.contains(&Prompt::Create) { Purpose::SignUp } else { Purpose::SignIn };
        let start = Start {
            purpose,
            application: Some(application),
            hint: request.login_hint.clone(),
            return_to: ReturnTo::Authorization(Box::new(request.clone())),
        };
        match self.begin_sign_in(cx, start, session).await? {
            Outcome::Finished(finished) => match *finished {
                Finished { goal: Goal::Authorization(answer), .. } => Ok(Begun::Answer(answer)),
                Finished { goal: Goal::Path(_) | Goal::Page(_), .. } => {
                    Err(Error::internal("an authorization request led to a path"))
                }
            },
            Outcome::Show(view) if silent => {
                let (code, text) = match &view.step {
                    Step::Consent { .. } => (OAuthErrorCode::ConsentRequired, "the person has to consent"),
                    Step::SelectAccount => (OAuthErrorCode::AccountSelectionRequired, "the person has to choose an account"),
                    Step::SecondFactor { .. } | Step::EnrolSecondFactor => {
                        (OAuthErrorCode::InteractionRequired, SECOND_FACTOR_OWED)
                    }
                    Step::Blocked(_) => {
                        return Ok(Begun::Answer(Box::new(Answer::error(
                            cx,
                            &request,
                            OAuthErrorCode::AccessDenied,
                            "the person may not sign in",
                        ))));
                    }
                    _ if session.is_some()
                        && !view.state.proofs.is_empty()
                        && view.state.purpose == Purpose::SignIn
                        && !matches!(view.step, Step::Identify) =>
                    {
                        (OAuthErrorCode::InteractionRequired, "the person has to be asked something")
                    }
                    _ => (OAuthErrorCode::LoginRequired, "nobody is signed in"),
                };
                refused(&request, code, text)
            }
            Outcome::Show(view) => Ok(Begun::Page(view)),
        }
    }

    /// The person whom the answer must be about, where the request names one: with a hint, the answer is about that person or
    /// there is none (Core, section 3.1.2.1; for `claims`, section 5.5.1). The inner `Err`: the hint is no ID token of ours.
    async fn wanted_subject(&self, cx: &Cx, request: &AuthorizationRequest) -> Result<Result<Option<String>, ()>, Error> {
        Ok(match &request.id_token_hint {
            None => Ok(request.claims.as_ref().and_then(|claims| claims.sub.clone())),
            Some(hint) => self.read_id_token_hint(cx, hint).await?.map(|hint| Some(hint.sub)).ok_or(()),
        })
    }

    fn refuse_request(
        &self,
        cx: &Cx,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        refused: &RefusedRequest,
    ) -> Box<Answer> {
        metrics::counter!("doorward_authorize_refused_total", "code" => refused.code.as_str()).increment(1);
        Box::new(Answer::refusal(cx, redirect_uri, mode, state, refused))
    }

    /// Makes the answer. A code needs no transaction: it is sealed, and spent when it is redeemed. Tokens are noted.
    pub(crate) async fn authorization_answer(
        &self,
        cx: &Cx,
        request: &AuthorizationRequest,
        state: &SignIn,
    ) -> Result<Answer, Error> {
        let (Some(user), Some(application)) = (state.user, state.application) else {
            return Err(Error::internal("a code without user or application"));
        };
        if let Ok(Some(wanted)) = self.wanted_subject(cx, request).await? {
            let row = self.application_by_id(cx.tenant_id(), application).await?;
            let accent = row.map(|row| row.settings.0.accent).unwrap_or_default();
            if self.subject(cx, accent, user).await? != wanted {
                let text = "somebody else signed in than the one whom the request is about";
                return Ok(Answer::error(cx, request, OAuthErrorCode::LoginRequired, text));
            }
        }
        self.join_if_open(cx, user, application).await?;
        let single = |names: Option<&Vec<String>>| names.cloned().unwrap_or_default();
        let id = GrantId(new_id(cx.now));
        let mut terms = GrantTerms {
            scope: self.scopes_of_person(cx, user, request).await?,
            audience: request.resource.clone(),
            auth_time: auth_time(&state.proofs).map_or(0, Timestamp::seconds),
            acr: acr(&state.proofs).to_owned(),
            amr: amr(&state.proofs).into_iter().map(str::to_owned).collect(),
            id_token_claims: single(request.claims.as_ref().map(|c| &c.id_token)),
            userinfo_claims: single(request.claims.as_ref().map(|c| &c.userinfo)),
            origin: None,
        };
        let mut params = Vec::new();
        let mut code = None;
        if request.response_type.code {
            let content = AuthorizationCode {
                id,
                application,
                user,
                session: state.session,
                redirect_uri: request.redirect_uri.clone(),
                redirect_uri_sent: request.redirect_uri_sent,
                code_challenge: request.code_challenge.clone(),
                nonce: request.nonce.clone(),
                terms: terms.clone(),
            };
            let sealed = self.secrets.seal(CODE_PURPOSE, cx.tenant_id(), cx.now.plus_seconds(CODE_SECONDS), &content)?;
            params.push(("code".to_owned(), sealed.clone()));
            code = Some(sealed);
        }
        if request.response_type.gives_tokens() {
            terms.scope.retain(|s| s != "offline_access");
            let row = self.application_by_id(cx.tenant_id(), application).await?;
            let person = self.store.person(cx.tenant_id(), user).await?;
            let (Some(row), Some(person)) = (row, person) else { return Err(Error::internal("tokens for nobody")) };
            let issue = Issue {
                grant: id,
                grant_type: "implicit",
                application: &row,
                person: Some(&person),
                session: state.session,
                terms: &terms,
                nonce: request.nonce.as_deref(),
                refresh_token: None,
            };
            let tokens = self.issue_through_browser(cx, issue, request.response_type, code.as_deref()).await?;
            if let Some((token, lifetime)) = tokens.access_token {
                params.push(("access_token".into(), token));
                params.push(("token_type".into(), "Bearer".into()));
                params.push(("expires_in".into(), lifetime.to_string()));
                params.push(("scope".into(), terms.scope.join(" ")));
            }
            params.extend(tokens.id_token.map(|token| ("id_token".to_owned(), token)));
            let mut batch = Batch::new().with(
                Event::new("token.issued")
                    .user(user)
                    .application(application)
                    .with("grant_type", "implicit")
                    .with("grant", id.to_string())
                    .with("scope", terms.scope.join(" "))
                    .statement(cx),
            );
            if let Some(session) = state.session {
                batch.push(sessions::note_application(cx.tenant_id(), session, application, cx.now));
            }
            self.store.commit(batch).await?;
        }
        if let Some(state) = &request.state {
            params.push(("state".into(), state.clone()));
        }
        params.push(("iss".into(), cx.issuer().to_owned()));
        Ok(Answer { redirect_uri: request.redirect_uri.clone(), response_mode: request.response_mode, params })
    }

    /// Reads an ID token of ours that a client hands back; its age does not matter (RP-Initiated Logout 1.0, section 2).
    #[boxed]
    pub async fn read_id_token_hint(&self, cx: &Cx, token: &str) -> Result<Option<IdTokenHint>, Error> {
        let keys = self.keys_of(cx.tenant_id(), cx.now).await?;
        let Ok(verified) = doorward_protocol::jose::verify_jwt(token, &keys.verifying(), crate::keys::VERIFYING_ALGORITHMS)
        else {
            return Ok(None);
        };
        let text = |name: &str| verified.claims.get(name).and_then(|v| v.as_str()).map(str::to_owned);
        if text("iss").as_deref() != Some(cx.issuer())
            || verified.header.typ.as_deref().is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt"))
        {
            return Ok(None);
        }
        let (Some(sub), Some(aud)) = (text("sub"), text("aud")) else { return Ok(None) };
        Ok(Some(IdTokenHint { sub, client_id: aud, sid: text("sid") }))
    }

    /// The primary address of a user, for pages that name an account.
    #[boxed]
    pub async fn account_label(&self, cx: &Cx, user: UserId) -> Result<Option<String>, Error> {
        let person = self.store.person(cx.tenant_id(), user).await?;
        Ok(person.map(|p| {
            let subject = subject_of(&p, String::new());
            subject.email.or(subject.profile.preferred_username).or(subject.profile.name).unwrap_or_default()
        }))
    }
}

/// What an ID token of ours said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdTokenHint {
    /// `sub`.
    pub sub: String,
    /// `aud`.
    pub client_id: String,
    /// `sid`.
    pub sid: Option<String>,
}
