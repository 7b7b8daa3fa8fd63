//! The flows that are measured. A flow has a part that is prepared outside of the clock (a page fetched, an assertion signed) and
//! a part that is measured.

use crate::authenticator::Device;
use crate::ceiling::Work;
use crate::http::{Ask, Connection, Jar, Reply};
use crate::page::{hidden, passkey_options};
use crate::server::{Info, PASSWORD, Server, password_person};
use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, COOKIE};
use serde_json::Value;

/// Which flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Provider metadata.
    Discovery,
    /// Keys.
    Jwks,
    /// A stranger comes from an application: redirect and sign-in page.
    AuthorizeSignedOut,
    /// The assertion is posted.
    PasskeyFinish,
    /// Somebody who is signed in comes from an application: a code.
    AuthorizeSignedIn,
    /// The code becomes an access token, an ID token and a refresh token.
    CodeRedemption,
    /// The refresh token becomes the next one, with an access token and an ID token.
    Refresh,
    /// A machine gets an access token.
    ClientCredentials,
    /// Claims of a person.
    Userinfo,
    /// Whether a token is good.
    Introspection,
    /// The password is posted.
    Password,
    /// The management API finds a user by the beginning of an address.
    UserSearch,
}

impl Flow {
    /// All that are measured under load.
    pub const ALL: [Self; 11] = [
        Self::Discovery,
        Self::Jwks,
        Self::AuthorizeSignedOut,
        Self::PasskeyFinish,
        Self::AuthorizeSignedIn,
        Self::CodeRedemption,
        Self::Refresh,
        Self::ClientCredentials,
        Self::Userinfo,
        Self::Introspection,
        Self::Password,
    ];

    /// Name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "JWKS",
            Self::AuthorizeSignedOut => "authorize, signed out: the page",
            Self::PasskeyFinish => "passkey sign-in, finish",
            Self::AuthorizeSignedIn => "authorize, signed in: code",
            Self::CodeRedemption => "code redemption",
            Self::Refresh => "refresh with rotation",
            Self::ClientCredentials => "client credentials",
            Self::Userinfo => "userinfo",
            Self::Introspection => "introspection",
            Self::Password => "password sign-in",
            Self::UserSearch => "user search",
        }
    }

    /// Path of a document that a bare server could answer as well.
    pub fn document(self) -> Option<&'static str> {
        match self {
            Self::Discovery => Some("/.well-known/openid-configuration"),
            Self::Jwks => Some("/.well-known/jwks.json"),
            _ => None,
        }
    }

    /// What the flow is held against, and how often it does that.
    pub fn ceiling(self) -> Option<(Work, u32)> {
        match self {
            // An access token and an ID token.
            Self::CodeRedemption | Self::Refresh => Some((Work::Sign, 2)),
            Self::ClientCredentials => Some((Work::Sign, 1)),
            Self::Password => Some((Work::Hash, 1)),
            Self::PasskeyFinish => Some((Work::Verify, 1)),
            _ => None,
        }
    }
}

/// A person with browser, device and tokens, driving one connection.
pub struct Person {
    /// The connection to the server.
    pub connection: Connection,
    number: u64,
    info: Info,
    device: Device,
    signed_in: Jar,
    access_token: String,
    refresh_token: String,
}

/// What is left to do inside of the clock.
pub enum Prepared {
    /// Send this.
    Ask(Ask),
    /// Open the application's link as somebody new.
    OpenPage,
    /// Exchange the refresh token at hand.
    Rotate,
}

const SCOPE: &str = "openid profile email offline_access";

fn authorize_path(info: &Info) -> Result<String> {
    let redirect_uri = info.standard.redirect_uris.first().context("no redirect_uri")?;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", info.standard.client_id.as_str()),
            ("redirect_uri", redirect_uri),
            ("scope", SCOPE),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            // RFC 7636, appendix B.
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    Ok(format!("/connect/authorize?{query}"))
}

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn basic(info: &Info) -> String {
    // Id and secret have no characters that form encoding changes (RFC 6749, section 2.3.1).
    format!("Basic {}", STANDARD.encode(format!("{}:{}", info.standard.client_id, info.standard.client_secret)))
}

fn token_ask(info: &Info, fields: &[(&str, &str)]) -> Ask {
    Ask::form("/connect/token", fields).with(AUTHORIZATION, basic(info))
}

fn code_of(reply: &Reply) -> Result<String> {
    let location = reply.location().with_context(|| format!("no redirect: {} {}", reply.status, reply.text()))?;
    let url = url::Url::parse(location)?;
    let code = url.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    code.with_context(|| format!("no code in {location}"))
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value.get(name).and_then(Value::as_str).with_context(|| format!("no {name} in {value}"))?.to_owned())
}

impl Person {
    /// Signs up with a passkey over the hosted pages, signs in, and gets tokens. `number` also picks who types a password.
    pub async fn sign_up(server: &Server, number: u64) -> Result<Self> {
        let info = server.info.clone();
        let mut person = Self {
            connection: server.connect(),
            device: Device::new(&info.http_url)?,
            number,
            info,
            signed_in: Jar::default(),
            access_token: String::new(),
            refresh_token: String::new(),
        };
        person.make_account().await.context("sign-up")?;
        person.signed_in = person.open_session().await.context("sign-in")?;
        let code = person.code().await.context("authorize")?;
        let reply = person.connection.send(person.redemption(&code)?).await?.expect(200).context("token")?;
        person.keep_tokens(&reply)?;
        Ok(person)
    }

    async fn make_account(&mut self) -> Result<()> {
        let email = format!("passkey-{}-{}@bench.example", std::process::id(), uuid::Uuid::now_v7().simple());
        let (mut jar, connection) = (Jar::default(), &mut self.connection);
        let page = jar.follow(connection, Ask::get("/signup")).await?.expect(200)?.text();
        let fields = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("name", "Bench Person")];
        let mut form = fields.to_vec();
        form.push(("identifier", &email));
        if page.contains("name=\"password\"") {
            form.push(("password", PASSWORD));
        }
        let page = jar.follow(connection, Ask::form("/signin/create", &form)).await?.expect(200)?.text();
        let mut code = None;
        for _ in 0..200 {
            let mailbox = connection.send(Ask::get(format!("/dev/mailbox.json?to={email}"))).await?.expect(200)?.json()?;
            code = mailbox.pointer("/messages/0/code").and_then(Value::as_str).map(str::to_owned);
            if code.is_some() {
                break;
            }
            // Mail leaves by the outbox, a moment after the page.
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let code = code.context("no mail with a code came")?;
        let form = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("code", &code)];
        let page = jar.follow(connection, Ask::form("/signin/code", &form)).await?.expect(200)?.text();
        let credential = self.device.create(&passkey_options(&page)?).await?;
        let form = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("credential", &credential)];
        let reply = jar.send(connection, Ask::form("/signin/register", &form)).await?.expect(303)?;
        ensure!(jar.has("dw_session"), "no session after sign-up, but {:?}", reply.location());
        Ok(())
    }

    /// A sign-in by passkey up to the assertion, in a new browser.
    async fn assertion(&mut self) -> Result<(Jar, Ask)> {
        let mut jar = Jar::default();
        let page = jar.follow(&mut self.connection, Ask::get("/signin")).await?.expect(200)?.text();
        let credential = self.device.get(&passkey_options(&page)?).await?;
        let form = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("credential", &credential)];
        Ok((jar, Ask::form("/signin/passkey", &form)))
    }

    async fn open_session(&mut self) -> Result<Jar> {
        let (mut jar, ask) = self.assertion().await?;
        jar.send(&mut self.connection, ask).await?.expect(303)?;
        ensure!(jar.has("dw_session"), "no session");
        Ok(jar)
    }

    /// Opens a page, signed in.
    pub async fn visit(&mut self, path: &str) -> Result<Reply> {
        self.connection.send(Ask::get(path).with(COOKIE, self.signed_in.header())).await
    }

    fn authorize(&self) -> Result<Ask> {
        Ok(Ask::get(authorize_path(&self.info)?).with(COOKIE, self.signed_in.header()))
    }

    async fn code(&mut self) -> Result<String> {
        let ask = self.authorize()?;
        code_of(&self.connection.send(ask).await?)
    }

    fn redemption(&self, code: &str) -> Result<Ask> {
        let redirect_uri = self.info.standard.redirect_uris.first().context("no redirect_uri")?;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        Ok(token_ask(&self.info, &fields))
    }

    fn keep_tokens(&mut self, reply: &Reply) -> Result<()> {
        let tokens = reply.json()?;
        self.access_token = text(&tokens, "access_token")?;
        self.refresh_token = text(&tokens, "refresh_token")?;
        text(&tokens, "id_token")?;
        Ok(())
    }

    /// Does what is not measured.
    pub async fn prepare(&mut self, flow: Flow) -> Result<Prepared> {
        Ok(match flow {
            Flow::Discovery | Flow::Jwks => Prepared::Ask(Ask::get(flow.document().unwrap_or_default())),
            Flow::AuthorizeSignedOut => Prepared::OpenPage,
            Flow::PasskeyFinish => {
                let (jar, ask) = self.assertion().await?;
                Prepared::Ask(ask.with(COOKIE, jar.header()))
            }
            Flow::AuthorizeSignedIn => Prepared::Ask(self.authorize()?),
            Flow::CodeRedemption => {
                let code = self.code().await?;
                Prepared::Ask(self.redemption(&code)?)
            }
            Flow::Refresh => Prepared::Rotate,
            Flow::ClientCredentials => {
                let fields = [("grant_type", "client_credentials"), ("audience", "https://api.example.test")];
                Prepared::Ask(token_ask(&self.info, &fields))
            }
            Flow::Userinfo => {
                Prepared::Ask(Ask::get("/connect/userinfo").with(AUTHORIZATION, format!("Bearer {}", self.access_token)))
            }
            Flow::Introspection => {
                let fields = [("token", self.access_token.as_str())];
                Prepared::Ask(Ask::form("/connect/introspect", &fields).with(AUTHORIZATION, basic(&self.info)))
            }
            Flow::Password => {
                let (mut jar, connection) = (Jar::default(), &mut self.connection);
                let page = jar.follow(connection, Ask::get("/signin")).await?.expect(200)?.text();
                let email = password_person(self.number);
                let form = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("identifier", &email)];
                let page = jar.follow(connection, Ask::form("/signin/identify", &form)).await?.expect(200)?.text();
                let form = [("flow", hidden(&page, "flow")?), ("csrf", hidden(&page, "csrf")?), ("password", PASSWORD)];
                Prepared::Ask(Ask::form("/signin/password", &form).with(COOKIE, jar.header()))
            }
            Flow::UserSearch => {
                let key = format!("Bearer {}", self.info.admin_api_key);
                // A different beginning each time; ten users are behind each in a directory of any size.
                self.number = self.number.wrapping_add(37);
                let search = format!("/admin/v1/users?search=user-{:06}&limit=20", self.number % 90);
                Prepared::Ask(Ask::get(search).with(AUTHORIZATION, key))
            }
        })
    }

    /// Does what is measured, and checks that it was done.
    pub async fn run(&mut self, flow: Flow, prepared: Prepared) -> Result<()> {
        let reply = match prepared {
            Prepared::Ask(ask) => self.connection.send(ask).await?,
            Prepared::OpenPage => {
                let reply = Jar::default().follow(&mut self.connection, Ask::get(authorize_path(&self.info)?)).await?;
                ensure!(reply.text().contains("id=\"passkey-options\""), "no passkey options on the page");
                reply
            }
            Prepared::Rotate => {
                let fields = [("grant_type", "refresh_token"), ("refresh_token", self.refresh_token.as_str())];
                let before = self.refresh_token.clone();
                let reply = self.connection.send(token_ask(&self.info, &fields)).await?.expect(200)?;
                self.keep_tokens(&reply)?;
                ensure!(self.refresh_token != before, "the refresh token was not rotated");
                reply
            }
        };
        match flow {
            Flow::PasskeyFinish | Flow::Password => {
                let mut jar = Jar::default();
                jar.take(&reply);
                reply.expect(303)?;
                ensure!(jar.has("dw_session"), "no session");
            }
            Flow::AuthorizeSignedIn => _ = code_of(&reply)?,
            Flow::Introspection => ensure!(reply.expect(200)?.json()?.get("active") == Some(&Value::Bool(true)), "not active"),
            Flow::UserSearch => {
                let items = reply.expect(200)?.json()?;
                let items = items.get("items").and_then(Value::as_array).map_or(0, Vec::len);
                ensure!(items == 10, "{items} users were found");
            }
            _ => _ = reply.expect(200)?,
        }
        Ok(())
    }
}
