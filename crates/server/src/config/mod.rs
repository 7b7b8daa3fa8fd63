//! The configuration of a production server: a TOML file, overridden by `DOORWARD_<SECTION>_<FIELD>`.
//!
//! One file per feature. Each field is declared once, with its type, range, default and text, in [`settings!`];
//! the structs, the environment overrides and `docs/reference/configuration.md` all come from that declaration.
//! Unknown keys are errors: a misspelt security setting must not be silently ignored.

pub mod database;
pub mod limits;
pub mod listen;
pub mod log;
pub mod mail;
pub mod master_key;
pub mod reference;
pub mod secret;
mod settings;
pub mod site;
pub mod stop;
pub mod tls;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use secret::Secret;
pub use settings::{Field, Kind, Section, Setting};

/// Why a configuration was refused; each problem names its field.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML, names an unknown key, or has a value of the wrong type.
    #[error("{path}: {message}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
    /// An environment variable does not fit its field.
    #[error("{variable}: {message}")]
    Variable {
        /// Which variable. Its value is not repeated: it may be a secret.
        variable: String,
        /// What is expected.
        message: String,
    },
    /// Values that are well formed but cannot be used.
    #[error("the configuration cannot be used:\n- {}", .0.join("\n- "))]
    Values(Vec<String>),
}

/// Everything that `doorward serve` is told.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Addresses under which the world knows the server, and its data folder.
    pub site: site::Site,
    /// Sockets and proxies.
    pub listen: listen::Listen,
    /// Certificates.
    pub tls: tls::Tls,
    /// Where rows live.
    pub database: database::Database,
    /// The key that encrypts secrets at rest.
    pub master_key: master_key::MasterKey,
    /// Outgoing mail.
    pub mail: mail::Mail,
    /// What is logged, and how.
    pub log: log::Log,
    /// Bounds on what clients may take.
    pub limits: limits::Limits,
    /// The graceful stop.
    pub stop: stop::Stop,
}

impl Config {
    /// Every section, in the order of the manual.
    pub fn sections() -> Vec<Section> {
        vec![
            site::Site::section(),
            listen::Listen::section(),
            tls::Tls::section(),
            database::Database::section(),
            master_key::MasterKey::section(),
            mail::Mail::section(),
            log::Log::section(),
            limits::Limits::section(),
            stop::Stop::section(),
        ]
    }

    /// Reads the file, lays the environment over it, and checks every value.
    pub fn load(path: &Path, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        Self::parse(path, &text, environment)
    }

    /// As [`Config::load`], from text; `path` is for messages.
    pub fn parse(path: &Path, text: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            // The rendered error would show the offending line, which may hold a secret.
            message: match error.span() {
                Some(span) => format!("line {}: {}", line_of(text, span.start), error.message()),
                None => error.message().to_owned(),
            },
        };
        // Read once as it stands, so that errors name lines, then again with the environment laid over it.
        toml::from_str::<Config>(text).map_err(syntax)?;
        let mut table: toml::Table = toml::from_str(text).map_err(syntax)?;
        settings::override_from(environment, &mut table)?;
        let config: Config = table.try_into().map_err(syntax)?;
        config.check()?;
        Ok(config)
    }

    /// All problems at once, so that an operator mends them in one go.
    pub fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        self.site.check(&mut problems);
        self.listen.check(&mut problems);
        self.tls.check(&mut problems);
        self.database.check(&mut problems);
        self.master_key.check(&mut problems);
        self.mail.check(&mut problems);
        self.log.check(&mut problems);
        self.limits.check(&mut problems);
        self.stop.check(&mut problems);
        if !self.listen.https.is_empty() && self.tls.certificates.is_empty() {
            problems.push("tls.certificates: needed, because listen.https is set".to_owned());
        }
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Values(problems)) }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
