//! `doorward keys list`.

use crate::cli::KeysOf;
use crate::commands::tenants_of;
use crate::open;

/// Lists signing keys.
pub async fn run(args: KeysOf) -> anyhow::Result<()> {
    let service = open::target(&args.target).await?;
    for cx in tenants_of(&service, args.tenant.as_deref()).await? {
        for key in service.store.signing_keys(cx.tenant_id()).await? {
            println!("{}\t{}\t{}\t{}", cx.tenant.row.slug, key.alg, key.state, key.kid);
        }
    }
    service.store.db().clone().close().await;
    Ok(())
}
