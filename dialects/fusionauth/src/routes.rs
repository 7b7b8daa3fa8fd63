//! Every path of this accent.

use crate::routes_table::TABLE;
use crate::{api, oauth2};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use doorward_httpkit::App;

/// The longest body of a call: an import of many users.
pub(crate) const LONGEST_BODY: usize = 64 * 1024 * 1024;

/// The paths: one door for the API, since all of it answers alike, and the pages.
pub fn routes() -> Router<App> {
    let api = Router::new()
        .route("/api/{*rest}", any(api::entry))
        // Clients that join their base address and a path without looking.
        .route("//api/{*rest}", any(api::entry))
        .layer(DefaultBodyLimit::max(LONGEST_BODY));
    api.merge(oauth2::routes())
}

/// What the table says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// This verb of this path: which endpoint (for the permissions of a key) and which tier.
    Here {
        /// Index into the table.
        row: usize,
        /// Tier.
        tier: u8,
    },
    /// The path has other verbs.
    OtherVerbs,
    /// No such path.
    Nowhere,
}

/// Looks a path up; the last id of a pattern may be left out by a POST or PUT.
pub(crate) fn look_up(verb: &str, path: &[String]) -> Known {
    let mut other = false;
    let mut found: Option<(usize, u8, usize)> = None;
    for (row, (known_verb, pattern, tier)) in TABLE.iter().enumerate() {
        if !fits(pattern, path) {
            continue;
        }
        if *known_verb == verb {
            // A fixed word before a place for an id.
            let fixed = pattern.split('/').filter(|part| *part != "{}").count();
            if found.is_none_or(|(_, _, best)| fixed > best) {
                found = Some((row, *tier, fixed));
            }
        } else {
            other = true;
        }
    }
    match found {
        Some((row, tier, _)) => Known::Here { row, tier },
        None if other => Known::OtherVerbs,
        None => Known::Nowhere,
    }
}

fn fits(pattern: &str, path: &[String]) -> bool {
    let parts: Vec<&str> = pattern.split('/').collect();
    let optional = parts.last() == Some(&"{}");
    let same = |parts: &[&str]| {
        parts.len() == path.len() && parts.iter().zip(path).all(|(known, sent)| *known == "{}" || *known == sent.as_str())
    };
    same(&parts) || (optional && parts.split_last().is_some_and(|(_, head)| same(head)))
}

/// The names by which a key's permissions may call an endpoint: its fixed words up to the first id, and all of them.
pub(crate) fn endpoint_names(row: usize) -> [String; 2] {
    let pattern = TABLE.get(row).map_or("", |(_, pattern, _)| *pattern);
    let head: Vec<&str> = pattern.split('/').take_while(|part| *part != "{}").collect();
    let all: Vec<&str> = pattern.split('/').filter(|part| *part != "{}").collect();
    [format!("/api/{}", head.join("/")), format!("/api/{}", all.join("/"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn a_verb_that_a_path_does_not_have_is_told_from_a_path_that_is_not_there() {
        assert!(matches!(look_up("GET", &path("user")), Known::Here { tier: 1, .. }));
        assert!(matches!(look_up("POST", &path("user")), Known::Here { tier: 1, .. }));
        assert_eq!(look_up("PATCH", &path("system/version")), Known::OtherVerbs);
        assert_eq!(look_up("GET", &path("nowhere/at/all")), Known::Nowhere);
        assert!(matches!(look_up("GET", &path("connector")), Known::Here { tier: 3, .. }));
    }

    #[test]
    fn a_key_may_be_limited_to_an_endpoint() {
        let Known::Here { row, .. } = look_up("GET", &path("user/00000000-0000-0000-0000-000000000001")) else { panic!() };
        assert_eq!(endpoint_names(row), ["/api/user", "/api/user"]);
        let Known::Here { row, .. } = look_up("POST", &path("user/registration/x")) else { panic!() };
        assert_eq!(endpoint_names(row)[0], "/api/user/registration");
    }
}
