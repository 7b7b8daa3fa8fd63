//! Protection of forms and scripts' posts: a token that belongs to the browser, and the browser's own word on where the post
//! comes from (`Sec-Fetch-Site`, `Origin`).

use crate::{App, Visit};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_service::secrets::same;

/// The token of this browser, for a hidden field `csrf`.
pub fn token(app: &App, visit: &Visit) -> String {
    let session = visit.session.as_ref().map(|s| s.id.0.as_bytes().to_vec()).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(digest(app, visit, &session))
}

fn digest(app: &App, visit: &Visit, session: &[u8]) -> Vec<u8> {
    app.service.secrets.digest("csrf", &[visit.cx.tenant_id().0.as_bytes(), visit.cx.client.browser.as_bytes(), session])
}

/// Why a post is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsrfError {
    /// From another site.
    OtherSite,
    /// Without token, or with one of another browser or session.
    Token,
    /// The browser keeps no cookies.
    NoCookies,
}

/// Checks a post of a page of ours.
pub fn check(app: &App, visit: &Visit, token: Option<&str>) -> Result<(), CsrfError> {
    same_site(&visit.headers, &visit.origin)?;
    if !visit.keeps_cookies {
        return Err(CsrfError::NoCookies);
    }
    let sent = token.and_then(|t| URL_SAFE_NO_PAD.decode(t).ok()).unwrap_or_default();
    let session = visit.session.as_ref().map(|s| s.id.0.as_bytes().to_vec()).unwrap_or_default();
    // A page shown before its tab's neighbour signed in carries the token without session; it is still this browser's.
    if same(&sent, &digest(app, visit, &session)) || same(&sent, &digest(app, visit, &[])) {
        Ok(())
    } else {
        Err(CsrfError::Token)
    }
}

/// What the browser says of where a post comes from. Browsers that say nothing are old; the token still guards them.
pub fn same_site(headers: &HeaderMap, origin: &str) -> Result<(), CsrfError> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return Ok(()),
        Some(_) => return Err(CsrfError::OtherSite),
        None => {}
    }
    match text(header::ORIGIN.as_str()) {
        // Privacy settings send "null" for posts within a site too.
        None | Some("null") => Ok(()),
        Some(sent) if sent == origin => Ok(()),
        Some(_) => Err(CsrfError::OtherSite),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_post_from_elsewhere_is_refused() {
        let with = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            same_site(&headers, "http://localhost:9011")
        };
        assert_eq!(with("sec-fetch-site", "cross-site"), Err(CsrfError::OtherSite));
        assert_eq!(with("sec-fetch-site", "same-site"), Err(CsrfError::OtherSite));
        assert_eq!(with("sec-fetch-site", "same-origin"), Ok(()));
        assert_eq!(with("origin", "http://localhost:3000"), Err(CsrfError::OtherSite));
        assert_eq!(with("origin", "http://localhost:9011"), Ok(()));
    }
}
