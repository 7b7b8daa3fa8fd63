//! The passkey steps: assertions and registrations.

use super::{Problem, Turn};
use crate::audit::{Event, count, count_failure};
use crate::boxed;
use crate::challenge::{CHALLENGE_SECONDS, Ceremony, ChallengeError};
use crate::mail::Letter;
use crate::secrets::new_id;
use crate::{Cx, Error, Service};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_protocol::ids::{PasskeyId, UserId};
use doorward_protocol::policy::{AttestationChoice, UserVerificationPolicy};
use doorward_protocol::session::{Method, Proof};
use doorward_protocol::signin::{Facts, Knowledge, NewPasskey, Purpose, SignIn, Step};
use doorward_protocol::webauthn::{
    AttestationConveyance, AttestationPolicy, AuthenticationExpectation, AuthenticationResponse, CoseAlgorithm, CreationOptions,
    CredentialDescriptor, OriginRule, RegisteredCredential, RegistrationExpectation, RegistrationResponse, RelyingParty,
    RequestOptions, StoredCredential, UserEntity, UserVerification, provider, verify_authentication, verify_registration,
};
use doorward_store::Json;
use doorward_store::engine::{Batch, Statement};
use doorward_store::passkeys::{self, PasskeyRow};
use doorward_store::sessions::SessionRow;
use doorward_store::short_lived;
use doorward_store::tenants::AndroidApp;
use doorward_store::users::Person;
use serde_json::Value;
use uuid::Uuid;

/// Most passkeys that one person may have.
const MOST_PASSKEYS: usize = 50;

/// Options for the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum PasskeyOptions {
    /// For `navigator.credentials.get()`.
    Assertion(Value),
    /// For `navigator.credentials.create()`.
    Registration(Value),
}

/// Who we are in a ceremony, as the domain asked and the policy say.
pub fn relying_party(cx: &Cx, dev: bool) -> RelyingParty {
    let policy = &cx.policy().passkey;
    let base = url::Url::parse(cx.base()).ok();
    let host = base.as_ref().and_then(url::Url::host_str).unwrap_or("localhost").to_owned();
    let mut exact: Vec<String> = cx
        .tenant
        .domains
        .iter()
        .filter_map(|d| url::Url::parse(crate::cx::base_of(d)).ok())
        .map(|u| u.origin().ascii_serialization())
        .collect();
    exact.extend(policy.origins.iter().cloned());
    exact.extend(cx.tenant.row.settings.0.native_apps.android.iter().flat_map(android_origins));
    RelyingParty {
        id: policy.rp_id.clone().unwrap_or(host),
        name: cx.tenant.row.name.clone(),
        origins: OriginRule { exact, any_localhost_port: dev, ..OriginRule::default() },
    }
}

/// The origins that ceremonies of an Android application come from: the digest of its certificate in base64url.
fn android_origins(app: &AndroidApp) -> Vec<String> {
    let hash = |text: &String| {
        let bytes: Option<Vec<u8>> = text.split(':').map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
        bytes.map(|bytes| format!("android:apk-key-hash:{}", URL_SAFE_NO_PAD.encode(bytes)))
    };
    app.sha256_cert_fingerprints.iter().filter_map(hash).collect()
}

pub(crate) fn user_verification(cx: &Cx) -> UserVerification {
    match cx.policy().passkey.user_verification {
        UserVerificationPolicy::Required => UserVerification::Required,
        UserVerificationPolicy::Preferred => UserVerification::Preferred,
        UserVerificationPolicy::Discouraged => UserVerification::Discouraged,
    }
}

fn attestation(cx: &Cx) -> (AttestationConveyance, AttestationPolicy) {
    let policy = &cx.policy().passkey;
    match policy.attestation {
        AttestationChoice::None => (AttestationConveyance::None, AttestationPolicy::Ignore),
        AttestationChoice::Direct => (AttestationConveyance::Direct, AttestationPolicy::RequireKnown),
        AttestationChoice::Trusted => {
            let roots = policy.attestation_roots.iter().filter_map(|root| STANDARD.decode(root).ok()).collect();
            (AttestationConveyance::Direct, AttestationPolicy::RequireTrusted { roots, now: cx.now.seconds() })
        }
    }
}

/// The name that a new passkey is listed under until its owner finds a better one.
pub fn passkey_name(aaguid: Uuid, user_agent: &str) -> String {
    provider(aaguid).map_or_else(|| crate::account::device_name(user_agent), |p| p.name.to_owned())
}

impl Service {
    /// Options for the ceremony that a step can use.
    pub(crate) async fn passkey_options(
        &self,
        cx: &Cx,
        state: &SignIn,
        step: &Step,
        facts: &Facts,
        person: Option<&Person>,
        stored: &[PasskeyRow],
    ) -> Result<Option<PasskeyOptions>, Error> {
        if !cx.policy().passkey.enabled {
            return Ok(None);
        }
        let has_alternative = |alternatives: &[Method]| alternatives.contains(&Method::Passkey);
        match step {
            Step::OfferPasskey { .. } => {
                let Some(user) = state.user.filter(|_| state.is_authenticated()).or(state.new_user) else { return Ok(None) };
                let address = person
                    .and_then(|p| p.email().or(p.identifiers.first()))
                    .map(|e| e.value.clone())
                    .or_else(|| state.identifier.as_ref().map(|i| i.value.clone()))
                    .unwrap_or_default();
                let name = person.and_then(|p| p.user.name.clone()).or_else(|| state.name.clone());
                Ok(Some(PasskeyOptions::Registration(self.creation_options(
                    cx,
                    user,
                    &address,
                    name.as_deref(),
                    stored,
                    &state.browser,
                ))))
            }
            Step::Identify if state.purpose == Purpose::SignIn => {
                Ok(Some(PasskeyOptions::Assertion(self.request_options(cx, &[], &state.browser))))
            }
            Step::ProvePasskey { .. } => {
                let known = match (&facts.account, &state.identifier) {
                    (Knowledge::Known { .. }, Some(identifier)) if cx.policy().reveal_accounts => {
                        match self.store.identifier(cx.tenant_id(), identifier).await? {
                            Some(row) => self.store.passkeys(cx.tenant_id(), row.user_id).await?,
                            None => Vec::new(),
                        }
                    }
                    _ => stored.to_vec(),
                };
                Ok(Some(PasskeyOptions::Assertion(self.request_options(cx, &known, &state.browser))))
            }
            Step::ProvePassword { alternatives }
            | Step::ProveCode { alternatives, .. }
            | Step::SecondFactor { alternatives, .. }
                if has_alternative(alternatives) =>
            {
                Ok(Some(PasskeyOptions::Assertion(self.request_options(cx, stored, &state.browser))))
            }
            _ => Ok(None),
        }
    }

    /// Options for an assertion. `holder` is whom the challenge is bound to: the browser, for hosted pages.
    pub fn request_options(&self, cx: &Cx, allow: &[PasskeyRow], holder: &str) -> Value {
        let rp = relying_party(cx, self.dev);
        let challenge = self.new_challenge(cx, Ceremony::Assertion, holder);
        // While a relying party id is being moved, people still have passkeys of the former one: ask under that id when every
        // passkey that may answer belongs to it.
        let former =
            allow.first().map(|p| p.rp_id.clone()).filter(|id| *id != rp.id && cx.policy().passkey.former_rp_ids.contains(id));
        let rp = match former {
            Some(id) if allow.iter().all(|p| p.rp_id == id) => RelyingParty { id, ..rp },
            _ => rp,
        };
        RequestOptions::new(&rp, &challenge)
            .timeout_ms(u32::try_from(CHALLENGE_SECONDS * 500).unwrap_or(300_000))
            .user_verification(user_verification(cx))
            .allow(allow.iter().filter(|p| p.rp_id == rp.id).map(descriptor).collect())
            .to_json()
    }

    /// Options for a registration.
    pub fn creation_options(
        &self,
        cx: &Cx,
        user: UserId,
        address: &str,
        name: Option<&str>,
        have: &[PasskeyRow],
        holder: &str,
    ) -> Value {
        let rp = relying_party(cx, self.dev);
        let handle = have.first().map_or_else(|| user.0.as_bytes().to_vec(), |p| p.user_handle.clone());
        let challenge = self.new_challenge(cx, Ceremony::Registration(&handle), holder);
        let entity = UserEntity {
            id: handle,
            name: address.to_owned(),
            display_name: name.filter(|n| !n.is_empty()).unwrap_or(address).to_owned(),
        };
        CreationOptions::new(&rp, entity, &challenge)
            .timeout_ms(u32::try_from(CHALLENGE_SECONDS * 500).unwrap_or(300_000))
            .exclude(have.iter().map(descriptor).collect())
            .user_verification(user_verification(cx))
            .attestation(attestation(cx).0)
            .to_json()
    }

    pub(crate) async fn take_assertion(
        &self,
        cx: &Cx,
        state: SignIn,
        credential: &str,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        let checked =
            self.check_assertion(cx, credential, &state.browser, state.user.filter(|_| state.purpose == Purpose::StepUp)).await?;
        match checked {
            Ok(mut good) => {
                if let Some(device) = state.device.as_deref().filter(|_| good.attachment.as_deref() == Some("platform")) {
                    good.effects.push(passkeys::note_device(cx.tenant_id(), good.passkey, device, cx.now));
                }
                self.prove(cx, state, good.user, good.proof, session, good.effects).await
            }
            Err(refused) => {
                let event = Event::new("sign_in.failed")
                    .user(refused.user)
                    .application(state.application)
                    .with("method", "passkey")
                    .with("cause", refused.cause)
                    .with("credential_id", refused.credential_id.as_deref().map(|id| URL_SAFE_NO_PAD.encode(id)));
                let counted = count_failure(cx, refused.cause);
                self.store.commit(Batch::new().with(event.statement(cx)).with(counted)).await?;
                Ok(Turn::problem(state, refused.problem))
            }
        }
    }

    /// Checks an assertion and says what accepting it changes. Every surface goes through here.
    #[boxed]
    pub async fn check_assertion(
        &self,
        cx: &Cx,
        credential: &str,
        holder: &str,
        expected: Option<UserId>,
    ) -> Result<Result<GoodAssertion, RefusedPasskey>, Error> {
        let tenant = cx.tenant_id();
        let refuse =
            |problem, cause: &'static str, user, credential_id| Ok(Err(RefusedPasskey { problem, cause, user, credential_id }));
        let response = match AuthenticationResponse::from_slice(credential.as_bytes()) {
            Ok(response) => response,
            Err(_) => return refuse(Problem::PasskeyRefused { cause: "malformed" }, "malformed", None, None),
        };
        let id = Some(response.id.clone());
        let open = match challenge_of(&response.client_data_json)
            .map(|bytes| self.check_challenge(cx, Ceremony::Assertion, holder, &bytes))
        {
            Some(Ok(open)) => open,
            Some(Err(ChallengeError::Expired)) => return refuse(Problem::PasskeyStale, "challenge_expired", None, id),
            Some(Err(other)) => return refuse(Problem::PasskeyRefused { cause: other.code() }, other.code(), None, id),
            None => return refuse(Problem::PasskeyRefused { cause: "malformed" }, "malformed", None, id),
        };
        let Some(row) = self.store.passkey_by_credential_id(tenant, &response.id).await? else {
            return refuse(Problem::PasskeyUnknown { credential_id: response.id }, "credential_unknown", None, id);
        };
        let mut rp = relying_party(cx, self.dev);
        if row.rp_id != rp.id && cx.policy().passkey.former_rp_ids.contains(&row.rp_id) {
            rp.id.clone_from(&row.rp_id);
        }
        let stored = StoredCredential {
            credential_id: row.credential_id.clone(),
            public_key: row.public_key.clone(),
            sign_count: u32::try_from(row.sign_count).unwrap_or(u32::MAX),
            backup_eligible: row.backup_eligible,
            backup_state: row.backup_state,
            user_handle: row.user_handle.clone(),
            rp_id: row.rp_id.clone(),
        };
        let expect = AuthenticationExpectation {
            challenge: &open.bytes,
            rp: &rp,
            user_verification: user_verification(cx),
            user_handle_required: expected.is_none(),
            allow_credentials: &[],
        };
        let verified = match verify_authentication(&expect, &stored, &response) {
            Ok(verified) => verified,
            Err(error) => {
                let cause = error.code();
                let problem = if cause == "user_not_verified" {
                    Problem::UserVerificationMissing
                } else {
                    Problem::PasskeyRefused { cause }
                };
                return refuse(problem, cause, Some(row.user_id), id);
            }
        };
        let mut effects = vec![
            short_lived::spend(tenant, "webauthn", &open.spent_id, open.until),
            passkeys::note_use(tenant, row.id, row.sign_count, i64::from(verified.sign_count), verified.backup_state, cx.now),
        ];
        if row.last_used_at.is_none() {
            effects.push(count(cx, "passkey.used"));
        }
        if verified.sign_count_regressed {
            effects.push(
                Event::new("passkey.counter_regressed").user(row.user_id).with("passkey", row.id.to_string()).statement(cx),
            );
        }
        if verified.backup_state != row.backup_state {
            effects.push(
                Event::new("passkey.backup_changed")
                    .user(row.user_id)
                    .with("passkey", row.id.to_string())
                    .with("backed_up", verified.backup_state)
                    .statement(cx),
            );
        }
        let proof = Proof {
            method: Method::Passkey,
            at: cx.now,
            user_verified: verified.user_verified,
            device_bound: !verified.backup_eligible,
        };
        let attachment = response.authenticator_attachment;
        Ok(Ok(GoodAssertion { user: row.user_id, proof, effects, passkey: row.id, attachment }))
    }

    /// Checks a registration. Every surface goes through here.
    pub fn check_registration(
        &self,
        cx: &Cx,
        credential: &str,
        handle: &[u8],
        holder: &str,
        silent: bool,
    ) -> Result<GoodRegistration, RefusedPasskey> {
        let refuse = |problem, cause| Err(RefusedPasskey { problem, cause, user: None, credential_id: None });
        let Ok(response) = RegistrationResponse::from_slice(credential.as_bytes()) else {
            return refuse(Problem::PasskeyRefused { cause: "malformed" }, "malformed");
        };
        let open = match challenge_of(&response.client_data_json)
            .map(|bytes| self.check_challenge(cx, Ceremony::Registration(handle), holder, &bytes))
        {
            Some(Ok(open)) => open,
            Some(Err(ChallengeError::Expired)) => return refuse(Problem::PasskeyStale, "challenge_expired"),
            Some(Err(other)) => return refuse(Problem::PasskeyRefused { cause: other.code() }, other.code()),
            None => return refuse(Problem::PasskeyRefused { cause: "malformed" }, "malformed"),
        };
        let rp = relying_party(cx, self.dev);
        let (_, policy) = attestation(cx);
        let expect = RegistrationExpectation {
            challenge: &open.bytes,
            rp: &rp,
            user_verification: if silent { UserVerification::Preferred } else { user_verification(cx) },
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: &policy,
            user_presence_required: !silent,
        };
        let credential = match verify_registration(&expect, &response) {
            Ok(credential) => credential,
            Err(error) => {
                let cause = error.code();
                let problem = if cause == "user_not_verified" {
                    Problem::UserVerificationMissing
                } else {
                    Problem::PasskeyRefused { cause }
                };
                return refuse(problem, cause);
            }
        };
        let allowed = &cx.policy().passkey.allowed_aaguids;
        if !allowed.is_empty() && !allowed.contains(&credential.aaguid) {
            return refuse(Problem::PasskeyRefused { cause: "aaguid_not_allowed" }, "aaguid_not_allowed");
        }
        let spend = short_lived::spend(cx.tenant_id(), "webauthn", &open.spent_id, open.until);
        Ok(GoodRegistration { credential, rp_id: rp.id, spend, attachment: response.authenticator_attachment })
    }

    /// The row of a new passkey.
    pub fn passkey_row(&self, cx: &Cx, user: UserId, handle: &[u8], good: &GoodRegistration) -> PasskeyRow {
        let credential = good.credential.clone();
        PasskeyRow {
            id: PasskeyId(new_id(cx.now)),
            tenant_id: cx.tenant_id(),
            user_id: user,
            user_handle: handle.to_vec(),
            name: passkey_name(credential.aaguid, &cx.client.user_agent),
            credential_id: credential.credential_id,
            public_key: credential.public_key,
            rp_id: good.rp_id.clone(),
            sign_count: i64::from(credential.sign_count),
            backup_eligible: credential.backup_eligible,
            backup_state: credential.backup_state,
            aaguid: credential.aaguid,
            transports: Json(credential.transports),
            attestation_format: credential.attestation_format,
            created_at: cx.now,
            last_used_at: None,
            created_on: crate::account::device_name(&cx.client.user_agent),
        }
    }

    /// Adds a passkey to an account; removes others with it, after a recovery. `Err` is the problem for the page.
    #[boxed]
    pub async fn add_passkey(
        &self,
        cx: &Cx,
        user: UserId,
        credential: &str,
        holder: &str,
        remove: &[PasskeyId],
        silent: bool,
    ) -> Result<Result<PasskeyRow, Problem>, Error> {
        self.add_passkey_on(cx, user, credential, holder, remove, silent, None).await
    }

    /// The same, with the digest of the handle of the device that it was made on, where the client told it.
    pub(crate) async fn add_passkey_on(
        &self,
        cx: &Cx,
        user: UserId,
        credential: &str,
        holder: &str,
        remove: &[PasskeyId],
        silent: bool,
        device: Option<&str>,
    ) -> Result<Result<PasskeyRow, Problem>, Error> {
        let tenant = cx.tenant_id();
        let have = self.store.passkeys(tenant, user).await?;
        let handle = have.first().map_or_else(|| user.0.as_bytes().to_vec(), |p| p.user_handle.clone());
        let good = match self.check_registration(cx, credential, &handle, holder, silent) {
            Ok(good) if have.len() < MOST_PASSKEYS => good,
            Ok(_) => return Ok(Err(Problem::PasskeyRefused { cause: "too_many_passkeys" })),
            Err(refused) => {
                let event = Event::new("passkey.refused").user(user).with("cause", refused.cause);
                let counted = count_failure(cx, refused.cause);
                self.store.commit(Batch::new().with(event.statement(cx)).with(counted)).await?;
                return Ok(Err(refused.problem));
            }
        };
        let row = self.passkey_row(cx, user, &handle, &good);
        let mut batch = Batch::new().with(good.spend).with(row.insert()).with(count(cx, "passkey.created"));
        if let Some(device) = device.filter(|_| good.attachment.as_deref() == Some("platform")) {
            batch.push(passkeys::note_device(tenant, row.id, device, cx.now));
        }
        batch.push(
            Event::new("passkey.created")
                .user(user)
                .with("passkey", row.id.to_string())
                .with("aaguid", row.aaguid.to_string())
                .with("synced", row.backup_eligible)
                .with("silent", silent)
                .statement(cx),
        );
        let person = self.store.person(tenant, user).await?;
        let mut letters = vec![Letter::PasskeyAdded { passkey: row.name.clone() }];
        for old in have.iter().filter(|p| remove.contains(&p.id)) {
            batch.push(passkeys::delete(tenant, user, old.id));
            batch.push(
                Event::new("passkey.deleted")
                    .user(user)
                    .with("passkey", old.id.to_string())
                    .with("reason", "recovery")
                    .statement(cx),
            );
            letters.push(Letter::PasskeyRemoved { passkey: old.name.clone() });
        }
        if let Some(email) = person.as_ref().and_then(Person::email).filter(|e| e.verified_at.is_some()) {
            let locale = super::code::locale_of(cx, person.as_ref());
            for letter in &letters {
                batch.push(self.post_to(cx, &email.value, &locale, letter)?);
            }
        }
        match self.store.commit(batch).await {
            Ok(_) => Ok(Ok(row)),
            Err(error) if error.is_unique("spent") => Ok(Err(Problem::PasskeyStale)),
            Err(error) if error.is_unique("passkey") => Ok(Err(Problem::PasskeyExists)),
            Err(error) if error.is_guard("passkey.gone") => Ok(Err(Problem::OutOfTurn)),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn take_registration(
        &self,
        cx: &Cx,
        mut state: SignIn,
        credential: &str,
        remove: &[PasskeyId],
        silent: bool,
        session: Option<&SessionRow>,
    ) -> Result<Turn, Error> {
        if let Some(user) = state.user.filter(|_| state.is_authenticated()) {
            // A flow alone adds no credential: the session that it opened must still be there.
            if session.is_none_or(|s| s.user_id != user) {
                return Ok(Turn::problem(state, Problem::OutOfTurn));
            }
            let browser = state.browser.clone();
            return match self.add_passkey_on(cx, user, credential, &browser, remove, silent, state.device.as_deref()).await? {
                Ok(_) => {
                    state.passkey_created = true;
                    Ok(Turn::of(state))
                }
                Err(problem) => Ok(Turn::problem(state, problem)),
            };
        }
        let (Some(user), Purpose::SignUp) = (state.new_user, state.purpose) else {
            return Ok(Turn::problem(state, Problem::OutOfTurn));
        };
        match self.check_registration(cx, credential, user.0.as_bytes(), &state.browser, false) {
            Err(refused) => {
                let event = Event::new("passkey.refused").application(state.application).with("cause", refused.cause);
                let counted = count_failure(cx, refused.cause);
                self.store.commit(Batch::new().with(event.statement(cx)).with(counted)).await?;
                Ok(Turn::problem(state, refused.problem))
            }
            Ok(good) => {
                let c = good.credential;
                state.passkey = Some(NewPasskey {
                    credential_id: c.credential_id,
                    public_key: c.public_key,
                    sign_count: c.sign_count,
                    backup_eligible: c.backup_eligible,
                    backup_state: c.backup_state,
                    user_verified: c.user_verified,
                    aaguid: c.aaguid,
                    transports: c.transports,
                    attestation_format: c.attestation_format,
                    rp_id: good.rp_id,
                    attachment: good.attachment,
                });
                self.arrive_at_code(cx, state).await
            }
        }
    }
}

/// An assertion that verified.
pub struct GoodAssertion {
    /// Whose it is.
    pub user: UserId,
    /// The proof.
    pub proof: Proof,
    /// What accepting it spends and changes.
    pub effects: Vec<Statement>,
    /// Which passkey.
    pub passkey: PasskeyId,
    /// `platform` or `cross-platform`, when the client said.
    pub attachment: Option<String>,
}

/// A registration that verified.
pub struct GoodRegistration {
    /// The credential.
    pub credential: RegisteredCredential,
    /// Its relying party id.
    pub rp_id: String,
    /// Spends the challenge.
    pub spend: Statement,
    /// `platform` or `cross-platform`, when the client said.
    pub attachment: Option<String>,
}

/// A ceremony that was refused.
pub struct RefusedPasskey {
    /// What the page says.
    pub problem: Problem,
    /// What the audit log says.
    pub cause: &'static str,
    /// Whose credential it was.
    pub user: Option<UserId>,
    /// Which.
    pub credential_id: Option<Vec<u8>>,
}

fn descriptor(row: &PasskeyRow) -> CredentialDescriptor {
    CredentialDescriptor { id: row.credential_id.clone(), transports: row.transports.0.clone() }
}

/// The challenge that client data names; whether it is the right one is for the verification to say.
fn challenge_of(client_data: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(client_data).ok()?;
    URL_SAFE_NO_PAD.decode(value.get("challenge")?.as_str()?).ok()
}
