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
