//! Links that sign a person in once, by mail: into an account that was made for them, or back into their own.

use super::DirectoryError;
use crate::audit::Event;
use crate::boxed;
use crate::mail::Letter;
use crate::signin::code::locale_of;
use crate::{Cx, Service};
use doorward_protocol::ids::UserId;
use doorward_store::engine::Batch;
use doorward_store::users::BLOCKED;

/// Seconds that an invitation is good for.
const INVITATION: i64 = 7 * 86_400;
/// Seconds that a way back in is good for.
const WAY_BACK: i64 = 86_400;

/// Why the link is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitation {
    /// Into an account that was made for the person.
    Welcome,
    /// Back into their own.
    WayBack,
}

impl Service {
    /// Sends a person a link by mail. Only its mailbox learns the link, so whoever asks for this gets nothing into their hands.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn send_sign_in_link(&self, cx: &Cx, actor: &str, user: UserId, why: Invitation) -> Result<String, DirectoryError> {
        let person = self.get_user(cx, user).await?;
        if person.user.status == BLOCKED {
            return Err(DirectoryError::conflict("status", "this user is blocked: unblock them first"));
        }
        let (seconds, word) = match why {
            Invitation::Welcome => (INVITATION, "invitation"),
            Invitation::WayBack => (WAY_BACK, "way_back"),
        };
        let (Some(email), Some((link, row))) =
            (person.email(), self.new_sign_in_link(cx, &person, "/account/passkeys", seconds)?)
        else {
            return Err(DirectoryError::conflict("email", "this user has no e-mail address to send a link to"));
        };
        let letter = match why {
            Invitation::Welcome => Letter::Invitation { link },
            Invitation::WayBack => Letter::WayBack { link },
        };
        let mail = self.post_to(cx, &email.value, &locale_of(cx, Some(&person)), &letter)?;
        let event = Event::new("sign_in_link.sent").user(user).actor(actor).with("why", word);
        self.store.commit(Batch::new().with(row.insert()).with(mail).with(event.statement(cx))).await?;
        Ok(email.value.clone())
    }
}
