//! When a second factor is asked for, and what stands for it.

use super::super::state::{ReturnTo, UserFacts};
use super::*;
use crate::ids::UserId;
use crate::session::Proof;
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_000_000);

fn at(purpose: Purpose, proofs: &[(Method, i64)]) -> SignIn {
    let mut state = SignIn::begin(purpose, None, ReturnTo::Path("/account".into()), String::new(), NOW);
    state.user = Some(UserId(Uuid::nil()));
    state.passkey_declined = true;
    state.proofs = proofs
        .iter()
        .map(|(method, at)| Proof {
            method: *method,
            at: Timestamp(*at),
            user_verified: *method == Method::Passkey,
            device_bound: false,
        })
        .collect();
    state
}

fn by(method: Method) -> SignIn {
    at(Purpose::SignIn, &[(method, NOW.0)])
}

fn policy(requirement: SecondFactor) -> Policy {
    let mut policy = Policy::default();
    policy.password.enabled = true;
    policy.second_factor.requirement = requirement;
    policy
}

fn user(change: impl FnOnce(&mut UserFacts)) -> Facts {
    let mut user = UserFacts { email_verified: true, has_name: true, ..Default::default() };
    change(&mut user);
    Facts { user: Some(user), ..Default::default() }
}

fn enrolled() -> Facts {
    user(|u| (u.has_totp, u.has_recovery_codes) = (true, true))
}

fn totp(alternatives: &[Method]) -> Step {
    Step::SecondFactor { method: Method::Totp, alternatives: alternatives.to_vec() }
}

#[test]
fn off_asks_nobody_and_optional_asks_whoever_has_one() {
    for method in [Method::Password, Method::EmailCode] {
        assert_eq!(next(&by(method), &policy(SecondFactor::Off), &enrolled(), NOW), Step::Done);
        assert_eq!(next(&by(method), &policy(SecondFactor::Optional), &user(|_| ()), NOW), Step::Done);
        let asked = next(&by(method), &policy(SecondFactor::Optional), &enrolled(), NOW);
        assert_eq!(asked, totp(&[Method::RecoveryCode]));
    }
}

#[test]
fn required_makes_everybody_set_one_up() {
    let required = policy(SecondFactor::Required);
    assert_eq!(next(&by(Method::Password), &required, &user(|_| ()), NOW), Step::EnrolSecondFactor);
    assert_eq!(next(&by(Method::Password), &required, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    // An application may ask for more than the tenant, never for less.
    let more = Facts { second_factor: Some(SecondFactor::Required), ..user(|_| ()) };
    assert_eq!(next(&by(Method::Password), &policy(SecondFactor::Off), &more, NOW), Step::EnrolSecondFactor);
    let less = Facts { second_factor: Some(SecondFactor::Off), ..user(|_| ()) };
    assert_eq!(next(&by(Method::Password), &required, &less, NOW), Step::EnrolSecondFactor);
}

#[test]
fn a_passkey_that_verified_its_user_is_both_and_one_that_did_not_is_one() {
    let required = policy(SecondFactor::Required);
    assert_eq!(next(&by(Method::Passkey), &required, &enrolled(), NOW), Step::Done);
    let mut touch = by(Method::Passkey);
    touch.proofs.iter_mut().for_each(|p| p.user_verified = false);
    assert_eq!(next(&touch, &required, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    // Whoever has one is asked for it before anything has to be set up.
    let with_passkey = user(|u| u.passkeys = 1);
    assert_eq!(next(&by(Method::Password), &required, &with_passkey, NOW), Step::ProvePasskey { alternatives: vec![] });
    let both = Facts { user: enrolled().user.map(|u| UserFacts { passkeys: 1, ..u }), ..Default::default() };
    assert_eq!(next(&by(Method::Password), &required, &both, NOW), totp(&[Method::Passkey, Method::RecoveryCode]));
}

#[test]
fn a_recovery_code_stands_in_and_must_be_chosen() {
    let optional = policy(SecondFactor::Optional);
    let mut chosen = by(Method::Password);
    chosen.method = Some(Method::RecoveryCode);
    let step = Step::SecondFactor { method: Method::RecoveryCode, alternatives: vec![Method::Totp] };
    assert_eq!(next(&chosen, &optional, &enrolled(), NOW), step);
    assert_eq!(next(&chosen, &optional, &user(|u| u.has_totp = true), NOW), totp(&[]));
    for second in [Method::Totp, Method::RecoveryCode] {
        let both = at(Purpose::SignIn, &[(Method::Password, NOW.0), (second, NOW.0)]);
        assert_eq!(next(&both, &optional, &enrolled(), NOW), Step::Done);
    }
}

#[test]
fn a_second_factor_alone_proves_nothing() {
    let alone = at(Purpose::SignIn, &[(Method::Totp, NOW.0)]);
    assert_eq!(next(&alone, &policy(SecondFactor::Optional), &enrolled(), NOW), Step::Identify);
    // Nor does it make an old first factor fresh.
    let mut old = at(Purpose::SignIn, &[(Method::Password, NOW.0 - 60_000), (Method::Totp, NOW.0)]);
    ask(&mut old, |r| r.prompt = vec![Prompt::Login]);
    assert_eq!(next(&old, &policy(SecondFactor::Optional), &enrolled(), NOW), Step::Identify);
}

#[test]
fn it_is_as_fresh_as_the_request_wants() {
    let optional = policy(SecondFactor::Optional);
    let single_sign_on = at(Purpose::SignIn, &[(Method::Password, NOW.0 - 60_000), (Method::Totp, NOW.0 - 60_000)]);
    assert_eq!(next(&single_sign_on, &optional, &enrolled(), NOW), Step::Done);
    let mut again = at(Purpose::SignIn, &[(Method::Password, NOW.0), (Method::Totp, NOW.0 - 60_000)]);
    ask(&mut again, |r| r.prompt = vec![Prompt::Login]);
    assert_eq!(next(&again, &optional, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    let mut aged = at(Purpose::SignIn, &[(Method::Password, NOW.0), (Method::Totp, NOW.0 - 60_000)]);
    ask(&mut aged, |r| r.max_age = Some(59));
    assert_eq!(next(&aged, &optional, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    // Before something sensitive the first factor is proven again; the second one is the session's.
    let step_up = at(Purpose::StepUp, &[(Method::Password, NOW.0), (Method::Totp, NOW.0 - 60_000)]);
    assert_eq!(next(&step_up, &optional, &enrolled(), NOW), Step::Done);
}

#[test]
fn a_remembered_browser_is_not_asked() {
    let remembered = Facts { user: enrolled().user.map(|u| UserFacts { browser_remembered: true, ..u }), ..Default::default() };
    for requirement in [SecondFactor::Optional, SecondFactor::Required] {
        assert_eq!(next(&by(Method::Password), &policy(requirement), &remembered, NOW), Step::Done);
    }
    let none_left = user(|u| u.browser_remembered = true);
    assert_eq!(next(&by(Method::Password), &policy(SecondFactor::Required), &none_left, NOW), Step::EnrolSecondFactor);
}

#[test]
fn a_request_can_ask_for_two_factors() {
    let mut asking = by(Method::Password);
    ask(&mut asking, |r| r.acr_values = vec![MULTI_FACTOR.into()]);
    let optional = policy(SecondFactor::Optional);
    assert_eq!(next(&asking, &optional, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    assert_eq!(next(&asking, &optional, &user(|_| ()), NOW), Step::EnrolSecondFactor);
    let remembered = Facts { user: enrolled().user.map(|u| UserFacts { browser_remembered: true, ..u }), ..Default::default() };
    assert_eq!(next(&asking, &optional, &remembered, NOW), totp(&[Method::RecoveryCode]));
    // Where there are none, it is the same as every class that cannot be reached.
    assert_eq!(next(&asking, &policy(SecondFactor::Off), &user(|_| ()), NOW), Step::Done);
    let mut essential = by(Method::Password);
    ask(&mut essential, |r| {
        r.claims = Some(crate::oidc::claims::ClaimsRequest { essential_acr: vec![MULTI_FACTOR.into()], ..Default::default() });
    });
    assert_eq!(next(&essential, &policy(SecondFactor::Off), &user(|_| ()), NOW), Step::Blocked(BlockReason::UnmetAuthentication));
}

#[test]
fn recovery_by_mail_does_not_pass_over_it() {
    let optional = policy(SecondFactor::Optional);
    let mut back = at(Purpose::Recover, &[(Method::EmailCode, NOW.0)]);
    back.passkey_declined = false;
    assert_eq!(next(&back, &optional, &enrolled(), NOW), totp(&[Method::RecoveryCode]));
    let required = policy(SecondFactor::Required);
    let offer = Step::OfferPasskey { reason: OfferReason::Recovery, skippable: true };
    assert_eq!(next(&back, &required, &user(|u| u.passkeys = 1), NOW), offer);
    back.passkey_declined = true;
    assert_eq!(next(&back, &required, &user(|u| u.passkeys = 1), NOW), Step::EnrolSecondFactor);
}

#[test]
fn new_recovery_codes_are_shown_before_anything_else() {
    let mut state = at(Purpose::SignIn, &[(Method::Password, NOW.0), (Method::Totp, NOW.0)]);
    state.recovery_codes = vec!["a".into()];
    assert_eq!(next(&state, &policy(SecondFactor::Required), &enrolled(), NOW), Step::ShowRecoveryCodes);
}

fn ask(state: &mut SignIn, change: impl FnOnce(&mut crate::oauth::authorize::AuthorizationRequest)) {
    let mut request = crate::oauth::authorize::AuthorizationRequest {
        client_id: "c".into(),
        redirect_uri: "https://a.example/".into(),
        redirect_uri_sent: true,
        response_mode: crate::oauth::response_mode::ResponseMode::Query,
        response_type: Default::default(),
        scope: vec![],
        state: None,
        nonce: None,
        code_challenge: None,
        prompt: vec![],
        max_age: None,
        login_hint: None,
        id_token_hint: None,
        ui_locales: None,
        acr_values: vec![],
        claims: None,
        resource: vec![],
        method: None,
    };
    change(&mut request);
    state.return_to = ReturnTo::Authorization(Box::new(request));
}
