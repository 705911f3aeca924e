//! ARCHITECTURE.md and the decisions name only what exists.

use crate::repository::{Source, assert_none, read, root, sources};

/// Words in backticks that look like a path: they contain a slash or end like a file of ours, and are not a
/// request path, a command, or a pattern.
fn paths(markdown: &str) -> Vec<&str> {
    let quoted = markdown.split('`').skip(1).step_by(2);
    quoted.filter(|word| is_path(word)).map(|word| word.trim_end_matches('/')).collect()
}

fn is_path(word: &str) -> bool {
    let plain = !word.is_empty()
        && !word.starts_with(['/', '-', '$', '.'])
        && !word.contains([' ', '*', '<', '{', ':', '(']);
    let ending = [".rs", ".ts", ".md", ".toml", ".svelte", ".css"].iter().any(|end| word.ends_with(end));
    let folder = word.split_once('/').is_some_and(|(first, _)| {
        matches!(first, "crates" | "web" | "docs" | "tests" | "xtask")
            || root().join("crates").join(first).is_dir()
    });
    plain && (folder || ending)
}

/// From the first folder; a path may also begin with the name of a crate, and a bare name may lie anywhere.
fn exists(path: &str, files: &[Source]) -> bool {
    let anywhere = |path: &str| files.iter().any(|file| file.path.rsplit('/').next() == Some(path));
    root().join(path).exists() || root().join("crates").join(path).exists() || anywhere(path)
}

#[test]
fn paths_are_told_from_other_words() {
    let text = "`rooms/src/room.rs`, `docs/decisions/`, `Cargo.toml`, `handle_*`, `/api/v1`, `cargo xtask test`, \
                `Room`, `and/or`, `web/src`, `https://x/y.rs`";
    assert_eq!(paths(text), ["rooms/src/room.rs", "docs/decisions", "Cargo.toml", "web/src"]);
    let files = [Source { path: "crates/media/src/limits.rs".to_owned(), text: String::new() }];
    for there in ["crates/protocol/src/lib.rs", "protocol/src/lib.rs", "docs", "limits.rs"] {
        assert!(exists(there, &files), "{there}");
    }
    for gone in ["protocol/src/nowhere.rs", "nowhere.rs", "src/limits.rs"] {
        assert!(!exists(gone, &files), "{gone}");
    }
}

/// Lines of a terminal or a page of a repository that are seen before anybody scrolls.
const FIRST_SCREEN: usize = 32;

#[test]
fn the_first_screen_of_the_readme_has_a_picture_and_the_two_commands() {
    let readme = read("README.md");
    let first: Vec<&str> = readme.lines().take(FIRST_SCREEN).collect();
    for word in ["](docs/images/", "cargo run --release", "cargo xtask test"] {
        assert!(first.iter().any(|line| line.contains(word)), "{word}");
    }
    assert!(first.iter().any(|line| line.starts_with("Live audio rooms")), "what it is");
}

#[test]
fn the_map_names_only_places_that_exist() {
    let files = sources(".");
    let mut complaints = Vec::new();
    for file in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let text = read(file);
        let gone = paths(&text).into_iter().filter(|path| !exists(path, &files));
        complaints.extend(gone.map(|path| format!("{file} names {path}, which does not exist")));
    }
    assert!(paths(&read("ARCHITECTURE.md")).len() > 20, "a map of the whole names many places");
    assert_none(complaints);
}

#[test]
fn every_crate_is_on_the_map() {
    let map = read("ARCHITECTURE.md");
    let manifests = sources("crates");
    let crates = manifests.iter().filter_map(|file| {
        file.path
            .strip_prefix("crates/")
            .and_then(|path| path.strip_suffix("/Cargo.toml"))
            .filter(|name| !name.contains('/'))
    });
    let missing: Vec<_> = crates.filter(|name| !map.contains(&format!("`{name}`"))).collect();
    assert_none(
        missing.iter().map(|name| format!("ARCHITECTURE.md does not say what {name} is for")).collect(),
    );
}

#[test]
fn pictures_and_pages_that_are_linked_exist() {
    let mut complaints = Vec::new();
    let pages = sources(".");
    for page in pages.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = root().join(&page.path).parent().expect("a file lies in a folder").to_owned();
        for target in links(&page.text) {
            if !folder.join(target).exists() {
                complaints.push(format!("{} links to {target}, which does not exist", page.path));
            }
        }
    }
    assert_none(complaints);
}

/// Targets of `[text](target)` within the repository.
fn links(markdown: &str) -> Vec<&str> {
    let targets = markdown.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.map(|target| target.split('#').next().unwrap_or_default());
    files.filter(|target| !target.is_empty() && !target.contains("://") && !target.contains(' ')).collect()
}

#[test]
fn links_are_found() {
    let text = "[a](docs/x.md) ![b](i/c.png) [d](https://e) [f](#g) [h](k.md#part) `x[1](y)`";
    assert_eq!(links(text), ["docs/x.md", "i/c.png", "k.md", "y"]);
}
