//! The account pages: what a person has here, and what they can do about it.

use serde::Serialize;

use super::consent::ScopeLine;
use super::passkey::{PasskeyCreation, PasskeyRow};
use super::problem::{Notice, Problem};
use super::signup::PasswordRules;
use super::when::When;

/// The addresses of the account pages.
#[derive(Debug, Clone, Serialize)]
pub struct AccountUrls {
    /// Overview and profile.
    pub profile: String,
    /// E-mail addresses.
    pub emails: String,
    /// Passkeys.
    pub passkeys: String,
    /// Password; none where the tenant has no passwords.
    pub password: Option<String>,
    /// Two-step sign-in; none where the tenant has none.
    pub two_step: Option<String>,
    /// Signed-in devices.
    pub devices: String,
    /// Connected applications.
    pub apps: String,
    /// What happened lately.
    pub activity: String,
    /// Download and delete.
    pub data: String,
    /// Where sign-out goes (a form).
    pub sign_out: String,
}

impl AccountUrls {
    /// The pages below a path, such as `/account`, and the sign-out form.
    #[must_use]
    pub fn below(base: &str, sign_out: &str) -> AccountUrls {
        let page = |name: &str| format!("{base}/{name}");
        AccountUrls {
            profile: base.to_owned(),
            emails: page("emails"),
            passkeys: page("passkeys"),
            password: Some(page("password")),
            two_step: Some(page("two-step")),
            devices: page("devices"),
            apps: page("apps"),
            activity: page("activity"),
            data: page("data"),
            sign_out: sign_out.to_owned(),
        }
    }
}

/// What every account page has.
#[derive(Debug, Clone, Serialize)]
pub struct AccountFrame {
    /// The person's name, or the identifier where there is none.
    pub name: String,
    /// The primary identifier.
    pub identifier: String,
    /// A picture of the person; without one, the first letters of the name are shown.
    pub picture_url: Option<String>,
    /// The pages.
    pub urls: AccountUrls,
    /// Why a form came back.
    pub problem: Option<Problem>,
    /// Good news.
    pub notice: Option<Notice>,
}

/// Overview and profile.
#[derive(Debug, Clone, Serialize)]
pub struct AccountProfilePage {
    /// The frame.
    pub frame: AccountFrame,
    /// Where the fields go (`name`, `given_name`, `family_name`, `locale`, `zoneinfo`).
    pub submit_url: String,
    /// Claim `name`.
    pub name: Option<String>,
    /// Claim `given_name`.
    pub given_name: Option<String>,
    /// Claim `family_name`.
    pub family_name: Option<String>,
    /// Claim `locale`, one of the tags of the languages here, or none for "as my browser".
    pub locale: Option<String>,
    /// Claim `zoneinfo`.
    pub zoneinfo: Option<String>,
    /// How many passkeys the account has.
    pub passkey_count: u32,
    /// Whether the primary address is verified.
    pub email_verified: bool,
    /// How many devices are signed in.
    pub device_count: u32,
}

/// An e-mail address of the account.
#[derive(Debug, Clone, Serialize)]
pub struct EmailRow {
    /// The value that forms send as `email`.
    pub id: String,
    /// The address.
    pub address: String,
    /// Whether it is proven.
    pub verified: bool,
    /// Whether it is the one that mails go to.
    pub primary: bool,
}

/// E-mail addresses.
#[derive(Debug, Clone, Serialize)]
pub struct AccountEmailsPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The addresses.
    pub emails: Vec<EmailRow>,
    /// Adds one (`identifier`).
    pub add_url: String,
    /// Sends a code to one (`email`).
    pub verify_url: String,
    /// Makes one the primary one (`email`).
    pub primary_url: String,
    /// Removes one (`email`).
    pub remove_url: String,
    /// What was typed.
    pub typed: Option<String>,
}

/// Passkeys.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPasskeysPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The passkeys.
    pub passkeys: Vec<PasskeyRow>,
    /// The sealed ceremony that goes with `creation`.
    pub flow: String,
    /// Adds one; none while a fresh sign-in is needed first.
    pub creation: Option<PasskeyCreation>,
    /// Asks for the fresh sign-in, when `creation` is none.
    pub confirm_url: Option<String>,
    /// Renames one (`passkey`, `name`).
    pub rename_url: String,
    /// Deletes one (`passkey`).
    pub delete_url: String,
    /// Whether the last one may be deleted (there is another way to sign in).
    pub last_deletable: bool,
}

/// Password.
#[derive(Debug, Clone, Serialize)]
pub struct AccountPasswordPage {
    /// The frame.
    pub frame: AccountFrame,
    /// Whether there is one.
    pub has_password: bool,
    /// When it was last set.
    pub changed: Option<When>,
    /// Whether the old one is asked for.
    pub asks_current: bool,
    /// Where the new one goes (`password`, and `current_password` when it is asked for).
    pub submit_url: String,
    /// Removes it; none where that would lock the person out.
    pub remove_url: Option<String>,
    /// What a new one must be like.
    pub rules: PasswordRules,
}

/// The kind of a device, which decides its picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    /// A computer.
    Desktop,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Not known.
    Unknown,
}

/// A session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionRow {
    /// The value that forms send as `session`.
    pub id: String,
    /// Browser and system, such as "Firefox on Windows".
    pub device: String,
    /// The kind of device.
    pub kind: DeviceKind,
    /// Where it was last seen: an address or a place.
    pub origin: Option<String>,
    /// When it was begun.
    pub signed_in: When,
    /// When it was last used.
    pub last_seen: When,
    /// The applications that it was used for.
    pub applications: Vec<String>,
    /// Whether it is this one.
    pub current: bool,
}

/// Signed-in devices.
#[derive(Debug, Clone, Serialize)]
pub struct AccountDevicesPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The sessions, this one first.
    pub sessions: Vec<SessionRow>,
    /// Signs one out (`session`).
    pub revoke_url: String,
    /// Signs all others out.
    pub revoke_others_url: String,
}

/// An application that has access.
#[derive(Debug, Clone, Serialize)]
pub struct AppRow {
    /// The value that forms send as `application`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Since when.
    pub since: When,
    /// When it last asked.
    pub last_used: Option<When>,
    /// What it may do.
    pub scopes: Vec<ScopeLine>,
}

/// Connected applications.
#[derive(Debug, Clone, Serialize)]
pub struct AccountAppsPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The applications.
    pub apps: Vec<AppRow>,
    /// Takes the access away (`application`).
    pub revoke_url: String,
}

/// Something that happened to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityKind {
    /// The account was made.
    SignedUp,
    /// Signed in by passkey.
    SignedInPasskey,
    /// Signed in by password.
    SignedInPassword,
    /// Signed in by code or link.
    SignedInCode,
    /// Signed out.
    SignedOut,
    /// An attempt to sign in failed.
    SignInFailed,
    /// Too many attempts; paused.
    Locked,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was renamed.
    PasskeyRenamed,
    /// A passkey was removed.
    PasskeyRemoved,
    /// The password was set or changed.
    PasswordChanged,
    /// The password was removed.
    PasswordRemoved,
    /// An address was added.
    EmailAdded,
    /// An address was verified.
    EmailVerified,
    /// The primary address changed.
    EmailPrimary,
    /// An address was removed.
    EmailRemoved,
    /// Recovery was used.
    Recovered,
    /// An application got access.
    AppConnected,
    /// An application lost access.
    AppDisconnected,
    /// A device was signed out from here.
    DeviceSignedOut,
    /// The profile was changed.
    ProfileChanged,
    /// The data was downloaded.
    DataDownloaded,
    /// A second factor was set up.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A second factor was not accepted.
    FactorRefused,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// New recovery codes were made.
    RecoveryCodesMade,
}

impl ActivityKind {
    /// Each of them, so that a test can see that every kind has its words.
    pub const ALL: &'static [ActivityKind] = &[
        ActivityKind::SignedUp,
        ActivityKind::SignedInPasskey,
        ActivityKind::SignedInPassword,
        ActivityKind::SignedInCode,
        ActivityKind::SignedOut,
        ActivityKind::SignInFailed,
        ActivityKind::Locked,
        ActivityKind::PasskeyAdded,
        ActivityKind::PasskeyRenamed,
        ActivityKind::PasskeyRemoved,
        ActivityKind::PasswordChanged,
        ActivityKind::PasswordRemoved,
        ActivityKind::EmailAdded,
        ActivityKind::EmailVerified,
        ActivityKind::EmailPrimary,
        ActivityKind::EmailRemoved,
        ActivityKind::Recovered,
        ActivityKind::AppConnected,
        ActivityKind::AppDisconnected,
        ActivityKind::DeviceSignedOut,
        ActivityKind::ProfileChanged,
        ActivityKind::DataDownloaded,
        ActivityKind::FactorAdded,
        ActivityKind::FactorRemoved,
        ActivityKind::FactorRefused,
        ActivityKind::RecoveryCodeUsed,
        ActivityKind::RecoveryCodesMade,
    ];
}

/// One line of the activity.
#[derive(Debug, Clone, Serialize)]
pub struct ActivityRow {
    /// What happened.
    pub kind: ActivityKind,
    /// To what: the passkey's name, the address, the application.
    pub subject: Option<String>,
    /// When.
    pub at: When,
    /// Browser and system.
    pub device: Option<String>,
    /// From where.
    pub origin: Option<String>,
    /// Whether it deserves a second look.
    pub warn: bool,
}

/// What happened lately.
#[derive(Debug, Clone, Serialize)]
pub struct AccountActivityPage {
    /// The frame.
    pub frame: AccountFrame,
    /// The newest first.
    pub events: Vec<ActivityRow>,
    /// The page before.
    pub older_url: Option<String>,
}

/// Download my data, delete my account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountDataPage {
    /// The frame.
    pub frame: AccountFrame,
    /// Answers the file (a form).
    pub download_url: String,
    /// Deletes the account (`confirmation`).
    pub delete_url: String,
    /// What must be typed: the identifier.
    pub confirmation: String,
}

/// The account is gone.
#[derive(Debug, Clone, Serialize)]
pub struct AccountDeletedPage {
    /// The front door.
    pub home_url: Option<String>,
}
