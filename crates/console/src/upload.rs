//! Forms that carry a file (`multipart/form-data`, RFC 7578).

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::header;
use doorward_protocol::oauth::params::Params;

/// Largest body of such a form: a hundred thousand users with hashes and profiles fit.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Longest text field beside the file.
const MOST_TEXT: usize = 4096;

/// What a form sent.
#[derive(Default)]
pub struct Sent {
    /// Its fields.
    pub params: Params,
    /// Its file.
    pub file: Option<File>,
}

/// A file that came with a form.
pub enum File {
    /// It came whole.
    Whole(Bytes),
    /// It did not: too large, or broken off.
    Broken,
}

/// Whether a request is such a form.
pub fn is_one(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Reads one. The fields that guard it stand before the file, so that they are there even when the file is too large.
pub async fn read(request: Request) -> Sent {
    let (mut fields, mut file) = (Vec::new(), None);
    let Ok(mut parts) = Multipart::from_request(request, &()).await else { return Sent::default() };
    while let Ok(Some(part)) = parts.next_field().await {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        match part.bytes().await {
            Ok(bytes) if is_file && !bytes.is_empty() => file = Some(File::Whole(bytes)),
            Ok(bytes) if !is_file && bytes.len() <= MOST_TEXT => {
                fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
            Ok(_) => {}
            Err(_) => {
                file = Some(File::Broken);
                break;
            }
        }
    }
    Sent { params: Params::from_pairs(fields), file }
}
