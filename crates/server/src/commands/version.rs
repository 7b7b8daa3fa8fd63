//! `doorward version`.

/// Prints the version.
pub fn run() -> anyhow::Result<()> {
    println!("doorward {}", env!("CARGO_PKG_VERSION"));
    Ok(())
}
