//! Bounds of the network process, each with unit and reason. Those of the wire are in [`protocol::limits`].

use std::time::Duration;

/// Connections open at once. Each costs two descriptors at most; the parent raises the limit to fit.
pub(crate) const CONNECTIONS_MAX: usize = 50_000;
/// Of these, what one address may hold (IPv6 by /64): ten thousand people behind one firewall or one carrier's address
/// translation, each with a socket and a page's connection beside it. The largest room there was fits.
pub(crate) const CONNECTIONS_PER_ADDRESS: usize = 20_000;
/// Of these, those behind which no session stands yet: a hall in which thousands open the page in the same minute. Ten
/// such addresses leave places for others.
pub(crate) const STRANGERS_PER_ADDRESS: usize = 4_000;
/// Of these, those that have not asked anything yet, which takes them [`HANDSHAKE_PERIOD`] at most: the same hall, where
/// an arrival takes a second and many browsers open a line in advance.
pub(crate) const BEGUN_PER_ADDRESS: usize = 1_000;
/// Connections of programs that read metrics: some, each with a few.
pub(crate) const METRICS_CONNECTIONS_MAX: usize = 16;
/// How long a client may take to send its request's headers.
pub(crate) const HEADER_PERIOD: Duration = Duration::from_secs(10);
/// How long a request's body and its answer may take. The keeper's slowest work, a recovery code, is well under one.
pub(crate) const REQUEST_PERIOD: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
pub(crate) const HANDSHAKE_PERIOD: Duration = Duration::from_secs(10);
/// How long a connection of media may take to send its first check.
pub(crate) const FIRST_FRAME_PERIOD: Duration = Duration::from_secs(5);
/// Bytes of that check. Browsers send about 130; more than 767 would begin like nothing that we know.
pub(crate) const FIRST_FRAME_MAX: usize = 767;
/// Connections of media that one address may have open: everybody behind one firewall that lets no UDP through, each
/// with one for every address of ours while the ways are tried.
pub(crate) const MEDIA_CONNECTIONS_PER_ADDRESS: usize = 1_000;
/// Bytes of a request's headers: cookies of other programs on `localhost` come along.
pub(crate) const HEADER_BYTES_MAX: usize = 32 * 1024;
/// Requests of one HTTP/2 connection at a time: a page with its files is about twenty.
pub(crate) const STREAMS_MAX: u32 = 64;

/// Asks that wait for the line to the keeper. Past this the answer is `Busy` at once.
pub(crate) const KEEPER_MAILBOX: usize = 1_024;
/// Bytes of asks for one write to the keeper, kept between writes: all that may wait for answers, of the usual 50 bytes.
pub(crate) const KEEPER_WRITE_BUFFER: usize = 16 * 1024;
/// Bytes of one read of what the keeper says: dozens of answers, of the usual 300 bytes.
pub(crate) const KEEPER_READ_BUFFER: usize = 16 * 1024;
/// How long one ask of the keeper may take before its asker is told `Busy`.
pub(crate) const KEEPER_PERIOD: Duration = Duration::from_secs(10);
/// What the keeper says without being asked, waiting to be carried out.
pub(crate) const PUSH_MAILBOX: usize = 256;

/// Bytes of messages that wait for one slow socket. Bounds what [`protocol::limits::OUTBOX_MESSAGES_MAX`] messages
/// may weigh together.
pub(crate) const OUTBOX_BYTES_MAX: usize = 4 << 20;
/// How long a socket has to take its last words.
pub(crate) const FAREWELL_PERIOD: Duration = Duration::from_secs(2);
/// Pings leave together, at steps of so much: thousands of sockets that each have a moment of their own would wake a
/// thread for every single one.
pub(crate) const PING_STEP: Duration = Duration::from_millis(250);
/// How long one write to a socket may take before the client counts as too slow.
pub(crate) const WRITE_PERIOD: Duration = Duration::from_secs(20);
/// Messages that leave in one write. A few: what is written cannot be taken back when the socket is dismissed.
pub(crate) const WRITTEN_TOGETHER: usize = 8;
/// Sockets that one member may have open: every tab of every device, and more.
pub(crate) const SOCKETS_PER_MEMBER_MAX: usize = 20;
/// How long a fresh socket may stay silent before it says hello.
pub(crate) const HELLO_PERIOD: Duration = Duration::from_secs(10);
/// Bytes read from a socket at a time. Most messages of a client are under 1 KiB, an offer is some; the space is taken
/// for every look whether something came.
pub(crate) const SOCKET_READ_BYTES: usize = 2 * 1024;
/// Bytes with which a write to a socket leaves: [`WRITTEN_TOGETHER`] ordinary messages. Large ones do not gather.
pub(crate) const SOCKET_WRITE_BYTES: usize = 4 * 1024;
/// Messages of one client a second, sustained: a person who presses every button does not reach ten.
pub(crate) const MESSAGES_PER_SECOND: u32 = 20;
/// Messages of one client at once, after silence: everything a reconnecting client says, and more.
pub(crate) const MESSAGES_BURST: u32 = 60;
/// Messages beyond the rate after which the socket is closed: a program that does not listen.
pub(crate) const MESSAGES_REFUSED_MAX: u32 = 200;
/// Participants that one relayed message may name.
pub(crate) const RELAY_TO_MAX: usize = 64;
/// Bytes of relayed messages that wait for one socket; what comes beyond is dropped. A quarter of
/// [`OUTBOX_BYTES_MAX`], and counted apart: what others send must not use up the room for what the server says.
pub(crate) const RELAYED_BYTES_MAX: usize = 1 << 20;
/// Relayed messages that wait for one socket; what comes beyond is dropped.
pub(crate) const RELAYED_MESSAGES_MAX: usize = 256;
/// Bytes that one client may have relayed a second, sustained, each recipient counted: keys for a full room are far
/// less.
pub(crate) const RELAY_BYTES_PER_SECOND: u32 = 256 << 10;
/// Bytes that one client may have relayed at once, after silence: the largest message for [`RELAY_TO_MAX`] people.
pub(crate) const RELAY_BYTES_BURST: u32 = 8 << 20;

/// Searches of a room by one client a second, sustained. Each looks at everybody in it, in the time of the one task that
/// decides: a full room is some milliseconds. The client waits for a pause in typing.
pub(crate) const SEARCHES_PER_SECOND: u32 = 2;
/// Searches of a room by one client at once, after silence: a name, typed with a pause after every letter.
pub(crate) const SEARCHES_BURST: u32 = 8;

/// Invitations given in rooms that are remembered until somebody comes by them, some 2 MB. Past this the oldest is
/// forgotten, and whoever comes by it lands in the hallway.
pub(crate) const LANDINGS_MAX: usize = 10_000;

/// What waits for one room's edge. People act at human speed; past this a socket is told `Busy`.
pub(crate) const EDGE_MAILBOX: usize = 1_024;
/// How long the screen of a device that was signed out waits for rooms to cut it off.
pub(crate) const CUT_PERIOD: Duration = Duration::from_millis(200);
/// How long a room that could not be committed waits before it tries again, whole.
pub(crate) const UNINSURED_PERIOD: Duration = Duration::from_secs(10);
/// How long anybody waits before they ask a room again that was too busy.
pub(crate) const BUSY_RETRY_PERIOD: Duration = Duration::from_millis(5);
/// How long a room waits before it asks the keeper again whom somebody follows.
pub(crate) const FOLLOWS_RETRY_PERIOD: Duration = Duration::from_secs(1);
/// How long a report that reaches no keeper waits before it is tried again.
pub(crate) const REPORT_RETRY_PERIOD: Duration = Duration::from_secs(1);
/// For how long it is tried, whether the keeper is away or does not answer: one that is away for ten minutes is away for good.
pub(crate) const REPORT_PERIOD: Duration = Duration::from_secs(600);
/// Commands that one commit of a room may gather.
pub(crate) const COMMIT_BATCH: usize = 64;
/// Media events that wait for their rooms, in shards' words: a few for every connection there can be.
pub(crate) const MEDIA_EVENTS: usize = 65_536;
/// How often media events are tried again on a room that was too busy to take them.
pub(crate) const MEDIA_RETRY_PERIOD: Duration = Duration::from_millis(20);

/// What waits for the hallway: arrivals, departures, changed rooms.
pub(crate) const HALLWAY_MAILBOX: usize = 4_096;
/// How often the hallway says what changed: a card that moves more than three times a second cannot be read.
pub(crate) const HALLWAY_PERIOD: Duration = Duration::from_millis(300);
/// People whom the hallway tells something at a time, in one of these periods: each wakes a socket, and so many are some
/// hundredths of a second of a processor. Where more people have something to hear, they hear it one after the other:
/// ten thousand within two seconds.
pub(crate) const HALLWAY_PEOPLE_TOGETHER: usize = 2_000;
/// Messages that these are told in: two for each. With one for each, a delay would feed itself: whoever is told late has
/// more to hear, and more messages for each are fewer people. What is beyond waits, so this bounds the bytes too: with
/// cards of 250 bytes some 16 MB.
pub(crate) const HALLWAY_FRAMES_TOGETHER: usize = 2 * HALLWAY_PEOPLE_TOGETHER;
/// Messages of the hallway that leave at a time and tell of nothing but what moved by itself. Fewer, for nobody waits for
/// a number: ten thousand people see how many listen within six seconds.
pub(crate) const HALLWAY_MOVES_TOGETHER: usize = 500;
/// Changes in one message of the hallway: some kilobytes, since a socket keeps the space of its largest message.
pub(crate) const HALLWAY_CHANGES_TOGETHER: usize = 16;
/// People who are available at once: a tenth of a very large evening. Each is looked at by everybody who follows them.
pub(crate) const AVAILABLE_MAX: usize = 10_000;
/// People of whom it is remembered, for some minutes, how often they asked others to talk.
pub(crate) const ASKERS_MAX: usize = 10_000;
/// People of whom it is remembered, as keyed hashes and for some minutes, how often they pinged others.
pub(crate) const PINGERS_MAX: usize = 10_000;
/// And whom each of them pinged, in the same way: some 4 MB.
pub(crate) const PINGED_MAX: usize = 50_000;
/// How often it is looked which of these can be forgotten.
pub(crate) const PINGS_SWEEP: Duration = Duration::from_secs(10);
/// Sockets that are told at a time who is available: each costs a look along whom somebody follows.
pub(crate) const COMPANY_TOLD_TOGETHER: usize = 500;
/// Cards of which one viewer is told at a time because they moved by themselves: who talks, how many listen. Nobody
/// watches more, and with hundreds of lively rooms each viewer would be sent hundreds of cards a second.
pub(crate) const CARDS_MOVED_TOGETHER: usize = 16;
/// Cards of one room that differ from the common one, kept as they are written for others who see the same.
pub(crate) const LOOKS_KEPT: usize = 16;

/// Pictures that are made small at once: each takes a processor for some tenths of a second, and up to 100 MB.
pub(crate) const PICTURES_AT_ONCE: usize = 2;
/// Pictures that wait for that, each with up to a megabyte: so many are done within the time that a request has.
pub(crate) const PICTURES_WAITING: usize = 16;
/// Pictures kept to be looked at again: every face of a full stage and of the hallway, and some hundreds more.
pub(crate) const PICTURES_MAX: usize = 500;
/// Bytes of these together: five hundred of the usual 30 KB.
pub(crate) const PICTURES_BYTES_MAX: usize = 16 << 20;
/// How long one is kept, asked for or not.
pub(crate) const PICTURES_PERIOD: Duration = Duration::from_secs(600);

/// How often within [`SAID_AGAIN_PERIOD`] people are told of one event that it changed: a time that was put right, and again.
pub(crate) const EVENT_TOLD_MAX: u8 = 3;
/// Letters to push services that wait for an answer at once: twice what the process that calls out takes at a time.
pub(crate) const LETTERS_IN_FLIGHT: usize = 64;
/// Letters that wait to be one of these.
pub(crate) const LETTERS_MAILBOX: usize = 64;
/// When to try again where that process is not there: it is started again at once.
pub(crate) const NO_OUTBOUND_SECONDS: u32 = 1;
/// Letters that wait to be taken, are on their way or are to be tried again: some hundred kilobytes. Who is told of what many
/// are told of waits for places; who is told of something of their own is not told where there is none.
pub(crate) const LETTERS_WAITING: usize = 512;
/// A letter that could not be taken waits at least so long, whatever was said.
pub(crate) const LETTER_RETRY_MIN: Duration = Duration::from_secs(1);
/// Places for letters that bells leave to those who are asked by name.
pub(crate) const LETTERS_FOR_ASKS: usize = 64;
/// The longest wait before a letter is tried again: after that it is no news.
pub(crate) const LETTER_RETRY_MAX: Duration = Duration::from_secs(60);
/// How long a push service keeps a letter for a browser that is off, in seconds: after that the room is another.
pub(crate) const LETTER_KEPT_SECONDS: u32 = 600;
/// The same for what is said of an event but that it is near: it is as true in the morning, for a device that was off.
pub(crate) const EVENT_LETTER_KEPT_SECONDS: u32 = 12 * 60 * 60;
/// Letters that somebody's bell rings at a time, and how long until the next: two hundred a second, a hundred thousand in
/// eight minutes. Push services are not flooded, and who starts a room that many want to hear is not run over at once.
pub(crate) const BELL_LETTERS_TOGETHER: usize = 24;
pub(crate) const BELL_PACE: Duration = Duration::from_millis(120);
/// For how long it rings: whoever was not reached by then is not told.
pub(crate) const BELL_PERIOD: Duration = Duration::from_secs(600);
/// What single people are to be told, waiting for its turn.
pub(crate) const WORDS_MAILBOX: usize = 1_024;
/// How long the same is not said to the same person again.
pub(crate) const SAID_AGAIN_PERIOD: Duration = Duration::from_secs(600);
/// What was said in that time, as keyed hashes of 16 bytes. Past this nothing more is said.
pub(crate) const SAID_MAX: usize = 20_000;

/// Rate-limit entries kept at once. Past this the oldest window is dropped as a whole.
pub(crate) const LIMITED_MAX: usize = 200_000;
/// How long one key of the rate limits lives: after it, no counter can be tied to an address any more.
pub(crate) const LIMIT_KEY_PERIOD: Duration = Duration::from_secs(600);
