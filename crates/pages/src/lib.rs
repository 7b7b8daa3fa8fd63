//! The hosted pages: what a person sees while signing up, signing in and looking after an account.
//!
//! [`view`] turns a typed page into HTML and serves the embedded assets; it knows no HTTP, no store and no clock.

pub mod view;
