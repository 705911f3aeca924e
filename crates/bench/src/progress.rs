//! What whoever waits is shown: one line that changes where there is a terminal, a line for each step elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Goes to the standard error.
pub struct Progress {
    shown: Shown,
    last: Mutex<Option<Instant>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    OneLine,
    Steps,
    Nothing,
}

/// Between two changes of the line.
const PERIOD: Duration = Duration::from_millis(100);

impl Progress {
    pub fn on_stderr() -> Self {
        let shown = if std::io::stderr().is_terminal() { Shown::OneLine } else { Shown::Steps };
        Self { shown, last: Mutex::new(None) }
    }

    pub fn silent() -> Self {
        Self { shown: Shown::Nothing, last: Mutex::new(None) }
    }

    /// A new step.
    pub(crate) fn step(&self, what: &str) {
        match self.shown {
            Shown::OneLine => write(&format!("\r\x1b[K{what} …")),
            Shown::Steps => write(&format!("{what} …\n")),
            Shown::Nothing => {}
        }
    }

    /// How far the step has come.
    pub(crate) fn count(&self, what: &str, done: usize, of: usize) {
        if self.shown != Shown::OneLine {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if done == of || last.is_none_or(|last| now >= last + PERIOD) {
            *last = Some(now);
            write(&format!("\r\x1b[K{what}: {done} of {of}"));
        }
    }

    /// Nothing more comes.
    pub(crate) fn end(&self) {
        if self.shown == Shown::OneLine {
            write("\r\x1b[K");
        }
    }
}

fn write(text: &str) {
    // A closed terminal is no reason to stop.
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(text.as_bytes());
    let _ = err.flush();
}
