//! Keyboard, screen and signals, as things to wait for.

use std::io::{self, IsTerminal, Read};
use std::os::unix::net::UnixStream;
use std::thread;

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use crate::say;

/// Keys that wait. Nobody types faster than they are read.
const KEYS_MAX: usize = 256;
/// Bytes of a line that somebody types: longer than any link.
const LINE_BYTES_MAX: usize = 1_024;

/// What is typed, or comes through a pipe.
pub(super) struct Keyboard {
    keys: mpsc::Receiver<u8>,
    /// Of a line, so far.
    line: Vec<u8>,
}

impl Keyboard {
    /// Reads from now on, for as long as the process lives.
    pub(super) fn start() -> Self {
        let (typed, keys) = mpsc::channel(KEYS_MAX);
        thread::spawn(move || {
            for byte in io::stdin().lock().bytes().map_while(Result::ok) {
                if typed.blocking_send(byte).is_err() {
                    return;
                }
            }
        });
        Self { keys, line: Vec::new() }
    }

    /// The next key; never, once there are no more. Nothing is lost when this is dropped half-way.
    pub(super) async fn key(&mut self) -> u8 {
        match self.keys.recv().await {
            Some(key) => key,
            None => std::future::pending().await,
        }
    }

    /// The next line, trimmed; none when there are no more. Nothing is lost when this is dropped half-way.
    pub(super) async fn line(&mut self) -> Option<String> {
        loop {
            match self.keys.recv().await {
                Some(b'\n') => break,
                Some(byte) if self.line.len() < LINE_BYTES_MAX => self.line.push(byte),
                Some(_) => {}
                None if self.line.is_empty() => return None,
                None => break,
            }
        }
        let line = std::mem::take(&mut self.line);
        Some(String::from_utf8_lossy(&line).trim().to_owned())
    }

    /// Asks somebody who is there.
    pub(super) async fn ask(&mut self, question: &str) -> Option<String> {
        say::out(question);
        self.line().await
    }
}

/// Whether somebody sits there, to be asked and to look.
pub(super) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The whole terminal, until this value ends.
pub(super) struct Screen {
    before: Termios,
}

impl Screen {
    /// None where there is no terminal that can be drawn on.
    pub(super) fn take() -> Option<Self> {
        if !is_there() || std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb") {
            return None;
        }
        let before = tcgetattr(io::stdin()).ok()?;
        let mut raw = before.clone();
        // Keys come at once and unseen. Ctrl-C still is a signal; Ctrl-Z and Ctrl-\ would leave the terminal as it is now.
        raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        raw.special_codes[SpecialCodeIndex::VSUSP] = 0;
        raw.special_codes[SpecialCodeIndex::VQUIT] = 0;
        tcsetattr(io::stdin(), OptionalActions::Now, &raw).ok()?;
        // The other screen, without a cursor.
        say::out("\x1b[?1049h\x1b[?25l\x1b[2J");
        Some(Self { before })
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        let size = tcgetwinsize(io::stdout()).ok();
        let size = size.filter(|size| size.ws_col > 0 && size.ws_row > 0);
        size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()))
    }

    /// Each line over the one before, so that nothing flickers.
    pub(super) fn draw(&self, lines: &[String]) {
        let drawn: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
        // The last line must not scroll.
        say::out(&format!("\x1b[H{}\x1b[J", drawn.trim_end_matches('\n')));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        say::out("\x1b[?25h\x1b[?1049l");
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Ctrl-C, and what a service manager sends.
pub(super) struct Signals(tokio::net::UnixStream);

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
        }
        read.set_nonblocking(true)?;
        Ok(Self(tokio::net::UnixStream::from_std(read)?))
    }

    /// Somebody wants this to end. Nothing is lost when this is dropped half-way.
    pub(super) async fn stop(&mut self) {
        let mut byte = [0];
        let _ = self.0.read(&mut byte).await;
    }
}
