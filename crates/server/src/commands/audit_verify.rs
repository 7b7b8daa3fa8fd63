//! `doorward audit verify`.

use crate::cli::Target;
use crate::open;
use std::fmt::Write as _;

/// Checks the hash chain of every tenant's audit log, and prints each head: kept elsewhere, it proves later that nothing was cut off.
pub async fn run(target: Target) -> anyhow::Result<()> {
    let service = open::target(&target).await?;
    let mut faults = 0;
    let mut after = None;
    loop {
        let page = service.store.tenants(after, 200).await?;
        for tenant in &page.items {
            let report = service.store.verify_audit(tenant.id).await?;
            let head = report.head.as_ref().map_or_else(
                || "no events".to_owned(),
                |(seq, hash)| {
                    let mut text = format!("head {seq} ");
                    for byte in hash {
                        let _ = write!(text, "{byte:02x}");
                    }
                    text
                },
            );
            match &report.fault {
                None => println!("{}: ok, {} events, {} not chained yet, {head}", tenant.slug, report.checked, report.unchained),
                Some(fault) => {
                    faults += 1;
                    println!("{}: BROKEN after {} events: {fault}", tenant.slug, report.checked);
                }
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    service.store.db().clone().close().await;
    anyhow::ensure!(faults == 0, "the audit log of {faults} tenant(s) was tampered with or is damaged");
    Ok(())
}
