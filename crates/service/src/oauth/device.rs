//! The device authorization grant (RFC 8628): a device without a keyboard shows a code, and a person types it elsewhere.

use super::client_auth::ClientCredentials;
use super::token::grants::DEVICE_CODE;
use super::token::{TokenError, TokenRequest};
use crate::audit::Event;
use crate::boxed;
use crate::secrets::random;
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_protocol::oauth::error::OAuthErrorCode as Code;
use doorward_protocol::oauth::params::Params;
use doorward_store::Json;
use doorward_store::applications::ApplicationRow;
use doorward_store::device::{self, DeviceAuthorizationRow};
use doorward_store::engine::Batch;
use doorward_store::sessions::SessionRow;
use std::sync::Arc;
use uuid::Uuid;

/// Seconds that a code is good for.
pub const DEVICE_SECONDS: i64 = 900;
/// Seconds between two polls.
pub const POLL_SECONDS: i64 = 5;
/// What a poll that comes too soon adds to that (section 3.5).
pub const SLOW_DOWN_SECONDS: i64 = 5;
/// Wrong codes that one network may type in the lifetime of a code. With twenty letters in eight places it guesses none of them
/// (section 5.1).
const WRONG_CODES: i64 = 10;
/// Section 6.1: no vowels, so that no word comes about, and nothing that looks like something else.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// What the device shows and keeps (section 3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorization {
    /// What it polls with.
    pub device_code: String,
    /// What the person types.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code in it.
    pub verification_uri_complete: String,
    /// Seconds.
    pub expires_in: i64,
    /// Seconds between two polls.
    pub interval: i64,
}

/// A device that waits, as the page shows it.
#[derive(Debug, Clone)]
pub struct WaitingDevice {
    /// The application on it.
    pub application: Arc<ApplicationRow>,
    /// What it asks for.
    pub scope: Vec<String>,
    /// The resource servers that it asks for.
    pub audience: Vec<String>,
    row: DeviceAuthorizationRow,
}

/// What a typed code leads to.
pub enum TypedCode {
    /// A device that waits.
    Waiting(Box<WaitingDevice>),
    /// Nothing.
    Unknown,
    /// Too many wrong ones; seconds to wait.
    Locked(u64),
}

impl Service {
    /// Begins: the device asks for a code (section 3.1).
    #[boxed]
    pub async fn begin_device(
        &self,
        cx: &Cx,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Result<DeviceAuthorization, TokenError>, Error> {
        self.begin_device_for(cx, authorization, params, DEVICE_SECONDS).await
    }

    /// The same with codes that are good for so many seconds.
    #[boxed]
    pub async fn begin_device_for(
        &self,
        cx: &Cx,
        authorization: Option<&str>,
        params: &Params,
        seconds: i64,
    ) -> Result<Result<DeviceAuthorization, TokenError>, Error> {
        // The rules for clients without a secret are those of the grant that follows.
        let own = params.pairs().filter(|(name, _)| *name != "grant_type").chain([("grant_type", DEVICE_CODE)]);
        let own = Params::from_pairs(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let client = match self.authenticate_client(cx, &ClientCredentials { authorization, params: Some(&own) }).await? {
            Ok(client) => client,
            Err(error) => return Ok(Err(TokenError::of_client(error, authorization.is_some()))),
        };
        if !client.application.settings.0.allows_grant(DEVICE_CODE) {
            let text = "this application may not use the device code grant";
            return Ok(Err(TokenError::new(Code::UnauthorizedClient, text, "grant_type_not_allowed")));
        }
        let request = TokenRequest { client, params };
        let application = Arc::clone(&request.client.application);
        let (scope, audience) = match self.asked_for(cx, &application, &request).await? {
            Ok(asked) => asked,
            Err(error) => return Ok(Err(error)),
        };
        let id = Uuid::from_bytes(random());
        let secret: [u8; 32] = random();
        let letters = user_code();
        let row = DeviceAuthorizationRow {
            id,
            tenant_id: cx.tenant_id(),
            application_id: application.id,
            device_code_hash: self.device_code_digest(id, &secret),
            user_code_hash: self.user_code_digest(cx, &letters),
            scope: Json(scope),
            audience: Json(audience),
            state: device::WAITING.into(),
            user_id: None,
            session_id: None,
            proofs: Json(Vec::new()),
            poll_seconds: POLL_SECONDS,
            polled_at: doorward_protocol::time::Timestamp(0),
            created_at: cx.now,
            expires_at: cx.now.plus_seconds(seconds),
        };
        let mut batch = Batch::new().with(row.insert());
        if let Some(spend) = request.client.spend {
            batch.push(spend);
        }
        match self.store.commit(batch).await {
            Ok(_) => {}
            Err(error) if error.is_unique("spent") => return Ok(Err(TokenError::replayed_assertion())),
            Err(error) => return Err(error.into()),
        }
        let (first, second) = letters.split_at(4);
        let user_code = format!("{first}-{second}");
        let mut device_code = id.as_bytes().to_vec();
        device_code.extend_from_slice(&secret);
        Ok(Ok(DeviceAuthorization {
            device_code: URL_SAFE_NO_PAD.encode(device_code),
            verification_uri: cx.url("/activate"),
            verification_uri_complete: cx.url(&format!("/activate?user_code={user_code}")),
            user_code,
            expires_in: seconds,
            interval: POLL_SECONDS,
        }))
    }

    /// Looks up what a person typed. Wrong codes are counted: there are many, but not that many (section 5.1).
    #[boxed]
    pub async fn typed_device_code(&self, cx: &Cx, typed: &str) -> Result<TypedCode, Error> {
        let bucket = format!("device:{}", crate::limits::network(&cx.client.ip));
        let (wrong, until) = self.store.failures(cx.tenant_id(), &bucket, cx.now).await?;
        if wrong >= WRONG_CODES {
            return Ok(TypedCode::Locked(until.seconds_since(cx.now).max(1).unsigned_abs()));
        }
        let letters: String =
            typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(16).collect();
        let found = self.store.device_by_user_code(cx.tenant_id(), &self.user_code_digest(cx, &letters), cx.now).await?;
        if let Some(row) = found.filter(|row| row.state == device::WAITING)
            && let Some(application) = self.application_by_id(cx.tenant_id(), row.application_id).await?
        {
            let (scope, audience) = (row.scope.0.clone(), row.audience.0.clone());
            return Ok(TypedCode::Waiting(Box::new(WaitingDevice { application, scope, audience, row })));
        }
        let ends = cx.now.plus_seconds(DEVICE_SECONDS);
        let count = doorward_store::short_lived::count_failure(cx.tenant_id(), &bucket, cx.now, ends);
        self.store.commit(Batch::new().with(count).with(Event::new("device_code.unknown").statement(cx))).await?;
        Ok(TypedCode::Unknown)
    }

    /// A signed-in person's answer (section 3.3). `false`: another was given meanwhile.
    #[boxed]
    pub async fn answer_device(&self, cx: &Cx, device: &WaitingDevice, session: &SessionRow, allow: bool) -> Result<bool, Error> {
        let mut row = device.row.clone();
        if allow {
            row.state = device::ALLOWED.into();
            row.user_id = Some(session.user_id);
            row.session_id = Some(session.id);
            row.proofs = session.proofs.clone();
        } else {
            row.state = device::DENIED.into();
        }
        let name = if allow { "device.allowed" } else { "device.denied" };
        let event = Event::new(name).user(session.user_id).application(row.application_id).with("scope", row.scope.0.join(" "));
        match self.store.commit(Batch::new().with(device::answer(&row)).with(event.statement(cx))).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_guard("device.answered") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn device_code_digest(&self, id: Uuid, secret: &[u8]) -> Vec<u8> {
        self.secrets.digest("device code", &[id.as_bytes(), secret])
    }

    fn user_code_digest(&self, cx: &Cx, letters: &str) -> Vec<u8> {
        self.secrets.digest("user code", &[cx.tenant_id().0.as_bytes(), letters.as_bytes()])
    }
}

/// Eight letters, each equally likely.
fn user_code() -> String {
    let mut out = String::new();
    while out.len() < 8 {
        // 240 is the largest multiple of twenty in a byte: what is above would favour the first letters.
        let fair = random::<16>().into_iter().filter(|byte| *byte < 240);
        out.extend(fair.filter_map(|byte| LETTERS.get(usize::from(byte % 20))).map(|letter| char::from(*letter)));
    }
    out.truncate(8);
    out
}

/// Reads a device code.
pub(crate) fn parse_device_code(text: &str) -> Option<(Uuid, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 48)?;
    let (id, secret) = bytes.split_at(16);
    Some((Uuid::from_slice(id).ok()?, secret.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8628_section_6_1_codes_are_easy_to_type() {
        for _ in 0..200 {
            let code = user_code();
            assert!(code.len() == 8 && code.bytes().all(|b| LETTERS.contains(&b)), "{code}");
        }
        assert_ne!(user_code(), user_code());
    }
}
