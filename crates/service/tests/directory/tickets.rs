//! Tickets: each does what it is for, once, and nothing after its account has moved on.

use crate::house::{House, each, fields};
use doorward_protocol::ids::UserId;
use doorward_service::directory::{NewIdentifier, NewTicket, NewUser, TicketAct, TicketDone, TicketRefusal, UserChange};
use doorward_service::{Client, Cx};
use serde_json::json;

const PASSWORD: &str = "correct horse battery staple";
const SET: TicketAct = TicketAct::SetPassword { proves_address: false };

async fn ada(h: &House) -> UserId {
    let new = NewUser { identifiers: vec![NewIdentifier::email("Ada@example.org", false)], ..Default::default() };
    h.service.create_user(&h.cx, "test", new).await.unwrap().user.id
}

fn new(act: TicketAct) -> NewTicket {
    NewTicket { act, seconds: 600, result_url: Some("https://app.example/done".into()), tells_address: true }
}

async fn ticket(h: &House, user: UserId, act: TicketAct) -> String {
    let link = h.service.new_ticket(&h.cx, "test", user, new(act)).await.unwrap();
    link.split_once("t=").unwrap().1.to_owned()
}

fn is_gone(outcome: Result<TicketDone, TicketRefusal>) -> bool {
    matches!(outcome, Err(TicketRefusal::Gone))
}

fn later(cx: &Cx, seconds: i64) -> Cx {
    Cx { now: cx.now.plus_seconds(seconds), ..cx.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_set_once() {
    each(async |h: House| {
        let user = ada(&h).await;
        let id = ticket(&h, user, SET).await;
        let other = ticket(&h, user, SET).await;
        let looked = h.service.look_at_ticket(&h.cx, &id).await.unwrap();
        assert_eq!(looked.ticket.result_url.as_deref(), Some("https://app.example/done"));
        let weak = h.service.use_ticket(&h.cx, &id, Some("short")).await;
        assert!(matches!(weak, Err(TicketRefusal::Password(_))), "a weak password leaves the ticket as it was");
        h.service.use_ticket(&later(&h.cx, 1), &id, Some(PASSWORD)).await.unwrap();
        let stored = h.service.store.password(h.cx.tenant_id(), user).await.unwrap().unwrap();
        assert!(h.service.verify_password(PASSWORD, Some(&stored.hash)).await.unwrap());
        assert!(h.service.get_user(&h.cx, user).await.unwrap().email().unwrap().verified_at.is_none());
        assert!(is_gone(h.service.use_ticket(&h.cx, &id, Some(PASSWORD)).await));
        // The other one was made before the password changed.
        assert!(is_gone(h.service.look_at_ticket(&h.cx, &other).await));
        assert!(is_gone(h.service.use_ticket(&h.cx, &other, Some(PASSWORD)).await));
        let events = h.events().await;
        assert_eq!(events.iter().filter(|e| *e == "ticket.created").count(), 2);
        assert!(events.iter().any(|e| e == "password.changed"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_proven_as_it_was_asked() {
    each(async |h: House| {
        let user = ada(&h).await;
        let proves = |h: &House| {
            let h = h.clone();
            async move { h.service.get_user(&h.cx, user).await.unwrap().email().unwrap().verified_at.is_some() }
        };
        let stale = ticket(&h, user, TicketAct::VerifyEmail).await;
        let patch = UserChange {
            identifiers: vec![doorward_service::directory::IdentifierChange {
                kind: doorward_protocol::identity::IdentifierKind::Email,
                value: Some(Some("ada@other.example".into())),
                verified: None,
            }],
            ..Default::default()
        };
        h.service.change_user(&h.cx, "test", user, &patch).await.unwrap();
        assert!(is_gone(h.service.use_ticket(&h.cx, &stale, None).await), "it was about another address");
        assert!(!proves(&h).await);
        let id = ticket(&h, user, TicketAct::VerifyEmail).await;
        assert!(is_gone(h.service.use_ticket(&later(&h.cx, 601), &id, None).await), "too old");
        h.service.use_ticket(&h.cx, &id, None).await.unwrap();
        assert!(proves(&h).await);
        assert!(is_gone(h.service.use_ticket(&h.cx, &id, None).await));
        let both = ticket(&h, user, TicketAct::SetPassword { proves_address: true }).await;
        h.service.use_ticket(&h.cx, &both, Some(PASSWORD)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_ticket() {
    each(async |h: House| {
        let user = ada(&h).await;
        for (bent, field) in [
            (NewTicket { seconds: 0, ..new(SET) }, "seconds"),
            (NewTicket { seconds: 31 * 86_400, ..new(SET) }, "seconds"),
            (NewTicket { result_url: Some("javascript:alert(1)".into()), ..new(SET) }, "result_url"),
            (NewTicket { result_url: Some("http://app.example/".into()), ..new(SET) }, "result_url"),
        ] {
            assert_eq!(fields(h.service.new_ticket(&h.cx, "test", user, bent).await), [field]);
        }
        let id = ticket(&h, user, SET).await;
        assert!(is_gone(h.service.look_at_ticket(&h.cx, &id[..id.len() - 2]).await));
        let elsewhere = crate::house::tenant(&h.service, "elsewhere").await;
        assert!(is_gone(h.service.look_at_ticket(&elsewhere, &id).await), "a ticket of another tenant");
        h.service.block_user(&h.cx, "test", user).await.unwrap();
        assert!(is_gone(h.service.use_ticket(&h.cx, &id, Some(PASSWORD)).await), "who is blocked");
        let cx = h.service.admin_cx(h.cx.tenant_id(), Client::default()).await.unwrap().unwrap();
        assert_eq!(json!(cx.tenant_id()), json!(h.cx.tenant_id()));
    })
    .await;
}
