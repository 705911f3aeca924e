//! Bounds of the keeper, with unit and reason.

use std::time::Duration;

/// Passkey ceremonies in progress, of each kind. Each holds a few hundred bytes; past this the oldest is forgotten, so
/// that a flood of starts costs others a second try and nothing else.
pub(crate) const CEREMONIES_MAX: usize = 4_096;
/// So long after somebody's last try nothing of it is in memory: no rate takes longer to run empty.
pub(crate) const COUNTED_MAX: Duration = Duration::from_secs(600);
/// Between two rounds of forgetting counters that have run empty.
pub(crate) const COUNTERS_PERIOD: Duration = Duration::from_secs(10);
/// Rate counters of members in memory, eight bytes each and their tag of sixteen. Past this whatever would need a new one is refused.
pub(crate) const COUNTERS_MAX: usize = 50_000;
/// Sessions whose answer is kept in memory: as many as `live` has connections, some 400 bytes each. Past this all are
/// forgotten, and each costs the database a question again.
pub(crate) const SESSIONS_REMEMBERED_MAX: usize = 50_000;
/// Ids of people who are followed, kept with these: 8 MB, or ten for each session. Past this all are forgotten too.
pub(crate) const FOLLOWED_REMEMBERED_MAX: usize = 500_000;
const _: () = assert!(FOLLOWED_REMEMBERED_MAX >= protocol::limits::FOLLOWING_MAX);
/// Wrong short codes that are looked at one after the other, from everybody together: a minute of the rate below. An address
/// may try twenty at once and then one in six seconds (`live`), so this shuts only for hundreds of addresses that go on and
/// on; links and their QR codes are not counted.
pub(crate) const CODE_GUESSES_AT_ONCE: u64 = 2_400;
/// Between two more of them, from then on: forty a second. A code is one of 2^40 and stands for two minutes; in those, 2,400
/// and 4,800 more are looked at, and with ten codes standing one of them is hit with 7,200 × 10 / 2^40, one in fifteen
/// million. Whoever keeps at it for a month, while ten codes stand at every moment, has hit one with 1 in 1,000.
pub(crate) const CODE_GUESS_PERIOD: Duration = Duration::from_millis(25);
const MONTH_MS: u128 = 30 * 24 * 3600 * 1000;
const _: () = assert!(MONTH_MS / CODE_GUESS_PERIOD.as_millis() * 10 * 1_000 <= 1 << 40);
/// How long the administrator's shell may take to ask, and to read the answer.
pub(crate) const ADMIN_PERIOD: Duration = Duration::from_secs(5);
/// Between two rounds of clearing away what has lapsed. A lapsed row is refused anyway; this is about not keeping it.
pub(crate) const SWEEP_PERIOD: Duration = Duration::from_secs(3600);
/// Between two looks at the clock for events that have begun or ended: who would like to come is forgotten within so much.
pub(crate) const EVENTS_PERIOD: Duration = Duration::from_secs(10);
/// Bytes of a certificate or key file. A chain of ten in PEM is under 40 KiB.
pub(crate) const TLS_FILE_BYTES_MAX: u64 = 256 * 1024;
/// Bytes asked of the kernel in one read.
pub(crate) const READ_CHUNK: usize = 16 * 1024;
/// Between two words to the log that the database failed: one is enough to look after it.
pub(crate) const FAILURE_NOTE_PERIOD: Duration = Duration::from_secs(60);
/// Answers and pushes that leave in one write. Most are some hundred bytes; the largest together are 8 MB.
pub(crate) const WRITTEN_TOGETHER: usize = 32;
/// What is kept about one member fits into one answer, but for the people it names.
const _: () = assert!(
    protocol::limits::PASSKEYS_MAX * (store::limits::CREDENTIAL_BYTES_MAX + 2 * 1024)
        + store::limits::INVITES_KEPT_MAX as usize * 256
        + protocol::limits::SESSIONS_MAX * 64
        + protocol::limits::PICTURE_BYTES_MAX.div_ceil(3) * 4
        + protocol::limits::EVENTS_PER_MEMBER_MAX * keeper_api::limits::EVENT_BYTES_MAX / 4
        + 2 * protocol::limits::EVENTS_MAX * 32
        + 4 * 1024
        < keeper_api::limits::FRAME_BYTES_MAX
);
/// Answers and pushes that wait for `live` to read: all that the requests in flight can bring, each at most an answer, the
/// end of every session of a member, or a word to everybody who is or was named with an event, and three words more, and some
/// that nobody asked for. The line is given up past this.
pub(crate) const OUTBOX_MAX: usize =
    keeper_api::limits::ASKS_IN_FLIGHT_MAX * (2 * protocol::limits::EVENT_PEOPLE_MAX + 5);
const _: () = assert!(2 * protocol::limits::EVENT_PEOPLE_MAX >= protocol::limits::SESSIONS_MAX);
