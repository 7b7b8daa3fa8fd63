//! service

pub mod i18n;
pub mod mail;
pub mod theme;
