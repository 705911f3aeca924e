//! Names keep their own direction: in a component, whatever somebody is called stands in `<bdi>`, and sentences with names
//! in them are drawn by `Rich`.

use crate::repository::{Source, assert_none, has_ending, sources};

/// What people and servers choose to be called.
const CHOSEN: [&str; 2] = ["name", "handle"];

fn complaints(file: &Source) -> Vec<String> {
    let shown = shown(&without_blocks(&file.text));
    let bare = shown.iter().filter(|shown| names_somebody(&shown.expression) && !shown.isolated);
    bare.map(|shown| format!("{}: {{{}}} stands outside <bdi>", file.path, shown.expression)).collect()
}

/// The parts of the catalogue (`web/src/texts`), as components call them.
const CATALOGUE: [&str; 3] = ["t.", "d.", "s."];

/// `person.name`, `name`, `t.common.handle(…)`; a word of the catalogue is called by its key alone.
fn names_somebody(expression: &str) -> bool {
    if CATALOGUE.iter().any(|part| expression.starts_with(part)) && !expression.contains('(') {
        return false;
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    CHOSEN.iter().any(|word| {
        expression == *word
            || expression.match_indices(word).any(|(at, _)| {
                let after = expression[at + word.len()..].chars().next();
                expression[..at].ends_with('.') && !after.is_some_and(is_word)
            })
    })
}

/// An expression whose value is drawn as text.
struct Shown {
    expression: String,
    /// The tag right before it is `<bdi>`, or that of something that is only read out.
    isolated: bool,
}

/// What stands between tags; attributes are the business of whoever draws them.
fn shown(markup: &str) -> Vec<Shown> {
    let mut found = Vec::new();
    let (mut rest, mut tag) = (markup, "");
    while let Some(at) = rest.find(['<', '{']) {
        let is_tag = rest[at..].starts_with('<');
        let end = at + if is_tag { end_of_tag(&rest[at..]) } else { end_of_braces(&rest[at..]) };
        let piece = &rest[at..end];
        if is_tag {
            tag = piece;
        } else {
            let expression = piece.trim_matches(['{', '}']).trim();
            let alone = tag == "<bdi>" || tag.starts_with("<bdi ") || tag.contains("class=\"vh\"");
            let isolated = alone && rest[..at].trim().is_empty();
            if !expression.starts_with(['#', ':', '/', '@']) {
                found.push(Shown { expression: expression.to_owned(), isolated });
                tag = "";
            }
        }
        rest = &rest[end..];
    }
    found
}

/// Past the `>` that is in no attribute's braces or quotes.
fn end_of_tag(text: &str) -> usize {
    let (mut depth, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' if depth == 0 => quoted = !quoted,
            '{' => depth += 1,
            '}' => depth -= 1,
            '>' if depth == 0 && !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn end_of_braces(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Markup alone.
fn without_blocks(component: &str) -> String {
    ["script", "style"].iter().fold(component.to_owned(), |text, block| {
        let (open, close) = (format!("<{block}"), format!("</{block}>"));
        let mut parts = text.split(&open);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once(&close).map_or("", |(_, rest)| rest))
    })
}

#[test]
fn a_name_in_the_open_is_told() {
    let told = |text: &str| complaints(&Source { path: "a.svelte".to_owned(), text: text.to_owned() }).len();
    for text in [
        "<b>{person.name}</b>",
        "<b>{name}</b>",
        "<p>{t.common.handle(handle)}</p>",
        "<p>{t.people.hello(person.name)}</p>",
        "<bdi>{a}</bdi> {person.name}",
        "<bdi>{a} {person.name}</bdi>",
        "<b class={x > 1 ? \"y\" : \"z\"}>{server?.name ?? \"\"}</b>",
    ] {
        assert_eq!(told(text), 1, "{text}");
    }
    for text in [
        "<bdi>{person.name}</bdi>",
        "<bdi dir=\"auto\">{ name }</bdi>",
        "<span class=\"vh\">{t.queue.laterWho(person.name)}</span>",
        "<label>{t.names.name}</label>",
        "<label>{s.name}</label>",
        "<Avatar name={person.name} {handle} />",
        "<Rich text={t.people.hello(named(person.name))} />",
        "{#each people as person (person.name)}<i>{person.nameless}</i>{/each}",
        "<script>const a = `${person.name}`;</script><style>.name { color: red }</style>{initials(name)}",
    ] {
        assert_eq!(told(text), 0, "{text}");
    }
}

#[test]
fn names_of_people_stand_in_bdi() {
    let files = sources("web/src");
    assert_none(
        files.iter().filter(|file| has_ending(&file.path, &["svelte"])).flat_map(complaints).collect(),
    );
}
