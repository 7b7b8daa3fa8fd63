//! The running binary over HTTP: every refusal that a browser or an application can meet, on each database.
//!
//! Each test has a tenant of its own on a server that it shares with the others, so it may move the clock, lock accounts out
//! and read the whole audit log. With `DOORWARD_TEST_POSTGRES` every test runs twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accents;
mod authorization_codes;
mod authorize;
mod bound;
mod client_authentication;
mod consent;
mod cors;
mod devices;
mod direct_grants;
mod embedded;
mod flows;
mod forms;
mod front_channel;
mod house;
mod keys;
mod lockout;
mod logout;
mod mail_codes;
mod mail_links;
mod passkeys;
mod pushed_requests;
mod recovery;
mod refresh_tokens;
mod registration;
mod tokens;

use doorward_testkit::server::Engine;
use house::{House, Test};
use libtest_mimic::{Arguments, Trial};
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    let tests: Vec<Test> = [
        accents::tests(),
        authorization_codes::tests(),
        authorize::tests(),
        bound::tests(),
        client_authentication::tests(),
        consent::tests(),
        cors::tests(),
        embedded::tests(),
        devices::tests(),
        direct_grants::tests(),
        flows::tests(),
        forms::tests(),
        front_channel::tests(),
        keys::tests(),
        lockout::tests(),
        logout::tests(),
        mail_codes::tests(),
        mail_links::tests(),
        passkeys::tests(),
        pushed_requests::tests(),
        recovery::tests(),
        refresh_tokens::tests(),
        registration::tests(),
        tokens::tests(),
    ]
    .concat();
    let runtime = Arc::new(tokio::runtime::Runtime::new().unwrap());
    let mut houses = Vec::new();
    let mut trials = Vec::new();
    for engine in Engine::available().unwrap() {
        let name = |test: &Test| format!("{}::{}", engine.name(), test.name);
        let wanted: Vec<Test> = tests.iter().filter(|test| is_wanted(&arguments, &name(test))).cloned().collect();
        let house = Arc::new(House::new(engine, &wanted));
        for test in &tests {
            let (test, house, runtime) = (test.clone(), Arc::clone(&house), Arc::clone(&runtime));
            trials.push(Trial::test(name(&test), move || {
                runtime.block_on(house.run(&test));
                Ok(())
            }));
        }
        houses.push(house);
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // A refusal is no fault: whatever the tests sent, the servers have nothing to complain of.
    let faults: Vec<String> = houses.iter().flat_map(|house| house.faults()).collect();
    // Stops the servers and removes their data, which an exit would not.
    drop(houses);
    if !faults.is_empty() {
        eprintln!("the server logged faults:\n{}", faults.join("\n"));
        std::process::exit(101);
    }
    conclusion.exit()
}

/// Whether the command line asks for a test: only those get tenants, so that one test alone starts quickly.
fn is_wanted(arguments: &Arguments, name: &str) -> bool {
    match &arguments.filter {
        None => true,
        Some(filter) if arguments.exact => name == filter,
        Some(filter) => name.contains(filter.as_str()),
    }
}
