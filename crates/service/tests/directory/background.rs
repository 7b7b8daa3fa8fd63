//! Work in the background while servers of others are silent, rows pile up and time passes.

use crate::house::{House, each, each_with, tenant};
use doorward_protocol::session::Method;
use doorward_service::directory::{DomainDocument, TenantDocument};
use doorward_service::mail::{Letter, MailRoute, MailSecurity, MailSettings};
use doorward_service::session::proof;
use doorward_service::{Client, Cx, jobs};
use doorward_store::engine::Batch;
use doorward_store::{params, short_lived};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A port that accepts connections and says nothing.
pub fn silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut kept = Vec::new();
        kept.extend(listener.incoming());
    });
    port
}

/// A mail server that takes whatever comes, and how many mails it has taken.
fn mail_server() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, taken) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let count = taken.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let count = count.clone();
            thread::spawn(move || take_mail(stream, &count));
        }
    });
    (port, taken)
}

fn take_mail(mut stream: TcpStream, count: &AtomicUsize) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    stream.write_all(b"220 here\r\n").ok()?;
    while let Some(Ok(line)) = lines.next() {
        let answer = match line.get(..4) {
            Some("DATA") => {
                stream.write_all(b"354 go on\r\n").ok()?;
                while lines.next()?.ok()? != "." {}
                count.fetch_add(1, SeqCst);
                "250 taken"
            }
            Some("QUIT") => "221 bye",
            _ => "250 fine",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).ok()?;
    }
    None
}

fn by(port: u16, timeout: u64) -> MailSettings {
    let url = format!("smtp://127.0.0.1:{port}");
    MailSettings::Smtp { url, from: "door@example.org".into(), timeout: Duration::from_secs(timeout) }
}

fn route(port: u16) -> MailRoute {
    let (host, security) = ("127.0.0.1".into(), MailSecurity::None);
    MailRoute { host, port, security, username: None, password: None, from: Some("door@example.org".into()) }
}

async fn post(h: &House, cx: &Cx, many: usize) {
    let letter = Letter::PasskeyAdded { passkey: "Key".into() };
    let mut batch = Batch::new();
    for n in 0..many {
        batch.push(h.service.post_to(cx, &format!("p{n}@example.org"), "en", &letter).unwrap());
    }
    h.service.store.commit(batch).await.unwrap();
}

async fn number(h: &House, sql: &'static str) -> i64 {
    h.service.store.db().query(sql, params![]).await.unwrap()[0].int("n").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_mail_server_holds_up_nobody_else() {
    let (port, taken) = mail_server();
    each_with(by(port, 1), |h: House| {
        let taken = taken.clone();
        async move {
        taken.store(0, SeqCst);
        h.service.set_mail_route(&h.cx, "test", Some(&route(silent()))).await.unwrap();
        let other = tenant(&h.service, "other").await;
        post(&h, &h.cx, 9).await;
        post(&h, &other, 1).await;
        let sending = tokio::spawn({
            let service = h.service.clone();
            async move { service.send_due_mail().await }
        });
        let begun = Instant::now();
        while taken.load(SeqCst) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(5), "the mail of the other tenant did not leave");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::timeout(Duration::from_secs(30), sending).await.expect("it ends").unwrap().unwrap();
        assert_eq!(number(&h, "SELECT COUNT(*) AS n FROM outbox").await, 9);
        let off = "SELECT COUNT(*) AS n FROM outbox WHERE attempts = 1 AND leased_until IS NULL AND due_at > created_at AND last_error LIKE '%within 1 s%'";
        assert_eq!(number(&h, off).await, 9);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_mail_server_is_tried_for_as_long_as_any() {
    each_with(by(silent(), 1), async |h: House| {
        h.service.set_mail_route(&h.cx, "test", Some(&route(silent()))).await.unwrap();
        let trying = h.service.test_mail_server(&h.cx, "system", "ada@example.org");
        let tried = tokio::time::timeout(Duration::from_secs(10), trying).await.expect("it ends").unwrap_err();
        assert!(tried.to_string().contains("within 1 s"), "{tried}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_silent_mail_server() {
    each_with(by(silent(), 60), async |h: House| {
        post(&h, &h.cx, 1).await;
        let stop = watch::Sender::new(false);
        let working = tokio::spawn(jobs::run(h.service.clone(), stop.subscribe()));
        while number(&h, "SELECT COUNT(*) AS n FROM outbox WHERE leased_until IS NOT NULL").await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.send_replace(true);
        let ended = jobs::end(working, Duration::from_millis(300));
        tokio::time::timeout(Duration::from_secs(5), ended).await.expect("it ends").unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_of_mail_leaves_at_once() {
    let (port, taken) = mail_server();
    each_with(by(port, 10), |h: House| {
        let taken = taken.clone();
        async move {
            taken.store(0, SeqCst);
            post(&h, &h.cx, 45).await;
            let stop = watch::Sender::new(false);
            let working = tokio::spawn(jobs::run(h.service.clone(), stop.subscribe()));
            let begun = Instant::now();
            while taken.load(SeqCst) < 45 {
                assert!(begun.elapsed() < Duration::from_secs(10), "{} of 45 have left", taken.load(SeqCst));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            stop.send_replace(true);
            jobs::end(working, Duration::from_secs(5)).await.unwrap();
            assert_eq!(number(&h, "SELECT COUNT(*) AS n FROM outbox").await, 0);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_sweep_removes_all_that_ended() {
    each(async |h: House| {
        let now = h.service.clock.real();
        let mut batch = Batch::new();
        for n in 0..1600_u32 {
            batch.push(short_lived::spend(h.cx.tenant_id(), "code", &n.to_be_bytes(), now.plus_seconds(-7200)));
        }
        batch.push(short_lived::spend(h.cx.tenant_id(), "code", b"open", now));
        h.service.store.commit(batch).await.unwrap();
        jobs::sweep_all(&h.service, watch::Sender::new(false).subscribe()).await;
        assert_eq!(number(&h, "SELECT COUNT(*) AS n FROM spent").await, 1);
    })
    .await;
}

/// A tenant with this policy.
async fn with_policy(h: &House, policy: Value) -> Cx {
    let document = TenantDocument::from_json(json!({ "slug": "strict", "name": "Strict", "policy": policy })).unwrap();
    let row = h.service.create_tenant(Client::default(), "test", document).await.unwrap();
    let cx = h.service.admin_cx(row.id, Client::default()).await.unwrap().unwrap();
    let (host, issuer) = ("strict.example".to_owned(), "https://strict.example".to_owned());
    let domain = DomainDocument { host, issuer, is_primary: false, accent: Default::default() };
    h.service.create_domain(&cx, "test", domain).await.unwrap();
    h.service.admin_cx(row.id, Client::default()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_use_lives_although_it_may_not_idle_long() {
    each(async |h: House| {
        let mut cx = with_policy(&h, json!({ "session": { "idle_seconds": 120 } })).await;
        let user = crate::webhooks::user(&h, &cx).await;
        let opened = h.service.open_session(&cx, None, user, proof(&cx, Method::Passkey));
        h.service.store.commit(opened.statements.into()).await.unwrap();
        for _ in 0..3 {
            cx.now = cx.now.plus_seconds(50);
            assert!(h.service.session(&cx, Some(&opened.cookie.value)).await.unwrap().is_some());
        }
        // Not each request is a write.
        let writes = h.writes();
        cx.now = cx.now.plus_seconds(5);
        assert!(h.service.session(&cx, Some(&opened.cookie.value)).await.unwrap().is_some());
        assert_eq!(h.writes(), writes);
        cx.now = cx.now.plus_seconds(121);
        assert!(h.service.session(&cx, Some(&opened.cookie.value)).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_seldom_is_not_locked_out_and_who_guesses_fast_waits_from_the_last() {
    each(async |h: House| {
        let lockout = json!({ "attempts": 5, "window_seconds": 60, "wait_seconds": 180 });
        let mut cx = with_policy(&h, json!({ "lockout": lockout })).await;
        let fail = async |cx: &Cx, subject: &str| {
            let guessing = h.service.may_guess(cx, None, subject).await.unwrap().unwrap_or_else(|wait| panic!("locked: {wait}"));
            h.service.store.commit(h.service.guess_failed(cx, &guessing).into()).await.unwrap();
        };
        for _ in 0..6 {
            fail(&cx, "slow").await;
            cx.now = cx.now.plus_seconds(30);
        }
        for _ in 0..5 {
            cx.now = cx.now.plus_seconds(2);
            fail(&cx, "fast").await;
        }
        assert_eq!(h.service.may_guess(&cx, None, "fast").await.unwrap().err(), Some(180));
        cx.now = cx.now.plus_seconds(179);
        assert_eq!(h.service.may_guess(&cx, None, "fast").await.unwrap().err(), Some(1));
        cx.now = cx.now.plus_seconds(1);
        fail(&cx, "fast").await;
    })
    .await;
}
