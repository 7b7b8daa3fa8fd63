//! Users found by queries: the same answers on both engines.

use crate::database::each;
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::{ApplicationId, IdentifierId, RoleId, TenantId, UserId};
use doorward_protocol::oauth::client::ApplicationSettings;
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::search::{Direction, Lucene, Pattern, Place, Query, UserField, UserSearch, UserSort};
use doorward_protocol::time::Timestamp;
use doorward_store::applications::ApplicationRow;
use doorward_store::directory::{MembershipRow, RoleRow, UserRoleRow, put_alias, put_metadata};
use doorward_store::engine::{Batch, Db};
use doorward_store::search::SearchError;
use doorward_store::tenants::TenantRow;
use doorward_store::users::{IdentifierRow, UserRow};
use doorward_store::{Json, MIGRATIONS, Store};
use serde_json::json;
use uuid::Uuid;

const DAY: i64 = 86_400_000;
/// 2026-11-01
const FIRST: i64 = 1_793_491_200_000;

pub fn field(name: String) -> Result<UserField, String> {
    Ok(match name.as_str() {
        "id" => UserField::Id,
        "email" => UserField::Email,
        "domain" => UserField::EmailDomain,
        "username" => UserField::Username,
        "phone" => UserField::Phone,
        "verified" => UserField::EmailVerified,
        "name" => UserField::Name,
        "given" => UserField::GivenName,
        "family" => UserField::FamilyName,
        "nickname" => UserField::Nickname,
        "zone" => UserField::Profile("zoneinfo".into()),
        "injected" => UserField::Profile("x'); DROP TABLE account; --".into()),
        "blocked" => UserField::Blocked,
        "created" => UserField::CreatedAt,
        "updated" => UserField::UpdatedAt,
        "login" => UserField::LastSignInAt,
        "logins" => UserField::SignInCount,
        "role" => UserField::Role,
        "app" => UserField::Application,
        other => match other.split_once('.') {
            Some(("meta", path)) => {
                UserField::Metadata { namespace: "app".into(), path: path.split('.').map(str::to_owned).collect() }
            }
            _ => return Err(name),
        },
    })
}

struct House {
    store: Store,
    tenant: TenantId,
    role: RoleId,
    application: ApplicationId,
}

pub fn tenant_row(slug: &str) -> TenantRow {
    let at = Timestamp(FIRST);
    TenantRow {
        id: TenantId(Uuid::now_v7()),
        slug: slug.into(),
        name: slug.into(),
        settings: Json::default(),
        created_at: at,
        updated_at: at,
    }
}

async fn house(db: Db) -> House {
    db.migrate(MIGRATIONS, FIRST).await.unwrap();
    let store = Store::new(db);
    let (row, other) = (tenant_row("one"), tenant_row("two"));
    let at = Timestamp(FIRST);
    let role = RoleRow {
        id: RoleId(Uuid::now_v7()),
        tenant_id: row.id,
        application_id: None,
        name: "editor".into(),
        description: String::new(),
        is_default: false,
        created_at: at,
        updated_at: at,
    };
    let application = ApplicationRow {
        id: ApplicationId(Uuid::now_v7()),
        tenant_id: row.id,
        client_id: "shop".into(),
        name: "Shop".into(),
        enabled: true,
        settings: Json(ApplicationSettings::default()),
        created_at: at,
        updated_at: at,
    };
    let batch = Batch::new().with(row.insert()).with(other.insert()).with(role.insert()).with(application.insert());
    store.commit(batch).await.unwrap();
    let h = House { store, tenant: row.id, role: role.id, application: application.id };
    h.person("ada", "Ada Lovelace", 1, json!({ "given_name": "Ada", "family_name": "Lovelace", "zoneinfo": "Europe/London" }))
        .await;
    h.person("bob", "Bob Åström", 2, json!({ "given_name": "Bob", "family_name": "Åström" })).await;
    h.person("cay", "Cay 100%_x", 3, json!({ "nickname": "CC" })).await;
    // Another tenant has the same people and answers nothing.
    let stranger = House { store: h.store.clone(), tenant: other.id, role: h.role, application: h.application };
    stranger.person("ada", "Ada Lovelace", 1, json!({ "given_name": "Ada" })).await;
    h
}

impl House {
    async fn person(&self, name: &str, full: &str, number: i64, profile: serde_json::Value) {
        let at = Timestamp(FIRST + number * DAY);
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let id = UserId(Uuid::now_v7());
        let user = UserRow {
            id,
            tenant_id: self.tenant,
            status: if number == 2 { "blocked" } else { "active" }.into(),
            name: Some(full.into()),
            profile: Json(profile),
            passkey_declined_at: None,
            last_sign_in_at: (number != 3).then_some(at),
            sign_in_count: number * 10,
            created_at: at,
            updated_at: at,
        };
        let identifier = |one: Identifier, verified: bool| IdentifierRow {
            id: IdentifierId(Uuid::now_v7()),
            tenant_id: self.tenant,
            user_id: id,
            kind: one.kind.as_str().into(),
            value: one.value,
            normal: one.normal,
            verified_at: verified.then_some(at),
            is_primary: true,
            created_at: at,
        };
        let mut batch = Batch::new()
            .with(user.insert())
            .with(identifier(Identifier::email(&format!("{name}@Example.org")).unwrap(), number == 1).insert());
        if number == 3 {
            batch.push(identifier(Identifier::username("cay.c").unwrap(), true).insert());
        }
        if number != 2 {
            let plan = if number == 1 {
                json!("gold")
            } else {
                json!({ "tier": "Gold", "tags": ["a", "b"], "seats": 5, "trial": true })
            };
            batch.push(put_metadata(self.tenant, "app", id.0, "plan", &plan));
        }
        batch.push(put_alias(self.tenant, "outward", &format!("ext|{name}"), id.0));
        if number == 1 && self.tenant_has_role().await {
            batch.push(UserRoleRow { tenant_id: self.tenant, user_id: id, role_id: self.role }.insert());
            let row = MembershipRow {
                tenant_id: self.tenant,
                user_id: id,
                application_id: self.application,
                data: Json(json!({})),
                created_at: at,
                updated_at: at,
            };
            batch.push(row.insert());
        }
        self.store.commit(batch).await.unwrap();
    }

    async fn tenant_has_role(&self) -> bool {
        self.store.role(self.tenant, self.role).await.unwrap().is_some()
    }

    async fn search(&self, search: &UserSearch) -> Result<(Vec<String>, i64), SearchError> {
        let found = self.store.search_users(self.tenant, search).await?;
        let names = found.items.iter().map(|p| p.email().unwrap().normal.split('@').next().unwrap().to_owned()).collect();
        Ok((names, found.total))
    }

    async fn find(&self, text: &str) -> String {
        let query = Lucene::default().parse(text).unwrap().translate(&mut field).unwrap();
        let (names, total) = self.search(&UserSearch::new(query)).await.unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(total, names.len() as i64, "{text}");
        names.join(" ")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_finds_what_it_should() {
    each(async |db| {
        let h = house(db).await;
        for (query, names) in [
            ("*", "ada bob cay"),
            ("email:ADA@example.ORG", "ada"),
            ("email:b*", "bob"),
            ("email:*@example.org", "ada bob cay"),
            ("email:a*e.org", "ada"),
            ("domain:example.org", "ada bob cay"),
            ("domain:xample.org", ""),
            ("username:cay.c", "cay"),
            ("_exists_:username", "cay"),
            ("NOT _exists_:username", "ada bob"),
            ("_exists_:phone", ""),
            ("verified:true", "ada"),
            ("verified:false", "bob cay"),
            ("name:\"ada lovelace\"", "ada"),
            ("name:ADA*", "ada"),
            ("name:*love*", "ada"),
            ("name:\"Bob Åström\"", "bob"),
            ("given:bob", "bob"),
            ("family:Åst*", "bob"),
            ("nickname:cc", "cay"),
            ("NOT nickname:cc", "ada bob"),
            ("zone:Europe\\/London", "ada"),
            ("zone:europe\\/london", ""),
            ("zone:*Lon*", "ada"),
            ("zone:*lon*", ""),
            ("_exists_:zone", "ada"),
            ("blocked:true", "bob"),
            ("blocked:false", "ada cay"),
            ("created:2026-11-02", "ada"),
            ("created:[2026-11-02 TO 2026-11-03]", "ada bob"),
            ("created:{2026-11-02 TO *]", "bob cay"),
            ("created:[* TO 2026-11-03}", "ada"),
            ("updated:>=2026-11-04", "cay"),
            ("_exists_:login", "ada bob"),
            ("login:[* TO *]", "ada bob"),
            ("login:>2026-11-02", "bob"),
            ("logins:20", "bob"),
            ("logins:[20 TO 30}", "bob"),
            ("logins:>=20", "bob cay"),
            ("role:editor", "ada"),
            ("app:shop", "ada"),
            ("NOT app:shop", "bob cay"),
            ("id:ext|bob", "bob"),
            ("meta.plan:gold", "ada"),
            ("meta.plan:Gold", ""),
            ("meta.plan.tier:Gold", "cay"),
            ("meta.plan.tags:b", "cay"),
            ("meta.plan.seats:5", "cay"),
            ("meta.plan.trial:true", "cay"),
            ("meta.plan:*tier*", ""),
            ("meta.plan.tier:G*", "cay"),
            ("meta.plan.tier:g*", ""),
            ("_exists_:meta.plan", "ada cay"),
            ("_exists_:meta.plan.tier", "cay"),
            ("meta.other:x", ""),
            ("family:[l TO m]", "ada"),
            ("email:[b TO *}", "bob cay"),
            ("ada", "ada"),
            ("lovel", "ada"),
            ("cay.c", "cay"),
            ("åström", "bob"),
            ("*strö*", "bob"),
            ("*example*", "ada bob cay"),
            ("name:*100%*", "cay"),
            ("name:*0%_*", "cay"),
            ("name:*1%x*", ""),
            ("(ada OR bob) AND NOT blocked:true", "ada"),
            ("email:(ada@example.org OR bob@example.org)", "ada bob"),
            ("name:\"'; DROP TABLE account; --\"", ""),
        ] {
            assert_eq!(h.find(query).await, names, "{query}");
        }
        let role = h.role.to_string();
        assert_eq!(h.find(&format!("role:{role}")).await, "ada");
        assert_eq!(h.find(&format!("app:{}", h.application)).await, "ada");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_and_orders() {
    each(async |db| {
        let h = house(db).await;
        let sorted = async |sort: &[(UserSort, Direction)], offset, limit| {
            let search = UserSearch { query: Query::All, sort: sort.to_vec(), offset, limit, counted_to: None };
            let (names, total) = h.search(&search).await.unwrap();
            assert_eq!(total, 3);
            names.join(" ")
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        assert_eq!(sorted(&[], 0, 2).await, "ada bob");
        assert_eq!(sorted(&[], 2, 2).await, "cay");
        assert_eq!(sorted(&[(UserSort::Email, down)], 0, 9).await, "cay bob ada");
        assert_eq!(sorted(&[(UserSort::FamilyName, up)], 0, 9).await, "ada bob cay");
        assert_eq!(sorted(&[(UserSort::FamilyName, down)], 0, 9).await, "bob ada cay");
        assert_eq!(sorted(&[(UserSort::LastSignInAt, down)], 0, 9).await, "bob ada cay");
        assert_eq!(sorted(&[(UserSort::Birthdate, up), (UserSort::CreatedAt, down)], 0, 9).await, "cay bob ada");
        assert_eq!(sorted(&[(UserSort::Username, up)], 0, 1).await, "cay");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_are_turned_both_ways() {
    each(async |db| {
        let h = house(db).await;
        let leaf = async |direction, place, limit| {
            let leaf = h.store.leaf_users(h.tenant, &Query::All, direction, place, limit).await.unwrap();
            let ids: Vec<UserId> = leaf.items.iter().map(|person| person.user.id).collect();
            (ids, leaf.before, leaf.after)
        };
        let (up, down) = (Direction::Ascending, Direction::Descending);
        let (all, before, after) = leaf(up, Place::Start, 3).await;
        let [ada, bob, cay] = all[..] else { panic!("three users") };
        assert_eq!((before, after), (false, false));
        assert_eq!(leaf(up, Place::Start, 2).await, (vec![ada, bob], false, true));
        assert_eq!(leaf(up, Place::After(bob), 2).await, (vec![cay], true, false));
        assert_eq!(leaf(up, Place::Before(cay), 1).await, (vec![bob], true, true));
        assert_eq!(leaf(up, Place::Before(cay), 2).await, (vec![ada, bob], false, true));
        assert_eq!(leaf(down, Place::Start, 2).await, (vec![cay, bob], false, true));
        assert_eq!(leaf(down, Place::After(bob), 2).await, (vec![ada], true, false));
        assert_eq!(leaf(down, Place::Before(ada), 2).await, (vec![cay, bob], false, true));
        let count = async |query: Query<UserField>, most| h.store.count_users_up_to(h.tenant, &query, most).await.unwrap().found;
        assert_eq!((count(Query::All, 9).await, count(Query::All, 2).await), (3, 2));
        assert_eq!(count(Query::Or(Vec::new()), 9).await, 0);
        let has = |value: &str| Query::Match { field: UserField::HasPasskey, pattern: Pattern::Exact(value.into()) };
        assert_eq!((count(has("true"), 9).await, count(has("false"), 9).await), (0, 3));
        // Another tenant's page is empty, wherever it begins.
        let other = h.store.leaf_users(TenantId(Uuid::now_v7()), &Query::All, up, Place::After(ada), 9).await.unwrap();
        assert!(other.items.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused() {
    each(async |db| {
        let h = house(db).await;
        for text in [
            "blocked:perhaps",
            "created:yesterday",
            "logins:many",
            "logins:[a TO 5]",
            "role:[a TO b]",
            "verified:t*",
            "injected:x",
        ] {
            let query = Lucene::default().parse(text).unwrap().translate(&mut field).unwrap();
            let refused = h.search(&UserSearch::new(query)).await;
            assert!(matches!(refused, Err(SearchError::Value { .. })), "{text}: {refused:?}");
        }
        let path = UserField::Metadata { namespace: "app".into(), path: vec!["plan".into(), "a\"b".into()] };
        assert!(matches!(h.search(&UserSearch::new(Query::Exists(path))).await, Err(SearchError::Value { .. })));
        let mut deep = Query::All;
        for _ in 0..20 {
            deep = Query::Not(Box::new(deep));
        }
        assert!(matches!(h.search(&UserSearch::new(deep)).await, Err(SearchError::TooLarge)));
        let wide = Query::Or(vec![Query::All; 129]);
        assert!(matches!(h.search(&UserSearch::new(wide)).await, Err(SearchError::TooLarge)));
    })
    .await;
}
