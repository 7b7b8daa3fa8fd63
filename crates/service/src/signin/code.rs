//! Codes by e-mail: sent, guessed at, used once. The counter of guesses is a row; nothing that the client carries can reset it.

use super::{Problem, Turn, code_purpose};
use crate::audit::{Event, count_failure};
use crate::mail::Letter;
use crate::secrets::{digits, new_id, random, same};
use crate::session::proof;
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_protocol::session::Method;
use doorward_protocol::signin::{CodePurpose, Purpose, SignIn, next};
use doorward_store::engine::{Batch, Statement, StoreError};
use doorward_store::sessions::SessionRow;
use doorward_store::short_lived::{self, CodeChallengeRow};
use doorward_store::users::Person;
use doorward_store::{grants, passkeys, users};

/// A code about to be sent.
pub(crate) struct NewCode {
    pub(crate) purpose: CodePurpose,
    pub(crate) user: Option<UserId>,
    /// Where it goes; `None` when nobody is there to get it and the row stands for show.
    pub(crate) to: Option<Identifier>,
    /// What the row is about, as compared.
    pub(crate) about: Identifier,
    /// The account exists although somebody signs up.
    pub(crate) taken: bool,
    /// Whether the mail may carry a link, if the tenant wants one.
    pub(crate) link: bool,
    pub(crate) locale: String,
}

impl Service {
    /// Sends the code that the step asks for, unless one was sent.
    pub(crate) async fn arrive_at_code(&self, cx: &Cx, state: SignIn) -> Result<Turn, Error> {
        if state.code_challenge.is_some() {
            return Ok(Turn::of(state));
        }
        self.send_code(cx, state).await
    }

    /// Sends another code, not too soon after the last.
    pub(crate) async fn resend_code(&self, cx: &Cx, state: SignIn) -> Result<Turn, Error> {
        if let Some(id) = state.code_challenge
            && let Some(row) = self.store.code_challenge(cx.tenant_id(), id).await?
        {
            let wait = row.created_at.plus_seconds(cx.policy().code.resend_after_seconds).seconds_since(cx.now);
            if wait > 0 && row.used_at.is_none() {
                return Ok(Turn::problem(state, Problem::CodeTooSoon { wait }));
            }
        }
        self.send_code(cx, state).await
    }

    async fn send_code(&self, cx: &Cx, mut state: SignIn) -> Result<Turn, Error> {
        let facts = self.facts(cx, &state).await?;
        let step = next(&state, cx.policy(), &facts, cx.now);
        let Some(purpose) = code_purpose(&step) else { return Ok(Turn::of(state)) };
        let Some(code) = self.addressee(cx, &state, purpose).await? else { return Ok(Turn::of(state)) };
        let application = state.application;
        match self.new_code(cx, code, Some(&state)).await? {
            Err(wait) => Ok(Turn::problem(state, Problem::Locked { wait })),
            Ok((row, mut batch)) => {
                batch.push(
                    Event::new("code.sent")
                        .user(row.user_id)
                        .application(application)
                        .with("purpose", row.purpose.as_str())
                        .statement(cx),
                );
                self.store.commit(batch).await?;
                state.code_challenge = Some(row.id);
                Ok(Turn::of(state))
            }
        }
    }

    /// Whom a code goes to.
    async fn addressee(&self, cx: &Cx, state: &SignIn, purpose: CodePurpose) -> Result<Option<NewCode>, Error> {
        let proven_user = state.user.filter(|_| state.is_authenticated() || state.purpose == Purpose::StepUp);
        if let Some(user) = proven_user {
            let Some(person) = self.store.person(cx.tenant_id(), user).await? else { return Ok(None) };
            let Some(email) = self.code_address(state, Some(&person)) else { return Ok(None) };
            return Ok(Some(NewCode {
                purpose,
                user: Some(user),
                to: Some(email.clone()),
                about: email,
                taken: false,
                link: true,
                locale: locale_of(cx, Some(&person)),
            }));
        }
        let Some(identifier) = state.identifier.clone() else { return Ok(None) };
        let owner = self.store.identifier(cx.tenant_id(), &identifier).await?;
        let person = match &owner {
            Some(row) => self.store.person(cx.tenant_id(), row.user_id).await?,
            None => None,
        };
        let locale = locale_of(cx, person.as_ref());
        let user = person.as_ref().map(|p| p.user.id);
        let to = match (purpose, &person) {
            (CodePurpose::SignUp, _) => Some(identifier.clone()),
            // A code for an account goes to an address of that account, whatever was typed to name it.
            (_, Some(person)) if person.user.status != users::BLOCKED => match identifier.kind {
                IdentifierKind::Email => Some(identifier.clone()),
                _ => person.email().filter(|e| e.verified_at.is_some()).map(as_identifier),
            },
            _ => None,
        };
        Ok(Some(NewCode {
            purpose,
            taken: purpose == CodePurpose::SignUp && user.is_some(),
            link: true,
            user,
            to,
            about: identifier,
            locale,
        }))
    }

    /// The address that a page names.
    pub(crate) fn code_address(&self, state: &SignIn, person: Option<&Person>) -> Option<Identifier> {
        if state.is_authenticated() || state.purpose == Purpose::StepUp {
            return person.and_then(Person::email).map(as_identifier);
        }
        state.identifier.clone()
    }

    /// The mailbox of whoever was named by something else, with most of it left out: the person knows it again, a stranger learns
    /// little.
    pub(crate) async fn masked_mailbox(&self, cx: &Cx, state: &SignIn) -> Result<Option<String>, Error> {
        let Some(identifier) = state.identifier.as_ref().filter(|i| i.kind != IdentifierKind::Email) else { return Ok(None) };
        if state.purpose != Purpose::SignIn || !cx.policy().reveal_accounts {
            return Ok(None);
        }
        let Some(owner) = self.store.identifier(cx.tenant_id(), identifier).await? else { return Ok(None) };
        let person = self.store.person(cx.tenant_id(), owner.user_id).await?;
        Ok(person.as_ref().and_then(Person::email).map(|email| crate::account::masked(&email.value)))
    }

    /// The row and the statements of a new code; `Err` carries the seconds to wait when too many mails went to that address.
    pub(crate) async fn new_code(
        &self,
        cx: &Cx,
        new: NewCode,
        flow: Option<&SignIn>,
    ) -> Result<Result<(CodeChallengeRow, Batch), u64>, Error> {
        self.new_code_with_id(cx, new_id(cx.now), new, flow).await
    }

    /// The same for a row whose id is known beforehand.
    pub(crate) async fn new_code_with_id(
        &self,
        cx: &Cx,
        id: uuid::Uuid,
        new: NewCode,
        flow: Option<&SignIn>,
    ) -> Result<Result<(CodeChallengeRow, Batch), u64>, Error> {
        let policy = &cx.policy().code;
        // Mails to an address are limited; at a place where the person has been before they are counted by themselves, so that a
        // stranger who has codes sent cannot keep the owner from getting one.
        let known = match new.user {
            Some(user) => self.store.user_known_at(cx.tenant_id(), user, &cx.client.ip).await?,
            None => false,
        };
        let place = if known { crate::limits::network(&cx.client.ip) } else { String::new() };
        let digest = self.secrets.digest("mail bucket", &[new.about.normal.as_bytes(), place.as_bytes()]);
        let bucket = format!("mail:{}", URL_SAFE_NO_PAD.encode(digest));
        let (sent, until) = self.store.failures(cx.tenant_id(), &bucket, cx.now).await?;
        if sent >= self.limits.mails_per_hour {
            return Ok(Err(until.seconds_since(cx.now).max(1).unsigned_abs()));
        }
        let code = digits(policy.digits.clamp(4, 10));
        let secret: [u8; 24] = random();
        let link = match flow.filter(|state| state.process.is_some()) {
            Some(state) if policy.link && new.link => self.page_link(cx, state, id, &URL_SAFE_NO_PAD.encode(secret)).await?,
            _ => (policy.link && new.link)
                .then(|| cx.url(&format!("/signin/link?c={}&t={}", id.simple(), URL_SAFE_NO_PAD.encode(secret)))),
        };
        let flow = match flow {
            Some(state) => {
                let plain = serde_json::to_vec(state).map_err(Error::internal)?;
                Some(self.secrets.encrypt("code flow", &id.to_string(), &plain))
            }
            None => None,
        };
        let row = CodeChallengeRow {
            id,
            tenant_id: cx.tenant_id(),
            purpose: new.purpose.as_str().to_owned(),
            user_id: new.user,
            kind: new.about.kind.as_str().to_owned(),
            address: new.about.normal.clone(),
            code_hash: self.code_digest(id, &code),
            link_hash: self.secrets.digest("mail link", &[id.as_bytes(), &secret]),
            flow,
            attempts_left: policy.attempts,
            created_at: cx.now,
            expires_at: cx.now.plus_seconds(policy.lifetime_seconds),
            confirmed_at: None,
            used_at: None,
        };
        let mut batch = Batch::new().with(row.insert()).with(short_lived::count_failure(
            cx.tenant_id(),
            &bucket,
            cx.now,
            cx.now.plus_seconds(3600),
        ));
        if let Some(to) = &new.to {
            let minutes = policy.lifetime_seconds / 60;
            let letter = match (new.purpose, new.taken) {
                (CodePurpose::SignUp, true) => Letter::AccountExists { code, link, minutes },
                (CodePurpose::SignUp | CodePurpose::VerifyAddress, _) => Letter::VerifyAddress { code, link, minutes },
                (CodePurpose::SignIn, _) => Letter::SignInCode { code, link, minutes },
                (CodePurpose::Recover, _) => Letter::RecoverCode { code, link, minutes },
            };
            batch.push(self.post(cx, to, &new.locale, &letter)?);
        }
        Ok(Ok((row, batch)))
    }

    pub(crate) fn code_digest(&self, id: uuid::Uuid, code: &str) -> Vec<u8> {
        self.secrets.digest("mail code", &[id.as_bytes(), code.as_bytes()])
    }

    pub(crate) async fn take_code(
        &self,
        cx: &Cx,
        state: SignIn,
        typed: &str,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let Some(id) = state.code_challenge else { return Ok(Turn::problem(state, Problem::OutOfTurn)) };
        let Some(row) = self.store.code_challenge(cx.tenant_id(), id).await? else {
            return Ok(Turn::problem(state, Problem::CodeDead));
        };
        match self.check_code(cx, &row, typed).await? {
            Err(problem) => Ok(Turn::problem(state, problem)),
            Ok(()) => self.take_right_code(cx, state, row, session).await,
        }
    }

    /// Compares a code; a wrong guess is counted before it is answered.
    pub(crate) async fn check_code(&self, cx: &Cx, row: &CodeChallengeRow, typed: &str) -> Result<Result<(), Problem>, Error> {
        if row.used_at.is_some() || row.attempts_left <= 0 || row.expires_at <= cx.now {
            return Ok(Err(Problem::CodeDead));
        }
        let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(16).collect();
        if same(&row.code_hash, &self.code_digest(row.id, &typed)) {
            return Ok(Ok(()));
        }
        let batch = Batch::new().with(short_lived::take_guess(cx.tenant_id(), row.id, cx.now)).with(
            Event::new("code.wrong")
                .user(row.user_id)
                .with("purpose", row.purpose.as_str())
                .with("left", row.attempts_left - 1)
                .statement(cx),
        );
        let batch = batch.with(count_failure(cx, "wrong_code"));
        match self.store.commit(batch).await {
            Ok(_) if row.attempts_left > 1 => Ok(Err(Problem::WrongCode { left: row.attempts_left - 1 })),
            Ok(_) | Err(StoreError::Guard { .. }) => Ok(Err(Problem::CodeDead)),
            Err(error) => Err(error.into()),
        }
    }

    /// The mailbox is proven.
    pub(crate) async fn take_right_code(
        &self,
        cx: &Cx,
        mut state: SignIn,
        row: CodeChallengeRow,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let tenant = cx.tenant_id();
        let kind = IdentifierKind::parse(&row.kind).ok_or_else(|| Error::internal("a code of an unknown kind"))?;
        let about = Identifier { kind, value: row.address.clone(), normal: row.address.clone() };
        let mut effects = vec![short_lived::use_code(tenant, row.id, cx.now)];
        let fresh_sign_up = row.purpose == CodePurpose::SignUp.as_str() && row.user_id.is_none();
        if fresh_sign_up {
            // What was typed since then must still be what the mail went to.
            if state.purpose != Purpose::SignUp || state.identifier.as_ref().is_none_or(|i| i.normal != row.address) {
                return Ok(Turn::problem(state, Problem::OutOfTurn));
            }
            effects.push(Event::new("address.proven").application(state.application).with("purpose", "sign_up").statement(cx));
            let mut batch = Batch::new();
            for one in effects {
                batch.push(one);
            }
            return match self.store.commit(batch).await {
                Ok(_) => {
                    state.proven_address = Some(row.address);
                    state.code_challenge = None;
                    Ok(Turn::of(state))
                }
                Err(error) if error.is_guard("code.used") => Ok(Turn::problem(state, Problem::CodeDead)),
                Err(error) => Err(error.into()),
            };
        }
        let Some(user) = row.user_id else { return Ok(Turn::problem(state, Problem::CodeDead)) };
        if state.user.is_some_and(|known| known != user) && (state.is_authenticated() || state.purpose == Purpose::StepUp) {
            return Ok(Turn::problem(state, Problem::OtherUser));
        }
        if kind == IdentifierKind::Email {
            // A mail to an address that was taken from the account since is worth nothing.
            let Some(owned) = self.store.identifier(tenant, &about).await?.filter(|i| i.user_id == user) else {
                return Ok(Turn::problem(state, Problem::CodeDead));
            };
            if owned.verified_at.is_none() {
                if row.purpose != CodePurpose::VerifyAddress.as_str() {
                    match self.claim(cx, &owned).await? {
                        Claim::Taken(statements) => effects.extend(statements),
                        Claim::Detached(statements) => {
                            let mut batch = Batch::new();
                            for one in effects.into_iter().chain(statements) {
                                batch.push(one);
                            }
                            self.store.commit(batch).await?;
                            return Ok(Turn::problem(state, Problem::CodeDead));
                        }
                    }
                }
                effects.push(users::verify_identifier(tenant, user, &about, cx.now));
                effects.push(Event::new("address.proven").user(user).with("purpose", row.purpose.as_str()).statement(cx));
            }
        }
        state.proven_address = Some(row.address);
        self.prove(cx, state, user, proof(cx, Method::EmailCode), session, effects).await
    }

    /// Somebody proves an address that its account never proved.
    pub(crate) async fn claim(&self, cx: &Cx, address: &users::IdentifierRow) -> Result<Claim, Error> {
        let (tenant, user) = (cx.tenant_id(), address.user_id);
        let person = self.store.person(tenant, user).await?;
        let proven = person.iter().flat_map(|p| &p.identifiers).find(|i| i.kind == address.kind && i.verified_at.is_some());
        if let Some(proven) = proven {
            let mut out = vec![users::detach_identifier(tenant, user, address.id)];
            if address.is_primary {
                out.extend(users::make_primary(tenant, user, &proven.kind, proven.id));
            }
            let event = Event::new("identifier.removed").user(user).actor("system");
            out.push(event.with("kind", address.kind.as_str()).with("reason", "proven_by_somebody_else").statement(cx));
            return Ok(Claim::Detached(out));
        }
        // At once: whether a second factor is due is asked before the rest is written.
        let mut batch = Batch::new();
        for one in self.unclaimed_factors(cx, user) {
            batch.push(one);
        }
        self.store.commit(batch).await?;
        let mut out = vec![
            passkeys::delete_all(tenant, user),
            users::delete_password(tenant, user),
            users::keep_mailbox(tenant, user, address.id),
            grants::delete_consents(tenant, user),
        ];
        out.extend(users::make_primary(tenant, user, &address.kind, address.id));
        out.extend(self.end_everything(cx, user, "account_claimed").await?);
        out.push(Event::new("account.claimed").user(user).statement(cx));
        Ok(Claim::Taken(out))
    }

    /// The link was confirmed in another browser; the one that asked goes on.
    pub(crate) async fn take_confirmed_link(&self, cx: &Cx, state: SignIn, session: Option<&SessionRow>) -> Result<Turn, Error> {
        let Some(id) = state.code_challenge else { return Ok(Turn::problem(state, Problem::OutOfTurn)) };
        let Some(row) = self.store.code_challenge(cx.tenant_id(), id).await? else {
            return Ok(Turn::problem(state, Problem::CodeDead));
        };
        if row.confirmed_at.is_none() {
            return Ok(Turn::problem(state, Problem::LinkNotConfirmed));
        }
        self.take_right_code(cx, state, row, session).await
    }
}

/// What becomes of an account when somebody proves an address that it never proved.
pub(crate) enum Claim {
    /// The account is theirs. Whatever was set up before may be a stranger's, who signed up with an address that is not theirs and
    /// waits for its owner: credentials, other mailboxes, consents, sessions and tokens go.
    Taken(Vec<Statement>),
    /// The account has another address that was proven, so it is somebody else's, and this address was a mistake: it leaves the
    /// account, and whoever has the mailbox may make an account with it.
    Detached(Vec<Statement>),
}

pub(crate) fn as_identifier(row: &users::IdentifierRow) -> Identifier {
    Identifier {
        kind: IdentifierKind::parse(&row.kind).unwrap_or(IdentifierKind::Email),
        value: row.value.clone(),
        normal: row.normal.clone(),
    }
}

pub(crate) fn locale_of(cx: &Cx, person: Option<&Person>) -> String {
    person.and_then(|p| p.user.profile.0.locale.clone()).unwrap_or_else(|| cx.client.locale.clone())
}
