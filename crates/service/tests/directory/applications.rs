use super::house::{absent, conflict, each, fields, tenant};
use doorward_service::directory::{Grant, NewApplication, ResourceServerDocument};
use serde_json::{Value, json};

fn app(value: Value) -> NewApplication {
    NewApplication::from_json(value).expect("an application")
}

#[tokio::test]
async fn a_confidential_application_gets_a_secret_that_is_kept_as_a_digest_and_encrypted() {
    each(|h| async move {
        let made = h
            .service
            .create_application(&h.cx, "t", app(json!({ "name": "Web", "redirect_uris": ["https://a.example/cb"] })))
            .await
            .unwrap();
        let secret = made.client_secret.unwrap();
        let rows = h.service.list_application_secrets(&h.cx, made.row.id).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].secret_hash, h.service.client_secret_digest(h.cx.tenant_id(), &secret));
        let opened = h.service.secrets.decrypt("client_secret", &rows[0].id.to_string(), &rows[0].secret_sealed).unwrap();
        assert_eq!(opened.as_slice(), secret.as_bytes());
        assert!(secret.ends_with(&rows[0].hint) && rows[0].hint.len() == 4);
        assert!(h.service.application(h.cx.tenant_id(), &made.row.client_id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn the_kind_decides_what_need_not_be_said() {
    each(|h| async move {
        let spa = h.service.create_application(&h.cx, "t", app(json!({ "name": "S", "kind": "spa" }))).await.unwrap();
        assert!(spa.client_secret.is_none() && spa.row.settings.0.is_public());
        let machine = h.service.create_application(&h.cx, "t", app(json!({ "name": "M", "kind": "machine" }))).await.unwrap();
        assert!(machine.client_secret.is_some());
        assert_eq!(machine.row.settings.0.grant_types, ["client_credentials"]);
    })
    .await;
}

#[tokio::test]
async fn wrong_settings_are_refused_by_name() {
    each(|h| async move {
        for (document, field) in [
            (json!({ "name": "" }), "name"),
            (json!({ "name": "x".repeat(201) }), "name"),
            (json!({ "name": "a", "client_id": "a b" }), "client_id"),
            (json!({ "name": "a", "client_secret": "short" }), "client_secret"),
            (json!({ "name": "a", "kind": "spa", "client_secret": "0123456789abcdef" }), "client_secret"),
            (json!({ "name": "a", "redirect_uris": ["https://a.example/cb", "http://a.example/cb"] }), "redirect_uris[1]"),
            (json!({ "name": "a", "redirect_uris": ["https://a.example/#x"] }), "redirect_uris[0]"),
            (json!({ "name": "a", "redirect_uris": ["javascript:alert(1)"] }), "redirect_uris[0]"),
            (json!({ "name": "a", "redirect_uris": ["https://a.example/cb", "https://a.example/cb"] }), "redirect_uris[1]"),
            (
                json!({ "name": "a", "redirect_uris": (0..101).map(|n| format!("https://a.example/{n}")).collect::<Vec<_>>() }),
                "redirect_uris",
            ),
            (json!({ "name": "a", "post_logout_redirect_uris": ["https://*.a.example/"] }), "post_logout_redirect_uris[0]"),
            (json!({ "name": "a", "allowed_origins": ["https://a.example/path"] }), "allowed_origins[0]"),
            (json!({ "name": "a", "any_localhost": true }), "any_localhost"),
            (json!({ "name": "a", "grant_types": ["wishing"] }), "grant_types[0]"),
            (json!({ "name": "a", "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] }), "grant_types"),
            (json!({ "name": "a", "kind": "machine", "token_endpoint_auth_method": "none" }), "token_endpoint_auth_method"),
            (json!({ "name": "a", "kind": "machine", "grant_types": ["authorization_code"] }), "grant_types"),
            (
                json!({ "name": "a", "kind": "spa", "token_endpoint_auth_method": "client_secret_post" }),
                "token_endpoint_auth_method",
            ),
            (json!({ "name": "a", "token_endpoint_auth_method": "private_key_jwt" }), "jwks"),
            (json!({ "name": "a", "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [] } }), "jwks.keys"),
            (json!({ "name": "a", "jwks": { "keys": [{ "kty": "EC", "d": "x" }] } }), "jwks"),
            (json!({ "name": "a", "signing_alg": "none" }), "signing_alg"),
            (json!({ "name": "a", "id_token_lifetime_seconds": 0 }), "id_token_lifetime_seconds"),
            (json!({ "name": "a", "access_token_lifetime_seconds": 90 * 86_400 }), "access_token_lifetime_seconds"),
            (json!({ "name": "a", "refresh": { "idle_seconds": 1000, "absolute_seconds": 500 } }), "refresh.idle_seconds"),
            (json!({ "name": "a", "refresh": { "overlap_seconds": 100_000 } }), "refresh.overlap_seconds"),
            (json!({ "name": "a", "allowed_scopes": ["two words"] }), "allowed_scopes[0]"),
            (json!({ "name": "a", "logo_uri": "javascript:alert(1)" }), "logo_uri"),
        ] {
            let named = fields(h.service.create_application(&h.cx, "t", app(document.clone())).await);
            assert!(named.iter().any(|n| n == field), "{field} is not in {named:?} of {document}");
        }
        assert_eq!(fields(NewApplication::from_json(json!({ "name": "a", "redirect_urls": [] }))), ["redirect_urls"]);
        assert_eq!(fields(NewApplication::from_json(json!({ "redirect_uris": [] }))), ["name"]);
        assert_eq!(fields(NewApplication::from_json(json!({ "name": "a", "redirect_uris": [1] }))), ["redirect_uris[0]"]);
        assert_eq!(fields(NewApplication::from_json(json!({ "name": "a", "refresh": { "rotat": true } }))), ["refresh.rotat"]);
        assert_eq!(fields(NewApplication::from_json(json!(["a"]))), [""]);
        assert!(h.service.list_applications(&h.cx, None, 10).await.unwrap().items.is_empty(), "nothing was kept");
    })
    .await;
}

#[tokio::test]
async fn an_application_is_changed_by_patch_and_seen_at_once() {
    each(|h| async move {
        let new = app(json!({ "name": "A", "client_id": "app", "redirect_uris": ["https://a.example/cb"] }));
        let id = h.service.create_application(&h.cx, "t", new.clone()).await.unwrap().row.id;
        assert_eq!(conflict(h.service.create_application(&h.cx, "t", new).await), "client_id");
        assert!(h.service.application(h.cx.tenant_id(), "app").await.unwrap().is_some());
        h.service.patch_application(&h.cx, "t", id, &json!({ "enabled": false, "refresh": { "rotate": false } })).await.unwrap();
        assert!(h.service.application(h.cx.tenant_id(), "app").await.unwrap().is_none(), "disabled, at once");
        let row = h.service.get_application(&h.cx, id).await.unwrap();
        assert!(!row.settings.0.refresh.rotate);
        assert_eq!(row.settings.0.refresh.overlap_seconds, 30, "the rest of the object stays");
        assert_eq!(row.settings.0.redirect_uris, ["https://a.example/cb"]);
        assert_eq!(fields(h.service.patch_application(&h.cx, "t", id, &json!({ "client_id": "b" })).await), ["client_id"]);
        assert_eq!(fields(h.service.patch_application(&h.cx, "t", id, &json!({ "nonsense": 1 })).await), ["nonsense"]);
        assert_eq!(fields(h.service.patch_application(&h.cx, "t", id, &json!([])).await), [""]);

        let other = tenant(&h.service, "other").await;
        assert!(absent(h.service.get_application(&other, id).await));
        assert!(absent(h.service.patch_application(&other, "t", id, &json!({ "name": "stolen" })).await));
        assert!(absent(h.service.delete_application(&other, "t", id).await));
        assert!(absent(h.service.rotate_application_secret(&other, "t", id, None, 0).await));
        h.service.delete_application(&h.cx, "t", id).await.unwrap();
        assert!(absent(h.service.get_application(&h.cx, id).await));
    })
    .await;
}

#[tokio::test]
async fn a_rotated_secret_works_for_its_grace_time() {
    each(|h| async move {
        let id = h.service.create_application(&h.cx, "t", app(json!({ "name": "A" }))).await.unwrap().row.id;
        let new = h.service.rotate_application_secret(&h.cx, "t", id, None, 600).await.unwrap();
        let rows = h.service.list_application_secrets(&h.cx, id).await.unwrap();
        assert_eq!(rows.len(), 2);
        let old = rows.iter().find(|r| r.id != new.row.id).unwrap();
        assert_eq!(old.expires_at, Some(h.cx.now.plus_seconds(600)));
        let mut later = h.cx.clone();
        later.now = h.cx.now.plus_seconds(600);
        assert_eq!(h.service.list_application_secrets(&later, id).await.unwrap().len(), 1);
        assert_eq!(fields(h.service.rotate_application_secret(&h.cx, "t", id, None, -1).await), ["grace_seconds"]);
        h.service.delete_application_secret(&h.cx, "t", id, new.row.id).await.unwrap();
        assert!(absent(h.service.delete_application_secret(&h.cx, "t", id, new.row.id).await));
        let spa = h.service.create_application(&h.cx, "t", app(json!({ "name": "S", "kind": "spa" }))).await.unwrap().row.id;
        assert_eq!(conflict(h.service.rotate_application_secret(&h.cx, "t", spa, None, 0).await), "token_endpoint_auth_method");
    })
    .await;
}

#[tokio::test]
async fn resource_servers_and_what_machines_may_have_there() {
    each(|h| async move {
        let api = json!({ "audience": "https://api.example", "name": "API", "enforce_permissions": true,
            "scopes": [{ "value": "read" }, { "value": "write", "description": "Write" }] });
        let server =
            h.service.create_resource_server(&h.cx, "t", ResourceServerDocument::from_json(api.clone()).unwrap()).await.unwrap();
        assert!(server.settings.0.enforce_permissions && server.settings.0.allow_offline_access);
        let again = ResourceServerDocument::from_json(api).unwrap();
        assert_eq!(conflict(h.service.create_resource_server(&h.cx, "t", again).await), "audience");
        for (document, field) in [
            (json!({ "audience": "a b" }), "audience"),
            (json!({ "audience": "x", "scopes": [{ "value": "openid" }] }), "scopes[0].value"),
            (json!({ "audience": "x", "scopes": [{ "value": "a b" }] }), "scopes[0].value"),
            (json!({ "audience": "x", "scopes": [{ "value": "a" }, { "value": "a" }] }), "scopes[1].value"),
            (json!({ "audience": "x", "access_token_lifetime_seconds": 1 }), "access_token_lifetime_seconds"),
            (json!({ "audience": "x", "signing_alg": "HS256" }), "signing_alg"),
        ] {
            let document = ResourceServerDocument::from_json(document).unwrap();
            assert_eq!(fields(h.service.create_resource_server(&h.cx, "t", document).await), [field]);
        }
        assert_eq!(
            fields(ResourceServerDocument::from_json(json!({ "audience": "x", "scopes": [{ "valu": "a" }] }))),
            ["scopes[0].valu"]
        );

        let machine =
            h.service.create_application(&h.cx, "t", app(json!({ "name": "M", "kind": "machine" }))).await.unwrap().row.id;
        let grant =
            |scopes: &[&str]| Grant { resource_server: server.id, scopes: scopes.iter().map(|s| (*s).to_owned()).collect() };
        assert_eq!(fields(h.service.put_application_grant(&h.cx, "t", machine, grant(&["read", "fly"])).await), ["scopes[1]"]);
        assert!(h.service.put_application_grant(&h.cx, "t", machine, grant(&["write", "read"])).await.unwrap().1);
        assert!(!h.service.put_application_grant(&h.cx, "t", machine, grant(&["read", "write"])).await.unwrap().1);
        assert!(h.service.put_application_grant(&h.cx, "t", machine, grant(&["read"])).await.unwrap().1);
        assert_eq!(h.service.list_application_grants(&h.cx, machine).await.unwrap()[0].scopes.0, ["read"]);
        let other = tenant(&h.service, "other").await;
        let foreign =
            h.service.create_application(&other, "t", app(json!({ "name": "M", "kind": "machine" }))).await.unwrap().row.id;
        assert_eq!(fields(h.service.put_application_grant(&other, "t", foreign, grant(&[])).await), ["resource_server_id"]);
        h.service.delete_application_grant(&h.cx, "t", machine, server.id).await.unwrap();
        assert!(absent(h.service.delete_application_grant(&h.cx, "t", machine, server.id).await));
    })
    .await;
}

#[tokio::test]
async fn a_secret_works_as_soon_as_any_node_has_made_it_and_not_after_it_was_deleted() {
    each(|h| async move {
        let tenant = h.cx.tenant_id();
        let made = h.service.create_application(&h.cx, "t", app(json!({ "name": "M", "kind": "machine" }))).await.unwrap();
        let (first, id) = (made.client_secret.clone().unwrap(), made.row.id);
        let client_id = made.row.client_id.clone();
        let fits = async |secret: &str| {
            let body = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([("client_id", client_id.as_str()), ("client_secret", secret)])
                .finish();
            let params = doorward_protocol::oauth::params::Params::parse(&body);
            let credentials =
                doorward_service::oauth::client_auth::ClientCredentials { authorization: None, params: Some(&params) };
            h.service.authenticate_client(&h.cx, &credentials).await.unwrap().is_ok()
        };
        assert!(fits(&first).await);
        let reads = h.service.store.db().stats().reads;
        assert!(fits(&first).await);
        assert_eq!(h.service.store.db().stats().reads, reads, "a known secret is not read again");

        // Another node writes: nothing tells this one.
        let second = "a secret of another node";
        let rows = h.service.list_application_secrets(&h.cx, id).await.unwrap();
        let row = doorward_store::applications::ApplicationSecretRow {
            id: uuid::Uuid::now_v7(),
            secret_hash: h.service.client_secret_digest(tenant, second),
            ..rows[0].clone()
        };
        h.service.store.commit(doorward_store::engine::Batch::new().with(row.insert())).await.unwrap();
        assert!(fits(second).await && fits(&first).await);
        assert!(!fits("no secret at all").await);

        h.service.delete_application_secret(&h.cx, "t", id, rows[0].id).await.unwrap();
        assert!(!fits(&first).await && fits(second).await);
    })
    .await;
}

#[tokio::test]
async fn clients_of_an_accent_get_the_ids_and_secrets_that_they_take() {
    let new = |more: Value| {
        let mut all = json!({ "name": "Project", "accent": "corbado" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        app(all)
    };
    each(move |h| async move {
        let made = h.service.create_application(&h.cx, "t", new(json!({}))).await.unwrap();
        let digits = made.row.client_id.strip_prefix("pro-").unwrap();
        assert!(digits.len() == 18 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", made.row.client_id);
        assert!(made.client_secret.unwrap().starts_with("corbado1_"));
        let id = made.row.id;
        let rotated = h.service.rotate_application_secret(&h.cx, "t", id, None, 0).await.unwrap();
        assert!(rotated.plain.starts_with("corbado1_"));
        let other = Some("another-secret-0123456789".to_owned());
        assert_eq!(fields(h.service.rotate_application_secret(&h.cx, "t", id, other, 0).await), ["client_secret"]);
        let bad = json!({ "client_id": "project", "client_secret": "another-secret-0123456789" });
        let refused = h.service.create_application(&h.cx, "t", new(bad)).await;
        assert_eq!(fields(refused), ["client_secret", "client_id"]);
        // Another accent cannot become this one under its old id.
        let web = json!({ "name": "Web", "client_id": "web-app" });
        let web = h.service.create_application(&h.cx, "t", app(web)).await.unwrap();
        assert_eq!(
            fields(h.service.patch_application(&h.cx, "t", web.row.id, &json!({ "accent": "corbado" })).await),
            ["accent"]
        );
    })
    .await;
}

#[tokio::test]
async fn an_application_wants_some_things_otherwise_than_its_tenant() {
    each(|h| async move {
        let settings = json!({
            "name": "Embedded",
            "accent": "corbado",
            "home_uri": "https://www.example.com/app",
            "allowed_origins": ["https://shop.example.com"],
            "policy": { "reveal_accounts": true, "code": { "digits": 8 } },
        });
        let made = h.service.create_application(&h.cx, "t", app(settings)).await.unwrap();
        let cx = h.service.cx_of_application(&h.cx, &made.row);
        assert!(cx.policy().reveal_accounts && !h.cx.policy().reveal_accounts);
        assert_eq!((cx.policy().code.digits, cx.policy().code.attempts), (8, h.cx.policy().code.attempts));
        assert_eq!(cx.policy().passkey.rp_id.as_deref(), Some("www.example.com"));
        assert_eq!(cx.policy().passkey.origins, ["https://shop.example.com", "https://www.example.com"]);
        for (patch, field) in [
            (json!({ "policy": { "code": { "digits": 3 } } }), "policy.code.digits"),
            (json!({ "policy": { "code": { "digit": 8 } } }), "policy"),
            (json!({ "policy": { "sign_up": { "identifiers": [] } } }), "policy.sign_up.identifiers"),
            (json!({ "embedded": { "api_url": "https://auth.example.com/" } }), "embedded.api_url"),
            (json!({ "embedded": { "api_url": "http://auth.example.com" } }), "embedded.api_url"),
            (json!({ "embedded": { "session_token_lifetime_seconds": 59 } }), "embedded.session_token_lifetime_seconds"),
            (json!({ "embedded": { "cookie_domain": "https://example.com" } }), "embedded.cookie_domain"),
            (json!({ "embedded": { "cookie_same_site": "none", "cookie_secure": false } }), "embedded.cookie_same_site"),
        ] {
            assert_eq!(fields(h.service.patch_application(&h.cx, "t", made.row.id, &patch).await), [field], "{patch}");
        }
    })
    .await;
}
