//! Everything that the server keeps: what for, until when, and who sees it. The one list: `docs/what-is-kept.md` is
//! written from it (`cargo xtask types`), and tests hold it against the schema of a fresh database. A column without a
//! line here does not pass.

use std::time::Duration;

use protocol::limits::{
    CEREMONY_PERIOD, DEVICE_LINK_PERIOD, INVITE_PERIOD, OWNER_LINK_PERIOD, SESSION_PERIOD, SESSIONS_MAX,
    SIGNIN_LINK_PERIOD,
};

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

/// Something that is kept outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside {
    pub what: &'static str,
    pub why: &'static str,
    pub until: &'static str,
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
const FOLLOWS: &str =
    "Everybody with an account here: a profile lists whom somebody follows, and who follows them.";
const SAID: &str = "Until they change it, or the account is erased.";

const ORDER: &str = "The member it is about, and the administrators.";
const REPORT: &str = "The administrators, and whoever made or signed the report.";

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
        "follows",
        "follower",
        "Whose rooms come first, and who may come into rooms for followed people: this is who follows. Not since when.",
        Until::Words("Until they stop following, or one of the two accounts is erased."),
        SeenBy::Words(FOLLOWS),
    ),
    column("follows", "followed", "And this is whom.", Row, SeenBy::Words(FOLLOWS)),
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

/// Where a value of Vivavoce lies that is no column.
pub const BESIDE: &[Beside] = &[
    Beside {
        what: "`vivavoce.db-wal`, `vivavoce.db-shm`",
        why: "The database's own log, beside it while the server runs: what was written last. What is deleted is \
              overwritten with zeros in the database, and after somebody erased their account the whole file is written \
              anew.",
        until: "Overwritten and emptied when somebody erases their account, every hour, and when the server starts and \
                stops.",
    },
    Beside {
        what: "`vivavoce.db.schema-N`",
        why: "A whole copy of the database from before an update that changed its tables, to go back to. Whoever was \
              erased since is still in it.",
        until: "The next such copy, and 30 days at most: cleared away within the hour after that, and at every start.",
    },
    Beside {
        what: "`lock`",
        why: "An empty file: one server for one folder.",
        until: "As long as the folder.",
    },
    Beside {
        what: "`admin.sock`",
        why: "Where `vivavoce admin` asks. A socket: nothing is stored in it.",
        until: "Made anew at each start.",
    },
    Beside {
        what: "TLS certificate and key",
        why: "The files that `--tls-cert` and `--tls-key` name. Read where they lie, never copied.",
        until: "As whoever runs the server wants.",
    },
    Beside {
        what: "Configuration",
        why: "Flags, environment and a TOML file of whoever runs the server: addresses and numbers, nothing about people.",
        until: "As whoever runs the server wants.",
    },
    Beside {
        what: "The log",
        why: "Lines of a fixed list with numbers in them, on standard output. No name, title, address or token can be in \
              one, but for one: a server without an owner prints the owner's link when it starts. It works once, for an hour.",
        until: "As the system that takes the lines keeps them.",
    },
];

/// What is in memory only, and gone with it: no process writes any of it anywhere.
pub const IN_MEMORY: &[Beside] = &[
    Beside {
        what: "Rooms: title, people, roles, hands; whom they refuse, as keyed hashes",
        why: "The conversation itself. Sealed copies lie with the parent process, which has no key, so that a crash ends \
              nothing.",
        until: "The room's end; all of them when the server stops.",
    },
    Beside {
        what: "Who spoke lately",
        why: "Of those who left their handle and when that was, and nothing else: whoever leaves after a word can still be \
              reported for it. And who reported lately, as keyed hashes, so that nobody reports everybody.",
        until: "Ten minutes after their last word or report, or the room's end.",
    },
    Beside {
        what: "Reports",
        why: "Who reports whom, by handle where they had left, why, and who heard it too, while others can still sign; \
              afterwards, while the process with the database does not take it.",
        until: "Two minutes, and then as soon as it is taken; ten minutes at most where it is not.",
    },
    Beside {
        what: "Whom people in rooms follow and block",
        why: "Who is listed first, who may come into rooms for followed people, who comes in and comes up at all.",
        until: "They leave, or the room's end; that it has changed and is to be asked for again, until there is an answer.",
    },
    Beside {
        what: "Totals for `--metrics`, where they are asked for",
        why: "How much was done, of nobody and of no room.",
        until: "The server stops.",
    },
    Beside {
        what: "Sound",
        why: "The last few packets of each voice: the first syllable of whoever begins, and a second copy for those whose \
              network loses some.",
        until: "Less than a second.",
    },
    Beside {
        what: "Who was invited from which room",
        why: "Whoever comes by such an invitation lands there.",
        until: "The room's end.",
    },
    Beside {
        what: "Who would like to talk, and asks whom",
        why: "People who follow each other see it of each other, and find company; and who came just now by whose invitation. \
              With it goes how often somebody asked lately.",
        until: "They switch it off, sign out, go into a room, or their last page is gone for half a minute; an hour at most. A \
                question: its answer, or a minute; that it was asked, so that it is asked once, as long as the other is \
                available. Who came: ten minutes, or the last page of either is gone. How
                often somebody asked: ten minutes.",
    },
    Beside {
        what: "Rate limits",
        why: "How often something was tried, by a keyed hash of address or member.",
        until: "Ten minutes: for addresses the key is thrown away then, for members the counter has run empty at the latest.",
    },
    Beside {
        what: "Who is connected",
        why: "Open sockets, their member and session; the network address, as long as the connection stands.",
        until: "The connection's end.",
    },
    Beside {
        what: "What the keeper has answered",
        why: "Rows of the database that were asked for, so that they need not be read again.",
        until: "A change of theirs, and an hour at most.",
    },
    Beside {
        what: "Pictures",
        why: "Of people whose faces were looked at lately, so that a full house need not have each read from the database \
              for everybody; and a file that somebody puts up, while it is made small and the connection stands that it came on.",
        until: "Ten minutes after they were first asked for, or sooner where they are changed, taken away or pushed out by \
                others.",
    },
    Beside {
        what: "Passkey ceremonies",
        why: "The challenge between the two halves of a sign-in.",
        until: "The other half, or five minutes; what nobody finished is let go when somebody begins the next.",
    },
];

/// What lies on the member's own device.
pub const ON_THE_DEVICE: &[Beside] = &[
    Beside {
        what: "The cookie `s`",
        why: "The session's secret; the server has its hash alone.",
        until: "Signing out, or 180 days.",
    },
    Beside {
        what: "Settings of the page",
        why: "Colours, keys, chosen microphone and loudspeaker.",
        until: "As long as the browser keeps them.",
    },
    Beside {
        what: "Pictures of people",
        why: "So that a face that was seen is not fetched again, as browsers keep any picture.",
        until: "A day, or as long as the browser keeps them.",
    },
    Beside { what: "Volumes", why: "How loud each person is for this member alone.", until: "Signing out." },
    Beside {
        what: "The seat of this tab",
        why: "So that a page that is loaded anew is in its room again.",
        until: "The room is left, or the tab is closed.",
    },
    Beside {
        what: "Rooms hidden in this tab",
        why: "So that they stay hidden over a reload.",
        until: "They are over or shown again, the member signs out, or the tab is closed.",
    },
];
