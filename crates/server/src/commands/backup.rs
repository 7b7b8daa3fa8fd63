//! `doorward backup`.

use crate::cli::Backup;
use crate::open;

/// Copies the running SQLite database to a file.
pub async fn run(args: Backup) -> anyhow::Result<()> {
    anyhow::ensure!(!args.file.exists(), "{} exists already", args.file.display());
    let service = open::target(&args.target).await?;
    anyhow::ensure!(service.store.db().is_sqlite(), "backup copies SQLite; use pg_dump for PostgreSQL");
    service.store.backup(&args.file).await?;
    println!("{}", args.file.display());
    service.store.db().clone().close().await;
    Ok(())
}
