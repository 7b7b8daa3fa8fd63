//! A step as a page.

use super::words;
use crate::chrome::chrome;
use crate::faces::{error_page, form_action_of, open_to_opener};
use crate::page::page_that_leads_to;
use crate::view::{
    AccountChoice, CodePage, CodePurpose as ShownPurpose, CompleteProfilePage, ConsentPage, ErrorReason, FactorSecret,
    FactorSetupPage, IdentifierKind, NewPasswordPage, NewPasswordVariant, Page, PasskeyCreation, PasskeyOfferPage,
    PasskeyOfferVariant, PasskeyRequest, PasskeyRow, PasswordPage, PasswordRules, Problem as ShownProblem, ProfileField,
    ReauthPage, ReauthReason, RecoverPage, RecoveryCodesPage, ScopeLine, SecondFactorPage, SelectAccountPage, SignInPage,
    SignUpPage, Signals, When,
};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_httpkit::{App, Visit, answers};
use doorward_protocol::oauth::response_mode::ResponseMode;
use doorward_protocol::policy::Policy;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{BlockReason, ChangeReason, CodePurpose, OfferReason, Purpose, Step};
use doorward_protocol::webauthn::provider;
use doorward_service::challenge::CHALLENGE_SECONDS;
use doorward_service::factor::TotpEnrolment;
use doorward_service::signin::{Finished, Goal, Outcome, PasskeyOptions, Problem, View, relying_party};
use doorward_store::users::Person;

/// The address of a flow's page.
pub fn flow_path(view: &View) -> String {
    let page = match view.state.purpose {
        Purpose::SignUp => "/signup",
        Purpose::Recover => "/recover",
        Purpose::SignIn | Purpose::StepUp => "/signin",
    };
    format!("{page}?flow={}", view.flow)
}

/// Shows an outcome. After a post that went well the browser is sent to the next page, so that a reload posts nothing.
pub async fn outcome(app: &App, mut visit: Visit, outcome: Outcome, after_post: bool) -> Response {
    match outcome {
        Outcome::Finished(finished) => {
            let Finished { goal, session } = *finished;
            visit.remember(session.as_ref());
            match goal {
                // A flow of an application's own page never comes here but by a link that was copied by hand.
                Goal::Page(_) => visit.answer(answers::see_other("/account")),
                Goal::Path(path) => visit.answer(answers::see_other(&path)),
                Goal::Authorization(answer) => answers::authorization(app, &visit, &answer),
            }
        }
        Outcome::Show(view) => {
            visit.remember(view.session.as_ref());
            visit.adopt_language(&view);
            if after_post && view.problem.is_none() {
                return visit.answer(answers::see_other(&flow_path(&view)));
            }
            let status = match &view.problem {
                None => StatusCode::OK,
                Some(Problem::Locked { .. }) => StatusCode::TOO_MANY_REQUESTS,
                Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let in_popup = view.state.request().is_some_and(|r| r.response_mode == ResponseMode::WebMessage);
            let response = step(app, &visit, *view, status).await;
            visit.answer(if in_popup { open_to_opener(response) } else { response })
        }
    }
}

fn switch(flow: &str, to: &str) -> String {
    format!("/signin/switch?flow={flow}&to={to}")
}

fn request(view: &View, autofill: bool) -> Option<PasskeyRequest> {
    match &view.passkey {
        Some(PasskeyOptions::Assertion(options)) => Some(PasskeyRequest {
            action: "/signin/passkey".into(),
            options: options.clone(),
            renew_url: Some("/signin/renew".into()),
            expires_in: u32::try_from(CHALLENGE_SECONDS).unwrap_or(600),
            autofill,
        }),
        _ => None,
    }
}

fn label(person: Option<&Person>) -> String {
    person
        .and_then(|p| {
            p.email()
                .map(|e| e.value.clone())
                .or_else(|| p.identifiers.first().map(|i| i.value.clone()))
                .or_else(|| p.user.name.clone())
        })
        .unwrap_or_default()
}

async fn step(app: &App, visit: &Visit, view: View, status: StatusCode) -> Response {
    let mut chrome = chrome(app, visit, view.application.as_deref());
    let policy = visit.cx.policy();
    if let Some(Problem::PasskeyUnknown { credential_id }) = &view.problem {
        // The browser is told to forget a passkey that is gone, so that it is not offered again.
        chrome.signals = Some(Signals {
            rp_id: relying_party(&visit.cx, app.service.dev).id,
            user_id: None,
            unknown_credential_id: Some(URL_SAFE_NO_PAD.encode(credential_id)),
            all_accepted_credential_ids: None,
            name: None,
            display_name: None,
        });
    }
    let mut problem = view.problem.as_ref().map(words::shown);
    if let (Some(Problem::CodeTooSoon { .. }), Some(_)) = (&view.problem, &view.code) {
        // The button counts down by itself; to say so twice would only frighten.
        problem = None;
    }
    let flow = view.flow.clone();
    let typed = view.state.identifier.as_ref().map(|i| i.value.clone());
    let hint = typed.clone().or_else(|| view.state.login_hint.clone());
    let has = |alternatives: &[Method], method: Method| alternatives.contains(&method);
    let leads_to = view.state.request().and_then(|r| form_action_of(&r.redirect_uri));
    let context: Page = match &view.step {
        Step::Identify if view.state.purpose == Purpose::Recover => RecoverPage {
            submit_url: "/signin/identify".into(),
            cancel_url: switch(&flow, "signin"),
            identifier: hint,
            problem,
            flow,
        }
        .into(),
        Step::Identify => SignInPage {
            identify_url: "/signin/identify".into(),
            passkey: request(&view, true),
            sign_up_url: policy.sign_up.enabled.then(|| switch(&flow, "signup")),
            recover_url: switch(&flow, "recover"),
            identifier: hint,
            identifier_kind: IdentifierKind::EmailOrUsername,
            problem,
            notice: None,
            flow,
        }
        .into(),
        Step::SelectAccount => {
            let name = view.person.as_ref().and_then(|p| p.user.name.clone()).unwrap_or_else(|| label(view.person.as_ref()));
            let id = view.state.user.map(|u| u.to_string()).unwrap_or_default();
            SelectAccountPage {
                submit_url: "/signin/account".into(),
                other_account_url: switch(&flow, "signin"),
                accounts: vec![AccountChoice { id, name, identifier: label(view.person.as_ref()) }],
                flow,
            }
            .into()
        }
        Step::SignUp { password } => SignUpPage {
            submit_url: "/signin/create".into(),
            sign_in_url: switch(&flow, "signin"),
            name: view.state.name.clone(),
            identifier: hint,
            name_required: policy.sign_up.name_required,
            password: password.then_some(PasswordRules { min_length: policy.password.min_length }),
            passkey_next: policy.passkey.enabled,
            problem,
            flow,
        }
        .into(),
        Step::ProvePasskey { alternatives } => reauth(&view, flow, alternatives, true, problem),
        Step::ProvePassword { alternatives } if view.state.purpose == Purpose::StepUp => {
            reauth(&view, flow, alternatives, false, problem)
        }
        Step::ProvePassword { alternatives } => PasswordPage {
            submit_url: "/signin/password".into(),
            send_code_url: has(alternatives, Method::EmailCode).then(|| "/signin/send-code".into()),
            passkey: request(&view, false),
            change_url: switch(&flow, "signin"),
            recover_url: switch(&flow, "recover"),
            identifier: hint.unwrap_or_default(),
            problem,
            flow,
        }
        .into(),
        Step::ProveCode { .. } if view.state.purpose == Purpose::StepUp && view.code.is_none() => {
            let code_only = ReauthPage {
                reason: ReauthReason::AccountChange,
                name: view.person.as_ref().and_then(|p| p.user.name.clone()),
                identifier: label(view.person.as_ref()),
                passkey: None,
                password_url: None,
                send_code_url: Some("/signin/send-code".into()),
                other_account_url: None,
                cancel_url: Some("/account".into()),
                problem,
                flow,
            };
            code_only.into()
        }
        Step::ProveCode { purpose, alternatives } => {
            let shown = match purpose {
                _ if view.state.purpose == Purpose::StepUp => ShownPurpose::StepUp,
                CodePurpose::SignIn => ShownPurpose::SignIn,
                CodePurpose::SignUp => ShownPurpose::SignUp,
                CodePurpose::VerifyAddress => ShownPurpose::VerifyEmail,
                CodePurpose::Recover => ShownPurpose::Recover,
            };
            let back = match view.state.purpose {
                Purpose::SignUp => Some("signup"),
                Purpose::SignIn => Some("signin"),
                Purpose::Recover => Some("recover"),
                Purpose::StepUp => None,
            };
            let resend = view.code.as_ref().map_or(0, |c| c.resend_at.seconds_since(visit.cx.now).max(0));
            let wait = matches!(purpose, CodePurpose::SignUp | CodePurpose::VerifyAddress) && policy.code.link;

            CodePage {
                purpose: shown,
                submit_url: "/signin/code".into(),
                resend_url: "/signin/send-code".into(),
                change_url: back.filter(|_| *purpose != CodePurpose::VerifyAddress).map(|to| switch(&flow, to)),
                status_url: wait.then(|| "/signin/status".into()),
                password_url: has(alternatives, Method::Password).then(|| switch(&flow, "password")),
                passkey: request(&view, false),
                destination: view.code.as_ref().map(|c| c.address.clone()).or(hint).unwrap_or_default(),
                resend_in: u32::try_from(resend).unwrap_or(0),
                valid_minutes: u32::try_from(policy.code.lifetime_seconds / 60).unwrap_or(10),
                digits: policy.code.digits,
                problem,
                notice: None,
                flow,
            }
            .into()
        }
        Step::OfferPasskey { reason, skippable } => {
            let Some(PasskeyOptions::Registration(options)) = &view.passkey else {
                return error_page(app, visit, StatusCode::INTERNAL_SERVER_ERROR, ErrorReason::ServerError, None, None);
            };
            let after_password = view.state.proofs.iter().any(|p| p.method == Method::Password);
            let variant = match reason {
                OfferReason::SignUp => PasskeyOfferVariant::SignUp,
                OfferReason::Recovery => PasskeyOfferVariant::Recovery,
                OfferReason::AfterOtherMethod if after_password => PasskeyOfferVariant::AfterPassword,
                OfferReason::AfterOtherMethod => PasskeyOfferVariant::AfterCode,
            };
            PasskeyOfferPage {
                variant,
                creation: PasskeyCreation {
                    action: "/signin/register".into(),
                    options: options.clone(),
                    renew_url: Some("/signin/renew".into()),
                    expires_in: u32::try_from(CHALLENGE_SECONDS).unwrap_or(600),
                    // Section 5.1.3: a browser does this only after a password that it filled in itself.
                    silent: policy.passkey.conditional_create && variant == PasskeyOfferVariant::AfterPassword,
                },
                skip_url: skippable.then(|| "/signin/skip".into()),
                identifier: if view.person.is_some() { label(view.person.as_ref()) } else { hint.unwrap_or_default() },
                existing: if variant == PasskeyOfferVariant::Recovery {
                    view.passkeys.iter().map(passkey_row).collect()
                } else {
                    Vec::new()
                },
                problem,
                flow,
            }
            .into()
        }
        Step::CompleteProfile => CompleteProfilePage {
            submit_url: "/signin/profile".into(),
            fields: vec![ProfileField { name: "name".into(), label: None, value: view.state.name.clone(), required: true }],
            problem,
            flow,
        }
        .into(),
        Step::Consent { scopes } => consent(app, visit, &view, scopes, flow).await,
        Step::Blocked(reason) => {
            let (status, reason) = match reason {
                BlockReason::AccountBlocked => (StatusCode::FORBIDDEN, ErrorReason::AccountDisabled),
                BlockReason::NotAMember => (StatusCode::FORBIDDEN, ErrorReason::NotAMember),
                BlockReason::SignUpDisabled | BlockReason::NoMethod | BlockReason::UnmetAuthentication => {
                    (StatusCode::FORBIDDEN, ErrorReason::AccessDenied)
                }
            };
            let home = view.application.as_ref().and_then(|a| a.settings.0.home_uri.clone());
            return error_page(app, visit, status, reason, Some(switch(&flow, "signin")), home);
        }
        Step::SecondFactor { method, alternatives } => {
            let recovery = *method == Method::RecoveryCode;
            let (other, to) = if recovery { (Method::Totp, "app-code") } else { (Method::RecoveryCode, "recovery-code") };
            SecondFactorPage {
                submit_url: "/signin/factor".into(),
                recovery,
                other_url: has(alternatives, other).then(|| switch(&flow, to)),
                passkey: request(&view, false),
                change_url: switch(&flow, "signin"),
                identifier: label(view.person.as_ref()),
                digits: view.second_factor.as_ref().map_or(0, |f| f.digits),
                remember_days: view.second_factor.as_ref().map_or(0, |f| f.remember_days),
                problem,
                flow,
            }
            .into()
        }
        Step::EnrolSecondFactor => FactorSetupPage {
            begin_url: "/signin/factor/begin".into(),
            submit_url: "/signin/factor/confirm".into(),
            secret: view.second_factor.as_ref().and_then(|f| f.enrolment.as_ref()).map(secret),
            change_url: switch(&flow, "signin"),
            identifier: label(view.person.as_ref()),
            problem,
            flow,
        }
        .into(),
        Step::ChangePassword(reason) => {
            let variant = match reason {
                ChangeReason::Breached => NewPasswordVariant::Breached,
                ChangeReason::Administrator | ChangeReason::Expired | ChangeReason::Policy => NewPasswordVariant::Expired,
            };
            new_password(&view, policy, variant, None, flow, problem).into()
        }
        Step::ReplacePassword => {
            let skip = Some("/signin/keep-password".into());
            new_password(&view, policy, NewPasswordVariant::Reset, skip, flow, problem).into()
        }
        Step::ShowRecoveryCodes => RecoveryCodesPage {
            submit_url: "/signin/factor/kept".into(),
            codes: view.second_factor.as_ref().map(|f| f.recovery_codes.clone()).unwrap_or_default(),
            flow,
        }
        .into(),
        Step::CreateAccount | Step::Done => {
            return error_page(app, visit, StatusCode::INTERNAL_SERVER_ERROR, ErrorReason::ServerError, None, None);
        }
    };
    page_that_leads_to(status, &context, &chrome, leads_to.as_deref())
}

fn new_password(
    view: &View,
    policy: &Policy,
    variant: NewPasswordVariant,
    skip_url: Option<String>,
    flow: String,
    problem: Option<ShownProblem>,
) -> NewPasswordPage {
    NewPasswordPage {
        flow,
        variant,
        submit_url: "/signin/new-password".into(),
        identifier: label(view.person.as_ref()),
        rules: PasswordRules { min_length: policy.password.min_length },
        skip_url,
        problem,
    }
}

/// What an authenticator app must be told, for a page.
pub(crate) fn secret(enrolment: &TotpEnrolment) -> FactorSecret {
    FactorSecret {
        qr: format!("data:image/svg+xml;base64,{}", STANDARD.encode(enrolment.qr_svg())),
        secret: enrolment.secret_in_groups(),
        uri: enrolment.uri.clone(),
    }
}

fn reauth(view: &View, flow: String, alternatives: &[Method], passkey: bool, problem: Option<ShownProblem>) -> Page {
    let step_up = view.state.purpose == Purpose::StepUp;
    let has = |method| alternatives.contains(&method);
    let password = (!passkey && matches!(view.step, Step::ProvePassword { .. })) || has(Method::Password);
    ReauthPage {
        reason: if step_up { ReauthReason::AccountChange } else { ReauthReason::Application },
        name: view.person.as_ref().and_then(|p| p.user.name.clone()),
        identifier: if view.person.is_some() {
            label(view.person.as_ref())
        } else {
            view.state.identifier.as_ref().map(|i| i.value.clone()).unwrap_or_default()
        },
        passkey: request(view, false),
        password_url: password.then(|| "/signin/password".into()),
        send_code_url: has(Method::EmailCode).then(|| "/signin/send-code".into()),
        other_account_url: (!step_up).then(|| switch(&flow, "signin")),
        cancel_url: step_up.then(|| "/account".into()),
        problem,
        flow,
    }
    .into()
}

async fn consent(app: &App, visit: &Visit, view: &View, scopes: &[String], flow: String) -> Page {
    let defined = app.service.store.scopes_of_tenant(visit.cx.tenant_id()).await.unwrap_or_default();
    let lines = scopes
        .iter()
        .map(|name| ScopeLine {
            name: name.clone(),
            description: defined.iter().find(|s| s.value == *name).map(|s| s.description.clone()).filter(|d| !d.is_empty()),
        })
        .collect();
    let settings = view.application.as_ref().map(|a| &a.settings.0);
    let resource = view.state.request().and_then(|r| r.resource.first().cloned());
    let resource_server = match resource {
        Some(audience) => {
            app.service.resource_server(visit.cx.tenant_id(), &audience).await.ok().flatten().map(|r| r.name.clone())
        }
        None => None,
    };
    ConsentPage {
        submit_url: "/signin/consent".into(),
        application_name: view.application.as_ref().map(|a| a.name.clone()).unwrap_or_default(),
        application_logo_url: settings.and_then(|s| s.logo_uri.clone()),
        return_host: view
            .state
            .request()
            .and_then(|r| url::Url::parse(&r.redirect_uri).ok())
            .and_then(|u| u.host_str().map(str::to_owned)),
        identifier: label(view.person.as_ref()),
        resource_server,
        scopes: lines,
        privacy_url: settings.and_then(|s| s.policy_uri.clone()),
        terms_url: settings.and_then(|s| s.tos_uri.clone()),
        flow,
    }
    .into()
}

fn passkey_row(row: &doorward_store::passkeys::PasskeyRow) -> PasskeyRow {
    PasskeyRow {
        id: row.id.to_string(),
        name: row.name.clone(),
        provider: provider(row.aaguid).map_or("key", |p| p.icon).to_owned(),
        created: When(row.created_at.seconds()),
        last_used: row.last_used_at.map(|at| When(at.seconds())),
        synced: row.backup_eligible,
        current: false,
    }
}
