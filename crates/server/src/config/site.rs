//! `[site]`: who the server is to the world.

use std::path::PathBuf;

use url::Url;

use super::settings::settings;

settings! {
    /// Who the server is to the world, and where it keeps files.
    pub struct Site in "site" {
        /// The address under which people and applications reach the first tenant, for links in mail and the printed
        /// URLs. Must be `https`, without path, query or fragment; plain `http` is allowed for `localhost` only.
        /// Further domains belong to tenants and are added in the console or by `doorward apply`.
        public_url: Option<Url> = None,
        /// The folder for the SQLite database.
        data_dir: PathBuf = PathBuf::from("/var/lib/doorward"),
    }
}

impl Site {
    fn check_more(&self, problems: &mut Vec<String>) {
        let Some(url) = &self.public_url else {
            problems.push("site.public_url: must be set".to_owned());
            return;
        };
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && local) {
            problems.push("site.public_url: must begin with https://".to_owned());
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            problems.push("site.public_url: must be only scheme, host and port".to_owned());
        }
    }
}
