//! What people who run the server read. A closed terminal is no reason to stop.

use std::io::Write;

/// To the standard output, as it is.
pub(crate) fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// One line to the standard error.
pub(crate) fn err(sentence: &str) {
    let _ = writeln!(std::io::stderr(), "{}", sentence.trim_end());
}
