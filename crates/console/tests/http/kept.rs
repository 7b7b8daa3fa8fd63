//! What is not lost and not changed behind somebody's back: forms that come back, forms of two people, units, places in lists.

use crate::browser::{Answer, Browser, House};
use axum::http::StatusCode;
use doorward_protocol::admin::AdminRole;
use serde_json::json;

/// The value of a field of a page.
fn value_of(page: &Answer, name: &str) -> String {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}"));
    let (tag, _) = rest.split_once('>').unwrap();
    let value = tag.split_once("value=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
    value.unwrap_or_default().replace("&#x2f;", "/").replace("&amp;", "&")
}

/// What a browser would send of the first form whose tag has this in it, as the page rendered it.
pub fn form_of(page: &Answer, mark: &str) -> Vec<(String, String)> {
    let (_, rest) = page.body.split_once(mark).unwrap_or_else(|| panic!("no form {mark}"));
    let (form, _) = rest.split_once("</form>").unwrap();
    let plain = |text: &str| {
        text.replace("&#x2f;", "/").replace("&quot;", "\"").replace("&#x27;", "'").replace("&lt;", "<").replace("&amp;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| plain(value))
    };
    let mut fields = Vec::new();
    for tag in form.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        let Some(name) = attribute(tag, "name").filter(|name| name != "csrf") else { continue };
        if tag.starts_with("input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let ticked = !["checkbox", "radio"].contains(&kind.as_str()) || tag.ends_with(" checked");
            fields.extend(ticked.then(|| (name, attribute(tag, "value").unwrap_or_default())));
        } else if tag.starts_with("textarea") {
            fields.push((name, plain(text)));
        } else if tag.starts_with("select") {
            let (_, options) = form.split_once(&format!("name=\"{name}\"")).unwrap();
            let (options, _) = options.split_once("</select>").unwrap();
            let options: Vec<&str> = options.split("<option").skip(1).collect();
            let chosen = options.iter().find(|one| one.split_once('>').unwrap().0.ends_with(" selected")).or(options.first());
            let Some((tag, text)) = chosen.and_then(|one| one.split_once('>')) else { continue };
            fields.push((name, attribute(tag, "value").unwrap_or_else(|| plain(text.split('<').next().unwrap()))));
        }
    }
    fields
}

/// Sends a form as it was rendered, with some fields changed.
pub async fn send(browser: &mut Browser<'_>, path: &str, form: &[(String, String)], changed: &[(&str, &str)]) -> Answer {
    let mut fields: Vec<(&str, &str)> =
        form.iter().map(|(k, v)| (k.as_str(), v.as_str())).filter(|(k, _)| changed.iter().all(|(c, _)| c != k)).collect();
    fields.extend(changed.iter().filter(|(_, value)| !value.is_empty()));
    browser.post(path, &fields).await
}

async fn application(house: &House, more: serde_json::Value) -> doorward_protocol::ids::ApplicationId {
    let mut document = json!({ "name": "Shop", "kind": "web", "redirect_uris": ["https://shop.example/cb"] });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let new = doorward_service::directory::NewApplication::from_json(document).unwrap();
    house.service.create_application(&house.now(&house.cx), "test", new).await.unwrap().row.id
}

const MEANWHILE: &str = "somebody changed this meanwhile";

#[tokio::test]
async fn a_form_that_was_opened_earlier_takes_nothing_back() {
    let house = House::new().await;
    let (mut admin, mut owner) = (house.administrator(AdminRole::Admin).await, house.administrator(AdminRole::Owner).await);
    let security = |page: &Answer| form_of(page, "action=\"/console/security\"");
    let early = security(&admin.get("/console/security").await);
    let other = security(&owner.get("/console/security").await);
    assert_eq!(send(&mut owner, "/console/security", &other, &[("min_length", "16")]).await.status, StatusCode::SEE_OTHER);
    let late = send(&mut admin, "/console/security", &early, &[("min_score", "4")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains(MEANWHILE) && late.body.contains("<option value=\"4\" selected>"));
    let kept = async || house.again().await.policy().password.clone();
    assert_eq!((kept().await.min_length, kept().await.min_score), (16, 2));
    // Looked at again and sent: what the person sees is saved.
    let again = send(&mut admin, "/console/security", &security(&late), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert_eq!(kept().await.min_score, 4);

    let id = application(&house, json!({})).await;
    let url = format!("/console/applications/{id}");
    let settings = |page: &Answer| form_of(page, &format!("action=\"{}\"", url.replace('/', "&#x2f;")));
    let early = settings(&admin.get(&url).await);
    let patch = json!({ "redirect_uris": ["https://new.example/cb"] });
    house.service.patch_application(&house.now(&house.cx), "test", id, &patch).await.unwrap();
    let late = send(&mut admin, &url, &early, &[("name", "Store")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.body.contains(MEANWHILE) && late.body.contains("value=\"Store\""));
    let row = house.service.get_application(&house.cx, id).await.unwrap();
    assert_eq!((row.name.as_str(), row.settings.0.redirect_uris.clone()), ("Shop", vec!["https://new.example/cb".to_owned()]));

    let early = form_of(&admin.get("/console/branding").await, "id=\"branding\"");
    let patch = json!({ "brand": { "support_url": "https://help.example/" } });
    house.service.patch_tenant(&house.now(&house.cx), "test", &patch).await.unwrap();
    let late = send(&mut admin, "/console/branding", &early, &[("name", "Acme Inc")]).await;
    assert!(late.status == StatusCode::UNPROCESSABLE_ENTITY && late.body.contains(MEANWHILE));
    assert!(house.again().await.tenant.row.settings.0.brand.support_url.is_some());
}

#[tokio::test]
async fn an_api_a_role_and_a_domain_are_not_set_back_either() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let api = owner.post("/console/apis/new", &[("name", "Messages"), ("audience", "https://m.example")]).await.path().to_owned();
    let id: doorward_protocol::ids::ResourceServerId = api.rsplit('/').next().unwrap().parse().unwrap();
    let early = owner.get(&api).await;
    let settings = form_of(&early, &format!("action=\"/console/apis/{id}\""));
    let patch = json!({ "require_consent": true, "scopes": [{ "value": "read:x" }, { "value": "write:x" }] });
    house.service.patch_resource_server(&house.now(&house.cx), "test", id, &patch).await.unwrap();
    let late = send(&mut owner, &api, &settings, &[("name", "Mail")]).await;
    assert!(late.status == StatusCode::UNPROCESSABLE_ENTITY && late.body.contains(MEANWHILE) && late.body.contains("\"Mail\""));
    assert!(house.service.get_resource_server(&house.cx, id).await.unwrap().0.settings.0.require_consent);

    let role = owner.post("/console/roles/new", &[("name", "editor")]).await.path().to_owned();
    let role_id: doorward_protocol::ids::RoleId = role.rsplit('/').next().unwrap().parse().unwrap();
    let early = form_of(&owner.get(&role).await, &format!("action=\"/console/roles/{role_id}/permissions\""));
    let held = doorward_service::directory::Permission { resource_server: id, scope: "read:x".into() };
    house.service.put_role_permissions(&house.now(&house.cx), "test", role_id, &[held], false).await.unwrap();
    let write = format!("{id} write:x");
    let late = send(&mut owner, &format!("{role}/permissions"), &early, &[("permission", &write)]).await;
    assert!(late.status == StatusCode::UNPROCESSABLE_ENTITY && late.body.contains(MEANWHILE), "{}", late.status);
    // What was ticked is ticked still, beside what was not.
    assert!(late.body.contains(&format!("value=\"{write}\" checked")) && !late.body.contains("read:x\" checked"));
    let held = house.service.list_role_permissions(&house.cx, role_id).await.unwrap();
    assert_eq!(held.into_iter().map(|p| p.scope).collect::<Vec<_>>(), ["read:x"]);

    let domain = owner.post("/console/domains/new", &[("host", "id.acme.example"), ("accent", "standard")]).await;
    let url = domain.path().to_owned();
    let early = form_of(&owner.get(&url).await, &format!("action=\"{url}\""));
    let patch = json!({ "issuer": "https://other.acme.example" });
    let id = url.rsplit('/').next().unwrap().parse().unwrap();
    house.service.patch_domain(&house.now(&house.cx), "test", id, &patch).await.unwrap();
    let late = send(&mut owner, &url, &early, &[("accent", "auth0")]).await;
    assert!(late.status == StatusCode::UNPROCESSABLE_ENTITY && late.body.contains(MEANWHILE), "{}", late.status);
    // A confirmation that was mistyped leaves the form above it as it is.
    let mistyped = owner.post(&format!("{url}/delete"), &[("confirmation", "id")]).await;
    assert_eq!(mistyped.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(value_of(&mistyped, "host"), "id.acme.example");
}

#[tokio::test]
async fn what_a_form_cannot_write_in_its_units_stays_as_it_is() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let id = application(&house, json!({ "refresh": { "idle_seconds": 43_200 }, "access_token_lifetime_seconds": 90 })).await;
    let url = format!("/console/applications/{id}");
    let form = form_of(&admin.get(&url).await, &format!("action=\"{}\"", url.replace('/', "&#x2f;")));
    let saved = send(&mut admin, &url, &form, &[("name", "Store")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let row = house.service.get_application(&house.cx, id).await.unwrap();
    assert_eq!(
        (row.name.as_str(), row.settings.0.refresh.idle_seconds, row.settings.0.access_token_lifetime_seconds),
        ("Store", 43_200, 90)
    );
    // A number that is typed counts.
    let form = form_of(&admin.get(&url).await, &format!("action=\"{}\"", url.replace('/', "&#x2f;")));
    send(&mut admin, &url, &form, &[("idle_days", "3"), ("access_minutes", "2")]).await;
    let row = house.service.get_application(&house.cx, id).await.unwrap();
    assert_eq!((row.settings.0.refresh.idle_seconds, row.settings.0.access_token_lifetime_seconds), (3 * 86_400, 120));

    let patch = json!({ "policy": { "session": { "idle_seconds": 1800, "fresh_seconds": 630 } } });
    house.service.patch_tenant(&house.now(&house.cx), "test", &patch).await.unwrap();
    let form = form_of(&admin.get("/console/security").await, "action=\"/console/security\"");
    let saved = send(&mut admin, "/console/security", &form, &[("min_length", "12")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let policy = house.again().await.policy().clone();
    assert_eq!((policy.password.min_length, policy.session.idle_seconds, policy.session.fresh_seconds), (12, 1800, 630));
    // What is out of range is told in the unit of the form.
    let form = form_of(&admin.get("/console/security").await, "action=\"/console/security\"");
    let refused = send(&mut admin, "/console/security", &form, &[("absolute_hours", "99999")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("hours") && !refused.body.contains("34560000"), "told in seconds");

    let api = admin.post("/console/apis/new", &[("name", "Messages"), ("audience", "https://m.example")]).await.path().to_owned();
    let id: doorward_protocol::ids::ResourceServerId = api.rsplit('/').next().unwrap().parse().unwrap();
    let patch = json!({ "access_token_lifetime_seconds": 90 });
    house.service.patch_resource_server(&house.now(&house.cx), "test", id, &patch).await.unwrap();
    let form = form_of(&admin.get(&api).await, &format!("action=\"/console/apis/{id}\""));
    send(&mut admin, &api, &form, &[("name", "Mail")]).await;
    let row = house.service.get_resource_server(&house.cx, id).await.unwrap().0;
    assert_eq!((row.name.as_str(), row.settings.0.access_token_lifetime_seconds), ("Mail", Some(90)));
}

#[tokio::test]
async fn a_form_that_came_after_the_proof_says_that_nothing_was_saved() {
    let house = House::new().await;
    let admin = house.administrator(AdminRole::Admin).await;
    let mut stale = house.browser_of(&house.cx, admin.user.unwrap(), 3600).await;
    let from = "/console/security?news=security-saved";
    let answer = stale.post("/console/security", &[("from", from), ("min_length", "16")]).await;
    assert_eq!(answer.path(), "/signin/again");
    let query = answer.location.split_once('?').unwrap().1;
    let (_, back) = form_urlencoded::parse(query.as_bytes()).next().unwrap();
    let shown = stale.get(&back).await;
    assert!(shown.body.contains("Nothing was saved") && !shown.body.contains("dw-alert-good"), "{back}");
    // So does a file, instead of a page that blames the form.
    let csrf = stale.csrf().await;
    let answer = stale.upload("/console/users/import", &[("csrf", &csrf)], Some("[]")).await;
    assert_eq!((answer.status, answer.path()), (StatusCode::SEE_OTHER, "/signin/again"));
    assert!(answer.location.contains("%2Fconsole%2Fusers%2Fimport"), "{}", answer.location);
    let mut stranger = house.stranger();
    let answer = stranger.upload("/console/users/import", &[], Some("[]")).await;
    assert_eq!((answer.status, answer.path()), (StatusCode::SEE_OTHER, "/signin"));
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    assert!(viewer.upload("/console/users/import", &[], Some("[]")).await.is_refusal());
}

#[tokio::test]
async fn every_field_that_is_wrong_has_a_name_that_people_read() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let policy = json!({ "policy": { "password": { "enabled": true } } });
    house.service.patch_tenant(&house.now(&house.cx), "command", &policy).await.unwrap();
    let bob = house.user(&house.cx, "bob@example.org").await;
    let id = application(&house, json!({})).await;
    let (user, app) = (format!("/console/users/{bob}"), format!("/console/applications/{id}"));
    let (sanctions, set, change) =
        (format!("{user}/sanctions"), format!("{user}/password/set"), format!("{user}/password/change"));
    let me = owner.user.unwrap().to_string();
    let mut seen = 0;
    let forms: Vec<(&str, Vec<(&str, &str)>)> = vec![
        ("/console/mail-server", vec![("host", "no host"), ("port", "x"), ("from_address", "nobody"), ("password", "secret")]),
        (&sanctions, vec![("form", "sanction"), ("reason", " "), ("days", "7")]),
        (&set, vec![("form", "password"), ("password", "x")]),
        (&change, vec![("act", "require")]),
        ("/console/security", vec![("verify_email", "never")]),
        ("/console/security", vec![("passkey", "yes"), ("min_length", "x"), ("second_factor", "x")]),
        ("/console/team/change", vec![("user", me.as_str()), ("role", "viewer")]),
        ("/console/team/add", vec![("form", "add"), ("identifier", "x"), ("role", "viewer")]),
        ("/console/domains/new", vec![("host", "x y"), ("issuer", "z"), ("accent", "standard")]),
        ("/console/api-keys/new", vec![("days", "x")]),
        ("/console/api-keys/new", vec![("days", "1"), ("name", "")]),
        ("/console/apis/new", vec![("audience", "a b")]),
        ("/console/roles/new", vec![("name", "")]),
        ("/console/groups/new", vec![("name", "")]),
        ("/console/users/new", vec![("email", "x")]),
        ("/console/applications/new", vec![("name", ""), ("kind", "web"), ("accent", "standard")]),
        (
            "/console/branding",
            vec![("name", ""), ("color", "red"), ("mail_from", "x"), ("logo_url", "x"), ("default_locale", "x")],
        ),
        (&app, vec![("name", ""), ("redirect_uris", "x"), ("access_minutes", "0"), ("id_minutes", "0")]),
    ];
    for (path, fields) in forms {
        let answer = owner.post(path, &fields).await;
        if answer.status != StatusCode::UNPROCESSABLE_ENTITY {
            continue;
        }
        seen += 1;
        let (_, told) = answer.body.split_once("class=\"dc-wrong\"").expect(path);
        let (told, _) = told.split_once("</ul>").unwrap();
        assert!(!told.contains(">field-"), "{path}: {told}");
        for target in told.split("<a href=\"#").skip(1).filter_map(|rest| rest.split_once('"')).map(|(id, _)| id) {
            assert!(answer.body.contains(&format!(" id=\"{target}\"")), "{path}: nothing is called {target}");
        }
    }
    assert!(seen >= 16, "{seen}");
}
