//! What some tests need that not every machine gives.

use std::io::Write;
use std::path::PathBuf;

/// Says that a test proves nothing here. `cargo xtask test` counts and names it by this line, and fails where `CI` is set.
pub(crate) fn not_run(name: &str, reason: &str) {
    // Not by println!, which the harness keeps to itself when a test passes; and on a line of its own, whatever the harness
    // has begun to write.
    let line = format!("\nnot run: {name}: {reason}\n");
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A program of the system: where the variable says, or on the search path.
pub(crate) fn program(name: &str, variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    named
        .into_iter()
        .chain(std::env::split_paths(&path).map(|folder| folder.join(name)))
        .find(|file| file.is_file())
}
