//! Unsafe code is denied in the workspace; these are the places that lift it, and each block says why it is sound.

use crate::repository::{Source, assert_none, has_ending, sources};

/// Begins the path of a file that may lift the lint, and what for.
const LIFTED: &[(&str, &str)] = &[
    ("crates/bench/src/sys", "datagrams by the hundred with their moments, clocks of processes"),
    ("crates/sfu/src/sys", "batched sends, thread pinning: calls that the standard library has no words for"),
    ("crates/sfu/src/ring.rs", "a queue whose places are overwritten"),
    ("crates/cli/tests/canary/still.rs", "threads of another process, stopped, and their registers"),
    ("crates/cli/tests/canary/controls.rs", "a register that holds something"),
    ("crates/cli/tests/canary/watch.rs", "what the kernel tells of other processes' files"),
    ("crates/cli/src/serve/descriptors.rs", "descriptors that a shell left open are kept from our children"),
    ("crates/cli/src/allocator.rs", "an allocator that clears what is given back"),
    ("crates/live/src/selftest/calls.rs", "raw system calls that the sandbox must refuse"),
    ("crates/media/src/srtp/inline.rs", "a sealing key without an allocation of its own"),
    ("crates/media/tests/", "an allocator that counts"),
    ("crates/sfu/tests/", "an allocator that counts"),
];

/// Lines above a block in which its reason is looked for: a comment may be long, and an attribute may stand between.
const ABOVE: usize = 6;

fn complaints(file: &Source) -> Vec<String> {
    let mut complaints = Vec::new();
    let lines: Vec<&str> = file.text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if code.contains(concat!("(unsafe", "_code"))
            && !LIFTED.iter().any(|(place, _)| file.path.starts_with(place))
        {
            complaints.push(format!("{}:{}: unsafe code is lifted in a new place", file.path, at + 1));
        }
        let opens = code.contains(concat!("unsafe", " {")) || code.contains(concat!("unsafe", " impl"));
        let above = &lines[at.saturating_sub(ABOVE)..at];
        if opens && !above.iter().any(|line| line.contains("SAFETY:")) {
            complaints.push(format!("{}:{}: says not why it is sound", file.path, at + 1));
        }
    }
    complaints
}

#[test]
fn an_unsafe_block_without_a_reason_or_in_a_new_place_is_told() {
    let block = concat!("unsafe", " { free(p) }");
    let lift = concat!("#![expect(unsafe", "_code, reason = \"x\")]");
    let file = |path: &str, text: String| Source { path: path.to_owned(), text };
    assert_eq!(
        complaints(&file("crates/rooms/src/a.rs", format!("{lift}\n// SAFETY: p is ours.\n{block}"))).len(),
        1
    );
    assert_eq!(complaints(&file("crates/sfu/src/sys.rs", format!("{lift}\n{block}"))).len(), 1);
    assert_none(complaints(&file(
        "crates/sfu/src/sys/send.rs",
        format!("{lift}\n// SAFETY: p is ours.\n{block}"),
    )));
}

#[test]
fn unsafe_code_is_where_it_is_listed_and_says_why_it_is_sound() {
    let files = sources(".");
    assert_none(files.iter().filter(|file| has_ending(&file.path, &["rs"])).flat_map(complaints).collect());
}
