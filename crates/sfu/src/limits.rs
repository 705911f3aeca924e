//! Every bound of the threads and sockets, with its unit and its reason.

use std::time::Duration;

use media::limits::DATAGRAM;

use crate::connections::looks;
use crate::framing::LENGTH;

/// Commands that wait for one shard. The largest burst is the end of the largest room: 20,000 people cut off at once,
/// all of them perhaps on one shard. A command is under 64 bytes, so this is 2 MiB.
pub(crate) const COMMANDS: usize = 32_768;

/// Voice (and strays) from other shards that wait for one shard. May be dropped: a lost frame is 20 ms of one voice.
/// As many as come at 150,000 a second, more than a core can fan out, while a shard walks 10,000 listeners (13 ms). A
/// message is about 1 KiB, so this is 2 MiB.
pub(crate) const VOICE_LANE: usize = 2_048;

/// Everything else between shards (grants, subscriptions, addresses) that waits for one shard. Never dropped while the
/// recipient lives: what does not fit waits with the sender. A few come with each join.
pub(crate) const NEWS_LANE: usize = 256;

/// Messages that wait with a sender because a recipient's lane is full. A recipient that far behind is dead, and what is
/// dropped beyond is said again by the media engine.
pub(crate) const NEWS_WAITING: usize = 65_536;

/// How long a sender waits before it tries a full lane again.
pub(crate) const NEWS_RETRY: Duration = Duration::from_millis(1);

/// How long after somebody has gone what is left of them is overwritten, for all who go meanwhile: well within the half
/// second that is promised, and dear enough (the table of addresses is written anew) not to be done for each.
pub(crate) const WIPE_AFTER: Duration = Duration::from_millis(200);

/// UDP sockets of one shard: one for voice and handshakes, one for checks and reports (see `sys/steer.rs`).
pub const SOCKETS_PER_SHARD: usize = 2;

/// For how long checks and reports are not waited for after some have come: they are looked at whenever something else
/// wakes the thread, and at the latest now. Longer than the 20 ms between two packets of whoever talks, so that while
/// somebody does nobody's checks wake it; and nothing that people notice when somebody comes in.
pub(crate) const CHECKS_REST: Duration = Duration::from_millis(25);

/// Over how long it is counted how busy a thread's sockets and neighbours are: one packet of everybody who talks.
pub(crate) const PACE_WINDOW: Duration = Duration::from_millis(20);

/// Datagrams and messages in that time from which on the thread rests between turns: three in every rest, so that two
/// wake-ups of three are saved.
pub(crate) const PACE_INPUTS: usize = 60;

/// How long it rests then: a small part of what a jitter buffer evens out.
pub(crate) const PACE_REST: Duration = Duration::from_millis(1);

/// Datagrams of one `recvmmsg`; measured: nothing is gained above 64.
pub(crate) const RECEIVE_BATCH: usize = 64;

/// Bytes kept of one datagram. One more than the media engine looks at would do; longer ones are cut off and refused.
pub(crate) const RECEIVE_BYTES: usize = 2_048;

/// `recvmmsg` calls before timers and handshakes get their turn. Commands do not wait for that: they are looked at
/// before every datagram.
pub(crate) const RECEIVE_ROUNDS: usize = 4;

/// Messages from other shards handled before the socket gets its turn.
pub(crate) const MAIL_ROUND: usize = 256;

/// DTLS datagrams worked off in one turn, 0.1 to 0.3 ms each: media waits for at most about a millisecond.
pub(crate) const HANDSHAKES_PER_TURN: usize = 4;

/// Bytes of the socket's receive buffer that are asked for: at 1 KiB a small packet in the kernel, 4,000 packets, as
/// many as come while a shard walks 10,000 listeners. With the default of 208 KiB the kernel drops silently.
pub(crate) const RECEIVE_BUFFER: usize = 4 << 20;

/// Bytes of the socket's send buffer that are asked for: one sweep over 5,000 listeners must not be refused because the
/// network card has not caught up.
pub(crate) const SEND_BUFFER: usize = 8 << 20;

/// How long a full send buffer is waited for before the rest of a batch is dropped: a quarter of a packet's length.
pub(crate) const SEND_WAIT: Duration = Duration::from_millis(5);

/// How long a send buffer that stayed full is not waited for again: a sweep has a hundred batches.
pub(crate) const SEND_BLOCKED: Duration = Duration::from_millis(100);

/// Connections (media over TCP) of one shard: what one core can feed over TCP, at 3 us a packet against 1 over UDP.
pub(crate) const CONNECTIONS_PER_SHARD: usize = 8_192;

/// Bytes read of one connection in one turn, with the beginning of a frame that was kept; the others and the socket get
/// theirs before it reads again. Two whole frames at least.
pub(crate) const STREAM_BYTES: usize = 4_096;
const _: () = assert!(STREAM_BYTES >= 2 * (DATAGRAM + LENGTH));

/// Connections read in one turn.
pub(crate) const STREAM_ROUND: usize = 64;

/// Bytes of a connection's send buffer that are asked for (the kernel takes twice as many, and counts 2 KiB a packet): a
/// third of a second of three voices on their way to a far client.
pub(crate) const STREAM_SEND_BUFFER: usize = 64 << 10;

/// Bytes of a connection's receive buffer that are asked for: a second of one voice, as the kernel counts it.
pub(crate) const STREAM_RECEIVE_BUFFER: usize = 64 << 10;

/// Bytes that may wait in a send buffer without having left: 150 ms of three voices. Older voice is not worth hearing.
pub(crate) const STREAM_UNSENT: usize = 2_048;

/// Over how long a thread's load is measured: a sweep over the largest audience is a small part of it.
pub(crate) const LOAD_WINDOW: Duration = Duration::from_secs(1);

/// How often connections are looked at.
pub(crate) const CONNECTION_LOOK: Duration = Duration::from_secs(1);

/// How long a connection may stay whose checks the engine has not answered: two tries of a client.
pub(crate) const UNANSWERED_LOOKS: u32 = looks(Duration::from_secs(5));

/// Bytes that such a connection may send: ten checks.
pub(crate) const UNANSWERED_BYTES: usize = 2_048;

/// How long a connection stays to which nothing is written: a client checks every five seconds, and is gone after thirty
/// ([`media::limits::GONE_AFTER`]).
pub(crate) const QUIET_LOOKS: u32 = looks(Duration::from_secs(30));

/// How long [`crate::Handle::stats`] waits for a busy shard. Every input is followed by a look at the requests, so one
/// that takes longer is stuck.
pub(crate) const REPORT_WAIT: Duration = Duration::from_secs(1);

/// Inputs in a row whose handling panicked before a shard is called broken.
pub(crate) const PANICS_IN_A_ROW: u32 = 64;

/// Peers that a channel's home may have more than the emptiest shard before somebody new goes there: a tenth of what one
/// core carries. A room that is spread wakes every shard for every packet, which costs less than it brings only where each
/// has many to send to.
pub const LEANING: u32 = 1_024;

/// Freed indices of peers or channels that rest before one is used again: late packets of a former owner find a
/// generation that is not theirs, and nobody else's hands are full with them. Few, so that tables stay dense.
pub(crate) const RESTING: usize = 64;
