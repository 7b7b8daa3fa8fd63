//! Lists, by cursor.

use super::problem::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use doorward_service::directory::FieldProblem;
use doorward_store::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Items of a page when the request does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most items of a page.
const MOST: u32 = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// The items.
    pub(super) items: Vec<T>,
    /// Give this as `after` to go on; null at the end.
    pub(super) next_cursor: Option<Uuid>,
}

impl<T> List<T> {
    /// A list that is never long.
    pub(super) fn whole(items: Vec<T>) -> axum::Json<Self> {
        axum::Json(Self { items, next_cursor: None })
    }

    /// A page of rows.
    pub(super) fn of<R>(page: Page<R>, item: impl Fn(R) -> T) -> axum::Json<Self> {
        axum::Json(Self { items: page.items.into_iter().map(item).collect(), next_cursor: page.next })
    }
}

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    /// Most items of the page, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    after: Option<Uuid>,
}

impl Paging {
    /// The cursor and the number of items.
    pub(super) fn window(&self) -> Result<(Option<Uuid>, u32), Problem> {
        window(self.after, self.limit)
    }
}

/// Checks the number of items of a page.
pub(super) fn window(after: Option<Uuid>, limit: Option<u32>) -> Result<(Option<Uuid>, u32), Problem> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST).contains(&limit) {
        let message = format!("must be between 1 and {MOST}");
        return Err(Problem::invalid([FieldProblem { field: "limit".into(), message }]));
    }
    Ok((after, limit))
}

/// A query string.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => {
                use std::error::Error as _;
                let message = rejection.source().map_or_else(|| rejection.to_string(), ToString::to_string);
                Err(Problem::invalid([FieldProblem { field: "query".into(), message }]))
            }
        }
    }
}
