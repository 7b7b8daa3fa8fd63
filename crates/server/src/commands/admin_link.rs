//! `doorward admin-link`.

use crate::cli::AdminLink;
use crate::commands::tenants_of;
use crate::open;
use anyhow::Context as _;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::Identifier;

/// Seconds that the link is good for.
const LINK_SECONDS: i64 = 3600;

/// Prints a link that signs in to the console once.
pub async fn run(args: AdminLink) -> anyhow::Result<()> {
    let service = open::target(&args.target).await?;
    let cx = tenants_of(&service, args.tenant.as_deref()).await?.into_iter().next().context("there is no tenant")?;
    let user = match &args.email {
        Some(email) => {
            let email = Identifier::email(email).context("--email")?;
            service.store.identifier(cx.tenant_id(), &email).await?.context("no user has that address")?.user_id
        }
        None => {
            let all = service.list_administrators(&cx).await.map_err(|error| anyhow::anyhow!("{error}"))?;
            let owner = all.into_iter().find(|one| one.role == AdminRole::Owner);
            owner.context("there is no owner yet; make one with `doorward init --email you@example.com`")?.person.user.id
        }
    };
    let link =
        service.sign_in_link(&cx, user, "/console", LINK_SECONDS, "command").await?.context("that user has no e-mail address")?;
    println!("{link}");
    service.store.db().clone().close().await;
    Ok(())
}
