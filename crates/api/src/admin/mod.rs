//! The management API, `/admin/v1`: one file a noun. Lists are paged by cursor, changes are JSON merge patches (RFC 7396),
//! errors are problem details (RFC 9457), and the OpenAPI description is made from the handlers themselves.

mod administrators;
mod api_keys;
mod application_grants;
mod application_secrets;
mod applications;
mod audit_events;
mod body;
mod caller;
mod description;
mod domains;
mod groups;
mod jobs;
mod mail_server;
mod page;
mod problem;
mod resource_servers;
mod rights;
mod roles;
mod schema;
mod signing_keys;
mod tenants;
mod user_access;
mod user_conditions;
mod user_credentials;
mod user_factors;
mod user_identifiers;
mod user_sanctions;
mod users;
mod when;

use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use doorward_service::Service;
use problem::Problem;
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest body that is read.
const LONGEST_BODY: usize = 1024 * 1024;

/// The longest import that is read.
const LONGEST_IMPORT: usize = 64 * 1024 * 1024;

/// Every path of the API, in one list.
fn paths() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(tenants::get, tenants::patch, tenants::delete))
        .routes(routes!(domains::list, domains::create))
        .routes(routes!(domains::get, domains::patch, domains::delete))
        .routes(routes!(applications::list, applications::create))
        .routes(routes!(applications::get, applications::patch, applications::delete))
        .routes(routes!(application_secrets::list, application_secrets::rotate))
        .routes(routes!(application_secrets::delete))
        .routes(routes!(application_grants::list, application_grants::put))
        .routes(routes!(application_grants::delete))
        .routes(routes!(resource_servers::list, resource_servers::create))
        .routes(routes!(resource_servers::get, resource_servers::patch, resource_servers::delete))
        .routes(routes!(roles::list, roles::create))
        .routes(routes!(roles::get, roles::patch, roles::delete))
        .routes(routes!(roles::permissions, roles::add_permissions, roles::set_permissions, roles::delete_permission))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::get, groups::patch, groups::delete))
        .routes(routes!(groups::members, groups::add_members))
        .routes(routes!(groups::remove_member))
        .routes(routes!(groups::roles, groups::add_roles, groups::set_roles))
        .routes(routes!(groups::remove_role))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::search))
        .merge(OpenApiRouter::new().routes(routes!(jobs::import)).layer(DefaultBodyLimit::max(LONGEST_IMPORT)))
        .routes(routes!(jobs::list))
        .routes(routes!(jobs::get))
        .routes(routes!(users::get, users::patch, users::delete))
        .routes(routes!(users::block))
        .routes(routes!(users::unblock))
        .routes(routes!(user_identifiers::list, user_identifiers::add))
        .routes(routes!(user_identifiers::patch, user_identifiers::delete))
        .routes(routes!(user_access::roles, user_access::add_roles, user_access::set_roles))
        .routes(routes!(user_access::remove_role))
        .routes(routes!(
            user_access::permissions,
            user_access::add_permissions,
            user_access::set_permissions,
            user_access::delete_permission
        ))
        .routes(routes!(user_credentials::set_password, user_credentials::delete_password))
        .routes(routes!(user_credentials::passkeys))
        .routes(routes!(user_credentials::delete_passkey))
        .routes(routes!(user_credentials::sessions, user_credentials::revoke_sessions))
        .routes(routes!(user_credentials::revoke_session))
        .routes(routes!(user_factors::list, user_factors::delete_all))
        .routes(routes!(user_factors::delete))
        .routes(routes!(user_conditions::get, user_conditions::patch))
        .routes(routes!(user_sanctions::list, user_sanctions::impose))
        .routes(routes!(user_sanctions::lift))
        .routes(routes!(mail_server::get, mail_server::put, mail_server::delete))
        .routes(routes!(mail_server::test))
        .routes(routes!(administrators::list, administrators::invite))
        .routes(routes!(administrators::get, administrators::put, administrators::remove))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::get, api_keys::patch, api_keys::delete))
        .routes(routes!(signing_keys::list))
        .routes(routes!(signing_keys::rotate))
        .routes(routes!(audit_events::list))
        .routes(routes!(audit_events::verify))
}

/// The description of the API (OpenAPI 3.1).
pub fn openapi() -> OpenApi {
    description::complete(paths().into_openapi())
}

/// The API as a router of its own.
pub fn router(service: Service) -> Router {
    let (router, described) = paths().split_for_parts();
    // Our own description of plain values: it always serialises.
    let document: Arc<str> = description::complete(described).to_json().unwrap_or_default().into();
    let openapi = get(move || async move { ([(header::CONTENT_TYPE, "application/json")], document.to_string()) });
    let v1 = router
        .route("/openapi.json", openapi)
        .fallback(|| async { Problem::no_such_path().into_response() })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed().into_response() })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn(problem::complete))
        .with_state(service);
    Router::new().nest("/admin/v1", v1)
}
