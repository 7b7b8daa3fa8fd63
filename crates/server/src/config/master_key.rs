//! `[master_key]`: where the key comes from that encrypts secrets at rest.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::settings::settings;
use crate::files::{self, Readers};

settings! {
    /// Where the master key comes from: 32 bytes in base64url, which encrypt every secret at rest. Set one of the
    /// three; with none, the variable `DOORWARD_MASTER_KEY` is read. `doorward key master generate` makes a key.
    /// Keep a copy of it apart from the database: without it a backup cannot be used.
    pub struct MasterKey in "master_key" {
        /// A file that only the server's account may read (mode 0600).
        file: Option<PathBuf> = None,
        /// The name of an environment variable.
        env: Option<String> = None,
        /// A program and its arguments that print the key, e.g. one that asks a key management service. It is run
        /// once at the start, without a shell.
        command: Vec<String> = Vec::new(),
    }
}

impl MasterKey {
    fn check_more(&self, problems: &mut Vec<String>) {
        let set = [self.file.is_some(), self.env.is_some(), !self.command.is_empty()];
        if set.iter().filter(|set| **set).count() > 1 {
            problems.push("master_key: set only one of file, env and command".to_owned());
        }
    }

    /// The source that is configured.
    pub fn source(&self) -> Source {
        if let Some(path) = &self.file {
            Source::File(path.clone())
        } else if let Some((program, arguments)) = self.command.split_first() {
            Source::Command(program.clone(), arguments.to_vec())
        } else {
            Source::Variable(self.env.clone().unwrap_or_else(|| VARIABLE.to_owned()))
        }
    }
}

/// The variable that is read when nothing is configured.
pub const VARIABLE: &str = "DOORWARD_MASTER_KEY";

/// The key. Wiped from memory when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// Where the key is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A private file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// The output of a program.
    Command(String, Vec<String>),
}

/// Why there is no key. Never says anything about its content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file could not be read or made.
    #[error("master key file {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others on the machine can read the file.
    #[error("master key file {0}: others may read it; run chmod 600 on it")]
    Exposed(PathBuf),
    /// The variable is missing.
    #[error("the variable {0} is not set; it holds the master key (doorward key master generate makes one)")]
    NoVariable(String),
    /// The program could not be run or failed.
    #[error("master key command {program}: {why}")]
    Command {
        /// Which program.
        program: String,
        /// How it failed.
        why: String,
    },
    /// What was read is not a key.
    #[error("the master key must be 32 bytes in base64url without padding (43 characters)")]
    Malformed,
    /// The system gave no random bytes.
    #[error("no random bytes for a new master key")]
    Entropy,
}

impl Source {
    /// Reads the key; `variable` looks up the environment.
    pub fn read(&self, variable: impl Fn(&str) -> Option<String>) -> Result<Key, KeyError> {
        let text = Zeroizing::new(match self {
            Source::File(path) => read_file(path)?,
            Source::Variable(name) => variable(name).ok_or_else(|| KeyError::NoVariable(name.clone()))?,
            Source::Command(program, arguments) => run(program, arguments)?,
        });
        decode(&text)
    }
}

/// Reads the key of a data folder, making it on the first start. For development, where nobody manages keys.
pub fn read_or_create(path: &Path) -> Result<Key, KeyError> {
    match files::create_new(path, generate()?.as_bytes(), Readers::Owner) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => {
            return Err(KeyError::File { path: path.to_owned(), source });
        }
    }
    decode(&Zeroizing::new(read_file(path)?))
}

/// A new key as it is written down.
pub fn generate() -> Result<Zeroizing<String>, KeyError> {
    let mut key = Zeroizing::new([0u8; 32]);
    aws_lc_rs::rand::fill(key.as_mut_slice()).map_err(|_| KeyError::Entropy)?;
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(key.as_slice())))
}

fn decode(text: &str) -> Result<Key, KeyError> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map(Zeroizing::new).map_err(|_| KeyError::Malformed)?;
    <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).map_err(|_| KeyError::Malformed)
}

fn read_file(path: &Path) -> Result<String, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(failed)?.permissions();
        // Group may read: that is how orchestrators mount secrets for an unprivileged account.
        if mode.mode() & 0o007 != 0 {
            return Err(KeyError::Exposed(path.to_owned()));
        }
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn run(program: &str, arguments: &[String]) -> Result<String, KeyError> {
    let failed = |why: String| KeyError::Command { program: program.to_owned(), why };
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| failed(e.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| KeyError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 bytes 0, 1, 2 … 31 (RFC 4648, section 5, without padding).
    const COUNTED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn counted() -> [u8; 32] {
        std::array::from_fn(|i| u8::try_from(i).unwrap())
    }

    #[test]
    fn the_key_comes_from_a_variable_a_program_or_a_file() {
        let none = |_: &str| None;
        let variable = Source::Variable("K".into());
        let read = variable.read(|name| (name == "K").then(|| format!("{COUNTED}\n")));
        assert_eq!(*read.unwrap(), counted());
        assert!(matches!(variable.read(none), Err(KeyError::NoVariable(_))));

        let command = Source::Command("echo".into(), vec![COUNTED.into()]);
        assert_eq!(*command.read(none).unwrap(), counted());
        let failing = Source::Command("false".into(), vec![]);
        assert!(matches!(failing.read(none), Err(KeyError::Command { .. })));

        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        files::create_new(&path, COUNTED.as_bytes(), Readers::Owner).unwrap();
        assert_eq!(*Source::File(path).read(none).unwrap(), counted());
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_everybody_may_read_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        files::create_new(&path, COUNTED.as_bytes(), Readers::Everyone).unwrap();
        let refused = Source::File(path).read(|_| None);
        assert!(matches!(refused, Err(KeyError::Exposed(_))));
    }

    #[test]
    fn what_is_not_32_bytes_is_refused_and_not_repeated() {
        for text in ["", "short", &COUNTED[..42], &format!("{COUNTED}AA"), &COUNTED.replace('A', "+")] {
            let refused = Source::Variable("K".into()).read(|_| Some(text.to_owned()));
            let Err(error) = refused else {
                panic!("{text:?} was taken");
            };
            assert!(matches!(error, KeyError::Malformed));
        }
    }

    #[test]
    fn a_first_start_makes_a_key_and_later_starts_keep_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("master.key");
        let first = read_or_create(&path).unwrap();
        assert_eq!(first, read_or_create(&path).unwrap());
        let other = read_or_create(&directory.path().join("other.key")).unwrap();
        assert_ne!(first, other);
    }
}
