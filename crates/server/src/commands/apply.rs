//! `doorward apply`.

use crate::cli::Apply;

/// Brings the directory to what the file says.
pub async fn run(args: Apply) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
