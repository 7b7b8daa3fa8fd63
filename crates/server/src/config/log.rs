//! `[log]`: what is logged, and how.

use serde::Deserialize;

use super::settings::{Kind, Setting, settings};

/// The shape of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Setting for Format {
    const KIND: Kind = Kind::Text;
    const NAME: &'static str = "`auto`, `text` or `json`";
}

settings! {
    /// What is logged, and how. Lines go to the standard error stream. Queries, bodies, cookies and other headers are never logged.
    pub struct Log in "log" {
        /// `text` for people, `json` for machines, `auto`: text on a terminal, JSON elsewhere.
        format: Format = Format::Auto,
        /// Levels by module, as in `info,doorward_service::mail=debug`.
        filter: String = "info".to_owned(),
    }
}

impl Log {
    fn check_more(&self, problems: &mut Vec<String>) {
        if let Err(error) = self.filter.parse::<tracing_subscriber::filter::targets::Targets>() {
            problems.push(format!("log.filter: {error}"));
        }
    }
}
