//! The local certificate authority of `doorward dev` (X.509 as profiled by RFC 5280).
//!
//! It is made once per data folder and a developer trusts it by hand. Because its key lies on a laptop, it is
//! constrained (RFC 5280, section 4.2.1.10) to names and addresses that never belong to anybody else: whoever
//! steals the key cannot impersonate a site on the internet. Production certificates are none of its business.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::{Pem, parse_x509_pem};

use crate::certificates::CertificateFiles;
use crate::files::{self, Readers};

/// Names that every certificate of the local CA carries.
pub const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Domains that RFC 6761, RFC 8375 and ICANN's reservation of `internal` keep out of the public tree, and `local` (RFC 6762).
const DOMAINS: [&str; 5] = ["localhost", "test", "internal", "local", "home.arpa"];

/// Loopback (RFC 1122, RFC 4291), private (RFC 1918, RFC 4193) and link-local (RFC 3927, RFC 4291) addresses.
const NETWORKS: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const CA_LIFETIME: Duration = DAY.saturating_mul(3652);
/// Apple's platforms refuse leaves that live longer than 398 days.
const LEAF_LIFETIME: Duration = DAY.saturating_mul(365);
const RENEW_BEFORE: Duration = DAY.saturating_mul(30);
/// Clocks of clients in virtual machines are often a little behind.
const BACKDATE: Duration = Duration::from_secs(60 * 60);

/// Why the local CA cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what this module wrote.
    #[error(
        "{path} is not usable ({why}); remove ca.pem, ca-key.pem, tls.pem and tls-key.pem to start afresh, and trust the new CA"
    )]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The CA may not vouch for this name.
    #[error(
        "the local CA certifies only local names (localhost, *.localhost, *.test, *.internal, *.local, *.home.arpa) and private addresses, not {0:?}"
    )]
    ForeignName(String),
    /// The certificate could not be made.
    #[error("making a certificate: {0}")]
    Making(#[from] rcgen::Error),
}

/// The CA with its key, ready to issue.
pub struct LocalCa {
    directory: PathBuf,
    subject: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

impl LocalCa {
    /// Opens the CA of a data folder, making it on first use. `now` comes from the caller's clock.
    pub fn open(directory: &Path, now: SystemTime) -> Result<Self, CaError> {
        let certificate_file = directory.join("ca.pem");
        let key_file = directory.join("ca-key.pem");
        if !certificate_file.exists() {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let certificate = ca_params(now)?.self_signed(&key)?;
            // The key first: a certificate without its key could never be used, and would stop the next start.
            store(&key_file, &key.serialize_pem(), Readers::Owner)?;
            store(&certificate_file, &certificate.pem(), Readers::Everyone)?;
        }
        let certificate_pem = load(&certificate_file)?;
        let key_pem = load(&key_file)?;
        let pem = pem_block(&certificate_file, &certificate_pem)?;
        let certificate = parse(&certificate_file, &pem)?;
        if seconds(now + LEAF_LIFETIME) > certificate.validity().not_after.timestamp() {
            return Err(unusable(&certificate_file, "it ends within a year"));
        }
        let subject = certificate.subject().as_raw().to_vec();
        let key = KeyPair::from_pem(&key_pem).map_err(|e| unusable(&key_file, e))?;
        if certificate.public_key().subject_public_key.data.as_ref() != key.public_key_raw() {
            return Err(unusable(&key_file, "it does not belong to ca.pem"));
        }
        let issuer = Issuer::from_ca_cert_pem(&certificate_pem, key).map_err(|e| unusable(&certificate_file, e))?;
        Ok(Self { directory: directory.to_owned(), subject, issuer })
    }

    /// The certificate that clients must trust.
    pub fn certificate_file(&self) -> PathBuf {
        self.directory.join("ca.pem")
    }

    /// The server's certificate for [`ALWAYS`] and `names`: the present one while it carries exactly these names and
    /// lives for another 30 days, else a new one.
    pub fn leaf(&self, names: &[String], now: SystemTime) -> Result<CertificateFiles, CaError> {
        let names = all_names(names)?;
        let files =
            CertificateFiles { certificate_file: self.directory.join("tls.pem"), key_file: self.directory.join("tls-key.pem") };
        if !self.is_fresh(&files, &names, now) {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let certificate = leaf_params(&names, now)?.signed_by(&key, &self.issuer)?;
            store(&files.key_file, &key.serialize_pem(), Readers::Owner)?;
            store(&files.certificate_file, &certificate.pem(), Readers::Everyone)?;
        }
        Ok(files)
    }

    /// Anything that cannot be read counts as absent: a leaf is cheap to make again.
    fn is_fresh(&self, files: &CertificateFiles, names: &[String], now: SystemTime) -> bool {
        let Ok(pem) = load(&files.certificate_file).and_then(|text| pem_block(&files.certificate_file, &text)) else {
            return false;
        };
        let Ok(certificate) = parse(&files.certificate_file, &pem) else {
            return false;
        };
        let Ok(key) =
            load(&files.key_file).and_then(|text| KeyPair::from_pem(&text).map_err(|source| unusable(&files.key_file, source)))
        else {
            return false;
        };
        certificate.issuer().as_raw() == self.subject
            && certificate.public_key().subject_public_key.data.as_ref() == key.public_key_raw()
            && certificate.validity().not_after.timestamp() > seconds(now + RENEW_BEFORE)
            && certificate.validity().not_before.timestamp() <= seconds(now)
            && names_in(&certificate) == names
    }
}

/// The full, sorted list of names; a name outside the CA's constraints would give a certificate that nobody accepts.
fn all_names(extra: &[String]) -> Result<Vec<String>, CaError> {
    let mut names: Vec<String> = ALWAYS.iter().map(|name| (*name).to_owned()).collect();
    for name in extra {
        let name = name.to_ascii_lowercase();
        if !is_local(&name) {
            return Err(CaError::ForeignName(name));
        }
        names.push(name);
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn is_local(name: &str) -> bool {
    if let Ok(address) = name.parse::<IpAddr>() {
        return NETWORKS.iter().any(|(network, prefix)| IpNet::new(*network, *prefix).is_ok_and(|net| net.contains(&address)));
    }
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    plain
        && !name.starts_with('.')
        && DOMAINS.iter().any(|domain| name == *domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn ca_params(now: SystemTime) -> Result<CertificateParams, CaError> {
    let mut params = CertificateParams::new(Vec::new())?;
    // A name of its own for each CA: NSS and OpenSSL confuse two roots that share a subject.
    let id = uuid::Uuid::new_v4().simple().to_string();
    let short = id.get(..8).unwrap_or_default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Doorward development");
    params.distinguished_name.push(DnType::CommonName, format!("Doorward local CA {short}"));
    params.not_before = OffsetDateTime::from(now - BACKDATE);
    params.not_after = OffsetDateTime::from(now + CA_LIFETIME);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let domains = DOMAINS.iter().map(|domain| GeneralSubtree::DnsName((*domain).to_owned()));
    let networks =
        NETWORKS.iter().map(|(network, prefix)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(*network, *prefix)));
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees: domains.chain(networks).collect(), excluded_subtrees: Vec::new() });
    Ok(params)
}

fn leaf_params(names: &[String], now: SystemTime) -> Result<CertificateParams, CaError> {
    let mut params = CertificateParams::new(names.to_vec())?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Doorward development server");
    params.not_before = OffsetDateTime::from(now - BACKDATE);
    params.not_after = OffsetDateTime::from(now + LEAF_LIFETIME);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// The names that a certificate file carries.
pub fn certificate_names(path: &Path) -> Result<Vec<String>, CaError> {
    let pem = pem_block(path, &load(path)?)?;
    Ok(names_in(&parse(path, &pem)?))
}

fn names_in(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let mut names: Vec<String> = extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => <[u8; 4]>::try_from(*bytes)
                .map(IpAddr::from)
                .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
                .ok()
                .map(|address| address.to_string()),
            _ => None,
        })
        .collect();
    names.sort();
    names
}

fn seconds(at: SystemTime) -> i64 {
    OffsetDateTime::from(at).unix_timestamp()
}

fn unusable(path: &Path, why: impl ToString) -> CaError {
    CaError::Unusable { path: path.to_owned(), why: why.to_string() }
}

fn load(path: &Path) -> Result<String, CaError> {
    std::fs::read_to_string(path).map_err(|source| CaError::File { path: path.to_owned(), source })
}

fn store(path: &Path, text: &str, readers: Readers) -> Result<(), CaError> {
    files::write_atomically(path, text.as_bytes(), readers).map_err(|source| CaError::File { path: path.to_owned(), source })
}

fn pem_block(path: &Path, text: &str) -> Result<Pem, CaError> {
    parse_x509_pem(text.as_bytes()).map(|(_, pem)| pem).map_err(|e| unusable(path, e))
}

fn parse<'a>(path: &Path, pem: &'a Pem) -> Result<X509Certificate<'a>, CaError> {
    pem.parse_x509().map_err(|e| unusable(path, e))
}

#[cfg(test)]
#[path = "ca_tests.rs"]
mod tests;
