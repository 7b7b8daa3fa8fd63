//! The plumbing around the surfaces, tried with a toy router: listeners, stop, logs, metrics, headers, the binary.

mod binary;
mod listeners;
mod observing;
mod stopping;
mod toy;
