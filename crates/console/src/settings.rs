//! Settings of the tenant: how people may sign in.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::told::Told;
use doorward_protocol::admin::Right::{Manage, Read};
use doorward_protocol::policy::{UserVerificationPolicy, VerifyEmail};
use serde::Serialize;
use serde_json::json;

pub fn doors(doors: Doors) -> Doors {
    doors.page("/console/security", Read, security).sensitive("/console/security", Manage, save_security)
}

#[derive(Serialize)]
struct SecurityPage {
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
    idle_hours: String,
    absolute_hours: String,
    fresh_minutes: String,
    attempts: String,
    wait_minutes: String,
}

/// `GET /console/security`
async fn security(asking: Asking) -> Answer {
    render_security(&asking, &Told::nothing())
}

fn render_security(asking: &Asking, told: &Told) -> Answer {
    let p = asking.cx().policy();
    let number = |field: &str, kept: i64| told.value(field, kept.to_string());
    let page = SecurityPage {
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
        idle_hours: number("idle_hours", p.session.idle_seconds / 3600),
        absolute_hours: number("absolute_hours", p.session.absolute_seconds / 3600),
        fresh_minutes: number("fresh_minutes", p.session.fresh_seconds / 60),
        attempts: number("attempts", p.lockout.attempts),
        wait_minutes: number("wait_minutes", p.lockout.wait_seconds / 60),
    };
    asking.show_told("console/security.html", &page, told)
}

/// `POST /console/security`
async fn save_security(asking: Asking) -> Answer {
    let mut wrong = None;
    let mut number = |field: &'static str, unit: i64| {
        let typed = asking.field(field).parse::<i64>().ok().filter(|n| (0..=1_000_000).contains(n));
        if typed.is_none() {
            wrong.get_or_insert(field);
        }
        typed.unwrap_or_default() * unit
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
        "password": {
            "enabled": asking.ticked("password"),
            "min_length": number("min_length", 1),
            "min_score": number("min_score", 1),
        },
        "code": { "enabled": asking.ticked("code"), "link": asking.ticked("link") },
        "session": {
            "idle_seconds": number("idle_hours", 3600),
            "absolute_seconds": number("absolute_hours", 3600),
            "fresh_seconds": number("fresh_minutes", 60),
        },
        "lockout": { "attempts": number("attempts", 1), "wait_seconds": number("wait_minutes", 60) },
    }});
    if let Some(field) = wrong {
        return render_security(&asking, &Told::wrong(&asking.sent, field, "must be a whole number"));
    }
    // Nobody could come back in to undo it.
    if !asking.ticked("passkey") && !asking.ticked("password") && !asking.ticked("code") {
        let message = "must stay on while passwords and codes are off: nobody could sign in";
        return render_security(&asking, &Told::wrong(&asking.sent, "passkey", message));
    }
    match asking.service().patch_tenant(asking.cx(), &asking.actor(), &patch).await {
        Ok(_) => asking.done("/console/security", "security-saved"),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            for wrong in &mut told.wrong {
                let field = wrong.field.rsplit('.').next().unwrap_or_default();
                wrong.field = match field {
                    "idle_seconds" => "idle_hours",
                    "absolute_seconds" => "absolute_hours",
                    "fresh_seconds" => "fresh_minutes",
                    "wait_seconds" => "wait_minutes",
                    other => other,
                }
                .to_owned();
            }
            render_security(&asking, &told)
        }
    }
}
