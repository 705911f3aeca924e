//! `docs/what-is-kept.md` is written from `store::kept`; here it is compared, or written (`VIVAVOCE_WRITE_TYPES=1`, which
//! `cargo xtask types` sets).

use std::fmt::Write as _;
use std::path::Path;

use store::kept::{BESIDE, Beside, COLUMNS, Column, IN_MEMORY, ON_THE_DEVICE, SeenBy, Until};

const HEAD: &str = "\
# What is kept

Everything that a Vivavoce server keeps, what for, until when, and who sees it. Written from `crates/store/src/kept.rs` by
`cargo xtask types`; a test holds it against the tables of a fresh database, so that no column is missing here. What is in
memory only is held against the sources (`tests/src/tidy/memory.rs`): whatever grows there stands under a row.

Nothing here says who was in a room, who spoke, who listened, or when anybody was here, but for one thing: a report says that
whoever made it, whoever signed it and whom it is about met on that day. There is no column for anything else of it, and no
message that could carry it to the process with the disk.

Every member sees what is kept about them, but for reports about them and for the hashes of their secrets, takes it along as a file and erases it, under
Settings, What is kept. Whoever erases their account takes all rows away that are theirs; people they invited stay, and
nothing says any more who invited them.

Whoever runs the server can read its disk, and so all of this. No secret is on it: what opens something is stored as the
hash of a long random number, and passkeys by their public half. Backups that they make are theirs to keep and to delete.

Days are days in UTC. Where a finer time stands in a column, it says why.

## In the database

`vivavoce.db` in the data directory.
";

fn document() -> String {
    let mut text = HEAD.to_owned();
    let mut tables: Vec<&str> = COLUMNS.iter().map(|column| column.table).collect();
    tables.dedup();
    for table in tables {
        write!(text, "\n### {table}\n\n| column | what for | until | who sees it |\n|---|---|---|---|\n")
            .expect("written");
        for column in COLUMNS.iter().filter(|column| column.table == table) {
            let Column { name, why, .. } = column;
            let (until, seen) = (until(column.until), seen_by(column.seen_by));
            writeln!(text, "| `{name}` | {why} | {until} | {seen} |").expect("written");
        }
    }
    for (title, rows) in [
        ("Beside the database", BESIDE),
        ("In memory only", IN_MEMORY),
        ("On the member's own device", ON_THE_DEVICE),
    ] {
        write!(text, "\n## {title}\n\n| what | what for | until |\n|---|---|---|\n").expect("written");
        for Beside { what, why, until } in rows {
            writeln!(text, "| {what} | {why} | {until} |").expect("written");
        }
    }
    text
}

fn until(until: Until) -> &'static str {
    match until {
        Until::Account => "The account is erased.",
        Until::Row => "As its row.",
        Until::Words(words) => words,
    }
}

fn seen_by(seen_by: SeenBy) -> &'static str {
    match seen_by {
        SeenBy::Members => "Everybody with an account here.",
        SeenBy::Own => "The member it is about.",
        SeenBy::Nobody => "Nobody.",
        SeenBy::Anyone => "Whoever opens the server's address.",
        SeenBy::Words(words) => words,
    }
}

#[test]
fn the_published_table_says_what_the_list_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/what-is-kept.md");
    if std::env::var_os("VIVAVOCE_WRITE_TYPES").is_some() {
        std::fs::write(&path, document()).expect("written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == document(), "run `cargo xtask types`");
}

#[test]
fn whatever_is_kept_says_why_until_when_and_who_sees_it() {
    for column in COLUMNS {
        let said = [column.why, until(column.until), seen_by(column.seen_by)];
        assert!(
            said.iter().all(|words| words.ends_with('.') && !words.contains('|')),
            "{}.{}",
            column.table,
            column.name
        );
    }
    for Beside { what, why, until } in [BESIDE, IN_MEMORY, ON_THE_DEVICE].concat() {
        let said = [why, until];
        assert!(said.iter().all(|words| words.ends_with('.') && !words.contains('|')), "{what}");
    }
    // The first line of a table says how long its rows stand; the others may lean on it.
    let mut tables: Vec<&Column> = COLUMNS.iter().collect();
    tables.dedup_by_key(|column| column.table);
    assert!(tables.iter().all(|first| first.until != Until::Row));
}
