//! How a field is declared: once, for the struct, the check, the environment and the manual.

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use url::Url;

use super::{Config, ConfigError, Secret};

/// What a field holds, as the environment and the manual need to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A TOML string.
    Text,
    /// A TOML integer.
    Number,
    /// `true` or `false`.
    Switch,
    /// An array of strings; in the environment separated by commas.
    List,
    /// An array of tables; not in the environment.
    Tables,
}

/// A type that a field may have.
pub trait Setting {
    /// How it is written.
    const KIND: Kind;
    /// Its name in the manual.
    const NAME: &'static str;
}

macro_rules! setting {
    ($($type:ty => $kind:ident $name:literal),* $(,)?) => {$(
        impl Setting for $type {
            const KIND: Kind = Kind::$kind;
            const NAME: &'static str = $name;
        }
    )*};
}

setting! {
    String => Text "text",
    Secret => Text "secret text",
    PathBuf => Text "path",
    SocketAddr => Text "address:port",
    IpNet => Text "network",
    Url => Text "URL",
    bool => Switch "true or false",
    u16 => Number "number",
    u32 => Number "number",
    u64 => Number "number",
    usize => Number "number",
    Vec<String> => List "list of text",
    Vec<SocketAddr> => List "list of address:port",
    Vec<IpNet> => List "list of networks",
}

impl<T: Setting> Setting for Option<T> {
    const KIND: Kind = T::KIND;
    const NAME: &'static str = T::NAME;
}

/// One field, for the manual.
#[derive(Debug, Clone)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// The name of its type.
    pub type_name: &'static str,
    /// Smallest and largest number.
    pub range: Option<(u64, u64)>,
    /// The default as Rust writes it.
    pub default: String,
    /// What it does.
    pub text: String,
}

/// One table of the file, for the manual.
#[derive(Debug, Clone)]
pub struct Section {
    /// The table's name.
    pub name: &'static str,
    /// What it is about.
    pub text: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Section {
    /// The variable that overrides a field, if one can.
    pub fn variable(&self, field: &Field) -> Option<String> {
        (field.kind != Kind::Tables)
            .then(|| format!("DOORWARD_{}_{}", self.name.to_ascii_uppercase(), field.name.to_ascii_uppercase()))
    }
}

/// Declares a section: its struct (serde, unknown fields refused), defaults, number ranges and description.
/// Write `name: type [least ..= most] = default,`. Checks beyond ranges go into an inherent method `check_more`.
macro_rules! settings {
    (
        $(#[doc = $about:literal])*
        pub struct $struct:ident in $section:literal {
            $(
                $(#[doc = $text:literal])*
                $field:ident : $type:ty $([$least:literal ..= $most:literal])? = $default:expr,
            )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $struct {
            $( $(#[doc = $text])* pub $field: $type, )*
        }

        impl Default for $struct {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }

        impl $struct {
            /// The declaration, for the manual and the environment.
            pub fn section() -> $crate::config::Section {
                let default = Self::default();
                $crate::config::Section {
                    name: $section,
                    text: concat!($($about, "\n"),*).to_owned(),
                    fields: vec![$( $crate::config::Field {
                        name: stringify!($field),
                        kind: <$type as $crate::config::Setting>::KIND,
                        type_name: <$type as $crate::config::Setting>::NAME,
                        range: settings!(@range $([$least ..= $most])?),
                        default: format!("{:?}", default.$field),
                        text: concat!($($text, "\n"),*).to_owned(),
                    } ),*],
                }
            }

            /// Adds a line for each value that cannot be used.
            pub fn check(&self, problems: &mut Vec<String>) {
                $( $(
                    #[allow(clippy::cast_lossless)]
                    if !($least ..= $most).contains(&self.$field) {
                        problems.push(format!(
                            "{}.{}: must be from {} to {}, not {}",
                            $section, stringify!($field), $least, $most, self.$field,
                        ));
                    }
                )? )*
                self.check_more(problems);
            }
        }
    };
    (@range [$least:literal ..= $most:literal]) => { Some(($least, $most)) };
    (@range) => { None };
}
pub(super) use settings;

/// Lays `DOORWARD_<SECTION>_<FIELD>` over the table. Variables that fit no field are left alone: orchestrators set
/// names of their own with the same prefix (Kubernetes: `DOORWARD_SERVICE_HOST`).
pub(super) fn override_from(
    environment: impl IntoIterator<Item = (String, String)>,
    table: &mut toml::Table,
) -> Result<(), ConfigError> {
    let sections = Config::sections();
    for (variable, text) in environment {
        let found = sections.iter().find_map(|section| {
            let mut fields = section.fields.iter();
            let field = fields.find(|field| section.variable(field).as_ref() == Some(&variable));
            field.map(|field| (section, field))
        });
        let Some((section, field)) = found else {
            continue;
        };
        let value = value_of(field.kind, &text)
            .map_err(|message| ConfigError::Variable { variable: variable.clone(), message: message.to_owned() })?;
        let values = table.entry(section.name).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let Some(values) = values.as_table_mut() {
            values.insert(field.name.to_owned(), value);
        }
    }
    Ok(())
}

fn value_of(kind: Kind, text: &str) -> Result<toml::Value, &'static str> {
    Ok(match kind {
        Kind::Text | Kind::Tables => toml::Value::String(text.to_owned()),
        Kind::Number => toml::Value::Integer(text.trim().parse().map_err(|_| "must be a number")?),
        Kind::Switch => toml::Value::Boolean(text.trim().parse().map_err(|_| "must be \"true\" or \"false\"")?),
        Kind::List => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| toml::Value::String(item.to_owned()))
            .collect::<Vec<_>>()
            .into(),
    })
}
