//! The management API over its router: every noun's life, every refusal.

mod description;
mod keys;
mod life;
mod lists;
mod refusals;
mod rig;
