//! The client speaks to its own server only, and lock files name packages, not the hosts that served them.

use crate::repository::{Source, assert_none, has_ending, read, sources};

/// Names of XML namespaces, which nobody fetches, and the machine that the page came from.
const NOT_FOREIGN: [&str; 2] = ["http://www.w3.org/", "http://localhost"];

/// Addresses of other hosts in what the browser is given.
fn foreign_addresses(file: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    for scheme in ["http://", "https://", "ws://", "wss://"] {
        for (at, _) in file.text.match_indices(scheme) {
            let address = &file.text[at..];
            let host = address[scheme.len()..].chars().next();
            // `https://…` as an example, or a template's `${host}`, names no host.
            let names_a_host = host.is_some_and(|c| c.is_ascii_alphanumeric() || c == '[');
            // `ws://` is also the end of nothing else, but `https://` contains no other scheme.
            if names_a_host
                && !NOT_FOREIGN.iter().any(|name| address.starts_with(name))
                && !in_comment(&file.text, at)
            {
                let end = address.find(['"', '\'', '`', ' ', '\n', ')', '<']).unwrap_or(address.len());
                complaints.push(format!("{}: {}", file.path, &address[..end]));
            }
        }
    }
    complaints
}

/// Whether this place lies behind `//` or in a block whose lines begin with `*`.
fn in_comment(text: &str, at: usize) -> bool {
    let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") || line.starts_with("<!--")
}

/// npm may write down where each package was fetched; `web/.npmrc` tells it not to.
fn npm_hosts(path: &str, lock: &str) -> Vec<String> {
    let told = lock.lines().filter(|line| line.contains("\"resolved\""));
    told.map(|line| format!("{path}: {}", line.trim())).collect()
}

/// The name under which Cargo knows crates.io, whatever mirror serves it.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn cargo_hosts(lock: &str) -> Vec<String> {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = "));
    let other = sources.filter(|source| source.trim_matches('"') != CRATES_IO);
    other.map(|source| format!("Cargo.lock: {source}")).collect()
}

#[test]
fn an_address_of_another_host_is_told() {
    let told =
        |text: &str| foreign_addresses(&Source { path: "a.ts".to_owned(), text: text.to_owned() }).len();
    for bad in [
        "fetch('https://cdn.example/x.js')",
        "@import url(http://fonts.example)",
        "new WebSocket(`wss://a.b`)",
    ] {
        assert_eq!(told(bad), 1, "{bad}");
    }
    for good in [
        "xmlns=\"http://www.w3.org/2000/svg\"",
        "`wss://${location.host}/api`",
        "placeholder=\"https://…\"",
        "  // see https://example.org",
        " * https://example.org",
    ] {
        assert_eq!(told(good), 0, "{good}");
    }
}

#[test]
fn a_host_in_a_lock_file_is_told() {
    assert_eq!(
        npm_hosts("l", "  \"resolved\": \"https://mirror.example/x.tgz\",\n  \"license\": \"MIT\"").len(),
        1
    );
    let lock = format!("source = \"{CRATES_IO}\"\nsource = \"git+https://example.org/x\"\n");
    assert_eq!(cargo_hosts(&lock), ["Cargo.lock: \"git+https://example.org/x\""]);
}

#[test]
fn the_client_names_no_other_host() {
    let files = sources("web");
    let given = files.iter().filter(|file| {
        ["web/src/", "web/public/", "web/index.html"].iter().any(|place| file.path.starts_with(place))
            && has_ending(&file.path, &["ts", "js", "svelte", "css", "html", "svg", "json", "webmanifest"])
            && !file.path.ends_with(".test.ts")
            // Scenes for looking at screens; a build of the product never reads them.
            && !file.path.starts_with("web/src/ui/gallery/")
    });
    assert_none(given.flat_map(foreign_addresses).collect());
}

#[test]
fn lock_files_name_packages_and_not_hosts() {
    let mut complaints = cargo_hosts(&read("Cargo.lock"));
    for path in ["web/package-lock.json", "web/e2e/package-lock.json"] {
        complaints.extend(npm_hosts(path, &read(path)));
    }
    assert_none(complaints);
}

#[test]
fn no_package_of_npm_runs_a_script_when_installed() {
    for path in ["web/package-lock.json", "web/e2e/package-lock.json"] {
        let scripts = read(path).matches("\"hasInstallScript\": true").count();
        // fsevents (macOS only, optional) is the known one; installations here ignore scripts anyway.
        assert!(scripts <= 1, "{path}: {scripts} packages run scripts");
    }
}
