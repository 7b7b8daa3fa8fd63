//! Whether latency stays flat: the same flows, alone, in a small installation, one with many users and one with many tenants. All
//! three servers run at once and take turns, so that noise hits all of them.

use crate::args::Args;
use crate::flow::Flow;
use crate::measure::{Bench, quantile};
use crate::process;
use crate::seeding;
use crate::server::Server;
use anyhow::{Context as _, Result};
use std::path::Path;
use std::time::Duration;

/// The flows of this measurement.
pub const FLOWS: [Flow; 3] = [Flow::PasskeyFinish, Flow::UserSearch, Flow::Userinfo];

/// An installation.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Users.
    pub users: u32,
    /// Tenants.
    pub tenants: u32,
    /// Start to ready.
    pub ready: Duration,
    /// Resident memory after the flows.
    pub resident: u64,
    /// Median of each flow.
    pub medians: Vec<(Flow, Duration)>,
}

/// Measures three installations.
pub async fn measure(args: &Args, binary: &Path, folder: &Path) -> Result<Vec<Installation>> {
    let sizes = [(1_000, 1), (args.users, 1), (1_000, args.tenants)];
    let mut benches = Vec::new();
    for (n, (users, tenants)) in sizes.into_iter().enumerate() {
        let folder = folder.join(format!("scale-{n}"));
        Server::start(binary, &folder, None, None).await?.stop().await?;
        seeding::fill(&folder.join("data/doorward.db"), users, tenants).await.context("filling a directory")?;
        let server = Server::start(binary, &folder, None, None).await?;
        let ready = server.start.map(|start| start.ready).unwrap_or_default();
        benches.push((users, tenants, ready, Bench::new(server, 1).await?));
    }
    let (rounds, times) = if args.quick { (4, 10) } else { (20, 20) };
    let mut samples = vec![vec![Vec::new(); FLOWS.len()]; benches.len()];
    for round in 0..=rounds {
        for ((_, _, _, bench), samples) in benches.iter_mut().zip(&mut samples) {
            for (flow, samples) in FLOWS.into_iter().zip(samples) {
                let mut latencies = bench.alone(flow, times).await.with_context(|| flow.name())?;
                // The first round warms up.
                if round > 0 {
                    samples.append(&mut latencies);
                }
            }
        }
    }
    let mut out = Vec::new();
    for ((users, tenants, ready, bench), mut samples) in benches.into_iter().zip(samples) {
        let medians = FLOWS
            .into_iter()
            .zip(&mut samples)
            .map(|(flow, samples)| {
                samples.sort_unstable();
                (flow, quantile(samples, 0.5))
            })
            .collect();
        let resident = bench.server.pid.map_or(Ok(0), process::resident)?;
        bench.server.stop().await?;
        out.push(Installation { users, tenants, ready, resident, medians });
    }
    Ok(out)
}
