//! A fresh database for each test and each engine, and its removal, also when the test fails.

use std::{fs, future::Future, panic::resume_unwind, path::PathBuf};

use doorward_store::engine::{ConnectOptions, DatabaseUrl, Db};
use tokio_postgres::NoTls;
use uuid::Uuid;

/// Runs the test on each engine. On SQLite the database is a temporary one that is not made durable.
pub async fn each<F, T>(test: F)
where
    F: Fn(Db) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let connect = async |url| Db::connect(&url, ConnectOptions::default()).await.expect("connect");
    let db = connect(DatabaseUrl::Memory).await;
    eprintln!("on SQLite");
    test(db.clone()).await;
    db.close().await;
    if let Some(schema) = Schema::create().await {
        let db = connect(schema.url()).await;
        eprintln!("on PostgreSQL");
        schema.run(test(db)).await;
    }
}

/// Runs the test on each engine with an address that can be connected to again.
pub async fn each_address<F, T>(test: F)
where
    F: Fn(DatabaseUrl) -> T,
    T: Future<Output = ()> + Send + 'static,
{
    let directory = Directory::create();
    eprintln!("on SQLite");
    test(directory.url()).await;
    if let Some(schema) = Schema::create().await {
        eprintln!("on PostgreSQL");
        schema.run(test(schema.url())).await;
    }
}

/// A directory that goes away with its value.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn create() -> Self {
        let path = std::env::temp_dir().join(format!("doorward-test-{}", Uuid::new_v4().simple()));
        fs::create_dir(&path).expect("temporary directory");
        Self(path)
    }

    pub fn url(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite { path: self.0.join("test.db") }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A schema of its own in the PostgreSQL database of the environment.
pub struct Schema {
    address: String,
    name: String,
}

impl Schema {
    /// `None` when there is no PostgreSQL to test with and none is required.
    pub async fn create() -> Option<Self> {
        let Ok(address) = std::env::var("DOORWARD_TEST_POSTGRES") else {
            let required = std::env::var("DOORWARD_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "DOORWARD_REQUIRE_POSTGRES=1 but DOORWARD_TEST_POSTGRES is not set");
            return None;
        };
        let name = format!("test_{}", Uuid::new_v4().simple());
        let schema = Self { address, name };
        schema.admin(&format!("CREATE SCHEMA {}", schema.name)).await;
        Some(schema)
    }

    pub fn url(&self) -> DatabaseUrl {
        let separator = if self.address.contains('?') { '&' } else { '?' };
        let url = format!("{}{separator}options=-csearch_path%3D{}", self.address, self.name);
        DatabaseUrl::Postgres { url }
    }

    /// Runs a statement beside the store.
    pub async fn admin(&self, sql: &str) {
        let (client, connection) =
            tokio_postgres::connect(&self.address, NoTls).await.expect("the PostgreSQL of DOORWARD_TEST_POSTGRES answers");
        let connection = tokio::spawn(connection);
        client.batch_execute(sql).await.expect(sql);
        drop(client);
        connection.await.expect("connection task").expect("connection");
    }

    /// The name of the schema.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs the test, drops the schema, then passes a panic on.
    pub async fn run(&self, test: impl Future<Output = ()> + Send + 'static) {
        let outcome = tokio::spawn(test).await;
        self.admin(&format!("DROP SCHEMA {} CASCADE", self.name)).await;
        if let Err(error) = outcome {
            resume_unwind(error.into_panic());
        }
    }
}
