//! The hosted pages: what a person sees while signing up, signing in and looking after an account.
//!
//! [`view`] turns a typed page into HTML and serves the embedded assets; it knows no HTTP, no store and no clock. The rest reads
//! a request, asks a use case, and answers with a page.

pub mod account;
pub mod assets;
pub mod avatar;
pub mod chrome;
pub mod device;
pub mod faces;
pub mod page;
pub mod samples;
pub mod signin;
mod ticket;
pub mod view;
pub mod well_known;

use axum::Router;
use doorward_httpkit::App;

/// Every path of the hosted pages.
pub fn routes() -> Router<App> {
    signin::routes()
        .merge(account::router())
        .merge(well_known::routes())
        .merge(avatar::routes())
        .merge(device::routes())
        .merge(ticket::routes())
        .merge(assets::routes())
}
