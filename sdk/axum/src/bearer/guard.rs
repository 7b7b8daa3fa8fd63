//! A layer that lets only those requests through whose token allows them.

use std::convert::Infallible;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{AccessToken, Api, BearerError};

/// What is demanded of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    scopes: Vec<String>,
    permissions: Vec<String>,
}

impl Requirements {
    /// Any good token.
    pub fn token() -> Self {
        Self::default()
    }

    /// A token with all of these scopes.
    pub fn scopes<T: Into<String>>(scopes: impl IntoIterator<Item = T>) -> Self {
        Self { scopes: scopes.into_iter().map(Into::into).collect(), permissions: Vec::new() }
    }

    /// A token with all of these permissions.
    pub fn permissions<T: Into<String>>(permissions: impl IntoIterator<Item = T>) -> Self {
        Self::default().and_permissions(permissions)
    }

    /// And with all of these permissions.
    pub fn and_permissions<T: Into<String>>(mut self, permissions: impl IntoIterator<Item = T>) -> Self {
        self.permissions.extend(permissions.into_iter().map(Into::into));
        self
    }

    /// RFC 6750, section 3.1: `insufficient_scope` when the token allows less.
    pub(super) fn check(&self, token: &AccessToken) -> Result<(), BearerError> {
        if !self.scopes.iter().all(|scope| token.has_scope(scope)) {
            return Err(BearerError::insufficient("scope", &self.scopes));
        }
        if !self.permissions.iter().all(|permission| token.has_permission(permission)) {
            return Err(BearerError::insufficient("permission", &self.permissions));
        }
        Ok(())
    }
}

/// The token that a [`RequireLayer`] has checked; handlers may take it as `Option<Guarded>`.
#[derive(Clone, Debug)]
pub struct Guarded {
    pub(super) token: AccessToken,
    api: Api,
}

impl Guarded {
    pub(super) fn is_of(&self, api: &Api) -> bool {
        Arc::ptr_eq(&self.api.0, &api.0)
    }
}

impl Deref for Guarded {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

impl Api {
    /// A layer for routes that all demand the same.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use doorward_axum::{Api, Provider, Requirements};
    ///
    /// # let provider = Provider::new("https://login.example.com")?;
    /// let api = Api::builder(provider, "https://api.example.com").build()?;
    /// let admin: Router = Router::new()
    ///     .route("/admin/reports", get(|| async { "all reports" }))
    ///     .route_layer(api.require(Requirements::permissions(["read:reports"])));
    /// # Ok::<(), doorward_axum::ConfigError>(())
    /// ```
    pub fn require(&self, requirements: Requirements) -> RequireLayer {
        RequireLayer { api: self.clone(), requirements: Arc::new(requirements) }
    }
}

/// See [`Api::require`].
#[derive(Clone, Debug)]
pub struct RequireLayer {
    api: Api,
    requirements: Arc<Requirements>,
}

impl<S> Layer<S> for RequireLayer {
    type Service = Require<S>;

    fn layer(&self, inner: S) -> Require<S> {
        Require { layer: self.clone(), inner }
    }
}

/// The service of a [`RequireLayer`].
#[derive(Clone, Debug)]
pub struct Require<S> {
    layer: RequireLayer,
    inner: S,
}

impl<S> Service<Request<Body>> for Require<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let RequireLayer { api, requirements } = self.layer.clone();
        // The service that was ready is the one to call.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        Box::pin(async move {
            let checked = api.verify_headers(request.headers()).await.and_then(|token| {
                requirements.check(&token).map_err(|error| api.refuse(error))?;
                Ok(token)
            });
            match checked {
                Ok(token) => {
                    request.extensions_mut().insert(Guarded { token, api });
                    inner.call(request).await
                }
                Err(error) => Ok(error.into_response()),
            }
        })
    }
}
