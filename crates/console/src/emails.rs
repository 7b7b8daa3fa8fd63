//! E-mails: what each says in each language, in Doorward's words or the tenant's own.

use crate::asking::Asking;
use crate::door::{Answer, Doors};
use crate::framed::{framed, with_frames};
use crate::told::Told;
use crate::trouble::Trouble;
use doorward_protocol::admin::Right::{Manage, Read};
use doorward_service::i18n::Locale;
use doorward_service::mail::{Letter, Words};
use serde::Serialize;

pub fn doors(doors: Doors) -> Doors {
    doors
        .page("/console/emails", Read, list)
        .page("/console/emails/{kind}", Read, show)
        .page("/console/emails/{kind}/preview", Read, preview)
        .act("/console/emails/{kind}", Manage, save)
        .act("/console/emails/{kind}/reset", Manage, reset)
        .act("/console/emails/{kind}/test", Manage, test)
}

#[derive(Serialize)]
struct ListPage {
    mails: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    kind: &'static str,
    subject: String,
    /// Languages in which the tenant has its own words.
    own: Vec<&'static str>,
}

/// The language that is asked for, else the tenant's.
fn language(asking: &Asking) -> Locale {
    let own = asking.cx().tenant.row.settings.0.default_locale.as_deref();
    Locale::matching(asking.field("language")).or_else(|| own.and_then(Locale::matching)).unwrap_or(Locale::En)
}

/// `GET /console/emails`
async fn list(asking: Asking) -> Answer {
    let cx = asking.cx();
    let own = asking.service().list_mail_templates(cx).await?;
    let mut mails = Vec::new();
    for letter in asking.service().sample_letters(cx) {
        let kind = letter.kind(cx);
        let of = |locale: &Locale| own.iter().any(|row| row.kind == kind && row.locale == locale.tag());
        mails.push(Line {
            kind,
            subject: letter.render(cx, language(&asking).tag())?.subject,
            own: Locale::ALL.iter().filter(|locale| of(locale)).map(|locale| locale.endonym()).collect(),
        });
    }
    asking.show("console/emails.html", &ListPage { mails })
}

#[derive(Serialize)]
struct MailPage {
    kind: &'static str,
    url: String,
    language: &'static str,
    languages: Vec<(&'static str, &'static str, bool)>,
    /// Whether the words are the tenant's own.
    own: bool,
    subject: String,
    body: String,
    placeholders: Vec<&'static str>,
    shown_subject: String,
    preview: String,
    /// Where a test goes.
    to: Option<String>,
}

fn letter(asking: &Asking) -> Result<Letter, Trouble> {
    Ok(asking.service().sample_letter(asking.cx(), asking.part("kind"))?)
}

/// `GET /console/emails/{kind}`
async fn show(asking: Asking) -> Answer {
    render(&asking, &Told::nothing()).await
}

async fn render(asking: &Asking, told: &Told) -> Answer {
    let cx = asking.cx();
    let letter = letter(asking)?;
    let (kind, locale) = (letter.kind(cx), language(asking));
    let rows = asking.service().list_mail_templates(cx).await?;
    let of = |locale: Locale| rows.iter().find(|row| row.kind == kind && row.locale == locale.tag());
    let kept = of(locale).map(|row| Words { subject: row.subject.clone(), body: row.body.clone() });
    let words = kept.clone().unwrap_or_else(|| letter.default_words(cx, locale));
    let shown = match &kept {
        Some(words) => letter.render_with(cx, locale, words)?,
        None => letter.render(cx, locale.tag())?,
    };
    let page = MailPage {
        kind,
        url: format!("/console/emails/{kind}"),
        language: locale.tag(),
        languages: Locale::ALL.iter().map(|one| (one.tag(), one.endonym(), of(*one).is_some())).collect(),
        own: kept.is_some(),
        subject: told.value("subject", words.subject),
        body: told.value("body", words.body),
        placeholders: letter.placeholders(cx),
        shown_subject: shown.subject,
        preview: format!("/console/emails/{kind}/preview?language={}", locale.tag()),
        to: asking.person.email().filter(|email| email.verified_at.is_some()).map(|email| email.value.clone()),
    };
    asking.show_told("console/email.html", &page, told).map(with_frames)
}

/// `GET /console/emails/{kind}/preview`: the mail itself, in a frame.
async fn preview(asking: Asking) -> Answer {
    let mail = letter(&asking)?.render(asking.cx(), language(&asking).tag())?;
    Ok(asking.visit.answer(framed(mail.html, true)))
}

fn back(asking: &Asking) -> Result<String, Trouble> {
    Ok(format!("/console/emails/{}?language={}", letter(asking)?.kind(asking.cx()), language(asking).tag()))
}

/// `POST /console/emails/{kind}`
async fn save(asking: Asking) -> Answer {
    let back = back(&asking)?;
    let words = Words { subject: asking.field("subject").to_owned(), body: asking.field("body").replace("\r\n", "\n") };
    let kind = asking.part("kind").to_owned();
    let done = asking.service().put_mail_template(asking.cx(), &asking.actor(), &kind, language(&asking), words).await;
    match done {
        Ok(()) => asking.done(&back, "email-saved"),
        Err(error) => {
            let told = Told::by(&asking.sent, error)?;
            render(&asking, &told).await
        }
    }
}

/// `POST /console/emails/{kind}/reset`
async fn reset(asking: Asking) -> Answer {
    let back = back(&asking)?;
    asking.service().reset_mail_template(asking.cx(), &asking.actor(), asking.part("kind"), language(&asking)).await?;
    asking.done(&back, "email-reset")
}

/// `POST /console/emails/{kind}/test`: to oneself.
async fn test(asking: Asking) -> Answer {
    let back = back(&asking)?;
    let Some(email) = asking.person.email().filter(|email| email.verified_at.is_some()) else {
        return Err(Trouble::Refused("your account has no verified address to send it to".into()));
    };
    let (kind, to) = (asking.part("kind"), email.value.clone());
    asking.service().send_sample_mail(asking.cx(), &asking.actor(), kind, language(&asking), &to).await?;
    asking.done(&back, "email-sent")
}
