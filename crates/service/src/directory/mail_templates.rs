//! A tenant's own words for its mails.

use super::DirectoryError;
use crate::audit::Event;
use crate::boxed;
use crate::i18n::Locale;
use crate::mail::{Letter, Words};
use crate::{Cx, Service};
use doorward_store::engine::Batch;
use doorward_store::mail::{MailTemplateRow, delete_mail_template, put_mail_template};

/// The letter of a kind, with values that nobody has.
fn letter(cx: &Cx, kind: &str) -> Result<Letter, DirectoryError> {
    let mut all = Letter::samples(cx).into_iter();
    all.find(|letter| letter.kind(cx) == kind).ok_or(DirectoryError::NotFound { noun: "mail" })
}

impl Service {
    /// The kinds of mail that a tenant's people get, each as a letter with values that nobody has.
    pub fn sample_letters(&self, cx: &Cx) -> Vec<Letter> {
        Letter::samples(cx)
    }

    /// A kind of mail, likewise.
    ///
    /// # Errors
    /// [`DirectoryError::NotFound`].
    pub fn sample_letter(&self, cx: &Cx, kind: &str) -> Result<Letter, DirectoryError> {
        letter(cx, kind)
    }

    /// The words that a tenant has of its own.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_mail_templates(&self, cx: &Cx) -> Result<Vec<MailTemplateRow>, DirectoryError> {
        Ok(self.store.mail_templates(cx.tenant_id()).await?)
    }

    /// Sets a tenant's words for a kind of mail in a language.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn put_mail_template(
        &self,
        cx: &Cx,
        actor: &str,
        kind: &str,
        locale: Locale,
        words: Words,
    ) -> Result<(), DirectoryError> {
        letter(cx, kind)?.render_with(cx, locale, &words)?;
        let row = MailTemplateRow {
            tenant_id: cx.tenant_id(),
            kind: kind.to_owned(),
            locale: locale.tag().to_owned(),
            subject: words.subject,
            body: words.body,
            updated_at: cx.now,
        };
        let event = Event::new("mail_template.changed").actor(actor).with("kind", kind).with("locale", locale.tag());
        self.write(Batch::new().with(put_mail_template(&row)).with(event.statement(cx))).await
    }

    /// Goes back to the words that Doorward brings.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn reset_mail_template(&self, cx: &Cx, actor: &str, kind: &str, locale: Locale) -> Result<(), DirectoryError> {
        letter(cx, kind)?;
        let event = Event::new("mail_template.reset").actor(actor).with("kind", kind).with("locale", locale.tag());
        let delete = delete_mail_template(cx.tenant_id(), kind, locale.tag());
        self.write(Batch::new().with(delete).with(event.statement(cx))).await
    }

    /// Sends a kind of mail, with values that nobody has, to the one who asks: never to an address of somebody's choice.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn send_sample_mail(
        &self,
        cx: &Cx,
        actor: &str,
        kind: &str,
        locale: Locale,
        to: &str,
    ) -> Result<(), DirectoryError> {
        let mail = self.post_to(cx, to, locale.tag(), &letter(cx, kind)?)?;
        let event = Event::new("mail_template.tried").actor(actor).with("kind", kind).with("locale", locale.tag());
        self.store.commit(Batch::new().with(mail).with(event.statement(cx))).await?;
        Ok(())
    }
}
