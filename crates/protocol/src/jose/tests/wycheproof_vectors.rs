//! Project Wycheproof's signature vectors, fed through JWKs: the same keys and raw signatures that a JWS carries.

use super::super::{Algorithm, Jwk, VerifyingKey, encode};
use wycheproof::TestResult;

/// Counts, so that a set that turns out empty cannot pass.
#[derive(Default)]
struct Tally {
    valid: usize,
    invalid: usize,
}

impl Tally {
    fn check(&mut self, key: &VerifyingKey, id: usize, result: TestResult, message: &[u8], signature: &[u8]) {
        let accepted = key.verify(message, signature).is_ok();
        match result {
            TestResult::Valid => {
                assert!(accepted, "test {id} is valid and was refused");
                self.valid += 1;
            }
            TestResult::Invalid => {
                assert!(!accepted, "test {id} is invalid and was accepted");
                self.invalid += 1;
            }
            TestResult::Acceptable => {}
        }
    }

    fn done(&self) {
        assert!(self.valid > 10, "{} valid", self.valid);
        assert!(self.invalid > 10, "{} invalid", self.invalid);
    }
}

fn parse(jwk: &Jwk, algorithm: Algorithm) -> VerifyingKey {
    VerifyingKey::from_jwk_for(jwk, algorithm).unwrap()
}

fn trimmed(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|byte| **byte == 0).count();
    &integer[zeros..]
}

fn fixed(integer: &[u8], length: usize) -> Vec<u8> {
    let digits = trimmed(integer);
    [&vec![0; length - digits.len()], digits].concat()
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    for (algorithm, names) in [
        (
            Algorithm::Rs256,
            vec![TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256],
        ),
        (
            Algorithm::Rs384,
            vec![TestName::Rsa2048Sha384, TestName::Rsa3072Sha384, TestName::Rsa4096Sha384, TestName::Rsa8192Sha384],
        ),
        (
            Algorithm::Rs512,
            vec![TestName::Rsa2048Sha512, TestName::Rsa3072Sha512, TestName::Rsa4096Sha512, TestName::Rsa8192Sha512],
        ),
    ] {
        let mut tally = Tally::default();
        for name in names {
            for group in TestSet::load(name).unwrap().test_groups {
                let jwk = Jwk::rsa(algorithm, trimmed(&group.key.n), trimmed(&group.key.e));
                let key = parse(&jwk, algorithm);
                for test in group.tests {
                    tally.check(&key, test.tc_id, test.result, &test.msg, &test.sig);
                }
            }
        }
        tally.done();
    }
}

#[test]
fn rsa_pss_with_a_salt_as_long_as_the_hash() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut tally = Tally::default();
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let jwk = Jwk::rsa(Algorithm::Ps256, trimmed(&group.key.n), trimmed(&group.key.e));
            let key = parse(&jwk, Algorithm::Ps256);
            for test in group.tests {
                tally.check(&key, test.tc_id, test.result, &test.msg, &test.sig);
            }
        }
    }
    tally.done();
    // RFC 7518, section 3.5 fixes hash, mask and salt length; signatures that are valid with others are refused.
    let mut refused = 0;
    for name in
        [TestName::RsaPss2048Sha256Mgf1SaltLen0, TestName::RsaPss2048Sha256Mgf1Sha1_20, TestName::RsaPss2048Sha384Mgf1SaltLen48]
    {
        for group in TestSet::load(name).unwrap().test_groups {
            let jwk = Jwk::rsa(Algorithm::Ps256, trimmed(&group.key.n), trimmed(&group.key.e));
            let key = parse(&jwk, Algorithm::Ps256);
            for test in group.tests {
                if test.result == TestResult::Valid {
                    assert!(key.verify(&test.msg, &test.sig).is_err(), "test {}", test.tc_id);
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 10, "{refused} refused");
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for (algorithm, name, crv, length) in [
        (Algorithm::Es256, TestName::EcdsaSecp256r1Sha256P1363, "P-256", 32),
        (Algorithm::Es384, TestName::EcdsaSecp384r1Sha384P1363, "P-384", 48),
    ] {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let x = fixed(&group.key.affine_x, length);
            let y = fixed(&group.key.affine_y, length);
            let key = parse(&Jwk::ec(algorithm, crv, &x, &y), algorithm);
            for test in group.tests {
                tally.check(&key, test.tc_id, test.result, &test.msg, &test.sig);
            }
        }
        tally.done();
    }
}

#[test]
fn ecdsa_in_der_is_not_jws() {
    use wycheproof::ecdsa::{TestName, TestSet};
    for group in TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
        let x = fixed(&group.key.affine_x, 32);
        let y = fixed(&group.key.affine_y, 32);
        let key = parse(&Jwk::ec(Algorithm::Es256, "P-256", &x, &y), Algorithm::Es256);
        for test in group.tests {
            assert!(key.verify(&test.msg, &test.sig).is_err(), "test {}", test.tc_id);
        }
    }
}

#[test]
fn ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let jwk = Jwk::okp(Algorithm::EdDsa, "Ed25519", &group.key.pk);
        assert_eq!(jwk.x.as_deref(), Some(encode(&group.key.pk).as_str()));
        let key = parse(&jwk, Algorithm::EdDsa);
        for test in group.tests {
            tally.check(&key, test.tc_id, test.result, &test.msg, &test.sig);
        }
    }
    tally.done();
}
