//! What the surfaces share: who asks (visit), cookies, protection of forms, origins, answers of OAuth, problem documents.

pub mod answers;
pub mod app;
pub mod connection;
pub mod cookies;
pub mod cors;
pub mod csrf;
pub mod form;
pub mod refusal;
pub mod visit;

pub use app::App;
pub use refusal::Refusal;
pub use visit::{Asked, Visit};
