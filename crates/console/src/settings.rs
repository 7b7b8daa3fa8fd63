//! Settings of the tenant: how people may sign in.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::told::{Span, Told, Wrong, revision};
use doorward_protocol::admin::Right::{Manage, Read};
use doorward_protocol::policy::{Policy, SecondFactor, UserVerificationPolicy, VerifyEmail};
use doorward_service::directory::DirectoryError;
use doorward_store::tenants::TenantRow;
use serde::Serialize;
use serde_json::json;

pub fn doors(doors: Doors) -> Doors {
    doors.page("/console/security", Read, security).sensitive("/console/security", Manage, save_security)
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

#[derive(Serialize)]
struct SecurityPage {
    /// Which version of the settings the form shows.
    revision: String,
    sign_up: bool,
    name_required: bool,
    verify_email: String,
    reveal_accounts: bool,
    passkey: bool,
    user_verification: String,
    offer: bool,
    conditional_create: bool,
    password: bool,
    min_length: String,
    min_score: String,
    code: bool,
    link: bool,
    second_factor: String,
    remember_days: String,
    second_factor_attempts: String,
    idle_hours: String,
    absolute_hours: String,
    fresh_minutes: String,
    attempts: String,
    account_attempts: String,
    window_minutes: String,
    wait_minutes: String,
}

/// Fields that are lengths of time.
fn span(policy: &Policy, field: &str) -> Span {
    match field {
        "idle_hours" => Span::new(policy.session.idle_seconds, HOUR),
        "absolute_hours" => Span::new(policy.session.absolute_seconds, HOUR),
        "fresh_minutes" => Span::new(policy.session.fresh_seconds, MINUTE),
        "window_minutes" => Span::new(policy.lockout.window_seconds, MINUTE),
        _ => Span::new(policy.lockout.wait_seconds, MINUTE),
    }
}

/// `GET /console/security`
async fn security(asking: Asking) -> Answer {
    render_security(&asking, &asking.cx().tenant.row, &Told::nothing())
}

fn render_security(asking: &Asking, row: &TenantRow, told: &Told) -> Answer {
    let p = &row.settings.0.policy;
    let number = |field: &str, kept: i64| told.value(field, kept.to_string());
    let time = |field: &str| told.value(field, span(p, field).shown());
    let page = SecurityPage {
        revision: revision(row.updated_at),
        sign_up: told.ticked("sign_up", p.sign_up.enabled),
        name_required: told.ticked("name_required", p.sign_up.name_required),
        verify_email: told.value(
            "verify_email",
            match p.sign_up.verify_email {
                VerifyEmail::Before => "before",
                VerifyEmail::During => "during",
                VerifyEmail::Later => "later",
                VerifyEmail::AtSignIn => "at_sign_in",
                VerifyEmail::Never => "never",
            },
        ),
        reveal_accounts: told.ticked("reveal_accounts", p.reveal_accounts),
        passkey: told.ticked("passkey", p.passkey.enabled),
        user_verification: told.value(
            "user_verification",
            match p.passkey.user_verification {
                UserVerificationPolicy::Required => "required",
                UserVerificationPolicy::Preferred => "preferred",
                UserVerificationPolicy::Discouraged => "discouraged",
            },
        ),
        offer: told.ticked("offer", p.passkey.offer),
        conditional_create: told.ticked("conditional_create", p.passkey.conditional_create),
        password: told.ticked("password", p.password.enabled),
        min_length: number("min_length", p.password.min_length.into()),
        min_score: number("min_score", p.password.min_score.into()),
        code: told.ticked("code", p.code.enabled),
        link: told.ticked("link", p.code.link),
        second_factor: told.value(
            "second_factor",
            match p.second_factor.requirement {
                SecondFactor::Off => "off",
                SecondFactor::Optional => "optional",
                SecondFactor::Required => "required",
            },
        ),
        remember_days: number("remember_days", p.second_factor.remember_days.into()),
        second_factor_attempts: number("second_factor_attempts", p.second_factor.attempts),
        idle_hours: time("idle_hours"),
        absolute_hours: time("absolute_hours"),
        fresh_minutes: time("fresh_minutes"),
        attempts: number("attempts", p.lockout.attempts),
        account_attempts: number("account_attempts", p.lockout.account_attempts),
        window_minutes: time("window_minutes"),
        wait_minutes: time("wait_minutes"),
    };
    asking.show_told("console/security.html", &page, told)
}

/// `POST /console/security`
async fn save_security(asking: Asking) -> Answer {
    let kept = asking.service().store.tenant(asking.cx().tenant_id()).await?;
    let row = kept.ok_or(DirectoryError::NotFound { noun: "tenant" })?;
    if let Some(told) = Told::overtaken(&asking.sent, &revision(row.updated_at)) {
        return render_security(&asking, &row, &told);
    }
    let policy = &row.settings.0.policy;
    let mut wrong = Vec::new();
    let mut check = |field: &'static str, typed: Result<i64, ()>| {
        typed.unwrap_or_else(|()| {
            wrong.push(field);
            0
        })
    };
    // A form of a page that was open before there was a field says nothing of it.
    let mut number = |field: &'static str, kept: i64| match asking.sent.first(field) {
        None if LATER.contains(&field) => kept,
        _ => check(field, Span::new(kept, 1).typed(asking.field(field))),
    };
    let (min_length, min_score) =
        (number("min_length", policy.password.min_length.into()), number("min_score", policy.password.min_score.into()));
    let second = json!({
        "requirement": asking.sent.first("second_factor").map_or_else(|| json!(policy.second_factor.requirement), |word| json!(word)),
        "remember_days": number("remember_days", policy.second_factor.remember_days.into()),
        "attempts": number("second_factor_attempts", policy.second_factor.attempts),
    });
    let (attempts, account_attempts) =
        (number("attempts", policy.lockout.attempts), number("account_attempts", policy.lockout.account_attempts));
    let mut time = |field: &'static str| match asking.sent.first(field) {
        None if LATER.contains(&field) => span(policy, field).seconds(),
        _ => check(field, span(policy, field).typed(asking.field(field))),
    };
    let patch = json!({ "policy": {
        "reveal_accounts": asking.ticked("reveal_accounts"),
        "sign_up": {
            "enabled": asking.ticked("sign_up"),
            "name_required": asking.ticked("name_required"),
            "verify_email": asking.field("verify_email"),
        },
        "passkey": {
            "enabled": asking.ticked("passkey"),
            "user_verification": asking.field("user_verification"),
            "offer": asking.ticked("offer"),
            "conditional_create": asking.ticked("conditional_create"),
        },
        "password": { "enabled": asking.ticked("password"), "min_length": min_length, "min_score": min_score },
        "code": { "enabled": asking.ticked("code"), "link": asking.ticked("link") },
        "second_factor": second,
        "session": {
            "idle_seconds": time("idle_hours"),
            "absolute_seconds": time("absolute_hours"),
            "fresh_seconds": time("fresh_minutes"),
        },
        "lockout": {
            "attempts": attempts,
            "account_attempts": account_attempts,
            "window_seconds": time("window_minutes"),
            "wait_seconds": time("wait_minutes"),
        },
    }});
    if !wrong.is_empty() {
        let mut told = Told::wrong(&asking.sent, "", "");
        let problem = |field: &str| Wrong { field: field.to_owned(), message: "must be a whole number".into() };
        told.wrong = wrong.into_iter().map(problem).collect();
        return render_security(&asking, &row, &told);
    }
    // Nobody could come back in to undo it.
    if !asking.ticked("passkey") && !asking.ticked("password") && !asking.ticked("code") {
        let message = "must stay on while passwords and codes are off: nobody could sign in";
        return render_security(&asking, &row, &Told::wrong(&asking.sent, "passkey", message));
    }
    match asking.service().patch_tenant(asking.cx(), &asking.actor(), &patch).await {
        Ok(_) => asking.done("/console/security", "security-saved"),
        Err(error) => render_security(&asking, &row, &in_units(Told::by(&asking.sent, error)?)),
    }
}

/// Fields that the form has not always had.
const LATER: [&str; 4] = ["remember_days", "second_factor_attempts", "account_attempts", "window_minutes"];

/// Problems by the names and in the units of the form.
fn in_units(mut told: Told) -> Told {
    for wrong in &mut told.wrong {
        let (field, message) = match wrong.field.strip_prefix("policy.").unwrap_or_default() {
            "session.idle_seconds" => {
                ("idle_hours", "must be between a minute and 9600 hours (400 days), and not above the limit beside it")
            }
            "session.absolute_seconds" => ("absolute_hours", "must be between a minute and 9600 hours (400 days)"),
            "session.fresh_seconds" => ("fresh_minutes", "must be between 10 seconds and 1440 minutes (a day)"),
            "lockout.window_seconds" => ("window_minutes", "must be between 10 seconds and 43200 minutes (30 days)"),
            "lockout.wait_seconds" => ("wait_minutes", "must be between a second and 43200 minutes (30 days)"),
            "second_factor.requirement" => ("second_factor", "must be one of the choices"),
            "second_factor.attempts" => ("second_factor_attempts", ""),
            other => (other.rsplit('.').next().unwrap_or_default(), ""),
        };
        if !message.is_empty() {
            wrong.message = message.to_owned();
        }
        wrong.field = field.to_owned();
    }
    told
}
