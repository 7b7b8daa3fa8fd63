//! Who may enter: every path there is, tried by direct requests.

use crate::browser::{House, OTHER_HOST};
use axum::http::StatusCode;
use doorward_console::door::Door;
use doorward_protocol::admin::AdminRole;
use doorward_service::directory::{
    ApplicationDocument, GroupDocument, ImportJob, NewApplication, ResourceServerDocument, RoleDocument,
};
use serde_json::json;

/// A path with ids of things that are not there: what is asked here comes before a handler looks for anything.
fn address(door: &Door) -> String {
    let nothing = uuid::Uuid::from_u128(7).to_string();
    door.path.split('/').map(|part| if part.starts_with('{') { nothing.as_str() } else { part }).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_path_asks_for_its_role() {
    let house = House::new().await;
    for role in AdminRole::ALL {
        let mut browser = house.administrator(role).await;
        let csrf = browser.csrf().await;
        for door in doorward_console::list() {
            let answer = match door.method {
                "GET" => browser.get(&address(&door)).await,
                _ => browser.post_with(&address(&door), &[], &csrf, "same-origin").await,
            };
            let told = format!("{} {} as {}: {}", door.method, door.path, role.as_str(), answer.status);
            assert_eq!(answer.is_refusal(), !role.may(door.right), "{told}");
            assert!(!answer.location.starts_with("/signin"), "{told} {}", answer.location);
            assert!(!answer.status.is_server_error(), "{told}");
        }
    }
}

#[tokio::test]
async fn nobody_enters_without_a_place_on_the_team() {
    let house = House::new().await;
    let user = house.user(&house.cx, "bob@example.org").await;
    let mut bob = house.browser_of(&house.cx, user, 0).await;
    // Any page of bob's would carry this token; the console shows him one that signs him out.
    let csrf = bob.csrf().await;
    assert!(!csrf.is_empty());
    let mut stranger = house.stranger();
    for door in doorward_console::list() {
        let path = address(&door);
        let (seen, gone) = match door.method {
            "GET" => (bob.get(&path).await, stranger.get(&path).await),
            _ => (bob.post_with(&path, &[], &csrf, "same-origin").await, stranger.post_with(&path, &[], "", "same-origin").await),
        };
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{} {path}", door.method);
        assert!(seen.body.contains("data-problem=\"no-administrator\""), "{} {path}", door.method);
        // Without a session there is no page of the console that a form could come from.
        match door.method {
            "GET" => assert_eq!((gone.status, gone.path()), (StatusCode::SEE_OTHER, "/signin"), "{path}"),
            _ => assert_eq!(gone.status, StatusCode::FORBIDDEN, "{path}"),
        }
    }
}

#[tokio::test]
async fn forged_forms_are_refused_everywhere() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let mut other = house.browser_of(&house.cx, owner.user.unwrap(), 0).await;
    let (csrf, of_other_session) = (owner.csrf().await, other.csrf().await);
    assert_ne!(csrf, of_other_session);
    for door in doorward_console::list().into_iter().filter(|door| door.method == "POST") {
        for (token, site) in
            [("", "same-origin"), (of_other_session.as_str(), "same-origin"), (&csrf, "cross-site"), (&csrf, "same-site")]
        {
            let answer = owner.post_with(&address(&door), &[], token, site).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{} {token} {site}", door.path);
            assert!(answer.body.contains("data-problem=\"form-expired\""), "{} {token} {site}", door.path);
        }
    }
}

#[tokio::test]
async fn sensitive_acts_ask_for_a_fresh_proof_and_lead_back() {
    let house = House::new().await;
    let owner = house.administrator(AdminRole::Owner).await;
    let mut stale = house.browser_of(&house.cx, owner.user.unwrap(), 3600).await;
    let csrf = stale.csrf().await;
    let mut sensitive = 0;
    for door in doorward_console::list().into_iter().filter(|door| door.method == "POST") {
        let from = "/console/team?x=1";
        let answer = stale.post_with(&address(&door), &[("from", from)], &csrf, "same-origin").await;
        assert_eq!(answer.path() == "/signin/again", door.fresh, "{}", door.path);
        if door.fresh {
            sensitive += 1;
            assert_eq!(
                answer.location, "/signin/again?return_to=%2Fconsole%2Fteam%3Fx%3D1%26news%3Dnothing-saved",
                "{}",
                door.path
            );
        }
    }
    assert!(sensitive >= 15, "{sensitive}");
}

#[tokio::test]
async fn another_tenants_things_are_not_there() {
    let house = House::new().await;
    let (service, other) = (&house.service, house.now(&house.other));
    let application = NewApplication::from_json(json!({ "name": "Rival app", "kind": "web" })).unwrap();
    let application = service.create_application(&other, "test", application).await.unwrap().row;
    let api =
        ResourceServerDocument::from_json(json!({ "audience": "https://rival.example/api", "scopes": [{ "value": "read:x" }] }));
    let api = service.create_resource_server(&other, "test", api.unwrap()).await.unwrap();
    let role = service.create_role(&other, "test", RoleDocument { name: "r".into(), ..RoleDocument::default() }).await.unwrap();
    let user = house.user(&other, "rita@rival.example").await;
    let group = GroupDocument { name: "Rival group".into(), ..GroupDocument::default() };
    let group = service.create_group(&other, "test", group).await.unwrap();
    let domain = service.list_domains(other.tenant_id()).await.unwrap()[0].id;
    let job = service.start_user_import(&other, "test", ImportJob::default()).await.unwrap();
    let key = doorward_service::directory::NewApiKey { name: "k".into(), scopes: vec!["*".into()], ..Default::default() };
    let key = service.create_api_key(&other, "test", None, key).await.unwrap().row;

    let mut owner = house.administrator(AdminRole::Owner).await;
    let csrf = owner.csrf().await;
    let fields = [
        ("confirmation", "Rival app"),
        ("name", "mine now"),
        ("act", "block"),
        ("value", "read:x"),
        ("enabled", "no"),
        ("access_minutes", "5"),
        ("id_minutes", "5"),
        ("idle_days", "5"),
        ("absolute_days", "5"),
    ];
    for door in doorward_console::list() {
        if !door.path.contains('{') {
            continue;
        }
        let path = door
            .path
            .replace("{application}", &application.id.to_string())
            .replace("{api}", &api.id.to_string())
            .replace("{role}", &role.id.to_string())
            .replace("{domain}", &domain.to_string())
            .replace("{group}", &group.id.to_string())
            .replace("{job}", &job.id.to_string())
            .replace("{user}", &user.to_string());
        let answer = match door.method {
            "GET" => owner.get(&path).await,
            _ => owner.post_with(&path, &fields, &csrf, "same-origin").await,
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{} {path}: {}", door.method, answer.location);
        assert!(!answer.body.contains("Rival") && !answer.body.contains("rita"), "{path}");
    }
    for (path, field, id) in [
        ("/console/api-keys/delete", "key", key.id.to_string()),
        ("/console/team/remove", "user", user.to_string()),
        ("/console/team/change", "user", user.to_string()),
    ] {
        let answer = owner.post(path, &[(field, &id), ("role", "owner")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path} {}", answer.location);
    }
    assert!(!owner.get("/console/users?q=rita").await.body.contains("rita@"));
    assert_eq!(ApplicationDocument::of(&service.get_application(&other, application.id).await.unwrap()).name, "Rival app");

    // A session is of one tenant: next door it is none.
    owner.host = OTHER_HOST;
    assert_eq!(owner.get("/console").await.path(), "/signin");
}
