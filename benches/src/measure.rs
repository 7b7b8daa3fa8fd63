//! A flow under load and alone: rates, latencies, CPU time, and what the database did.

use crate::args::Args;
use crate::bare::Bare;
use crate::ceiling::{Amount, Ceilings, Work};
use crate::flow::{Flow, Person};
use crate::http::{Ask, Connection};
use crate::server::{Counters, Server};
use anyhow::{Context as _, Result};
use std::time::{Duration, Instant};

/// Most flows that one worker is given for a slice.
const MOST_IN_A_SLICE: usize = 20_000;

/// What was measured of a flow.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Which.
    pub flow: Flow,
    /// Flows, time, CPU time of the server.
    pub amount: Amount,
    /// Whether the CPU time is known.
    pub cpu_known: bool,
    /// Latencies under load, sorted.
    pub latencies: Vec<Duration>,
    /// What the flow is held against.
    pub ceiling: Option<Ceiling>,
    /// The work of the database for one flow.
    pub database: Option<Counters>,
}

/// What a flow is held against.
#[derive(Debug, Clone, Copy)]
pub struct Ceiling {
    /// `None` for the bare server.
    pub work: Option<Work>,
    /// How often one flow does it.
    pub each: u32,
    /// What the machine can do.
    pub amount: Amount,
}

impl Measured {
    /// A latency that this share of the flows stays below.
    pub fn quantile(&self, share: f64) -> Duration {
        quantile(&self.latencies, share)
    }

    /// Flows in a second against the ceiling, on the same cores with the driver beside.
    pub fn share_of_wall(&self) -> Option<f64> {
        let ceiling = self.ceiling?;
        Some(self.amount.rate() * f64::from(ceiling.each) / ceiling.amount.rate())
    }

    /// CPU time that the ceiling's work needs, against what the server needed.
    pub fn share_of_cpu(&self) -> Option<f64> {
        let ceiling = self.ceiling.filter(|_| self.cpu_known)?;
        Some(ceiling.amount.cpu_each() * f64::from(ceiling.each) / self.amount.cpu_each())
    }
}

/// The value below which a share of the sorted values lies.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let rank = (sorted.len() as f64 * share).ceil().max(1.0) as usize;
    sorted.get(rank - 1).or(sorted.last()).copied().unwrap_or_default()
}

/// The people and ceilings of a run.
pub struct Bench {
    /// The server.
    pub server: Server,
    /// One for each flow in progress.
    pub people: Vec<Person>,
    /// What the machine can do.
    pub ceilings: Ceilings,
}

impl Bench {
    /// Signs everybody up.
    pub async fn new(server: Server, people: u64) -> Result<Self> {
        let mut all = Vec::new();
        for number in 0..people {
            all.push(Person::sign_up(&server, number).await?);
        }
        Ok(Self { server, people: all, ceilings: Ceilings::new()? })
    }

    /// Measures one flow.
    pub async fn measure(&mut self, args: &Args, flow: Flow, bare: Option<&Bare>) -> Result<Measured> {
        let doing = || format!("flow `{}`", flow.name());
        // Caches warm, connections open, and a first guess of the rate.
        let (mut rate, _) = self.slice(flow, 3).await.map(|(a, l)| (a.rate(), l)).with_context(doing)?;
        let database = self.database_work(args, flow).await.with_context(doing)?;
        let mut total = Amount::default();
        let mut latencies = Vec::new();
        let mut against = Amount::default();
        let mut bare_rate = 1_000.0;
        for _ in 0..args.slices() {
            if let Some((work, _)) = flow.ceiling() {
                against.add(self.ceilings.slice(work, args.slice() / 2).await?);
            }
            if let (Some(bare), Some(path)) = (bare, flow.document()) {
                let each = self.share(bare_rate, args.slice());
                let amount = bare_slice(bare, path, self.people.len(), each).await?;
                bare_rate = amount.rate();
                against.add(amount);
            }
            let (amount, mut slice) = self.slice(flow, self.share(rate, args.slice())).await.with_context(doing)?;
            rate = amount.rate();
            total.add(amount);
            latencies.append(&mut slice);
        }
        latencies.sort_unstable();
        let ceiling = match (flow.ceiling(), bare.and(flow.document())) {
            (Some((work, each)), _) => Some(Ceiling { work: Some(work), each, amount: against }),
            (None, Some(_)) => Some(Ceiling { work: None, each: 1, amount: against }),
            (None, None) => None,
        };
        Ok(Measured { flow, amount: total, cpu_known: self.server.pid.is_some(), latencies, ceiling, database })
    }

    /// How many flows each worker does so that a slice takes as long as it should.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
    fn share(&self, rate: f64, slice: Duration) -> usize {
        let each = rate * slice.as_secs_f64() / self.people.len().max(1) as f64;
        (each.ceil() as usize).clamp(1, MOST_IN_A_SLICE)
    }

    /// Everybody does the flow `each` times; what needs no clock is done before.
    async fn slice(&mut self, flow: Flow, each: usize) -> Result<(Amount, Vec<Duration>)> {
        let mut ready = Vec::new();
        for task in self.people.drain(..).map(|mut person| {
            tokio::spawn(async move {
                let mut prepared = Vec::with_capacity(each);
                for _ in 0..each {
                    prepared.push(person.prepare(flow).await?);
                }
                anyhow::Ok((person, prepared))
            })
        }) {
            ready.push(task);
        }
        let mut people = Vec::new();
        for task in ready {
            people.push(task.await??);
        }
        let before = self.server.cpu();
        let begun = Instant::now();
        let tasks: Vec<_> = people
            .into_iter()
            .map(|(mut person, prepared)| {
                tokio::spawn(async move {
                    let mut latencies = Vec::with_capacity(prepared.len());
                    for one in prepared {
                        let begun = Instant::now();
                        person.run(flow, one).await?;
                        latencies.push(begun.elapsed());
                    }
                    anyhow::Ok((person, latencies))
                })
            })
            .collect();
        let mut latencies = Vec::new();
        for task in tasks {
            let (person, mut some) = task.await??;
            self.people.push(person);
            latencies.append(&mut some);
        }
        let wall = begun.elapsed();
        let cpu = self.server.cpu().zip(before).map(|(after, before)| after.saturating_sub(before)).unwrap_or_default();
        Ok((Amount { times: latencies.len() as u64, wall, cpu }, latencies))
    }

    /// One after the other, so that grouped commits hide nothing.
    async fn database_work(&mut self, args: &Args, flow: Flow) -> Result<Option<Counters>> {
        let n = match flow {
            Flow::Password => 20,
            _ if args.quick => 50,
            _ => 200,
        };
        let person = self.people.first_mut().context("nobody is there")?;
        let mut prepared = Vec::new();
        for _ in 0..n {
            prepared.push(person.prepare(flow).await?);
        }
        let Some(before) = self.server.counters().await? else { return Ok(None) };
        for one in prepared {
            person.run(flow, one).await?;
        }
        let after = self.server.counters().await?;
        Ok(after.map(|after| after.each(before, f64::from(n))))
    }

    /// Latencies of one flow after the other, unsorted.
    pub async fn alone(&mut self, flow: Flow, times: usize) -> Result<Vec<Duration>> {
        let person = self.people.first_mut().context("nobody is there")?;
        let mut latencies = Vec::with_capacity(times);
        for _ in 0..times {
            let prepared = person.prepare(flow).await?;
            let begun = Instant::now();
            person.run(flow, prepared).await?;
            latencies.push(begun.elapsed());
        }
        Ok(latencies)
    }
}

async fn bare_slice(bare: &Bare, path: &'static str, workers: usize, each: usize) -> Result<Amount> {
    let mut connections: Vec<Connection> = Vec::new();
    for _ in 0..workers {
        let mut connection = bare.connect();
        connection.send(Ask::get(path)).await?.expect(200)?;
        connections.push(connection);
    }
    let before = bare.cpu();
    let begun = Instant::now();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            tokio::spawn(async move {
                for _ in 0..each {
                    connection.send(Ask::get(path)).await?.expect(200)?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let wall = begun.elapsed();
    let cpu = bare.cpu().zip(before).map(|(after, before)| after.saturating_sub(before)).unwrap_or_default();
    Ok(Amount { times: (workers * each) as u64, wall, cpu })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let ms: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&ms, 0.5), Duration::from_millis(50));
        assert_eq!(quantile(&ms, 0.99), Duration::from_millis(99));
        assert_eq!(quantile(&ms, 1.0), Duration::from_millis(100));
        assert_eq!(quantile(&ms[..1], 0.5), Duration::from_millis(1));
        assert_eq!(quantile(&[], 0.5), Duration::ZERO);
    }

    #[test]
    fn shares_count_the_work_in_each_flow() {
        let amount = |times, cpu| Amount { times, wall: Duration::from_secs(1), cpu: Duration::from_millis(cpu) };
        let measured = Measured {
            flow: Flow::CodeRedemption,
            amount: amount(400, 800),
            cpu_known: true,
            latencies: Vec::new(),
            // 1,000 signatures in a second of two cores: 2 ms each; a flow has two of them and took 2 ms: impossible, 200 %.
            ceiling: Some(Ceiling { work: Some(Work::Sign), each: 2, amount: amount(1000, 2000) }),
            database: None,
        };
        assert!((measured.share_of_wall().unwrap() - 0.8).abs() < 1e-9);
        assert!((measured.share_of_cpu().unwrap() - 2.0).abs() < 1e-9);
    }
}
