//! A browser with a software authenticator: answers WebAuthn options with credentials in the JSON of WebAuthn L3, section 5.1.8.
//!
//! Honest by default. A [`Bend`] makes it lie in one chosen way, and it signs the lie: so a test sees the server refuse for
//! that one cause. Keys are on P-256 and attestation is `none`.

use anyhow::{Context as _, Result, bail};
use aws_lc_rs::{
    digest,
    encoding::AsDer as _,
    rand::{self, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde_json::{Value, json};

const ES256: i64 = -7;

/// How to lie. Every field that is set replaces what an honest browser and authenticator would say.
#[derive(Debug, Clone, Default)]
pub struct Bend {
    /// `type` in the client data.
    pub client_data_type: Option<String>,
    /// `origin` in the client data.
    pub origin: Option<String>,
    /// `challenge` in the client data.
    pub challenge: Option<Vec<u8>>,
    /// `crossOrigin` in the client data.
    pub cross_origin: Option<bool>,
    /// `topOrigin` in the client data.
    pub top_origin: Option<String>,
    /// `rpIdHash` in the authenticator data.
    pub rp_id_hash: Option<[u8; 32]>,
    /// The flag UP.
    pub user_present: Option<bool>,
    /// The flag UV.
    pub user_verified: Option<bool>,
    /// The flag BE.
    pub backup_eligible: Option<bool>,
    /// The flag BS.
    pub backup_state: Option<bool>,
    /// `signCount` in the authenticator data.
    pub sign_count: Option<u32>,
    /// `userHandle` of an assertion; `Some(None)` leaves it out.
    pub user_handle: Option<Option<Vec<u8>>>,
    /// `id` and `rawId` of the credential.
    pub credential_id: Option<Vec<u8>>,
    /// `aaguid` of a new credential.
    pub aaguid: Option<[u8; 16]>,
    /// Flip a bit in the signature after making it. A new credential then comes with a packed self attestation, as `none`
    /// has no signature.
    pub tamper_signature: bool,
    /// Make a new credential device-bound (with a counter) or synced (without), whatever the authenticator is.
    pub synced: Option<bool>,
}

impl Bend {
    /// No lie.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Another `type` in the client data.
    #[must_use]
    pub fn client_data_type(mut self, client_data_type: &str) -> Self {
        self.client_data_type = Some(client_data_type.to_owned());
        self
    }

    /// Another origin.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// Another challenge.
    #[must_use]
    pub fn challenge(mut self, challenge: &[u8]) -> Self {
        self.challenge = Some(challenge.to_vec());
        self
    }

    /// Inside a frame under another origin, or not.
    #[must_use]
    pub fn cross_origin(mut self, cross_origin: bool) -> Self {
        self.cross_origin = Some(cross_origin);
        self
    }

    /// Inside a frame under this top-level origin.
    #[must_use]
    pub fn top_origin(mut self, top_origin: &str) -> Self {
        self.top_origin = Some(top_origin.to_owned());
        self
    }

    /// The hash of another RP ID.
    #[must_use]
    pub fn rp_id(mut self, rp_id: &str) -> Self {
        self.rp_id_hash = Some(sha256(rp_id.as_bytes()));
        self
    }

    /// Another `rpIdHash`.
    #[must_use]
    pub fn rp_id_hash(mut self, rp_id_hash: [u8; 32]) -> Self {
        self.rp_id_hash = Some(rp_id_hash);
        self
    }

    /// The flag UP.
    #[must_use]
    pub fn up(mut self, user_present: bool) -> Self {
        self.user_present = Some(user_present);
        self
    }

    /// The flag UV.
    #[must_use]
    pub fn uv(mut self, user_verified: bool) -> Self {
        self.user_verified = Some(user_verified);
        self
    }

    /// The flag BE.
    #[must_use]
    pub fn be(mut self, backup_eligible: bool) -> Self {
        self.backup_eligible = Some(backup_eligible);
        self
    }

    /// The flag BS.
    #[must_use]
    pub fn bs(mut self, backup_state: bool) -> Self {
        self.backup_state = Some(backup_state);
        self
    }

    /// Another counter.
    #[must_use]
    pub fn sign_count(mut self, sign_count: u32) -> Self {
        self.sign_count = Some(sign_count);
        self
    }

    /// Another user handle, or none.
    #[must_use]
    pub fn user_handle(mut self, user_handle: Option<&[u8]>) -> Self {
        self.user_handle = Some(user_handle.map(<[u8]>::to_vec));
        self
    }

    /// Another credential id.
    #[must_use]
    pub fn credential_id(mut self, credential_id: &[u8]) -> Self {
        self.credential_id = Some(credential_id.to_vec());
        self
    }

    /// Another AAGUID.
    #[must_use]
    pub fn aaguid(mut self, aaguid: [u8; 16]) -> Self {
        self.aaguid = Some(aaguid);
        self
    }

    /// A signature that does not verify.
    #[must_use]
    pub fn tamper_signature(mut self) -> Self {
        self.tamper_signature = true;
        self
    }

    /// A new credential that is bound to the device and counts.
    #[must_use]
    pub fn device_bound(mut self) -> Self {
        self.synced = Some(false);
        self
    }

    /// A new credential that is synced and does not count.
    #[must_use]
    pub fn synced(mut self) -> Self {
        self.synced = Some(true);
        self
    }
}

/// A credential in the authenticator.
#[derive(Debug)]
pub struct SoftCredential {
    /// The credential id.
    pub id: Vec<u8>,
    /// The RP ID it is for.
    pub rp_id: String,
    /// The user handle it was made with.
    pub user_handle: Vec<u8>,
    /// The counter after the last use; stays at zero when synced.
    pub sign_count: u32,
    /// Whether it is synced or bound to the device.
    pub synced: bool,
    key: EcdsaKeyPair,
}

/// A browser at one origin, and its authenticator.
#[derive(Debug)]
pub struct SoftAuthenticator {
    /// The origin that the browser is at; tests may move it.
    pub origin: String,
    /// The RP ID where the options name none, as browsers take it from the origin.
    pub default_rp_id: String,
    /// The AAGUID of new credentials.
    pub aaguid: [u8; 16],
    /// Whether new credentials are synced.
    pub synced: bool,
    /// The credentials, oldest first.
    pub credentials: Vec<SoftCredential>,
}

impl SoftAuthenticator {
    /// An authenticator of synced passkeys in a browser at `origin`.
    #[must_use]
    pub fn new(origin: impl Into<String>, default_rp_id: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            default_rp_id: default_rp_id.into(),
            aaguid: [0; 16],
            synced: true,
            credentials: Vec::new(),
        }
    }

    /// The same, with credentials that are bound to the device and count their uses.
    #[must_use]
    pub fn device_bound(origin: impl Into<String>, default_rp_id: impl Into<String>) -> Self {
        Self { synced: false, ..Self::new(origin, default_rp_id) }
    }

    /// `navigator.credentials.create()`, where it succeeds.
    pub fn create(&mut self, creation_options: &Value, bend: Bend) -> Value {
        self.try_create(creation_options, bend).expect("navigator.credentials.create() succeeds")
    }

    /// `navigator.credentials.get()`, where it succeeds.
    pub fn get(&mut self, request_options: &Value, bend: Bend) -> Value {
        self.try_get(request_options, bend).expect("navigator.credentials.get() succeeds")
    }

    /// `navigator.credentials.create()`: takes the options as they are or under `publicKey`.
    ///
    /// Fails as a browser does: without an algorithm that it has, and when a credential is excluded that it holds.
    pub fn try_create(&mut self, creation_options: &Value, bend: Bend) -> Result<Value> {
        let options = creation_options.get("publicKey").unwrap_or(creation_options);
        let rp_id = options["rp"]["id"].as_str().unwrap_or(&self.default_rp_id).to_owned();
        let offered = options["pubKeyCredParams"].as_array().context("pubKeyCredParams")?;
        if !offered.iter().any(|parameter| parameter["alg"] == ES256) {
            bail!("NotSupportedError: ES256 is not offered");
        }
        let excluded = descriptors(&options["excludeCredentials"])?;
        if self.credentials.iter().any(|held| held.rp_id == rp_id && excluded.contains(&held.id)) {
            bail!("InvalidStateError: already registered");
        }
        let user_handle = bytes(&options["user"]["id"]).context("user.id")?;
        let challenge = bytes(&options["challenge"]).context("challenge")?;

        let synced = bend.synced.unwrap_or(self.synced);
        let mut id = vec![0; 32];
        rand::fill(&mut id).context("random bytes")?;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).context("a key")?;
        let mut credential = SoftCredential { id, rp_id, user_handle, sign_count: 0, synced, key };

        let client_data = self.client_data("webauthn.create", &challenge, &bend)?;
        let mut data = authenticator_data(&mut credential, &bend, 0x40);
        data.extend_from_slice(&bend.aaguid.unwrap_or(self.aaguid));
        data.extend_from_slice(&u16::try_from(credential.id.len()).context("a credential id")?.to_be_bytes());
        data.extend_from_slice(&credential.id);
        data.extend_from_slice(&cose_key(&credential.key)?);

        let (format, statement) = if bend.tamper_signature {
            let signature = sign(&credential.key, &data, &client_data, true)?;
            ("packed", vec![("alg".into(), ES256.into()), ("sig".into(), Cbor::Bytes(signature))])
        } else {
            ("none", Vec::new())
        };
        let object = encode(&Cbor::Map(vec![
            ("fmt".into(), format.into()),
            ("attStmt".into(), Cbor::Map(statement)),
            ("authData".into(), Cbor::Bytes(data.clone())),
        ]))?;
        let reported = base64url(bend.credential_id.as_deref().unwrap_or(&credential.id));
        let spki = credential.key.public_key().as_der().context("a public key")?;
        let mut extensions = json!({});
        if options["extensions"]["credProps"] == true {
            extensions = json!({ "credProps": { "rk": true } });
        }
        let answer = json!({
            "id": reported,
            "rawId": reported,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": extensions,
            "response": {
                "clientDataJSON": base64url(&client_data),
                "attestationObject": base64url(&object),
                "authenticatorData": base64url(&data),
                "publicKey": base64url(spki.as_ref()),
                "publicKeyAlgorithm": ES256,
                "transports": if synced { json!(["hybrid", "internal"]) } else { json!(["usb"]) },
            },
        });
        self.credentials.push(credential);
        Ok(answer)
    }

    /// `navigator.credentials.get()`: takes the options as they are or under `publicKey`, and the newest credential that
    /// fits. Fails as a browser does when none fits.
    pub fn try_get(&mut self, request_options: &Value, bend: Bend) -> Result<Value> {
        let options = request_options.get("publicKey").unwrap_or(request_options);
        let rp_id = options["rpId"].as_str().unwrap_or(&self.default_rp_id).to_owned();
        let allowed = descriptors(&options["allowCredentials"])?;
        let challenge = bytes(&options["challenge"]).context("challenge")?;
        let client_data = self.client_data("webauthn.get", &challenge, &bend)?;
        let credential = self
            .credentials
            .iter_mut()
            .rev()
            .find(|held| held.rp_id == rp_id && (allowed.is_empty() || allowed.contains(&held.id)))
            .context("NotAllowedError: no credential fits")?;
        let data = authenticator_data(credential, &bend, 0);
        let signature = sign(&credential.key, &data, &client_data, bend.tamper_signature)?;
        let user_handle = bend.user_handle.unwrap_or_else(|| Some(credential.user_handle.clone()));
        let reported = base64url(bend.credential_id.as_deref().unwrap_or(&credential.id));
        Ok(json!({
            "id": reported,
            "rawId": reported,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url(&client_data),
                "authenticatorData": base64url(&data),
                "signature": base64url(&signature),
                "userHandle": user_handle.as_deref().map(base64url),
            },
        }))
    }

    /// Section 5.8.1.
    fn client_data(&self, kind: &str, challenge: &[u8], bend: &Bend) -> Result<Vec<u8>> {
        let mut data = json!({
            "type": bend.client_data_type.as_deref().unwrap_or(kind),
            "challenge": base64url(bend.challenge.as_deref().unwrap_or(challenge)),
            "origin": bend.origin.as_ref().unwrap_or(&self.origin),
            "crossOrigin": bend.cross_origin.unwrap_or(false),
        });
        if let Some(top_origin) = &bend.top_origin {
            data["topOrigin"] = json!(top_origin);
        }
        serde_json::to_vec(&data).context("client data")
    }
}

/// Section 6.1, up to the counter, which goes up in credentials that count.
fn authenticator_data(credential: &mut SoftCredential, bend: &Bend, flags: u8) -> Vec<u8> {
    if !credential.synced {
        credential.sign_count = credential.sign_count.saturating_add(1);
    }
    let flag = |bent: Option<bool>, honest: bool, bit: u8| if bent.unwrap_or(honest) { bit } else { 0 };
    let flags = flags
        | flag(bend.user_present, true, 0x01)
        | flag(bend.user_verified, true, 0x04)
        | flag(bend.backup_eligible, credential.synced, 0x08)
        | flag(bend.backup_state, credential.synced, 0x10);
    let mut data = bend.rp_id_hash.unwrap_or_else(|| sha256(credential.rp_id.as_bytes())).to_vec();
    data.push(flags);
    data.extend_from_slice(&bend.sign_count.unwrap_or(credential.sign_count).to_be_bytes());
    data
}

/// The signature over authenticator data and the hash of the client data, one bit of it flipped on demand.
fn sign(key: &EcdsaKeyPair, data: &[u8], client_data: &[u8], tamper: bool) -> Result<Vec<u8>> {
    let signed = [data, &sha256(client_data)].concat();
    let mut signature = key.sign(&SystemRandom::new(), &signed).context("a signature")?.as_ref().to_vec();
    if tamper && let Some(last) = signature.last_mut() {
        *last ^= 1;
    }
    Ok(signature)
}

/// RFC 9053, section 7.1.1.
fn cose_key(key: &EcdsaKeyPair) -> Result<Vec<u8>> {
    let point = key.public_key().as_ref();
    let (x, y) = point.get(1..).and_then(|rest| rest.split_at_checked(32)).context("an uncompressed point")?;
    encode(&Cbor::Map(vec![
        (1.into(), 2.into()),
        (3.into(), ES256.into()),
        ((-1).into(), 1.into()),
        ((-2).into(), Cbor::Bytes(x.to_vec())),
        ((-3).into(), Cbor::Bytes(y.to_vec())),
    ]))
}

fn encode(value: &Cbor) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).context("CBOR")?;
    Ok(bytes)
}

fn descriptors(list: &Value) -> Result<Vec<Vec<u8>>> {
    list.as_array().map_or(Ok(Vec::new()), |list| list.iter().map(|descriptor| bytes(&descriptor["id"])).collect())
}

fn bytes(text: &Value) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.as_str().context("a string")?).context("base64url without padding")
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use doorward_protocol::webauthn::{
        AttestationPolicy, AuthenticationExpectation, AuthenticationResponse, CoseAlgorithm, CreationOptions,
        CredentialDescriptor, OriginRule, RegisteredCredential, RegistrationExpectation, RegistrationResponse, RelyingParty,
        RequestOptions, StoredCredential, UserEntity, UserVerification, verify_authentication, verify_registration,
    };

    use super::*;

    const CHALLENGE: &[u8] = b"a challenge of thirty-two bytes!";

    fn rp() -> RelyingParty {
        RelyingParty {
            id: "example.org".into(),
            name: "Example".into(),
            origins: OriginRule::exact(["https://login.example.org"]),
        }
    }

    fn authenticator() -> SoftAuthenticator {
        SoftAuthenticator::new("https://login.example.org", "example.org")
    }

    fn user() -> UserEntity {
        UserEntity { id: b"handle".to_vec(), name: "ada@example.org".into(), display_name: "Ada".into() }
    }

    fn creation_options() -> Value {
        CreationOptions::new(&rp(), user(), CHALLENGE).to_json()
    }

    fn request_options() -> Value {
        RequestOptions::new(&rp(), CHALLENGE).to_json()
    }

    fn registered(credential: &Value) -> Result<RegisteredCredential, &'static str> {
        let rp = rp();
        let expect = RegistrationExpectation {
            challenge: CHALLENGE,
            rp: &rp,
            user_verification: UserVerification::Required,
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: &AttestationPolicy::Ignore,
            user_presence_required: true,
        };
        let response = RegistrationResponse::from_value(credential).map_err(|_| "malformed")?;
        verify_registration(&expect, &response).map_err(|error| error.code())
    }

    fn stored(credential: RegisteredCredential) -> StoredCredential {
        StoredCredential {
            credential_id: credential.credential_id,
            public_key: credential.public_key,
            sign_count: credential.sign_count,
            backup_eligible: credential.backup_eligible,
            backup_state: credential.backup_state,
            user_handle: b"handle".to_vec(),
            rp_id: "example.org".into(),
        }
    }

    fn authenticated(stored: &StoredCredential, credential: &Value) -> Result<u32, &'static str> {
        let rp = rp();
        let expect = AuthenticationExpectation {
            challenge: CHALLENGE,
            rp: &rp,
            user_verification: UserVerification::Required,
            user_handle_required: true,
            allow_credentials: &[],
        };
        let response = AuthenticationResponse::from_value(credential).map_err(|_| "malformed")?;
        verify_authentication(&expect, stored, &response).map(|verified| verified.sign_count).map_err(|error| error.code())
    }

    #[test]
    fn an_honest_authenticator_is_believed() {
        let mut authenticator = authenticator();
        authenticator.aaguid = [9; 16];
        let credential = registered(&authenticator.create(&creation_options(), Bend::none())).expect("accepted");
        assert!(credential.backup_eligible && credential.backup_state && credential.user_verified);
        assert_eq!(credential.aaguid.as_bytes(), &[9; 16]);
        assert_eq!(credential.discoverable, Some(true));
        assert_eq!(credential.transports, ["hybrid", "internal"]);
        let stored = stored(credential);
        let wrapped = json!({ "publicKey": request_options() });
        assert_eq!(authenticated(&stored, &authenticator.get(&wrapped, Bend::none())), Ok(0));
        assert_eq!(authenticated(&stored, &authenticator.get(&request_options(), Bend::none())), Ok(0));
    }

    #[test]
    fn a_device_bound_authenticator_counts() {
        let mut authenticator = SoftAuthenticator::device_bound("https://login.example.org", "example.org");
        let credential = registered(&authenticator.create(&creation_options(), Bend::none())).expect("accepted");
        assert!(!credential.backup_eligible && !credential.backup_state);
        assert_eq!(credential.sign_count, 1);
        let stored = stored(credential);
        assert_eq!(authenticated(&stored, &authenticator.get(&request_options(), Bend::none())), Ok(2));
        assert_eq!(authenticated(&stored, &authenticator.get(&request_options(), Bend::none())), Ok(3));
        let stale = authenticator.get(&request_options(), Bend::none().sign_count(1));
        assert_eq!(authenticated(&stored, &stale), Err("sign_count_regressed"));
        let synced = authenticator.create(&creation_options(), Bend::none().synced());
        assert!(registered(&synced).expect("accepted").backup_eligible);
    }

    #[test]
    fn each_bent_registration_is_refused_for_its_cause() {
        let table = [
            (Bend::none().client_data_type("webauthn.get"), "wrong_type"),
            (Bend::none().challenge(b"another"), "challenge_mismatch"),
            (Bend::none().origin("https://evil.test"), "origin_mismatch"),
            (Bend::none().cross_origin(true), "cross_origin_not_allowed"),
            (Bend::none().top_origin("https://evil.test"), "cross_origin_not_allowed"),
            (Bend::none().rp_id("evil.test"), "rp_id_hash_mismatch"),
            (Bend::none().rp_id_hash([0; 32]), "rp_id_hash_mismatch"),
            (Bend::none().up(false), "user_not_present"),
            (Bend::none().uv(false), "user_not_verified"),
            (Bend::none().be(false), "backup_state_without_eligibility"),
            (Bend::none().device_bound().bs(true), "backup_state_without_eligibility"),
            (Bend::none().credential_id(b"another"), "credential_id_mismatch"),
            (Bend::none().tamper_signature(), "attestation_bad_signature"),
        ];
        for (bend, code) in table {
            let credential = authenticator().create(&creation_options(), bend.clone());
            assert_eq!(registered(&credential).err(), Some(code), "{bend:?}");
        }
        let aaguid = registered(&authenticator().create(&creation_options(), Bend::none().aaguid([3; 16])));
        assert_eq!(aaguid.expect("accepted").aaguid.as_bytes(), &[3; 16]);
    }

    #[test]
    fn each_bent_authentication_is_refused_for_its_cause() {
        let mut authenticator = authenticator();
        let stored = stored(registered(&authenticator.create(&creation_options(), Bend::none())).expect("accepted"));
        let table = [
            (Bend::none().client_data_type("webauthn.create"), "wrong_type"),
            (Bend::none().challenge(b"another"), "challenge_mismatch"),
            (Bend::none().origin("http://login.example.org"), "origin_mismatch"),
            (Bend::none().cross_origin(true), "cross_origin_not_allowed"),
            (Bend::none().top_origin("https://evil.test"), "cross_origin_not_allowed"),
            (Bend::none().rp_id("evil.test"), "rp_id_hash_mismatch"),
            (Bend::none().up(false), "user_not_present"),
            (Bend::none().uv(false), "user_not_verified"),
            (Bend::none().be(false), "backup_state_without_eligibility"),
            (Bend::none().be(false).bs(false), "backup_eligibility_changed"),
            (Bend::none().user_handle(Some(b"another")), "user_handle_mismatch"),
            (Bend::none().user_handle(None), "user_handle_missing"),
            (Bend::none().credential_id(b"another"), "credential_id_mismatch"),
            (Bend::none().tamper_signature(), "bad_signature"),
        ];
        for (bend, code) in table {
            let credential = authenticator.get(&request_options(), bend.clone());
            assert_eq!(authenticated(&stored, &credential).err(), Some(code), "{bend:?}");
        }
        assert_eq!(authenticated(&stored, &authenticator.get(&request_options(), Bend::none().sign_count(4))), Ok(4));
    }

    #[test]
    fn it_fails_as_browsers_do() {
        let mut authenticator = authenticator();
        assert!(authenticator.try_get(&request_options(), Bend::none()).is_err(), "nothing registered");
        authenticator.create(&creation_options(), Bend::none());
        let held = authenticator.credentials[0].id.clone();
        let descriptor = |id: &[u8]| vec![CredentialDescriptor { id: id.to_vec(), transports: vec![] }];
        let excluding = CreationOptions::new(&rp(), user(), CHALLENGE).exclude(descriptor(&held)).to_json();
        assert!(authenticator.try_create(&excluding, Bend::none()).is_err(), "excluded");
        let rsa_only = CreationOptions::new(&rp(), user(), CHALLENGE).algorithms(&[CoseAlgorithm::Rs256]).to_json();
        assert!(authenticator.try_create(&rsa_only, Bend::none()).is_err(), "no algorithm");
        let stranger = RequestOptions::new(&rp(), CHALLENGE).allow(descriptor(b"another")).to_json();
        assert!(authenticator.try_get(&stranger, Bend::none()).is_err(), "not allowed");
        let elsewhere = RelyingParty { id: "example.com".into(), ..rp() };
        assert!(authenticator.try_get(&RequestOptions::new(&elsewhere, CHALLENGE).to_json(), Bend::none()).is_err());
        // Of two, the one that is asked for.
        authenticator.create(&creation_options(), Bend::none());
        let asked = RequestOptions::new(&rp(), CHALLENGE).allow(descriptor(&held)).to_json();
        assert_eq!(authenticator.get(&asked, Bend::none())["id"], base64url(&held));
        assert_ne!(authenticator.get(&request_options(), Bend::none())["id"], base64url(&held));
    }
}
