//! Name, language and time zone.

use super::AccountError;
use crate::audit::Event;
use crate::boxed;
use crate::i18n::Locale;
use crate::signin::create::clean_name;
use crate::{Cx, Service};
use doorward_store::Json;
use doorward_store::engine::Batch;
use doorward_store::revision::{CHANGED, Revised as _};
use doorward_store::sessions::SessionRow;
use doorward_store::users;

/// What the profile form says; empty fields take the claim away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Claim `name` (OpenID Connect Core, section 5.1).
    pub name: String,
    /// Claim `given_name`.
    pub given_name: String,
    /// Claim `family_name`.
    pub family_name: String,
    /// Claim `locale`: one of our languages, or empty.
    pub locale: String,
    /// Claim `zoneinfo`.
    pub zoneinfo: String,
}

impl Service {
    /// Changes the profile. `false` when it was so already.
    ///
    /// # Errors
    /// See [`AccountError`].
    #[boxed]
    pub async fn change_profile(&self, cx: &Cx, session: &SessionRow, change: &ProfileChange) -> Result<bool, AccountError> {
        let filled = |text: &str| Some(clean_name(text)).filter(|t| !t.is_empty());
        let name = filled(&change.name);
        if name.is_none() && cx.policy().sign_up.name_required {
            return Err(AccountError::NameMissing);
        }
        let locale = filled(&change.locale);
        if locale.as_deref().is_some_and(|tag| !Locale::ALL.iter().any(|l| l.tag() == tag)) {
            return Err(AccountError::Invalid("locale"));
        }
        let zoneinfo = filled(&change.zoneinfo);
        if zoneinfo.as_deref().is_some_and(|zone| !zone_like(zone)) {
            return Err(AccountError::Invalid("zoneinfo"));
        }
        let (given_name, family_name) = (filled(&change.given_name), filled(&change.family_name));
        let mut tries = 0;
        loop {
            let before = self.account(cx, session).await?.user;
            let mut row = before.clone();
            row.name.clone_from(&name);
            let Json(profile) = &mut row.profile;
            profile.given_name.clone_from(&given_name);
            profile.family_name.clone_from(&family_name);
            profile.locale.clone_from(&locale);
            profile.zoneinfo.clone_from(&zoneinfo);
            if row == before {
                return Ok(false);
            }
            let old = &before.profile.0;
            let fields: Vec<&str> = [
                ("name", before.name != row.name),
                ("given_name", old.given_name != given_name),
                ("family_name", old.family_name != family_name),
                ("locale", old.locale != locale),
                ("zoneinfo", old.zoneinfo != zoneinfo),
            ]
            .into_iter()
            .filter_map(|(field, changed)| changed.then_some(field))
            .collect();
            let event = Event::new("profile.changed").user(row.id).with("fields", fields);
            row.updated_at = cx.now.max(doorward_protocol::time::Timestamp(before.updated_at.0.saturating_add(1)));
            let batch = Batch::new().with(before.unchanged()).with(users::update_profile(&row)).with(event.statement(cx));
            match self.store.commit(batch).await {
                Ok(_) => return Ok(true),
                // Somebody else changed it meanwhile: made again on top of theirs.
                Err(error) if error.is_guard(CHANGED) && tries < 5 => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Shaped like a name of the IANA time zone database.
fn zone_like(zone: &str) -> bool {
    zone.len() <= 64
        && zone
            .split('/')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+')))
}

#[cfg(test)]
mod tests {
    use super::zone_like;

    #[test]
    fn time_zones_look_like_the_iana_names() {
        for good in ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "UTC"] {
            assert!(zone_like(good), "{good}");
        }
        for bad in ["Europe/", "/etc/passwd", "../x", "Mars <b>", "Zürich"] {
            assert!(!zone_like(bad), "{bad}");
        }
    }
}
