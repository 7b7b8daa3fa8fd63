//! Kickstart files.

/// Why a file was not run to its end.
#[derive(Debug)]
pub struct KickstartError;
/// A file.
#[derive(Debug)]
pub struct Kickstart;
