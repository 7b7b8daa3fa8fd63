use super::*;
use std::process::Command;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// 2026-11-21 in seconds since the epoch.
const TODAY: u64 = 1_795_219_200;

fn today() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(TODAY)
}

fn rustls_accepts(ca: &Path, leaf: &Path, name: &str, at: u64) -> Result<(), rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let leaf = CertificateDer::from_pem_file(leaf).unwrap();
    let name = ServerName::try_from(name).unwrap();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
    verifier.verify_server_cert(&leaf, &[], &name, &[], at).map(drop)
}

fn openssl_verify(arguments: &[&str], ca: &Path, leaf: &Path) -> String {
    let output = Command::new("openssl")
        .args(["verify", "-x509_strict", "-purpose", "sslserver", "-no-CApath", "-no-CAstore"])
        .args(["-attime", &TODAY.to_string()])
        .args(arguments)
        .arg("-CAfile")
        .args([ca, leaf])
        .output()
        .expect("openssl is installed");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn rustls_and_openssl_accept_every_name_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(directory.path(), today()).unwrap();
    let names = ["doorward.test".to_owned(), "pro-1.localhost".to_owned(), "192.168.1.20".to_owned()];
    let leaf = ca.leaf(&names, today()).unwrap();
    let leaf = leaf.certificate_file.as_path();
    for name in ["localhost", "127.0.0.1", "::1", "doorward.test", "pro-1.localhost", "192.168.1.20"] {
        rustls_accepts(&ca.certificate_file(), leaf, name, TODAY).expect(name);
    }
    rustls_accepts(&ca.certificate_file(), leaf, "other.test", TODAY).expect_err("a name that is not in it");
    rustls_accepts(&ca.certificate_file(), leaf, "localhost", TODAY + 366 * 86_400).expect_err("after its end");

    for check in [
        ["-verify_hostname", "localhost"],
        ["-verify_hostname", "doorward.test"],
        ["-verify_ip", "127.0.0.1"],
        ["-verify_ip", "::1"],
    ] {
        let said = openssl_verify(&check, &ca.certificate_file(), leaf);
        assert!(said.contains(": OK"), "{check:?}: {said}");
    }
    let said = openssl_verify(&["-verify_hostname", "other.test"], &ca.certificate_file(), leaf);
    assert!(said.contains("hostname mismatch"), "{said}");
}

#[test]
fn a_stolen_ca_key_certifies_no_public_name() {
    let directory = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(directory.path(), today()).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    for name in ["www.example.com", "8.8.8.8", "notlocalhost"] {
        let forged = leaf_params(&[name.to_owned()], today()).unwrap().signed_by(&key, &ca.issuer).unwrap();
        let path = directory.path().join("forged.pem");
        std::fs::write(&path, forged.pem()).unwrap();
        rustls_accepts(&ca.certificate_file(), &path, name, TODAY).expect_err(name);
        let said = openssl_verify(&[], &ca.certificate_file(), &path);
        assert!(said.contains("permitted subtree violation"), "{said}");
    }
}

#[test]
fn names_that_the_ca_could_not_vouch_for_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(directory.path(), today()).unwrap();
    for name in ["example.com", "evillocalhost", "1.1.1.1", "172.32.0.1", "", ".test", "a b.test"] {
        let refused = ca.leaf(&[name.to_owned()], today());
        assert!(matches!(refused, Err(CaError::ForeignName(_))), "{name:?}: {refused:?}");
    }
}

#[test]
fn the_leaf_is_kept_until_names_or_time_ask_for_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(directory.path(), today()).unwrap();
    let read = |files: &CertificateFiles| std::fs::read(&files.certificate_file).unwrap();
    let names = ["doorward.test".to_owned()];
    let first = read(&ca.leaf(&names, today()).unwrap());
    let later = today() + DAY * 334;
    assert_eq!(first, read(&ca.leaf(&names, later).unwrap()), "31 days are left");
    let renewed = read(&ca.leaf(&names, later + DAY * 2).unwrap());
    assert_ne!(first, renewed, "29 days are left");
    let renamed = read(&ca.leaf(&[], later + DAY * 2).unwrap());
    assert_ne!(renewed, renamed, "a name went away");
    assert_eq!(renamed, read(&ca.leaf(&[], later + DAY * 2).unwrap()), "nothing changed");
}

#[test]
fn the_ca_survives_a_restart_and_a_new_ca_replaces_the_leaf() {
    let directory = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read(directory.path().join(name)).unwrap();
    LocalCa::open(directory.path(), today()).unwrap().leaf(&[], today()).unwrap();
    let (ca, leaf) = (read("ca.pem"), read("tls.pem"));
    LocalCa::open(directory.path(), today()).unwrap().leaf(&[], today()).unwrap();
    assert_eq!((ca, leaf.clone()), (read("ca.pem"), read("tls.pem")));

    std::fs::remove_file(directory.path().join("ca.pem")).unwrap();
    let fresh = LocalCa::open(directory.path(), today()).unwrap();
    let files = fresh.leaf(&[], today()).unwrap();
    assert_ne!(leaf, read("tls.pem"));
    rustls_accepts(&fresh.certificate_file(), &files.certificate_file, "localhost", TODAY).unwrap();
}

#[test]
fn a_key_of_another_ca_is_refused_and_keys_are_private() {
    let directory = tempfile::tempdir().unwrap();
    let ca = LocalCa::open(directory.path(), today()).unwrap();
    let files = ca.leaf(&[], today()).unwrap();
    #[cfg(unix)]
    for path in [&directory.path().join("ca-key.pem"), &files.key_file] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::copy(&files.key_file, directory.path().join("ca-key.pem")).unwrap();
    let refused = LocalCa::open(directory.path(), today());
    assert!(matches!(refused, Err(CaError::Unusable { .. })));
}
