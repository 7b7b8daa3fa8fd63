//! `doorward audit verify`.

use crate::cli::Target;

/// Checks the hash chain of every tenant's audit log.
pub async fn run(target: Target) -> anyhow::Result<()> {
    let _ = target;
    anyhow::bail!("not wired")
}
