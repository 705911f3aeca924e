//! The documented file: every setting with what it means and its other two spellings.

use std::fmt::Write;

use super::layers::Layers;
use super::settings::{Kind, SETTINGS, Setting};

/// A file that means the same as `layers`. Defaults stand in it as comments.
pub fn documented(layers: &Layers) -> String {
    let mut text = String::from(
        "# Vivavoce. A setting behind a single # stands at its default, or is not set and shows an example;\n\
         # remove the # to change it. A flag beats the environment, the environment this file.\n",
    );
    for setting in SETTINGS {
        text.push('\n');
        for line in setting.doc.lines() {
            let _ = writeln!(text, "## {}", line.trim_start());
        }
        let _ = writeln!(text, "## --{}, {}", setting.flag(), setting.variable());
        let _ = match layers.changed(setting.key) {
            Some(values) => writeln!(text, "{} = {}", setting.key, literal(setting, values)),
            None => writeln!(text, "#{} = {}", setting.key, literal(setting, &[default_or_example(setting)])),
        };
    }
    text
}

fn default_or_example(setting: &Setting) -> String {
    if setting.default.is_empty() { setting.example } else { setting.default }.to_owned()
}

fn literal(setting: &Setting, values: &[String]) -> String {
    let quoted = |value: &String| toml::Value::String(value.clone()).to_string();
    match setting.kind {
        Kind::Text => values.first().map(quoted).unwrap_or_default(),
        Kind::Number | Kind::Switch => values.first().cloned().unwrap_or_default(),
        Kind::List | Kind::ListOr(_) => {
            format!("[{}]", values.iter().map(quoted).collect::<Vec<_>>().join(", "))
        }
    }
}
