//! An edge whose owner is the test.

use cluster::MediaBus;
use cluster::bus::{Bus, Committed, Epoch, Numbering, OwnedRoom, Position};
use cluster::limits::EVENT_MAILBOX;
use media::Incarnation;
use media::sdp::Candidates;
use protocol::id::{MemberId, RoomId};
use protocol::limits::{PAGE_GRACE, RECONNECT_GRACE};
use protocol::media::{Channel, ChannelId};
use protocol::room::{Confidentiality, HandPolicy, Notice, RoomEvent, RoomKind};
use protocol::text::DisplayName;
use rooms::{Arrival, NewRoom, Room, Voice, Who};
use tokio::time::timeout;

use super::*;
use crate::room::concerns::Concerns;
use crate::room::media::{Commands, router};
use crate::room::message::{Entrance, JoinedAnswer, Outcome, Recipients};
use crate::room::seat::Seats;
use crate::socket::outbox::{Mail, Outbox};
use crate::talk::Seat as _;

const OFFER: &str = include_str!("../../../../media/corpus/offers/chromium-156-sendonly-3.sdp");
const ROOM: RoomId = RoomId([5; 16]);
/// Longer than anything here takes; only a failure waits for so long.
const PATIENCE: Duration = Duration::from_secs(20);
const ANN: ParticipantId = ParticipantId(1001);

struct Bench {
    owned: OwnedRoom<ToOwner, Answer, Arc<Batch>>,
    numbering: Numbering,
    edge: mpsc::Sender<ToEdge>,
    media: MediaBus,
    /// What Ann's screen is told.
    mail: Mail,
}

/// The room as Ann sees it.
fn snapshot() -> Snapshot {
    let owner = Arrival {
        who: Who::Member(MemberId([1; 16])),
        name: DisplayName::parse("Ann").expect("a name"),
        handle: None,
        guest_of: None,
        newcomer: false,
        picture: None,
        id: ANN,
    };
    let new = NewRoom {
        title: None,
        kind: RoomKind::Open,
        hands: HandPolicy::Everyone,
        confidentiality: Confidentiality::Relayed,
        language: None,
        club: None,
        asked: Vec::new(),
        event: None,
    };
    let room = Room::start(now(), ROOM, keyed::Key::from_random([9; 32]), new, owner).expect("a room");
    Snapshot { view: room.view(ANN).expect("in it"), voice: Voice::Off }
}

impl Bench {
    /// A room with Ann in it, and an edge that has carried out everything so far.
    async fn with_ann() -> Self {
        let bus: RoomBus = Bus::local();
        let owned = bus.own(ROOM).expect("free");
        let sockets = sfu::bind("127.0.0.1:0".parse().expect("an address"), 1).expect("a socket");
        let config = sfu::Config {
            candidates: Candidates {
                udp: vec![sockets[0].local_addr().expect("an address")],
                ..Candidates::default()
            },
            sockets,
            incarnation: Incarnation(1),
            seed: 1,
            packing: media::PackingRules::default(),
            on_broken: Box::new(|_| {}),
        };
        let (events, routes, media_router) = router();
        let engine = sfu::start(config, move |event| events.post(event)).expect("an engine");
        tokio::spawn(media_router.run());
        let media = MediaBus::local();
        let commands = Commands::open(engine, &media, ROOM).expect("a channel");
        let floor = Floor {
            room: ROOM,
            epoch: 1,
            seats: Seats::new(ROOM, Concerns::default()),
            commands,
            broadcasts: 0,
        };
        let (edge, mailbox) = mpsc::channel(8);
        let numbering = Numbering::of(Epoch::FIRST);
        let (events, cursor) = (bus.subscribe(ROOM).expect("owned"), Cursor::from(numbering.now()));
        tokio::spawn(run(Edge { floor, bus, events, mailbox, me: edge.clone(), routes, cursor }));
        let (outbox, mail) = Outbox::new();
        let mut bench = Self { owned, numbering, edge, media, mail };
        bench.seat_ann(outbox).await;
        bench
    }

    async fn seat_ann(&mut self, outbox: Outbox) {
        let caller = Caller {
            who: Who::Member(MemberId([1; 16])),
            name: DisplayName::parse("Ann").expect("a name"),
            handle: None,
            newcomer: false,
            picture: None,
            session: SessionId([1; 16]),
            connection: ConnectionId(1),
            outbox,
        };
        let offer = Offer::parse(OFFER).ok();
        let (reply, seated) = oneshot::channel();
        let enter = Box::new(Enter { request: 1, caller, offer, seat: None });
        self.edge.send(ToEdge::Enter { enter, reply }).await.expect("sent");
        let (_, answer) = self.asked().await;
        let joined = JoinedAnswer {
            id: ANN,
            how: Entrance::New,
            snapshot: snapshot(),
            seat: SeatToken([1; 16]),
            at: self.numbering.now(),
        };
        answer(Answer::Joined(Box::new(joined)));
        assert!(seated.await.expect("answered").is_ok());
        assert!(matches!(self.told().await, ServerMessage::Entered { .. }));
    }

    async fn asked(&mut self) -> (ToOwner, impl FnOnce(Answer) + use<>) {
        let asked = timeout(PATIENCE, self.owned.next()).await.expect("asked in time");
        let (envelope, answer) = asked.expect("asked").split();
        (envelope.command, answer)
    }

    async fn told(&mut self) -> ServerMessage {
        let text = timeout(PATIENCE, self.mail.next()).await.expect("told in time");
        serde_json::from_str(&text).expect("a message of the contract")
    }

    fn publish(&mut self, effect: Outcome) -> Position {
        let at = self.numbering.advance();
        self.owned.publish(Committed { room: ROOM, at, events: Arc::new(Batch { effects: vec![effect] }) });
        at
    }

    /// More than the edge can be behind, before it has had a chance to run.
    fn publish_too_much(&mut self, first: Outcome) -> Position {
        self.publish(first);
        let notice = RoomEvent::Notice { notice: Notice::HandLowered };
        for _ in 0..EVENT_MAILBOX {
            self.publish(Outcome::Tell { to: Recipients::Everyone, event: notice.clone() });
        }
        self.numbering.now()
    }
}

#[tokio::test]
async fn a_removal_that_was_lost_on_its_way_is_carried_out_all_the_same() {
    let mut bench = Bench::with_ann().await;
    let at = bench.publish_too_much(Outcome::Cut { id: ANN, reason: LeftReason::Removed });
    let (asked, answer) = bench.asked().await;
    let ToOwner::Views { viewers } = asked else { panic!("{asked:?}") };
    assert_eq!(viewers, [ANN]);
    answer(Answer::Views(vec![None], at));
    assert_eq!(bench.told().await, ServerMessage::Left { room: ROOM, reason: LeftReason::Lost });
}

#[tokio::test]
async fn who_missed_events_gets_the_state_and_goes_on_from_its_number() {
    let mut bench = Bench::with_ann().await;
    let lowered = RoomEvent::Notice { notice: Notice::HandLowered };
    let at = bench.publish_too_much(Outcome::Tell { to: Recipients::Everyone, event: lowered.clone() });
    let (_, answer) = bench.asked().await;
    answer(Answer::Views(vec![Some(snapshot())], at));
    let ServerMessage::State { view } = bench.told().await else { panic!() };
    bench.publish(Outcome::Tell { to: Recipients::Everyone, event: lowered.clone() });
    let ServerMessage::Room { sequence, events, .. } = bench.told().await else { panic!() };
    assert_eq!(
        (sequence, events),
        (view.sequence + 1, vec![lowered]),
        "what the state contains is not told again"
    );
}

#[tokio::test]
async fn a_number_that_is_missing_means_that_the_state_is_asked_for() {
    let mut bench = Bench::with_ann().await;
    let lowered = RoomEvent::Notice { notice: Notice::HandLowered };
    bench.numbering.advance();
    let at = bench.publish(Outcome::Tell { to: Recipients::Everyone, event: lowered });
    let (asked, answer) = bench.asked().await;
    assert!(matches!(asked, ToOwner::Views { ref viewers } if *viewers == [ANN]), "{asked:?}");
    answer(Answer::Views(vec![None], at));
    assert_eq!(bench.told().await, ServerMessage::Left { room: ROOM, reason: LeftReason::Lost });
    // And where nobody is left, the edge still goes on from there.
    bench.numbering.advance();
    let at = bench.publish(Outcome::Cut { id: ANN, reason: LeftReason::Removed });
    let (asked, answer) = bench.asked().await;
    assert!(matches!(asked, ToOwner::Views { ref viewers } if viewers.is_empty()), "{asked:?}");
    answer(Answer::Views(Vec::new(), at));
    let (_, ben) = bench.come_in(2, 2).await;
    let (_, answer) = bench.asked().await;
    answer(joined(BEN, Entrance::New, bench.numbering.now()));
    assert!(ben.await.expect("answered").is_ok());
}

#[tokio::test]
async fn without_an_owner_people_are_told_that_the_room_is_lost() {
    let mut bench = Bench::with_ann().await;
    let bus: RoomBus = Bus::local();
    drop(std::mem::replace(&mut bench.owned, bus.own(ROOM).expect("free")));
    assert_eq!(bench.told().await, ServerMessage::Left { room: ROOM, reason: LeftReason::Lost });
}

const BEN: ParticipantId = ParticipantId(1002);
const CAT: ParticipantId = ParticipantId(1003);

type Reply = oneshot::Receiver<Result<Seated, ErrorCode>>;

impl Bench {
    /// The member and the socket of this number want to come in.
    async fn come_in(&self, member: u8, connection: u64) -> (Outbox, Reply) {
        self.come_in_with(member, connection, Offer::parse(OFFER).ok()).await
    }

    async fn come_in_with(&self, member: u8, connection: u64, offer: Option<Offer>) -> (Outbox, Reply) {
        let (outbox, _) = Outbox::new();
        let caller = Caller {
            who: Who::Member(MemberId([member; 16])),
            name: DisplayName::parse("Somebody").expect("a name"),
            handle: None,
            newcomer: false,
            picture: None,
            session: SessionId([member; 16]),
            connection: ConnectionId(connection),
            outbox: outbox.clone(),
        };
        let (reply, seated) = oneshot::channel();
        let enter = Box::new(Enter { request: 1, caller, offer, seat: None });
        self.edge.send(ToEdge::Enter { enter, reply }).await.expect("sent");
        (outbox, seated)
    }
}

fn joined(id: ParticipantId, how: Entrance, at: Position) -> Answer {
    Answer::Joined(Box::new(JoinedAnswer { id, how, snapshot: snapshot(), seat: SeatToken([1; 16]), at }))
}

#[tokio::test]
async fn who_is_removed_while_others_come_in_with_them_is_not_seated() {
    let mut bench = Bench::with_ann().await;
    let (_, ben) = bench.come_in(2, 2).await;
    let (_, cat) = bench.come_in(3, 3).await;
    let (_, answer_ben) = bench.asked().await;
    let (_, answer_cat) = bench.asked().await;
    answer_ben(joined(BEN, Entrance::New, bench.numbering.now()));
    let removed = bench.publish(Outcome::Cut { id: BEN, reason: LeftReason::Removed });
    answer_cat(joined(CAT, Entrance::New, removed));
    let cat = cat.await.expect("answered").expect("in");
    let ben = ben.await.expect("answered").expect("was in");
    assert_eq!((ben.place().is_some(), cat.place().is_some()), (false, true));
}

#[tokio::test]
async fn who_was_removed_in_what_the_edge_missed_is_not_seated() {
    let mut bench = Bench::with_ann().await;
    let (_, ben) = bench.come_in(2, 2).await;
    let (_, answer) = bench.asked().await;
    let notice = RoomEvent::Notice { notice: Notice::HandLowered };
    let at = bench.publish(Outcome::Tell { to: Recipients::Everyone, event: notice });
    let now = bench.publish_too_much(Outcome::Cut { id: BEN, reason: LeftReason::Removed });
    answer(joined(BEN, Entrance::New, at));
    for (of, view) in [(ANN, Some(snapshot())), (BEN, None)] {
        let (asked, answer) = bench.asked().await;
        let ToOwner::Views { viewers } = asked else { panic!("{asked:?}") };
        assert_eq!(viewers, [of]);
        answer(Answer::Views(vec![view], now));
    }
    assert_eq!(ben.await.expect("answered").err(), Some(ErrorCode::NotThere));
}

#[tokio::test]
async fn who_is_signed_out_on_the_way_in_is_not_seated() {
    let mut bench = Bench::with_ann().await;
    let (outbox, ben) = bench.come_in(2, 2).await;
    let (_, answer) = bench.asked().await;
    outbox.dismiss(crate::socket::outbox::Farewell {
        last: None,
        close: crate::socket::outbox::Close::SignedOut,
    });
    answer(joined(BEN, Entrance::New, bench.numbering.now()));
    assert_eq!(ben.await.expect("answered").err(), Some(ErrorCode::SignedOut));
    let (asked, _) = bench.asked().await;
    assert!(matches!(asked, ToOwner::Leave { id: BEN, .. }), "{asked:?}");
}

#[tokio::test]
async fn a_seat_that_another_device_failed_to_take_over_goes_on() {
    let mut bench = Bench::with_ann().await;
    let (outbox, other_device) = bench.come_in(1, 2).await;
    let (_, answer) = bench.asked().await;
    outbox
        .dismiss(crate::socket::outbox::Farewell { last: None, close: crate::socket::outbox::Close::Normal });
    answer(joined(ANN, Entrance::Over, bench.numbering.now()));
    for up in [false, true] {
        let (asked, answer) = bench.asked().await;
        let ToOwner::Lines { lines } = asked else { panic!("{asked:?}") };
        assert!(matches!(&lines[..], [(ANN, line)] if (*line == rooms::Connection::Up) == up), "{lines:?}");
        answer(Answer::Done);
    }
    assert!(other_device.await.expect("answered").is_err());
}

#[tokio::test]
async fn the_seat_of_a_page_that_goes_has_seconds_left_and_its_sound_has_none() {
    let mut bench = Bench::with_ann().await;
    let before = now();
    bench.edge.send(ToEdge::Away { connection: ConnectionId(1) }).await.expect("sent");
    let (asked, answer) = bench.asked().await;
    let ToOwner::Lines { lines } = asked else { panic!("{asked:?}") };
    let [(ANN, rooms::Connection::Down { since })] = lines[..] else { panic!("{lines:?}") };
    let left = since.plus(RECONNECT_GRACE).0 - before.0;
    assert!(
        (PAGE_GRACE.as_millis()..PAGE_GRACE.as_millis() + 5_000).contains(&u128::from(left)),
        "{left} ms"
    );
    answer(Answer::Done);
    // The socket goes after its page: nothing is younger for it, and nothing is said twice.
    bench.edge.send(ToEdge::Lost { connection: ConnectionId(1) }).await.expect("sent");
    // Without a media connection of its own, whoever comes back needs a fresh one.
    let (_, ann) = bench.come_in_with(1, 2, None).await;
    let (asked, answer) = bench.asked().await;
    assert!(matches!(asked, ToOwner::MayFind { .. }), "{asked:?}");
    answer(Answer::Done);
    assert_eq!(ann.await.expect("answered").err(), Some(ErrorCode::BadOffer));
}

#[tokio::test(start_paused = true)]
async fn a_room_that_takes_nothing_keeps_no_other_from_cutting_a_device_off() {
    let session = SessionId([7; 16]);
    let (stuck, mut in_trouble) = mpsc::channel(1);
    stuck.send(ToEdge::Leave { connection: ConnectionId(1) }).await.expect("room for one");
    let (other, mut goes_on) = mpsc::channel(1);
    let since = tokio::time::Instant::now();
    let cut = async {
        cut_session([stuck, other].into_iter(), session).await;
        since.elapsed()
    };
    let heard = async {
        let heard = goes_on.recv().await;
        (heard, since.elapsed())
    };
    let both = async { tokio::join!(cut, heard) };
    let (cut, (heard, after)) = timeout(PATIENCE, both).await.expect("told");
    assert!(matches!(heard, Some(ToEdge::SessionEnded { session: ended, .. }) if ended == session));
    assert_eq!((after, cut), (Duration::ZERO, CUT_PERIOD));
    assert!(matches!(in_trouble.recv().await, Some(ToEdge::Leave { .. })));
    assert!(matches!(in_trouble.recv().await, Some(ToEdge::SessionEnded { .. })), "told once it listens");
}

#[tokio::test]
async fn a_room_listens_to_its_floor_as_long_as_it_lasts_and_none_does_beside_it() {
    let mut bench = Bench::with_ann().await;
    let floor = ChannelId { room: ROOM, channel: Channel::Floor };
    assert!(bench.media.listens(floor));
    assert!(bench.media.listen(floor).is_err());
    bench.publish(Outcome::Ended { reason: LeftReason::Ended });
    timeout(PATIENCE, bench.edge.closed()).await.expect("over");
    assert!(!bench.media.listens(floor));
}
