//! What browsers sent is replayed, all of it: a file that no test reads proves nothing.

use std::fs;

use crate::repository::{Source, assert_none, has_ending, root, sources};

const CORPUS: &str = "crates/media/corpus";

/// A file in a folder of the corpus, without its ending.
struct Sent {
    folder: String,
    name: String,
}

fn sent() -> Vec<Sent> {
    let names = |path: &str| -> Vec<String> {
        let entries = fs::read_dir(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
    };
    let folders = names(CORPUS).into_iter().filter(|name| root().join(CORPUS).join(name).is_dir());
    folders
        .flat_map(|folder| {
            let files = names(&format!("{CORPUS}/{folder}"));
            files.into_iter().map(move |file| {
                let name = file.rsplit_once('.').map_or(&*file, |(name, _)| name).to_owned();
                Sent { folder: folder.clone(), name }
            })
        })
        .collect()
}

/// A source includes a file by the path of its folder and by its name; what is included and not used, Clippy tells.
fn unread(sent: &[Sent], sources: &[Source]) -> Vec<String> {
    let read = |Sent { folder, name }: &Sent| {
        let (folder, name) = (format!("/corpus/{folder}/"), format!("\"{name}\""));
        let names_it = |line: &str| line.split("//").next().is_some_and(|code| code.contains(&name));
        sources.iter().any(|source| source.text.contains(&folder) && source.text.lines().any(names_it))
    };
    let unread = sent.iter().filter(|one| !read(one));
    unread.map(|Sent { folder, name }| format!("{CORPUS}/{folder}/{name} is read by no test")).collect()
}

#[test]
fn a_file_that_nobody_reads_is_told() {
    let sent = |folder: &str, name: &str| Sent { folder: folder.to_owned(), name: name.to_owned() };
    let text = "macro_rules! hum { ($n:literal) => { include_bytes!(concat!(\"../corpus/hums/\", $n)) } }\n\
                hum!(\"low\"); // \"high\"";
    let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
    let told = |folder, name| unread(&[sent(folder, name)], std::slice::from_ref(&source)).len();
    assert_eq!([told("hums", "low"), told("hums", "high"), told("songs", "low")], [0, 1, 1]);
}

#[test]
fn every_file_of_the_corpus_is_replayed() {
    let (sent, mut sources) = (sent(), sources("crates"));
    sources.retain(|source| has_ending(&source.path, &["rs"]));
    assert!(sent.len() > 30, "the corpus was found");
    assert_none(unread(&sent, &sources));
}
