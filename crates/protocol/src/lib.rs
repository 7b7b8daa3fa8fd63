//! protocol
pub mod jose;
pub mod seal;
