//! What came out, with stable names: the object that `--json` prints.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a run gives.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Figures {
    Voice(Box<Report>),
    Signalling(Box<SignallingReport>),
}

/// The sockets alone.
#[derive(Debug, Clone, Serialize)]
pub struct SignallingReport {
    pub version: &'static str,
    pub build: &'static str,
    pub processors: usize,
    pub rooms: usize,
    /// In each room.
    pub listeners: usize,
    pub viewers: usize,
    pub sockets: usize,
    /// Sockets that ended although nobody closed them.
    pub sockets_ended: u64,
    /// Of those who went into rooms, how many have a media connection.
    pub connected: usize,
    pub first_failure: Option<String>,
    pub duration_seconds: f64,
    /// Titles that were given.
    pub titles: u64,
    /// Messages that came to anybody.
    pub messages_delivered: u64,
    pub messages_per_second: f64,
    pub bytes_per_second: f64,
    pub server_cores: Option<f64>,
    pub server_cores_by_thread: BTreeMap<String, f64>,
    pub server_cpu_us_per_message: Option<f64>,
    /// Without what the server works when everybody is there and nothing happens.
    pub server_cpu_us_per_message_beyond_still: Option<f64>,
    /// From a command's leaving to a message that tells of it, at the sample.
    pub delay_in_rooms: Delay,
    pub delay_in_the_hallway: Delay,
    pub sampled_sockets: usize,
    /// Of the titles that the sample in rooms should have been told of, how many it was. In the hallway a newer title may
    /// replace one that nobody was told of yet.
    pub titles_heard_ratio_in_rooms: Option<f64>,
    /// Before anybody is in a room.
    pub kib_per_idle_socket: Option<f64>,
    pub percent_of_core_with_idle_sockets: Option<f64>,
    pub percent_of_core_in_still_rooms: Option<f64>,
    pub generator_cores: f64,
    /// Sentences; empty when the figures are the server's.
    pub bottlenecks: Vec<String>,
}

/// Everything. What could not be measured is `null`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub version: &'static str,
    /// `release`, or `debug`, whose figures say nothing about the product.
    pub build: &'static str,
    pub processors: usize,
    pub speakers: usize,
    pub listeners: usize,
    pub rooms: usize,
    /// How listeners came in: `socket` or `whep`.
    pub via: &'static str,
    pub duration_seconds: f64,

    /// CPU (user and system, of all processes of the server) for every datagram of voice that a listener got.
    pub server_cpu_ns_per_packet: Option<f64>,
    /// The same for every 20 ms of voice: less than for a datagram where several frames travel in one.
    pub server_cpu_ns_per_frame: Option<f64>,
    /// The same, for every datagram of voice that came in or went out.
    pub server_cpu_ns_per_packet_in_and_out: Option<f64>,
    /// Of a second, for each listener.
    pub server_cpu_us_per_listener_second: Option<f64>,
    /// Processors kept busy by the server.
    pub server_cores: Option<f64>,
    /// The same by kind of thread, `process/thread`. Other books than the rest: they may differ by a percent.
    pub server_cores_by_thread: BTreeMap<String, f64>,
    /// Against the floor in the same rhythm.
    pub cpu_over_floor_ratio: Option<f64>,
    /// Against the floor flat out.
    pub cpu_over_flat_floor_ratio: Option<f64>,
    pub floor: Option<FloorReport>,

    pub packets_received: u64,
    pub packets_per_second: f64,
    pub bytes_per_second: f64,
    pub packets_sent_by_speakers: u64,
    pub frames_expected: u64,
    pub frames_received: u64,
    pub frames_lost: u64,
    pub loss_ratio: f64,
    /// What the paced floor, whose packets meet the same sockets, would not have lost.
    pub loss_beyond_floor_ratio: Option<f64>,
    /// Came from a speaker and went to nobody; none where more speak than are heard at a time.
    pub frames_not_forwarded: Option<u64>,
    pub packets_twice: u64,
    /// Voice of which nobody in the sample could say which frame it was.
    pub packets_unmatched: u64,
    /// Share of the packets that held more than one frame.
    pub packed_packets_ratio: f64,

    pub added_delay: Delay,
    /// Of packets with several frames: from the moment the first of them was spoken.
    pub packed_delay: Delay,
    pub jitter_p99_ms: Option<f64>,
    pub longest_gap_ms: Option<f64>,
    pub gaps_over_60_ms: u64,

    pub joins: Joins,
    pub memory: Option<Memory>,
    pub idle: Option<Idle>,
    pub sample: Sample,
    pub signalling: Signalling,
    pub generator: Generator,
}

/// In milliseconds; null of nothing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Delay {
    pub packets: u64,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub p99_9_ms: Option<f64>,
    pub max_ms: Option<f64>,
    /// Upper edges in milliseconds and how many packets: for drawing.
    #[serde(skip)]
    pub distribution: Vec<(f64, u64)>,
}

/// Nanoseconds of CPU for one packet.
#[derive(Debug, Clone, Serialize)]
pub struct FloorReport {
    pub flat_before_ns: f64,
    pub flat_after_ns: f64,
    pub paced_before_ns: f64,
    pub paced_after_ns: f64,
    /// Means of before and after: what the ratios are against.
    pub flat_ns: f64,
    pub paced_ns: f64,
    /// How far before and after are apart: the noise of this machine.
    pub flat_drift_ratio: f64,
    pub paced_drift_ratio: f64,
    pub paced_loss_ratio: f64,
}

/// How people came in.
#[derive(Debug, Clone, Serialize)]
pub struct Joins {
    pub asked: usize,
    pub connected: usize,
    /// Connections that ended by themselves later.
    pub lost: usize,
    pub ramp_seconds: f64,
    /// From asking for the room to a media connection.
    pub p50_ms: Option<f64>,
    pub p95_ms: Option<f64>,
    pub slowest_ms: Option<f64>,
    /// From asking for the room to the first sound, where somebody was talking.
    pub to_sound_p50_ms: Option<f64>,
    pub to_sound_p95_ms: Option<f64>,
    /// Beyond what the server worked before anybody came. Socket, room and media together; null where talk went on.
    pub server_cpu_us_per_join: Option<f64>,
    pub first_failure: Option<String>,
}

/// Resident memory of all processes of the server.
#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    /// With nobody there.
    pub at_start_kib: u64,
    pub before_joins_kib: u64,
    pub after_joins_kib: u64,
    pub kib_per_listener: f64,
    /// After the last had come in.
    pub settled_seconds: f64,
    pub by_process_kib: Vec<(String, u64)>,
}

/// The server while nobody speaks.
#[derive(Debug, Clone, Serialize)]
pub struct Idle {
    /// Percent of one core, with nobody there.
    pub alone_percent_of_core: f64,
    /// The same with all listeners connected.
    pub with_listeners_percent_of_core: Option<f64>,
}

/// What those found who decrypted everything they heard.
#[derive(Debug, Clone, Serialize)]
pub struct Sample {
    pub listeners: usize,
    pub packets: u64,
    pub frames: u64,
    pub garbled: u64,
    pub gaps: u64,
    pub misplaced: u64,
    pub miscounted: u64,
}

/// What the server said on all sockets, in the whole run, beside the answers to what was asked.
#[derive(Debug, Clone, Serialize)]
pub struct Signalling {
    pub messages: u64,
    pub bytes: u64,
    pub sockets_ended: u64,
}

/// The bench itself.
#[derive(Debug, Clone, Serialize)]
pub struct Generator {
    /// Sentences; empty when the figures are the server's.
    pub bottlenecks: Vec<String>,
    pub cores: f64,
    pub listening_thread_cores: f64,
    pub speaking_thread_cores: f64,
    /// What a listener's connection says by itself, on average: checks of the path (STUN), and reports (RTCP).
    pub checks_per_listener_second: f64,
    pub reports_per_listener_second: f64,
    pub datagrams_lost_here: u64,
    pub receive_buffer_bytes_per_listener: usize,
    pub sweep_p99_ms: Option<f64>,
    pub sweep_wait_p99_ms: Option<f64>,
    pub speaker_lateness_p99_ms: Option<f64>,
}
