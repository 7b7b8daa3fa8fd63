//! Identifiers of our nouns: UUIDs (version 7, so that they sort by age), one type per noun so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

id! {
    /// A tenant: one directory of users with its own policy, keys and issuer.
    TenantId,
    /// A host that belongs to a tenant and carries one exact issuer string.
    DomainId,
    /// An application (OAuth client).
    ApplicationId,
    /// A resource server (an API that takes our access tokens).
    ResourceServerId,
    /// A role.
    RoleId,
    /// A group of users.
    GroupId,
    /// A user. Its sixteen bytes are the WebAuthn user handle.
    UserId,
    /// One identifier of a user (an e-mail address, a user name, a phone number).
    IdentifierId,
    /// A stored passkey (our row, not the WebAuthn credential id).
    PasskeyId,
    /// A browser session.
    SessionId,
    /// What one authorization code was redeemed for: the family that tokens and refresh tokens of it belong to.
    GrantId,
}
