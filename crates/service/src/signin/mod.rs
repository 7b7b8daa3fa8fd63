//! signin/mod
