//! Users are checked, looked up and written, some hundreds at a time.

use super::row::{ImportPassword, ImportUser, Parsed};
use super::{BATCH, ImportOptions, ImportOutcome, ImportSummary, MOST_USERS};
use crate::audit::Event;
use crate::boxed;
use crate::directory::field::{FieldProblem, Problems};
use crate::directory::identifiers::identifier_row;
use crate::directory::{DirectoryError, revised_at};
use crate::password::foreign::ForeignHash;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_store::Json;
use doorward_store::conditions::{ConditionRow, put_conditions};
use doorward_store::directory::{GroupMemberRow, MembershipRow, UserRoleRow, put, put_alias, put_metadata};
use doorward_store::engine::{Batch, Statement, StoreError};
use doorward_store::users::{self, IdentifierRow, PasswordRow, Person, UserRow, put_password};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Passwords hashed at once: an import must not take the whole pool.
const HASHES_AT_ONCE: usize = 2;

/// What was looked up once and is asked for by many rows.
#[derive(Default)]
pub(super) struct Known {
    things: HashMap<(&'static str, Uuid), bool>,
}

/// A row on its way: what it will be, and what makes it so.
struct Prepared {
    outcome: ImportOutcome,
    statements: Vec<Statement>,
}

/// What a note beside the users of a batch is made from.
pub(super) type Note<'a> = &'a (dyn Fn(&[ImportOutcome]) -> Vec<Statement> + Send + Sync);

impl Service {
    /// Imports users and tells of each what became of it, in order.
    ///
    /// # Errors
    /// When there are too many, or something inside fails; what was written until then stays.
    #[boxed]
    pub async fn import_users(
        &self,
        cx: &Cx,
        actor: &str,
        users: &[ImportUser],
        options: ImportOptions,
    ) -> Result<Vec<ImportOutcome>, DirectoryError> {
        if users.len() > MOST_USERS {
            return Err(DirectoryError::invalid("users", format!("must have at most {MOST_USERS} entries")));
        }
        let mut known = Known::default();
        let mut out = Vec::with_capacity(users.len());
        let size = if options.all_or_nothing { users.len().max(1) } else { BATCH };
        for part in users.chunks(size) {
            out.extend(self.import_batch(cx, actor, part, options, &mut known, &|_| Vec::new()).await?);
        }
        Ok(out)
    }

    /// One transaction; when a row meets one that was written in the same moment, each row is one of its own.
    pub(super) async fn import_batch(
        &self,
        cx: &Cx,
        actor: &str,
        users: &[ImportUser],
        options: ImportOptions,
        known: &mut Known,
        note: Note<'_>,
    ) -> Result<Vec<ImportOutcome>, DirectoryError> {
        let prepared = self.prepare(cx, actor, users, options, known).await?;
        let refused = prepared.iter().any(|one| matches!(one.outcome, ImportOutcome::Refused(_)));
        if options.all_or_nothing && refused {
            let other = || ImportOutcome::Refused(problem("", "another user of this import was refused"));
            let each = prepared.into_iter().map(|one| match one.outcome {
                refused @ ImportOutcome::Refused(_) => refused,
                ImportOutcome::Inserted(_) | ImportOutcome::Updated(_) => other(),
            });
            let outcomes: Vec<ImportOutcome> = each.collect();
            self.note_only(note, &outcomes).await?;
            return Ok(outcomes);
        }
        let (outcomes, statements): (Vec<_>, Vec<_>) = prepared.into_iter().map(|p| (p.outcome, p.statements)).unzip();
        let mut batch = Batch::new();
        for one in statements.into_iter().flatten() {
            batch.push(one);
        }
        if !batch.is_empty() {
            let summary = ImportSummary::of(&outcomes);
            let event = Event::new("users.imported")
                .actor(actor)
                .with("inserted", summary.inserted)
                .with("updated", summary.updated)
                .with("refused", summary.failed);
            batch.push(event.statement(cx));
        }
        for one in note(&outcomes) {
            batch.push(one);
        }
        match self.store.commit(batch).await {
            Ok(_) => Ok(outcomes),
            Err(error) if is_meeting(&error) && users.len() > 1 && !options.all_or_nothing => {
                let mut each = Vec::with_capacity(users.len());
                for one in users.chunks(1) {
                    each.extend(Box::pin(self.import_batch(cx, actor, one, options, known, &|_| Vec::new())).await?);
                }
                self.note_only(note, &each).await?;
                Ok(each)
            }
            Err(error) if is_meeting(&error) => {
                let taken = ImportOutcome::Refused(problem("", "another user with this id or identifier was made meanwhile"));
                let outcomes = vec![taken; users.len()];
                self.note_only(note, &outcomes).await?;
                Ok(outcomes)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn note_only(&self, note: Note<'_>, outcomes: &[ImportOutcome]) -> Result<(), Error> {
        let mut batch = Batch::new();
        for one in note(outcomes) {
            batch.push(one);
        }
        if !batch.is_empty() {
            self.store.commit(batch).await?;
        }
        Ok(())
    }

    async fn prepare(
        &self,
        cx: &Cx,
        actor: &str,
        users: &[ImportUser],
        options: ImportOptions,
        known: &mut Known,
    ) -> Result<Vec<Prepared>, DirectoryError> {
        let tenant = cx.tenant_id();
        let mut rows = Vec::with_capacity(users.len());
        for user in users {
            let mut problems = Problems::default();
            let parsed = user.parse(&mut problems);
            self.check_links(cx, user, &mut problems, known).await?;
            rows.push((user, parsed, problems));
        }
        let named: Vec<&Identifier> = rows.iter().flat_map(|(_, p, _)| p.identifiers.iter().map(|(i, _)| i)).collect();
        let owners: HashMap<(String, String), UserId> =
            self.store.owners_of(tenant, &named).await?.into_iter().map(|r| ((r.kind, r.normal), r.user_id)).collect();
        let ids: Vec<Uuid> = users.iter().filter_map(|u| u.id.map(|id| id.0)).collect();
        let ids: HashSet<Uuid> = self.store.users_named(&ids).await?.into_iter().collect();
        let outward: Vec<(&str, &str)> =
            users.iter().flat_map(|u| u.aliases.iter().map(|(n, o)| (n.as_str(), o.as_str()))).collect();
        let aliases: HashMap<(String, String), Uuid> = self.store.aliases_named(tenant, &outward).await?.into_iter().collect();
        let mut hashes = self.hash_all(&rows).await?;
        let mut seen = HashSet::new();
        let mut out = Vec::with_capacity(users.len());
        for (n, (user, parsed, mut problems)) in rows.into_iter().enumerate() {
            let mut claim = |problems: &mut Problems, field: &str, key: String| {
                problems.must(seen.insert(key), field, "stands twice in this import");
            };
            for (identifier, _) in &parsed.identifiers {
                claim(&mut problems, identifier.kind.as_str(), format!("{} {}", identifier.kind.as_str(), identifier.normal));
            }
            if let Some(id) = user.id {
                claim(&mut problems, "id", format!("id {id}"));
            }
            let mut owner: Option<UserId> = None;
            for (identifier, _) in &parsed.identifiers {
                let found = owners.get(&(identifier.kind.as_str().to_owned(), identifier.normal.clone()));
                if options.by_email && identifier.kind != IdentifierKind::Email {
                    // Whoever has it is somebody else, unless the address says that it is them.
                    let email = parsed.identifiers.iter().find(|(i, _)| i.kind == IdentifierKind::Email);
                    let theirs = email.and_then(|(i, _)| owners.get(&("email".to_owned(), i.normal.clone())));
                    let free = found.is_none() || theirs.is_some();
                    problems.must(free, identifier.kind.as_str(), "a user with this identifier exists");
                    continue;
                }
                if let Some(found) = found {
                    let same = owner.is_none_or(|known| known == *found);
                    problems.must(same, identifier.kind.as_str(), "belongs to another user");
                    problems.must(options.upsert, identifier.kind.as_str(), "a user with this identifier exists");
                    owner = owner.or(Some(*found));
                }
            }
            if let Some(id) = user.id {
                let taken = ids.contains(&id.0) && owner != Some(id);
                problems.must(!taken, "id", "a user with this id exists");
            }
            let known = owner.is_some() && options.by_email;
            for (namespace, outward) in user.aliases.iter().filter(|_| !known) {
                claim(&mut problems, "aliases", format!("alias {namespace} {outward}"));
                let holder = aliases.get(&(namespace.clone(), outward.clone()));
                problems.must(holder.is_none_or(|h| owner.is_some_and(|o| o.0 == *h)), "aliases", "is the id of another user");
            }
            if let Err(DirectoryError::Invalid(refused)) = problems.finish() {
                out.push(Prepared { outcome: ImportOutcome::Refused(refused), statements: Vec::new() });
                continue;
            }
            let hash = parsed.hash.clone().or_else(|| hashes.remove(&n));
            out.push(match owner {
                None => self.inserting(cx, actor, user, &parsed, hash),
                Some(id) => self.updating(cx, actor, id, user, &parsed, hash, &aliases, options).await?,
            });
        }
        Ok(out)
    }

    async fn hash_all(&self, rows: &[(&ImportUser, Parsed, Problems)]) -> Result<HashMap<usize, String>, Error> {
        let mut plain: Vec<(usize, String)> = Vec::new();
        for (n, (user, _, problems)) in rows.iter().enumerate() {
            if let Some(ImportPassword::Plain(text)) = &user.password
                && problems.is_empty()
            {
                plain.push((n, text.clone()));
            }
        }
        let mut out = HashMap::new();
        for part in plain.chunks(HASHES_AT_ONCE) {
            let mut working = tokio::task::JoinSet::new();
            for (n, text) in part.iter().cloned() {
                let service = self.clone();
                working.spawn(async move { (n, service.hash_password(&text).await) });
            }
            while let Some(done) = working.join_next().await {
                let (n, hash) = done.map_err(Error::internal)?;
                out.insert(n, hash?);
            }
        }
        Ok(out)
    }

    async fn check_links(&self, cx: &Cx, user: &ImportUser, problems: &mut Problems, known: &mut Known) -> Result<(), Error> {
        let tenant = cx.tenant_id();
        for role in user.role_ids.iter().take(500) {
            let there = match known.things.get(&("role", role.0)) {
                Some(there) => *there,
                None => self.store.role(tenant, *role).await?.is_some(),
            };
            known.things.insert(("role", role.0), there);
            problems.must(there, "role_ids", "no such role");
        }
        for group in user.group_ids.iter().take(500) {
            let there = match known.things.get(&("group", group.0)) {
                Some(there) => *there,
                None => self.store.group(tenant, *group).await?.is_some(),
            };
            known.things.insert(("group", group.0), there);
            problems.must(there, "group_ids", "no such group");
        }
        for membership in user.memberships.iter().take(200) {
            let id = membership.application_id;
            let there = match known.things.get(&("application", id.0)) {
                Some(there) => *there,
                None => self.application_by_id(tenant, id).await?.is_some(),
            };
            known.things.insert(("application", id.0), there);
            problems.must(there, "memberships", "no such application");
        }
        Ok(())
    }

    fn inserting(&self, cx: &Cx, actor: &str, new: &ImportUser, parsed: &Parsed, hash: Option<String>) -> Prepared {
        let tenant_id = cx.tenant_id();
        let id = new.id.unwrap_or_else(|| UserId(new_id(cx.now)));
        let created_at = new.created_at.filter(|at| *at <= cx.now).unwrap_or(cx.now);
        let user = UserRow {
            id,
            tenant_id,
            status: if new.blocked { users::BLOCKED } else { users::ACTIVE }.into(),
            name: new.name.clone(),
            profile: Json(new.profile.clone()),
            passkey_declined_at: None,
            last_sign_in_at: None,
            sign_in_count: 0,
            created_at,
            updated_at: cx.now,
        };
        let mut statements = vec![user.insert()];
        for (identifier, verified) in &parsed.identifiers {
            statements.push(identifier_row(cx, id, identifier.clone(), verified.unwrap_or(false), true).insert());
        }
        for (namespace, outward) in &new.aliases {
            statements.push(put_alias(tenant_id, namespace, outward, id.0));
        }
        if let Some(hash) = hash {
            statements.push(PasswordRow { user_id: id, tenant_id, hash, changed_at: created_at }.insert());
        }
        if new.expires_at.is_some() || new.change_password.is_some() {
            statements.push(put_conditions(&ConditionRow {
                user_id: id,
                tenant_id,
                expires_at: new.expires_at,
                change_password: new.change_password.clone(),
                suspended_until: None,
            }));
        }
        for totp in &parsed.totp {
            let mut row = self.totp_row(cx, id, totp.clone());
            row.confirmed_at = Some(cx.now);
            statements.push(row.insert());
        }
        statements.extend(links(cx, id, new));
        statements.push(Event::new("user.imported").user(id).actor(actor).statement(cx));
        Prepared { outcome: ImportOutcome::Inserted(id), statements }
    }

    /// Somebody who is there: names, what is proven, metadata, roles and memberships are taken; identifiers that are new are
    /// added; a hash only while nobody has signed in with the old one. Whether they may sign in is not for an import to say.
    async fn updating(
        &self,
        cx: &Cx,
        actor: &str,
        id: UserId,
        new: &ImportUser,
        parsed: &Parsed,
        hash: Option<String>,
        aliases: &HashMap<(String, String), Uuid>,
        options: ImportOptions,
    ) -> Result<Prepared, DirectoryError> {
        let tenant_id = cx.tenant_id();
        let Some(Person { mut user, identifiers }) = self.store.person(tenant_id, id).await? else {
            let gone = ImportOutcome::Refused(problem("", "the user was deleted meanwhile"));
            return Ok(Prepared { outcome: gone, statements: Vec::new() });
        };
        if let Err(error) = self.may_change_account(cx, actor, id, "import").await {
            let DirectoryError::Administrator { .. } = error else { return Err(error) };
            let refused = ImportOutcome::Refused(problem("", &error.to_string()));
            return Ok(Prepared { outcome: refused, statements: Vec::new() });
        }
        let mut statements = Vec::new();
        let mut profile = json!(user.profile.0);
        if let (Some(into), serde_json::Value::Object(given)) = (profile.as_object_mut(), json!(new.profile)) {
            into.extend(given);
        }
        user.profile = Json(serde_json::from_value(profile).map_err(Error::internal)?);
        user.name = new.name.clone().or(user.name);
        user.updated_at = revised_at(user.updated_at, cx.now);
        statements.push(users::update_profile(&user));
        for (identifier, verified) in &parsed.identifiers {
            let kind = identifier.kind.as_str();
            let have = identifiers.iter().find(|i| i.kind == kind && i.normal == identifier.normal);
            match have {
                None if options.by_email => {}
                None => {
                    let first = !identifiers.iter().any(|i| i.kind == kind);
                    statements.push(identifier_row(cx, id, identifier.clone(), verified.unwrap_or(false), first).insert());
                }
                Some(have) if verified.is_some_and(|v| v != have.verified_at.is_some()) && kind != "username" => {
                    let verified_at = (*verified == Some(true)).then_some(cx.now);
                    statements.push(IdentifierRow { verified_at, ..have.clone() }.update());
                }
                Some(_) => {}
            }
        }
        for (namespace, outward) in new.aliases.iter().filter(|_| !options.by_email) {
            if !aliases.contains_key(&(namespace.clone(), outward.clone())) {
                statements.push(put_alias(tenant_id, namespace, outward, id.0));
            }
        }
        if let Some(hash) = hash {
            let stored = self.store.password(tenant_id, id).await?;
            if stored.is_none_or(|row| ForeignHash::of_stored(&row.hash).is_some()) {
                statements.push(put_password(&PasswordRow { user_id: id, tenant_id, hash, changed_at: cx.now }));
            }
        }
        statements.extend(links(cx, id, new));
        statements.push(Event::new("user.imported").user(id).actor(actor).with("updated", true).statement(cx));
        Ok(Prepared { outcome: ImportOutcome::Updated(id), statements })
    }
}

fn links(cx: &Cx, user_id: UserId, new: &ImportUser) -> Vec<Statement> {
    let tenant_id = cx.tenant_id();
    let mut out = Vec::new();
    for (namespace, values) in &new.metadata {
        for (key, value) in values {
            out.push(put_metadata(tenant_id, namespace, user_id.0, key, value));
        }
    }
    for role_id in &new.role_ids {
        out.push(put(UserRoleRow { tenant_id, user_id, role_id: *role_id }.insert()));
    }
    for group_id in &new.group_ids {
        out.push(put(GroupMemberRow { tenant_id, group_id: *group_id, user_id, created_at: cx.now }.insert()));
    }
    for membership in &new.memberships {
        let data = if membership.data.is_null() { json!({}) } else { membership.data.clone() };
        let row = MembershipRow {
            tenant_id,
            user_id,
            application_id: membership.application_id,
            data: Json(data),
            created_at: cx.now,
            updated_at: cx.now,
        };
        out.push(put(row.insert()));
    }
    out
}

/// Somebody else wrote the same id or identifier in the same moment.
fn is_meeting(error: &StoreError) -> bool {
    ["account", "identifier", "alias", "password"].into_iter().any(|table| error.is_unique(table))
        || error.is_guard("account.gone")
}

fn problem(field: &str, message: &str) -> Vec<FieldProblem> {
    vec![FieldProblem { field: field.into(), message: message.into() }]
}
