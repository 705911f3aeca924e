//! Every bound of the media engine, with its unit and its reason.

use std::time::Duration;

use crate::load::Load;

/// Shards in one process: one per core, and the subscriber set of a channel is one `u64`.
pub const SHARDS: usize = 64;

/// Peers of one shard. Four times what one core can feed; the index must fit the 24 bits the ufrag has for it.
pub const PEERS_PER_SHARD: u32 = 65_536;

/// Channels of one process: rooms on one machine, with a margin for interpretation channels.
pub const CHANNELS: u32 = 16_384;

/// Bytes of one voice payload. Opus at 128 kbit/s in 40 ms is 640; a 20 ms frame never needs more, and an encrypted
/// frame adds less than 40.
pub const VOICE_PAYLOAD: usize = 960;

/// Bytes of a datagram that is looked at; longer ones are refused unread. One Ethernet frame without IP and UDP.
pub const DATAGRAM: usize = 1_472;

/// Datagrams of one send batch; measured: nothing is gained above 64.
pub const BATCH: usize = 64;

/// Bytes of one message of a send batch: three segments of an ordinary voice packet, or one datagram.
pub const MESSAGE: usize = 2_048;

/// Without an authenticated packet for this long a peer is sent no more media: nobody is flooded who did not ask.
/// Peers are looked at once a second, and a busy shard looks late: two seconds less than the 15 s that people are promised.
pub const SILENT_AFTER: Duration = Duration::from_secs(13);

/// Without an authenticated packet for this long a peer is gone.
pub const GONE_AFTER: Duration = Duration::from_secs(30);

/// Bytes of an offer. Four audio lines are 6 kB in Chromium; a client that also offers video is read and refused
/// line by line.
pub const OFFER_BYTES: usize = 65_536;

/// Lines of an offer, and formats of one media section; the largest browser offer seen has 600.
pub const OFFER_LINES: usize = 2_000;

/// Media sections of an offer: each is answered.
pub const OFFER_MEDIA: usize = 32;

/// Bytes of a word of an offer that is repeated in the answer (mid, media, format).
pub const OFFER_TOKEN: usize = 64;

/// The canonical name in our sender descriptions (RFC 3550 section 6.5.1): the same for everybody, it names no one.
pub const CNAME: &str = "vivavoce";

// --- channels: who is heard ---

/// Talkers of one channel whose voice is on: the largest stage, with a margin for people on their way up or down.
/// A fixed table, so that a packet finds its talker by a short scan.
pub const TALKERS_PER_CHANNEL: usize = 64;

/// Payloads up to this many bytes are Opus comfort noise (a TOC byte and nothing to decode): libwebrtc sends one when
/// DTX begins and one every 400 ms.
pub const COMFORT_NOISE_BYTES: usize = 3;

/// -dBov (RFC 6464). At least this loud counts as speech. Quiet speech without gain control lies around 45; a quiet
/// room after noise suppression is beyond 70.
pub const SPEECH_LEVEL: u8 = 55;

/// -dBov. A talker who is heard already stays while at least this loud: word endings are softer than beginnings.
pub const STAY_LEVEL: u8 = 62;

/// -dBov. Louder than this is no merit but a microphone's gain, or a client that lies: it counts as this.
pub const LOUDEST_LEVEL: u8 = 30;

/// Time constant of the quick average: one syllable.
pub const QUICK: Duration = Duration::from_millis(40);

/// Time constant of the slow average: one word. A cough is shorter.
pub const SLOW: Duration = Duration::from_millis(400);

/// Speech before a free slot is given: three packets of 20 ms, so a click or a knock on the table is not enough.
pub const ADMIT_AFTER: Duration = Duration::from_millis(60);

/// A talker keeps the slot through pauses up to this long; pauses between sentences are shorter.
pub const HOLD: Duration = Duration::from_millis(800);

/// Power ratio (6 dB) by which a talker must be louder to take another's slot.
pub const LOUDER: f32 = 3.981_072;

/// For how long somebody must be louder before a slot changes hands; longer than a cough (a quarter of a second, and
/// the averages need a moment to forget it).
pub const CHALLENGE: Duration = Duration::from_millis(400);

/// Nobody loses a slot sooner than this after getting it, except by silence: a word is always finished.
pub const TENURE: Duration = Duration::from_secs(1);

/// A talker who spoke in vain for this long, about as loud as the rest, gets a turn ...
pub const TURN_AFTER: Duration = Duration::from_secs(3);

/// ... from whoever has held a slot longest, if for at least this long. Three clients that claim to be loud for ever
/// thus cannot keep a fourth from being heard.
pub const TURN: Duration = Duration::from_secs(10);

/// A gap between two packets of a talker that ends what was counted for them: longer than any jitter that is still
/// speech.
pub const UNHEARD: Duration = Duration::from_millis(200);

/// Slot grabs of one talker: tokens at most, tokens at the start, price of a free slot, price of somebody's slot. One
/// token comes back per second. Speech with pauses needs less; a client that flaps between loud and silent runs dry,
/// and one that mutes and unmutes to start afresh cannot push anybody out at once.
pub const GRABS: f32 = 6.0;
pub const GRABS_AT_START: f32 = 2.0;
pub const GRAB_FREE: f32 = 1.0;
pub const GRAB_TAKEN: f32 = 3.0;
pub const GRABS_PER_SECOND: f32 = 1.0;

/// Packets per second of one talker: 10 ms frames (100 per second) with a margin for clocks. What comes faster is
/// dropped, because every packet is multiplied by the number of listeners.
pub const TALKER_PACKETS_PER_SECOND: f32 = 120.0;

/// Packets of one talker at once: what a stalled uplink lets go, one second of 20 ms frames.
pub const TALKER_PACKET_BURST: f32 = 50.0;

/// Sequence numbers a packet may be ahead or behind and still belong to the same stream (RFC 3550 appendix A.1,
/// MAX_DROPOUT and MAX_MISORDER).
pub const MAX_DROPOUT: u16 = 3_000;
pub const MAX_MISORDER: u16 = 100;

/// Packets kept of every talker who is not heard yet, the newest included: the three that decide the admission and the
/// soft beginning before them.
pub const PRE_ROLL: usize = 4;

/// 48 kHz ticks. Older than this against the newest, a kept packet belongs to something else said earlier: 200 ms.
pub const PRE_ROLL_SPAN: u32 = 9_600;

/// 48 kHz ticks of one packet until its talker's timestamps say otherwise: 20 ms.
pub const FRAME_TICKS: u32 = 960;

/// 48 kHz ticks. The longest Opus packet, 120 ms (RFC 6716 section 3.2.5), and the shortest, 2.5 ms.
pub const FRAME_TICKS_MAX: u32 = 5_760;
pub const FRAME_TICKS_MIN: u32 = 120;

/// 48 kHz ticks a slot's timestamps may run ahead of its clock: 500 ms, more than any first packet is late.
pub const MAX_AHEAD: i32 = 24_000;

/// 48 kHz ticks a slot's timestamps may stay behind its clock: one second. Nobody wants to hear older words.
pub const MAX_BEHIND: i32 = 48_000;

/// A talker who stays behind for longer than this is not late: the talker's clock has jumped.
pub const BEHIND_FOR: Duration = Duration::from_millis(200);

/// 48 kHz ticks. A gap this long in a slot starts a new talk spurt: 100 ms.
pub const SPURT_GAP: i32 = 4_800;

/// Silent frames that end a talker who is cut off: one says it, and one more for who loses that.
pub const SILENT_FRAMES: u32 = 2;

/// Frames of one channel that wait to be polled: a pre-roll for every slot. Whoever handles polls, so more never wait.
pub const PENDING_FRAMES: usize = 16;

/// SSRCs one peer may send from in its life, for RTP and for RTCP each. A browser has one for its microphone and one
/// per line it listens on.
pub const SOURCES: usize = 8;

/// The RTP clock of Opus, Hz (RFC 7587 section 4.1).
pub const CLOCK_RATE: u32 = 48_000;

/// Without an authenticated packet on its path for this long, a peer is moved by a mere check from elsewhere.
/// Browsers check every 2 to 5 seconds.
pub const PATH_SILENT: Duration = Duration::from_secs(5);

/// Addresses one peer may be checked from at the same time: its interfaces times its families, and over TCP each of these
/// once for every address of ours, with a margin.
pub const ADDRESSES: usize = 16;

/// Voice packets from addresses that nobody was checked from, a second, that a shard looks up and shows to the others: a
/// speaker whose network has changed is found by the first. What comes faster waits for its next check.
pub const SEARCHES_PER_SECOND: f32 = 200.0;

/// Bytes that an address is sent for each that came from it, until it has shown that it hears us (RFC 9000 section 8.1).
pub const UNPROVEN_FACTOR: usize = 3;

/// DTLS datagrams that wait for a shard to have time: at 0.1 ms each, a tenth of a second of handshakes.
pub const HANDSHAKE_QUEUE: usize = 1_024;

/// DTLS datagrams of one peer in that queue: the longest flight of a browser is six.
pub const HANDSHAKE_QUEUE_PER_PEER: usize = 16;

/// How long DTLS state (9 KiB) is kept after the handshake at most: a client whose last flight was answered by a lost one
/// asks again within seconds. One that sends reports has the answer, and its state goes with the first.
pub const DTLS_KEPT: Duration = Duration::from_secs(30);

/// Whoever seems to have said goodbye, but in a DTLS record that nobody can read any more, is gone after this long without
/// anything authenticated: longer than any client that stays is silent (RFC 7675 section 5.1: a check at least every 6 s).
pub const DOUBTED_FOR: Duration = Duration::from_secs(8);

/// By how much a packet may be overtaken by one that left the same client later.
pub const REORDERED: Duration = Duration::from_secs(1);

/// How often a speaker is sent reports: their encoder adapts to them, and in a room where nobody else speaks they are what
/// tells the speaker's client that its path is alive.
pub const SPEAKER_REPORTS: Duration = Duration::from_millis(500);

/// After how long a listener is sent a report by the clock. Mostly it is sent with each of theirs, every 5 s or so (RFC
/// 3550 section 6.2): a listener whom nothing was heard of for a while lies in no cache, and to look at them twice costs
/// twice (measured; docs/measurements.md).
pub const LISTENER_REPORTS: Duration = Duration::from_secs(8);

/// Whoever reports more often than this is not answered each time: a client reports on each of its slots.
pub const REPORTS_APART: Duration = Duration::from_secs(4);

/// Packets whose loss one redundant packet of a speaker makes good, where it carries that much: more come too late.
pub const RED_BLOCKS: usize = 3;

/// Packets over which a listener's loss is judged: two seconds of one talker. In fewer, chance has too much to say.
pub const LOSS_SPAN: u32 = 100;

/// Of 256 packets. From this loss on (2 %) a listener is lossy: a lost syllable every second.
pub const LOSSY_FROM: u8 = 5;

/// Of 256 packets (10 %), taken for the loss of a listener who has just begun to lose: the first report of it is also about
/// packets that came while all was well.
pub const LOSS_AT_FIRST: u8 = 26;

/// Of 256 packets. Below this loss (1 %) a span is clean ...
pub const CLEAN_BELOW: u8 = 3;

/// ... and after so many in a row the listener is: a network that was bad a moment ago is trusted slowly.
pub const CLEAN_SPANS: u8 = 3;

/// One listener in so many must be losing before speakers are told: forward error correction takes bits from the voice,
/// and everybody hears that.
pub const LOSING_SHARE: u32 = 16;

/// Of 256 packets, told to a speaker when many listeners lose: 5 % at least, from which Opus spends enough on it, and
/// 15 % at most: half as much again as a line that loses a tenth. Below 9 % Opus corrects no errors in a voice that it
/// takes for music, and what listeners report swings by a third.
pub const REPORTED_LOSS_MIN: u8 = 13;
pub const REPORTED_LOSS_MAX: u8 = 38;

/// How slowly the encoders of browsers believe a loss that they are told: the time constant of the filter it goes through
/// (libwebrtc, `PacketLossFractionSmoother`).
pub const BELIEF: Duration = Duration::from_secs(10);

/// Of 256 packets, told to a speaker at most until the encoder believes what is meant: it takes two seconds to believe a
/// tenth then, instead of half a minute.
pub const EXAGGERATED_LOSS_MAX: u8 = 128;

/// For how long a speaker's shard believes what the channel's home told it about losses, which is said again every
/// second: three messages may be lost.
pub const LOSSES_BELIEVED: Duration = Duration::from_millis(3_500);

/// How long the frames of several talkers wait for each other: one packet of 20 ms. The mean wait is half of it.
pub const PHASE: Duration = Duration::from_millis(20);

/// Rows of one channel on one shard below which nobody waits: 200 rows with three talkers cost 4 % of a core.
pub const PHASE_ROWS: usize = 200;

/// A slot without a frame for this long is not waited for: two lost packets.
pub const SLOT_ACTIVE: Duration = Duration::from_millis(60);

/// A packet of several frames that is not full waits so long for a frame that is late; half a frame, so that at the end
/// of a word nobody's jitter buffer has run dry.
pub const PACK_SLACK: Duration = Duration::from_millis(10);

/// The wait for several frames in a packet grows by this fraction of the time that passes: two seconds for 20 ms. Nobody
/// hears a hundredth, and jitter buffers follow it without a gap.
pub const EASE: u32 = 100;

/// Packets of one shard that may wait at the same time without memory being taken: three in each of 300 busy rooms. More
/// of them take some, once.
pub const WAITS: usize = 1_024;

/// Rows that wait to change their class wait at most so long for a moment in which no packet is half full: with several
/// talkers there may never be one. Then what waits is sent as it is.
pub const MOVE_WAIT: Duration = Duration::from_millis(500);

/// An audience below this is never why a shard has no time left: packing 100 listeners saves 0.3 % of a core.
pub const CROWD: u32 = 100;

/// A shard that is busy for so much of its time is about to be late.
pub const OVERLOADED: Load = Load::from_permille(750);

/// A shard that is busy for so little can carry what one step down the ladder brings back, which is at most as much.
pub const RELAXED: Load = Load::from_permille(300);

/// How long a shard is overloaded before a channel takes a step up, and relaxed before it takes one down. Each step costs
/// every listener a change of delay.
pub const OVERLOADED_FOR: Duration = Duration::from_secs(2);
pub const RELAXED_FOR: Duration = Duration::from_secs(30);

/// An audience that shrinks by less than this fraction keeps the packing that its size has brought.
pub const SIZE_MARGIN: u32 = 10;

/// A flight of ours without an answer is sent again after this long, then after twice as long: the standard's second
/// (RFC 6347 section 4.2.4.1) is a second of silence for whoever has just pressed "join".
pub const HANDSHAKE_RETRY: Duration = Duration::from_millis(300);

/// Retries of one flight: with the doubling, for 19 seconds.
pub const HANDSHAKE_RETRIES: usize = 5;

/// Bytes below a thread's loop that are overwritten when it has nothing to do or somebody has gone; a thread has 2 MiB.
/// Without optimisation session tokens were found deeper than 64 KiB, and none deeper than this; with it, the step
/// `release` of the tests looks.
pub const STACK_WIPED: usize = if cfg!(debug_assertions) { 512 * 1024 } else { 64 * 1024 };
