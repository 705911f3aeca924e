//! What listeners lose, and what their speakers are told of it.

use media::{ChannelKey, Voice};
use sim::encoder::corrected;
use sim::{Line, World};

/// The loss that a talker was told last.
fn told(world: &World, talker: usize) -> f32 {
    world.clients[talker].losses.last().copied().unwrap_or(0.0)
}

/// Ann talks from shard 1 in a room that lives on shard 0, whose three listeners are spread over both.
fn room() -> (World, ChannelKey, usize, Vec<usize>) {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let ann = world.join(1);
    world.voice(ann, floor, 1, Voice::On);
    let listeners: Vec<_> = [0, 1, 0].map(|shard| world.join(shard)).into();
    for listener in &listeners {
        world.listen(*listener, floor, None);
    }
    (world, floor, ann, listeners)
}

#[test]
fn a_speaker_whose_listeners_lose_packets_is_told_of_it_until_they_lose_no_more() {
    let (mut world, _, ann, listeners) = room();
    world.talk(ann, 300);
    assert!(told(&world, ann).abs() < 0.001, "nobody loses anything");
    world.clients[listeners[1]].fault.down = Line::losing(0.1);
    // Until the encoder believes it, it is told more than is lost.
    world.talk(ann, 1_000);
    let said = told(&world, ann);
    assert!((0.05..=0.2).contains(&said), "{said}");
    world.clients[listeners[1]].fault.down = Line::PERFECT;
    world.talk(ann, 700);
    assert!(told(&world, ann).abs() < 0.001, "the listener has been well for a while");
}

#[test]
fn an_encoder_that_believes_slowly_corrects_errors_within_seconds_of_the_first_loss_and_for_as_long_as_it_lasts()
 {
    let (mut world, _, ann, listeners) = room();
    world.talk(ann, 500);
    let well = world.clients[ann].losses.len();
    world.clients[listeners[1]].fault.down = Line::losing(0.1);
    world.talk(ann, 2_000);
    let corrected = &corrected(&world.clients[ann].losses)[well..];
    let after = corrected.iter().position(|corrected| *corrected).expect("some day");
    assert!(after <= 6, "{after} s");
    assert!(corrected[after..].iter().all(|corrected| *corrected), "{corrected:?}");
}

#[test]
fn who_begins_to_speak_while_many_lose_is_told_of_it_too() {
    let (mut world, floor, ann, listeners) = room();
    world.clients[listeners[1]].fault.down = Line::losing(0.1);
    world.talk(ann, 500);
    let eve = world.join(0);
    world.voice(eve, floor, 2, Voice::On);
    world.talk(eve, 500);
    let corrected = corrected(&world.clients[eve].losses);
    let after = corrected.iter().position(|corrected| *corrected).expect("some day");
    assert!(after <= 4, "{after} s");
}

#[test]
fn a_speaker_is_told_of_the_own_loss_when_it_is_the_greater() {
    let (mut world, _, ann, listeners) = room();
    world.clients[listeners[0]].fault.down = Line::losing(0.06);
    world.clients[ann].fault.up = Line::losing(0.4);
    world.talk(ann, 500);
    let said = world.clients[ann].losses.iter().copied().fold(0.0, f32::max);
    assert!(said > 0.25, "{said}");
}

#[test]
fn one_of_many_who_loses_costs_the_others_nothing() {
    let (mut world, floor, ann, listeners) = room();
    for _ in 0..15 {
        let more = world.join(0);
        world.listen(more, floor, None);
    }
    world.clients[listeners[0]].fault.down = Line::losing(0.2);
    world.talk(ann, 500);
    assert!(world.clients[ann].losses.iter().all(|loss| loss.abs() < 0.001));
}
