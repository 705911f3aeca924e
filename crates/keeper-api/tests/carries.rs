//! What stands between `live` and the disk: the list of everything a message may be made of. A new kind of field is
//! a new line here, and somebody has to write it.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::Visit;

/// Types of the standard library that a field may be made of. `String` and `Vec<u8>` are not here: text and bytes
/// travel as a type that says what they are.
const PLAIN: &[&str] = &["u32", "u64", "Option", "Vec", "Result", "Box"];

/// Types of `protocol` that a message may hold. Nothing of `room`, `hallway`, `media` or `socket`; no `RoomId`,
/// `RoomTitle`, `SeatId` or `ParticipantId`; no address of any kind.
const FROM_PROTOCOL: &[&str] = &[
    "BanPeriod",
    "BlockReach",
    "Club",
    "ClubAct",
    "ClubCharter",
    "ClubId",
    "ClubList",
    "ClubName",
    "ClubPage",
    "ClubPerson",
    "ClubRules",
    "ClubStanding",
    "DeviceLabel",
    "DisplayName",
    "DoorState",
    "ErrorCode",
    "Event",
    "EventDraft",
    "EventId",
    "Going",
    "Handle",
    "Invite",
    "Introduction",
    "InviteId",
    "InvitePreview",
    "Kept",
    "LinkKind",
    "Me",
    "Measure",
    "MemberId",
    "MyReport",
    "PushKind",
    "OrderCounts",
    "OrderView",
    "Passkey",
    "PasskeyChallenge",
    "PasskeyId",
    "PictureId",
    "Profile",
    "ProfilePage",
    "RecoveryCodes",
    "ReportNumber",
    "ReportOutcome",
    "ReportPart",
    "ReportReason",
    "Role",
    "ServerName",
    "Session",
    "SessionId",
    "Switch",
    "Timestamp",
    "Wishes",
];

/// What those of `protocol::account`, `protocol::event`, `protocol::kept`, `protocol::profile` and `protocol::order` are made of
/// in turn. Titles of announced events are here, since events are kept; those of rooms are not.
const WITHIN_PROTOCOL: &[&str] = &[
    "bool",
    "u32",
    "u64",
    "Option",
    "Vec",
    "String",
    "Bio",
    "EventDescription",
    "EventKind",
    "EventNews",
    "EventPart",
    "EventPerson",
    "EventState",
    "EventTitle",
    "ClubAbout",
    "ClubDoor",
    "ClubFollowing",
    "ClubRule",
    "RoomStarters",
    "KeptClub",
    "KeptClubBan",
    "InviteState",
    "KeptAccount",
    "KeptEvent",
    "KeptEventPart",
    "KeptGoing",
    "KeptInvite",
    "KeptLink",
    "KeptLinkKind",
    "KeptPasskey",
    "KeptPicture",
    "KeptPushDevice",
    "Language",
    "Languages",
    "Nominator",
    "OpenReport",
    "OrderPerson",
    "PasskeyWorks",
    "Pronunciation",
    "Repeat",
    "Zone",
    "Quiet",
    "MinuteOfDay",
    "ClockOffset",
    "i16",
    "u16",
];

/// Of `protocol::push`; the rest of it is between browsers and `live`.
const FROM_PUSH: &[&str] = &["Wishes", "Quiet", "MinuteOfDay", "ClockOffset", "Switch", "PushKind"];

/// Files whose types are opaque bytes or bounded text by design: each type in them says in its name what it holds.
const LEAVES: &[&str] = &["secret.rs", "typed.rs", "tls.rs"];
/// Files that make up the messages.
const MESSAGES: &[&str] = &["request.rs", "reply.rs", "admin.rs"];
/// Everything else, which holds no message to or from `live`.
const OTHERS: &[&str] = &["lib.rs", "frame.rs", "limits.rs", "parent.rs"];

/// Types defined in the leaves: adding one is a decision too.
const LEAF_TYPES: &[&str] = &[
    "CalendarSecret",
    "Ceremony",
    "ColumnName",
    "CredentialJson",
    "Der",
    "DeviceCode",
    "LinkSecret",
    "PasskeyDomain",
    "PictureJpeg",
    "PushEndpoint",
    "PushKeys",
    "RecoveryCode",
    "SealingKey",
    "ServerAddress",
    "SessionToken",
    "SignInSecret",
    "TlsKeys",
    "Typed",
];

#[test]
fn no_message_can_carry_a_room_a_title_or_an_address() {
    let mut defined = BTreeSet::new();
    let mut used = BTreeSet::new();
    for file in MESSAGES {
        let types = Types::of(&source(&format!("src/{file}")));
        defined.extend(types.defined);
        used.extend(types.used);
    }
    let strangers = strangers(&used, &[PLAIN, FROM_PROTOCOL, LEAF_TYPES], &defined);
    assert!(strangers.is_empty(), "not known to be free of rooms and addresses: {strangers:?}");
}

#[test]
fn nothing_comes_in_through_the_types_of_the_protocol_either() {
    let source = |file: &str| source(&format!("../protocol/src/{file}.rs"));
    let account = Types::of_only(&source("account"), FROM_PROTOCOL);
    let events = Types::of_only(&source("event"), &["Event", "EventDraft", "EventPerson"]);
    let push = Types::of_only(&source("push"), FROM_PUSH);
    for types in [
        account,
        events,
        push,
        Types::of(&source("club")),
        Types::of(&source("order")),
        Types::of(&source("kept")),
        Types::of(&source("profile")),
    ] {
        let strangers = strangers(&types.used, &[FROM_PROTOCOL, WITHIN_PROTOCOL], &BTreeSet::new());
        assert!(strangers.is_empty(), "an account holds something new: {strangers:?}");
    }
}

/// Text without a type of its own, by the field that holds it: handles and codes as they were typed, what browsers and the
/// WebAuthn library say in JSON, where the server is, and what is kept about somebody in the form in which it is searched.
const TEXTS: &[(&str, &[&str])] = &[
    (
        "account",
        &[
            "bearer",
            "ceremony",
            "code",
            "codes",
            "credential",
            "handle",
            "options",
            "public_url",
            "qr_svg",
            "token",
            "url",
        ],
    ),
    ("event", &["url"]),
    ("club", &[]),
    ("order", &[]),
    // Of browsers: none of it goes to the keeper but as bytes and a bounded text of their own.
    ("push", &["auth", "endpoint", "p256dh", "server_key"]),
    (
        "kept",
        &[
            "auth",
            "credential",
            "credential_id",
            "domain",
            "endpoint",
            "handle",
            "handle_looks",
            "jpeg",
            "name_folded",
            "p256dh",
        ],
    ),
    ("profile", &[]),
];

#[test]
fn no_text_comes_in_that_nobody_has_named() {
    for (file, named) in TEXTS {
        let source = source(&format!("../protocol/src/{file}.rs"));
        let held: BTreeSet<_> = source.lines().filter_map(field_of_text).collect();
        assert_eq!(held, named.iter().copied().collect(), "{file}.rs");
    }
    assert_eq!(field_of_text("    pub title: Option<String>,"), Some("title"));
    assert_eq!(field_of_text("    Entered { room: String },"), Some("Entered { room"));
    assert_eq!(field_of_text("    pub handle: Handle,"), None);
    assert_eq!(field_of_text("/// A `String`."), None);
}

/// What stands before the colon in a line that holds a `String`.
fn field_of_text(line: &str) -> Option<&str> {
    let line = line.trim();
    let (field, _) = line.split_once(':').filter(|(_, kind)| kind.contains("String"))?;
    (!line.starts_with("//")).then(|| field.trim_start_matches("pub ").trim())
}

#[test]
fn every_file_is_one_kind_or_the_other() {
    let known: BTreeSet<&str> = [LEAVES, MESSAGES, OTHERS].concat().into_iter().collect();
    for entry in std::fs::read_dir(root().join("src")).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("plain names");
        assert!(known.contains(name.as_str()), "{name} is on no list");
    }
}

#[test]
fn a_message_that_carried_a_room_would_be_found() {
    for (file, stranger) in [
        ("pub enum Request { Enter { room: protocol::room::RoomView } }", "RoomView"),
        ("pub struct Push { seen: Vec<(u32, RoomId)> }", "RoomId"),
        ("pub struct Push(Option<std::net::IpAddr>);", "IpAddr"),
        ("pub enum Request { Note(String) }", "String"),
        ("pub enum Request { Note(Vec<u8>) }", "u8"),
        ("pub enum Request { Note([u8; 16]) }", "u8"),
        ("pub type Hidden = protocol::text::RoomTitle;", "RoomTitle"),
        ("pub struct Any<T>(T); pub struct Push(Any<u32>);", "T"),
        ("mod inner { pub struct Push(RoomId); }", "RoomId"),
        ("make_message!(RoomId);", "macro"),
        ("use protocol::{room::Session, text::Handle}; pub struct Push(Session);", "room"),
    ] {
        let types = Types::of(file);
        let found = strangers(&types.used, &[PLAIN, FROM_PROTOCOL, LEAF_TYPES], &types.defined);
        assert_eq!(found, BTreeSet::from([stranger.to_owned()]), "{file}");
    }
}

/// Names of types in one file: those it defines, and those their fields are made of.
#[derive(Default)]
struct Types {
    defined: BTreeSet<String>,
    used: BTreeSet<String>,
    only: Option<&'static [&'static str]>,
}

impl Types {
    fn of(source: &str) -> Self {
        let mut types = Self::default();
        types.visit_file(&syn::parse_file(source).expect("the crate compiles, so it parses"));
        types
    }

    fn of_only(source: &str, only: &'static [&'static str]) -> Self {
        let mut types = Self { only: Some(only), ..Self::default() };
        types.visit_file(&syn::parse_file(source).expect("the crate compiles, so it parses"));
        types
    }

    fn skips(&self, name: &str) -> bool {
        self.only.is_some_and(|only| !only.contains(&name))
    }
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if !self.skips(&item.ident.to_string()) {
            self.defined.insert(item.ident.to_string());
            syn::visit::visit_fields(self, &item.fields);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if !self.skips(&item.ident.to_string()) {
            self.defined.insert(item.ident.to_string());
            item.variants.iter().for_each(|variant| syn::visit::visit_fields(self, &variant.fields));
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.visit_type(&item.ty);
    }

    /// The modules of rooms are closed, whatever the name taken from them.
    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        if ["room", "hallway", "media", "socket"].iter().any(|module| path.ident == module) {
            self.used.insert(path.ident.to_string());
        }
        syn::visit::visit_use_path(self, path);
    }

    /// A renaming import would let a stranger in under a known name.
    fn visit_use_rename(&mut self, rename: &'ast syn::UseRename) {
        self.used.insert(rename.ident.to_string());
    }

    /// A type from a macro is one nobody here can read.
    fn visit_item_macro(&mut self, _: &'ast syn::ItemMacro) {
        self.used.insert("macro".to_owned());
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        if let Some(last) = path.path.segments.last() {
            self.used.insert(last.ident.to_string());
        }
        syn::visit::visit_type_path(self, path);
    }

    // Code does not travel.
    fn visit_item_impl(&mut self, _: &'ast syn::ItemImpl) {}
    fn visit_item_fn(&mut self, _: &'ast syn::ItemFn) {}
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
}

fn strangers(used: &BTreeSet<String>, known: &[&[&str]], defined: &BTreeSet<String>) -> BTreeSet<String> {
    used.iter()
        .filter(|name| !defined.contains(*name) && !known.iter().any(|list| list.contains(&name.as_str())))
        .cloned()
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect("a source file")
}
