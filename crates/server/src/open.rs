//! The services over a database, for the server and for every command.

use crate::cli::Target;
use crate::config::{Config, mail, master_key};
use anyhow::Context as _;
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::secrets::Secrets;
use doorward_service::{Service, Settings};
use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
use doorward_store::{MIGRATIONS, Store, audit};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How to open.
pub struct Opening {
    /// Where rows live.
    pub database: DatabaseUrl,
    /// Connections.
    pub connections: usize,
    /// The master key.
    pub master_key: master_key::Key,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Development.
    pub dev: bool,
    /// Limits on one address.
    pub limits: LimitSettings,
}

/// Connects, migrates and puts the services together.
pub async fn open(opening: Opening) -> anyhow::Result<Service> {
    let options = ConnectOptions {
        readers: opening.connections,
        writers: opening.connections,
        // On SQLite the audit log is chained inside each commit.
        before_commit: Some(Arc::new(|connection| audit::chain(connection, 2000).map(|_| ()))),
        ..ConnectOptions::default()
    };
    let db = Db::connect(&opening.database, options)
        .await
        .with_context(|| format!("cannot open the database {}", opening.database))?;
    db.migrate(MIGRATIONS, doorward_service::clock::Clock::default().real().0)
        .await
        .context("cannot bring the database up to date")?;
    let secrets = Secrets::new(&opening.master_key, &[])?;
    let settings = Settings { secrets, mail: opening.mail, dev: opening.dev, limits: opening.limits };
    let service = Service::new(Store::new(db), settings);
    crate::mount::accents(&service);
    Ok(service)
}

/// Where a development server keeps its rows.
pub fn dev_database(data_dir: &Path, url: Option<&str>) -> anyhow::Result<DatabaseUrl> {
    match url {
        Some(url) => Ok(url.parse()?),
        None => Ok(DatabaseUrl::Sqlite { path: data_dir.join("doorward.db") }),
    }
}

/// Where a development server keeps its master key.
pub fn dev_master_key(data_dir: &Path) -> anyhow::Result<master_key::Key> {
    let path = data_dir.join("master.key");
    master_key::read_or_create(&path).with_context(|| format!("cannot read or make the master key {}", path.display()))
}

/// How a production server opens.
pub fn production(config: &Config) -> anyhow::Result<Opening> {
    let url = config.database.url.expose();
    let database =
        if url.is_empty() { DatabaseUrl::Sqlite { path: config.site.data_dir.join("doorward.db") } } else { url.parse()? };
    let master_key = config.master_key.source().read(|name| std::env::var(name).ok()).context("cannot read the master key")?;
    Ok(Opening {
        database,
        connections: config.database.max_connections as usize,
        master_key,
        mail: smtp(&config.mail)?,
        dev: false,
        limits: LimitSettings::default(),
    })
}

/// SMTP as one address, which is what the mailer takes.
fn smtp(config: &mail::Mail) -> anyhow::Result<MailSettings> {
    let timeout = Duration::from_secs(config.timeout_seconds);
    let (Some(host), Some(from)) = (&config.host, &config.from) else {
        tracing::warn!("mail.host is not set: letters wait in the outbox unless a relay listens on port 25 of this machine");
        return Ok(MailSettings::Smtp { url: "smtp://localhost:25".into(), from: "doorward@localhost".into(), timeout });
    };
    let (scheme, tls) = match config.security {
        mail::Security::Tls => ("smtps", ""),
        mail::Security::Starttls => ("smtp", "?tls=required"),
        mail::Security::None => ("smtp", ""),
    };
    let mut url = url::Url::parse(&format!("{scheme}://{host}:{}{tls}", config.port)).context("mail.host")?;
    if let Some(user) = &config.username {
        let password = config.read_password().context("cannot read the mail password")?;
        url.set_username(user).map_err(|()| anyhow::anyhow!("mail.username does not fit into an address"))?;
        url.set_password(Some(password.expose())).map_err(|()| anyhow::anyhow!("mail.password does not fit into an address"))?;
    }
    Ok(MailSettings::Smtp { url: url.into(), from: from.clone(), timeout })
}

/// The services that a command works on.
pub async fn target(target: &Target) -> anyhow::Result<Service> {
    let opening = match &target.config {
        Some(path) => {
            let mut opening = production(&Config::load(path, std::env::vars())?)?;
            if let Some(url) = &target.database {
                opening.database = url.expose().parse()?;
            }
            opening
        }
        None => {
            let directory = &target.data_dir;
            anyhow::ensure!(
                directory.join("master.key").exists(),
                "there is no development server's data in {}; name it with --data-dir, or a configuration with --config",
                directory.display()
            );
            let url = match &target.database {
                Some(url) => Some(url.expose().to_owned()),
                None => std::fs::read_to_string(directory.join("database.url")).ok().map(|text| text.trim().to_owned()),
            };
            Opening {
                database: dev_database(directory, url.as_deref())?,
                connections: 2,
                master_key: dev_master_key(directory)?,
                mail: MailSettings::Mailbox,
                dev: true,
                limits: LimitSettings::default(),
            }
        }
    };
    open(opening).await
}
