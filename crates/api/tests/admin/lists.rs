use super::rig::Rig;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_cursor_walks_over_all_users_once() {
    let rig = Rig::new().await;
    for n in 0..250 {
        rig.post("/users", json!({ "email": format!("user{n:03}@example.org") })).await.is(201);
    }
    let mut seen = Vec::new();
    let mut pages = Vec::new();
    let mut path = "/users?limit=100".to_owned();
    loop {
        let page = rig.get(&path).await.is(200);
        let items = page.body["items"].as_array().unwrap();
        pages.push(items.len());
        seen.extend(items.iter().map(|u| u["email"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => path = format!("/users?limit=100&after={cursor}"),
            None => break,
        }
    }
    assert_eq!(pages, [100, 100, 50]);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 250, "nobody twice, nobody left out");
    assert_eq!(rig.get("/users").await.body["items"].as_array().unwrap().len(), 50, "the default");

    let found = rig.get("/users?search=USER01").await.is(200);
    assert_eq!(found.body["items"].as_array().unwrap().len(), 10);
    let first = rig.get("/users?search=user01&limit=4").await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = rig.get(&format!("/users?search=user01&limit=200&after={cursor}")).await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 6);
    assert!(rest.body["next_cursor"].is_null());
    // Exactly one page: nothing follows.
    assert!(rig.get("/users?search=user01&limit=10").await.body["next_cursor"].is_null());

    let events = rig.get("/audit-events?type=user.created&limit=200").await.is(200);
    let cursor = events.body["next_cursor"].as_str().unwrap();
    let rest = rig.get(&format!("/audit-events?type=user.created&limit=200&after={cursor}")).await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 50);
}

#[tokio::test]
async fn a_wrong_page_is_refused() {
    let rig = Rig::new().await;
    for query in ["limit=0", "limit=201"] {
        assert_eq!(rig.get(&format!("/users?{query}")).await.is(422).fields(), ["limit"], "{query}");
    }
    for query in ["limit=x", "limit=-1", "after=x", "serach=ada", "limit=1&limit=2"] {
        assert_eq!(rig.get(&format!("/users?{query}")).await.is(422).fields(), ["query"], "{query}");
    }
}
