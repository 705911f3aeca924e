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
