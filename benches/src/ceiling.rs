//! What this machine can do: nothing but signatures, nothing but hashes. Measured between the slices of the flows that are held
//! against it, so that whatever else runs on the machine hits both.

use crate::process;
use anyhow::{Context as _, Result, anyhow};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    UnparsedPublicKey,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The one thing that a ceiling does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A signature with RS256 and 2048 bits (RFC 7518, section 3.3), as tokens carry.
    Sign,
    /// A hash with Argon2id, 19 MiB, two passes, one lane (RFC 9106), as passwords have.
    Hash,
    /// A verification with ES256, as a passkey's assertion needs.
    Verify,
}

/// Something done again and again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amount {
    /// How often.
    pub times: u64,
    /// In which time.
    pub wall: Duration,
    /// With how much CPU time.
    pub cpu: Duration,
}

impl Amount {
    /// Together with another slice.
    pub fn add(&mut self, other: Self) {
        self.times += other.times;
        self.wall += other.wall;
        self.cpu += other.cpu;
    }

    /// Times in a second.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn rate(&self) -> f64 {
        self.times as f64 / self.wall.as_secs_f64().max(1e-9)
    }

    /// CPU seconds of one.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() / (self.times as f64).max(1.0)
    }
}

/// The keys of the ceilings.
pub struct Ceilings {
    rsa: Arc<RsaKeyPair>,
    ec: Arc<EcdsaKeyPair>,
}

impl Ceilings {
    /// Makes the keys.
    pub fn new() -> Result<Self> {
        Ok(Self {
            rsa: Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).context("no RSA key")?),
            ec: Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).context("no EC key")?),
        })
    }

    /// Does nothing but this, on every core, for a while.
    pub async fn slice(&self, work: Work, lasting: Duration) -> Result<Amount> {
        let (rsa, ec) = (Arc::clone(&self.rsa), Arc::clone(&self.ec));
        tokio::task::spawn_blocking(move || {
            let me = std::process::id();
            let before = process::cpu(me)?;
            let begun = Instant::now();
            let until = begun + lasting;
            let threads: Vec<_> = (0..process::cores())
                .map(|_| {
                    let (rsa, ec) = (Arc::clone(&rsa), Arc::clone(&ec));
                    std::thread::spawn(move || match work {
                        Work::Sign => signatures(&rsa, until),
                        Work::Hash => hashes(until),
                        Work::Verify => verifications(&ec, until),
                    })
                })
                .collect();
            let mut times = 0;
            for thread in threads {
                times += thread.join().map_err(|_| anyhow!("a thread of a ceiling panicked"))??;
            }
            Ok(Amount { times, wall: begun.elapsed(), cpu: process::cpu(me)? - before })
        })
        .await?
    }
}

fn signatures(key: &RsaKeyPair, until: Instant) -> Result<u64> {
    let random = SystemRandom::new();
    // As long as the header and claims of one of our access tokens.
    let message = [b'x'; 800];
    let mut signature = vec![0; key.public_modulus_len()];
    let mut times = 0;
    while Instant::now() < until {
        key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?;
        times += 1;
    }
    Ok(times)
}

fn hashes(until: Instant) -> Result<u64> {
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(|e| anyhow!("{e}"))?;
    // Memory is taken once: what the system charges for new pages is no part of hashing.
    let mut memory = vec![Block::default(); params.block_count()];
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut out, mut times) = ([0; 32], 0);
    while Instant::now() < until {
        hasher
            .hash_password_into_with_memory(b"plum harbour lantern 58", b"sixteen bytes ok", &mut out, &mut memory)
            .map_err(|e| anyhow!("{e}"))?;
        times += 1;
    }
    Ok(times)
}

fn verifications(key: &EcdsaKeyPair, until: Instant) -> Result<u64> {
    let message = [b'x'; 69];
    let signature = key.sign(&SystemRandom::new(), &message)?;
    let mut times = 0;
    while Instant::now() < until {
        // Parsed each time, as the server parses a stored key each time.
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key.public_key().as_ref()).verify(&message, signature.as_ref())?;
        times += 1;
    }
    Ok(times)
}
