//! `[database]`: where rows live.

use super::Secret;
use super::settings::settings;

settings! {
    /// Where rows live.
    pub struct Database in "database" {
        /// `postgres://user:password@host/name` for PostgreSQL, or `sqlite:PATH`. Without it, SQLite in
        /// `doorward.db` in the data folder.
        url: Secret = Secret::default(),
        /// PostgreSQL connections, or SQLite connections that read (SQLite has one more, which writes).
        max_connections: u32 [1 ..= 1000] = 8,
    }
}

impl Database {
    fn check_more(&self, problems: &mut Vec<String>) {
        let url = self.url.expose();
        let known = ["postgres://", "postgresql://", "sqlite:"];
        if !url.is_empty() && !known.iter().any(|scheme| url.starts_with(scheme)) {
            problems.push("database.url: must begin with postgres:// or sqlite:".to_owned());
        }
    }
}
