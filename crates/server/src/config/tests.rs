use super::*;

const SMALL: &str = r#"
[site]
public_url = "https://id.example.com"
[listen]
http = ["127.0.0.1:9011"]
"#;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::parse(Path::new("doorward.toml"), text, environment)
}

fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    match parse(text, environment) {
        Ok(config) => panic!("was taken: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_small_file_gets_the_defaults() {
    let config = parse(SMALL, &[]).unwrap();
    assert_eq!(config.limits.max_connections, 10_000);
    assert_eq!(config.mail.port, 465);
    assert_eq!(config.master_key.source(), master_key::Source::Variable("DOORWARD_MASTER_KEY".to_owned()));
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let said = refusal(&format!("{SMALL}\n[limits]\nmax_conections = 1\n"), &[]);
    assert!(said.contains("line 8") && said.contains("max_conections"), "{said}");
    let said = refusal(&format!("{SMALL}\n[limit]\n"), &[]);
    assert!(said.contains("`limit`"), "{said}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = parse(
        &format!("{SMALL}\n[log]\nfilter = \"warn\"\n"),
        &[
            ("DOORWARD_LOG_FILTER", "debug"),
            ("DOORWARD_LIMITS_MAX_HEADERS", "50"),
            ("DOORWARD_LISTEN_HTTP", "127.0.0.1:1, [::1]:2"),
            ("DOORWARD_SERVICE_HOST", "10.0.0.1"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    assert_eq!(config.log.filter, "debug");
    assert_eq!(config.limits.max_headers, 50);
    let expected: Vec<std::net::SocketAddr> = vec!["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()];
    assert_eq!(config.listen.http, expected);
}

#[test]
fn a_variable_that_does_not_fit_is_named() {
    let said = refusal(SMALL, &[("DOORWARD_LIMITS_MAX_HEADERS", "many")]);
    assert_eq!(said, "DOORWARD_LIMITS_MAX_HEADERS: must be a number");
}

#[test]
fn all_bad_values_are_told_at_once() {
    let said = refusal(
        "[site]\npublic_url = \"http://id.example.com/path\"\n\
         [listen]\nhttps = [\"0.0.0.0:443\"]\ntrusted_proxies = [\"0.0.0.0/0\"]\n\
         [limits]\nmax_headers = 5\n\
         [master_key]\nfile = \"a\"\nenv = \"B\"\n\
         [database]\nurl = \"mysql://x\"\n\
         [mail]\nhost = \"smtp.example.com\"\nsecurity = \"none\"\nusername = \"u\"\npassword = \"p\"\n\
         [log]\nfilter = \"a=b=c\"\n",
        &[],
    );
    for problem in [
        "site.public_url: must begin with https://",
        "site.public_url: must be only scheme",
        "tls.certificates: needed",
        "listen.trusted_proxies",
        "limits.max_headers: must be from 16 to 1000, not 5",
        "master_key: set only one",
        "database.url",
        "mail.from",
        "mail.security",
        "log.filter",
    ] {
        assert!(said.contains(problem), "{problem} is missing in: {said}");
    }
}

#[test]
fn http_is_for_localhost_only() {
    let local = SMALL.replace("https://id.example.com", "http://localhost:9011");
    parse(&local, &[]).unwrap();
    let said = refusal(&SMALL.replace("https:", "http:"), &[]);
    assert!(said.contains("https://"), "{said}");
    let said = refusal("[listen]\nhttp = [\"127.0.0.1:1\"]\n", &[]);
    assert!(said.contains("site.public_url: must be set"), "{said}");
}

#[test]
fn secrets_appear_neither_in_dumps_nor_in_errors() {
    let text = format!(
        "{SMALL}\n[database]\nurl = \"postgres://u:hunter2@h/d\"\n\
         [mail]\nhost = \"h\"\nfrom = \"a@b.c\"\nusername = \"u\"\npassword = \"hunter2\"\n"
    );
    let config = parse(&text, &[]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(config.database.url.expose().contains("hunter2"));

    let broken = text.replace("password = \"hunter2\"", "password = [\"hunter2\"]");
    assert!(!refusal(&broken, &[]).contains("hunter2"));
    let broken = text.replace("password = \"hunter2\"", "password = \"hunter2");
    assert!(!refusal(&broken, &[]).contains("hunter2"));
}
