use std::time::Duration;

use protocol::hallway::CardDoor;
use protocol::room::RoomKind;
use tokio::time::timeout;

use super::*;
use crate::room::{Answer, ToOwner};
use crate::socket::outbox::Mail;

const CONNECTION: ConnectionId = ConnectionId(1);
const SESSION: SessionId = SessionId([1; 16]);

/// Somebody at a socket, who has yet to be welcomed.
fn somebody() -> (Viewer, Outbox, Mail) {
    let (outbox, mail) = Outbox::new();
    let (control, _) = mpsc::channel(1);
    let viewer = Viewer {
        connection: CONNECTION,
        member: MemberId([1; 16]),
        session: SESSION,
        outbox: outbox.clone(),
        control,
    };
    (viewer, outbox, mail)
}

/// A hallway with one viewer, who has been welcomed.
async fn hallway(bus: &RoomBus) -> (Hallway, Outbox, Mail) {
    let (hallway, mailbox) = Hallway::new();
    tokio::spawn(run(mailbox, bus.clone()));
    let (viewer, outbox, mut mail) = somebody();
    hallway.register(viewer).await;
    hallway.welcome(CONNECTION, BTreeSet::new(), ServerMessage::Pong).await;
    assert!(mail.next().await.is_some());
    (hallway, outbox, mail)
}

fn card(room: RoomId) -> RoomCard {
    RoomCard {
        room,
        title: None,
        kind: RoomKind::Open,
        faces: Vec::new(),
        on_stage: 1,
        in_audience: 0,
        followed_on_stage: 0,
        liveliness: 0,
        asked_by: None,
        door: CardDoor::Open,
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_is_welcomed_while_others_keep_coming() {
    let (hallway, mailbox) = Hallway::new();
    tokio::spawn(run(mailbox, RoomBus::local()));
    let (viewer, _outbox, mut mail) = somebody();
    hallway.register(viewer).await;
    hallway.welcome(CONNECTION, BTreeSet::new(), ServerMessage::Pong).await;
    let storm = async {
        loop {
            tokio::time::sleep(WELCOME_PERIOD / 2).await;
            hallway.unregister(ConnectionId(2)).await;
        }
    };
    tokio::select! {
        biased;
        welcomed = mail.next() => assert!(welcomed.is_some()),
        () = storm => {}
        () = tokio::time::sleep(20 * WELCOME_PERIOD) => panic!("not welcomed"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_signed_out_does_not_wait_for_a_room_in_trouble() {
    let (bus, room) = (RoomBus::local(), RoomId([7; 16]));
    let mut owned = bus.own(room).expect("nobody else owns it");
    let (hallway, outbox, _mail) = hallway(&bus).await;
    hallway.opened(room, Arc::new(AtomicBool::new(true))).await;
    let _never_answered = owned.next().await.expect("asked");
    hallway.session_ended(SESSION).await;
    let began = Instant::now();
    outbox.dismissed().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_room_that_ends_while_it_is_asked_for_is_shown_to_nobody() {
    let (bus, room) = (RoomBus::local(), RoomId([7; 16]));
    let mut owned = bus.own(room).expect("nobody else owns it");
    let (hallway, _outbox, mut mail) = hallway(&bus).await;
    for ends in [false, true] {
        hallway.opened(room, Arc::new(AtomicBool::new(true))).await;
        let (envelope, answer) = owned.next().await.expect("asked").split();
        assert!(matches!(envelope.command, ToOwner::Cards { .. }));
        if ends {
            hallway.closed(room).await;
        }
        answer(Answer::Cards { cards: vec![card(room)], which: vec![Some(0)] });
        let shown = timeout(2 * HALLWAY_PERIOD, mail.next()).await.ok().flatten();
        assert_eq!(shown.is_some(), !ends, "{shown:?}");
        if !ends {
            hallway.closed(room).await;
            assert!(mail.next().await.is_some(), "and is gone");
        }
    }
}

#[test]
fn nobody_is_shown_more_rooms_than_fit_and_the_next_comes_when_one_goes() {
    let (viewer, ..) = somebody();
    let mut shown = Shown { viewer, follows: None, cards: HashMap::new() };
    let room = |n: usize| RoomId((n as u128).to_be_bytes());
    let card: Arc<str> = "card".into();
    for n in 0..HALLWAY_CARDS_MAX {
        assert!(shown.note(room(n), Some(Arc::clone(&card))).is_some());
    }
    assert!(!shown.has_room());
    assert_eq!(shown.note(room(HALLWAY_CARDS_MAX), Some(Arc::clone(&card))), None);
    assert!(shown.note(room(3), Some("another".into())).is_some(), "those shown go on");
    assert!(shown.note(room(3), None).is_some());
    assert!(shown.has_room());
    assert!(shown.note(room(HALLWAY_CARDS_MAX), Some(card)).is_some());
}

#[test]
fn a_message_put_together_by_hand_is_the_message_of_the_contract() {
    let changes =
        [HallwayChange::Gone { room: RoomId([1; 16]) }, HallwayChange::Gone { room: RoomId([2; 16]) }];
    let message = ServerMessage::Hallway { changes: changes.to_vec() };
    let frame = frame(&[write(&changes[0]), write(&changes[1])]);
    assert_eq!(frame.as_str(), serde_json::to_string(&message).expect("written"));
}
