//! Announced events, as far as the process with the network has to do with them.

use protocol::event::{Event, EventKind, EventPart, EventPerson, EventState, Going, Repeat};
use protocol::id::EventId;
use protocol::media::Sdp;
use protocol::profile::Languages;
use protocol::room::{MyPlace, OfEvent, RoomCommand, RoomKind};
use protocol::socket::{ClientMessage, ServerMessage};
use protocol::text::{DisplayName, EventTitle, Handle, Zone};
use protocol::{ErrorCode, Timestamp};

use super::client::{Client, InRoom, OFFER};
use super::house::House;
use crate::clock;

const READING: EventId = EventId([10; 16]);

fn person(name: &str, part: EventPart) -> EventPerson {
    let handle = Handle::parse(name).expect("a handle");
    EventPerson { handle, name: DisplayName::parse(name).expect("a name"), picture: None, part }
}

/// Ann's, with Ben as her co-host and Cleo as a speaker, in so many minutes.
fn reading(minutes: i64) -> Event {
    let now = i64::try_from(clock::by_the_wall().0).expect("this century");
    Event {
        id: READING,
        title: EventTitle::parse("A reading").expect("a title"),
        description: None,
        kind: EventKind::Open,
        languages: Languages::default(),
        start: Timestamp((now + minutes * 60_000).try_into().expect("after 1970")),
        zone: Zone::parse("Etc/UTC").expect("a zone"),
        minutes: 60,
        repeat: Repeat::Once,
        then: Vec::new(),
        state: EventState::Announced,
        sequence: 0,
        people: vec![
            person("ann", EventPart::Host),
            person("ben", EventPart::CoHost),
            person("cleo", EventPart::Speaker),
        ],
        going: 0,
        my_part: None,
        my_going: Going::No,
        news: Vec::new(),
    }
}

async fn opens(client: &mut Client) -> Result<InRoom, ErrorCode> {
    let event = READING;
    client.enter_by(|request| ClientMessage::OpenEvent { request, event, offer: Sdp(OFFER.to_owned()) }).await
}

struct Four {
    house: House,
    ann: Client,
    ben: Client,
    cleo: Client,
    dan: Client,
}

impl Four {
    async fn meet(event: Event) -> Self {
        let house = House::new();
        let tokens = ["ann", "ben", "cleo", "dan"].map(|name| house.keeper.member(name));
        house.keeper.announces(event);
        let [ann, ben, cleo, dan] = &tokens;
        Self {
            ann: Client::hello(&house, ann).await,
            ben: Client::hello(&house, ben).await,
            cleo: Client::hello(&house, cleo).await,
            dan: Client::hello(&house, dan).await,
            house,
        }
    }
}

#[tokio::test]
async fn whoever_is_named_is_asked_to_the_stage_of_the_green_room_and_nobody_else_finds_it() {
    let mut four = Four::meet(reading(10)).await;
    let anns = opens(&mut four.ann).await.expect("opened");
    let of_event = OfEvent { id: READING, kind: RoomKind::Open };
    assert_eq!((anns.view.facts.kind, anns.view.facts.event), (RoomKind::Closed, Some(of_event)));
    assert!(matches!(anns.view.you.place, MyPlace::Stage { .. }));
    let room = anns.view.room;

    let bens = opens(&mut four.ben).await.expect("the same room");
    assert_eq!(bens.view.room, room);
    assert!(matches!(bens.view.you.place, MyPlace::Invited { .. }), "and by a yes of their own");
    let cleos = four.cleo.enter(room).await.expect("asked in");
    assert!(matches!(cleos.view.you.place, MyPlace::Invited { .. }));
    assert_eq!(opens(&mut four.dan).await.err(), Some(ErrorCode::NotThere));
    assert_eq!(four.dan.enter(room).await.err(), Some(ErrorCode::NotThere));

    four.ann.command(RoomCommand::Widen { kind: RoomKind::Open }).await.expect("the doors are open");
    let dans = opens(&mut four.dan).await.expect("and Dan comes in");
    assert_eq!((dans.view.room, dans.view.you.place), (room, MyPlace::Audience));
    let written = four.house.keeper.asked_about_events();
    assert!(written.iter().all(|request| request.starts_with("Look")), "the keeper was told: {written:?}");
}

#[tokio::test]
async fn a_room_is_opened_from_a_quarter_of_an_hour_before_by_a_host_and_not_once_it_is_called_off() {
    let mut early = Four::meet(reading(17)).await;
    assert_eq!(opens(&mut early.ann).await.err(), Some(ErrorCode::NotNow));
    let mut late = Four::meet(reading(-45)).await;
    assert_eq!(
        opens(&mut late.cleo).await.err(),
        Some(ErrorCode::NotAllowed),
        "a speaker waits for the hosts"
    );
    assert_eq!(opens(&mut late.dan).await.err(), Some(ErrorCode::NotAllowed));
    opens(&mut late.ben).await.expect("a little late");
    let mut off = Four::meet(Event { state: EventState::CalledOff, ..reading(5) }).await;
    assert_eq!(opens(&mut off.ann).await.err(), Some(ErrorCode::NotNow));
}

#[tokio::test]
async fn everybody_is_told_that_there_is_something_new_about_events() {
    let mut four = Four::meet(reading(60)).await;
    four.house.keeper.push_events_changed();
    for client in [&mut four.ann, &mut four.dan] {
        client.until(|message| *message == ServerMessage::EventsChanged).await;
    }
}
