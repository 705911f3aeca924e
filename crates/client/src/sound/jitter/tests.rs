use proptest::prelude::*;

use super::*;

/// The nth frame of somebody who began shortly before the clock wraps.
fn voice(n: u32) -> Voice {
    let timestamp = (u32::MAX - 2_000).wrapping_add(n * FRAME_TICKS);
    Voice { timestamp, ticks: FRAME_TICKS, talker: Some(7), payload: [u8::try_from(n).expect("few")].into() }
}

fn filled(numbers: impl IntoIterator<Item = u32>) -> Jitter {
    let mut jitter = Jitter::new();
    numbers.into_iter().for_each(|n| jitter.push(voice(n)));
    jitter
}

/// `3` for a frame, `x` for one that is made up, `r` for one made up from the next, `.` for silence.
fn played(jitter: &mut Jitter, frames: usize) -> String {
    (0..frames).map(|_| sign(&jitter.pull())).collect()
}

fn sign(next: &Next) -> char {
    match next {
        Next::Voice(voice) => char::from_digit(u32::from(voice.payload[0]) % 10, 10).expect("a digit"),
        Next::Missing { after: Some(_), .. } => 'r',
        Next::Missing { after: None, .. } => 'x',
        Next::Silence => '.',
    }
}

#[test]
fn packets_in_any_order_are_heard_in_theirs_and_once() {
    let mut jitter = filled([2, 0, 1, 1, 4, 3, 0]);
    assert_eq!(played(&mut jitter, 9), "01234xxx.");
}

#[test]
fn it_waits_until_a_little_has_come_and_not_for_ever() {
    let mut jitter = filled([0]);
    assert_eq!(played(&mut jitter, 1), ".", "20 ms are not enough to begin");
    jitter.push(voice(1));
    assert_eq!(played(&mut jitter, 2), "01");
    let mut alone = filled([0]);
    assert_eq!(played(&mut alone, 4), "..0x", "a single word is heard after 40 ms");
}

#[test]
fn a_hole_is_made_good_from_the_packet_after_it() {
    let mut jitter = filled([0, 1, 3, 4, 7]);
    assert_eq!(played(&mut jitter, 8), "01r34xr7");
}

#[test]
fn a_pause_is_silence_and_no_hole() {
    let mut jitter = filled([0, 1]);
    assert_eq!(played(&mut jitter, 6), "01xxx.");
    jitter.push(voice(100));
    jitter.push(voice(101));
    assert_eq!(played(&mut jitter, 2), "01");
    let mut at_once = filled([0, 1, 50, 51]);
    assert_eq!(played(&mut at_once, 5), "01.01");
}

#[test]
fn whoever_is_late_once_is_late_for_good_and_nothing_is_lost() {
    let mut jitter = filled([0, 1]);
    assert_eq!(played(&mut jitter, 4), "01xx");
    for n in 2..9 {
        jitter.push(voice(n));
    }
    assert_eq!(played(&mut jitter, 7), "2345678");
    let mut steady = filled([0, 1]);
    assert_eq!(played(&mut steady, 3), "01x");
    let mut heard = String::new();
    for n in 2..9 {
        steady.push(voice(n));
        heard.push_str(&played(&mut steady, 1));
    }
    assert_eq!(heard, "2345678");
}

#[test]
fn what_is_held_back_grows_with_the_unevenness_and_shrinks_with_the_calm() {
    let mut jitter = filled([0, 1]);
    assert_eq!(jitter.depth, 2 * FRAME_TICKS);
    played(&mut jitter, 4);
    jitter.push(voice(2));
    assert_eq!(jitter.depth, HELD_BACK_MAX);
    for _ in 0..2 * JITTER_CALM_FRAMES {
        jitter.pull();
    }
    assert_eq!(jitter.depth, HELD_BACK_MIN);
}

#[test]
fn more_than_is_needed_is_told() {
    assert_eq!(filled(0..3).surplus(), Surplus::None);
    assert_eq!(filled(0..4).surplus(), Surplus::Some);
    assert_eq!(filled(0..6).surplus(), Surplus::Much);
}

#[test]
fn longer_packets_keep_the_time() {
    let mut jitter = Jitter::new();
    for n in [0, 1, 3] {
        jitter.push(Voice { ticks: 3 * FRAME_TICKS, ..voice(3 * n) });
    }
    assert_eq!(played(&mut jitter, 6), "03xxr9");
}

proptest! {
    /// Whatever comes and whenever it is asked: nothing is heard twice, nothing out of order within a talk, and no more
    /// is kept than is allowed.
    #[test]
    fn nothing_is_heard_twice_or_backwards(moves in proptest::collection::vec((0_u32..60, any::<bool>()), 0..400)) {
        let mut jitter = Jitter::new();
        let mut last = None;
        for (n, pull) in moves {
            jitter.push(voice(n));
            prop_assert!(jitter.waiting.len() <= JITTER_PACKETS_MAX);
            if pull {
                match jitter.pull() {
                    Next::Voice(voice) => {
                        let forward = last.is_none_or(|last| ahead(voice.timestamp, last) > 0);
                        prop_assert!(forward, "{last:?} {voice:?}");
                        last = Some(voice.timestamp);
                    }
                    Next::Silence => last = None,
                    Next::Missing { .. } => {}
                }
            }
        }
    }
}
