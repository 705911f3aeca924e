//! The children's standard error. A line passes only if it is of the one form that cannot carry what somebody said or
//! is called: `who: code key=number … at=file.rs:line`, and behind `why` the words of a closed list. Anything else is
//! counted, not shown.

use std::io::{self, PipeReader, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use cluster::parent::is_reason;

/// Bytes of one line. Records are a fraction of it; more is somebody else's text.
pub const MAX_LINE: usize = 200;
/// Lines in one [`PERIOD`]: a child that says more has a fault, and the first lines show it.
pub const MAX_LINES: u32 = 40;
/// See [`MAX_LINES`].
pub const PERIOD: Duration = Duration::from_secs(10);

/// What is to be shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    Line(String),
    /// Lines that were not shown since the last time.
    Withheld(u32),
}

/// One child's standard error.
#[derive(Debug)]
pub(super) struct LogPipe {
    pipe: PipeReader,
    lines: Lines,
}

impl LogPipe {
    pub(super) fn new(pipe: PipeReader) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&pipe, true)?;
        Ok(Self { pipe, lines: Lines::default() })
    }

    /// Everything that was written since; `Err` at its end.
    pub(super) fn read(&mut self, now: Instant) -> Result<Vec<Shown>, Vec<Shown>> {
        let mut shown = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match self.pipe.read(&mut buffer) {
                Ok(0) => return Err(shown),
                Ok(count) => shown.extend(self.lines.push(buffer.get(..count).unwrap_or_default(), now)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(shown),
                Err(_) => return Err(shown),
            }
        }
    }
}

impl AsFd for LogPipe {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

/// The rule, without the pipe.
#[derive(Debug, Default)]
pub struct Lines {
    line: Vec<u8>,
    period_began: Option<Instant>,
    lines_in_period: u32,
    withheld: u32,
}

impl Lines {
    /// What is to be shown of what came before and of this.
    pub fn push(&mut self, bytes: &[u8], now: Instant) -> Vec<Shown> {
        let mut shown = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                // One byte more than fits marks the line as too long, however long it gets.
                if self.line.len() <= MAX_LINE {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            match std::str::from_utf8(&line).ok().filter(|line| is_record(line)) {
                Some(record) if self.may_speak(now) => shown.push(Shown::Line(record.to_owned())),
                _ => self.withheld += 1,
            }
        }
        if self.withheld > 0 && self.may_speak(now) {
            shown.push(Shown::Withheld(std::mem::take(&mut self.withheld)));
        }
        shown
    }

    fn may_speak(&mut self, now: Instant) -> bool {
        if self.period_began.is_none_or(|began| now.duration_since(began) >= PERIOD) {
            self.period_began = Some(now);
            self.lines_in_period = 0;
        }
        self.lines_in_period += 1;
        self.lines_in_period <= MAX_LINES
    }
}

/// `live: started shards=2 listeners=1 memory_locked=1`
fn is_record(line: &str) -> bool {
    let Some((who, rest)) = line.split_once(": ") else { return false };
    let mut words = rest.split(' ');
    let Some(code) = words.next().filter(|code| is_code(code)) else { return false };
    line.len() <= MAX_LINE
        && matches!(who, "live" | "keeper" | "vivavoce")
        && words.all(|word| {
            word.split_once('=').is_some_and(|(key, value)| is_code(key) && is_value(code, key, value))
        })
}

fn is_code(word: &str) -> bool {
    (1..=40).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// A number; behind `at`, a place in our sources or those of a library; behind `why`, a reason that this code may have.
fn is_value(code: &str, key: &str, value: &str) -> bool {
    if key == "why" {
        return is_reason(code, value);
    }
    let number =
        |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match value.rsplit_once(':') {
        Some((file, line)) if key == "at" => {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+".contains(&byte);
            number(line) && (file.ends_with(".rs") || file == "unknown") && file.bytes().all(plain)
        }
        _ => number(value),
    }
}

#[cfg(test)]
mod tests {
    use cluster::parent::{CannotServe, Uncommittable};

    use super::*;

    #[test]
    fn records_pass_and_everything_else_does_not() {
        for record in [
            "live: keeper_lost",
            "live: started shards=2 listeners=1 memory_locked=1",
            "keeper: reloaded",
            "live: panicked at=crates/live/src/room/actor.rs:120",
            "vivavoce: panicked at=/home/x/.cargo/registry/src/index-1/dimpl-0.9.0/src/lib.rs:7",
        ] {
            assert!(is_record(record), "{record}");
        }
        for leak in [
            "thread 'main' panicked at 'ann said hello'",
            "live: said text=hello",
            "live: said at=ann",
            "live: said at=ann:1",
            "live: Ann",
            "live: ",
            "live: started shards=",
            "live: started  shards=2",
            "ann: keeper_lost",
            "live: joined address=127.0.0.1",
            "keeper_lost",
            "",
        ] {
            assert!(!is_record(leak), "{leak}");
        }
    }

    #[test]
    fn the_operator_is_told_why_and_no_other_word_is_let_through() {
        let reasons = CannotServe::ALL.iter().map(|why| (CannotServe::CODE, why.word()));
        let reasons = reasons.chain(Uncommittable::ALL.iter().map(|why| (Uncommittable::CODE, why.word())));
        for (code, why) in reasons {
            assert!(is_record(&format!("live: {code} why={why}")), "{code} {why}");
            for other in [
                format!("live: {code} why={why}s"),
                format!("live: {code} why={}", why.to_uppercase()),
                format!("live: {code} reason={why}"),
                format!("live: {code} why={why}:1"),
                format!("live: started why={why}"),
                format!("live: {code} why=ann"),
                format!("live: {code} why=7"),
                format!("live: {code} why="),
            ] {
                assert!(!is_record(&other), "{other}");
            }
        }
        assert!(!is_record("live: cannot_serve why=full"), "another's reason");
    }

    #[test]
    fn lines_arrive_in_pieces_and_long_ones_are_withheld() {
        let now = Instant::now();
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"live: keeper_", now), []);
        assert_eq!(lines.push(b"lost\nlive: x", now), [Shown::Line("live: keeper_lost".to_owned())]);
        let mut long = vec![b'a'; 100_000];
        long.push(b'\n');
        assert_eq!(lines.push(&long, now), [Shown::Withheld(1)]);
        assert!(lines.line.capacity() < 1_000, "not kept either");
    }

    #[test]
    fn a_child_that_shouts_is_cut_short_and_heard_again_later() {
        let now = Instant::now();
        let mut lines = Lines::default();
        let shouted = lines.push("live: slow_client\n".repeat(1_000).as_bytes(), now);
        assert_eq!(shouted.len(), MAX_LINES as usize);
        let later = lines.push(b"live: slow_client\n", now + PERIOD);
        assert_eq!(later, [Shown::Line("live: slow_client".to_owned()), Shown::Withheld(960)]);
    }
}
