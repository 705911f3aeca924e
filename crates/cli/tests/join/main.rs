//! `vivavoce join` against the real server: two people without a terminal, and what one hears of the other.

#[path = "../support/server.rs"]
mod binary;
#[expect(dead_code, reason = "shared with the tests of what is left behind, which need more of it")]
mod people;
mod screen;

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use client::sound::wav::WavWriter;
use client::sound::{FRAME, SILENCE, Tone, strength};
use people::{Guest, PATIENCE, Server, text, vivavoce};
use rustix::process::{Signal, kill_process};

/// Bytes before the first sample of a file that this client writes.
const HEADER: usize = 44;

/// Until a file has this many more samples than now.
fn grows_by(file: &Path, samples: usize) {
    let length = || std::fs::metadata(file).map_or(0, |data| data.len());
    let (until, wanted) = (Instant::now() + PATIENCE, length() + 2 * samples as u64);
    while length() < wanted {
        assert!(Instant::now() < until, "nothing is written any more");
        thread::sleep(Duration::from_millis(20));
    }
}

fn samples(file: &Path) -> Vec<i16> {
    let bytes = std::fs::read(file).expect("a file");
    bytes[HEADER..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// How many tenths of a second are this tone.
fn tenths_of(samples: &[i16], hz: f64) -> usize {
    samples.chunks_exact(5 * FRAME).filter(|piece| strength(piece, hz) > 0.9).count()
}

#[test]
fn what_one_plays_is_what_the_other_hears_until_they_leave() {
    let server = Server::start();
    let file = server.path("ben.wav");
    let (mut ann, room) = server.ann("tone:500");
    let mut ben = server.ben(&room, &file);
    ben.waits_for("Ann: microphone open.");
    // Each is a second at least.
    for _ in 0..3 {
        ben.waits_for("Heard: Ann −");
    }
    ann.presses("q");
    ann.waits_for("You left.");
    assert_eq!(ann.ends(), Some(0));
    ben.waits_for("Ann leaves the stage.");
    grows_by(&file, 48_000);
    ben.gets(Signal::INT);
    ben.waits_for("You left.");
    assert_eq!(ben.ends(), Some(0));

    let heard = samples(&file);
    let tone = tenths_of(&heard, 500.0);
    assert!(tone >= 20, "{tone} tenths of a second in {}", heard.len());
    assert_eq!(tenths_of(&heard, 750.0), 0);
    let end = &heard[heard.len() - 24_000..];
    assert!(end.iter().all(|sample| *sample == 0), "whoever has left is not heard");
}

#[test]
fn a_file_is_played_to_its_end_and_the_hand_goes_up_and_down() {
    let server = Server::start();
    let short = server.path("short.wav");
    let mut wav = WavWriter::create(&short).expect("a file");
    let (mut tone, mut frame) = (Tone::new(1_000.0).expect("audible"), SILENCE);
    for _ in 0..100 {
        tone.fill(&mut frame);
        wav.write(&frame).expect("written");
    }
    drop(wav);
    let file = server.path("ben.wav");
    let (mut ann, room) = server.ann("tone");
    ann.presses("m");
    ann.waits_for("You are on stage, muted.");
    let mut ben = server.ben(&room, &file);
    ben.waits_for("You listen.");
    ben.presses("h\n");
    ben.waits_for("Your hand is up, number 1 in the queue.");
    ann.waits_for("1 on stage, 1 listening, one hand up.");
    ben.presses("h\n");
    ben.waits_for("You listen.");
    ann.presses("q");
    assert_eq!(ann.ends(), Some(0));

    // The same Ann, by the token that was kept, on the same stage.
    let (url, token) = (server.url(), text(&server.path("ann.token")));
    let mut ann =
        Guest::join(&[&url, "--token-file", &token, "--room", &room, "--open-mic", "--play", &text(&short)]);
    ann.waits_for("Everything was played");
    ben.waits_for("Ann: muted.");
    ann.presses("q");
    ben.presses("q");
    assert_eq!((ann.ends(), ben.ends()), (Some(0), Some(0)));
    let tone = tenths_of(&samples(&file), 1_000.0);
    assert!((15..=20).contains(&tone), "{tone} tenths of a second of twenty");
}

#[test]
fn both_come_back_by_themselves_when_the_servers_process_dies() {
    let server = Server::start();
    let file = server.path("ben.wav");
    let (mut ann, room) = server.ann("tone:500");
    let mut ben = server.ben(&room, &file);
    ben.waits_for("Heard: Ann −");
    kill_process(server.live(), Signal::KILL).expect("it runs");
    ben.waits_for("The connection is lost");
    ann.waits_for("The connection is lost");
    // What was heard before is not heard again.
    let before = samples(&file).len();
    for _ in 0..3 {
        ben.waits_for("Heard: Ann −");
    }
    ann.presses("q");
    ben.presses("q");
    assert_eq!((ann.ends(), ben.ends()), (Some(0), Some(0)));
    let tone = tenths_of(&samples(&file)[before..], 500.0);
    assert!(tone >= 10, "{tone} tenths of a second");
}

#[test]
fn a_socket_that_is_lost_alone_comes_back_and_nothing_of_the_sound_is_missed() {
    let server = Server::start();
    let file = server.path("ben.wav");
    let (mut ann, room) = server.ann("tone:500");
    let line = Line::to(server.address);
    let invitation = server.link(&["invite"]);
    let secret = invitation.split_once('#').expect("a link").1;
    let by_line = format!("http://{}/i#{secret}", line.address);
    let mut ben =
        Guest::join(&[&by_line, "--name=Ben", "--handle=ben", "--room", &room, "--listen", &text(&file)]);
    ben.waits_for("Heard: Ann −");
    let before = samples(&file).len();
    line.goes(State::Down);
    ben.waits_for("The connection is lost");
    line.goes(State::Up);
    ben.waits_for("The connection stands.");
    ben.presses("h");
    ben.waits_for("Your hand is up");
    for _ in 0..2 {
        ben.waits_for("Heard: Ann −");
    }
    ann.presses("q");
    ben.waits_for("Ann leaves the stage.");
    ben.presses("q");
    assert_eq!((ann.ends(), ben.ends()), (Some(0), Some(0)));
    let after = &samples(&file)[before..];
    let heard = after.len() - after.iter().rev().take_while(|sample| **sample == 0).count();
    let tenths = heard / (5 * FRAME);
    let tone = tenths_of(after, 500.0);
    assert!(tone >= 10 && tone + 2 >= tenths, "{tone} tenths of a second of {tenths}");
}

/// A way to the server that can be cut.
struct Line {
    address: SocketAddr,
    way: Arc<Mutex<Way>>,
}

struct Way {
    state: State,
    streams: Vec<TcpStream>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Up,
    /// Whoever calls is hung up on.
    Down,
}

impl Line {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let way = Arc::new(Mutex::new(Way { state: State::Up, streams: Vec::new() }));
        let all = Arc::clone(&way);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut way = all.lock().expect("whole");
                if way.state == State::Down {
                    continue;
                }
                let far = TcpStream::connect(server).expect("it listens");
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let mut from = from.try_clone().expect("a stream");
                    let mut to = to.try_clone().expect("a stream");
                    thread::spawn(move || {
                        // Whoever is cut off has an end like any other.
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                way.streams.push(near);
            }
        });
        Self { address, way }
    }

    /// Down, it stays down until it is told to go up: what comes back at once may never be seen to be gone.
    fn goes(&self, state: State) {
        let mut way = self.way.lock().expect("whole");
        way.state = state;
        for stream in way.streams.drain(..) {
            // Those that have ended already are no more to cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

#[test]
fn what_cannot_be_done_is_a_sentence_and_uses_no_link_up() {
    let server = Server::start();
    let url = server.url();
    let path = |name: &str| text(&server.path(name));
    std::fs::write(server.path("garbage.wav"), "not sound at all").expect("written");
    std::fs::write(server.path("garbage.opus"), "OggS, or so it says").expect("written");
    std::fs::write(server.path("kept.wav"), "what somebody kept").expect("written");
    std::fs::write(server.path("wrong.token"), "wrong").expect("written");
    let (mut ann, room) = server.ann("tone");
    let invitation = server.link(&["invite"]);
    let ben = ["--name=Ben", "--handle=ben", "--room", &room];

    let refused = |line: &[&str], told: &str| {
        let output = vivavoce(&["join"]).args(line).stdin(Stdio::null()).output().expect("it runs");
        let said = sorry(&output);
        assert!(said.contains(told), "{line:?}: {said}");
    };
    let with = |more: &[&str], told: &str| refused(&[&[invitation.as_str()], &ben[..], more].concat(), told);
    with(&["--play", &path("garbage.wav")], "garbage.wav: this is no WAV file.");
    with(&["--play", &path("garbage.opus")], "garbage.opus: the Ogg Opus file cannot be read");
    with(&["--play", &path("none.wav")], "No such file");
    with(&["--listen", &path("kept.wav")], "File exists");
    with(&["--token-file", &path("ann.token")], "exists already");
    with(&["--play", "device"], "No sound server runs here");
    refused(&[&invitation], "say --name");
    refused(&[&format!("{url}/i#wrong"), "--name=Ben", "--handle=ben"], "This link does not work");
    refused(&[&url], "The server lets members in");
    refused(&[&url, "--token-file", &path("wrong.token"), "--room", &room], "Nobody is signed in");
    refused(&["http://127.0.0.1:1", "--token-file", &path("ann.token")], "cannot be reached");
    let none = format!("{url}/r/AAAAAAAAAAAAAAAAAAAAAA");
    let unheard = path("unheard.wav");
    refused(&[&none, "--token-file", &path("ann.token"), "--listen", &unheard], "There is no such room");
    assert!(!server.path("unheard.wav").exists(), "a file that nothing was heard into is not left there");

    // It is still good, once.
    let mut guest = Guest::join(&[&[invitation.as_str()], &ben[..]].concat());
    guest.waits_for("You listen.");
    guest.presses("q");
    assert_eq!(guest.ends(), Some(0));
    with(&[], "This link does not work: it was used");
    ann.presses("q");
    assert_eq!(ann.ends(), Some(0));
}

fn sorry(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_token_that_was_kept_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;

    let server = Server::start();
    let (ann, _) = server.ann("tone");
    ann.gets(Signal::TERM);
    assert_eq!(ann.ends(), Some(0));
    let file = server.path("ann.token");
    let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // The same by the environment, which others cannot read either. Without a room it shows what is going on.
    let token = std::fs::read_to_string(&file).expect("text");
    let output =
        vivavoce(&["join", &server.url()]).env("VIVAVOCE_TOKEN", token).stdin(Stdio::null()).output();
    let output = output.expect("it runs");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("Home: "), "{output:?}");
    assert!(sorry(&output).contains("Say which room"));
}
