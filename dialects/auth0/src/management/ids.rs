//! Outward ids: a word for the noun and the digits of ours.

use super::refused::Refused;
use doorward_protocol::ids::{ApplicationId, ResourceServerId, RoleId};
use uuid::Uuid;

/// An id of ours as digits.
pub fn digits(id: Uuid) -> String {
    id.simple().to_string()
}

/// Reads [`digits`] back; upper case is somebody else's.
pub fn of_digits(text: &str) -> Option<Uuid> {
    let ours = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| Uuid::parse_str(text).ok()).flatten()
}

/// A role's id.
pub fn role(id: RoleId) -> String {
    format!("rol_{}", digits(id.0))
}

/// Reads a role's id.
///
/// # Errors
/// 404: nobody has such an id.
pub fn of_role(text: &str) -> Result<RoleId, Refused> {
    text.strip_prefix("rol_").and_then(of_digits).map(RoleId).ok_or_else(|| Refused::absent("role"))
}

/// A resource server's id.
pub fn resource_server(id: ResourceServerId) -> String {
    digits(id.0)
}

/// A client grant's id: it is one application's at one resource server.
pub fn grant(application: ApplicationId, resource_server: ResourceServerId) -> String {
    format!("cgr_{}{}", digits(application.0), digits(resource_server.0))
}

/// Reads a client grant's id.
///
/// # Errors
/// 404: nobody has such an id.
pub fn of_grant(text: &str) -> Result<(ApplicationId, ResourceServerId), Refused> {
    let both = text.strip_prefix("cgr_").and_then(|rest| rest.split_at_checked(32));
    let both = both.and_then(|(a, r)| Some((ApplicationId(of_digits(a)?), ResourceServerId(of_digits(r)?))));
    both.ok_or_else(|| Refused::absent("client grant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_others_are_nobodys() {
        let (a, r) = (ApplicationId(Uuid::from_u128(7)), ResourceServerId(Uuid::from_u128(u128::MAX)));
        assert_eq!(of_grant(&grant(a, r)).unwrap(), (a, r));
        assert_eq!(of_role(&role(RoleId(Uuid::from_u128(9)))).unwrap(), RoleId(Uuid::from_u128(9)));
        for text in ["", "rol_", "cgr_00", "rol_0000000000000000000000000000000g", "rol_é"] {
            assert!(of_role(text).is_err() && of_grant(text).is_err(), "{text}");
        }
    }
}
