//! The binary's commands that need no database.

use std::process::{Command, Output};

fn doorward(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_doorward")).args(arguments).env_remove("DOORWARD_CONFIG").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_master_key_is_43_characters_of_base64url_and_never_twice_the_same() {
    let make = || said(&doorward(&["key", "master", "generate"]));
    let (one, two) = (make(), make());
    let key = one.strip_suffix('\n').unwrap();
    assert_eq!(key.len(), 43);
    assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    assert_ne!(one, two);
}

#[test]
fn serve_checks_a_configuration_and_names_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.toml");
    let path = path.to_str().unwrap();
    let good = "[site]\npublic_url = \"https://id.example.com\"\n[listen]\nhttp = [\"127.0.0.1:9011\"]\n";
    std::fs::write(path, good).unwrap();
    let output = doorward(&["serve", "--check", "--config", path]);
    assert!(output.status.success(), "{}", said(&output));

    std::fs::write(path, format!("{good}[log]\nlevel = \"info\"\n")).unwrap();
    let output = doorward(&["serve", "--check", "--config", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("line 6: unknown field `level`"), "{}", said(&output));

    let output = doorward(&["serve", "--config", "/nowhere/doorward.toml"]);
    assert!(said(&output).contains("/nowhere/doorward.toml"), "{}", said(&output));
}
