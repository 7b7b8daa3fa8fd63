//! `doorward init`.

use crate::cli::Init;
use crate::commands::{serve, tenants_of};
use crate::config::Config;
use crate::open;
use anyhow::Context as _;
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::Identifier;
use doorward_service::directory::{NewIdentifier, NewUser, UserDocument};

/// Seconds that the link is good for.
const LINK_SECONDS: i64 = 3600;

/// Makes the first owner and prints a link that signs them in to the console once.
pub async fn run(args: Init) -> anyhow::Result<()> {
    let email = Identifier::email(&args.email).context("--email")?;
    let service = open::target(&args.target).await?;
    if let Some(path) = &args.target.config {
        serve::first_tenant(&service, &Config::load(path, std::env::vars())?).await?;
    }
    let cx = tenants_of(&service, args.tenant.as_deref()).await?.into_iter().next().context("there is no tenant")?;
    let words = |error| anyhow::anyhow!("{error}");
    let owner = service.list_administrators(&cx).await.map_err(words)?.into_iter().find(|one| one.role == AdminRole::Owner);
    if let Some(owner) = owner {
        let who = owner.person.email().map_or_else(|| owner.person.user.id.to_string(), |email| email.value.clone());
        anyhow::bail!("there is an owner already: {who}. `doorward admin-link --email {who}` prints a link for them");
    }
    let user = match service.store.identifier(cx.tenant_id(), &email).await? {
        Some(row) => row.user_id,
        None => {
            let new = NewUser {
                document: UserDocument { name: args.name.clone(), ..UserDocument::default() },
                identifiers: vec![NewIdentifier::email(&args.email, true)],
                ..NewUser::default()
            };
            service.create_user(&cx, "command", new).await.map_err(words)?.user.id
        }
    };
    service.put_administrator(&cx, "command", user, AdminRole::Owner).await.map_err(words)?;
    let link =
        service.sign_in_link(&cx, user, "/console", LINK_SECONDS, "command").await?.context("that user has no e-mail address")?;
    println!("{link}");
    service.store.db().clone().close().await;
    Ok(())
}
