//! RP-Initiated Logout 1.0: may a request end the session without asking, and where does it return to?

use crate::oauth::client::ApplicationSettings;
use crate::oauth::redirect_uri;

/// What is known when a sign-out request arrives.
#[derive(Debug, Clone, Default)]
pub struct LogoutFacts {
    /// Whether the browser has a session.
    pub has_session: bool,
    /// A valid `id_token_hint` (signature and issuer; its expiry does not matter, section 2) names the signed-in person
    /// or this very session.
    pub hint_matches_session: bool,
    /// A form of ours with its CSRF token confirmed it.
    pub confirmed: bool,
}

/// Whether the person must confirm (section 2: the provider SHOULD ask, and MUST when the hint is not of the current session).
pub fn must_confirm(facts: &LogoutFacts) -> bool {
    facts.has_session && !facts.hint_matches_session && !facts.confirmed
}

/// Section 3: `post_logout_redirect_uri` is used only when it is registered for the application that `client_id` or the hint names.
pub fn may_return_to(uri: &str, application: Option<&ApplicationSettings>) -> bool {
    application.is_some_and(|app| redirect_uri::is_registered(uri, &app.post_logout_redirect_uris, app.logout_tolerance()))
}

/// The same for an address that no application stands for, from a list of the tenant's.
pub fn may_return_to_of_tenant(uri: &str, registered: &[String]) -> bool {
    let tolerance = redirect_uri::Tolerance { lenient_host: true, lenient_end: true, ..Default::default() };
    redirect_uri::is_registered(uri, registered, tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_2_a_stranger_cannot_sign_people_out() {
        assert!(must_confirm(&LogoutFacts { has_session: true, ..Default::default() }));
        assert!(!must_confirm(&LogoutFacts { has_session: true, hint_matches_session: true, ..Default::default() }));
        assert!(!must_confirm(&LogoutFacts::default()));
    }

    #[test]
    fn section_3_unregistered_addresses_are_not_followed() {
        let app = ApplicationSettings { post_logout_redirect_uris: vec!["https://a.example/bye".into()], ..Default::default() };
        assert!(may_return_to("https://a.example/bye", Some(&app)));
        assert!(!may_return_to("https://a.example/bye2", Some(&app)) && !may_return_to("https://a.example/bye", None));
    }
}
