//! The load driver: measures the budgets of every flow against what the machine can do, in one run.
//!
//! `docs/reference/benchmarks.md` says how to run it and what each column means.

mod args;
mod authenticator;
mod bare;
mod ceiling;
mod console;
mod flow;
mod http;
mod measure;
mod page;
mod process;
mod report;
mod scale;
mod seeding;
mod server;
mod starts;

use anyhow::{Context as _, Result};
use args::Args;
use bare::Bare;
use clap::Parser as _;
use flow::Flow;
use measure::Bench;
use report::Report;
use server::Server;

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse().settled();
    if !args.bare.is_empty() {
        return bare::serve(&args.bare).await;
    }
    let report = run(&args).await?;
    println!("{}", report.markdown(&args));
    if let Some(path) = &args.json {
        std::fs::write(path, serde_json::to_vec_pretty(&report.json(&args))?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

async fn run(args: &Args) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let database = match args.database.as_deref() {
        Some(url) if url.starts_with("postgres") => "PostgreSQL",
        _ if args.info.is_some() => "a server that ran already",
        _ => "SQLite",
    };
    if args.only.as_deref() == Some(console::NAME) {
        eprintln!("{} users in the console", args.users);
        let searches = console::measure(args, &server::binary(args.server.as_deref())?, folder.path()).await?;
        return Ok(Report { flows: Vec::new(), starts: None, scale: Vec::new(), searches, database });
    }
    let (server, binary) = match &args.info {
        Some(info) => (Server::running(info, args.pid)?, None),
        None => {
            let binary = server::binary(args.server.as_deref())?;
            let seed = folder.path().join("seed.json");
            server::write_seed(&seed, args.concurrency)?;
            let server = Server::start(&binary, &folder.path().join("flows"), args.database.as_deref(), Some(&seed)).await?;
            (server, Some(binary))
        }
    };
    eprintln!("signing {} people up", args.concurrency);
    let mut bench = Bench::new(server, args.concurrency).await?;
    let paths: Vec<&str> = Flow::ALL.into_iter().filter_map(Flow::document).collect();
    let bare = Bare::like(&bench.server, &paths, folder.path()).await.context("the bare server")?;
    let mut flows = Vec::new();
    for flow in Flow::ALL {
        let wanted = args.only.as_deref().is_none_or(|text| flow.name().contains(text));
        // A server that runs already knows no people of ours with passwords.
        if !wanted || (flow == Flow::Password && args.info.is_some()) {
            continue;
        }
        eprintln!("{}", flow.name());
        flows.push(bench.measure(args, flow, Some(&bare)).await?);
    }
    bench.server.stop().await?;
    let (mut starts, mut scale) = (None, Vec::new());
    if let Some(binary) = binary.filter(|_| !args.flows_only) {
        eprintln!("starts");
        starts = Some(starts::measure(args, &binary, folder.path()).await?);
        eprintln!("{} users, {} tenants", args.users, args.tenants);
        scale = scale::measure(args, &binary, folder.path()).await?;
    }
    Ok(Report { flows, starts, scale, searches: Vec::new(), database })
}
