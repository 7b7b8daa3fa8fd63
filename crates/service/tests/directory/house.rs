//! A service over a fresh database with one tenant, on each engine.

use doorward_service::directory::{DirectoryError, DomainDocument, TenantDocument};
use doorward_service::limits::LimitSettings;
use doorward_service::mail::MailSettings;
use doorward_service::secrets::Secrets;
use doorward_service::{Client, Cx, Service, Settings};
use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
use doorward_store::{MIGRATIONS, Store};
use serde_json::json;
use std::future::Future;
use uuid::Uuid;

/// What a test is given.
#[derive(Clone)]
pub struct House {
    pub service: Service,
    pub cx: Cx,
}

/// Runs the test on each engine.
pub async fn each<F, T>(test: F)
where
    F: Fn(House) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    each_with(MailSettings::Mailbox, test).await;
}

/// Runs the test on each engine, with mail that leaves this way.
pub async fn each_with<F, T>(mail: MailSettings, test: F)
where
    F: Fn(House) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    eprintln!("on SQLite");
    test(house(&DatabaseUrl::Memory, "acme", mail.clone()).await).await;
    let Ok(address) = std::env::var("DOORWARD_TEST_POSTGRES") else {
        assert!(std::env::var("DOORWARD_REQUIRE_POSTGRES").is_err(), "DOORWARD_TEST_POSTGRES is not set");
        return;
    };
    eprintln!("on PostgreSQL");
    let schema = format!("test_{}", Uuid::new_v4().simple());
    admin(&address, &format!("CREATE SCHEMA {schema}")).await;
    let separator = if address.contains('?') { '&' } else { '?' };
    let url = DatabaseUrl::Postgres { url: format!("{address}{separator}options=-csearch_path%3D{schema}") };
    let outcome = tokio::spawn(test(house(&url, "acme", mail).await)).await;
    admin(&address, &format!("DROP SCHEMA {schema} CASCADE")).await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

async fn admin(address: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.expect("PostgreSQL answers");
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.expect(sql);
    drop(client);
    connection.await.expect("connection task").expect("connection");
}

/// An empty service.
pub async fn service(url: &DatabaseUrl) -> Service {
    service_with(url, MailSettings::Mailbox).await
}

async fn service_with(url: &DatabaseUrl, mail: MailSettings) -> Service {
    let db = Db::connect(url, ConnectOptions::default()).await.expect("connect");
    db.migrate(MIGRATIONS, 0).await.expect("migrate");
    let settings =
        Settings { secrets: Secrets::new(&[7; 32], &[]).expect("secrets"), mail, dev: false, limits: LimitSettings::default() };
    Service::new(Store::new(db), settings)
}

async fn house(url: &DatabaseUrl, slug: &str, mail: MailSettings) -> House {
    let service = service_with(url, mail).await;
    let cx = tenant(&service, slug).await;
    House { service, cx }
}

/// Makes a tenant with passwords and a domain.
pub async fn tenant(service: &Service, slug: &str) -> Cx {
    let document = json!({ "slug": slug, "name": slug, "policy": { "password": { "enabled": true } } });
    let row = service
        .create_tenant(Client::default(), "test", TenantDocument::from_json(document).expect("document"))
        .await
        .expect("tenant");
    let cx = service.admin_cx(row.id, Client::default()).await.expect("store").expect("tenant");
    let issuer = format!("https://{slug}.example");
    let domain = DomainDocument { host: format!("{slug}.example"), issuer, is_primary: false, accent: Default::default() };
    service.create_domain(&cx, "test", domain).await.expect("domain");
    service.admin_cx(row.id, Client::default()).await.expect("store").expect("tenant")
}

impl House {
    /// Batches committed so far.
    pub fn writes(&self) -> u64 {
        self.service.store.db().stats().batches
    }

    /// Names of the tenant's audit events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let page = self.service.list_audit_events(&self.cx, None, None, None, 200).await.expect("events");
        page.items.into_iter().rev().map(|e| e.event).collect()
    }
}

/// The fields that an error names.
pub fn fields<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> Vec<String> {
    match outcome {
        Err(DirectoryError::Invalid(problems)) => problems.into_iter().map(|p| p.field).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

/// The field that is taken.
pub fn conflict<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> &'static str {
    match outcome {
        Err(DirectoryError::Conflict { field, .. }) => field,
        other => panic!("no conflict: {other:?}"),
    }
}

/// Whether it was not there.
pub fn absent<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> bool {
    matches!(outcome, Err(DirectoryError::NotFound { .. }))
}
