//! Users: find one, see all that is known of them, help them.

mod acts;
mod create;
mod detail;
mod list;

use crate::door::Doors;
use doorward_protocol::admin::Right::{Help, Manage, Read};

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/users", Read, list::list)
        .page("/console/users/new", Manage, create::form)
        .act("/console/users/new", Manage, create::create)
        .page("/console/users/{user}", Read, detail::show)
        .act("/console/users/{user}/profile", Manage, acts::profile)
        .act("/console/users/{user}/status", Help, acts::status)
        .act("/console/users/{user}/link", Help, acts::link)
        .act("/console/users/{user}/sessions", Help, acts::sessions)
        .act("/console/users/{user}/identifiers/verify", Help, acts::verify)
        .sensitive("/console/users/{user}/identifiers/add", Manage, acts::add_identifier)
        .sensitive("/console/users/{user}/identifiers/remove", Manage, acts::remove_identifier)
        .sensitive("/console/users/{user}/passkeys/remove", Manage, acts::remove_passkey)
        .sensitive("/console/users/{user}/password/remove", Manage, acts::remove_password)
        .act("/console/users/{user}/roles", Manage, acts::roles)
        .sensitive("/console/users/{user}/delete", Manage, acts::delete)
}
