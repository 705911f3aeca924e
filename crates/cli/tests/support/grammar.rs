//! What a server may say on its outputs: of a form that cannot carry what anybody said or is called.

/// What may be said: the greeting of a server with this address, sentences of the parent, and records.
pub(crate) fn is_harmless(line: &str, url: &str) -> bool {
    is_greeting(line, url) || is_sentence(line) || is_record(line)
}

/// Whether it is this, but for numbers, each of which is written as a `#` here.
fn is(line: &str, form: &str) -> bool {
    let mut numbers = String::new();
    for letter in line.chars() {
        if !letter.is_ascii_digit() {
            numbers.push(letter);
        } else if !numbers.ends_with('#') {
            numbers.push('#');
        }
    }
    numbers == form && !line.contains('#')
}

/// How the warning of swap goes on after its areas.
const SWAP_IS_ON: &str = "), and the server may not lock its memory: what people are called and what rooms are about could \
    be moved to that disk. Turn it off with `swapoff -a`, or give LimitMEMLOCK=infinity in the service.";

/// What the parent says by itself in an evening like this one, and what it may warn of at its start.
fn is_sentence(line: &str) -> bool {
    let sentences = [
        "The live process ended by signal #; starting it again.",
        "The keeper ended by signal #; starting it again.",
        "Rooms that go on: #.",
        "Stopping…",
        "Stopped.",
        "This kernel has no Landlock: the sandbox holds by its first lock, seccomp, alone.",
    ];
    // Of the system, and said before anybody can have come.
    let areas = line.strip_prefix("Swap is on (").and_then(|rest| rest.strip_suffix(SWAP_IS_ON));
    sentences.iter().any(|sentence| is(line, sentence))
        || areas.is_some_and(|areas| areas.split(", ").all(|area| area.starts_with('/')))
}

/// Before anybody has come. Its box holds a link that works once, and the same as a code for cameras.
fn is_greeting(line: &str, url: &str) -> bool {
    const SECRET: usize = 22;
    let keeps =
        |folder: &str| folder.ends_with("/data") && folder.bytes().all(|byte| byte.is_ascii_graphic());
    let secret = |secret: &str| {
        secret.len() == SECRET
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let words = ["", "This server waits for its owner.", "Open this link; it works once:"];
    if let Some(inside) = line.strip_prefix("  │  ").and_then(|line| line.strip_suffix("  │")) {
        let inside = inside.trim_end();
        let link = inside.strip_prefix(url).and_then(|link| link.strip_prefix("/o#"));
        return words.contains(&inside)
            || link.is_some_and(secret)
            || inside.chars().all(|module| " █▀▄".contains(module));
    }
    match line.trim_start() {
        "" | "Vivavoce is running." | "Stop       Ctrl-C" | "This server has its owner. Welcome." => true,
        rest if rest.starts_with(['╭', '╰']) => rest.chars().all(|edge| "╭╮╰╯─".contains(edge)),
        rest => {
            let keeps_at =
                rest.strip_prefix("Keeps      ").and_then(|rest| rest.strip_suffix(" (never a room)"));
            rest.strip_prefix("Open       ").is_some_and(|open| open == url)
                || is(rest, "Listens    #.#.#.#:#, and UDP port # for audio")
                || keeps_at.is_some_and(keeps)
        }
    }
}

/// `who: code key=number … at=file.rs:line why=word`, as the parent lets it through; written down a second time.
pub(crate) fn is_record(line: &str) -> bool {
    let Some((who, rest)) = line.split_once(": ") else { return false };
    let word = |word: &str| {
        (1..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let number =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let place = |at: &str| {
        at.rsplit_once(':').is_some_and(|(file, line)| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+".contains(&byte);
            number(line) && (file.ends_with(".rs") || file == "unknown") && file.bytes().all(plain)
        })
    };
    let mut words = rest.split(' ');
    let Some(code) = words.next().filter(|code| word(code)) else { return false };
    matches!(who, "live" | "keeper" | "vivavoce")
        && line.len() <= 200
        && words.all(|pair| match pair.split_once('=') {
            Some(("why", why)) => cluster::parent::is_reason(code, why),
            Some(("at", at)) => place(at) || number(at),
            Some((key, value)) => word(key) && number(value),
            None => false,
        })
}
