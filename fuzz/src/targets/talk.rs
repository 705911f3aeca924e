//! What three devices of two people say on their sockets, with time between: the code that understands them, and a real room
//! behind it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use live::talk::{Frame, Place, Seat, TAKEN_A_SECOND, TAKEN_AT_ONCE, Talk, Turn, Wish};
use protocol::id::{CommandId, EventId, MemberId, ParticipantId, RoomId, SeatToken};
use protocol::limits::{PAGE_GRACE, RECONNECT_GRACE};
use protocol::media::Sdp;
use protocol::room::{
    Chat, ChatId, Confidentiality, HandNote, HandPolicy, LeftReason, MyMic, RoomCommand, RoomKind,
};
use protocol::socket::{ClientMessage, NewRoom};
use protocol::text::{ChatText, DisplayName, HandTopic, Handle, TalkTopic};
use protocol::{ErrorCode, PROTOCOL_VERSION, Timestamp};
use rooms::{Arrival, Connection, Effect, Joined, Refused, Room, Who};

const OFFER: &str = include_str!("../../../crates/media/corpus/offers/chromium-156-sendonly-3.sdp");
const ROOM: RoomId = RoomId([5; 16]);
const BEGAN: Timestamp = Timestamp(1_000_000);
/// Two devices of one, and one of the other.
const DEVICES: [MemberId; 3] = [MemberId([1; 16]), MemberId([1; 16]), MemberId([2; 16])];

/// A seat that was given away, once.
struct Given {
    place: Place,
    member: MemberId,
    /// Another device has it, or nobody has.
    gone: Cell<bool>,
}

#[derive(Clone)]
struct Ticket(Rc<Given>);

impl Seat for Ticket {
    fn place(&self) -> Option<Place> {
        (!self.0.gone.get()).then_some(self.0.place)
    }
}

struct Device {
    member: MemberId,
    talk: Talk<Ticket>,
    /// What it was given last.
    seat: Option<Ticket>,
    opened: Instant,
    taken: u64,
}

impl Device {
    fn new(member: MemberId, now: Instant) -> Self {
        Self { member, talk: Talk::new(now), seat: None, opened: now, taken: 0 }
    }
}

struct World {
    begun: Instant,
    now: Instant,
    devices: [Device; 3],
    room: Option<Room>,
    /// Seats that somebody has, in the room that there is.
    given: Vec<Ticket>,
    next: u32,
    keeper: Keeper,
}

/// What the keeper will say to the next greeting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeper {
    Knows,
    IsBusy,
}

/// Steps, each of a byte that says what, one that says who, and what belongs to it.
pub(super) fn session(bytes: &[u8]) {
    let begun = Instant::now();
    let mut world = World {
        begun,
        now: begun,
        devices: DEVICES.map(|member| Device::new(member, begun)),
        room: None,
        given: Vec::new(),
        next: 1,
        keeper: Keeper::Knows,
    };
    let mut rest = bytes;
    while let Some(([what, who], behind)) = rest.split_first_chunk::<2>() {
        let device = usize::from(*who) % DEVICES.len();
        rest = behind;
        match what % 8 {
            0 => world.passes(Duration::from_millis(40 * u64::from(*who))),
            1 => {
                let length = behind.first().copied().map_or(0, usize::from);
                let behind = behind.get(1..).unwrap_or_default();
                let (frame, behind) = behind.split_at(behind.len().min(length));
                rest = behind;
                match std::str::from_utf8(frame) {
                    Ok(text) => world.says(device, text),
                    Err(_) => world.says_bytes(device),
                }
            }
            2..6 => {
                let (which, behind) =
                    behind.split_first().map_or((0, behind), |(one, behind)| (*one, behind));
                rest = behind;
                let message = world.message(which);
                world.says(device, &serde_json::to_string(&message).expect("it can be written"));
            }
            6 => world.comes_again(device),
            _ => world.keeper = if who % 2 == 0 { Keeper::IsBusy } else { Keeper::Knows },
        }
    }
    // Everybody goes: nobody is left in the room, and no seat was given up twice or not at all.
    for device in 0..DEVICES.len() {
        world.comes_again(device);
    }
    world.passes(2 * RECONNECT_GRACE.max(PAGE_GRACE));
    assert!(world.room.is_none(), "a room goes on without anybody");
    assert!(world.given.is_empty(), "a seat was not given up");
}

impl World {
    fn stamp(&self) -> Timestamp {
        BEGAN.plus(self.now.duration_since(self.begun))
    }

    fn passes(&mut self, time: Duration) {
        self.now += time;
        let now = self.stamp();
        if let Some(room) = &mut self.room {
            room.handle_timeout(now);
        }
        self.carry_out();
    }

    /// What a client may say in earnest, to people who may be there.
    fn message(&mut self, which: u8) -> ClientMessage {
        self.next += 1;
        let (request, id) = (self.next, CommandId(u128::from(self.next).to_be_bytes()));
        let offer = Sdp(OFFER.to_owned());
        let whom = self.given.get(usize::from(which >> 5)).map_or(ParticipantId(9), |one| one.0.place.who);
        let command = |command| ClientMessage::Command { id, command };
        match which % 32 {
            0 | 1 => ClientMessage::Hello {
                protocol: PROTOCOL_VERSION,
                bundle: None,
                capabilities: Vec::new(),
                guest: None,
            },
            2 => ClientMessage::Hello { protocol: 0, bundle: None, capabilities: Vec::new(), guest: None },
            3 | 4 => ClientMessage::StartRoom { request, room: new_room(which), offer },
            5..8 => ClientMessage::EnterRoom { request, room: ROOM, offer: Some(offer), seat: None },
            8 => {
                ClientMessage::EnterRoom { request, room: ROOM, offer: None, seat: Some(SeatToken([1; 16])) }
            }
            9 => ClientMessage::EnterRoom { request, room: ROOM, offer: None, seat: None },
            10 => ClientMessage::Media { request, offer },
            11 => ClientMessage::Leave,
            12 => ClientMessage::Away,
            13 => ClientMessage::Resync,
            14 => ClientMessage::FindPeople { request, text: "a".repeat(usize::from(which)) },
            15 if which > 127 => ClientMessage::OpenEvent { request, event: EventId([1; 16]), offer },
            15 => ClientMessage::DeclineRoom { room: ROOM },
            16 => ClientMessage::Relay { to: vec![whom, whom], sealed: "QUJD".repeat(usize::from(which)) },
            17 => ClientMessage::Ping,
            18 if which > 127 => {
                ClientMessage::AcceptTalk { request, who: Handle::parse("ann").expect("a handle"), offer }
            }
            18 if which > 63 => {
                ClientMessage::PingIn { request, who: Handle::parse("ann").expect("a handle") }
            }
            18 => ClientMessage::AskToTalk { request, who: Handle::parse("ann").expect("a handle") },
            19 => command(RoomCommand::RaiseHand),
            20 if which > 127 => command(RoomCommand::PinHand { who: whom }),
            20 if which > 95 => command(RoomCommand::SkipHand { who: whom }),
            20 if which > 63 => command(RoomCommand::NoteHand {
                note: HandNote { topic: HandTopic::parse("tea").ok(), language: None },
            }),
            20 => command(RoomCommand::LowerHand),
            21 => command(RoomCommand::InviteToStage { who: whom }),
            22 => command(RoomCommand::AcceptInvitation),
            23 => command(RoomCommand::SetMic { mic: MyMic::Open }),
            24 => command(RoomCommand::Remove { who: whom }),
            25 if which > 127 => command(RoomCommand::SetLine { about: TalkTopic::parse("tea").ok() }),
            25 if which > 95 => command(RoomCommand::PinCard { card: None }),
            25 => command(RoomCommand::MakeModerator { who: whom }),
            26 => command(RoomCommand::HandOver { who: whom }),
            27 if which > 127 => command(RoomCommand::AskTalkTimes),
            27 => command(RoomCommand::End),
            28 if which > 127 => command(RoomCommand::SetChat { chat: Chat::On }),
            28 if which > 95 => command(RoomCommand::Say { text: ChatText::parse("tea").expect("a text") }),
            28 if which > 63 => command(RoomCommand::TakeAway { message: ChatId(0) }),
            28 => command(RoomCommand::Hold { who: whom }),
            29 => command(RoomCommand::AskIn { handles: vec![Handle::parse("ann").expect("a handle"); 600] }),
            30 => command(RoomCommand::AskIn { handles: Vec::new() }),
            _ => command(RoomCommand::StepDown),
        }
    }

    /// The line is lost, and there is another.
    fn comes_again(&mut self, device: usize) {
        let now = self.stamp();
        if let Some(seat) = self.devices[device].talk.end()
            && let (Some(place), Some(room)) = (seat.place(), &mut self.room)
        {
            seat.0.gone.set(true);
            self.given.retain(|given| !Rc::ptr_eq(&given.0, &seat.0));
            room.handle_connection(now, place.who, Connection::Down { since: now });
        }
        assert!(self.devices[device].talk.end().is_none(), "a seat is given up once");
        self.devices[device] = Device::new(self.devices[device].member, self.now);
        self.carry_out();
    }

    fn says_bytes(&mut self, device: usize) {
        let turn = self.devices[device].talk.hear(self.now, Frame::Bytes);
        assert!(matches!(turn, Turn::Fail { request: None, .. }), "{turn:?}");
    }

    fn says(&mut self, device: usize, text: &str) {
        let Device { talk, seat, .. } = &mut self.devices[device];
        let greeted = if talk.is_welcome() { Greeted::Yes } else { Greeted::NotYet };
        let held = seat.as_ref().and_then(Seat::place);
        let turn = talk.hear(self.now, Frame::Text(text));
        is_right(text, &turn, greeted, held);
        self.is_counted(device, &turn);
        match turn {
            Turn::Do(wish) => self.does(device, *wish),
            // The server closes the socket.
            Turn::HangUp | Turn::OldClient => self.comes_again(device),
            Turn::Nothing | Turn::Pong | Turn::Fail { .. } | Turn::Answer(_) => {}
        }
        self.carry_out();
    }

    /// Nobody has more carried out than their rate.
    fn is_counted(&mut self, device: usize, turn: &Turn<Ticket>) {
        let device = &mut self.devices[device];
        device.taken += u64::from(matches!(turn, Turn::Do(_) | Turn::Pong));
        let open = self.now.duration_since(device.opened).as_millis();
        let most = u128::from(TAKEN_AT_ONCE) + open * u128::from(TAKEN_A_SECOND) / 1_000 + 1;
        assert!(u128::from(device.taken) <= most, "{} of {most} were taken", device.taken);
    }

    fn does(&mut self, device: usize, wish: Wish<Ticket>) {
        let (now, member) = (self.stamp(), self.devices[device].member);
        match wish {
            Wish::Greet { .. } => {
                if self.keeper == Keeper::Knows {
                    self.devices[device].talk.welcome();
                } else {
                    self.comes_again(device);
                }
            }
            Wish::Start { room: new, .. } => {
                if self.room.is_none() {
                    let NewRoom { title, kind, hands, confidentiality, language, club, .. } = new;
                    let new = rooms::NewRoom {
                        title,
                        kind,
                        hands,
                        confidentiality,
                        language,
                        club,
                        asked: Vec::new(),
                        event: None,
                    };
                    let owner = self.arrival(member);
                    let key = keyed::Key::from_random([9; 32]);
                    let room = Room::start(now, ROOM, key, new, owner);
                    self.room = Some(room.expect("an id that nobody has"));
                    self.comes_in(device);
                }
            }
            Wish::Enter { .. } => self.comes_in(device),
            Wish::Act { at, id, command } => {
                let Some(room) = &mut self.room else { return };
                assert_eq!(
                    (at.room, room.who(at.who)),
                    (ROOM, Some(Who::Member(member))),
                    "for another member"
                );
                let _: Result<(), ErrorCode> = room.handle_command(now, at.who, id, command);
            }
            Wish::Find { at, text, .. } => {
                let Some(room) = &mut self.room else { return };
                assert_eq!(room.who(at.who), Some(Who::Member(member)), "for another member");
                let _ = room.find_people(at.who, &text);
            }
            Wish::Leave(seat) => self.goes(&seat, Going::ForGood),
            Wish::Away(seat) => self.goes(&seat, Going::PerhapsBack),
            Wish::Decline { .. } => {
                if let Some(room) = &mut self.room {
                    room.handle_decline(now, Who::Member(member));
                }
            }
            // Before there is a room: nothing of this one.
            Wish::OpenEvent { .. }
            | Wish::Available { .. }
            | Wish::AskToTalk { .. }
            | Wish::TakeAskBack
            | Wish::AcceptTalk { .. }
            | Wish::DeclineTalk { .. }
            | Wish::PutArrivalAway { .. }
            | Wish::Looking(_) => {}
            Wish::PingIn { room, .. } => {
                let seat = self.devices[device].talk.seat();
                assert_eq!(seat.and_then(Seat::place).map(|at| at.room), Some(room), "into another room");
            }
            Wish::RenewMedia { .. } | Wish::Resync | Wish::Relay { .. } => {
                assert!(self.devices[device].talk.seat().is_some(), "from nobody's seat");
            }
        }
    }

    fn arrival(&mut self, member: MemberId) -> Arrival {
        self.next += 1;
        Arrival {
            who: Who::Member(member),
            name: DisplayName::parse("Ann").expect("a name"),
            handle: None,
            guest_of: None,
            newcomer: false,
            picture: None,
            id: ParticipantId(1_000 + self.next),
        }
    }

    fn comes_in(&mut self, device: usize) {
        let (now, member) = (self.stamp(), self.devices[device].member);
        let arrival = self.arrival(member);
        let Some(room) = &mut self.room else { return };
        let who = match room.handle_join(now, arrival) {
            Ok(Joined::New(who) | Joined::Again(who)) => who,
            Err(Refused::IdTaken) => panic!("an id that nobody has"),
            Err(_) => return self.carry_out(),
        };
        room.handle_connection(now, who, Connection::Up);
        // Whoever held it is cut off, be it this device.
        self.carry_out();
        assert!(self.given.iter().all(|given| given.0.place.who != who), "two have one seat");
        let seat =
            Ticket(Rc::new(Given { place: Place { room: ROOM, who }, member, gone: Cell::new(false) }));
        self.given.push(seat.clone());
        self.devices[device].seat = Some(seat.clone());
        if let Some(old) = self.devices[device].talk.take(seat) {
            assert!(old.place().is_none(), "somebody has two seats");
        }
        self.carry_out();
    }

    fn goes(&mut self, seat: &Ticket, going: Going) {
        let now = self.stamp();
        let place = seat.place().expect("of a seat that is held");
        assert!(!seat.0.gone.replace(true), "a seat is given up once");
        self.given.retain(|given| !Rc::ptr_eq(&given.0, &seat.0));
        let room = self.room.as_mut().expect("somebody is in it");
        assert_eq!(room.who(place.who), Some(Who::Member(seat.0.member)));
        match going {
            Going::ForGood => room.handle_leave(now, place.who, LeftReason::Left),
            Going::PerhapsBack => room.handle_connection(now, place.who, Connection::Down { since: now }),
        }
    }

    fn carry_out(&mut self) {
        let Some(room) = &mut self.room else { return };
        assert_eq!(room.check_invariants(), Ok(()));
        let mut over = false;
        while let Some(effect) = room.poll_effect() {
            let cut = |given: &Ticket| match &effect {
                Effect::Cut { id, .. } => given.0.place.who == *id,
                Effect::Ended { .. } => true,
                _ => false,
            };
            self.given.iter().filter(|given| cut(given)).for_each(|given| given.0.gone.set(true));
            over |= matches!(effect, Effect::Ended { .. });
        }
        self.given.retain(|given| !given.0.gone.get());
        for given in &self.given {
            assert_eq!(room.who(given.0.place.who), Some(Who::Member(given.0.member)), "a seat of nobody");
        }
        if over {
            self.room = None;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Greeted {
    NotYet,
    Yes,
}

enum Going {
    ForGood,
    PerhapsBack,
}

/// One frame has one answer, under its own number; nothing is carried out for whoever has not been greeted, or from a seat
/// that is not this device's.
fn is_right(text: &str, turn: &Turn<Ticket>, greeted: Greeted, held: Option<Place>) {
    let said = serde_json::from_str::<ClientMessage>(text).ok();
    let (mut number, mut command) = (None, None);
    match &said {
        Some(
            ClientMessage::StartRoom { request, .. }
            | ClientMessage::OpenEvent { request, .. }
            | ClientMessage::EnterRoom { request, .. }
            | ClientMessage::Media { request, .. }
            | ClientMessage::FindPeople { request, .. }
            | ClientMessage::Available { request, .. }
            | ClientMessage::AskToTalk { request, .. }
            | ClientMessage::AcceptTalk { request, .. }
            | ClientMessage::PingIn { request, .. },
        ) => number = Some(*request),
        Some(ClientMessage::Command { id, .. }) => command = Some(*id),
        _ => {}
    }
    match turn {
        Turn::Nothing => {
            assert!(matches!(said, Some(ClientMessage::Away | ClientMessage::Unknown)), "no answer: {text}");
        }
        Turn::HangUp => {}
        Turn::OldClient => assert!(matches!(said, Some(ClientMessage::Hello { .. })), "{text}"),
        Turn::Pong => assert_eq!(said, Some(ClientMessage::Ping)),
        Turn::Fail { request, .. } => {
            assert!(command.is_none(), "a command is answered as one: {text}");
            // Of what cannot be read the number is told where it can.
            assert!(said.is_none() || *request == number, "{request:?} for {text}");
        }
        Turn::Answer(result) => {
            assert!(result.error.is_some() && (said.is_none() || Some(result.id) == command), "{text}");
        }
        Turn::Do(wish) => {
            let greets = matches!(**wish, Wish::Greet { .. });
            assert_eq!(greets, greeted == Greeted::NotYet, "{wish:?} for somebody else");
            match &**wish {
                Wish::Start { request, .. }
                | Wish::OpenEvent { request, .. }
                | Wish::Enter { request, .. }
                | Wish::RenewMedia { request, .. }
                | Wish::Available { request, .. }
                | Wish::AskToTalk { request, .. }
                | Wish::AcceptTalk { request, .. } => assert_eq!(Some(*request), number),
                Wish::PingIn { request, room, .. } => {
                    assert_eq!((Some(*request), Some(*room)), (number, held.map(|at| at.room)));
                }
                Wish::Find { request, at, .. } => assert_eq!((Some(*request), Some(*at)), (number, held)),
                Wish::Act { id, at, .. } => assert_eq!((Some(*id), Some(*at)), (command, held)),
                Wish::Leave(seat) | Wish::Away(seat) => assert_eq!(seat.place(), held),
                Wish::Greet { .. }
                | Wish::Resync
                | Wish::Decline { .. }
                | Wish::TakeAskBack
                | Wish::DeclineTalk { .. }
                | Wish::PutArrivalAway { .. }
                | Wish::Looking(_)
                | Wish::Relay { .. } => {}
            }
        }
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket")
    }
}

fn new_room(which: u8) -> NewRoom {
    NewRoom {
        title: None,
        kind: if which > 127 { RoomKind::Closed } else { RoomKind::Open },
        hands: HandPolicy::Everyone,
        confidentiality: Confidentiality::Relayed,
        language: None,
        club: None,
        ask: Vec::new(),
        moderators: Vec::new(),
    }
}
