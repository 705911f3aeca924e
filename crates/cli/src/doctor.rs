//! `vivavoce doctor`: looks at everything that a server needs and that a program can see, and says it in sentences.
//!
//! [`look`] gathers facts, from the system and from the server if it runs; [`judge`] makes findings of them; [`print`]
//! writes them. [`records`] does the same for another question: whether the server that runs could keep anything of a room.
//! Nothing is changed anywhere.

mod facts;
mod finding;
mod http;
mod judge;
mod look;
mod print;
mod records;
mod udp;

use std::process::ExitCode;

use crate::config::Config;
use crate::say;
use finding::Severity;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Sentences,
    Json,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether people can come and be heard.
    Reach,
    /// Whether anything of a room could be kept.
    Records,
}

/// Everything is as it should be; something is worth knowing; something does not work.
const WELL: u8 = 0;
const WARNED: u8 = 1;
const FAILED: u8 = 2;

/// Looks, prints, and ends with the worst that was found.
pub(crate) fn run(config: &Config, question: Question, format: Format) -> ExitCode {
    let findings = match question {
        Question::Reach => judge::judge(&look::look(config)),
        Question::Records => records::judge::judge(&records::look::look(config)),
    };
    say::out(&match format {
        Format::Sentences => print::sentences(&findings),
        Format::Json => print::json(&findings),
    });
    ExitCode::from(match finding::worst(&findings) {
        Severity::Ok => WELL,
        Severity::Warn => WARNED,
        Severity::Fail => FAILED,
    })
}
