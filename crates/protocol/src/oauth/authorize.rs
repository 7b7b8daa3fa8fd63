//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2.1).
//!
//! Reading it has two halves. Before `client_id` and `redirect_uri` are proven, a fault is shown on a page and never sent
//! anywhere: an open redirector is worse than an ugly error. After that, a fault goes back to the client.

use super::client::{Accent, ApplicationSettings};
use super::error::OAuthErrorCode;
use super::params::Params;
use super::pkce::CodeChallenge;
use super::response_mode::ResponseMode;
use super::response_type::ResponseType;
use super::{redirect_uri, scope};
use crate::oidc::claims::ClaimsRequest;
use crate::oidc::prompt::Prompt;
use crate::session::Method;
use serde::{Deserialize, Serialize};

/// An authorization request that passed its checks. It travels sealed while a person signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// `client_id`.
    pub client_id: String,
    /// The address that the answer goes to, proven to be registered.
    pub redirect_uri: String,
    /// Whether the request carried `redirect_uri`: then the token request must too (RFC 6749, section 4.1.3).
    pub redirect_uri_sent: bool,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// What it carries.
    #[serde(default, skip_serializing_if = "is_code")]
    pub response_type: ResponseType,
    /// Requested scopes.
    pub scope: Vec<String>,
    /// Returned byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Put into the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// PKCE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// `prompt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt: Vec<Prompt>,
    /// Seconds since the last proof that are tolerated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<i64>,
    /// Identifier to fill in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// An ID token of the person expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_hint: Option<String>,
    /// Languages, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ui_locales: Option<String>,
    /// Authentication contexts, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
    /// `claims` (Core, section 5.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsRequest>,
    /// Resource servers (RFC 8707); accents that say `audience` put it here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// The way of proving that an accent asks for first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
}

fn is_code(response_type: &ResponseType) -> bool {
    *response_type == ResponseType::CODE
}

/// A fault found before the redirect address is proven: shown on a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UntrustedRequest {
    /// No `client_id`, or sent twice.
    #[error("client_id is missing")]
    ClientIdMissing,
    /// No such application in this tenant.
    #[error("there is no application with client_id {0}")]
    UnknownClient(String),
    /// `redirect_uri` is missing though several are registered.
    #[error("redirect_uri is missing")]
    RedirectUriMissing,
    /// `redirect_uri` is not registered.
    #[error("redirect_uri {0} is not registered")]
    RedirectUriNotRegistered(String),
    /// `client_id` or `redirect_uri` was sent twice.
    #[error("the parameter {0} was sent more than once")]
    Repeated(String),
    /// A message would go to an origin that is not registered for it.
    #[error("the origin of {0} is not registered for response_mode=web_message")]
    WebMessageNotAllowed(String),
    /// `request_uri` is no request that this client pushed, or it is too old (RFC 9126, section 4).
    #[error("request_uri is unknown, expired or another client's")]
    PushedRequestUnknown,
}

/// A fault that goes back to the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", code.as_str())]
pub struct RefusedRequest {
    /// The code.
    pub code: OAuthErrorCode,
    /// Words for the developer.
    pub description: String,
}

impl RefusedRequest {
    /// A refusal with words.
    pub fn new(code: OAuthErrorCode, description: impl Into<String>) -> Self {
        Self { code, description: description.into() }
    }
}

/// Where an answer goes; known as soon as the redirect address is proven, before the rest of the request is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    /// The proven address.
    pub redirect_uri: String,
    /// Whether it was sent.
    pub redirect_uri_sent: bool,
    /// How answers travel.
    pub response_mode: ResponseMode,
    /// Returned byte for byte.
    pub state: Option<String>,
}

/// First half: who asks? Reads `client_id`.
pub fn client_id(params: &Params) -> Result<&str, UntrustedRequest> {
    params.one("client_id").map_err(|e| UntrustedRequest::Repeated(e.0))?.ok_or(UntrustedRequest::ClientIdMissing)
}

/// First half: where does the answer go?
pub fn return_address(params: &Params, application: &ApplicationSettings) -> Result<ReturnAddress, UntrustedRequest> {
    let sent = params.one("redirect_uri").map_err(|e| UntrustedRequest::Repeated(e.0))?;
    let redirect_uri = match (sent, application.redirect_uris.as_slice()) {
        (Some(uri), registered) if redirect_uri::is_registered(uri, registered, application.redirect_tolerance()) => {
            uri.to_owned()
        }
        (Some(uri), _) => return Err(UntrustedRequest::RedirectUriNotRegistered(uri.to_owned())),
        // RFC 6749, section 3.1.2.3: it may be left out when exactly one is registered; OpenID Connect Core, section 3.1.2.1,
        // requires it. A pattern is no address.
        (None, [only]) if !only.contains('*') && !params.first("scope").unwrap_or_default().split(' ').any(|s| s == "openid") => {
            only.clone()
        }
        (None, _) => return Err(UntrustedRequest::RedirectUriMissing),
    };
    let response_type = params.first("response_type").and_then(ResponseType::parse).unwrap_or_default();
    let asked = params.first("response_mode").and_then(ResponseMode::parse);
    let response_mode = match asked {
        // Multiple Response Types, section 5: tokens never travel in a query; nor does the refusal to send them so.
        Some(ResponseMode::Query) if response_type.gives_tokens() => ResponseMode::Fragment,
        Some(mode) => mode,
        None => response_type.default_mode(),
    };
    if response_mode == ResponseMode::WebMessage && !application.allows_web_message(&redirect_uri) {
        return Err(UntrustedRequest::WebMessageNotAllowed(redirect_uri));
    }
    Ok(ReturnAddress {
        redirect_uri,
        redirect_uri_sent: sent.is_some(),
        response_mode,
        state: params.first("state").map(str::to_owned),
    })
}

/// Second half: what is asked? Limits: 2 KiB of state, 512 bytes of nonce, 100 scopes.
pub fn read(
    params: &Params,
    application: &ApplicationSettings,
    address: ReturnAddress,
) -> Result<AuthorizationRequest, RefusedRequest> {
    use OAuthErrorCode as Code;
    let refuse = |code, text: &str| Err(RefusedRequest::new(code, text));
    let one = |name: &str| params.one(name).map_err(|e| RefusedRequest::new(Code::InvalidRequest, e.to_string()));

    if one("request")?.is_some() {
        return refuse(Code::RequestNotSupported, "request objects are not supported");
    }
    if one("request_uri")?.is_some() {
        return refuse(Code::RequestUriNotSupported, "request_uri is not supported");
    }
    let response_type = match one("response_type")?.map(ResponseType::parse) {
        Some(Some(response_type)) => response_type,
        Some(None) => return refuse(Code::UnsupportedResponseType, "response_type is not supported"),
        None => return refuse(Code::InvalidRequest, "response_type is missing"),
    };
    if response_type.gives_tokens() && !application.allows_grant("implicit") {
        return refuse(
            Code::UnsupportedResponseType,
            "response_type must be code: this application may not use the implicit grant",
        );
    }
    if response_type.code && !application.allows_grant("authorization_code") {
        return refuse(Code::UnauthorizedClient, "this application may not use the authorization code grant");
    }
    match one("response_mode")?.map(ResponseMode::parse) {
        None => {}
        Some(None) => {
            return refuse(Code::InvalidRequest, "response_mode must be query, fragment, form_post or web_message");
        }
        Some(Some(ResponseMode::Query)) if response_type.gives_tokens() => {
            return refuse(Code::InvalidRequest, "tokens do not travel in a query");
        }
        Some(Some(_)) => {}
    }
    let state = one("state")?;
    if state.is_some_and(|s| s.len() > 2048) {
        return refuse(Code::InvalidRequest, "state is longer than 2048 bytes");
    }
    let nonce = one("nonce")?;
    if nonce.is_some_and(|n| n.len() > 512) {
        return refuse(Code::InvalidRequest, "nonce is longer than 512 bytes");
    }
    // Core, sections 3.2.2.1 and 3.3.2.11: an ID token that travels through the browser is bound to its request.
    if response_type.id_token && nonce.is_none() {
        return refuse(Code::InvalidRequest, "nonce is missing");
    }
    let Some(scope) = scope::parse(one("scope")?.unwrap_or_default()) else {
        return refuse(Code::InvalidScope, "scope contains a character that is not allowed");
    };
    if scope.len() > 100 {
        return refuse(Code::InvalidScope, "more than 100 scopes");
    }
    let code_challenge = match (one("code_challenge")?, one("code_challenge_method")?) {
        (Some(challenge), method) => {
            Some(CodeChallenge::parse(challenge, method).map_err(|e| RefusedRequest::new(Code::InvalidRequest, e.to_string()))?)
        }
        (None, Some(_)) => return refuse(Code::InvalidRequest, "code_challenge_method without code_challenge"),
        (None, None) if response_type.code && application.pkce_required() => {
            return refuse(Code::InvalidRequest, "code_challenge is required (PKCE, RFC 7636)");
        }
        (None, None) => None,
    };
    let prompt =
        Prompt::parse_list(one("prompt")?.unwrap_or_default()).map_err(|e| RefusedRequest::new(Code::InvalidRequest, e))?;
    let max_age = match one("max_age")?.map(str::parse::<i64>) {
        None => None,
        Some(Ok(age)) if age >= 0 => Some(age),
        Some(_) => return refuse(Code::InvalidRequest, "max_age must be a number of seconds"),
    };
    let claims = match one("claims")? {
        None => None,
        Some(text) if text.len() > 4096 => return refuse(Code::InvalidRequest, "claims is longer than 4096 bytes"),
        Some(text) => Some(ClaimsRequest::parse(text).map_err(|e| RefusedRequest::new(Code::InvalidRequest, e))?),
    };
    let resource = params.all("resource");
    // RFC 8707, section 2: an absolute URI without fragment. Other accents name audiences freely.
    if application.accent == Accent::Standard && resource.iter().any(|r| url::Url::parse(r).is_err() || r.contains('#')) {
        return refuse(Code::InvalidTarget, "resource must be an absolute address without fragment");
    }
    let words = |text: Option<&str>| text.unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let acr_values = match words(one("acr_values")?) {
        asked if asked.is_empty() => application.default_acr_values.clone(),
        asked => asked,
    };
    Ok(AuthorizationRequest {
        client_id: params.first("client_id").unwrap_or_default().to_owned(),
        redirect_uri: address.redirect_uri,
        redirect_uri_sent: address.redirect_uri_sent,
        response_mode: address.response_mode,
        response_type,
        scope,
        state: state.map(str::to_owned),
        nonce: nonce.map(str::to_owned),
        code_challenge,
        prompt,
        max_age,
        login_hint: one("login_hint")?.filter(|h| h.len() <= 254).map(str::to_owned),
        id_token_hint: one("id_token_hint")?.map(str::to_owned),
        ui_locales: one("ui_locales")?.filter(|l| l.len() <= 200).map(str::to_owned),
        acr_values,
        claims,
        resource: resource.to_vec(),
        method: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn app() -> ApplicationSettings {
        ApplicationSettings { redirect_uris: vec!["https://app.example/cb".into()], ..Default::default() }
    }

    fn ask(extra: &str) -> Result<AuthorizationRequest, RefusedRequest> {
        let text = format!(
            "client_id=c&redirect_uri=https://app.example/cb&response_type=code&scope=openid&code_challenge={CHALLENGE}&code_challenge_method=S256&{extra}"
        );
        let params = Params::parse(&text);
        let address = return_address(&params, &app()).unwrap();
        read(&params, &app(), address)
    }

    #[test]
    fn a_fault_in_client_or_address_is_never_redirected() {
        let params = Params::parse("client_id=c&redirect_uri=https://evil.example/cb&state=s");
        assert_eq!(
            return_address(&params, &app()),
            Err(UntrustedRequest::RedirectUriNotRegistered("https://evil.example/cb".into()))
        );
        assert_eq!(client_id(&Params::parse("client_id=")), Err(UntrustedRequest::ClientIdMissing));
        assert_eq!(client_id(&Params::parse("client_id=a&client_id=b")), Err(UntrustedRequest::Repeated("client_id".into())));
    }

    #[test]
    fn rfc6749_section_3_1_2_3_one_registered_address_may_be_left_out() {
        let address = return_address(&Params::parse("client_id=c"), &app()).unwrap();
        assert_eq!((address.redirect_uri.as_str(), address.redirect_uri_sent), ("https://app.example/cb", false));
        let openid = Params::parse("client_id=c&scope=openid");
        assert_eq!(return_address(&openid, &app()), Err(UntrustedRequest::RedirectUriMissing), "Core, section 3.1.2.1");
    }

    #[test]
    fn refusals_have_their_code() {
        use OAuthErrorCode as Code;
        for (extra, code) in [
            ("response_type=token", Code::InvalidRequest), // sent twice
            ("prompt=none+login", Code::InvalidRequest),
            ("prompt=dance", Code::InvalidRequest),
            ("max_age=-1", Code::InvalidRequest),
            ("max_age=soon", Code::InvalidRequest),
            ("request=abc", Code::RequestNotSupported),
            ("request_uri=https://x.example", Code::RequestUriNotSupported),
            ("response_mode=smoke", Code::InvalidRequest),
            ("claims=[]", Code::InvalidRequest),
            ("resource=relative", Code::InvalidTarget),
            ("state=a&state=b", Code::InvalidRequest),
        ] {
            assert_eq!(ask(extra).unwrap_err().code, code, "{extra}");
        }
        let params = Params::parse("client_id=c&response_type=code");
        let refused = read(&params, &app(), return_address(&params, &app()).unwrap()).unwrap_err();
        assert!(refused.description.contains("code_challenge"), "{refused}");
    }

    #[test]
    fn core_section_3_2_tokens_travel_only_where_they_are_allowed_and_never_in_a_query() {
        use OAuthErrorCode as Code;
        let implicit = ApplicationSettings { grant_types: vec!["implicit".into(), "authorization_code".into()], ..app() };
        let ask = |settings: &ApplicationSettings, extra: &str| {
            let text = format!("client_id=c&redirect_uri=https://app.example/cb&scope=openid&{extra}");
            let params = Params::parse(&text);
            let address = return_address(&params, settings).unwrap();
            let mode = address.response_mode;
            (mode, read(&params, settings, address))
        };
        let (mode, request) = ask(&implicit, "response_type=id_token&nonce=n");
        assert_eq!((mode, request.unwrap().response_type.id_token), (ResponseMode::Fragment, true));
        let refusal = |settings: &ApplicationSettings, extra: &str| ask(settings, extra).1.unwrap_err().code;
        assert_eq!(refusal(&app(), "response_type=id_token&nonce=n"), Code::UnsupportedResponseType);
        assert_eq!(refusal(&implicit, "response_type=id_token"), Code::InvalidRequest, "no nonce");
        let (mode, refused) = ask(&implicit, "response_type=token&response_mode=query");
        assert_eq!((mode, refused.unwrap_err().code), (ResponseMode::Fragment, Code::InvalidRequest));
    }

    #[test]
    fn a_message_goes_only_to_a_registered_origin() {
        let params =
            Params::parse("client_id=c&redirect_uri=https://app.example/cb&response_type=code&response_mode=web_message");
        assert_eq!(return_address(&params, &app()), Err(UntrustedRequest::WebMessageNotAllowed("https://app.example/cb".into())));
        let framed = ApplicationSettings { web_origins: vec!["https://app.example".into()], ..app() };
        assert_eq!(return_address(&params, &framed).unwrap().response_mode, ResponseMode::WebMessage);
    }

    #[test]
    fn a_whole_request_is_kept() {
        let request = ask("state=%20x%2By&nonce=n&prompt=login&max_age=0&ui_locales=de+en&acr_values=phr&resource=https://api.example&response_mode=form_post").unwrap();
        assert_eq!(request.state.as_deref(), Some(" x+y"));
        assert_eq!((request.max_age, request.response_mode), (Some(0), ResponseMode::FormPost));
        assert_eq!(request.resource, ["https://api.example"]);
    }
}
