//! The files beside the pages (style, scripts, pictures), embedded in the binary.
//!
//! Their address carries a version made from their content, so they can be cached for ever.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use rust_embed::RustEmbed;

use super::theme::theme_css;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// A file to be answered, with its media type.
pub struct Asset {
    /// The bytes.
    pub body: Cow<'static, [u8]>,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
}

/// The version of all assets together: sixteen hexadecimal digits that change when any of them changes.
#[must_use]
pub fn assets_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = DefaultHasher::new();
        for name in Assets::iter() {
            name.hash(&mut hasher);
            if let Some(file) = Assets::get(&name) {
                file.metadata.sha256_hash().hash(&mut hasher);
            }
        }
        format!("{:016x}", hasher.finish())
    });
    &VERSION
}

/// The asset at a path below `/assets/<version>/`, such as `doorward.css` or `theme/1f6feb.css` (which is computed).
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    if let Some(color) = path.strip_prefix("theme/").and_then(|file| file.strip_suffix(".css")) {
        return Some(Asset { body: Cow::Owned(theme_css(color)?.into_bytes()), content_type: "text/css; charset=utf-8" });
    }
    let content_type = match path.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    Some(Asset { body: Assets::get(path)?.data, content_type })
}

/// The names of all embedded assets.
pub fn asset_names() -> impl Iterator<Item = Cow<'static, str>> {
    Assets::iter()
}

/// The picture for a passkey provider: the key itself if there is a picture of that name, else the neutral passkey.
pub(super) fn provider_icon(key: &str) -> String {
    let path = format!("providers/{key}.svg");
    let plain = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if plain && Assets::get(&path).is_some() { path } else { "providers/passkey.svg".to_owned() }
}
