//! Set-up by a kickstart file: once, on a server that holds nothing yet.

use anyhow::Context as _;
use axum::Router;
use doorward_dialect_fusionauth::Kickstart;
use doorward_service::{Cx, Service};
use std::path::Path;

/// Reads the file and makes the first tenant of an empty server at this address. `None`: there is no file, or the server is in
/// use and the file is passed over.
pub async fn begin(service: &Service, file: Option<&Path>, host: &str, base: &str) -> anyhow::Result<Option<Kickstart>> {
    let Some(file) = file else { return Ok(None) };
    if !service.store.tenants(None, 1).await?.items.is_empty() || !service.store.api_keys(None, None, 1).await?.items.is_empty() {
        tracing::info!(file = %file.display(), "this server is in use: the kickstart file is passed over");
        return Ok(None);
    }
    let kickstart = Kickstart::load(file, &|name| std::env::var(name).ok())?;
    kickstart.prepare(service, host, base).await?;
    Ok(Some(kickstart))
}

/// Runs it over the finished router.
pub async fn finish(service: &Service, cx: &Cx, kickstart: &Kickstart, router: &Router) -> anyhow::Result<()> {
    let calls = kickstart.run(service, cx, router).await.context("nothing of it was kept")?;
    tracing::info!(calls, "the kickstart file was run");
    Ok(())
}
