//! Passwords whose hash was made elsewhere: they sign in once with it, and from then on with ours.

use crate::house::{House, each};
use doorward_protocol::signin::{Purpose, ReturnTo};
use doorward_service::directory::{NewIdentifier, NewUser};
use doorward_service::password::foreign::ForeignHash;
use doorward_service::signin::{Input, Outcome, Problem, Start};
use doorward_store::engine::Batch;
use doorward_store::users::{PasswordRow, put_password};

// Made by Python's bcrypt 4.3.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG";
const PASSWORD: &str = "plum härbour 58";

async fn sign_in(h: &House, email: &str, password: &str) -> Result<(), Problem> {
    let mut cx = h.cx.clone();
    cx.client.browser = "browser".into();
    let start = Start { purpose: Purpose::SignIn, application: None, return_to: ReturnTo::Path("/".into()), hint: None };
    let mut outcome = h.service.begin_sign_in(&cx, start, None).await.unwrap();
    for input in [
        Input::Identify { identifier: email.into() },
        Input::Choose(doorward_protocol::session::Method::Password),
        Input::Password(password.into()),
    ] {
        let Outcome::Show(view) = outcome else { panic!("over too soon") };
        outcome = h.service.answer_sign_in(&cx, &view.flow, input, None).await.unwrap().unwrap();
    }
    match outcome {
        Outcome::Show(view) => match view.problem {
            None => Ok(()),
            Some(problem) => Err(problem),
        },
        Outcome::Finished(_) => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_good_sign_in_renews_the_hash() {
    each(async |h: House| {
        let email = |value: &str| NewIdentifier {
            kind: doorward_protocol::identity::IdentifierKind::Email,
            value: value.into(),
            verified: true,
        };
        let new = NewUser { identifiers: vec![email("ada@example.org")], ..Default::default() };
        let ada = h.service.create_user(&h.cx, "test", new).await.unwrap().user;
        let foreign = ForeignHash::modular(BCRYPT).unwrap().stored().unwrap();
        let row = PasswordRow { user_id: ada.id, tenant_id: ada.tenant_id, hash: foreign.clone(), changed_at: h.cx.now };
        h.service.store.commit(Batch::new().with(put_password(&row))).await.unwrap();
        let stored = async || h.service.store.password(ada.tenant_id, ada.id).await.unwrap().unwrap();

        assert_eq!(sign_in(&h, "ada@example.org", "plum harbour 58").await, Err(Problem::WrongPassword));
        assert_eq!(stored().await, row, "a wrong password changes nothing");
        assert_eq!(sign_in(&h, "ada@example.org", PASSWORD).await, Ok(()));
        let renewed = stored().await;
        assert!(renewed.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", renewed.hash);
        assert_eq!(renewed.changed_at, row.changed_at, "the password itself is as old as before");
        assert_eq!(h.events().await.iter().filter(|e| *e == "password.hash_renewed").count(), 1);
        assert_eq!(sign_in(&h, "ada@example.org", PASSWORD).await, Ok(()));
        assert_eq!(stored().await, renewed, "ours is left alone");
        assert_eq!(sign_in(&h, "ada@example.org", "plum harbour 58").await, Err(Problem::WrongPassword));
    })
    .await;
}
