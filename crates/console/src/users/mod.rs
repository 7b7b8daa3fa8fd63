//! Users: find one, see all that is known of them, help them.

mod acts;
mod create;
mod detail;
mod export;
mod filter;
mod groups;
mod import;
mod list;

use crate::door::Doors;
use doorward_protocol::admin::Right::{Help, Manage, Read};

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/users", Read, list::list)
        .page("/console/users/new", Manage, create::form)
        .act("/console/users/new", Manage, create::create)
        .page("/console/users/import", Manage, import::form)
        .upload("/console/users/import", Manage, import::start)
        .page("/console/users/import/{job}", Manage, import::show)
        .page("/console/users/import/{job}/refused", Manage, import::refused)
        .sensitive("/console/users/export", Manage, export::export)
        .page("/console/groups", Read, groups::list)
        .page("/console/groups/new", Manage, groups::form)
        .act("/console/groups/new", Manage, groups::create)
        .page("/console/groups/{group}", Read, groups::show)
        .act("/console/groups/{group}", Manage, groups::save)
        .act("/console/groups/{group}/members", Manage, groups::members)
        .act("/console/groups/{group}/roles", Manage, groups::roles)
        .sensitive("/console/groups/{group}/delete", Manage, groups::delete)
        .page("/console/users/{user}", Read, detail::show)
        .act("/console/users/{user}/profile", Manage, acts::profile)
        .act("/console/users/{user}/status", Help, acts::status)
        .act("/console/users/{user}/link", Help, acts::link)
        .act("/console/users/{user}/sessions", Help, acts::sessions)
        .act("/console/users/{user}/grants", Help, acts::grants)
        .act("/console/users/{user}/identifiers/verify", Help, acts::verify)
        .sensitive("/console/users/{user}/identifiers/add", Manage, acts::add_identifier)
        .sensitive("/console/users/{user}/identifiers/remove", Manage, acts::remove_identifier)
        .sensitive("/console/users/{user}/passkeys/remove", Manage, acts::remove_passkey)
        .sensitive("/console/users/{user}/password/set", Manage, acts::set_password)
        .act("/console/users/{user}/password/change", Help, acts::require_password_change)
        .sensitive("/console/users/{user}/password/remove", Manage, acts::remove_password)
        .act("/console/users/{user}/sanctions", Help, acts::sanction)
        .act("/console/users/{user}/sanctions/lift", Help, acts::lift_sanction)
        .sensitive("/console/users/{user}/factors/remove", Manage, acts::remove_factor)
        .act("/console/users/{user}/roles", Manage, acts::roles)
        .act("/console/users/{user}/groups", Manage, acts::groups)
        .sensitive("/console/users/{user}/delete", Manage, acts::delete)
}
