//! Sign-in, sign-up and recovery as pages. A flow is in the address and in a hidden field, never in a cookie: two tabs are two
//! flows, the back button goes back, and a reload shows the same step.

pub(crate) mod answer;
mod link;
pub(crate) mod render;
mod start;
pub(crate) mod words;

pub use render::flow_path;
pub(crate) use render::secret;

use axum::Router;
use axum::routing::{get, post};
use doorward_httpkit::App;

/// Every path, in one list.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/signin", get(start::sign_in))
        .route("/signup", get(start::sign_up))
        .route("/recover", get(start::recover))
        .route("/signin/again", get(start::again))
        .route("/signin/switch", get(start::switch))
        .route("/signin/renew", get(start::renew))
        .route("/signin/status", get(start::status))
        .route("/signin/confirmed", get(start::confirmed))
        .route("/signin/link", get(link::look).post(link::confirm))
        .route("/signin/identify", post(answer::identify))
        .route("/signin/password", post(answer::password))
        .route("/signin/new-password", post(answer::new_password))
        .route("/signin/keep-password", post(answer::keep_password))
        .route("/signin/code", post(answer::code))
        .route("/signin/send-code", post(answer::send_code))
        .route("/signin/passkey", post(answer::passkey))
        .route("/signin/create", post(answer::sign_up))
        .route("/signin/factor", post(answer::factor))
        .route("/signin/factor/begin", post(answer::begin_factor))
        .route("/signin/factor/confirm", post(answer::confirm_factor))
        .route("/signin/factor/kept", post(answer::codes_kept))
        .route("/signin/register", post(answer::register))
        .route("/signin/skip", post(answer::skip))
        .route("/signin/passkey-started", post(answer::passkey_started))
        .route("/signin/profile", post(answer::profile))
        .route("/signin/account", post(answer::account))
        .route("/signin/consent", post(answer::consent))
}
