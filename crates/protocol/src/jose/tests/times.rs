//! RFC 7519, sections 4.1.4 to 4.1.6.

use super::super::{JoseError, check_times};
use serde_json::{Value, json};

fn check(claims: Value, now: i64, leeway: i64) -> Result<(), JoseError> {
    check_times(claims.as_object().unwrap(), now, leeway)
}

#[test]
fn exp_is_over_at_its_very_second() {
    assert_eq!(check(json!({"exp": 1000}), 999, 0), Ok(()));
    assert_eq!(check(json!({"exp": 1000}), 1000, 0), Err(JoseError::Expired));
    assert_eq!(check(json!({"exp": 1000}), 1009, 10), Ok(()));
    assert_eq!(check(json!({"exp": 1000}), 1010, 10), Err(JoseError::Expired));
    assert_eq!(check(json!({"exp": 1000.5}), 1000, 0), Ok(()));
    assert_eq!(check(json!({"exp": -5}), 0, 0), Err(JoseError::Expired));
}

#[test]
fn exp_is_due_and_is_a_number() {
    assert_eq!(check(json!({}), 0, 0), Err(JoseError::BadTime("exp")));
    assert_eq!(check(json!({"exp": null}), 0, 0), Err(JoseError::BadTime("exp")));
    assert_eq!(check(json!({"exp": "2000000000"}), 0, 0), Err(JoseError::BadTime("exp")));
    assert_eq!(check(json!({"exp": [9]}), 0, 0), Err(JoseError::BadTime("exp")));
}

#[test]
fn nbf_and_iat_must_have_come() {
    assert_eq!(check(json!({"exp": 9000, "nbf": 1000}), 1000, 0), Ok(()));
    assert_eq!(check(json!({"exp": 9000, "nbf": 1001}), 1000, 0), Err(JoseError::NotYetValid));
    assert_eq!(check(json!({"exp": 9000, "nbf": 1001}), 1000, 1), Ok(()));
    assert_eq!(check(json!({"exp": 9000, "iat": 1000}), 1000, 0), Ok(()));
    assert_eq!(check(json!({"exp": 9000, "iat": 1001}), 1000, 0), Err(JoseError::IssuedInFuture));
    assert_eq!(check(json!({"exp": 9000, "iat": 1005}), 1000, 5), Ok(()));
    assert_eq!(check(json!({"exp": 9000, "nbf": "x"}), 1000, 0), Err(JoseError::BadTime("nbf")));
    assert_eq!(check(json!({"exp": 9000, "iat": {}}), 1000, 0), Err(JoseError::BadTime("iat")));
}
