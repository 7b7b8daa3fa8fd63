//! Reads the session before a handler runs and writes it back when it changed.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::response::Response;
use http::{Extensions, HeaderValue, Request, header};
use tower_layer::Layer;
use tower_service::Service;

use super::SignIn;
use super::session::Session;
use super::store::StoreError;

/// What handlers of one request share.
#[derive(Clone)]
pub(super) struct Slot {
    pub sign_in: SignIn,
    /// Where the request went, as the browser wrote it.
    pub path: String,
    state: Arc<Mutex<State>>,
}

struct State {
    session: Result<Option<Arc<Session>>, StoreError>,
    change: Change,
    looked_at: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Save,
    Remove,
}

impl Slot {
    pub(super) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn session(&self) -> Result<Option<Arc<Session>>, StoreError> {
        let mut state = self.state();
        state.looked_at = true;
        state.session.clone()
    }

    pub(super) fn replace(&self, session: Arc<Session>) {
        let mut state = self.state();
        state.session = Ok(Some(session));
        state.change = Change::Save;
    }

    pub(super) fn end(&self) {
        self.state().change = Change::Remove;
    }

    async fn write_back(self, mut response: Response) -> Response {
        let (session, change, looked_at) = {
            let state = self.state();
            (state.session.clone().ok().flatten(), state.change, state.looked_at)
        };
        // What was made for one person is not for caches, nor for the back button after signing out.
        if looked_at && !response.headers().contains_key(header::CACHE_CONTROL) {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let cookie = match (change, session) {
            (Change::Save, Some(session)) => match self.sign_in.save(&session).await {
                Ok(cookie) => cookie,
                Err(error) => {
                    tracing::error!(%error, action = error.action(), "a refreshed session could not be kept; the person will sign in again");
                    self.sign_in.forget(Some(&session)).await
                }
            },
            (Change::Remove, session) => self.sign_in.forget(session.as_deref()).await,
            (Change::None, _) | (Change::Save, None) => return response,
        };
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }
}

impl SignIn {
    /// The layer that [`User`](super::User) needs. Put it around every route that asks who is signed in.
    pub fn layer(&self) -> SessionLayer {
        SessionLayer(self.clone())
    }
}

/// See [`SignIn::layer`].
#[derive(Clone, Debug)]
pub struct SessionLayer(SignIn);

impl<S> Layer<S> for SessionLayer {
    type Service = Sessions<S>;

    fn layer(&self, inner: S) -> Sessions<S> {
        Sessions { sign_in: self.0.clone(), inner }
    }
}

/// The service of a [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct Sessions<S> {
    sign_in: SignIn,
    inner: S,
}

impl<S> Service<Request<Body>> for Sessions<S>
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
        let sign_in = self.sign_in.clone();
        // The service that was ready is the one to call.
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        Box::pin(async move {
            let session = sign_in.load(request.headers()).await;
            if let Err(error) = &session {
                tracing::error!(%error, "the session could not be read");
            }
            let uri = request.extensions().get::<OriginalUri>().map_or(request.uri(), |original| &original.0);
            // After signing in a browser comes back with GET; a form that was sent is not sent again.
            let path = if request.method().is_safe() { uri.path_and_query().map_or("/", |path| path.as_str()) } else { "/" };
            let path = path.to_owned();
            let state = Arc::new(Mutex::new(State { session, change: Change::None, looked_at: false }));
            let slot = Slot { sign_in, path, state };
            request.extensions_mut().insert(slot.clone());
            let response = inner.call(request).await?;
            Ok(slot.write_back(response).await)
        })
    }
}
