//! APIs (resource servers) with their permissions, and the roles that hold them.

mod roles;
mod servers;

use crate::door::Doors;
use doorward_protocol::admin::Right::{Manage, Read};

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/apis", Read, servers::list)
        .page("/console/apis/new", Manage, servers::form)
        .act("/console/apis/new", Manage, servers::create)
        .page("/console/apis/{api}", Read, servers::show)
        .act("/console/apis/{api}", Manage, servers::save)
        .act("/console/apis/{api}/permissions", Manage, servers::add_permission)
        .sensitive("/console/apis/{api}/permissions/remove", Manage, servers::remove_permission)
        .sensitive("/console/apis/{api}/delete", Manage, servers::delete)
        .page("/console/roles", Read, roles::list)
        .page("/console/roles/new", Manage, roles::form)
        .act("/console/roles/new", Manage, roles::create)
        .page("/console/roles/{role}", Read, roles::show)
        .act("/console/roles/{role}", Manage, roles::save)
        .act("/console/roles/{role}/permissions", Manage, roles::permissions)
        .act("/console/roles/{role}/members", Manage, roles::members)
        .sensitive("/console/roles/{role}/delete", Manage, roles::delete)
}

const PAGE: u32 = 50;
