//! The state chart of sign-in, as one total function. Read the match arms from top to bottom.

use super::state::{ChangeReason, Facts, Knowledge, Purpose, SignIn};
use super::step::{BlockReason, CodePurpose, OfferReason, Step};
use crate::identity::IdentifierKind;
use crate::oidc::prompt::Prompt;
use crate::policy::{Policy, SecondFactor, VerifyEmail};
use crate::session::{MULTI_FACTOR, Method, acr, acr_satisfies, auth_time, is_multi_factor};
use crate::time::Timestamp;

/// What comes next in `state`, given what the tenant demands and what the store knows.
pub fn next(state: &SignIn, policy: &Policy, facts: &Facts, now: Timestamp) -> Step {
    if facts.user.as_ref().is_some_and(|user| user.blocked) {
        return Step::Blocked(BlockReason::AccountBlocked);
    }
    if wants_account_choice(state) {
        return Step::SelectAccount;
    }
    if !state.is_authenticated() || proof_is_stale(state, now) || must_prove_anew(state, facts) {
        return match state.purpose {
            Purpose::SignUp => sign_up(state, policy, facts),
            Purpose::SignIn => sign_in(state, policy, facts),
            Purpose::StepUp => step_up(state, policy, facts),
            Purpose::Recover => recover(state, policy),
        };
    }
    after_proof(state, policy, facts, now)
}

/// `prompt=select_account` with a session: nothing was proven in this flow yet, and the account was not chosen.
fn wants_account_choice(state: &SignIn) -> bool {
    let asked = state.request().is_some_and(|r| r.prompt.contains(&Prompt::SelectAccount));
    asked && !state.account_chosen && state.session.is_some() && state.is_authenticated()
}

/// A password is changed by somebody who proved in this flow who they are: a session that was left open does not do. And one that
/// was changed elsewhere meanwhile proves nothing any more.
fn must_prove_anew(state: &SignIn, facts: &Facts) -> bool {
    facts.user.as_ref().is_some_and(|user| user.password_replaced)
        || password_to_change(state, facts).is_some() && auth_time(&state.proofs).is_none_or(|proven| proven < state.started_at)
}

/// Why the password must be changed now, if it must. A step-up happens inside a session that was given before.
fn password_to_change(state: &SignIn, facts: &Facts) -> Option<ChangeReason> {
    let open = state.purpose != Purpose::StepUp && !state.password_renewed;
    facts.user.as_ref().and_then(|user| user.must_change_password).filter(|_| open)
}

/// `prompt=login` and `max_age` (OpenID Connect Core, section 3.1.2.1), and the freshness that a step-up is for: a proof from
/// before the flow began does not count for the first and last, one that is too old not for the second.
fn proof_is_stale(state: &SignIn, now: Timestamp) -> bool {
    auth_time(&state.proofs).is_none_or(|proven| is_stale(state, proven, now))
}

fn is_stale(state: &SignIn, proven: Timestamp, now: Timestamp) -> bool {
    let before_flow = proven < state.started_at;
    match state.request() {
        Some(request) if request.prompt.contains(&Prompt::Login) && before_flow => true,
        // A proof given in this very flow is as fresh as can be, even for max_age=0.
        Some(request) if before_flow => {
            // To the millisecond, so that max_age=0 asks even somebody who signed in a moment ago.
            request.max_age.is_some_and(|age| now.0.saturating_sub(proven.0) > age.saturating_mul(1000))
        }
        Some(_) => false,
        None => state.purpose == Purpose::StepUp && before_flow,
    }
}

fn sign_up(state: &SignIn, policy: &Policy, facts: &Facts) -> Step {
    if !policy.sign_up.enabled {
        return Step::Blocked(BlockReason::SignUpDisabled);
    }
    if state.identifier.is_none() {
        return Step::SignUp { password: policy.password.enabled };
    }
    let prove = Step::ProveCode { purpose: CodePurpose::SignUp, alternatives: Vec::new() };
    // A taken address is answered like a free one: only the owner of the mailbox learns which it was.
    let taken = matches!(facts.account, Knowledge::Known { .. });
    let mailbox = state.identifier_is_email();
    let address_proven = state.identifier.as_ref().is_some_and(|address| state.has_proven(address));
    if mailbox && !address_proven && (policy.sign_up.verify_email == VerifyEmail::Before || taken) {
        return prove;
    }
    let has_credential = state.passkey.is_some() || state.password_hash.is_some();
    let codes_suffice = policy.code.enabled && mailbox;
    let possible = policy.passkey.enabled && state.passkey_possible != Some(false);
    if !has_credential && possible && (!state.passkey_declined || !codes_suffice) {
        return Step::OfferPasskey { reason: OfferReason::SignUp, skippable: codes_suffice };
    }
    if !has_credential && !codes_suffice {
        return Step::Blocked(BlockReason::NoMethod);
    }
    // Without a passkey or password the mailbox is the only credential, so it has to be proven.
    let must_prove = policy.sign_up.verify_email == VerifyEmail::During || !has_credential;
    if mailbox && must_prove && !address_proven {
        return prove;
    }
    Step::CreateAccount
}

fn sign_in(state: &SignIn, policy: &Policy, facts: &Facts) -> Step {
    let Some(identifier) = &state.identifier else { return Step::Identify };
    let code_possible = policy.code.enabled && identifier.kind != IdentifierKind::Phone && !facts.no_mailbox;
    let (known_passkey, known_password) = match facts.account {
        Knowledge::Known { has_passkey, has_password } if policy.reveal_accounts => (has_passkey, has_password),
        // Whether the account exists and what it has stays hidden: everybody sees the same page.
        _ => (false, true),
    };
    let allowed = |method: Method| match method {
        // A device that can hold no passkey is asked for one only where nothing else is left.
        Method::Passkey => policy.passkey.enabled && (state.passkey_possible != Some(false) || !code_possible),
        Method::Password => policy.password.enabled && known_password,
        Method::EmailCode => code_possible,
        Method::Totp | Method::RecoveryCode => false,
    };
    let preferred =
        [(Method::Passkey, known_passkey), (Method::Password, true), (Method::EmailCode, true), (Method::Passkey, true)];
    let method = state
        .method
        .filter(|m| allowed(*m))
        .or_else(|| preferred.into_iter().find(|(m, fits)| *fits && allowed(*m)).map(|(m, _)| m));
    let others = |method: Method| {
        [Method::Passkey, Method::Password, Method::EmailCode].into_iter().filter(|m| *m != method && allowed(*m)).collect()
    };
    show(method, CodePurpose::SignIn, others)
}

fn step_up(state: &SignIn, policy: &Policy, facts: &Facts) -> Step {
    let Some(user) = &facts.user else { return sign_in(state, policy, facts) };
    let allowed = |method: Method| match method {
        Method::Passkey => policy.passkey.enabled && user.passkeys > 0,
        Method::Password => policy.password.enabled && user.has_password,
        // A code is the weakest proof: for somebody with a passkey it is no step up.
        Method::EmailCode => user.email_verified && (user.passkeys == 0 || !policy.passkey.enabled),
        Method::Totp | Method::RecoveryCode => false,
    };
    let order = [Method::Passkey, Method::Password, Method::EmailCode];
    let method = state.method.filter(|m| allowed(*m)).or_else(|| order.into_iter().find(|m| allowed(*m)));
    let others = |method: Method| order.into_iter().filter(|m| *m != method && allowed(*m)).collect();
    show(method, CodePurpose::SignIn, others)
}

fn recover(state: &SignIn, _policy: &Policy) -> Step {
    match &state.identifier {
        None => Step::Identify,
        Some(_) => Step::ProveCode { purpose: CodePurpose::Recover, alternatives: Vec::new() },
    }
}

fn show(method: Option<Method>, purpose: CodePurpose, others: impl Fn(Method) -> Vec<Method>) -> Step {
    match method {
        Some(Method::Passkey) => Step::ProvePasskey { alternatives: others(Method::Passkey) },
        Some(Method::Password) => Step::ProvePassword { alternatives: others(Method::Password) },
        Some(Method::EmailCode) => Step::ProveCode { purpose, alternatives: others(Method::EmailCode) },
        Some(Method::Totp | Method::RecoveryCode) | None => Step::Blocked(BlockReason::NoMethod),
    }
}

/// Whether a first factor was proven and a second one is wanted before anything else may happen: no session is opened until it
/// is there, and nothing that a first factor alone must not be able to do is taken.
pub fn second_factor_is_due(state: &SignIn, policy: &Policy, facts: &Facts, now: Timestamp) -> bool {
    state.is_authenticated()
        && !proof_is_stale(state, now)
        && state.recovery_codes.is_empty()
        && second_factor(state, policy, facts, now).is_some()
}

/// The second factor, where one is due. It comes before everything that a first factor alone must not be able to do: a passkey
/// that is added counts as both.
fn second_factor(state: &SignIn, policy: &Policy, facts: &Facts, now: Timestamp) -> Option<Step> {
    let user = facts.user.as_ref()?;
    // For a step-up it is enough that the session had one; otherwise it is as fresh as the request wants the first to be.
    let counts = |p: &&crate::session::Proof| state.purpose == Purpose::StepUp || !is_stale(state, p.at, now);
    if is_multi_factor(state.proofs.iter().filter(counts)) {
        return None;
    }
    let offered = policy.second_factor.requirement.max(facts.second_factor.unwrap_or_default());
    let asked = wanted_acr(state).0.iter().any(|want| want == MULTI_FACTOR);
    let wanted = match offered {
        SecondFactor::Off => false,
        SecondFactor::Optional => asked || (user.has_totp && !user.browser_remembered),
        // Whoever has none yet sets one up, in a remembered browser too.
        SecondFactor::Required => asked || !user.has_totp || !user.browser_remembered,
    };
    if !wanted {
        return None;
    }
    let passkey = policy.passkey.enabled && user.passkeys > 0;
    let alternatives = |but: Method| {
        [(Method::Passkey, passkey), (Method::Totp, user.has_totp), (Method::RecoveryCode, user.has_recovery_codes)]
            .into_iter()
            .filter(|(method, there)| *there && *method != but)
            .map(|(method, _)| method)
            .collect()
    };
    if user.has_totp {
        let by_code = state.method == Some(Method::RecoveryCode) && user.has_recovery_codes;
        let method = if by_code { Method::RecoveryCode } else { Method::Totp };
        return Some(Step::SecondFactor { method, alternatives: alternatives(method) });
    }
    let settled = state.passkey_created || (policy.passkey.enabled && !state.passkey_declined);
    if state.purpose == Purpose::Recover && settled {
        // The mailbox leads back in; the passkey that is made now is both factors.
        return None;
    }
    let tried = state.proofs.iter().any(|p| p.method == Method::Passkey && !is_stale(state, p.at, now));
    if passkey && !tried && state.purpose != Purpose::Recover {
        // A passkey that is there is both factors; nothing has to be set up beside it.
        return Some(Step::ProvePasskey { alternatives: Vec::new() });
    }
    (offered == SecondFactor::Required || asked).then_some(Step::EnrolSecondFactor)
}

fn after_proof(state: &SignIn, policy: &Policy, facts: &Facts, now: Timestamp) -> Step {
    let user = facts.user.clone().unwrap_or_default();
    if !state.recovery_codes.is_empty() {
        return Step::ShowRecoveryCodes;
    }
    if let Some(step) = second_factor(state, policy, facts, now) {
        return step;
    }
    if let Some(reason) = password_to_change(state, facts) {
        return Step::ChangePassword(reason);
    }
    let with_passkey = state.proofs.iter().any(|p| p.method == Method::Passkey);
    let settled = state.passkey_created || state.passkey_declined;
    if user.not_a_member && state.purpose != Purpose::StepUp {
        return Step::Blocked(BlockReason::NotAMember);
    }
    if state.purpose == Purpose::Recover
        && let Some(step) = after_recovery(state, policy, &user)
    {
        return step;
    }
    // Somebody who has just signed up was asked then, if at all.
    let asked = !(state.purpose == Purpose::SignUp && policy.sign_up.verify_email == VerifyEmail::AtSignIn);
    let unproven = match policy.sign_up.verify_email {
        VerifyEmail::AtSignIn => user.email_unverified,
        _ => !user.email_verified && state.identifier_is_email(),
    };
    if policy.sign_up.verify_email.asks_at_sign_in()
        && asked
        && state.purpose != Purpose::StepUp
        && unproven
        && state.proven_address.is_none()
    {
        return Step::ProveCode { purpose: CodePurpose::VerifyAddress, alternatives: Vec::new() };
    }
    if let Some(step) = unmet_acr(state, &user, policy) {
        return step;
    }
    let offer = policy.passkey.enabled
        && policy.passkey.offer
        && state.passkey_possible != Some(false)
        && !with_passkey
        && user.passkeys == 0
        && !user.passkey_declined_recently;
    // A person who came back by single sign-on was offered one when they signed in.
    let proven_here = auth_time(&state.proofs).is_some_and(|at| at >= state.started_at);
    if offer && proven_here && !settled && state.purpose != Purpose::StepUp {
        let reason = if state.purpose == Purpose::SignUp { OfferReason::SignUp } else { OfferReason::AfterOtherMethod };
        return Step::OfferPasskey { reason, skippable: true };
    }
    if state.purpose == Purpose::SignUp && policy.sign_up.name_required && !user.has_name {
        return Step::CompleteProfile;
    }
    if !facts.consent_missing.is_empty() && !state.consented {
        return Step::Consent { scopes: facts.consent_missing.clone() };
    }
    Step::Done
}

/// What somebody whom the mailbox let in again is offered for the next time: a passkey, and else a password in the place of one
/// that may be forgotten. Who asked for a new password is asked for that first.
fn after_recovery(state: &SignIn, policy: &Policy, user: &super::UserFacts) -> Option<Step> {
    let passkey = policy.passkey.enabled && !state.passkey_created && !state.passkey_declined;
    // One that was set since the mailbox let them in is known.
    let since = user.password_changed_at.unwrap_or(state.started_at).max(state.started_at);
    let by_mail = state.proofs.iter().any(|p| p.method == Method::EmailCode && p.at >= since);
    let wanted = policy.password.enabled && state.method == Some(Method::Password);
    let password = (user.has_password || wanted) && by_mail && !state.passkey_created && !state.password_settled;
    if password && (!passkey || wanted) {
        return Some(Step::ReplacePassword);
    }
    passkey.then_some(Step::OfferPasskey { reason: OfferReason::Recovery, skippable: true })
}

/// What the request asks for, and whether it insists.
fn wanted_acr(state: &SignIn) -> (&[String], bool) {
    let Some(request) = state.request() else { return (&[], false) };
    let essential = request.claims.as_ref().map(|c| c.essential_acr.as_slice()).unwrap_or_default();
    if essential.is_empty() { (request.acr_values.as_slice(), false) } else { (essential, true) }
}

/// An essential `acr` (OpenID Connect Core, section 5.5.1.1) must be reached or the request fails; a voluntary one is tried
/// when the person has a passkey.
fn unmet_acr(state: &SignIn, user: &super::UserFacts, policy: &Policy) -> Option<Step> {
    let have = acr(&state.proofs);
    let (wanted, is_essential) = wanted_acr(state);
    if wanted.is_empty() || wanted.iter().any(|want| acr_satisfies(have, want)) {
        return None;
    }
    let tried = state.proofs.iter().any(|p| p.method == Method::Passkey);
    if policy.passkey.enabled && user.passkeys > 0 && !tried {
        return Some(Step::ProvePasskey { alternatives: Vec::new() });
    }
    is_essential.then_some(Step::Blocked(BlockReason::UnmetAuthentication))
}

impl SignIn {
    fn identifier_is_email(&self) -> bool {
        self.identifier.as_ref().is_some_and(|i| i.kind == IdentifierKind::Email)
    }
}

#[cfg(test)]
#[path = "next_second_factor_tests.rs"]
mod second_factor_tests;

#[cfg(test)]
mod tests {
    use super::super::state::{NewPasskey, ReturnTo, UserFacts};
    use super::*;
    use crate::identity::Identifier;
    use crate::ids::UserId;
    use crate::oauth::authorize::AuthorizationRequest;
    use crate::oauth::response_mode::ResponseMode;
    use crate::oauth::response_type::ResponseType;
    use crate::session::Proof;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn state(purpose: Purpose) -> SignIn {
        SignIn::begin(purpose, None, ReturnTo::Path("/account".into()), String::new(), NOW)
    }

    fn typed(mut state: SignIn) -> SignIn {
        state.identifier = Some(Identifier::email("ada@example.org").unwrap());
        state
    }

    fn proven(mut state: SignIn, method: Method, at: i64) -> SignIn {
        state.user = Some(UserId(Uuid::nil()));
        state.proofs.push(Proof { method, at: Timestamp(at), user_verified: method == Method::Passkey, device_bound: false });
        state
    }

    fn asking(mut state: SignIn, change: impl FnOnce(&mut AuthorizationRequest)) -> SignIn {
        let mut request = AuthorizationRequest {
            client_id: "c".into(),
            redirect_uri: "https://a.example/".into(),
            redirect_uri_sent: true,
            response_mode: ResponseMode::Query,
            response_type: ResponseType::CODE,
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
        state
    }

    fn known(has_passkey: bool, has_password: bool) -> Facts {
        Facts { account: Knowledge::Known { has_passkey, has_password }, ..Default::default() }
    }

    fn user(passkeys: usize) -> Facts {
        Facts {
            user: Some(UserFacts { passkeys, email_verified: true, has_name: true, ..Default::default() }),
            ..Default::default()
        }
    }

    fn code(purpose: CodePurpose) -> Step {
        Step::ProveCode { purpose, alternatives: vec![] }
    }

    fn passkey() -> NewPasskey {
        NewPasskey {
            credential_id: vec![1],
            public_key: vec![2],
            sign_count: 0,
            backup_eligible: true,
            backup_state: true,
            user_verified: true,
            aaguid: Uuid::nil(),
            transports: vec![],
            attestation_format: "none".into(),
            rp_id: "localhost".into(),
            attachment: None,
        }
    }

    #[test]
    fn sign_up_proves_the_address_then_makes_a_passkey_then_the_account() {
        let policy = Policy::default();
        let mut s = state(Purpose::SignUp);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::SignUp { password: false });
        s = typed(s);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), code(CodePurpose::SignUp));
        s.proven_address = s.identifier.as_ref().map(|i| i.normal.clone());
        assert_eq!(
            next(&s, &policy, &Facts::default(), NOW),
            Step::OfferPasskey { reason: OfferReason::SignUp, skippable: true }
        );
        let mut skipped = s.clone();
        skipped.passkey_declined = true;
        assert_eq!(next(&skipped, &policy, &Facts::default(), NOW), Step::CreateAccount);
        s.passkey = Some(passkey());
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::CreateAccount);
    }

    #[test]
    fn a_taken_address_looks_like_a_free_one() {
        for verify_email in [VerifyEmail::Before, VerifyEmail::Later, VerifyEmail::During] {
            let mut policy = Policy::default();
            policy.sign_up.verify_email = verify_email;
            assert_eq!(next(&typed(state(Purpose::SignUp)), &policy, &known(true, true), NOW), code(CodePurpose::SignUp));
        }
        let policy = Policy::default();
        let s = typed(state(Purpose::SignUp));
        assert_eq!(
            next(&s, &policy, &known(true, true), NOW),
            next(&s, &policy, &Facts { account: Knowledge::Unknown, ..Default::default() }, NOW)
        );
        let s = typed(state(Purpose::SignIn));
        for facts in [known(true, true), known(false, false), known(true, false)] {
            assert_eq!(
                next(&s, &policy, &facts, NOW),
                next(&s, &policy, &Facts { account: Knowledge::Unknown, ..Default::default() }, NOW)
            );
        }
    }

    #[test]
    fn with_later_verification_the_passkey_comes_first_and_a_skip_needs_the_mailbox() {
        let mut policy = Policy::default();
        policy.sign_up.verify_email = VerifyEmail::Later;
        let mut s = typed(state(Purpose::SignUp));
        assert_eq!(
            next(&s, &policy, &Facts::default(), NOW),
            Step::OfferPasskey { reason: OfferReason::SignUp, skippable: true }
        );
        s.passkey_declined = true;
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), code(CodePurpose::SignUp));
        s.passkey = Some(passkey());
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::CreateAccount);
        policy.sign_up.verify_email = VerifyEmail::During;
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), code(CodePurpose::SignUp));
        policy.code.enabled = false;
        s.passkey = None;
        s.passkey_declined = false;
        assert_eq!(
            next(&s, &policy, &Facts::default(), NOW),
            Step::OfferPasskey { reason: OfferReason::SignUp, skippable: false }
        );
        policy.sign_up.enabled = false;
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::Blocked(BlockReason::SignUpDisabled));
    }

    #[test]
    fn verification_at_the_first_sign_in_or_never() {
        let mut policy = Policy::default();
        let mut s = typed(state(Purpose::SignUp));
        s.passkey = Some(passkey());
        for verify_email in [VerifyEmail::AtSignIn, VerifyEmail::Never] {
            policy.sign_up.verify_email = verify_email;
            assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::CreateAccount);
            // Whoever has no passkey has the mailbox alone, and proves it.
            let mut without = typed(state(Purpose::SignUp));
            without.passkey_declined = true;
            assert_eq!(next(&without, &policy, &Facts::default(), NOW), code(CodePurpose::SignUp));
        }
        let mut unproven = user(1);
        let known = unproven.user.as_mut().unwrap();
        (known.email_verified, known.email_unverified) = (false, true);
        // By name, by a user name, by autofill: the address is asked for all the same.
        for s in [typed(state(Purpose::SignIn)), state(Purpose::SignIn)] {
            let s = proven(s, Method::Passkey, NOW.0);
            policy.sign_up.verify_email = VerifyEmail::AtSignIn;
            assert_eq!(next(&s, &policy, &unproven, NOW), code(CodePurpose::VerifyAddress));
            policy.sign_up.verify_email = VerifyEmail::Never;
            assert_eq!(next(&s, &policy, &unproven, NOW), Step::Done);
        }
        // Not in the sign-up itself.
        policy.sign_up.verify_email = VerifyEmail::AtSignIn;
        assert_eq!(next(&proven(typed(state(Purpose::SignUp)), Method::Passkey, NOW.0), &policy, &unproven, NOW), Step::Done);
    }

    #[test]
    fn a_user_name_alone_has_nothing_but_its_passkey() {
        let policy = Policy { reveal_accounts: true, ..Policy::default() };
        let named = |purpose| {
            let mut s = state(purpose);
            s.identifier = Some(Identifier::username("ada").unwrap());
            s
        };
        let offer = Step::OfferPasskey { reason: OfferReason::SignUp, skippable: false };
        let mut s = named(Purpose::SignUp);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), offer);
        s.passkey_declined = true;
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), offer);
        s.passkey_possible = Some(false);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::Blocked(BlockReason::NoMethod));
        s.passkey = Some(passkey());
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::CreateAccount);
        let facts = Facts { no_mailbox: true, ..known(true, false) };
        assert_eq!(next(&named(Purpose::SignIn), &policy, &facts, NOW), Step::ProvePasskey { alternatives: vec![] });
    }

    #[test]
    fn a_device_that_can_hold_no_passkey_is_not_offered_one() {
        let mut policy = Policy { reveal_accounts: true, ..Policy::default() };
        policy.sign_up.verify_email = VerifyEmail::Never;
        let unable = |mut s: SignIn| {
            s.passkey_possible = Some(false);
            s
        };
        assert_eq!(next(&unable(typed(state(Purpose::SignUp))), &policy, &Facts::default(), NOW), code(CodePurpose::SignUp));
        assert_eq!(next(&unable(typed(state(Purpose::SignIn))), &policy, &known(true, false), NOW), code(CodePurpose::SignIn));
        let done = unable(proven(typed(state(Purpose::SignIn)), Method::EmailCode, NOW.0));
        assert_eq!(next(&done, &policy, &user(0), NOW), Step::Done);
        // Where nothing else is left, it is tried all the same.
        policy.code.enabled = false;
        let alone = Step::ProvePasskey { alternatives: vec![] };
        assert_eq!(next(&unable(typed(state(Purpose::SignIn))), &policy, &known(true, false), NOW), alone);
    }

    #[test]
    fn typing_an_identifier_leads_to_what_the_policy_allows() {
        let mut policy = Policy::default();
        let s = typed(state(Purpose::SignIn));
        assert_eq!(next(&state(Purpose::SignIn), &policy, &Facts::default(), NOW), Step::Identify);
        assert_eq!(
            next(&s, &policy, &known(true, false), NOW),
            Step::ProveCode { purpose: CodePurpose::SignIn, alternatives: vec![Method::Passkey] }
        );
        policy.password.enabled = true;
        assert_eq!(
            next(&s, &policy, &Facts::default(), NOW),
            Step::ProvePassword { alternatives: vec![Method::Passkey, Method::EmailCode] }
        );
        policy.reveal_accounts = true;
        assert_eq!(next(&s, &policy, &known(true, false), NOW), Step::ProvePasskey { alternatives: vec![Method::EmailCode] });
        let mut chosen = s.clone();
        chosen.method = Some(Method::EmailCode);
        assert_eq!(
            next(&chosen, &policy, &known(true, false), NOW),
            Step::ProveCode { purpose: CodePurpose::SignIn, alternatives: vec![Method::Passkey] }
        );
        policy.code.enabled = false;
        policy.password.enabled = false;
        policy.passkey.enabled = false;
        assert_eq!(next(&s, &policy, &known(true, true), NOW), Step::Blocked(BlockReason::NoMethod));
    }

    #[test]
    fn a_passkey_is_offered_after_another_method_and_only_then() {
        let policy = Policy::default();
        let s = proven(typed(state(Purpose::SignIn)), Method::EmailCode, NOW.0);
        assert_eq!(
            next(&s, &policy, &user(0), NOW),
            Step::OfferPasskey { reason: OfferReason::AfterOtherMethod, skippable: true }
        );
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::Done);
        assert_eq!(next(&proven(state(Purpose::SignIn), Method::Passkey, NOW.0), &policy, &user(0), NOW), Step::Done);
        // Single sign-on: the proof is older than the flow.
        assert_eq!(next(&proven(state(Purpose::SignIn), Method::EmailCode, NOW.0 - 1), &policy, &user(0), NOW), Step::Done);
        let mut recently = user(0);
        recently.user.as_mut().unwrap().passkey_declined_recently = true;
        assert_eq!(next(&s, &policy, &recently, NOW), Step::Done);
    }

    #[test]
    fn core_section_3_1_2_1_prompt_login_and_max_age() {
        let policy = Policy::default();
        let old = |seconds: i64| proven(state(Purpose::SignIn), Method::Passkey, NOW.0 - seconds * 1000);
        assert_eq!(next(&asking(old(60), |_| {}), &policy, &user(1), NOW), Step::Done);
        assert_eq!(next(&asking(old(60), |r| r.prompt = vec![Prompt::Login]), &policy, &user(1), NOW), Step::Identify);
        assert_eq!(next(&asking(old(60), |r| r.max_age = Some(59)), &policy, &user(1), NOW), Step::Identify);
        assert_eq!(next(&asking(old(60), |r| r.max_age = Some(60)), &policy, &user(1), NOW), Step::Done);
        assert_eq!(next(&asking(old(1), |r| r.max_age = Some(0)), &policy, &user(1), NOW), Step::Identify);
        let here = proven(state(Purpose::SignIn), Method::Passkey, NOW.0);
        assert_eq!(
            next(
                &asking(here, |r| {
                    r.max_age = Some(0);
                    r.prompt = vec![Prompt::Login];
                }),
                &policy,
                &user(1),
                NOW.plus_seconds(5)
            ),
            Step::Done
        );
    }

    #[test]
    fn select_account_asks_once() {
        let policy = Policy::default();
        let mut s =
            asking(proven(state(Purpose::SignIn), Method::Passkey, NOW.0 - 5), |r| r.prompt = vec![Prompt::SelectAccount]);
        s.session = Some(crate::ids::SessionId(Uuid::nil()));
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::SelectAccount);
        s.account_chosen = true;
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::Done);
    }

    #[test]
    fn a_step_up_takes_the_strongest_proof_and_no_old_one() {
        let policy = Policy::default();
        let mut s = proven(state(Purpose::StepUp), Method::Passkey, NOW.0 - 1);
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::ProvePasskey { alternatives: vec![] });
        assert_eq!(next(&s, &policy, &user(0), NOW), code(CodePurpose::SignIn));
        s.method = Some(Method::EmailCode);
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::ProvePasskey { alternatives: vec![] });
        let s = proven(s, Method::Passkey, NOW.0);
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::Done);
    }

    #[test]
    fn recovery_goes_through_the_mailbox_and_offers_a_new_passkey() {
        let policy = Policy::default();
        let s = state(Purpose::Recover);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), Step::Identify);
        let s = typed(s);
        assert_eq!(next(&s, &policy, &Facts::default(), NOW), code(CodePurpose::Recover));
        let s = proven(s, Method::EmailCode, NOW.0);
        assert_eq!(next(&s, &policy, &user(1), NOW), Step::OfferPasskey { reason: OfferReason::Recovery, skippable: true });
    }

    #[test]
    fn recovery_asks_for_a_new_password_where_no_passkey_takes_its_place() {
        let mut policy = Policy::default();
        policy.password.enabled = true;
        let mut facts = user(1);
        facts.user.as_mut().unwrap().has_password = true;
        let offer = Step::OfferPasskey { reason: OfferReason::Recovery, skippable: true };
        let back = proven(typed(state(Purpose::Recover)), Method::EmailCode, NOW.0);
        assert_eq!(next(&back, &policy, &facts, NOW), offer);
        let declined = SignIn { passkey_declined: true, ..back.clone() };
        assert_eq!(next(&declined, &policy, &facts, NOW), Step::ReplacePassword);
        assert_eq!(next(&declined, &policy, &user(1), NOW), Step::Done, "there is none to replace");
        assert_eq!(next(&SignIn { password_settled: true, ..declined.clone() }, &policy, &facts, NOW), Step::Done);
        assert_eq!(next(&SignIn { passkey_created: true, ..back.clone() }, &policy, &facts, NOW), Step::Done);
        // Who asked for a new password is asked for that first, and offered a passkey afterwards.
        let mut asked = SignIn { method: Some(Method::Password), ..back.clone() };
        assert_eq!(next(&asked, &policy, &facts, NOW), Step::ReplacePassword);
        assert_eq!(next(&asked, &policy, &user(1), NOW), Step::ReplacePassword, "one that there is not yet");
        asked.password_settled = true;
        assert_eq!(next(&asked, &policy, &facts, NOW), offer);
        policy.password.enabled = false;
        assert_eq!(next(&SignIn { password_settled: false, ..asked }, &policy, &user(1), NOW), offer);
        policy.password.enabled = true;
        policy.passkey.enabled = false;
        assert_eq!(next(&back, &policy, &facts, NOW), Step::ReplacePassword);
        facts.user.as_mut().unwrap().password_changed_at = Some(Timestamp(NOW.0 - 1));
        assert_eq!(next(&back, &policy, &facts, NOW), Step::ReplacePassword);
        facts.user.as_mut().unwrap().password_changed_at = Some(Timestamp(NOW.0 + 1));
        assert_eq!(next(&back, &policy, &facts, NOW), Step::Done, "it was set after the code");
        facts.user.as_mut().unwrap().password_changed_at = None;
        // Only the mailbox makes a password replaceable without the old one, and only in a recovery.
        let by_session = proven(typed(state(Purpose::Recover)), Method::EmailCode, NOW.0 - 1);
        assert_eq!(next(&by_session, &policy, &facts, NOW), Step::Done);
        assert_eq!(next(&proven(typed(state(Purpose::SignIn)), Method::EmailCode, NOW.0), &policy, &facts, NOW), Step::Done);
    }

    #[test]
    fn a_blocked_user_gets_no_further_whatever_was_proven() {
        let mut facts = user(1);
        facts.user.as_mut().unwrap().blocked = true;
        assert_eq!(
            next(&proven(state(Purpose::SignIn), Method::Passkey, NOW.0), &Policy::default(), &facts, NOW),
            Step::Blocked(BlockReason::AccountBlocked)
        );
    }

    #[test]
    fn a_password_that_must_be_changed_comes_before_everything_but_the_factors() {
        let mut policy = Policy::default();
        policy.password.enabled = true;
        let mut facts = user(0);
        let known = facts.user.as_mut().unwrap();
        (known.must_change_password, known.email_verified) = (Some(ChangeReason::Breached), false);
        facts.consent_missing = vec!["email".into()];
        let change = Step::ChangePassword(ChangeReason::Breached);
        for method in [Method::Password, Method::EmailCode, Method::Passkey] {
            assert_eq!(next(&proven(typed(state(Purpose::SignIn)), method, NOW.0), &policy, &facts, NOW), change, "{method:?}");
        }
        assert_eq!(next(&proven(typed(state(Purpose::Recover)), Method::EmailCode, NOW.0), &policy, &facts, NOW), change);
        // A session from before is no proof for it; a blocked account gets no further.
        let old = proven(state(Purpose::SignIn), Method::Passkey, NOW.0 - 1);
        assert_eq!(next(&old, &policy, &facts, NOW), Step::Identify);
        assert_ne!(next(&proven(state(Purpose::StepUp), Method::Passkey, NOW.0), &policy, &facts, NOW), change);
        let mut done = proven(state(Purpose::SignIn), Method::Passkey, NOW.0);
        done.password_renewed = true;
        assert_eq!(next(&done, &policy, &facts, NOW), Step::Consent { scopes: vec!["email".into()] });
        let known = facts.user.as_mut().unwrap();
        (known.must_change_password, known.password_replaced) = (None, true);
        let replaced = next(&proven(typed(state(Purpose::SignIn)), Method::Password, NOW.0), &policy, &facts, NOW);
        assert!(matches!(replaced, Step::ProvePassword { .. }), "{replaced:?}");
        facts.user.as_mut().unwrap().blocked = true;
        assert_eq!(next(&done, &policy, &facts, NOW), Step::Blocked(BlockReason::AccountBlocked));
    }

    #[test]
    fn consent_is_asked_for_what_is_missing() {
        let mut facts = user(1);
        facts.consent_missing = vec!["email".into()];
        let mut s = proven(state(Purpose::SignIn), Method::Passkey, NOW.0);
        assert_eq!(next(&s, &Policy::default(), &facts, NOW), Step::Consent { scopes: vec!["email".into()] });
        s.consented = true;
        assert_eq!(next(&s, &Policy::default(), &facts, NOW), Step::Done);
    }

    #[test]
    fn core_section_5_5_1_1_an_essential_acr_is_reached_or_refused() {
        let policy = Policy::default();
        let essential = |s: SignIn| {
            asking(s, |r| {
                r.claims = Some(crate::oidc::claims::ClaimsRequest { essential_acr: vec!["phrh".into()], ..Default::default() })
            })
        };
        let by_code = proven(state(Purpose::SignIn), Method::EmailCode, NOW.0);
        assert_eq!(next(&essential(by_code.clone()), &policy, &user(1), NOW), Step::ProvePasskey { alternatives: vec![] });
        let synced = proven(by_code.clone(), Method::Passkey, NOW.0);
        assert_eq!(next(&essential(synced), &policy, &user(1), NOW), Step::Blocked(BlockReason::UnmetAuthentication));
        let voluntary = asking(proven(by_code, Method::Passkey, NOW.0), |r| r.acr_values = vec!["phrh".into()]);
        assert_eq!(next(&voluntary, &policy, &user(1), NOW), Step::Done);
    }

    #[test]
    fn an_unproven_address_is_proven_at_the_next_sign_in() {
        let mut facts = user(1);
        facts.user.as_mut().unwrap().email_verified = false;
        let s = proven(typed(state(Purpose::SignIn)), Method::Password, NOW.0);
        assert_eq!(next(&s, &Policy::default(), &facts, NOW), code(CodePurpose::VerifyAddress));
    }
}
