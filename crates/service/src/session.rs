//! Browser sessions: opened by a proof, found by a cookie, ended by sign-out.

use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, random, same};
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::ids::{ApplicationId, SessionId, UserId};
use doorward_protocol::session::{Method, Proof, ends_at};
use doorward_protocol::time::Timestamp;
use doorward_store::Json;
use doorward_store::engine::{Batch, Statement};
use doorward_store::sessions::{self, SessionRow};
use uuid::Uuid;

/// Most seconds between two notes that a session is in use: a write for each page would be waste.
const TOUCH_EVERY: i64 = 300;
/// How many notes there are at least in the time after which an unused session ends: what is in use must not end for want of one.
const TOUCHES: i64 = 10;

/// What a surface puts into its session cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie {
    /// The value.
    pub value: String,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
}

/// A session about to be written, with its cookie.
pub struct Opened {
    /// The row.
    pub row: SessionRow,
    /// The statements that write it.
    pub statements: Vec<Statement>,
    /// The cookie.
    pub cookie: SessionCookie,
    /// It is a new one, not a renewed one.
    pub is_new: bool,
}

impl Service {
    /// The live session that a cookie names.
    #[boxed]
    pub async fn session(&self, cx: &Cx, cookie: Option<&str>) -> Result<Option<SessionRow>, Error> {
        let Some((id, secret)) = cookie.and_then(parse) else { return Ok(None) };
        let Some(row) = self.store.session(cx.tenant_id(), id).await? else { return Ok(None) };
        let live = row.is_live(cx.now);
        if !live || !same(&row.secret_hash, &self.session_digest(id, &secret)) {
            return Ok(None);
        }
        if cx.now.seconds_since(row.last_seen_at) >= TOUCH_EVERY.min(cx.policy().session.idle_seconds / TOUCHES) {
            let expires = ends_at(&cx.policy().session, row.created_at, cx.now);
            self.store.commit(Batch::new().with(sessions::touch(cx.tenant_id(), id, cx.now, expires))).await?;
        }
        Ok(Some(row))
    }

    /// Opens a session for a user, or renews theirs, on one proof.
    pub fn open_session(&self, cx: &Cx, current: Option<&SessionRow>, user: UserId, proof: Proof) -> Opened {
        self.open_session_on(cx, current, user, std::slice::from_ref(&proof))
    }

    /// Opens a session for a user, or renews theirs with further proofs. The secret is always new: a cookie from before the proof
    /// is worth nothing after it. Somebody else's session in the same browser is ended.
    pub fn open_session_on(&self, cx: &Cx, current: Option<&SessionRow>, user: UserId, proofs: &[Proof]) -> Opened {
        let secret: [u8; 32] = random();
        let mut statements = Vec::new();
        let policy = &cx.policy().session;
        let (row, is_new) = match current {
            Some(current) if current.user_id == user => {
                let mut row = current.clone();
                row.proofs.0.retain(|p| proofs.iter().all(|new| new.method != p.method));
                row.proofs.0.extend_from_slice(proofs);
                row.last_seen_at = cx.now;
                row.expires_at = ends_at(policy, row.created_at, cx.now);
                row.secret_hash = self.session_digest(row.id, &secret);
                statements.push(sessions::renew(&row));
                (row, false)
            }
            other => {
                if let Some(other) = other {
                    statements.push(sessions::end(cx.tenant_id(), other.id, cx.now));
                }
                let id = SessionId(new_id(cx.now));
                let row = SessionRow {
                    id,
                    tenant_id: cx.tenant_id(),
                    user_id: user,
                    secret_hash: self.session_digest(id, &secret),
                    proofs: Json(proofs.to_vec()),
                    ip: cx.client.ip.clone(),
                    user_agent: cx.client.user_agent.chars().take(400).collect(),
                    created_at: cx.now,
                    last_seen_at: cx.now,
                    expires_at: ends_at(policy, cx.now, cx.now),
                    ended_at: None,
                };
                statements.push(row.insert());
                (row, true)
            }
        };
        let value = cookie_value(row.id, &secret);
        // The cookie lives as long as the session could: the row says when it really ends.
        let cookie = SessionCookie { value, expires_at: row.created_at.plus_seconds(policy.absolute_seconds) };
        Opened { row, statements, cookie, is_new }
    }

    /// Gives a live session a new secret and notes the application that gets it: its page, or a cookie of ours for it, will hold
    /// it. The secret from before is worth nothing any more. `None`: the session has ended meanwhile.
    #[boxed]
    pub async fn hand_over_session(
        &self,
        cx: &Cx,
        session: SessionId,
        application: ApplicationId,
    ) -> Result<Option<(SessionRow, SessionCookie)>, Error> {
        let row = self.store.session(cx.tenant_id(), session).await?;
        let Some(mut row) = row.filter(|s| s.is_live(cx.now)) else { return Ok(None) };
        let secret: [u8; 32] = random();
        row.secret_hash = self.session_digest(row.id, &secret);
        let batch = Batch::new().with(sessions::renew(&row)).with(sessions::note_application(
            cx.tenant_id(),
            row.id,
            application,
            cx.now,
        ));
        match self.store.commit(batch).await {
            Ok(_) => {
                let expires_at = row.created_at.plus_seconds(cx.policy().session.absolute_seconds);
                let value = cookie_value(row.id, &secret);
                Ok(Some((row, SessionCookie { value, expires_at })))
            }
            Err(error) if error.is_guard("session.ended") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The live session that a secret names, if it was handed to this application.
    #[boxed]
    pub async fn session_for(
        &self,
        cx: &Cx,
        secret: Option<&str>,
        application: ApplicationId,
    ) -> Result<Option<SessionRow>, Error> {
        let Some(row) = self.session(cx, secret).await? else { return Ok(None) };
        let handed = self.store.session_applications(cx.tenant_id(), row.id).await?.contains(&application);
        Ok(Some(row).filter(|_| handed))
    }

    /// Ends a session.
    #[boxed]
    pub async fn end_session(&self, cx: &Cx, session: &SessionRow, reason: &'static str) -> Result<(), Error> {
        let batch = Batch::new().with(sessions::end(cx.tenant_id(), session.id, cx.now)).with(
            Event::new("session.ended")
                .user(session.user_id)
                .with("session", session.id.to_string())
                .with("reason", reason)
                .statement(cx),
        );
        self.store.commit(batch).await?;
        Ok(())
    }

    fn session_digest(&self, id: SessionId, secret: &[u8]) -> Vec<u8> {
        self.secrets.digest("session", &[id.0.as_bytes(), secret])
    }
}

/// A proof given now.
pub fn proof(cx: &Cx, method: Method) -> Proof {
    Proof { method, at: cx.now, user_verified: false, device_bound: false }
}

fn cookie_value(id: SessionId, secret: &[u8; 32]) -> String {
    let mut bytes = id.0.as_bytes().to_vec();
    bytes.extend_from_slice(secret);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parse(value: &str) -> Option<(SessionId, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(value).ok().filter(|b| b.len() == 48)?;
    let (id, secret) = bytes.split_at(16);
    Some((SessionId(Uuid::from_slice(id).ok()?), secret.to_vec()))
}
