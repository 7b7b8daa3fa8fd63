//! Users in bulk: a file goes in, and a report says what became of each of them.

use crate::asking::Asking;
use crate::door::Answer;
use crate::look;
use crate::told::Told;
use crate::trouble::Trouble;
use crate::upload::{File, MOST_BYTES};
use axum::http::header;
use axum::response::IntoResponse as _;
use doorward_protocol::admin::Right;
use doorward_service::directory::{ImportJob, ImportOptions, ImportUser, USERS_IMPORT};
use doorward_store::work::{FAILED, JobRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Jobs that the form lists below itself.
const SHOWN: usize = 10;
/// Refusals that a page shows; the file to download has all that the job kept.
const SHOWN_REFUSALS: usize = 100;

#[derive(Serialize)]
struct FormPage {
    upsert: bool,
    all_or_nothing: bool,
    jobs: Vec<Job>,
    most_megabytes: usize,
}

/// A job as a page shows it.
#[derive(Serialize)]
struct Job {
    id: String,
    total: i64,
    done: i64,
    /// In a hundred.
    share: i64,
    running: bool,
    failed: bool,
    inserted: i64,
    updated: i64,
    refused: i64,
    at: i64,
}

impl Job {
    fn of(row: &JobRow) -> Self {
        let number = |name: &str| row.summary.0.get(name).and_then(Value::as_i64).unwrap_or(0);
        Self {
            id: row.id.to_string(),
            total: row.total,
            done: row.done,
            share: if row.total > 0 { row.done * 100 / row.total } else { 100 },
            running: row.finished_at.is_none(),
            failed: row.status == FAILED,
            inserted: number("inserted"),
            updated: number("updated"),
            refused: number("failed"),
            at: row.created_at.seconds(),
        }
    }
}

/// `GET /console/users/import`
pub async fn form(asking: Asking) -> Answer {
    render(&asking, &Told::nothing()).await
}

async fn render(asking: &Asking, told: &Told) -> Answer {
    let (mut jobs, mut after) = (Vec::new(), None);
    loop {
        let page = asking.service().list_jobs(asking.cx(), after, 200).await?;
        jobs.extend(page.items.iter().filter(|row| row.kind == USERS_IMPORT).map(Job::of));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    jobs.reverse();
    jobs.truncate(SHOWN);
    let page = FormPage {
        upsert: told.ticked("upsert", false),
        all_or_nothing: told.ticked("all_or_nothing", false),
        jobs,
        most_megabytes: MOST_BYTES / 1024 / 1024,
    };
    asking.show_told("console/users_import.html", &page, told)
}

/// `POST /console/users/import`
pub async fn start(asking: Asking) -> Answer {
    let upsert = asking.ticked("upsert");
    // To change who is there is to change people who may be trusted with more: who decides about those may do it.
    if upsert && !asking.role.may(Right::Own) {
        return Err(Trouble::NotAllowed(Right::Own));
    }
    let wrong = |message: &str| Told::wrong(&asking.sent, "file", message);
    let told = match &asking.file {
        None => wrong("must be chosen: a file of users in JSON"),
        Some(File::Broken) => wrong("did not arrive whole: it is too large, or the connection broke; import it in parts"),
        Some(File::Whole(bytes)) => match read_users(bytes) {
            Err(message) => wrong(&message),
            Ok(users) if users.is_empty() => wrong("holds no user"),
            Ok(users) => {
                let options = ImportOptions { upsert, all_or_nothing: asking.ticked("all_or_nothing"), ..Default::default() };
                let work = ImportJob { users, options, ..Default::default() };
                match asking.service().start_user_import(asking.cx(), &asking.actor(), work).await {
                    Ok(job) => return asking.done(&format!("/console/users/import/{}", job.id), "import-started"),
                    Err(error) => {
                        let mut told = Told::by(&asking.sent, error)?;
                        told.wrong.iter_mut().for_each(|wrong| "file".clone_into(&mut wrong.field));
                        told
                    }
                }
            }
        },
    };
    render(&asking, &told).await
}

#[derive(Deserialize)]
struct Envelope {
    users: Vec<ImportUser>,
}

/// Where the file cannot be read, and why. What the parser says of an id that is none is for programmers.
fn unreadable(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let why = error.to_string();
    let why = why.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&why);
    let why = if why.starts_with("UUID parsing failed") { "an id here is not one of this server’s" } else { why };
    format!("cannot be read at line {line}, character {column}: {why}; nobody was imported")
}

/// A list, a document with `users`, or one user a line.
fn read_users(bytes: &[u8]) -> Result<Vec<ImportUser>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let no = |error: serde_json::Error| unreadable(&error);
    match bytes.first() {
        Some(b'[') => serde_json::from_slice(bytes).map_err(no),
        Some(b'{') if bytes.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"\"users\"") => {
            serde_json::from_slice::<Envelope>(bytes).map(|all| all.users).map_err(no)
        }
        Some(b'{') => {
            let mut users = Vec::new();
            for (n, user) in serde_json::Deserializer::from_slice(bytes).into_iter::<ImportUser>().enumerate() {
                users.push(user.map_err(|error| format!("{} (user {})", unreadable(&error), n + 1))?);
            }
            Ok(users)
        }
        _ => Err("is not JSON: it must begin with [ or {".into()),
    }
}

#[derive(Serialize)]
struct JobPage {
    job: Job,
    refusals: Vec<Refusal>,
    more: usize,
}

#[derive(Serialize)]
struct Refusal {
    /// Counted from one, as people count.
    place: i64,
    user: String,
    why: String,
}

/// A field of the file as people call it, where they have a word for it.
fn named(field: &str) -> String {
    let name = field.split(['.', '[']).next().unwrap_or_default().replace('_', "-");
    look::known(&format!("import-field-{name}")).unwrap_or_else(|| field.to_owned())
}

fn refusals(row: &JobRow) -> impl Iterator<Item = Refusal> + '_ {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    row.errors.0.iter().map(move |error| {
        let why = error.get("errors").and_then(Value::as_array).into_iter().flatten();
        let why: Vec<String> = why
            .map(|one| match (text(one, "field"), text(one, "message")) {
                (field, message) if field.is_empty() => message,
                (field, message) => format!("{}: {message}", named(&field)),
            })
            .collect();
        Refusal {
            place: error.get("index").and_then(Value::as_i64).unwrap_or(0) + 1,
            user: text(error, "user"),
            why: why.join("; "),
        }
    })
}

async fn job(asking: &Asking) -> Result<JobRow, Trouble> {
    let id: Uuid = asking.id("job", "import")?;
    let row = asking.service().job(asking.cx(), id).await.map_err(|_| Trouble::NotFound("import"))?;
    if row.kind == USERS_IMPORT { Ok(row) } else { Err(Trouble::NotFound("import")) }
}

/// `GET /console/users/import/{job}`
pub async fn show(asking: Asking) -> Answer {
    let row = job(&asking).await?;
    let page = JobPage {
        job: Job::of(&row),
        refusals: refusals(&row).take(SHOWN_REFUSALS).collect(),
        more: row.errors.0.len().saturating_sub(SHOWN_REFUSALS),
    };
    asking.show("console/users_import_job.html", &page)
}

/// `GET /console/users/import/{job}/refused`: what was refused, as a file.
pub async fn refused(asking: Asking) -> Answer {
    let row = job(&asking).await?;
    let lines: Vec<String> = row.errors.0.iter().map(Value::to_string).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"refused.ndjson\""),
    ];
    Ok(asking.visit.answer((headers, lines.join("\n") + "\n").into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_a_file_are_read() {
        for good in [
            "[{\"email\":\"a@b.example\"},{\"email\":\"c@b.example\"}]",
            " { \"users\": [{\"email\":\"a@b.example\"},{\"email\":\"c@b.example\"}]}",
            "\u{feff}{\"email\":\"a@b.example\"}\n{\"email\":\"c@b.example\"}\n",
        ] {
            assert_eq!(read_users(good.as_bytes()).expect(good).len(), 2, "{good}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_place() {
        assert!(read_users(b"email\na@b.example").unwrap_err().contains("is not JSON"));
        assert!(read_users(b"[{\"mail\":\"a\"}]").unwrap_err().contains("unknown field `mail`"));
        let second = read_users(b"{\"email\":\"a@b.example\"}\n{\"email\":7}").unwrap_err();
        assert!(second.contains("user 2"), "{second}");
    }
}
