//! The directory's use cases and the declarative file, on SQLite always and on PostgreSQL when `DOORWARD_TEST_POSTGRES` holds the
//! address of a database in which schemas may be created.

#![allow(clippy::unwrap_used, clippy::panic, reason = "all of this crate is test code, its functions too")]

mod access;
mod applications;
mod audit;
mod authority;
mod background;
mod built_in;
mod change;
mod export;
mod factors;
mod foreign_hashes;
mod house;
mod import;
mod keys;
mod mails;
mod passwords;
mod sanctions;
mod seed;
mod tenants;
mod tickets;
mod users;
mod webhooks;
