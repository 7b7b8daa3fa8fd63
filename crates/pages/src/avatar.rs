//! Pictures for people without one: initials on a colour. They follow from their address alone, so that nothing is stored and
//! every cache may keep them.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Every path.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/avatar/{file}", get(serve))
}

/// `GET /avatar/AL.svg`: at most two letters or digits.
async fn serve(Path(file): Path<String>) -> Response {
    match file.strip_suffix(".svg").and_then(drawing) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(svg) => (
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
                (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
                (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'")),
                // Applications show it on pages of other origins.
                (header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
            ],
            svg,
        )
            .into_response(),
    }
}

fn drawing(initials: &str) -> Option<String> {
    let letters = initials.chars().count();
    if letters == 0 || letters > 2 || !initials.chars().all(char::is_alphanumeric) {
        return None;
    }
    // One of twelve calm colours, all dark enough for white letters.
    let hue = initials.chars().fold(7_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(u32::from(c))) % 12 * 30;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\"><rect width=\"96\" height=\"96\" fill=\"hsl({hue} 45% 36%)\"/>\
         <text x=\"48\" y=\"50\" fill=\"#fff\" font-family=\"system-ui,sans-serif\" font-size=\"40\" text-anchor=\"middle\" dominant-baseline=\"central\">{initials}</text></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::drawing;

    #[test]
    fn only_letters_are_drawn() {
        assert!(drawing("AL").unwrap().contains(">AL</text>"));
        assert!(drawing("田").is_some());
        for bad in ["", "ABC", "<a", "a&", "A "] {
            assert_eq!(drawing(bad), None, "{bad}");
        }
    }
}
