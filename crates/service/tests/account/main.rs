//! What people do with their own account, on SQLite always and on PostgreSQL when `DOORWARD_TEST_POSTGRES` holds the address of a
//! database in which schemas may be created.

mod devices;
mod emails;
mod home;
#[path = "../directory/house.rs"]
#[allow(dead_code, clippy::panic, reason = "the directory's tests use the rest of it")]
mod house;
mod methods;
mod person;
