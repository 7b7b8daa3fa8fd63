//! `doorward keys rotate`.

use crate::cli::Rotate;
use crate::commands::tenants_of;
use crate::open;
use anyhow::Context as _;
use doorward_protocol::jose::Algorithm;

/// Makes a new signing key; the old one stays published. A running server signs with the new one within seconds.
pub async fn run(args: Rotate) -> anyhow::Result<()> {
    let service = open::target(&args.of.target).await?;
    let only = args.alg.as_deref().map(Algorithm::parse).transpose().context("--alg")?;
    for cx in tenants_of(&service, args.of.tenant.as_deref()).await? {
        let keys = service.store.signing_keys(cx.tenant_id()).await?;
        let used = doorward_service::keys::SIGNING_ALGORITHMS.iter().filter(|a| keys.iter().any(|k| k.alg == a.as_str()));
        for algorithm in used.filter(|a| only.is_none_or(|o| o == **a)) {
            let kid = service.rotate_signing_key(&cx, *algorithm, "command").await?;
            println!("{}: {} signs with {kid}", cx.tenant.row.slug, algorithm.as_str());
        }
    }
    service.store.db().clone().close().await;
    Ok(())
}
