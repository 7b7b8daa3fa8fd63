//! Sign-up: the form, and the account that comes of it.

use super::code::{NewCode, locale_of};
use super::{Problem, Turn};
use crate::audit::{Event, count};
use crate::secrets::new_id;
use crate::session::proof;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::Identifier;
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
        state.address_proven = false;
        state.passkey = None;
        self.arrive_at_code(cx, state).await
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
        let address = IdentifierRow {
            id: IdentifierId(new_id(cx.now)),
            tenant_id: tenant,
            user_id: user,
            kind: identifier.kind.as_str().into(),
            value: identifier.value.clone(),
            normal: identifier.normal.clone(),
            verified_at: state.address_proven.then_some(cx.now),
            is_primary: true,
            created_at: cx.now,
        };
        batch.push(address.insert());
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
                .with("address_proven", state.address_proven)
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
        if !state.address_proven {
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
                let fresh = SignIn::begin(Purpose::SignUp, state.application, state.return_to, state.browser, cx.now);
                let cause = if error.is_unique("passkey") { Problem::PasskeyExists } else { Problem::CodeDead };
                Ok(Turn::problem(SignIn { name: state.name, login_hint: Some(identifier.value), ..fresh }, cause))
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
