//! A password that must be changed: asked for after the proof and before anything else, in the flow that proved it.

use crate::house::{House, each};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_protocol::signin::{ChangeReason, Purpose, ReturnTo, Step};
use doorward_service::Cx;
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::signin::{Goal, Input, Outcome, Problem, Start, View};
use doorward_store::conditions::{ConditionRow, put_conditions};
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;

const PASSWORD: &str = "correct horse battery staple";
const NEXT: &str = "violet harbour under rain";

async fn house(mut h: House) -> (House, UserId) {
    h.cx.client.browser = "browser".into();
    h.cx.client.ip = "192.0.2.1".into();
    let email = NewIdentifier { kind: IdentifierKind::Email, value: "ada@example.org".into(), verified: true };
    let new = NewUser { identifiers: vec![email], password: Some(PASSWORD.into()), ..Default::default() };
    let user = h.service.create_user(&h.cx, "test", new).await.unwrap().user.id;
    (h, user)
}

async fn must_change(h: &House, user: UserId, reason: &str) {
    let row = ConditionRow {
        user_id: user,
        tenant_id: h.cx.tenant_id(),
        expires_at: None,
        change_password: Some(reason.into()),
        suspended_until: None,
    };
    h.service.store.commit(Batch::new().with(put_conditions(&row))).await.unwrap();
}

fn shown(outcome: Outcome) -> Box<View> {
    match outcome {
        Outcome::Show(view) => view,
        Outcome::Finished(_) => panic!("over too soon"),
    }
}

async fn begin(h: &House, cx: &Cx, session: Option<&SessionRow>) -> Outcome {
    let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/there".into()), hint: None };
    h.service.begin_sign_in(cx, start, session).await.unwrap()
}

async fn answer(h: &House, view: &View, input: Input, session: Option<&SessionRow>) -> Outcome {
    h.service.answer_sign_in(&h.cx, &view.flow, input, session).await.unwrap().unwrap()
}

async fn password_given(h: &House, password: &str, session: Option<&SessionRow>) -> Outcome {
    let view = shown(begin(h, &h.cx, session).await);
    let view = shown(answer(h, &view, Input::Identify { identifier: "ada@example.org".into() }, session).await);
    answer(h, &view, Input::Password(password.into()), session).await
}

async fn over(h: &House, mut outcome: Outcome) -> SessionRow {
    let mut cookie = None;
    // The offer of a passkey is in between.
    if let Outcome::Show(view) = outcome {
        assert!(matches!(view.step, Step::OfferPasskey { .. }), "{:?}", view.step);
        cookie = view.session.clone();
        let session = h.service.session(&h.cx, cookie.as_ref().map(|c| c.value.as_str())).await.unwrap();
        outcome = answer(h, &view, Input::SkipPasskey, session.as_ref()).await;
    }
    let Outcome::Finished(done) = outcome else { panic!("not over") };
    assert!(matches!(&done.goal, Goal::Path(path) if path == "/there"));
    let cookie = done.session.or(cookie).expect("a session");
    h.service.session(&h.cx, Some(&cookie.value)).await.unwrap().expect("a live session")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_asked_for_before_there_is_a_session_and_once() {
    each(async |h: House| {
        let (h, user) = house(h).await;
        let before = over(&h, password_given(&h, PASSWORD, None).await).await;
        must_change(&h, user, "administrator").await;
        let sessions = async || h.service.list_user_sessions(&h.cx, user).await.unwrap().len();
        let open = sessions().await;

        let view = shown(password_given(&h, PASSWORD, None).await);
        assert_eq!(view.step, Step::ChangePassword(ChangeReason::Administrator));
        assert!(view.session.is_none() && sessions().await == open, "the old password opens no session");
        for input in [
            Input::SkipPasskey,
            Input::Profile { name: "Mallory".into() },
            Input::Allow,
            Input::KeepAccount,
            Input::Registration { credential: "{}".into(), remove: vec![], silent: false },
        ] {
            let after = shown(answer(&h, &view, input.clone(), None).await);
            assert_eq!(after.problem, Some(Problem::OutOfTurn), "{input:?}");
            assert_eq!(after.step, view.step);
        }
        let same = shown(answer(&h, &view, Input::NewPassword(PASSWORD.into()), None).await);
        assert_eq!(same.problem, Some(Problem::SamePassword));
        let weak = shown(answer(&h, &view, Input::NewPassword("short".into()), None).await);
        assert!(matches!(weak.problem, Some(Problem::Password(_))));

        let mut later = h.clone();
        later.cx.now = h.cx.now.plus_seconds(2);
        let session = over(&later, answer(&later, &view, Input::NewPassword(NEXT.into()), None).await).await;
        assert_eq!(session.user_id, user);
        // What the old password had opened is over; the flow that changed it cannot do it again.
        assert_eq!(sessions().await, 1);
        let old = h.service.store.session(h.cx.tenant_id(), before.id).await.unwrap();
        assert!(old.is_none_or(|row| row.ended_at.is_some()));
        let again = shown(answer(&later, &view, Input::NewPassword("another harbour under rain".into()), None).await);
        assert_eq!(again.problem, Some(Problem::OutOfTurn));
        assert!(matches!(again.step, Step::ProvePassword { .. }), "the old password proves nothing any more: {:?}", again.step);
        assert_eq!(shown(password_given(&h, PASSWORD, None).await).problem, Some(Problem::WrongPassword));
        over(&later, password_given(&later, NEXT, None).await).await;
        let events = h.events().await;
        assert!(["sign_in.waits", "password.changed"].iter().all(|name| events.iter().any(|e| e == name)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_from_before_is_not_enough_to_change_it() {
    each(async |h: House| {
        let (h, user) = house(h).await;
        let session = over(&h, password_given(&h, PASSWORD, None).await).await;
        assert!(matches!(begin(&h, &h.cx, Some(&session)).await, Outcome::Finished(_)), "single sign-on");
        must_change(&h, user, "breached").await;
        let mut later = h.clone();
        later.cx.now = h.cx.now.plus_seconds(5);
        let view = shown(begin(&later, &later.cx, Some(&session)).await);
        assert_eq!(view.step, Step::Identify);
        let refused = shown(answer(&later, &view, Input::NewPassword(NEXT.into()), Some(&session)).await);
        assert_eq!(refused.problem, Some(Problem::OutOfTurn));
        let view = shown(password_given(&later, PASSWORD, Some(&session)).await);
        assert_eq!(view.step, Step::ChangePassword(ChangeReason::Breached));
        let fresh = over(&later, answer(&later, &view, Input::NewPassword(NEXT.into()), Some(&session)).await).await;
        assert_ne!(fresh.id, session.id);
    })
    .await;
}
