//! A user as they come in.

use crate::directory::field::{Problems, has_nul};
use crate::directory::users::{UserDocument, check_outward};
use crate::factor::{NewTotp, TotpAlgorithm, secret_of_base32};
use crate::password::foreign::ForeignHash;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{ApplicationId, GroupId, RoleId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::signin::ChangeReason;
use doorward_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A user to be imported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportUser {
    /// The id to keep, where it is a UUID; a new one otherwise.
    pub id: Option<UserId>,
    /// Outward ids by namespace: what applications call the user.
    pub aliases: BTreeMap<String, String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether it counts as proven; of a user who is there, nothing said changes nothing.
    pub email_verified: Option<bool>,
    /// User name.
    pub username: Option<String>,
    /// Phone number in E.164 form.
    pub phone_number: Option<String>,
    /// Whether it counts as proven.
    pub phone_number_verified: bool,
    /// Full name.
    pub name: Option<String>,
    /// Everything else that OpenID Connect has a name for.
    pub profile: Profile,
    /// Values by namespace and key.
    pub metadata: BTreeMap<String, BTreeMap<String, Value>>,
    /// The password, or a hash of it.
    pub password: Option<ImportPassword>,
    /// Whether the user may not sign in.
    pub blocked: bool,
    /// From then on nobody signs in, in milliseconds since 1970.
    pub expires_at: Option<Timestamp>,
    /// Why the password must be changed at the next sign-in: `administrator`, `expired`, `breached` or `policy`.
    pub change_password: Option<String>,
    /// One-time password generators.
    pub totp: Vec<ImportTotp>,
    /// Roles.
    pub role_ids: Vec<RoleId>,
    /// Groups.
    pub group_ids: Vec<GroupId>,
    /// Memberships of applications.
    pub memberships: Vec<ImportMembership>,
    /// When the user was made elsewhere, in milliseconds since 1970.
    pub created_at: Option<Timestamp>,
}

/// A password that comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportPassword {
    /// As it was typed; hashed on the way in.
    Plain(String),
    /// A hash in a form that names its scheme: `$2b$…`, `$argon2id$…`, `$pbkdf2-sha256$…`, `{SSHA}…`.
    Modular(String),
    /// A hash with its parameters.
    Hash(ForeignHash),
}

/// A one-time password generator that comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportTotp {
    /// The secret in Base32.
    pub secret: String,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Hash of its codes.
    #[serde(default)]
    pub algorithm: TotpAlgorithm,
    /// Digits of a code.
    #[serde(default = "six")]
    pub digits: u8,
    /// Seconds of a time step.
    #[serde(default = "thirty")]
    pub period: u64,
}

fn six() -> u8 {
    6
}

fn thirty() -> u64 {
    30
}

/// A membership of an application that comes in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportMembership {
    /// The application.
    pub application_id: ApplicationId,
    /// Whatever the application keeps there.
    #[serde(default)]
    pub data: Value,
}

/// What stands in a row, parsed.
pub(super) struct Parsed {
    pub(super) identifiers: Vec<(Identifier, Option<bool>)>,
    pub(super) totp: Vec<NewTotp>,
    /// What is stored of a hash; a plain password is hashed later.
    pub(super) hash: Option<String>,
}

impl ImportUser {
    /// Whom a report names.
    pub fn label(&self) -> String {
        let any = self.email.as_ref().or(self.username.as_ref()).or(self.phone_number.as_ref());
        any.cloned().or_else(|| self.id.map(|id| id.to_string())).unwrap_or_default()
    }

    pub(super) fn document(&self) -> UserDocument {
        UserDocument { name: self.name.clone(), profile: self.profile.clone() }
    }

    pub(super) fn parse(&self, problems: &mut Problems) -> Parsed {
        self.document().check(problems);
        let mut identifiers = Vec::new();
        for (field, kind, value, verified) in [
            ("email", IdentifierKind::Email, &self.email, self.email_verified),
            ("username", IdentifierKind::Username, &self.username, Some(true)),
            ("phone_number", IdentifierKind::Phone, &self.phone_number, Some(self.phone_number_verified)),
        ] {
            match value.as_deref().map(|value| Identifier::of_kind(kind, value)) {
                None => {}
                Some(Ok(identifier)) => identifiers.push((identifier, verified)),
                Some(Err(error)) => problems.add(field, error.to_string()),
            }
        }
        let given = self.email.is_some() || self.username.is_some() || self.phone_number.is_some();
        problems.must(given, "email", "an e-mail address, a user name or a phone number must be given");
        check_outward(problems, &self.aliases, &self.metadata);
        problems.must(self.role_ids.len() <= 500, "role_ids", "must have at most 500 entries");
        problems.must(self.group_ids.len() <= 500, "group_ids", "must have at most 500 entries");
        problems.must(self.memberships.len() <= 200, "memberships", "must have at most 200 entries");
        let known = self.change_password.as_deref().is_none_or(|why| ChangeReason::parse(why).as_str() == why);
        problems.must(known, "change_password", "must be administrator, expired, breached or policy");
        for (n, one) in self.memberships.iter().enumerate() {
            problems.must(!has_nul(&one.data), &format!("memberships[{n}].data"), "must not contain the character NUL");
        }
        problems.must(self.totp.len() <= 10, "totp", "must have at most 10 entries");
        let mut totp = Vec::new();
        for (n, one) in self.totp.iter().enumerate() {
            let secret = secret_of_base32(&one.secret);
            let new = NewTotp {
                secret: secret.clone(),
                name: one.name.clone(),
                algorithm: one.algorithm,
                digits: one.digits,
                period: one.period,
            };
            match new.check() {
                Ok(()) if secret.is_some() => totp.push(new),
                Ok(()) => problems.add(format!("totp[{n}].secret"), "must be Base32 of 10 to 128 bytes"),
                Err(error) => problems.add(format!("totp[{n}]"), error.to_string()),
            }
        }
        let hash = match &self.password {
            None | Some(ImportPassword::Plain(_)) => None,
            Some(ImportPassword::Modular(text)) => hash_of(problems, ForeignHash::modular(text).and_then(|hash| hash.stored())),
            Some(ImportPassword::Hash(hash)) => hash_of(problems, hash.stored()),
        };
        if let Some(ImportPassword::Plain(plain)) = &self.password {
            problems.must((1..=256).contains(&plain.len()), "password", "must have 1 to 256 bytes");
        }
        Parsed { identifiers, totp, hash }
    }
}

fn hash_of(problems: &mut Problems, stored: Result<String, crate::password::foreign::ForeignHashError>) -> Option<String> {
    match stored {
        Ok(stored) => Some(stored),
        Err(error) => {
            problems.add("password", error.to_string());
            None
        }
    }
}
