//! Tenants.

use super::document::{json, patched, read};
use super::field::Problems;
use super::{Change, DirectoryError, again, policy, revised_at};
use crate::audit::Event;
use crate::boxed;
use crate::i18n::Locale;
use crate::secrets::new_id;
use crate::tenancy::Tenant;
use crate::{Client, Cx, Service};
use doorward_protocol::ids::TenantId;
use doorward_protocol::policy::Policy;
use doorward_store::engine::Batch;
use doorward_store::revision::Revised as _;
use doorward_store::tenants::{Brand, NativeApps, TenantRow, TenantSettings};
use doorward_store::{Json, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// What can be set of a tenant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantDocument {
    /// Short name in commands and headers.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Policy of sign-in.
    #[serde(default)]
    pub policy: Policy,
    /// Looks.
    #[serde(default)]
    pub brand: Brand,
    /// Language when the browser does not say.
    #[serde(default)]
    pub default_locale: Option<String>,
    /// Sender of mails.
    #[serde(default)]
    pub mail_from: Option<String>,
    /// Native applications that share its passkeys.
    #[serde(default)]
    pub native_apps: NativeApps,
    /// The resource server that a request means when it names none.
    #[serde(default)]
    pub default_audience: Option<String>,
    /// Addresses that sign-out may return to when no application asked for it.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
}

impl TenantDocument {
    /// The document of a row.
    pub fn of(row: &TenantRow) -> Self {
        let TenantSettings { policy, brand, default_locale, mail_from, native_apps, default_audience, post_logout_redirect_uris } =
            row.settings.0.clone();
        Self {
            slug: row.slug.clone(),
            name: row.name.clone(),
            policy,
            brand,
            default_locale,
            mail_from,
            native_apps,
            default_audience,
            post_logout_redirect_uris,
        }
    }

    /// Reads one from JSON.
    ///
    /// # Errors
    /// [`DirectoryError::Invalid`].
    pub fn from_json(value: Value) -> Result<Self, DirectoryError> {
        read(value)
    }

    pub(super) fn settings(&self) -> TenantSettings {
        TenantSettings {
            policy: self.policy.clone(),
            brand: self.brand.clone(),
            default_locale: self.default_locale.clone(),
            mail_from: self.mail_from.clone(),
            native_apps: self.native_apps.clone(),
            default_audience: self.default_audience.clone(),
            post_logout_redirect_uris: self.post_logout_redirect_uris.clone(),
        }
    }

    pub(super) fn check(&self) -> Result<(), DirectoryError> {
        let mut problems = Problems::default();
        let slug_ok = (1..=63).contains(&self.slug.len())
            && self.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !self.slug.starts_with('-')
            && !self.slug.ends_with('-');
        problems.must(slug_ok, "slug", "must be 1 to 63 lower-case letters, digits and dashes, with no dash at either end");
        // The header that names a tenant takes an id or a slug: the two must never be confused.
        problems.must(Uuid::parse_str(&self.slug).is_err(), "slug", "must not look like an id");
        problems.name("name", &self.name);
        policy::check(&mut problems, &self.policy);
        let brand = &self.brand;
        problems.web_address("brand.logo_url", brand.logo_url.as_deref());
        problems.web_address("brand.support_url", brand.support_url.as_deref());
        problems.web_address("brand.terms_url", brand.terms_url.as_deref());
        problems.web_address("brand.privacy_url", brand.privacy_url.as_deref());
        if let Some(color) = &brand.color {
            let hex = color.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
            problems.must(hex, "brand.color", "must be a colour as #rrggbb");
        }
        native_apps(&mut problems, &self.native_apps);
        let address =
            |text: &str| doorward_protocol::oauth::redirect_uri::check_registration(text, true).map_err(|e| e.to_string());
        problems.each("post_logout_redirect_uris", &self.post_logout_redirect_uris, 100, address);
        if let Some(audience) = &self.default_audience {
            let ok = (1..=600).contains(&audience.len()) && audience.bytes().all(|b| b.is_ascii_graphic());
            problems.must(ok, "default_audience", "must be 1 to 600 printable ASCII characters without spaces");
        }
        if let Some(tag) = &self.default_locale {
            problems.must(Locale::matching(tag).is_some(), "default_locale", "must be one of en, de, fr, es, ja");
        }
        if let Some(from) = &self.mail_from {
            let ok = from.parse::<lettre::message::Mailbox>().is_ok();
            problems.must(ok, "mail_from", "must be an address such as Example <hello@example.org>");
        }
        problems.finish()
    }
}

/// Package names and fingerprints as Digital Asset Links writes them; application ids as Apple does.
fn native_apps(problems: &mut Problems, apps: &NativeApps) {
    problems.must(apps.android.len() <= 50, "native_apps.android", "must have at most 50 entries");
    for (n, app) in apps.android.iter().enumerate() {
        let at = format!("native_apps.android[{n}]");
        let package = !app.package_name.is_empty()
            && app.package_name.len() <= 255
            && app.package_name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
        problems.must(package, &format!("{at}.package_name"), "must be a package name such as com.example.app");
        problems.each(&format!("{at}.sha256_cert_fingerprints"), &app.sha256_cert_fingerprints, 20, |text| {
            let bytes: Vec<&str> = text.split(':').collect();
            let hex = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
            if bytes.len() == 32 && bytes.iter().all(hex) {
                Ok(())
            } else {
                Err("must be 32 bytes in upper-case hexadecimal with colons between".into())
            }
        });
    }
    problems.each("native_apps.apple", &apps.apple, 50, |text| {
        let ok = text.split_once('.').is_some_and(|(team, bundle)| {
            team.len() == 10
                && team.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                && !bundle.is_empty()
                && bundle.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        });
        if ok { Ok(()) } else { Err("must be a team id and a bundle id, such as ABCDE12345.com.example.app".into()) }
    });
}

impl Service {
    /// Makes a tenant. It answers once it has a domain.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn create_tenant(&self, client: Client, actor: &str, new: TenantDocument) -> Result<TenantRow, DirectoryError> {
        new.check()?;
        let now = self.clock.real();
        let row = TenantRow {
            id: TenantId(new_id(now)),
            slug: new.slug.clone(),
            name: new.name.trim().to_owned(),
            settings: Json(new.settings()),
            created_at: now,
            updated_at: now,
        };
        let cx = self.cx_over(
            Arc::new(Tenant { row: row.clone(), domains: Vec::new(), has_mail_route: false, own_words: Arc::default() }),
            client,
        );
        let event = Event::new("tenant.created").actor(actor).with("slug", row.slug.as_str());
        self.write(Batch::new().with(row.insert()).with(event.statement(&cx))).await?;
        Ok(row)
    }

    /// A tenant by id or slug.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn find_tenant(&self, id_or_slug: &str) -> Result<Option<TenantRow>, DirectoryError> {
        Ok(match id_or_slug.parse::<TenantId>() {
            Ok(id) => self.store.tenant(id).await?,
            Err(_) => self.store.tenant_by_slug(id_or_slug).await?,
        })
    }

    /// Tenants, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    #[boxed]
    pub async fn list_tenants(&self, after: Option<Uuid>, limit: u32) -> Result<Page<TenantRow>, DirectoryError> {
        Ok(self.store.tenants(after, limit).await?)
    }

    /// Changes a tenant by merge patch.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn patch_tenant(&self, cx: &Cx, actor: &str, patch: &Value) -> Result<Change<TenantRow>, DirectoryError> {
        again!(self.patch_tenant_once(cx, actor, patch))
    }

    async fn patch_tenant_once(&self, cx: &Cx, actor: &str, patch: &Value) -> Result<Change<TenantRow>, DirectoryError> {
        let before = self.store.tenant(cx.tenant_id()).await?.ok_or(DirectoryError::NotFound { noun: "tenant" })?;
        let (after, fields) = patched(json(&TenantDocument::of(&before))?, patch)?;
        let document: TenantDocument = read(after)?;
        document.check()?;
        let mut row = before.clone();
        (row.slug, row.name) = (document.slug.clone(), document.name.trim().to_owned());
        row.settings = Json(document.settings());
        if row == before {
            return Ok(Change { row, changed: false });
        }
        row.updated_at = revised_at(before.updated_at, cx.now);
        let event = Event::new("tenant.updated").actor(actor).with("fields", fields);
        self.write(Batch::new().with(before.unchanged()).with(row.update()).with(event.statement(cx))).await?;
        Ok(Change { row, changed: true })
    }

    /// Deletes a tenant with everything in it. Its audit events stay.
    ///
    /// # Errors
    /// See [`DirectoryError`].
    #[boxed]
    pub async fn delete_tenant(&self, cx: &Cx, actor: &str) -> Result<(), DirectoryError> {
        let row = self.store.tenant(cx.tenant_id()).await?.ok_or(DirectoryError::NotFound { noun: "tenant" })?;
        let event = Event::new("tenant.deleted").actor(actor).with("slug", row.slug.as_str());
        self.write(Batch::new().with(row.delete()).with(event.statement(cx))).await?;
        self.keys.forget(row.id);
        Ok(())
    }
}
