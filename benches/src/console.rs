//! The search of the console among many users, over HTTP, as an owner's browser asks for it.

use crate::args::Args;
use crate::flow::Person;
use crate::http::Ask;
use crate::measure::quantile;
use crate::seeding;
use crate::server::Server;
use anyhow::{Context as _, Result, ensure};
use doorward_store::engine::DatabaseUrl;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use std::path::Path;
use std::time::{Duration, Instant};

/// What `--only` calls this measurement.
pub const NAME: &str = "console-search";

/// A search and how long it took.
#[derive(Debug, Clone)]
pub struct Searched {
    /// What is asked for.
    pub name: &'static str,
    /// As the address has it.
    pub query: String,
    /// Median.
    pub median: Duration,
    /// The slowest.
    pub worst: Duration,
}

/// The fields of a search's address.
type Fields = Vec<(&'static str, String)>;

/// Searches, and whether anybody is found. Of ten first names and ten last ones each is had by a tenth of the users, one in fifty is
/// blocked (all of them called Ken), one in fifty unproven (all of them called Ada).
fn searches(users: u32) -> Vec<(&'static str, Fields, bool)> {
    // Somebody called Ada Lovelace, far into the list.
    let number = users / 1000 * 777 / 100 * 100;
    let q = |text: &str| ("q", text.to_owned());
    let with = |name, value: &str| (name, value.to_owned());
    vec![
        ("the whole list", vec![], true),
        ("an address", vec![q(&format!("ada.lovelace.{number}@example.org"))], true),
        ("the beginning of one", vec![q(&format!("ada.lovelace.{number}"))], true),
        ("a word that nobody has", vec![q("zzz")], false),
        ("a first name", vec![q("grace")], true),
        ("first and last name", vec![q("ken thompson")], true),
        ("three names that nobody has together", vec![q("alan turing ada")], false),
        ("inside of names of many", vec![q("*turing*")], true),
        ("inside of names of few", vec![q(&format!("*{}*", number / 10))], true),
        ("inside of nobody's", vec![q("*zzz*")], false),
        ("a domain that all have", vec![q("email_domain:example.org")], true),
        ("a domain that nobody has", vec![q("email_domain:example.net")], false),
        ("the blocked", vec![with("status", "blocked")], true),
        ("unproven addresses", vec![with("email", "unproven")], true),
        ("proven addresses", vec![with("email", "proven")], true),
        ("no passkey", vec![with("passkey", "without")], true),
        ("a first name, blocked", vec![q("ken"), with("status", "blocked")], true),
        ("a first name, blocked: nobody", vec![q("alan"), with("status", "blocked")], false),
        (
            "a first name, unproven, since a day",
            vec![q("ada"), with("email", "unproven"), with("created_from", "2020-01-01")],
            true,
        ),
        (
            "a first name, unproven, since a day: nobody",
            vec![q("alan"), with("email", "unproven"), with("created_from", "2020-01-01")],
            false,
        ),
    ]
}

/// Fills a directory, signs an owner in, and searches.
pub async fn measure(args: &Args, binary: &Path, folder: &Path) -> Result<Vec<Searched>> {
    let folder = folder.join(NAME);
    let database = args.database.as_deref();
    Server::start(binary, &folder, database, None).await?.stop().await?;
    let url = match database {
        Some(url) => url.parse()?,
        None => DatabaseUrl::Sqlite { path: folder.join("data/doorward.db") },
    };
    seeding::fill_with_names(&url, args.users).await.context("filling a directory")?;
    let server = Server::start(binary, &folder, database, None).await?;
    let mut owner = Person::sign_up(&server, 0).await?;
    make_owner(&mut owner, &server).await.context("making an owner")?;
    let (times, mut out) = (if args.quick { 3 } else { 5 }, Vec::new());
    for (name, fields, found) in searches(args.users) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut taken = Vec::new();
        for _ in 0..times {
            let begun = Instant::now();
            let reply = owner.visit(&format!("/console/users?{query}")).await?.expect(200).context(name)?;
            taken.push(begun.elapsed());
            // The number of users stands where there are any.
            ensure!(reply.text().contains("id=\"count\"") == found, "{name}: not found as it should be");
        }
        taken.sort_unstable();
        out.push(Searched { name, query, median: quantile(&taken, 0.5), worst: quantile(&taken, 1.0) });
    }
    server.stop().await?;
    Ok(out)
}

async fn make_owner(person: &mut Person, server: &Server) -> Result<()> {
    let key = format!("Bearer {}", server.info.admin_api_key);
    let search = Ask::get("/admin/v1/users?search=passkey-&limit=1").with(AUTHORIZATION, key.clone());
    let found = person.connection.send(search).await?.expect(200)?.json()?;
    let id = found.pointer("/items/0/id").and_then(serde_json::Value::as_str).context("nobody signed up")?.to_owned();
    let ask = Ask {
        method: http::Method::PUT,
        path: format!("/admin/v1/administrators/{id}"),
        headers: vec![(AUTHORIZATION, key), (CONTENT_TYPE, "application/json".to_owned())],
        body: r#"{"role":"owner"}"#.into(),
    };
    person.connection.send(ask).await?.expect(200)?;
    Ok(())
}
