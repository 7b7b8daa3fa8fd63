//! The link of a mail: the application's page with two parameters. The first tells the components which process to go on with;
//! the second proves the mailbox.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doorward_protocol::signin::Purpose;
use doorward_service::signin::{MailLink, MailLinks};
use serde_json::json;
use url::Url;

/// As `@corbado/web-js` reads it.
pub struct EmailLinks;

impl MailLinks for EmailLinks {
    fn link(&self, link: &MailLink<'_>) -> String {
        let settings = &link.application.settings.0;
        let api_url = settings.embedded.api_url.clone().unwrap_or_else(|| link.cx.url(""));
        let identifier = link.state.identifier.as_ref().map(|i| i.value.clone()).unwrap_or_default();
        let id = json!({
            "process": {
                "tempId": link.name,
                "projectId": link.application.client_id,
                "expires": link.expires_at.seconds(),
                "frontendApiUrl": api_url,
            },
            "blockData": {
                "identifier": identifier,
                "retryNotBefore": link.resend_at.seconds(),
                "verificationMethod": "email-link",
                "isPostLoginVerification": link.state.is_authenticated(),
            },
            "authType": u8::from(link.state.purpose == Purpose::SignUp),
        });
        // The components decode it as Latin-1: everything else is escaped.
        let plain: String = id.to_string().chars().flat_map(escaped).collect();
        let Ok(mut page) = Url::parse(link.page) else { return link.page.to_owned() };
        page.query_pairs_mut()
            .append_pair("corbadoEmailLinkID", &STANDARD.encode(plain))
            .append_pair("corbadoToken", link.secret);
        page.to_string()
    }
}

/// JSON may write any character as an escape (RFC 8259, section 7).
fn escaped(c: char) -> Vec<char> {
    if c.is_ascii() {
        return vec![c];
    }
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().flat_map(|unit| format!("\\u{unit:04x}").chars().collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_is_not_ascii_is_escaped() {
        let out: String = "zoë 🔑".chars().flat_map(escaped).collect();
        assert_eq!(out, "zo\\u00eb \\ud83d\\udd11");
        assert_eq!(serde_json::from_str::<String>(&format!("\"{out}\"")).unwrap(), "zoë 🔑");
    }
}
