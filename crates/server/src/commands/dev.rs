//! `doorward dev`.

use crate::cli::Dev;

/// Starts the whole platform on this machine and serves until a signal.
pub async fn run(args: Dev) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
