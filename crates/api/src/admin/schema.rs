//! Shapes of documents that the core defines, for the description of the API. A test holds them to the core's own fields.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident : $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        #[derive(Serialize, ToSchema)]
        #[allow(dead_code, reason = "a shape is described, never made")]
        pub(super) struct $name { $($(#[$field_meta])* #[schema(required = false)] pub(super) $field: $type),* }

        #[cfg(test)]
        impl $name {
            const FIELDS: &[&str] = &[$(stringify!($field)),*];
        }
    )*};
}

shapes! {
    /// What a tenant demands of sign-in.
    Policy {
        /// Who may sign up and what is asked.
        sign_up: SignUpPolicy,
        /// Whether pages may say that an account exists or does not.
        reveal_accounts: bool,
        /// Passkeys.
        passkey: PasskeyPolicy,
        /// Passwords.
        password: PasswordPolicy,
        /// One-time codes and links by e-mail.
        code: CodePolicy,
        /// Browser sessions.
        session: SessionPolicy,
        /// Limits on guessing.
        lockout: LockoutPolicy,
        /// Second factors.
        second_factor: SecondFactorPolicy,
    }
    /// Who may sign up and what is asked.
    SignUpPolicy {
        /// Whether strangers may make an account.
        enabled: bool,
        /// Whether a name must be given.
        name_required: bool,
        /// When the address must be proven: `before`, `during`, `later`, `at_sign_in` or `never`.
        verify_email: String,
        /// What a new account is known by, where an application's own page asks: `email`, `username`.
        identifiers: Vec<String>,
        /// Fewest characters of a user name that a person chooses.
        username_min_length: u32,
        /// Most characters of a user name that a person chooses.
        username_max_length: u32,
    }
    /// Passkeys; names follow WebAuthn Level 3.
    PasskeyPolicy {
        /// Whether passkeys may be used at all.
        enabled: bool,
        /// The relying party id; null: the host of the domain asked.
        rp_id: Option<String>,
        /// Earlier relying party ids whose passkeys still work.
        former_rp_ids: Vec<String>,
        /// Origins besides our own domains that may run a ceremony.
        origins: Vec<String>,
        /// `required`, `preferred` or `discouraged`.
        user_verification: String,
        /// Offer a passkey after another method was used.
        offer: bool,
        /// Days before a declined offer is made again.
        offer_again_after_days: u32,
        /// Create a passkey silently after a password sign-in where the browser can.
        conditional_create: bool,
        /// `none`, `direct` or `trusted`.
        attestation: String,
        /// Certificates that `trusted` attestation must chain to: base64 of their DER form.
        attestation_roots: Vec<String>,
        /// When not empty, only authenticators of these models may be enrolled.
        allowed_aaguids: Vec<Uuid>,
    }
    /// Passwords.
    PasswordPolicy {
        /// Whether people may have a password.
        enabled: bool,
        /// Fewest characters.
        min_length: u32,
        /// Most characters.
        max_length: u32,
        /// Least zxcvbn score, 0 to 4.
        min_score: u8,
        /// Whether a digit must be in it.
        require_number: bool,
        /// Whether small letters and capitals must be in it.
        require_mixed_case: bool,
        /// Whether something that is neither letter nor digit must be in it.
        require_symbol: bool,
    }
    /// One-time codes by e-mail.
    CodePolicy {
        /// Whether a code by e-mail is a way to sign in.
        enabled: bool,
        /// Digits in a code.
        digits: u32,
        /// Seconds that a code is good for.
        lifetime_seconds: i64,
        /// Wrong guesses before a code is dead.
        attempts: i64,
        /// Seconds before another may be sent.
        resend_after_seconds: i64,
        /// Whether mails carry a link beside the code.
        link: bool,
        /// Whether an application's own page waits for the link instead of asking for the code.
        by_link: bool,
    }
    /// Lifetimes of browser sessions.
    SessionPolicy {
        /// Ends after this long without use.
        idle_seconds: i64,
        /// Ends after this long in any case.
        absolute_seconds: i64,
        /// How recent a proof must be for sensitive changes.
        fresh_seconds: i64,
    }
    /// Limits on guessing.
    LockoutPolicy {
        /// Wrong proofs by one address on one account before that pair must wait.
        attempts: i64,
        /// Wrong proofs on one account from all unknown addresses together before those must wait.
        account_attempts: i64,
        /// Seconds in which they are counted.
        window_seconds: i64,
        /// Seconds to wait, once over.
        wait_seconds: i64,
    }
    /// Second factors: one-time passwords by time and recovery codes.
    SecondFactorPolicy {
        /// `off`, `optional` (whoever has one is asked) or `required`.
        requirement: String,
        /// Days for which a browser may be remembered; 0: never.
        remember_days: u32,
        /// Wrong codes within a quarter of an hour before an account's second factor must wait.
        attempts: i64,
    }
    /// How a tenant's pages look.
    Brand {
        /// Address of a logo.
        logo_url: Option<String>,
        /// `#rrggbb`.
        color: Option<String>,
        /// Where people find help.
        support_url: Option<String>,
        /// Terms of service, linked from sign-up.
        terms_url: Option<String>,
        /// Privacy policy, linked from sign-up.
        privacy_url: Option<String>,
    }
    /// What an application may do and how (names of RFC 7591).
    ApplicationSettings {
        /// `web`, `spa`, `native` or `machine`.
        kind: String,
        /// `standard`, `auth0`, `fusionauth` or `corbado`.
        accent: String,
        /// Addresses that answers may go to.
        redirect_uris: Vec<String>,
        /// Addresses that sign-out may return to.
        post_logout_redirect_uris: Vec<String>,
        /// Origins that may call token and userinfo endpoints from a browser.
        allowed_origins: Vec<String>,
        /// Origins whose pages may be sent an answer as a message (`response_mode=web_message`).
        web_origins: Vec<String>,
        /// Its addresses may be patterns with `*`; they are compared exactly otherwise.
        wildcard_addresses: bool,
        /// Development: any `http://localhost:<port>` address is registered.
        any_localhost: bool,
        /// `none`, `client_secret_basic`, `client_secret_post` or `private_key_jwt`.
        token_endpoint_auth_method: String,
        /// It may come without its secret too: a code is then redeemed with PKCE alone. A secret that is sent is checked all the same.
        secret_optional: bool,
        /// Public keys for `private_key_jwt`, a JWK set.
        #[schema(value_type = Option<Object>)]
        jwks: Option<serde_json::Value>,
        /// `authorization_code`, `implicit`, `refresh_token`, `client_credentials`, `password`,
        /// `urn:ietf:params:oauth:grant-type:device_code` and those of ours (see the reference).
        grant_types: Vec<String>,
        /// PKCE for a confidential client; public clients always need it.
        require_pkce: bool,
        /// `RS256`, `ES256` or `EdDSA`.
        signing_alg: String,
        /// Seconds.
        id_token_lifetime_seconds: i64,
        /// Seconds; a resource server may shorten it.
        access_token_lifetime_seconds: i64,
        /// Access tokens that name no resource server are short and opaque instead of JWTs.
        opaque_access_tokens: bool,
        /// Authorization requests must be pushed first (RFC 9126).
        require_pushed_authorization_requests: bool,
        /// Refresh tokens.
        refresh: RefreshPolicy,
        /// Scopes it may ask for besides those of OpenID Connect; empty: all that its resource servers offer.
        allowed_scopes: Vec<String>,
        /// First-party applications skip the consent page.
        first_party: bool,
        /// Where its own pages begin.
        home_uri: Option<String>,
        /// Logo on consent and sign-in pages.
        logo_uri: Option<String>,
        /// Its privacy policy.
        policy_uri: Option<String>,
        /// Its terms of service.
        tos_uri: Option<String>,
        /// `acr` values asked for when the request names none.
        default_acr_values: Vec<String>,
        /// Asks for more second factor than the tenant does: `optional` or `required`; null: what the tenant says.
        second_factor: Option<String>,
        /// What it wants otherwise than its tenant: a merge patch on the tenant's policy.
        #[schema(value_type = Option<Object>)]
        policy: Option<serde_json::Value>,
        /// `open`: everybody of the tenant may sign in; `join`: whoever signs in becomes a member; `required`: only members get in.
        membership: String,
        /// Embedded sign-in.
        embedded: EmbeddedSettings,
    }
    /// An application whose own pages carry the sign-in.
    EmbeddedSettings {
        /// Where its pages reach us, without a slash at the end; null: the domain asked.
        api_url: Option<String>,
        /// `iss` of its session tokens; null: as `api_url`.
        issuer: Option<String>,
        /// Seconds that a session token is good for.
        session_token_lifetime_seconds: i64,
        /// `Domain` of the cookie with the session token; null: the host of the application's page.
        cookie_domain: Option<String>,
        /// `Secure` of that cookie; null: as the application's page is served.
        cookie_secure: Option<bool>,
        /// `lax`, `strict` or `none`.
        cookie_same_site: String,
        /// Development: the session's secret is told to the page too.
        reveal_session_secret: bool,
    }
    /// Native applications that share the tenant's passkeys.
    NativeApps {
        /// For `/.well-known/assetlinks.json`.
        android: Vec<AndroidApp>,
        /// Application ids, team and bundle, for `/.well-known/apple-app-site-association`.
        apple: Vec<String>,
    }
    /// An Android application.
    AndroidApp {
        /// Package name.
        package_name: String,
        /// SHA-256 fingerprints of its certificates, in upper-case hexadecimal with colons.
        sha256_cert_fingerprints: Vec<String>,
    }
    /// Refresh tokens of an application.
    RefreshPolicy {
        /// Each use gives a new token.
        rotate: bool,
        /// Seconds in which a used token answers again with the same successor.
        overlap_seconds: i64,
        /// Seconds without use after which a family ends.
        idle_seconds: i64,
        /// Seconds after which a family ends in any case.
        absolute_seconds: i64,
    }
    /// What a resource server sets.
    ResourceServerSettings {
        /// Longest life of its access tokens, in seconds; null: the application decides.
        access_token_lifetime_seconds: Option<i64>,
        /// Whether refresh tokens may be given for it.
        allow_offline_access: bool,
        /// Grant only scopes that the person holds as permissions, and list those in `permissions`.
        enforce_permissions: bool,
        /// Whether access tokens list the person's permissions; null: where they are enforced.
        list_permissions: Option<bool>,
        /// Access tokens follow RFC 9068 whatever the application's accent prefers.
        standard_tokens: bool,
        /// Whether people are asked for consent even by first-party applications.
        require_consent: bool,
        /// Signature algorithm of its access tokens; null: the application's.
        signing_alg: Option<String>,
    }
    /// Claims of OpenID Connect Core, section 5.1.
    Profile {
        /// Full name, when it differs from the user's `name`.
        name: Option<String>,
        /// Given name.
        given_name: Option<String>,
        /// Family name.
        family_name: Option<String>,
        /// Middle name.
        middle_name: Option<String>,
        /// Casual name.
        nickname: Option<String>,
        /// Short name that the person likes.
        preferred_username: Option<String>,
        /// Page about the person.
        profile: Option<String>,
        /// Picture.
        picture: Option<String>,
        /// Web site.
        website: Option<String>,
        /// Gender.
        gender: Option<String>,
        /// `YYYY-MM-DD`.
        birthdate: Option<String>,
        /// IANA time zone.
        zoneinfo: Option<String>,
        /// BCP 47 language.
        locale: Option<String>,
        /// Postal address (section 5.1.1).
        #[schema(value_type = Option<Object>)]
        address: Option<serde_json::Value>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::oauth::client;
    use doorward_protocol::oidc::claims;
    use doorward_protocol::policy;
    use doorward_store::{applications, tenants};
    use serde_json::Value;

    fn same<T: Serialize>(core: &T, shape: &[&str]) {
        let Value::Object(core) = serde_json::to_value(core).unwrap() else { panic!("no object") };
        let mut core: Vec<&str> = core.keys().map(String::as_str).collect();
        let mut shape = shape.to_vec();
        core.sort_unstable();
        shape.sort_unstable();
        assert_eq!(core, shape);
    }

    #[test]
    fn every_shape_has_the_fields_of_the_core() {
        same(&policy::Policy::default(), Policy::FIELDS);
        same(&policy::SignUpPolicy::default(), SignUpPolicy::FIELDS);
        same(&policy::PasskeyPolicy::default(), PasskeyPolicy::FIELDS);
        same(&policy::PasswordPolicy::default(), PasswordPolicy::FIELDS);
        same(&policy::CodePolicy::default(), CodePolicy::FIELDS);
        same(&policy::SessionPolicy::default(), SessionPolicy::FIELDS);
        same(&policy::LockoutPolicy::default(), LockoutPolicy::FIELDS);
        same(&policy::SecondFactorPolicy::default(), SecondFactorPolicy::FIELDS);
        same(&tenants::Brand::default(), Brand::FIELDS);
        same(&client::ApplicationSettings::default(), ApplicationSettings::FIELDS);
        same(&client::RefreshPolicy::default(), RefreshPolicy::FIELDS);
        same(&client::EmbeddedSettings::default(), EmbeddedSettings::FIELDS);
        same(&tenants::NativeApps::default(), NativeApps::FIELDS);
        same(&tenants::AndroidApp::default(), AndroidApp::FIELDS);
        same(&applications::ResourceServerSettings::default(), ResourceServerSettings::FIELDS);
        let text = || Some(String::from("x"));
        let full = claims::Profile {
            name: text(),
            given_name: text(),
            family_name: text(),
            middle_name: text(),
            nickname: text(),
            preferred_username: text(),
            profile: text(),
            picture: text(),
            website: text(),
            gender: text(),
            birthdate: text(),
            zoneinfo: text(),
            locale: text(),
            address: Some(Value::Null),
        };
        same(&full, Profile::FIELDS);
    }
}
