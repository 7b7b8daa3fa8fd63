//! What applying a file did.

use crate::Error;
use crate::directory::DirectoryError;

/// What applying a file did.
#[derive(Debug, Default, PartialEq)]
pub struct ApplyReport {
    /// Things that were made.
    pub created: u32,
    /// Things that were changed.
    pub changed: u32,
    /// Things that were as the file says.
    pub unchanged: u32,
    /// What could not be done; everything else was.
    pub problems: Vec<ApplyProblem>,
    /// Secrets that were made up, shown this once.
    pub secrets: Vec<MadeSecret>,
}

/// What could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplyProblem {
    /// Where in the file, such as `tenant[0].application[2].redirect_uris[0]`.
    pub path: String,
    /// Why.
    pub message: String,
}

/// A secret that was made up.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeSecret {
    /// Of which thing in the file.
    pub path: String,
    /// Its `client_id` or the name of the API key.
    pub of: String,
    /// The secret.
    pub secret: String,
}

/// Prints nothing of the secret.
impl std::fmt::Debug for MadeSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeSecret").field("path", &self.path).field("of", &self.of).finish_non_exhaustive()
    }
}

/// What became of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Unchanged,
    Changed,
    Created,
}

impl Outcome {
    pub(super) fn changed_if(changed: bool) -> Self {
        if changed { Self::Changed } else { Self::Unchanged }
    }
}

impl ApplyReport {
    pub(super) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Created => self.created += 1,
        }
    }

    pub(super) fn problem(&mut self, path: &str, field: &str, message: impl Into<String>) {
        let dot = if field.is_empty() { "" } else { "." };
        self.problems.push(ApplyProblem { path: format!("{path}{dot}{field}"), message: message.into() });
    }

    /// Takes the value of a step, or notes why there is none.
    pub(super) fn take<T>(&mut self, path: &str, step: Result<T, DirectoryError>) -> Result<Option<T>, Error> {
        match step {
            Ok(value) => return Ok(Some(value)),
            Err(DirectoryError::Fault(error)) => return Err(error),
            Err(DirectoryError::NotFound { noun }) => self.problem(path, "", format!("no such {noun}")),
            Err(DirectoryError::Conflict { field, message }) => self.problem(path, field, message),
            Err(refused @ DirectoryError::Administrator { .. }) => self.problem(path, "", refused.to_string()),
            Err(DirectoryError::Invalid(problems)) => {
                for one in problems {
                    self.problem(path, &one.field, one.message);
                }
            }
        }
        Ok(None)
    }
}
