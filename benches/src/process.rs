//! What `/proc` says of a process.

use anyhow::{Context as _, Result};
use std::time::Duration;

/// Clock ticks in a second, in `/proc/PID/stat`: the kernel's interface has 100, whatever its timer does.
const TICKS: u32 = 100;

/// CPU time of all its threads so far, user and system (proc_pid_stat(5), fields 14 and 15).
pub fn cpu(pid: u32) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The second field is the name in brackets, and may hold anything.
    let (_, rest) = text.rsplit_once(')').context("no name in stat")?;
    let ticks: u32 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(Duration::from_secs(1) * ticks / TICKS)
}

/// Resident memory in bytes.
pub fn resident(pid: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: u64 = line.split_whitespace().next().context("no number")?.parse()?;
    Ok(kibibytes * 1024)
}

/// Cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_busy_thread_shows_in_cpu_time() {
        let me = std::process::id();
        let before = cpu(me).unwrap();
        // On a busy machine a thread gets only a share of the time.
        let end = Instant::now() + Duration::from_secs(10);
        while cpu(me).unwrap() - before < Duration::from_millis(50) {
            assert!(Instant::now() < end, "no CPU time is seen");
        }
        assert!(resident(me).unwrap() > 1 << 20);
    }
}
