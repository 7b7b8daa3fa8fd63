//! `doorward serve`.

use crate::certificates::Certificates;
use crate::cli::Serve;
use crate::config::Config;
use crate::health::Health;
use crate::listen::{Bound, Server, signals};
use crate::metrics::Metrics;
use crate::security_headers::Hsts;
use crate::stack::Stack;
use crate::{logs, mount, open};
use anyhow::Context as _;
use axum::Router;
use doorward_protocol::jose::Algorithm;
use doorward_service::seed::{Format, Seed};
use doorward_service::{Client, Service, jobs};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Serves in production until a signal.
pub async fn run(args: Serve) -> anyhow::Result<()> {
    let config = Config::load(&args.config, std::env::vars())?;
    if args.check {
        println!("{}: ok", args.config.display());
        return Ok(());
    }
    logs::start(&config.log)?;
    let metrics = Metrics::install()?;
    std::fs::create_dir_all(&config.site.data_dir).with_context(|| format!("cannot make {}", config.site.data_dir.display()))?;
    let service = open::open(open::production(&config)?).await?;
    let metrics = metrics.of_database(service.store.db().clone());
    let kickstart = match &config.site.public_url {
        Some(url) => {
            let base = url.as_str().trim_end_matches('/');
            let host = base.split_once("://").map_or(base, |(_, host)| host);
            crate::kickstart::begin(&service, args.kickstart.as_deref(), host, base).await?
        }
        None => None,
    };
    first_tenant(&service, &config).await?;

    let mut server = Server::new(config.limits.connections());
    let probe = service.clone();
    let health = Health::new(server.stopping(), move || {
        let service = probe.clone();
        async move { service.store.tenants(None, 1).await.map(|_| ()).map_err(Into::into) }
    });
    let stack = Stack {
        trusted_proxies: config.listen.trusted_proxies.clone().into(),
        hsts: Hsts::PRODUCTION,
        max_body_bytes: config.limits.max_body_bytes,
        request_timeout: Duration::from_secs(config.limits.request_timeout_seconds),
    };
    let surfaces = mount::router(&service, &health, Router::new());
    if let Some(kickstart) = kickstart {
        let tenant = service.store.tenant_by_slug("default").await?.context("the first tenant is not there")?;
        let cx = service.cx_of_tenant(tenant.id, Client::default()).await?.context("the first tenant has no domain")?;
        crate::kickstart::finish(&service, &cx, &kickstart, &surfaces).await?;
    }
    let router = stack.wrap(surfaces);
    if !config.listen.http.is_empty() {
        server.http(Bound::addresses(&config.listen.http).await?, router.clone());
    }
    if !config.listen.https.is_empty() {
        let certificates = Certificates::load(config.tls.files())?;
        server.https(Bound::addresses(&config.listen.https).await?, router, certificates.server_config()?);
        tokio::spawn(certificates.watch(Duration::from_secs(config.tls.watch_seconds)));
    }
    if !config.listen.metrics.is_empty() {
        server.operations(Bound::addresses(&config.listen.metrics).await?, metrics.router().merge(health.router()));
    }
    tokio::spawn(metrics.upkeep());
    let working = tokio::spawn(jobs::run(service.clone(), server.stopping()));
    let stop = signals()?;
    tracing::info!("ready");
    server.run(stop, config.stop.stopping()).await;
    jobs::end(working, jobs::PATIENCE).await?;
    jobs::finish(&service).await;
    service.store.db().clone().close().await;
    Ok(())
}

/// An empty database gets its first tenant on the public address; everything else is for `doorward apply` and the API.
pub(super) async fn first_tenant(service: &Service, config: &Config) -> anyhow::Result<()> {
    let Some(url) = &config.site.public_url else { return Ok(()) };
    if service.store.tenants(None, 1).await?.items.is_empty() {
        let issuer = url.as_str().trim_end_matches('/');
        let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
        let seed = json!({ "tenant": [{ "slug": "default", "name": "Default", "domain": [{ "host": host, "issuer": issuer, "primary": true }] }] });
        let report = service.apply(&Seed::parse(&seed.to_string(), Format::Json, Path::new("."))?, "system").await?;
        anyhow::ensure!(report.problems.is_empty(), "the first tenant could not be made: {:?}", report.problems);
    }
    if let Some(tenant) = service.store.tenants(None, 1).await?.items.first()
        && let Some(cx) = service.cx_of_tenant(tenant.id, Client::default()).await?
    {
        service.signing_key(tenant.id, Algorithm::Rs256, cx.now).await?;
    }
    Ok(())
}
