//! Pages of the device authorization grant (RFC 8628, section 3.3).

use serde::Serialize;

use super::consent::ScopeLine;
use super::problem::Problem;

/// Type the code that the device shows.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceCodePage {
    /// What was typed before, or stood in the address.
    pub code: Option<String>,
    /// Where the code goes (`user_code`).
    pub submit_url: String,
    /// What was wrong with it.
    pub problem: Option<Problem>,
}

/// Connect the device?
#[derive(Debug, Clone, Serialize)]
pub struct DeviceConfirmPage {
    /// The code, to be compared with the device's.
    pub code: String,
    /// The application on the device.
    pub application_name: String,
    /// The account.
    pub identifier: String,
    /// What is asked for.
    pub scopes: Vec<ScopeLine>,
    /// Where the answer goes (`decision` = `allow` or `deny`).
    pub submit_url: String,
}

/// Answered.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceDonePage {
    /// The person said yes.
    pub allowed: bool,
}
