//! The line icons of the pages, drawn on a grid of 24 by 24 and put into the page itself, so that they take the
//! colour of the text around them. They say nothing that the text beside them does not say, so they are hidden from
//! screen readers.

/// The picture of that name.
pub(super) fn svg(name: &str) -> Option<&'static str> {
    ICONS.iter().find(|(known, _)| *known == name).map(|(_, picture)| *picture)
}

macro_rules! icon {
    ($name:literal, $body:literal) => {
        (
            $name,
            concat!(
                "<svg class=\"dw-icon\" viewBox=\"0 0 24 24\" width=\"20\" height=\"20\" fill=\"none\" stroke=\"currentColor\" ",
                "stroke-width=\"1.75\" stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\" focusable=\"false\">",
                $body,
                "</svg>"
            ),
        )
    };
}

const ICONS: &[(&str, &str)] = &[
    icon!(
        "passkey",
        "<circle cx=\"9.5\" cy=\"7.5\" r=\"4\"/><path d=\"M2.5 20.5v-1a6 6 0 0 1 9.6-4.8\"/><circle cx=\"17\" cy=\"13\" r=\"2.75\"/><path d=\"M17 15.75V21l1.75-1.5M17 18.5l1.5-1.25\"/>"
    ),
    icon!(
        "mail",
        "<rect x=\"3\" y=\"5\" width=\"18\" height=\"14\" rx=\"2.5\"/><path d=\"m3.5 7.5 7.3 5.3a2 2 0 0 0 2.4 0l7.3-5.3\"/>"
    ),
    icon!("key", "<circle cx=\"8\" cy=\"15.5\" r=\"4.5\"/><path d=\"m11.3 12.2 8.2-8.2M16.5 7l3 3M14 9.5l2 2\"/>"),
    icon!("user", "<circle cx=\"12\" cy=\"8\" r=\"4\"/><path d=\"M4.5 20.5a7.5 7.5 0 0 1 15 0\"/>"),
    icon!(
        "users",
        "<circle cx=\"9\" cy=\"8\" r=\"3.5\"/><path d=\"M2.5 19.5a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18.5 14a6.5 6.5 0 0 1 3 5.5\"/>"
    ),
    icon!("lock", "<rect x=\"4.5\" y=\"10.5\" width=\"15\" height=\"10\" rx=\"2.5\"/><path d=\"M8 10.5V7.5a4 4 0 0 1 8 0v3\"/>"),
    icon!(
        "shield",
        "<path d=\"M12 3 5 5.6v5.6c0 4.4 2.9 8 7 9.6 4.1-1.6 7-5.2 7-9.6V5.6z\"/><path d=\"m9 11.8 2.2 2.2 4-4.2\"/>"
    ),
    icon!("desktop", "<rect x=\"3\" y=\"4\" width=\"18\" height=\"12.5\" rx=\"2\"/><path d=\"M8.5 20.5h7M12 16.5v4\"/>"),
    icon!("phone", "<rect x=\"7\" y=\"2.5\" width=\"10\" height=\"19\" rx=\"2.5\"/><path d=\"M11 18h2\"/>"),
    icon!("tablet", "<rect x=\"5\" y=\"2.5\" width=\"14\" height=\"19\" rx=\"2.5\"/><path d=\"M11 18h2\"/>"),
    icon!("unknown", "<rect x=\"3\" y=\"4\" width=\"18\" height=\"16\" rx=\"2.5\"/><path d=\"M3 8.5h18M6.5 6.3h.01\"/>"),
    icon!(
        "grid",
        "<rect x=\"3.5\" y=\"3.5\" width=\"7\" height=\"7\" rx=\"2\"/><rect x=\"13.5\" y=\"3.5\" width=\"7\" height=\"7\" rx=\"2\"/><rect x=\"3.5\" y=\"13.5\" width=\"7\" height=\"7\" rx=\"2\"/><rect x=\"13.5\" y=\"13.5\" width=\"7\" height=\"7\" rx=\"2\"/>"
    ),
    icon!("activity", "<path d=\"M12 7.5V12l3 2\"/><path d=\"M3.6 9.5A8.8 8.8 0 1 1 3.3 14M3.3 4.5v5h5\"/>"),
    icon!("data", "<path d=\"M12 3.5v11M7.5 10.5 12 15l4.5-4.5M4 17.5v1A2.5 2.5 0 0 0 6.5 21h11a2.5 2.5 0 0 0 2.5-2.5v-1\"/>"),
    icon!("check", "<path d=\"m5 12.5 4.5 4.5L19.5 7\"/>"),
    icon!("alert", "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 7.5v5.5M12 16.3h.01\"/>"),
    icon!("info", "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 11v5.5M12 7.7h.01\"/>"),
    icon!("plus", "<path d=\"M12 5v14M5 12h14\"/>"),
    icon!(
        "trash",
        "<path d=\"M4 6.5h16M9 6.5V4.8A1.8 1.8 0 0 1 10.8 3h2.4A1.8 1.8 0 0 1 15 4.8v1.7M6 6.5l.8 12a2 2 0 0 0 2 2h6.4a2 2 0 0 0 2-2l.8-12M10 11v5M14 11v5\"/>"
    ),
    icon!("pencil", "<path d=\"M4 20l1-4.5L16 4.5a2.1 2.1 0 0 1 3 0l.5.5a2.1 2.1 0 0 1 0 3L8.500 19z\"/>"),
    icon!("chevron", "<path d=\"m9 5.500 6.500 6.500L9 18.500\"/>"),
    icon!("back", "<path d=\"M15 5.500 8.500 12l6.500 6.500\"/>"),
    icon!(
        "sign-out",
        "<path d=\"M14 4H7a2.500 2.500 0 0 0-2.500 2.500v11A2.500 2.500 0 0 0 7 20h7M10.500 12H21M17.500 8.500 21 12l-3.500 3.500\"/>"
    ),
    icon!(
        "globe",
        "<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M3 12h18M12 3c2.500 2.500 3.800 5.600 3.800 9s-1.300 6.500-3.800 9c-2.500-2.500-3.800-5.600-3.800-9S9.500 5.500 12 3z\"/>"
    ),
    icon!(
        "cloud",
        "<path d=\"M7 18.500a4.300 4.300 0 0 1-.6-8.600 5.800 5.800 0 0 1 11.200 1.300A3.700 3.700 0 0 1 17 18.500z\"/>"
    ),
    icon!("external", "<path d=\"M14 4h6v6M20 4l-8.500 8.500M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4\"/>"),
    icon!("chart", "<path d=\"M4 20h16M7 16.5v-5M12 16.5v-10M17 16.5v-7\"/>"),
    icon!("code", "<path d=\"m8.500 7.500-5 4.500 5 4.500M15.500 7.500l5 4.500-5 4.500M13.500 5l-3 14\"/>"),
    icon!(
        "api",
        "<rect x=\"3.5\" y=\"4\" width=\"17\" height=\"6.500\" rx=\"2\"/><rect x=\"3.5\" y=\"13.500\" width=\"17\" height=\"6.500\" rx=\"2\"/><path d=\"M7 7.250h.01M7 16.750h.01M10.500 7.250h6M10.500 16.750h6\"/>"
    ),
    icon!(
        "badge",
        "<rect x=\"4\" y=\"3.5\" width=\"16\" height=\"17\" rx=\"2.5\"/><circle cx=\"12\" cy=\"10\" r=\"2.5\"/><path d=\"M8 17a4 4 0 0 1 8 0\"/>"
    ),
    icon!("book", "<path d=\"M5 4.500h11a3 3 0 0 1 3 3v12H8a3 3 0 0 1-3-3zM5 16.500a3 3 0 0 1 3-3h11\"/>"),
    icon!(
        "palette",
        "<path d=\"M12 3.500a8.500 8.500 0 1 0 0 17c1.500 0 2-1 1.500-2.200-.6-1.500.2-2.800 1.800-2.800H17.500a3 3 0 0 0 3-3c0-5-3.800-9-8.500-9z\"/><path d=\"M8 11h.01M10.500 7.500h.01M15 8h.01\"/>"
    ),
    icon!("search", "<circle cx=\"11\" cy=\"11\" r=\"6.5\"/><path d=\"m16 16 4.500 4.500\"/>"),
    icon!(
        "copy",
        "<rect x=\"8.500\" y=\"8.500\" width=\"12\" height=\"12\" rx=\"2.5\"/><path d=\"M15.500 8.500V6A2.500 2.500 0 0 0 13 3.500H6A2.500 2.500 0 0 0 3.500 6v7A2.500 2.500 0 0 0 6 15.500h2.500\"/>"
    ),
];
