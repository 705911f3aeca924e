//! Who is sent what was said before once more, and who is not.

use media::{ChannelKey, Form, PackingRules, Voice};
use sim::{Line, Stack, World};

/// The formats of the voice packets that went to a client since `sent` was cleared: Opus is 111, redundant 63.
fn formats(world: &World, client: usize) -> (usize, usize) {
    let address = world.clients[client].address;
    let voice = world.sent.iter().filter(|sent| sent.to == address && sent.bytes[0] >> 6 == 2);
    let count = |format: u8| voice.clone().filter(|sent| sent.bytes[1] & 0x7f == format).count();
    (count(111), count(63))
}

fn recorded(world: &mut World, talker: usize, frames: u32) {
    world.sent.clear();
    world.recording = true;
    world.talk(talker, frames);
    world.recording = false;
}

/// Ann talks; Ben's stack takes redundancy, Cat's does not; both lose a tenth.
fn room(rules: PackingRules, form: Form) -> (World, ChannelKey, [usize; 3]) {
    let mut world = World::packing(2, rules);
    let floor = world.open_channel_of(form, 0, 0);
    let (ann, ben, cat) = (world.join(0), world.join_as(Stack::Redundant, 1), world.join(1));
    world.voice(ann, floor, 1, Voice::On);
    for listener in [ben, cat] {
        world.listen(listener, floor, None);
        world.clients[listener].fault.down = Line::losing(0.1);
    }
    (world, floor, [ann, ben, cat])
}

#[test]
fn who_loses_is_sent_every_frame_twice_if_their_stack_can_use_it_and_as_long_as_they_lose() {
    let (mut world, _, [ann, ben, cat]) = room(PackingRules::default(), Form::Opus);
    recorded(&mut world, ann, 50);
    assert_eq!((formats(&world, ben), formats(&world, cat)), ((50, 0), (50, 0)), "nobody knows yet");
    world.talk(ann, 500);
    recorded(&mut world, ann, 100);
    assert_eq!((formats(&world, ben), formats(&world, cat)), ((0, 100), (100, 0)));
    world.clients[ben].fault.down = Line::PERFECT;
    world.talk(ann, 700);
    recorded(&mut world, ann, 100);
    assert_eq!(formats(&world, ben), (100, 0));
}

#[test]
fn a_speaker_is_not_told_of_loss_that_is_made_good_without_help() {
    let (mut world, _, [ann, _, cat]) = room(PackingRules::default(), Form::Opus);
    world.clients[cat].fault.down = Line::PERFECT;
    world.talk(ann, 500);
    world.clients[ann].losses.clear();
    world.talk(ann, 200);
    assert!(world.clients[ann].losses.iter().all(|loss| loss.abs() < 0.001));
}

#[test]
fn somebody_on_stage_who_loses_gets_it_too() {
    let (mut world, floor, [ann, ben, _]) = room(PackingRules::default(), Form::Opus);
    world.voice(ben, floor, 2, Voice::On);
    world.talk(ann, 500);
    recorded(&mut world, ann, 100);
    assert_eq!(formats(&world, ben), (0, 100));
}

#[test]
fn where_packets_are_saved_nobody_is_sent_more_of_them_for_losing() {
    let rules = PackingRules { two_from: Some(2), ..PackingRules::default() };
    let (mut world, _, [ann, ben, cat]) = room(rules, Form::Opus);
    world.talk(ann, 700);
    recorded(&mut world, ann, 100);
    assert_eq!((formats(&world, ben), formats(&world, cat)), ((50, 0), (50, 0)));
}

#[test]
fn what_is_sealed_is_never_taken_apart() {
    let (mut world, _, [ann, ben, _]) = room(PackingRules::default(), Form::Sealed);
    world.talk(ann, 500);
    recorded(&mut world, ann, 100);
    assert_eq!(formats(&world, ben), (100, 0));
}

#[test]
fn a_talker_who_was_cut_off_is_not_repeated_by_the_next_one() {
    let (mut world, floor, [ann, ben, cat]) = room(PackingRules::default(), Form::Opus);
    world.talk(ann, 500);
    world.voice(ann, floor, 1, Voice::Off);
    world.voice(cat, floor, 3, Voice::On);
    world.clients[ben].fault.down = Line::PERFECT;
    recorded(&mut world, cat, 20);
    assert_eq!(formats(&world, ben), (0, 22), "Ann's end, and what Cat says");
    // A frame of Ann's that is still missing is not made good any more.
    let late = world.clients[ben]
        .frames
        .iter()
        .rev()
        .take(20)
        .filter(|frame| frame.payload.get(5).is_some_and(|byte| *byte != 2));
    assert_eq!(late.count(), 0);
}
