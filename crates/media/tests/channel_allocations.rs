//! The packet path of a channel takes no memory once its talkers are on.

mod counting;

use std::time::{Duration, Instant};

use media::channel::Channel;
use media::packet::{Level, Voice, VoicePacket};
use media::{Form, SLOTS, Talker};

use counting::taken;

// The only test of this program: others would be counted too.
#[test]
fn talking_takes_no_memory() {
    let mut channel = Channel::new(1, Form::Opus);
    for talker in 0..5 {
        channel.voice(Talker(talker), Voice::On).unwrap();
    }
    let start = Instant::now();
    let before = taken();
    let (mut frames, mut changes) = (0, 0);
    for seq in 0..2_000u16 {
        let now = start + Duration::from_millis(20) * u32::from(seq);
        channel.handle_timeout(now);
        for talker in 0..5u32 {
            // Everybody speaks a while and pauses a while, so slots change hands.
            let speaks = (u32::from(seq) / 60 + talker) % 5 < 3;
            let level = Some(Level::from_wire(if speaks { 40 } else { 100 }));
            let timestamp = u32::from(seq) * 960;
            let packet = VoicePacket { seq, timestamp, marker: false, level, payload: &[7; 80] };
            channel.handle_packet(now, Talker(talker), packet);
            while channel.poll_frame().is_some() {
                frames += 1;
            }
            changes += usize::from(channel.poll_slots().is_some());
        }
    }
    assert_eq!(taken(), before);
    assert!(frames > 2_000 * SLOTS / 2 && changes > 10, "{frames} frames, {changes} changes");
}
