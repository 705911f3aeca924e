//! Bounds that only a room's inside needs; those that people can meet are in [`protocol::limits`]. And what follows
//! from all of them: how many bytes a room's parts may have, for whoever commits them.

use std::time::Duration;

use protocol::limits::{
    ASKED_MAX, BANNED_MAX, CARD_CHARS_MAX, CARD_LINK_BYTES_MAX, CO_SIGNATURES_MAX, COMMAND_MEMORY,
    GUESTS_MAX, HAND_TOPIC_CHARS_MAX, HANDLE_CHARS_MAX, HANDS_MAX, MODERATORS_MAX, NAME_CHARS_MAX,
    PEOPLE_PER_ROOM_MAX, REPORTS_MAX, STAGE_MAX, TALK_TOPIC_CHARS_MAX, TITLE_CHARS_MAX,
};

/// People below which an audience that is counted above so many is listed again. A tenth less, so that a room that hovers
/// around the bound does not send five hundred faces back and forth.
pub(crate) const fn faces_again(faces_max: usize) -> usize {
    faces_max - faces_max / 10
}
/// Between two tellings of mere counts, in a large room and on the card: faster than this nobody reads a number.
pub(crate) const COUNTS_PERIOD: Duration = Duration::from_secs(1);
/// People above whom arrivals in the audience are told of together: up to here everybody may be a friend whom somebody
/// waits for, and a message to each is nothing.
pub(crate) const ARRIVALS_FROM: usize = 50;
/// Between two tellings of who arrived, in such a room: a face that appears half a second later is not late.
pub(crate) const ARRIVALS_PERIOD: Duration = Duration::from_millis(500);
/// Talk that makes a card as lively as it gets: longer than a question, shorter than a speech.
pub(crate) const LIVELY_PERIOD: Duration = Duration::from_secs(12);
/// Steps in which a card shows liveliness; each may cost every open hallway one message.
pub(crate) const LIVELY_STEPS: u64 = 4;
/// Answers that are remembered for one person, of the room's [`COMMAND_MEMORY`]. A client repeats only what it sent in
/// the seconds before its socket broke.
pub(crate) const COMMANDS_EACH: usize = 16;
/// Removals that can be undone at a time; past this the oldest stands. Nobody reads so many within the ten seconds.
pub(crate) const REMOVALS_MAX: usize = 100;

/// Bytes of a part's people and state as they are written (postcard: 7 bits of an integer a byte, a length before a
/// text, a byte for which of several). A character has four at most.
const VARINT_32: usize = 5;
const VARINT_64: usize = 10;
const TAG: usize = 1;
const RANDOM_ID: usize = 16;
const WHO: usize = TAG + RANDOM_ID;
const NAME: usize = 2 + 4 * NAME_CHARS_MAX;
const HANDLE: usize = TAG + 2 + 4 * HANDLE_CHARS_MAX;
const TITLE: usize = TAG + 2 + 4 * TITLE_CHARS_MAX;
const LINE: usize = TAG + 2 + 4 * TALK_TOPIC_CHARS_MAX + VARINT_64;
const CARD: usize = TAG + 2 + 4 * CARD_CHARS_MAX + TAG + 2 + CARD_LINK_BYTES_MAX;
const PLACE: usize = TAG + VARINT_32 + 2 * VARINT_64;
/// Of those who do not wait, as it lies beside everybody.
const NO_NOTE: usize = 2 * TAG;
/// A topic, and a language of three letters.
const NOTE: usize = TAG + 2 + 4 * HAND_TOPIC_CHARS_MAX + TAG + 1 + 3;
const PERSON: usize = VARINT_32 + WHO + NAME + HANDLE + TAG + NAME + PLACE + NO_NOTE;
const ASKED: usize = WHO + HANDLE + NAME + TAG;
const KEY: usize = 32;
const BAR: usize = RANDOM_ID + TAG + VARINT_64;
const REMOVAL: usize = VARINT_32 + WHO + NAME + HANDLE + WHO + VARINT_64;
const REPORT: usize =
    RANDOM_ID + WHO + (TAG + WHO + HANDLE) + TAG + VARINT_64 + TAG + CO_SIGNATURES_MAX * WHO;
const GUEST: usize = RANDOM_ID + WHO + 2 * NAME + RANDOM_ID + (TAG + RANDOM_ID) + VARINT_64;
const ANSWERED: usize = VARINT_32 + RANDOM_ID + 2 * TAG;
/// The queue holds as many invitations as the stage has places, and hands.
const QUEUE: usize = STAGE_MAX + HANDS_MAX;
const ON_STAGE_AND_QUEUE: usize = STAGE_MAX + QUEUE;
/// Those who were asked to take over were on stage, or came there by an invitation since.
const TRIED: usize = 2 * STAGE_MAX * VARINT_32;
/// Version, id, choices, times, and the lengths of lists.
const REST: usize = 256;
const PEOPLE: usize = PEOPLE_PER_ROOM_MAX + MODERATORS_MAX;
const SHARES: usize = 256;

/// Bytes of the core, filled to every limit with the longest names.
pub const CORE_BYTES_MAX: usize = TITLE
    + LINE
    + CARD
    + MODERATORS_MAX * WHO
    + ASKED_MAX * ASKED
    + KEY
    + BANNED_MAX * BAR
    + GUESTS_MAX * GUEST
    + REMOVALS_MAX * REMOVAL
    + REPORTS_MAX * REPORT
    + COMMAND_MEMORY * ANSWERED
    + ON_STAGE_AND_QUEUE * PERSON
    + QUEUE * NOTE
    + TRIED
    + REST;
/// Bytes of one share of a full room's audience with the longest names. Which share somebody is in is random: this is
/// four times the mean, 25 standard deviations beyond it.
pub const SHARE_BYTES_MAX: usize = 4 * PEOPLE.div_ceil(SHARES) * PERSON;
/// Bytes of all parts together.
pub const ROOM_BYTES_MAX: usize = CORE_BYTES_MAX + PEOPLE * PERSON + SHARES * 4;
