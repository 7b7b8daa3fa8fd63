//! Users found by a query.

use super::DirectoryError;
use crate::boxed;
use crate::{Cx, Service};
use doorward_protocol::search::{Direction, Lucene, Place, Query, UserField, UserSearch, UserSort};
use doorward_store::search::{Counted, Found, Leaf, SearchError};

/// Most users of one window, and the farthest that a window may begin.
const LIMITS: (u32, u32) = (1000, 1_000_000);

/// The field that a name stands for in our own syntax: `email`, `name`, `created_at`, `profile.zoneinfo`, `metadata.app.plan`.
pub fn user_field(name: &str) -> Option<UserField> {
    Some(match name {
        "id" => UserField::Id,
        "email" => UserField::Email,
        "email_domain" => UserField::EmailDomain,
        "email_verified" => UserField::EmailVerified,
        "username" => UserField::Username,
        "phone_number" => UserField::Phone,
        "phone_number_verified" => UserField::PhoneVerified,
        "name" => UserField::Name,
        "given_name" => UserField::GivenName,
        "family_name" => UserField::FamilyName,
        "nickname" => UserField::Nickname,
        "blocked" => UserField::Blocked,
        "has_passkey" => UserField::HasPasskey,
        "created_at" => UserField::CreatedAt,
        "updated_at" => UserField::UpdatedAt,
        "last_sign_in_at" => UserField::LastSignInAt,
        "sign_in_count" => UserField::SignInCount,
        "role" => UserField::Role,
        "group" => UserField::Group,
        "application" => UserField::Application,
        other => {
            let mut parts = other.split('.');
            match (parts.next()?, parts.next()?) {
                ("profile", claim) if parts.next().is_none() => UserField::Profile(claim.to_owned()),
                ("metadata", namespace) => {
                    let path: Vec<String> = parts.map(str::to_owned).collect();
                    if path.is_empty() {
                        return None;
                    }
                    UserField::Metadata { namespace: namespace.to_owned(), path }
                }
                _ => return None,
            }
        }
    })
}

/// The order that a text names: `created_at`, or `-created_at` for the other way round.
pub fn user_sort(text: &str) -> Option<(UserSort, Direction)> {
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let key = match name {
        "id" => UserSort::Id,
        "email" => UserSort::Email,
        "username" => UserSort::Username,
        "name" => UserSort::Name,
        "given_name" => UserSort::GivenName,
        "family_name" => UserSort::FamilyName,
        "birthdate" => UserSort::Birthdate,
        "created_at" => UserSort::CreatedAt,
        "updated_at" => UserSort::UpdatedAt,
        "last_sign_in_at" => UserSort::LastSignInAt,
        "sign_in_count" => UserSort::SignInCount,
        _ => return None,
    };
    Some((key, direction))
}

/// Reads a query in our own syntax.
///
/// # Errors
/// [`DirectoryError::Invalid`] with the place of the mistake.
pub fn read_user_query(text: &str) -> Result<Query<UserField>, DirectoryError> {
    let query = Lucene::default().parse(text).map_err(|e| DirectoryError::invalid("q", e.to_string()))?;
    query.translate(&mut |name: String| {
        user_field(&name).ok_or_else(|| DirectoryError::invalid("q", format!("no such field: {name}; there are email, email_domain, username, name, blocked, has_passkey, created_at, role, group and others")))
    })
}

impl Service {
    /// Users that fit a query, with identifiers, and how many there are in all.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn search_users(&self, cx: &Cx, search: &UserSearch) -> Result<Found, DirectoryError> {
        if search.limit > LIMITS.0 {
            return Err(DirectoryError::invalid("limit", format!("must be at most {}", LIMITS.0)));
        }
        if search.offset > LIMITS.1 {
            return Err(DirectoryError::invalid("offset", format!("must be at most {}", LIMITS.1)));
        }
        self.store.search_users(cx.tenant_id(), search).await.map_err(refused)
    }

    /// A page of the users that fit a query, in the order in which they were made. It costs the same at any depth.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn leaf_users(
        &self,
        cx: &Cx,
        query: &Query<UserField>,
        direction: Direction,
        place: Place,
        limit: u32,
    ) -> Result<Leaf, DirectoryError> {
        if limit > LIMITS.0 {
            return Err(DirectoryError::invalid("limit", format!("must be at most {}", LIMITS.0)));
        }
        self.store.leaf_users(cx.tenant_id(), query, direction, place, limit).await.map_err(refused)
    }

    /// How many users fit a query, counted up to `most` and for a bounded time: beyond that the exact number is worth
    /// less than the time it takes.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn count_users_up_to(&self, cx: &Cx, query: &Query<UserField>, most: u32) -> Result<Counted, DirectoryError> {
        self.store.count_users_up_to(cx.tenant_id(), query, most).await.map_err(refused)
    }
}

fn refused(error: SearchError) -> DirectoryError {
    match error {
        SearchError::Store(error) => error.into(),
        other @ (SearchError::TooLarge | SearchError::Value { .. }) => DirectoryError::invalid("q", other.to_string()),
    }
}
