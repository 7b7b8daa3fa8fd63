//! Users as a file, in the form that an import takes.

use super::filter::Filter;
use crate::asking::Asking;
use crate::door::Answer;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::IntoResponse as _;
use doorward_protocol::ids::UserId;
use doorward_protocol::search::{Place, Query, UserField};
use doorward_service::{Cx, Service};
use futures_util::stream;

/// Users that are read at a time.
const PART: u32 = 200;

/// What is left to be sent.
struct Rest {
    service: Service,
    cx: Cx,
    query: Query<UserField>,
    place: Option<Place>,
}

/// `POST /console/users/export`: those whom the filter shows, one a line. They are read while they are sent, so that a million
/// takes no more room than a hundred.
pub async fn export(asking: Asking) -> Answer {
    let filter = Filter::of(&asking);
    let query = filter.query()?;
    let told = form_urlencoded::Serializer::new(String::new()).extend_pairs(filter.pairs()).finish();
    // What is wrong with the filter is told before anything is sent, and noted is who took the file.
    asking.service().count_users_up_to(asking.cx(), &query, 1).await?;
    asking.service().note_user_export(asking.cx(), &asking.actor(), &told).await?;
    let rest = Rest { service: asking.service().clone(), cx: asking.cx().clone(), query, place: Some(Place::Start) };
    let lines = stream::try_unfold(rest, |mut rest| async move {
        let Some(place) = rest.place.take() else { return Ok::<_, doorward_service::directory::DirectoryError>(None) };
        let part = rest.service.exported_users(&rest.cx, &rest.query, place, PART).await?;
        rest.place = part.next.map(|id: UserId| Place::After(id));
        let mut text = Vec::new();
        for user in &part.users {
            if serde_json::to_writer(&mut text, user).is_ok() {
                text.push(b'\n');
            }
        }
        Ok(Some((Bytes::from(text), rest)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"users.ndjson\"".to_owned()),
    ];
    Ok(asking.visit.answer((headers, Body::from_stream(lines)).into_response()))
}
