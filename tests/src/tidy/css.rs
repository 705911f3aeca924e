//! Right-to-left languages work because no style names a side by left or right.

use crate::repository::{Source, assert_none, has_ending, sources};

/// Physical properties, each with the logical one to use.
const PROPERTIES: &[(&str, &str)] = &[
    ("left", "inset-inline-start"),
    ("right", "inset-inline-end"),
    ("margin-left", "margin-inline-start"),
    ("margin-right", "margin-inline-end"),
    ("padding-left", "padding-inline-start"),
    ("padding-right", "padding-inline-end"),
    ("border-left", "border-inline-start"),
    ("border-right", "border-inline-end"),
    ("border-top-left-radius", "border-start-start-radius"),
    ("border-top-right-radius", "border-start-end-radius"),
    ("border-bottom-left-radius", "border-end-start-radius"),
    ("border-bottom-right-radius", "border-end-end-radius"),
    ("scroll-margin-left", "scroll-margin-inline-start"),
    ("scroll-margin-right", "scroll-margin-inline-end"),
    ("scroll-padding-left", "scroll-padding-inline-start"),
    ("scroll-padding-right", "scroll-padding-inline-end"),
];

/// Properties whose values name a side.
const SIDED: [&str; 3] = ["text-align", "float", "clear"];

fn complaints(file: &Source) -> Vec<String> {
    let declarations = styles(file).into_iter().flat_map(declarations);
    let markup = file.text.match_indices("style:").filter_map(|(at, word)| {
        let rest = &file.text[at + word.len()..];
        let end = rest.find(|c: char| c != '-' && !c.is_ascii_alphabetic())?;
        (rest[end..].starts_with(['=', '}', ' '])).then(|| (rest[..end].to_owned(), String::new()))
    });
    let all: Vec<_> = declarations.chain(markup.filter(|_| has_ending(&file.path, &["svelte"]))).collect();
    all.iter()
        .filter_map(|(name, value)| complaint(name, value))
        .map(|told| format!("{}: {told}", file.path))
        .collect()
}

fn complaint(name: &str, value: &str) -> Option<String> {
    let whole = name.trim_end_matches("-width").trim_end_matches("-color").trim_end_matches("-style");
    if let Some((_, logical)) = PROPERTIES.iter().find(|(physical, _)| *physical == whole) {
        return Some(format!("{name}: use {logical}"));
    }
    let side = value.split_whitespace().next().unwrap_or_default();
    (SIDED.contains(&name) && matches!(side, "left" | "right"))
        .then(|| format!("{name}: {side}: use start or end"))
}

/// A style sheet, or what stands between the style tags of a component.
fn styles(file: &Source) -> Vec<String> {
    if has_ending(&file.path, &["css"]) {
        return vec![without_comments(&file.text)];
    }
    let blocks = file.text.split("<style").skip(1);
    blocks.map(|block| without_comments(block.split("</style>").next().unwrap_or_default())).collect()
}

fn without_comments(css: &str) -> String {
    let mut parts = css.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once("*/").map_or("", |(_, rest)| rest))
}

/// Every `name: value`; selectors come along, and none of them has the name of a property.
fn declarations(css: String) -> Vec<(String, String)> {
    let pieces = css.split(['{', '}', ';']).filter_map(|piece| piece.split_once(':'));
    pieces.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect()
}

#[test]
fn a_side_is_told_wherever_it_hides() {
    let told =
        |path: &str, text: &str| complaints(&Source { path: path.to_owned(), text: text.to_owned() }).len();
    for css in [
        ".a { left: 0 }",
        ".a{margin-left:1px}",
        ".a { color: red; padding-right: 2px; }",
        ".a { .b { RIGHT: 0; } }",
        ".a { text-align: left; }",
        "@media (width < 1px) { .a { float: right !important } }",
        ".a { border-left-color: red }",
        ".a { border-top-left-radius: 1px }",
    ] {
        assert_eq!(told("a.css", css), 1, "{css}");
        assert_eq!(told("a.svelte", &format!("<b>left: 1</b><style>{css}</style>")), 1, "{css}");
    }
    assert_eq!(told("a.svelte", "<i style:left={x} style:--level={y}></i>"), 1);
}

#[test]
fn what_names_no_side_is_left_alone() {
    for css in [
        ".left:hover { inset-inline-start: 0 }",
        "/* left: 0 */ .a { text-align: start; justify-content: left }",
        ".a { transition: left 1s; --right: 0; grid-area: right }",
    ] {
        assert_none(complaints(&Source { path: "a.css".to_owned(), text: css.to_owned() }));
    }
    assert_none(complaints(&Source { path: "a.ts".to_owned(), text: "const a = { left: 1 };".to_owned() }));
}

#[test]
fn no_style_names_left_or_right() {
    let files = sources("web");
    assert_none(
        files
            .iter()
            .filter(|f| has_ending(&f.path, &["css", "svelte", "html"]))
            .flat_map(complaints)
            .collect(),
    );
}
