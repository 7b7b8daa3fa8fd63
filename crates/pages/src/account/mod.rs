//! The account page: what a person has here, and what they can do about it. One file a page.
//!
//! Every form is a POST with the protection token and ends in a redirect to the page it stands on, so that a reload posts
//! nothing. What the redirect tells is one of a few known words (`?notice=`). What needs a fresh proof leads through
//! `/signin/again` and back to the page.

mod activity;
mod apps;
mod data;
mod devices;
mod emails;
mod frame;
mod passkeys;
mod password;
mod profile;
mod two_step;

use axum::Router;
use axum::routing::{get, post};
use doorward_httpkit::App;

/// Every path, in one list.
pub fn router() -> Router<App> {
    Router::new()
        .route(PROFILE, get(profile::show).post(profile::save))
        .route(EMAILS, get(emails::show))
        .route("/account/emails/add", post(emails::add))
        .route(EMAIL_CODE, get(emails::code_page).post(emails::verify))
        .route("/account/emails/code", post(emails::code))
        .route("/account/emails/send-code", post(emails::send_code))
        .route("/account/emails/primary", post(emails::primary))
        .route("/account/emails/remove", post(emails::remove))
        .route(PASSKEYS, get(passkeys::show))
        .route("/account/passkeys/options", get(passkeys::options))
        .route("/account/passkeys/add", post(passkeys::add))
        .route("/account/passkeys/rename", post(passkeys::rename))
        .route("/account/passkeys/delete", post(passkeys::delete))
        .route(PASSWORD, get(password::show).post(password::save))
        .route("/account/password/remove", post(password::remove))
        .route(TWO_STEP, get(two_step::show))
        .route("/account/two-step/begin", post(two_step::begin))
        .route("/account/two-step/confirm", post(two_step::confirm))
        .route("/account/two-step/remove", post(two_step::remove))
        .route("/account/two-step/codes", post(two_step::new_codes))
        .route(DEVICES, get(devices::show))
        .route("/account/devices/revoke", post(devices::revoke))
        .route("/account/devices/revoke-others", post(devices::revoke_others))
        .route(APPS, get(apps::show))
        .route("/account/apps/revoke", post(apps::revoke))
        .route(ACTIVITY, get(activity::show))
        .route(DATA, get(data::show))
        .route("/account/data/download", post(data::download))
        .route("/account/data/delete", post(data::delete))
}

const PROFILE: &str = "/account";
const EMAILS: &str = "/account/emails";
const EMAIL_CODE: &str = "/account/emails/verify";
const PASSKEYS: &str = "/account/passkeys";
const PASSWORD: &str = "/account/password";
const TWO_STEP: &str = "/account/two-step";
const DEVICES: &str = "/account/devices";
const APPS: &str = "/account/apps";
const ACTIVITY: &str = "/account/activity";
const DATA: &str = "/account/data";
