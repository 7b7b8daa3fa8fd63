//! RP-Initiated Logout 1.0.

use crate::boxed;
use crate::oauth::authorize::IdTokenHint;
use crate::{Cx, Error, Service};
use doorward_protocol::ids::SessionId;
use doorward_protocol::oauth::params::Params;
use doorward_protocol::oidc::logout::{LogoutFacts, may_return_to, may_return_to_of_tenant, must_confirm};
use doorward_store::applications::ApplicationRow;
use doorward_store::sessions::SessionRow;
use std::sync::Arc;

/// What came of a sign-out request.
pub enum LoggedOut {
    /// The person is asked first; the request is kept as it came.
    Confirm {
        /// The application that asked, if it is known.
        application: Option<Arc<ApplicationRow>>,
    },
    /// Done; the cookie goes.
    Done {
        /// Where to, when that is allowed; the signed-out page otherwise.
        return_to: Option<String>,
        /// The application that asked, if it is known.
        application: Option<Arc<ApplicationRow>>,
    },
    /// The request contradicts itself or asks for what is not registered: a page says so, and nothing is sent anywhere.
    Refused {
        /// Words for the developer.
        reason: &'static str,
    },
}

impl Service {
    /// Signs out, or asks first.
    #[boxed]
    pub async fn logout(
        &self,
        cx: &Cx,
        params: &Params,
        session: Option<&SessionRow>,
        confirmed: bool,
    ) -> Result<LoggedOut, Error> {
        let hint: Option<IdTokenHint> = match params.first("id_token_hint") {
            Some(token) => match self.read_id_token_hint(cx, token).await? {
                Some(hint) => Some(hint),
                None => return Ok(LoggedOut::Refused { reason: "id_token_hint is not an ID token of this issuer" }),
            },
            None => None,
        };
        let client_id = params.first("client_id");
        // Section 2: client_id and the hint must agree.
        if let (Some(id), Some(hint)) = (client_id, &hint)
            && id != hint.client_id
        {
            return Ok(LoggedOut::Refused { reason: "client_id is not the audience of id_token_hint" });
        }
        let application = match client_id.or(hint.as_ref().map(|h| h.client_id.as_str())) {
            Some(id) => self.application(cx.tenant_id(), id).await?,
            None => None,
        };
        let return_to = match params.first("post_logout_redirect_uri") {
            None => None,
            Some(uri) if may_return_to(uri, application.as_ref().map(|a| &a.settings.0)) => {
                Some(with_state(uri, params.first("state")))
            }
            Some(_) => {
                return Ok(LoggedOut::Refused { reason: "post_logout_redirect_uri is not registered for this application" });
            }
        };
        let logout_hint = params.first("logout_hint").and_then(|sid| sid.parse::<SessionId>().ok());
        let same_sid = |sid: &str, session: &SessionRow| sid.parse::<SessionId>().is_ok_and(|id| id == session.id);
        if let (Some(hinted), Some(sid)) = (logout_hint, hint.as_ref().and_then(|h| h.sid.as_deref()))
            && sid.parse::<SessionId>().is_ok_and(|sid| sid != hinted)
        {
            return Ok(LoggedOut::Refused { reason: "logout_hint is not the session of id_token_hint" });
        }
        let hint_matches_session = match (&hint, session) {
            (Some(hint), Some(session)) => {
                let same_person = match &application {
                    Some(a) => self.subject(cx, a.settings.0.accent, session.user_id).await? == hint.sub,
                    None => false,
                };
                hint.sid.as_deref().map_or(same_person, |sid| same_sid(sid, session) || same_person)
            }
            // Whoever knows the session's own id was told it in an ID token.
            (None, Some(session)) => logout_hint == Some(session.id),
            _ => false,
        };
        if must_confirm(&LogoutFacts { has_session: session.is_some(), hint_matches_session, confirmed }) {
            return Ok(LoggedOut::Confirm { application });
        }
        if let Some(session) = session {
            self.end_session(cx, session, "sign_out").await?;
        }
        Ok(LoggedOut::Done { return_to, application })
    }

    /// Signs out without asking, as the sign-out links of some accents do, and says where to return: to an address of the
    /// application's list, or of the tenant's when none is named.
    #[boxed]
    pub async fn sign_out_by_link(
        &self,
        cx: &Cx,
        client_id: Option<&str>,
        return_to: Option<&str>,
        session: Option<&SessionRow>,
    ) -> Result<LoggedOut, Error> {
        let application = match client_id {
            None => None,
            Some(id) => match self.application(cx.tenant_id(), id).await? {
                Some(application) => Some(application),
                None => return Ok(LoggedOut::Refused { reason: "there is no application with this client_id" }),
            },
        };
        let return_to = match (return_to, &application) {
            (None, None) => None,
            (None, Some(application)) => application.settings.0.post_logout_redirect_uris.first().cloned(),
            (Some(uri), Some(application)) if may_return_to(uri, Some(&application.settings.0)) => Some(uri.to_owned()),
            (Some(uri), None) if may_return_to_of_tenant(uri, &cx.tenant.row.settings.0.post_logout_redirect_uris) => {
                Some(uri.to_owned())
            }
            (Some(_), _) => return Ok(LoggedOut::Refused { reason: "the address to return to is not registered" }),
        };
        if let Some(session) = session {
            self.end_session(cx, session, "sign_out").await?;
        }
        Ok(LoggedOut::Done { return_to, application })
    }
}

fn with_state(uri: &str, state: Option<&str>) -> String {
    match (url::Url::parse(uri), state) {
        (Ok(mut url), Some(state)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        _ => uri.to_owned(),
    }
}
