//! The binary `doorward`: configuration, command line, listeners, certificates, logs and metrics.
//!
//! This crate decides how a process starts, listens and stops. What is said over HTTP belongs to the surfaces,
//! which are handed in as one `axum::Router`.

pub mod ca;
pub mod certificates;
pub mod cli;
pub mod commands;
pub mod config;
pub mod dev;
pub mod dev_seed;
pub mod files;
pub mod forwarded;
pub mod health;
pub mod info;
pub mod kickstart;
pub mod listen;
pub mod logs;
pub mod metrics;
pub mod mount;
pub mod open;
pub mod process;
pub mod security_headers;
pub mod stack;

pub use doorward_httpkit::connection;
