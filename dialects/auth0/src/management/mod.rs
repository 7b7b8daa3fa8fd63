//! The Management API `/api/v2`: its endpoints come to stand here. Its scopes are known already, so that a client can be granted
//! them.

/// What a call may do, each with `read`, `create`, `update` and `delete` before it.
const NOUNS: &[&str] = &[
    "users",
    "users_app_metadata",
    "user_tickets",
    "clients",
    "client_keys",
    "client_credentials",
    "client_grants",
    "connections",
    "resource_servers",
    "roles",
    "role_members",
    "grants",
    "logs",
    "logs_users",
    "signing_keys",
    "tenant_settings",
    "sessions",
    "refresh_tokens",
    "authentication_methods",
    "guardian_enrollments",
    "device_credentials",
    "stats",
    "branding",
];

/// Every scope.
pub fn scopes() -> Vec<String> {
    NOUNS.iter().flat_map(|noun| ["read", "create", "update", "delete"].map(|verb| format!("{verb}:{noun}"))).collect()
}
