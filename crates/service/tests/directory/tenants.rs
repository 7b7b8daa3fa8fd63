use super::house::{absent, conflict, each, fields, tenant};
use doorward_protocol::policy::VerifyEmail;
use doorward_service::Client;
use doorward_service::directory::{DomainDocument, TenantDocument};
use serde_json::json;

#[tokio::test]
async fn a_patch_changes_what_it_names_and_is_seen_at_once() {
    each(|h| async move {
        let patch =
            json!({ "name": "Acme", "policy": { "sign_up": { "verify_email": "later" } }, "brand": { "color": "#0a1b2c" } });
        let change = h.service.patch_tenant(&h.cx, "admin:k", &patch).await.unwrap();
        assert!(change.changed);
        let cx = h.service.admin_cx(h.cx.tenant_id(), Client::default()).await.unwrap().unwrap();
        assert_eq!(cx.policy().sign_up.verify_email, VerifyEmail::Later);
        assert!(cx.policy().password.enabled, "what the patch does not name stays");
        assert_eq!(cx.tenant.row.settings.0.brand.color.as_deref(), Some("#0a1b2c"));

        let writes = h.writes();
        assert!(!h.service.patch_tenant(&h.cx, "admin:k", &patch).await.unwrap().changed);
        assert_eq!(h.writes(), writes, "nothing changed, nothing written");

        let change = h.service.patch_tenant(&h.cx, "admin:k", &json!({ "brand": { "color": null } })).await.unwrap();
        assert_eq!(change.row.settings.0.brand.color, None);
        assert_eq!(h.events().await, ["tenant.created", "domain.created", "tenant.updated", "tenant.updated"]);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_policy_is_refused_field_by_field() {
    each(|h| async move {
        let patch = json!({
            "slug": "Not A Slug",
            "name": " ",
            "brand": { "color": "red", "logo_url": "http://example.org/logo.png" },
            "default_locale": "tlh",
            "mail_from": "nobody",
            "policy": {
                "passkey": { "rp_id": "https://example.org", "attestation": "trusted" },
                "password": { "min_length": 3 },
                "code": { "digits": 2 },
                "session": { "idle_seconds": 100_000_000 },
                "lockout": { "attempts": 0 },
            },
        });
        let named = fields(h.service.patch_tenant(&h.cx, "t", &patch).await);
        for field in [
            "slug",
            "name",
            "brand.color",
            "brand.logo_url",
            "default_locale",
            "mail_from",
            "policy.passkey.rp_id",
            "policy.passkey.attestation_roots",
            "policy.password.min_length",
            "policy.code.digits",
            "policy.session.idle_seconds",
            "policy.lockout.attempts",
        ] {
            assert!(named.iter().any(|n| n == field), "{field} is not in {named:?}");
        }
        assert_eq!(fields(h.service.patch_tenant(&h.cx, "t", &json!({ "policy": { "cod": {} } })).await), ["policy.cod"]);
        assert_eq!(fields(h.service.patch_tenant(&h.cx, "t", &json!({ "policy": { "code": { "digits": "six" } } })).await), ["policy.code.digits"]);
        assert_eq!(fields(h.service.patch_tenant(&h.cx, "t", &json!({ "name": null })).await), ["name"]);
        let locked_out = json!({ "policy": { "passkey": { "enabled": false }, "password": { "enabled": false }, "code": { "enabled": false } } });
        assert_eq!(fields(h.service.patch_tenant(&h.cx, "t", &locked_out).await), ["policy"]);
        assert_eq!(h.events().await, ["tenant.created", "domain.created"], "nothing was kept");
    })
    .await;
}

#[tokio::test]
async fn slugs_and_hosts_are_unique() {
    each(|h| async move {
        let again = TenantDocument { slug: "acme".into(), name: "Other".into(), ..Default::default() };
        assert_eq!(conflict(h.service.create_tenant(Client::default(), "t", again).await), "slug");
        let other = tenant(&h.service, "other").await;
        let stolen = DomainDocument {
            host: "ACME.example".into(),
            issuer: "https://other.example".into(),
            is_primary: false,
            accent: Default::default(),
        };
        assert_eq!(conflict(h.service.create_domain(&other, "t", stolen).await), "host");
    })
    .await;
}

#[tokio::test]
async fn domains_are_checked_and_one_is_primary() {
    each(|h| async move {
        let new = |host: &str, issuer: &str, is_primary| DomainDocument {
            host: host.into(),
            issuer: issuer.into(),
            is_primary,
            accent: Default::default(),
        };
        for (host, issuer, field) in [
            ("b.example", "https://b.example/?a=b", "issuer"),
            ("b.example", "https://b.example/#a", "issuer"),
            ("b.example", "https://b.example/path", "issuer"),
            ("b.example", "http://b.example", "issuer"),
            ("b.example", "b.example", "issuer"),
            ("https://b.example", "https://b.example", "host"),
            ("b.example/x", "https://b.example", "host"),
            ("*.b.example", "https://b.example", "host"),
            ("", "https://b.example", "host"),
        ] {
            assert_eq!(fields(h.service.create_domain(&h.cx, "t", new(host, issuer, false)).await), [field], "{host} {issuer}");
        }
        let local = h.service.create_domain(&h.cx, "t", new("Localhost:9011", "http://localhost:9011", true)).await.unwrap();
        assert_eq!((local.host.as_str(), local.is_primary), ("localhost:9011", true));
        let all = h.service.list_domains(h.cx.tenant_id()).await.unwrap();
        assert_eq!(all.iter().filter(|d| d.is_primary).map(|d| d.id).collect::<Vec<_>>(), [local.id]);
        assert_eq!(conflict(h.service.patch_domain(&h.cx, "t", local.id, &json!({ "is_primary": false })).await), "is_primary");
        assert!(h.service.cx("localhost:9011", Client::default()).await.unwrap().is_some());

        h.service.delete_domain(&h.cx, "t", local.id).await.unwrap();
        assert!(h.service.cx("localhost:9011", Client::default()).await.unwrap().is_none(), "the cache forgot it");
        let all = h.service.list_domains(h.cx.tenant_id()).await.unwrap();
        assert!(all.len() == 1 && all[0].is_primary, "the other one inherits");

        let other = tenant(&h.service, "other").await;
        assert!(absent(h.service.delete_domain(&other, "t", all[0].id).await), "another tenant's domain");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_and_its_events_stay() {
    each(|h| async move {
        h.service.delete_tenant(&h.cx, "t").await.unwrap();
        assert!(h.service.admin_cx(h.cx.tenant_id(), Client::default()).await.unwrap().is_none());
        assert!(h.service.cx("acme.example", Client::default()).await.unwrap().is_none());
        assert_eq!(h.events().await.last().unwrap(), "tenant.deleted");
    })
    .await;
}

#[tokio::test]
async fn changes_made_at_the_same_time_are_all_kept() {
    each(|h| async move {
        let patches = [
            json!({ "name": "A" }),
            json!({ "default_locale": "de" }),
            json!({ "brand": { "color": "#000000" } }),
            json!({ "policy": { "code": { "digits": 8 } } }),
        ];
        let tasks: Vec<_> = patches
            .into_iter()
            .map(|patch| {
                let h = h.clone();
                tokio::spawn(async move { h.service.patch_tenant(&h.cx, "t", &patch).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let row = h.service.find_tenant("acme").await.unwrap().unwrap();
        let settings = row.settings.0;
        assert_eq!((row.name.as_str(), settings.default_locale.as_deref()), ("A", Some("de")));
        assert_eq!((settings.brand.color.as_deref(), settings.policy.code.digits), (Some("#000000"), 8));
    })
    .await;
}
