//! Reads answers of a server with the types of the crate `fusionauth-rust-client`, which is generated from the vendor's own
//! description: one JSON object a line on standard input, `{"verb", "path", "status", "body"}`, and on standard output a JSON list of
//! what does not fit. A field that the types do not know is listed too: it is lost on the way through them.

use fusionauth_rust_client::models;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::io::{BufRead, Write};

/// What is wrong with a body, read as `T`.
fn read<T: DeserializeOwned + Serialize>(body: &Value) -> Vec<String> {
    match serde_path_to_error::deserialize::<_, T>(body) {
        Err(error) => vec![format!("refused: {error}")],
        Ok(value) => {
            let mut lost = Vec::new();
            let back = serde_json::to_value(&value).unwrap_or_default();
            compare("", body, &back, &mut lost);
            lost
        }
    }
}

/// Lists what `body` has and `back` has not.
fn compare(path: &str, body: &Value, back: &Value, lost: &mut Vec<String>) {
    match (body, back) {
        (Value::Object(sent), Value::Object(kept)) => {
            for (name, value) in sent {
                let path = format!("{path}.{name}");
                match kept.get(name) {
                    Some(other) => compare(&path, value, other, lost),
                    None => lost.push(format!("unknown: {path}")),
                }
            }
        }
        (Value::Array(sent), Value::Array(kept)) if sent.len() == kept.len() => {
            sent.iter().zip(kept).for_each(|(one, other)| compare(&format!("{path}[]"), one, other, lost));
        }
        (Value::Number(sent), Value::Number(kept)) if sent.as_f64() == kept.as_f64() => {}
        (sent, kept) if sent != kept => lost.push(format!("changed: {path}: {sent} to {kept}")),
        _ => {}
    }
}

macro_rules! answers {
    ($($verb:literal $path:literal $model:ident,)*) => {
        /// Verb, path and type of every answer with a body that is looked at.
        const TABLE: &[(&str, &str, &str)] = &[$(($verb, $path, stringify!($model))),*];

        fn read_as(model: &str, body: &Value) -> Vec<String> {
            match model {
                $(stringify!($model) => read::<models::$model>(body),)*
                "Errors" => read::<models::Errors>(body),
                _ => vec![format!("refused: there is no type {model}")],
            }
        }
    };
}

#[allow(unreachable_patterns, reason = "many answers have one type")]
mod table {
    use super::{Value, models, read};

    answers! {
        "GET" "/.well-known/jwks.json" JwksResponse,
        "GET" "/.well-known/openid-configuration" OpenIdConfiguration,
        "GET" "/api/api-key/{}" ApiKeyResponse,
        "PATCH" "/api/api-key/{}" ApiKeyResponse,
        "POST" "/api/api-key/{}" ApiKeyResponse,
        "PUT" "/api/api-key/{}" ApiKeyResponse,
        "GET" "/api/application" ApplicationResponse,
        "POST" "/api/application/search" ApplicationSearchResponse,
        "GET" "/api/application/{}" ApplicationResponse,
        "PATCH" "/api/application/{}" ApplicationResponse,
        "POST" "/api/application/{}" ApplicationResponse,
        "PUT" "/api/application/{}" ApplicationResponse,
        "GET" "/api/application/{}/oauth-configuration" OAuthConfigurationResponse,
        "PATCH" "/api/application/{}/role/{}" ApplicationResponse,
        "POST" "/api/application/{}/role/{}" ApplicationResponse,
        "PUT" "/api/application/{}/role/{}" ApplicationResponse,
        "GET" "/api/email/template" EmailTemplateResponse,
        "GET" "/api/email/template/{}" EmailTemplateResponse,
        "PATCH" "/api/email/template/{}" EmailTemplateResponse,
        "POST" "/api/email/template/{}" EmailTemplateResponse,
        "PUT" "/api/email/template/{}" EmailTemplateResponse,
        "GET" "/api/form/field/{}" FormFieldResponse,
        "POST" "/api/form/field/{}" FormFieldResponse,
        "PUT" "/api/form/field/{}" FormFieldResponse,
        "GET" "/api/form/{}" FormResponse,
        "POST" "/api/form/{}" FormResponse,
        "PUT" "/api/form/{}" FormResponse,
        "GET" "/api/group" GroupResponse,
        "POST" "/api/group/member" MemberResponse,
        "PUT" "/api/group/member" MemberResponse,
        "POST" "/api/group/member/search" GroupMemberSearchResponse,
        "POST" "/api/group/search" GroupSearchResponse,
        "GET" "/api/group/{}" GroupResponse,
        "PATCH" "/api/group/{}" GroupResponse,
        "POST" "/api/group/{}" GroupResponse,
        "PUT" "/api/group/{}" GroupResponse,
        "GET" "/api/jwt/issue" IssueResponse,
        "GET" "/api/jwt/public-key" PublicKeyResponse,
        "GET" "/api/jwt/refresh" RefreshTokenResponse,
        "POST" "/api/jwt/refresh" JwtRefreshResponse,
        "GET" "/api/jwt/refresh/{}" RefreshTokenResponse,
        "GET" "/api/jwt/validate" ValidateResponse,
        "GET" "/api/key" KeyResponse,
        "POST" "/api/key/generate/{}" KeyResponse,
        "POST" "/api/key/import/{}" KeyResponse,
        "POST" "/api/key/search" KeySearchResponse,
        "GET" "/api/key/{}" KeyResponse,
        "PUT" "/api/key/{}" KeyResponse,
        "POST" "/api/login" LoginResponse,
        "PUT" "/api/login" LoginResponse,
        "PUT" "/api/login/{}/{}" LoginResponse,
        "POST" "/api/passwordless/login" LoginResponse,
        "POST" "/api/passwordless/start" PasswordlessStartResponse,
        "GET" "/api/system-configuration" SystemConfigurationResponse,
        "PATCH" "/api/system-configuration" SystemConfigurationResponse,
        "PUT" "/api/system-configuration" SystemConfigurationResponse,
        "GET" "/api/system/version" VersionResponse,
        "GET" "/api/tenant" TenantResponse,
        "GET" "/api/tenant/password-validation-rules" PasswordValidationRulesResponse,
        "GET" "/api/tenant/password-validation-rules/{}" PasswordValidationRulesResponse,
        "POST" "/api/tenant/search" TenantSearchResponse,
        "GET" "/api/tenant/{}" TenantResponse,
        "PATCH" "/api/tenant/{}" TenantResponse,
        "POST" "/api/tenant/{}" TenantResponse,
        "PUT" "/api/tenant/{}" TenantResponse,
        "GET" "/api/theme/{}" ThemeResponse,
        "PATCH" "/api/theme/{}" ThemeResponse,
        "POST" "/api/theme/{}" ThemeResponse,
        "PUT" "/api/theme/{}" ThemeResponse,
        "POST" "/api/two-factor/login" LoginResponse,
        "GET" "/api/two-factor/secret" SecretResponse,
        "POST" "/api/two-factor/start" TwoFactorStartResponse,
        "POST" "/api/two-factor/status" TwoFactorStatusResponse,
        "GET" "/api/two-factor/status/{}" TwoFactorStatusResponse,
        "GET" "/api/user" UserResponse,
        "GET" "/api/user-action" UserActionResponse,
        "GET" "/api/user-action-reason" UserActionReasonResponse,
        "GET" "/api/user-action-reason/{}" UserActionReasonResponse,
        "PATCH" "/api/user-action-reason/{}" UserActionReasonResponse,
        "POST" "/api/user-action-reason/{}" UserActionReasonResponse,
        "PUT" "/api/user-action-reason/{}" UserActionReasonResponse,
        "GET" "/api/user-action/{}" UserActionResponse,
        "PATCH" "/api/user-action/{}" UserActionResponse,
        "POST" "/api/user-action/{}" UserActionResponse,
        "PUT" "/api/user-action/{}" UserActionResponse,
        "GET" "/api/user/action" ActionResponse,
        "POST" "/api/user/action" ActionResponse,
        "DELETE" "/api/user/action/{}" ActionResponse,
        "GET" "/api/user/action/{}" ActionResponse,
        "PUT" "/api/user/action/{}" ActionResponse,
        "DELETE" "/api/user/bulk" UserDeleteResponse,
        "POST" "/api/user/change-password/{}" ChangePasswordResponse,
        "POST" "/api/user/forgot-password" ForgotPasswordResponse,
        "PATCH" "/api/user/registration/{}" RegistrationResponse,
        "POST" "/api/user/registration/{}" RegistrationResponse,
        "PUT" "/api/user/registration/{}" RegistrationResponse,
        "GET" "/api/user/registration/{}/{}" RegistrationResponse,
        "GET" "/api/user/search" SearchResponse,
        "POST" "/api/user/search" SearchResponse,
        "GET" "/api/user/two-factor/recovery-code/{}" TwoFactorRecoveryCodeResponse,
        "POST" "/api/user/two-factor/recovery-code/{}" TwoFactorRecoveryCodeResponse,
        "POST" "/api/user/two-factor/{}" TwoFactorResponse,
        "PUT" "/api/user/verify-email" VerifyEmailResponse,
        "PUT" "/api/user/verify-registration" VerifyRegistrationResponse,
        "GET" "/api/user/{}" UserResponse,
        "PATCH" "/api/user/{}" UserResponse,
        "POST" "/api/user/{}" UserResponse,
        "PUT" "/api/user/{}" UserResponse,
        "GET" "/api/webauthn" WebAuthnCredentialResponse,
        "POST" "/api/webauthn/assert" WebAuthnAssertResponse,
        "POST" "/api/webauthn/login" LoginResponse,
        "POST" "/api/webauthn/register/complete" WebAuthnRegisterCompleteResponse,
        "POST" "/api/webauthn/register/start" WebAuthnRegisterStartResponse,
        "POST" "/api/webauthn/start" WebAuthnStartResponse,
        "GET" "/api/webauthn/{}" WebAuthnCredentialResponse,
        "GET" "/api/webhook" WebhookResponse,
        "POST" "/api/webhook/search" WebhookSearchResponse,
        "GET" "/api/webhook/{}" WebhookResponse,
        "PATCH" "/api/webhook/{}" WebhookResponse,
        "POST" "/api/webhook/{}" WebhookResponse,
        "PUT" "/api/webhook/{}" WebhookResponse,
        "POST" "/oauth2/device_authorize" DeviceResponse,
        "POST" "/oauth2/token" AccessToken,
    }

    /// The row of a request. The last id of a path may be left out.
    fn row(verb: &str, path: &str) -> Option<usize> {
        let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &str| {
            let parts: Vec<&str> = pattern.split('/').collect();
            let same = |parts: &[&str]| {
                parts.len() == asked.len() && parts.iter().zip(&asked).all(|(known, sent)| *known == "{}" || known == sent)
            };
            same(&parts) || (parts.last() == Some(&"{}") && parts.split_last().is_some_and(|(_, head)| same(head)))
        };
        // A fixed word before a place for an id, and a whole path before one whose id was left out.
        let fixed = |n: &usize| {
            TABLE.get(*n).map(|(_, pattern, _)| {
                let parts: Vec<&str> = pattern.split('/').collect();
                (parts.iter().filter(|p| **p != "{}").count(), parts.len() == asked.len())
            })
        };
        let found = TABLE.iter().enumerate().filter(|(_, (known, pattern, _))| *known == verb && fits(pattern)).map(|(n, _)| n);
        found.max_by_key(fixed)
    }

    /// The verb and path of every row.
    pub fn all() -> impl Iterator<Item = String> {
        TABLE.iter().map(|(verb, path, _)| format!("{verb} {path}"))
    }

    /// What is wrong with an answer, and the row that it was measured by.
    pub fn check(verb: &str, path: &str, status: u64, body: &Value) -> (Option<String>, Vec<String>) {
        if status == 400 {
            return (None, read_as("Errors", body));
        }
        match row(verb, path).and_then(|n| TABLE.get(n)) {
            Some((verb, path, model)) => (Some(format!("{verb} {path}")), read_as(model, body)),
            None => (None, Vec::new()),
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut problems = Vec::new();
    let mut missing: Vec<String> = table::all().collect();
    for line in std::io::stdin().lock().lines() {
        let answer: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
        let status = answer.get("status").and_then(Value::as_u64).unwrap_or_default();
        let body = answer.get("body").cloned().unwrap_or_default();
        let (row, wrong) = table::check(text("verb"), text("path"), status, &body);
        missing.retain(|one| Some(one) != row.as_ref());
        for problem in wrong {
            problems.push(json!({ "call": row.clone().unwrap_or_else(|| text("path").to_owned()), "problem": problem }));
        }
    }
    let out = json!({ "problems": problems, "missing": missing });
    writeln!(std::io::stdout(), "{out}")?;
    Ok(())
}
