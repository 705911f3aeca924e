//! `vivavoce bench` against the real server: small, whole, and honest.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use client::api::{Link, Server as Api, Socket, Trust};
use protocol::hallway::HallwayChange;
use protocol::socket::ServerMessage;
use protocol::text::{DisplayName, Handle, ServerName};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use serde_json::Value;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Somebody whose line is lost keeps their seat for half a minute. Whoever leaves has none.
const LEAVE_PATIENCE: Duration = Duration::from_secs(20);

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_vivavoce"))
        .arg("bench")
        .args(arguments)
        .env_clear()
        .output()
        .expect("it runs")
}

fn figures(arguments: &[&str]) -> Value {
    let output = bench(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn number(figures: &Value, path: &str) -> f64 {
    figures.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {path} in {figures:#}"))
}

/// Nothing is missing but what the listeners' own sockets lost: on a busy machine they are not read in time.
fn expect_all_heard(figures: &Value) {
    // Each such datagram held three frames at most (`media::limits`).
    let excused = 3.0 * number(figures, "/generator/datagrams_lost_here");
    let lost = number(figures, "/frames_lost");
    assert!(lost <= excused, "{lost} frames lost, {excused} excused: {figures:#}");
    assert_eq!(number(figures, "/frames_received") + lost, number(figures, "/frames_expected"));
    assert!(number(figures, "/sample/gaps") <= excused, "{figures:#}");
    for wrong in ["garbled", "misplaced", "miscounted"] {
        assert_eq!(number(figures, &format!("/sample/{wrong}")), 0.0, "{figures:#}");
    }
}

const SMALL: &[&str] =
    &["--duration", "3s", "--ramp", "1s", "--settle", "1s", "--json", "--media-threads", "2"];

#[test]
fn a_small_bench_hears_everything_and_says_what_it_cost() {
    let folder = tempfile::tempdir().expect("a folder");
    let plot = folder.path().join("plot.svg");
    let plot = plot.to_str().expect("a path");
    let shape = ["--rooms", "2", "--speakers", "2", "--listeners", "20", "--plot", plot];
    let figures = figures(&[&shape, SMALL].concat());

    assert_eq!(number(&figures, "/joins/connected"), 40.0, "{figures:#}");
    // Two speakers in each room, 50 packets a second, a listener hears both.
    let expected = number(&figures, "/frames_expected");
    assert!((11_000.0..=12_400.0).contains(&expected), "{expected}");
    expect_all_heard(&figures);
    assert_eq!(number(&figures, "/frames_not_forwarded"), 0.0);
    assert_eq!(number(&figures, "/packets_unmatched"), 0.0);
    assert_eq!(number(&figures, "/packets_twice"), 0.0);
    assert!(number(&figures, "/sample/frames") > 1_000.0, "somebody decrypted");

    for positive in [
        "/server_cpu_ns_per_packet",
        "/cpu_over_floor_ratio",
        "/cpu_over_flat_floor_ratio",
        "/added_delay/p50_ms",
        "/added_delay/p99_9_ms",
        "/jitter_p99_ms",
        "/joins/p95_ms",
        "/joins/server_cpu_us_per_join",
        "/memory/kib_per_listener",
        "/floor/paced_before_ns",
        "/floor/flat_after_ns",
    ] {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
    assert!(number(&figures, "/added_delay/p50_ms") <= number(&figures, "/added_delay/p99_ms"));
    let drawn = std::fs::read_to_string(plot).expect("a picture");
    assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>"));
}

#[test]
fn the_same_load_by_the_standards_endpoint_gives_the_same_figures() {
    let shape = ["--speakers", "2", "--listeners", "20", "--via", "whep", "--without-floor"];
    let figures = figures(&[&shape, SMALL].concat());
    assert_eq!(figures["via"], "whep");
    assert_eq!(number(&figures, "/joins/connected"), 20.0, "{figures:#}");
    let expected = number(&figures, "/frames_expected");
    assert!(
        (5_500.0..=6_200.0).contains(&expected),
        "two speakers, fifty a second, twenty who hear both: {expected}"
    );
    expect_all_heard(&figures);
    for positive in
        ["/server_cpu_ns_per_packet", "/added_delay/p99_ms", "/joins/p95_ms", "/memory/kib_per_listener"]
    {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
}

#[test]
fn packets_that_are_lost_on_purpose_are_missed() {
    let figures = figures(&[&["--listeners", "8", "--without-floor", "--lose-one-in", "10"], SMALL].concat());
    let loss = number(&figures, "/loss_ratio");
    assert!((0.08..0.12).contains(&loss), "one in ten: {loss}");
    assert!(number(&figures, "/sample/gaps") > 0.0, "the sample missed them too");
    assert_eq!(figures["cpu_over_floor_ratio"], Value::Null);
}

#[test]
fn titles_reach_everybody_in_rooms_and_in_the_hallway() {
    let shape = ["--rooms", "2", "--listeners", "10", "--signalling-only", "--viewers", "10"];
    let figures = figures(&[&shape, SMALL].concat());
    assert_eq!(number(&figures, "/sockets"), 30.0, "{figures:#}");
    assert_eq!(number(&figures, "/connected"), 20.0);
    assert_eq!(number(&figures, "/sockets_ended"), 0.0);
    assert!(number(&figures, "/titles") >= 4.0, "each room changes its title several times a second");
    assert_eq!(number(&figures, "/titles_heard_ratio_in_rooms"), 1.0, "{figures:#}");
    // Ten listeners hear each, and the viewers some.
    assert!(number(&figures, "/messages_delivered") >= 10.0 * number(&figures, "/titles"));
    for positive in ["/delay_in_rooms/p99_ms", "/delay_in_the_hallway/p99_ms", "/server_cpu_us_per_message"] {
        assert!(number(&figures, positive) > 0.0, "{positive} in {figures:#}");
    }
}

#[test]
fn what_cannot_be_measured_is_a_sentence_and_nothing_is_started() {
    for (arguments, word) in [
        (&["--listeners", "30000"][..], "at most"),
        (&["--speakers", "0"], "speakers"),
        (&["--rooms", "0"], "rooms"),
        (&["--duration", "1h"], "TIME"),
        (&["--duration", "10ms"], "second"),
        (&["--listen", "127.0.0.1:1"], "decides"),
        (&["--pid", "1"], "--url"),
        (&["--listeners", "0"], "listen"),
        (&["--listeners", "0", "--signalling-only"], "Nobody"),
        (&["--viewers", "5"], "--signalling-only"),
        (&["--url", "http://127.0.0.1:1"], "--link"),
        (&["--url", "127.0.0.1", "--link", "x"], "address"),
    ] {
        let output = bench(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

/// A bench that runs.
struct Running {
    child: Child,
    steps: BufReader<ChildStderr>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
        command.arg("bench").args(arguments).args(["--without-floor", "--settle", "1s", "--duration", "10m"]);
        let mut child =
            command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        let steps = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, steps }
    }

    fn reaches(&mut self, step: &str) {
        let mut line = String::new();
        while !line.starts_with(step) {
            line.clear();
            assert_ne!(self.steps.read_line(&mut line).expect("text"), 0, "it ended before: {step}");
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// Everybody leaves; what is said at the end.
    fn ended_by(self, signal: Signal) -> String {
        self.signal(signal);
        let output = self.child.wait_with_output().expect("it ends");
        let said: Vec<String> = self.steps.lines().map_while(Result::ok).collect();
        assert_eq!(output.status.code(), Some(130), "{said:?}");
        assert!(output.stdout.is_empty(), "there are no figures");
        said.last().cloned().unwrap_or_default()
    }
}

/// The server of a bench and the three that it started, and the server's folder.
fn server_of(bench: &Child) -> (Vec<OwnedFd>, PathBuf) {
    let children = |id: u32| -> Vec<u32> {
        let list = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("readable");
        list.split_whitespace().map(|id| id.parse().expect("a process id")).collect()
    };
    let servers = children(bench.id());
    let both: Vec<u32> = servers.iter().flat_map(|server| children(*server)).collect();
    assert_eq!((servers.len(), both.len()), (1, 3), "a parent; a keeper, a live, and who calls out");
    let watch = |id: &u32| {
        let pid = i32::try_from(*id).ok().and_then(Pid::from_raw).expect("a process id");
        pidfd_open(pid, PidfdFlags::empty()).expect("it runs")
    };
    let words = std::fs::read_to_string(format!("/proc/{}/cmdline", servers[0])).expect("readable");
    let folder = words.split('\0').skip_while(|word| *word != "--data").nth(1).expect("it has one");
    (servers.iter().chain(&both).map(watch).collect(), folder.into())
}

fn expect_gone(server: &[OwnedFd]) {
    for process in server {
        let patience = Timespec::try_from(PATIENCE).expect("fits");
        let ended = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&patience)).expect("polled");
        assert_eq!(ended, 1, "the process is still there");
    }
}

#[test]
fn a_bench_that_is_killed_takes_its_server_with_it() {
    let mut bench = Running::start(&["--listeners", "4"]);
    bench.reaches("The server alone");
    let (server, folder) = server_of(&bench.child);
    bench.signal(Signal::KILL);
    expect_gone(&server);
    bench.child.wait().expect("killed");
    // Nobody is left to do it.
    std::fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn a_bench_that_somebody_stops_says_so_and_takes_its_server_with_it() {
    let mut bench = Running::start(&["--listeners", "4"]);
    bench.reaches("Measuring");
    let (server, folder) = server_of(&bench.child);
    assert_eq!(bench.ended_by(Signal::INT), "Stopped before there were figures.");
    expect_gone(&server);
    assert!(!folder.exists(), "it leaves nothing behind");
}

/// A server that is not the bench's own.
struct Served {
    child: Child,
    url: String,
    owner: Link,
    folder: tempfile::TempDir,
    _words: BufReader<ChildStdout>,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_vivavoce"));
        command.args(["serve", "--until-stdin-closes", "--listen", "127.0.0.1:0", "--drain-seconds", "0"]);
        command.arg("--data").arg(folder.path().join("data")).env_clear();
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = pipes.spawn().expect("started");
        let mut words = BufReader::new(child.stdout.take().expect("a pipe"));
        let (mut url, mut owner) = (None, None);
        while url.is_none() || owner.is_none() {
            let mut line = String::new();
            assert_ne!(words.read_line(&mut line).expect("text"), 0, "it ended");
            if let Some(rest) = line.trim().strip_prefix("Listens") {
                url = rest.trim().split(',').next().map(|address| format!("http://{address}"));
            }
            owner = owner.or(Link::parse(line.trim().trim_matches(['│', ' '])).ok());
        }
        let (url, owner) = (url.expect("said"), owner.expect("said"));
        Self { child, url, owner, folder, _words: words }
    }

    /// Its owner, in the hallway; the file has a token of theirs.
    async fn owner(&self, file: &Path) -> Socket {
        let api = Api::new(self.url.parse().expect("an address"), &Trust::System).expect("plain");
        let home = ServerName::parse("Home").expect("a name");
        let (name, handle) = (DisplayName::parse("Olga").expect("a name"), Handle::parse("olga"));
        let token = api.claim(&self.owner.secret, home, name, handle.expect("a handle")).await;
        let token = token.expect("the first");
        std::fs::write(file, token.reveal()).expect("written");
        let mut socket = api.open(&token).await.expect("a socket");
        assert_eq!(socket.hello().await.expect("welcome").hallway, []);
        socket
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads on until the room of the bench is or is not in the hallway.
async fn hallway(socket: &mut Socket, is: fn(&HallwayChange) -> bool) {
    loop {
        match socket.next().await.expect("the server is there") {
            ServerMessage::Hallway { changes } if changes.iter().any(is) => return,
            _ => {}
        }
    }
}

#[test]
fn whoever_came_with_a_bench_leaves_when_it_is_stopped() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let server = Served::start();
    let token = server.folder.path().join("token");
    let mut socket = runtime.block_on(server.owner(&token));
    let token = token.to_str().expect("a path");
    let mut bench = Running::start(&["--url", &server.url, "--token-file", token, "--listeners", "9"]);
    bench.reaches("Measuring");
    let full = |change: &HallwayChange| matches!(change, HallwayChange::Card { card } if (card.on_stage, card.in_audience) == (1, 9));
    runtime.block_on(hallway(&mut socket, full));
    assert_eq!(bench.ended_by(Signal::TERM), "Stopped before there were figures.");
    let gone = hallway(&mut socket, |change| matches!(change, HallwayChange::Gone { .. }));
    let in_time = runtime.block_on(async { tokio::time::timeout(LEAVE_PATIENCE, gone).await });
    assert!(in_time.is_ok(), "somebody is still in the room");
}
