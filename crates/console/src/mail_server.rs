//! The mail server of a tenant that has one of its own. Whoever has it reads the links that are mailed: it is the owners'.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::admin::Right::{Own, Read};
use doorward_service::directory::MailServerDocument;
use doorward_service::mail::MailSecurity;
use serde::Serialize;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/mail-server", Read, show)
        .sensitive("/console/mail-server", Own, save)
        .sensitive("/console/mail-server/remove", Own, remove)
        .act("/console/mail-server/test", Own, test)
}

const HERE: &str = "/console/mail-server";

#[derive(Serialize)]
struct MailServerPage {
    own: bool,
    host: String,
    port: String,
    security: String,
    username: String,
    has_password: bool,
    from: String,
    /// Where a test goes.
    to: Option<String>,
}

fn word(security: MailSecurity) -> &'static str {
    match security {
        MailSecurity::None => "none",
        MailSecurity::StartTls => "start_tls",
        MailSecurity::Tls => "tls",
    }
}

/// `GET /console/mail-server`
async fn show(asking: Asking) -> Answer {
    render(&asking, &Told::nothing()).await
}

async fn render(asking: &Asking, told: &Told) -> Answer {
    let kept = asking.service().mail_server(asking.cx()).await?;
    let of = |field: &str, read: fn(&doorward_service::directory::MailServer) -> String| {
        told.value(field, kept.as_ref().map(read).unwrap_or_default())
    };
    let page = MailServerPage {
        own: kept.is_some(),
        host: of("host", |kept| kept.host.clone()),
        port: told.value("port", kept.as_ref().map_or_else(|| "465".to_owned(), |kept| kept.port.to_string())),
        security: told.value("security", kept.as_ref().map_or("tls", |kept| word(kept.security))),
        username: of("username", |kept| kept.username.clone().unwrap_or_default()),
        has_password: kept.as_ref().is_some_and(|kept| kept.has_password),
        from: of("from_address", |kept| kept.from.clone().unwrap_or_default()),
        to: asking.person.email().filter(|email| email.verified_at.is_some()).map(|email| email.value.clone()),
    };
    asking.show_told("console/mail_server.html", &page, told)
}

/// `POST /console/mail-server`
async fn save(asking: Asking) -> Answer {
    let new = MailServerDocument {
        host: asking.field("host").to_owned(),
        port: asking.field("port").parse().unwrap_or_default(),
        security: match asking.field("security") {
            "none" => MailSecurity::None,
            "start_tls" => MailSecurity::StartTls,
            _ => MailSecurity::Tls,
        },
        username: Some(asking.field("username").to_owned()),
        password: asking.sent.first("password").map(str::to_owned),
        from: Some(asking.field("from_address").to_owned()),
    };
    match asking.service().put_mail_server(asking.cx(), &asking.actor(), new).await {
        Ok(()) => asking.done(HERE, "mail-server-saved"),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            // The form's own `from` is the page that it stands on.
            for wrong in told.wrong.iter_mut().filter(|wrong| wrong.field == "from") {
                wrong.field = "from_address".into();
            }
            render(&asking, &told).await
        }
    }
}

/// `POST /console/mail-server/remove`
async fn remove(asking: Asking) -> Answer {
    asking.service().remove_mail_server(asking.cx(), &asking.actor()).await?;
    asking.done(HERE, "mail-server-removed")
}

/// `POST /console/mail-server/test`: to oneself, now.
async fn test(asking: Asking) -> Answer {
    let Some(email) = asking.person.email().filter(|email| email.verified_at.is_some()) else {
        return Err(Trouble::Refused("your account has no verified address to send it to".into()));
    };
    let to = email.value.clone();
    match asking.service().test_mail_server(asking.cx(), &asking.actor(), &to).await {
        Ok(()) => asking.done(HERE, "mail-server-tested"),
        Err(error) => {
            let mut told = Told::by(&asking.sent, error)?;
            told.typed.clear();
            render(&asking, &told).await
        }
    }
}
