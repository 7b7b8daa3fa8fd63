//! Section 8.3, bent one way at a time.

use ciborium::Value;
use doorward_protocol::webauthn::{AttestationKind, AttestationPolicy};
use rcgen::{BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa};

use crate::{
    attestation::{Certified, aaguid, certificates, der, map, verify},
    authenticator::{Ceremony, Key, cose, sha256},
};

/// What a TPM says about a key, each part bent before it is signed: section 8.3.
struct Tpm {
    version: &'static str,
    public: Vec<u8>,
    magic: u32,
    kind: u16,
    extra_data: Vec<u8>,
    name: Vec<u8>,
    tail: Vec<u8>,
    params: CertificateParams,
}

/// `TPMT_PUBLIC` with SHA-256 as name algorithm; scheme and details as given.
fn public_area(kind: u16, symmetric: u16, scheme: &[u8], rest: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &[0, 0x0b, 0, 4, 0, 0, 0, 0][..], &symmetric.to_be_bytes(), scheme, rest].concat()
}

fn ecc(key: &Key, curve: u16, kdf: u16) -> Vec<u8> {
    let (x, y) = key.coordinates();
    [&curve.to_be_bytes(), &kdf.to_be_bytes(), &[0, 32][..], &x, &[0, 32], &y].concat()
}

fn tpm_leaf() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.is_ca = IsCa::ExplicitNoCa;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![2, 23, 133, 8, 3])];
    params.custom_extensions = vec![tpm_names(&[1, 2, 3])];
    params
}

/// A directory name with these attributes of 2.23.133.2.
fn tpm_names(attributes: &[u8]) -> CustomExtension {
    let names: Vec<u8> = attributes
        .iter()
        .flat_map(|last| {
            let pair = [der(&[0x06], &[0x67, 0x81, 0x05, 0x02, *last]), der(&[0x0c], b"id:1")].concat();
            der(&[0x31], &der(&[0x30], &pair))
        })
        .collect();
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 17], der(&[0x30], &der(&[0xa4], &der(&[0x30], &names))));
    extension.set_criticality(true);
    extension
}

#[test]
fn tpm_statements_table() {
    const NULL: u16 = 0x0010;
    const NO_SCHEME: &[u8] = &[0, 0x10];
    type Bend = fn(&mut Tpm, &Key);
    let table: [(&str, Bend, Option<&str>); 29] = [
        ("as it should be", |_, _| {}, None),
        ("a scheme with its hash", |t, k| t.public = public_area(0x23, NULL, &[0, 0x18, 0, 0x0b], &ecc(k, 3, NULL)), None),
        ("another version", |t, _| t.version = "1.2", Some("attestation_invalid")),
        (
            "another key",
            |t, _| t.public = public_area(0x23, NULL, NO_SCHEME, &ecc(&Key::new(), 3, NULL)),
            Some("attestation_invalid"),
        ),
        (
            "the y of another key",
            |t, _| {
                let last = t.public.len() - 1;
                t.public[last] ^= 1;
            },
            Some("attestation_invalid"),
        ),
        (
            "the x of another key",
            |t, _| {
                let last = t.public.len() - 35;
                t.public[last] ^= 1;
            },
            Some("attestation_invalid"),
        ),
        ("another curve", |t, k| t.public = public_area(0x23, NULL, NO_SCHEME, &ecc(k, 4, NULL)), Some("attestation_invalid")),
        (
            "a curve that is not known",
            |t, k| t.public = public_area(0x23, NULL, NO_SCHEME, &ecc(k, 0x20, NULL)),
            Some("attestation_invalid"),
        ),
        ("a key derivation", |t, k| t.public = public_area(0x23, NULL, NO_SCHEME, &ecc(k, 3, 0x20)), Some("attestation_invalid")),
        ("a wrapping key", |t, k| t.public = public_area(0x23, 6, NO_SCHEME, &ecc(k, 3, NULL)), Some("attestation_invalid")),
        (
            "a key of another type",
            |t, k| t.public = public_area(0x08, NULL, NO_SCHEME, &ecc(k, 3, NULL)),
            Some("attestation_invalid"),
        ),
        ("a byte after the public area", |t, _| t.public.push(0), Some("attestation_malformed")),
        ("a cut public area", |t, _| t.public.truncate(20), Some("attestation_malformed")),
        ("not made by a TPM", |t, _| t.magic ^= 1, Some("attestation_invalid")),
        ("another attestation", |t, _| t.kind = 0x8018, Some("attestation_invalid")),
        ("another ceremony", |t, _| t.extra_data[0] ^= 1, Some("attestation_invalid")),
        ("no ceremony", |t, _| t.extra_data.clear(), Some("attestation_invalid")),
        ("another object", |t, _| t.name[5] ^= 1, Some("attestation_invalid")),
        (
            "a name without its algorithm",
            |t, _| {
                t.name.drain(..2);
            },
            Some("attestation_invalid"),
        ),
        ("a byte after certInfo", |t, _| t.tail = vec![0], Some("attestation_malformed")),
        ("another model's AAGUID", |t, _| t.params.custom_extensions.push(aaguid(8)), Some("attestation_invalid")),
        ("a subject", |t, _| t.params.distinguished_name.push(DnType::CommonName, "x"), Some("attestation_invalid")),
        ("no alternative name", |t, _| t.params.custom_extensions.clear(), Some("attestation_invalid")),
        ("no maker", |t, _| t.params.custom_extensions = vec![tpm_names(&[2, 3])], Some("attestation_invalid")),
        ("no model", |t, _| t.params.custom_extensions = vec![tpm_names(&[1, 3])], Some("attestation_invalid")),
        ("no version of the firmware", |t, _| t.params.custom_extensions = vec![tpm_names(&[1, 2])], Some("attestation_invalid")),
        ("no purpose", |t, _| t.params.extended_key_usages.clear(), Some("attestation_invalid")),
        (
            "another purpose",
            |t, _| t.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth],
            Some("attestation_invalid"),
        ),
        ("an authority", |t, _| t.params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained), Some("attestation_invalid")),
    ];
    for (name, bend, refusal) in table {
        let credential = Key::new();
        let ceremony = Ceremony { format: "tpm".into(), ..credential.registration() };
        let public = public_area(0x23, NULL, NO_SCHEME, &ecc(&credential, 3, NULL));
        let verdict = tpm(ceremony, public, |t| bend(t, &credential));
        assert_eq!(verdict.err(), refusal, "{name}");
    }
}

/// RSA keys of TPMs: the exponent zero stands for 65537.
#[test]
fn tpm_rsa_keys_table() {
    let modulus = vec![0xff; 256];
    let rsa = |exponent: u32, modulus: &[u8]| {
        let rest = [&[8, 0][..], &exponent.to_be_bytes(), &[1, 0], modulus].concat();
        public_area(0x01, 0x10, &[0, 0x10], &rest)
    };
    let mut other = modulus.clone();
    other[255] = 0xfd;
    let table = [
        ("the default exponent", rsa(0, &modulus), None),
        ("the exponent spelt out", rsa(65537, &modulus), None),
        ("another exponent", rsa(3, &modulus), Some("attestation_invalid")),
        ("another modulus", rsa(0, &other), Some("attestation_invalid")),
    ];
    for (name, public, refusal) in table {
        let key =
            cose(&[(1, 3.into()), (3, (-257).into()), (-1, Value::Bytes(modulus.clone())), (-2, Value::Bytes(vec![1, 0, 1]))]);
        let ceremony = Ceremony { format: "tpm".into(), cose: key, ..Key::new().registration() };
        assert_eq!(tpm(ceremony, public, |_| {}).err(), refusal, "{name}");
    }
}

fn tpm(ceremony: Ceremony, public: Vec<u8>, bend: impl FnOnce(&mut Tpm)) -> Result<AttestationKind, &'static str> {
    let mut tpm = Tpm {
        version: "2.0",
        name: Vec::new(),
        public,
        magic: 0xff54_4347,
        kind: 0x8017,
        extra_data: sha256(&ceremony.signed()),
        tail: Vec::new(),
        params: tpm_leaf(),
    };
    tpm.name = [&[0, 0x0b], sha256(&tpm.public).as_slice()].concat();
    let named = tpm.public.clone();
    bend(&mut tpm);
    if tpm.public != named {
        // A TPM that holds a bent key names it rightly.
        tpm.name = [&[0, 0x0b], sha256(&tpm.public).as_slice()].concat();
    }
    let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).expect("short").to_be_bytes(), bytes].concat();
    let cert_info = [
        tpm.magic.to_be_bytes().to_vec(),
        tpm.kind.to_be_bytes().to_vec(),
        sized(b"signer"),
        sized(&tpm.extra_data),
        vec![0; 25],
        sized(&tpm.name),
        sized(b"qualified"),
        tpm.tail,
    ]
    .concat();
    let aik = Certified::new();
    let der = tpm.params.self_signed(&aik.pair).expect("a certificate").der().to_vec();
    let statement = map(&[
        ("ver", tpm.version.into()),
        ("alg", (-7).into()),
        ("sig", Value::Bytes(aik.key.sign(&cert_info))),
        ("x5c", certificates(&[der])),
        ("pubArea", Value::Bytes(tpm.public)),
        ("certInfo", Value::Bytes(cert_info)),
    ]);
    verify(&Ceremony { statement: Some(statement), ..ceremony }, &AttestationPolicy::Ignore)
}
