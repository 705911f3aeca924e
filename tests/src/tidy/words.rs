//! Words that must not stand in some places, each with its reason.

use crate::repository::{Source, assert_none, has_ending, sources};

struct Rule {
    /// Begins the path of a file that it holds for.
    places: &'static [&'static str],
    endings: &'static [&'static str],
    /// Paths that end so are excused.
    except: &'static [&'static str],
    words: &'static [&'static str],
    reason: &'static str,
}

/// Split in two where the word would otherwise be found here.
const RULES: &[Rule] = &[
    Rule {
        places: HOT_PATH,
        endings: &["rs"],
        except: &["tests.rs"],
        words: &[
            "HashMap",
            "BTreeMap",
            ".lock(",
            "Mutex",
            "format!",
            "vec!",
            "tracing::",
            "println!",
            ".await",
        ],
        reason: "packets pass here: no lock, no allocation, no log, no hash",
    },
    Rule {
        places: &[
            "crates/", "web/", "tests/", "xtask/", "docs/", "README", "ARCH", "CONTRIB", "CHANGE", ".ci/",
        ],
        endings: &["rs", "ts", "js", "svelte", "css", "html", "md", "toml", "json", "run"],
        except: &["package-lock.json"],
        words: &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")],
        reason: "the project runs on other machines too",
    },
    Rule {
        places: &["web/src/", "web/index.html", "web/public/"],
        endings: &["ts", "js", "svelte", "html"],
        except: &[".test.ts"],
        words: &["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "{@html", "eval("],
        reason: "text is never markup here: Trusted Types would stop it",
    },
    Rule {
        places: &["web/src/", "web/index.html"],
        endings: &["svelte", "html"],
        except: &[],
        words: &["style=\"", "style='"],
        reason: "the content security policy refuses style attributes; use a class or style:property",
    },
    Rule {
        places: &["web/src/", "web/e2e/"],
        endings: &["ts"],
        except: &[],
        words: &[".only(", ".skip(", ".fixme(", ".todo(", "waitForTimeout", "@ts-ignore", "@ts-nocheck"],
        reason: "a test runs, or it does not exist; nothing is waited for by the clock",
    },
    Rule {
        places: &["crates/", "tests/", "xtask/", "web/"],
        endings: &["rs"],
        except: &[],
        words: &[concat!("#[ig", "nore")],
        reason: "a test runs, or it does not exist",
    },
];

/// Files that every packet passes.
const HOT_PATH: &[&str] = &["crates/media/src/rows.rs", "crates/media/src/srtp"];

fn complaints(files: &[Source], rules: &[Rule]) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in rules {
        let held = files.iter().filter(|file| {
            rule.places.iter().any(|place| file.path.starts_with(place))
                && has_ending(&file.path.replace(".ci/run", ".ci.run"), rule.endings)
                && !rule.except.iter().any(|end| file.path.ends_with(end))
        });
        for file in held {
            for (at, line) in code(&file.text).enumerate() {
                let found = rule.words.iter().filter(|word| line.contains(*word));
                complaints
                    .extend(found.map(|word| format!("{}:{}: {word}: {}", file.path, at + 1, rule.reason)));
            }
        }
    }
    complaints
}

/// Lines up to the unit tests, which come last in a file and may use what the code may not.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| line.trim() != "#[cfg(test)]")
}

#[test]
fn a_banned_word_is_told_with_its_place_and_reason() {
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let hot =
        Rule { places: &["hot/"], endings: &["rs"], except: &["tests.rs"], words: &["vec!"], reason: "hot" };
    let files = [
        file("hot/row.rs", "let a = 1;\nlet b = vec![];\n#[cfg(test)]\nmod tests { vec![] }"),
        file("hot/row/tests.rs", "vec![]"),
        file("hot/row.md", "vec![]"),
        file("cold/row.rs", "vec![]"),
    ];
    assert_eq!(complaints(&files, &[hot]), ["hot/row.rs:2: vec!: hot"]);
}

#[test]
fn every_rule_can_fail() {
    for rule in RULES {
        for (place, word) in
            rule.places.iter().flat_map(|place| rule.words.iter().map(move |word| (place, word)))
        {
            let path = if has_ending(place, rule.endings) {
                (*place).to_owned()
            } else {
                format!("{place}x.{}", rule.endings[0])
            };
            let text = format!("before {word} after");
            let told = complaints(&[Source { path, text }], std::slice::from_ref(rule));
            assert_eq!(told.len(), 1, "{place} {word}");
        }
    }
}

#[test]
fn no_banned_word_stands_where_it_must_not() {
    let files = sources(".");
    for hot in HOT_PATH {
        assert!(files.iter().any(|file| file.path.starts_with(hot)), "{hot} is gone: name the new one here");
    }
    assert_none(complaints(&files, RULES));
}
