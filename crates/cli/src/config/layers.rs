//! Raw values and where each came from. Unknown names are errors, wherever they stand.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::settings::{Kind, SETTINGS, Setting};
use crate::args::TOKEN_VARIABLE;

pub(super) const PREFIX: &str = "VIVAVOCE_";
/// The environment variable that names the file.
const FILE_VARIABLE: &str = "VIVAVOCE_CONFIG";
/// Read when the program is built, not when it runs.
const BUILD_VARIABLES: [&str; 2] = ["VIVAVOCE_WEB", "VIVAVOCE_WEB_DIST"];

/// One sentence for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// What was given on the command line: the file, and texts by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    pub file: Option<PathBuf>,
    pub flags: BTreeMap<&'static str, Vec<String>>,
}

/// Where a value came from, as its name in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Default,
    File(PathBuf),
    Environment,
    Flag,
}

/// The value of every setting, the last layer that names it deciding.
#[derive(Debug, Clone)]
pub struct Layers {
    values: BTreeMap<&'static str, (Vec<String>, Source)>,
}

impl Layers {
    /// # Errors
    /// Unknown names, unreadable files and values of the wrong kind, each with a sentence.
    pub fn gather(
        given: &Given,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut layers = Self { values: BTreeMap::new() };
        for setting in SETTINGS {
            layers.set(setting, split(setting, setting.default), Source::Default)?;
        }
        let (file, variables) = read_environment(environment)?;
        if let Some(file) = given.file.clone().or(file) {
            layers.add_file(&file)?;
        }
        for (setting, value) in variables {
            layers.set(setting, split(setting, &value), Source::Environment)?;
        }
        for (key, values) in &given.flags {
            let setting = known(key).ok_or_else(|| ConfigError(format!("There is no setting {key}.")))?;
            let values = values.iter().flat_map(|value| split(setting, value)).collect();
            layers.set(setting, values, Source::Flag)?;
        }
        Ok(layers)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!("The configuration file {shown} cannot be read: {error}."))
        })?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let line =
                error.span().map_or(1, |span| text.get(..span.start).unwrap_or("").lines().count().max(1));
            ConfigError(format!("{shown}, line {line}: {}.", error.message()))
        })?;
        for (key, value) in table {
            let Some(setting) = known(&key) else {
                return Err(ConfigError(format!(
                    "{shown}: there is no setting `{key}`.{}",
                    similar(&key, |s| s.key.to_owned())
                )));
            };
            let values = from_toml(setting, value).ok_or_else(|| {
                ConfigError(format!("{shown}: `{key}` must be {}.", described(setting.kind)))
            })?;
            self.set(setting, values, Source::File(path.to_owned()))?;
        }
        Ok(())
    }

    fn set(&mut self, setting: &Setting, values: Vec<String>, source: Source) -> Result<(), ConfigError> {
        let fits = match setting.kind {
            Kind::Switch => values.iter().all(|value| matches!(value.as_str(), "true" | "false")),
            Kind::Number => values.iter().all(|value| value.parse::<u32>().is_ok()),
            Kind::Text | Kind::List | Kind::ListOr(_) => true,
        };
        if !fits {
            let name = self::name(setting, &source);
            return Err(ConfigError(format!("{name} must be {}.", described(setting.kind))));
        }
        self.values.insert(setting.key, (values, source));
        Ok(())
    }

    fn values(&self, key: &str) -> &[String] {
        self.values.get(key).map(|(values, _)| values.as_slice()).unwrap_or_default()
    }

    /// The text of a setting that has a default.
    pub fn text(&self, key: &str) -> &str {
        self.optional(key).unwrap_or_default()
    }

    /// The text of a setting that may be absent.
    pub fn optional(&self, key: &str) -> Option<&str> {
        self.values(key).first().map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Whether a switch is on.
    pub fn is_on(&self, key: &str) -> bool {
        self.text(key) == "true"
    }

    /// # Errors
    /// Where the text is not what it has to be.
    pub fn parse<T>(
        &self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        parse(self.text(key)).ok_or_else(|| self.not(key, self.text(key), what))
    }

    /// # Errors
    /// Where there is a text that is not what it has to be.
    pub fn parse_optional<T>(
        &self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        self.optional(key).map(|text| parse(text).ok_or_else(|| self.not(key, text, what))).transpose()
    }

    /// # Errors
    /// Where one of the texts is not what it has to be.
    pub fn list<T>(
        &self,
        key: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        self.values(key).iter().map(|text| parse(text).ok_or_else(|| self.not(key, text, what))).collect()
    }

    /// A value that contradicts another.
    pub fn clash(&self, key: &str, why: &str) -> ConfigError {
        ConfigError(format!("{} {why}.", self.name(key)))
    }

    fn not(&self, key: &str, text: &str, what: &str) -> ConfigError {
        ConfigError(format!("{}: `{text}` is not {what}.", self.name(key)))
    }

    fn name(&self, key: &str) -> String {
        match (known(key), self.values.get(key)) {
            (Some(setting), Some((_, source))) => name(setting, source),
            _ => key.to_owned(),
        }
    }

    /// Values that differ from the default, for the documented file.
    pub(super) fn changed(&self, key: &str) -> Option<&[String]> {
        let (values, source) = self.values.get(key)?;
        (*source != Source::Default).then_some(values.as_slice())
    }
}

/// The setting as the person who set it wrote it.
fn name(setting: &Setting, source: &Source) -> String {
    match source {
        Source::Default => setting.key.to_owned(),
        Source::File(path) => format!("{}: {}", path.display(), setting.key),
        Source::Environment => setting.variable(),
        Source::Flag => format!("--{}", setting.flag()),
    }
}

fn known(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

type Variables = Vec<(&'static Setting, String)>;

fn read_environment(
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(Option<PathBuf>, Variables), ConfigError> {
    let (mut file, mut variables) = (None, Vec::new());
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if name == FILE_VARIABLE {
            file = Some(PathBuf::from(value));
        } else if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == name) {
            let value = value.into_string().map_err(|_| ConfigError(format!("{name} is not text.")))?;
            variables.push((setting, value));
        } else if !BUILD_VARIABLES.contains(&name) && name != TOKEN_VARIABLE {
            let hint = similar(name, Setting::variable);
            return Err(ConfigError(format!(
                "There is no setting for the environment variable {name}.{hint}"
            )));
        }
    }
    Ok((file, variables))
}

fn split(setting: &Setting, text: &str) -> Vec<String> {
    match setting.kind {
        Kind::List | Kind::ListOr(_) => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        }
        Kind::Text | Kind::Number | Kind::Switch => vec![text.to_owned()],
    }
}

fn from_toml(setting: &Setting, value: toml::Value) -> Option<Vec<String>> {
    use toml::Value;
    match (setting.kind, value) {
        (Kind::Text | Kind::List | Kind::ListOr(_), Value::String(text)) => Some(vec![text]),
        (Kind::Number, Value::Integer(number)) => Some(vec![number.to_string()]),
        (Kind::Switch, Value::Boolean(on)) => Some(vec![on.to_string()]),
        (Kind::List | Kind::ListOr(_), Value::Array(values)) => {
            values.into_iter().map(|value| value.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    }
}

fn described(kind: Kind) -> impl fmt::Display {
    match kind {
        Kind::Text => "a text",
        Kind::Number => "a whole number",
        Kind::Switch => "true or false",
        Kind::List | Kind::ListOr(_) => "a list of texts",
    }
}

/// A hint where the name is off by a letter or two.
fn similar(wrong: &str, spelling: impl Fn(&Setting) -> String) -> String {
    SETTINGS
        .iter()
        .map(&spelling)
        .map(|right| (distance(wrong, &right), right))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, right)| format!(" Is {right} meant?"))
        .unwrap_or_default()
}

/// Levenshtein's, on bytes: names are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
