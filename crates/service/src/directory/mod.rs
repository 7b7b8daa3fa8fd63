//! The directory: tenants, domains, applications, resource servers, roles, groups, users, keys. One file a noun.
//!
//! Every use case checks its input first and names each field that is wrong, then commits one batch with its audit event in it.
//! A change is a JSON merge patch (RFC 7396) on the noun's document; when somebody else changed the same thing meanwhile it is
//! made again on top of theirs, so that no change is lost.

mod access;
mod administrators;
mod api_keys;
mod application_grants;
mod application_secrets;
mod applications;
mod audit_events;
mod change;
mod document;
mod domains;
mod export;
mod exported;
mod extension;
mod factors;
mod field;
mod grants;
mod groups;
mod identifiers;
mod import;
mod invitations;
mod jobs;
mod mail_templates;
mod members;
mod named_keys;
mod passkeys;
mod permissions;
mod policy;
mod resource_servers;
mod roles;
mod sanctions;
mod search;
mod sessions;
mod signing_keys;
mod tenants;
mod tickets;
mod users;
mod whole;
mod whole_users;

use crate::boxed;
pub use administrators::Administrator;
pub use api_keys::{API_KEY_SCOPES, CreatedApiKey, NewApiKey, scopes_allow};
pub use application_grants::Grant;
pub use application_secrets::{CreatedSecret, GRACE_SECONDS};
pub use applications::{ApplicationDocument, CreatedApplication, NewApplication};
pub use change::{IdentifierChange, MetadataChange, UserChange};
pub use document::merge;
pub use domains::DomainDocument;
pub use export::{ExportForm, ExportForms, USERS_EXPORT};
pub use exported::Exported;
pub use extension::Extension;
pub use field::{FieldProblem, Problems};
pub use groups::GroupDocument;
pub use identifiers::NewIdentifier;
pub use import::{
    ImportJob, ImportMembership, ImportOptions, ImportOutcome, ImportPassword, ImportSummary, ImportTotp, ImportUser, MOST_USERS,
    RefusedRow, USERS_IMPORT,
};
pub use invitations::Invitation;
pub use jobs::VERIFICATION_MAIL;
pub use members::Member;
pub use named_keys::{KeyMaterial, NewNamedKey, SECRET_ALGORITHMS};
pub use permissions::Permission;
pub use resource_servers::{ResourceServerDocument, Scope};
pub use roles::RoleDocument;
pub use sanctions::NewSanction;
pub use search::{read_user_query, user_field, user_sort};
pub use tenants::TenantDocument;
pub use tickets::{NewTicket, Ticket, TicketAct, TicketDone, TicketRefusal};
pub use users::{NewUser, UserDocument};
pub use whole::{NewDoorKey, NewTenant};
pub use whole_users::{DraftMembership, DraftPassword, UserDraft};

pub use document::read;

use crate::tenancy::Tenant;
use crate::{Client, Cx, Error, Service};
use doorward_protocol::ids::TenantId;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::time::Timestamp;
use doorward_store::administrators::LAST_OWNER;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::revision;
use doorward_store::tenants::DomainRow;
use std::sync::Arc;

/// Why a use case of the directory did not happen. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// No such thing in this tenant.
    #[error("no such {noun}")]
    NotFound {
        /// What was asked for.
        noun: &'static str,
    },
    /// Something is in the way: a name that is taken, a last one that must stay.
    #[error("{message}")]
    Conflict {
        /// Which field; empty when it is about the whole.
        field: &'static str,
        /// What to do, for people.
        message: String,
    },
    /// The input is wrong, field by field.
    #[error("{}", field::list(.0))]
    Invalid(Vec<FieldProblem>),
    /// A fault inside.
    #[error(transparent)]
    Fault(#[from] Error),
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        let taken = |field, words: &str| Self::Conflict { field, message: format!("this {words} is taken") };
        match &error {
            StoreError::Unique { table, .. } => match table.as_str() {
                "tenant" => taken("slug", "slug"),
                "domain" => taken("host", "host"),
                "application" => taken("client_id", "client_id"),
                "resource_server" => taken("audience", "audience"),
                "role" | "user_group" => taken("name", "name"),
                "identifier" => taken("identifier", "identifier"),
                "api_key" => taken("key", "key"),
                "account" => taken("id", "id"),
                "named_key" => taken("id", "id"),
                "webhook" => taken("id", "id"),
                _ => Self::Fault(error.into()),
            },
            StoreError::Guard { label } if *label == revision::CHANGED => {
                Self::Conflict { field: STALE, message: "somebody else changed this meanwhile; read it again".into() }
            }
            StoreError::Guard { label } if *label == LAST_OWNER => {
                Self::Conflict { field: "role", message: "a tenant must keep an owner: make somebody else one first".into() }
            }
            StoreError::Guard { label } if label.ends_with(".gone") => {
                Self::NotFound { noun: noun_of(label.trim_end_matches(".gone")) }
            }
            StoreError::ForeignKey => Self::NotFound { noun: "thing that this refers to" },
            _ => Self::Fault(error.into()),
        }
    }
}

const STALE: &str = "";

fn noun_of(table: &str) -> &'static str {
    match table {
        "tenant" => "tenant",
        "domain" => "domain",
        "application" => "application",
        "application_secret" => "secret",
        "application_grant" => "grant",
        "resource_server" => "resource server",
        "role" | "user_role" | "group_role" => "role",
        "role_permission" | "user_permission" => "permission",
        "user_group" => "group",
        "group_member" => "member",
        "account" => "user",
        "administrator" => "administrator",
        "identifier" => "identifier",
        "passkey" => "passkey",
        "totp" => "factor",
        "api_key" => "API key",
        _ => "thing",
    }
}

impl DirectoryError {
    /// One wrong field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem { field: field.into(), message: message.into() }])
    }

    pub(crate) fn conflict(field: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { field, message: message.into() }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::Conflict { field, message } if field.is_empty() && message.starts_with("somebody else"))
    }
}

/// What a change did.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<T> {
    /// As it is now.
    pub row: T,
    /// Whether anything was written.
    pub changed: bool,
}

/// Makes a change again when somebody else was quicker.
macro_rules! again {
    ($attempt:expr) => {{
        let mut tries = 0;
        loop {
            match $attempt.await {
                Err(error) if error.is_stale() && tries < 5 => tries += 1,
                done => break done,
            }
        }
    }};
}
use again;

/// The time of a change: later than the one before, also within one millisecond or after the clock was set back.
fn revised_at(before: Timestamp, now: Timestamp) -> Timestamp {
    now.max(Timestamp(before.0.saturating_add(1)))
}

impl Service {
    /// The context of administration. Unlike [`Service::cx_of_tenant`] it exists for a tenant without a domain too.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn admin_cx(&self, id: TenantId, client: Client) -> Result<Option<Cx>, Error> {
        Ok(self.tenant(id).await?.map(|tenant| self.cx_over(tenant, client)))
    }

    fn cx_over(&self, tenant: Arc<Tenant>, client: Client) -> Cx {
        let id = tenant.row.id;
        let domain = tenant.primary_domain().cloned().unwrap_or_else(|| DomainRow {
            id: uuid::Uuid::nil().into(),
            tenant_id: id,
            host: String::new(),
            issuer: String::new(),
            base_url: None,
            is_primary: false,
            accent: Accent::Standard,
            created_at: tenant.row.created_at,
        });
        let now = self.clock.now(id);
        Cx { tenant, domain: Arc::new(domain), now, client }
    }

    /// Commits a change of configuration and makes it known on this node.
    pub(crate) async fn write(&self, batch: Batch) -> Result<(), DirectoryError> {
        self.store.commit(batch).await?;
        self.tenancy.forget();
        Ok(())
    }
}
