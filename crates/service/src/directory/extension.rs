//! What a surface keeps beside a noun of ours: settings that mean nothing to us but must come back as they were given.

use crate::Cx;
use doorward_store::directory::put_metadata;
use doorward_store::engine::Statement;
use serde_json::Value;
use uuid::Uuid;

/// A document of a surface, written in the transaction of the noun that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Whose: the name of the surface.
    pub namespace: &'static str,
    /// Which kind of document.
    pub key: &'static str,
    /// The document.
    pub document: Value,
}

impl Extension {
    /// The statement that keeps it.
    pub fn statement(&self, cx: &Cx, owner: Uuid) -> Statement {
        put_metadata(cx.tenant_id(), self.namespace, owner, self.key, &self.document)
    }
}
