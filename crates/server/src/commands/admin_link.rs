//! `doorward admin-link`.

use crate::cli::AdminLink;

/// Prints a link that signs in to the console once.
pub async fn run(args: AdminLink) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
