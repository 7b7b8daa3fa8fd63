//! How many mails an address gets, and who can use them up.

use crate::house::{House, each};
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::signin::{Purpose, ReturnTo, Step};
use doorward_service::Cx;
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::signin::{Input, Outcome, Problem, Start, View};

const ADA: &str = "ada@example.org";

fn shown(outcome: Outcome) -> Box<View> {
    match outcome {
        Outcome::Show(view) => view,
        Outcome::Finished(_) => panic!("over too soon"),
    }
}

/// Asks for a code for Ada's address.
async fn ask(h: &House, cx: &Cx) -> Box<View> {
    let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/".into()), hint: None };
    let view = shown(h.service.begin_sign_in(cx, start, None).await.unwrap());
    let typed = Input::Identify { identifier: ADA.into() };
    let view = shown(h.service.answer_sign_in(cx, &view.flow, typed, None).await.unwrap().unwrap());
    match &view.step {
        Step::ProveCode { .. } => view,
        _ => shown(h.service.answer_sign_in(cx, &view.flow, Input::SendCode, None).await.unwrap().unwrap()),
    }
}

fn at(h: &House, ip: &str) -> Cx {
    let mut cx = h.cx.clone();
    cx.client.ip = ip.into();
    cx.client.browser = format!("browser at {ip}");
    cx
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_cannot_use_up_the_mails_of_somebody_at_home() {
    each(async |h: House| {
        let email = NewIdentifier { kind: IdentifierKind::Email, value: ADA.into(), verified: true };
        h.service.create_user(&h.cx, "test", NewUser { identifiers: vec![email], ..Default::default() }).await.unwrap();
        let (home, away) = (at(&h, "192.0.2.1"), at(&h, "198.51.100.7"));
        // She has signed in at home before.
        let view = ask(&h, &home).await;
        let mails = async || h.service.store.mailbox(h.cx.tenant_id(), Some(ADA), 200).await.unwrap();
        let code: String = mails().await[0].subject.chars().filter(char::is_ascii_digit).collect();
        let code = if code.len() == 6 { code } else { first_code(&mails().await[0].body_text) };
        let done = h.service.answer_sign_in(&home, &view.flow, Input::Code(code), None).await.unwrap().unwrap();
        assert!(matches!(&done, Outcome::Show(view) if view.session.is_some()) || matches!(done, Outcome::Finished(_)));
        for _ in 0..30 {
            ask(&h, &away).await;
        }
        assert!(matches!(ask(&h, &away).await.problem, Some(Problem::Locked { .. })));
        let before = mails().await.len();
        assert!(before < 30, "{before}");
        assert_eq!(ask(&h, &home).await.problem, None);
        assert_eq!(mails().await.len(), before + 1);
    })
    .await;
}

fn first_code(text: &str) -> String {
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit());
    text.split_whitespace().find(digits).unwrap().to_owned()
}
