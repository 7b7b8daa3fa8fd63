//! The console: where a tenant is set up and looked after, at `/console`.
//!
//! One folder a section. [`door`] is the only way in: it knows of every path which right it needs, and a handler runs only after
//! session, role, protection token and, where it matters, a fresh proof were checked. A handler reads, asks a use case of the
//! directory, and answers with a page or with a redirect to one.

pub mod door;

mod apis;
mod applications;
mod asking;
mod assets;
mod audit;
mod branding;
mod domains;
mod emails;
mod framed;
mod keys;
mod look;
mod mail_server;
mod overview;
mod reveal;
mod settings;
mod team;
mod told;
mod trouble;
mod upload;
mod users;

use axum::Router;
use door::{Door, Doors};
use doorward_httpkit::App;

/// Every path.
pub fn routes() -> Router<App> {
    doors().router().merge(assets::routes())
}

/// Every path with what it needs, for tests that try all of them.
pub fn list() -> Vec<Door> {
    doors().list()
}

fn doors() -> Doors {
    let doors = Doors::default();
    let doors = overview::doors(doors);
    let doors = applications::doors(doors);
    let doors = apis::doors(doors);
    let doors = users::doors(doors);
    let doors = team::doors(doors);
    let doors = settings::doors(doors);
    let doors = branding::doors(doors);
    let doors = emails::doors(doors);
    let doors = mail_server::doors(doors);
    let doors = domains::doors(doors);
    let doors = keys::doors(doors);
    audit::doors(doors)
}
