//! The API that this application calls.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use doorward_axum::AccessTokenError;
use serde_json::Value;
use thiserror::Error;

use crate::pages;

/// A client of the API.
#[derive(Clone)]
pub struct Messages {
    url: String,
    http: reqwest::Client,
}

/// What the API answered. A refusal is an answer too: the page shows it.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Value,
}

/// No answer to show.
#[derive(Debug, Error)]
pub enum Unavailable {
    /// There is no access token to call it with; as a response, this leads to a new sign-in and back.
    #[error(transparent)]
    Token(#[from] AccessTokenError),
    /// The API is not there.
    #[error("the API does not answer: {0}")]
    Api(#[from] reqwest::Error),
}

impl IntoResponse for Unavailable {
    fn into_response(self) -> Response {
        match self {
            Self::Token(error) => error.into_response(),
            Self::Api(error) => {
                tracing::error!(%error, "the API does not answer; is it running, and is API_URL right?");
                pages::plain(StatusCode::BAD_GATEWAY, "The API does not answer. Try again in a moment.")
            }
        }
    }
}

impl Messages {
    /// A client of the API at this address.
    pub fn new(url: String) -> Result<Self, reqwest::Error> {
        Ok(Self { url, http: reqwest::Client::builder().timeout(Duration::from_secs(5)).build()? })
    }

    /// The message for everybody.
    pub async fn public(&self) -> Result<Answer, Unavailable> {
        self.get("/api/messages/public", None).await
    }

    /// The message for whoever is signed in.
    pub async fn protected(&self, access_token: &str) -> Result<Answer, Unavailable> {
        self.get("/api/messages/protected", Some(access_token)).await
    }

    /// The message for administrators.
    pub async fn admin(&self, access_token: &str) -> Result<Answer, Unavailable> {
        self.get("/api/messages/admin", Some(access_token)).await
    }

    async fn get(&self, path: &str, access_token: Option<&str>) -> Result<Answer, Unavailable> {
        let mut request = self.http.get(format!("{}{path}", self.url));
        if let Some(token) = access_token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        Ok(Answer { status: answer.status(), body: answer.json().await? })
    }
}
