//! Handlers' arguments.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::header;
use http::request::Parts;

use super::guard::{Guarded, Requirements};
use super::{AccessToken, Api, BearerError};

/// The request's access token, checked. Refuses the request with 401 when there is none or it is not good. As `Option<Bearer>`
/// it is `None` when nothing was sent; a token that is not good is refused all the same.
#[derive(Clone, Debug)]
pub struct Bearer(pub AccessToken);

impl Deref for Bearer {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.0
    }
}

impl<S> FromRequestParts<S> for Bearer
where
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, BearerError> {
        let api = Api::from_ref(state);
        // A layer of the same API may have checked it already.
        if let Some(guarded) = parts.extensions.get::<Guarded>().filter(|guarded| guarded.is_of(&api)) {
            return Ok(Self(guarded.token.clone()));
        }
        api.verify_headers(&parts.headers).await.map(Self)
    }
}

impl<S> OptionalFromRequestParts<S> for Bearer
where
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, BearerError> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
    }
}

/// What a handler demands of a token, as a type of its own; see [`Authorized`].
pub trait Requirement: Send + Sync + 'static {
    /// Scopes that must have been granted, all of them.
    const SCOPES: &'static [&'static str] = &[];
    /// Permissions that the person must have, all of them.
    const PERMISSIONS: &'static [&'static str] = &[];
}

/// The request's access token, checked and found to allow what `R` demands: 401 without a good token, 403 when it allows less.
/// A handler that takes it cannot run without.
///
/// ```
/// use doorward_axum::{Authorized, Requirement};
///
/// struct ReadReports;
/// impl Requirement for ReadReports {
///     const PERMISSIONS: &'static [&'static str] = &["read:reports"];
/// }
///
/// async fn reports(token: Authorized<ReadReports>) -> String {
///     format!("reports for {}", token.subject().unwrap_or("an application"))
/// }
/// ```
pub struct Authorized<R> {
    token: AccessToken,
    requirement: PhantomData<fn() -> R>,
}

impl<R> Authorized<R> {
    /// The token.
    pub fn into_inner(self) -> AccessToken {
        self.token
    }
}

impl<R> Deref for Authorized<R> {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

impl<R> fmt::Debug for Authorized<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authorized").field(&self.token).finish()
    }
}

impl<S, R> FromRequestParts<S> for Authorized<R>
where
    S: Send + Sync,
    R: Requirement,
    Api: FromRef<S>,
{
    type Rejection = BearerError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, BearerError> {
        let Bearer(token) = <Bearer as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let demanded = Requirements::scopes(R::SCOPES.iter().copied()).and_permissions(R::PERMISSIONS.iter().copied());
        demanded.check(&token).map_err(|error| Api::from_ref(state).refuse(error))?;
        Ok(Self { token, requirement: PhantomData })
    }
}

/// A token that a layer has checked, for handlers behind it that have no [`Api`] in their state.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Guarded {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
