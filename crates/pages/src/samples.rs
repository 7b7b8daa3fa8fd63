//! Every page in every state worth looking at: the material of the tests, of the gallery and of the console's preview of a look.

use crate::view::*;
use doorward_service::factor::TotpEnrolment;
use doorward_service::i18n::Locale;
use serde_json::json;

/// A page in one state, under a name that says which.
pub struct State {
    /// Which page, and which state of it: `signin-problem`.
    pub name: String,
    /// The page.
    pub page: Page,
}

const NOW: When = When(1_795_230_384);

fn ago(hours: i64) -> When {
    When(NOW.0 - hours * 3600)
}

fn flow() -> String {
    "sealed.flow".into()
}

fn request(autofill: bool) -> PasskeyRequest {
    PasskeyRequest {
        action: "/signin/passkey".into(),
        options: json!({"challenge": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI", "rpId": "localhost", "userVerification": "required", "timeout": 300_000}),
        renew_url: Some("/signin/options".into()),
        expires_in: 300,
        autofill,
    }
}

fn creation(silent: bool) -> PasskeyCreation {
    PasskeyCreation {
        action: "/signin/passkey-create".into(),
        options: json!({
            "rp": {"id": "localhost", "name": "Acme"},
            "user": {"id": "MTIzNDU2Nzg5MDEyMzQ1Ng", "name": "ada@example.com", "displayName": "Ada </script> Lovelace"},
            "challenge": "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI", "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"}
        }),
        renew_url: Some("/signin/create-options".into()),
        expires_in: 300,
        silent,
    }
}

fn passkeys() -> Vec<PasskeyRow> {
    let row = |id: &str, name: &str, provider: &str, synced, last_used, current| PasskeyRow {
        id: id.into(),
        name: name.into(),
        provider: provider.into(),
        created: ago(24 * 90),
        last_used,
        synced,
        current,
    };
    vec![
        row("pk1", "iCloud Keychain", "apple", true, Some(ago(1)), true),
        row("pk2", "Work laptop", "windows", false, Some(ago(300)), false),
        row("pk3", "Blue YubiKey", "yubikey", false, None, false),
        row("pk4", "Bitwarden", "bitwarden", true, Some(ago(24 * 30)), false),
    ]
}

fn scopes() -> Vec<ScopeLine> {
    let mut lines: Vec<ScopeLine> = ["openid", "profile", "email", "phone", "address", "offline_access"]
        .into_iter()
        .map(|name| ScopeLine { name: name.into(), description: None })
        .collect();
    lines.push(ScopeLine { name: "read:orders".into(), description: Some("Read your orders".into()) });
    lines.push(ScopeLine { name: "write:orders".into(), description: None });
    lines
}

fn frame() -> AccountFrame {
    AccountFrame {
        name: "Ada Lovelace".into(),
        identifier: "ada@example.com".into(),
        picture_url: None,
        urls: AccountUrls::below("/account", "/signout"),
        problem: None,
        notice: None,
    }
}

fn demo_urls() -> DemoUrls {
    DemoUrls {
        home: "/demo".into(),
        sign_in: "/demo/signin".into(),
        sign_up: "/demo/signup".into(),
        sign_out: "/demo/signout".into(),
        profile: "/demo/profile".into(),
        protected: "/demo/protected".into(),
        account: "/account".into(),
        mailbox: Some("/dev/mailbox".into()),
        console: Some("/console".into()),
    }
}

fn ada() -> DemoUser {
    DemoUser { name: "Ada Lovelace".into(), email: Some("ada@example.com".into()) }
}

/// A frame with everything in it.
pub fn full_chrome(locale: Locale) -> Chrome {
    let mut chrome = Chrome::new("Acme", locale, "csrf-token");
    chrome.color = Some("#0f6a64".into());
    chrome.application_name = Some("Orchard Shop".into());
    chrome.dev_mailbox_url = Some("/dev/mailbox".into());
    chrome.support_url = Some("https://acme.example/help".into());
    chrome.privacy_url = Some("https://acme.example/privacy".into());
    chrome.terms_url = Some("https://acme.example/terms".into());
    chrome.languages = Locale::ALL
        .into_iter()
        .map(|language| LanguageLink {
            tag: language.tag(),
            endonym: language.endonym(),
            url: format!("?ui_locales={}", language.tag()),
        })
        .collect();
    chrome.signals = Some(Signals {
        rp_id: "localhost".into(),
        user_id: Some("AAAA".into()),
        unknown_credential_id: None,
        all_accepted_credential_ids: Some(vec!["BBBB".into()]),
        name: Some("ada@example.com".into()),
        display_name: Some("Ada Lovelace".into()),
    });
    chrome
}

fn secret() -> FactorSecret {
    crate::signin::render::secret(&TotpEnrolment {
        id: Default::default(),
        secret: Default::default(),
        secret_base32: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into(),
        uri: "otpauth://totp/Acme:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme".into(),
    })
}

fn recovery_codes() -> Vec<String> {
    (0..10).map(|n| format!("a7c{n}e-9g2hj")).collect()
}

fn factor_states() -> Vec<State> {
    let second = |recovery: bool, problem| SecondFactorPage {
        flow: flow(),
        submit_url: "/signin/factor".into(),
        recovery,
        other_url: Some("/signin/switch?to=recovery-code".into()),
        passkey: (!recovery).then(|| request(false)),
        change_url: "/signin/switch?to=signin".into(),
        identifier: "ada@example.com".into(),
        digits: 6,
        remember_days: if recovery { 0 } else { 30 },
        problem,
    };
    let setup = |secret, problem| FactorSetupPage {
        flow: flow(),
        begin_url: "/signin/factor/begin".into(),
        submit_url: "/signin/factor/confirm".into(),
        secret,
        change_url: "/signin/switch?to=signin".into(),
        identifier: "ada@example.com".into(),
        problem,
    };
    let row = |id: &str, name: Option<&str>, last_used| FactorRow {
        id: id.into(),
        name: name.map(str::to_owned),
        created: ago(24 * 40),
        last_used,
    };
    let account = |factors: Vec<FactorRow>| AccountFactorsPage {
        frame: frame(),
        factors,
        required: false,
        pending: String::new(),
        secret: None,
        begin_url: "/account/two-step/begin".into(),
        submit_url: "/account/two-step/confirm".into(),
        remove_url: "/account/two-step/remove".into(),
        new_codes_url: "/account/two-step/codes".into(),
        codes_left: 7,
        codes: Vec::new(),
        confirm_url: None,
    };
    let both = || vec![row("f1", Some("Ada’s phone"), Some(ago(3))), row("f2", None, None)];
    let wrong = || AccountFrame { problem: Some(Problem::FactorWrong), ..frame() };
    let state = |name: &str, page: Page| State { name: name.into(), page };
    vec![
        state("factor", second(false, None).into()),
        state("factor-wrong", second(false, Some(Problem::FactorWrong)).into()),
        state(
            "factor-minimal",
            SecondFactorPage { other_url: None, passkey: None, remember_days: 0, ..second(false, Some(Problem::FactorUsed)) }
                .into(),
        ),
        state("factor-recovery", second(true, None).into()),
        state("factor-setup-begin", setup(None, None).into()),
        state("factor-setup", setup(Some(secret()), None).into()),
        state("factor-setup-wrong", setup(Some(secret()), Some(Problem::FactorWrong)).into()),
        state(
            "recovery-codes",
            RecoveryCodesPage { flow: flow(), submit_url: "/signin/factor/kept".into(), codes: recovery_codes() }.into(),
        ),
        state("account-two-step", account(both()).into()),
        state("account-two-step-none", AccountFactorsPage { required: true, codes_left: 0, ..account(Vec::new()) }.into()),
        state(
            "account-two-step-setup",
            AccountFactorsPage { secret: Some(secret()), pending: "f3".into(), ..account(both()) }.into(),
        ),
        state(
            "account-two-step-wrong",
            AccountFactorsPage { frame: wrong(), secret: Some(secret()), pending: "f3".into(), ..account(Vec::new()) }.into(),
        ),
        state("account-two-step-codes", AccountFactorsPage { codes: recovery_codes(), codes_left: 10, ..account(both()) }.into()),
        state(
            "account-two-step-stale",
            AccountFactorsPage { confirm_url: Some("/signin/again".into()), codes_left: 1, ..account(both()) }.into(),
        ),
    ]
}

/// Every page in every state.
#[allow(clippy::too_many_lines)]
pub fn states() -> Vec<State> {
    let mut all: Vec<State> = Vec::new();
    let mut add = |name: &str, page: Page| all.push(State { name: name.to_owned(), page });

    let signin = SignInPage {
        flow: flow(),
        identify_url: "/signin/identify".into(),
        passkey: Some(request(true)),
        sign_up_url: Some("/signup".into()),
        recover_url: "/recover".into(),
        identifier: None,
        identifier_kind: IdentifierKind::Email,
        problem: None,
        notice: None,
    };
    add("signin", signin.clone().into());
    add(
        "signin-problem",
        SignInPage { problem: Some(Problem::PasskeyUnknown), identifier: Some("ada@example.com".into()), ..signin.clone() }
            .into(),
    );
    add(
        "signin-minimal",
        SignInPage {
            passkey: None,
            sign_up_url: None,
            identifier_kind: IdentifierKind::EmailOrUsername,
            problem: Some(Problem::IdentifierMissing),
            ..signin
        }
        .into(),
    );

    let password = PasswordPage {
        flow: flow(),
        submit_url: "/signin/password".into(),
        send_code_url: Some("/signin/send-code".into()),
        passkey: Some(request(false)),
        change_url: "/signin".into(),
        recover_url: "/recover".into(),
        identifier: "ada@example.com".into(),
        problem: None,
    };
    add("password", password.clone().into());
    add("password-problem", PasswordPage { problem: Some(Problem::PasswordWrong), ..password.clone() }.into());
    add("password-minimal", PasswordPage { send_code_url: None, passkey: None, ..password }.into());

    let code = CodePage {
        flow: flow(),
        purpose: CodePurpose::SignIn,
        submit_url: "/signin/code".into(),
        resend_url: "/signin/send-code".into(),
        change_url: Some("/signin".into()),
        status_url: Some("/signin/status".into()),
        password_url: Some("/signin/password".into()),
        passkey: Some(request(false)),
        destination: "ada@example.com".into(),
        resend_in: 30,
        valid_minutes: 10,
        digits: 6,
        problem: None,
        notice: None,
    };
    for (name, purpose) in [
        ("code-signin", CodePurpose::SignIn),
        ("code-signup", CodePurpose::SignUp),
        ("code-verify", CodePurpose::VerifyEmail),
        ("code-recover", CodePurpose::Recover),
        ("code-stepup", CodePurpose::StepUp),
    ] {
        add(name, CodePage { purpose, notice: Some(Notice::CodeSent), ..code.clone() }.into());
    }
    add("code-problem", CodePage { problem: Some(Problem::CodeWrong { attempts_left: 2 }), ..code.clone() }.into());
    add(
        "code-minimal",
        CodePage {
            change_url: None,
            status_url: None,
            password_url: None,
            passkey: None,
            resend_in: 0,
            valid_minutes: 1,
            ..code
        }
        .into(),
    );

    let reauth = ReauthPage {
        flow: flow(),
        reason: ReauthReason::AccountChange,
        name: Some("Ada Lovelace".into()),
        identifier: "ada@example.com".into(),
        passkey: Some(request(false)),
        password_url: Some("/signin/password".into()),
        send_code_url: Some("/signin/send-code".into()),
        other_account_url: Some("/signin".into()),
        cancel_url: Some("/account".into()),
        problem: None,
    };
    add("reauth", reauth.clone().into());
    add(
        "reauth-problem",
        ReauthPage {
            reason: ReauthReason::Application,
            problem: Some(Problem::PasskeyOtherAccount),
            password_url: None,
            ..reauth.clone()
        }
        .into(),
    );
    add(
        "reauth-minimal",
        ReauthPage { name: None, passkey: None, password_url: None, other_account_url: None, cancel_url: None, ..reauth }.into(),
    );

    let choice = |id: &str, name: &str, identifier: &str| AccountChoice {
        id: id.into(),
        name: name.into(),
        identifier: identifier.into(),
    };
    add(
        "select-account",
        SelectAccountPage {
            flow: flow(),
            submit_url: "/signin/select".into(),
            other_account_url: "/signin?new".into(),
            accounts: vec![choice("1", "Ada Lovelace", "ada@example.com"), choice("2", "Grace Hopper", "grace@example.com")],
        }
        .into(),
    );
    add(
        "recover",
        RecoverPage {
            flow: flow(),
            submit_url: "/recover".into(),
            cancel_url: "/signin".into(),
            identifier: Some("ada@example.com".into()),
            problem: None,
        }
        .into(),
    );
    add(
        "recover-problem",
        RecoverPage {
            flow: flow(),
            submit_url: "/recover".into(),
            cancel_url: "/signin".into(),
            identifier: None,
            problem: Some(Problem::EmailInvalid),
        }
        .into(),
    );

    let signup = SignUpPage {
        flow: flow(),
        submit_url: "/signup".into(),
        sign_in_url: "/signin".into(),
        name: None,
        identifier: None,
        name_required: true,
        password: None,
        passkey_next: true,
        problem: None,
    };
    add("signup", signup.clone().into());
    add(
        "signup-password",
        SignUpPage {
            password: Some(PasswordRules { min_length: 10 }),
            passkey_next: false,
            name: Some("Ada Lovelace".into()),
            identifier: Some("ada@example.com".into()),
            problem: Some(Problem::PasswordBreached),
            ..signup
        }
        .into(),
    );

    let offer = PasskeyOfferPage {
        flow: flow(),
        variant: PasskeyOfferVariant::SignUp,
        creation: creation(false),
        skip_url: None,
        identifier: "ada@example.com".into(),
        existing: Vec::new(),
        problem: None,
    };
    add("offer-signup", offer.clone().into());
    add(
        "offer-password",
        PasskeyOfferPage {
            variant: PasskeyOfferVariant::AfterPassword,
            creation: creation(true),
            skip_url: Some("/signin/skip".into()),
            ..offer.clone()
        }
        .into(),
    );
    add(
        "offer-code",
        PasskeyOfferPage {
            variant: PasskeyOfferVariant::AfterCode,
            skip_url: Some("/signin/skip".into()),
            problem: Some(Problem::PasskeyRejected),
            ..offer.clone()
        }
        .into(),
    );
    add(
        "offer-recovery",
        PasskeyOfferPage {
            variant: PasskeyOfferVariant::Recovery,
            skip_url: Some("/signin/skip".into()),
            existing: passkeys(),
            ..offer
        }
        .into(),
    );

    let new_password = |variant, problem| NewPasswordPage {
        flow: flow(),
        variant,
        submit_url: "/signin/new-password".into(),
        identifier: "ada@example.com".into(),
        rules: PasswordRules { min_length: 8 },
        skip_url: (variant == NewPasswordVariant::Reset).then(|| "/signin/keep-password".into()),
        problem,
    };
    add("new-password-reset", new_password(NewPasswordVariant::Reset, None).into());
    add("new-password-expired", new_password(NewPasswordVariant::Expired, Some(Problem::PasswordWeak)).into());
    add("new-password-ticket", new_password(NewPasswordVariant::Ticket, None).into());
    add("new-password-breached", new_password(NewPasswordVariant::Breached, None).into());

    let field = |name: &str, label: Option<&str>, required| ProfileField {
        name: name.into(),
        label: label.map(str::to_owned),
        value: None,
        required,
    };
    add(
        "complete-profile",
        CompleteProfilePage {
            flow: flow(),
            submit_url: "/signin/profile".into(),
            fields: vec![
                field("name", None, true),
                field("given_name", None, true),
                field("family_name", None, true),
                field("phone_number", None, false),
                field("birthdate", None, false),
                field("company", Some("Company"), false),
            ],
            problem: Some(Problem::FieldMissing),
        }
        .into(),
    );

    let consent = ConsentPage {
        flow: flow(),
        submit_url: "/consent".into(),
        application_name: "Orchard Shop".into(),
        application_logo_url: None,
        return_host: Some("shop.example".into()),
        identifier: "ada@example.com".into(),
        resource_server: Some("Orders API".into()),
        scopes: scopes(),
        privacy_url: Some("https://shop.example/privacy".into()),
        terms_url: Some("https://shop.example/terms".into()),
    };
    add("consent", consent.clone().into());
    add(
        "consent-minimal",
        ConsentPage {
            return_host: None,
            resource_server: None,
            privacy_url: None,
            terms_url: None,
            scopes: scopes().into_iter().take(1).collect(),
            ..consent
        }
        .into(),
    );
    add(
        "signout",
        SignOutPage {
            flow: flow(),
            submit_url: "/connect/logout".into(),
            cancel_url: Some("/account".into()),
            identifier: Some("ada@example.com".into()),
        }
        .into(),
    );
    add(
        "signout-minimal",
        SignOutPage { flow: flow(), submit_url: "/connect/logout".into(), cancel_url: None, identifier: None }.into(),
    );
    add(
        "signed-out",
        SignedOutPage { sign_in_url: Some("/signin".into()), return_url: Some("http://localhost:3000/".into()) }.into(),
    );
    add("signed-out-minimal", SignedOutPage { sign_in_url: None, return_url: None }.into());

    for (name, purpose) in
        [("signin", MailLinkPurpose::SignIn), ("verify", MailLinkPurpose::VerifyEmail), ("recover", MailLinkPurpose::Recover)]
    {
        let confirm = |request| MailLinkPage {
            state: MailLinkState::Confirm {
                purpose,
                token: "token".into(),
                submit_url: "/link".into(),
                identifier: "ada@example.com".into(),
                request,
            },
        };
        add(&format!("link-{name}"), confirm(None).into());
        add(
            &format!("link-{name}-other"),
            confirm(Some(RequestDetails { device: "Firefox on Windows".into(), origin: Some("203.0.113.7".into()), at: ago(0) }))
                .into(),
        );
        add(&format!("link-{name}-done"), MailLinkPage { state: MailLinkState::Done { purpose, continue_url: None } }.into());
        add(
            &format!("link-{name}-done-here"),
            MailLinkPage { state: MailLinkState::Done { purpose, continue_url: Some("/signin/resume".into()) } }.into(),
        );
    }
    let saved = MailLinkState::Done { purpose: MailLinkPurpose::NewPassword, continue_url: Some("/signin".into()) };
    add("link-password-done", MailLinkPage { state: saved }.into());
    add("link-denied", MailLinkPage { state: MailLinkState::Denied }.into());
    add("link-expired", MailLinkPage { state: MailLinkState::Expired { restart_url: Some("/signin".into()) } }.into());
    add("link-used", MailLinkPage { state: MailLinkState::Used { restart_url: None } }.into());
    add("web-message", WebMessagePage { message: "{\"code\":\"abc\"}".into(), target: "http://localhost:3000".into() }.into());
    let device_form = DeviceCodePage { code: None, submit_url: "/activate".into(), problem: None };
    add("device-code", device_form.clone().into());
    let typed = DeviceCodePage { code: Some("BCDF-GHJK".into()), problem: Some(Problem::CodeExpired), ..device_form };
    add("device-code-wrong", typed.into());
    add(
        "device-confirm",
        DeviceConfirmPage {
            code: "BCDF-GHJK".into(),
            application_name: "Living room".into(),
            identifier: "ada@example.com".into(),
            scopes: vec![ScopeLine { name: "openid".into(), description: None }],
            submit_url: "/activate/answer".into(),
        }
        .into(),
    );
    add("device-allowed", DeviceDonePage { allowed: true }.into());
    add("device-denied", DeviceDonePage { allowed: false }.into());
    add(
        "form-post",
        FormPostPage {
            action: "http://localhost:3000/callback".into(),
            fields: vec![("code".into(), "abc".into()), ("state".into(), "xyz".into())],
        }
        .into(),
    );

    for reason in ErrorReason::all() {
        let key =
            serde_json::to_value(&reason).ok().and_then(|value| value["key"].as_str().map(str::to_owned)).unwrap_or_default();
        add(
            &format!("error-{key}"),
            ErrorPage {
                reason,
                request_id: "01JD3X5K7Q9V".into(),
                retry_url: Some("/signin".into()),
                home_url: Some("/".into()),
                settings_url: Some("/console".into()),
            }
            .into(),
        );
    }
    add(
        "error-minimal",
        ErrorPage {
            reason: ErrorReason::ServerError,
            request_id: "01JD3X5K7Q9V".into(),
            retry_url: None,
            home_url: None,
            settings_url: None,
        }
        .into(),
    );

    let profile = AccountProfilePage {
        frame: AccountFrame { notice: Some(Notice::ProfileSaved), ..frame() },
        submit_url: "/account/profile".into(),
        name: Some("Ada Lovelace".into()),
        given_name: Some("Ada".into()),
        family_name: Some("Lovelace".into()),
        locale: Some("de".into()),
        zoneinfo: Some("Europe/Berlin".into()),
        passkey_count: 2,
        email_verified: true,
        device_count: 3,
    };
    add("account-profile", profile.clone().into());
    add(
        "account-profile-minimal",
        AccountProfilePage {
            frame: frame(),
            name: None,
            given_name: None,
            family_name: None,
            locale: None,
            zoneinfo: None,
            passkey_count: 0,
            email_verified: false,
            device_count: 1,
            ..profile
        }
        .into(),
    );

    let email =
        |id: &str, address: &str, verified, primary| EmailRow { id: id.into(), address: address.into(), verified, primary };
    let emails = AccountEmailsPage {
        frame: frame(),
        emails: vec![
            email("1", "ada@example.com", true, true),
            email("2", "ada.lovelace@work.example", true, false),
            email("3", "new@example.com", false, false),
        ],
        add_url: "/account/emails/add".into(),
        verify_url: "/account/emails/verify".into(),
        primary_url: "/account/emails/primary".into(),
        remove_url: "/account/emails/remove".into(),
        typed: None,
    };
    add("account-emails", emails.clone().into());
    add(
        "account-emails-minimal",
        AccountEmailsPage {
            frame: AccountFrame { problem: Some(Problem::EmailTaken), ..frame() },
            emails: Vec::new(),
            typed: Some("grace@example.com".into()),
            ..emails
        }
        .into(),
    );

    let keys = AccountPasskeysPage {
        frame: frame(),
        passkeys: passkeys(),
        flow: flow(),
        creation: Some(creation(false)),
        confirm_url: None,
        rename_url: "/account/passkeys/rename".into(),
        delete_url: "/account/passkeys/delete".into(),
        last_deletable: true,
    };
    add("account-passkeys", keys.clone().into());
    add(
        "account-passkeys-minimal",
        AccountPasskeysPage {
            passkeys: Vec::new(),
            creation: None,
            confirm_url: Some("/account/confirm".into()),
            last_deletable: false,
            ..keys
        }
        .into(),
    );

    let account_password = AccountPasswordPage {
        frame: frame(),
        has_password: true,
        changed: Some(ago(24 * 200)),
        asks_current: true,
        submit_url: "/account/password".into(),
        remove_url: Some("/account/password/remove".into()),
        rules: PasswordRules { min_length: 8 },
    };
    add("account-password", account_password.clone().into());
    add(
        "account-password-minimal",
        AccountPasswordPage { has_password: false, asks_current: false, changed: None, remove_url: None, ..account_password }
            .into(),
    );

    let session = |id: &str, device: &str, kind, current| SessionRow {
        id: id.into(),
        device: device.into(),
        kind,
        origin: Some("203.0.113.7".into()),
        signed_in: ago(200),
        last_seen: ago(2),
        applications: vec!["Orchard Shop".into(), "Demo app".into()],
        current,
    };
    let devices = AccountDevicesPage {
        frame: frame(),
        sessions: vec![
            session("1", "Firefox on Linux", DeviceKind::Desktop, true),
            session("2", "Safari on iPhone", DeviceKind::Phone, false),
            session("3", "Chrome on Android", DeviceKind::Tablet, false),
            session("4", "curl", DeviceKind::Unknown, false),
        ],
        revoke_url: "/account/devices/revoke".into(),
        revoke_others_url: "/account/devices/revoke-others".into(),
    };
    add("account-devices", devices.clone().into());
    add(
        "account-devices-minimal",
        AccountDevicesPage {
            sessions: devices
                .sessions
                .iter()
                .take(1)
                .cloned()
                .map(|row| SessionRow { origin: None, applications: Vec::new(), ..row })
                .collect(),
            ..devices
        }
        .into(),
    );

    let app = |id: &str, name: &str, last_used| AppRow {
        id: id.into(),
        name: name.into(),
        logo_url: None,
        since: ago(2000),
        last_used,
        scopes: scopes().into_iter().take(4).collect(),
    };
    let apps = AccountAppsPage {
        frame: frame(),
        apps: vec![app("1", "Orchard Shop", Some(ago(5))), app("2", "Garden planner", None)],
        revoke_url: "/account/apps/revoke".into(),
    };
    add("account-apps", apps.clone().into());
    add("account-apps-minimal", AccountAppsPage { apps: Vec::new(), ..apps }.into());

    let events = ActivityKind::ALL
        .iter()
        .enumerate()
        .map(|(index, kind)| ActivityRow {
            kind: *kind,
            subject: matches!(kind, ActivityKind::PasskeyAdded | ActivityKind::EmailAdded | ActivityKind::AppConnected)
                .then(|| "iCloud Keychain".into()),
            at: ago(index as i64 * 7),
            device: Some("Firefox on Linux".into()),
            origin: Some("203.0.113.7".into()),
            warn: matches!(kind, ActivityKind::SignInFailed | ActivityKind::Locked | ActivityKind::Recovered),
        })
        .collect();
    add("account-activity", AccountActivityPage { frame: frame(), events, older_url: Some("?before=x".into()) }.into());
    add("account-activity-minimal", AccountActivityPage { frame: frame(), events: Vec::new(), older_url: None }.into());

    let mut without_password = AccountUrls::below("/account", "/signout");
    without_password.password = None;
    let data = AccountDataPage {
        frame: AccountFrame {
            urls: without_password,
            picture_url: Some("data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7".into()),
            ..frame()
        },
        download_url: "/account/data/download".into(),
        delete_url: "/account/data/delete".into(),
        confirmation: "ada@example.com".into(),
    };
    add("account-data", data.clone().into());
    add(
        "account-data-problem",
        AccountDataPage { frame: AccountFrame { problem: Some(Problem::ConfirmationWrong), ..frame() }, ..data }.into(),
    );
    add("account-deleted", AccountDeletedPage { home_url: Some("/".into()) }.into());
    add("account-deleted-minimal", AccountDeletedPage { home_url: None }.into());

    add("demo-home", DemoHomePage { urls: demo_urls(), user: None, error: None, error_description: None }.into());
    add(
        "demo-home-signed-in",
        DemoHomePage { urls: demo_urls(), user: Some(ada()), error: None, error_description: None }.into(),
    );
    add(
        "demo-home-error",
        DemoHomePage {
            urls: DemoUrls { mailbox: None, console: None, ..demo_urls() },
            user: None,
            error: Some("access_denied".into()),
            error_description: Some("The user said no.".into()),
        }
        .into(),
    );
    let claims = [
        ("iss", "http://localhost:9011"),
        ("sub", "0193b3c8-7d3e-7a55-8c7e-2f6f0b8f0b11"),
        ("name", "Ada Lovelace"),
        ("email", "ada@example.com"),
        ("email_verified", "true"),
        ("amr", "hwk, user"),
    ]
    .into_iter()
    .map(|(name, value)| DemoClaim { name: name.into(), value: value.into() })
    .collect();
    add(
        "demo-profile",
        DemoProfilePage {
            urls: demo_urls(),
            user: ada(),
            claims,
            raw_id_token: "{\n  \"iss\": \"http://localhost:9011\"\n}".into(),
            raw_userinfo: Some("{}".into()),
        }
        .into(),
    );
    add(
        "demo-profile-minimal",
        DemoProfilePage {
            urls: demo_urls(),
            user: DemoUser { email: None, ..ada() },
            claims: Vec::new(),
            raw_id_token: "{}".into(),
            raw_userinfo: None,
        }
        .into(),
    );
    add(
        "demo-protected",
        DemoProtectedPage { urls: demo_urls(), user: ada(), auth_time: Some(NOW), amr: vec!["hwk".into(), "user".into()] }.into(),
    );
    add("demo-protected-minimal", DemoProtectedPage { urls: demo_urls(), user: ada(), auth_time: None, amr: Vec::new() }.into());

    let mail_row = |subject: &str, code: Option<&str>| MailRow {
        url: "/dev/mailbox/1".into(),
        to: "ada@example.com".into(),
        subject: subject.into(),
        at: NOW,
        code: code.map(str::to_owned),
    };
    add(
        "mailbox",
        MailboxPage {
            mails: vec![
                mail_row("482 913 is your code for Acme", Some("482913")),
                mail_row("A passkey was added to your account", None),
            ],
            json_url: "/dev/mailbox.json".into(),
            home_url: Some("/demo".into()),
        }
        .into(),
    );
    add("mailbox-minimal", MailboxPage { mails: Vec::new(), json_url: "/dev/mailbox.json".into(), home_url: None }.into());
    let mail = MailPage {
        mailbox_url: "/dev/mailbox".into(),
        from: "Acme <no-reply@acme.example>".into(),
        to: "ada@example.com".into(),
        subject: "482 913 is your code for Acme".into(),
        at: NOW,
        code: Some("482913".into()),
        link: Some("http://localhost:9011/link?token=abc".into()),
        html_url: Some("/dev/mailbox/1/html".into()),
        text: "Your code: 482 913".into(),
    };
    add("mail", mail.clone().into());
    add("mail-minimal", MailPage { code: None, link: None, html_url: None, ..mail }.into());
    all.extend(factor_states());
    all
}
