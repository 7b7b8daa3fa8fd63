//! What the sections do.

use crate::browser::{Browser, House};
use axum::http::StatusCode;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::ids::UserId;

async fn create_application(browser: &mut Browser<'_>, kind: &str) -> String {
    let made = browser.post("/console/applications/new", &[("name", "Shop & Co"), ("kind", kind), ("accent", "standard")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    made.path().trim_end_matches("/credentials").to_owned()
}

/// Who did each event of a kind, newest first.
async fn actors(house: &House, event: &str) -> Vec<String> {
    let page = house.service.list_audit_events(&house.cx, Some(event), None, None, 50).await.unwrap();
    page.items.into_iter().map(|event| event.actor).collect()
}

#[tokio::test]
async fn an_application_is_created_set_up_and_deleted() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let url = create_application(&mut admin, "web").await;
    let shown = admin.get(&format!("{url}/credentials")).await;
    let secret = shown.between("id=\"client-secret\" readonly value=\"", "\"").expect("the new secret");
    assert!(secret.len() > 20 && shown.body.contains("Shop &amp; Co"));

    // Wrong addresses: each is named with its reason, and nothing is saved.
    let form = |uris: &'static str, name: &'static str| {
        [
            ("name", name),
            ("accent", "standard"),
            ("signing_alg", "RS256"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("grant_authorization_code", "yes"),
            ("redirect_uris", uris),
            ("access_minutes", "30"),
            ("id_minutes", "60"),
            ("idle_days", "14"),
            ("absolute_days", "90"),
            ("rotate", "yes"),
            ("require_pkce", "yes"),
            ("first_party", "yes"),
        ]
    };
    let refused =
        admin.post(&url, &form("https://ok.example/cb\nhttp://shop.example/cb\nhttps://*.shop.example/", "Shop & Co")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("http:&#x2f;&#x2f;shop.example&#x2f;cb”: http is allowed only for localhost"),
        "{}",
        refused.body
    );
    assert!(refused.body.contains("wildcards are not allowed") && refused.body.contains("aria-invalid=\"true\""));
    assert!(!admin.get(&url).await.body.contains("ok.example"));

    // A grant that the page does not show survives a save.
    let id: doorward_protocol::ids::ApplicationId = url.rsplit('/').next().unwrap().parse().unwrap();
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let grants = serde_json::json!({ "grant_types": ["authorization_code", device] });
    house.service.patch_application(&house.now(&house.cx), "test", id, &grants).await.unwrap();
    let saved = admin.post(&url, &form("https://ok.example/cb", "Shop")).await;
    let kept = house.service.get_application(&house.cx, id).await.unwrap().settings.0.grant_types;
    assert_eq!(kept, [device, "authorization_code"]);
    assert_eq!(saved.location, format!("{url}?news=application-saved"));
    assert!(admin.get(&url).await.body.contains("ok.example"));
    assert_eq!(actors(&house, "application.updated").await[0], format!("user:{}", admin.user.unwrap()));

    let not_yet = admin.post(&format!("{url}/delete"), &[("confirmation", "shop")]).await;
    assert_eq!(not_yet.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.post(&format!("{url}/delete"), &[("confirmation", "Shop")]).await.path(), "/console/applications");
    assert_eq!(admin.get(&url).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_secret_is_seen_by_the_session_that_made_it_and_for_five_minutes() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let url = create_application(&mut admin, "web").await;
    let page = format!("{url}/credentials");
    let first = admin.get(&page).await.between("id=\"client-secret\" readonly value=\"", "\"").unwrap();

    let sees = |body: &str| body.contains("id=\"client-secret\"");
    let mut support = house.administrator(AdminRole::Support).await;
    assert!(!sees(&support.get(&page).await.body) && !support.get(&page).await.body.contains(&first));
    // Even with the cookie of the one who made it, another session sees nothing.
    support.cookies.insert("dw_reveal".into(), admin.cookies["dw_reveal"].clone());
    assert!(!sees(&support.get(&page).await.body));
    // Nor is it shown for another application.
    let kept = admin.cookies["dw_reveal"].clone();
    let second = create_application(&mut admin, "web").await;
    admin.cookies.insert("dw_reveal".into(), kept);
    assert!(sees(&admin.get(&page).await.body) && !sees(&admin.get(&format!("{second}/credentials")).await.body));

    house.service.clock.advance(house.cx.tenant_id(), 301);
    let late = admin.get(&page).await;
    assert!(late.status == StatusCode::OK && !sees(&late.body));
}

#[tokio::test]
async fn rotation_makes_a_second_secret_and_ends_the_first_when_asked() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let url = create_application(&mut admin, "web").await;
    let first = admin.get(&format!("{url}/credentials")).await.between("id=\"client-secret\" readonly value=\"", "\"").unwrap();
    assert_eq!(admin.post(&format!("{url}/credentials/rotate"), &[("grace", "0")]).await.path(), format!("{url}/credentials"));
    let shown = admin.get(&format!("{url}/credentials")).await;
    let second = shown.between("id=\"client-secret\" readonly value=\"", "\"").unwrap();
    assert_ne!(first, second);
    let hint = |secret: &str| secret[secret.len() - 4..].to_owned();
    assert!(shown.body.contains(&hint(&second)) && !shown.body.contains(&format!("<code>…{}</code>", hint(&first))));
}

#[tokio::test]
async fn public_applications_have_no_secret() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    for kind in ["spa", "native"] {
        let url = create_application(&mut admin, kind).await;
        let page = admin.get(&format!("{url}/credentials")).await;
        assert!(!page.body.contains("client-secret") && page.body.contains("cannot keep a secret"), "{kind}");
    }
}

#[tokio::test]
async fn a_permission_reaches_a_person_through_a_role() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let api = admin.post("/console/apis/new", &[("name", "Messages"), ("audience", "https://messages.example")]).await;
    let api = api.path().to_owned();
    let add = |value: &'static str| [("form", "permissions"), ("act", "add"), ("value", value), ("description", "Read all")];
    assert_eq!(admin.post(&format!("{api}/permissions"), &add("read:admin-messages")).await.path(), api);
    let twice = admin.post(&format!("{api}/permissions"), &add("read:admin-messages")).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.body.contains("is in the list already"));

    let role = admin.post("/console/roles/new", &[("name", "messages-admin")]).await.path().to_owned();
    let id = api.rsplit('/').next().unwrap();
    let permission = format!("{id} read:admin-messages");
    assert_eq!(admin.post(&format!("{role}/permissions"), &[("permission", &permission)]).await.path(), role);
    let bob = house.user(&house.cx, "bob@example.org").await;
    let nobody = admin.post(&format!("{role}/members"), &[("form", "members"), ("identifier", "nobody@example.org")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("belongs to nobody here") && nobody.body.contains("value=\"nobody@example.org\""));
    assert!(nobody.body.contains("value=\"messages-admin\""), "the other form keeps what it had");
    assert_eq!(
        admin.post(&format!("{role}/members"), &[("form", "members"), ("identifier", "BOB@example.org")]).await.path(),
        role
    );
    let held = house.service.store.permissions(house.cx.tenant_id(), bob, id.parse().unwrap()).await.unwrap();
    assert_eq!(held, ["read:admin-messages"]);
    let user = admin.get(&format!("/console/users/{bob}")).await;
    assert!(user.body.contains("messages-admin"));

    admin.post(&format!("{api}/permissions/remove"), &[("value", "read:admin-messages")]).await;
    assert!(house.service.store.permissions(house.cx.tenant_id(), bob, id.parse().unwrap()).await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_changes_the_account_of_somebody_more_trusted() {
    let house = House::new().await;
    let owner = house.administrator(AdminRole::Owner).await.user.unwrap();
    let (mut admin, mut support) = (house.administrator(AdminRole::Admin).await, house.administrator(AdminRole::Support).await);
    let bob = house.user(&house.cx, "bob@example.org").await;
    let acts: Vec<String> = doorward_console::list()
        .into_iter()
        .filter(|door| {
            door.method == "POST"
                && door.path.starts_with("/console/users/{user}/")
                && !door.path.ends_with("/roles")
                && !door.path.ends_with("/groups")
        })
        .map(|door| door.path.to_owned())
        .collect();
    assert!(acts.len() >= 10);
    for act in acts {
        let path = act.replace("{user}", &owner.to_string());
        let answer =
            admin.post(&path, &[("act", "block"), ("email", "mallory@example.org"), ("confirmation", "owner@example.org")]).await;
        assert!(
            answer.status == StatusCode::FORBIDDEN && answer.body.contains("data-problem=\"trust\""),
            "{path} {}",
            answer.status
        );
    }
    let noted =
        house.service.list_audit_events(&house.cx, Some("administrator.change_refused"), Some(owner), None, 50).await.unwrap();
    assert!(noted.items.len() >= 10 && noted.items.iter().all(|event| event.actor == format!("user:{}", admin.user.unwrap())));
    let of = |user: UserId, act: &str| format!("/console/users/{user}/{act}");
    assert_eq!(support.post(&of(admin.user.unwrap(), "status"), &[("act", "block")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(support.post(&of(bob, "status"), &[("act", "block")]).await.path(), format!("/console/users/{bob}"));
    assert_eq!(house.service.get_user(&house.cx, bob).await.unwrap().user.status, "blocked");
    assert_eq!(house.service.get_user(&house.cx, owner).await.unwrap().user.status, "active");
    // Where mail goes decides who gets in: support may note that an address was proven, and no more.
    let identifier = house.service.get_user(&house.cx, bob).await.unwrap().identifiers[0].id.to_string();
    let verify = of(bob, "identifiers/verify");
    assert_eq!(support.post(&verify, &[("identifier", &identifier), ("act", "primary")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(support.post(&verify, &[("identifier", &identifier), ("act", "verify")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_tenant_keeps_an_owner() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let id = owner.user.unwrap().to_string();
    for (path, role) in [("/console/team/change", "viewer"), ("/console/team/remove", "")] {
        let answer = owner.post(path, &[("user", &id), ("role", role)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.body.contains("must keep an owner"), "{path}");
    }
    let cx = house.now(&house.cx);
    assert!(house.service.block_user(&cx, "test", owner.user.unwrap()).await.is_err());
    assert!(house.service.delete_user(&cx, "test", owner.user.unwrap()).await.is_err());
    // With a second one it works.
    house.user(&house.cx, "eve@example.org").await;
    let added = owner.post("/console/team/add", &[("form", "add"), ("identifier", "eve@example.org"), ("role", "owner")]).await;
    assert_eq!(added.path(), "/console/team");
    assert_eq!(owner.post("/console/team/remove", &[("user", &id)]).await.path(), "/console/team");
    assert_eq!(owner.get("/console").await.status, StatusCode::FORBIDDEN);
    assert_eq!(actors(&house, "administrator.removed").await, [format!("user:{id}")]);
}

#[tokio::test]
async fn an_api_key_works_for_this_tenant_and_is_shown_once() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let none = owner.post("/console/api-keys/new", &[("name", "ci"), ("days", "90")]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    owner
        .post("/console/api-keys/new", &[("name", "ci"), ("days", "90"), ("scope", "users:read"), ("scope", "roles:read")])
        .await;
    let shown = owner.get("/console/api-keys").await;
    let key = shown.between("id=\"api-key\" readonly value=\"", "\"").expect("the key");
    let row = house.service.authenticate_api_key(&key).await.unwrap().expect("it works");
    assert_eq!(
        (row.tenant_id, row.scopes.0),
        (Some(house.cx.tenant_id()), vec!["users:read".to_owned(), "roles:read".to_owned()])
    );
    let mut admin = house.administrator(AdminRole::Admin).await;
    assert!(!admin.get("/console/api-keys").await.body.contains(&key));
    owner.post("/console/api-keys/delete", &[("key", &row.id.to_string())]).await;
    assert!(house.service.authenticate_api_key(&key).await.unwrap().is_none());
}

#[tokio::test]
async fn an_invited_person_gets_a_link_that_the_console_never_shows() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let made = admin.post("/console/users/new", &[("email", "new@example.org"), ("name", "New"), ("invite", "yes")]).await;
    let shown = admin.get(&made.location).await;
    assert!(!shown.body.contains("/signin/link") && !shown.body.contains("&#x2f;signin&#x2f;link"));
    let mails = house.service.store.mailbox(house.cx.tenant_id(), Some("new@example.org"), 5).await.unwrap();
    assert!(mails.len() == 1 && mails[0].body_text.contains("/signin/link?c="), "{mails:?}");
    let again = admin.post("/console/users/new", &[("email", "NEW@example.org")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("a user with this e-mail address exists"));
}

#[tokio::test]
async fn the_last_way_to_sign_in_stays_on() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let numbers = [
        ("min_length", "10"),
        ("min_score", "2"),
        ("idle_hours", "72"),
        ("absolute_hours", "720"),
        ("fresh_minutes", "10"),
        ("attempts", "5"),
        ("wait_minutes", "15"),
        ("verify_email", "before"),
        ("user_verification", "required"),
    ];
    let off = admin.post("/console/security", &numbers).await;
    assert_eq!(off.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(off.body.contains("nobody could sign in"));
    let mut on = numbers.to_vec();
    on.extend([("passkey", "yes"), ("password", "yes"), ("sign_up", "yes")]);
    assert_eq!(admin.post("/console/security", &on).await.location, "/console/security?news=security-saved");
    let row = house.service.store.tenant(house.cx.tenant_id()).await.unwrap().unwrap();
    let policy = &row.settings.0.policy;
    assert!(policy.password.enabled && policy.passkey.enabled && !policy.code.enabled && !policy.sign_up.name_required);
}

#[tokio::test]
async fn branding_is_saved_and_wrong_addresses_are_named() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let bad = [("name", "Acme"), ("color", "#A02040"), ("logo_url", "http://example.org/logo.png"), ("default_locale", "de")];
    let refused = admin.post("/console/branding", &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("id=\"logo_url-wrong\""));
    let good = [("name", "Acme Inc"), ("color", "#A02040"), ("default_locale", "de")];
    assert_eq!(admin.post("/console/branding", &good).await.path(), "/console/branding");
    let row = house.service.store.tenant(house.cx.tenant_id()).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.settings.0.brand.color.as_deref()), ("Acme Inc", Some("#a02040")));
}

#[tokio::test]
async fn the_chain_is_checked_and_a_wrong_search_explained() {
    let house = House::new().await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    let checked = viewer.post("/console/audit/verify", &[]).await;
    assert!(checked.body.contains("data-sound=\"yes\""), "{}", checked.body);
    assert!(viewer.get("/console/audit?event=administrator.set").await.body.contains("administrator.set"));
    let wrong = viewer.get("/console/audit?user=nobody%40example.org").await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("no user’s id")
            || wrong.body.contains("is no user")
    );
}

#[tokio::test]
async fn the_overview_shows_what_was_counted() {
    let house = House::new().await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    assert!(viewer.get("/console").await.body.contains("Nothing yet"));
    let cx = house.now(&house.cx);
    let day = cx.now.seconds().div_euclid(86_400);
    let add = |name, count| doorward_store::directory::add_rollup(cx.tenant_id(), day, name, count);
    let batch = doorward_store::engine::Batch::new()
        .with(add("sign_in.passkey", 30))
        .with(add("sign_in.password", 10))
        .with(add("failed.wrong_password", 3))
        .with(add("passkey.offered", 4))
        .with(add("passkey.started", 3))
        .with(add("passkey.used", 2))
        .with(add("passkey.created", 3))
        .with(add("passkey.declined", 1));
    house.service.store.commit(batch).await.unwrap();
    let body = viewer.get("/console").await.body;
    // What a viewer cannot do is not proposed.
    assert!(
        body.contains("Make a passkey for yourself") && !body.contains("Choose your colour") && !body.contains("Add somebody")
    );
    for told in [
        "Wrong password",
        "75%",
        "75% of the answers were yes: 3 made, 1 declined for now.",
        "Used for the first time",
        "width=\"360\"",
        "<td>30</td><td>10</td>",
    ] {
        assert!(body.contains(told), "{told}");
    }
    // Days of the counters are days in UTC: no script may turn them into the evening before.
    let dates = body.split("<table class=\"dw-table\"").nth(1).and_then(|rest| rest.split_once("</table>")).unwrap().0;
    assert!(dates.contains("<th scope=\"row\">") && !dates.contains("data-form"), "{dates}");
    assert!(!body.split("class=\"dc-span\"").nth(1).unwrap().split_once("</p>").unwrap().0.contains("data-form"));
    assert!(body.contains("days in UTC"));
}

#[tokio::test]
async fn quick_starts_show_code_as_text() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    for (kind, told) in [("web", "&lt;a href="), ("spa", "&lt;script type=")] {
        let url = create_application(&mut admin, kind).await;
        let page = admin.get(&format!("{url}/quickstart")).await;
        assert!(page.body.contains(told) && page.body.contains("http:&#x2f;&#x2f;acme.localhost"), "{kind}");
        assert!(!page.body.contains("src=\"app.js\"") && !page.body.contains("&amp;#x2f;"), "{kind}");
        // The addresses of the quick start are not registered yet; one click does it.
        assert!(page.body.contains("id=\"add-addresses\""), "{kind}");
        let word = if kind == "web" { "flask" } else { "javascript" };
        admin.post(&format!("{url}/quickstart"), &[("for", word)]).await;
        assert!(!admin.get(&format!("{url}/quickstart")).await.body.contains("id=\"add-addresses\""), "{kind}");
    }
}

/// A page of code is not escaped twice, has every id in it, and names no file outside of its folder.
#[tokio::test]
async fn every_quick_start_has_the_ids_of_its_application() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let url = create_application(&mut admin, "web").await;
    let client_id = admin.get(&format!("{url}/credentials")).await.between("id=\"client-id\" readonly value=\"", "\"").unwrap();
    for word in ["flask", "django", "fastapi", "express", "nextjs"] {
        let page = admin.get(&format!("{url}/quickstart?for={word}")).await;
        assert!(page.body.contains(&client_id), "{word}");
        assert!(page.body.contains("http:&#x2f;&#x2f;acme.localhost"), "{word}");
        assert!(!page.body.contains("&amp;#x2f;") && !page.body.contains("&amp;quot;"), "{word}");
        for name in page.body.split("data-file=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name) {
            assert!(!name.starts_with(['.', '/', '&']) && !name.contains(".."), "{word} {name}");
        }
    }
}

#[tokio::test]
async fn a_domain_is_added_checked_changed_and_removed() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    assert!(admin.post("/console/domains/new", &[("host", "id.acme.example"), ("accent", "standard")]).await.is_refusal());
    for (host, issuer, told) in [
        ("https://id.example", "", "must be a host name"),
        ("id.acme.example", "https://id.acme.example/path", "must not contain a path"),
        ("id.acme.example", "https://id.acme.example?x", "must not contain a query"),
        ("rival.localhost", "", "this host is taken"),
    ] {
        let answer = owner.post("/console/domains/new", &[("host", host), ("issuer", issuer), ("accent", "standard")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{host}");
        assert!(answer.body.contains(told) && answer.body.contains("id=\"error\""), "{host} {issuer}");
    }
    // The issuer follows from the host and the accent when none is typed.
    let made = owner.post("/console/domains/new", &[("host", "Login.acme.example"), ("accent", "auth0")]).await;
    let url = made.path().to_owned();
    let page = owner.get(&url).await;
    assert_eq!(page.between("id=\"issuer-copy\" readonly value=\"", "\"").unwrap(), "https://login.acme.example/");
    assert!(!page.body.contains("data-good=\"no\""));
    let form =
        [("host", "login.acme.example"), ("issuer", "https://other.acme.example"), ("accent", "standard"), ("is_primary", "yes")];
    assert_eq!(owner.post(&url, &form).await.path(), url);
    let page = admin.get(&url).await;
    assert!(page.body.contains("data-check=\"found\" data-good=\"no\"") && page.body.contains("with login.acme.example"));
    assert!(admin.get("/console/domains").await.body.contains("Needs a look"));
    let kept = house.service.list_domains(house.cx.tenant_id()).await.unwrap();
    assert_eq!((kept.len(), kept[0].host.as_str(), kept[0].is_primary), (2, "login.acme.example", true));
    // The ground one stands on cannot be taken away.
    let here = kept.iter().find(|d| d.host == "acme.localhost").unwrap();
    let here_url = format!("/console/domains/{}", here.id);
    let answer = owner.post(&here_url, &[("host", "new.acme.example"), ("issuer", &here.issuer), ("accent", "standard")]).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("at which you are here"));
    let answer = owner.post(&format!("{here_url}/delete"), &[("confirmation", "acme.localhost")]).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("remove it from another one"));
    let answer = owner.post(&format!("{url}/delete"), &[("confirmation", "login")]).await;
    assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("nothing was removed"));
    assert_eq!(owner.post(&format!("{url}/delete"), &[("confirmation", "login.acme.example")]).await.path(), "/console/domains");
    let answer = owner.post(&format!("{here_url}/delete"), &[("confirmation", "acme.localhost")]).await;
    assert!(answer.body.contains("is the only one"));
    assert_eq!(actors(&house, "domain.deleted").await, [format!("user:{}", owner.user.unwrap())]);
}

#[tokio::test]
async fn every_page_is_previewed_with_the_look_of_the_form() {
    let house = House::new().await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    let branding = viewer.get("/console/branding").await;
    assert!(branding.headers["content-security-policy"].to_str().unwrap().ends_with("; frame-src 'self'"));
    let all = branding.between("id=\"preview-page\"", "</select>").unwrap();
    let states: Vec<&str> =
        all.split("<option value=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(name, _)| name).collect();
    assert!(states.len() > 60 && states.iter().all(|name| !name.starts_with("demo") && !name.starts_with("mail")), "{states:?}");
    assert!(states.contains(&"device-code"), "{states:?}");
    for state in &states {
        let url =
            format!("/console/branding/preview?page={state}&theme=dark&language=de&color=%23a02040&name=Draft+%3Cb%3E&logo_url=");
        let page = viewer.get(&url).await;
        assert_eq!(page.status, StatusCode::OK, "{state}");
        assert!(page.body.contains("lang=\"de\"") && page.body.contains("data-theme=\"dark\""), "{state}");
        assert!(page.body.contains("theme&#x2f;a02040.css") || page.body.contains("theme/a02040.css"), "{state}");
        assert!(page.body.contains("Draft &lt;b&gt;") && !page.body.contains("Draft <b>"), "{state}");
        assert!(!page.body.contains("<script type=\"module\""), "{state}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'") && !policy.contains("script-src")
        );
        assert_eq!(page.headers["x-frame-options"], "SAMEORIGIN");
    }
    let odd = viewer
        .get(&format!("/console/branding/preview?page={}&color=red%3B%7D&logo_url=http%3A%2F%2Fevil.example", states[0]))
        .await;
    assert!(!odd.body.contains("evil.example") && !odd.body.contains("red;}"));
    assert_eq!(viewer.get("/console/branding/preview?page=demo-home").await.status, StatusCode::NOT_FOUND);
    assert!(!viewer.get("/console/users").await.headers.contains_key("content-security-policy"), "no other page has frames");
}

#[tokio::test]
async fn a_tenant_has_its_own_words_for_a_mail_in_a_language() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    let list = viewer.get("/console/emails").await;
    let kinds: Vec<String> = list
        .body
        .split("href=\"/console/emails/")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(kind, _)| kind.to_owned())
        .collect();
    assert!(kinds.len() >= 18, "{kinds:?}");
    for kind in &kinds {
        for language in ["en", "de", "fr", "es", "ja"] {
            let page = viewer.get(&format!("/console/emails/{kind}?language={language}")).await;
            assert_eq!(page.status, StatusCode::OK, "{kind} {language}");
            assert!(!page.body.contains("email-{kind}"), "{kind}");
            let mail = viewer.get(&format!("/console/emails/{kind}/preview?language={language}")).await;
            assert!(mail.body.contains(&format!("<html lang=\"{language}\"")), "{kind} {language}");
            assert!(mail.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
        }
    }
    // Doorward's own words are words that can be saved, in every language.
    for kind in &kinds {
        let cx = house.now(&house.cx);
        let letter = house.service.sample_letter(&cx, kind).unwrap();
        for locale in doorward_service::i18n::Locale::ALL {
            let same = letter.render_with(&cx, locale, &letter.default_words(&cx, locale)).expect(kind);
            assert_eq!(same.html, letter.render(&cx, locale.tag()).unwrap().html, "{kind} {locale:?}");
        }
    }
    let url = "/console/emails/sign-in";
    let own = [
        ("language", "de"),
        ("subject", "{{ code }} für {{ tenant }}"),
        ("body", "Guten Tag,\r\n\r\nder Code <b>gilt</b> {{ minutes }} Minuten."),
    ];
    assert!(viewer.post(url, &own).await.is_refusal());
    for bad in ["{% for x in y %}{% endfor %}", "{{ code.__class__ }}", "{{ left }}", "{{ code", ""] {
        let answer = admin.post(url, &[("language", "de"), ("subject", "x"), ("body", bad)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(answer.body.contains("id=\"body-wrong\""), "{bad}");
    }
    assert_eq!(admin.post(url, &own).await.location, "/console/emails/sign-in?language=de&news=email-saved");
    let mail = viewer.get("/console/emails/sign-in/preview?language=de").await;
    assert!(
        mail.body.contains(">Guten Tag,</p>") && mail.body.contains("Code &lt;b&gt;gilt&lt;&#x2f;b&gt; 10 Minuten."),
        "{}",
        mail.body
    );
    assert!(!viewer.get("/console/emails/sign-in/preview?language=en").await.body.contains("Guten Tag"));
    assert!(viewer.get("/console/emails").await.body.contains("Deutsch"));
    // A test goes to oneself, and says what everybody will read.
    admin.post("/console/emails/sign-in/test", &[("language", "de"), ("to", "victim@example.org")]).await;
    let mails = house.service.store.mailbox(house.cx.tenant_id(), None, 5).await.unwrap();
    assert_eq!(
        (mails.len(), mails[0].recipient.as_str(), mails[0].subject.as_str()),
        (1, "admin@example.org", "123456 für acme")
    );
    assert!(mails[0].body_text.contains("Guten Tag,\n\nder Code <b>gilt</b> 10 Minuten."), "{}", mails[0].body_text);
    // The tenant next door keeps Doorward's words.
    let other = house.service.admin_cx(house.other.tenant_id(), Default::default()).await.unwrap().unwrap();
    let letter = house.service.sample_letter(&other, "sign-in").unwrap();
    assert!(!letter.render(&other, "de").unwrap().text.contains("Guten Tag"));
    assert_eq!(admin.post("/console/emails/sign-in/reset", &[("language", "de")]).await.path(), url);
    assert!(!viewer.get("/console/emails/sign-in/preview?language=de").await.body.contains("Guten Tag"));
    let who = format!("user:{}", admin.user.unwrap());
    for event in ["mail_template.changed", "mail_template.reset", "mail_template.tried"] {
        assert_eq!(actors(&house, event).await, std::slice::from_ref(&who), "{event}");
    }
}

#[tokio::test]
async fn the_team_takes_in_somebody_without_an_account() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let added = owner.post("/console/team/add", &[("form", "add"), ("identifier", "new@example.org"), ("role", "support")]).await;
    assert_eq!(added.path(), "/console/team", "{}", added.body);
    let team = house.service.list_administrators(&house.cx).await.unwrap();
    assert_eq!(team.iter().map(|one| one.role.as_str()).collect::<Vec<_>>(), ["owner", "support"]);
    let mails = house.service.store.mailbox(house.cx.tenant_id(), Some("new@example.org"), 5).await.unwrap();
    assert!(mails.len() == 1 && mails[0].body_text.contains("/signin/link?c="));
    // A form that says "add" changes nobody's role: an owner who types an address that is there stays an owner.
    let again = [("form", "add"), ("identifier", "OWNER@example.org"), ("role", "viewer")];
    let again = owner.post("/console/team/add", &again).await;
    assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.body.contains("on the team already"), "{}", again.body);
    let team = house.service.list_administrators(&house.cx).await.unwrap();
    assert_eq!(team.iter().map(|one| one.role.as_str()).collect::<Vec<_>>(), ["owner", "support"]);
    let log = owner.get("/console/audit").await.body;
    assert!(log.contains("Administrator’s role set") && log.contains("<code>administrator.set</code>"));
    assert!(!owner.get("/console/audit?user=nobody@example.org").await.body.contains("administrator.set</code>"));
    let wrong = owner.post("/console/team/add", &[("form", "add"), ("identifier", "no address"), ("role", "support")]).await;
    assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.body.contains("id=\"identifier-wrong\""));
}
