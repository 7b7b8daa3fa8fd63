//! directory/mod
