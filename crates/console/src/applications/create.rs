//! A new application.

use super::{ACCENTS, KINDS};
use crate::asking::Asking;
use crate::door::Answer;
use crate::reveal;
use crate::told::{Told, lines};
use doorward_service::directory::NewApplication;
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct NewPage {
    kinds: Vec<(&'static str, &'static str)>,
    accents: Vec<&'static str>,
    name: String,
    kind: String,
    accent: String,
    redirect_uris: String,
}

/// `GET /console/applications/new`
pub async fn form(asking: Asking) -> Answer {
    render(&asking, &Told::nothing())
}

fn render(asking: &Asking, told: &Told) -> Answer {
    let page = NewPage {
        kinds: KINDS.iter().map(|(_, word, icon)| (*word, *icon)).collect(),
        accents: ACCENTS.iter().map(|(_, word)| *word).collect(),
        name: told.value("name", ""),
        kind: told.value("kind", "web"),
        accent: told.value("accent", "standard"),
        redirect_uris: told.value("redirect_uris", ""),
    };
    asking.show_told("console/application_new.html", &page, told)
}

/// `POST /console/applications/new`
pub async fn create(mut asking: Asking) -> Answer {
    let document = json!({
        "name": asking.field("name"),
        "kind": asking.field("kind"),
        "accent": asking.field("accent"),
        "redirect_uris": lines(asking.field("redirect_uris")),
    });
    let made = match NewApplication::from_json(document) {
        Ok(new) => asking.service().create_application(asking.cx(), &asking.actor(), new).await,
        Err(error) => Err(error),
    };
    let made = match made {
        Ok(made) => made,
        Err(error) => return render(&asking, &Told::by(&asking.sent, error)?),
    };
    if let Some(secret) = &made.client_secret {
        reveal::keep(&mut asking, &made.row.id.to_string(), secret)?;
    }
    asking.done(&format!("/console/applications/{}/credentials", made.row.id), "application-created")
}
