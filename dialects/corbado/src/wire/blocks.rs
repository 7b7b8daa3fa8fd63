//! Steps of the core's sign-in as blocks.

use crate::project::Project;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{BlockReason, CodePurpose, Purpose, SignIn, Step};
use doorward_service::signin::{FieldIssue, PasskeyOptions, Problem, View};
use serde_json::{Value, json};

/// What the page typed, to be shown again with what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// Full name.
    pub name: String,
    /// By kind.
    pub identifiers: Vec<(IdentifierKind, String)>,
    /// The field of the login form.
    pub login: String,
    /// The kind of the login identifier is not one that this project uses.
    pub not_allowed: bool,
    /// The passkey came from conditional UI.
    pub mediation: bool,
}

/// A block without extras.
fn block(name: &str, state: &SignIn, mut data: Value) -> Value {
    data["blockType"] = json!(format!("general-{name}"));
    let auth_type = if state.purpose == Purpose::SignUp { "signup" } else { "login" };
    json!({ "block": name, "authType": auth_type, "data": data })
}

fn error(code: &str, message: &str) -> Value {
    json!({ "code": code, "message": message })
}

/// Social login is switched off. `status` must be there: without it a form never counts as untouched.
fn social() -> Value {
    json!({ "providers": [], "status": "initial" })
}

/// Options as components take them: a text with the options in JSON.
pub fn challenge(options: &Value) -> String {
    json!({ "publicKey": options }).to_string()
}

/// What an answer carries around its block.
pub fn response(project: &Project, body: Value) -> Value {
    json!({
        "blockBody": body,
        "common": {
            "appName": project.application.name,
            "frontendApiUrl": project.api_url(),
            "hideBadge": true,
            // Nothing in the components depends on it but their telemetry.
            "environment": "prod",
        },
    })
}

/// The block of a step.
pub fn of_view(project: &Project, view: &View, typed: &Typed) -> Value {
    let problem = view.problem.as_ref();
    match &view.step {
        Step::SignUp { .. } => with_alternative(sign_up(project, &view.state, problem, typed), login(project, view, None, typed)),
        Step::Identify => {
            let main = login(project, view, problem, typed);
            if project.policy().sign_up.enabled {
                with_alternative(main, sign_up(project, &view.state, None, &Typed::default()))
            } else {
                main
            }
        }
        Step::ProvePasskey { alternatives } => passkey_verify(project, view, alternatives),
        Step::ProveCode { purpose, .. } => email_verify(project, view, *purpose),
        Step::OfferPasskey { skippable, .. } => passkey_append(project, view, *skippable),
        Step::Blocked(reason) => {
            let mut main = login(project, view, problem, typed);
            main["error"] = blocked(*reason);
            main
        }
        // Steps that components have no block for: an application's policy does not lead there.
        _ => {
            let mut main = login(project, view, problem, typed);
            main["error"] = error("no_fallback_available", "this step needs the hosted pages");
            main
        }
    }
}

fn blocked(reason: BlockReason) -> Value {
    match reason {
        BlockReason::NoMethod => error("no_fallback_available", "no login method that is allowed can be used here"),
        BlockReason::AccountBlocked => error("account_blocked", "This account is blocked."),
        BlockReason::SignUpDisabled => error("signup_disabled", "Signing up is not possible here."),
        BlockReason::UnmetAuthentication => error("unknown", "a stronger login is needed"),
    }
}

fn with_alternative(mut main: Value, alternative: Value) -> Value {
    main["alternatives"] = json!([alternative]);
    main
}

fn kinds(project: &Project) -> impl Iterator<Item = IdentifierKind> + '_ {
    // Phone numbers cannot be proven here: there is no text message.
    project.policy().sign_up.identifiers.iter().copied().filter(|kind| *kind != IdentifierKind::Phone)
}

/// `signup-init`
fn sign_up(project: &Project, state: &SignIn, problem: Option<&Problem>, typed: &Typed) -> Value {
    let issues = match problem {
        Some(Problem::Fields { identifiers, .. }) => identifiers.as_slice(),
        _ => &[],
    };
    let identifiers: Vec<Value> = kinds(project)
        .map(|kind| {
            let given = typed.identifiers.iter().find(|(k, _)| *k == kind).map(|(_, v)| v.as_str()).unwrap_or_default();
            let mut field = json!({ "type": kind.as_str(), "identifier": given });
            if let Some((_, issue)) = issues.iter().find(|(k, _)| *k == kind) {
                field["error"] = field_error(*issue);
            }
            field
        })
        .collect();
    let mut data = json!({ "identifiers": identifiers, "socialData": social() });
    if project.policy().sign_up.name_required {
        data["fullName"] = json!({ "fullName": typed.name });
        if matches!(problem, Some(Problem::Fields { name_missing: true, .. })) {
            data["fullName"]["error"] = error("missing_full_name", "a name is needed");
        }
    }
    let mut body = block("signup-init", state, data);
    body["authType"] = json!("signup");
    match problem {
        Some(Problem::CodeDead) => body["error"] = error("identifier_already_in_use", "the identifier was taken meanwhile"),
        Some(Problem::Locked { .. }) => body["error"] = error("too_many_requests", "Too many attempts. Please wait a while."),
        _ => {}
    }
    body
}

/// The error of a field.
pub fn field_error(issue: FieldIssue) -> Value {
    match issue {
        FieldIssue::Missing => error("missing_identifier_type", "this identifier is needed"),
        FieldIssue::Invalid => error("identifier_invalid_format", "not an identifier of this kind"),
        FieldIssue::Taken => error("identifier_already_in_use", "this identifier is in use"),
    }
}

/// `login-init`
fn login(project: &Project, view: &View, problem: Option<&Problem>, typed: &Typed) -> Value {
    let has = |wanted| kinds(project).any(|kind| kind == wanted);
    let hint = view.state.login_hint.clone().filter(|_| view.state.purpose == Purpose::SignIn && problem.is_some());
    let mut data = json!({
        "identifierValue": if typed.login.is_empty() { hint.unwrap_or_default() } else { typed.login.clone() },
        "isPhone": false,
        "isEmailAvailable": has(IdentifierKind::Email),
        "isUsernameAvailable": has(IdentifierKind::Username),
        "isPhoneAvailable": false,
        "socialData": social(),
    });
    if project.policy().passkey.enabled {
        let options = match &view.passkey {
            Some(PasskeyOptions::Assertion(options)) if view.step == Step::Identify => options.clone(),
            _ => project.service().request_options(&project.cx, &[], &view.state.browser),
        };
        data["conditionalUIChallenge"] = json!(challenge(&options));
    }
    let mut body = block("login-init", &view.state, data);
    body["authType"] = json!("login");
    match problem {
        None | Some(Problem::OutOfTurn | Problem::Expired) => {}
        Some(Problem::AccountUnknown | Problem::Identifier(_)) => {
            let code = if typed.not_allowed { "identifier_not_allowed" } else { "login_identifier_unknown_user" };
            body["data"]["fieldError"] = error(code, "no account has this identifier");
        }
        Some(Problem::Locked { .. }) => body["error"] = error("too_many_requests", "Too many attempts. Please wait a while."),
        Some(_) if typed.mediation => body["error"] = error("invalid_conditional_ui_login", "this passkey is not known here"),
        Some(other) => body["error"] = error(super::problem_code(other), "the login did not go well"),
    }
    body
}

/// What a block names: the address that a code went to, or what was typed.
fn shown_identifier(view: &View) -> (String, &'static str) {
    let typed = view.state.identifier.as_ref().map(|i| (i.value.clone(), i.kind.as_str()));
    let known = || view.person.as_ref().and_then(crate::session::login_identifier).map(|(kind, value)| (value, kind));
    typed.or_else(known).unwrap_or_else(|| (String::new(), "email"))
}

/// `passkey-append`
fn passkey_append(project: &Project, view: &View, skippable: bool) -> Value {
    let (value, kind) = shown_identifier(view);
    let challenge = match &view.passkey {
        Some(PasskeyOptions::Registration(options)) => challenge(options),
        _ => String::new(),
    };
    let failed = view.problem.is_some();
    let data = json!({
        "challenge": challenge,
        "identifierValue": value,
        "identifierType": kind,
        "autoSubmit": false,
        "passkeyIconSet": icon_set(&project.cx.client.user_agent),
        "variant": if failed { "after-error" } else { "default" },
    });
    let mut body = block("passkey-append", &view.state, data);
    let mut alternatives = Vec::new();
    if view.state.is_authenticated() {
        if skippable {
            alternatives.push(may_be_skipped(&view.state));
        }
    } else if skippable {
        alternatives.push(email_form(project, &view.state, &value, None, false));
    }
    body["alternatives"] = json!(alternatives);
    if let Some(problem) = view.problem.as_ref().filter(|p| !matches!(p, Problem::OutOfTurn | Problem::Expired)) {
        body["error"] = error(super::problem_code(problem), "the passkey was not accepted");
    }
    body
}

fn may_be_skipped(state: &SignIn) -> Value {
    block("completed", state, json!({ "sessionToken": "", "shortSession": "" }))
}

/// `passkey-appended`
pub fn passkey_appended(state: &SignIn) -> Value {
    block("passkey-appended", state, json!({}))
}

/// `passkey-verify`
fn passkey_verify(project: &Project, view: &View, alternatives: &[Method]) -> Value {
    let (value, _) = shown_identifier(view);
    let challenge = match &view.passkey {
        Some(PasskeyOptions::Assertion(options)) => challenge(options),
        _ => String::new(),
    };
    let mut data = json!({ "challenge": challenge, "identifierValue": value });
    if view.passkey_elsewhere {
        data["loginHint"] = json!("cda");
    }
    let mut body = block("passkey-verify", &view.state, data);
    let fallback = alternatives.contains(&Method::EmailCode);
    body["alternatives"] = if fallback { json!([email_form(project, &view.state, &value, None, false)]) } else { json!([]) };
    if let Some(problem) = view.problem.as_ref().filter(|p| !matches!(p, Problem::OutOfTurn | Problem::Expired)) {
        body["error"] = error(super::problem_code(problem), "the passkey was not accepted");
    }
    body
}

/// `email-verify`
fn email_verify(project: &Project, view: &View, purpose: CodePurpose) -> Value {
    let address = view.code.as_ref().map_or_else(|| shown_identifier(view).0, |code| code.address.clone());
    let resend = view.code.as_ref().map(|code| code.resend_at.seconds());
    let post_login = purpose == CodePurpose::VerifyAddress && view.state.purpose == Purpose::SignIn;
    let mut body = email_form(project, &view.state, &address, resend, post_login);
    match view.problem.as_ref() {
        Some(Problem::WrongCode { .. } | Problem::CodeDead | Problem::LinkNotConfirmed) => {
            let code = format!("invalid_challenge_solution_{}", method(project));
            body["data"]["error"] = error(&code, "the code is not right or too old");
        }
        Some(Problem::Fields { identifiers, .. }) => {
            if let Some((_, issue)) = identifiers.first() {
                body["error"] = field_error(*issue);
            }
        }
        Some(Problem::Locked { .. }) => body["error"] = error("too_many_requests", "Too many attempts. Please wait a while."),
        _ => {}
    }
    body
}

/// How a mailbox is proven in this project.
pub fn method(project: &Project) -> &'static str {
    let code = &project.policy().code;
    if code.link && code.by_link { "email-link" } else { "email-otp" }
}

fn email_form(project: &Project, state: &SignIn, address: &str, resend: Option<i64>, post_login: bool) -> Value {
    let mut data = json!({
        "verificationMethod": method(project),
        "identifier": address,
        "alternativeVerificationMethods": [],
        "isPostLoginVerification": post_login,
    });
    if let Some(at) = resend {
        data["retryNotBefore"] = json!(at);
    }
    block("email-verify", state, data)
}

/// The flow goes on in another tab or browser, or is over there.
pub fn elsewhere(state: &SignIn, reason: &str, address: &str, project: &Project) -> Value {
    let mut body = email_form(project, state, address, None, false);
    body["continueOnOtherDevice"] = json!({ "reason": reason });
    body
}

/// `completed`
pub fn completed(state: &SignIn, data: Value) -> Value {
    block("completed", state, data)
}

fn icon_set(user_agent: &str) -> &'static str {
    let has = |word: &str| user_agent.contains(word);
    if has("Android") {
        "android"
    } else if has("iPhone") || has("iPad") || has("Mac OS X") {
        "apple"
    } else if has("Windows") {
        "windows"
    } else {
        "default"
    }
}
