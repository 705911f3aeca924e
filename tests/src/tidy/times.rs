//! What is kept knows the day and no more, unless a comment right above the column says why.

use crate::repository::{Source, assert_none, sources};

/// Types of the store's SQL that can hold a moment.
const CAN_BE_A_TIME: [&str; 9] =
    ["bigint", "int", "integer", "smallint", "real", "double", "numeric", "timestamp", "timestamptz"];
/// Numbers that are no time.
const NUMBERS: [&str; 7] = ["allowance", "device", "kind", "revoked", "role", "used", "uses"];

fn complaints(file: &Source) -> Vec<String> {
    let mut explained = false;
    let mut found = Vec::new();
    for line in file.text.lines().map(str::trim) {
        let is_comment = line.starts_with("--");
        if let Some(column) = column(line)
            && !explained
            && !NUMBERS.contains(&column)
            && column != "day"
            && !column.ends_with("_day")
        {
            found.push(format!(
                "{}: {column} may be finer than a day, and no comment above it says why",
                file.path
            ));
        }
        explained = is_comment;
    }
    found
}

/// The name of the column that a line defines or adds, where its type can hold a moment.
fn column(line: &str) -> Option<&str> {
    let definition = line.split_once("ADD COLUMN ").map_or(line, |(_, rest)| rest);
    let mut words = definition.split_whitespace();
    let (name, kind) = (words.next()?, words.next()?);
    let kind = kind.trim_end_matches([',', ';']).to_ascii_lowercase();
    CAN_BE_A_TIME.contains(&kind.as_str()).then_some(name)
}

#[test]
fn a_column_that_knows_the_moment_is_told_unless_it_says_why() {
    let told =
        |text: &str| complaints(&Source { path: "0009_x.sql".to_owned(), text: text.to_owned() }).len();
    for text in [
        "    expires_ms BIGINT NOT NULL",
        "    seen BIGINT,",
        "    made TIMESTAMP,",
        "ALTER TABLE members ADD COLUMN seen BIGINT;",
        "    -- Why another column is as it is.\n    day BIGINT,\n    seen BIGINT,",
    ] {
        assert_eq!(told(text), 1, "{text}");
    }
    for text in [
        "    -- Milliseconds, because a link stands for two minutes.\n    expires_ms BIGINT NOT NULL",
        "    day BIGINT NOT NULL,",
        "    expires_day BIGINT NOT NULL",
        "    uses BIGINT NOT NULL,",
        "    name TEXT NOT NULL,",
        "CREATE TABLE members (",
    ] {
        assert_eq!(told(text), 0, "{text}");
    }
}

#[test]
fn everything_kept_knows_the_day_alone_or_says_why() {
    assert_none(sources("crates/store/migrations").iter().flat_map(complaints).collect());
}
