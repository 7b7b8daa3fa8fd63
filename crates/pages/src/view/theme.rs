//! The stylesheet of a tenant's colour: the colours themselves are worked out in `doorward_service::theme`.
//!
//! It is a stylesheet of its own because the content policy of the pages allows no inline style. The names of the
//! variables are the theme contract, version 1.

use doorward_service::theme::{Palette, Rgb};

/// The stylesheet for a colour given as `#rrggbb` or `rrggbb`, or none if it is not a colour.
///
/// It is served as `<assets>/theme/<rrggbb>.css` and never changes for a given colour.
#[must_use]
pub fn theme_css(color: &str) -> Option<String> {
    let color = Rgb::parse(color)?;
    let (light, dark) = (variables(Palette::light(color)), variables(Palette::dark(color)));
    Some(format!(
        ":root{{{light}}}\n\
         @media (prefers-color-scheme:dark){{:root:not([data-theme=\"light\"]){{{dark}}}}}\n\
         :root[data-theme=\"dark\"]{{{dark}}}\n"
    ))
}

/// The last part of the address of the theme stylesheet, `theme/<rrggbb>.css`.
pub(super) fn theme_path(color: &str) -> Option<String> {
    let color = Rgb::parse(color)?.hex();
    Some(format!("theme/{}.css", color.trim_start_matches('#')))
}

fn variables(palette: Palette) -> String {
    format!("--dw-accent:{};--dw-on-accent:{};--dw-link:{}", palette.accent.hex(), palette.on_accent.hex(), palette.link.hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_colour_gives_no_stylesheet() {
        assert_eq!(theme_css("#123456;}body{display:none"), None);
        assert!(theme_css("#0F6A64").is_some_and(|css| css.contains("--dw-accent:#0f6a64")));
    }
}
