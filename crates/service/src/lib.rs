//! Use cases of Doorward: each loads, asks a rule, and saves in one transaction.
//!
//! What a use case needs travels in [`Cx`] (who asks, when, from where) and [`Service`] (store, secrets, keys, mail).

pub mod account;
pub mod audit;
pub mod challenge;
pub mod claims;
pub mod clock;
pub mod cpu;
mod crew;
pub mod cx;
pub mod directory;
pub mod error;
pub mod factor;
pub mod i18n;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod oauth;
pub mod oidc;
pub mod one_time;
pub mod password;
pub mod secrets;
pub mod seed;
pub mod session;
pub mod signin;
pub mod tally;
pub mod tenancy;
pub mod theme;
mod turns;
pub mod webhooks;

pub use cx::{Client, Cx, base_of};
pub use error::Error;

/// What other crates await of this one returns a boxed future. A bare `async fn` is compiled in each crate that awaits it, together
/// with all that it awaits in turn: seven copies of the use cases and the store, in the binary and in every build of it.
pub(crate) use async_recursion::async_recursion as boxed;

use claims::Profiles;
use clock::Clock;
use cpu::CpuPool;
use doorward_store::Store;
use keys::Keys;
use limits::Limits;
use mail::MailSettings;
use secrets::Secrets;
use std::sync::Arc;
use tenancy::Tenancy;

/// What a server is started with.
pub struct Settings {
    /// Master key and earlier ones that may still open.
    pub secrets: Secrets,
    /// How mail leaves.
    pub mail: MailSettings,
    /// Development: movable clock, mailbox, passkeys from any `localhost` port.
    pub dev: bool,
    /// Limits on one address.
    pub limits: limits::LimitSettings,
}

/// The services of one server.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

/// Behind [`Service`].
pub struct Inner {
    /// Rows.
    pub store: Store,
    /// Digests and seals.
    pub secrets: Secrets,
    /// Time.
    pub clock: Clock,
    /// Hashing of passwords: bounded, so that a storm of sign-ins leaves cheap requests cheap.
    pub hashing: CpuPool,
    /// RSA signatures: bounded likewise.
    pub signing: CpuPool,
    /// Tenants, domains, applications.
    pub tenancy: Tenancy,
    /// Signing keys.
    pub keys: Keys,
    /// Limits.
    pub limits: Limits,
    /// Claims profiles by accent.
    pub profiles: Profiles,
    /// Discovery documents by accent.
    pub discovery: oidc::discovery::Discovery,
    /// Mail.
    pub mail: MailSettings,
    /// How surfaces write users down.
    pub exports: directory::ExportForms,
    /// How surfaces speak to webhooks.
    pub vocabulary: webhooks::Vocabulary,
    /// Wakes the webhook worker.
    pub webhook_wake: tokio::sync::Notify,
    /// Wakes the mail worker.
    pub mail_wake: tokio::sync::Notify,
    /// Wakes the worker of jobs.
    pub job_wake: tokio::sync::Notify,
    /// Tokens given to machines since the last note in the audit log.
    pub machine_tokens: tally::Tally<(doorward_protocol::ids::TenantId, doorward_protocol::ids::ApplicationId)>,
    /// Counts for plots that are not written yet.
    pub tally: tally::Tally,
    /// Development mode.
    pub dev: bool,
}

impl std::ops::Deref for Service {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl Service {
    /// Puts the services together over a migrated store.
    pub fn new(store: Store, settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let tenancy = Tenancy::new();
        Self {
            inner: Arc::new(Inner {
                store,
                secrets: settings.secrets,
                clock: Clock::default(),
                hashing: CpuPool::new(cores, 64),
                signing: CpuPool::new(cores, 1024),
                tenancy,
                keys: Keys::new(),
                limits: Limits::new(settings.limits),
                profiles: Profiles::default(),
                discovery: oidc::discovery::Discovery::default(),
                mail: settings.mail,
                exports: directory::ExportForms::default(),
                vocabulary: webhooks::Vocabulary::default(),
                webhook_wake: tokio::sync::Notify::new(),
                mail_wake: tokio::sync::Notify::new(),
                job_wake: tokio::sync::Notify::new(),
                machine_tokens: tally::Tally::default(),
                tally: tally::Tally::default(),
                dev: settings.dev,
            }),
        }
    }
}
