//! Large directories, written by the store itself before the server starts: asking the management API a hundred thousand times
//! would take longer than the measurement.

use anyhow::{Context as _, Result};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{DomainId, IdentifierId, TenantId, UserId};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::{Batch, ConnectOptions, DatabaseUrl, Db};
use doorward_store::tenants::{DomainRow, TenantRow};
use doorward_store::users::{ACTIVE, IdentifierRow, UserRow};
use doorward_store::{Json, Store};
use std::path::Path;
use uuid::Uuid;

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
        is_primary: true,
        accent: Default::default(),
        created_at: like.created_at,
    };
    (tenant, domain)
}
