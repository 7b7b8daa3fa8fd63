//! `doorward keys list`.

use crate::cli::KeysOf;

/// Lists signing keys.
pub async fn run(args: KeysOf) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
