//! Speakers with bad networks: what everybody hears of them.

use media::Voice;
use sim::{Line, Stack, World};

/// What a listener hears of a talker who sends like this over a line that loses a tenth.
fn heard(stack: Stack) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let (ann, ben) = (world.join_as(stack, 1), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.clients[ann].fault.up = Line::losing(0.1);
    let said = world.talk(ann, 2_000);
    (said, world.heard_by(ben, 1).iter().map(|heard| heard.payload.clone()).collect())
}

#[test]
fn what_a_speakers_line_loses_is_made_good_from_what_the_next_packet_repeats() {
    let (said, heard) = heard(Stack::Redundant);
    // What is lost with its neighbour stays lost: one in a hundred.
    assert!(heard.len() > 1_960, "{}", heard.len());
    let mut rest = said.iter();
    assert!(heard.iter().all(|heard| rest.any(|said| said == heard)), "in order, once, and as it was said");
}

#[test]
fn without_redundancy_a_tenth_is_lost_for_everybody() {
    let (_, heard) = heard(Stack::Packets);
    assert!((1_750..1_850).contains(&heard.len()), "{}", heard.len());
}

#[test]
fn a_speaker_who_floods_is_heard_no_faster_than_anybody_and_drowns_nobody() {
    let mut world = World::new(2);
    let floor = world.open_channel(0, 0);
    let (ann, joe, ben) = (world.join(1), world.join(1), world.join(0));
    world.listen(ben, floor, None);
    world.voice(ann, floor, 1, Voice::On);
    world.voice(joe, floor, 2, Voice::On);
    let mut said = 0;
    for _ in 0..250 {
        for _ in 0..40 {
            world.speak(joe, &[0x78; 40]);
            said += 1;
        }
        world.talk(ann, 1);
    }
    assert_eq!(world.heard_by(ben, 1).len(), 250, "all that Ann said");
    let heard = world.heard_by(ben, 2).len();
    // 120 a second and a burst of 50; of these, no more than time itself.
    assert!(heard < 700, "{heard} of {said}");
}
