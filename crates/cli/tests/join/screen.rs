//! At a terminal: the room is a screen, and afterwards the terminal is what it was.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Child;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Instant;

use rustix::fd::OwnedFd;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use super::people::{PATIENCE, Server, text, vivavoce};

/// What every screen begins and ends with: the terminal's other page (xterm, DEC private mode 1049).
const OTHER_PAGE: &str = "\x1b[?1049h";
const FIRST_PAGE: &str = "\x1b[?1049l";

/// Somebody in a room, at a terminal.
struct Sitter {
    child: Child,
    keys: File,
    /// The child's side of the terminal.
    theirs: OwnedFd,
    pieces: Receiver<String>,
    seen: String,
}

impl Sitter {
    fn join(arguments: &[&str]) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = openpt(flags).expect("a terminal");
        grantpt(&ours).expect("ours");
        unlockpt(&ours).expect("open");
        let theirs = ioctl_tiocgptpeer(&ours, flags).expect("its other side");
        let size = Winsize { ws_col: 60, ws_row: 20, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&theirs, size).expect("a size");
        let side = || theirs.try_clone().expect("its other side");
        let child = vivavoce(&["join"])
            .args(arguments)
            .env("TERM", "xterm")
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("started");
        let keys = File::from(ours);
        let mut shown = keys.try_clone().expect("a terminal");
        let (told, pieces) = sync_channel(10_000);
        thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                if told.send(String::from_utf8_lossy(&bytes[..count]).into_owned()).is_err() {
                    return;
                }
            }
        });
        Self { child, keys, theirs, pieces, seen: String::new() }
    }

    /// Until this has been shown, after everything that was waited for before.
    fn sees(&mut self, what: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.find(what) {
                self.seen.drain(..at + what.len());
                return;
            }
            match self.pieces.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.seen.push_str(&piece),
                Err(error) => panic!("no {what:?} ({error}) in {}", self.seen),
            }
        }
    }

    fn presses(&mut self, key: &str) {
        self.keys.write_all(key.as_bytes()).expect("it reads");
    }

    fn modes(&self) -> LocalModes {
        tcgetattr(&self.theirs).expect("a terminal").local_modes
    }
}

impl Drop for Sitter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn at_a_terminal_the_room_is_a_screen_and_afterwards_the_terminal_is_what_it_was() {
    let server = Server::start();
    let (mut ann, room) = server.ann("tone:500");
    let file = text(&server.path("ben.wav"));
    let invitation = server.link(&["invite"]);
    let mut ben =
        Sitter::join(&[&invitation, "--name=Ben", "--handle=ben", "--room", &room, "--listen", &file]);
    let before = LocalModes::ICANON | LocalModes::ECHO;
    assert!(ben.modes().contains(before));

    ben.sees("ask them first");
    ben.sees(OTHER_PAGE);
    assert!(!ben.modes().intersects(before), "keys come at once, and unseen");
    ben.sees("You listen.");
    ben.sees("What you hear is kept in ");
    // Fifteen below full scale, or a little beside it where the beginning was missed: eight steps of ten.
    ben.sees("Ann  ▮▮▮▮▮▮▮▮▯▯ −1");
    ben.presses("h");
    ben.sees("Your hand is up, number 1 in the queue.");
    ann.waits_for("1 on stage, 1 listening, one hand up.");

    kill_process(Pid::from_child(&ben.child), Signal::INT).expect("it runs");
    ben.sees(FIRST_PAGE);
    ben.sees("You left.");
    assert_eq!(ben.child.wait().expect("ended").code(), Some(0));
    assert!(ben.modes().contains(before), "the terminal is what it was");
    ann.waits_for("1 on stage, 0 listening.");
    ann.presses("q");
    assert_eq!(ann.ends(), Some(0));
}

#[test]
fn a_question_at_a_terminal_is_answered_there_and_whoever_goes_instead_leaves_no_device_behind() {
    let server = Server::start();
    let (mut ann, room) = server.ann("tone");
    let link = server.link(&["signin-link", "ann"]);
    let mut again = Sitter::join(&["-"]);
    again.sees("The link: ");
    again.presses(&format!("{link}\n"));
    again.sees("Home: one room.");
    again.sees("  1  Tea: 1 on stage (Ann), 0 listening");
    again.sees("Which room? Its number, Enter to look again, or q: ");
    kill_process(Pid::from_child(&again.child), Signal::INT).expect("it runs");
    assert_eq!(again.child.wait().expect("ended").code(), Some(0));

    // Only the device that is in the room is signed in.
    let devices = server.devices("ann.token");
    assert_eq!(devices, 1, "in room {room}");
    ann.presses("q");
    assert_eq!(ann.ends(), Some(0));
}
