//! Sanctions: who is kept out, until when, and what ends with it.

use crate::house::{House, absent, each, tenant};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::UserId;
use doorward_protocol::signin::{BlockReason, Purpose, ReturnTo, Step};
use doorward_protocol::time::Timestamp;
use doorward_service::Cx;
use doorward_service::directory::{NewIdentifier, NewSanction, NewUser};
use doorward_service::signin::{Input, Outcome, Standing, Start};
use serde_json::json;
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery staple";

/// After the password: kept out, or let in.
async fn is_let_in(h: &House, cx: &Cx) -> bool {
    let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/".into()), hint: None };
    let Outcome::Show(view) = h.service.begin_sign_in(cx, start, None).await.unwrap() else { panic!("nobody is signed in") };
    let mut flow = view.flow;
    for input in [Input::Identify { identifier: "ada@example.org".into() }, Input::Password(PASSWORD.into())] {
        match h.service.answer_sign_in(cx, &flow, input, None).await.unwrap().unwrap() {
            Outcome::Finished(_) => return true,
            Outcome::Show(view) if view.step == Step::Blocked(BlockReason::AccountBlocked) => {
                assert!(view.session.is_none());
                return false;
            }
            Outcome::Show(view) => flow = view.flow.clone(),
        }
    }
    true
}

fn sanction(user: UserId, prevents_sign_in: bool, ends_at: Option<Timestamp>) -> NewSanction {
    NewSanction { id: Uuid::new_v4(), user, kind: Uuid::nil(), prevents_sign_in, detail: json!({}), ends_at }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_end_counts_and_a_lifted_one_does_not() {
    each(async |mut h: House| {
        h.cx.client.browser = "browser".into();
        h.cx.client.ip = "192.0.2.1".into();
        let email = NewIdentifier { kind: IdentifierKind::Email, value: "ada@example.org".into(), verified: true };
        let new = NewUser { identifiers: vec![email], password: Some(PASSWORD.into()), ..Default::default() };
        let user = h.service.create_user(&h.cx, "test", new).await.unwrap().user.id;
        assert!(is_let_in(&h, &h.cx).await);
        assert_eq!(h.service.list_user_sessions(&h.cx, user).await.unwrap().len(), 1);
        h.service.impose_sanction(&h.cx, "test", sanction(user, false, None)).await.unwrap();
        assert!(is_let_in(&h, &h.cx).await, "a note keeps nobody out");

        let (soon, late) = (h.cx.now.plus_seconds(60), h.cx.now.plus_seconds(600));
        let long = h.service.impose_sanction(&h.cx, "test", sanction(user, true, Some(late))).await.unwrap();
        assert_eq!(h.service.list_user_sessions(&h.cx, user).await.unwrap(), [], "what was open has ended");
        h.service.impose_sanction(&h.cx, "test", sanction(user, true, Some(soon))).await.unwrap();
        assert_eq!(h.service.preventing_sanctions(&h.cx, user).await.unwrap().len(), 2);
        assert!(!is_let_in(&h, &h.cx).await);
        let at = |seconds| {
            let mut cx = h.cx.clone();
            cx.now = h.cx.now.plus_seconds(seconds);
            cx
        };
        assert!(!is_let_in(&h, &at(61)).await, "the shorter one does not end the longer one");
        assert!(is_let_in(&h, &at(601)).await);

        let person = h.service.store.person(h.cx.tenant_id(), user).await.unwrap().unwrap();
        assert_eq!(h.service.standing(&h.cx, &person).await.unwrap(), Standing::Suspended);
        h.service.change_sanction(&h.cx, "test", long.id, Some(h.cx.now), json!({})).await.unwrap();
        assert!(!is_let_in(&h, &h.cx).await, "the shorter one is still in force");
        assert!(is_let_in(&h, &at(61)).await);

        let stranger = tenant(&h.service, "other").await;
        assert!(absent(h.service.change_sanction(&stranger, "test", long.id, None, json!({})).await));
        assert!(absent(h.service.impose_sanction(&stranger, "test", sanction(user, true, None)).await));
        assert_eq!(h.service.preventing_sanctions(&stranger, user).await.unwrap(), []);
    })
    .await;
}
