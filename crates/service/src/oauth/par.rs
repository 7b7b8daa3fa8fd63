//! Pushed authorization requests (RFC 9126). The request waits in a row, sealed, for the minute in which the browser comes by.

use super::authorize::ReadRequest;
use super::client_auth::ClientCredentials;
use super::token::TokenError;
use crate::boxed;
use crate::secrets::random;
use crate::{Cx, Error, Service};
use doorward_protocol::oauth::authorize::{UntrustedRequest, client_id};
use doorward_protocol::oauth::error::OAuthErrorCode;
use doorward_protocol::oauth::params::Params;
use doorward_store::engine::Batch;
use doorward_store::short_lived;
use uuid::Uuid;

/// Seconds that a pushed request is good for (section 2.2: between 5 and 600), unless an accent's clients expect otherwise.
pub const PUSHED_SECONDS: i64 = 60;
const PURPOSE: &str = "pushed request";
const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// Parameters that prove who the client is; they are not part of the request (section 2.1).
const PROOFS: &[&str] = &["client_secret", "client_assertion", "client_assertion_type"];

/// What a client takes to the authorization endpoint (section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// `request_uri`.
    pub request_uri: String,
    /// `expires_in`.
    pub expires_in: i64,
}

/// Turns the parameters that a client of an accent sent into standard ones.
pub type Reading = fn(&Cx, &Params) -> Params;

/// The parameters of an authorization request, wherever they came from.
#[derive(Debug, Clone)]
pub struct SentRequest {
    /// The parameters.
    pub params: Params,
    /// They were pushed.
    pub pushed: bool,
}

impl Service {
    /// Takes a request in, for so many seconds. `params` are what the client sent; `read_as` is what makes standard
    /// ones of them.
    #[boxed]
    pub async fn push_request(
        &self,
        cx: &Cx,
        authorization: Option<&str>,
        params: &Params,
        seconds: i64,
        read_as: Reading,
    ) -> Result<Result<Pushed, TokenError>, Error> {
        let client = match self.authenticate_client(cx, &ClientCredentials { authorization, params: Some(params) }).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(TokenError::of_client(error, authorization.is_some()))),
        };
        let refuse = |description: String, cause| Ok(Err(TokenError::new(OAuthErrorCode::InvalidRequest, description, cause)));
        if params.first("request_uri").is_some() {
            return refuse("request_uri must not be pushed".into(), "request_uri_pushed");
        }
        let application = &client.application.client_id;
        if params.one("client_id").is_ok_and(|id| id.is_some_and(|id| id != application)) {
            return refuse("client_id is not the client that authenticated".into(), "client_mismatch");
        }
        let kept: Vec<(String, String)> = params
            .pairs()
            .filter(|(name, _)| !PROOFS.contains(name) && *name != "client_id")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain([("client_id".to_owned(), application.clone())])
            .collect();
        // Section 2.1: what would be refused later is refused now.
        match self.read_authorization(cx, &read_as(cx, &Params::from_pairs(kept.clone())), true).await? {
            ReadRequest::Good { .. } => {}
            ReadRequest::Untrusted(error) => return refuse(error.to_string(), "request_refused"),
            // Section 2.3: with the code that the authorization endpoint would have given.
            ReadRequest::Refused { why, .. } => return Ok(Err(TokenError::new(why.code, why.description, "request_refused"))),
        }
        let id = Uuid::from_bytes(random());
        let until = cx.now.plus_seconds(seconds);
        let sealed = self.secrets.seal(PURPOSE, cx.tenant_id(), until, &kept)?;
        let mut batch = Batch::new().with(short_lived::park(cx.tenant_id(), id, &sealed, until));
        if let Some(spend) = client.spend {
            batch.push(spend);
        }
        match self.store.commit(batch).await {
            Ok(_) => Ok(Ok(Pushed { request_uri: format!("{URN}{}", id.simple()), expires_in: seconds })),
            Err(error) if error.is_unique("spent") => Ok(Err(TokenError::replayed_assertion())),
            Err(error) => Err(error.into()),
        }
    }

    /// The parameters that count: those that were pushed, when the request names them (section 4).
    #[boxed]
    pub async fn pushed_request(&self, cx: &Cx, params: &Params) -> Result<Result<SentRequest, UntrustedRequest>, Error> {
        let Some(id) = params.first("request_uri").and_then(|uri| uri.strip_prefix(URN)) else {
            return Ok(Ok(SentRequest { params: params.clone(), pushed: false }));
        };
        let client = match client_id(params) {
            Ok(client) => client,
            Err(error) => return Ok(Err(error)),
        };
        let unknown = Ok(Err(UntrustedRequest::PushedRequestUnknown));
        let Ok(id) = Uuid::parse_str(id) else { return unknown };
        let Some(sealed) = self.store.parked_state(cx.tenant_id(), id, cx.now).await? else { return unknown };
        let Ok(kept) = self.secrets.open::<Vec<(String, String)>>(PURPOSE, cx.tenant_id(), cx.now, &sealed) else {
            return unknown;
        };
        // Section 2.2: it is bound to the client that pushed it.
        if !kept.iter().any(|(name, value)| name == "client_id" && value == client) {
            return unknown;
        }
        Ok(Ok(SentRequest { params: Params::from_pairs(kept), pushed: true }))
    }
}
