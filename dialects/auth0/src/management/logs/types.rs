//! Events of ours under the codes that programs filter by. What has no code keeps our own name.

use serde_json::Value;

/// The code of an event and a few words.
pub fn of(event: &str, actor: &str, data: &Value) -> (String, String) {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let grant = text("grant_type");
    let code = match (event, text("cause")) {
        ("sign_in.succeeded", _) => "s",
        ("sign_in.failed", "unknown_user" | "no_such_user" | "unknown_account") => "fu",
        ("sign_in.failed", "wrong_password") => "fp",
        ("sign_in.refused", "locked_out") => "limit_wc",
        ("sign_in.failed" | "sign_in.refused", _) => "f",
        ("user.created", _) if !is_call(actor) => "ss",
        ("session.ended" | "session.all_ended", _) if !is_call(actor) => "slo",
        ("token.issued", _) => issued(grant),
        ("token.refused", _) => refused(grant),
        ("client.refused", _) => "f",
        ("password.changed", _) if !is_call(actor) => "scp",
        ("password.refused", _) => "fcp",
        ("address.proven", _) => "sv",
        ("code.sent", _) if text("link").is_empty() && data.get("link").is_none() => "cs",
        ("code.sent" | "sign_in_link.sent", _) => "cls",
        ("code.wrong", _) => "fp",
        ("second_factor.added", _) => "gd_enrollment_complete",
        ("second_factor.verified", _) => "gd_auth_succeed",
        ("second_factor.refused", _) => "gd_auth_failed",
        ("second_factor.removed", _) => "gd_unenroll",
        ("recovery_code.used", _) => "gd_recovery_succeed",
        ("account.deleted", _) => "sdu",
        _ if is_call(actor) => "sapi",
        (own, _) => own,
    };
    let mut words = event.replace(['.', '_'], " ");
    if !grant.is_empty() {
        words = format!("{words}: {grant}");
    } else if !text("cause").is_empty() {
        words = format!("{words}: {}", text("cause").replace('_', " "));
    }
    (code.to_owned(), words)
}

/// Whether a management call did it.
fn is_call(actor: &str) -> bool {
    ["application:", "admin:", "api_key:", "user:"].iter().any(|head| actor.starts_with(head))
}

fn issued(grant: &str) -> &'static str {
    match grant {
        "authorization_code" => "seacft",
        "refresh_token" => "sertft",
        "client_credentials" => "seccft",
        "password" => "sepft",
        other if other.ends_with(":device_code") => "sede",
        other if other.ends_with(":second_factor") => "seotpft",
        "implicit" => "s",
        // A code by mail or a passkey, for tokens at once.
        _ => "sepft",
    }
}

fn refused(grant: &str) -> &'static str {
    match grant {
        "authorization_code" => "feacft",
        "refresh_token" => "fertft",
        "client_credentials" => "feccft",
        other if other.ends_with(":device_code") => "fede",
        other if other.ends_with(":second_factor") => "feotpft",
        _ => "fepft",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_codes_that_programs_filter_by() {
        for (event, actor, data, code) in [
            ("sign_in.succeeded", "user", json!({}), "s"),
            ("sign_in.failed", "user", json!({ "cause": "wrong_password" }), "fp"),
            ("sign_in.refused", "user", json!({ "cause": "locked_out" }), "limit_wc"),
            ("user.created", "client", json!({}), "ss"),
            ("user.created", "application:x", json!({}), "sapi"),
            ("session.ended", "user", json!({}), "slo"),
            ("token.issued", "client", json!({ "grant_type": "authorization_code" }), "seacft"),
            ("token.refused", "client", json!({ "grant_type": "refresh_token", "cause": "reused" }), "fertft"),
            ("password.changed", "user", json!({}), "scp"),
            ("application.updated", "admin:1", json!({}), "sapi"),
            ("session.ended", "user:018f", json!({}), "sapi"),
            ("passkey.created", "user", json!({}), "passkey.created"),
        ] {
            assert_eq!(of(event, actor, &data).0, code, "{event}");
        }
        let (_, words) = of("token.issued", "client", &json!({ "grant_type": "refresh_token" }));
        assert_eq!(words, "token issued: refresh_token");
    }
}
