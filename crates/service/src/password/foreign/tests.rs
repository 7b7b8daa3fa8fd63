//! Vectors: those of the RFCs where the test says so; all others were made with Python's hashlib and hmac, and with the packages
//! bcrypt 4.3, argon2-cffi and passlib, for one password and one salt.

use super::*;

const P: &str = "plum härbour 58";
const S: &[u8] = b"0123456789abcdef";

fn hex(text: &str) -> Vec<u8> {
    bytes_of(text, TextEncoding::Hex).unwrap()
}

fn b64(text: &str) -> Vec<u8> {
    bytes_of(text, TextEncoding::Base64).unwrap()
}

/// Takes the right password and none that is near it, also after a turn through the database.
fn fits(hash: impl Into<ForeignHash>, password: &str) {
    let hash = hash.into();
    let stored = hash.stored().unwrap();
    let read = ForeignHash::of_stored(&stored).unwrap();
    assert_eq!(read, hash, "{stored}");
    assert!(read.verify(password), "{stored}");
    assert!(!read.verify(&format!("{password} ")) && !read.verify("") && !read.verify(&password.to_uppercase()), "{stored}");
}

#[test]
fn strings_that_name_their_scheme() {
    for text in [
        "$2b$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG",
        "$2a$05$abcdefghijklmnopqrstuuhQcqaEdiAfvAkjNeJcklt8q6FXeaaoO",
        "$argon2i$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$UGrCbWI+2A+3Yp8r9EkhPiMdCQW9wSBeLXuDNlueb94",
        "$argon2d$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$XDMOLvHdQfEiYjfQP/7r/0pxRI4nWqJqxOUdu2wEbPE",
        "$argon2id$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$iEyjdzzx/Mia7FKy6vwmoWse0cNNILjLPOjuG5w2SbA",
        "$argon2i$v=16$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UpM6+tsV5pkxugxturR1JClv9WaXQ7R40AQ4yRUj98E",
        "$pbkdf2-sha512$i=1000,l=64$MDEyMzQ1Njc4OWFiY2RlZg$lw10ks6nxoFpDZOAkmdsb5SQN8mgw7YbTDcnFQElgcQZ/0wlr63IZBtKLPSYfpR5fipjV7ieS6z0mm4USd7wTg",
        "$pbkdf2-sha256$$MDEyMzQ1Njc4OWFiY2RlZg$NUUbc6auSsTonFUbThfu/rR6UjsG3dZYDALVfk2nE75y0tPkGddwad556QKuoMdjoGBPbnsRRxF6Tpq+t+OO6A",
        "$pbkdf2-sha256$1000$.//.MTIzNDU2Nzg5MDEyMw$wbwA9lSP6YRS4OGC8nWDIbxtXupV7C/Se0heGTRNSxw",
        "{MD5}b4zWgfQRM+FvW/q9aCZL9w==",
        "{SMD5}mwvql0m6Pg8/D374K02BsDAxMjM0NTY3",
        "{SHA}fJi/0pK1B0ABarVeD3kV1FI4vqc=",
        "{SSHA}Bau0/MNO3yHSbJRMCmPR4cCXqCMwMTIzNDU2Nw==",
        "{SHA256}1QoeREjBY4GQjorcm2XyTgnbhpbuMnCycjXp4vsdQGw=",
        "{SSHA256}FgGEh8XNUOBEudEdUfEZMCXVQ0L4rCuuJkbiYqFkWdkwMTIzNDU2Nw==",
        "{SHA384}2AX/KB73lOD8wRhlAPJgJ8zglLZJwJv3sIcsz1A3kXx7YFiKQ7vzub3DhgdIrPNK",
        "{SSHA384}quclsaxXbrnVheZO0WL4l7N13W46dQtnx5Xvuf6mfJTULdBLh+1qpQISTzIAtUfyMDEyMzQ1Njc=",
        "{SHA512}CD9SG1c5iQaXuDsPu5wGMEgtsAxrpxbFtvHItWzCrhTFnPfLeG/fFG49sFlH14+yTVVw6jt83+JDFapO5X48xg==",
        "{SSHA512}g3hcM6yd6Ugl3F3Qi1HZKOtoNwPNrUqEkxx07bMmb1KbYZNQNCIBFbuIbu6dgVihVQJ3kG8697Dzo698CUHUsDAxMjM0NTY3",
        // A string of the first version may leave it out.
        "$argon2i$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UpM6+tsV5pkxugxturR1JClv9WaXQ7R40AQ4yRUj98E",
        // Without parameters: 100,000 iterations, 64 bytes.
        "$pbkdf2-sha256$MDEyMzQ1Njc4OWFiY2RlZg$NUUbc6auSsTonFUbThfu/rR6UjsG3dZYDALVfk2nE75y0tPkGddwad556QKuoMdjoGBPbnsRRxF6Tpq+t+OO6A",
        // The version before the last, which differs in name only.
        "$2y$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG",
    ] {
        fits(ForeignHash::modular(text).unwrap_or_else(|e| panic!("{text}: {e}")), P);
    }
    for text in [
        "",
        "{SSHA}",
        "{MD5}b4zWgfQRM+FvW/q9aCZL9zAxMjM=",
        "{SMD5}b4zWgfQRM+FvW/q9aCZL9w==",
        "{CRYPT}$1$abcdefgh$abcdefghabcdefghabcdef",
        "$pbkdf2-sha512$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$lw10ks6nxoFpDZOAkmdsb5SQN8mgw7YbTDcnFQElgcQZ/0wlr63IZBtKLPSYfpR5fipjV7ieS6z0mm4USd7wTg",
        "$pbkdf2-md6$1000$MDEy$FYFF0cPfiSytDx+IYlsvzw",
        "$2x$04$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG",
        "$argon2x$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$iEyjdzzx/Mia7FKy6vwmoWse0cNNILjLPOjuG5w2SbA",
        "$argon2id$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg",
        "plain",
    ] {
        assert!(ForeignHash::modular(text).is_err(), "{text}");
    }
}

#[test]
fn bcrypt_counts_72_bytes_and_ignores_spare_bits() {
    let long = "x".repeat(72);
    let hash = ForeignHash::modular("$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i").unwrap();
    assert!(hash.verify(&long) && hash.verify(&format!("{long}more")) && !hash.verify(&long[1..]));
    // The salt's last character holds two bits that mean something, the hash's last four.
    let (salt, tail) = ("abcdefghijklmnopqrstuz", "OnXZRGmzxZGprO5QuFthbYuH7kDictG");
    fits(ForeignHash::bcrypt_parts(4, salt, tail).unwrap(), P);
    assert!(ForeignHash::bcrypt_parts(4, &salt[1..], tail).is_err());
    let salted = ForeignHash::modular("$2b$04$abcdefghijklmnopqrstuulGMzjETFMNGRPptsM0Ja8kG4nLCulmu").unwrap();
    fits(ForeignHash { prefix: b"pre".to_vec(), ..salted }, P);
}

#[test]
fn pbkdf2_of_every_length() {
    for (digest, hash) in [
        ("sha1", "d9GdQUFhiyaan8980oZEUUA0Bfk="),
        ("sha256", "mNRhIBGHSICFgjyU+xNLAMTZbWCrHH9bCB0oceDZ0AA="),
        ("sha256", "mNRhIBGHSICFgjyU+xNLAMTZbWCrHH9bCB0oceDZ0ADVVmLGtliGYs/0RjDq4olJr38So7VVgh8VNa4RjCc2tQ=="),
        ("sha512", "lw10ks6nxoFpDZOAkmdsb5SQN8mgw7YbTDcnFQElgcQZ/0wlr63IZBtKLPSYfpR5fipjV7ieS6z0mm4USd7wTg=="),
        ("md5", "FYFF0cPfiSytDx+IYlsvzw=="),
        ("sha384", "OLLA7pEV5SR+T0W3UUeGph0N+H3hQT9i9naM8yBZb6xuVU22TZvnfk2aMFZalffH"),
        ("ripemd160", "UrLFQ6sFGVtc9fhe+gvi1jKnqaM="),
    ] {
        let digest = DigestName::parse(digest).unwrap();
        fits(Scheme::Pbkdf2 { digest, iterations: 1000, salt: S.to_vec(), hash: b64(hash) }, P);
    }
}

#[test]
fn rfc7914_section_12() {
    // The third vector costs 1 GiB and is left out; it is over our limit too.
    let third = Scheme::Scrypt { n: 1 << 20, r: 8, p: 1, salt: b"SodiumChloride".to_vec(), hash: vec![0; 64] };
    assert_eq!(ForeignHash::from(third).check(), Err(ForeignHashError::Cost));
    fits(
        Scheme::Scrypt {
            n: 1024,
            r: 8,
            p: 16,
            salt: b"NaCl".to_vec(),
            hash: hex(
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
            ),
        },
        "password",
    );
    fits(
        Scheme::Scrypt {
            n: 16384,
            r: 8,
            p: 1,
            salt: b"SodiumChloride".to_vec(),
            hash: hex(
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
            ),
        },
        "pleaseletmein",
    );
    fits(
        Scheme::Scrypt {
            n: 1024,
            r: 8,
            p: 2,
            salt: S.to_vec(),
            hash: hex(
                "fa93f38c6bb0e3be3bc68581692c4b4bf26f279208a8f2e7f18dea686bf25e56a51077ec04925ce18a8cb8ebee89b4320e7d5c12d94e73f166b927e50305ae56",
            ),
        },
        P,
    );
}

#[test]
fn digests_and_macs() {
    for (digest, mac, prefixed, suffixed) in [
        ("md5", "eb18e1029d5957999a9ca1086557baf0", "0fb8d9eb583bfb891a82812c16aef43e", "cf17dbee3b0de1fa320ee03db0749d6b"),
        (
            "sha1",
            "58bf5e6a29a4577bb6aad4aaf2352dd363e22dd4",
            "9246a7dadaa2432317ee9dc02921e1d415d17438",
            "f75cc564b82cdd5f7d0fb8532ba62fa3b666f784",
        ),
        (
            "sha224",
            "a04b50f7d89f0ed98d121e12b3079df8b8a63db40874bdc719fce2e8",
            "2c352cf3fa1f76311aa93e4a2452f9341a2f44b10bab73172c8e1647",
            "886e44676454c38ae836352fbc1e64fe70dcec9f21a503f8b158db5d",
        ),
        (
            "sha256",
            "bdfdbb8fadc9ea6ccb64710ffcf31c792a725fa7d640463150f2d732f23d962d",
            "076c4a39241722e2f2558b8c42e19eb90511bf47e4dfa02af49e352b86eaac9d",
            "d33d9ad64529574faf13843ec3c954b61b679f4fe22dab1724cd63d582ab03f7",
        ),
        (
            "sha384",
            "606a50321c46b4f9a54af302fbcdc0fd11eb3a4b57089e211e53d7d6a8c315002e9c211047244fcd9e59870c8eb42b6d",
            "238ca0f32e74031eeb605c20736c6c6bbf479e517126f0e1792acd83aa78ea86ab25b0f48b228ace9918d84caa7aa1d3",
            "15e907ac98d748f121d514f5be2ec89c982f10fc076d3683c1ff8a3212e50c042f22ef8f46a0c6ed87891c773fb937fe",
        ),
        (
            "sha512",
            "5d05f484ee6cec4e5bfb59111228b67a8de2bf16de0380a4e2f6cd602a339fc1d1e9f1cb605901b435f7e50f9f843dec69f24c6ccb93d35589d30363635b857b",
            "1909dd7ff5f8f5d0de0844fa07ff85e82198b57979ad124a903a0488f9894ce6970965ec76db701e6d8ecf502da14af9bd8c0560df830d5284c323c614d919d9",
            "aa09f5ca3e9bbf74f4c4a5a54f5fe8626b0df3f478eea11100c3e4dee949a3e3c302885173a51619ee2422ea8992629f39dba9751a8d1c252d0e014cf788b6e5",
        ),
        (
            "ripemd160",
            "e74a755051b6b75126a116442b449aeddedb93d2",
            "74def13624c55c74dd61216325a1c7c080bdfe40",
            "23dc4d655e38fbacd18f5dd53ace40ed086a9131",
        ),
    ] {
        let digest = DigestName::parse(digest).unwrap();
        fits(Scheme::Hmac { digest, key: b"key".to_vec(), hash: hex(mac) }, P);
        let plain = |hash: &str| ForeignHash::from(Scheme::Digest { digest, rounds: 1, hash: hex(hash) });
        fits(ForeignHash { prefix: S.to_vec(), ..plain(prefixed) }, P);
        fits(ForeignHash { suffix: S.to_vec(), ..plain(suffixed) }, P);
    }
    fits(Scheme::Hmac { digest: DigestName::Md4, key: b"key".to_vec(), hash: hex("f6cb35f23117e7f41b30152619181196") }, P);
    fits(
        Scheme::Hmac {
            digest: DigestName::Whirlpool,
            key: b"key".to_vec(),
            hash: hex(
                "353127e46b65f6043af42ec018d39bbaba0b54d20694b0a6c4ea3ed7c9441f96f650ab04598464021a90d8055a8f583ebca42792b22a5702142a6f4bd171d8bf",
            ),
        },
        P,
    );
    let md4 = |hash: &str| ForeignHash::from(Scheme::Digest { digest: DigestName::Md4, rounds: 1, hash: hex(hash) });
    fits(ForeignHash { prefix: S.to_vec(), ..md4("55676d75c06aa42d0f9be66eeb65634b") }, P);
    fits(ForeignHash { password_encoding: TextEncoding::Utf16le, ..md4("68ef7facf17066ff71b44b88b9a9e2b4") }, P);
    let sha1 = Scheme::Digest { digest: DigestName::Sha1, rounds: 1, hash: hex("72fc1eaf7e3e5b176d18c1226ff2d7e7a15c1b1a") };
    fits(ForeignHash { password_encoding: TextEncoding::Latin1, ..sha1.into() }, P);
}

#[test]
fn chains_of_digests() {
    let chain = |digest, hash| ForeignHash { suffix: S.to_vec(), ..Scheme::Digest { digest, rounds: 20_000, hash }.into() };
    fits(chain(DigestName::Sha256, b64("IbNWQmmxVe6+b4B1k47ekc3Idt1hbgFGmQiFTaTUV68=")), P);
    fits(chain(DigestName::Md5, hex("17f9560ed9083efef4b3e4348ebe000d")), P);
    let phpass = |digest, hash: &str| Scheme::Phpass { digest, rounds: 2048, salt: S.to_vec(), hash: hash.into() };
    fits(phpass(DigestName::Md5, "rTdS4x9FH5BajQMk4otdAg"), P);
    fits(phpass(DigestName::Sha512, "aq1xVLTg31OdKggkg2NNuZvRl89qr2syzVZCPRtN6qB"), P);
}

/// Published for the formulas of salted schemes with a factor: password `password`, salt `0123456789abcdef`.
#[test]
fn published_check_values() {
    let salt = || S.to_vec();
    let pbkdf2 = |digest, hash| Scheme::Pbkdf2 { digest, iterations: 24_000, salt: salt(), hash: b64(hash) };
    let chain =
        |digest, hash| ForeignHash { suffix: salt(), ..Scheme::Digest { digest, rounds: 20_000, hash: b64(hash) }.into() };
    let all: [ForeignHash; 5] = [
        pbkdf2(DigestName::Sha256, "Yq30033Xwp24jsd8Q2HUY4FuDIPEBT2giMEoOWViMhk=").into(),
        pbkdf2(DigestName::Sha512, "qsIZai6WGZVEouDfI+xwrCw+cPLFV1z4epjoiIX5QxnXrWzhgxiyb3DmNvvYYv97oQpN0g7Q+3Cxp0R3g3F5ug==")
            .into(),
        Scheme::Hmac { digest: DigestName::Sha256, key: salt(), hash: b64("WLupRfi6ByUhCDR1pvDTlSlMIsCRngByQAoS951+X1A=") }
            .into(),
        chain(DigestName::Sha256, "fU84GxYOFWnfFZ96Tft5+wpA+klsHQyv1jcgP6YugJ8="),
        chain(DigestName::Md5, "hQdBMDzASVapy+BIH+0rLA=="),
    ];
    for hash in all {
        fits(hash, "password");
    }
}

#[test]
fn hostile_costs_and_lengths_are_refused() {
    use ForeignHashError::{Cost, Length, Malformed};
    let of = |scheme: Scheme| {
        let hash = ForeignHash::from(scheme);
        assert!(!hash.verify(P), "what is refused is not computed");
        hash.check().unwrap_err()
    };
    let argon2 = |params: &str| {
        of(Scheme::Argon2 {
            hash: format!("$argon2id$v=19${params}$MDEyMzQ1Njc4OWFiY2RlZg$iEyjdzzx/Mia7FKy6vwmoWse0cNNILjLPOjuG5w2SbA"),
        })
    };
    assert_eq!(argon2("m=4194304,t=1,p=1"), Cost);
    assert_eq!(argon2("m=65536,t=100,p=1"), Cost);
    assert_eq!(argon2("m=65536,t=1,p=200"), Cost);
    assert_eq!(of(Scheme::Bcrypt { hash: "$2b$31$abcdefghijklmnopqrstuuOnXZRGmzxZGprO5QuFthbYuH7kDictG".into() }), Cost);
    let pbkdf2 = |iterations, length| {
        of(Scheme::Pbkdf2 { digest: DigestName::Sha256, iterations, salt: S.to_vec(), hash: vec![0; length] })
    };
    assert_eq!(pbkdf2(6_000_001, 32), Cost);
    assert_eq!(pbkdf2(3_000_001, 64), Cost);
    assert_eq!(pbkdf2(0, 32), Malformed);
    assert_eq!(pbkdf2(1, 15), Length);
    assert_eq!(pbkdf2(1, 129), Length);
    let scrypt = |n, r, p| of(Scheme::Scrypt { n, r, p, salt: S.to_vec(), hash: vec![0; 64] });
    assert_eq!(scrypt(1000, 8, 1), Malformed);
    assert_eq!(scrypt(1024, 0, 1), Malformed);
    assert_eq!(scrypt(1 << 40, 8, 1), Cost);
    assert_eq!(scrypt(1 << 17, 8, 17), Cost);
    assert_eq!(of(Scheme::Digest { digest: DigestName::Md5, rounds: 5_000_001, hash: vec![0; 16] }), Cost);
    assert_eq!(of(Scheme::Digest { digest: DigestName::Sha256, rounds: 1, hash: vec![0; 16] }), Length);
    assert_eq!(of(Scheme::Digest { digest: DigestName::Md5, rounds: 0, hash: vec![0; 16] }), Malformed);
    assert_eq!(of(Scheme::Hmac { digest: DigestName::Sha1, key: vec![0; 1025], hash: vec![0; 20] }), Length);
    let phpass = |hash: &str, rounds| of(Scheme::Phpass { digest: DigestName::Md5, rounds, salt: S.to_vec(), hash: hash.into() });
    assert_eq!(phpass("rTdS4x9FH5BajQMk4otdA", 1), Length);
    assert_eq!(phpass("rTdS4x9FH5BajQMk4otdA=", 1), Malformed);
    assert_eq!(phpass("rTdS4x9FH5BajQMk4otdAg", 5_000_001), Cost);
}

#[test]
fn bytes_in_both_writings() {
    assert_eq!(hex_or_base64("CF17DBEE3b0de1fa320ee03db0749d6b", 16), hex_or_base64("zxfb7jsN4foyDuA9sHSdaw==", 16));
    assert_eq!(hex_or_base64("zxfb7jsN4foyDuA9sHSdaw", 16), hex_or_base64("zxfb7jsN4foyDuA9sHSdaw==", 16));
    assert_eq!(hex_or_base64("zxfb7jsN4foyDuA9sHSdaw", 20), None);
    assert_eq!(bytes_of("-_8", TextEncoding::Base64), bytes_of("+/8=", TextEncoding::Base64));
    assert_eq!(bytes_of("abc", TextEncoding::Hex), None);
}
