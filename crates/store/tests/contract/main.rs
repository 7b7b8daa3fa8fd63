//! The contract of the store: the same tests on both engines, one file a noun.
//!
//! SQLite always; PostgreSQL when `DOORWARD_TEST_POSTGRES` holds the address of a database in which schemas may be
//! created. With `DOORWARD_REQUIRE_POSTGRES=1` its absence is a failure.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cloned_ref_to_slice_refs,
    reason = "all of this crate is test code, its functions too"
)]

mod background;
mod database;
mod engine;
mod migrations;
mod nouns;
mod people;
mod postgres;
mod search;
mod search_many;
mod sqlite;
