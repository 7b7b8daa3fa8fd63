//! Tickets: links that an administrator is given and hands on as they like. Whoever follows one may set a password, or prove an
//! address, once. A ticket is a sealed value; nothing is stored until it is used.

use super::field::{Problems, web_address};
use super::{DirectoryError, UserDocument};
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::one_time::OneTimeError;
use crate::password::{self, PasswordProblem};
use crate::signin::code::locale_of;
use crate::{Cx, Error, Service};
use doorward_protocol::identity::{Identifier, IdentifierKind};
use doorward_protocol::ids::UserId;
use doorward_protocol::time::Timestamp;
use doorward_store::conditions::password_was_changed;
use doorward_store::engine::{Batch, StoreError};
use doorward_store::users::{self, BLOCKED, PasswordRow, Person};
use serde::{Deserialize, Serialize};

const PURPOSE: &str = "ticket";
/// Seconds that a ticket is good for: the least and the most.
const LIFETIME: std::ops::RangeInclusive<i64> = 1..=30 * 86_400;

/// What a ticket is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketAct {
    /// A new password.
    SetPassword {
        /// The link went to the primary address, so that it proves it too.
        proves_address: bool,
    },
    /// The primary address is proven.
    VerifyEmail,
}

/// A ticket to be made.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// What for.
    pub act: TicketAct,
    /// How long it is good for.
    pub seconds: i64,
    /// Where the person goes afterwards.
    pub result_url: Option<String>,
    /// Whether that place is told the address.
    pub tells_address: bool,
}

/// What a ticket carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Whose.
    pub user: UserId,
    /// What for.
    pub act: TicketAct,
    /// Where the person goes afterwards.
    pub result_url: Option<String>,
    /// Whether that place is told the address.
    pub tells_address: bool,
    /// The address that it is about, as compared.
    pub address: Option<String>,
    /// When the password was changed last: a ticket from before is worth nothing.
    password_of: Option<Timestamp>,
}

/// Why a ticket does nothing.
#[derive(Debug)]
pub enum TicketRefusal {
    /// Not ours, too old, used, or overtaken by a change of the account.
    Gone,
    /// The password is not good enough; the ticket is still good.
    Password(PasswordProblem),
    /// A fault inside.
    Fault(Error),
}

impl From<Error> for TicketRefusal {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<StoreError> for TicketRefusal {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unique { table, .. } if table == "spent" => Self::Gone,
            StoreError::Guard { label } if *label == "account.gone" => Self::Gone,
            _ => Self::Fault(error.into()),
        }
    }
}

/// A ticket that was used.
#[derive(Debug, Clone)]
pub struct TicketDone {
    /// What it carried.
    pub ticket: Ticket,
    /// Whose account it is.
    pub person: Person,
}

impl Service {
    /// Makes a ticket and answers its link.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn new_ticket(&self, cx: &Cx, actor: &str, user: UserId, new: NewTicket) -> Result<String, DirectoryError> {
        let person = self.get_user(cx, user).await?;
        let mut problems = Problems::default();
        problems.range("seconds", new.seconds, LIFETIME);
        if let Some(Err(message)) = new.result_url.as_deref().map(web_address) {
            problems.add("result_url", message);
        }
        let address = person.email().map(|email| email.normal.clone());
        let needs_address = matches!(new.act, TicketAct::VerifyEmail);
        problems.must(address.is_some() || !needs_address, "user", "has no e-mail address");
        problems.finish()?;
        let password = self.store.password(cx.tenant_id(), user).await?;
        let ticket = Ticket {
            user,
            act: new.act,
            result_url: new.result_url,
            tells_address: new.tells_address,
            address,
            password_of: password.map(|row| row.changed_at),
        };
        let id = self.one_time_id(cx, PURPOSE, new.seconds, None, &ticket)?;
        let word = match new.act {
            TicketAct::SetPassword { .. } => "set_password",
            TicketAct::VerifyEmail => "verify_email",
        };
        let event = Event::new("ticket.created").user(user).actor(actor).with("for", word);
        self.store.commit(Batch::new().with(event.statement(cx))).await?;
        Ok(cx.url(&format!("/ticket?t={id}")))
    }

    /// Looks at a ticket: what it carries, and whose account it is. Nothing is changed by it.
    ///
    /// # Errors
    /// See [`TicketRefusal`].
    #[boxed]
    pub async fn look_at_ticket(&self, cx: &Cx, id: &str) -> Result<TicketDone, TicketRefusal> {
        let ticket = self.peek_one_time_id::<Ticket>(cx, PURPOSE, id).await?.ok_or(TicketRefusal::Gone)?;
        self.is_current(cx, ticket).await
    }

    /// Uses a ticket; a password goes with one that sets it.
    ///
    /// # Errors
    /// See [`TicketRefusal`].
    #[boxed]
    pub async fn use_ticket(&self, cx: &Cx, id: &str, plain: Option<&str>) -> Result<TicketDone, TicketRefusal> {
        let opened = match self.open_one_time_id::<Ticket>(cx, PURPOSE, id, None).await? {
            Ok(opened) => opened,
            Err(OneTimeError::Unknown | OneTimeError::WrongCode) => return Err(TicketRefusal::Gone),
        };
        let done = self.is_current(cx, opened.value).await?;
        let (tenant, user) = (cx.tenant_id(), done.person.user.id);
        let mut batch = Batch::new().with(opened.spend).with(doorward_store::account::lock(tenant, user));
        let proves = match done.ticket.act {
            TicketAct::VerifyEmail => true,
            TicketAct::SetPassword { proves_address } => {
                let plain = plain.unwrap_or_default();
                let document = UserDocument::of(&done.person.user);
                let mut about: Vec<&str> = done.person.identifiers.iter().map(|i| i.normal.as_str()).collect();
                about.extend(document.name.as_deref());
                password::check(plain, &cx.policy().password, &about).map_err(TicketRefusal::Password)?;
                let hash = self.hash_password(plain).await?;
                batch.push(users::put_password(&PasswordRow { user_id: user, tenant_id: tenant, hash, changed_at: cx.now }));
                batch.push(password_was_changed(tenant, user));
                batch.push(Event::new("password.changed").user(user).with("by", "ticket").statement(cx));
                let ended = self.end_everything(cx, user, "password_changed").await.map_err(Error::internal)?;
                for one in ended {
                    batch.push(one);
                }
                if let Some(email) = done.person.email().filter(|email| email.verified_at.is_some()) {
                    let locale = locale_of(cx, Some(&done.person));
                    batch.push(self.post_to(cx, &email.value, &locale, &Letter::PasswordChanged)?);
                }
                proves_address
            }
        };
        if let (true, Some(address)) = (proves, &done.ticket.address) {
            let about = Identifier { kind: IdentifierKind::Email, value: address.clone(), normal: address.clone() };
            batch.push(users::verify_identifier(tenant, user, &about, cx.now));
            batch.push(Event::new("address.proven").user(user).with("purpose", "ticket").statement(cx));
        }
        self.store.commit(batch).await?;
        Ok(done)
    }

    /// Whether the account is still as it was when the ticket was made, in what the ticket is about.
    async fn is_current(&self, cx: &Cx, ticket: Ticket) -> Result<TicketDone, TicketRefusal> {
        let person = self.store.person(cx.tenant_id(), ticket.user).await?;
        let person = person.filter(|person| person.user.status != BLOCKED).ok_or(TicketRefusal::Gone)?;
        let same_address = person.email().map(|email| &email.normal) == ticket.address.as_ref();
        let as_it_was = match ticket.act {
            TicketAct::VerifyEmail => same_address,
            TicketAct::SetPassword { proves_address } => {
                let password = self.store.password(cx.tenant_id(), ticket.user).await?;
                password.map(|row| row.changed_at) == ticket.password_of && (same_address || !proves_address)
            }
        };
        if as_it_was { Ok(TicketDone { ticket, person }) } else { Err(TicketRefusal::Gone) }
    }
}
