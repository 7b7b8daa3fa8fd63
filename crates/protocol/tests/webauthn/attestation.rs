//! Section 8, bent one way at a time: statements of the vectors changed, and statements made here from own certificates.

use ciborium::Value;
use doorward_protocol::webauthn::{
    AttestationKind, AttestationPolicy, CoseAlgorithm, RegistrationExpectation, RegistrationResponse, UserVerification,
    verify_registration,
};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use crate::{
    authenticator::{CHALLENGE, Ceremony, Key, encode, rp, sha256},
    vectors::{self, vectors},
};

const NOW: i64 = 1_767_225_600;

pub fn verify(ceremony: &Ceremony, policy: &AttestationPolicy) -> Result<AttestationKind, &'static str> {
    let expect = RegistrationExpectation {
        challenge: CHALLENGE,
        rp: &rp(),
        user_verification: UserVerification::Required,
        algorithms: CoseAlgorithm::DEFAULT,
        attestation: policy,
        user_presence_required: true,
    };
    let response = RegistrationResponse::from_value(&ceremony.created()).expect("well-formed");
    verify_registration(&expect, &response).map(|registered| registered.attestation_kind).map_err(|error| error.code())
}

pub fn map(entries: &[(&str, Value)]) -> Value {
    Value::Map(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
}

pub fn certificates(x5c: &[Vec<u8>]) -> Value {
    Value::Array(x5c.iter().cloned().map(Value::Bytes).collect())
}

/// DER with a tag of one or three bytes and a length of one byte.
pub fn der(tag: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).expect("short");
    assert!(length < 128);
    [tag, &[length], content].concat()
}

/// A key that certificates can be made for.
pub struct Certified {
    pub pair: KeyPair,
    pub key: Key,
}

impl Certified {
    pub fn new() -> Self {
        let pair = KeyPair::generate().expect("a key");
        let key = Key::from_pkcs8(pair.serialized_der());
        Self { pair, key }
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// A leaf as section 8.2.1 wants it.
pub fn packed_leaf() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "NO");
    params.distinguished_name.push(DnType::OrganizationName, "Maker");
    params.distinguished_name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    params.distinguished_name.push(DnType::CommonName, "Model");
    params.is_ca = IsCa::ExplicitNoCa;
    params
}

/// A packed registration signed by `attester`.
fn packed(attester: &Key, x5c: &[Vec<u8>]) -> Ceremony {
    let mut ceremony = Key::new().registration();
    ceremony.format = "packed".into();
    let signature = attester.sign(&ceremony.signed());
    ceremony.statement = Some(map(&[("alg", (-7).into()), ("sig", Value::Bytes(signature)), ("x5c", certificates(x5c))]));
    ceremony
}

const AAGUID: [u64; 10] = [1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

/// `id-fido-gen-ce-aaguid`.
pub fn aaguid(byte: u8) -> CustomExtension {
    CustomExtension::from_oid_content(&AAGUID, der(&[0x04], &[byte; 16]))
}

#[test]
fn packed_certificates_section_8_2_1() {
    type Bend = fn(&mut CertificateParams);
    let table: [(&str, Bend, Option<&str>); 12] = [
        ("as it should be", |_| {}, None),
        ("with the model's AAGUID", |p| p.custom_extensions = vec![aaguid(7)], None),
        ("another model's AAGUID", |p| p.custom_extensions = vec![aaguid(8)], Some("attestation_invalid")),
        (
            "the AAGUID as critical",
            |p| {
                let mut extension = aaguid(7);
                extension.set_criticality(true);
                p.custom_extensions = vec![extension];
            },
            Some("attestation_invalid"),
        ),
        ("the AAGUID twice", |p| p.custom_extensions = vec![aaguid(7), aaguid(7)], Some("attestation_malformed")),
        (
            "an AAGUID without its wrapping",
            |p| p.custom_extensions = vec![CustomExtension::from_oid_content(&AAGUID, vec![7; 16])],
            Some("attestation_invalid"),
        ),
        ("an authority", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), Some("attestation_invalid")),
        ("no basic constraints", |p| p.is_ca = IsCa::NoCa, Some("attestation_invalid")),
        ("another unit", |p| p.distinguished_name.push(DnType::OrganizationalUnitName, "Something"), Some("attestation_invalid")),
        (
            "no country",
            |p| {
                p.distinguished_name.remove(DnType::CountryName);
            },
            Some("attestation_invalid"),
        ),
        (
            "no organisation",
            |p| {
                p.distinguished_name.remove(DnType::OrganizationName);
            },
            Some("attestation_invalid"),
        ),
        (
            "no common name",
            |p| {
                p.distinguished_name.remove(DnType::CommonName);
            },
            Some("attestation_invalid"),
        ),
    ];
    for (name, bend, refusal) in table {
        let leaf = Certified::new();
        let mut params = packed_leaf();
        bend(&mut params);
        let der = params.self_signed(&leaf.pair).expect("a certificate").der().to_vec();
        let verdict = verify(&packed(&leaf.key, &[der]), &AttestationPolicy::Ignore);
        assert_eq!(verdict.err(), refusal, "{name}");
    }
}

#[test]
fn packed_statements_table() {
    let leaf = Certified::new();
    let certificate = packed_leaf().self_signed(&leaf.pair).expect("a certificate").der().to_vec();
    let good = packed(&leaf.key, std::slice::from_ref(&certificate));
    let signature = vectors::entry(good.statement.as_ref().expect("set"), "sig").clone();
    let chain = certificates(std::slice::from_ref(&certificate));
    let long = certificates(&vec![certificate.clone(); 7]);
    let alg = |id: i64| ("alg", Value::from(id));
    let sig = ("sig", signature);
    let cut = certificates(&[certificate[..certificate.len() - 1].to_vec()]);
    let more = certificates(&[[certificate.as_slice(), &[0]].concat()]);
    let table = [
        ("as it should be", map(&[alg(-7), sig.clone(), ("x5c", chain.clone())]), None),
        (
            "an algorithm of another key",
            map(&[alg(-257), sig.clone(), ("x5c", chain.clone())]),
            Some("attestation_bad_signature"),
        ),
        ("an unknown algorithm", map(&[alg(-47), sig.clone(), ("x5c", chain.clone())]), Some("attestation_invalid")),
        ("no algorithm", map(&[sig.clone(), ("x5c", chain.clone())]), Some("attestation_malformed")),
        ("no signature", map(&[alg(-7), ("x5c", chain)]), Some("attestation_malformed")),
        (
            "no certificates left in the list",
            map(&[alg(-7), sig.clone(), ("x5c", certificates(&[]))]),
            Some("attestation_malformed"),
        ),
        ("seven certificates", map(&[alg(-7), sig.clone(), ("x5c", long)]), Some("attestation_malformed")),
        ("a cut certificate", map(&[alg(-7), sig.clone(), ("x5c", cut)]), Some("attestation_malformed")),
        ("a byte after the certificate", map(&[alg(-7), sig.clone(), ("x5c", more)]), Some("attestation_malformed")),
        ("a list of numbers", map(&[alg(-7), sig.clone(), ("x5c", Value::Array(vec![1.into()]))]), Some("attestation_malformed")),
        // Without certificates it is self attestation, and the signature is not the credential key's.
        ("no list", map(&[alg(-7), sig.clone()]), Some("attestation_bad_signature")),
        ("self attestation with another algorithm", map(&[alg(-257), sig]), Some("attestation_invalid")),
    ];
    for (name, statement, refusal) in table {
        let ceremony = Ceremony { statement: Some(statement), ..good.clone() };
        assert_eq!(verify(&ceremony, &AttestationPolicy::Ignore).err(), refusal, "{name}");
    }
}

#[test]
fn self_attestation_is_no_trust() {
    let key = Key::new();
    let mut ceremony = key.registration();
    ceremony.format = "packed".into();
    let signature = key.sign(&ceremony.signed());
    ceremony.statement = Some(map(&[("alg", (-7).into()), ("sig", Value::Bytes(signature))]));
    assert_eq!(verify(&ceremony, &AttestationPolicy::Ignore), Ok(AttestationKind::SelfAttestation));
    assert_eq!(verify(&ceremony, &AttestationPolicy::RequireKnown), Ok(AttestationKind::SelfAttestation));
    let trusted = AttestationPolicy::RequireTrusted { roots: vec![], now: NOW };
    assert_eq!(verify(&ceremony, &trusted), Err("attestation_format_not_accepted"));
}

/// Root, intermediate, leaf; each bent before it is signed.
#[test]
fn trust_table() {
    #[derive(Clone, Copy)]
    enum Anchor {
        Root,
        Intermediate,
        Leaf,
        Namesake,
        Garbage,
        None,
    }
    #[derive(Clone, Copy)]
    enum Chain {
        Whole,
        WithRoot,
        LeafOnly,
        Disordered,
    }
    type Bend = fn(&mut CertificateParams, &mut CertificateParams, &mut CertificateParams);
    let as_is: Bend = |_, _, _| {};
    fn unknown_critical() -> CustomExtension {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 55555, 1], vec![5, 0]);
        extension.set_criticality(true);
        extension
    }
    let table: [(&str, Bend, Chain, Anchor, bool); 23] = [
        ("to the root", as_is, Chain::Whole, Anchor::Root, true),
        ("the root sent along", as_is, Chain::WithRoot, Anchor::Root, true),
        ("the intermediate is the anchor", as_is, Chain::Whole, Anchor::Intermediate, true),
        ("the intermediate is the anchor and is not sent", as_is, Chain::LeafOnly, Anchor::Intermediate, true),
        ("the leaf is the anchor", as_is, Chain::LeafOnly, Anchor::Leaf, true),
        (
            "room for one below the root",
            |r, _, _| r.is_ca = IsCa::Ca(BasicConstraints::Constrained(1)),
            Chain::Whole,
            Anchor::Root,
            true,
        ),
        ("no anchors", as_is, Chain::Whole, Anchor::None, false),
        ("the root sent along is not for that an anchor", as_is, Chain::WithRoot, Anchor::None, false),
        ("a namesake of the root", as_is, Chain::Whole, Anchor::Namesake, false),
        ("an anchor that cannot be read", as_is, Chain::Whole, Anchor::Garbage, false),
        ("the intermediate is missing", as_is, Chain::LeafOnly, Anchor::Root, false),
        ("out of order", as_is, Chain::Disordered, Anchor::Root, false),
        (
            "no room below the root",
            |r, _, _| r.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)),
            Chain::Whole,
            Anchor::Root,
            false,
        ),
        ("an intermediate that is no authority", |_, i, _| i.is_ca = IsCa::ExplicitNoCa, Chain::Whole, Anchor::Root, false),
        ("an intermediate that says nothing", |_, i, _| i.is_ca = IsCa::NoCa, Chain::Whole, Anchor::Root, false),
        (
            "an intermediate that may not sign",
            |_, i, _| i.key_usages = vec![KeyUsagePurpose::CrlSign],
            Chain::Whole,
            Anchor::Root,
            false,
        ),
        ("a root that may not sign", |r, _, _| r.key_usages = vec![KeyUsagePurpose::CrlSign], Chain::Whole, Anchor::Root, false),
        (
            "an intermediate of another name",
            |_, i, _| i.distinguished_name.push(DnType::CommonName, "Else"),
            Chain::Whole,
            Anchor::Root,
            false,
        ),
        ("an expired leaf", |_, _, l| l.not_after = date_time_ymd(2025, 1, 1), Chain::Whole, Anchor::Root, false),
        ("an expired intermediate", |_, i, _| i.not_after = date_time_ymd(2025, 1, 1), Chain::Whole, Anchor::Root, false),
        ("an intermediate of the future", |_, i, _| i.not_before = date_time_ymd(2027, 1, 1), Chain::Whole, Anchor::Root, false),
        ("an expired root", |r, _, _| r.not_after = date_time_ymd(2025, 1, 1), Chain::Whole, Anchor::Root, false),
        (
            "an unknown critical extension",
            |_, i, _| i.custom_extensions = vec![unknown_critical()],
            Chain::Whole,
            Anchor::Root,
            false,
        ),
    ];
    for (name, bend, chain, anchor, trusted) in table {
        let (root, intermediate, leaf) = (Certified::new(), Certified::new(), Certified::new());
        let (mut root_params, mut middle_params, mut leaf_params) = (authority("Root"), authority("Middle"), packed_leaf());
        bend(&mut root_params, &mut middle_params, &mut leaf_params);
        let root_der = root_params.self_signed(&root.pair).expect("a certificate").der().to_vec();
        // The issuers sign even where their own certificates say they may not: it is for the verifier to notice.
        let root_issuer = Issuer::new(authority("Root"), &root.pair);
        let middle_der = middle_params.signed_by(&intermediate.pair, &root_issuer).expect("a certificate").der().to_vec();
        let middle_issuer = Issuer::new(authority("Middle"), &intermediate.pair);
        let leaf_der = leaf_params.signed_by(&leaf.pair, &middle_issuer).expect("a certificate").der().to_vec();
        let namesake = authority("Root").self_signed(&Certified::new().pair).expect("a certificate").der().to_vec();
        let roots = match anchor {
            Anchor::Root => vec![namesake, root_der.clone()],
            Anchor::Intermediate => vec![middle_der.clone()],
            Anchor::Leaf => vec![leaf_der.clone()],
            Anchor::Namesake => vec![namesake],
            Anchor::Garbage => vec![root_der.clone(), vec![1, 2, 3]],
            Anchor::None => vec![],
        };
        let x5c = match chain {
            Chain::Whole => vec![leaf_der, middle_der],
            Chain::WithRoot => vec![leaf_der, middle_der, root_der],
            Chain::LeafOnly => vec![leaf_der],
            Chain::Disordered => vec![leaf_der, root_der, middle_der],
        };
        let ceremony = packed(&leaf.key, &x5c);
        assert!(verify(&ceremony, &AttestationPolicy::Ignore).is_ok(), "{name}: the statement itself");
        let verdict = verify(&ceremony, &AttestationPolicy::RequireTrusted { roots, now: NOW });
        let expected = if trusted { Ok(AttestationKind::BasicOrAttCa { x5c }) } else { Err("attestation_untrusted") };
        assert_eq!(verdict, expected, "{name}");
    }
}

/// Android's key description: section 8.4.
#[test]
fn android_key_descriptions_table() {
    /// `[600]`, `[702]` and `[1]`, each explicit.
    const ALL_APPLICATIONS: &[u8] = &[0xbf, 0x84, 0x58, 0x02, 0x05, 0x00];
    fn origin(origin: u8) -> Vec<u8> {
        der(&[0xbf, 0x85, 0x3e], &der(&[0x02], &[origin]))
    }
    fn purpose(purposes: &[u8]) -> Vec<u8> {
        let set: Vec<u8> = purposes.iter().flat_map(|purpose| der(&[0x02], &[*purpose])).collect();
        der(&[0xa1], &der(&[0x31], &set))
    }
    let good = || [purpose(&[2]), origin(0)].concat();
    // software list, hardware list, outcome
    let table = [
        ("in hardware", vec![], good(), Ok("certified")),
        ("in software", good(), vec![], Ok("certified")),
        ("one each", purpose(&[2]), origin(0), Ok("certified")),
        ("silent", vec![], vec![], Ok("uncertain")),
        ("silent about the origin", vec![], purpose(&[2]), Ok("uncertain")),
        ("silent about the purpose", origin(0), vec![], Ok("uncertain")),
        ("imported", vec![], [purpose(&[2]), origin(2)].concat(), Err("attestation_invalid")),
        ("imported, says one of two", good(), origin(2), Err("attestation_invalid")),
        ("for decryption", vec![], [purpose(&[1]), origin(0)].concat(), Err("attestation_invalid")),
        ("for more than signing", vec![], [purpose(&[2, 3]), origin(0)].concat(), Err("attestation_invalid")),
        ("for all applications", [good(), ALL_APPLICATIONS.to_vec()].concat(), vec![], Err("attestation_invalid")),
        ("for all applications, in hardware", vec![], [good(), ALL_APPLICATIONS.to_vec()].concat(), Err("attestation_invalid")),
        ("a list of something else", vec![0x02, 0x01, 0x00], vec![], Err("attestation_malformed")),
        ("a cut list", vec![0xa1, 0x05, 0x31], vec![], Err("attestation_malformed")),
    ];
    for (name, software, hardware, outcome) in table {
        let (statement, ceremony) = android(&software, &hardware, |_| {});
        let kind =
            verify(&Ceremony { statement: Some(statement), ..ceremony }, &AttestationPolicy::Ignore).map(|kind| match kind {
                AttestationKind::BasicOrAttCa { .. } => "certified",
                AttestationKind::Uncertain => "uncertain",
                _ => "something else",
            });
        assert_eq!(kind, outcome, "{name}");
    }

    let (statement, ceremony) = android(&[], &good(), |challenge| challenge[0] ^= 1);
    let other_challenge = Ceremony { statement: Some(statement), ..ceremony };
    assert_eq!(verify(&other_challenge, &AttestationPolicy::Ignore), Err("attestation_invalid"));

    // A certified key that signs for another credential key.
    let (_, mut ceremony) = android(&[], &good(), |_| {});
    ceremony.cose = Key::new().cose();
    let signed = ceremony.signed();
    let leaf = Certified::new();
    let mut params = packed_leaf();
    params.custom_extensions = vec![description(&[], &good(), &sha256(&ceremony.client_data()))];
    let der = params.self_signed(&leaf.pair).expect("a certificate").der().to_vec();
    ceremony.statement =
        Some(map(&[("alg", (-7).into()), ("sig", Value::Bytes(leaf.key.sign(&signed))), ("x5c", certificates(&[der]))]));
    assert_eq!(verify(&ceremony, &AttestationPolicy::Ignore), Err("attestation_invalid"), "another key");
}

fn description(software: &[u8], hardware: &[u8], challenge: &[u8]) -> CustomExtension {
    let content = [
        der(&[0x02], &[4]),
        der(&[0x0a], &[1]),
        der(&[0x02], &[4]),
        der(&[0x0a], &[1]),
        der(&[0x04], challenge),
        der(&[0x04], &[]),
        der(&[0x30], software),
        der(&[0x30], hardware),
    ]
    .concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17], der(&[0x30], &content))
}

fn android(software: &[u8], hardware: &[u8], bend: fn(&mut Vec<u8>)) -> (Value, Ceremony) {
    let credential = Certified::new();
    let mut ceremony = credential.key.registration();
    ceremony.format = "android-key".into();
    let mut challenge = sha256(&ceremony.client_data());
    bend(&mut challenge);
    let mut params = packed_leaf();
    params.custom_extensions = vec![description(software, hardware, &challenge)];
    let der = params.self_signed(&credential.pair).expect("a certificate").der().to_vec();
    let signature = credential.key.sign(&ceremony.signed());
    let statement = map(&[("alg", (-7).into()), ("sig", Value::Bytes(signature)), ("x5c", certificates(&[der]))]);
    (statement, ceremony)
}

/// The vectors' statements with one entry replaced.
#[test]
fn bent_vectors_table() {
    fn flipped(value: &Value) -> Value {
        let mut bytes = value.as_bytes().expect("bytes").clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        Value::Bytes(bytes)
    }
    fn doubled(value: &Value) -> Value {
        let chain = value.as_array().expect("an array");
        Value::Array([chain.as_slice(), chain.as_slice()].concat())
    }
    type Bend = fn(&Value) -> Value;
    let table: [(&str, &str, Bend, &str); 9] = [
        ("packed-self-es256", "sig", flipped, "attestation_bad_signature"),
        ("packed-es256", "sig", flipped, "attestation_bad_signature"),
        ("packed-rs256", "sig", flipped, "attestation_bad_signature"),
        ("tpm-es256", "sig", flipped, "attestation_bad_signature"),
        ("android-key-es256", "sig", flipped, "attestation_bad_signature"),
        ("fido-u2f-es256", "sig", flipped, "attestation_bad_signature"),
        ("fido-u2f-es256", "x5c", doubled, "attestation_malformed"),
        ("apple-es256", "x5c", |_| Value::Array(vec![]), "attestation_malformed"),
        ("apple-es256", "x5c", |_| foreign_leaf(), "attestation_invalid"),
    ];
    let vectors = vectors();
    for (name, key, bend, code) in table {
        let vector = vectors.iter().find(|vector| vector.name == name).expect(name);
        let mut object = vectors::object(&vector.reg);
        let statement = object
            .as_map_mut()
            .and_then(|map| map.iter_mut().find(|(key, _)| key.as_text() == Some("attStmt")))
            .map(|(_, statement)| statement)
            .expect("a statement");
        let entry = statement
            .as_map_mut()
            .and_then(|map| map.iter_mut().find(|(entry, _)| entry.as_text() == Some(key)))
            .map(|(_, value)| value)
            .expect(key);
        *entry = bend(entry);
        let expect = RegistrationExpectation {
            challenge: &vector.reg.challenge(),
            rp: &rp(),
            user_verification: UserVerification::Preferred,
            algorithms: CoseAlgorithm::DEFAULT,
            attestation: &AttestationPolicy::Ignore,
            user_presence_required: true,
        };
        let verdict = verify_registration(&expect, &vector.reg.response_with(&encode(&object)));
        assert_eq!(verdict.err().map(|error| error.code()), Some(code), "{name}: {key}");
    }
}

/// A certificate without Apple's nonce.
fn foreign_leaf() -> Value {
    let leaf = Certified::new();
    certificates(&[packed_leaf().self_signed(&leaf.pair).expect("a certificate").der().to_vec()])
}

/// Apple's nonce with another credential key: section 8.8.
#[test]
fn apple_statements_table() {
    fn nonce(nonce: &[u8]) -> CustomExtension {
        let content = der(&[0x30], &der(&[0xa1], &der(&[0x04], nonce)));
        CustomExtension::from_oid_content(&[1, 2, 840, 113635, 100, 8, 2], content)
    }
    fn raw(content: Vec<u8>) -> CustomExtension {
        CustomExtension::from_oid_content(&[1, 2, 840, 113635, 100, 8, 2], content)
    }
    type Extension = fn(&[u8]) -> CustomExtension;
    let table: [(&str, Extension, bool, Option<&str>); 6] = [
        ("as it should be", nonce, true, None),
        ("another key", nonce, false, Some("attestation_invalid")),
        ("another nonce", |right| nonce(&[right, &[0]].concat()), true, Some("attestation_invalid")),
        ("no sequence", |right| raw(der(&[0x04], right)), true, Some("attestation_malformed")),
        ("another tag", |right| raw(der(&[0x30], &der(&[0xa2], &der(&[0x04], right)))), true, Some("attestation_malformed")),
        (
            "bytes after",
            |right| raw([der(&[0x30], &der(&[0xa1], &der(&[0x04], right))), vec![0]].concat()),
            true,
            Some("attestation_malformed"),
        ),
    ];
    for (name, extension, same_key, refusal) in table {
        let certified = Certified::new();
        let credential = if same_key { certified.key.registration() } else { Key::new().registration() };
        let mut ceremony = Ceremony { format: "apple".into(), ..credential };
        let mut params = packed_leaf();
        params.custom_extensions = vec![extension(&sha256(&ceremony.signed()))];
        let der = params.self_signed(&certified.pair).expect("a certificate").der().to_vec();
        ceremony.statement = Some(map(&[("x5c", certificates(&[der]))]));
        assert_eq!(verify(&ceremony, &AttestationPolicy::Ignore).err(), refusal, "{name}");
    }
}
