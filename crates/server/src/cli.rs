//! The command line. Parsing only: each command's work is in [`crate::commands`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands;
use crate::config::Secret;
use crate::config::log::Format;

/// Self-hosted sign-in with passkeys: an OpenID Provider in one binary.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A whole platform on this machine, for building and testing applications
    Dev(Dev),
    /// What this machine still lacks for `doorward dev` and its clients
    Doctor(Doctor),
    /// Serve in production
    Serve(Serve),
    /// Make the first owner and print a link that signs them in to the console once
    Init(Init),
    /// Bring tenants, applications, roles and users to what a file says
    Apply(Apply),
    /// Work with the audit log
    #[command(subcommand)]
    Audit(Audit),
    /// Signing keys
    #[command(subcommand)]
    Keys(Keys),
    /// Encryption keys
    #[command(subcommand)]
    Key(Key),
    /// Print a link that signs in to the console once
    AdminLink(AdminLink),
    /// Make a user with a password
    UserCreate(UserCreate),
    /// Make an API key
    ApiKeyCreate(ApiKeyCreate),
    /// Copy the running SQLite database to a file
    Backup(Backup),
    /// Print the version
    Version,
}

/// Arguments of `doorward dev`.
#[derive(Debug, Clone, Args)]
pub struct Dev {
    /// Where the database, keys and the local CA are kept
    #[arg(long, value_name = "DIR", default_value = ".doorward")]
    pub data_dir: PathBuf,
    /// Port for http://localhost; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 9011)]
    pub http_port: u16,
    /// Port for https://localhost; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 9443)]
    pub https_port: u16,
    /// Tenants, applications, roles and users to begin with; applied at each start
    #[arg(long, value_name = "FILE")]
    pub seed: Option<PathBuf>,
    /// A FusionAuth kickstart file; run once, on an empty data folder
    #[arg(long, value_name = "FILE", env = "FUSIONAUTH_APP_KICKSTART_FILE")]
    pub kickstart: Option<PathBuf>,
    /// Write addresses, ids and secrets to this file (JSON) once ready
    #[arg(long, value_name = "FILE")]
    pub info: Option<PathBuf>,
    /// postgres://… or sqlite:PATH instead of SQLite in the data folder
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub database: Option<Secret>,
    /// Port for /metrics on localhost: a number, 0 for any free one, or none
    #[arg(long, value_name = "PORT", default_value = "0", value_parser = port_or_none)]
    pub metrics_port: PortOrNone,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub log_format: Format,
    /// Levels by module, as in info,doorward_service=debug
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// Further local names for the HTTPS certificate, e.g. doorward.test
    #[arg(long, value_name = "NAME")]
    pub name: Vec<String>,
}

/// Arguments of `doorward doctor`.
#[derive(Debug, Clone, Args)]
pub struct Doctor {
    /// The folder of the development server
    #[arg(long, value_name = "DIR", default_value = ".doorward")]
    pub data_dir: PathBuf,
    /// Its port for http://localhost
    #[arg(long, value_name = "PORT", default_value_t = 9011)]
    pub http_port: u16,
    /// Its port for https://localhost
    #[arg(long, value_name = "PORT", default_value_t = 9443)]
    pub https_port: u16,
    /// postgres://… or sqlite:PATH instead of what the folder says
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub database: Option<Secret>,
}

/// A port, or no listener at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortOrNone(pub Option<u16>);

/// Arguments of `doorward serve`.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// The configuration (TOML); variables DOORWARD_<SECTION>_<FIELD> override it
    #[arg(long, value_name = "FILE", env = "DOORWARD_CONFIG")]
    pub config: PathBuf,
    /// A FusionAuth kickstart file; run once, on an empty server
    #[arg(long, value_name = "FILE", env = "FUSIONAUTH_APP_KICKSTART_FILE")]
    pub kickstart: Option<PathBuf>,
    /// Check the configuration and stop
    #[arg(long)]
    pub check: bool,
}

/// Which installation a command works on: a production one by its configuration, or a development one by its folder.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The configuration of a production server
    #[arg(long, value_name = "FILE", env = "DOORWARD_CONFIG", conflicts_with = "data_dir")]
    pub config: Option<PathBuf>,
    /// The folder of a development server
    #[arg(long, value_name = "DIR", default_value = ".doorward")]
    pub data_dir: PathBuf,
    /// postgres://… or sqlite:PATH instead of what the configuration or folder says
    #[arg(long, value_name = "URL", value_parser = secret)]
    pub database: Option<Secret>,
}

/// Arguments of `doorward init`.
#[derive(Debug, Clone, Args)]
pub struct Init {
    /// Address of the first owner; a user with it is made if there is none
    #[arg(long, value_name = "EMAIL")]
    pub email: String,
    /// Full name of a user who is made
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Of this tenant; the first one if not given
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Where
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `doorward apply`.
#[derive(Debug, Clone, Args)]
pub struct Apply {
    /// The declarative file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where to apply it
    #[command(flatten)]
    pub target: Target,
}

/// `doorward audit …`.
#[derive(Debug, Clone, Subcommand)]
pub enum Audit {
    /// Check the hash chain of every tenant's audit log
    Verify(Target),
}

/// `doorward keys …`.
#[derive(Debug, Clone, Subcommand)]
pub enum Keys {
    /// Make a new signing key; the old one stays published until its tokens are gone
    Rotate(Rotate),
    /// List signing keys
    List(KeysOf),
}

/// Arguments of `doorward keys rotate`.
#[derive(Debug, Clone, Args)]
pub struct Rotate {
    /// Only this algorithm (RS256, ES256 or EdDSA)
    #[arg(long, value_name = "ALG")]
    pub alg: Option<String>,
    /// Whose keys
    #[command(flatten)]
    pub of: KeysOf,
}

/// Whose signing keys.
#[derive(Debug, Clone, Args)]
pub struct KeysOf {
    /// Only this tenant
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Where
    #[command(flatten)]
    pub target: Target,
}

/// `doorward key …`.
#[derive(Debug, Clone, Subcommand)]
pub enum Key {
    /// The key that encrypts secrets at rest
    #[command(subcommand)]
    Master(Master),
}

/// `doorward key master …`.
#[derive(Debug, Clone, Subcommand)]
pub enum Master {
    /// Print a new master key: 32 random bytes in base64url
    Generate,
}

/// Arguments of `doorward admin-link`.
#[derive(Debug, Clone, Args)]
pub struct AdminLink {
    /// Sign in as this person; the tenant's first owner if not given
    #[arg(long, value_name = "EMAIL")]
    pub email: Option<String>,
    /// Of this tenant; the first one if not given
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Where
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `doorward user-create`.
#[derive(Debug, Clone, Args)]
pub struct UserCreate {
    /// E-mail address; it counts as proven
    #[arg(long, value_name = "EMAIL")]
    pub email: String,
    /// Given name
    #[arg(long, value_name = "NAME")]
    pub first_name: String,
    /// Family name
    #[arg(long, value_name = "NAME")]
    pub last_name: String,
    /// Password; one is made up and printed if not given
    #[arg(long, value_name = "PASSWORD", env = "DOORWARD_USER_PASSWORD", hide_env_values = true, value_parser = secret)]
    pub password: Option<Secret>,
    /// Whose user; the first tenant if not given
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub tenant: String,
    /// Where
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `doorward api-key-create`.
#[derive(Debug, Clone, Args)]
pub struct ApiKeyCreate {
    /// What it is for
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// The key itself, in any form; one is made up and printed if not given
    #[arg(long, value_name = "KEY", value_parser = secret)]
    pub key: Option<Secret>,
    /// What it may do: users:read and the like, `GET /api/user` and the like, or `*` for everything
    #[arg(long, value_name = "SCOPE", default_value = "*")]
    pub scope: Vec<String>,
    /// Bound to this tenant; good for every tenant if not given
    #[arg(long, value_name = "NAME")]
    pub tenant: Option<String>,
    /// Where
    #[command(flatten)]
    pub target: Target,
}

/// Arguments of `doorward backup`.
#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to copy
    #[command(flatten)]
    pub target: Target,
}

impl Cli {
    /// Does it.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Dev(args) => commands::dev::run(args).await,
            Command::Doctor(args) => commands::doctor::run(args).await,
            Command::Serve(args) => commands::serve::run(args).await,
            Command::Init(args) => commands::init::run(args).await,
            Command::Apply(args) => commands::apply::run(args).await,
            Command::Audit(Audit::Verify(target)) => commands::audit_verify::run(target).await,
            Command::Keys(Keys::Rotate(args)) => commands::keys_rotate::run(args).await,
            Command::Keys(Keys::List(args)) => commands::keys_list::run(args).await,
            Command::Key(Key::Master(Master::Generate)) => commands::master_key::generate(),
            Command::AdminLink(args) => commands::admin_link::run(args).await,
            Command::UserCreate(args) => commands::user_create::run(args).await,
            Command::ApiKeyCreate(args) => commands::api_key_create::run(args).await,
            Command::Backup(args) => commands::backup::run(args).await,
            Command::Version => commands::version::run(),
        }
    }
}

/// A database URL holds a password, so it becomes a type that prints nothing at once.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a fallible parser")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text.to_owned()))
}

fn port_or_none(text: &str) -> Result<PortOrNone, String> {
    if text == "none" {
        return Ok(PortOrNone(None));
    }
    text.parse().map(|port| PortOrNone(Some(port))).map_err(|_| "must be a port number or none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn dev(arguments: &[&str]) -> Result<Dev, clap::Error> {
        let all = ["doorward", "dev"].iter().chain(arguments);
        Cli::try_parse_from(all).map(|cli| match cli.command {
            Command::Dev(args) => args,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn dev_has_its_documented_defaults() {
        let args = dev(&[]).unwrap();
        assert_eq!((args.http_port, args.https_port), (9011, 9443));
        assert_eq!(args.metrics_port, PortOrNone(Some(0)));
        assert!(args.seed.is_none() && args.info.is_none() && args.database.is_none());
    }

    #[test]
    fn dev_takes_every_flag_of_the_contract() {
        let args = dev(&[
            "--data-dir",
            "d",
            "--http-port",
            "0",
            "--https-port",
            "0",
            "--seed",
            "s",
            "--info",
            "i",
            "--database",
            "postgres://u:hunter2@h/d",
            "--metrics-port",
            "none",
            "--log-format",
            "json",
        ])
        .unwrap();
        assert_eq!((args.http_port, args.https_port), (0, 0));
        assert_eq!(args.metrics_port, PortOrNone(None));
        assert_eq!(args.log_format, Format::Json);
        assert!(!format!("{args:?}").contains("hunter2"));
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(dev(&["--metrics-port", "some"]).is_err());
        assert!(dev(&["--http-port", "65536"]).is_err());
        assert!(Cli::try_parse_from(["doorward"]).is_err());
        let both = ["doorward", "audit", "verify", "--config", "c", "--data-dir", "d"];
        assert!(Cli::try_parse_from(both).is_err());
        assert!(Cli::try_parse_from(["doorward", "serve"]).is_err());
    }
}
