//! Sign-up: the form, and the account that comes of it.

use super::code::{NewCode, locale_of};
use super::{FieldIssue, Problem, Turn};
use crate::audit::{Event, count};
use crate::secrets::new_id;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::{IdentifierId, PasskeyId, UserId};
use doorward_protocol::oidc::claims::Profile;
use doorward_protocol::session::{Method, Proof};
use doorward_protocol::signin::{CodePurpose, Purpose, SignIn};
use doorward_store::engine::Batch;
use doorward_store::passkeys::PasskeyRow;
use doorward_store::sessions::SessionRow;
use doorward_store::users::{self, IdentifierRow, PasswordRow, UserRow};
use doorward_store::{Json, directory};

/// Longest name, in characters.
const LONGEST_NAME: usize = 200;

impl Service {
    pub(crate) async fn take_sign_up(
        &self,
        cx: &Cx,
        mut state: SignIn,
        name: String,
        identifier: String,
        password: Option<String>,
    ) -> Result<Turn, Error> {
        if state.purpose != Purpose::SignUp {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        }
        let policy = cx.policy();
        let name = clean_name(&name);
        // What was typed is kept, so that the form can be shown again with it.
        state.name = (!name.is_empty()).then_some(name.clone());
        state.login_hint = Some(identifier.chars().take(254).collect());
        state.identifier = None;
        if name.is_empty() && policy.sign_up.name_required {
            return Ok(Turn::problem(state, Problem::NameMissing));
        }
        let identifier = match Identifier::email(&identifier) {
            Ok(identifier) => identifier,
            Err(error) => return Ok(Turn::problem(state, Problem::Identifier(error))),
        };
        let password = password.filter(|p| policy.password.enabled && !p.is_empty());
        if let Some(password) = &password {
            let about = [identifier.normal.as_str(), name.as_str(), cx.tenant.row.name.as_str()];
            if let Err(problem) = crate::password::check(password, &policy.password, &about) {
                return Ok(Turn::problem(state, Problem::Password(problem)));
            }
        }
        if policy.reveal_accounts && self.store.identifier(cx.tenant_id(), &identifier).await?.is_some() {
            return Ok(Turn::problem(state, Problem::AccountTaken));
        }
        state.password_hash = match password {
            Some(password) => Some(self.hash_password(&password).await?),
            None => None,
        };
        state.identifier = Some(identifier);
        state.new_user = Some(UserId(new_id(cx.now)));
        state.code_challenge = None;
        state.proven_address = None;
        state.passkey = None;
        self.arrive_at_code(cx, state).await
    }

    /// A form that asks for every identifier of the policy; everything that is wrong is said at once.
    pub(crate) async fn take_registration_form(
        &self,
        cx: &Cx,
        mut state: SignIn,
        name: String,
        given: &[(IdentifierKind, String)],
    ) -> Result<Turn, Error> {
        if state.purpose != Purpose::SignUp || state.user.is_some() {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        }
        let policy = &cx.policy().sign_up;
        let name = clean_name(&name);
        let name_missing = name.is_empty() && policy.name_required;
        state.name = (!name.is_empty()).then_some(name);
        let (mut found, mut issues) = (Vec::new(), Vec::new());
        for kind in policy.identifiers.iter().copied().filter(|kind| *kind != IdentifierKind::Phone) {
            let text = given.iter().find(|(k, _)| *k == kind).map(|(_, text)| text.as_str()).unwrap_or_default();
            match self.free_identifier(cx, kind, text).await? {
                Ok(identifier) => found.push(identifier),
                Err(issue) => issues.push((kind, issue)),
            }
        }
        state.identifier = None;
        state.more_identifiers.clear();
        if name_missing || !issues.is_empty() || found.is_empty() {
            return Ok(Turn::problem(state, Problem::Fields { name_missing, identifiers: issues }));
        }
        // The mailbox leads: it is what can be proven, and the way back in.
        found.sort_by_key(|i| i.kind != IdentifierKind::Email);
        let mut found = found.into_iter();
        state.identifier = found.next();
        state.more_identifiers = found.collect();
        state.new_user = Some(UserId(new_id(cx.now)));
        state.code_challenge = None;
        state.proven_address = None;
        state.passkey = None;
        state.passkey_declined = false;
        self.arrive_at_code(cx, state).await
    }

    /// An identifier that was mistyped at sign-up is corrected; a passkey made meanwhile stays.
    pub(crate) async fn take_changed_identifier(
        &self,
        cx: &Cx,
        mut state: SignIn,
        kind: IdentifierKind,
        text: &str,
    ) -> Result<Turn, Error> {
        let changeable = state.purpose == Purpose::SignUp && state.user.is_none() && state.identifier.is_some();
        let holds = |state: &SignIn| state.identifier.iter().chain(&state.more_identifiers).any(|i| i.kind == kind);
        if !changeable || !holds(&state) {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        }
        let identifier = match self.free_identifier(cx, kind, text).await? {
            Ok(identifier) => identifier,
            Err(issue) => {
                let identifiers = vec![(kind, issue)];
                return Ok(Turn::problem(state, Problem::Fields { name_missing: false, identifiers }));
            }
        };
        for one in state.identifier.iter_mut().chain(&mut state.more_identifiers).filter(|i| i.kind == kind) {
            *one = identifier.clone();
        }
        if kind == IdentifierKind::Email {
            state.code_challenge = None;
            state.proven_address = None;
        }
        self.arrive_at_code(cx, state).await
    }

    /// Reads an identifier for a new account.
    async fn free_identifier(&self, cx: &Cx, kind: IdentifierKind, text: &str) -> Result<Result<Identifier, FieldIssue>, Error> {
        if text.trim().is_empty() {
            return Ok(Err(FieldIssue::Missing));
        }
        let Ok(identifier) = Identifier::of_kind(kind, text) else { return Ok(Err(FieldIssue::Invalid)) };
        let policy = cx.policy();
        let length = u32::try_from(identifier.value.chars().count()).unwrap_or(u32::MAX);
        let fits = (policy.sign_up.username_min_length..=policy.sign_up.username_max_length).contains(&length);
        if kind == IdentifierKind::Username && !fits {
            return Ok(Err(FieldIssue::Invalid));
        }
        let reveal = policy.reveal_accounts || kind != IdentifierKind::Email;
        if reveal && self.store.identifier(cx.tenant_id(), &identifier).await?.is_some() {
            return Ok(Err(FieldIssue::Taken));
        }
        Ok(Ok(identifier))
    }

    pub(crate) async fn take_profile(&self, cx: &Cx, state: SignIn, name: &str) -> Result<Turn, Error> {
        let name = clean_name(name);
        if name.is_empty() {
            return Ok(Turn::problem(state, Problem::NameMissing));
        }
        let Some(user) = state.user.filter(|_| state.is_authenticated()) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        let Some(mut row) = self.store.user(cx.tenant_id(), user).await? else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        row.name = Some(name);
        row.updated_at = cx.now;
        self.store.commit(Batch::new().with(row.update()).with(Event::new("profile.changed").user(user).statement(cx))).await?;
        Ok(Turn::of(state))
    }

    /// Makes the account: user, address, credential, session and audit in one transaction.
    pub(crate) async fn create_account(&self, cx: &Cx, mut state: SignIn, session: Option<&SessionRow>) -> Result<Turn, Error> {
        let tenant = cx.tenant_id();
        let (Some(identifier), Some(user)) = (state.identifier.clone(), state.new_user) else {
            return Err(Error::internal("an account without address or id"));
        };
        let mut batch = Batch::new();
        let row = UserRow {
            id: user,
            tenant_id: tenant,
            status: users::ACTIVE.into(),
            name: state.name.clone(),
            profile: Json(Profile { locale: Some(cx.client.locale.clone()).filter(|l| !l.is_empty()), ..Default::default() }),
            // To decline while signing up is to put it off; the offer is made again at the next sign-in.
            passkey_declined_at: None,
            last_sign_in_at: Some(cx.now),
            sign_in_count: 1,
            created_at: cx.now,
            updated_at: cx.now,
        };
        batch.push(row.insert());
        for one in std::iter::once(&identifier).chain(&state.more_identifiers) {
            let proven = match one.kind {
                IdentifierKind::Email => state.has_proven(one),
                // A user name has nothing to prove: whoever has it, has it.
                IdentifierKind::Username => true,
                IdentifierKind::Phone => false,
            };
            let row = IdentifierRow {
                id: IdentifierId(new_id(cx.now)),
                tenant_id: tenant,
                user_id: user,
                kind: one.kind.as_str().into(),
                value: one.value.clone(),
                normal: one.normal.clone(),
                verified_at: proven.then_some(cx.now),
                is_primary: true,
                created_at: cx.now,
            };
            batch.push(row.insert());
        }
        let mut given = proof(cx, Method::EmailCode);
        if let Some(hash) = state.password_hash.take() {
            batch.push(users::put_password(&PasswordRow { user_id: user, tenant_id: tenant, hash, changed_at: cx.now }));
            given = proof(cx, Method::Password);
        }
        if let Some(passkey) = state.passkey.take() {
            given = Proof {
                method: Method::Passkey,
                at: cx.now,
                user_verified: passkey.user_verified,
                device_bound: !passkey.backup_eligible,
            };
            let name = super::passkey::passkey_name(passkey.aaguid, &cx.client.user_agent);
            let row = PasskeyRow {
                id: PasskeyId(new_id(cx.now)),
                tenant_id: tenant,
                user_id: user,
                credential_id: passkey.credential_id,
                user_handle: user.0.as_bytes().to_vec(),
                public_key: passkey.public_key,
                rp_id: passkey.rp_id,
                sign_count: i64::from(passkey.sign_count),
                backup_eligible: passkey.backup_eligible,
                backup_state: passkey.backup_state,
                aaguid: passkey.aaguid,
                transports: Json(passkey.transports),
                attestation_format: passkey.attestation_format,
                name,
                created_at: cx.now,
                last_used_at: None,
                created_on: crate::account::device_name(&cx.client.user_agent),
            };
            batch.push(row.insert());
            batch.push(count(cx, "passkey.created"));
            if let Some(device) = state.device.as_deref().filter(|_| passkey.attachment.as_deref() == Some("platform")) {
                batch.push(doorward_store::passkeys::note_device(tenant, row.id, device, cx.now));
            }
            batch.push(
                Event::new("passkey.created")
                    .user(user)
                    .with("passkey", row.id.to_string())
                    .with("aaguid", row.aaguid.to_string())
                    .with("synced", row.backup_eligible)
                    .statement(cx),
            );
            state.passkey_created = true;
        }
        let opened = self.open_session(cx, session, user, given.clone());
        for one in opened.statements {
            batch.push(one);
        }
        let method = given.method.as_str();
        batch.push(
            Event::new("user.created")
                .user(user)
                .application(state.application)
                .with("method", method)
                .with("address_proven", state.has_proven(&identifier))
                .statement(cx),
        );
        batch.push(
            Event::new("sign_in.succeeded")
                .user(user)
                .application(state.application)
                .with("method", method)
                .with("session", opened.row.id.to_string())
                .with("purpose", "sign_up")
                .statement(cx),
        );
        batch.push(directory::add_rollup(tenant, cx.now.seconds().div_euclid(86_400), "sign_up", 1));
        let mailbox = identifier.kind == IdentifierKind::Email;
        if mailbox && !state.has_proven(&identifier) && cx.policy().sign_up.verify_email.mails_after_sign_up() {
            let new = NewCode {
                purpose: CodePurpose::VerifyAddress,
                user: Some(user),
                to: Some(identifier.clone()),
                about: identifier.clone(),
                taken: false,
                link: true,
                locale: locale_of(cx, None),
            };
            if let Ok((_, more)) = self.new_code(cx, new, None).await? {
                batch = batch.and(more);
            }
        }
        match self.store.commit(batch).await {
            Ok(_) => {
                metrics::counter!("doorward_sign_ups_total", "method" => method).increment(1);
                state.user = Some(user);
                state.proofs = vec![given];
                state.session = Some(opened.row.id);
                Ok(Turn { state, problem: None, session: Some(opened.row), cookie: Some(opened.cookie) })
            }
            // The same flow sent twice, or the address was taken while this one was on its way.
            Err(error) if error.is_unique("account") || error.is_unique("identifier") || error.is_unique("passkey") => {
                let cause = if error.is_unique("passkey") { Problem::PasskeyExists } else { Problem::CodeDead };
                let name = state.name.clone();
                let fresh = state.anew(Purpose::SignUp, cx.now);
                Ok(Turn::problem(SignIn { name, login_hint: Some(identifier.value), ..fresh }, cause))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A name without control characters and surplus space.
pub(crate) fn clean_name(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect()
}
