//! The Management API `/api/v2`: one file a noun, each with its paths and its scopes. A call is a [`door::Caller`] first and does
//! nothing before its scopes were looked at; what is wrong is a [`refused::Refused`]; lists are cut by [`query::Query`].

mod body;
mod client_grants;
mod clients;
mod connections;
mod door;
mod ids;
mod jobs;
mod kept;
mod logs;
mod people;
mod permissions;
mod query;
mod refused;
mod resource_servers;
mod roles;
mod signing_keys;
mod tenant_settings;
mod tickets;
mod user_access;
mod user_methods;
mod user_search;
mod user_sessions;
mod users;

pub use jobs::{exports, register};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::any;
use doorward_httpkit::App;
use doorward_service::directory::{ResourceServerDocument, Scope};
use doorward_store::applications::ResourceServerSettings;

/// The longest body of a call.
const LONGEST_BODY: usize = 1024 * 1024;

/// What a call may do, each with `read`, `create`, `update` and `delete` before it.
const NOUNS: &[&str] = &[
    "users",
    "users_app_metadata",
    "user_tickets",
    "clients",
    "client_keys",
    "client_credentials",
    "client_grants",
    "connections",
    "resource_servers",
    "roles",
    "role_members",
    "grants",
    "logs",
    "logs_users",
    "signing_keys",
    "tenant_settings",
    "sessions",
    "refresh_tokens",
    "authentication_methods",
    "guardian_enrollments",
    "device_credentials",
    "stats",
    "branding",
];

/// Every scope.
pub fn scopes() -> Vec<String> {
    NOUNS.iter().flat_map(|noun| ["read", "create", "update", "delete"].map(|verb| format!("{verb}:{noun}"))).collect()
}

/// The resource server that these endpoints are on a domain: programs ask tokens for it.
pub fn resource_servers_of(issuer: &str) -> Vec<ResourceServerDocument> {
    let scopes = scopes().into_iter().map(|value| Scope { value, description: String::new() }).collect();
    vec![ResourceServerDocument {
        audience: door::audience(issuer),
        name: "Auth0 Management API".into(),
        scopes,
        settings: ResourceServerSettings::default(),
    }]
}

/// The router, to be nested under `/api/v2`. A path that is not built is a JSON 404, a method that a path does not have a 405.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(clients::routes())
        .merge(client_grants::routes())
        .merge(connections::routes())
        .merge(jobs::routes())
        .merge(logs::routes())
        .merge(resource_servers::routes())
        .merge(roles::routes())
        .merge(signing_keys::routes())
        .merge(tenant_settings::routes())
        .merge(tickets::routes())
        .merge(user_access::routes())
        .merge(user_methods::routes())
        .merge(user_sessions::routes())
        .merge(users::routes())
        // Not things with such an id.
        .route("/clients/search", any(door::nowhere))
        .route("/client-grants/search", any(door::nowhere))
        .route("/resource-servers/search", any(door::nowhere))
        .route("/", any(door::nowhere))
        .route("/{*rest}", any(door::nowhere))
        .method_not_allowed_fallback(door::method)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(middleware::from_fn(door::tell))
}
