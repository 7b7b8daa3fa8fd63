use super::browser::{Answer, Browser, House};
use axum::http::StatusCode;
use doorward_service::directory::{NewIdentifier, NewUser, UserDocument};
use serde_json::json;

const ADA: &str = "ada@example.org";
const PASSWORD: &str = "a long enough secret of Ada";

/// What a person sees in the end.
async fn landed(browser: &mut Browser<'_>, mut answer: Answer) -> Answer {
    while answer.status == StatusCode::SEE_OTHER {
        answer = browser.get(&answer.location.clone()).await;
    }
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}

async fn answered(browser: &mut Browser<'_>, page: &Answer, path: &str, field: (&str, &str)) -> Answer {
    let hidden = |name: &str| page.between(&format!("name=\"{name}\" value=\""), "\"").expect(name);
    browser.post_with(path, &[("flow", &hidden("flow")), field], &hidden("csrf"), "same-origin").await
}

#[tokio::test]
async fn a_password_sign_in_is_one_transaction_and_the_offer_after_it_is_counted() {
    let house = House::new(json!({ "password": { "enabled": true } })).await;
    let (service, cx) = (&house.service, house.now());
    let new = NewUser {
        document: UserDocument { name: Some("Ada Lovelace".into()), ..Default::default() },
        identifiers: vec![NewIdentifier::email(ADA, true)],
        password: Some(PASSWORD.into()),
        ..Default::default()
    };
    service.create_user(&cx, "test", new).await.expect("user");
    let mut browser = house.stranger();
    let page = browser.get("/signin").await;
    let page = landed(&mut browser, page).await;
    let answer = answered(&mut browser, &page, "/signin/identify", ("identifier", ADA)).await;
    let page = landed(&mut browser, answer).await;
    assert!(page.has("password"), "{}", page.body);

    let before = service.store.db().stats().transactions_committed;
    let answer = answered(&mut browser, &page, "/signin/password", ("password", PASSWORD)).await;
    assert_eq!(service.store.db().stats().transactions_committed - before, 1);
    let page = landed(&mut browser, answer).await;
    assert!(page.has("passkey-skip"), "{}", page.body);

    let today = cx.now.seconds().div_euclid(86_400);
    for _ in 0..2 {
        let counts = service.daily_counts(&cx, today, today).await.expect("counts");
        let offered: Vec<i64> = counts.iter().filter(|one| one.name == "passkey.offered").map(|one| one.count).collect();
        assert_eq!(offered, [1], "written once");
    }
    // An answer that leads to no offer counts none.
    answered(&mut browser, &page, "/signin/skip", ("", "")).await;
    let counts = service.daily_counts(&cx, today, today).await.expect("counts");
    assert_eq!(counts.iter().find(|one| one.name == "passkey.offered").map(|one| one.count), Some(1));
}
