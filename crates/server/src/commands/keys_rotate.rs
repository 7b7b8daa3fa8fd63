//! `doorward keys rotate`.

use crate::cli::Rotate;

/// Makes a new signing key; the old one stays published.
pub async fn run(args: Rotate) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
