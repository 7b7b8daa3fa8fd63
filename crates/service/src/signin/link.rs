//! The link in a mail. Looking at it changes nothing: mail scanners fetch every link. A button on the page confirms it.
//!
//! In the browser that asked, the flow goes on. In another one: an address that is being proven is proven, and the browser that
//! asked goes on; but somebody who is signing in is signed in *there*, where the mail was read. Otherwise a stranger could begin
//! a sign-in with your address and wait for you to press the button for him.

use super::{Outcome, Problem, Turn};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::{new_id, random, same};
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_protocol::signin::{CodePurpose, Purpose, ReturnTo, SignIn};
use doorward_protocol::time::Timestamp;
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use doorward_store::short_lived::{self, CodeChallengeRow};
use doorward_store::users::{self, Person};
use uuid::Uuid;

/// What the page of a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkView {
    /// Not a link of ours, or cut off.
    Unknown,
    /// Used, too old, or guessed at too often.
    Dead,
    /// Good.
    Ready {
        /// `sign_in`, `sign_up`, `verify_address` or `recover`.
        purpose: String,
        /// The address.
        address: String,
        /// This browser asked for it.
        same_browser: bool,
        /// When it was asked for.
        asked_at: Timestamp,
    },
}

/// What pressing the button did.
pub enum LinkOutcome {
    /// As [`LinkView::Unknown`] or [`LinkView::Dead`].
    Refused(LinkView),
    /// The flow goes on in this browser.
    GoesOn(Box<Outcome>),
    /// The browser that asked goes on.
    GoesOnElsewhere {
        /// The address.
        address: String,
    },
    /// An address of an account was proven; there is no flow.
    Proven {
        /// The address.
        address: String,
    },
}

/// The flow of another browser, as far as it goes on in this one: nothing that was proven there counts here. The application that
/// waits is there too; a path of ours is here as well. Where an application asked for the mail by itself, no browser waits.
fn here(cx: &Cx, asked: SignIn) -> SignIn {
    if asked.browser.is_empty() {
        return SignIn { browser: cx.client.browser.clone(), ..asked };
    }
    let purpose = if asked.purpose == Purpose::Recover { Purpose::Recover } else { Purpose::SignIn };
    let return_to = match asked.return_to {
        path @ ReturnTo::Path(_) => path,
        ReturnTo::Authorization(_) | ReturnTo::Page(_) => ReturnTo::Path("/account".into()),
    };
    let flow = SignIn::begin(purpose, None, return_to, cx.client.browser.clone(), cx.now);
    SignIn { identifier: asked.identifier, ..flow }
}

impl Service {
    pub(super) async fn link_row(&self, cx: &Cx, id: &str, secret: &str) -> Result<Result<CodeChallengeRow, LinkView>, Error> {
        let (Ok(id), Ok(secret)) = (Uuid::parse_str(id), URL_SAFE_NO_PAD.decode(secret)) else {
            return Ok(Err(LinkView::Unknown));
        };
        let Some(row) = self.store.code_challenge(cx.tenant_id(), id).await? else { return Ok(Err(LinkView::Dead)) };
        if !same(&row.link_hash, &self.secrets.digest("mail link", &[id.as_bytes(), &secret])) {
            return Ok(Err(LinkView::Unknown));
        }
        if row.used_at.is_some() || row.attempts_left <= 0 || row.expires_at <= cx.now {
            return Ok(Err(LinkView::Dead));
        }
        // What was sent to an address that was taken from the account since is worth nothing.
        if let Some(user) = row.user_id
            && row.kind == IdentifierKind::Email.as_str()
            && row.purpose != CodePurpose::VerifyAddress.as_str()
        {
            let address = Identifier { kind: IdentifierKind::Email, value: row.address.clone(), normal: row.address.clone() };
            if self.store.identifier(cx.tenant_id(), &address).await?.is_none_or(|owned| owned.user_id != user) {
                return Ok(Err(LinkView::Dead));
            }
        }
        Ok(Ok(row))
    }

    fn link_flow(&self, row: &CodeChallengeRow) -> Result<Option<SignIn>, Error> {
        let Some(sealed) = &row.flow else { return Ok(None) };
        let plain = self.secrets.decrypt("code flow", &row.id.to_string(), sealed).map_err(Error::internal)?;
        serde_json::from_slice(&plain).map(Some).map_err(Error::internal)
    }

    /// Looks at a link.
    #[boxed]
    pub async fn describe_link(&self, cx: &Cx, id: &str, secret: &str) -> Result<LinkView, Error> {
        let row = match self.link_row(cx, id, secret).await? {
            Ok(row) => row,
            Err(view) => return Ok(view),
        };
        let flow = self.link_flow(&row)?;
        // No browser asked for a link that the server or an administrator made: there is none to compare with.
        let same_browser = flow.is_some_and(|f| f.browser.is_empty() || f.browser == cx.client.browser);
        Ok(LinkView::Ready { purpose: row.purpose, address: row.address, same_browser, asked_at: row.created_at })
    }

    /// Confirms a link.
    #[boxed]
    pub async fn confirm_link(
        &self,
        cx: &Cx,
        id: &str,
        secret: &str,
        session: Option<&SessionRow>,
    ) -> Result<LinkOutcome, Error> {
        let row = match self.link_row(cx, id, secret).await? {
            Ok(row) => row,
            Err(view) => return Ok(LinkOutcome::Refused(view)),
        };
        let address = row.address.clone();
        let flow = self.link_flow(&row)?;
        let proves_address = row.purpose == CodePurpose::VerifyAddress.as_str() || row.purpose == CodePurpose::SignUp.as_str();
        match flow {
            Some(mut state) if state.browser == cx.client.browser => {
                state.code_challenge = Some(row.id);
                let turn = self.take_right_code(cx, state, row, session).await?;
                Ok(LinkOutcome::GoesOn(Box::new(self.settle_turn(cx, turn, session).await?)))
            }
            Some(_) if proves_address && row.user_id.is_none() => {
                let batch = Batch::new()
                    .with(short_lived::confirm_code(cx.tenant_id(), row.id, cx.now))
                    .with(Event::new("link.confirmed").with("purpose", row.purpose).statement(cx));
                match self.store.commit(batch).await {
                    Ok(_) => Ok(LinkOutcome::GoesOnElsewhere { address }),
                    Err(error) if error.is_guard("code.used") => Ok(LinkOutcome::Refused(LinkView::Dead)),
                    Err(error) => Err(error.into()),
                }
            }
            // Signing in, recovering, or signing up with an address that has an account: here, not there.
            Some(state) if row.purpose != CodePurpose::VerifyAddress.as_str() => {
                let mut state = here(cx, state);
                state.code_challenge = Some(row.id);
                let turn = self.take_right_code(cx, state, row, session).await?;
                Ok(LinkOutcome::GoesOn(Box::new(self.settle_turn(cx, turn, session).await?)))
            }
            waiting => {
                let Some(user) = row.user_id else { return Ok(LinkOutcome::Refused(LinkView::Dead)) };
                let about = Identifier { kind: IdentifierKind::Email, value: address.clone(), normal: address.clone() };
                let last = if waiting.is_some() {
                    short_lived::confirm_code(cx.tenant_id(), row.id, cx.now)
                } else {
                    short_lived::use_code(cx.tenant_id(), row.id, cx.now)
                };
                let batch = Batch::new()
                    .with(last)
                    .with(users::verify_identifier(cx.tenant_id(), user, &about, cx.now))
                    .with(Event::new("address.proven").user(user).with("purpose", row.purpose).statement(cx));
                match self.store.commit(batch).await {
                    Ok(_) => Ok(LinkOutcome::Proven { address }),
                    Err(error) if error.is_guard("code.used") => Ok(LinkOutcome::Refused(LinkView::Dead)),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    async fn settle_turn(&self, cx: &Cx, turn: Turn, session: Option<&SessionRow>) -> Result<Outcome, Error> {
        let now = turn.session.as_ref().or(session).cloned();
        let outcome = self.settle(cx, turn.state, turn.problem, now.as_ref(), turn.cookie).await?;
        self.count_offer(cx, &outcome);
        Ok(outcome)
    }

    /// A link that signs a user in once, for whoever runs the server: the first sign-in to a console, or a way back in.
    #[boxed]
    pub async fn sign_in_link(
        &self,
        cx: &Cx,
        user: UserId,
        path: &str,
        lifetime_seconds: i64,
        actor: &str,
    ) -> Result<Option<String>, Error> {
        let Some(person) = self.store.person(cx.tenant_id(), user).await? else { return Ok(None) };
        let Some((link, row)) = self.new_sign_in_link(cx, &person, path, lifetime_seconds)? else { return Ok(None) };
        let batch =
            Batch::new().with(row.insert()).with(Event::new("sign_in_link.created").user(user).actor(actor).statement(cx));
        self.store.commit(batch).await?;
        Ok(Some(link))
    }

    /// The link and the row that makes it work; `None` for a person without an e-mail address.
    pub(crate) fn new_sign_in_link(
        &self,
        cx: &Cx,
        person: &Person,
        path: &str,
        lifetime_seconds: i64,
    ) -> Result<Option<(String, CodeChallengeRow)>, Error> {
        let Some(email) = person.email() else { return Ok(None) };
        let mut state = SignIn::begin(Purpose::SignIn, None, ReturnTo::Path(path.to_owned()), String::new(), cx.now);
        state.identifier = Some(super::code::as_identifier(email));
        let id = new_id(cx.now);
        let secret: [u8; 24] = random();
        let plain = serde_json::to_vec(&state).map_err(Error::internal)?;
        let row = CodeChallengeRow {
            id,
            tenant_id: cx.tenant_id(),
            purpose: CodePurpose::SignIn.as_str().into(),
            user_id: Some(person.user.id),
            kind: email.kind.clone(),
            address: email.normal.clone(),
            // Nobody is told a code: only the link works.
            code_hash: random::<32>().to_vec(),
            link_hash: self.secrets.digest("mail link", &[id.as_bytes(), &secret]),
            flow: Some(self.secrets.encrypt("code flow", &id.to_string(), &plain)),
            attempts_left: 1,
            created_at: cx.now,
            expires_at: cx.now.plus_seconds(lifetime_seconds),
            confirmed_at: None,
            used_at: None,
        };
        Ok(Some((cx.url(&format!("/signin/link?c={}&t={}", id.simple(), URL_SAFE_NO_PAD.encode(secret))), row)))
    }

    /// Whether the link of the code that a flow waits for was confirmed in another browser, for the page that waits.
    #[boxed]
    pub async fn link_confirmed(&self, cx: &Cx, flow: &str) -> Result<bool, Error> {
        let Ok(state) = self.open_flow(cx, flow).await? else { return Ok(false) };
        let Some(id) = state.code_challenge else { return Ok(false) };
        let row = self.store.code_challenge(cx.tenant_id(), id).await?;
        Ok(row.is_some_and(|r| r.confirmed_at.is_some() && r.used_at.is_none() && r.expires_at > cx.now))
    }

    /// A new challenge for a page that has been open for a while: the flow stays, its options are new.
    #[boxed]
    pub async fn renew_passkey_options(
        &self,
        cx: &Cx,
        flow: &str,
        session: Option<&SessionRow>,
    ) -> Result<Option<(String, super::PasskeyOptions)>, Error> {
        match self.describe_sign_in(cx, flow, session).await? {
            Ok(Outcome::Show(view)) if view.problem != Some(Problem::Expired) => {
                let view = *view;
                Ok(view.passkey.map(|options| (view.flow, options)))
            }
            _ => Ok(None),
        }
    }
}
