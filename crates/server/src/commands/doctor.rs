//! `doorward doctor`: what a developer's machine still lacks, and the line that mends it.

use crate::ca;
use crate::cli::{Doctor, Target};
use crate::commands::tenants_of;
use crate::open;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long a server may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bundles of certificates that programs of a system believe.
const SYSTEM_BUNDLES: [&str; 4] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/// Variables that name a bundle, and who reads them.
const VARIABLES: [(&str, &str); 3] = [
    ("SSL_CERT_FILE", "curl, Python's ssl and urllib3"),
    ("REQUESTS_CA_BUNDLE", "Python's requests"),
    ("NODE_EXTRA_CA_CERTS", "Node.js"),
];

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Good,
    Hint,
    Bad,
}

/// The report.
#[derive(Default)]
struct Report {
    bad: usize,
}

impl Report {
    fn say(&mut self, grade: Grade, what: impl Display, mend: Option<String>) {
        let mark = match grade {
            Grade::Good => "ok  ",
            Grade::Hint => "hint",
            Grade::Bad => "MEND",
        };
        self.bad += usize::from(grade == Grade::Bad);
        println!("{mark}  {what}");
        if let Some(mend) = mend {
            println!("      {mend}");
        }
    }
}

/// Looks at ports, the local CA, who trusts it, names, and the projects of embedded applications.
pub async fn run(args: Doctor) -> anyhow::Result<()> {
    let mut report = Report::default();
    let folder = args.data_dir.canonicalize().ok();
    match &folder {
        Some(path) => report.say(Grade::Good, format_args!("data folder {}", path.display()), None),
        None => {
            let mend = "start `doorward dev` once: it makes the folder, the keys and the local CA".to_owned();
            report.say(Grade::Hint, format_args!("there is no data folder {}", args.data_dir.display()), Some(mend));
        }
    }
    port(&mut report, "--http-port", args.http_port, false).await;
    port(&mut report, "--https-port", args.https_port, true).await;
    names(&mut report, args.https_port).await;
    if let Some(folder) = &folder {
        trust(&mut report, &folder.join("ca.pem"));
        if let Err(error) = projects(&mut report, &args, folder).await {
            report.say(Grade::Hint, format_args!("the database was not looked at: {error:#}"), None);
        }
    }
    anyhow::ensure!(report.bad == 0, "{} thing(s) to mend", report.bad);
    Ok(())
}

/// A port is free, or ours, or somebody else's.
async fn port(report: &mut Report, flag: &str, port: u16, tls: bool) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpListener::bind(address).await.is_ok() {
        return report.say(Grade::Good, format_args!("port {port} is free"), None);
    }
    if tls {
        return report.say(Grade::Good, format_args!("port {port} is in use: by Doorward, if the line for http says so"), None);
    }
    if is_doorward(address).await {
        report.say(Grade::Good, format_args!("Doorward answers on http://localhost:{port}"), None);
    } else {
        let mend = format!("stop the other program, or choose another port: doorward dev {flag} PORT");
        report.say(Grade::Bad, format_args!("port {port} is taken by another program"), Some(mend));
    }
}

async fn is_doorward(address: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        let request = format!(
            "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n",
            address.port()
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        stream.take(16_384).read_to_end(&mut answer).await.ok()?;
        Some(String::from_utf8_lossy(&answer).contains("/connect/authorize"))
    };
    tokio::time::timeout(PATIENCE, ask).await.ok().flatten().unwrap_or(false)
}

/// Browsers find `*.localhost` by themselves; other programs may not.
async fn names(report: &mut Report, https_port: u16) {
    let resolves = async |name: &str| {
        let found = tokio::net::lookup_host((name, 0)).await;
        found.is_ok_and(|mut all| all.all(|a| a.ip().is_loopback() || a.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    };
    if resolves("localhost").await {
        report.say(Grade::Good, "localhost is this machine", None);
    } else {
        report.say(Grade::Bad, "localhost is not this machine", Some("mend /etc/hosts: 127.0.0.1 localhost".into()));
    }
    if resolves("pro-1.localhost").await {
        report.say(Grade::Good, "names under localhost are this machine too", None);
    } else {
        let mend =
            format!("browsers find them nevertheless; programs use https://localhost:{https_port}, or a line in /etc/hosts");
        report.say(Grade::Hint, "names under localhost are not found by programs", Some(mend));
    }
}

/// Who believes the local CA.
fn trust(report: &mut Report, ca_file: &Path) {
    let Ok(ca) = std::fs::read_to_string(ca_file) else {
        let mend = "start `doorward dev` once".to_owned();
        return report.say(Grade::Hint, format_args!("there is no local CA in {}", ca_file.display()), Some(mend));
    };
    report.say(Grade::Good, format_args!("the local CA is {}", ca_file.display()), None);
    let holds = |path: &Path| std::fs::read_to_string(path).is_ok_and(|bundle| bundle.contains(body_of(&ca)));
    for (variable, readers) in VARIABLES {
        match std::env::var_os(variable).map(PathBuf::from) {
            Some(path) if holds(&path) => report.say(Grade::Good, format_args!("{variable} names it ({readers})"), None),
            Some(path) => {
                let mend = Some(format!("export {variable}={}", ca_file.display()));
                report.say(Grade::Hint, format_args!("{variable} is {}, which does not hold it", path.display()), mend);
            }
            None => {
                let mend = Some(format!("for {readers}: export {variable}={}", ca_file.display()));
                report.say(Grade::Hint, format_args!("{variable} is not set in this shell"), mend);
            }
        }
    }
    if SYSTEM_BUNDLES.iter().any(|path| holds(Path::new(path))) {
        report.say(Grade::Good, "this system believes the local CA", None);
    } else {
        let mend = format!(
            "a browser asks once for each host, or believe it for good: sudo cp {} /usr/local/share/ca-certificates/doorward.crt && sudo update-ca-certificates (Debian); certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n doorward -i {} (Chromium)",
            ca_file.display(),
            ca_file.display()
        );
        report.say(Grade::Hint, "this system does not believe the local CA", Some(mend));
    }
}

/// The one long text in a PEM file that nobody else has.
fn body_of(pem: &str) -> &str {
    pem.split("-----").nth(2).map_or(pem, str::trim)
}

/// Components of a project call a host of its own, which the certificate must name.
async fn projects(report: &mut Report, args: &Doctor, folder: &Path) -> anyhow::Result<()> {
    let known = ca::certificate_names(&folder.join("tls.pem"))?;
    let target = Target { config: None, data_dir: folder.to_owned(), database: args.database.clone() };
    let service = open::target(&target).await?;
    for cx in tenants_of(&service, None).await? {
        for project in service.embedding_applications(cx.tenant_id()).await? {
            let name = format!("{}.localhost", project.client_id);
            if known.contains(&name) {
                report.say(Grade::Good, format_args!("the certificate names {name}"), None);
            } else {
                let mend = "restart `doorward dev`: it makes the certificate anew".to_owned();
                report.say(Grade::Bad, format_args!("the certificate does not name {name}"), Some(mend));
            }
            if project.settings.0.embedded.api_url.is_none() {
                let mend = "set embedded.api_url to an address on the same site as the application".to_owned();
                let what = format!("project {} has no address for its pages: cookies may not reach us", project.client_id);
                report.say(Grade::Hint, what, Some(mend));
            }
        }
    }
    service.store.db().clone().close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_that_holds_the_ca_is_known_by_its_body() {
        let ca = "-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n";
        assert_eq!(body_of(ca), "AAAA\nBBBB");
        assert!(format!("other\n{ca}more").contains(body_of(ca)));
    }

    #[tokio::test]
    async fn a_stranger_on_the_port_is_told_from_us() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port_number = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi").await;
            }
        });
        let mut report = Report::default();
        port(&mut report, "--http-port", port_number, false).await;
        assert_eq!(report.bad, 1);
    }
}
