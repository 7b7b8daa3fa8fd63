//! A web application: people sign up, log in and log out; it shows their profile and calls an API in their name.

mod messages;
mod pages;

use std::env;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward_axum::{Provider, SignIn, User};
use minijinja::context;
use tokio::net::TcpListener;
use tower_http::set_header::SetResponseHeaderLayer;
use url::Url;

use messages::{Messages, Unavailable};
use pages::Pages;

/// What handlers share.
#[derive(Clone)]
struct App {
    pages: Pages,
    messages: Messages,
}

/// For everybody; `User` says who it is when somebody is signed in.
async fn home(State(app): State<App>, user: Option<User>) -> Response {
    app.pages.show("home", user.as_ref(), context! {})
}

/// For signed-in people: whoever is not is sent to log in, and comes back here.
async fn profile(State(app): State<App>, user: User) -> Response {
    let claims = serde_json::to_string_pretty(user.claims().as_map()).unwrap_or_default();
    app.pages.show("profile", Some(&user), context! { claims })
}

async fn public(State(app): State<App>, user: Option<User>) -> Result<Response, Unavailable> {
    let answer = app.messages.public().await?;
    Ok(app.pages.message("Public", "The API gives this message to everybody.", user.as_ref(), &answer))
}

async fn protected(State(app): State<App>, user: User) -> Result<Response, Unavailable> {
    let answer = app.messages.protected(&user.access_token().await?).await?;
    Ok(app.pages.message("Protected", "The API gives this message to whoever is signed in.", Some(&user), &answer))
}

async fn admin(State(app): State<App>, user: User) -> Result<Response, Unavailable> {
    let answer = app.messages.admin(&user.access_token().await?).await?;
    Ok(app.pages.message("Admin", "The API gives this message to administrators.", Some(&user), &answer))
}

async fn not_found(State(app): State<App>, user: Option<User>) -> Response {
    app.pages.show("not_found", user.as_ref(), context! {})
}

async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, include_str!("../assets/style.css"))
}

fn router(app: App, sign_in: &SignIn, issuer: &str) -> anyhow::Result<Router> {
    // The log-out form leads to the provider, so the policy must allow that.
    let provider = Url::parse(issuer)?.origin().ascii_serialization();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' https: data:; form-action 'self' {provider}; frame-ancestors 'none'; base-uri 'none'"
    );
    Ok(Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .route("/public", get(public))
        .route("/protected", get(protected))
        .route("/admin", get(admin))
        .fallback(not_found)
        .with_state(app)
        .merge(sign_in.routes())
        .layer(sign_in.layer())
        .route("/style.css", get(style))
        .layer(SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy)?))
        .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"))))
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
    let port: u16 = or("PORT", "4040").parse().context("PORT is not a port")?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port}"))?;
    // With PORT=0 the address is known only now.
    let base_url = or("BASE_URL", &format!("http://localhost:{}", listener.local_addr()?.port()));

    let issuer = required("ISSUER")?;
    let mut provider = Provider::builder(&issuer);
    if let Ok(file) = env::var("CA_FILE") {
        provider = provider.trust_certificates(std::fs::read(&file).with_context(|| format!("CA_FILE={file}"))?);
    }
    let provider = provider.build()?;
    let sign_in = SignIn::builder(provider, required("CLIENT_ID")?, &base_url)
        .client_secret(required("CLIENT_SECRET")?)
        .cookie_secret(required("COOKIE_SECRET")?)
        .scopes(or("SCOPE", "openid profile email").split_whitespace())
        .audience(required("AUDIENCE")?)
        .after_sign_in("/profile")
        .error_page(|error| pages::plain(error.status(), error.message()))
        .build()?;

    let app = App { pages: Pages::new()?, messages: Messages::new(or("API_URL", "http://localhost:6060"))? };
    println!("listening on {base_url}");
    axum::serve(listener, router(app, &sign_in, &issuer)?).await?;
    Ok(())
}
