//! Whatever grows in the memory of the server stands on the published list, "In memory only" of `docs/what-is-kept.md`.
//!
//! Every field of every type of the crates that hold people is read, and what tasks keep in variables. Where one is made of
//! something that grows (a map, a set, a queue, a list), it stands here: under the row of the published table that tells of
//! it, or as something that is no memory of anybody, and why. A new one is a complaint until somebody has decided which, and
//! so is one that is gone.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use crate::repository::{Source, assert_none, read, sources};

/// What knows people while it runs: the rooms, the network, the keeper; and what lies between them, the parent's part included.
const CRATES: &[&str] = &["rooms", "live", "keeper", "cluster", "media", "sfu", "outbound"];

/// What holds as many of something as come.
const GROWS: &[&str] = &[
    "Vec",
    "VecDeque",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "FuturesUnordered",
    "JoinSet",
    "Slab",
];

/// State that belongs to no type and to no task would escape the search.
const NOWHERE: &[&str] =
    &["thread_local!", "task_local!", "lazy_static!", "LazyLock<Mutex", "OnceLock<Mutex"];

/// By the row of the table that tells of them, in its order: `module Type: field field`, or `module fn name: variable` where a
/// task keeps something.
const TOLD: &[(&str, &[&str])] = &[
    (
        "Rooms: title, people, roles, hands and what they are about, what is pinned up; whom they refuse and links for guests, as keyed hashes, and for whom a link is until it is taken up",
        &[
            "rooms/state State: asked commands guests moderators removals",
            "rooms/state Phase: Asking.tried",
            "rooms/people People: all away queue seats shares stage",
            "rooms/bars Bars: held",
            "rooms/reactions Reactions: by",
            "rooms/parts Changed: committed dirty",
            "rooms/tell Outbox: filed newcomers rest urgent",
            "rooms/tell Marks: ask_follows briefs notices people you",
            "rooms/tell Told: listed queue",
            "rooms/tell CardKey: facts",
            // Cards, as the hallway has them.
            "rooms/listing Fixed: known seated stage",
            "live/hallway/board Board: by_room ended free places",
            "live/hallway/shown Shown: cards",
            "live/room/registry Parts: directory starting",
            "live/room/actor Running: holders",
            // Sealed.
            "live/room/commit Committer: owed shares",
            "cluster/coord/ledger Ledger: kept",
            "cluster/store BlobStore: blobs",
            "cluster/bus/local Local: directory",
            "cluster/bus/local OwnedRoom: directory",
            "cluster/media_bus Local: 0",
        ],
    ),
    ("Who spoke lately", &["rooms/recent Recent: here left reported"]),
    ("What people write to the room", &["rooms/chat Written: gone kept last"]),
    ("Who talked how long", &["rooms/talked Talked: asked heard told"]),
    (
        "Reports",
        &[
            "rooms/state State: reports",
            "rooms/state Report: heard",
            "rooms/reports Filed: heard",
            "live/room/commit Filing: numbers",
        ],
    ),
    (
        "Whom people in rooms follow and block",
        &[
            "rooms/follows Follows: by_speakers of speakers",
            "rooms/room Room: blocks",
            "rooms/blocks Blocked: people",
            "rooms/listing Welcome: FollowedBy.0",
            "live/room/actor Running: following keeping",
            "live/room/concerns Concerns: 0",
            "live/hallway/shown Shown: follows found",
            "live/hallway/board Seen: listeners",
            "live/pushes fn follow: asking waiting",
        ],
    ),
    ("Who is in a club, and banned from it", &["rooms/club Club: banned people"]),
    ("Totals for `--metrics`, where they are asked for", &[]),
    (
        "Sound",
        &[
            "media/channel Channel: pending",
            "media/phase Phase: waiting",
            "media/shard Core: messages",
            "sfu/lanes Neighbour: waiting",
        ],
    ),
    ("Who was invited from which room", &["live/room/landing Kept: by_invite order"]),
    (
        "Who would like to talk, and asks whom",
        &[
            "live/company Available: asked_by follows",
            "live/company Company: arrivals asks available away concerned said",
        ],
    ),
    ("Who pinged whom into a room", &["live/often Often: whole_at"]),
    (
        "Rate limits",
        &[
            "live/http/limit Window: whole_at",
            "live/places Held: by_address",
            "live/push/once Once: order said",
            "keeper/rates Rates: empty_at",
        ],
    ),
    (
        "Who is connected",
        &[
            "live/hallway Running: first viewers",
            "live/program Programs: 0",
            "live/socket/open OpenSockets: 0",
            "live/socket/outbox Queue: frames",
            "live/socket/wire Writing: unsent",
            "live/room/seat Seats: by_connection by_id by_peer by_who",
            "live/room/edge Running: leaving touched",
            "live/room/media Commands: channels owed",
            "live/room/media Router: channels late peers",
            "live/pushes fn end_sessions: ending",
            "media/channel Channel: rows",
            "media/demux Addresses: owners",
            "media/peer Peer: addresses",
            "media/rows Rows: formats from own peers sealers to",
            "media/select Selector: contenders",
            "media/shard Core: events speakers",
            "media/shard/channels Channels: deadlines entries",
            "media/shard/channels Room: shares voices",
            "media/shard/handshakes Handshakes: queue watched",
            "media/shard/packing Moves: peers",
            "media/shard/peers Peers: entries pulses",
            "media/srtp/open Sources: known",
            "sfu/connections Connections: places",
            "sfu/registry Registry: homed homes",
            "sfu/thread Thread: peers",
        ],
    ),
    (
        "What the keeper has answered",
        &["keeper/remembered OfMember: sessions", "keeper/remembered Remembered: members sessions"],
    ),
    ("Pictures", &["live/pictures Held: kept", "live/pushes/pictures fn tell: busy telling waiting"]),
    ("Notifications on their way", &["live/outbound fn serve: waiting", "outbound/carry Carrier: hosts"]),
    ("Passkey ceremonies", &["keeper/ceremonies Ceremonies: open order"]),
];

/// Counters, as many as there are kinds: nothing of it grows.
const COUNTERS: &str = "Totals for `--metrics`, where they are asked for";

/// Of nobody, or gone in the same turn: why, and what.
const NO_MEMORY: &[(&str, &[&str])] = &[
    (
        "on its way from one to another, who reads it once",
        &[
            "rooms/arrival NewRoom: asked",
            "rooms/bars ChangedBars: tags",
            "rooms/listing Concerned: bars members",
            "rooms/parts Core: queue stage",
            "rooms/parts CoreRead: queue stage",
            "live/hallway ToHallway: AccountsChanged.0 Follows.follows Viewers.0 Welcome.follows WhoIsTold.members",
            "live/hallway Told: Those.0",
            "live/hallway/board Posted: others",
            "live/hallway/frames Frames: 0",
            "live/room/actor Pending: Views.0",
            "live/room/commit Found: reports rooms useless",
            "live/room/commit Inside: Core.shares",
            "live/room/commit Whole: parts",
            "live/room/edge ToEdge: Happened.events Relay.to",
            "live/talk Wish: Relay.to",
            "live/push/round Round: Event.to",
            "live/room/message Answer: People.0 SeatsGiven.0 Views.0",
            "live/room/message Batch: effects",
            "live/room/message Recipients: These.0",
            "live/room/message ToOwner: AskIn.people Follows.follows Lines.lines Views.viewers",
            "live/room/registry Starting: all",
            "live/lib Given: blobs",
            // To the keeper, and back.
            "live/keeper fn serve: asks out",
            "live/keeper Waiting: answers",
            "keeper/keeper Aside: pushes",
            "keeper/keeper Outcome: pushes",
            "keeper/keeper/order Administrated: pushes",
            "keeper/live_line fn deliver: some",
            "cluster/blob Commit: forgets puts",
            "cluster/coord Change: forgets puts",
            // What a client offers and is answered.
            "media/sdp/answer Candidates: tcp udp",
            "media/sdp/offer Draft: formats",
            "media/sdp/offer Offer: sections",
            "media/sdp/offer Session: bundle",
        ],
    ),
    (
        "our own addresses, sockets, threads, moments and free numbers",
        &[
            "live/lib Given: http media metrics",
            "live/reach Reach: named",
            "live/reach Web: Here.listeners",
            "cluster/parent Started: listeners media metrics",
            "cluster/parent ToLive: Addresses.0",
            "cluster/parent/config HttpSide: BehindProxy.0",
            "cluster/parent/config LiveConfig: interface_addresses public_addresses",
            "media/shard/channels Waits: 0",
            "media/shard/losing LossesByShard: 0",
            "sfu/connections Connections: free",
            "sfu/handle Inner: shards threads wakers",
            "sfu/handle Register: freed",
            "sfu/lanes Neighbours: all",
            "sfu/registry Places: free generations",
            "sfu/registry Registry: shards",
            "sfu/start Config: sockets",
            "sfu/stats Stats: shards",
        ],
    ),
];

/// The published table.
const TABLE: &str = "docs/what-is-kept.md";
const SECTION: &str = "## In memory only";

/// Fields that grow: `module Type: field field`, by module and type.
fn growing(files: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let parsed: Vec<(&str, syn::File)> = files
        .iter()
        .map(|file| (file.path.as_str(), syn::parse_file(&file.text).expect("it compiles, so it parses")))
        .collect();
    // Other names of what grows grow, too, and names of those.
    let mut names: BTreeSet<String> = GROWS.iter().map(|name| (*name).to_owned()).collect();
    loop {
        let before = names.len();
        for (_, file) in &parsed {
            Aliases { names: &mut names }.visit_file(file);
        }
        if names.len() == before {
            break;
        }
    }
    let mut found = BTreeMap::new();
    for (path, file) in &parsed {
        Fields { module: module(path), names: &names, found: &mut found }.visit_file(file);
    }
    found
}

/// `crates/live/src/room/actor.rs` is `live/room/actor`.
fn module(path: &str) -> String {
    path.trim_start_matches("crates/").replace("/src/", "/").trim_end_matches(".rs").to_owned()
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

struct Aliases<'a> {
    names: &'a mut BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Aliases<'_> {
    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if grows(&item.ty, self.names) {
            self.names.insert(item.ident.to_string());
        }
    }

    fn visit_use_rename(&mut self, item: &'ast syn::UseRename) {
        if self.names.contains(&item.ident.to_string()) {
            self.names.insert(item.rename.to_string());
        }
    }
}

struct Fields<'a> {
    module: String,
    names: &'a BTreeSet<String>,
    found: &'a mut BTreeMap<String, BTreeSet<String>>,
}

impl Fields<'_> {
    fn look(&mut self, owner: &syn::Ident, within: Option<&syn::Ident>, fields: &syn::Fields) {
        for (place, field) in fields.iter().enumerate().filter(|(_, field)| !is_for_tests(&field.attrs)) {
            if grows(&field.ty, self.names) {
                let name = field.ident.as_ref().map_or_else(|| place.to_string(), ToString::to_string);
                let name = within.map_or(name.clone(), |variant| format!("{variant}.{name}"));
                self.found.entry(format!("{} {owner}", self.module)).or_default().insert(name);
            }
        }
    }
}

impl Fields<'_> {
    /// What a function keeps that waits again and again, as a task does.
    fn look_within(&mut self, owner: &syn::Ident, block: &syn::Block) {
        let mut waits = Waits::default();
        waits.visit_block(block);
        if !waits.again_and_again {
            return;
        }
        for local in block.stmts.iter().filter_map(|statement| match statement {
            syn::Stmt::Local(local) => Some(local),
            _ => None,
        }) {
            let mut finds = Finds { names: self.names, found: false };
            finds.visit_local(local);
            if finds.found
                && let Some(name) = named(&local.pat)
            {
                self.found.entry(format!("{} fn {owner}", self.module)).or_default().insert(name);
            }
        }
    }
}

fn named(pattern: &syn::Pat) -> Option<String> {
    match pattern {
        syn::Pat::Ident(name) if name.mutability.is_some() => Some(name.ident.to_string()),
        syn::Pat::Type(typed) => named(&typed.pat),
        syn::Pat::Tuple(tuple) => tuple.elems.iter().find_map(named),
        _ => None,
    }
}

/// Whether a function has a loop in which it waits.
#[derive(Default)]
struct Waits {
    loops: usize,
    again_and_again: bool,
}

impl<'ast> Visit<'ast> for Waits {
    fn visit_expr_loop(&mut self, it: &'ast syn::ExprLoop) {
        self.loops += 1;
        visit::visit_expr_loop(self, it);
        self.loops -= 1;
    }

    fn visit_expr_while(&mut self, it: &'ast syn::ExprWhile) {
        self.loops += 1;
        visit::visit_expr_while(self, it);
        self.loops -= 1;
    }

    fn visit_expr_await(&mut self, it: &'ast syn::ExprAwait) {
        self.again_and_again |= self.loops > 0;
        visit::visit_expr_await(self, it);
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        self.again_and_again |=
            self.loops > 0 && it.path.segments.last().is_some_and(|name| name.ident == "select");
    }
}

impl<'ast> Visit<'ast> for Fields<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if !is_for_tests(&item.attrs) {
            self.look(&item.ident, None, &item.fields);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        for variant in item.variants.iter().filter(|variant| !is_for_tests(&variant.attrs)) {
            self.look(&item.ident, Some(&variant.ident), &variant.fields);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_for_tests(&item.attrs) {
            self.look_within(&item.sig.ident, &item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.look_within(&item.sig.ident, &item.block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if grows(&item.ty, self.names) {
            self.found.entry(format!("{} static", self.module)).or_default().insert(item.ident.to_string());
        }
    }
}

struct Finds<'a> {
    names: &'a BTreeSet<String>,
    found: bool,
}

impl<'ast> Visit<'ast> for Finds<'_> {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.found |= self.names.contains(&segment.ident.to_string()) && !is_bytes(segment);
        visit::visit_path_segment(self, segment);
    }
}

/// One thing, however long.
fn is_bytes(segment: &syn::PathSegment) -> bool {
    let syn::PathArguments::AngleBracketed(of) = &segment.arguments else { return false };
    let is_byte = |ty: &syn::Type| matches!(ty, syn::Type::Path(path) if path.path.is_ident("u8"));
    segment.ident == "Vec"
        && of.args.iter().any(|of| matches!(of, syn::GenericArgument::Type(ty) if is_byte(ty)))
}

fn grows(ty: &syn::Type, names: &BTreeSet<String>) -> bool {
    let mut finds = Finds { names, found: false };
    finds.visit_type(ty);
    finds.found
}

fn ours() -> Vec<Source> {
    let all = CRATES.iter().flat_map(|name| sources(&format!("crates/{name}/src")));
    all.filter(|file| {
        file.path.ends_with(".rs") && !file.path.contains("/tests") && !file.path.contains("/selftest")
    })
    .collect()
}

/// What the published table has in its first column.
fn rows() -> Vec<String> {
    let text = read(TABLE);
    let (_, section) = text.split_once(SECTION).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let lines = section.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = lines.filter_map(|line| line.split(" | ").next()).map(ToOwned::to_owned);
    rows.filter(|row| row != "what" && !row.starts_with("---")).collect()
}

/// `module Type: field field`, by module and type.
fn listed() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for line in TOLD.iter().chain(NO_MEMORY).flat_map(|(_, lines)| *lines) {
        let (owner, fields) = line.split_once(": ").expect("a type and its fields");
        let fields: BTreeSet<String> = fields.split(' ').map(ToOwned::to_owned).collect();
        let known: &mut BTreeSet<String> = all.entry(owner.to_owned()).or_default();
        for field in fields {
            assert!(known.insert(field.clone()), "{owner}.{field} stands here twice");
        }
    }
    all
}

/// What stands in one and not in the other.
fn missing(
    from: &BTreeMap<String, BTreeSet<String>>,
    of: &BTreeMap<String, BTreeSet<String>>,
    why: &str,
) -> Vec<String> {
    let fields = of.iter().flat_map(|(owner, fields)| fields.iter().map(move |field| (owner, field)));
    let gone = fields.filter(|(owner, field)| !from.get(*owner).is_some_and(|known| known.contains(*field)));
    gone.map(|(owner, field)| format!("{owner}: {field} {why}")).collect()
}

#[test]
fn whatever_grows_in_memory_is_told_under_what_is_kept() {
    let (found, listed) = (growing(&ours()), listed());
    let mut complaints = missing(&listed, &found, "grows, and stands under no row of what is kept in memory");
    complaints.extend(missing(&found, &listed, "does not grow, or is not there any more"));
    assert_none(complaints);
}

#[test]
fn rows_are_those_that_are_published_and_each_of_them_is_somewhere() {
    let rows = rows();
    let named: Vec<&str> = TOLD.iter().map(|(row, _)| *row).collect();
    assert_eq!(named, rows, "in the order of {TABLE}");
    assert_none(
        TOLD.iter()
            .filter(|(row, lines)| lines.is_empty() && *row != COUNTERS)
            .map(|(row, _)| format!("{row} is nowhere"))
            .collect(),
    );
}

#[test]
fn no_state_is_kept_beside_all_types() {
    let all = ours();
    let hits = all.iter().flat_map(|file| {
        NOWHERE.iter().filter(|word| file.text.contains(**word)).map(|word| format!("{}: {word}", file.path))
    });
    assert_none(hits.collect());
}

#[test]
fn what_grows_is_found_however_it_is_written() {
    let source = "use std::collections::HashMap as Table; type Inner = BTreeMap<u8, u8>; type Outer = Arc<Mutex<Inner>>; \
        struct A { one: Vec<u8>, list: Vec<u16>, map: HashMap<u8, u8>, table: Table<u8, u8>, number: u32, behind: Option<Arc<Outer>> } \
        enum B { One(Vec<u16>), Two { set: std::collections::BTreeSet<u8> }, Three(u8) } struct C(u8, VecDeque<u8>); \
        static ALL: Mutex<Vec<u16>> = Mutex::new(Vec::new()); #[cfg(test)] struct D { map: HashMap<u8, u8> } \
        #[cfg(test)] mod tests { struct E(Vec<u16>); } mod inner { struct F { held: [Vec<u16>; 2] } } \
        async fn once(all: &[u16]) { let mut some: Vec<u16> = all.to_vec(); done(some).await; } \
        async fn task() { let mut known = HashMap::new(); let count = 0; loop { select! { it = next() => known.insert(it) } } }";
    let file = Source { path: "crates/live/src/room/actor.rs".to_owned(), text: source.to_owned() };
    let found: Vec<String> = growing(&[file])
        .into_iter()
        .map(|(owner, fields)| format!("{owner}: {}", fields.into_iter().collect::<Vec<_>>().join(" ")))
        .collect();
    assert_eq!(
        found,
        [
            "live/room/actor A: behind list map table",
            "live/room/actor B: One.0 Two.set",
            "live/room/actor C: 1",
            "live/room/actor F: held",
            "live/room/actor fn task: known",
            "live/room/actor static: ALL",
        ]
    );
}
