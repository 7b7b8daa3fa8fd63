//! Every noun, written and read back on both engines; what happens only once, happens once; the audit chain tells tampering.

use std::sync::Arc;

use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::{
    ApplicationId, DomainId, GrantId, GroupId, IdentifierId, PasskeyId, ResourceServerId, RoleId, SessionId, TenantId, UserId,
};
use doorward_protocol::oauth::client::{Accent, ApplicationSettings};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::time::Timestamp;
use doorward_store::applications::{
    ApplicationGrantRow, ApplicationRow, ApplicationSecretRow, ResourceServerRow, ScopeRow, put_application_grant,
};
use doorward_store::audit::{AuditEventRow, chain};
use doorward_store::conditions;
use doorward_store::device::{self, DeviceAuthorizationRow};
use doorward_store::directory::{
    self, GroupMemberRow, GroupRoleRow, GroupRow, MembershipRow, RolePermissionRow, RoleRow, UserPermissionRow, UserRoleRow,
};
use doorward_store::engine::{Batch, ConnectOptions, Db, StoreError};
use doorward_store::grants::{self, ConsentRow, GrantTerms, RefreshFamilyRow, RefreshTokenRow};
use doorward_store::keys::{self, ApiKeyRow, SigningKeyRow};
use doorward_store::listing::{Column, Compare, Listing, SessionState};
use doorward_store::mail::{self, MailTemplateRow, MailboxRow, OutboxRow};
use doorward_store::named_keys::NamedKeyRow;
use doorward_store::passkeys::{self, PasskeyRow};
use doorward_store::processes::{self, ProcessRow};
use doorward_store::sanctions::SanctionRow;
use doorward_store::sessions::{self, SessionRow};
use doorward_store::short_lived::{self, CodeChallengeRow};
use doorward_store::tenants::{DomainRow, TenantRow};
use doorward_store::users::{self, IdentifierRow, PasswordRow, UserRow};
use doorward_store::webhooks::{self, DeliveryRow, WebhookRow, WebhookSettings};
use doorward_store::{Json, MIGRATIONS, Store, params};
use uuid::Uuid;

use crate::database::{each, each_address};

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);

pub(crate) fn id() -> Uuid {
    Uuid::now_v7()
}

pub(crate) async fn migrated(db: Db) -> Store {
    db.migrate(MIGRATIONS, NOW.0).await.expect("migrate");
    Store::new(db)
}

fn tenant_row(slug: &str) -> TenantRow {
    TenantRow {
        id: TenantId(id()),
        slug: slug.into(),
        name: slug.into(),
        settings: Json::default(),
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) async fn tenant(store: &Store, slug: &str) -> TenantId {
    let row = tenant_row(slug);
    store.commit(Batch::new().with(row.insert())).await.expect("tenant");
    row.id
}

fn user_row(tenant: TenantId) -> UserRow {
    UserRow {
        id: UserId(id()),
        tenant_id: tenant,
        status: users::ACTIVE.into(),
        name: Some("Ada".into()),
        profile: Json(Profile { locale: Some("en".into()), ..Default::default() }),
        passkey_declined_at: None,
        last_sign_in_at: None,
        sign_in_count: 0,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn identifier_row(tenant: TenantId, user: UserId, email: &str) -> IdentifierRow {
    IdentifierRow {
        id: IdentifierId(id()),
        tenant_id: tenant,
        user_id: user,
        kind: "email".into(),
        value: email.into(),
        normal: email.to_lowercase(),
        verified_at: None,
        is_primary: true,
        created_at: NOW,
    }
}

pub(crate) async fn user(store: &Store, tenant: TenantId, email: &str) -> UserId {
    let row = user_row(tenant);
    store.commit(Batch::new().with(row.insert()).with(identifier_row(tenant, row.id, email).insert())).await.expect("user");
    row.id
}

pub(crate) async fn application(store: &Store, tenant: TenantId, client_id: &str) -> ApplicationId {
    let row = ApplicationRow {
        id: ApplicationId(id()),
        tenant_id: tenant,
        client_id: client_id.into(),
        name: client_id.into(),
        enabled: true,
        settings: Json(ApplicationSettings::default()),
        created_at: NOW,
        updated_at: NOW,
    };
    store.commit(Batch::new().with(row.insert())).await.expect("application");
    assert_eq!(store.application_by_client_id(tenant, client_id).await.unwrap().unwrap(), row);
    assert_eq!(store.application(tenant, row.id).await.unwrap().unwrap(), row);
    row.id
}

async fn resource_server(store: &Store, tenant: TenantId, audience: &str) -> ResourceServerId {
    let row = ResourceServerRow {
        id: ResourceServerId(id()),
        tenant_id: tenant,
        audience: audience.into(),
        name: audience.into(),
        settings: Json::default(),
        created_at: NOW,
        updated_at: NOW,
    };
    let scope = ScopeRow { tenant_id: tenant, resource_server_id: row.id, value: "read".into(), description: "Read".into() };
    store.commit(Batch::new().with(row.insert()).with(scope.insert())).await.expect("resource server");
    assert_eq!(store.resource_server_by_audience(tenant, audience).await.unwrap().unwrap(), row);
    assert_eq!(store.scopes(tenant, row.id).await.unwrap(), [scope]);
    row.id
}

fn session_row(tenant: TenantId, user: UserId) -> SessionRow {
    SessionRow {
        id: SessionId(id()),
        tenant_id: tenant,
        user_id: user,
        secret_hash: vec![1; 32],
        proofs: Json(vec![]),
        ip: "192.0.2.1".into(),
        user_agent: "test".into(),
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW.plus_seconds(100),
        ended_at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_and_domains() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        assert!(store.commit(Batch::new().with(tenant_row("one").insert())).await.unwrap_err().is_unique("tenant"));
        let domain = DomainRow {
            id: DomainId(id()),
            tenant_id: one,
            host: "a.example".into(),
            issuer: "https://a.example".into(),
            base_url: None,
            is_primary: true,
            accent: Accent::Auth0,
            created_at: NOW,
        };
        store.commit(Batch::new().with(domain.insert())).await.unwrap();
        assert_eq!(store.domain_by_host("a.example").await.unwrap().unwrap(), domain);
        assert_eq!(store.domain_by_host("b.example").await.unwrap(), None);
        assert_eq!(store.domains(one).await.unwrap(), [domain]);
        let mut row = store.tenant_by_slug("one").await.unwrap().unwrap();
        row.name = "Renamed".into();
        store.commit(Batch::new().with(row.update())).await.unwrap();
        assert_eq!(store.tenant(one).await.unwrap().unwrap().name, "Renamed");
        for n in 0..5 {
            tenant(&store, &format!("t{n}")).await;
        }
        let first = store.tenants(None, 4).await.unwrap();
        let rest = store.tenants(first.next, 4).await.unwrap();
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (4, 2, None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_identifiers_and_passwords() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        let ada = user(&store, one, "Ada@example.org").await;
        let same_elsewhere = user(&store, two, "ada@example.org").await;
        let email = Identifier::email("ADA@example.org").unwrap();
        assert_eq!(store.identifier(one, &email).await.unwrap().unwrap().user_id, ada);
        assert_eq!(store.identifier(two, &email).await.unwrap().unwrap().user_id, same_elsewhere);
        let taken = identifier_row(one, ada, "ada@example.org").insert();
        assert!(store.commit(Batch::new().with(taken)).await.unwrap_err().is_unique("identifier"));
        // A tenant never sees another's rows, whatever id it asks for.
        assert_eq!(store.user(two, ada).await.unwrap(), None);

        store
            .commit(Batch::new().with(users::verify_identifier(one, ada, &email, NOW)).with(users::note_sign_in(one, ada, NOW)))
            .await
            .unwrap();
        let person = store.person(one, ada).await.unwrap().unwrap();
        assert_eq!((person.email().unwrap().verified_at, person.user.sign_in_count), (Some(NOW), 1));
        let mut blocked = person.user.clone();
        blocked.status = users::BLOCKED.into();
        store.commit(Batch::new().with(blocked.update())).await.unwrap();
        assert!(
            store.commit(Batch::new().with(users::note_sign_in(one, ada, NOW))).await.unwrap_err().is_guard("user.not_active")
        );

        let other = identifier_row(one, ada, "other@example.org");
        let mut batch = Batch::new().with(other.insert());
        for statement in users::make_primary(one, ada, "email", other.id) {
            batch.push(statement);
        }
        store.commit(batch).await.unwrap();
        assert_eq!(store.person(one, ada).await.unwrap().unwrap().email().unwrap().id, other.id);

        for hash in ["first", "second"] {
            let row = PasswordRow { user_id: ada, tenant_id: one, hash: hash.into(), changed_at: NOW };
            store.commit(Batch::new().with(users::put_password(&row))).await.unwrap();
            assert_eq!(store.password(one, ada).await.unwrap().unwrap(), row);
        }
        store
            .commit(Batch::new().with(users::delete_password(one, ada)).with(users::note_passkey_declined(one, ada, NOW)))
            .await
            .unwrap();
        assert_eq!(store.password(one, ada).await.unwrap(), None);

        for n in 0..7 {
            user(&store, one, &format!("user{n}@example.org")).await;
        }
        let found = store.users(one, Some("USER"), None, 5).await.unwrap();
        let rest = store.users(one, Some("user"), found.next, 5).await.unwrap();
        assert_eq!((found.items.len(), rest.items.len(), rest.next), (5, 2, None));
        assert_eq!(store.users(one, None, None, 100).await.unwrap().items.len(), 8);
        assert_eq!(store.count_users(one).await.unwrap(), 8);
        // Everything of a user goes with the user.
        store.commit(Batch::new().with(person.user.delete())).await.unwrap();
        assert_eq!(store.identifier(one, &email).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_roles_groups_and_permissions() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let ada = user(&store, one, "ada@example.org").await;
        let app = application(&store, one, "web").await;
        let api = resource_server(&store, one, "https://api.example").await;
        let secret = ApplicationSecretRow {
            id: id(),
            tenant_id: one,
            application_id: app,
            secret_hash: vec![7; 32],
            secret_sealed: vec![8],
            hint: "abcd".into(),
            created_at: NOW,
            expires_at: None,
        };
        store.commit(Batch::new().with(secret.insert())).await.unwrap();
        assert_eq!(store.application_secrets(one, app).await.unwrap(), [secret]);
        for scopes in [vec!["read".to_owned()], vec![]] {
            let grant = ApplicationGrantRow {
                tenant_id: one,
                application_id: app,
                resource_server_id: api,
                scopes: Json(scopes),
                created_at: NOW,
            };
            store.commit(Batch::new().with(put_application_grant(&grant))).await.unwrap();
            assert_eq!(store.application_grants(one, app).await.unwrap(), [grant]);
        }
        let role = |name: &str| RoleRow {
            id: RoleId(id()),
            tenant_id: one,
            application_id: None,
            name: name.into(),
            description: String::new(),
            is_default: false,
            created_at: NOW,
            updated_at: NOW,
        };
        let (direct, by_group) = (role("direct"), role("by group"));
        let group = GroupRow {
            id: GroupId(id()),
            tenant_id: one,
            name: "g".into(),
            description: String::new(),
            created_at: NOW,
            updated_at: NOW,
        };
        let permission = |role: &RoleRow, scope: &str| RolePermissionRow {
            tenant_id: one,
            role_id: role.id,
            resource_server_id: api,
            scope: scope.into(),
        };
        let batch = Batch::new()
            .with(direct.insert())
            .with(by_group.insert())
            .with(group.insert())
            .with(permission(&direct, "read").insert())
            .with(permission(&by_group, "write").insert())
            .with(directory::put(UserRoleRow { tenant_id: one, user_id: ada, role_id: direct.id }.insert()))
            .with(directory::put(UserRoleRow { tenant_id: one, user_id: ada, role_id: direct.id }.insert()))
            .with(GroupMemberRow { tenant_id: one, group_id: group.id, user_id: ada, created_at: NOW }.insert())
            .with(GroupRoleRow { tenant_id: one, group_id: group.id, role_id: by_group.id }.insert())
            .with(UserPermissionRow { tenant_id: one, user_id: ada, resource_server_id: api, scope: "delete".into() }.insert())
            .with(
                MembershipRow {
                    tenant_id: one,
                    user_id: ada,
                    application_id: app,
                    data: Json(serde_json::json!({"a": 1})),
                    created_at: NOW,
                    updated_at: NOW,
                }
                .insert(),
            );
        store.commit(batch).await.unwrap();
        assert_eq!(store.permissions(one, ada, api).await.unwrap(), ["delete", "read", "write"]);
        assert_eq!(store.effective_roles(one, ada).await.unwrap().len(), 2);
        assert_eq!(store.user_roles(one, ada).await.unwrap(), [direct.clone()]);
        assert_eq!(store.users_of_role(one, direct.id).await.unwrap().len(), 1);
        assert_eq!(store.user_groups(one, ada).await.unwrap(), [group.clone()]);
        assert_eq!(store.group_roles(one, group.id).await.unwrap(), [by_group]);
        assert_eq!(store.group_members(one, group.id, None, 10).await.unwrap().items.len(), 1);
        assert_eq!(store.role_permissions(one, direct.id).await.unwrap().len(), 1);
        assert_eq!(store.user_permissions(one, ada).await.unwrap().len(), 1);
        assert_eq!(store.memberships(one, ada).await.unwrap().len(), 1);
        assert_eq!(store.roles(one, None, 10).await.unwrap().items.len(), 2);
        assert!(store.commit(Batch::new().with(role("direct").insert())).await.unwrap_err().is_unique("role"));
        let batch = Batch::new()
            .with(directory::delete_role_permissions(one, direct.id))
            .with(directory::delete_group_roles(one, group.id))
            .with(directory::delete_user_roles(one, ada));
        store.commit(batch).await.unwrap();
        assert_eq!(store.permissions(one, ada, api).await.unwrap(), ["delete"]);

        store.commit(Batch::new().with(directory::put_alias(one, "auth0", "auth0|x", ada.0))).await.unwrap();
        assert_eq!(store.by_alias(one, "auth0", "auth0|x").await.unwrap(), Some(ada.0));
        for value in [serde_json::json!({"k": [1]}), serde_json::json!("x")] {
            store.commit(Batch::new().with(directory::put_metadata(one, "app", ada.0, "key", &value))).await.unwrap();
            assert_eq!(store.metadata(one, "app", ada.0).await.unwrap(), [("key".to_owned(), value)]);
        }
        store
            .commit(Batch::new().with(directory::add_rollup(one, 1, "x", 2)).with(directory::add_rollup(one, 1, "x", 3)))
            .await
            .unwrap();
        store
            .commit(
                Batch::new()
                    .with(directory::delete_metadata(one, "app", ada.0, "key"))
                    .with(directory::delete_all_metadata(one, ada.0)),
            )
            .await
            .unwrap();
        assert!(store.metadata(one, "app", ada.0).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn passkeys_sessions_and_consent() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let ada = user(&store, one, "ada@example.org").await;
        let app = application(&store, one, "web").await;
        let passkey = PasskeyRow {
            id: PasskeyId(id()),
            tenant_id: one,
            user_id: ada,
            credential_id: vec![9; 600],
            user_handle: ada.0.as_bytes().to_vec(),
            public_key: vec![1, 2],
            rp_id: "localhost".into(),
            sign_count: 5,
            backup_eligible: false,
            backup_state: false,
            aaguid: Uuid::nil(),
            transports: Json(vec!["usb".into()]),
            attestation_format: "none".into(),
            name: "Key".into(),
            created_at: NOW,
            last_used_at: None,
            created_on: "Firefox on Linux".into(),
        };
        store.commit(Batch::new().with(passkey.insert())).await.unwrap();
        assert_eq!(store.passkey_by_credential_id(one, &[9; 600]).await.unwrap().unwrap(), passkey);
        let again = PasskeyRow { id: PasskeyId(id()), ..passkey.clone() };
        assert!(store.commit(Batch::new().with(again.insert())).await.unwrap_err().is_unique("passkey"));
        store.commit(Batch::new().with(passkeys::note_use(one, passkey.id, 5, 6, false, NOW))).await.unwrap();
        assert!(
            store
                .commit(Batch::new().with(passkeys::note_use(one, passkey.id, 5, 5, false, NOW)))
                .await
                .unwrap_err()
                .is_guard("passkey.gone")
        );
        store.commit(Batch::new().with(passkeys::rename(one, ada, passkey.id, "New"))).await.unwrap();
        assert_eq!(store.passkey(one, ada, passkey.id).await.unwrap().unwrap().name, "New");
        store.commit(Batch::new().with(passkeys::delete(one, ada, passkey.id))).await.unwrap();
        assert!(
            store.commit(Batch::new().with(passkeys::delete(one, ada, passkey.id))).await.unwrap_err().is_guard("passkey.gone")
        );
        store.commit(Batch::new().with(passkey.insert()).with(passkeys::delete_all(one, ada))).await.unwrap();
        assert!(store.passkeys(one, ada).await.unwrap().is_empty());

        let (mut first, second) = (session_row(one, ada), session_row(one, ada));
        let batch = Batch::new()
            .with(first.insert())
            .with(second.insert())
            .with(sessions::note_application(one, first.id, app, NOW))
            .with(sessions::note_application(one, first.id, app, NOW));
        store.commit(batch).await.unwrap();
        assert_eq!(store.session_applications(one, first.id).await.unwrap(), [app]);
        first.secret_hash = vec![2; 32];
        store
            .commit(Batch::new().with(sessions::renew(&first)).with(sessions::touch(one, second.id, NOW, NOW.plus_seconds(200))))
            .await
            .unwrap();
        assert_eq!(store.session(one, first.id).await.unwrap().unwrap(), first);
        assert!(
            store.user_known_at(one, ada, "192.0.2.1").await.unwrap()
                && !store.user_known_at(one, ada, "192.0.2.2").await.unwrap()
        );
        store.commit(Batch::new().with(sessions::end_others(one, ada, Some(first.id), NOW))).await.unwrap();
        assert_eq!(store.sessions(one, ada, NOW).await.unwrap().len(), 1);
        store.commit(Batch::new().with(sessions::end(one, first.id, NOW))).await.unwrap();
        assert!(store.commit(Batch::new().with(sessions::renew(&first))).await.unwrap_err().is_guard("session.ended"));

        for scopes in [vec!["email".to_owned()], vec!["email".to_owned(), "profile".to_owned()]] {
            let row = ConsentRow {
                tenant_id: one,
                user_id: ada,
                application_id: app,
                scopes: Json(scopes),
                created_at: NOW,
                updated_at: NOW,
            };
            store.commit(Batch::new().with(grants::put_consent(&row))).await.unwrap();
            assert_eq!(store.consent(one, ada, app).await.unwrap().unwrap(), row);
        }
        assert_eq!(store.consents(one, ada).await.unwrap().len(), 1);
        store.commit(Batch::new().with(grants::delete_consent(one, ada, app))).await.unwrap();
        assert_eq!(store.consent(one, ada, app).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_used_once_by_however_many() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let ada = user(&store, one, "ada@example.org").await;
        let app = application(&store, one, "web").await;
        let session = session_row(one, ada);
        let family = RefreshFamilyRow {
            id: GrantId(id()),
            tenant_id: one,
            application_id: app,
            user_id: ada,
            session_id: Some(session.id),
            terms: Json(GrantTerms { scope: vec!["openid".into()], ..Default::default() }),
            created_at: NOW,
            last_used_at: NOW,
            expires_at: NOW.plus_seconds(100),
            revoked_at: None,
            revoked_reason: None,
        };
        let token = RefreshTokenRow {
            id: id(),
            tenant_id: one,
            family_id: family.id,
            secret_hash: vec![3; 32],
            created_at: NOW,
            expires_at: NOW.plus_seconds(50),
            used_at: None,
            successor_id: None,
        };
        store.commit(Batch::new().with(session.insert()).with(family.insert()).with(token.insert())).await.unwrap();
        let found = store.refresh_token(one, token.id).await.unwrap().unwrap();
        assert_eq!((found.token, found.family), (token.clone(), family.clone()));

        let store = Arc::new(store);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..32 {
            let (store, successor) = (Arc::clone(&store), RefreshTokenRow { id: id(), ..token.clone() });
            tasks.spawn(async move {
                let batch = Batch::new()
                    .with(grants::use_refresh_token(one, token.id, successor.id, NOW))
                    .with(grants::use_family(one, successor.family_id, NOW))
                    .with(successor.insert());
                store.commit(batch).await.is_ok()
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().filter(|won| *won).count(), 1);
        let tokens = store.db().query("SELECT COUNT(*) AS n FROM refresh_token", params![]).await.unwrap();
        assert_eq!(tokens[0].int("n").unwrap(), 2);

        store.commit(Batch::new().with(grants::extend_refresh_token(one, token.id, NOW))).await.unwrap();
        assert_eq!(store.refresh_families(one, ada, NOW).await.unwrap().len(), 1);
        for revoke in [
            grants::revoke_families_of_session(one, session.id, "a", NOW),
            grants::revoke_family(one, family.id, "b", NOW),
            grants::revoke_families_of_application(one, ada, app, "c", NOW),
            grants::revoke_families_of_user(one, ada, "d", NOW),
        ] {
            store.commit(Batch::new().with(revoke)).await.unwrap();
        }
        let revoked = store.refresh_family(one, family.id).await.unwrap().unwrap();
        assert_eq!(revoked.revoked_reason.as_deref(), Some("a"), "the first reason stays");
        assert!(
            store
                .commit(Batch::new().with(grants::use_family(one, family.id, NOW)))
                .await
                .unwrap_err()
                .is_guard("refresh_family.revoked")
        );

        let jti = id();
        assert!(!store.is_revoked(one, jti, family.id.0).await.unwrap());
        store
            .commit(Batch::new().with(grants::revoke(one, family.id.0, NOW)).with(grants::revoke(
                one,
                family.id.0,
                NOW.plus_seconds(9),
            )))
            .await
            .unwrap();
        assert!(store.is_revoked(one, jti, family.id.0).await.unwrap());
        assert!(store.person_of_token(one, ada, jti, family.id.0, NOW).await.unwrap().is_none());
        let other = id();
        let person = store.person_of_token(one, ada, jti, other, NOW).await.unwrap().unwrap();
        assert!(person.identifiers.len() == 1 && person.user.id == ada);
        store.commit(Batch::new().with(grants::revoke(one, jti, NOW.plus_seconds(9)))).await.unwrap();
        assert!(store.person_of_token(one, ada, jti, other, NOW).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_attempts_and_what_is_spent() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        store.commit(Batch::new().with(short_lived::spend(one, "code", b"x", NOW))).await.unwrap();
        assert!(
            store.commit(Batch::new().with(short_lived::spend(one, "code", b"x", NOW))).await.unwrap_err().is_unique("spent")
        );
        store
            .commit(
                Batch::new().with(short_lived::spend(two, "code", b"x", NOW)).with(short_lived::spend(one, "other", b"x", NOW)),
            )
            .await
            .unwrap();
        assert!(store.is_spent(one, "code", b"x").await.unwrap() && !store.is_spent(one, "code", b"y").await.unwrap());

        for _ in 0..3 {
            store.commit(Batch::new().with(short_lived::count_failure(one, "b", NOW, NOW.plus_seconds(10)))).await.unwrap();
        }
        assert_eq!(store.failures(one, "b", NOW).await.unwrap(), (3, NOW.plus_seconds(10)));
        let later = NOW.plus_seconds(11);
        assert_eq!(store.failures(one, "b", later).await.unwrap().0, 0);
        store.commit(Batch::new().with(short_lived::count_failure(one, "b", later, later.plus_seconds(10)))).await.unwrap();
        assert_eq!(store.failures(one, "b", later).await.unwrap().0, 1, "a window that has ended begins anew");
        store.commit(Batch::new().with(short_lived::clear_failures(one, "b"))).await.unwrap();

        let code = CodeChallengeRow {
            id: id(),
            tenant_id: one,
            purpose: "sign_in".into(),
            user_id: None,
            kind: "email".into(),
            address: "a@b.c".into(),
            code_hash: vec![1],
            link_hash: vec![2],
            flow: Some(vec![3]),
            attempts_left: 2,
            created_at: NOW,
            expires_at: NOW.plus_seconds(60),
            confirmed_at: None,
            used_at: None,
        };
        store.commit(Batch::new().with(code.insert())).await.unwrap();
        assert_eq!(store.code_challenge(one, code.id).await.unwrap().unwrap(), code);
        store
            .commit(
                Batch::new().with(short_lived::confirm_code(one, code.id, NOW)).with(short_lived::take_guess(one, code.id, NOW)),
            )
            .await
            .unwrap();
        store.commit(Batch::new().with(short_lived::take_guess(one, code.id, NOW))).await.unwrap();
        for statement in [
            short_lived::take_guess(one, code.id, NOW),
            short_lived::use_code(one, code.id, NOW),
            short_lived::confirm_code(one, code.id, NOW),
        ] {
            assert!(
                matches!(store.commit(Batch::new().with(statement)).await, Err(StoreError::Guard { .. })),
                "a code without guesses is dead"
            );
        }
        let fresh = CodeChallengeRow { id: id(), ..code };
        store.commit(Batch::new().with(fresh.insert()).with(short_lived::use_code(one, fresh.id, NOW))).await.unwrap();
        assert!(
            store.commit(Batch::new().with(short_lived::use_code(one, fresh.id, NOW))).await.unwrap_err().is_guard("code.used")
        );

        let parked = id();
        store.commit(Batch::new().with(short_lived::park(one, parked, "sealed", NOW.plus_seconds(5)))).await.unwrap();
        assert_eq!(store.parked_state(one, parked, NOW).await.unwrap().as_deref(), Some("sealed"));
        assert_eq!(store.parked_state(one, parked, NOW.plus_seconds(5)).await.unwrap(), None);

        store.commit(short_lived::sweep(NOW.plus_seconds(3600), NOW, 1).into()).await.unwrap();
        let left = store
            .db()
            .query("SELECT (SELECT COUNT(*) FROM spent) AS spent, (SELECT COUNT(*) FROM code_challenge) AS codes", params![])
            .await
            .unwrap();
        assert_eq!((left[0].int("spent").unwrap(), left[0].int("codes").unwrap()), (2, 1), "one row of each at a step");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_wait_and_are_answered_once() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        let (ada, app) = (user(&store, one, "ada@example.org").await, application(&store, one, "tv").await);
        let row = DeviceAuthorizationRow {
            id: id(),
            tenant_id: one,
            application_id: app,
            device_code_hash: vec![1; 32],
            user_code_hash: vec![2; 32],
            scope: Json(vec!["openid".into()]),
            audience: Json(vec![]),
            state: device::WAITING.into(),
            user_id: None,
            session_id: None,
            proofs: Json(vec![]),
            poll_seconds: 5,
            polled_at: Timestamp(0),
            created_at: NOW,
            expires_at: NOW.plus_seconds(900),
        };
        store.commit(Batch::new().with(row.insert())).await.unwrap();
        let twin = DeviceAuthorizationRow { id: id(), ..row.clone() };
        assert!(store.commit(Batch::new().with(twin.insert())).await.unwrap_err().is_unique("device_authorization"));
        assert_eq!(store.device_by_user_code(one, &[2; 32], NOW).await.unwrap(), Some(row.clone()));
        assert_eq!(store.device_by_user_code(two, &[2; 32], NOW).await.unwrap(), None);
        assert_eq!(store.device_by_user_code(one, &[2; 32], row.expires_at).await.unwrap(), None, "too late");
        assert!(store.commit(Batch::new().with(device::take(one, row.id))).await.unwrap_err().is_guard("device.taken"));
        let allowed = DeviceAuthorizationRow { state: device::ALLOWED.into(), user_id: Some(ada), ..row.clone() };
        store.commit(Batch::new().with(device::answer(&allowed)).with(device::note_poll(one, row.id, NOW, 10))).await.unwrap();
        let denied = DeviceAuthorizationRow { state: device::DENIED.into(), ..row.clone() };
        assert!(store.commit(Batch::new().with(device::answer(&denied))).await.unwrap_err().is_guard("device.answered"));
        let known = store.device_authorization(one, row.id).await.unwrap().unwrap();
        assert_eq!(
            (known.user_id, known.poll_seconds, known.polled_at, known.state.as_str()),
            (Some(ada), 10, NOW, device::ALLOWED)
        );
        assert!(store.commit(Batch::new().with(device::take(two, row.id))).await.unwrap_err().is_guard("device.taken"));
        store.commit(Batch::new().with(device::take(one, row.id))).await.unwrap();
        assert!(store.commit(Batch::new().with(device::take(one, row.id))).await.unwrap_err().is_guard("device.taken"));
        // What nobody answered is swept.
        store.commit(Batch::new().with(row.insert())).await.unwrap();
        store.commit(short_lived::sweep(row.expires_at.plus_seconds(1), NOW, 100).into()).await.unwrap();
        assert_eq!(store.device_authorization(one, row.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_found_by_the_beginning_of_the_id_and_has_an_outward_one() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        let ada = user(&store, one, "ada@example.org").await;
        let prefix = *ada.0.as_bytes().first_chunk::<12>().unwrap();
        assert_eq!(store.user_by_id_prefix(one, prefix).await.unwrap(), Some(ada));
        assert_eq!(store.user_by_id_prefix(two, prefix).await.unwrap(), None);
        assert_eq!(store.user_by_id_prefix(one, [9; 12]).await.unwrap(), None);
        // Two that begin alike: neither is meant.
        let mut bytes = *ada.0.as_bytes();
        bytes[15] ^= 1;
        let twin = UserRow { id: UserId(Uuid::from_bytes(bytes)), ..user_row(one) };
        store.commit(Batch::new().with(twin.insert())).await.unwrap();
        assert_eq!(store.user_by_id_prefix(one, prefix).await.unwrap(), None);

        assert_eq!(store.alias_of(one, "accent", ada.0).await.unwrap(), None);
        store.commit(Batch::new().with(directory::put_alias(one, "accent", "theirs|1", ada.0))).await.unwrap();
        assert_eq!(store.alias_of(one, "accent", ada.0).await.unwrap().as_deref(), Some("theirs|1"));
        assert_eq!(store.alias_of(one, "other", ada.0).await.unwrap(), None);
        assert_eq!(store.alias_of(two, "accent", ada.0).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_mail() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let key = |kid: &str, state: &str| SigningKeyRow {
            kid: kid.into(),
            tenant_id: one,
            alg: "RS256".into(),
            state: state.into(),
            private_key: vec![1],
            public_jwk: "{}".into(),
            created_at: NOW,
            retired_at: None,
            certificate: None,
        };
        store.commit(Batch::new().with(key("a", keys::ACTIVE).insert()).with(key("b", keys::NEXT).insert())).await.unwrap();
        store.commit(Batch::new().with(keys::retire(one, "a", NOW)).with(keys::activate(one, "b"))).await.unwrap();
        assert!(
            store.commit(Batch::new().with(keys::retire(one, "a", NOW))).await.unwrap_err().is_guard("signing_key.not_active")
        );
        assert_eq!(store.signing_keys(one).await.unwrap().len(), 2);
        // A certificate is kept once, and a key that signs is not revoked.
        for der in [&[1, 2, 3], &[4, 5, 6]] {
            store.commit(Batch::new().with(keys::certify(one, "a", der))).await.unwrap();
        }
        assert!(store.commit(Batch::new().with(keys::revoke(one, "b", NOW))).await.unwrap_err().is_guard("signing_key.not_idle"));
        store.commit(Batch::new().with(keys::revoke(one, "a", NOW))).await.unwrap();
        let all = store.signing_keys(one).await.unwrap();
        let state = |kid: &str| all.iter().find(|k| k.kid == kid).map(|k| (k.state.as_str(), k.certificate.clone())).unwrap();
        assert_eq!(state("a"), (keys::REVOKED, Some(vec![1, 2, 3])));
        assert_eq!(state("b"), (keys::ACTIVE, None));
        let api_key = ApiKeyRow {
            id: id(),
            tenant_id: Some(one),
            name: "k".into(),
            key_hash: vec![4; 32],
            hint: "h".into(),
            scopes: Json(vec!["*".into()]),
            created_at: NOW,
            expires_at: None,
            last_used_at: None,
        };
        store.commit(Batch::new().with(api_key.insert()).with(keys::touch_api_key(api_key.id, NOW))).await.unwrap();
        assert_eq!(store.api_key_by_hash(&[4; 32]).await.unwrap().unwrap().last_used_at, Some(NOW));
        assert!(store.api_key(api_key.id).await.unwrap().is_some());
        assert_eq!(
            store.api_keys(Some(one), None, 5).await.unwrap().items.len()
                + store.api_keys(None, None, 5).await.unwrap().items.len(),
            2
        );

        let mut row = OutboxRow {
            id: id(),
            tenant_id: one,
            kind: "mail".into(),
            payload: vec![1],
            due_at: NOW,
            attempts: 0,
            leased_until: None,
            last_error: None,
            created_at: NOW,
        };
        store.commit(Batch::new().with(row.insert())).await.unwrap();
        row = store.outbox_due(NOW, 10, 10, &[]).await.unwrap().remove(0);
        store.commit(Batch::new().with(mail::lease(&row, NOW, NOW.plus_seconds(60)))).await.unwrap();
        assert!(
            store
                .commit(Batch::new().with(mail::lease(&row, NOW, NOW.plus_seconds(60))))
                .await
                .unwrap_err()
                .is_guard("outbox.leased")
        );
        assert!(store.outbox_due(NOW, 10, 10, &[]).await.unwrap().is_empty());
        store.commit(Batch::new().with(mail::put_off(&row, NOW.plus_seconds(5), "no route"))).await.unwrap();
        assert_eq!(store.outbox_due(NOW.plus_seconds(5), 10, 10, &[]).await.unwrap()[0].last_error.as_deref(), Some("no route"));
        let letter = MailboxRow {
            id: id(),
            tenant_id: one,
            recipient: "a@b.c".into(),
            subject: "s".into(),
            body_text: "t".into(),
            body_html: "h".into(),
            received_at: NOW,
        };
        store.commit(Batch::new().with(letter.insert())).await.unwrap();
        assert_eq!(store.mailbox(one, Some("a@b.c"), 5).await.unwrap(), [letter.clone()]);
        assert_eq!(store.mailbox(one, None, 5).await.unwrap().len(), 1);
        assert_eq!(store.mailbox_mail(one, letter.id).await.unwrap().unwrap(), letter);
    })
    .await;
}

pub(crate) fn event(tenant: TenantId, n: i64) -> AuditEventRow {
    AuditEventRow {
        id: id(),
        tenant_id: tenant,
        event: "test.happened".into(),
        at: NOW.plus_seconds(n),
        user_id: (n % 2 == 0).then(|| UserId(Uuid::nil())),
        application_id: None,
        actor: "user".into(),
        ip: "::1".into(),
        request_id: "r".into(),
        data: Json(serde_json::json!({"n": n})),
        seq: None,
        prev_hash: None,
        hash: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_chain_tells_tampering() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        for n in 0..20 {
            store.commit(Batch::new().with(event(if n % 3 == 0 { two } else { one }, n).insert())).await.unwrap();
        }
        assert_eq!(store.verify_audit(one).await.unwrap().unchained, 13);
        assert_eq!(store.chain_audit().await.unwrap(), 20);
        assert_eq!(store.chain_audit().await.unwrap(), 0);
        let report = store.verify_audit(one).await.unwrap();
        assert_eq!((report.checked, report.unchained, report.fault), (13, 0, None));
        assert_eq!(
            store.audit_events(one, Some("test.happened"), Some(UserId(Uuid::nil())), None, 3).await.unwrap().items.len(),
            3
        );
        assert_eq!(store.audit_events(one, None, None, None, 100).await.unwrap().items.len(), 13);
        for (attack, undo) in [
            (
                "UPDATE audit_event SET data = '{\"n\":99}' WHERE seq = 5",
                "UPDATE audit_event SET data = '{\"n\":7}' WHERE seq = 5",
            ),
            ("UPDATE audit_event SET ip = '::2' WHERE seq = 5", "UPDATE audit_event SET ip = '::1' WHERE seq = 5"),
            ("UPDATE audit_event SET seq = 105 WHERE seq = 5", "UPDATE audit_event SET seq = 5 WHERE seq = 105"),
            ("UPDATE audit_head SET seq = 14", "UPDATE audit_head SET seq = 13"),
        ] {
            store.commit(Batch::new().run(attack, params![])).await.unwrap();
            assert!(store.verify_audit(one).await.unwrap().fault.is_some(), "{attack}");
            store.commit(Batch::new().run(undo, params![])).await.unwrap();
        }
        store.commit(Batch::new().run("DELETE FROM audit_event WHERE seq = 13", params![])).await.unwrap();
        assert!(store.verify_audit(one).await.unwrap().fault.unwrap().contains("cut off"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_events_are_chained_in_their_own_commit() {
    each_address(|url| async move {
        let options =
            ConnectOptions { before_commit: Some(Arc::new(|c| chain(c, 1000).map(|_| ()))), ..ConnectOptions::default() };
        let db = Db::connect(&url, options).await.unwrap();
        if !db.is_sqlite() {
            return;
        }
        let store = Arc::new(migrated(db).await);
        let one = tenant(&store, "one").await;
        let before = store.db().stats().transactions_committed;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200 {
            let store = Arc::clone(&store);
            tasks.spawn(async move { store.commit(Batch::new().with(event(one, n).insert())).await });
        }
        assert!(tasks.join_all().await.into_iter().all(|r| r.is_ok()));
        let report = store.verify_audit(one).await.unwrap();
        assert_eq!((report.checked, report.unchained, report.fault), (200, 0, None));
        assert!(store.db().stats().transactions_committed - before < 200, "commits are shared");
        let copy = std::env::temp_dir().join(format!("doorward-backup-{}.db", Uuid::new_v4().simple()));
        store.backup(&copy).await.unwrap();
        let restored = Store::new(
            Db::connect(&doorward_store::engine::DatabaseUrl::Sqlite { path: copy.clone() }, ConnectOptions::default())
                .await
                .unwrap(),
        );
        assert_eq!(restored.verify_audit(one).await.unwrap().checked, 200);
        restored.db().clone().close().await;
        let _ = std::fs::remove_file(copy);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_keeps_an_owner_who_is_not_blocked() {
    use doorward_store::administrators::{self, AdministratorRow};
    each(|db| async move {
        let store = migrated(db).await;
        let (one, other) = (tenant(&store, "one").await, tenant(&store, "other").await);
        let (ada, bob) = (user(&store, one, "ada@example.org").await, user(&store, one, "bob@example.org").await);
        let row = |user_id, role: &str| AdministratorRow {
            tenant_id: one,
            user_id,
            role: role.into(),
            created_at: NOW,
            updated_at: NOW,
        };
        let guarded = |statement| {
            Batch::new().with(administrators::lock_administrators(one)).with(statement).with(administrators::keeps_owner(one))
        };
        store.commit(guarded(administrators::put_administrator(&row(ada, "owner")))).await.unwrap();
        assert_eq!(store.administrator(one, ada).await.unwrap(), Some(row(ada, "owner")));
        assert_eq!(store.administrator(other, ada).await.unwrap(), None);

        let refused =
            |result: Result<_, StoreError>| result.map(|_: Vec<_>| ()).unwrap_err().is_guard(administrators::LAST_OWNER);
        assert!(refused(store.commit(guarded(administrators::put_administrator(&row(ada, "viewer")))).await));
        assert!(refused(store.commit(guarded(row(ada, "owner").delete())).await));
        assert_eq!(store.administrator(one, ada).await.unwrap().unwrap().role, "owner");

        // A second owner who is blocked does not count.
        store.commit(Batch::new().with(administrators::put_administrator(&row(bob, "owner")))).await.unwrap();
        store.commit(Batch::new().with(users::set_status(one, bob, users::BLOCKED, NOW))).await.unwrap();
        assert!(refused(store.commit(guarded(row(ada, "owner").delete())).await));
        store.commit(Batch::new().with(users::set_status(one, bob, users::ACTIVE, NOW))).await.unwrap();
        store.commit(guarded(row(ada, "owner").delete())).await.unwrap();
        let left: Vec<UserId> = store.administrators(one).await.unwrap().into_iter().map(|row| row.user_id).collect();
        assert_eq!(left, [bob]);

        // Counters by day, and live sessions.
        let day = |day, count| directory::add_rollup(one, day, "sign_in.passkey", count);
        store.commit(Batch::new().with(day(9, 1)).with(day(10, 2)).with(day(11, 3)).with(day(12, 4))).await.unwrap();
        let counted: Vec<(i64, i64)> = store.rollups(one, 10, 11).await.unwrap().into_iter().map(|c| (c.day, c.count)).collect();
        assert_eq!(counted, [(10, 2), (11, 3)]);
        assert!(store.rollups(other, 0, 20).await.unwrap().is_empty());
        assert_eq!(store.count_sessions(one, NOW, 10).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_changed_by_one_at_a_time() {
    each(|db| async move {
        let store = migrated(db).await;
        let (mine, theirs) = (tenant(&store, "mine").await, tenant(&store, "theirs").await);
        let row = |revision, sealed: &str| ProcessRow {
            id: Uuid::from_u128(7),
            tenant_id: mine,
            revision,
            sealed: sealed.into(),
            until: NOW.plus_seconds(60),
        };
        let keep = |row: ProcessRow| store.commit(Batch::new().with(processes::keep(&row)));
        keep(row(1, "first")).await.unwrap();
        assert!(keep(row(1, "first again")).await.unwrap_err().is_unique("process"));
        keep(row(2, "second")).await.unwrap();
        // Somebody who read the first state comes too late.
        assert!(keep(row(2, "late")).await.unwrap_err().is_guard(processes::MOVED));
        assert!(keep(row(4, "from nowhere")).await.unwrap_err().is_guard(processes::MOVED));
        assert_eq!(store.process(mine, Uuid::from_u128(7), NOW).await.unwrap().unwrap().sealed, "second");
        assert_eq!(store.process(theirs, Uuid::from_u128(7), NOW).await.unwrap(), None);
        assert_eq!(store.process(mine, Uuid::from_u128(7), NOW.plus_seconds(60)).await.unwrap(), None);
        store.commit(short_lived::sweep(NOW.plus_seconds(61), NOW, 10).into()).await.unwrap();
        assert_eq!(store.process(mine, Uuid::from_u128(7), NOW).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_ordered_and_counted() {
    each(|db| async move {
        let store = migrated(db).await;
        let (mine, theirs) = (tenant(&store, "mine").await, tenant(&store, "theirs").await);
        let mut users = Vec::new();
        for n in 0..5 {
            users.push(user(&store, mine, &format!("u{n}@example.org")).await);
        }
        user(&store, theirs, "u1@example.org").await;
        let listing = |filters: Vec<(Column, Compare, doorward_store::engine::Value)>, offset| Listing {
            filters,
            sort: Some((Column::Normal, true)),
            offset,
            limit: 2,
            session_state: None,
        };
        let page = store.identifiers_listed(mine, &listing(vec![], 2)).await.unwrap();
        assert_eq!(page.items.iter().map(|i| i.normal.as_str()).collect::<Vec<_>>(), ["u2@example.org", "u1@example.org"]);
        assert_eq!(page.total, 5);
        let of_user = vec![(Column::User, Compare::Equal, users[3].0.into()), (Column::Kind, Compare::Equal, "email".into())];
        let page = store.identifiers_listed(mine, &listing(of_user, 0)).await.unwrap();
        assert_eq!((page.total, page.items[0].user_id), (1, users[3]));
        let later = vec![(Column::Normal, Compare::Greater, "u2@example.org".into())];
        assert_eq!(store.identifiers_listed(mine, &listing(later, 0)).await.unwrap().total, 2);
        let anything = |text: &str| Listing {
            filters: vec![(Column::Anything, Compare::Equal, text.into())],
            limit: 10,
            ..Listing::default()
        };
        assert_eq!(store.users_listed(mine, &anything("u1@example.org")).await.unwrap().items[0].id, users[1]);
        assert_eq!(store.users_listed(mine, &anything("ada")).await.unwrap().total, 5);
        assert_eq!(store.users_listed(mine, &anything("'; DROP TABLE account; --")).await.unwrap().total, 0);

        let (live, ended) = (session_row(mine, users[0]), session_row(mine, users[0]));
        let expired = SessionRow { expires_at: NOW, ..session_row(mine, users[1]) };
        for row in [&live, &ended, &expired] {
            store.commit(Batch::new().with(row.insert())).await.unwrap();
        }
        store.commit(Batch::new().with(sessions::end(mine, ended.id, NOW))).await.unwrap();
        for (state, id) in
            [(SessionState::Live(NOW), live.id), (SessionState::Ended, ended.id), (SessionState::Expired(NOW), expired.id)]
        {
            let listing = Listing { session_state: Some(state), limit: 10, ..Listing::default() };
            let page = store.sessions_listed(mine, &listing).await.unwrap();
            assert_eq!((page.total, page.items[0].id), (1, id), "{state:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_of_passkeys_and_users_who_have_not_come_yet() {
    each(|db| async move {
        let store = migrated(db).await;
        let (mine, theirs) = (tenant(&store, "mine").await, tenant(&store, "theirs").await);
        let ada = user(&store, mine, "ada@example.org").await;
        let passkey = PasskeyRow {
            id: PasskeyId(id()),
            tenant_id: mine,
            user_id: ada,
            credential_id: vec![1],
            user_handle: vec![2],
            public_key: vec![3],
            rp_id: "localhost".into(),
            sign_count: 0,
            backup_eligible: false,
            backup_state: false,
            aaguid: Uuid::nil(),
            transports: Json(vec![]),
            attestation_format: "none".into(),
            name: "Key".into(),
            created_at: NOW,
            last_used_at: None,
            created_on: "Chrome on Linux".into(),
        };
        store.commit(Batch::new().with(passkey.insert())).await.unwrap();
        for device in ["phone", "laptop", "phone"] {
            store.commit(Batch::new().with(passkeys::note_device(mine, passkey.id, device, NOW))).await.unwrap();
        }
        let mut seen = store.passkey_devices(mine, ada).await.unwrap();
        seen.sort();
        assert_eq!(seen, [(passkey.id, "laptop".to_owned()), (passkey.id, "phone".to_owned())]);
        assert!(store.passkey_devices(theirs, ada).await.unwrap().is_empty());
        store.commit(Batch::new().with(passkeys::delete(mine, ada, passkey.id))).await.unwrap();
        assert!(store.passkey_devices(mine, ada).await.unwrap().is_empty());

        let pending = UserRow { status: users::PENDING.into(), ..user_row(mine) };
        store.commit(Batch::new().with(pending.insert())).await.unwrap();
        store.commit(Batch::new().with(users::note_sign_in(mine, pending.id, NOW))).await.unwrap();
        assert_eq!(store.user(mine, pending.id).await.unwrap().unwrap().status, users::ACTIVE);
        store.commit(Batch::new().with(users::set_status(mine, pending.id, users::BLOCKED, NOW))).await.unwrap();
        let refused = store.commit(Batch::new().with(users::note_sign_in(mine, pending.id, NOW))).await.unwrap_err();
        assert!(refused.is_guard("user.not_active"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sanctions_and_mail_routes() {
    each(|db| async move {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        let (ada, bob) = (user(&store, one, "ada@example.com").await, user(&store, one, "bob@example.com").await);
        let mut row = SanctionRow {
            id: id(),
            tenant_id: one,
            user_id: ada,
            kind: id(),
            prevents_sign_in: true,
            detail: Json(serde_json::json!({ "reason": "spam" })),
            created_at: NOW,
            updated_at: NOW,
            ends_at: None,
        };
        store.commit(Batch::new().with(row.insert())).await.unwrap();
        assert!(row.lasts(NOW));
        row.ends_at = Some(NOW);
        store.commit(Batch::new().with(row.update())).await.unwrap();
        assert_eq!(store.sanction(one, row.id).await.unwrap(), Some(row.clone()));
        assert!(!row.lasts(NOW) && row.lasts(NOW.plus_seconds(-1)));
        assert_eq!(store.sanctions(one, ada).await.unwrap(), [row.clone()]);
        assert_eq!(store.sanctions(one, bob).await.unwrap(), []);
        assert_eq!(store.sanction(two, row.id).await.unwrap(), None);
        assert_eq!(store.sanctions(two, ada).await.unwrap(), []);
        assert_eq!(store.tenant_of(row.id).await.unwrap(), Some(one));
        let foreign = SanctionRow { tenant_id: two, ..row };
        assert!(store.commit(Batch::new().with(foreign.update())).await.unwrap_err().is_guard("sanction.gone"));

        let mut route = mail::MailRouteRow { tenant_id: one, settings: vec![1], updated_at: NOW };
        store.commit(Batch::new().with(mail::put_route(&route))).await.unwrap();
        route.settings = vec![2];
        store.commit(Batch::new().with(mail::put_route(&route))).await.unwrap();
        assert_eq!(store.mail_route(one).await.unwrap(), Some(route.clone()));
        assert_eq!(store.mail_route(two).await.unwrap(), None);
        store.commit(Batch::new().with(route.delete())).await.unwrap();
        assert_eq!(store.mail_route(one).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_and_named_keys() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let ada = user(&store, one, "ada@example.com").await;
        let mut row = conditions::ConditionRow {
            user_id: ada,
            tenant_id: one,
            expires_at: None,
            change_password: Some("administrator".into()),
            suspended_until: None,
        };
        store.commit(Batch::new().with(conditions::put_conditions(&row))).await.unwrap();
        row.expires_at = Some(NOW);
        store.commit(Batch::new().with(conditions::put_conditions(&row))).await.unwrap();
        assert_eq!(store.conditions(one, ada).await.unwrap().unwrap(), row);
        store.commit(Batch::new().with(conditions::password_was_changed(one, ada))).await.unwrap();
        assert_eq!(store.conditions(one, ada).await.unwrap().unwrap().change_password, None);
        store.commit(Batch::new().with(conditions::suspend(one, ada, Some(NOW)))).await.unwrap();
        row.change_password = None;
        row.suspended_until = Some(NOW);
        assert_eq!(store.conditions(one, ada).await.unwrap().unwrap(), row);
        // The other conditions and this one leave each other alone.
        row.expires_at = None;
        store
            .commit(
                Batch::new().with(conditions::put_conditions(&conditions::ConditionRow { suspended_until: None, ..row.clone() })),
            )
            .await
            .unwrap();
        assert_eq!(store.conditions(one, ada).await.unwrap().unwrap(), row);
        assert_eq!(store.tenant_of(ada.0).await.unwrap(), Some(one));
        assert_eq!(store.tenant_of(id()).await.unwrap(), None);

        let key = NamedKeyRow {
            id: id(),
            tenant_id: one,
            name: "Payments".into(),
            kid: "k1".into(),
            alg: "ES384".into(),
            private_key: Some(vec![1, 2]),
            public_jwk: Some("{}".into()),
            extension: Json(serde_json::json!({ "issuer": "us" })),
            created_at: NOW,
            updated_at: NOW,
        };
        store.commit(Batch::new().with(key.insert())).await.unwrap();
        assert_eq!(store.named_keys(one).await.unwrap(), [key.clone()]);
        assert_eq!(store.named_key_anywhere(key.id).await.unwrap().unwrap(), key);
        let again = NamedKeyRow { id: id(), ..key };
        assert!(store.commit(Batch::new().with(again.insert())).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_and_their_deliveries() {
    each(|db| async move {
        let store = migrated(db).await;
        let one = tenant(&store, "one").await;
        let hook = WebhookRow {
            id: id(),
            tenant_id: None,
            url: "https://hook.example".into(),
            settings: Json(WebhookSettings { events: vec!["user.create".into()], ..Default::default() }),
            secrets: vec![3],
            created_at: NOW,
            updated_at: NOW,
        };
        store.commit(Batch::new().with(hook.insert()).with(webhooks::begin(hook.id, one))).await.unwrap();
        assert_eq!(store.webhooks().await.unwrap(), [hook.clone()]);
        assert_eq!(store.webhook_cursors(hook.id).await.unwrap(), [(one, 0)]);
        // One of two nodes moves on.
        store.commit(Batch::new().with(webhooks::advance(hook.id, one, 0, 7))).await.unwrap();
        assert!(store.commit(Batch::new().with(webhooks::advance(hook.id, one, 0, 7))).await.is_err());

        let message = DeliveryRow {
            id: id(),
            webhook_id: hook.id,
            tenant_id: one,
            event: "user.create".into(),
            body: vec![4],
            due_at: NOW,
            attempts: 0,
            leased_until: None,
            last_status: None,
            last_error: None,
            created_at: NOW,
        };
        store.commit(Batch::new().with(message.insert())).await.unwrap();
        assert_eq!(store.deliveries_due(NOW, 10, 10, &[]).await.unwrap(), [message.clone()]);
        let until = NOW.plus_seconds(60);
        store.commit(Batch::new().with(webhooks::lease(&message, NOW, until))).await.unwrap();
        assert!(store.commit(Batch::new().with(webhooks::lease(&message, NOW, until))).await.is_err());
        assert!(store.deliveries_due(NOW, 10, 10, &[]).await.unwrap().is_empty());
        // A node that died leaves its lease behind.
        assert_eq!(store.deliveries_due(until, 10, 10, &[]).await.unwrap().len(), 1);
        let later = NOW.plus_seconds(300);
        store.commit(Batch::new().with(webhooks::put_off(&message, later, Some(500), "answered 500"))).await.unwrap();
        assert!(store.deliveries_due(until, 10, 10, &[]).await.unwrap().is_empty());
        let due = store.deliveries_due(later, 10, 10, &[]).await.unwrap();
        assert_eq!((due[0].attempts, due[0].last_status, due[0].last_error.as_deref()), (1, Some(500), Some("answered 500")));
        store.commit(Batch::new().with(webhooks::forget(message.id))).await.unwrap();
        assert!(store.deliveries_due(later, 10, 10, &[]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_for_mails_are_kept_by_kind_and_language() {
    each(async |db| {
        let store = migrated(db).await;
        let (one, two) = (tenant(&store, "one").await, tenant(&store, "two").await);
        let row = |tenant_id, locale: &str, body: &str| MailTemplateRow {
            tenant_id,
            kind: "sign-in".into(),
            locale: locale.into(),
            subject: "s".into(),
            body: body.into(),
            updated_at: Timestamp(5),
        };
        for row in [row(one, "de", "alt"), row(one, "de", "neu"), row(one, "en", "new"), row(two, "de", "andere")] {
            store.commit(Batch::new().with(mail::put_mail_template(&row))).await.unwrap();
        }
        assert_eq!(store.mail_templates(one).await.unwrap(), [row(one, "de", "neu"), row(one, "en", "new")]);
        let delete = || Batch::new().with(mail::delete_mail_template(one, "sign-in", "de"));
        store.commit(delete()).await.unwrap();
        store.commit(delete()).await.unwrap();
        assert_eq!(store.mail_templates(one).await.unwrap(), [row(one, "en", "new")]);
        assert_eq!(store.mail_templates(two).await.unwrap(), [row(two, "de", "andere")]);
    })
    .await;
}
