//! What the operating system says about this process.

/// Resident memory in bytes, where `/proc` exists.
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Open file descriptors, where `/proc` exists.
pub fn open_files() -> Option<usize> {
    // The listing itself holds one.
    std::fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn memory_and_files_are_plausible() {
        let resident = super::resident_bytes().unwrap();
        assert!((1 << 20..1 << 34).contains(&resident), "{resident}");
        let before = super::open_files().unwrap();
        let _file = std::fs::File::open("/proc/self/status").unwrap();
        assert!(super::open_files().unwrap() > 0 && before > 0);
    }
}
