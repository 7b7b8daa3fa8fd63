//! Users of a file.

use super::SeedUser;
use super::apply::Run;
use super::report::Outcome;
use crate::directory::{DirectoryError, NewIdentifier, NewUser, UserDocument};
use crate::{Cx, Error};
use doorward_protocol::admin::AdminRole;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{GroupId, UserId};
use doorward_store::users::Person;
use serde_json::{Map, Value, json};

impl Run<'_> {
    pub(super) async fn user(&mut self, cx: &Cx, path: &str, seed: &SeedUser) -> Result<(), Error> {
        let Some(password) = self.secret(path, "password", seed.password.as_ref()) else { return Ok(()) };
        let identifiers = identifiers(seed);
        let roles = self.role_ids(cx, path, &seed.roles).await?;
        let groups = self.group_ids(cx, path, &seed.groups).await?;
        let Some(first) = identifiers.first() else {
            self.report.problem(path, "email", "an e-mail address, a user name or a phone number must be given");
            return Ok(());
        };
        let key = match Identifier::of_kind(first.kind, &first.value) {
            Ok(key) => key,
            Err(error) => {
                self.report.problem(path, field(first.kind), error.to_string());
                return Ok(());
            }
        };
        let document = document(seed);
        let Some(known) = self.service.store.identifier(cx.tenant_id(), &key).await? else {
            let step = match crate::directory::read::<UserDocument>(document) {
                Ok(document) => {
                    let new = NewUser { document, identifiers, password, roles, groups, ..NewUser::default() };
                    self.service.create_user(cx, self.actor, new).await
                }
                Err(error) => Err(error),
            };
            if let Some(person) = self.report.take(path, step)? {
                self.report.count(Outcome::Created);
                self.administrator(cx, path, person.user.id, seed).await?;
            }
            return Ok(());
        };
        let id = known.user_id;
        let step = self.service.patch_user(cx, self.actor, id, &document).await;
        let Some(change) = self.report.take(path, step)? else { return Ok(()) };
        let mut changed = change.changed;
        if let Some(person) = self.service.store.person(cx.tenant_id(), id).await? {
            for one in &identifiers {
                let step = self.identifier(cx, &person, one).await;
                changed |= self.report.take(path, step)?.unwrap_or_default();
            }
        }
        if let Some(plain) = password
            && self.service.store.password(cx.tenant_id(), id).await?.is_none()
        {
            let step = self.service.set_user_password(cx, self.actor, id, &plain).await;
            changed |= self.report.take(path, step)?.is_some();
        }
        if !roles.is_empty() {
            let step = self.service.put_user_roles(cx, self.actor, id, &roles, false).await;
            changed |= self.report.take(path, step)?.unwrap_or_default();
        }
        for group in groups {
            let step = self.service.add_group_members(cx, self.actor, group, &[id]).await;
            changed |= self.report.take(path, step)?.unwrap_or_default();
        }
        changed |= self.administrator(cx, path, id, seed).await?;
        self.report.count(Outcome::changed_if(changed));
        Ok(())
    }

    /// Gives the user the place in the console that the file says, if it says one.
    async fn administrator(&mut self, cx: &Cx, path: &str, user: UserId, seed: &SeedUser) -> Result<bool, Error> {
        let Some(word) = &seed.admin_role else { return Ok(false) };
        let Some(role) = AdminRole::parse(word) else {
            self.report.problem(path, "admin_role", "must be owner, admin, support or viewer");
            return Ok(false);
        };
        let step = self.service.put_administrator(cx, self.actor, user, role).await;
        Ok(self.report.take(path, step)?.unwrap_or_default())
    }

    /// Adds an identifier that is missing, and marks as proven what the file says is.
    async fn identifier(&self, cx: &Cx, person: &Person, new: &NewIdentifier) -> Result<bool, DirectoryError> {
        let wanted =
            Identifier::of_kind(new.kind, &new.value).map_err(|e| DirectoryError::invalid(field(new.kind), e.to_string()))?;
        let have = person.identifiers.iter().find(|i| i.kind == new.kind.as_str() && i.normal == wanted.normal);
        match have {
            None => self.service.add_identifier(cx, self.actor, person.user.id, new, false).await.map(|_| true),
            Some(have) if new.verified && have.verified_at.is_none() => {
                let user = person.user.id;
                self.service.change_identifier(cx, self.actor, user, have.id, Some(true), false).await.map(|_| true)
            }
            Some(_) => Ok(false),
        }
    }

    async fn group_ids(&mut self, cx: &Cx, path: &str, names: &[String]) -> Result<Vec<GroupId>, Error> {
        let mut out = Vec::new();
        for (n, name) in names.iter().enumerate() {
            match self.service.store.group_by_name(cx.tenant_id(), name).await? {
                Some(group) => out.push(group.id),
                None => self.report.problem(path, &format!("groups[{n}]"), "no such group"),
            }
        }
        Ok(out)
    }
}

fn field(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Email => "email",
        IdentifierKind::Username => "username",
        IdentifierKind::Phone => "phone_number",
    }
}

fn identifiers(seed: &SeedUser) -> Vec<NewIdentifier> {
    let one = |kind, value: &Option<String>, verified| {
        value.as_ref().map(|value| NewIdentifier { kind, value: value.clone(), verified })
    };
    [
        one(IdentifierKind::Email, &seed.email, seed.email_verified),
        one(IdentifierKind::Username, &seed.username, true),
        one(IdentifierKind::Phone, &seed.phone_number, seed.phone_number_verified),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn document(seed: &SeedUser) -> Value {
    let mut profile = seed.profile.clone();
    for (key, value) in [("given_name", &seed.given_name), ("family_name", &seed.family_name)] {
        if let Some(value) = value {
            profile.insert(key.into(), value.as_str().into());
        }
    }
    let mut document = Map::new();
    if let Some(name) = &seed.name {
        document.insert("name".into(), name.as_str().into());
    }
    document.insert("profile".into(), json!(profile));
    Value::Object(document)
}
