//! Audit events: precise inside, written in the transaction of what they tell of.

use crate::Cx;
use crate::secrets::new_id;
use doorward_protocol::ids::{ApplicationId, UserId};
use doorward_store::Json;
use doorward_store::audit::AuditEventRow;
use doorward_store::engine::Statement;
use serde_json::{Map, Value};

/// An event in the making.
#[derive(Debug, Clone)]
pub struct Event {
    name: &'static str,
    user: Option<UserId>,
    application: Option<ApplicationId>,
    actor: String,
    data: Map<String, Value>,
}

impl Event {
    /// Something that a person did, named `noun.verb`.
    pub fn new(name: &'static str) -> Self {
        Self { name, user: None, application: None, actor: "user".into(), data: Map::new() }
    }

    /// About whom.
    #[must_use]
    pub fn user(mut self, user: impl Into<Option<UserId>>) -> Self {
        self.user = user.into();
        self
    }

    /// For which application.
    #[must_use]
    pub fn application(mut self, application: impl Into<Option<ApplicationId>>) -> Self {
        self.application = application.into();
        self
    }

    /// Who did it, when it was not the user.
    #[must_use]
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.actor = actor.into();
        self
    }

    /// A detail; never a secret.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.data.insert(key.to_owned(), value.into());
        self
    }

    /// The row.
    pub fn row(self, cx: &Cx) -> AuditEventRow {
        metrics::counter!("doorward_events_total", "event" => self.name).increment(1);
        let mut data = self.data;
        if !cx.client.user_agent.is_empty() {
            data.insert("user_agent".into(), Value::String(cx.client.user_agent.chars().take(300).collect()));
        }
        AuditEventRow {
            id: new_id(cx.now),
            tenant_id: cx.tenant_id(),
            event: self.name.to_owned(),
            at: cx.now,
            user_id: self.user,
            application_id: self.application,
            actor: self.actor,
            ip: cx.client.ip.clone(),
            request_id: cx.client.request_id.clone(),
            data: Json(Value::Object(data)),
            seq: None,
            prev_hash: None,
            hash: None,
        }
    }

    /// The statement that writes it.
    pub fn statement(self, cx: &Cx) -> Statement {
        self.row(cx).insert()
    }
}

/// Adds one to a counter of the day, for plots: beside the event that it counts, in the same batch.
pub fn count(cx: &Cx, name: &str) -> Statement {
    doorward_store::directory::add_rollup(cx.tenant_id(), cx.now.seconds().div_euclid(86_400), name, 1)
}

/// Counts a proof that was not accepted, by its cause: a short word of ours, never what a stranger sent.
pub fn count_failure(cx: &Cx, cause: &str) -> Statement {
    count(cx, &format!("failed.{cause}"))
}
