//! One connection to one server, and a browser without script on top of it.

use anyhow::{Context as _, Result, ensure};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection that is kept.
pub struct Connection {
    authority: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Headers besides Host.
    pub headers: Vec<(header::HeaderName, String)>,
    /// Body.
    pub body: Bytes,
}

impl Ask {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// A form.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned());
        Self { method: Method::POST, path: path.into(), headers: vec![kind], body: body.into() }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: header::HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{} is no JSON: {}", self.status, self.text()))
    }

    /// `Location`.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION).and_then(|v| v.to_str().ok())
    }

    /// Fails unless the status is this one.
    pub fn expect(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "status {} where {status} was expected: {}", self.status, shortened(&self.text()));
        Ok(self)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(600).collect()
}

impl Connection {
    /// To `host:port`; connects when it is first used.
    pub fn to(authority: &str) -> Self {
        Self { authority: authority.to_owned(), sender: None }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, ask: Ask) -> Result<Reply> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => {
                let stream =
                    TcpStream::connect(&self.authority).await.with_context(|| format!("cannot reach {}", self.authority))?;
                stream.set_nodelay(true)?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender
            }
        };
        let mut request = Request::builder().method(ask.method).uri(ask.path).header(header::HOST, &self.authority);
        request = request.header(header::USER_AGENT, "doorward-bench");
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        sender.ready().await?;
        let response = sender.send_request(request.body(Full::new(ask.body))?).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        self.sender = Some(sender);
        Ok(Reply { status: parts.status, headers: parts.headers, body })
    }
}

/// Cookies of one browser.
#[derive(Debug, Clone, Default)]
pub struct Jar(Vec<(String, String)>);

impl Jar {
    /// The `Cookie` header.
    pub fn header(&self) -> String {
        self.0.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("; ")
    }

    /// Whether there is a cookie of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(k, _)| k == name)
    }

    /// Takes the cookies of an answer.
    pub fn take(&mut self, reply: &Reply) {
        for value in reply.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.0.retain(|(k, _)| k != name);
                if !value.is_empty() {
                    self.0.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }

    /// Sends a request with the cookies and takes those of the answer.
    pub async fn send(&mut self, connection: &mut Connection, ask: Ask) -> Result<Reply> {
        let ask = if self.0.is_empty() { ask } else { ask.with(header::COOKIE, self.header()) };
        let reply = connection.send(ask).await?;
        self.take(&reply);
        Ok(reply)
    }

    /// Sends a request and follows redirects within the server, as a browser does.
    pub async fn follow(&mut self, connection: &mut Connection, ask: Ask) -> Result<Reply> {
        let mut reply = self.send(connection, ask).await?;
        for _ in 0..5 {
            let Some(path) = reply.location().filter(|l| l.starts_with('/')).map(str::to_owned) else { break };
            reply = self.send(connection, Ask::get(path)).await?;
        }
        Ok(reply)
    }
}
