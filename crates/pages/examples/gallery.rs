//! Writes every page in every state, in every language, to a folder of static files, to be looked at:
//! `cargo run -p doorward-pages --example gallery -- <folder> [light|dark]`.

use std::path::{Path, PathBuf};

use doorward_pages::view::{Theme, asset, asset_names, render};
use doorward_service::i18n::Locale;

use doorward_pages::samples as states;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("say where: gallery <folder> [light|dark]")?);
    let theme = match args.next().as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::Auto,
    };
    for name in asset_names().chain(["theme/0f6a64.css".into()]) {
        let file = asset(&name).ok_or("an embedded asset is missing")?;
        write(&folder.join("assets").join(name.as_ref()), &file.body)?;
    }
    let mut index = String::from("<!doctype html><meta charset=utf-8><title>Gallery</title>");
    for locale in Locale::ALL {
        index.push_str(&format!("<h2>{}</h2>", locale.endonym()));
        for state in states::states() {
            let mut chrome = states::full_chrome(locale);
            chrome.assets = "../assets".into();
            chrome.theme = theme;
            let path = format!("{}/{}.html", locale.tag(), state.name);
            write(&folder.join(&path), render(&state.page, &chrome)?.as_bytes())?;
            index.push_str(&format!("<a href=\"{path}\">{}</a> ", state.name));
        }
    }
    write(&folder.join("index.html"), index.as_bytes())?;
    println!("{}", folder.join("index.html").display());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, bytes)
}
