//! Work that nobody waits for: mail, sweeping, chaining of the audit log. Every node runs it; leases and guards keep nodes out of
//! each other's way.

use crate::Service;
use crate::boxed;
use crate::mail::send;
use crate::webhooks;
use doorward_store::engine::Batch;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle};

/// Rows swept from each table in one step.
const SWEEP: i64 = 500;
/// How long a stop waits for work in the background after the last request.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Days that an ended session or an expired grant stays for its owner to see.
const KEEP_ENDED_DAYS: i64 = 30;

/// Runs every job until `stop` turns true.
#[boxed]
pub async fn run(service: Service, stop: watch::Receiver<bool>) {
    let told = Notify::new();
    tokio::join!(
        mail(service.clone(), stop.clone()),
        audit(service.clone(), stop.clone()),
        counts(service.clone(), stop.clone()),
        log_of_webhooks(service.clone(), stop.clone(), &told),
        deliveries(service.clone(), stop.clone(), &told),
        work(service.clone(), stop.clone()),
        sweep(service, stop)
    );
}

/// Waits for [`run`] at a stop, which it learned of when the listeners did. A server of somebody else may leave it waiting: what is on
/// its way there is broken off in the end and tried again by whoever runs next.
///
/// # Errors
/// When the task has panicked.
#[boxed]
pub async fn end(mut working: JoinHandle<()>, patience: Duration) -> Result<(), JoinError> {
    match tokio::time::timeout(patience, &mut working).await {
        Ok(ended) => ended,
        Err(_) => {
            tracing::warn!("work in the background is broken off");
            working.abort();
            match working.await {
                Err(error) if error.is_panic() => Err(error),
                _ => Ok(()),
            }
        }
    }
}

/// What a graceful stop still owes once the last request has been answered: nothing that was counted is lost, and the chain of the
/// audit log goes to its last event.
#[boxed]
pub async fn finish(service: &Service) {
    flush(service).await;
    if let Err(error) = service.store.chain_all_audit().await {
        tracing::warn!(%error, "audit events could not be chained");
    }
}

async fn sleep(stop: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    tokio::select! {
        _ = stop.wait_for(|s| *s) => false,
        () = tokio::time::sleep(wait) => true,
    }
}

async fn mail(service: Service, mut stop: watch::Receiver<bool>) {
    let mut soon = 0_u32;
    let mut crew = send::crew();
    while !*stop.borrow() {
        if let Err(error) = service.begin_due_mail(&mut crew).await {
            tracing::warn!(%error, "the outbox could not be read");
        }
        // A letter is announced before the transaction that it is in has ended: it is looked for again in a moment.
        let wait = match soon {
            0 => Duration::from_secs(15),
            left => Duration::from_millis(50 << (2 * 3_u32.saturating_sub(left))),
        };
        tokio::select! {
            _ = stop.wait_for(|s| *s) => {}
            () = service.mail_wake.notified() => soon = 3,
            () = tokio::time::sleep(wait) => soon = soon.saturating_sub(1),
            () = crew.freed() => {}
        }
    }
    crew.finish().await;
}

async fn work(service: Service, mut stop: watch::Receiver<bool>) {
    loop {
        match service.run_waiting_job(&stop).await {
            Ok(true) if !*stop.borrow() => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a job could not be done"),
        }
        tokio::select! {
            _ = stop.wait_for(|s| *s) => return,
            () = service.job_wake.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
        }
    }
}

async fn audit(service: Service, mut stop: watch::Receiver<bool>) {
    // On SQLite events are chained inside their own commit; what is found here was left by a crash or an older release.
    let wait = if service.store.db().is_sqlite() { Duration::from_secs(60) } else { Duration::from_secs(1) };
    loop {
        match service.store.chain_audit().await {
            Ok(n) if n >= 500 => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "audit events could not be chained"),
        }
        if !sleep(&mut stop, wait).await {
            return;
        }
    }
}

async fn sweep(service: Service, mut stop: watch::Receiver<bool>) {
    while sleep(&mut stop, Duration::from_secs(60)).await {
        sweep_all(&service, stop.clone()).await;
        service.limits.shrink();
    }
}

/// Removes what has ended, in small steps: a table is gone through until a step finds less than it may take.
#[boxed]
pub async fn sweep_all(service: &Service, mut stop: watch::Receiver<bool>) {
    // By the machine's clock: a tenant whose time was moved back keeps its rows a little longer, no more.
    let now = service.clock.real();
    let ended = now.plus_seconds(-KEEP_ENDED_DAYS * 86_400);
    // An hour of grace, since a challenge may be spent by a node whose clock is behind.
    for step in doorward_store::short_lived::sweep(now.plus_seconds(-3600), ended, SWEEP) {
        loop {
            match service.store.commit(Batch::new().with(step.clone())).await {
                Ok(gone) if gone.iter().map(Vec::len).sum::<usize>() >= SWEEP.unsigned_abs() as usize => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, step = %step.sql, "sweeping failed");
                    break;
                }
            }
            // Whoever else wants to write comes in between.
            if !sleep(&mut stop, Duration::from_millis(20)).await {
                return;
            }
        }
    }
}

/// Reads the log for webhooks. Where there is no webhook this is one small read a second.
async fn log_of_webhooks(service: Service, mut stop: watch::Receiver<bool>, told: &Notify) {
    loop {
        let wait = match service.fan_out().await {
            Ok(0) => Duration::from_secs(1),
            Ok(_) => {
                told.notify_one();
                Duration::ZERO
            }
            Err(error) => {
                tracing::warn!(%error, "the log could not be read for webhooks");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            () = service.webhook_wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Delivers what waits. It has nothing to do with the reading: one webhook that answers slowly would hold it up for all.
async fn deliveries(service: Service, mut stop: watch::Receiver<bool>, told: &Notify) {
    let mut crew = webhooks::crew();
    while !*stop.borrow() {
        if let Err(error) = service.begin_deliveries(&mut crew).await {
            tracing::warn!(%error, "what waits for webhooks could not be read");
        }
        tokio::select! {
            _ = stop.wait_for(|s| *s) => {}
            () = told.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = crew.freed() => {}
        }
    }
    crew.finish().await;
}

async fn counts(service: Service, mut stop: watch::Receiver<bool>) {
    loop {
        let go_on = sleep(&mut stop, Duration::from_secs(10)).await;
        flush(&service).await;
        if !go_on {
            return;
        }
    }
}

/// Writes what is counted in memory.
async fn flush(service: &Service) {
    if let Err(error) = service.flush_machine_tokens().await {
        tracing::warn!(%error, "tokens of machines could not be noted");
    }
    if let Err(error) = service.flush_tally().await {
        tracing::warn!(%error, "counts for plots could not be written");
    }
}
