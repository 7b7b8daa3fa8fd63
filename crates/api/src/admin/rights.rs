//! What a handler needs of the API key, as a type: a handler that names none does not compile.

/// A scope of API keys.
pub(super) trait Right: Send + Sync + 'static {
    /// As it stands in a key.
    const SCOPE: &'static str;
}

macro_rules! rights {
    ($($name:ident = $scope:literal;)*) => {
        $(
            pub(super) struct $name;
            impl Right for $name {
                const SCOPE: &'static str = $scope;
            }
        )*

        #[cfg(test)]
        const ALL: &[&str] = &[$($scope),*];
    };
}

rights! {
    TenantsRead = "tenants:read";
    TenantsWrite = "tenants:write";
    DomainsRead = "domains:read";
    DomainsWrite = "domains:write";
    ApplicationsRead = "applications:read";
    ApplicationsWrite = "applications:write";
    ResourceServersRead = "resource_servers:read";
    ResourceServersWrite = "resource_servers:write";
    RolesRead = "roles:read";
    RolesWrite = "roles:write";
    GroupsRead = "groups:read";
    GroupsWrite = "groups:write";
    UsersRead = "users:read";
    UsersWrite = "users:write";
    AdministratorsRead = "administrators:read";
    AdministratorsWrite = "administrators:write";
    ApiKeysRead = "api_keys:read";
    ApiKeysWrite = "api_keys:write";
    SigningKeysRead = "signing_keys:read";
    SigningKeysWrite = "signing_keys:write";
    AuditEventsRead = "audit_events:read";
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_right_can_be_given_to_a_key_and_every_scope_is_a_right() {
        let known: Vec<&str> = doorward_service::directory::API_KEY_SCOPES.iter().copied().filter(|s| *s != "*").collect();
        assert_eq!(known, super::ALL);
    }
}
