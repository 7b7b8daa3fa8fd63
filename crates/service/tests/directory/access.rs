use super::house::{absent, conflict, each, fields, tenant};
use doorward_service::directory::{GroupDocument, NewIdentifier, NewUser, Permission, ResourceServerDocument, RoleDocument};
use serde_json::json;

fn role(name: &str) -> RoleDocument {
    RoleDocument { name: name.into(), ..Default::default() }
}

fn user(email: &str) -> NewUser {
    NewUser { identifiers: vec![NewIdentifier::email(email, true)], ..Default::default() }
}

#[tokio::test]
async fn permissions_reach_a_user_directly_by_role_and_by_group() {
    each(|h| async move {
        let api = ResourceServerDocument::from_json(
            json!({ "audience": "api", "scopes": [{ "value": "a" }, { "value": "b" }, { "value": "c" }] }),
        );
        let api = h.service.create_resource_server(&h.cx, "t", api.unwrap()).await.unwrap();
        let permission = |scope: &str| Permission { resource_server: api.id, scope: scope.into() };
        let editor = h.service.create_role(&h.cx, "t", role("editor")).await.unwrap();
        let reader = h.service.create_role(&h.cx, "t", role("reader")).await.unwrap();
        let group =
            h.service.create_group(&h.cx, "t", GroupDocument { name: "staff".into(), ..Default::default() }).await.unwrap();
        let ada = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;

        assert!(h.service.put_role_permissions(&h.cx, "t", editor.id, &[permission("a")], false).await.unwrap());
        assert!(!h.service.put_role_permissions(&h.cx, "t", editor.id, &[permission("a")], false).await.unwrap());
        h.service.put_role_permissions(&h.cx, "t", reader.id, &[permission("b")], false).await.unwrap();
        h.service.put_user_permissions(&h.cx, "t", ada, &[permission("c")], false).await.unwrap();
        h.service.put_user_roles(&h.cx, "t", ada, &[editor.id], false).await.unwrap();
        h.service.put_group_roles(&h.cx, "t", group.id, &[reader.id], false).await.unwrap();
        h.service.add_group_members(&h.cx, "t", group.id, &[ada]).await.unwrap();
        assert!(!h.service.add_group_members(&h.cx, "t", group.id, &[ada]).await.unwrap());
        let held = || async { h.service.store.permissions(h.cx.tenant_id(), ada, api.id).await.unwrap() };
        assert_eq!(held().await, ["a", "b", "c"]);

        // A scope that is no more is nobody's permission, also when it comes back.
        h.service.patch_resource_server(&h.cx, "t", api.id, &json!({ "scopes": [{ "value": "b" }] })).await.unwrap();
        h.service
            .patch_resource_server(
                &h.cx,
                "t",
                api.id,
                &json!({ "scopes": [{ "value": "a" }, { "value": "b" }, { "value": "c" }] }),
            )
            .await
            .unwrap();
        assert_eq!(held().await, ["b"]);
        h.service.remove_group_member(&h.cx, "t", group.id, ada).await.unwrap();
        assert!(held().await.is_empty());
        assert!(absent(h.service.remove_group_member(&h.cx, "t", group.id, ada).await));

        h.service.put_user_roles(&h.cx, "t", ada, &[reader.id], true).await.unwrap();
        let names: Vec<String> = h.service.list_user_roles(&h.cx, ada).await.unwrap().into_iter().map(|r| r.name).collect();
        assert_eq!(names, ["reader"], "only these");
        h.service.remove_user_role(&h.cx, "t", ada, reader.id).await.unwrap();
        assert!(absent(h.service.remove_user_role(&h.cx, "t", ada, reader.id).await));
        h.service.delete_role_permission(&h.cx, "t", reader.id, &permission("b")).await.unwrap();
        assert!(absent(h.service.delete_role_permission(&h.cx, "t", reader.id, &permission("b")).await));
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_or_not_ours_cannot_be_given() {
    each(|h| async move {
        let api = ResourceServerDocument::from_json(json!({ "audience": "api", "scopes": [{ "value": "a" }] })).unwrap();
        let api = h.service.create_resource_server(&h.cx, "t", api).await.unwrap();
        let mine = h.service.create_role(&h.cx, "t", role("editor")).await.unwrap();
        assert_eq!(conflict(h.service.create_role(&h.cx, "t", role("editor")).await), "name");
        assert_eq!(
            fields(h.service.create_role(&h.cx, "t", RoleDocument { is_default: true, ..role("x") }).await),
            ["is_default"]
        );
        let other = tenant(&h.service, "other").await;
        let theirs = h.service.create_role(&other, "t", role("editor")).await.unwrap();
        let eve = h.service.create_user(&other, "t", user("eve@example.org")).await.unwrap().user.id;
        let ada = h.service.create_user(&h.cx, "t", user("ada@example.org")).await.unwrap().user.id;
        let group = h.service.create_group(&h.cx, "t", GroupDocument { name: "g".into(), ..Default::default() }).await.unwrap();

        assert_eq!(fields(h.service.put_user_roles(&h.cx, "t", ada, &[mine.id, theirs.id], false).await), ["role_ids[1]"]);
        assert!(h.service.list_user_roles(&h.cx, ada).await.unwrap().is_empty(), "all or nothing");
        assert!(absent(h.service.put_user_roles(&h.cx, "t", eve, &[mine.id], false).await));
        assert_eq!(fields(h.service.add_group_members(&h.cx, "t", group.id, &[eve]).await), ["user_ids[0]"]);
        let missing = Permission { resource_server: api.id, scope: "z".into() };
        assert_eq!(
            fields(h.service.put_role_permissions(&h.cx, "t", mine.id, &[missing], false).await),
            ["permissions[0].scope"]
        );
        let foreign = Permission { resource_server: api.id, scope: "a".into() };
        assert_eq!(
            fields(h.service.put_role_permissions(&other, "t", theirs.id, &[foreign], false).await),
            ["permissions[0].resource_server_id"]
        );
        assert!(absent(h.service.patch_role(&other, "t", mine.id, &json!({ "name": "x" })).await));
        assert!(absent(h.service.delete_group(&other, "t", group.id).await));
    })
    .await;
}
