use super::home::{ADA, application, family, family_state, later, mails, somebody, under, write};
use super::house::each;
use doorward_protocol::admin::AdminRole;
use doorward_service::account::{ACTIVITY_PAGE, AccountError, ProfileChange};
use doorward_service::audit::Event;
use doorward_store::directory::put_metadata;
use serde_json::json;

fn change(name: &str) -> ProfileChange {
    ProfileChange { name: name.into(), ..Default::default() }
}

#[tokio::test]
async fn the_profile_is_changed() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let full = ProfileChange {
            name: "  Ada \n Lovelace ".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            locale: "de".into(),
            zoneinfo: "Europe/London".into(),
        };
        assert!(h.service.change_profile(&h.cx, &ada, &full).await.unwrap());
        let user = h.service.account(&h.cx, &ada).await.unwrap().user;
        assert_eq!(user.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!(user.profile.0.zoneinfo.as_deref(), Some("Europe/London"));
        // The same again is no change, and no event.
        assert!(!h.service.change_profile(&h.cx, &ada, &full).await.unwrap());
        assert_eq!(h.events().await.iter().filter(|e| *e == "profile.changed").count(), 1);
        // Empty fields take claims away.
        h.service.change_profile(&later(&h.cx, 1), &ada, &change("Ada")).await.unwrap();
        assert_eq!(h.service.account(&h.cx, &ada).await.unwrap().user.profile.0.locale, None);
        let events = h.service.my_activity(&h.cx, &ada, None).await.unwrap().events;
        assert_eq!(events[0].data.0["fields"], json!(["name", "given_name", "family_name", "locale", "zoneinfo"]));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_in_a_profile_is_refused() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let none = h.service.change_profile(&h.cx, &ada, &change(" ")).await;
        assert!(matches!(none, Err(AccountError::NameMissing)), "{none:?}");
        let odd = ProfileChange { locale: "tlh".into(), ..change("Ada") };
        let odd = h.service.change_profile(&h.cx, &ada, &odd).await;
        assert!(matches!(odd, Err(AccountError::Invalid("locale"))), "{odd:?}");
        let odd = ProfileChange { zoneinfo: "../../etc".into(), ..change("Ada") };
        let odd = h.service.change_profile(&h.cx, &ada, &odd).await;
        assert!(matches!(odd, Err(AccountError::Invalid("zoneinfo"))), "{odd:?}");
        let nameless = under(&h.cx, |p| p.sign_up.name_required = false);
        assert!(h.service.change_profile(&nameless, &ada, &change("")).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn activity_comes_in_pages_and_is_ones_own() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        for n in 0..60 {
            let at = later(&h.cx, n);
            write(&h.service, [Event::new("profile.changed").user(ada.user_id).with("n", n).statement(&at)]).await;
        }
        let first = h.service.my_activity(&h.cx, &ada, None).await.unwrap();
        assert_eq!(first.events.len(), ACTIVITY_PAGE as usize);
        assert_eq!(first.events[0].data.0["n"], 59);
        let second = h.service.my_activity(&h.cx, &ada, first.older).await.unwrap();
        // Ten more, and that the account was made.
        assert_eq!((second.events.len(), second.older), (11, None));
        assert_eq!(second.events[0].data.0["n"], 9);
        assert_eq!(h.service.my_activity(&h.cx, &eve, None).await.unwrap().events.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_data_are_whole_and_hold_no_secret() {
    each(|h| async move {
        let (ada, _) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        h.service.change_password(&h.cx, &ada, None, "correct horse battery staple").await.unwrap();
        let app = application(&h, "Shop").await;
        family(&h, &ada, app).await;
        let data = h.service.my_data(&h.cx, &ada).await.unwrap();
        assert_eq!(data["identifiers"][0]["value"], ADA);
        assert_eq!(data["applications"][0]["name"], "Shop");
        assert_eq!(data["sessions"].as_array().unwrap().len(), 1);
        assert_eq!((&data["password"]["set"], &data["activity_complete"]), (&json!(true), &json!(true)));
        let events: Vec<&str> = data["activity"].as_array().unwrap().iter().filter_map(|e| e["event"].as_str()).collect();
        assert!(events.contains(&"data.downloaded") && events.contains(&"user.created"), "{events:?}");
        let text = data.to_string();
        assert!(!text.contains("$argon2") && !text.contains("secret") && !text.contains("public_key"), "{text}");
        assert!(!text.contains("eve@"), "{text}");
        let stale = h.service.my_data(&later(&h.cx, 600), &ada).await;
        assert!(matches!(stale, Err(AccountError::NotFresh)), "{stale:?}");
    })
    .await;
}

#[tokio::test]
async fn a_deleted_account_leaves_its_id_and_nothing_else() {
    each(|mut h| async move {
        h.cx.client.ip = "203.0.113.7".into();
        h.cx.client.user_agent = "Firefox/1".into();
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let (tenant, user) = (h.cx.tenant_id(), ada.user_id);
        let app = application(&h, "Shop").await;
        let grant = family(&h, &ada, app).await;
        write(&h.service, [put_metadata(tenant, "user", user.0, "plan", &json!("gold"))]).await;
        for typed in ["", "eve@example.org", "delete"] {
            let wrong = h.service.delete_account(&h.cx, &ada, typed).await;
            assert!(matches!(wrong, Err(AccountError::ConfirmationWrong)), "{wrong:?}");
        }
        let stale = h.service.delete_account(&later(&h.cx, 600), &ada, ADA).await;
        assert!(matches!(stale, Err(AccountError::NotFresh)), "{stale:?}");
        assert!(h.service.account(&h.cx, &ada).await.is_ok());

        h.service.delete_account(&h.cx, &ada, " Ada@example.org ").await.unwrap();
        assert!(h.service.store.person(tenant, user).await.unwrap().is_none());
        assert!(h.service.store.identifiers(tenant, user).await.unwrap().is_empty());
        assert!(h.service.store.session(tenant, ada.id).await.unwrap().is_none());
        assert_eq!(family_state(&h, grant).await, (false, true));
        assert!(h.service.store.metadata(tenant, "user", user.0).await.unwrap().is_empty());
        assert!(mails(&h, ADA).await.iter().any(|m| m.subject.contains("deleted")));
        let event = h.service.store.audit_events(tenant, Some("account.deleted"), None, None, 9).await.unwrap().items.remove(0);
        assert_eq!((event.user_id, event.ip.as_str(), event.data.0.clone()), (Some(user), "", json!({})));
        let again = h.service.delete_account(&h.cx, &ada, ADA).await;
        assert!(matches!(again, Err(AccountError::NotFound("account"))), "{again:?}");
        assert!(h.service.account(&h.cx, &eve).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn the_last_owner_cannot_delete_their_account() {
    each(|h| async move {
        let (ada, bob) = (somebody(&h, ADA).await, somebody(&h, "bob@example.org").await);
        h.service.put_administrator(&h.cx, "command", ada.user_id, AdminRole::Owner).await.unwrap();
        h.service.put_administrator(&h.cx, "command", bob.user_id, AdminRole::Admin).await.unwrap();
        let kept = h.service.delete_account(&h.cx, &ada, ADA).await;
        assert!(matches!(kept, Err(AccountError::LastOwner)), "{kept:?}");
        // Nothing of it happened: neither the account nor its session are gone.
        assert!(h.service.account(&h.cx, &ada).await.is_ok());
        assert!(!h.events().await.iter().any(|event| event == "account.deleted"));
        h.service.put_administrator(&h.cx, "command", bob.user_id, AdminRole::Owner).await.unwrap();
        h.service.delete_account(&h.cx, &ada, ADA).await.unwrap();
        let kept = h.service.delete_account(&h.cx, &bob, "bob@example.org").await;
        assert!(matches!(kept, Err(AccountError::LastOwner)), "{kept:?}");
    })
    .await;
}
