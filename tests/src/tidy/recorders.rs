//! Nothing here records: no program that could write sound down, no route and no setting that asks for it.
//!
//! That `live` cannot write whatever it wants to is kept by its sandbox; that it links no database, by `arrows.rs`; that the
//! built client has no recorder in it either, its own parts' parts included, by `web/src_rust/lib.rs`.

use crate::repository::{Source, assert_none, cargo, has_ending, read, sources};

/// What keeps or hands on sound in a browser. An analyser gives a level and is no such thing.
const IN_A_PAGE: &[&str] = &[
    "MediaRecorder",
    "captureStream",
    "MediaStreamTrackProcessor",
    "MediaStreamTrackGenerator",
    "AudioWorklet",
    "ScriptProcessor",
    "createMediaStreamDestination",
    "createEncodedStreams",
    "RTCRtpScriptTransform",
    "RTCRtpSender.transform",
    "AudioEncoder",
    "AudioDecoder",
    "showSaveFilePicker",
    "createWritable",
    "indexedDB",
    "caches.open",
];

/// What makes a file of anything in a browser, and the one place for it.
const FILE_OF_A_PAGE: &str = "createObjectURL";
const SAVES_TEXT: &str = "web/src/app/download.ts";

/// What opens a file to be written, in Rust.
const WRITES: &[&str] = &[
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::write",
    "create_new",
    ".write(true)",
    "fs::copy",
    "memfd_create",
    "tempfile",
];

/// Where something is written after all, and what. None of it is what hears of rooms, and one is sound.
const WRITERS: &[(&str, &str)] = &[
    // The one place that keeps sound: the person's own machine, by `vivavoce join --listen FILE`, which README tells.
    ("crates/client/src/sound/wav/writer.rs", "what the person behind a native client hears"),
    ("crates/cli/src/join/way_in.rs", "the token of the native client"),
    ("crates/cli/src/bench.rs", "a picture of figures"),
    ("crates/cli/src/children.rs", "nothing: /dev/null is read"),
    ("crates/bench/src/server.rs", "the data of a server that is measured, in a folder that goes with it"),
    ("crates/live/src/selftest/calls.rs", "nothing: tries what the sandbox has to refuse"),
    ("crates/keeper/src/open.rs", "the lock of the data directory"),
    ("crates/store/src/migrate.rs", "the date of a copy of the database"),
    ("crates/live/src/selftest/files.rs", "nothing: tries what the sandbox has to refuse"),
];

/// What turns sound into what can be kept, or the other way. The server forwards payloads as they are.
const CODECS: &[&str] = &[
    "opus",
    "audiopus",
    "magnum-opus",
    "opus-decoder",
    "ogg",
    "hound",
    "symphonia",
    "cpal",
    "rodio",
    "dasp",
    "mp4",
    "webm",
    "matroska",
];
const SERVER: &[&str] = &["live", "keeper", "media", "sfu", "rooms", "cluster", "line", "store", "outbound"];

/// Begins of words that no route, setting, flag or message has.
const ASKS_FOR_IT: &[&str] =
    &["record", "replay", "archive", "transcri", "captur", "egress", "dump", "playback", "clip"];

/// Without comments, which say what is not there, and without the unit tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]").enumerate();
    lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| {
        let line = line.trim_start();
        !line.starts_with("//") && !line.starts_with('*') && !line.starts_with("/*")
    })
}

fn found(file: &Source, words: &[&str], reason: &str) -> Vec<String> {
    let lines = code(&file.text).flat_map(|(at, line)| {
        words.iter().filter(move |word| line.contains(**word)).map(move |word| (at, *word))
    });
    lines.map(|(at, word)| format!("{}:{at}: {word}: {reason}", file.path)).collect()
}

/// Tests write files as they like.
fn is_for_tests(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("/stories.rs")
}

fn of_the_client() -> Vec<Source> {
    let all = sources("web").into_iter();
    let client = all.filter(|file| file.path.starts_with("web/src/") || file.path == "web/index.html");
    client
        .filter(|file| {
            has_ending(&file.path, &["ts", "js", "svelte", "html"]) && !file.path.ends_with(".test.ts")
        })
        .collect()
}

fn of_the_server() -> Vec<Source> {
    let all = sources("crates").into_iter();
    all.filter(|file| {
        has_ending(&file.path, &["rs"]) && file.path.contains("/src/") && !is_for_tests(&file.path)
    })
    .collect()
}

/// Quoted texts of a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

fn asks_for_it(text: &str) -> Option<&'static str> {
    // `doctor --no-records` asks for the opposite.
    let text = text.to_lowercase().replace("no-records", "").replace("no records", "");
    ASKS_FOR_IT.iter().copied().find(|word| text.contains(word))
}

#[test]
fn no_page_of_ours_can_keep_sound() {
    let files = of_the_client();
    assert!(files.iter().any(|file| file.path == SAVES_TEXT), "{SAVES_TEXT} is gone: name the new one here");
    let mut complaints: Vec<String> =
        files.iter().flat_map(|file| found(file, IN_A_PAGE, "sound is heard, and not kept")).collect();
    let others = files.iter().filter(|file| file.path != SAVES_TEXT);
    complaints.extend(
        others.flat_map(|file| found(file, &[FILE_OF_A_PAGE], "files are made in one place, of text")),
    );
    assert_none(complaints);
}

#[test]
fn whatever_writes_a_file_is_named_with_what_it_writes() {
    let files = of_the_server();
    let writes = |file: &Source| found(file, WRITES, "not on the list of what writes a file");
    let named = |path: &str| WRITERS.iter().any(|(name, _)| *name == path);
    let mut complaints: Vec<String> =
        files.iter().filter(|file| !named(&file.path)).flat_map(writes).collect();
    let stale = WRITERS
        .iter()
        .filter(|(name, _)| !files.iter().any(|file| file.path == *name && !writes(file).is_empty()));
    complaints.extend(stale.map(|(name, what)| format!("{name} does not write {what} any more")));
    assert_none(complaints);
}

#[test]
fn the_one_that_keeps_sound_is_the_native_clients_own_and_readme_tells_it() {
    let readme = read("README.md");
    assert!(readme.contains("Such a file keeps what others say and nobody is told"));
    for server in SERVER {
        let tree = cargo(&["tree", "--package", server, "--edges", "normal", "--prefix", "none"]);
        let linked: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert!(linked.contains(server), "cargo tree shows at least the crate itself");
        for word in CODECS.iter().chain(&["client"]) {
            assert!(!linked.contains(word), "{server} links {word}, which could turn payloads into sound");
        }
    }
}

#[test]
fn no_route_no_setting_and_no_message_asks_for_a_recording() {
    let mut complaints = Vec::new();
    let mut looked_at = 0;
    let mut look = |path: &str, fits: &dyn Fn(&str) -> bool| {
        for (at, line) in code(&read(path)).filter(|(_, line)| fits(line)) {
            for text in quoted(line) {
                looked_at += 1;
                if let Some(word) = asks_for_it(text) {
                    complaints.push(format!("{path}:{at}: {text:?} asks for a {word}…"));
                }
            }
        }
    };
    look("crates/live/src/http.rs", &|line| line.contains(".route("));
    look("crates/cli/src/config/settings.rs", &|line| line.contains("key:"));
    look("crates/cli/src/args.rs", &|line| line.contains("Clap::new(") || line.contains(".long("));
    assert!(looked_at > 50, "only {looked_at} routes, settings and flags were found");
    for file in ["room.rs", "socket.rs", "media.rs", "hallway.rs", "account.rs", "kept.rs"] {
        let path = format!("crates/protocol/src/{file}");
        let text = read(&path);
        let names = code(&text).filter(|(_, line)| !line.trim_start().starts_with(['#', '"']));
        for (at, line) in names {
            if let Some(word) = asks_for_it(line) {
                complaints.push(format!("{path}:{at}: {} asks for a {word}…", line.trim()));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn a_recorder_would_be_found() {
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let page = file("web/src/audio/x.ts", "// no MediaRecorder here\nconst r = new MediaRecorder(stream);");
    assert_eq!(found(&page, IN_A_PAGE, "no"), ["web/src/audio/x.ts:2: MediaRecorder: no"]);
    let server =
        file("crates/media/src/x.rs", "let f = File::create(p)?;\n#[cfg(test)]\nmod tests { fs::write() }");
    assert_eq!(found(&server, WRITES, "no"), ["crates/media/src/x.rs:1: File::create: no"]);
    assert_eq!(quoted(r#".route("/rooms/{room}/recording", post(x))"#).find_map(asks_for_it), Some("record"));
    assert_eq!(asks_for_it("StartCapture { room: RoomId },"), Some("captur"));
    assert_eq!(asks_for_it("/rooms/{room}/whip"), None);
}
