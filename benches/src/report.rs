//! The results as Markdown and as JSON.

use crate::args::Args;
use crate::ceiling::Work;
use crate::console::Searched;
use crate::flow::Flow;
use crate::measure::{Measured, quantile};
use crate::process;
use crate::scale::Installation;
use crate::server::Start;
use crate::starts::Starts;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// Everything that a run measured.
pub struct Report {
    /// Flows.
    pub flows: Vec<Measured>,
    /// Starts.
    pub starts: Option<Starts>,
    /// Sizes.
    pub scale: Vec<Installation>,
    /// Searches in the console.
    pub searches: Vec<Searched>,
    /// Which database.
    pub database: &'static str,
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".into(), |share| format!("{:.0} %", share * 100.0))
}

fn against(measured: &Measured) -> String {
    match measured.ceiling.map(|c| (c.work, c.each)) {
        Some((None, _)) => "bare server".into(),
        Some((Some(Work::Sign), n)) => format!("{n} × RS256"),
        Some((Some(Work::Hash), n)) => format!("{n} × Argon2id"),
        Some((Some(Work::Verify), n)) => format!("{n} × ES256 verify"),
        None => "–".into(),
    }
}

/// The budget that a flow must keep: durable transactions, reads where they are bounded, and the least share of its ceiling.
fn budget(flow: Flow) -> (f64, Option<f64>, Option<f64>) {
    match flow {
        Flow::Discovery | Flow::Jwks => (0.0, Some(0.0), Some(0.60)),
        Flow::AuthorizeSignedOut | Flow::AuthorizeSignedIn | Flow::UserSearch => (0.0, None, None),
        Flow::PasskeyFinish => (1.0, None, None),
        Flow::CodeRedemption | Flow::Refresh => (1.0, None, Some(0.85)),
        Flow::ClientCredentials => (0.0, None, Some(0.85)),
        Flow::Userinfo | Flow::Introspection => (0.0, Some(1.0), None),
        Flow::Password => (1.0, None, Some(0.80)),
    }
}

/// Whether a flow keeps its budget. Work behind the scenes (caches that renew themselves, sweeping) may add a twentieth.
fn verdict(measured: &Measured) -> String {
    let (transactions, reads, share) = budget(measured.flow);
    let mut missed = Vec::new();
    if let Some(database) = measured.database {
        if database.transactions > transactions + 0.05 {
            missed.push("transactions");
        }
        if reads.is_some_and(|most| database.reads > most + 0.05) {
            missed.push("reads");
        }
    }
    if let (Some(least), Some(share)) = (share, measured.share_of_cpu().or(measured.share_of_wall()))
        && share < least
    {
        missed.push("CPU");
    }
    if missed.is_empty() { "kept".into() } else { format!("missed: {}", missed.join(", ")) }
}

fn starts_in_order(starts: &[Start], of: impl Fn(&Start) -> Duration) -> Vec<Duration> {
    let mut all: Vec<Duration> = starts.iter().map(of).collect();
    all.sort_unstable();
    all
}

impl Report {
    /// For people.
    pub fn markdown(&self, args: &Args) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        _ = self.write(args, &mut out);
        out
    }

    fn write(&self, args: &Args, out: &mut String) -> std::fmt::Result {
        if self.flows.is_empty() && !self.searches.is_empty() {
            writeln!(out, "{} cores shared by server and driver, {}", process::cores(), self.database)?;
            return write_searches(&self.searches, args.users, out);
        }
        writeln!(
            out,
            "{} cores shared by server and driver, {}, {} flows at once, {} s for each flow\n",
            process::cores(),
            self.database,
            args.concurrency,
            args.seconds
        )?;
        writeln!(
            out,
            "| flow | flows/s | p50 ms | p95 ms | p99 ms | server CPU ms | transactions | batches | reads | against | share of CPU | share of wall | budget |"
        )?;
        writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|--:|--:|---|")?;
        for one in &self.flows {
            let cpu = if one.cpu_known { format!("{:.3}", one.amount.cpu_each() * 1e3) } else { "–".into() };
            let database = one
                .database
                .map_or_else(|| "– | – | –".into(), |d| format!("{:.2} | {:.2} | {:.2}", d.transactions, d.batches, d.reads));
            writeln!(
                out,
                "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {cpu} | {database} | {} | {} | {} | {} |",
                one.flow.name(),
                one.amount.rate(),
                ms(one.quantile(0.5)),
                ms(one.quantile(0.95)),
                ms(one.quantile(0.99)),
                against(one),
                percent(one.share_of_cpu()),
                percent(one.share_of_wall()),
                verdict(one),
            )?;
        }
        writeln!(
            out,
            "\n| what the machine can do | per second, all cores | CPU ms each | measured beside |\n|---|--:|--:|---|"
        )?;
        for one in &self.flows {
            let Some(ceiling) = one.ceiling else { continue };
            let name = match ceiling.work {
                None => "bare server",
                Some(Work::Sign) => "RS256 signatures, 2048 bits",
                Some(Work::Hash) => "Argon2id hashes, 19 MiB, t=2, p=1",
                Some(Work::Verify) => "ES256 verifications",
            };
            let (rate, cpu) = (ceiling.amount.rate(), ceiling.amount.cpu_each() * 1e3);
            writeln!(out, "| {name} | {rate:.0} | {cpu:.3} | {} |", one.flow.name())?;
        }
        if let Some(starts) = &self.starts {
            write_starts(starts, out)?;
        }
        if !self.scale.is_empty() {
            write_scale(&self.scale, out)?;
        }
        Ok(())
    }

    /// For programs.
    pub fn json(&self, args: &Args) -> Value {
        let flows: Vec<Value> = self
            .flows
            .iter()
            .map(|one| {
                json!({
                    "flow": one.flow.name(),
                    "flows": one.amount.times,
                    "per_second": one.amount.rate(),
                    "p50_ms": ms(one.quantile(0.5)),
                    "p95_ms": ms(one.quantile(0.95)),
                    "p99_ms": ms(one.quantile(0.99)),
                    "server_cpu_ms": one.cpu_known.then(|| one.amount.cpu_each() * 1e3),
                    "transactions": one.database.map(|d| d.transactions),
                    "batches": one.database.map(|d| d.batches),
                    "reads": one.database.map(|d| d.reads),
                    "against": against(one),
                    "ceiling_per_second": one.ceiling.map(|c| c.amount.rate()),
                    "ceiling_cpu_ms": one.ceiling.map(|c| c.amount.cpu_each() * 1e3),
                    "share_of_cpu": one.share_of_cpu(),
                    "share_of_wall": one.share_of_wall(),
                    "budget": verdict(one),
                })
            })
            .collect();
        let list = |starts: &[Start]| -> Vec<Value> {
            starts.iter().map(|s| json!({ "info_ms": ms(s.info), "ready_ms": ms(s.ready) })).collect()
        };
        let starts = self.starts.as_ref().map(|s| {
            json!({
                "first": list(&s.first),
                "second": list(&s.second),
                "resident_bytes": s.resident,
                "resident_at_rest_bytes": s.resident_at_rest,
                "binary_bytes": s.binary,
            })
        });
        let scale: Vec<Value> = self
            .scale
            .iter()
            .map(|one| {
                let medians: serde_json::Map<String, Value> =
                    one.medians.iter().map(|(flow, median)| (flow.name().to_owned(), json!(ms(*median)))).collect();
                json!({
                    "users": one.users,
                    "tenants": one.tenants,
                    "ready_ms": ms(one.ready),
                    "resident_bytes": one.resident,
                    "p50_ms": medians,
                })
            })
            .collect();
        let searches: Vec<Value> = self
            .searches
            .iter()
            .map(|one| json!({ "search": one.name, "query": one.query, "p50_ms": ms(one.median), "worst_ms": ms(one.worst) }))
            .collect();
        json!({
            "cores": process::cores(),
            "database": self.database,
            "concurrency": args.concurrency,
            "seconds": args.seconds,
            "flows": flows,
            "starts": starts,
            "scale": scale,
            "console_search": searches,
        })
    }
}

fn write_starts(starts: &Starts, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n| process | median | least | most | budget |\n|---|--:|--:|--:|---|")?;
    let rows = [
        ("first start (makes keys and database), info file, ms", starts_in_order(&starts.first, |s| s.info), None),
        ("first start, `/readyz`, ms", starts_in_order(&starts.first, |s| s.ready), None),
        ("second start, info file, ms", starts_in_order(&starts.second, |s| s.info), None),
        ("second start, `/readyz`, ms", starts_in_order(&starts.second, |s| s.ready), Some(150)),
    ];
    for (name, times, most) in rows {
        let median = quantile(&times, 0.5);
        let verdict = most.map_or("–", |most| if median <= Duration::from_millis(most) { "kept (150)" } else { "missed (150)" });
        let (least, greatest) = (times.first().copied().unwrap_or_default(), times.last().copied().unwrap_or_default());
        writeln!(out, "| {name} | {:.0} | {:.0} | {:.0} | {verdict} |", ms(median), ms(least), ms(greatest))?;
    }
    let rows = [
        ("resident memory after start, MiB", starts.resident),
        ("resident memory after 10 s at rest, MiB", starts.resident_at_rest),
        ("binary, MiB", starts.binary),
    ];
    for (name, bytes) in rows {
        let size = mebibytes(bytes);
        let verdict = if size <= 30.0 { "kept (30)" } else { "missed (30)" };
        writeln!(out, "| {name} | {size:.1} | | | {verdict} |")?;
    }
    Ok(())
}

fn write_scale(scale: &[Installation], out: &mut String) -> std::fmt::Result {
    let Some(small) = scale.first() else { return Ok(()) };
    let names: Vec<&str> = small.medians.iter().map(|(flow, _)| flow.name()).collect();
    let head: Vec<String> = names.iter().map(|name| format!("{name}, p50 ms | ratio")).collect();
    writeln!(out, "\n| users | tenants | {} | ready ms | memory MiB |", head.join(" | "))?;
    writeln!(out, "|--:|--:|{}--:|--:|", "--:|--:|".repeat(names.len()))?;
    for one in scale {
        let cells: Vec<String> = one
            .medians
            .iter()
            .zip(&small.medians)
            .map(|((_, median), (_, base))| {
                format!("{:.2} | {:.2}", ms(*median), median.as_secs_f64() / base.as_secs_f64().max(1e-9))
            })
            .collect();
        let (ready, memory) = (ms(one.ready), mebibytes(one.resident));
        writeln!(out, "| {} | {} | {} | {ready:.0} | {memory:.1} |", one.users, one.tenants, cells.join(" | "))?;
    }
    Ok(())
}

fn write_searches(searches: &[Searched], users: u32, out: &mut String) -> std::fmt::Result {
    writeln!(out, "\n| search in the console, {users} users | p50 ms | worst ms | query |\n|---|--:|--:|---|")?;
    for one in searches {
        writeln!(out, "| {} | {:.1} | {:.1} | `{}` |", one.name, ms(one.median), ms(one.worst), one.query)?;
    }
    Ok(())
}
