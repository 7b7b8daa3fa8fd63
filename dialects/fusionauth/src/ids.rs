//! Ids that the vendor's applications know by heart.

use uuid::{Uuid, uuid};

/// The vendor's own application in the first tenant.
pub const ADMIN_APPLICATION: Uuid = uuid!("3c219e58-ed0e-4b18-ad48-f4f92793ae32");
/// The second application that comes with the vendor's server.
pub const TENANT_MANAGER: Uuid = uuid!("7cd8f0a7-5b1b-4a53-9c06-0d2b2f9f5d2e");
/// The theme that cannot be changed.
pub const DEFAULT_THEME: Uuid = uuid!("75a068fd-e94b-451a-9aeb-3ddb9a3b5987");
/// The connector that is the directory itself.
pub const BUILT_IN_CONNECTOR: Uuid = uuid!("e3306678-a53a-4964-9040-1c96f36dda72");
/// "Sign with the client secret", for each of the vendor's HMAC algorithms.
pub const SHADOW_KEYS: [(Uuid, &str); 3] = [
    (uuid!("092dbedc-30af-4149-9c61-b578f2c72f59"), "HS256"),
    (uuid!("4b8f1c06-518e-45bd-9ac5-d549686ae02a"), "HS384"),
    (uuid!("c753a44d-7f2e-48d3-bc4e-c2c16488a23b"), "HS512"),
];
/// The name under which documents of this accent are kept beside our nouns.
pub const NAMESPACE: &str = "fusionauth";

/// A new id for what is no noun of ours.
pub fn fresh() -> Uuid {
    uuid::Builder::from_random_bytes(doorward_service::secrets::random()).into_uuid()
}
