//! Every setting can be set in every way, and what is wrong is said in one sentence.

use super::*;
use std::collections::BTreeMap;
use std::ffi::OsString;

type Environment<'a> = &'a [(&'a str, &'a str)];

fn layers(
    file: Option<&str>,
    environment: Environment<'_>,
    flags: Environment<'_>,
) -> Result<Layers, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("vivavoce.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).expect("written");
    }
    let mut given = Given { file: file.map(|_| path), flags: BTreeMap::new() };
    for (key, value) in flags {
        let setting = SETTINGS.iter().find(|setting| setting.key == *key).expect("known");
        given.flags.entry(setting.key).or_default().push((*value).to_owned());
    }
    Layers::gather(&given, environment.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))))
}

fn config(
    file: Option<&str>,
    environment: Environment<'_>,
    flags: Environment<'_>,
) -> Result<Config, ConfigError> {
    Config::from_layers(&layers(file, environment, flags)?, Path::new("/srv"))
}

fn sentence(result: Result<Config, ConfigError>) -> String {
    result.expect_err("wrong").to_string()
}

#[test]
fn without_any_configuration_the_server_is_for_this_machine() {
    let config = config(None, &[], &[]).expect("defaults are good");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data.display().to_string(), "/srv/data", "as it is shown");
    assert_eq!(config.public_url(8080).to_string(), "http://localhost:8080");
    assert_eq!(config.front, Front::Plain);
    assert_eq!(config.media_port, None);
    assert_eq!(config.sandboxing, Sandboxing::On);
}

#[test]
fn flags_beat_the_environment_and_the_environment_the_file() {
    let file = Some("listen = \"127.0.0.1:1\"\ndata = \"from-file\"\nmedia_port = 3");
    let environment: Environment<'_> = &[("VIVAVOCE_LISTEN", "127.0.0.1:2"), ("VIVAVOCE_MEDIA_PORT", "4")];
    let config = config(file, environment, &[("listen", "127.0.0.1:9")]).expect("good");
    assert_eq!(config.listen.port(), 9);
    assert_eq!(config.media_port, NonZeroU16::new(4));
    assert_eq!(config.data, Path::new("/srv/from-file"));
}

/// A value for each setting that differs from its default, with what else it needs to make sense.
const SAMPLES: &[(&str, &str, &str, Environment<'_>)] = &[
    ("listen", "[::]:9000", "\"[::]:9000\"", &[]),
    ("data", "/elsewhere", "\"/elsewhere\"", &[]),
    ("public_url", "http://rooms.example.org", "\"http://rooms.example.org\"", &[]),
    ("tls_cert", "/c.pem", "\"/c.pem\"", &[("VIVAVOCE_TLS_KEY", "/k.pem")]),
    ("tls_key", "/k.pem", "\"/k.pem\"", &[("VIVAVOCE_TLS_CERT", "/c.pem")]),
    (
        "behind_proxy",
        "10.0.0.0/8,::1",
        "[\"10.0.0.0/8\", \"::1\"]",
        &[("VIVAVOCE_PUBLIC_URL", "https://a.example")],
    ),
    ("public_address", "203.0.113.7,2001:db8::7", "[\"203.0.113.7\", \"2001:db8::7\"]", &[]),
    ("media_port", "5000", "5000", &[]),
    ("media_threads", "3", "3", &[]),
    ("pack_under_load", "false", "false", &[]),
    ("pack_two_from", "1000", "1000", &[]),
    ("pack_three_from", "3000", "3000", &[]),
    ("metrics", "9464", "\"9464\"", &[]),
    ("push_allow", "push.example.org:8443", "\"push.example.org:8443\"", &[]),
    ("push_ca", "/ca.pem", "\"/ca.pem\"", &[]),
    ("drain_seconds", "33", "33", &[]),
    ("swap", "refuse", "\"refuse\"", &[]),
    ("unsandboxed", "true", "true", &[]),
];

#[test]
fn every_setting_has_a_flag_a_variable_a_key_and_a_documented_line_and_they_mean_the_same() {
    assert_eq!(SAMPLES.len(), SETTINGS.len(), "a sample for each");
    let documented = documented(&layers(None, &[], &[]).expect("defaults"));
    for setting in SETTINGS {
        let (_, text, literal, needs) =
            SAMPLES.iter().find(|sample| sample.0 == setting.key).expect("a sample");
        let variable = setting.variable();
        let with_variable: Vec<_> = needs.iter().copied().chain([(variable.as_str(), *text)]).collect();
        let by_flag = config(None, needs, &[(setting.key, text)]).expect("by flag");
        let by_variable = config(None, &with_variable, &[]).expect("by variable");
        let by_file = config(Some(&format!("{} = {literal}", setting.key)), needs, &[]).expect("by file");
        assert_eq!(by_flag, by_variable, "{}", setting.key);
        assert_eq!(by_flag, by_file, "{}", setting.key);
        let unset = Config::from_layers(&layers(None, &[], &[]).expect("defaults"), Path::new("/srv"));
        assert_ne!(Ok(by_flag), unset, "{} does something", setting.key);

        assert!(!setting.doc.is_empty());
        assert!(documented.contains(&format!("## --{}, {variable}", setting.flag())), "{}", setting.key);
        assert!(documented.contains(&format!("\n#{} = ", setting.key)), "{}", setting.key);
        assert!(crate::args::has_flag(&setting.flag()), "{}", setting.key);
    }
}

#[test]
fn the_documented_file_is_good_as_it_is_and_with_every_line_switched_on() {
    let plain = layers(None, &[], &[]).expect("defaults");
    let text = documented(&plain);
    assert_eq!(config(Some(&text), &[], &[]), config(None, &[], &[]));
    let on: String = text
        .lines()
        .map(|l| l.strip_prefix('#').filter(|l| !l.starts_with(['#', ' '])).unwrap_or(l))
        .fold(String::new(), |all, line| all + line + "\n");
    let table: toml::Table = on.parse().expect("TOML");
    assert_eq!(table.len(), SETTINGS.len());

    let changed = layers(None, &[("VIVAVOCE_PUBLIC_ADDRESS", "203.0.113.7")], &[("listen", "0.0.0.0:9")])
        .expect("good");
    let again = config(Some(&documented(&changed)), &[], &[]).expect("good");
    assert_eq!(again.listen.port(), 9);
    assert_eq!(again.public_addresses.len(), 1);
}

#[test]
fn an_unknown_name_is_an_error_wherever_it_stands() {
    assert!(
        sentence(config(Some("lisen = \"x\""), &[], &[]))
            .ends_with("there is no setting `lisen`. Is listen meant?")
    );
    assert_eq!(
        sentence(config(None, &[("VIVAVOCE_DATE", "x")], &[])),
        "There is no setting for the environment variable VIVAVOCE_DATE. Is VIVAVOCE_DATA meant?"
    );
    let others = [("VIVAVOCE_WEB", "skip"), ("VIVAVOCE_TOKEN", "for `join`"), ("VIVA", "x")];
    assert!(config(None, &others, &[]).is_ok(), "not ours to judge");
}

#[test]
fn a_value_that_means_nothing_is_named_as_it_was_written() {
    for (file, environment, flags, expected) in [
        (
            None,
            &[] as Environment<'_>,
            &[("listen", "here")] as Environment<'_>,
            "--listen: `here` is not an address with a port, such as 127.0.0.1:8080.",
        ),
        (
            None,
            &[("VIVAVOCE_MEDIA_PORT", "70000")],
            &[],
            "VIVAVOCE_MEDIA_PORT: `70000` is not a port number.",
        ),
        (None, &[("VIVAVOCE_MEDIA_PORT", "x")], &[], "VIVAVOCE_MEDIA_PORT must be a whole number."),
        (None, &[], &[("media_threads", "65")], "--media-threads: `65` is not a number from 0 to 64."),
        (
            None,
            &[],
            &[("metrics", "yes")],
            "--metrics: `yes` is not a port, or an address with a port such as 127.0.0.1:9464.",
        ),
        (None, &[], &[("swap", "off")], "--swap: `off` is not `warn` or `refuse`."),
        (None, &[("VIVAVOCE_UNSANDBOXED", "yes")], &[], "VIVAVOCE_UNSANDBOXED must be true or false."),
        (None, &[], &[("public_address", "me")], "--public-address: `me` is not an IP address."),
        (None, &[], &[("tls_cert", "c")], "--tls-cert needs its key: set tls_key too."),
        (
            None,
            &[],
            &[("public_url", "https://a.example")],
            "--public-url is https, so somebody has to speak TLS: set tls_cert and tls_key, or behind_proxy.",
        ),
        (
            None,
            &[],
            &[("behind_proxy", "loopback")],
            "--behind-proxy needs public_url: the address that people type.",
        ),
        (Some("listen = 5"), &[], &[], ": `listen` must be a text."),
        (Some("listen = \"a\"\nlisten"), &[], &[], ", line 2: "),
    ] {
        let said = sentence(config(file, environment, flags));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_port_alone_for_metrics_is_one_of_this_machine() {
    let at = |text| config(None, &[], &[("metrics", text)]).expect("good").metrics.map(|at| at.to_string());
    for (text, address) in [
        ("9464", "127.0.0.1:9464"),
        ("localhost:9", "127.0.0.1:9"),
        ("[::1]:9", "[::1]:9"),
        ("0.0.0.0:9", "0.0.0.0:9"),
    ] {
        assert_eq!(at(text).as_deref(), Some(address));
    }
    assert_eq!(config(None, &[], &[]).expect("good").metrics, None);
}

#[test]
fn an_empty_folder_for_data_is_refused_wherever_it_stands() {
    for (result, from) in [
        (config(None, &[], &[("data", "")]), "--data"),
        (config(None, &[("VIVAVOCE_DATA", "")], &[]), "VIVAVOCE_DATA"),
    ] {
        assert_eq!(sentence(result), format!("{from} must name a folder."));
    }
    assert!(sentence(config(Some("data = \"\""), &[], &[])).ends_with("data must name a folder."));
}

#[test]
fn of_the_variables_of_the_build_only_those_that_exist_are_passed_over() {
    assert!(config(None, &[("VIVAVOCE_WEB", "skip"), ("VIVAVOCE_WEB_DIST", "/dist")], &[]).is_ok());
    let wrong = sentence(config(None, &[("VIVAVOCE_WEBLISTEN", "1")], &[]));
    assert!(
        wrong.starts_with("There is no setting for the environment variable VIVAVOCE_WEBLISTEN."),
        "{wrong}"
    );
}
