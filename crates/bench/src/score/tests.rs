use super::*;

const MS: i64 = 1_000_000;
const TALKER: u32 = 77;

fn frame(index: u32) -> Frame {
    Frame { speaker: 0, index }
}

fn timestamp(index: u32) -> u32 {
    4_294_966_000u32.wrapping_add(index * TICKS)
}

/// Frame `index` leaves at `index * 20` ms, and those from 10 to 19 count.
fn room(listeners: usize) -> Score {
    let (sent, window) = (Sent::new(1), Window::default());
    for index in 0..40 {
        sent.write(frame(index), MS + i64::from(index) * 20 * MS);
    }
    window.set(MS + 200 * MS, MS + 400 * MS);
    Score::new(Arc::new(sent), Arc::new(window), 1, listeners)
}

fn sight(score: &mut Score, listener: u32, index: u32, frames: u8, delay: i64) {
    let glimpse = Glimpse { ssrc: 1, seq: 0, timestamp: timestamp(index), talker: TALKER, frames };
    let at = MS + i64::from(index) * 20 * MS + delay;
    score.sight(Sighting { listener, slot: 0, glimpse, at }, 112);
}

fn teach(score: &mut Score, index: u32) {
    score.teach(0, 0, timestamp(index), TALKER, frame(index));
}

fn settle(score: &mut Score, now: i64) {
    score.settle(score.waiting(), now);
}

#[test]
fn a_listener_who_hears_all_has_lost_nothing_and_the_delay_is_known() {
    let mut score = room(2);
    for index in 0..30 {
        sight(&mut score, 0, index, 1, 3 * MS);
        sight(&mut score, 1, index, 1, 5 * MS);
        teach(&mut score, index);
        settle(&mut score, 0);
    }
    let (tally, frames) = score.finish(0);
    assert_eq!(frames, [10, 10]);
    assert_eq!((tally.packets, tally.frames, tally.forwarded, tally.unmatched), (20, 20, 10, 0));
    let delay = tally.delay.quantile(1_000_000).expect("known");
    assert!((5_000_000..5_050_000).contains(&delay), "{delay}");
    assert_eq!(tally.jitter.largest(), Some(0));
    assert_eq!((tally.longest_gap, tally.long_gaps), (20_000_000, 0));
}

#[test]
fn what_does_not_come_is_missing_at_that_listener_and_is_a_gap() {
    let mut score = room(2);
    for index in 0..30 {
        sight(&mut score, 0, index, 1, MS);
        if !(12..15).contains(&index) {
            sight(&mut score, 1, index, 1, MS);
        }
        teach(&mut score, index);
        settle(&mut score, 0);
    }
    let (tally, frames) = score.finish(0);
    assert_eq!(frames, [10, 7]);
    assert_eq!((tally.forwarded, tally.longest_gap, tally.long_gaps), (10, 80_000_000, 1));
}

#[test]
fn packets_of_several_frames_count_as_their_frames_and_wait_from_the_first() {
    let mut score = room(1);
    for index in (0..30).step_by(3) {
        for frame in index..index + 3 {
            teach(&mut score, frame);
        }
        sight(&mut score, 0, index, 3, 42 * MS);
        settle(&mut score, 0);
    }
    let (tally, frames) = score.finish(0);
    assert_eq!(frames, [10]);
    assert_eq!(
        (tally.delay.count(), tally.packed_packets),
        (0, 3),
        "the packets that begin with 12, 15 and 18"
    );
    assert!(tally.packed_delay.quantile(500_000).expect("known") >= 42_000_000);
    assert_eq!(tally.jitter.largest(), Some(0), "a steady rhythm of 60 ms");
}

#[test]
fn what_the_sample_missed_is_explained_by_its_neighbours_and_the_rest_is_said() {
    let mut score = room(1);
    teach(&mut score, 11);
    sight(&mut score, 0, 13, 1, MS);
    settle(&mut score, MS + 13 * 20 * MS + 2 * MS);
    assert_eq!(score.waiting(), 1, "somebody in the sample may still say it");
    settle(&mut score, MS + 13 * 20 * MS + 2 * MS + UNEXPLAINED);
    let stranger = Glimpse { ssrc: 1, seq: 0, timestamp: timestamp(14), talker: TALKER + 1, frames: 1 };
    score.sight(Sighting { listener: 0, slot: 0, glimpse: stranger, at: MS + 281 * MS }, 112);
    settle(&mut score, MS + 282 * MS + GIVEN_UP);
    let (tally, frames) = score.finish(0);
    assert_eq!((frames, tally.unmatched), (vec![1], 1));
}

#[test]
fn jitter_is_the_change_of_delay_from_packet_to_packet() {
    let mut score = room(1);
    for index in 0..30 {
        sight(&mut score, 0, index, 1, if index % 2 == 0 { 2 * MS } else { 5 * MS });
        teach(&mut score, index);
        settle(&mut score, 0);
    }
    let (tally, _) = score.finish(0);
    let jitter = tally.jitter.quantile(1).expect("known");
    assert!((3_000_000..3_030_000).contains(&jitter), "{jitter}");
}
