//! Which crate may know which. A new arrow is a decision: write it down under `docs/decisions/`, then here.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{assert_none, cargo};

/// Crate, and the crates of ours that it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("line", &[]),
    ("keyed", &[]),
    ("picture", &[]),
    ("web", &[]),
    ("sandbox", &[]),
    ("outbound-api", &["line"]),
    // Takes sealed letters to addresses: it knows no room, no person and no database.
    ("outbound", &["line", "outbound-api", "sandbox"]),
    ("rooms", &["protocol", "keyed"]),
    // Its tests run in the simulation, which is built on it: Cargo lets nothing but tests point this way.
    ("media", &["protocol", "sim"]),
    ("cluster", &["protocol", "line"]),
    ("keeper-api", &["protocol", "line"]),
    ("store", &["protocol"]),
    ("client", &["protocol"]),
    ("sfu", &["media", "protocol"]),
    ("keeper", &["keeper-api", "store", "protocol", "line", "keyed"]),
    (
        "live",
        &[
            "protocol",
            "rooms",
            "media",
            "sfu",
            "cluster",
            "keeper-api",
            "web",
            "line",
            "keyed",
            "picture",
            "sandbox",
            "outbound-api",
        ],
    ),
    ("bench", &["protocol", "client"]),
    (
        "cli",
        &[
            "live",
            "keeper",
            "cluster",
            "keeper-api",
            "protocol",
            "line",
            "client",
            "bench",
            "outbound",
            "outbound-api",
            "sandbox",
        ],
    ),
    ("sim", &["protocol", "rooms", "media", "cluster"]),
    // Whatever reads bytes, wherever it is.
    (
        "fuzz",
        &[
            "cli",
            "client",
            "cluster",
            "keeper",
            "keeper-api",
            "keyed",
            "line",
            "live",
            "media",
            "picture",
            "protocol",
            "rooms",
            "sfu",
        ],
    ),
    ("tests", &["protocol", "client", "cluster"]),
    ("xtask", &[]),
];

/// Crate, and what must not be linked into it at any depth.
const NEVER_LINKED: &[(&str, &[&str], &str)] = &[
    ("protocol", &["tokio", "libc"], "data only"),
    ("rooms", &["tokio", "libc", "media"], "decides, and does nothing else"),
    ("media", &["tokio", "socket2", "rooms"], "moves packets that others receive and send"),
    ("live", &["store", "sqlx", "libsqlite3-sys"], "what hears of rooms has no disk"),
    // The usual ways to a file: databases, logs that rotate, maps of memory, containers for sound. What is not named here the
    // sandbox refuses all the same.
    (
        "live",
        &[
            "diesel",
            "fern",
            "file-rotate",
            "fjall",
            "flexi_logger",
            "heed",
            "hound",
            "lmdb-rkv",
            "log4rs",
            "memmap2",
            "ogg",
            "redb",
            "rocksdb",
            "rusqlite",
            "sled",
            "symphonia",
            "tempfile",
            "tracing-appender",
        ],
        "writes no file",
    ),
    ("keeper", &["axum", "rooms", "media", "sfu", "web", "live"], "what has a disk never hears of rooms"),
    ("cli", &["ring", "openssl-sys", "native-tls"], "one library for all cryptography"),
    ("live", &["str0m", "client"], "is proven against somebody else's WebRTC stack"),
    ("keeper", &["str0m", "client"], "has no network"),
    ("live", &["hickory-resolver", "webpki-roots"], "calls nobody"),
    (
        "outbound",
        &["protocol", "rooms", "store", "sqlx", "keeper-api", "cluster", "axum"],
        "knows an address and bytes that it cannot open",
    ),
];

/// Crate of ours → crates of ours that it names, dev-dependencies included.
type Arrows = BTreeMap<String, BTreeSet<String>>;

fn complaints(arrows: &Arrows, allowed: &[(&str, &[&str])]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (from, targets) in arrows {
        let Some((_, may)) = allowed.iter().find(|(name, _)| name == from) else {
            complaints.push(format!("{from} is not in the list of crates"));
            continue;
        };
        let wrong = targets.iter().filter(|to| !may.contains(&to.as_str()));
        complaints.extend(wrong.map(|to| format!("{from} must not know {to}")));
    }
    complaints
}

fn arrows(metadata: &str) -> Arrows {
    let metadata: serde_json::Value = serde_json::from_str(metadata).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &serde_json::Value| value.as_str().expect("a name").to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let ours = dependencies.iter().filter(|dependency| dependency["path"].is_string());
            (text(&package["name"]), ours.map(|dependency| text(&dependency["name"])).collect())
        })
        .collect()
}

/// Names in the output of `cargo tree --prefix none`.
fn linked(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn an_arrow_that_is_not_allowed_is_told() {
    let metadata = r#"{"packages":[
        {"name":"rooms","dependencies":[{"name":"protocol","path":"/p"},{"name":"media","path":"/m"},{"name":"serde"}]},
        {"name":"stranger","dependencies":[]}]}"#;
    let told = complaints(&arrows(metadata), ALLOWED);
    assert_eq!(told, ["rooms must not know media", "stranger is not in the list of crates"]);
}

#[test]
fn arrows_point_the_way_the_design_draws_them() {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let arrows = arrows(&metadata);
    assert!(arrows["live"].contains("rooms"), "no arrow was found where there must be one");
    assert_none(complaints(&arrows, ALLOWED));
}

#[test]
fn what_must_not_be_linked_is_not_linked_at_any_depth() {
    let mut complaints = Vec::new();
    for (from, never, reason) in NEVER_LINKED {
        let tree = cargo(&["tree", "--package", from, "--edges", "normal", "--prefix", "none"]);
        let linked = linked(&tree);
        assert!(linked.contains(from), "cargo tree shows at least the crate itself");
        let found = never.iter().filter(|name| linked.contains(*name));
        complaints.extend(found.map(|name| format!("{from} links {name}, but it {reason}")));
    }
    assert_none(complaints);
}

#[test]
fn a_linked_crate_is_seen_in_the_tree() {
    let tree = cargo(&["tree", "--package", "live", "--edges", "normal", "--prefix", "none"]);
    assert!(linked(&tree).contains("rooms"));
    assert_eq!(linked("live v0.1.0 (path)\nring v0.17.14\n"), BTreeSet::from(["live", "ring"]));
}
