//! `doorward backup`.

use crate::cli::Backup;

/// Copies the running SQLite database to a file.
pub async fn run(args: Backup) -> anyhow::Result<()> {
    let _ = args;
    anyhow::bail!("not wired")
}
