//! Bounds of the client, each with unit and reason. Those of the wire are in [`protocol::limits`].

use std::time::Duration;

/// How long a connection, a handshake or one answer may take: the server's own patience is 30 s.
pub const ANSWER_PERIOD: Duration = Duration::from_secs(30);
/// Silence after which a socket counts as dead: the server pings it every
/// [`SOCKET_PING_PERIOD`](protocol::limits::SOCKET_PING_PERIOD), and one ping may be late.
pub const SOCKET_SILENT_PERIOD: Duration = Duration::from_secs(25);
/// Bytes of the body of an HTTP answer. The largest is a list of twenty people.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Bytes of one message of the server. Its own bound on all that waits for one socket is half of it.
pub const SERVER_MESSAGE_BYTES_MAX: usize = 8 << 20;
/// Bytes read from a socket at a time; there may be many sockets, and most messages are shorter.
pub const SOCKET_READ_BUFFER: usize = 4 * 1024;
/// Bytes that wait to be written to a socket: two of the largest messages that a client may send.
pub const SOCKET_WRITE_BUFFER_MAX: usize = 2 * protocol::limits::CLIENT_MESSAGE_BYTES_MAX;
/// Messages that come while an answer is waited for, and are kept for later. A server that sends more is not waiting
/// for a reader.
pub const PASSED_OVER_MAX: usize = 4_096;
/// Bytes of a session description that are read.
pub const ANSWER_SDP_BYTES_MAX: usize = 32 * 1024;
/// Candidates read from one answer: a server has an address or two of each kind.
pub const CANDIDATES_MAX: usize = 32;

/// How long one packet of voice of this client lasts, and one piece of what it hears.
pub const FRAME_PERIOD: Duration = Duration::from_millis(20);
/// Bytes of an Opus packet: 120 ms at the codec's highest rate are less, and a datagram holds no more.
pub const PACKET_BYTES_MAX: usize = 1_200;
/// Hertz: what people hear, and what Opus carries.
pub const TONE_HZ_MIN: f64 = 20.0;
/// See [`TONE_HZ_MIN`].
pub const TONE_HZ_MAX: f64 = 20_000.0;
/// Samples in a second of a file that is played: from a telephone to a studio.
pub const WAV_RATE_MIN: u32 = 8_000;
/// See [`WAV_RATE_MIN`].
pub const WAV_RATE_MAX: u32 = 192_000;
/// Channels of a file that is played: they become one.
pub const WAV_CHANNELS_MAX: u16 = 8;
/// Bytes of sound in a file that is written: its header counts with 32 bits. Twelve hours.
pub const WAV_BYTES_MAX: u32 = u32::MAX - 8_192;
/// Ticks of voice that are held back at least, and at most: 20 and 60 ms. Whoever needs more hears gaps, not delay.
pub const HELD_BACK_MIN: u32 = 960;
/// See [`HELD_BACK_MIN`].
pub const HELD_BACK_MAX: u32 = 3 * 960;
/// Frames of 20 ms without a late packet after which less is held back: ten seconds.
pub const JITTER_CALM_FRAMES: u32 = 500;
/// Packets of a slot that wait: a second of them.
pub const JITTER_PACKETS_MAX: usize = 50;
/// Frames in a row that are made up when nothing comes: longer than 60 ms sounds like a machine.
pub const CONCEAL_FRAMES_MAX: u32 = 3;
/// Frames between our clock and the sound card's: 60 ms, three turns of ours.
pub const DEVICE_FRAMES: usize = 3;
/// Frames above which the sound card is taken to be slow: 160 ms.
pub const DEVICE_FRAMES_MAX: usize = 8;

/// What a person can want before the first of it is done.
pub const WISHES_MAX: usize = 16;
/// Words that wait to be shown.
pub const NEWS_MAX: usize = 64;
/// Orders for the sound that wait: it takes one within 20 ms.
pub const ORDERS_MAX: usize = 4;
/// Addresses of this machine from which the server is tried.
pub const WIRES_MAX: usize = 4;
/// Bytes of a datagram that is read: an Ethernet frame, and reserve.
pub const DATAGRAM_BYTES_MAX: usize = 2_048;
/// How long a media connection may take to stand before another is tried.
pub const MEDIA_CONNECT_PERIOD: Duration = Duration::from_secs(10);
/// Frames of 20 ms between two looks at levels: five a second.
pub const LEVELS_FRAMES: u32 = 10;
/// Frames that are caught up with after a busy moment: 200 ms. After more the machine slept.
pub const TICKS_LATE_MAX: u32 = 10;
/// The first pause between two tries to come back, about: they are not all at once.
pub const RETRY_PERIOD_MIN: Duration = Duration::from_millis(250);
/// The longest pause between two tries to come back.
pub const RETRY_PERIOD_MAX: Duration = Duration::from_secs(4);
/// How long goodbyes may take.
pub const LEAVING_PERIOD: Duration = Duration::from_secs(2);
