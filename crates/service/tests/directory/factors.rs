//! Second factors: set up, asked for at sign-in, used once, limited, replaced by recovery codes, remembered.

use crate::house::{House, each};
use doorward_protocol::ids::UserId;
use doorward_protocol::policy::SecondFactor;
use doorward_protocol::session::{MULTI_FACTOR, Method, acr};
use doorward_protocol::signin::{Purpose, ReturnTo, Step};
use doorward_service::Cx;
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::factor::{FactorError, FactorKind, NewTotp, secret_of_base32};
use doorward_service::signin::{Input, LinkOutcome, Outcome, Problem, Start, View};
use doorward_store::sessions::SessionRow;
use serde_json::json;

// The secret of RFC 6238, appendix B; its codes here are the last six digits of the eight that stand there, or were made by the
// Python package pyotp 2.9.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const AT: i64 = 1_234_567_890;
const CODE: &str = "005924";
const PASSWORD: &str = "correct horse battery staple";

async fn house(h: &House, requirement: SecondFactor) -> (House, UserId) {
    let patch = json!({ "policy": { "second_factor": { "requirement": requirement }, "passkey": { "offer": false } } });
    h.service.patch_tenant(&h.cx, "test", &patch).await.unwrap();
    let mut h = House {
        service: h.service.clone(),
        cx: h.service.admin_cx(h.cx.tenant_id(), Default::default()).await.unwrap().unwrap(),
    };
    h.cx.client.browser = "browser".into();
    h.cx.client.ip = "192.0.2.1".into();
    h.cx.now = doorward_protocol::time::Timestamp::from_seconds(AT);
    let email = NewIdentifier {
        kind: doorward_protocol::identity::IdentifierKind::Email,
        value: "ada@example.org".into(),
        verified: true,
    };
    let new = NewUser { identifiers: vec![email], password: Some(PASSWORD.into()), ..Default::default() };
    let user = h.service.create_user(&h.cx, "test", new).await.unwrap().user.id;
    (h, user)
}

fn given() -> NewTotp {
    NewTotp { secret: secret_of_base32(SECRET), ..Default::default() }
}

/// Sets a factor up a while before, so that the codes of now are still good.
async fn enrol(h: &House, user: UserId) -> Vec<String> {
    let mut before = h.cx.clone();
    before.now = doorward_protocol::time::Timestamp::from_seconds(1_111_111_109);
    h.service.add_totp(&before, "test", user, given(), "081804").await.unwrap().recovery_codes
}

async fn answer(h: &House, cx: &Cx, view: &View, input: Input) -> Outcome {
    h.service.answer_sign_in(cx, &view.flow, input, None).await.unwrap().unwrap()
}

fn shown(outcome: Outcome) -> Box<View> {
    match outcome {
        Outcome::Show(view) => view,
        Outcome::Finished(_) => panic!("over too soon"),
    }
}

/// After the password: what is asked next.
async fn password_given(h: &House, cx: &Cx) -> Outcome {
    let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/".into()), hint: None };
    let view = shown(h.service.begin_sign_in(cx, start, None).await.unwrap());
    let view = shown(answer(h, cx, &view, Input::Identify { identifier: "ada@example.org".into() }).await);
    answer(h, cx, &view, Input::Password(PASSWORD.into())).await
}

fn code(text: &str) -> Input {
    Input::SecondFactor { code: text.into(), remember: false }
}

async fn session(h: &House, outcome: Outcome) -> SessionRow {
    let Outcome::Finished(done) = outcome else { panic!("not over") };
    h.service.session(&h.cx, done.session.as_ref().map(|c| c.value.as_str())).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_is_asked_for_after_the_password_and_taken_once() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        assert!(matches!(password_given(&h, &h.cx).await, Outcome::Finished(_)), "without a factor nothing is asked");
        let recovery = enrol(&h, user).await;
        assert_eq!(recovery.len(), 10);

        let sessions = async || h.service.list_user_sessions(&h.cx, user).await.unwrap().len();
        let before = sessions().await;
        let view = shown(password_given(&h, &h.cx).await);
        assert_eq!(view.step, Step::SecondFactor { method: Method::Totp, alternatives: vec![Method::RecoveryCode] });
        assert!(view.session.is_none() && sessions().await == before, "a password alone opens no session");
        let wrong = shown(answer(&h, &h.cx, &view, code("005925")).await);
        assert_eq!(wrong.problem, Some(Problem::WrongSecondFactor));
        let opened = session(&h, answer(&h, &h.cx, &view, code(" 005-924 ")).await).await;
        assert_eq!(acr(&opened.proofs.0), MULTI_FACTOR);
        assert_eq!(opened.proofs.0.iter().map(|p| p.method).collect::<Vec<_>>(), [Method::Password, Method::Totp]);

        let replay = shown(answer(&h, &h.cx, &view, code(CODE)).await);
        assert_eq!(replay.problem, Some(Problem::SecondFactorUsed));
        let later = shown(password_given(&h, &h.cx).await);
        assert_eq!(shown(answer(&h, &h.cx, &later, code(CODE)).await).problem, Some(Problem::SecondFactorUsed));
        // The code of the step before is older than the one that was taken.
        assert_eq!(shown(answer(&h, &h.cx, &later, code("980357")).await).problem, Some(Problem::SecondFactorUsed));
        let events = h.events().await;
        for name in ["second_factor.added", "recovery_codes.made", "sign_in.waits", "second_factor.refused"] {
            assert!(events.iter().any(|e| e == name), "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_requests_with_one_code_one_is_taken() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        enrol(&h, user).await;
        let first = shown(password_given(&h, &h.cx).await);
        let second = shown(password_given(&h, &h.cx).await);
        let (a, b) = tokio::join!(answer(&h, &h.cx, &first, code(CODE)), answer(&h, &h.cx, &second, code(CODE)));
        let taken = [a, b].iter().filter(|o| matches!(o, Outcome::Finished(_))).count();
        assert_eq!(taken, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_brings_about_nothing() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        enrol(&h, user).await;
        let view = shown(password_given(&h, &h.cx).await);
        for input in [
            Input::Registration { credential: "{}".into(), remove: vec![], silent: false },
            Input::Profile { name: "Mallory".into() },
            Input::SkipPasskey,
            Input::Allow,
            Input::SendCode,
            Input::Password(PASSWORD.into()),
            Input::RecoveryCodesKept,
            Input::ConfirmFactor(CODE.into()),
        ] {
            let after = shown(answer(&h, &h.cx, &view, input.clone()).await);
            assert_eq!(after.problem, Some(Problem::OutOfTurn), "{input:?}");
            assert!(matches!(after.step, Step::SecondFactor { .. }));
        }
        // A second factor where none was asked for is nothing either.
        let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/".into()), hint: None };
        let view = shown(h.service.begin_sign_in(&h.cx, start, None).await.unwrap());
        let view = shown(answer(&h, &h.cx, &view, Input::Identify { identifier: "ada@example.org".into() }).await);
        assert_eq!(shown(answer(&h, &h.cx, &view, code(CODE)).await).problem, Some(Problem::OutOfTurn));
        assert!(h.service.list_user_sessions(&h.cx, user).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opened_elsewhere_brings_no_proof_along() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        h.service.patch_tenant(&h.cx, "test", &json!({ "policy": { "password": { "enabled": true } } })).await.unwrap();
        enrol(&h, user).await;
        let view = shown(password_given(&h, &h.cx).await);
        let both = session(&h, answer(&h, &h.cx, &view, code(CODE)).await).await;
        // Who it is, once more, by a code from the mailbox: for this browser the second factor was given.
        let start =
            Start { purpose: Purpose::StepUp, application: None, return_to: ReturnTo::Path("/account".into()), hint: None };
        let mut later = h.cx.clone();
        later.now = h.cx.now.plus_seconds(3600);
        let view = shown(h.service.begin_sign_in(&later, start, Some(&both)).await.unwrap());
        let sent = h.service.answer_sign_in(&later, &view.flow, Input::SendCode, Some(&both)).await.unwrap().unwrap();
        assert!(matches!(shown(sent).step, Step::ProveCode { .. }));
        let mail = h.service.store.mailbox(h.cx.tenant_id(), Some("ada@example.org"), 1).await.unwrap().remove(0);
        let link = mail.body_text.split_whitespace().find(|word| word.contains("/signin/link?")).unwrap().to_owned();
        let link = url::Url::parse(&link).unwrap();
        let of = |name: &str| link.query_pairs().find(|(k, _)| k == name).unwrap().1.into_owned();
        // Whoever reads the mailbox opens the link somewhere else.
        let mut elsewhere = later.clone();
        elsewhere.client.browser = "another".into();
        let outcome = h.service.confirm_link(&elsewhere, &of("c"), &of("t"), None).await.unwrap();
        let LinkOutcome::GoesOn(outcome) = outcome else { panic!("the link is good") };
        let view = shown(*outcome);
        assert!(matches!(view.step, Step::SecondFactor { .. }), "{:?}", view.step);
        assert!(view.session.is_none() && h.service.list_user_sessions(&later, user).await.unwrap().len() == 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_run_out_wherever_they_come_from() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        enrol(&h, user).await;
        let view = shown(password_given(&h, &h.cx).await);
        for n in 0..10 {
            let mut cx = h.cx.clone();
            cx.client.ip = format!("198.51.100.{n}");
            assert_eq!(shown(answer(&h, &cx, &view, code("000000")).await).problem, Some(Problem::WrongSecondFactor), "{n}");
        }
        assert_eq!(shown(answer(&h, &h.cx, &view, code(CODE)).await).problem, Some(Problem::Locked { wait: 900 }));
        // A right password does not give new guesses; time does.
        let again = shown(password_given(&h, &h.cx).await);
        assert!(matches!(shown(answer(&h, &h.cx, &again, code(CODE)).await).problem, Some(Problem::Locked { .. })));
        let mut later = h.cx.clone();
        later.now = later.now.plus_seconds(901);
        let again = shown(password_given(&h, &later).await);
        assert_eq!(shown(answer(&h, &later, &again, code(CODE)).await).problem, Some(Problem::WrongSecondFactor));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_code_works_once_and_new_ones_end_the_old() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        let codes = enrol(&h, user).await;
        assert_eq!(h.service.recovery_codes(&h.cx, user).await.unwrap(), codes);
        let view = shown(password_given(&h, &h.cx).await);
        let typed = codes[3].to_uppercase().replace('-', " ");
        let opened = session(&h, answer(&h, &h.cx, &view, code(&typed)).await).await;
        assert_eq!(opened.proofs.0.last().unwrap().method, Method::RecoveryCode);
        let view = shown(password_given(&h, &h.cx).await);
        assert_eq!(shown(answer(&h, &h.cx, &view, code(&codes[3])).await).problem, Some(Problem::SecondFactorUsed));
        assert_eq!(h.service.list_factors(&h.cx, user).await.unwrap().recovery_codes, 9);
        let mail = h.service.store.mailbox(h.cx.tenant_id(), Some("ada@example.org"), 10).await.unwrap();
        assert!(
            mail.iter().any(|m| m.subject.starts_with("A recovery code") && m.body_text.contains("9 are left")),
            "the owner is told"
        );

        let fresh = h.service.new_recovery_codes(&h.cx, "test", user, 10).await.unwrap();
        assert_eq!(shown(answer(&h, &h.cx, &view, code(&codes[4])).await).problem, Some(Problem::WrongSecondFactor));
        session(&h, answer(&h, &h.cx, &view, code(&fresh[0])).await).await;

        // One user's codes are nothing to another.
        let email = NewIdentifier {
            kind: doorward_protocol::identity::IdentifierKind::Email,
            value: "eve@example.org".into(),
            verified: true,
        };
        let eve = h.service.create_user(&h.cx, "test", NewUser { identifiers: vec![email], ..Default::default() }).await.unwrap();
        let stolen = h.service.verify_factor(&h.cx, eve.user.id, &fresh[1], FactorKind::Any).await;
        assert!(matches!(stolen, Err(FactorError::WrongCode)), "{stolen:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_must_have_one_sets_it_up_while_signing_in() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Required).await;
        let view = shown(password_given(&h, &h.cx).await);
        assert_eq!(view.step, Step::EnrolSecondFactor);
        assert!(h.service.list_user_sessions(&h.cx, user).await.unwrap().is_empty());
        let begun = view.second_factor.as_ref().unwrap().enrolment.clone().unwrap();
        assert!(begun.uri.starts_with("otpauth://totp/acme:ada%40example.org?secret="), "{}", begun.uri);
        assert!(begun.qr_svg().starts_with("<svg") && begun.qr_svg().ends_with("</svg>"));
        let wrong = shown(answer(&h, &h.cx, &view, Input::ConfirmFactor("000000".into())).await);
        assert_eq!(wrong.problem, Some(Problem::WrongSecondFactor));
        assert_eq!(wrong.second_factor.unwrap().enrolment.unwrap().secret, begun.secret, "the same secret stands");
        assert!(!h.service.list_factors(&h.cx, user).await.unwrap().any(), "a wrong first code confirms nothing");

        // An authenticator app that was told the secret.
        let app = totp_rs::Builder::new().with_secret(totp_rs::Secret::new(begun.secret.as_slice().into())).build().unwrap();
        let first = app.generate(AT as u64).to_string();
        let outcome =
            h.service.answer_sign_in(&h.cx, &view.flow, Input::ConfirmFactor(first.clone()), None).await.unwrap().unwrap();
        let view = shown(outcome);
        assert_eq!(view.step, Step::ShowRecoveryCodes);
        let codes = view.second_factor.as_ref().unwrap().recovery_codes.clone();
        assert_eq!(codes.len(), 10);
        let cookie = view.session.clone().unwrap();
        let row = h.service.session(&h.cx, Some(&cookie.value)).await.unwrap().unwrap();
        assert_eq!(acr(&row.proofs.0), MULTI_FACTOR);
        let done = h.service.answer_sign_in(&h.cx, &view.flow, Input::RecoveryCodesKept, Some(&row)).await.unwrap().unwrap();
        assert!(matches!(done, Outcome::Finished(_)));
        // The first code was a code: it is spent.
        let view = shown(password_given(&h, &h.cx).await);
        assert_eq!(shown(answer(&h, &h.cx, &view, code(&first)).await).problem, Some(Problem::SecondFactorUsed));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_browser_is_not_asked_until_the_factor_goes() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        enrol(&h, user).await;
        let view = shown(password_given(&h, &h.cx).await);
        let input = Input::SecondFactor { code: CODE.into(), remember: true };
        assert!(matches!(answer(&h, &h.cx, &view, input).await, Outcome::Finished(_)));
        assert!(matches!(password_given(&h, &h.cx).await, Outcome::Finished(_)), "this browser is remembered");
        let mut other = h.cx.clone();
        other.client.browser = "another".into();
        assert!(matches!(shown(password_given(&h, &other).await).step, Step::SecondFactor { .. }), "another is not");
        let mut later = h.cx.clone();
        later.now = later.now.plus_seconds(30 * 86_400);
        assert!(matches!(shown(password_given(&h, &later).await).step, Step::SecondFactor { .. }), "nor is it for ever");
        let id = h.service.list_factors(&h.cx, user).await.unwrap().totp[0].id;
        h.service.remove_factor(&h.cx, "test", user, id).await.unwrap();
        assert!(h.service.store.trusted_browsers(h.cx.tenant_id(), user, h.cx.now).await.unwrap().is_empty());
        assert_eq!(h.service.list_factors(&h.cx, user).await.unwrap(), Default::default());
        assert!(matches!(h.service.remove_factor(&h.cx, "test", user, id).await, Err(FactorError::NotFound)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_cannot_be_are_refused() {
    each(async |h: House| {
        let (h, user) = house(&h, SecondFactor::Optional).await;
        let begin = async |new: NewTotp| h.service.begin_totp(&h.cx, user, new).await;
        assert!(matches!(begin(NewTotp { secret: Some(vec![1; 9]), ..given() }).await, Err(FactorError::Invalid("secret"))));
        assert!(matches!(begin(NewTotp { digits: 10, ..given() }).await, Err(FactorError::Invalid("digits"))));
        assert!(matches!(begin(NewTotp { period: 0, ..given() }).await, Err(FactorError::Invalid("period"))));
        let nobody = h.service.begin_totp(&h.cx, UserId(uuid::Uuid::nil()), given()).await;
        assert!(matches!(nobody, Err(FactorError::NotFound)));
        let wrong = h.service.add_totp(&h.cx, "test", user, given(), "000000").await;
        assert!(matches!(wrong, Err(FactorError::WrongCode)), "{wrong:?}");
        assert!(!h.service.list_factors(&h.cx, user).await.unwrap().any());
        let row = h.service.store.totp(h.cx.tenant_id(), user).await.unwrap().remove(0);
        assert!(!row.secret.windows(20).any(|w| w == b"12345678901234567890"), "encrypted at rest");
    })
    .await;
}
