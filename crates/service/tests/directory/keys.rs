use super::house::{absent, each, fields, tenant};
use doorward_service::directory::NewApiKey;

fn key(scopes: &[&str]) -> NewApiKey {
    NewApiKey { name: "k".into(), scopes: scopes.iter().map(|s| (*s).to_owned()).collect(), ..Default::default() }
}

#[tokio::test]
async fn a_key_is_found_by_its_digest_until_it_expires_or_is_deleted() {
    each(|h| async move {
        let expires_at = Some(h.cx.now.plus_seconds(3600));
        let made = h.service.create_api_key(&h.cx, "t", None, NewApiKey { expires_at, ..key(&["users:read"]) }).await.unwrap();
        assert!(made.key.starts_with("dwk_") && made.key.len() > 40);
        let found = h.service.authenticate_api_key(&made.key).await.unwrap().unwrap();
        assert_eq!((found.id, found.tenant_id), (made.row.id, Some(h.cx.tenant_id())));
        assert!(h.service.authenticate_api_key(&format!("{}x", made.key)).await.unwrap().is_none());
        assert!(h.service.authenticate_api_key("dwk_").await.unwrap().is_none());
        h.service.clock.advance(h.cx.tenant_id(), 3601);
        assert!(h.service.authenticate_api_key(&made.key).await.unwrap().is_none(), "expired");
        h.service.clock.reset(h.cx.tenant_id());
        let other = tenant(&h.service, "other").await;
        assert!(absent(h.service.delete_api_key(&other, "t", false, made.row.id).await));
        h.service.delete_api_key(&h.cx, "t", false, made.row.id).await.unwrap();
        assert!(h.service.authenticate_api_key(&made.key).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    each(|h| async move {
        let by = h.service.create_api_key(&h.cx, "t", None, key(&["api_keys:write", "users:read"])).await.unwrap().row;
        let ask = |new: NewApiKey| h.service.create_api_key(&h.cx, "t", Some(&by), new);
        assert_eq!(fields(ask(key(&["users:read", "users:write"])).await), ["scopes[1]"]);
        assert_eq!(fields(ask(key(&["*"])).await), ["scopes[0]"]);
        assert_eq!(fields(ask(NewApiKey { server_wide: true, ..key(&["users:read"]) }).await), ["server_wide"]);
        let made = ask(key(&["users:read"])).await.unwrap().row;
        let widen = h.service.update_api_key(&h.cx, "t", Some(&by), made.id, None, Some(vec!["*".into()])).await;
        assert_eq!(fields(widen), ["scopes[0]"]);
        assert_eq!(fields(h.service.create_api_key(&h.cx, "t", None, key(&["fly"])).await), ["scopes[0]"]);
        assert_eq!(fields(h.service.create_api_key(&h.cx, "t", None, key(&[])).await), ["scopes"]);
        let past = NewApiKey { expires_at: Some(h.cx.now), ..key(&["*"]) };
        assert_eq!(fields(h.service.create_api_key(&h.cx, "t", None, past).await), ["expires_at"]);
        let weak = NewApiKey { key: Some("dwk_1".into()), ..key(&["*"]) };
        assert_eq!(fields(h.service.create_api_key(&h.cx, "t", None, weak).await), ["key"]);
    })
    .await;
}

#[tokio::test]
async fn signing_keys_are_rotated_by_name_and_the_log_verifies() {
    each(|h| async move {
        let first = h.service.rotate_signing_key_named(&h.cx, "t", "ES256").await.unwrap();
        let second = h.service.rotate_signing_key_named(&h.cx, "t", "ES256").await.unwrap();
        let all = h.service.list_signing_keys(&h.cx).await.unwrap();
        let state = |kid: &str| all.iter().find(|k| k.kid == kid).map(|k| k.state.clone());
        assert_eq!((state(&first.kid).as_deref(), state(&second.kid).as_deref()), (Some("retired"), Some("active")));
        assert_eq!(fields(h.service.rotate_signing_key_named(&h.cx, "t", "HS256").await), ["alg"]);
        let report = h.service.verify_audit_chain(&h.cx).await.unwrap();
        assert_eq!((report.checked, report.unchained, report.fault), (4, 0, None));
    })
    .await;
}
