//! An API with a message for everybody, one for whoever is signed in, and one for administrators.

use std::env;

use anyhow::Context;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use doorward_axum::{Api, Authorized, Bearer, Provider, Requirement};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

/// What the admin message demands.
struct ReadAdminMessages;

impl Requirement for ReadAdminMessages {
    const PERMISSIONS: &'static [&'static str] = &["read:admin-messages"];
}

/// For everybody.
async fn public() -> Json<Value> {
    message("This is a public message. Anybody can read it.")
}

/// For every good access token.
async fn protected(_token: Bearer) -> Json<Value> {
    message("This is a protected message. You can read it because you are signed in.")
}

/// For access tokens with the permission.
async fn admin(_token: Authorized<ReadAdminMessages>) -> Json<Value> {
    message("This is an admin message. You can read it because you have the permission read:admin-messages.")
}

fn message(text: &str) -> Json<Value> {
    Json(json!({ "message": text }))
}

async fn not_found() -> (StatusCode, Json<Value>) {
    (StatusCode::NOT_FOUND, Json(json!({ "error": "not_found", "error_description": "there is nothing here" })))
}

fn router(api: Api, web_app: HeaderValue) -> Router {
    // The web app's server needs no CORS; a page of it that calls from the browser does.
    let cors = CorsLayer::new().allow_origin(web_app).allow_methods([Method::GET]).allow_headers([header::AUTHORIZATION]);
    Router::new()
        .route("/api/messages/public", get(public))
        .route("/api/messages/protected", get(protected))
        .route("/api/messages/admin", get(admin))
        .fallback(not_found)
        .layer(cors)
        .with_state(api)
}

fn required(name: &str) -> anyhow::Result<String> {
    env::var(name).with_context(|| format!("set {name}: see the README"))
}

fn or(name: &str, otherwise: &str) -> String {
    env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(or("RUST_LOG", "info")).init();
    let mut provider = Provider::builder(required("ISSUER")?);
    if let Ok(file) = env::var("CA_FILE") {
        provider = provider.trust_certificates(std::fs::read(&file).with_context(|| format!("CA_FILE={file}"))?);
    }
    let api = Api::builder(provider.build()?, required("AUDIENCE")?).realm("messages").build()?;
    let web_app = or("WEB_URL", "http://localhost:4040").parse().context("WEB_URL is not an origin")?;

    let port: u16 = or("PORT", "6060").parse().context("PORT is not a port")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port}"))?;
    println!("listening on http://localhost:{}", listener.local_addr()?.port());
    axum::serve(listener, router(api, web_app)).await?;
    Ok(())
}
