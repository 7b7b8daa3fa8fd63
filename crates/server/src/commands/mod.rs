//! What each command does, one file each.

pub mod admin_link;
pub mod apply;
pub mod audit_verify;
pub mod backup;
pub mod dev;
pub mod keys_list;
pub mod keys_rotate;
pub mod master_key;
pub mod serve;
pub mod version;
