//! Listeners with bad networks: what they hear.

use std::time::Duration;

use media::Voice;
use sim::playout::{Arrival, Correction, Played};
use sim::{Line, World};

/// Longer than the delay and the jitter of the lines here together, and a listener does not notice it.
const PLAYOUT: Duration = Duration::from_millis(60);

/// Ann talks for so many frames; Ben's line is like this from the beginning.
fn lecture(line: Line, frames: u32) -> (World, usize) {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.clients[ben].fault.down = line;
    world.talk(ann, frames);
    (world, ben)
}

fn arrivals(world: &World, listener: usize) -> Vec<Arrival> {
    let heard = world.clients[listener].heard.iter();
    heard.map(|heard| Arrival { at: heard.at, timestamp: heard.timestamp, own: true }).collect()
}

#[test]
fn with_error_correction_alone_a_tenth_that_is_lost_leaves_less_than_a_twentieth_to_be_invented() {
    let (world, ben) = lecture(Line::losing(0.1), 3_000);
    let played = |correction| Played::new(&arrivals(&world, ben), PLAYOUT, correction).share();
    let (without, with) = (played(Correction::None), played(Correction::InBand));
    assert!((0.08..0.12).contains(&without), "{without}");
    assert!(with < 0.05, "{with}");
}

#[test]
fn after_a_hole_of_200_ms_the_sound_is_clean_at_once() {
    let mut world = World::new(1);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(0), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 100);
    world.clients[ben].fault.dark_until = Some(world.now + Duration::from_millis(200));
    world.talk(ann, 200);
    let played = Played::new(&arrivals(&world, ben), PLAYOUT, Correction::InBand);
    let invented: Vec<_> =
        (0..).zip(&played.invented).filter(|(_, invented)| **invented).map(|(i, _)| i).collect();
    assert!((9..=10).contains(&invented.len()), "{invented:?}");
    assert!(invented.windows(2).all(|pair| pair[1] == pair[0] + 1), "one hole: {invented:?}");
}

#[test]
fn packets_that_overtake_each_other_or_come_twice_are_each_heard_once() {
    let jitter = Duration::from_millis(50);
    let line = Line { repeated: 0.2, jitter, ..Line::losing(0.0) };
    let (world, ben) = lecture(line, 1_000);
    let heard = &world.clients[ben].heard;
    assert!(!heard.is_sorted_by_key(|heard| heard.seq), "they did overtake each other");
    let mut numbers: Vec<_> = heard.iter().map(|heard| heard.seq).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), heard.len(), "once");
    let played = Played::new(&arrivals(&world, ben), PLAYOUT, Correction::None);
    assert!(played.share() < 0.005, "{}", played.share());
}

#[test]
fn after_a_restart_of_the_server_fresh_connections_hear_and_old_packets_are_passed_over() {
    let mut world = World::new(2);
    world.recording = true;
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join(1), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.talk(ann, 50);
    let old = std::mem::take(&mut world.received);
    world.restart();
    let floor = world.open_channel(0, 0);
    for client in [ann, ben] {
        world.clients[client].fault.down = Line::losing(0.05);
        world.renew(client);
    }
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    let before = world.heard_by(ben, 1).len();
    for (shard, source, bytes) in &old {
        world.inject(*shard, *source, bytes);
    }
    assert_eq!(world.heard_by(ben, 1).len(), before, "nothing of the time before is heard again");
    world.talk(ann, 100);
    assert!(world.heard_by(ben, 1).len() > before + 85);
}
