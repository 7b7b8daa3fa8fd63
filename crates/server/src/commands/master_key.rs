//! `doorward key master generate`.

use crate::config::master_key;

/// Prints a new master key.
pub fn generate() -> anyhow::Result<()> {
    println!("{}", master_key::generate()?.as_str());
    Ok(())
}
