//! Resource servers that come with an accent.

use crate::house::{House, each};
use doorward_protocol::oauth::client::Accent;
use doorward_service::directory::{DomainDocument, NewApplication, ResourceServerDocument};
use serde_json::json;

const ACCENT: Accent = Accent::Fusionauth;

fn declared(issuer: &str) -> Vec<ResourceServerDocument> {
    let api = json!({ "audience": format!("{issuer}/own-api"), "name": "Own API", "scopes": [{ "value": "read:things" }] });
    vec![ResourceServerDocument::from_json(api).unwrap()]
}

async fn audiences(h: &House) -> Vec<String> {
    let page = h.service.list_resource_servers(&h.cx, None, 100).await.unwrap();
    page.items.into_iter().map(|row| row.audience).collect()
}

async fn application(h: &House, accent: Accent) {
    let new = json!({ "name": "App", "accent": accent.as_str() });
    h.service.create_application(&h.cx, "command", NewApplication::from_json(new).unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_made_once_for_each_domain_of_the_accent() {
    each(async |h: House| {
        h.service.profiles.register_resource_servers(ACCENT, declared);
        application(&h, Accent::Standard).await;
        assert!(audiences(&h).await.is_empty());
        // Without a domain of the accent, its clients are told the primary one.
        application(&h, ACCENT).await;
        assert_eq!(audiences(&h).await, ["https://acme.example/own-api"]);
        let domain = |host: &str, accent| DomainDocument {
            host: host.into(),
            issuer: format!("https://{host}"),
            is_primary: false,
            accent,
        };
        h.service.create_domain(&h.cx, "command", domain("a.example", ACCENT)).await.unwrap();
        let other = h.service.create_domain(&h.cx, "command", domain("b.example", Accent::Standard)).await.unwrap();
        assert_eq!(audiences(&h).await.len(), 2);
        h.service.patch_domain(&h.cx, "command", other.id, &json!({ "accent": ACCENT.as_str() })).await.unwrap();
        for _ in 0..2 {
            application(&h, ACCENT).await;
        }
        let all = ["https://acme.example/own-api", "https://a.example/own-api", "https://b.example/own-api"];
        assert_eq!(audiences(&h).await, all);
        assert_eq!(h.events().await.iter().filter(|e| *e == "resource_server.created").count(), 3);
    })
    .await;
}
