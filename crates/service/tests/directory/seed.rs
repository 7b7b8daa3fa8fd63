use super::house::{House, each, service};
use doorward_service::Client;
use doorward_service::seed::{Format, Seed, SeedError};
use doorward_store::engine::DatabaseUrl;
use std::path::Path;

const FILE: &str = r##"
[[tenant]]
slug = "acme"
name = "Acme"
default_locale = "de"
policy.password.enabled = true
brand.color = "#336699"

[[tenant.user]]
email = "ada@example.org"
email_verified = true
name = "Ada Lovelace"
given_name = "Ada"
family_name = "Lovelace"
username = "ada"
password = "correct horse battery staple"
roles = ["admin", "web/editor"]
groups = ["staff"]
admin_role = "owner"

[[tenant.group]]
name = "staff"
description = "All of us"
roles = ["admin"]

[[tenant.role]]
name = "admin"
description = "May do anything"
permissions = [{ audience = "https://api.example", scope = "read" }, { audience = "https://api.example", scope = "write" }]

[[tenant.role]]
name = "editor"
application = "web"

[[tenant.application]]
client_id = "web"
name = "Web"
client_secret = "a-secret-of-some-length"
redirect_uris = ["https://web.example/callback"]

[[tenant.application]]
client_id = "machine"
name = "Machine"
kind = "machine"
client_secret = { file = "machine.secret" }
grants = [{ audience = "https://api.example", scopes = ["write", "read"] }]

[[tenant.application]]
client_id = "spa"
name = "SPA"
kind = "spa"
redirect_uris = ["https://spa.example/"]

[[tenant.resource_server]]
audience = "https://api.example"
name = "API"
enforce_permissions = true
scopes = [{ value = "write", description = "Write" }, { value = "read" }]

[[tenant.domain]]
host = "acme.example"
issuer = "https://acme.example"

[[tenant.domain]]
host = "login.acme.example"
issuer = "https://login.acme.example/"
primary = true

[[tenant.api_key]]
name = "tests"
scopes = ["*"]
key = "dwk_0123456789abcdefghijklmn"

[[api_key]]
name = "server"
scopes = ["tenants:read"]
"##;

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("machine.secret"), "machine-secret-machine-secret\n").unwrap();
    directory
}

fn parse(text: &str, base: &Path) -> Seed {
    Seed::parse(text, Format::Toml, base).unwrap()
}

async fn user_of(h: &House, email: &str) -> doorward_store::users::Person {
    let page = h.service.list_users(&h.cx, Some(email), None, 10).await.unwrap();
    page.items.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_file_is_applied_once_and_then_changes_and_writes_nothing() {
    let base = directory();
    let path = base.path().to_owned();
    each(move |h| {
        let seed = parse(FILE, &path);
        async move {
            let report = h.service.apply(&seed, "system").await.unwrap();
            assert_eq!(report.problems, []);
            // The house has the tenant and one of its domains already.
            assert_eq!((report.created, report.changed, report.unchanged), (11, 1, 1));
            assert_eq!(report.secrets.len(), 1);
            assert!(report.secrets[0].secret.starts_with("dwk_") && report.secrets[0].of == "server");

            let writes = h.writes();
            let again = h.service.apply(&seed, "system").await.unwrap();
            assert_eq!((again.created, again.changed, again.unchanged), (0, 0, 13));
            assert_eq!(again.problems, []);
            assert_eq!(again.secrets, []);
            assert_eq!(h.writes(), writes, "no write for what is as the file says");

            let cx = h.service.cx("login.acme.example", Client::default()).await.unwrap().unwrap();
            assert_eq!(cx.tenant.primary_domain().unwrap().host, "login.acme.example");
            let ada = user_of(&h, "ada@example.org").await;
            assert!(ada.email().unwrap().verified_at.is_some());
            let place = h.service.administrator(&cx, ada.user.id).await.unwrap();
            assert_eq!(place, Some(doorward_protocol::admin::AdminRole::Owner));
            let roles = h.service.store.effective_roles(cx.tenant_id(), ada.user.id).await.unwrap();
            assert_eq!(roles.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["admin", "editor"]);
            let api = h.service.store.resource_server_by_audience(cx.tenant_id(), "https://api.example").await.unwrap().unwrap();
            assert_eq!(h.service.store.permissions(cx.tenant_id(), ada.user.id, api.id).await.unwrap(), ["read", "write"]);
            let machine = h.service.store.application_by_client_id(cx.tenant_id(), "machine").await.unwrap().unwrap();
            let secrets = h.service.list_application_secrets(&cx, machine.id).await.unwrap();
            let digest = h.service.client_secret_digest(cx.tenant_id(), "machine-secret-machine-secret");
            assert_eq!(secrets.iter().map(|s| s.secret_hash.clone()).collect::<Vec<_>>(), [digest]);
            assert!(h.service.authenticate_api_key("dwk_0123456789abcdefghijklmn").await.unwrap().is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn what_differs_is_changed_and_what_the_file_does_not_name_stays() {
    let base = directory();
    let path = base.path().to_owned();
    each(move |h| {
        let path = path.clone();
        async move {
            h.service.apply(&parse(FILE, &path), "system").await.unwrap();
            let ada = user_of(&h, "ada@example.org").await.user.id;
            let changed = FILE
                .replace("name = \"Web\"", "name = \"Web shop\"")
                .replace("a-secret-of-some-length", "another-secret-of-some-length")
                .replace("correct horse battery staple", "entirely different phrase 77")
                .replace("{ value = \"read\" }]", "{ value = \"read\" }, { value = \"delete\" }]");
            let web = h.service.store.application_by_client_id(h.cx.tenant_id(), "web").await.unwrap().unwrap();
            let tos = serde_json::json!({ "tos_uri": "https://web.example/tos" });
            h.service.patch_application(&h.cx, "admin", web.id, &tos).await.unwrap();
            let before = h.service.store.password(h.cx.tenant_id(), ada).await.unwrap().unwrap();
            let report = h.service.apply(&parse(&changed, &path), "system").await.unwrap();
            assert_eq!(report.problems, []);
            assert_eq!((report.created, report.changed), (0, 2), "the application and the resource server");
            let web = h.service.get_application(&h.cx, web.id).await.unwrap();
            assert_eq!(web.name, "Web shop");
            assert_eq!(web.settings.0.tos_uri.as_deref(), Some("https://web.example/tos"));
            assert_eq!(
                h.service.list_application_secrets(&h.cx, web.id).await.unwrap().len(),
                2,
                "the old one has its grace time"
            );
            let after = h.service.store.password(h.cx.tenant_id(), ada).await.unwrap().unwrap();
            assert_eq!(before, after, "a password that is set stays");

            // A shorter file removes nothing.
            let report = h.service.apply(&parse("[[tenant]]\nslug = \"acme\"\n", &path), "system").await.unwrap();
            assert_eq!((report.created, report.changed, report.unchanged), (0, 0, 1));
            assert_eq!(h.service.list_applications(&h.cx, None, 10).await.unwrap().items.len(), 3);
        }
    })
    .await;
}

#[tokio::test]
async fn problems_name_their_place_and_the_rest_is_done() {
    each(|h| async move {
        let text = r#"
            [[tenant]]
            slug = "acme"
            policy.code.digits = 2
            [[tenant.application]]
            client_id = "bad"
            name = "Bad"
            redirect_uris = ["https://a.example/", "http://a.example/"]
            [[tenant.application]]
            client_id = "worse"
            name = "Worse"
            colour = "red"
            [[tenant.application]]
            client_id = "hidden"
            name = "Hidden"
            client_secret = { env = "DOORWARD_TEST_NO_SUCH_VARIABLE" }
            [[tenant.application]]
            client_id = "good"
            name = "Good"
            grants = [{ audience = "nowhere" }]
            [[tenant.role]]
            name = "r"
            permissions = [{ audience = "nowhere", scope = "s" }]
            [[tenant.user]]
            email = "nobody"
            [[tenant.user]]
            email = "ada@example.org"
            roles = ["pope"]
            [[tenant]]
            slug = "Bad Slug"
            name = "x"
        "#;
        let report = h.service.apply(&parse(text, Path::new(".")), "system").await.unwrap();
        let paths: Vec<&str> = report.problems.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "tenant[0].policy.code.digits",
                "tenant[0].application[0].redirect_uris[1]",
                "tenant[0].application[1].colour",
                "tenant[0].application[2].client_secret",
                "tenant[0].application[3].grants[0].audience",
                "tenant[0].role[0].permissions[0].audience",
                "tenant[0].user[0].email",
                "tenant[0].user[1].roles[0]",
                "tenant[1].slug",
            ]
        );
        assert!(h.service.store.application_by_client_id(h.cx.tenant_id(), "good").await.unwrap().is_some());
        user_of(&h, "ada@example.org").await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_server_gets_its_first_tenant_from_json() {
    let service = service(&DatabaseUrl::Memory).await;
    let text = r#"{"tenant":[{"slug":"new","name":"New","domain":[{"host":"localhost:9011","issuer":"http://localhost:9011"}]}],
        "api_key":[{"name":"all","scopes":["*"],"key":"dwk_zzzzzzzzzzzzzzzzzzzzzzzz"}]}"#;
    let report = service.apply(&Seed::parse(text, Format::Json, Path::new(".")).unwrap(), "system").await.unwrap();
    assert_eq!((report.created, report.problems.len()), (3, 0));
    assert!(service.cx("localhost:9011", Client::default()).await.unwrap().is_some());
    let key = service.authenticate_api_key("dwk_zzzzzzzzzzzzzzzzzzzzzzzz").await.unwrap().unwrap();
    assert_eq!(key.tenant_id, None);
}

#[test]
fn a_file_that_does_not_fit_says_where() {
    let fault = |text: &str| match Seed::parse(text, Format::Toml, Path::new(".")) {
        Err(SeedError::Content { path, .. }) => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(fault("[[tenant]]\nslug = \"a\"\n[[tenant.user]]\nemial = \"x\"\n"), "tenant[0].user[0].emial");
    assert_eq!(fault("[[tenant]]\nslug = 1\n"), "tenant[0].slug");
    assert_eq!(fault("[[tenants]]\n"), "tenants");
    assert_eq!(
        fault("[[tenant]]\n[[tenant.application]]\nclient_id = \"a\"\nclient_secret = { environment = \"X\" }\n"),
        "tenant[0].application[0].client_secret"
    );
    assert_eq!(fault("[[tenant]]\n[[tenant.application]]\nname = \"a\"\n"), "tenant[0].application[0].client_id");
    assert!(matches!(Seed::parse("[[", Format::Toml, Path::new(".")), Err(SeedError::Syntax(_))));
    assert!(matches!(Seed::from_file(Path::new("seed.yaml")), Err(SeedError::UnknownFormat(_))));
}

#[test]
fn a_secret_never_shows_in_debug_output() {
    let seed = parse(FILE, Path::new("."));
    let shown = format!("{seed:?}");
    assert!(!shown.contains("a-secret-of-some-length") && !shown.contains("correct horse"), "{shown}");
}
