//! What each command does, one file each.

pub mod admin_link;
pub mod api_key_create;
pub mod apply;
pub mod audit_verify;
pub mod backup;
pub mod dev;
pub mod doctor;
pub mod init;
pub mod keys_list;
pub mod keys_rotate;
pub mod master_key;
pub mod serve;
pub mod user_create;
pub mod version;

use anyhow::Context as _;
use doorward_service::{Client, Cx, Service};

/// The tenants that a command works on: one by its short name, or all.
pub async fn tenants_of(service: &Service, slug: Option<&str>) -> anyhow::Result<Vec<Cx>> {
    let mut out = Vec::new();
    let mut after = None;
    loop {
        let page = service.store.tenants(after, 200).await?;
        for tenant in page.items.iter().filter(|t| slug.is_none_or(|s| s == t.slug)) {
            out.extend(service.cx_of_tenant(tenant.id, Client::default()).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if let Some(slug) = slug {
        out.first().with_context(|| format!("there is no tenant {slug}"))?;
    }
    Ok(out)
}
