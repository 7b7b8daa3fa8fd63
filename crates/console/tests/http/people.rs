//! Users and groups: found, kept, brought in and taken out.

use crate::browser::{Answer, Browser, House};
use axum::http::StatusCode;
use doorward_protocol::admin::AdminRole;
use doorward_service::directory::{ImportJob, ImportOptions, ImportOutcome, ImportUser};
use serde_json::json;
use tokio::sync::watch;

fn link(answer: &Answer, rel: &str) -> Option<String> {
    answer.between(&format!("rel=\"{rel}\" href=\""), "\"").map(|found| found.replace("&amp;", "&"))
}

/// Which of the people of a test are on a page.
fn shown(answer: &Answer) -> Vec<String> {
    let rows = answer.body.split("class=\"dc-row-link\"").skip(1);
    rows.filter_map(|row| row.split_once("<bdi>")?.1.split_once("</bdi>")).map(|(name, _)| name.to_owned()).collect()
}

fn shown_identifier(page: &Answer) -> String {
    page.between("<p class=\"dw-row-meta\"><bdi>", "</bdi>").unwrap()
}

#[tokio::test]
async fn the_list_of_users_keeps_its_place() {
    let house = House::new().await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    for n in 0..60 {
        house.user(&house.cx, &format!("ann{n:02}@example.org")).await;
    }
    let first = viewer.get("/console/users?q=Ann&order=oldest").await;
    assert_eq!((shown(&first).first().unwrap().as_str(), shown(&first).last().unwrap().as_str()), ("ann00", "ann24"));
    assert!(first.body.contains("60 users") && link(&first, "prev").is_none());
    let second = viewer.get(&link(&first, "next").unwrap()).await;
    assert_eq!((shown(&second).first().unwrap().as_str(), shown(&second).last().unwrap().as_str()), ("ann25", "ann49"));
    let third = viewer.get(&link(&second, "next").unwrap()).await;
    assert_eq!(shown(&third).len(), 10);
    assert!(link(&third, "next").is_none());
    // And back again, page by page, to where it began.
    let back = viewer.get(&link(&third, "prev").unwrap()).await;
    assert_eq!(shown(&back), shown(&second));
    let back = viewer.get(&link(&back, "prev").unwrap()).await;
    assert_eq!(shown(&back), shown(&first));
    assert!(link(&back, "prev").is_none());
    // The newest come first unless asked otherwise.
    let newest = viewer.get("/console/users?q=Ann").await;
    assert_eq!((shown(&newest).first().unwrap().as_str(), shown(&newest).last().unwrap().as_str()), ("ann59", "ann35"));
    // A person leads back to the very place that they were picked from.
    let place = link(&first, "next").unwrap();
    let person = viewer.get(&place).await.between("class=\"dc-row-link\" href=\"", "\"").unwrap();
    let back = viewer.get(&person).await.between("class=\"dc-back\" href=\"", "\"").unwrap().replace("&amp;", "&");
    let mut same: Vec<String> =
        form_urlencoded::parse(back.split_once('?').unwrap().1.as_bytes()).map(|p| format!("{p:?}")).collect();
    let mut asked: Vec<String> =
        form_urlencoded::parse(place.split_once('?').unwrap().1.as_bytes()).map(|p| format!("{p:?}")).collect();
    same.sort();
    asked.sort();
    assert_eq!(same, asked);
    // Only places of the list can be put there.
    let (page, _) = person.split_once('?').unwrap();
    let forged = viewer.get(&format!("{page}?list=https%3A%2F%2Fevil.example%2F")).await;
    assert_eq!(forged.between("class=\"dc-back\" href=\"", "\"").unwrap(), "/console/users");
    // So they do after something was done to them, and where that was to delete them.
    let mut admin = house.administrator(AdminRole::Admin).await;
    let here = format!("{page}?{}", person.split_once('?').unwrap().1.replace("&amp;", "&"));
    let done = admin.post(&format!("{page}/profile"), &[("from", &here), ("form", "profile"), ("name", "Renamed")]).await;
    assert_eq!(done.path(), page);
    let after = admin.get(&done.location).await;
    assert_eq!(after.between("class=\"dc-back\" href=\"", "\"").unwrap().replace("&amp;", "&"), back);
    assert!(after.body.contains("dw-alert-good"), "the news are told");
    let wrong = admin.post(&format!("{page}/delete"), &[("from", &here), ("confirmation", "x")]).await;
    assert_eq!(wrong.between("class=\"dc-back\" href=\"", "\"").unwrap().replace("&amp;", "&"), back);
    let email = shown_identifier(&after);
    let gone = admin.post(&format!("{page}/delete"), &[("from", &here), ("confirmation", &email)]).await;
    assert!(gone.location.starts_with("/console/users?") && gone.location.contains("order=oldest"), "{}", gone.location);
    assert!(viewer.get("/console/users?q=zoe").await.body.contains("Nobody found"));
}

#[tokio::test]
async fn filters_narrow_the_list_and_stand_in_the_address() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let cx = house.now(&house.cx);
    let (bob, _eve) = (house.user(&house.cx, "bob@example.org").await, house.user(&house.cx, "eve@example.net").await);
    house.service.block_user(&cx, "test", bob).await.unwrap();
    let new = doorward_service::directory::NewUser {
        identifiers: vec![doorward_service::directory::NewIdentifier::email("una@example.org", false)],
        document: doorward_service::directory::UserDocument { name: Some("Una Proven-Not".into()), ..Default::default() },
        ..Default::default()
    };
    house.service.create_user(&cx, "test", new).await.unwrap();
    let group = admin.post("/console/groups/new", &[("name", "Staff")]).await.path().to_owned();
    admin.post(&format!("{group}/members"), &[("form", "members"), ("identifier", "eve@example.net")]).await;
    let group = group.rsplit('/').next().unwrap().to_owned();
    for (query, expected) in [
        ("status=blocked", vec!["bob"]),
        ("status=active&q=e", vec!["eve"]),
        ("email=unproven", vec!["Una Proven-Not"]),
        ("q=prov", vec![]),
        ("q=una+proven", vec![]),
        ("q=una", vec!["Una Proven-Not"]),
        ("passkey=with", vec![]),
        ("passkey=without&q=bob", vec!["bob"]),
        (&format!("group={group}"), vec!["eve"]),
        ("created_from=2000-01-01&q=eve", vec!["eve"]),
        ("created_to=2000-01-01", vec![]),
        ("q=email_domain%3Aexample.net", vec!["eve"]),
    ] {
        let page = admin.get(&format!("/console/users?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(shown(&page), expected, "{query}");
    }
    let page = admin.get("/console/users?status=blocked&q=b").await;
    assert!(page.body.contains("<option value=\"blocked\" selected>") && page.body.contains("value=\"b\""));
    // What cannot be read finds nobody, says why, and keeps what was typed.
    for wrong in ["q=nosuchfield%3Ax", "q=email%3A", "created_from=yesterday"] {
        let page = admin.get(&format!("/console/users?{wrong}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(page.body.contains("id=\"error\"") && shown(&page).is_empty(), "{wrong}");
    }
}

#[tokio::test]
async fn a_group_gives_its_roles_to_its_members() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    assert!(admin.get("/console/groups").await.body.contains("Create a group"));
    let group = admin.post("/console/groups/new", &[("name", "Staff"), ("description", "All of us")]).await.path().to_owned();
    let twice = admin.post("/console/groups/new", &[("name", "Staff")]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let role = admin.post("/console/roles/new", &[("name", "editor")]).await.path().to_owned();
    let role_id = role.rsplit('/').next().unwrap().to_owned();
    let bob = house.user(&house.cx, "bob@example.org").await;
    let url = format!("{group}/members");
    let nobody = admin.post(&url, &[("form", "members"), ("identifier", "nobody@example.org")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nobody.body.contains("belongs to nobody here"));
    assert_eq!(admin.post(&url, &[("form", "members"), ("identifier", "bob@example.org")]).await.path(), group);
    assert_eq!(admin.post(&format!("{group}/roles"), &[("act", "give"), ("role", &role_id)]).await.path(), group);
    let has = async || {
        let roles = house.service.store.effective_roles(house.cx.tenant_id(), bob).await.unwrap();
        roles.into_iter().map(|r| r.name).collect::<Vec<_>>()
    };
    assert_eq!(has().await, ["editor"]);
    let page = viewer.get(&format!("/console/users/{bob}")).await;
    assert!(page.body.contains("editor (by group)") && page.body.contains(">Staff<"));
    assert!(!page.body.contains("id=\"join-group\""), "a viewer is offered nothing");
    // Out by the person's page, in again by it.
    let group_id = group.rsplit('/').next().unwrap().to_owned();
    let person = format!("/console/users/{bob}/groups");
    admin.post(&person, &[("act", "remove"), ("group", &group_id)]).await;
    assert!(has().await.is_empty());
    admin.post(&person, &[("act", "join"), ("group", &group_id)]).await;
    assert_eq!(has().await, ["editor"]);
    assert_eq!(admin.post(&group, &[("form", "settings"), ("name", "Crew")]).await.path(), group);
    assert!(admin.get("/console/groups").await.body.contains("<bdi>Crew</bdi>"));
    assert_eq!(admin.post(&format!("{group}/delete"), &[]).await.path(), "/console/groups");
    assert!(has().await.is_empty());
}

#[tokio::test]
async fn second_factors_are_listed_and_taken_away() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    let mut support = house.administrator(AdminRole::Support).await;
    let one = |name: &str| json!({ "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "name": name });
    let user = json!({ "email": "bob@example.org", "totp": [one("Bob’s phone"), one("An old one")] });
    let user: ImportUser = serde_json::from_value(user).unwrap();
    let done = house.service.import_users(&house.now(&house.cx), "test", &[user], ImportOptions::default()).await.unwrap();
    let [ImportOutcome::Inserted(bob)] = done[..] else { panic!("{done:?}") };
    let url = format!("/console/users/{bob}");
    let page = support.get(&url).await;
    assert!(page.body.contains("Bob’s phone") && !page.body.contains("factors-remove"));
    assert!(support.post(&format!("{url}/factors/remove"), &[("factor", "all")]).await.is_refusal());
    let one = house.service.list_factors(&house.cx, bob).await.unwrap().totp[0].id.to_string();
    assert_eq!(admin.post(&format!("{url}/factors/remove"), &[("factor", &one)]).await.path(), url);
    assert_eq!(house.service.list_factors(&house.cx, bob).await.unwrap().totp.len(), 1);
    assert_eq!(admin.post(&format!("{url}/factors/remove"), &[("factor", &one)]).await.status, StatusCode::NOT_FOUND);
    admin.post(&format!("{url}/factors/remove"), &[("factor", "all")]).await;
    assert!(house.service.list_factors(&house.cx, bob).await.unwrap().totp.is_empty());
    assert!(admin.get(&url).await.body.contains("No authenticator app"));
}

async fn import(browser: &mut Browser<'_>, fields: &[(&str, &str)], file: &str) -> Answer {
    let csrf = browser.csrf().await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    browser.upload("/console/users/import", &all, Some(file)).await
}

#[tokio::test]
async fn a_file_comes_in_and_the_report_tells_of_each_refusal() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    house.user(&house.cx, "there@example.org").await;
    let file =
        "{\"email\":\"one@example.org\",\"name\":\"One\"}\n{\"email\":\"there@example.org\"}\n{\"email\":\"no address\"}\n";
    let started = import(&mut admin, &[], file).await;
    let job = started.path().to_owned();
    assert!(job.starts_with("/console/users/import/"), "{} {}", started.status, started.body);
    let waiting = admin.get(&job).await;
    assert!(waiting.body.contains("data-live") && waiting.body.contains("0 / 3"));
    let (_stop, stopped) = watch::channel(false);
    assert!(house.service.run_waiting_job(&stopped).await.unwrap());
    let report = admin.get(&job).await;
    assert!(report.body.contains("data-state=\"done\"") && !report.body.contains("data-live"));
    assert!(report.body.contains("3 / 3") && report.body.contains("there@example.org") && report.body.contains("no address"));
    assert!(report.body.contains("a user with this identifier exists"));
    let file = admin.get(&format!("{job}/refused")).await;
    let lines: Vec<serde_json::Value> = file.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["index"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert!(admin.get("/console/users?q=one").await.body.contains("one@example.org"));
    assert!(admin.get("/console/users/import").await.body.contains("2 refused"));
    // What is no such file is refused with its place, and nothing is begun.
    for (wrong, told) in
        [("email\n", "is not JSON"), ("[{\"email\":1}]", "line 1, character"), ("[]", "holds no user"), ("", "must be chosen")]
    {
        let answer = import(&mut admin, &[], wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.body.contains(told), "{wrong}");
    }
}

#[tokio::test]
async fn an_import_is_for_those_who_may() {
    let house = House::new().await;
    let owner = house.administrator(AdminRole::Owner).await.user.unwrap();
    let mut admin = house.administrator(AdminRole::Admin).await;
    let mut viewer = house.administrator(AdminRole::Viewer).await;
    let file = "[{\"email\":\"owner@example.org\",\"username\":\"mallory\"}]";
    // To add an identifier to an owner's account would be a way into it.
    assert!(import(&mut admin, &[("upsert", "yes")], file).await.is_refusal());
    let refused = import(&mut viewer, &[], file).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let csrf = admin.csrf().await;
    for (fields, site) in
        [(vec![], "same-origin"), (vec![("csrf", "x")], "same-origin"), (vec![("csrf", csrf.as_str())], "cross-site")]
    {
        admin.site = site;
        let answer = admin.upload("/console/users/import", &fields, Some(file)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{fields:?} {site}");
        admin.site = "same-origin";
    }
    let mut stale = house.browser_of(&house.cx, admin.user.unwrap(), 3600).await;
    let csrf = stale.csrf().await;
    let answer = stale.upload("/console/users/import", &[("csrf", &csrf)], Some(file)).await;
    assert_ne!(answer.path(), "/console/users/import", "{}", answer.status);
    assert!(house.service.list_jobs(&house.cx, None, 10).await.unwrap().items.is_empty());
    assert_eq!(house.service.get_user(&house.cx, owner).await.unwrap().identifiers.len(), 1);
}

#[tokio::test]
async fn an_export_is_what_an_import_takes() {
    let house = House::new().await;
    let mut admin = house.administrator(AdminRole::Admin).await;
    for n in 0..230 {
        house.user(&house.cx, &format!("u{n:03}@example.org")).await;
    }
    house.user(&house.other, "rita@rival.example").await;
    let all = admin.post("/console/users/export", &[]).await;
    assert_eq!(all.status, StatusCode::OK);
    let users: Vec<ImportUser> = all.body.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(users.len(), 231);
    assert!(users.iter().all(|user| user.id.is_some() && user.email_verified == Some(true)) && !all.body.contains("rita"));
    let some = admin.post("/console/users/export", &[("q", "u00"), ("from", "/console/users?q=u00")]).await;
    assert_eq!(some.body.lines().count(), 10);
    let told = house.service.list_audit_events(&house.cx, Some("users.exported"), None, None, 5).await.unwrap().items;
    assert_eq!(told.len(), 2);
    assert_eq!(
        (told[0].data.0["filter"].as_str(), told[0].actor.clone()),
        (Some("q=u00"), format!("user:{}", admin.user.unwrap()))
    );
    let mut support = house.administrator(AdminRole::Support).await;
    assert!(support.post("/console/users/export", &[]).await.is_refusal());
    // Into the empty tenant next door, as they are.
    let (_stop, stopped) = watch::channel(false);
    let job = house
        .service
        .start_user_import(&house.now(&house.other), "test", ImportJob { users, ..Default::default() })
        .await
        .unwrap();
    house.service.run_waiting_job(&stopped).await.unwrap();
    let job = house.service.job(&house.other, job.id).await.unwrap();
    assert_eq!(job.errors.0.len(), 231, "ids are known already: a user is of one tenant");
}

#[tokio::test]
async fn sanctions_are_imposed_and_lifted_by_those_who_help() {
    let house = House::new().await;
    let (mut support, mut viewer) = (house.administrator(AdminRole::Support).await, house.administrator(AdminRole::Viewer).await);
    let bob = house.user(&house.cx, "bob@example.org").await;
    let (page, act) = (format!("/console/users/{bob}"), format!("/console/users/{bob}/sanctions"));
    assert_eq!(viewer.post(&act, &[("reason", "spam")]).await.status, StatusCode::FORBIDDEN);
    assert!(!viewer.get(&page).await.body.contains("id=\"sanction\""));
    // A form that came back keeps what was typed.
    let back = support.post(&act, &[("form", "sanction"), ("reason", " "), ("days", "30")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.body.contains("value=\"30\" selected") && back.body.contains("must have 1 to 500 characters"));
    let done =
        support.post(&act, &[("form", "sanction"), ("reason", "<b>spam</b>"), ("days", "7"), ("prevents_sign_in", "yes")]).await;
    assert_eq!(done.path(), page);
    let [row] = &house.service.list_sanctions(&house.cx, bob).await.unwrap()[..] else { panic!("one sanction") };
    assert!(row.prevents_sign_in && row.ends_at.unwrap().seconds_since(row.created_at) == 7 * 86_400);
    let shown = viewer.get(&page).await;
    assert!(
        shown.body.contains("&lt;b&gt;spam&lt;") && shown.body.contains("Suspended") && !shown.body.contains("sanctions/lift")
    );
    let id = row.id.to_string();
    assert_eq!(viewer.post(&format!("{act}/lift"), &[("sanction", &id)]).await.status, StatusCode::FORBIDDEN);
    let other = house.user(&house.cx, "carol@example.org").await;
    let elsewhere = support.post(&format!("/console/users/{other}/sanctions/lift"), &[("sanction", &id)]).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    assert_eq!(support.post(&format!("{act}/lift"), &[("sanction", &id)]).await.path(), page);
    let after = viewer.get(&page).await;
    assert!(after.body.contains(">Over<") && !after.body.contains("Suspended"));
    // Nobody keeps themself out.
    let me = support.user.unwrap();
    let own = support.post(&format!("/console/users/{me}/sanctions"), &[("reason", "x"), ("prevents_sign_in", "yes")]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_password_is_set_for_once_and_must_be_changed() {
    let house = House::new().await;
    let policy = json!({ "policy": { "password": { "enabled": true } } });
    house.service.patch_tenant(&house.cx, "command", &policy).await.unwrap();
    let (mut admin, mut support) = (house.administrator(AdminRole::Admin).await, house.administrator(AdminRole::Support).await);
    let bob = house.user(&house.cx, "bob@example.org").await;
    let page = format!("/console/users/{bob}");
    let (set, change) = (format!("{page}/password/set"), format!("{page}/password/change"));
    let plain = "violet staple under heavy rain";
    assert_eq!(support.post(&set, &[("password", plain)]).await.status, StatusCode::FORBIDDEN);
    let weak = admin.post(&set, &[("form", "password"), ("password", "password1")]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!weak.body.contains("password1"), "what was typed is not shown again");
    assert_eq!(admin.post(&set, &[("form", "password"), ("password", plain), ("must_change", "yes")]).await.path(), page);
    let must = async || house.service.user_conditions(&house.cx, bob).await.unwrap().must_change_password;
    assert!(must().await);
    assert!(support.get(&page).await.body.contains("Must be changed at the next sign-in"));
    assert_eq!(support.post(&change, &[("act", "waive")]).await.path(), page);
    assert!(!must().await);
    support.post(&change, &[("act", "require")]).await;
    assert!(must().await);
    // One that is set for good need not be changed.
    admin.post(&set, &[("password", plain)]).await;
    assert!(!must().await);
}

#[tokio::test]
async fn a_mail_server_is_the_owners_and_its_secret_nobodys() {
    let house = House::new().await;
    let mut owner = house.administrator(AdminRole::Owner).await;
    let (mut admin, mut support) = (house.administrator(AdminRole::Admin).await, house.administrator(AdminRole::Support).await);
    let secret = "a-secret-of-the-mail-server";
    let form = [("host", "127.0.0.1"), ("port", "1"), ("security", "none"), ("username", "acme"), ("password", secret)];
    for path in ["/console/mail-server", "/console/mail-server/test", "/console/mail-server/remove"] {
        assert_eq!(admin.post(path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(support.post(path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(house.service.mail_server(&house.cx).await.unwrap().is_none());
    let wrong = owner
        .post("/console/mail-server", &[("host", "no host"), ("port", "x"), ("from_address", "nobody"), ("password", secret)])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["host", "port", "username", "from_address"] {
        assert!(wrong.body.contains(&format!("id=\"{field}-wrong\"")), "{field}");
    }
    assert!(!wrong.body.contains(secret));
    assert_eq!(owner.post("/console/mail-server", &form).await.path(), "/console/mail-server");
    for who in [&mut owner, &mut admin, &mut support] {
        let page = who.get("/console/mail-server").await;
        assert!(page.body.contains("127.0.0.1:1") && page.body.contains("with a password") && !page.body.contains(secret));
    }
    assert!(!admin.get("/console/mail-server").await.body.contains("<form method=\"post\" action=\"/console/mail-server"));
    // Nobody listens there, and the page says so.
    let tested = owner.post("/console/mail-server/test", &[]).await;
    assert_eq!(tested.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(tested.body.contains("did not take the mail"), "{}", tested.body);
    owner.post("/console/mail-server/remove", &[]).await;
    assert!(house.service.mail_server(&house.cx).await.unwrap().is_none());
}
