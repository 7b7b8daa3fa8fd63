//! Starts, memory at rest, and the size of the binary.

use crate::args::Args;
use crate::process;
use crate::server::{Server, Start};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::time::Duration;

/// What was measured.
#[derive(Debug, Clone)]
pub struct Starts {
    /// In an empty folder: keys, certificates and the database are made.
    pub first: Vec<Start>,
    /// In the same folder again.
    pub second: Vec<Start>,
    /// Resident memory right after a second start.
    pub resident: u64,
    /// And after ten seconds at rest.
    pub resident_at_rest: u64,
    /// Bytes of the binary.
    pub binary: u64,
}

/// Starts and stops servers in folders of their own.
pub async fn measure(args: &Args, binary: &Path, folder: &Path) -> Result<Starts> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let (mut resident, mut resident_at_rest) = (0, 0);
    let runs = if args.quick { 2 } else { 5 };
    for n in 0..runs {
        let folder = folder.join(format!("start-{n}"));
        let server = Server::start(binary, &folder, None, None).await?;
        first.extend(server.start);
        server.stop().await?;
        let server = Server::start(binary, &folder, None, None).await?;
        second.extend(server.start);
        if n + 1 == runs {
            let pid = server.pid.context("no process")?;
            resident = process::resident(pid)?;
            tokio::time::sleep(Duration::from_secs(10)).await;
            resident_at_rest = process::resident(pid)?;
        }
        server.stop().await?;
    }
    Ok(Starts { first, second, resident, resident_at_rest, binary: std::fs::metadata(binary)?.len() })
}
