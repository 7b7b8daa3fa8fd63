//! Users found among many: whatever way leads to them, the same ones in the same order, on both engines.

use crate::database::each;
use crate::search::{field, tenant_row};
use doorward_protocol::identity::Identifier;
use doorward_protocol::ids::{IdentifierId, TenantId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::search::{Direction, Lucene, Place, Query, UserField, UserSearch, UserSort};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, Db};
use doorward_store::users::{IdentifierRow, UserRow, update_profile};
use doorward_store::{Json, MIGRATIONS, Store};
use serde_json::json;
use uuid::Uuid;

/// 2026-11-01
const FIRST: i64 = 1_793_491_200_000;
/// As many as need every way: up to a thousand of one kind are collected, more are walked to.
const MANY: u32 = 3_000;

/// What is known of a person, beside the store.
#[derive(Clone)]
struct Known {
    n: u32,
    id: UserId,
    given: &'static str,
}

impl Known {
    fn new(n: u32) -> Self {
        // Ids in another order than the one in which users are made: an import brings its own.
        let place = u128::from(n * 7919 % MANY) + 1;
        let given = match n {
            0..999 => "Below",
            999..1999 => "At",
            _ => "Above",
        };
        Self { n, id: UserId(Uuid::from_u128(place << 80 | Uuid::now_v7().as_u128() >> 64)), given }
    }

    fn seven(&self) -> bool {
        self.n.is_multiple_of(7)
    }

    fn even(&self) -> bool {
        self.n.is_multiple_of(2)
    }

    fn blocked(&self) -> bool {
        self.n.is_multiple_of(10)
    }

    fn proven(&self) -> bool {
        !self.n.is_multiple_of(3)
    }

    fn needle(&self) -> bool {
        self.n.is_multiple_of(500)
    }

    fn rows(&self, tenant: TenantId) -> (UserRow, IdentifierRow) {
        let at = Timestamp(FIRST + i64::from(self.n) * 60_000);
        let family = if self.seven() { "Seven" } else { "Other" };
        let mut profile = json!({ "given_name": self.given, "family_name": family });
        if self.needle() {
            profile["nickname"] = json!(format!("Needle{}", self.n));
        }
        let profile: Profile = serde_json::from_value(profile).unwrap();
        let user = UserRow {
            id: self.id,
            tenant_id: tenant,
            status: if self.blocked() { "blocked" } else { "active" }.into(),
            name: Some(format!("Common {}", self.n)),
            profile: Json(profile),
            passkey_declined_at: None,
            last_sign_in_at: None,
            sign_in_count: 0,
            created_at: at,
            updated_at: at,
        };
        let domain = if self.even() { "even" } else { "odd" };
        let email = Identifier::email(&format!("u{}@{domain}.example", self.n)).unwrap();
        let identifier = IdentifierRow {
            id: IdentifierId(Uuid::now_v7()),
            tenant_id: tenant,
            user_id: self.id,
            kind: email.kind.as_str().into(),
            value: email.value,
            normal: email.normal,
            verified_at: self.proven().then_some(at),
            is_primary: true,
            created_at: at,
        };
        (user, identifier)
    }
}

async fn tenant(store: &Store, slug: &str) -> TenantId {
    let row = tenant_row(slug);
    store.commit(Batch::new().with(row.insert())).await.unwrap();
    row.id
}

async fn people(store: &Store, tenant: TenantId, count: u32) -> Vec<Known> {
    let mut all: Vec<Known> = (0..count).map(Known::new).collect();
    for part in all.chunks(500) {
        let mut batch = Batch::new();
        for (user, identifier) in part.iter().map(|one| one.rows(tenant)) {
            batch.push(user.insert());
            batch.push(identifier.insert());
        }
        store.commit(batch).await.unwrap();
    }
    all.sort_by_key(|one| one.id.0);
    all
}

fn query(text: &str) -> Query<UserField> {
    Lucene::default().parse(text).unwrap().translate(&mut field).unwrap()
}

async fn ids(store: &Store, tenant: TenantId, text: &str) -> Vec<UserId> {
    let search = UserSearch { limit: 1000, ..UserSearch::new(query(text)) };
    let found = store.search_users(tenant, &search).await.unwrap_or_else(|e| panic!("{text}: {e}"));
    found.items.iter().map(|person| person.user.id).collect()
}

/// All pages, one behind the other.
async fn pages(store: &Store, tenant: TenantId, query: &Query<UserField>, direction: Direction, limit: u32) -> Vec<UserId> {
    let mut out = Vec::new();
    let mut place = Place::Start;
    loop {
        let leaf = store.leaf_users(tenant, query, direction, place, limit).await.unwrap();
        assert_eq!(leaf.before, place != Place::Start);
        out.extend(leaf.items.iter().map(|person| person.user.id));
        match leaf.items.last() {
            Some(last) if leaf.after => place = Place::After(last.user.id),
            _ => return out,
        }
    }
}

type Fits = fn(&Known) -> bool;

const QUERIES: &[(&str, Fits)] = &[
    // On both sides of what is collected, and at it.
    ("given:below", |p| p.given == "Below"),
    ("given:at", |p| p.given == "At"),
    ("given:above", |p| p.given == "Above"),
    ("given:above AND family:seven", |p| p.given == "Above" && p.seven()),
    // Many of each, nobody of both; and so few of both that the walk is given up.
    ("given:above AND given:at", |_| false),
    ("verified:false AND domain:even.example AND given:above AND NOT given:above", |_| false),
    ("verified:false AND domain:even.example AND given:above AND name:*98", |p| p.n > 1998 && p.n % 300 == 198),
    ("above AND common AND *ommo* AND NOT given:above", |_| false),
    ("common AND domain:even.example AND nickname:needle500", |p| p.n == 500),
    ("common AND given:above AND created:[* TO 1793611260000]", |p| p.given == "Above" && p.n <= 2001),
    ("common", |_| true),
    ("common AND seven AND blocked:true", |p| p.seven() && p.blocked()),
    // What is kept in the order of the list.
    ("domain:even.example", |p| p.even()),
    ("domain:EVEN.example", |p| p.even()),
    ("domain:ven.example", |_| false),
    ("domain:even.example AND given:above", |p| p.even() && p.given == "Above"),
    ("domain:even.example AND NOT given:above AND verified:false", |p| p.even() && p.given != "Above" && !p.proven()),
    ("verified:false AND blocked:true", |p| !p.proven() && p.blocked()),
    ("verified:true AND domain:odd.example AND needle", |_| false),
    // Anywhere in a text: of everybody, of few, of nobody, of too few characters for an index.
    ("*ommo*", |_| true),
    ("*EEDLE5*", |p| p.n == 500),
    ("name:*ommon\\ 12*", |p| p.n.to_string().starts_with("12")),
    ("name:common*99", |p| p.n % 100 == 99),
    ("email:u1*ven.*", |p| p.even() && p.n.to_string().starts_with('1')),
    ("family:*common*", |_| false),
    ("*zzz*", |_| false),
    ("*a\\\"b*", |_| false),
    ("nickname:*e*", |p| p.needle()),
    ("*e2*", |p| p.n == 2000 || p.n == 2500),
    ("given:above OR *eedle*", |p| p.given == "Above" || p.needle()),
    ("(given:above AND blocked:true) OR (needle AND domain:odd.example)", |p| p.given == "Above" && p.blocked()),
    ("((given:above OR blocked:false) AND seven) OR *eedle*", |p| {
        (p.given == "Above" || !p.blocked()) && p.seven() || p.needle()
    }),
    // What no index knows.
    ("blocked:false AND verified:true", |p| !p.blocked() && p.proven()),
    ("NOT common", |_| false),
    ("NOT *eedle*", |p| !p.needle()),
    ("zzz", |_| false),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_way_finds_the_same() {
    each(async |db| {
        db.migrate(MIGRATIONS, FIRST).await.unwrap();
        let store = Store::new(db);
        // Others, whom no search of the first may find.
        let (one, other) = (tenant(&store, "one").await, tenant(&store, "other").await);
        let all = people(&store, one, MANY).await;
        let strangers = people(&store, other, 40).await;
        for (text, fits) in QUERIES {
            let query = query(text);
            let wanted: Vec<UserId> = all.iter().filter(|p| fits(p)).map(|p| p.id).collect();
            assert_eq!(pages(&store, one, &query, Direction::Ascending, 400).await, wanted, "{text}");
            let mut backwards = pages(&store, one, &query, Direction::Descending, 701).await;
            backwards.reverse();
            assert_eq!(backwards, wanted, "{text}");

            let total = wanted.len() as i64;
            for most in [1, 1000, 5000] {
                let counted = store.count_users_up_to(one, &query, most).await.unwrap();
                assert!(counted.found <= total.min(i64::from(most)), "{text}: {counted:?} of {total}");
                assert!(counted.more || counted.found == total, "{text}: {counted:?} of {total}");
            }
            let mut search = UserSearch { offset: 3, limit: 30, ..UserSearch::new(query.clone()) };
            for sort in [vec![], vec![(UserSort::Id, Direction::Descending)], vec![(UserSort::CreatedAt, Direction::Descending)]]
            {
                search.sort = sort;
                let mut ordered: Vec<&Known> = all.iter().filter(|p| fits(p)).collect();
                match search.sort.first() {
                    Some((UserSort::CreatedAt, _)) => ordered.sort_by_key(|p| std::cmp::Reverse(p.n)),
                    Some(_) => ordered.reverse(),
                    None => {}
                }
                let window: Vec<UserId> = ordered.iter().skip(3).take(30).map(|p| p.id).collect();
                let found = store.search_users(one, &search).await.unwrap();
                let ids: Vec<UserId> = found.items.iter().map(|person| person.user.id).collect();
                assert_eq!((ids, found.total), (window, total), "{text} by {:?}", search.sort);
            }
            search.counted_to = Some(2);
            assert_eq!(store.search_users(one, &search).await.unwrap().total, total.min(2), "{text}");
            search.counted_to = Some(0);
            assert_eq!(store.search_users(one, &search).await.unwrap().total, 0, "{text}");

            let wanted: Vec<UserId> = strangers.iter().filter(|p| fits(p)).map(|p| p.id).collect();
            assert_eq!(pages(&store, other, &query, Direction::Ascending, 50).await, wanted, "{text}, elsewhere");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_before_is_the_page_that_was() {
    each(async |db| {
        db.migrate(MIGRATIONS, FIRST).await.unwrap();
        let store = Store::new(db);
        let tenant = tenant(&store, "one").await;
        let all = people(&store, tenant, MANY).await;
        for text in ["given:above", "given:at AND family:seven", "domain:even.example", "*ommo*", "common AND blocked:true"] {
            let query = query(text);
            let page = async |place| {
                let leaf = store.leaf_users(tenant, &query, Direction::Descending, place, 25).await.unwrap();
                leaf.items.iter().map(|person| person.user.id).collect::<Vec<_>>()
            };
            let first = page(Place::Start).await;
            let second = page(Place::After(first[24])).await;
            let third = page(Place::After(second[24])).await;
            assert_eq!(page(Place::Before(third[0])).await, second, "{text}");
            assert_eq!(page(Place::Before(second[0])).await, first, "{text}");
            assert!(all.iter().any(|p| p.id == third[0]));
        }
    })
    .await;
}

/// Users that were there before the index, and what happens to them after.
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_found_as_it_is() {
    each(async |db: Db| {
        let before: Vec<_> = MIGRATIONS.iter().filter(|m| m.version < 11).copied().collect();
        db.migrate(&before, FIRST).await.unwrap();
        let store = Store::new(db);
        let tenant = tenant(&store, "one").await;
        let all = people(&store, tenant, 2).await;
        store.db().migrate(MIGRATIONS, FIRST).await.unwrap();
        let zero = all.iter().find(|p| p.n == 0).unwrap().id;
        let one = all.iter().find(|p| p.n == 1).unwrap().id;
        assert_eq!(ids(&store, tenant, "*ommon\\ 1*").await, [one]);
        assert_eq!(ids(&store, tenant, "domain:even.example").await, [zero]);

        let mut row = store.user(tenant, zero).await.unwrap().unwrap();
        row.name = Some("Renamed Entirely".into());
        row.profile = Json(serde_json::from_value(json!({ "nickname": "Fresh" })).unwrap());
        store.commit(Batch::new().with(update_profile(&row))).await.unwrap();
        assert_eq!(ids(&store, tenant, "*ntire*").await, [zero]);
        assert_eq!(ids(&store, tenant, "*resh*").await, [zero]);
        assert!(ids(&store, tenant, "*eedle*").await.is_empty());

        let mut email = store.identifiers(tenant, zero).await.unwrap().remove(0);
        (email.value, email.normal) = ("Moved@Elsewhere.example".into(), "moved@elsewhere.example".into());
        store.commit(Batch::new().with(email.update())).await.unwrap();
        assert_eq!(ids(&store, tenant, "*oved@els*").await, [zero]);
        assert_eq!(ids(&store, tenant, "domain:elsewhere.example").await, [zero]);
        assert!(ids(&store, tenant, "email:*even.example*").await.is_empty());
        store.commit(Batch::new().with(email.delete())).await.unwrap();
        assert!(ids(&store, tenant, "*oved@els*").await.is_empty());

        store.commit(Batch::new().with(row.delete())).await.unwrap();
        assert!(ids(&store, tenant, "*ntire*").await.is_empty());
        assert_eq!(ids(&store, tenant, "*ommo*").await, [one]);
        if store.db().is_sqlite() {
            // Nothing of whoever is gone is kept.
            let kept = store.db().query_opt("SELECT COUNT(*) AS n FROM searchable", Vec::new()).await.unwrap().unwrap();
            assert_eq!(kept.int("n").unwrap(), 2);
            let gone = "SELECT COUNT(*) AS n FROM searchable_infix WHERE searchable_infix MATCH '\"fre\" OR \"els\" OR \"nti\"'";
            assert_eq!(store.db().query_opt(gone, Vec::new()).await.unwrap().unwrap().int("n").unwrap(), 0);
            // An account takes its identifiers with it.
            let last = store.user(tenant, one).await.unwrap().unwrap();
            store.commit(Batch::new().with(last.delete())).await.unwrap();
            for gone in [
                "SELECT COUNT(*) AS n FROM searchable",
                "SELECT COUNT(*) AS n FROM searchable_infix WHERE searchable_infix MATCH '\"com\" OR \"odd\"'",
            ] {
                assert_eq!(store.db().query_opt(gone, Vec::new()).await.unwrap().unwrap().int("n").unwrap(), 0, "{gone}");
            }
        }
    })
    .await;
}
