//! What happens, and what is left of it.
#![expect(clippy::print_stdout, reason = "how much was searched is for people")]

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::Duration;

use client::peer::Identity;
use protocol::id::RoomId;
use protocol::room::{Confidentiality, HandPolicy, MyPlace, Presence, RoomCommand, RoomKind};
use protocol::socket::NewRoom;
use protocol::text::RoomTitle;

use crate::marks::{Marks, Tag};
use crate::memory;
use crate::people::{Guest, Member, Scene};
use crate::server::{Home, Kind, Server};
use crate::spoke;
use crate::{controls, drawn, encrypted, events, kept, order, written};

pub(crate) const ALL: &[(&str, fn())] = &[
    ("half_a_second_after_a_room_nothing_of_it_is_left_in_memory", an_evening_of_thirty),
    ("nor_is_it_after_an_evening_that_chance_decides", || drawn::an_evening(seed())),
    ("nor_is_it_after_another", || drawn::an_evening(seed() + 1)),
    ("nor_of_one_that_ends_while_the_keeper_is_away", order::and_the_keeper_is_away),
    ("who_leaves_leaves_nothing_and_who_vanishes_neither", people_who_go),
    ("whom_a_room_refuses_it_does_not_know", spoke::and_is_refused),
    ("who_spoke_and_left_is_a_handle_and_nothing_else_and_not_after_the_room", spoke::and_left),
    ("keys_of_sound_go_with_those_whose_they_were", encrypted::as_long_as_they_are_there),
    ("under_the_ordinary_allocator_names_and_titles_would_be_left", under_the_ordinary_allocator),
    ("what_lies_in_a_register_alone_would_be_found", controls::registers_are_searched),
    ("what_is_moved_while_it_is_looked_for_would_be_found", controls::all_is_of_one_moment),
    ("a_disk_of_its_own_holds_accounts_and_nothing_of_an_evening", kept::on_a_disk_of_its_own),
    ("an_announced_event_is_on_the_disk_until_a_day_after_its_end", events::until_a_day_after_its_end),
    ("nobody_writes_anything_of_an_evening_to_any_file_of_the_machine", written::anywhere),
    ("the_database_is_byte_for_byte_what_it_was_and_the_next_run_knows_no_room", kept::in_the_database),
    ("all_that_is_said_to_the_operator_is_of_a_form_that_cannot_carry_a_name", kept::on_the_terminal),
];

/// The long form, which `cargo xtask soak` asks for.
pub(crate) const LONG: &[(&str, fn())] = &[
    ("nothing_is_left_of_evening_after_evening", || drawn::evenings(seed(), span().unwrap_or_default())),
    ("who_spoke_and_left_is_forgotten_after_ten_minutes", spoke::and_was_forgotten),
];

/// What chance begins with.
fn seed() -> u64 {
    asked("VIVAVOCE_SEED").unwrap_or(1)
}

/// For how long to go on, where the long form is asked for.
pub(crate) fn span() -> Option<Duration> {
    asked("VIVAVOCE_CANARY_SECONDS").map(Duration::from_secs)
}

fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// By when it is gone. Looked at once.
pub(crate) const AFTER_THE_ROOM: Duration = Duration::from_millis(500);
pub(crate) const AFTER_LEAVING: Duration = Duration::from_secs(5);
/// `protocol::limits`: for how long a seat is kept for somebody who has vanished.
const GRACE: Duration = protocol::limits::RECONNECT_GRACE;

/// Of what is left, if anything is.
const SHOWN: usize = 20;

/// A server, and what everybody needs in it.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) tag: Tag,
    /// Of the people of this run; nobody else's.
    pub(crate) net: [u8; 2],
}

impl House {
    pub(crate) fn with(server: Server) -> Self {
        let mut net = [0; 2];
        rustix::rand::getrandom(&mut net, rustix::rand::GetRandomFlags::empty()).expect("randomness");
        let tag = server.tag.clone();
        Self { server, tag, net }
    }

    pub(crate) async fn open(kind: Kind) -> (Self, Member) {
        let (server, owner) = Home::new(kind).start_first();
        let house = Self::with(server);
        let ann = Member::owner(&house.server, &owner, house.ip(1), &house.tag.mark(" Ann")).await;
        (house, ann)
    }

    pub(crate) fn ip(&self, who: u8) -> IpAddr {
        let [a, b] = self.net;
        Ipv4Addr::new(127, 100 | a & 0x1b, b, who).into()
    }

    /// So many more, whose names are marked.
    pub(crate) async fn members(&self, first: u8, count: u8) -> Vec<Member> {
        let link = self.server.invitation(usize::from(count));
        let mut members = Vec::new();
        for who in first..first + count {
            let (handle, name) = (format!("guest{who}"), self.tag.mark(&format!(" {who}")));
            members.push(Member::invited(&self.server, &link, self.ip(who), &handle, &name).await);
        }
        members
    }

    /// Two people whose names are not looked for, in a room that goes on.
    pub(crate) async fn another_room(&self) -> (Guest, Guest) {
        let link = self.server.invitation(2);
        let bob = Member::invited(&self.server, &link, self.ip(201), "bob", "Bob").await;
        let eve = Member::invited(&self.server, &link, self.ip(202), "eve", "Eve").await;
        let theirs = identity();
        let bob = bob.starts(&theirs, room(Some("Something else"), RoomKind::Open)).await;
        let mut eve = eve.enters(&theirs, bob.room()).await;
        bob.says(&voice(b"not looked for")).await;
        eve.sees("Bob's voice", |scene| scene.heard > 5).await;
        (bob, eve)
    }

    /// Two people whose names are not looked for, in a room of which everything else is. They stay connected when they are out
    /// of it: one who goes, and one who is there to the end.
    pub(crate) async fn passers_by(&self, room: RoomId) -> (Guest, Guest) {
        let (link, theirs) = (self.server.invitation(2), identity());
        let dan = Member::invited(&self.server, &link, self.ip(203), "dan", "Dan").await;
        let fay = Member::invited(&self.server, &link, self.ip(204), "fay", "Fay").await;
        let (dan, fay) = (dan.enters(&theirs, room).await, fay.enters(&theirs, room).await);
        dan.goes_out().await;
        fay.will_stay_on().await;
        (dan, fay)
    }

    /// Requests that carry a mark wherever a stranger can put one.
    pub(crate) fn strangers(&self) {
        let mark = |what| self.tag.mark(what);
        let requests = [
            format!("GET /{} HTTP/1.1\r\nuser-agent: {}\r\n", mark("path"), mark("agent")),
            format!("GET /api/v1/me HTTP/1.1\r\nauthorization: Bearer {}\r\n", mark("token")),
            format!(
                "GET /api/v1/me HTTP/1.1\r\ncookie: session={}\r\nx-{}: 1\r\n",
                mark("cookie"),
                mark("header")
            ),
            format!(
                "GET /api/v1/socket?{} HTTP/1.1\r\nupgrade: websocket\r\norigin: http://{}\r\n",
                mark("query"),
                mark("origin")
            ),
        ];
        for request in requests {
            self.ask(&request, "");
        }
        let body = format!("{{\"token\":\"{}\",\"name\":\"{}\"", mark("link"), mark("broken"));
        let head = format!(
            "POST /api/v1/signin/link HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
        self.ask(&head, &body);
        let udp = std::net::UdpSocket::bind((self.ip(250), 0)).expect("a port");
        for first in [0, 22, 128] {
            let datagram =
                [&[first, 1, 0, 60], mark("a datagram of nobody, and long enough for a header").as_bytes()]
                    .concat();
            udp.send_to(&datagram, (Ipv4Addr::LOCALHOST, self.server.origin.port)).expect("sent");
        }
    }

    fn ask(&self, head: &str, body: &str) {
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.server.origin.port)).expect("it listens");
        write!(stream, "{head}host: 127.0.0.1\r\nconnection: close\r\n\r\n{body}").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
    }

    /// In the process that has the network, while everything is going on: what is found later was to be found.
    pub(crate) fn all_there(&self, marks: &Marks) {
        let found = memory::look(self.server.live(), marks);
        let (title, name, says) = (self.tag.mark(" title"), self.tag.mark(" Ann"), self.tag.mark(" voice"));
        for what in [title, name, says] {
            assert!(
                found.iter().any(|place| place.contains(&what)),
                "{what} is not there: {} are",
                found.len()
            );
        }
        for what in [
            "address, ours",
            "address, mapped",
            "password as text",
            "member, raw",
            "session, raw",
            "room, raw",
        ] {
            assert!(found.iter().any(|place| place.starts_with(what)), "no {what}: {} others", found.len());
        }
    }

    /// What people write besides titles; it is to be found while it is said.
    async fn is_written_in(&self, ann: &mut Guest, waits: &Guest, marks: &Marks) {
        order::waits(waits, &self.tag.mark(" topic")).await;
        order::is_written_on(ann, &self.tag, "").await;
        order::writes(ann, waits, &self.tag, "").await;
        let found = memory::look(self.server.live(), marks);
        for what in [" topic", " line", " card", "-link", " written"] {
            let what = self.tag.mark(what);
            assert!(found.iter().any(|place| place.contains(&what)), "{what} is not there");
        }
    }

    pub(crate) fn nothing_left(&self, of: &str, marks: &Marks) {
        let processes = [self.server.live(), self.server.parent(), self.server.outbound()];
        let copies = memory::copies(processes);
        println!("{of}: of live, the parent and who calls out {}", copies.told());
        for (copy, name) in copies.all.iter().zip(["live", "the parent", "who calls out"]) {
            let found = copy.find(marks);
            let first: Vec<_> = found.iter().take(SHOWN).collect();
            assert!(found.is_empty(), "{} of {of} in {name}, among them {first:#?}", found.len());
        }
    }
}

pub(crate) fn identity() -> Identity {
    Identity::generate().expect("a certificate")
}

pub(crate) fn room(title: Option<&str>, kind: RoomKind) -> NewRoom {
    NewRoom {
        title: title.map(|title| RoomTitle::parse(title).expect("a title")),
        kind,
        hands: HandPolicy::Everyone,
        confidentiality: Confidentiality::default(),
        language: None,
        club: None,
        ask: Vec::new(),
        moderators: Vec::new(),
    }
}

/// One frame of silence, and something else where no decoder looks: a packet of code 3 with padding (RFC 6716 section
/// 3.2.5).
pub(crate) fn voice(what: &[u8]) -> Vec<u8> {
    let padding = u8::try_from(what.len()).expect("short");
    // SILK, wide band, 20 ms, mono, code 3; one frame, with padding.
    let head = [9 << 3 | 3, 0b0100_0001, padding];
    [&head, [0x0b; 20].as_slice(), what].concat()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// Thirty people in an open and a closed room, hands, a mute, a removal, and all else that keeps order; a program, a keeper
/// that is away, a crash of the server and one of a client.
fn an_evening_of_thirty() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let ours = identity();
        let _others = house.another_room().await;
        let mut marks = Marks::default();
        marks.tag(&house.tag);
        house.strangers();
        let mut ann = ann.starts(&ours, room(Some(&house.tag.mark(" title")), RoomKind::Open)).await;
        let mut members = house.members(2, 27).await;
        let closed = members.split_off(23);
        let mut guests = Vec::new();
        for member in members {
            guests.push(member.enters(&ours, ann.room()).await);
        }
        let closed = a_closed_room(&house, &ours, closed).await;
        let says = voice(house.tag.mark(" voice").as_bytes());
        ann.says(&says).await;
        for guest in guests.iter_mut().take(3) {
            guest.comes_up(&ann).await;
            guest.says(&says).await;
        }
        ann.does(RoomCommand::Mute { who: guests[0].id() }).await;
        let mut removed = guests.remove(1);
        ann.does(RoomCommand::Remove { who: removed.id() }).await;
        // Who had not heard of it when `live` died would try to come back for a minute.
        removed.is_out().await;
        let [.., who, heard] = guests.as_mut_slice() else { panic!("many are there") };
        order::is_reported(who, &ann, heard).await;
        house.is_written_in(&mut ann, &guests[5], &marks).await;
        let before = ann.sees("voices", |scene| scene.heard > 20).await;

        house.server.crash_live();
        let again = |scene: &Scene| scene.returns > before.returns && scene.heard > before.heard + 20;
        ann.sees("voices again", again).await;
        for guest in &mut guests {
            let heard = guest.sees("anything", |_| true).await.heard;
            guest.sees("voices again", |scene| scene.heard > heard + 5).await;
        }
        let _in_the_hallway = house.passers_by(ann.room()).await;
        let [first, second, third, fourth, ..] = guests.as_mut_slice() else { panic!("many are there") };
        order::is_reported(first, third, fourth).await;
        order::is_reported(third, &ann, second).await;
        let radio = order::radio(&house).await;
        let radio = order::is_kept(&house, &mut ann, &mut guests, radio, &mut marks).await;
        order::without_a_keeper(&house, &mut ann, &mut guests[2], &mut marks).await;
        let program = order::a_program_speaks(&house, radio, &mut ann, &mut guests[0]).await;
        marks.add(&program.marks);
        marks.add(&program.ids);
        let crashed = guests.pop().expect("many");
        let who = crashed.id();
        marks.add(&crashed.marks());
        marks.add(crashed.ids());
        crashed.crashes().await;
        ann.sees("a seat kept", |scene| {
            scene.room.person(who).is_some_and(|person| person.presence == Presence::Reconnecting)
        })
        .await;
        for guest in guests.iter().chain([&ann, &removed]).chain(&closed) {
            marks.add(&guest.marks());
            marks.add(guest.ids());
        }
        house.all_there(&marks);

        for room in closed.into_iter().chain(guests).chain([removed]) {
            room.leaves().await;
        }
        ends(ann).await;
        program.crashes();
        tokio::time::sleep(AFTER_THE_ROOM).await;
        house.nothing_left("the evening", &marks);
    });
}

/// Only those who are asked know of it.
async fn a_closed_room(house: &House, ours: &Identity, members: Vec<Member>) -> Vec<Guest> {
    let mut members = members.into_iter();
    let host = members.next().expect("several");
    let mut wanted = room(Some(&house.tag.mark(" closed")), RoomKind::Closed);
    wanted.ask = members.as_slice().iter().map(Member::handle).collect();
    let host = host.starts(ours, wanted).await;
    host.says(&voice(house.tag.mark(" closed voice").as_bytes())).await;
    let room = host.room();
    let mut guests = vec![host];
    for member in members {
        let mut guest = member.enters(ours, room).await;
        guest.sees("the host's voice", |scene| scene.heard > 5).await;
        guests.push(guest);
    }
    guests
}

/// The owner ends it for everybody, and has gone when it has ended.
pub(crate) async fn ends(mut owner: Guest) {
    owner.does(RoomCommand::End).await;
    owner.is_out().await;
}

/// The control: the same look finds what this allocator leaves.
fn under_the_ordinary_allocator() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::OrdinaryAllocator).await;
        let ours = identity();
        let _others = house.another_room().await;
        let mut marks = Marks::default();
        marks.tag(&house.tag);
        house.strangers();
        let mut ann = ann.starts(&ours, room(Some(&house.tag.mark(" title")), RoomKind::Open)).await;
        let mut guests = Vec::new();
        for member in house.members(2, 5).await {
            guests.push(member.enters(&ours, ann.room()).await);
        }
        let says = voice(house.tag.mark(" voice").as_bytes());
        ann.says(&says).await;
        guests[0].comes_up(&ann).await;
        guests[0].says(&says).await;
        ann.sees("a voice", |scene| scene.heard > 20).await;
        for guest in guests.iter().chain([&ann]) {
            marks.add(&guest.marks());
            marks.add(guest.ids());
        }
        house.all_there(&marks);
        for guest in guests {
            guest.leaves().await;
        }
        ends(ann).await;
        tokio::time::sleep(AFTER_THE_ROOM).await;
        let left = memory::look(house.server.live(), &marks);
        assert!(
            left.iter().any(|place| place.starts_with("marked")),
            "then the others prove nothing: {} are left",
            left.len()
        );
    });
}

/// The room goes on without them.
fn people_who_go() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let ours = identity();
        let mut before = Marks::default();
        let was_called = Tag::draw();
        before.tag(&was_called);
        let mut ann = ann.starts(&ours, room(Some(&was_called.mark(" title")), RoomKind::Open)).await;
        let mut members = house.members(2, 3).await.into_iter();
        let mut next = async || {
            let member = members.next().expect("three");
            let name = house.tag.mark(&format!(" {}", member.handle().as_str().trim_start_matches("guest")));
            let guest = member.enters(&ours, ann.room()).await;
            let mut marks = guest.marks();
            marks.text("name", &name);
            marks.add(guest.own_ids());
            (guest, marks)
        };
        let (vanishes, of_who_vanishes) = next().await;
        let (leaves, mut of_who_leaves) = next().await;
        let (mut stays, of_who_stays) = next().await;
        order::is_written_on(&mut ann, &was_called, " before").await;
        let written = Tag::draw();
        order::writes(&mut ann, &leaves, &written, " by who leaves").await;
        of_who_leaves.tag(&written);
        ann.says(&voice(b"of no matter")).await;
        stays.sees("a voice", |scene| scene.heard > 5).await;
        for marks in [&of_who_vanishes, &of_who_leaves, &of_who_stays] {
            assert!(!memory::look(house.server.live(), marks).is_empty(), "all of them are there");
        }
        assert!(!memory::look(house.server.live(), &before).is_empty(), "so it is called");
        order::is_called(&mut ann, "A title that stays").await;
        ann.does(RoomCommand::SetLine { about: None }).await;
        ann.does(RoomCommand::PinCard { card: None }).await;
        let (who, since) = (vanishes.id(), tokio::time::Instant::now());
        vanishes.crashes().await;
        leaves.leaves().await;
        tokio::time::sleep(AFTER_LEAVING).await;
        house.nothing_left("somebody who left", &of_who_leaves);
        house.nothing_left("what the room was called before", &before);
        stays.sees("them gone", |scene| scene.room.person(who).is_none()).await;
        tokio::time::sleep_until(since + GRACE + AFTER_LEAVING).await;
        house.nothing_left("somebody who vanished", &of_who_vanishes);
        assert!(matches!(stays.sees("the room", |_| true).await.room.my_place(), MyPlace::Audience));
        assert!(!memory::look(house.server.live(), &of_who_stays).is_empty(), "who stays is still there");
    });
}
