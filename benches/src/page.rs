//! What a hosted page tells a browser: hidden fields, where a form goes, and the options of a passkey ceremony. The pages are ours
//! and the values are base64url or JSON, so looking for their marks is enough.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// What stands between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

/// A hidden field.
pub fn hidden<'a>(page: &'a str, name: &str) -> Result<&'a str> {
    between(page, &format!("name=\"{name}\" value=\""), "\"").with_context(|| format!("no field {name} in: {}", beginning(page)))
}

/// The options of the passkey ceremony that the page offers.
pub fn passkey_options(page: &str) -> Result<Value> {
    let text = between(page, "id=\"passkey-options\">", "</script>")
        .with_context(|| format!("no passkey options in: {}", beginning(page)))?;
    Ok(serde_json::from_str(text)?)
}

fn beginning(page: &str) -> String {
    let body = page.split_once("<main").map_or(page, |(_, body)| body);
    body.chars().take(900).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<form><input type="hidden" name="csrf" value="abc_-1"><input type="hidden" name="flow" value="F"></form>
        <script type="application/json" id="passkey-options">{"challenge":"\u003c"}</script>"#;

    #[test]
    fn fields_and_options_are_found() {
        assert_eq!(hidden(PAGE, "csrf").unwrap(), "abc_-1");
        assert_eq!(hidden(PAGE, "flow").unwrap(), "F");
        assert_eq!(passkey_options(PAGE).unwrap(), serde_json::json!({ "challenge": "<" }));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(hidden(PAGE, "credential").unwrap_err().to_string().contains("credential"));
        assert!(passkey_options("<html>").is_err());
    }
}
