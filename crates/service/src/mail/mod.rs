//! Mail: what is written (`render`) and, later beside it, how it is sent.

pub mod render;
