//! Every bound of the wire contract, with unit and reason.

use std::time::Duration;

/// Characters of a display name. Longer names do not fit two lines of a stage tile.
pub const NAME_CHARS_MAX: usize = 40;
/// Characters of a handle: below two it cannot be searched for.
pub const HANDLE_CHARS_MIN: usize = 2;
/// Characters of a handle: more cannot be read out over a microphone.
pub const HANDLE_CHARS_MAX: usize = 20;
/// Characters of a room's title: two lines of a card on a phone.
pub const TITLE_CHARS_MAX: usize = 60;
/// Characters of the server's name.
pub const SERVER_NAME_CHARS_MAX: usize = 40;

/// Characters of what somebody says of themselves: a screen of a phone, at most.
pub const BIO_CHARS_MAX: usize = 500;
/// Lines of it.
pub const BIO_LINES_MAX: usize = 12;
/// Characters of how a name is said: one line under it.
pub const PRONUNCIATION_CHARS_MAX: usize = 60;
/// Languages that somebody names as spoken, and as understood: more is a boast, and no row of a screen holds it.
pub const LANGUAGES_MAX: usize = 8;
/// Bytes of one picture of somebody, as it is kept: a square JPEG of 384 pixels on each side. A face is 20 to 50 KB.
pub const PICTURE_BYTES_MAX: usize = 96 * 1024;
/// Days that somebody is new, so that others welcome them.
pub const NEWCOMER_DAYS: u32 = 7;
/// People in one page of a list of followers, or of whom somebody follows.
pub const PEOPLE_PAGE: usize = 50;
/// People whom both I and somebody's followers know, named at a time; the others are counted.
pub const MUTUALS_SHOWN: usize = 3;
/// People whom a newcomer may like to follow, offered at a time.
pub const SUGGESTED_MAX: usize = 12;

/// Characters of what is said of an announced event: what a phone shows of it without scrolling.
pub const DESCRIPTION_CHARS_MAX: usize = 200;
/// Lines of it.
pub const DESCRIPTION_LINES_MAX: usize = 8;
/// Characters of the name of a time zone: the longest there is has 32.
pub const ZONE_CHARS_MAX: usize = 40;
/// Events to come, of everybody together: a festival, or a year of a large town's evenings.
pub const EVENTS_MAX: usize = 500;
/// Events to come that one member has announced.
pub const EVENTS_PER_MEMBER_MAX: usize = 20;
/// Events that one member is shown at a time, the next ones first: nobody plans further by reading a list.
pub const EVENTS_SHOWN_MAX: usize = 40;
/// People who are named with one event, its host included: as many as keep order in one room.
pub const EVENT_PEOPLE_MAX: usize = MODERATORS_MAX;
/// Of those who would like to come, so many are named to the hosts; the count says how many there are.
pub const GOING_SHOWN_MAX: usize = 500;
/// How far ahead an event may begin: a year, and the month in which people plan the next.
pub const EVENT_AHEAD_MAX: Duration = Duration::from_secs(400 * 24 * 3600);
/// Minutes from the start of an event to its announced end, at least.
pub const EVENT_MINUTES_MIN: u32 = 5;
/// At the most: a day.
pub const EVENT_MINUTES_MAX: u32 = 24 * 60;
/// So long before its start the hosts of an event can open its room for those who are to be on stage.
pub const GREEN_ROOM_PERIOD: Duration = Duration::from_secs(15 * 60);
/// So long after its announced end an event is kept: whoever was late finds what it was.
pub const EVENT_KEPT_PERIOD: Duration = Duration::from_secs(24 * 3600);
/// Of an event that repeats, the next times that its page names.
pub const EVENT_THEN_SHOWN: usize = 3;
/// And those that a calendar is given: half a year of Thursdays.
pub const EVENT_THEN_MAX: usize = 26;

/// Characters of what a club is about: three lines of a phone, under its name.
pub const CLUB_ABOUT_CHARS_MAX: usize = 200;
/// Characters of one rule of a club: it is read before somebody joins, or not at all.
pub const CLUB_RULE_CHARS_MAX: usize = 100;
/// Rules of a club. More are agreed to unread.
pub const CLUB_RULES_MAX: usize = 3;
/// Clubs that one member runs: who has more looks after none.
pub const CLUBS_OWNED_MAX: usize = 3;
/// Clubs that one member is in, follows, asks or is invited to. The hallway knows each of them of each viewer.
pub const CLUBS_EACH_MAX: usize = 50;
/// Clubs on one server: past this, whoever runs it has a word with those who found them.
pub const CLUBS_MAX: usize = 1_000;
/// People of one club, followers and those who wait included. Each of them is told when it is dissolved, in one message.
pub const CLUB_PEOPLE_MAX: usize = 5_000;
/// Admins of one club, whoever runs it included: as many as moderators of a room.
pub const CLUB_ADMINS_MAX: usize = MODERATORS_MAX;
/// People who ask to be let into one club, or are invited, at a time. Past this the admins have something to read.
pub const CLUB_WAITING_MAX: usize = 500;
/// People who are banned from one club.
pub const CLUB_BANS_MAX: usize = 1_000;

/// People in one room. One node of this release; past this the door says so clearly.
pub const PEOPLE_PER_ROOM_MAX: usize = 20_000;
/// People on one stage: more cannot be moderated, and each may be heard at any moment.
pub const STAGE_MAX: usize = 50;
/// Characters of what somebody with a raised hand would like to talk about: one breath to read, between two speakers.
pub const HAND_TOPIC_CHARS_MAX: usize = 80;
/// Characters of what is being talked about: two lines of a phone, under the title.
pub const TALK_TOPIC_CHARS_MAX: usize = 80;
/// Characters of the card that hangs in a room: read in passing, while somebody talks.
pub const CARD_CHARS_MAX: usize = 280;
/// Lines of it.
pub const CARD_LINES_MAX: usize = 6;
/// Bytes of the address on it. A longer one follows people rather than leading them somewhere.
pub const CARD_LINK_BYTES_MAX: usize = 300;
/// Characters of one message to the room: read in passing, while somebody talks.
pub const CHAT_CHARS_MAX: usize = 280;
/// Messages to the room that it remembers: as far as anybody scrolls back. Whoever comes in is given all of them.
pub const CHAT_MESSAGES_MAX: usize = 100;
/// Between two messages of one person: faster is no sentence.
pub const CHAT_EACH: Duration = Duration::from_secs(2);
/// The same where the room is to be slow: long enough to listen to a thought.
pub const CHAT_SLOW_EACH: Duration = Duration::from_secs(30);
/// Between two words to everybody about what was written: each is a message to each.
pub const CHAT_PERIOD: Duration = Duration::from_secs(1);
/// Messages that are taken between two such words, of everybody together: more cannot be read.
pub const CHAT_PERIOD_MAX: usize = 10;
/// Hands waiting at once. Past this a moderator cannot read the queue anyway.
pub const HANDS_MAX: usize = 100;
/// Moderators of one room, the owner included.
pub const MODERATORS_MAX: usize = 20;
/// People asked into a closed room.
pub const ASKED_MAX: usize = 500;
/// Links for guests of one room that are open or were taken up: more is a public room.
pub const GUESTS_MAX: usize = 40;
/// How long a link for a guest can be taken up: long enough for whoever is late, and no longer than an evening.
pub const GUEST_LINK_PERIOD: Duration = Duration::from_secs(2 * 3600);
/// People removed or banned from one room whose return is refused.
pub const BANNED_MAX: usize = 1_000;
/// Above this many people the audience is counts and search, not faces.
pub const FACES_MAX: usize = 500;
/// Between two words about how people react: applause is one sound, and counts cost everybody a message.
pub const REACTIONS_PERIOD: Duration = Duration::from_secs(1);
/// Reactions of one person that count between two such words: more is no feeling but a finger.
pub const REACTIONS_EACH: usize = 4;
/// Between two words to whoever looks at how long people talked: bars that move faster are looked at instead of people.
pub const TALK_TIMES_PERIOD: Duration = Duration::from_secs(4);
/// People of whom they are told how long they talked: a full stage, and as many who came down again.
pub const TALK_TIMES_MAX: usize = 2 * STAGE_MAX;
/// Faces on a room's card in the hallway.
pub const CARD_FACES_MAX: usize = 5;
/// People in one answer to a search within a room or the server.
pub const FOUND_MAX: usize = 20;
/// Rooms that one member may hold open at a time as owner: one conversation at a time is the product.
pub const ROOMS_PER_OWNER_MAX: usize = 1;
/// Live rooms on one node.
pub const ROOMS_MAX: usize = 5_000;
/// Rooms that one viewer is shown at a time, those of people they follow first: nobody reads more. The next appears when
/// one of them goes.
pub const HALLWAY_CARDS_MAX: usize = 200;

/// How long moderators can take a removal back.
pub const UNDO_PERIOD: Duration = Duration::from_secs(10);
/// How long somebody is refused who was sent out for a time: long enough to calm down or to be forgotten as a nuisance, and
/// short enough to still belong to the same conversation.
pub const TIME_OUT_PERIOD: Duration = Duration::from_secs(600);
/// How long an invitation to the stage stands.
pub const STAGE_INVITATION_PERIOD: Duration = Duration::from_secs(60);
/// How long somebody is available who says so: long enough for a walk with the telephone at hand, and short, because it is
/// forgotten. They can say so again.
pub const AVAILABLE_PERIOD: Duration = Duration::from_secs(3600);
/// How long somebody stays available, and what they asked stands, after their last page is gone: a page that is loaded anew,
/// a line that comes back.
pub const AVAILABLE_GRACE: Duration = RECONNECT_GRACE;
/// People shown at a time as available. More is a list that nobody reads.
pub const AVAILABLE_SHOWN_MAX: usize = 50;
/// Pings of one person at once, after silence: everybody they would like to have there.
pub const PINGS_BURST: u32 = 10;
/// Until one more of them is there again.
pub const PING_EACH: Duration = Duration::from_secs(60);
/// How long nobody is pinged again by the same person, into whatever room: once is a wish, twice is a nuisance.
pub const PING_AGAIN: Duration = Duration::from_secs(600);
/// How long the question whether somebody would like to talk stands: they are at a page, and it rings nowhere.
pub const TALK_ASK_PERIOD: Duration = Duration::from_secs(60);
/// Such questions to one person at a time: each lies on their screen.
pub const TALK_ASKS_TO_ONE_MAX: usize = 3;
/// Such questions of one person at once, after silence. One at a time stands.
pub const TALK_ASKS_BURST: u32 = 5;
/// Until one more of them is there again.
pub const TALK_ASK_EACH: Duration = Duration::from_secs(120);
/// How long somebody is told of whom they invited, and who came.
pub const WELCOME_PERIOD: Duration = Duration::from_secs(600);
/// Of so many at a time: the first evening of an invitation for fifty is no list to greet from.
pub const ARRIVALS_MAX: usize = 3;
/// Silence on the media path after which nothing more is sent to a peer (RFC 7675 consent, shortened).
pub const MEDIA_SILENT_PERIOD: Duration = Duration::from_secs(15);
/// Absence after which a seat is given up.
pub const RECONNECT_GRACE: Duration = Duration::from_secs(30);
/// Absence after which a seat is given up whose page said that it goes: long enough for a page to load anew on a slow
/// line, and short, because most of them were closed.
pub const PAGE_GRACE: Duration = Duration::from_secs(8);
/// How long a room waits for a moderator to come back before somebody is asked to take over.
pub const OWNERLESS_GRACE: Duration = Duration::from_secs(60);
/// How long a speaker who is asked to take over has to answer, before the next one is asked.
pub const HAND_OVER_PERIOD: Duration = Duration::from_secs(30);
/// How long a room without a moderator goes on with its hands locked.
pub const MODERATORLESS_PERIOD: Duration = Duration::from_secs(600);
/// Between the word that a room ends and its end.
pub const ENDING_PERIOD: Duration = Duration::from_secs(10);
/// How long a command's idempotency id is remembered.
pub const COMMAND_MEMORY: usize = 256;

/// How long a room remembers who spoke, in memory, so that somebody who leaves after a word can be reported for it.
pub const RECENT_SPEAKERS_PERIOD: Duration = Duration::from_secs(600);
/// People who spoke, remembered at once: as many as fit on a stage.
pub const RECENT_SPEAKERS_MAX: usize = STAGE_MAX;
/// How long others can say that they heard it too; then a report goes to the administrators.
pub const CO_SIGN_PERIOD: Duration = Duration::from_secs(120);
/// Reports of one room that others can still sign.
pub const REPORTS_MAX: usize = 20;
/// Reports of one person in [`REPORTS_PERIOD`]. Each asks everybody in the room.
pub const REPORTS_EACH: usize = 3;
/// See [`REPORTS_EACH`].
pub const REPORTS_PERIOD: Duration = Duration::from_secs(600);
/// People who sign one report. Past this nobody doubts it.
pub const CO_SIGNATURES_MAX: usize = 20;

/// Bytes of one message from a client: an offer with a few candidates is under 10 KiB, a sealed relay 64 KiB.
pub const CLIENT_MESSAGE_BYTES_MAX: usize = 96 * 1024;
/// Bytes of an SDP offer. Chromium's with four lines is about 6 KiB.
pub const OFFER_BYTES_MAX: usize = 32 * 1024;
/// Bytes of one sealed blob relayed between participants (keys of end-to-end encryption).
pub const SEALED_BYTES_MAX: usize = 64 * 1024;
/// Bytes of an HTTP request's body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Messages that wait for one slow socket before it is told and dropped.
pub const OUTBOX_MESSAGES_MAX: usize = 256;
/// Between two pings of the server on a socket; a dead one is noticed after two.
pub const SOCKET_PING_PERIOD: Duration = Duration::from_secs(10);

/// How long an invitation to the server stands.
pub const INVITE_PERIOD: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long the owner's first link stands; it is renewed at every start until it is used.
pub const OWNER_LINK_PERIOD: Duration = Duration::from_secs(3600);
/// How long a link to sign in another device stands.
pub const DEVICE_LINK_PERIOD: Duration = Duration::from_secs(120);
/// How long a sign-in link made by the administrator stands.
pub const SIGNIN_LINK_PERIOD: Duration = Duration::from_secs(24 * 3600);
/// How long a session lasts, fixed when it is made.
pub const SESSION_PERIOD: Duration = Duration::from_secs(180 * 24 * 3600);
/// How long a passkey ceremony may take.
pub const CEREMONY_PERIOD: Duration = Duration::from_secs(300);
/// Open invitations of one member at the start; one comes back a week, up to this.
pub const INVITE_ALLOWANCE: u32 = 5;
/// Days until one invitation of the allowance comes back.
pub const INVITE_REFILL_DAYS: u32 = 7;
/// Uses of one invitation at the most.
pub const INVITE_USES_MAX: u32 = 50;
/// Passkeys of one member.
pub const PASSKEYS_MAX: usize = 10;
/// Recovery codes made at a time.
pub const RECOVERY_CODES: usize = 8;
/// Sessions of one member. Those of the oldest day go first; which of one day is chance, since no finer time is kept.
pub const SESSIONS_MAX: usize = 20;
/// People one member follows.
pub const FOLLOWING_MAX: usize = 5_000;
/// People one member blocks.
pub const BLOCKS_MAX: usize = 500;
/// People whose pings one member does not want: as many as they block.
pub const MUTED_PINGS_MAX: usize = BLOCKS_MAX;
/// Reports of one member that nobody has decided yet. More are not taken until some are.
pub const REPORTS_OPEN_MAX: usize = 20;
/// Reports that somebody has signed of which they are shown so many, the newest first. Whoever has signed more than they can
/// read puts some away.
pub const SIGNED_SHOWN_MAX: usize = 100;
/// Open reports that whoever runs the server is shown at a time. As many as one evening's work; the next ones come as these
/// are decided.
pub const ORDER_REPORTS_MAX: usize = 50;
/// People who are suspended, and branches that are paused, of which they are shown so many each.
pub const ORDER_PEOPLE_MAX: usize = 200;
/// Minutes of a day.
pub const MINUTES_OF_A_DAY: u16 = 24 * 60;
/// How far a clock may be behind UTC, in minutes: the islands farthest west.
pub const ZONE_MINUTES_MIN: i16 = -12 * 60;
/// How far it may be ahead, in minutes: the islands farthest east.
pub const ZONE_MINUTES_MAX: i16 = 14 * 60;
/// Bytes of the address at which a browser is told. Those of the large browsers are 150 to 700.
pub const PUSH_ENDPOINT_BYTES_MAX: usize = 1_024;
/// Days that a report is kept after it was decided.
pub const REPORT_KEPT_DAYS: u32 = 30;

const _: () = assert!(EVENT_KEPT_PERIOD.as_secs() == 24 * 3600 && EVENT_PEOPLE_MAX <= MODERATORS_MAX);
const _: () = assert!(TIME_OUT_PERIOD.as_millis() > UNDO_PERIOD.as_millis());
const _: () = assert!(RECONNECT_GRACE.as_millis() > MEDIA_SILENT_PERIOD.as_millis());
const _: () = assert!(MEDIA_SILENT_PERIOD.as_millis() > SOCKET_PING_PERIOD.as_millis());
const _: () = assert!(CLIENT_MESSAGE_BYTES_MAX > OFFER_BYTES_MAX);
const _: () = assert!(CLIENT_MESSAGE_BYTES_MAX > SEALED_BYTES_MAX * 4 / 3);
