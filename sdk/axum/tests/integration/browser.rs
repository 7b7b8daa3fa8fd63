//! A browser as far as it matters here: cookies, and redirects one at a time.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use tower::ServiceExt;
use url::Url;

pub const APP: &str = "https://app.example.com";

/// A browser that has one application open; the application is called without a network.
#[derive(Clone)]
pub struct Browser {
    app: Router,
    pub cookies: BTreeMap<String, String>,
    /// `Set-Cookie` headers as they came.
    pub set: Vec<String>,
}

pub struct Page {
    pub status: StatusCode,
    pub location: Option<String>,
    pub cache_control: Option<String>,
    pub text: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.location.as_deref().unwrap_or_else(|| panic!("no redirect but {}: {}", self.status, self.text))
    }
}

impl Browser {
    pub fn new(app: Router) -> Self {
        Self { app, cookies: BTreeMap::new(), set: Vec::new() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[("accept", "text/html")]).await
    }

    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = self.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap().to_owned();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            self.set.push(set);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        let text = |name| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let (location, cache_control, status) = (text(header::LOCATION), text(header::CACHE_CONTROL), parts.status);
        Page { status, location, cache_control, text: String::from_utf8(body.to_vec()).unwrap() }
    }

    /// Goes to the provider and back: the path of the callback, not yet asked for.
    pub async fn at_provider(&self, address: &str) -> String {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = client.get(address).send().await.unwrap();
        let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let location = Url::parse(&location).unwrap();
        assert_eq!(location.origin().ascii_serialization(), APP);
        location[url::Position::BeforePath..].to_owned()
    }

    /// Signs in from a path; the page that the callback answers with.
    pub async fn sign_in(&mut self, path: &str) -> Page {
        let page = self.get(path).await;
        let callback = self.at_provider(page.location()).await;
        self.get(&callback).await
    }

    pub fn session(&self) -> Option<(&String, &String)> {
        self.cookies.iter().find(|(name, _)| !name.contains('.'))
    }
}
