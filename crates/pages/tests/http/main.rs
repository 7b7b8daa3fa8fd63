//! The account pages over HTTP, as a browser meets them; sessions are opened without the sign-in pages.

mod account;
mod browser;
