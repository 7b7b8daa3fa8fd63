//! Large directories, written by the store itself before the server starts: asking the management API a hundred thousand times
//! would take longer than the measurement.

use anyhow::{Context as _, Result};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{DomainId, IdentifierId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use doorward_store::tenants::{DomainRow, TenantRow};
use doorward_store::users::{ACTIVE, BLOCKED, IdentifierRow, UserRow};
use doorward_store::{Json, Store};
use std::path::Path;
use uuid::Uuid;

const GIVEN: [&str; 10] = ["Ada", "Grace", "Alan", "Ken", "Barbara", "Donald", "Edsger", "Frances", "John", "Margaret"];
const FAMILY: [&str; 10] =
    ["Lovelace", "Hopper", "Turing", "Thompson", "Liskov", "Knuth", "Dijkstra", "Allen", "Backus", "Hamilton"];
/// Rows of one transaction.
const AT_ONCE: u32 = 2_000;

/// Adds users to the tenant `default` and tenants beside it, in a database that a server made before.
pub async fn fill(database: &Path, users: u32, tenants: u32) -> Result<()> {
    let db = Db::connect(&DatabaseUrl::Sqlite { path: database.to_owned() }, ConnectOptions::default()).await?;
    let store = Store::new(db.clone());
    let tenant = store.tenant_by_slug("default").await?.context("the tenant `default` is not there")?;
    let now = tenant.created_at;
    for start in (0..users).step_by(AT_ONCE as usize) {
        let mut batch = Batch::new();
        for n in start..users.min(start.saturating_add(AT_ONCE)) {
            let (user, identifier) = user(tenant.id, n, now)?;
            batch.push(user.insert());
            batch.push(identifier.insert());
        }
        store.commit(batch).await?;
    }
    for start in (1..tenants).step_by(AT_ONCE as usize) {
        let mut batch = Batch::new();
        for n in start..tenants.min(start.saturating_add(AT_ONCE)) {
            let (tenant, domain) = neighbour(&tenant, n);
            batch.push(tenant.insert());
            batch.push(domain.insert());
        }
        store.commit(batch).await?;
    }
    db.close().await;
    Ok(())
}

/// Adds users with names, of whom some are blocked and some have an address that is not proven.
pub async fn fill_with_names(database: &DatabaseUrl, users: u32) -> Result<()> {
    let db = Db::connect(database, ConnectOptions::default()).await?;
    let store = Store::new(db.clone());
    let tenant = store.tenant_by_slug("default").await?.context("the tenant `default` is not there")?;
    for start in (0..users).step_by(AT_ONCE as usize) {
        let mut batch = Batch::new();
        for n in start..users.min(start.saturating_add(AT_ONCE)) {
            let (mut user, mut email) = user(tenant.id, n, tenant.created_at)?;
            let at = |names: &[&'static str; 10], n: u32| names.get(n as usize % 10).copied().unwrap_or_default();
            let (given, family) = (at(&GIVEN, n), at(&FAMILY, n / 10));
            user.name = Some(format!("{given} {family} {n}"));
            user.profile.0.given_name = Some(given.to_owned());
            user.profile.0.family_name = Some(family.to_owned());
            if n % 50 == 3 {
                user.status = BLOCKED.to_owned();
            }
            let address = Identifier::email(&format!("{given}.{family}.{n}@example.org"))?;
            (email.value, email.normal) = (address.value, address.normal);
            email.verified_at = email.verified_at.filter(|_| !n.is_multiple_of(50));
            let name = Identifier::username(&format!("person{n}"))?;
            let username = IdentifierRow {
                id: IdentifierId(Uuid::now_v7()),
                kind: name.kind.as_str().to_owned(),
                value: name.value,
                normal: name.normal,
                ..email.clone()
            };
            batch.push(user.insert());
            batch.push(email.insert());
            batch.push(username.insert());
        }
        store.commit(batch).await?;
    }
    db.close().await;
    Ok(())
}

fn user(tenant: TenantId, n: u32, now: Timestamp) -> Result<(UserRow, IdentifierRow)> {
    let id = UserId(Uuid::now_v7());
    let email = Identifier::email(&format!("user-{n:07}@bench.example"))?;
    let user = UserRow {
        id,
        tenant_id: tenant,
        status: ACTIVE.to_owned(),
        name: Some(format!("User {n}")),
        profile: Json::default(),
        passkey_declined_at: None,
        last_sign_in_at: None,
        sign_in_count: 0,
        created_at: now,
        updated_at: now,
    };
    let identifier = IdentifierRow {
        id: IdentifierId(Uuid::now_v7()),
        tenant_id: tenant,
        user_id: id,
        kind: IdentifierKind::Email.as_str().to_owned(),
        value: email.value,
        normal: email.normal,
        verified_at: Some(now),
        is_primary: true,
        created_at: now,
    };
    Ok((user, identifier))
}

fn neighbour(like: &TenantRow, n: u32) -> (TenantRow, DomainRow) {
    let tenant =
        TenantRow { id: TenantId(Uuid::now_v7()), slug: format!("tenant-{n}"), name: format!("Tenant {n}"), ..like.clone() };
    let host = format!("tenant-{n}.bench.example");
    let domain = DomainRow {
        id: DomainId(Uuid::now_v7()),
        tenant_id: tenant.id,
        issuer: format!("https://{host}"),
        host,
        base_url: None,
        is_primary: true,
        accent: Default::default(),
        created_at: like.created_at,
    };
    (tenant, domain)
}
