//! A room with more people than anybody is shown: counted, found by search, and each there for all that.

use protocol::id::{ParticipantId, RoomId};
use protocol::room::{AudienceShown, MyPlace, RoomCommand, RoomEvent, RoomFacts, RoomView};
use protocol::socket::{ClientMessage, ServerMessage};

use super::client::{Client, OFFER, open_room};
use super::house::House;

/// In this house a dozen are as many as five hundred elsewhere.
const FACES_MAX: usize = 12;
/// Fewer than this, and faces are shown again; `rooms` says why it is a tenth less.
const FACES_AGAIN: usize = 11;

fn facts(shown: AudienceShown) -> impl Fn(&RoomEvent) -> bool {
    move |event| matches!(event, RoomEvent::Facts { facts } if facts.audience == shown)
}

/// Who is found under this name.
async fn find(client: &mut Client, name: &str) -> Vec<ParticipantId> {
    client.say(&ClientMessage::FindPeople { request: 7, text: name.to_owned() }).await;
    match client.until(|message| matches!(message, ServerMessage::Found { .. })).await {
        ServerMessage::Found { people, .. } => people.into_iter().map(|person| person.id).collect(),
        other => unreachable!("{other:?}"),
    }
}

/// So many people come in, one after the other.
async fn come(house: &House, room: RoomId, people: usize) -> Vec<(Client, RoomView)> {
    let mut crowd = Vec::new();
    for n in 1..=people {
        let token = house.keeper.member(&format!("m{n}x"));
        let mut client = Client::hello(house, &token).await;
        let view = client.enter(room).await.expect("in").view;
        crowd.push((client, view));
    }
    crowd
}

#[tokio::test]
async fn people_of_a_large_room_are_counted_and_found_and_of_a_smaller_one_shown_again() {
    let house = House::with_faces_max(FACES_MAX);
    let ann = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &ann).await;
    let room = ann.start_room(open_room()).await.view.room;
    let mut crowd = come(&house, room, FACES_MAX - 1).await;
    let last = crowd.last().expect("many").1.you.id;
    ann.event(|event| matches!(event, RoomEvent::Person { person } if person.id == last)).await;
    let view = ann.enter(room).await.expect("in").view;
    assert_eq!((view.facts.audience, view.people.len()), (AudienceShown::Faces, FACES_MAX));

    let zoe = house.keeper.member("zoe");
    let mut zoe = Client::hello(&house, &zoe).await;
    let me = zoe.enter(room).await.expect("in").view.you.id;
    let RoomEvent::Facts { facts: RoomFacts { on_stage, in_audience, .. } } =
        ann.event(facts(AudienceShown::Counted)).await
    else {
        panic!()
    };
    assert_eq!((on_stage as usize, in_audience as usize), (1, FACES_MAX), "all are counted");
    // Whoever comes now is shown the stage, and themself; everybody else is found.
    let late = house.keeper.member("late");
    let mut late = Client::hello(&house, &late).await;
    let view = late.enter(room).await.expect("in").view;
    assert_eq!(view.facts.audience, AudienceShown::Counted);
    assert_eq!(view.people.len(), 2, "the stage, and me");
    assert_eq!(find(&mut late, "zoe").await, [me]);
    assert_eq!(find(&mut late, "m7x").await, [crowd[6].1.you.id]);
    assert_eq!(find(&mut late, "nobody").await, []);

    // A hand out of the crowd is seen by whoever keeps order, and on stage the person is shown to all.
    zoe.command(RoomCommand::RaiseHand).await.expect("raised");
    ann.event(|event| matches!(event, RoomEvent::Queue { queue } if queue.iter().any(|hand| hand.id == me)))
        .await;
    ann.command(RoomCommand::InviteToStage { who: me }).await.expect("asked");
    zoe.command(RoomCommand::AcceptInvitation).await.expect("up");
    late.event(|event| matches!(event, RoomEvent::Person { person } if person.id == me)).await;

    // Faces come back when so many have gone that one more or less does not turn them off again.
    while crowd.len() + 3 >= FACES_AGAIN {
        let (mut client, _) = crowd.pop().expect("many");
        client.say(&ClientMessage::Leave).await;
        client.until(|message| matches!(message, ServerMessage::Left { .. })).await;
    }
    late.event(facts(AudienceShown::Faces)).await;
    let back = late.enter(room).await.expect("in").view;
    assert_eq!(back.people.len(), FACES_AGAIN - 1);
    assert!(matches!(back.you.place, MyPlace::Audience));
}

#[tokio::test]
async fn people_of_a_large_room_are_counted_after_the_death_of_its_process_as_before() {
    let mut house = House::with_faces_max(FACES_MAX);
    let token = house.keeper.member("ann");
    let mut ann = Client::hello(&house, &token).await;
    let started = ann.start_room(open_room()).await;
    let room = started.view.room;
    let crowd = come(&house, room, FACES_MAX).await;
    ann.event(facts(AudienceShown::Counted)).await;
    house.die_and_restart();
    drop(crowd);
    let mut ann = Client::hello(&house, &token).await;
    let back = ann.enter_with(room, Some(OFFER), Some(started.seat)).await.expect("back").view;
    assert_eq!(
        (back.facts.audience, back.people.len()),
        (AudienceShown::Counted, 1),
        "she herself, on stage"
    );
}
