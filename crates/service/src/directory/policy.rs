//! What a tenant's policy may say.

use super::field::{Problems, origin};
use doorward_protocol::policy::{AttestationChoice, Policy};

const DAY: i64 = 86_400;

/// Checks every range.
pub(super) fn check(problems: &mut Problems, policy: &Policy) {
    let passkey = &policy.passkey;
    if let Some(rp_id) = &passkey.rp_id
        && let Err(message) = rp_id_ok(rp_id)
    {
        problems.add("policy.passkey.rp_id", message);
    }
    problems.each("policy.passkey.former_rp_ids", &passkey.former_rp_ids, 20, rp_id_ok);
    problems.each("policy.passkey.origins", &passkey.origins, 100, |text| match text.strip_prefix("android:apk-key-hash:") {
        Some(hash) if !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') => Ok(()),
        Some(_) => Err("must end with the base64url digest of the app's certificate".into()),
        None => origin(text),
    });
    problems.range("policy.passkey.offer_again_after_days", passkey.offer_again_after_days, 0..=3650);
    problems.must(passkey.attestation_roots.len() <= 100, "policy.passkey.attestation_roots", "must have at most 100 entries");
    for (n, root) in passkey.attestation_roots.iter().enumerate() {
        use base64::Engine as _;
        if root.len() > 16_384 || base64::engine::general_purpose::STANDARD.decode(root).is_err() {
            problems.add(format!("policy.passkey.attestation_roots[{n}]"), "must be a certificate: base64 of its DER form");
        }
    }
    problems.must(
        passkey.attestation != AttestationChoice::Trusted || !passkey.attestation_roots.is_empty(),
        "policy.passkey.attestation_roots",
        "must not be empty when attestation is `trusted`: no passkey could be added",
    );
    problems.must(passkey.allowed_aaguids.len() <= 500, "policy.passkey.allowed_aaguids", "must have at most 500 entries");

    let sign_up = &policy.sign_up;
    problems.must((1..=3).contains(&sign_up.identifiers.len()), "policy.sign_up.identifiers", "must have 1 to 3 entries");
    problems.range("policy.sign_up.username_min_length", sign_up.username_min_length, 2..=64);
    problems.range("policy.sign_up.username_max_length", sign_up.username_max_length, 2..=64);

    let password = &policy.password;
    problems.range("policy.password.min_length", password.min_length, 8..=128);
    problems.range("policy.password.max_length", password.max_length, 64..=1024);
    problems.must(password.min_length <= password.max_length, "policy.password.min_length", "must not be above max_length");
    problems.range("policy.password.min_score", password.min_score, 0..=4);

    let code = &policy.code;
    problems.range("policy.code.digits", code.digits, 6..=10);
    problems.range("policy.code.lifetime_seconds", code.lifetime_seconds, 60..=DAY);
    problems.range("policy.code.attempts", code.attempts, 1..=20);
    problems.range("policy.code.resend_after_seconds", code.resend_after_seconds, 0..=3600);

    let session = &policy.session;
    problems.range("policy.session.idle_seconds", session.idle_seconds, 60..=400 * DAY);
    problems.range("policy.session.absolute_seconds", session.absolute_seconds, 60..=400 * DAY);
    problems.must(
        session.idle_seconds <= session.absolute_seconds,
        "policy.session.idle_seconds",
        "must not be above absolute_seconds",
    );
    problems.range("policy.session.fresh_seconds", session.fresh_seconds, 10..=DAY);

    let lockout = &policy.lockout;
    problems.range("policy.lockout.attempts", lockout.attempts, 1..=1000);
    problems.range("policy.lockout.account_attempts", lockout.account_attempts, 1..=100_000);
    problems.range("policy.lockout.window_seconds", lockout.window_seconds, 10..=30 * DAY);
    problems.range("policy.lockout.wait_seconds", lockout.wait_seconds, 1..=30 * DAY);

    let second = &policy.second_factor;
    problems.range("policy.second_factor.remember_days", second.remember_days, 0..=365);
    problems.range("policy.second_factor.attempts", second.attempts, 1..=100);

    problems.must(
        passkey.enabled || password.enabled || code.enabled,
        "policy",
        "must leave one way to sign in: passkey, password or code",
    );
}

/// A relying party id is a host name (WebAuthn Level 3, section 4).
fn rp_id_ok(text: &str) -> Result<(), String> {
    let host = url::Host::parse(text).ok();
    match host {
        Some(url::Host::Domain(name)) if name == text => Ok(()),
        _ => Err("must be a host name in lower case, without scheme and port".into()),
    }
}
