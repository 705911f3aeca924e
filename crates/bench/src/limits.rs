//! Bounds of the load generator, each with unit and reason.

use std::time::Duration;

/// Bytes kept of one datagram: the server sends none longer.
pub(crate) const DATAGRAM: usize = 1_500;
/// Datagrams of one `recvmmsg`; nothing is gained above 64.
pub(crate) const RECEIVE_BATCH: usize = 64;
/// Listeners that share one media socket. Each has an address of its own on it, as people have behind different
/// routers; a socket for each would cost the sender a look-up among thousands, which no real network has.
pub(crate) const SEATS_PER_WIRE: usize = 128;
/// Listeners of one room for whom one thread listens. At 12,000 and 25 packets a second for each, beside a server whose
/// threads come first on all processors, one thread needed 9 s for one look at all sockets.
pub(crate) const SEATS_PER_HALL: u32 = 10_240;
/// Bytes of a media socket's queue: half a second of three voices for all its listeners, at 1 KiB a packet in the
/// kernel.
pub(crate) const RECEIVE_BUFFER: usize = 16 << 20;
/// Between two looks at the sockets. A receiver that wakes for every packet doubles the cost of loopback and hides the
/// server; when a datagram came is what the kernel says, not when it was looked at.
pub(crate) const SWEEP_PERIOD: Duration = Duration::from_millis(5);
/// The same while somebody is being connected, so that handshakes do not wait for the generator.
pub(crate) const JOINING_SWEEP_PERIOD: Duration = Duration::from_millis(1);
/// Between two turns of a connection that stands: its checks and reports come every few seconds, and nobody notices one
/// second.
pub(crate) const TIMER_PERIOD: Duration = Duration::from_secs(1);
/// How long a packet waits for somebody in the sample to say which frame it is.
pub(crate) const UNMATCHED_PERIOD: Duration = Duration::from_millis(400);
/// Frames of one slot that are remembered: 2.5 s.
pub(crate) const FRAMES_REMEMBERED: usize = 128;
/// Moments of sending that are remembered for each speaker: 20 s.
pub(crate) const SENT_REMEMBERED: usize = 1_024;

/// One listener in so many decrypts and checks everything it hears.
pub(crate) const SAMPLE_EVERY: usize = 50;
/// At least so many in each room, or all, where there are few rooms.
pub(crate) const SAMPLE_MIN: usize = 4;
/// At most so many in all rooms together, but one in each: decrypting costs the listeners' side more than sealing costs
/// the server.
pub(crate) const SAMPLE_MAX: usize = 64;

/// People who come to a server in one bench. The bound is the addresses in 127.0.0.0/8 that are handed out, with room
/// to spare.
pub(crate) const PEOPLE_MAX: usize = 1 << 20;
/// The longest measurement.
pub(crate) const DURATION_MAX: Duration = Duration::from_secs(3_600);
/// Speakers of a room: its stage.
pub(crate) const SPEAKERS_MAX: usize = protocol::limits::STAGE_MAX;
/// Descriptors beside one for each person's socket and one for every [`SEATS_PER_WIRE`] of them.
pub(crate) const OWN_DESCRIPTORS: usize = 256;

/// Accounts that are made at the same time. The database has one writer.
pub(crate) const PROVISION_TOGETHER: usize = 16;
/// Rooms that are opened at the same time.
pub(crate) const OPEN_TOGETHER: usize = 16;
/// People who are on their way in at the same time. Past this the next wait, and the ramp is late.
pub(crate) const JOIN_TOGETHER: usize = 2_048;
/// How long a server has to start, and to stop.
pub(crate) const SERVER_PERIOD: Duration = Duration::from_secs(30);
/// How long everybody has to be connected after the last has asked.
pub(crate) const CONNECT_PERIOD: Duration = Duration::from_secs(30);
/// How long people have to leave their rooms at the end.
pub(crate) const LEAVE_PERIOD: Duration = Duration::from_secs(5);
/// How long the server is watched with nobody there.
pub(crate) const IDLE_PERIOD: Duration = Duration::from_secs(3);
/// How long the server is watched just before people come, to know what it works without them.
pub(crate) const BASELINE_PERIOD: Duration = Duration::from_secs(1);
/// How long talk goes on before it is measured: admission to a slot, and the first seconds of every cache.
pub(crate) const WARM_UP: Duration = Duration::from_secs(2);
/// How long after the measurement packets still count. What comes later is lost to whoever listens.
pub(crate) const AFTER: Duration = Duration::from_secs(2);
/// Titles that change in a second over all rooms together, while only sockets are measured.
pub(crate) const HALLWAY_ACTIONS: u32 = 50;
/// Between two titles of one room at the least: far under what the server takes from one person.
pub(crate) const ROOM_PERIOD: Duration = Duration::from_millis(250);
/// Lines of the server's log that are shown when it fails.
pub(crate) const LOG_LINES: usize = 40;
/// Bytes of one such line that are shown.
pub(crate) const LOG_LINE: usize = 400;
