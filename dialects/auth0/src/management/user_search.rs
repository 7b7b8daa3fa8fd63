//! The search syntax of `q`: the Lucene subset of the core, over this API's names of fields.

use super::door::Call;
use super::people::{APP_METADATA, PROVIDER};
use super::refused::Refused;
use crate::DATABASE;
use doorward_protocol::oauth::client::Accent;
use doorward_protocol::search::{Direction, Lucene, Pattern, Query, UserField, UserSort};
use doorward_service::signin::USER_METADATA;

/// Least characters of a word that is looked for at other places than its beginning.
const LEAST: usize = 3;

/// A field, or what has one value for everybody here.
#[derive(Debug, PartialEq)]
enum Field {
    Ours(UserField),
    /// `identities.user_id`: the id without its provider.
    IdentityId,
    /// The same for everybody.
    Same(&'static str),
}

fn field(name: &str) -> Result<Field, Refused> {
    Ok(Field::Ours(match name {
        "user_id" => UserField::Id,
        "email" | "email.raw" => UserField::Email,
        "email.domain" => UserField::EmailDomain,
        "email_verified" => UserField::EmailVerified,
        "username" => UserField::Username,
        "phone_number" => UserField::Phone,
        "phone_verified" => UserField::PhoneVerified,
        "name" => UserField::Name,
        "given_name" => UserField::GivenName,
        "family_name" => UserField::FamilyName,
        "nickname" => UserField::Nickname,
        "picture" => UserField::Profile("picture".into()),
        "blocked" => UserField::Blocked,
        "created_at" => UserField::CreatedAt,
        "updated_at" => UserField::UpdatedAt,
        "last_login" => UserField::LastSignInAt,
        "logins_count" => UserField::SignInCount,
        "identities.user_id" => return Ok(Field::IdentityId),
        "identities.provider" => return Ok(Field::Same(PROVIDER)),
        "identities.connection" => return Ok(Field::Same(DATABASE)),
        "identities.isSocial" => return Ok(Field::Same("false")),
        other => {
            let (namespace, path) = other.split_once('.').unwrap_or((other, ""));
            let path: Vec<String> = path.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            if ![USER_METADATA, APP_METADATA].contains(&namespace) || path.is_empty() {
                return Err(wrong(format!("there is no such field to search by: {other}")));
            }
            UserField::Metadata { namespace: namespace.to_owned(), path }
        }
    }))
}

fn wrong(message: impl AsRef<str>) -> Refused {
    Refused::query("q", message)
}

fn is_about_people_s_own(field: &Field) -> bool {
    matches!(field, Field::Ours(UserField::Metadata { namespace, .. }) if namespace == USER_METADATA)
}

/// Whether a pattern may be asked of a field.
fn check(field: Option<&Field>, pattern: &Pattern) -> Result<(), Refused> {
    let (wild, literal) = match pattern {
        Pattern::Exact(_) => (false, usize::MAX),
        // The beginning of a word is one step into an index.
        Pattern::Prefix(_) => (true, usize::MAX),
        Pattern::Contains(text) => (true, text.chars().count()),
        Pattern::Pieces(pieces) => (true, pieces.iter().map(|piece| piece.chars().count()).sum()),
    };
    if wild && field.is_some_and(is_about_people_s_own) {
        return Err(wrong("user_metadata cannot be searched with wildcards"));
    }
    if literal < LEAST {
        return Err(wrong("a wildcard that is not at the end needs at least three characters beside it"));
    }
    Ok(())
}

/// Everybody, or nobody.
fn all_or_none(all: bool) -> Query<UserField> {
    if all { Query::And(Vec::new()) } else { Query::Or(Vec::new()) }
}

fn translated(query: Query<String>) -> Result<Query<UserField>, Refused> {
    let each = |all: Vec<Query<String>>| all.into_iter().map(translated).collect::<Result<Vec<_>, _>>();
    Ok(match query {
        Query::All => Query::All,
        Query::And(all) => Query::And(each(all)?),
        Query::Or(all) => Query::Or(each(all)?),
        Query::Not(one) => Query::Not(Box::new(translated(*one)?)),
        Query::Text(pattern) => {
            check(None, &pattern)?;
            Query::Text(pattern)
        }
        Query::Match { field: name, pattern } => {
            let field = field(&name)?;
            check(Some(&field), &pattern)?;
            match (field, pattern) {
                (Field::Ours(field), pattern) => Query::Match { field, pattern },
                (Field::IdentityId, Pattern::Exact(id)) => {
                    Query::Match { field: UserField::Id, pattern: Pattern::Exact(format!("{PROVIDER}|{id}")) }
                }
                (Field::Same(value), Pattern::Exact(wanted)) => all_or_none(value == wanted),
                (Field::Same(value), Pattern::Prefix(wanted)) => all_or_none(value.starts_with(&wanted)),
                (Field::IdentityId | Field::Same(_), _) => return Err(wrong(format!("{name} must be given whole"))),
            }
        }
        Query::Exists(name) => match field(&name)? {
            Field::Ours(field) => Query::Exists(field),
            Field::IdentityId | Field::Same(_) => all_or_none(true),
        },
        Query::Range { field: name, from, to } => match field(&name)? {
            field if is_about_people_s_own(&field) => return Err(wrong("user_metadata cannot be searched with ranges")),
            Field::Ours(field) => Query::Range { field, from, to },
            Field::IdentityId | Field::Same(_) => return Err(wrong(format!("{name} has no order"))),
        },
    })
}

/// Ids that are to be the same as somebody's.
fn ids<'q>(query: &'q mut Query<UserField>, out: &mut Vec<&'q mut String>) {
    match query {
        Query::And(all) | Query::Or(all) => all.iter_mut().for_each(|one| ids(one, out)),
        Query::Not(one) => ids(one, out),
        Query::Match { field: UserField::Id, pattern: Pattern::Exact(text) } => out.push(text),
        Query::All | Query::Match { .. } | Query::Exists(_) | Query::Range { .. } | Query::Text(_) => {}
    }
}

/// Reads `q`.
///
/// # Errors
/// 400.
pub async fn read(call: &Call, text: &str) -> Result<Query<UserField>, Refused> {
    let query = Lucene::default().parse(text).map_err(|error| wrong(error.to_string()))?;
    let mut query = translated(query)?;
    let mut named = Vec::new();
    ids(&mut query, &mut named);
    for id in named {
        // An id that follows from ours is found by ours; one that was brought along stands as it is.
        if let Some(user) = call.service().user_of_subject(&call.cx, Accent::Auth0, id).await? {
            *id = user.to_string();
        }
    }
    Ok(query)
}

/// Reads `sort`: `field:1` upwards, `field:-1` downwards.
///
/// # Errors
/// 400.
pub fn sort(text: &str) -> Result<(UserSort, Direction), Refused> {
    let wrong = |message: &str| Refused::query("sort", message);
    let (name, way) = text.split_once(':').ok_or_else(|| wrong("must be field:1 or field:-1"))?;
    let key = match name {
        "user_id" => UserSort::Id,
        "email" => UserSort::Email,
        "username" => UserSort::Username,
        "name" => UserSort::Name,
        "given_name" => UserSort::GivenName,
        "family_name" => UserSort::FamilyName,
        "created_at" => UserSort::CreatedAt,
        "updated_at" => UserSort::UpdatedAt,
        "last_login" => UserSort::LastSignInAt,
        "logins_count" => UserSort::SignInCount,
        _ => return Err(wrong("users cannot be sorted by this field")),
    };
    match way {
        "1" => Ok((key, Direction::Ascending)),
        "-1" => Ok((key, Direction::Descending)),
        _ => Err(wrong("must end with :1 or :-1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doorward_protocol::search::Bound;

    fn read(text: &str) -> Result<Query<UserField>, Refused> {
        translated(Lucene::default().parse(text).unwrap())
    }

    #[test]
    fn fields_have_their_names_here() {
        let exact = |field, text: &str| Query::Match { field, pattern: Pattern::Exact(text.into()) };
        assert_eq!(read("email:\"ada@example.com\"").unwrap(), exact(UserField::Email, "ada@example.com"));
        let metadata = UserField::Metadata { namespace: "app_metadata".into(), path: vec!["plan".into(), "name".into()] };
        assert_eq!(read("app_metadata.plan.name:gold").unwrap(), exact(metadata, "gold"));
        assert_eq!(read("identities.user_id:abc").unwrap(), exact(UserField::Id, "auth0|abc"));
        assert_eq!(read("identities.connection:\"Username-Password-Authentication\"").unwrap(), Query::And(Vec::new()));
        assert_eq!(read("identities.provider:google-oauth2").unwrap(), Query::Or(Vec::new()));
        let range =
            Query::Range { field: UserField::SignInCount, from: Bound::Inclusive("1".into()), to: Bound::Exclusive("9".into()) };
        assert_eq!(read("logins_count:[1 TO 9}").unwrap(), range);
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for text in [
            "shoe_size:9",
            "user_metadata:x",
            "app_metadata:x",
            "name:*da",
            "name:a*b",
            "user_metadata.colour:re*",
            "user_metadata.age:[1 TO 3]",
            "identities.connection:*word*",
            "NOT (shoe_size:9)",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for text in ["name:*ada", "name:a*", "app_metadata.plan:go*", "*lovelace*", "ada"] {
            assert!(read(text).is_ok(), "{text}");
        }
        assert!(sort("email").is_err() && sort("email:2").is_err() && sort("shoe_size:1").is_err());
        assert_eq!(sort("created_at:-1").unwrap(), (UserSort::CreatedAt, Direction::Descending));
    }
}
