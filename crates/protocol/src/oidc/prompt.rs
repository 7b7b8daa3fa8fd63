//! `prompt` (OpenID Connect Core, section 3.1.2.1; Initiating User Registration via OpenID Connect 1.0 for `create`).

use serde::{Deserialize, Serialize};

/// One value of `prompt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Show nothing.
    None,
    /// Ask for a proof even if there is a session.
    Login,
    /// Ask for consent even if it was given.
    Consent,
    /// Let the person choose an account.
    SelectAccount,
    /// Begin with sign-up.
    Create,
}

impl Prompt {
    /// Reads the parameter. `none` must stand alone.
    pub fn parse_list(text: &str) -> Result<Vec<Prompt>, String> {
        let mut out = Vec::new();
        for word in text.split_ascii_whitespace() {
            let prompt = match word {
                "none" => Self::None,
                "login" => Self::Login,
                "consent" => Self::Consent,
                "select_account" => Self::SelectAccount,
                "create" => Self::Create,
                _ => return Err("prompt has a value that is not known".into()),
            };
            if !out.contains(&prompt) {
                out.push(prompt);
            }
        }
        if out.contains(&Self::None) && out.len() > 1 {
            return Err("prompt=none must stand alone".into());
        }
        Ok(out)
    }
}
