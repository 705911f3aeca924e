//! What others may do with this program depends on everything in it.

use serde_json::Value;

use crate::repository::{assert_none, cargo, read};

/// SPDX identifiers that ask for no more than notices, and for the source of changed MPL files. CDLA is of data: the list of
/// authorities that browsers trust.
const ACCEPTED: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BlueOak-1.0.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether an SPDX expression can be met with [`ACCEPTED`]. `/` is how older crates wrote OR.
fn is_acceptable(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any_of(&mut rest);
    met == Some(true) && rest.is_empty()
}

/// `a OR b`, which binds less than AND (SPDX 2.3, annex D). None is a syntax error.
fn any_of(words: &mut &[&str]) -> Option<bool> {
    let mut met = all_of(words)?;
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        met |= all_of(words)?;
    }
    Some(met)
}

fn all_of(words: &mut &[&str]) -> Option<bool> {
    let mut met = one(words)?;
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        met &= one(words)?;
    }
    Some(met)
}

fn one(words: &mut &[&str]) -> Option<bool> {
    match **words {
        ["(", ..] => {
            *words = &words[1..];
            let met = any_of(words)?;
            *words = words.strip_prefix(&[")"])?;
            Some(met)
        }
        [name, "WITH", exception, ..] => {
            *words = &words[3..];
            Some(ACCEPTED.contains(&format!("{name} WITH {exception}").as_str()))
        }
        [name, ..] => {
            *words = &words[1..];
            Some(ACCEPTED.contains(&name))
        }
        [] => None,
    }
}

/// Crates with another licence than accepted, or from elsewhere than crates.io and this repository.
fn crate_complaints(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = format!("{} {}", package["name"].as_str().expect("a name"), package["version"]);
        match package["license"].as_str() {
            Some(licence) if is_acceptable(licence) => {}
            other => complaints.push(format!("{name}: licence {other:?}")),
        }
        match package["source"].as_str() {
            None | Some("registry+https://github.com/rust-lang/crates.io-index") => {}
            Some(other) => complaints.push(format!("{name}: comes from {other}")),
        }
    }
    complaints
}

/// Packages of a `package-lock.json`, those for other systems included.
fn npm_complaints(path: &str, lock: &Value) -> Vec<String> {
    let packages = lock["packages"].as_object().expect("packages");
    let wrong = packages.iter().filter(|(name, package)| {
        // A link points to a folder of this repository.
        !name.is_empty() && package["link"] != true && !package["license"].as_str().is_some_and(is_acceptable)
    });
    wrong.map(|(name, package)| format!("{path}: {name}: licence {}", package["license"])).collect()
}

#[test]
fn licences_combine_as_spdx_says() {
    for good in [
        "MIT",
        "MIT OR GPL-3.0-only",
        "GPL-2.0-only OR (MIT AND BSD-3-Clause)",
        "Apache-2.0 / MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        "AGPL-3.0 OR MIT AND ISC",
    ] {
        assert!(is_acceptable(good), "{good}");
    }
    for bad in [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "LGPL-2.1",
        "MIT AND GPL-3.0-only",
        "(MIT",
        "MIT OR",
        "",
        "UNLICENSED",
        "SEE LICENSE IN LICENSE",
        "GPL-2.0 WITH Classpath-exception-2.0",
        "MIT OR (GPL-3.0-only",
        "GPL-3.0 OR AGPL-3.0 AND MIT",
    ] {
        assert!(!is_acceptable(bad), "{bad}");
    }
}

#[test]
fn a_crate_with_another_licence_or_from_elsewhere_is_told() {
    let metadata = serde_json::json!({ "packages": [
        { "name": "ours", "version": "1", "license": "Apache-2.0", "source": null },
        { "name": "free", "version": "1", "license": "GPL-3.0", "source": null },
        { "name": "mute", "version": "1", "license": null, "source": null },
        { "name": "far", "version": "1", "license": "MIT", "source": "git+https://example.org/far" },
    ]});
    assert_eq!(crate_complaints(&metadata).len(), 3);
}

#[test]
fn a_package_with_another_licence_is_told() {
    let lock = serde_json::json!({ "packages": {
        "": { "name": "ours" },
        "node_modules/good": { "license": "MIT" },
        "node_modules/free": { "license": "AGPL-3.0" },
        "node_modules/mute": {},
    }});
    assert_eq!(npm_complaints("lock", &lock).len(), 2);
}

#[test]
fn every_crate_may_be_used_and_comes_from_crates_io() {
    for target in ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] {
        let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
        let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
        assert!(metadata["packages"].as_array().expect("packages").len() > 100);
        assert_none(crate_complaints(&metadata));
    }
}

#[test]
fn every_package_of_the_client_may_be_used() {
    for path in ["web/package-lock.json", "web/e2e/package-lock.json"] {
        let lock: Value = serde_json::from_str(&read(path)).expect("npm writes JSON");
        assert!(lock["packages"].as_object().expect("packages").len() > 5, "{path}");
        assert_none(npm_complaints(path, &lock));
    }
}
