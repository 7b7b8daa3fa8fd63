//! oauth/mod
