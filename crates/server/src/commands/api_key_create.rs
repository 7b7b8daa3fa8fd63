//! `doorward api-key-create`.

use crate::cli::ApiKeyCreate;
use crate::commands::tenants_of;
use crate::open;
use anyhow::Context as _;
use doorward_service::directory::NewDoorKey;
use doorward_service::secrets::token;

/// Makes an API key and prints it.
pub async fn run(args: ApiKeyCreate) -> anyhow::Result<()> {
    let service = open::target(&args.target).await?;
    let all = tenants_of(&service, args.tenant.as_deref()).await?;
    let cx = all.into_iter().next().context("there is no tenant yet")?;
    let key = args.key.map_or_else(|| token::<32>("dwk_"), |k| k.expose().to_owned());
    let new = NewDoorKey {
        id: None,
        key: Some(key.clone()),
        name: args.name,
        tenant: args.tenant.is_some().then(|| cx.tenant_id()),
        scopes: args.scope,
        expires_at: None,
        retrievable: false,
        extension: serde_json::json!({}),
    };
    service.create_door_key(&cx, "command", new).await?;
    println!("{key}");
    service.store.db().clone().close().await;
    Ok(())
}
