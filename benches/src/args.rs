//! The command line.

use clap::Parser;
use std::path::PathBuf;
use std::time::Duration;

/// Measures Doorward's budgets in one run: flows, durable transactions, and what the machine itself can do, side by side.
#[derive(Debug, Clone, Parser)]
#[command(name = "doorward-bench")]
pub struct Args {
    /// The binary to measure; the one beside this program if not given
    #[arg(long, value_name = "FILE", conflicts_with = "info")]
    pub server: Option<PathBuf>,
    /// The info file of a development server that runs already; only its flows are measured
    #[arg(long, value_name = "FILE")]
    pub info: Option<PathBuf>,
    /// Process of that server, for the CPU columns
    #[arg(long, value_name = "PID", requires = "info")]
    pub pid: Option<u32>,
    /// postgres://… or sqlite:PATH for the flows; SQLite in a temporary folder if not given. It must be empty
    #[arg(long, value_name = "URL", conflicts_with = "info")]
    pub database: Option<String>,
    /// Users of the large directory
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000))]
    pub users: u32,
    /// Tenants of the large installation
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub tenants: u32,
    /// Seconds that each flow is measured for
    #[arg(long, value_name = "S", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub seconds: u64,
    /// Flows in progress at once
    #[arg(long, value_name = "C", default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=256))]
    pub concurrency: u64,
    /// One second for each flow, 5,000 users, 500 tenants: to see that everything works
    #[arg(long)]
    pub quick: bool,
    /// Measure only flows whose name contains this; `console-search`: only the search of the console among the users
    #[arg(long, value_name = "TEXT")]
    pub only: Option<String>,
    /// Leave out starts, memory and directory sizes
    #[arg(long)]
    pub flows_only: bool,
    /// Write every number to this file as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Serve the files of this list (`PATH=FILE`) as a bare server: the driver starts itself so
    #[arg(long, value_name = "PATH=FILE", hide = true)]
    pub bare: Vec<String>,
}

impl Args {
    /// The numbers of a quick run in place of the others.
    #[must_use]
    pub fn settled(mut self) -> Self {
        if self.quick {
            self.seconds = 1;
            self.users = self.users.min(5_000);
            self.tenants = self.tenants.min(500);
        }
        self
    }

    /// How long a slice of a measurement is: short enough that noise hits a flow and its ceiling alike.
    pub fn slice(&self) -> Duration {
        Duration::from_millis(if self.quick { 500 } else { 1000 })
    }

    /// How many slices a flow gets.
    pub fn slices(&self) -> usize {
        let slices = Duration::from_secs(self.seconds).as_millis() / self.slice().as_millis().max(1);
        usize::try_from(slices).unwrap_or(1).max(1)
    }
}
