//! `docs/reference/configuration.md`, made from the declarations.

use std::fmt::Write;

use super::{Config, Field, Section};

/// The manual page. A test keeps the file in `docs/` equal to it.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         `doorward serve --config FILE` reads one TOML file. Unknown keys are errors. Each field can be overridden by the\n\
         environment variable beside it; lists are separated by commas there. `doorward dev` needs no file.\n",
    );
    for section in Config::sections() {
        // Writing to a string cannot fail.
        let _ = write_section(&mut page, &section);
    }
    page
}

fn write_section(page: &mut String, section: &Section) -> std::fmt::Result {
    writeln!(page, "\n## `[{}]`\n\n{}\n", section.name, one_line(&section.text))?;
    writeln!(page, "| field | type | default | variable |\n|---|---|---|---|")?;
    for field in &section.fields {
        let variable = section.variable(field);
        let variable = variable.map_or_else(|| "-".to_owned(), |name| format!("`{name}`"));
        writeln!(page, "| `{}` | {}{} | {} | {variable} |", field.name, field.type_name, range(field), default(field),)?;
    }
    writeln!(page)?;
    for field in &section.fields {
        writeln!(page, "- **`{}`**: {}", field.name, one_line(&field.text))?;
    }
    Ok(())
}

fn range(field: &Field) -> String {
    field.range.map_or_else(String::new, |(least, most)| format!(", {least} to {most}"))
}

fn default(field: &Field) -> String {
    match field.default.as_str() {
        "None" | "[]" | "[secret]" | "\"\"" => "-".to_owned(),
        // An enum's Debug form is its variant; the file has it in lower case.
        text if text.chars().next().is_some_and(char::is_uppercase) => {
            format!("`{}`", text.to_ascii_lowercase())
        }
        text => format!("`{}`", text.trim_matches('"')),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set `DOORWARD_WRITE_DOCS=1` to write the page instead.
    #[test]
    fn the_manual_page_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/configuration.md");
        if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(page == markdown(), "run this test with DOORWARD_WRITE_DOCS=1");
    }

    #[test]
    fn every_field_says_what_it_does() {
        for section in Config::sections() {
            assert!(!one_line(&section.text).is_empty(), "{}", section.name);
            for field in &section.fields {
                assert!(one_line(&field.text).len() > 10, "{}.{}", section.name, field.name);
            }
        }
    }
}
