//! Whoever has a single line hears the loudest talker on it.

use std::time::Duration;

use media::Voice;
use sim::{Heard, Stack, World};

/// Ann and Ben on one shard, and Cat, who listens on one line, on another.
fn room() -> (World, [usize; 3]) {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let people = [world.join(0), world.join(0), world.join_as(Stack::OneLine, 1)];
    world.voice(people[0], floor, 1, Voice::On);
    world.voice(people[1], floor, 2, Voice::On);
    world.listen(people[2], floor, None);
    (world, people)
}

fn follows(heard: &[Heard]) {
    for pair in heard.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        let ticks = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!((960..480_000).contains(&ticks), "{ticks}");
    }
    assert!(heard.iter().all(|heard| heard.slot == 0), "one line");
}

#[test]
fn who_speaks_in_turn_is_heard_on_one_line_from_the_first_syllable_on() {
    let (mut world, [ann, ben, cat]) = room();
    let mut said = Vec::new();
    for talker in [ann, ben, ann, ben] {
        said.extend(world.talk(talker, 50));
        world.run(Duration::from_millis(400));
    }
    let heard = &world.clients[cat].heard;
    assert_eq!(heard.iter().map(|heard| heard.payload.clone()).collect::<Vec<_>>(), said, "all, and once");
    follows(heard);
    let begins: Vec<_> = (0..).zip(heard).filter(|(_, heard)| heard.marker).map(|(at, _)| at).collect();
    assert_eq!(begins, [0, 50, 100, 150]);
    let span = heard[199].timestamp.wrapping_sub(heard[0].timestamp);
    assert!(span.abs_diff(199 * 960 + 3 * 19_200) <= 4 * 960, "time passes as it does: {span}");
    assert!(!world.clients[cat].reported.is_empty(), "the line's own clock is reported");
}

#[test]
fn of_two_who_speak_at_once_one_is_heard_and_then_the_other_as_it_is_said() {
    let (mut world, [ann, ben, cat]) = room();
    let speak = |world: &mut World, i: u8| {
        world.speak(ann, &[0x78, 1, i]);
        world.run(Duration::from_millis(5));
        world.speak(ben, &[0x78, 2, i]);
        world.run(Duration::from_millis(15));
    };
    (0..100).for_each(|i| speak(&mut world, i));
    assert_eq!(world.heard_by(cat, 1).len(), 100);
    assert_eq!(world.heard_by(cat, 2).len(), 0);
    // Ann stops in the middle of what Ben says.
    for i in 100..200 {
        world.run(Duration::from_millis(5));
        world.speak(ben, &[0x78, 2, i]);
        world.run(Duration::from_millis(15));
    }
    let heard = &world.clients[cat].heard;
    follows(heard);
    assert_eq!(world.heard_by(cat, 1).len(), 100);
    let ben = world.heard_by(cat, 2);
    let (first, last) = (ben[0].payload[2], ben[ben.len() - 1].payload[2]);
    assert!((109..=111).contains(&first), "after a pause, and nothing of before: {first}");
    assert_eq!((last, ben.len()), (199, 200 - usize::from(first)));
}
