//! What somebody or something may still do, and how far: permissions that are gone, addresses that nobody proved, tokens that live.

use crate::browser::{Answer, Browser, House};
use axum::http::StatusCode;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;
use doorward_protocol::oauth::params::Params;
use doorward_service::directory::{Grant, NewApplication, NewIdentifier, NewUser, ResourceServerDocument};
use serde_json::json;

const PLAIN: &str = "violet staple under heavy rain";

/// An application that may ask for tokens with a password, and somebody who has one.
async fn with_password(house: &House) -> UserId {
    let policy = json!({ "policy": { "password": { "enabled": true } } });
    house.service.patch_tenant(&house.now(&house.cx), "command", &policy).await.unwrap();
    let new = json!({
        "name": "Old app", "kind": "web", "client_id": "old", "client_secret": "a-secret-that-is-long-enough-for-anything",
        "token_endpoint_auth_method": "client_secret_post", "grant_types": ["refresh_token", "password"],
    });
    let new = NewApplication::from_json(new).unwrap();
    house.service.create_application(&house.now(&house.cx), "test", new).await.unwrap();
    let bob = house.user(&house.cx, "bob@example.org").await;
    house.service.set_user_password(&house.now(&house.cx), "command", bob, PLAIN).await.unwrap();
    bob
}

async fn token(
    house: &House,
    fields: &[(&str, &str)],
) -> Result<doorward_service::oauth::token::Tokens, doorward_service::oauth::token::TokenError> {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    house.service.token(&house.again().await, None, &Params::parse(&text)).await.unwrap()
}

const OLD: [(&str, &str); 2] = [("client_id", "old"), ("client_secret", "a-secret-that-is-long-enough-for-anything")];

async fn by_password(house: &House, password: &str) -> Result<String, &'static str> {
    let more =
        [("grant_type", "password"), ("username", "bob@example.org"), ("password", password), ("scope", "openid offline_access")];
    let got = token(house, &[&OLD[..], &more[..]].concat()).await;
    got.map(|tokens| tokens.refresh_token.expect("a refresh token")).map_err(|error| error.cause)
}

async fn renewed(house: &House, refresh: &str) -> bool {
    token(house, &[&OLD[..], &[("grant_type", "refresh_token"), ("refresh_token", refresh)][..]].concat()).await.is_ok()
}

#[tokio::test]
async fn a_permission_that_is_removed_is_given_to_no_machine_any_more() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let cx = house.now(&house.cx);
    let api = json!({ "audience": "https://x.example", "scopes": [{ "value": "read:x" }, { "value": "del:x" }] });
    let api = house.service.create_resource_server(&cx, "test", ResourceServerDocument::from_json(api).unwrap()).await.unwrap();
    let new = json!({ "name": "Robot", "kind": "machine", "client_id": "robot", "client_secret": "a-secret-that-is-long-enough-for-anything", "token_endpoint_auth_method": "client_secret_post" });
    let robot = house.service.create_application(&cx, "test", NewApplication::from_json(new).unwrap()).await.unwrap().row.id;
    let grant = Grant { resource_server: api.id, scopes: vec!["read:x".into(), "del:x".into()] };
    house.service.put_application_grant(&cx, "test", robot, grant).await.unwrap();
    let ask = async |scope: &'static str| {
        let fields = [("grant_type", "client_credentials"), ("client_id", "robot"), OLD[1], ("scope", scope)];
        token(&house, &fields[..if scope.is_empty() { 3 } else { 4 }]).await.map(|t| t.scope).map_err(|e| e.code.as_str())
    };
    assert_eq!(ask("del:x").await.unwrap(), ["del:x"]);
    let remove = format!("/console/apis/{}/permissions/remove", api.id);
    let mut stale = house.browser_of(&house.cx, admin.user.unwrap(), 3600).await;
    assert_eq!(stale.post(&remove, &[("value", "del:x")]).await.path(), "/signin/again");
    assert_eq!(ask("del:x").await.unwrap(), ["del:x"]);
    assert_eq!(admin.post(&remove, &[("value", "del:x")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(ask("del:x").await, Err("invalid_scope"));
    assert_eq!(ask("").await.unwrap(), ["read:x"]);
    // One of that name which is made later is another one.
    let add = [("form", "permissions"), ("act", "add"), ("value", "del:x")];
    admin.post(&format!("/console/apis/{}/permissions", api.id), &add).await;
    assert_eq!(ask("del:x").await, Err("invalid_scope"));
    let log = house.service.list_audit_events(&house.cx, Some("resource_server.updated"), None, None, 5).await.unwrap().items;
    assert_eq!(log[1].data.0["scopes_removed"], json!(["del:x"]));
    assert_eq!(log[0].data.0["scopes_added"], json!(["del:x"]));
}

#[tokio::test]
async fn nobody_comes_onto_the_team_by_an_address_that_they_only_typed() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let new = NewUser { identifiers: vec![NewIdentifier::email("boss@example.org", false)], ..NewUser::default() };
    let typed = house.service.create_user(&house.now(&house.cx), "test", new).await.unwrap().user.id;
    let add = |role: &'static str| [("form", "add"), ("identifier", "boss@example.org"), ("role", role)];
    let refused = owner.post("/console/team/add", &add("admin")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("nobody has proven this address yet") && refused.body.contains("id=\"identifier-wrong\""));
    assert!(house.service.administrator(&house.cx, typed).await.unwrap().is_none());
    let identifier = house.service.get_user(&house.cx, typed).await.unwrap().identifiers[0].id;
    house.service.change_identifier(&house.now(&house.cx), "command", typed, identifier, Some(true), false).await.unwrap();
    assert_eq!(owner.post("/console/team/add", &add("admin")).await.path(), "/console/team");
    // Who was invited has not proven anything yet, and the list says so.
    let invite = [("form", "add"), ("identifier", "new@example.org"), ("role", "support")];
    assert_eq!(owner.post("/console/team/add", &invite).await.path(), "/console/team");
    let team = owner.get("/console/team").await;
    assert_eq!(team.body.matches("data-unproven").count(), 1);

    // Nobody is made an owner who could not sign in.
    let user = typed.to_string();
    house.service.block_user(&house.now(&house.cx), "command", typed).await.unwrap();
    let refused = owner.post("/console/team/change", &[("user", &user), ("role", "owner")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("cannot sign in"), "{}", refused.body);
    assert_eq!(owner.post("/console/team/change", &[("user", &user), ("role", "support")]).await.path(), "/console/team");
    house.service.unblock_user(&house.now(&house.cx), "command", typed).await.unwrap();
    assert_eq!(owner.post("/console/team/change", &[("user", &user), ("role", "owner")]).await.path(), "/console/team");
}

#[tokio::test]
async fn tokens_without_a_session_are_seen_and_ended() {
    let house = House::new().await;
    let bob = with_password(&house).await;
    let (mut support, mut viewer) = (house.administrator(AdminRole::Support).await, house.administrator(AdminRole::Viewer).await);
    let url = format!("/console/users/{bob}");
    assert!(support.get(&url).await.body.contains("Not signed in anywhere"));
    let (one, two) = (by_password(&house, PLAIN).await.unwrap(), by_password(&house, PLAIN).await.unwrap());
    let page = support.get(&url).await;
    assert!(page.body.contains("<bdi>Old app</bdi>") && !page.body.contains("Not signed in anywhere"));
    assert!(!viewer.get(&url).await.body.contains("name=\"grant\""));
    let grants = house.service.list_user_grants(&house.again().await, bob).await.unwrap();
    let id = grants.iter().find(|grant| two.contains(&grant.id.to_string()) || grants.len() == 2).unwrap().id.to_string();
    assert_eq!(viewer.post(&format!("{url}/grants"), &[("grant", &id)]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(support.post(&format!("{url}/grants"), &[("grant", &id)]).await.path(), url);
    assert_eq!(house.service.list_user_grants(&house.again().await, bob).await.unwrap().len(), 1);
    assert_ne!(renewed(&house, &one).await, renewed(&house, &two).await, "one of them is over");
    // Signed out everywhere is everywhere.
    let three = by_password(&house, PLAIN).await.unwrap();
    assert_eq!(support.post(&format!("{url}/sessions"), &[]).await.path(), url);
    assert!(!renewed(&house, &three).await && !renewed(&house, &one).await && !renewed(&house, &two).await);
    assert!(support.get(&url).await.body.contains("Not signed in anywhere"));
    let gone = support.post(&format!("{url}/grants"), &[("grant", &id)]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_password_that_a_program_brings_counts_as_well() {
    let house = House::new().await;
    let _bob = with_password(&house).await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    assert_eq!(by_password(&house, "not the one").await, Err("wrong_password"));
    let cx = house.again().await;
    let day = cx.now.seconds().div_euclid(86_400);
    let counted = async |name: &str| {
        let all = house.service.daily_counts(&cx, day - 1, day + 1).await.unwrap();
        all.iter().filter(|counter| counter.name == name).map(|counter| counter.count).sum::<i64>()
    };
    assert_eq!(counted("failed.wrong_password").await, 1);
    let page = viewer.get("/console").await;
    assert!(page.body.contains("Wrong password"));
    house
        .service
        .verify_factor(&house.again().await, _bob, "000000", doorward_service::factor::FactorKind::Any)
        .await
        .unwrap_err();
    assert_eq!(counted("failed.wrong_second_factor").await, 1);
    assert!(viewer.get("/console").await.body.contains("Wrong second factor"));
}

#[tokio::test]
async fn the_audit_log_is_searched_by_who_did_it_and_when() {
    let house = House::new().await;
    let (mut admin, mut owner) = (house.administrator(AdminRole::Admin).await, house.administrator(AdminRole::Owner).await);
    admin.post("/console/roles/new", &[("name", "by-admin")]).await;
    owner.post("/console/roles/new", &[("name", "by-owner")]).await;
    let found = |answer: &Answer| (answer.body.contains(">by-admin<"), answer.body.contains(">by-owner<"));
    let look = async |owner: &mut Browser<'_>, query: &str| {
        let page = owner.get(&format!("/console/audit?event=role.created&{query}")).await;
        (page.status, found(&page))
    };
    let ok = StatusCode::OK;
    assert_eq!(look(&mut owner, "").await, (ok, (true, true)));
    assert_eq!(look(&mut owner, "actor=admin%40example.org").await, (ok, (true, false)));
    let id = owner.user.unwrap();
    assert_eq!(look(&mut owner, &format!("actor={id}")).await, (ok, (false, true)));
    assert_eq!(look(&mut owner, "actor=command").await, (ok, (false, false)));
    assert_eq!(look(&mut owner, "actor=nobody%40example.org").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(look(&mut owner, "since=2000-01-01").await, (ok, (true, true)));
    assert_eq!(look(&mut owner, "until=2000-01-01").await, (ok, (false, false)));
    assert_eq!(look(&mut owner, "since=2000-01-01&until=2999-01-01&actor=admin%40example.org").await, (ok, (true, false)));
    assert_eq!(look(&mut owner, "since=2999-01-01").await, (ok, (false, false)));
    assert_eq!(look(&mut owner, "since=yesterday").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // A user name finds a person too.
    let bob = house.user(&house.cx, "bob@example.org").await;
    let name =
        NewIdentifier { value: "bobby".into(), kind: doorward_protocol::identity::IdentifierKind::Username, verified: true };
    house.service.add_identifier(&house.now(&house.cx), "command", bob, &name, false).await.unwrap();
    let page = owner.get("/console/audit?user=bobby").await;
    assert!(page.status == ok && page.body.contains("user.created"), "{}", page.status);
}

#[tokio::test]
async fn the_newest_key_is_shown_however_many_there_are() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    for n in 0..51 {
        let new = doorward_service::directory::NewApiKey {
            name: format!("k{n}"),
            scopes: vec!["users:read".into()],
            ..Default::default()
        };
        house.service.create_api_key(&house.now(&house.cx), "test", None, new).await.unwrap();
    }
    owner.post("/console/api-keys/new", &[("name", "newest"), ("days", "90"), ("scope", "users:read")]).await;
    let page = owner.get("/console/api-keys").await;
    assert!(page.body.contains("id=\"api-key\" readonly"), "the key is not shown");
    let next = page.between("rel=\"next\" href=\"", "\"").unwrap();
    let second = owner.get(&next).await;
    assert!(second.body.contains("href=\"&#x2f;console&#x2f;api-keys\">First page"));
}

#[tokio::test]
async fn second_factors_are_asked_for_by_the_security_page() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let form = crate::kept::form_of(&owner.get("/console/security").await, "action=\"/console/security\"");
    let changed = [
        ("second_factor", "required"),
        ("remember_days", "7"),
        ("second_factor_attempts", "4"),
        ("account_attempts", "60"),
        ("window_minutes", "30"),
    ];
    let saved = crate::kept::send(&mut owner, "/console/security", &form, &changed).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let policy = house.again().await.policy().clone();
    let second = &policy.second_factor;
    assert_eq!(serde_json::to_value(second.requirement).unwrap(), json!("required"));
    assert_eq!((second.remember_days, second.attempts), (7, 4));
    assert_eq!((policy.lockout.account_attempts, policy.lockout.window_seconds), (60, 1800));
    let shown = owner.get("/console/security").await;
    assert!(shown.body.contains("<option value=\"required\" selected>") && shown.status == StatusCode::OK);
}

#[tokio::test]
async fn a_colour_is_taken_away_again() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    assert!(!admin.get("/console/branding").await.body.contains("name=\"no_color\""), "there is nothing to take away");
    let form = [("name", "Acme"), ("color", "#a02040"), ("default_locale", "de")];
    admin.post("/console/branding", &form).await;
    assert!(house.again().await.tenant.row.settings.0.brand.color.is_some());
    assert!(admin.get("/console/branding").await.body.contains("name=\"no_color\""));
    let form = [("name", "Acme"), ("color", "#a02040"), ("no_color", "yes"), ("default_locale", "de")];
    assert_eq!(admin.post("/console/branding", &form).await.path(), "/console/branding");
    assert!(house.again().await.tenant.row.settings.0.brand.color.is_none());
}
