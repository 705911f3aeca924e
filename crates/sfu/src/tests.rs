//! The threads, with a puppet in place of the engine.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use media::dtls::Identity;
use media::sdp::Candidates;
use media::{
    ChannelKey, Command, Egress, Event, Form, Incarnation, Load, Pacing, PackingRules, PeerKey, Recipient,
    ShardConfig, ShardIndex, ShardMessage,
};

use crate::engine::Engine;
use crate::limits::{
    CHECKS_REST, COMMANDS, PACE_INPUTS, PACE_REST, PACE_WINDOW, PANICS_IN_A_ROW, WIPE_AFTER,
};
use crate::rest::Steering;
use crate::start::start_with;
use crate::{Busy, Config, Handle, OpenError};

const PATIENCE: Duration = Duration::from_secs(10);

/// Does what the first byte of a datagram says, and tells what happened to it.
struct Puppet {
    shard: ShardIndex,
    tell: Sender<Told>,
    /// A step taken by `hold` waits here.
    gate: Arc<Mutex<Receiver<()>>>,
    messages: Vec<(Recipient, ShardMessage)>,
    events: Vec<Event>,
    timer: Option<Instant>,
    pacing: Pacing,
    load: Option<Load>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Datagram(u8, Vec<u8>),
    Command(u8, &'static str),
    Message(u8),
    Timer(Instant),
    Paced(Pacing),
    Load(Option<Load>),
    Ended(u8),
    Wiped(u8),
}

const PANIC: u8 = b'p';
const HOLD: u8 = b'h';
const PASS_ON: u8 = b'm';
const TIMER: u8 = b't';
const ASK_PACING: u8 = b'?';
const ASK_LOAD: u8 = b'l';

impl Engine for Puppet {
    fn handle_datagram(&mut self, now: Instant, _: SocketAddr, _: IpAddr, bytes: &[u8], _: &mut impl Egress) {
        self.tell.send(Told::Datagram(self.shard.0, bytes.to_vec())).unwrap();
        match bytes[0] {
            PANIC => panic!("as told"),
            HOLD => self.hold(),
            PASS_ON => {
                let news = ShardMessage::Unsubscribe { channel: CHANNEL, shard: self.shard };
                self.messages.push((Recipient::Others, news));
            }
            TIMER => self.timer = Some(now + Duration::from_millis(50)),
            ASK_LOAD => self.tell.send(Told::Load(self.load)).unwrap(),
            ASK_PACING => self.tell.send(Told::Paced(self.pacing)).unwrap(),
            _ => {}
        }
    }
    fn flush(&mut self, _: &mut impl Egress) {}
    fn handle_command(&mut self, _: Instant, command: Command, _: &mut impl Egress) {
        let name = match command {
            Command::Cut { peer } => {
                self.events.push(Event::Cut { peer });
                "cut"
            }
            Command::Unlisten { .. } => {
                self.hold();
                "hold"
            }
            Command::OpenChannel { .. } => "open",
            _ => "other",
        };
        self.tell.send(Told::Command(self.shard.0, name)).unwrap();
    }
    fn handle_message(&mut self, _: Instant, _: ShardMessage, _: &mut impl Egress) {
        self.tell.send(Told::Message(self.shard.0)).unwrap();
    }
    fn handle_timeout(&mut self, now: Instant, _: &mut impl Egress) {
        self.timer = None;
        self.tell.send(Told::Timer(now)).unwrap();
    }
    fn handle_handshakes(&mut self, _: Instant, _: usize, _: &mut impl Egress) -> usize {
        0
    }
    fn poll_message(&mut self) -> Option<(Recipient, ShardMessage)> {
        self.messages.pop()
    }
    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }
    fn poll_timeout(&self) -> Option<Instant> {
        self.timer
    }
    fn stats(&self) -> media::Stats {
        media::Stats::default()
    }
    fn set_pacing(&mut self, pacing: Pacing) {
        self.pacing = pacing;
    }
    fn set_load(&mut self, load: Load) {
        self.load = Some(load);
    }
    fn wipe(&mut self) {
        let _ = self.tell.send(Told::Wiped(self.shard.0));
    }
}

impl Puppet {
    fn hold(&self) {
        self.gate.lock().unwrap().recv_timeout(PATIENCE).unwrap();
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // The test may have ended already.
        let _ = self.tell.send(Told::Ended(self.shard.0));
    }
}

const CHANNEL: ChannelKey = ChannelKey { index: 0, generation: 0 };
const PEER: PeerKey = PeerKey { shard: ShardIndex(0), index: 0, generation: 0 };

struct Theatre {
    handle: Handle,
    server: SocketAddr,
    client: UdpSocket,
    told: Receiver<Told>,
    events: Receiver<Event>,
    broken: Receiver<ShardIndex>,
    release: SyncSender<()>,
}

fn theatre(shards: usize) -> Theatre {
    theatre_where(shards, Steering::ByKind)
}

fn theatre_where(shards: usize, steering: Steering) -> Theatre {
    let (tell, told) = channel();
    let (event, events) = channel();
    let (breaks, broken) = channel();
    let (release, gate) = sync_channel(16);
    let gate = Arc::new(Mutex::new(gate));
    let sockets = crate::bind("127.0.0.1:0".parse().unwrap(), shards).unwrap();
    let server = sockets[0].local_addr().unwrap();
    let config = Config {
        sockets,
        candidates: Candidates { udp: vec![server], ..Candidates::default() },
        incarnation: Incarnation(1),
        seed: 1,
        packing: PackingRules::default(),
        on_broken: Box::new(move |shard| breaks.send(shard).unwrap()),
    };
    let puppet = |config: ShardConfig, _| Puppet {
        shard: config.shard,
        tell: tell.clone(),
        gate: Arc::clone(&gate),
        messages: vec![],
        events: vec![],
        timer: None,
        pacing: Pacing::AtOnce,
        load: None,
    };
    let on_event = Box::new(move |happened| event.send(happened).unwrap());
    if steering == Steering::ByKind {
        crate::sys::steer(&config.sockets).unwrap();
    }
    let handle = start_with(config, steering, Identity::generate().unwrap(), on_event, puppet).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    Theatre { handle, server, client, told, events, broken, release }
}

impl Theatre {
    fn send(&self, bytes: &[u8]) {
        self.client.send_to(bytes, self.server).unwrap();
    }

    fn next(&self) -> Told {
        self.told.recv_timeout(PATIENCE).unwrap()
    }

    fn wake_ups(&self) -> u64 {
        self.handle.stats().shards[0].as_ref().unwrap().wake_ups
    }
}

#[test]
fn a_listeners_checks_come_in_at_the_shard_that_the_answer_named() {
    let theatre = theatre(3);
    for shard in [2, 0, 1] {
        let peer = PeerKey { shard: ShardIndex(shard), ..PEER };
        let name = format!("{}:abcd", media::ice::Ufrag { peer, incarnation: Incarnation(1) });
        // A header of RFC 8489 section 5, and USERNAME.
        let length = u8::try_from(name.len()).unwrap();
        let check = [&[0, 1, 0, 4 + length][..], &[0; 16], &[0, 6, 0, length], name.as_bytes()].concat();
        for _ in 0..20 {
            let from_any_port = UdpSocket::bind("127.0.0.1:0").unwrap();
            from_any_port.send_to(&check, theatre.server).unwrap();
            assert_eq!(theatre.next(), Told::Datagram(shard, check.clone()));
        }
    }
}

/// A receiver report as the socket knows it: by its first two bytes (RFC 5761 section 4).
const REPORT: [u8; 4] = [0x80, 201, 0, 1];

#[test]
fn reports_of_many_listeners_do_not_wake_a_shard_one_by_one() {
    let theatre = theatre(1);
    let (before, begun) = (theatre.wake_ups(), Instant::now());
    for _ in 0..100 {
        theatre.send(&REPORT);
        // As far from each other as those of a thousand listeners.
        std::thread::sleep(Duration::from_millis(2));
    }
    for _ in 0..100 {
        assert_eq!(theatre.next(), Told::Datagram(0, REPORT.to_vec()), "all are read");
    }
    // At most once by the clock and once by a report in each rest, and for the questions.
    let rests = begun.elapsed().as_millis() / CHECKS_REST.as_millis();
    let woken = u128::from(theatre.wake_ups() - before);
    assert!(woken <= 2 * rests + 6, "{woken} times in {rests} rests");
}

#[test]
fn after_a_silence_the_next_report_is_read_though_nothing_else_wakes_the_shard() {
    let theatre = theatre(1);
    for _ in 0..3 {
        theatre.send(&REPORT);
        assert_eq!(theatre.next(), Told::Datagram(0, REPORT.to_vec()));
        // Long enough for the shard to rest, to find nothing, and to wait for the next.
        std::thread::sleep(4 * CHECKS_REST);
    }
    // It waits, and does not look again and again.
    let before = theatre.wake_ups();
    std::thread::sleep(8 * CHECKS_REST);
    let woken = theatre.wake_ups() - before;
    assert!(woken <= 3, "{woken}");
}

/// How often a shard wakes up for voice that comes ten times as fast as where it begins to rest, and how often it would if
/// it always rested.
fn woken_by_voice_from_everywhere(steering: Steering) -> (u64, u64) {
    let theatre = theatre_where(1, steering);
    let gap = PACE_WINDOW / u32::try_from(PACE_INPUTS).unwrap() / 10;
    // From many places, so that without a program both sockets get some.
    let people: Vec<_> = (0..16).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    let say = |count: usize| {
        for person in people.iter().cycle().take(count) {
            person.send_to(b"voice", theatre.server).unwrap();
            let next = Instant::now() + gap;
            while Instant::now() < next {
                std::hint::spin_loop();
            }
        }
        for _ in 0..count {
            assert_eq!(theatre.next(), Told::Datagram(0, b"voice".to_vec()), "none is lost");
        }
    };
    // It notices.
    say(30 * PACE_INPUTS);
    let (before, begun) = (theatre.wake_ups(), Instant::now());
    say(100 * PACE_INPUTS);
    let rests = begun.elapsed().as_nanos() / PACE_REST.as_nanos();
    (theatre.wake_ups() - before, u64::try_from(rests).unwrap())
}

#[test]
fn where_thousands_talk_a_shard_takes_their_packets_together() {
    for steering in [Steering::ByKind, Steering::ByHash] {
        let (woken, rests) = woken_by_voice_from_everywhere(steering);
        assert!(woken <= rests + 40, "{steering:?}: {woken} times in {rests} rests");
    }
}

#[test]
fn where_the_kernel_refuses_the_program_every_voice_and_report_is_heard_at_once_at_either_socket() {
    let theatre = theatre_where(2, Steering::ByHash);
    let mut shards = [0; 2];
    // Few enough that nothing rests.
    for datagram in [&b"voice"[..], &REPORT].into_iter().cycle().take(60) {
        let from_any_port = UdpSocket::bind("127.0.0.1:0").unwrap();
        from_any_port.send_to(datagram, theatre.server).unwrap();
        let Told::Datagram(shard, came) = theatre.next() else { panic!("no datagram") };
        assert_eq!(came, datagram);
        shards[usize::from(shard)] += 1;
    }
    assert!(shards.iter().all(|count| *count > 0), "{shards:?}");
}

#[test]
fn a_packet_that_panics_does_not_end_the_conversation() {
    let theatre = theatre(1);
    for _ in 0..3 {
        theatre.send(&[PANIC]);
        theatre.send(b"voice");
        assert_eq!(theatre.next(), Told::Datagram(0, vec![PANIC]));
        assert_eq!(theatre.next(), Told::Datagram(0, b"voice".to_vec()));
    }
    let stats = theatre.handle.stats().shards[0].clone().unwrap();
    assert_eq!((stats.panics, stats.received), (3, 6));
    assert!(theatre.broken.try_recv().is_err());
}

#[test]
fn a_socket_that_takes_segments_lets_talkers_of_one_phase_leave_together() {
    let theatre = theatre(1);
    theatre.send(&[ASK_PACING]);
    assert_eq!(theatre.next(), Told::Datagram(0, vec![ASK_PACING]));
    assert_eq!(theatre.next(), Told::Paced(Pacing::Phases));
}

#[test]
fn a_shard_is_told_how_busy_it_is() {
    let theatre = theatre(1);
    let asked = Instant::now();
    let load = loop {
        assert!(asked.elapsed() < PATIENCE);
        theatre.send(&[ASK_LOAD]);
        assert_eq!(theatre.next(), Told::Datagram(0, vec![ASK_LOAD]));
        match theatre.next() {
            Told::Load(Some(load)) => break load,
            Told::Load(None) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(load > Load::default(), "it was asked all the time");
}

#[test]
fn a_shard_beyond_hope_is_reported_once() {
    let theatre = theatre(1);
    for _ in 0..PANICS_IN_A_ROW + 5 {
        theatre.send(&[PANIC]);
        theatre.next();
    }
    assert_eq!(theatre.broken.recv_timeout(PATIENCE), Ok(ShardIndex(0)));
    theatre.send(b"voice");
    theatre.next();
    assert!(theatre.broken.try_recv().is_err());
}

#[test]
fn a_full_mailbox_is_reported_and_nobody_waits() {
    let theatre = theatre(2);
    // The shard is busy with the first command; all others wait.
    theatre.handle.unlisten(PEER).unwrap();
    let posted = (0..).take_while(|_| theatre.handle.cut(PEER).is_ok()).count();
    assert!((COMMANDS - 1..=COMMANDS).contains(&posted), "{posted}");
    let started = Instant::now();
    assert_eq!(theatre.handle.cut(PEER), Err(Busy));
    assert_eq!(theatre.handle.open_channel(Form::Opus), Err(OpenError::Busy), "on all shards or on none");
    assert!(started.elapsed() < Duration::from_millis(100));
    theatre.release.send(()).unwrap();
    for _ in 0..posted {
        assert_eq!(theatre.events.recv_timeout(PATIENCE), Ok(Event::Cut { peer: PEER }));
    }
    assert_eq!(theatre.handle.cut(PEER), Ok(()));
    let opened = theatre.told.try_iter().filter(|told| matches!(told, Told::Command(_, "open"))).count();
    assert_eq!(opened, 0);
    theatre.handle.open_channel(Form::Opus).unwrap();
    let opened = |_| theatre.told.iter().find(|told| matches!(told, Told::Command(_, "open"))).unwrap();
    let mut both: Vec<_> = (0..2).map(opened).collect();
    both.sort_by_key(|told| format!("{told:?}"));
    assert_eq!(both, [Told::Command(0, "open"), Told::Command(1, "open")]);
}

#[test]
fn a_cut_overtakes_all_packets_that_wait() {
    let theatre = theatre(1);
    // While the shard is held, packets gather, so that it fetches them all in one go.
    theatre.handle.unlisten(PEER).unwrap();
    theatre.send(&[HOLD]);
    (0..50).for_each(|_| theatre.send(b"voice"));
    theatre.release.send(()).unwrap();
    assert_eq!(theatre.next(), Told::Command(0, "hold"));
    assert_eq!(theatre.next(), Told::Datagram(0, vec![HOLD]));
    theatre.handle.cut(PEER).unwrap();
    theatre.release.send(()).unwrap();
    assert_eq!(theatre.next(), Told::Command(0, "cut"));
    assert_eq!(theatre.next(), Told::Datagram(0, b"voice".to_vec()));
}

#[test]
fn soon_after_somebody_has_gone_what_is_left_of_them_is_overwritten() {
    let theatre = theatre(1);
    theatre.handle.cut(PEER).unwrap();
    let at = Instant::now();
    assert_eq!(theatre.next(), Told::Command(0, "cut"));
    assert_eq!(theatre.next(), Told::Wiped(0));
    assert!(at.elapsed() >= WIPE_AFTER, "for all who go meanwhile");
}

#[test]
fn what_one_shard_says_the_others_hear() {
    let theatre = theatre(3);
    theatre.send(&[PASS_ON]);
    let Told::Datagram(speaker, _) = theatre.next() else { panic!("not a datagram") };
    let mut heard = [theatre.next(), theatre.next()];
    heard.sort_by_key(|told| format!("{told:?}"));
    let others: Vec<Told> = (0..3).filter(|shard| *shard != speaker).map(Told::Message).collect();
    assert_eq!(heard.as_slice(), others);
}

#[test]
fn an_idle_shard_sleeps() {
    let theatre = theatre(1);
    let before = theatre.wake_ups();
    assert!(theatre.told.recv_timeout(Duration::from_millis(300)).is_err(), "nothing happens");
    let woken = theatre.wake_ups() - before;
    assert!(woken <= 2, "{woken}: the question itself, and a bell that rang late");
}

#[test]
fn a_timer_wakes_a_shard_once_and_not_too_early() {
    let theatre = theatre(1);
    let before = theatre.wake_ups();
    let started = Instant::now();
    theatre.send(&[TIMER]);
    theatre.next();
    let Told::Timer(at) = theatre.next() else { panic!("not a timer") };
    assert!(at - started >= Duration::from_millis(50));
    let woken = theatre.wake_ups() - before;
    assert!(
        (3..=4).contains(&woken),
        "{woken}: the datagram, the timer, the question, and a bell that rang late"
    );
}

#[test]
fn stop_waits_until_every_thread_has_ended() {
    let theatre = theatre(2);
    theatre.handle.clone().stop();
    let mut ended: Vec<Told> = theatre.told.try_iter().collect();
    ended.sort_by_key(|told| format!("{told:?}"));
    assert_eq!(ended, [Told::Ended(0), Told::Ended(1)]);
    assert_eq!(theatre.handle.cut(PEER), Err(Busy), "nobody is there any more");
    assert_eq!(theatre.handle.stats().shards, [None, None]);
}

#[test]
fn threads_end_when_nobody_holds_a_handle() {
    let Theatre { handle, told, .. } = theatre(2);
    let second = handle.clone();
    drop(handle);
    assert!(second.stats().shards.iter().all(Option::is_some), "still held");
    drop(second);
    assert!(matches!(told.recv_timeout(PATIENCE), Ok(Told::Ended(_))));
    assert!(matches!(told.recv_timeout(PATIENCE), Ok(Told::Ended(_))));
}

#[test]
fn sockets_that_do_not_belong_together_are_refused() {
    let refused = |sockets| {
        let config = Config {
            sockets,
            candidates: Candidates::default(),
            incarnation: Incarnation(1),
            seed: 1,
            packing: PackingRules::default(),
            on_broken: Box::new(|_| {}),
        };
        crate::start(config, |_| {}).err().unwrap().to_string()
    };
    assert_eq!(refused(vec![]), "two media sockets are needed for each of one to 64 threads, not 0 in all");
    let odd = crate::bind("127.0.0.1:0".parse().unwrap(), 2).unwrap().split_off(1);
    assert!(refused(odd).contains("not 3 in all"));
    let two = (0..2).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
    assert_eq!(refused(two), "the media sockets are not bound to one and the same port");
}
