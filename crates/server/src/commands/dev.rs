//! `doorward dev`.

use crate::ca::LocalCa;
use crate::certificates::Certificates;
use crate::cli::Dev;
use crate::commands::tenants_of;
use crate::config::limits::Limits;
use crate::config::log::Log;
use crate::config::stop::Stop;
use crate::dev_seed::{self, DevSecrets};
use crate::health::Health;
use crate::info::{self, Admin, Auth0, Auth0Management, Corbado, DevInfo, FusionAuth, Standard};
use crate::listen::{Bound, Server, signals};
use crate::metrics::Metrics;
use crate::open::{Opening, dev_database, dev_master_key, open};
use crate::security_headers::Hsts;
use crate::stack::Stack;
use crate::{logs, mount};
use anyhow::Context as _;
use doorward_protocol::identity::Identifier;
use doorward_protocol::jose::Algorithm;
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::seed::Seed;
use doorward_service::{Client, Cx, Service, jobs};
use std::path::Path;
use std::time::Duration;

/// Seconds that the printed sign-in link is good for.
const LINK_SECONDS: i64 = 24 * 3600;

/// Starts the whole platform on this machine and serves until a signal.
pub async fn run(args: Dev) -> anyhow::Result<()> {
    logs::start(&Log { format: args.log_format, filter: args.log.clone() })?;
    std::fs::create_dir_all(&args.data_dir).with_context(|| format!("cannot make {}", args.data_dir.display()))?;
    let data_dir = args.data_dir.canonicalize()?;
    let metrics = Metrics::install()?;
    let http = Bound::localhost(args.http_port).await?;
    let https = Bound::localhost(args.https_port).await?;
    let (http_port, https_port) = (http.port().context("no port for http")?, https.port().context("no port for https")?);
    let http_host = format!("localhost:{http_port}");
    let http_url = format!("http://{http_host}");
    let https_url = format!("https://localhost:{https_port}");

    let url = args.database.as_ref().map(|secret| secret.expose().to_owned());
    match &url {
        // So that commands find the same database by the folder alone.
        Some(url) => {
            crate::files::write_atomically(&data_dir.join("database.url"), url.as_bytes(), crate::files::Readers::Owner)?
        }
        None => _ = std::fs::remove_file(data_dir.join("database.url")),
    }
    let service = open(Opening {
        database: dev_database(&data_dir, url.as_deref())?,
        connections: 4,
        master_key: dev_master_key(&data_dir)?,
        mail: MailSettings::Mailbox,
        dev: true,
        // Test rigs ask from one address, and quickly.
        limits: LimitSettings {
            requests_per_second: 20_000,
            request_burst: 20_000,
            proofs_per_minute: 1_000_000,
            mails_per_hour: 10_000,
        },
    })
    .await?;
    let metrics = metrics.of_database(service.store.db().clone());
    let secrets = DevSecrets::open(&data_dir)?;
    let https_domains = vec![
        (format!("localhost:{https_port}"), format!("{https_url}/")),
        (format!("127.0.0.1:{https_port}"), format!("{https_url}/")),
    ];
    let kickstart = crate::kickstart::begin(&service, args.kickstart.as_deref(), &http_host, &http_url).await?;
    apply(&service, &dev_seed::seed(&secrets, &http_url, &http_host, &https_url, &https_domains)?).await?;
    let cx = default_cx(&service).await?;
    forget_old_ports(&service, &cx, &[http_port, https_port]).await?;
    if let Some(path) = &args.seed {
        apply(&service, &Seed::from_file(path)?).await?;
    }
    let cx = default_cx(&service).await?;
    service.signing_key(cx.tenant_id(), Algorithm::Rs256, cx.now).await?;

    let now = std::time::UNIX_EPOCH + Duration::from_millis(u64::try_from(service.clock.real().0)?);
    let ca = LocalCa::open(&data_dir, now)?;
    let mut names = vec!["localhost".to_owned()];
    // Pages that carry a sign-in call us by the name of their application under our host, and no client takes `*.localhost` for that.
    for cx in tenants_of(&service, None).await? {
        let embedding = service.embedding_applications(cx.tenant_id()).await?;
        names.extend(embedding.iter().map(|application| format!("{}.localhost", application.client_id)));
    }
    names.extend(args.name.iter().cloned());
    let certificates = Certificates::load(vec![ca.leaf(&names, now)?])?;

    let limits = Limits::default();
    let mut server = Server::new(limits.connections());
    let probe = service.clone();
    let health = Health::new(server.stopping(), move || {
        let service = probe.clone();
        async move { service.store.tenants(None, 1).await.map(|_| ()).map_err(Into::into) }
    });
    let more = crate::dev::routes(&http_url, dev_seed::DEMO_CLIENT_ID, &secrets.demo_secret);
    let stack = Stack {
        trusted_proxies: std::sync::Arc::from([]),
        hsts: Hsts::DEVELOPMENT,
        max_body_bytes: limits.max_body_bytes,
        request_timeout: Duration::from_secs(limits.request_timeout_seconds),
    };
    let surfaces = mount::router(&service, &health, more);
    if let Some(kickstart) = kickstart {
        crate::kickstart::finish(&service, &cx, &kickstart, &surfaces).await?;
    }
    let router = stack.wrap(surfaces);
    server.http(http, router.clone());
    server.https(https, router, certificates.server_config()?);
    let mut metrics_url = None;
    if let Some(port) = args.metrics_port.0 {
        let bound = Bound::localhost(port).await?;
        metrics_url = bound.port().map(|port| format!("http://localhost:{port}/metrics"));
        server.operations(bound, metrics.router().merge(health.router()));
    }
    tokio::spawn(metrics.upkeep());
    let working = tokio::spawn(jobs::run(service.clone(), server.stopping()));

    let stop = signals()?;
    let console_url = admin_link(&service, &cx).await?.unwrap_or_else(|| format!("{http_url}/console"));
    let document = DevInfo {
        http_url: http_url.clone(),
        https_url: https_url.clone(),
        ca_file: ca.certificate_file().display().to_string(),
        demo_url: format!("{http_url}/demo"),
        console_url,
        mailbox_url: format!("{http_url}/dev/mailbox"),
        clock_url: format!("{http_url}/dev/clock"),
        metrics_url,
        admin_api_key: secrets.admin_api_key.clone(),
        admin: Admin {
            email: dev_seed::ADMIN_EMAIL.into(),
            password: secrets.admin_password.clone(),
            name: dev_seed::ADMIN_NAME.into(),
        },
        standard: Standard {
            issuer: http_url.clone(),
            client_id: dev_seed::CLIENT_ID.into(),
            client_secret: secrets.client_secret.clone(),
            redirect_uris: dev_seed::redirect_uris(),
        },
        auth0: Some(Auth0 {
            domain: format!("localhost:{https_port}"),
            client_id: dev_seed::AUTH0_CLIENT_ID.into(),
            client_secret: secrets.auth0_client_secret.clone(),
            audience: dev_seed::AUTH0_AUDIENCE.into(),
            management: Auth0Management {
                client_id: dev_seed::AUTH0_MANAGEMENT_ID.into(),
                client_secret: secrets.auth0_management_secret.clone(),
            },
        }),
        fusionauth: Some(FusionAuth { base_url: http_url.clone(), api_key: secrets.admin_api_key.clone() }),
        corbado: Some(Corbado {
            project_id: dev_seed::CORBADO_PROJECT_ID.into(),
            api_secret: secrets.corbado_api_secret.clone(),
            frontend_api: https_url.clone(),
            backend_api: https_url.clone(),
            frontend_api_url_suffix: format!("localhost:{https_port}"),
        }),
    };
    let serving = tokio::spawn(server.run(stop, Stop::default().stopping()));
    print(&document, &data_dir);
    if let Some(path) = &args.info {
        info::write(path, &document).with_context(|| format!("cannot write {}", path.display()))?;
    }
    serving.await?;
    jobs::end(working, jobs::PATIENCE).await?;
    jobs::finish(&service).await;
    service.store.db().clone().close().await;
    Ok(())
}

async fn apply(service: &Service, seed: &Seed) -> anyhow::Result<()> {
    let report = service.apply(seed, "system").await?;
    for problem in &report.problems {
        tracing::error!(path = %problem.path, "{}", problem.message);
    }
    anyhow::ensure!(
        report.problems.is_empty(),
        "the seed could not be applied: {}",
        report.problems.iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>().join("; ")
    );
    Ok(())
}

async fn default_cx(service: &Service) -> anyhow::Result<Cx> {
    let tenant = service.store.tenant_by_slug("default").await?.context("the tenant `default` is not there")?;
    service.cx_of_tenant(tenant.id, Client::default()).await?.context("the tenant `default` has no domain")
}

/// A server that was started on other ports left domains that nobody reaches any more.
async fn forget_old_ports(service: &Service, cx: &Cx, ports: &[u16]) -> anyhow::Result<()> {
    for domain in service.store.domains(cx.tenant_id()).await? {
        let Some((name, port)) = domain.host.rsplit_once(':') else { continue };
        if matches!(name, "localhost" | "127.0.0.1") && !ports.iter().any(|p| p.to_string() == port) {
            service.delete_domain(cx, "system", domain.id).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        }
    }
    Ok(())
}

async fn admin_link(service: &Service, cx: &Cx) -> anyhow::Result<Option<String>> {
    let Ok(email) = Identifier::email(dev_seed::ADMIN_EMAIL) else { return Ok(None) };
    match service.store.identifier(cx.tenant_id(), &email).await? {
        Some(row) => Ok(service.sign_in_link(cx, row.user_id, "/console", LINK_SECONDS, "system").await?),
        None => Ok(None),
    }
}

fn print(info: &DevInfo, data_dir: &Path) {
    let standard = &info.standard;
    println!("\nDoorward is ready.\n");
    println!("  Try it            {}", info.demo_url);
    println!("  Read the mail     {}", info.mailbox_url);
    println!("  Console           {}", info.console_url);
    println!("                    (signs in as {} once)", info.admin.email);
    println!("\n  For your application (OpenID Connect)");
    println!("  issuer            {}", standard.issuer);
    println!("  client_id         {}", standard.client_id);
    println!("  client_secret     {}", standard.client_secret);
    println!("  redirect_uri      any http://localhost:PORT/… ; registered: {}", standard.redirect_uris.join(" "));
    if let Some(auth0) = &info.auth0 {
        println!("\n  For an application that was written for Auth0");
        println!("  domain            {}", auth0.domain);
        println!("  client_id         {}", auth0.client_id);
        println!("  client_secret     {}", auth0.client_secret);
        println!("  audience          {}", auth0.audience);
    }
    if let Some(corbado) = &info.corbado {
        println!("\n  For an application written for Corbado");
        println!("  PROJECT_ID        {}", corbado.project_id);
        println!("  API_SECRET        {}", corbado.api_secret);
        println!("  Corbado.load      frontendApiUrlSuffix: \"{}\"", corbado.frontend_api_url_suffix);
        println!("  Config (Python)   frontend_api and backend_api = \"{}\"", corbado.backend_api);
        println!("                    export SSL_CERT_FILE={}", info.ca_file);
    }
    println!("\n  Management API    {}/admin/v1   (Authorization: Bearer {})", info.http_url, info.admin_api_key);
    if let Some(vendor) = &info.fusionauth {
        println!("  FusionAuth API    {}/api   (Authorization: {})", vendor.base_url, vendor.api_key);
    }
    println!("  Clock             {}", info.clock_url);
    if let Some(url) = &info.metrics_url {
        println!("  Metrics           {url}");
    }
    println!("\n  HTTPS             {}   with a local CA; clients trust it by", info.https_url);
    println!("  curl, Python ssl  export SSL_CERT_FILE={}", info.ca_file);
    println!("  Python requests   export REQUESTS_CA_BUNDLE={}", info.ca_file);
    println!("  Node.js           export NODE_EXTRA_CA_CERTS={}", info.ca_file);
    println!("\n  Data              {}", data_dir.display());
    println!("  Stop with Ctrl-C.\n");
}
