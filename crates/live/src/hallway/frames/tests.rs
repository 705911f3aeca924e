use std::collections::hash_map::RandomState;

use protocol::hallway::{CardDoor, RoomCard};
use protocol::room::RoomKind;

use super::*;
use crate::hallway::board::Text;

fn cards(count: u8) -> (Vec<RoomCard>, Vec<Change>) {
    let card = |n| RoomCard {
        room: RoomId([n; 16]),
        title: None,
        kind: RoomKind::Open,
        language: None,
        club: None,
        faces: Vec::new(),
        on_stage: 1,
        in_audience: 0,
        followed_on_stage: 0,
        followed_in_audience: 0,
        liveliness: 0,
        asked_by: None,
        door: CardDoor::Open,
        event: None,
    };
    let cards: Vec<_> = (0..count).map(card).collect();
    let prints = RandomState::new();
    let changes = cards.iter().map(|card| Change::Card(Text::new(&prints, card))).collect();
    (cards, changes)
}

fn read(frame: &Utf8Bytes) -> ServerMessage {
    serde_json::from_str(frame).expect("a message of the contract")
}

#[test]
fn a_message_put_together_by_hand_is_the_message_of_the_contract() {
    let gone = RoomId([9; 16]);
    let (cards, mut changes) = cards(2);
    changes.push(Change::Gone(gone));
    let mut expected: Vec<_> = cards.into_iter().map(|card| HallwayChange::Card { card }).collect();
    expected.push(HallwayChange::Gone { room: gone });
    let message = ServerMessage::Hallway { changes: expected };
    assert_eq!(frame(&changes).as_str(), serde_json::to_string(&message).expect("written"));
}

#[test]
fn whoever_is_welcomed_to_many_rooms_reads_of_them_in_small_messages() {
    let many = u8::try_from(3 * HALLWAY_CHANGES_TOGETHER).expect("fits");
    let (cards, changes) = cards(many);
    let examples = include_str!("../../../../protocol/fixtures/server.json");
    let examples: Vec<ServerMessage> = serde_json::from_str(examples).expect("examples");
    let example = examples.into_iter().find(|message| matches!(message, ServerMessage::Welcome { .. }));
    let Some(ServerMessage::Welcome { protocol, incarnation, server, me, .. }) = example else { panic!() };
    let said = ServerMessage::Welcome { protocol, incarnation, server, me, hallway: Vec::new() };
    let frames = welcome(&said, &changes);
    assert_eq!(frames.len(), 3);
    let ServerMessage::Welcome { hallway, .. } = read(&frames[0]) else { panic!("{}", frames[0]) };
    let mut read_of: Vec<_> = hallway;
    for frame in &frames[1..] {
        let ServerMessage::Hallway { changes } = read(frame) else { panic!("{frame}") };
        assert!(changes.len() <= HALLWAY_CHANGES_TOGETHER);
        read_of.extend(changes.into_iter().map(|change| match change {
            HallwayChange::Card { card } => card,
            HallwayChange::Gone { .. } => panic!("nothing was shown before"),
        }));
    }
    assert_eq!(read_of, cards);
}

#[test]
fn a_greeting_that_has_no_place_for_cards_is_followed_by_all_of_them() {
    let (_, changes) = cards(3);
    let frames = welcome(&ServerMessage::Pong, &changes);
    assert_eq!(frames, [encode(&ServerMessage::Pong), frame(&changes)]);
}

#[test]
fn those_who_are_told_the_same_get_the_same_bytes() {
    let (_, changes) = cards(3);
    let mut frames = Frames::default();
    let (one, other) = (frames.of(&changes), frames.of(&changes));
    assert_eq!(one[0].as_ptr(), other[0].as_ptr());
    assert_ne!(frames.of(&changes[1..])[0], one[0]);
}
