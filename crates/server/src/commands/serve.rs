//! `doorward serve`.

use crate::cli::Serve;
use crate::config::Config;
use crate::logs;

/// Serves in production until a signal.
pub async fn run(args: Serve) -> anyhow::Result<()> {
    let config = Config::load(&args.config, std::env::vars())?;
    if args.check {
        println!("{}: ok", args.config.display());
        return Ok(());
    }
    logs::start(&config.log)?;
    anyhow::bail!("not wired")
}
