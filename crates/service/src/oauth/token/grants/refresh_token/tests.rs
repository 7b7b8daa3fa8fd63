//! Tables of the rules.

use super::rules::{Decision, decide};
use doorward_protocol::ids::{ApplicationId, GrantId, TenantId, UserId};
use doorward_protocol::oauth::client::RefreshPolicy;
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::grants::{GrantTerms, RefreshFamilyRow, RefreshTokenRow};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn case(used: Option<i64>, successor_used: Option<i64>, revoked: bool, now: i64, rotate: bool) -> Decision {
    let family = RefreshFamilyRow {
        id: GrantId(Uuid::nil()),
        tenant_id: TenantId(Uuid::nil()),
        application_id: ApplicationId(Uuid::nil()),
        user_id: UserId(Uuid::nil()),
        session_id: None,
        terms: Json(GrantTerms::default()),
        created_at: at(0),
        last_used_at: at(0),
        expires_at: at(1000),
        revoked_at: revoked.then_some(at(1)),
        revoked_reason: None,
    };
    let token = RefreshTokenRow {
        id: Uuid::nil(),
        tenant_id: TenantId(Uuid::nil()),
        family_id: GrantId(Uuid::nil()),
        secret_hash: vec![],
        created_at: at(0),
        expires_at: at(100),
        used_at: used.map(at),
        successor_id: None,
    };
    let policy = RefreshPolicy { rotate, overlap_seconds: 30, ..Default::default() };
    decide(&token, &family, successor_used.map(at), &policy, at(now))
}

#[test]
fn rfc9700_section_4_14_2() {
    assert_eq!(case(None, None, false, 99, true), Decision::Rotate);
    assert_eq!(case(None, None, false, 99, false), Decision::Keep);
    assert_eq!(case(None, None, false, 100, true), Decision::Refuse { cause: "refresh_token_expired" });
    assert_eq!(case(None, None, true, 5, true), Decision::Refuse { cause: "refresh_family_revoked" });
    assert_eq!(case(Some(10), None, false, 40, true), Decision::Again);
    assert_eq!(case(Some(10), None, false, 41, true), Decision::Reuse { rule: "reuse_after_overlap" });
    assert_eq!(case(Some(10), Some(15), false, 20, true), Decision::Reuse { rule: "reuse_after_successor" });
    assert_eq!(case(Some(10), None, false, 1000, true), Decision::Refuse { cause: "refresh_family_expired" });
}
