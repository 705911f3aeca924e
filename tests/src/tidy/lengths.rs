//! A file that has grown past a sitting's reading is usually two files.

use crate::repository::{Source, assert_none, has_ending, sources};

/// Lines.
const MAX: usize = 600;

/// Files that may be longer, and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

/// Written by hand and read by people.
const ENDINGS: [&str; 6] = ["rs", "ts", "js", "svelte", "css", "md"];

fn complaints(files: &[Source], exceptions: &[(&str, &str)]) -> Vec<String> {
    let long = files.iter().filter(|file| has_ending(&file.path, &ENDINGS));
    let long: Vec<_> =
        long.filter(|file| file.text.lines().count() > MAX).map(|file| file.path.as_str()).collect();
    let excused = |path: &str| exceptions.iter().any(|(name, _)| *name == path);
    let too_long = long.iter().filter(|path| !excused(path));
    let too_long =
        too_long.map(|path| format!("{path} has more than {MAX} lines: split it by reason to change"));
    let stale = exceptions.iter().filter(|(name, _)| !long.contains(name));
    too_long.chain(stale.map(|(name, _)| format!("{name} needs no exception any more"))).collect()
}

#[test]
fn a_long_file_is_told_and_so_is_an_exception_without_one() {
    let file = |path: &str, lines| Source { path: path.to_owned(), text: "x\n".repeat(lines) };
    let files =
        [file("long.rs", 601), file("short.rs", 600), file("excused.ts", 900), file("table.json", 5000)];
    let told = complaints(&files, &[("excused.ts", "one table"), ("short.rs", "was longer once")]);
    assert_eq!(
        told,
        [
            "long.rs has more than 600 lines: split it by reason to change",
            "short.rs needs no exception any more"
        ]
    );
}

#[test]
fn no_file_is_too_long_to_read() {
    assert_none(complaints(&sources("."), EXCEPTIONS));
}
