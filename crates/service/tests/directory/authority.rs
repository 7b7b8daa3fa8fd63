//! Who may change the account of an administrator, and who may not: use case by use case, actor by actor.

use crate::house::{House, each};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::IdentifierKind;
use doorward_protocol::ids::{IdentifierId, PasskeyId, UserId};
use doorward_service::directory::{
    DirectoryError, IdentifierChange, ImportOptions, ImportOutcome, ImportUser, Invitation, NewApiKey, NewIdentifier,
    NewSanction, NewTicket, NewUser, TicketAct, TicketRefusal, UserChange, UserDraft,
};
use doorward_service::factor::{FactorError, NewTotp};
use serde_json::json;
use uuid::Uuid;

const PASSWORD: &str = "correct horse battery staple";
const PROGRAM: &str = "application:a-program";

async fn user(h: &House, name: &str) -> UserId {
    let new = NewUser {
        identifiers: vec![NewIdentifier::email(format!("{name}@example.org"), true)],
        password: Some(PASSWORD.into()),
        ..NewUser::default()
    };
    h.service.create_user(&h.cx, "command", new).await.unwrap().user.id
}

async fn administrator(h: &House, role: AdminRole) -> UserId {
    let id = user(h, &format!("{}-{}", role.as_str(), Uuid::new_v4().simple())).await;
    h.service.put_administrator(&h.cx, "command", id, role).await.unwrap();
    id
}

async fn key(h: &House, scopes: &[&str]) -> String {
    let new = NewApiKey { name: "k".into(), scopes: scopes.iter().map(|s| (*s).to_owned()).collect(), ..Default::default() };
    format!("admin:{}", h.service.create_api_key(&h.cx, "command", None, new).await.unwrap().row.id)
}

fn totp() -> NewTotp {
    NewTotp { secret: Some(vec![7; 20]), ..Default::default() }
}

fn directory<T>(done: Result<T, DirectoryError>) -> Option<AdminRole> {
    match done {
        Err(DirectoryError::Administrator { role }) => Some(role),
        _ => None,
    }
}

fn factor<T>(done: Result<T, FactorError>) -> Option<AdminRole> {
    match done {
        Err(FactorError::Administrator(role)) => Some(role),
        _ => None,
    }
}

/// Every act upon an account, mild ones first; each tells the role that was in its way.
async fn acts(h: &House, actor: &str, id: UserId) -> Vec<(&'static str, Option<AdminRole>)> {
    let (s, cx) = (&h.service, &h.cx);
    let email = s.get_user(cx, id).await.unwrap().email().unwrap().clone();
    let ticket = NewTicket { act: TicketAct::VerifyEmail, seconds: 60, result_url: None, tells_address: false };
    let sanction =
        NewSanction { id: Uuid::new_v4(), user: id, kind: Uuid::nil(), prevents_sign_in: true, detail: json!({}), ends_at: None };
    let verified = IdentifierChange { kind: IdentifierKind::Email, value: None, verified: Some(false) };
    let import: ImportUser =
        serde_json::from_value(json!({ "email": email.value, "email_verified": true, "name": "Imported" })).unwrap();
    let upsert = ImportOptions { upsert: true, ..Default::default() };
    let imported = s.import_users(cx, actor, &[import], upsert).await.unwrap();
    let draft = |blocked| UserDraft {
        identifiers: vec![NewIdentifier::email(email.value.clone(), true)],
        blocked,
        ..UserDraft::default()
    };
    let other = NewIdentifier::email(format!("{}@example.org", Uuid::new_v4().simple()), true);
    let change = |change: UserChange| async move { directory(s.change_user(cx, actor, id, &change).await) };
    let mut out = vec![
        ("import", matches!(imported.as_slice(), [ImportOutcome::Refused(_)]).then_some(AdminRole::Owner)),
        ("ticket", directory(s.new_ticket(cx, actor, id, ticket).await)),
        ("link", directory(s.send_sign_in_link(cx, actor, id, Invitation::WayBack).await)),
        ("password", directory(s.set_user_password(cx, actor, id, "violet staple under heavy rain").await)),
        ("change password", change(UserChange { password: Some(PASSWORD.into()), ..Default::default() }).await),
        ("change verified", change(UserChange { identifiers: vec![verified], ..Default::default() }).await),
        ("change blocked", change(UserChange { blocked: Some(false), ..Default::default() }).await),
        ("identifier", directory(s.change_identifier(cx, actor, id, email.id, Some(true), true).await)),
        ("add identifier", directory(s.add_identifier(cx, actor, id, &other, false).await)),
        ("remove identifier", directory(s.remove_identifier(cx, actor, id, IdentifierId(Uuid::new_v4())).await)),
        ("add factor", directory(s.import_user_totp(cx, actor, id, totp()).await)),
        ("add factor by code", factor(s.add_totp(cx, actor, id, totp(), "000000").await)),
        ("rename factor", directory(s.rename_user_factor(cx, actor, id, Uuid::new_v4(), "x").await)),
        ("recovery codes", factor(s.new_recovery_codes(cx, actor, id, 1).await)),
        ("delete recovery codes", directory(s.delete_user_recovery_codes(cx, actor, id).await)),
        ("forget browsers", directory(s.forget_user_browsers(cx, actor, id).await)),
        ("remove factor", factor(s.remove_factor(cx, actor, id, Uuid::new_v4()).await)),
        ("remove factors", directory(s.delete_user_factors(cx, actor, id, None).await)),
        ("rename passkey", directory(s.rename_user_passkey(cx, actor, id, PasskeyId(Uuid::new_v4()), "x").await)),
        ("delete passkey", directory(s.delete_user_passkey(cx, actor, id, PasskeyId(Uuid::new_v4())).await)),
        ("sanction", directory(s.impose_sanction(cx, actor, sanction).await)),
        ("delete password", directory(s.delete_user_password(cx, actor, id).await)),
        ("whole", directory(s.put_user(cx, actor, id, draft(true)).await)),
        ("unblock", directory(s.unblock_user(cx, actor, id).await)),
        ("block", directory(s.block_user(cx, actor, id).await)),
    ];
    out.push(("delete", directory(s.delete_user(cx, actor, id).await)));
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_changes_people_and_no_administrator() {
    each(async |h: House| {
        let keeps = administrator(&h, AdminRole::Owner).await;
        let narrow = key(&h, &["users:write", "users:read", "api_keys:write", "roles:write"]).await;
        for actor in [PROGRAM, &narrow, "a word that nobody knows", "admin:no-key", &format!("api_key:{}", Uuid::new_v4())] {
            for role in AdminRole::ALL {
                let id = administrator(&h, role).await;
                for (act, refused) in acts(&h, actor, id).await {
                    assert!(refused.is_some(), "{actor} may {act} {role:?}");
                }
                assert!(h.service.get_user(&h.cx, id).await.is_ok(), "{actor} {role:?}");
            }
            let somebody = user(&h, &Uuid::new_v4().simple().to_string()).await;
            for (act, refused) in acts(&h, actor, somebody).await {
                assert_eq!(refused, None, "{actor} may not {act} somebody");
            }
            assert!(h.service.get_user(&h.cx, somebody).await.is_err(), "deleted");
            let appointed =
                h.service.put_administrator(&h.cx, actor, user(&h, &Uuid::new_v4().to_string()).await, AdminRole::Viewer);
            assert!(directory(appointed.await).is_some(), "{actor} appoints");
            assert!(directory(h.service.remove_administrator(&h.cx, actor, keeps).await).is_some(), "{actor} dismisses");
            let invited = h.service.invite_administrator(&h.cx, actor, "new@example.org", None, AdminRole::Owner).await;
            assert!(directory(invited).is_some(), "{actor} invites");
        }
        let events =
            h.service.list_audit_events(&h.cx, Some("administrator.change_refused"), Some(keeps), None, 10).await.unwrap();
        let last = events.items.first().expect("what is refused is noted");
        assert_eq!((last.actor.starts_with("api_key:"), &last.data.0["act"]), (true, &json!("appoint")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_changes_whoever_is_trusted_no_more() {
    each(async |h: House| {
        administrator(&h, AdminRole::Owner).await;
        for mine in AdminRole::ALL {
            let me = administrator(&h, mine).await;
            let actor = format!("user:{me}");
            for theirs in AdminRole::ALL {
                let id = administrator(&h, theirs).await;
                for (act, refused) in acts(&h, &actor, id).await {
                    assert_eq!(refused.is_none(), mine >= theirs, "{mine:?} and {act} of {theirs:?}");
                }
            }
            let changed = h.service.put_administrator(&h.cx, &actor, me, AdminRole::Owner).await;
            assert_eq!(changed.is_ok(), mine == AdminRole::Owner, "{mine:?} makes themself an owner");
        }
        // Whoever is an administrator no more is nobody to the others.
        let former = administrator(&h, AdminRole::Owner).await;
        h.service.remove_administrator(&h.cx, "command", former).await.unwrap();
        let viewer = administrator(&h, AdminRole::Viewer).await;
        assert!(directory(h.service.block_user(&h.cx, &format!("user:{former}"), viewer).await).is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_say_who_administers_is_an_owner_and_the_person_is_themself() {
    each(async |h: House| {
        administrator(&h, AdminRole::Owner).await;
        for scopes in [&["*"][..], &["administrators:write"]] {
            let actor = key(&h, scopes).await;
            let id = administrator(&h, AdminRole::Owner).await;
            assert!(acts(&h, &actor, id).await.iter().all(|(_, refused)| refused.is_none()), "{scopes:?}");
        }
        for actor in ["user", "client", "command", "system"] {
            let id = administrator(&h, AdminRole::Owner).await;
            assert!(acts(&h, actor, id).await.iter().all(|(_, refused)| refused.is_none()), "{actor}");
        }
        // A key of another tenant is nobody here, even if it is a strong one.
        let elsewhere = House { cx: crate::house::tenant(&h.service, "other").await, service: h.service.clone() };
        let foreign = key(&elsewhere, &["*"]).await;
        let id = administrator(&h, AdminRole::Viewer).await;
        assert!(directory(h.service.block_user(&h.cx, &foreign, id).await).is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_credential_stays_open_to_programs() {
    each(async |h: House| {
        let id = administrator(&h, AdminRole::Owner).await;
        let (s, cx) = (&h.service, &h.cx);
        s.patch_user(cx, PROGRAM, id, &json!({ "name": "Ada" })).await.unwrap();
        let change = UserChange { patch: Some(json!({ "profile": { "nickname": "ada" } })), ..Default::default() };
        s.change_user(cx, PROGRAM, id, &change).await.unwrap();
        let email = s.get_user(cx, id).await.unwrap().email().unwrap().value.clone();
        let mut draft = UserDraft { identifiers: vec![NewIdentifier::email(email, true)], ..UserDraft::default() };
        draft.document.name = Some("Ada L".into());
        assert_eq!(s.put_user(cx, PROGRAM, id, draft).await.unwrap().user.name.as_deref(), Some("Ada L"));
        s.revoke_user_sessions(cx, PROGRAM, id).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_from_before_somebody_was_an_administrator_is_worth_nothing() {
    each(async |h: House| {
        let act = TicketAct::SetPassword { proves_address: false };
        let ticket = || NewTicket { act, seconds: 60, result_url: None, tells_address: false };
        let id = user(&h, "ada").await;
        let link = h.service.new_ticket(&h.cx, PROGRAM, id, ticket()).await.unwrap();
        let ours = h.service.new_ticket(&h.cx, "command", id, ticket()).await.unwrap();
        let of = |link: &str| link.split_once("t=").unwrap().1.to_owned();
        assert!(h.service.look_at_ticket(&h.cx, &of(&link)).await.is_ok());
        h.service.put_administrator(&h.cx, "command", id, AdminRole::Viewer).await.unwrap();
        let used = h.service.use_ticket(&h.cx, &of(&link), Some("violet staple under heavy rain")).await;
        assert!(matches!(used, Err(TicketRefusal::Gone)), "{used:?}");
        assert!(h.service.use_ticket(&h.cx, &of(&ours), Some("violet staple under heavy rain")).await.is_ok());
    })
    .await;
}
