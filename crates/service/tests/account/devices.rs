use super::home::{ADA, application, family, family_state, is_live, signed_in, somebody, write};
use super::house::each;
use doorward_protocol::ids::{ApplicationId, SessionId};
use doorward_service::account::AccountError;
use doorward_store::Json;
use doorward_store::grants::ConsentRow;
use doorward_store::sessions::note_application;
use uuid::Uuid;

#[tokio::test]
async fn a_device_is_signed_out_with_what_was_born_of_it() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let (phone, eve) = (signed_in(&h, ada.user_id).await, somebody(&h, "eve@example.org").await);
        let app = application(&h, "Shop").await;
        let (here, there) = (family(&h, &ada, app).await, family(&h, &phone, app).await);
        write(&h.service, [note_application(h.cx.tenant_id(), phone.id, app, h.cx.now)]).await;
        let devices = h.service.my_devices(&h.cx, &ada).await.unwrap();
        assert_eq!(devices.iter().map(|d| (d.session.id, d.current)).collect::<Vec<_>>(), [(ada.id, true), (phone.id, false)]);
        assert_eq!(devices[1].applications, ["Shop"]);
        for id in [phone.id, SessionId(Uuid::nil())] {
            let foreign = h.service.revoke_device(&h.cx, &eve, id).await;
            assert!(matches!(foreign, Err(AccountError::NotFound("session"))), "{foreign:?}");
        }
        assert!(is_live(&h, &phone).await);
        h.service.revoke_device(&h.cx, &ada, phone.id).await.unwrap();
        assert!(is_live(&h, &ada).await && !is_live(&h, &phone).await);
        assert_eq!((family_state(&h, here).await, family_state(&h, there).await), ((true, false), (false, true)));
        let again = h.service.revoke_device(&h.cx, &ada, phone.id).await;
        assert!(matches!(again, Err(AccountError::NotFound("session"))), "{again:?}");
        assert_eq!(h.events().await.iter().filter(|e| *e == "session.ended").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn all_other_devices_are_signed_out() {
    each(|h| async move {
        let ada = somebody(&h, ADA).await;
        let (phone, eve) = (signed_in(&h, ada.user_id).await, somebody(&h, "eve@example.org").await);
        let app = application(&h, "Shop").await;
        let (here, there, foreign) = (family(&h, &ada, app).await, family(&h, &phone, app).await, family(&h, &eve, app).await);
        h.service.revoke_other_devices(&h.cx, &ada).await.unwrap();
        assert!(is_live(&h, &ada).await && !is_live(&h, &phone).await && is_live(&h, &eve).await);
        assert_eq!(family_state(&h, here).await, (true, false));
        assert_eq!(family_state(&h, there).await, (false, true));
        assert_eq!(family_state(&h, foreign).await, (true, false));
    })
    .await;
}

#[tokio::test]
async fn an_application_loses_its_access() {
    each(|h| async move {
        let (ada, eve) = (somebody(&h, ADA).await, somebody(&h, "eve@example.org").await);
        let (shop, wiki) = (application(&h, "Shop").await, application(&h, "Wiki").await);
        let consent = ConsentRow {
            tenant_id: h.cx.tenant_id(),
            user_id: ada.user_id,
            application_id: shop,
            scopes: Json(vec!["profile".into(), "email".into()]),
            created_at: h.cx.now,
            updated_at: h.cx.now,
        };
        write(&h.service, [consent.insert()]).await;
        let (grant, other) = (family(&h, &ada, shop).await, family(&h, &ada, wiki).await);
        let apps = h.service.my_apps(&h.cx, &ada).await.unwrap();
        assert_eq!(apps.iter().map(|a| a.application.name.as_str()).collect::<Vec<_>>(), ["Shop", "Wiki"]);
        assert_eq!(apps[0].scopes, ["profile", "email", "openid"]);
        assert_eq!(apps[0].last_used, Some(h.cx.now));
        for (who, id) in [(&eve, shop), (&ada, ApplicationId(Uuid::nil()))] {
            let none = h.service.disconnect_app(&h.cx, who, id).await;
            assert!(matches!(none, Err(AccountError::NotFound("application"))), "{none:?}");
        }
        h.service.disconnect_app(&h.cx, &ada, shop).await.unwrap();
        assert_eq!(family_state(&h, grant).await, (false, true));
        assert_eq!(family_state(&h, other).await, (true, false));
        assert_eq!(h.service.store.consent(h.cx.tenant_id(), ada.user_id, shop).await.unwrap(), None);
        assert_eq!(h.service.my_apps(&h.cx, &ada).await.unwrap().len(), 1);
        assert!(h.events().await.contains(&"consent.revoked".to_owned()));
    })
    .await;
}
