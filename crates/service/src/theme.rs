//! A tenant's colour, made readable, for pages and mails alike.
//!
//! A tenant gives one colour. From it follow the colour of buttons, of the text on them and of links, each with the
//! contrast that WCAG 2.2 asks for (success criteria 1.4.3 and 1.4.11), so that no tenant can make its own pages
//! unreadable. Where the colours go is left to the surfaces.

/// Text and surface colours of `doorward.css` that the computed colours must be readable on.
const LIGHT_SURFACE: Rgb = Rgb(0xff, 0xff, 0xff);
const DARK_SURFACE: Rgb = Rgb(0x1b, 0x1f, 0x24);
const INK: Rgb = Rgb(0x10, 0x15, 0x1a);
const PAPER: Rgb = Rgb(0xff, 0xff, 0xff);
const READABLE: f64 = 4.5;
/// Links also stand on tinted ground (badges, the current tab), which takes some of the contrast away.
const LINK: f64 = 6.0;

/// A colour of the sRGB space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(u8, u8, u8);

/// The colours that follow from a tenant's colour on one kind of surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Buttons.
    pub accent: Rgb,
    /// Text on buttons.
    pub on_accent: Rgb,
    /// Links.
    pub link: Rgb,
}

impl Palette {
    /// On the light surface of pages and mails.
    #[must_use]
    pub fn light(color: Rgb) -> Palette {
        Palette::on(color, LIGHT_SURFACE, INK)
    }

    /// On the dark surface of pages.
    #[must_use]
    pub fn dark(color: Rgb) -> Palette {
        Palette::on(color, DARK_SURFACE, PAPER)
    }

    /// `away` is the end of the scale to move to when a colour is too close to the surface.
    fn on(color: Rgb, surface: Rgb, away: Rgb) -> Palette {
        // A button needs 3 to 1 against what surrounds it (success criterion 1.4.11), a link 4.5 to 1.
        let accent = color.until(surface, away, 3.0);
        let on_accent =
            if accent.contrast(PAPER) >= READABLE || accent.contrast(PAPER) >= accent.contrast(INK) { PAPER } else { INK };
        Palette {
            accent: accent.until(on_accent, if on_accent == PAPER { INK } else { PAPER }, READABLE),
            on_accent,
            link: color.until(surface, away, LINK),
        }
    }
}

impl Rgb {
    /// Reads `#rrggbb` or `rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Rgb> {
        let hex = text.strip_prefix('#').unwrap_or(text);
        if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(hex, 16).ok()?;
        let [_, r, g, b] = value.to_be_bytes();
        Some(Rgb(r, g, b))
    }

    /// Writes `#rrggbb`.
    #[must_use]
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance, WCAG 2.2.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio, WCAG 2.2: from 1 to 21.
    fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour, moved towards `away` in small steps until it stands out from `against`.
    fn until(self, against: Rgb, away: Rgb, ratio: f64) -> Rgb {
        let mut step = 0.0;
        let mut color = self;
        while color.contrast(against) < ratio && step < 1.0 {
            step += 0.04;
            color = self.mix(away, step);
        }
        color
    }

    fn mix(self, other: Rgb, share: f64) -> Rgb {
        let channel = |a: u8, b: u8| {
            let value = f64::from(a) + (f64::from(b) - f64::from(a)) * share.min(1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mix of two bytes is a byte")]
            let byte = value.round() as u8;
            byte
        };
        Rgb(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wcag_contrast_of_known_pairs() {
        assert!((Rgb(0, 0, 0).contrast(PAPER) - 21.0).abs() < 0.01);
        // #767676 on white is the textbook case of just enough.
        assert!((Rgb(0x76, 0x76, 0x76).contrast(PAPER) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_colour_becomes_readable_in_light_and_dark() {
        for r in (0..=255u8).step_by(51) {
            for g in (0..=255u8).step_by(51) {
                for b in (0..=255u8).step_by(51) {
                    for (surface, away) in [(LIGHT_SURFACE, INK), (DARK_SURFACE, PAPER)] {
                        let palette = Palette::on(Rgb(r, g, b), surface, away);
                        let shown = format!("{r} {g} {b} on {surface:?}");
                        assert!(palette.accent.contrast(palette.on_accent) >= 4.5, "button text {shown}");
                        assert!(palette.link.contrast(surface) >= 4.5, "link {shown}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_colour_is_refused() {
        for bad in ["", "#fff", "red", "#12345g", "#123456;}body{display:none", "１２３４５６"] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
        assert_eq!(Rgb::parse("#0F6A64"), Some(Rgb(0x0f, 0x6a, 0x64)));
    }
}
