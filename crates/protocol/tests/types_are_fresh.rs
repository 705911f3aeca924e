//! The TypeScript types in `web/src/protocol` are generated from this crate; here they are compared, or written
//! (`VIVAVOCE_WRITE_TYPES=1`, which `cargo xtask types` sets).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use protocol::account::{
    AcceptInvite, ClaimServer, Invite, InvitePreview, LinkKind, LinkToken, NewInvite, NewLink, Passkey,
    PasskeyAnswer, PasskeyChallenge, Profile, RecoveryCodes, RecoverySignIn, Rename, ServerDoor, Session,
    SignedIn,
};
use protocol::club::{ActInClub, Club, ClubCharter, ClubList, ClubPage, ClubPerson, Dissolve, JoinClub};
use protocol::error::ErrorBody;
use protocol::event::{CalendarLink, Event, EventDraft};
use protocol::guest::{GuestLink, GuestPass, GuestSeat, NewGuest};
use protocol::kept::{Erase, Kept};
use protocol::limits::{
    BIO_CHARS_MAX, BIO_LINES_MAX, CARD_CHARS_MAX, CARD_LINES_MAX, CARD_LINK_BYTES_MAX, CHAT_CHARS_MAX,
    CHAT_EACH, CHAT_MESSAGES_MAX, CHAT_SLOW_EACH, CLUB_ABOUT_CHARS_MAX, CLUB_RULE_CHARS_MAX, CLUB_RULES_MAX,
    CO_SIGN_PERIOD, DESCRIPTION_CHARS_MAX, DESCRIPTION_LINES_MAX, DEVICE_LINK_PERIOD, ENDING_PERIOD,
    EVENT_MINUTES_MAX, EVENT_MINUTES_MIN, EVENT_PEOPLE_MAX, GREEN_ROOM_PERIOD, HAND_TOPIC_CHARS_MAX,
    HANDLE_CHARS_MAX, HANDLE_CHARS_MIN, LANGUAGES_MAX, MODERATORLESS_PERIOD, NAME_CHARS_MAX, OWNERLESS_GRACE,
    PEOPLE_PAGE, PRONUNCIATION_CHARS_MAX, RECENT_SPEAKERS_MAX, RECENT_SPEAKERS_PERIOD, RECONNECT_GRACE,
    SERVER_NAME_CHARS_MAX, STAGE_INVITATION_PERIOD, TALK_TIMES_PERIOD, TALK_TOPIC_CHARS_MAX, TITLE_CHARS_MAX,
    UNDO_PERIOD,
};
use protocol::order::{Decide, MyReport, OrderPage};
use protocol::profile::{Introduction, ProfilePage};
use protocol::push::{PushDevice, PushKind, PushNotice, PushSettings, PushTrial, Wishes};
use protocol::socket::{ClientMessage, ServerMessage};
use ts_rs::{Config, TS};

/// Every root of the contract; what they name comes along.
fn export(dir: &Path) {
    let config = Config::new().with_out_dir(dir).with_large_int("number");
    macro_rules! all {
        ($($root:ty),* $(,)?) => { $(<$root>::export_all(&config).expect("a type that can be written");)* };
    }
    all!(
        ClientMessage,
        ServerMessage,
        ErrorBody,
        AcceptInvite,
        CalendarLink,
        ClaimServer,
        ActInClub,
        Club,
        ClubCharter,
        ClubList,
        ClubPage,
        ClubPerson,
        Decide,
        Dissolve,
        Erase,
        Event,
        EventDraft,
        GuestLink,
        GuestPass,
        GuestSeat,
        NewGuest,
        Kept,
        Introduction,
        Invite,
        InvitePreview,
        JoinClub,
        LinkKind,
        LinkToken,
        MyReport,
        NewInvite,
        NewLink,
        OrderPage,
        Passkey,
        PasskeyAnswer,
        PasskeyChallenge,
        Profile,
        ProfilePage,
        PushDevice,
        PushKind,
        PushNotice,
        PushSettings,
        PushTrial,
        Wishes,
        RecoveryCodes,
        RecoverySignIn,
        Rename,
        ServerDoor,
        Session,
        SignedIn,
    );
    std::fs::write(dir.join("limits.ts"), limits()).expect("our own folder");
}

/// The bounds that a page shows or keeps to.
const NUMBERS: &[(&str, usize)] = &[
    ("BIO_CHARS_MAX", BIO_CHARS_MAX),
    ("BIO_LINES_MAX", BIO_LINES_MAX),
    ("CARD_CHARS_MAX", CARD_CHARS_MAX),
    ("CARD_LINES_MAX", CARD_LINES_MAX),
    ("CARD_LINK_BYTES_MAX", CARD_LINK_BYTES_MAX),
    ("CHAT_CHARS_MAX", CHAT_CHARS_MAX),
    ("CHAT_MESSAGES_MAX", CHAT_MESSAGES_MAX),
    ("DESCRIPTION_CHARS_MAX", DESCRIPTION_CHARS_MAX),
    ("DESCRIPTION_LINES_MAX", DESCRIPTION_LINES_MAX),
    ("EVENT_MINUTES_MAX", EVENT_MINUTES_MAX as usize),
    ("EVENT_MINUTES_MIN", EVENT_MINUTES_MIN as usize),
    ("EVENT_PEOPLE_MAX", EVENT_PEOPLE_MAX),
    ("CLUB_ABOUT_CHARS_MAX", CLUB_ABOUT_CHARS_MAX),
    ("CLUB_RULES_MAX", CLUB_RULES_MAX),
    ("CLUB_RULE_CHARS_MAX", CLUB_RULE_CHARS_MAX),
    ("HAND_TOPIC_CHARS_MAX", HAND_TOPIC_CHARS_MAX),
    ("HANDLE_CHARS_MAX", HANDLE_CHARS_MAX),
    ("HANDLE_CHARS_MIN", HANDLE_CHARS_MIN),
    ("LANGUAGES_MAX", LANGUAGES_MAX),
    ("NAME_CHARS_MAX", NAME_CHARS_MAX),
    ("PEOPLE_PAGE", PEOPLE_PAGE),
    ("PRONUNCIATION_CHARS_MAX", PRONUNCIATION_CHARS_MAX),
    ("RECENT_SPEAKERS_MAX", RECENT_SPEAKERS_MAX),
    ("SERVER_NAME_CHARS_MAX", SERVER_NAME_CHARS_MAX),
    ("TALK_TOPIC_CHARS_MAX", TALK_TOPIC_CHARS_MAX),
    ("TITLE_CHARS_MAX", TITLE_CHARS_MAX),
];
const PERIODS: &[(&str, Duration)] = &[
    ("CHAT_EACH", CHAT_EACH),
    ("CHAT_SLOW_EACH", CHAT_SLOW_EACH),
    ("CO_SIGN_PERIOD", CO_SIGN_PERIOD),
    ("DEVICE_LINK_PERIOD", DEVICE_LINK_PERIOD),
    ("ENDING_PERIOD", ENDING_PERIOD),
    ("GREEN_ROOM_PERIOD", GREEN_ROOM_PERIOD),
    ("MODERATORLESS_PERIOD", MODERATORLESS_PERIOD),
    ("OWNERLESS_GRACE", OWNERLESS_GRACE),
    ("RECENT_SPEAKERS_PERIOD", RECENT_SPEAKERS_PERIOD),
    ("RECONNECT_GRACE", RECONNECT_GRACE),
    ("STAGE_INVITATION_PERIOD", STAGE_INVITATION_PERIOD),
    ("TALK_TIMES_PERIOD", TALK_TIMES_PERIOD),
    ("UNDO_PERIOD", UNDO_PERIOD),
];

fn limits() -> String {
    let mut text =
        "// Generated from `protocol::limits` by `cargo xtask types`: what each is for stands there.\n\n"
            .to_owned();
    for (name, number) in NUMBERS {
        writeln!(text, "export const {name} = {number};").expect("into memory");
    }
    text.push_str("\n// In milliseconds.\n");
    for (name, period) in PERIODS {
        writeln!(text, "export const {name} = {};", period.as_millis()).expect("into memory");
    }
    text
}

fn contents(dir: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ts"))
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).expect("a readable file"))
        })
        .collect()
}

#[test]
fn the_typescript_types_say_what_the_rust_types_say() {
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../web/src/protocol");
    if std::env::var_os("VIVAVOCE_WRITE_TYPES").is_some() {
        // Only what this test writes: the folder also holds the table of permissions, written by `rooms`.
        for stale in contents(&committed).into_keys() {
            std::fs::remove_file(committed.join(stale)).expect("our own file");
        }
        export(&committed);
    }
    let fresh = std::env::temp_dir().join(format!("vivavoce-types-{}", std::process::id()));
    export(&fresh);
    let (expected, found) = (contents(&fresh), contents(&committed));
    std::fs::remove_dir_all(&fresh).expect("our own folder");
    assert!(!expected.is_empty());
    assert_eq!(expected, found, "run `cargo xtask types`");
}
