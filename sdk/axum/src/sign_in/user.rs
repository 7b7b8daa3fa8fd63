//! Who is signed in, as a handler's argument.

use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::json;
use thiserror::Error;
use url::form_urlencoded;

use super::error::SignInError;
use super::layer::Slot;
use super::session::Session;
use super::store::StoreError;
use crate::jwt::{Claims, now};

/// An access token that ends within this many seconds is exchanged before it is used.
const NEARLY_OVER: u64 = 30;

/// The person who is signed in. A handler that takes it is for signed-in people: others are sent to sign in and come back
/// (navigations), or get a 401 (everything else). As `Option<User>` it is `None` for those who are not signed in. It needs
/// [`SignIn::layer`](super::SignIn::layer) around the route.
///
/// ```
/// use doorward_axum::User;
///
/// async fn home(user: Option<User>) -> String {
///     match user {
///         Some(user) => format!("Hello {}", user.name().unwrap_or("you")),
///         None => "Hello stranger".into(),
///     }
/// }
///
/// async fn settings(user: User) -> String {
///     format!("Settings of {}", user.subject())
/// }
/// ```
#[derive(Clone)]
pub struct User {
    slot: Slot,
    subject: String,
    claims: Arc<Claims>,
}

impl User {
    /// `sub`: who it is, for this issuer and for ever. Keep your data under this, not under the address.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `name`.
    pub fn name(&self) -> Option<&str> {
        self.claims.text("name")
    }

    /// `email`.
    pub fn email(&self) -> Option<&str> {
        self.claims.text("email")
    }

    /// Whether the provider has seen that the address is theirs.
    pub fn email_verified(&self) -> bool {
        self.claims.get("email_verified").unwrap_or(false)
    }

    /// `picture`, when it is an HTTPS address.
    pub fn picture(&self) -> Option<&str> {
        self.claims.text("picture").filter(|address| address.starts_with("https://"))
    }

    /// All that the provider told.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// An access token for calling an API in this person's name. One that is over is exchanged for a new one if there is a
    /// refresh token; the error is a response that lets the person sign in again and come back.
    pub async fn access_token(&self) -> Result<String, AccessTokenError> {
        let Some(session) = self.slot.session()? else { return Err(self.sign_in_again()) };
        if session.access_token_ends.is_none_or(|ends| ends > now() + NEARLY_OVER) {
            return Ok(session.access_token.clone());
        }
        let Some(refresh_token) = &session.refresh_token else { return Err(self.sign_in_again()) };
        match self.slot.sign_in.refresh(&session, refresh_token).await {
            Ok(fresh) => {
                // The answer may have been somebody else's question; the place of this session is its own.
                let fresh = Session { stored_as: session.stored_as.clone(), ends: session.ends, ..(*fresh).clone() };
                let access_token = fresh.access_token.clone();
                self.slot.replace(Arc::new(fresh));
                Ok(access_token)
            }
            Err(error) => match &*error {
                SignInError::Provider(_) | SignInError::Store(_) => Err(AccessTokenError::Unavailable((*error).clone())),
                // Used up, revoked or meant for somebody else: the session has lost what it stood on.
                refused => {
                    tracing::info!(error = %refused, action = refused.action(), "the refresh token was refused");
                    self.slot.end();
                    Err(self.sign_in_again())
                }
            },
        }
    }

    fn sign_in_again(&self) -> AccessTokenError {
        AccessTokenError::SignInAgain { location: login_address(&self.slot) }
    }
}

/// Claims are personal; logs that print structures do not show them.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("claims", &self.claims).finish_non_exhaustive()
    }
}

fn login_address(slot: &Slot) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return_to", &slot.path).finish();
    format!("{}?{query}", slot.sign_in.0.paths.login)
}

/// There is no access token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AccessTokenError {
    /// It is over and cannot be exchanged. As a response, this sends the person to sign in and back here.
    #[error("the access token is over; sign in again")]
    SignInAgain {
        /// Where to sign in.
        location: String,
    },
    /// The provider could not be asked for a new one.
    #[error(transparent)]
    Unavailable(SignInError),
    /// The session could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl IntoResponse for AccessTokenError {
    fn into_response(self) -> Response {
        match self {
            Self::SignInAgain { location } => Redirect::to(&location).into_response(),
            Self::Unavailable(error) => error.into_response(),
            Self::Store(error) => SignInError::Store(error).into_response(),
        }
    }
}

/// Nobody is signed in. As a response: to the sign-in for navigations, 401 for everything else.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotSignedIn {
    /// A page was asked for; this leads to sign in and back to it.
    #[error("nobody is signed in")]
    Redirect {
        /// Where to sign in.
        location: String,
    },
    /// Something else was asked for: a redirect would help nobody.
    #[error("nobody is signed in")]
    Unauthorized,
    /// The session could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A programming mistake: the route has no session layer.
    #[error("this route is not inside SignIn::layer()")]
    NoLayer,
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        match self {
            Self::Redirect { location } => Redirect::to(&location).into_response(),
            Self::Unauthorized => {
                let body = json!({ "error": "login_required", "error_description": "sign in first" });
                (StatusCode::UNAUTHORIZED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
            }
            Self::Store(error) => SignInError::Store(error).into_response(),
            Self::NoLayer => {
                tracing::error!("a handler takes a User outside of SignIn::layer(): put the layer around its route");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// Whether a person waits for a page (Fetch Metadata where there is any, else what the request accepts).
fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let page = match text("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => text("accept").is_some_and(|accept| accept.contains("text/html")),
    };
    page && (method == Method::GET || method == Method::HEAD)
}

fn user(parts: &Parts) -> Result<Option<User>, NotSignedIn> {
    let slot = Slot::of(&parts.extensions).ok_or(NotSignedIn::NoLayer)?;
    let Some(session) = slot.session()? else { return Ok(None) };
    let Some(claims) = session.claims() else { return Ok(None) };
    let Some(subject) = claims.text("sub").map(str::to_owned) else { return Ok(None) };
    Ok(Some(User { slot: slot.clone(), subject, claims: Arc::new(claims) }))
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, NotSignedIn> {
        if let Some(user) = user(parts)? {
            return Ok(user);
        }
        match Slot::of(&parts.extensions) {
            Some(slot) if is_navigation(&parts.method, &parts.headers) => {
                Err(NotSignedIn::Redirect { location: login_address(slot) })
            }
            _ => Err(NotSignedIn::Unauthorized),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, NotSignedIn> {
        user(parts)
    }
}
