//! `doorward apply`.

use crate::cli::Apply;
use crate::open;
use doorward_service::seed::Seed;

/// Brings the directory to what the file says.
pub async fn run(args: Apply) -> anyhow::Result<()> {
    let seed = Seed::from_file(&args.file)?;
    let service = open::target(&args.target).await?;
    let report = service.apply(&seed, "command").await?;
    println!("{} made, {} changed, {} as they were", report.created, report.changed, report.unchanged);
    for made in &report.secrets {
        println!("{}: secret of {} (shown this once): {}", made.path, made.of, made.secret);
    }
    for problem in &report.problems {
        eprintln!("{}: {}", problem.path, problem.message);
    }
    service.store.db().clone().close().await;
    anyhow::ensure!(report.problems.is_empty(), "{} thing(s) could not be applied", report.problems.len());
    Ok(())
}
