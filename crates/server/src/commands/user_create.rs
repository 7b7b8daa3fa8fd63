//! `doorward user-create`.

use crate::cli::UserCreate;
use crate::commands::tenants_of;
use crate::open;
use anyhow::Context as _;
use doorward_protocol::oidc::claims::Profile;
use doorward_service::directory::{NewIdentifier, NewUser, UserDocument};
use doorward_service::secrets::token;

/// Makes a user with a proven address and a password, and prints what was made up.
pub async fn run(args: UserCreate) -> anyhow::Result<()> {
    let service = open::target(&args.target).await?;
    let cx = tenants_of(&service, Some(&args.tenant)).await?.into_iter().next().context("there is no tenant yet")?;
    let made_up = args.password.is_none();
    let password = args.password.map_or_else(|| token::<12>(""), |p| p.expose().to_owned());
    let profile =
        Profile { given_name: Some(args.first_name.clone()), family_name: Some(args.last_name.clone()), ..Default::default() };
    let new = NewUser {
        document: UserDocument { name: Some(format!("{} {}", args.first_name, args.last_name)), profile },
        identifiers: vec![NewIdentifier::email(args.email.as_str(), true)],
        password: Some(password.clone()),
        ..Default::default()
    };
    let person = service.create_user(&cx, "command", new).await?;
    println!("user      {}", person.user.id);
    if made_up {
        println!("password  {password}");
    }
    service.store.db().clone().close().await;
    Ok(())
}
