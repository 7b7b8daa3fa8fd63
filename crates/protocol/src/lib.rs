//! protocol
pub mod jose;
