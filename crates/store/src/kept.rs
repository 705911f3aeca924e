//! Everything that the server keeps: what for, until when, and who sees it. The one list: `docs/what-is-kept.md` is
//! written from it (`cargo xtask types`), and tests hold it against the schema of a fresh database. A column without a
//! line here does not pass.

mod beside;

use std::time::Duration;

use protocol::limits::{
    CEREMONY_PERIOD, DEVICE_LINK_PERIOD, INVITE_PERIOD, OWNER_LINK_PERIOD, SESSION_PERIOD, SESSIONS_MAX,
    SIGNIN_LINK_PERIOD,
};

pub use beside::{BESIDE, Beside, IN_MEMORY, ON_THE_DEVICE};

use crate::limits::{COPY_KEPT_DAYS, INVITE_KEPT_DAYS, INVITES_KEPT_MAX};

/// One column of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
    /// What it is for.
    pub why: &'static str,
    pub until: Until,
    pub seen_by: SeenBy,
}

/// When a value goes. Whoever erases their account takes all of theirs along, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// As long as the account it belongs to.
    Account,
    /// As long as the row it stands in, which its first line says.
    Row,
    /// In the words given.
    Words(&'static str),
}

/// Whom the server shows it to. Whoever runs the server can read the file that all of this stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenBy {
    /// Everybody with an account here.
    Members,
    /// The member it is about, and nobody else.
    Own,
    /// Nobody: it is compared, counted or looked up by, and never shown.
    Nobody,
    /// Whoever opens the server's address.
    Anyone,
    /// In the words given.
    Words(&'static str),
}

const fn column(
    table: &'static str,
    name: &'static str,
    why: &'static str,
    until: Until,
    seen_by: SeenBy,
) -> Column {
    Column { table, name, why, until, seen_by }
}

// What is said in words below.
const _: () = assert!(INVITE_KEPT_DAYS == 30 && INVITES_KEPT_MAX == 200 && COPY_KEPT_DAYS == 30);
const _: () = assert!(SESSIONS_MAX == 20 && days(SESSION_PERIOD) == 180 && days(INVITE_PERIOD) == 7);
const _: () = assert!(DEVICE_LINK_PERIOD.as_secs() == 120 && OWNER_LINK_PERIOD.as_secs() == 3_600);
const _: () = assert!(days(SIGNIN_LINK_PERIOD) == 1 && CEREMONY_PERIOD.as_secs() == 300);

const fn days(period: Duration) -> u64 {
    period.as_secs() / (24 * 3_600)
}

use SeenBy::{Anyone, Members, Nobody, Own};
use Until::{Account, Row};

const INTERNAL: &str = "Ties rows together; random, and said to nobody else.";
const BLOCKS: &str = "Its member, their own. Nobody else, the person blocked least of all.";
const PINGS: &str = "Its member, their own. Nobody else, the person who pings least of all.";
const FOLLOWS: &str =
    "Everybody with an account here: a profile lists whom somebody follows, and who follows them.";
const SAID: &str = "Until they change it, or the account is erased.";

const ORDER: &str = "The member it is about, and the administrators.";
const REPORT: &str = "The administrators, and whoever made or signed the report.";

const EVENT: &str = "Whoever it is for: everybody with an account here, people whom a host follows, or those who are named with it. Not \
                     whom its host blocks.";
const GOING: &str = "The member it is about; the event's hosts, until it begins. Everybody who sees the event sees how many there are.";

const CLUB: &str = "Everybody with an account here, but for whoever is banned from it.";
const BANS: &str = "The member it is about, and those who keep order in the club.";
const TIE: &str = "Who runs a club: everybody with an account here. Who is in it: its members. Who asks or is invited: they, and those who \
                   keep order there. Who follows it: they themselves; others see how many.";

/// All of them, table by table.
pub const COLUMNS: &[Column] = &[
    column(
        "blocks",
        "blocker",
        "Who is kept from meeting whom: this is who blocks. Not since when, nor why.",
        Until::Words("Until they take it back, or one of the two accounts is erased."),
        SeenBy::Words(BLOCKS),
    ),
    column("blocks", "blocked", "And this is whom.", Row, SeenBy::Words(BLOCKS)),
    column(
        "calendars",
        "member",
        "Whose calendar program may read their events at an address that says who they are to nobody else.",
        Until::Words("Until they end it, make another address, or the account is erased."),
        Own,
    ),
    column(
        "calendars",
        "token_hash",
        "Knows that address again without keeping it: SHA-256 of 256 random bits.",
        Row,
        Nobody,
    ),
    column(
        "club_bans",
        "club",
        "From which club somebody is banned. Not since when, nor why, nor by whom.",
        Until::Words(
            "Until its day, or those who keep order there lift it, or the club is dissolved, or the account is erased.",
        ),
        SeenBy::Words(BANS),
    ),
    column("club_bans", "member", "And this is who.", Row, SeenBy::Words(BANS)),
    column(
        "club_bans",
        "until_day",
        "The first day on which it does not hold any more; none for good.",
        Row,
        SeenBy::Words(BANS),
    ),
    column(
        "club_people",
        "club",
        "Who is in which club, follows it, asks to be let in or is invited: this is the club.",
        Until::Words(
            "Until they leave, the question or the invitation is answered or taken back, the club is dissolved, or the account \
             is erased.",
        ),
        SeenBy::Words(TIE),
    ),
    column("club_people", "member", "And this is who.", Row, SeenBy::Words(TIE)),
    column(
        "club_people",
        "standing",
        "What they are to it, from following to running it.",
        Row,
        SeenBy::Words(TIE),
    ),
    column(
        "club_people",
        "day",
        "The day from which that counts: a club goes to whoever has been in it longest.",
        Row,
        Own,
    ),
    column(
        "club_people",
        "offered",
        "Whether they are asked to take it over.",
        Until::Words("Until they answer, or it is taken back."),
        SeenBy::Words("They, and whoever runs the club."),
    ),
    column(
        "clubs",
        "id",
        "Names the club: random. Not when it was founded, nor by whom; and nothing of rooms that were held for it.",
        Until::Words(
            "Until it is dissolved, or whoever runs it erases their account and nobody else is in it.",
        ),
        SeenBy::Words(CLUB),
    ),
    column("clubs", "name", "What it is called.", Row, SeenBy::Words(CLUB)),
    column(
        "clubs",
        "name_looks",
        "What the name looks like, so that no two can be taken for each other.",
        Row,
        Nobody,
    ),
    column("clubs", "name_folded", "The name in small letters, as it is searched.", Row, Nobody),
    column("clubs", "about", "What it is about, as its admins say.", Row, SeenBy::Words(CLUB)),
    column("clubs", "rules", "What members agree to before they join.", Row, SeenBy::Words(CLUB)),
    column("clubs", "door", "How one becomes a member.", Row, SeenBy::Words(CLUB)),
    column("clubs", "starters", "Who may start rooms of it.", Row, SeenBy::Words(CLUB)),
    column("clubs", "following", "Whether people follow it who are not in it.", Row, SeenBy::Words(CLUB)),
    column(
        "clubs",
        "picture",
        "The end of its picture's address: random, and another one each time it changes.",
        Until::Words("Until its admins change it or take it away."),
        SeenBy::Words(CLUB),
    ),
    column(
        "clubs",
        "jpeg",
        "Its picture: a small square, made anew on the server, so that nothing but pixels is in it.",
        Until::Words("Until its admins change it or take it away."),
        SeenBy::Words(CLUB),
    ),
    column(
        "counts",
        "name",
        "What is counted: reports made and decided, suspensions, pauses. Of nobody.",
        Until::Words("As long as the server."),
        SeenBy::Words("Whoever runs the server."),
    ),
    column(
        "counts",
        "value",
        "How often, since the server began.",
        Row,
        SeenBy::Words("Whoever runs the server."),
    ),
    column(
        "event_going",
        "event",
        "Which event somebody would like to come to. Not since when.",
        Until::Words(
            "Until the event begins, by the clock; sooner where they change their mind. Nothing says afterwards that they would, \
             nor whether they came.",
        ),
        SeenBy::Words(GOING),
    ),
    column("event_going", "member", "Who would like to come.", Row, SeenBy::Words(GOING)),
    column(
        "event_going",
        "news",
        "What changed of it that they have not seen: its time, its people, or that it was called off.",
        Row,
        Own,
    ),
    column(
        "event_people",
        "event",
        "Which event somebody is named with.",
        Until::Words("As long as the event, or until they step back or its host names others."),
        SeenBy::Words(EVENT),
    ),
    column("event_people", "member", "Who is named.", Row, SeenBy::Words(EVENT)),
    column(
        "event_people",
        "part",
        "Whether they may open its room, or are asked to its stage.",
        Row,
        SeenBy::Words(EVENT),
    ),
    column(
        "events",
        "id",
        "Names the event; random.",
        Until::Words(
            "Until a day after its announced end, by the clock, whether it took place or not: that is written nowhere. One that \
             repeats: until its host calls it off.",
        ),
        SeenBy::Words(EVENT),
    ),
    column("events", "host", "Who announced it.", Row, SeenBy::Words(EVENT)),
    column("events", "title", "What it is about.", Row, SeenBy::Words(EVENT)),
    column("events", "description", "What else its host says of it.", Row, SeenBy::Words(EVENT)),
    column("events", "kind", "Who sees it, and may come in.", Row, SeenBy::Words(EVENT)),
    column("events", "languages", "In which languages, by their codes.", Row, SeenBy::Words(EVENT)),
    column(
        "events",
        "start_ms",
        "When it begins, the next time: to the minute, because people come to the minute.",
        Row,
        SeenBy::Words(EVENT),
    ),
    column(
        "events",
        "first_ms",
        "When it was to begin the first time, as it was last announced: its next times are counted from there.",
        Row,
        SeenBy::Words("Its host."),
    ),
    column("events", "zone", "The time zone it is announced in.", Row, SeenBy::Words(EVENT)),
    column("events", "minutes", "How long it is to take.", Row, SeenBy::Words(EVENT)),
    column("events", "repeats", "Whether it comes again, and when.", Row, SeenBy::Words(EVENT)),
    column("events", "state", "Whether it was called off.", Row, SeenBy::Words(EVENT)),
    column(
        "events",
        "sequence",
        "How often it was changed: calendars ask for that.",
        Row,
        SeenBy::Words(EVENT),
    ),
    column(
        "follows",
        "follower",
        "Whose rooms come first, and who may come into rooms for followed people: this is who follows. Not since when.",
        Until::Words("Until they stop following, or one of the two accounts is erased."),
        SeenBy::Words(FOLLOWS),
    ),
    column("follows", "followed", "And this is whom.", Row, SeenBy::Words(FOLLOWS)),
    column("follows", "bell", "Whether who follows is told when the other starts a room.", Row, Own),
    column(
        "invites",
        "id",
        "Names the invitation when it is taken back.",
        Until::Words("Until 30 days after it lapsed; sooner for the oldest past one of more than 200."),
        Own,
    ),
    column(
        "invites",
        "token_hash",
        "Knows the link again without keeping it: SHA-256 of 128 random bits.",
        Row,
        Nobody,
    ),
    column(
        "invites",
        "inviter",
        "Whose invitation it is.",
        Row,
        SeenBy::Words("Whoever holds the link sees the inviter's name."),
    ),
    column("invites", "note", "The inviter's own note, who it is for.", Row, Own),
    column("invites", "uses", "How many people may use it.", Row, Own),
    column("invites", "used", "How many have.", Row, Own),
    column("invites", "revoked", "Whether it was taken back.", Row, Own),
    column(
        "invites",
        "allowance",
        "Whether it came out of what the inviter may give away, and goes back there.",
        Row,
        Own,
    ),
    column("invites", "day", "The day it was made: the list is in that order.", Row, Own),
    column("invites", "expires_day", "The day it lapses, seven days later.", Row, Own),
    column(
        "links",
        "token_hash",
        "Knows a one-time link again that signs somebody in: SHA-256 of 128 random bits.",
        Until::Words(
            "Until it is used, another takes its place, or it lapses: after two minutes for another device, an hour \
                      for the first owner, a day from the administrator. Cleared away within the hour after that.",
        ),
        Nobody,
    ),
    column(
        "links",
        "kind",
        "What it opens: the first owner's account, another device, or a way back from the administrator.",
        Row,
        Own,
    ),
    column("links", "member", "Whom it signs in; nobody before there is an owner.", Row, Own),
    column(
        "links",
        "code_hash",
        "Knows the short code beside it again: SHA-256 of 40 random bits.",
        Row,
        Nobody,
    ),
    column(
        "links",
        "expires_ms",
        "When it lapses, to the millisecond because two minutes are no day.",
        Row,
        Own,
    ),
    column(
        "members",
        "id",
        INTERNAL,
        Until::Words(
            "Until the account is erased. There is no other end: a server forgets nobody who is away for long.",
        ),
        Own,
    ),
    column("members", "handle", "How people name, find and mention each other.", Account, Members),
    column(
        "members",
        "handle_looks",
        "What the handle looks like, so that no two can be taken for each other.",
        Account,
        Own,
    ),
    column(
        "members",
        "name",
        "What people call them.",
        Account,
        SeenBy::Words("Everybody with an account here, and whoever holds an invitation of theirs."),
    ),
    column("members", "name_folded", "The name in small letters, as it is searched.", Account, Own),
    column("members", "role", "Whether they run this server.", Account, Own),
    column(
        "members",
        "invited_by",
        "Who invited them: members answer for those they bring.",
        Until::Words("Until one of the two accounts is erased."),
        SeenBy::Words(
            "Everybody with an account here; where they hide it, they themselves, the inviter and the administrators.",
        ),
    ),
    column(
        "members",
        "invite",
        "By which invitation they came, for the inviter's own list.",
        Until::Words("As long as that invitation."),
        SeenBy::Words("The inviter, as a line of their list."),
    ),
    column("members", "bio", "What they say of themselves.", Until::Words(SAID), Members),
    column("members", "pronunciation", "How their name is said.", Until::Words(SAID), Members),
    column("members", "speaks", "What they speak, by codes of languages.", Until::Words(SAID), Members),
    column("members", "understands", "What they understand beside that.", Until::Words(SAID), Members),
    column("members", "nominator", "Whether other members see who invited them.", Account, Own),
    column(
        "members",
        "day",
        "The day they came.",
        Account,
        SeenBy::Words(
            "The member it is about. Everybody with an account here sees the month, and for a week that they are new.",
        ),
    ),
    column("members", "allowance", "How many people they may invite.", Account, Own),
    column("members", "allowance_day", "From which day the next invitation is counted.", Account, Own),
    column(
        "members",
        "suspended",
        "Whether the administrators have suspended the account: nobody signs in to it then.",
        Until::Words("Until they let it in again."),
        SeenBy::Words(ORDER),
    ),
    column(
        "members",
        "paused",
        "Whether they and whoever came by them invite nobody for now.",
        Until::Words("Until the administrators take it back."),
        SeenBy::Words(ORDER),
    ),
    column(
        "members",
        "protected",
        "Whether whom they block does not come into rooms where they are on stage.",
        Until::Words("Until the administrators take it back."),
        SeenBy::Words(ORDER),
    ),
    column(
        "muted_pings",
        "muter",
        "Whose pings are not heard: this is who does not want to hear them. Not since when, nor why.",
        Until::Words("Until they want to hear them again, or one of the two accounts is erased."),
        SeenBy::Words(PINGS),
    ),
    column("muted_pings", "muted", "And this is whose.", Row, SeenBy::Words(PINGS)),
    column(
        "passkeys",
        "id",
        "Names the passkey when it is removed.",
        Until::Words("Until its member removes it, or erases the account."),
        Own,
    ),
    column("passkeys", "member", "Whose it is.", Row, Own),
    column("passkeys", "credential_id", "What the browser calls it: random, made on the device.", Row, Own),
    column(
        "passkeys",
        "credential",
        "Its public half and how it was made. Never written again: no count of sign-ins.",
        Row,
        Own,
    ),
    column("passkeys", "device", "The kind of device it was made on, one of seven words.", Row, Own),
    column("passkeys", "day", "The day it was made.", Row, Own),
    column("passkeys", "domain", "The address of this server that it works at.", Row, Own),
    column(
        "pictures",
        "member",
        "Whose picture it is. Not since when.",
        Until::Words("Until they change it or take it away, or the account is erased."),
        Members,
    ),
    column(
        "pictures",
        "id",
        "The end of its address: random, and another one each time it changes.",
        Row,
        Members,
    ),
    column(
        "pictures",
        "jpeg",
        "What they show of themselves: a small square, made anew on the server from what they chose, so that nothing but \
         pixels is in it.",
        Row,
        Members,
    ),
    column(
        "push_devices",
        "session",
        "Which signed-in device is told while no page is open.",
        Until::Words(
            "Until it is turned off there, its session ends, its browser takes nothing any more, or another session uses the \
             same browser.",
        ),
        Own,
    ),
    column(
        "push_devices",
        "endpoint",
        "Where whoever keeps messages for its browser (its maker, mostly) takes them: an address that the browser made.",
        Row,
        SeenBy::Words("The member it is about; and whoever keeps messages for that browser, who made it."),
    ),
    column(
        "push_devices",
        "keys",
        "The keys that the browser made, with which messages are sealed for it alone.",
        Row,
        Own,
    ),
    column(
        "push_keys",
        "key",
        "The key by which push services know this server, made when it first starts. Of nobody.",
        Until::Words("As long as the server."),
        Nobody,
    ),
    column(
        "push_wishes",
        "member",
        "Whose wishes these are.",
        Until::Words(
            "Until the account is erased; from the first time that they say anything else than the default.",
        ),
        Own,
    ),
    column(
        "push_wishes",
        "bells",
        "Whether they are told of rooms of people whose bell they rang.",
        Row,
        Own,
    ),
    column("push_wishes", "asks", "Whether they are told when somebody asks them into a room.", Row, Own),
    column("push_wishes", "quiet_from", "From which minute of the day they are told of nothing.", Row, Own),
    column("push_wishes", "quiet_until", "Until which.", Row, Own),
    column(
        "push_wishes",
        "quiet_zone",
        "How far the clock that they read these on is ahead of UTC, in minutes.",
        Row,
        Own,
    ),
    column(
        "recovery_codes",
        "member",
        "Whose code it is.",
        Until::Words("Until it is used, new ones are made, or the account is erased."),
        SeenBy::Words("The member it is about sees how many are left."),
    ),
    column(
        "recovery_codes",
        "code_hash",
        "Knows the code again without keeping it: SHA-256 of 80 random bits.",
        Row,
        Nobody,
    ),
    column(
        "reports",
        "number",
        "Names the report to the administrators; drawn at random, so that it says nothing of order.",
        Until::Words(
            "Until 30 days after it was decided, half a year where nobody decides, or the account it is about is erased.",
        ),
        SeenBy::Words(REPORT),
    ),
    column(
        "reports",
        "reporter",
        "Who reported; nobody for a guest.",
        Until::Words("Until they put it away, having read what came of it, or erase their account."),
        SeenBy::Words("The administrators, and whoever made the report."),
    ),
    column(
        "reports",
        "reported",
        "Who was reported; nobody for a guest.",
        Row,
        SeenBy::Words(
            "The administrators, and whoever made or signed the report. Not the reported person: it would point at who did.",
        ),
    ),
    column("reports", "reason", "Why, from a list; nobody's words.", Row, SeenBy::Words(REPORT)),
    column("reports", "day", "The day it was made.", Row, SeenBy::Words(REPORT)),
    column("reports", "outcome", "What came of it.", Row, SeenBy::Words(REPORT)),
    column("reports", "forget_day", "The day it goes by itself.", Row, Nobody),
    column(
        "report_signatures",
        "report",
        "Which report somebody has signed.",
        Until::Words(
            "As long as that report, or until whoever signed has put it away, having read what came of it, or erases their \
             account.",
        ),
        SeenBy::Words("The administrators, and whoever signed."),
    ),
    column(
        "report_signatures",
        "member",
        "Who heard it too.",
        Row,
        SeenBy::Words("The administrators, and whoever signed."),
    ),
    column(
        "schema",
        "version",
        "Which release's tables these are.",
        Until::Words("As long as the server."),
        Nobody,
    ),
    column(
        "sessions",
        "id",
        "Names the device when it is signed out.",
        Until::Words(
            "Until it is signed out, lapses after 180 days (cleared away within the hour), or a twenty-first device takes its place.",
        ),
        Own,
    ),
    column(
        "sessions",
        "token_hash",
        "Knows the device again: SHA-256 of 256 random bits that only the device has.",
        Row,
        Nobody,
    ),
    column("sessions", "member", "Who is signed in.", Row, Own),
    column(
        "sessions",
        "device",
        "The kind of device, one of seven words. The browser's own name for itself is forgotten at once.",
        Row,
        Own,
    ),
    column(
        "sessions",
        "day",
        "The day it signed in. Nothing says when or whether it was used since.",
        Row,
        Own,
    ),
    column("sessions", "expires_day", "The day it ends by itself; fixed from the start.", Row, Own),
    column(
        "settings",
        "name",
        "Which setting: `server_name`, and `erased` while the file is still to be written anew after an account was erased.",
        Until::Words("As long as the server."),
        Nobody,
    ),
    column("settings", "value", "What the server is called.", Row, Anyone),
];
