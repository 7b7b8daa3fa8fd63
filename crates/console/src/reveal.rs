//! A secret that was just made, shown to the one who made it and only for a few minutes.
//!
//! It travels sealed in a cookie that no script reads, bound to the session: so the page that shows it is a plain GET, which a
//! reload repeats without making another secret, and nothing of it is in an address, a log or a row.

use crate::asking::Asking;
use crate::trouble::Trouble;
use serde::{Deserialize, Serialize};

/// Seconds that it can be seen.
const SECONDS: i64 = 300;
const COOKIE: &str = "reveal";
const PURPOSE: &str = "console reveal";

#[derive(Serialize, Deserialize)]
struct Revealed {
    about: String,
    /// Which one of its kind.
    #[serde(default)]
    id: String,
    session: String,
    secret: String,
}

/// A secret that can be seen, and which one of its kind it is.
pub struct Seen {
    pub id: String,
    pub secret: String,
}

/// Keeps a secret of `about` for this session.
pub fn keep(asking: &mut Asking, about: &str, secret: &str) -> Result<(), Trouble> {
    keep_one(asking, about, "", secret)
}

/// The same of one of a kind.
pub fn keep_one(asking: &mut Asking, about: &str, id: &str, secret: &str) -> Result<(), Trouble> {
    let value = Revealed {
        about: about.to_owned(),
        id: id.to_owned(),
        session: asking.session.id.to_string(),
        secret: secret.to_owned(),
    };
    let (tenant, until) = (asking.cx().tenant_id(), asking.cx().now.plus_seconds(SECONDS));
    let sealed = asking.service().secrets.seal(PURPOSE, tenant, until, &value)?;
    asking.visit.cookies.set(COOKIE, &sealed, SECONDS);
    Ok(())
}

/// The secret of `about`, while it can be seen.
pub fn see(asking: &Asking, about: &str) -> Option<String> {
    seen(asking, about).map(|seen| seen.secret)
}

/// The same with its id.
pub fn seen(asking: &Asking, about: &str) -> Option<Seen> {
    let sealed = asking.visit.cookies.get(COOKIE)?;
    let value: Revealed = asking.service().secrets.open(PURPOSE, asking.cx().tenant_id(), asking.cx().now, sealed).ok()?;
    let sees = value.about == about && value.session == asking.session.id.to_string();
    sees.then_some(Seen { id: value.id, secret: value.secret })
}
