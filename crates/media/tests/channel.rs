//! Who is heard, told as people talking. Virtual time, packets of 20 ms.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use media::channel::{Channel, SILENCE};
use media::packet::{Frame, Level, SLOTS, Slots, Voice, VoicePacket};
use media::{Form, Talker, TooManyVoices, limits};

const ANN: Talker = Talker(11);
const BEN: Talker = Talker(22);
const CLEO: Talker = Talker(33);
const MO: Talker = Talker(44);

const PACKET: u64 = 20;

/// A conversation: everybody's clock, what they do in each 20 ms, and all that listeners got.
struct Stage {
    channel: Channel,
    start: Instant,
    ms: u64,
    mics: HashMap<Talker, Mic>,
    heard: Vec<(u64, Frame)>,
    slots: Slots,
    changes: usize,
}

struct Mic {
    seq: u16,
    timestamp: u32,
    marker: bool,
}

#[derive(Clone, Copy)]
enum Sound {
    /// -dBov.
    Speech(u8),
    Silence,
    /// Opus DTX: one byte, whatever the header claims.
    ComfortNoise,
    /// DTX: nothing is sent, the clock goes on.
    Nothing,
}

use Sound::{ComfortNoise, Nothing, Silence, Speech};

const SPEAKS: Sound = Speech(38);

impl Stage {
    fn of(talkers: &[Talker]) -> Self {
        let mut channel = Channel::new(1, Form::Opus);
        let mut mics = HashMap::new();
        for (talker, n) in talkers.iter().zip(1u8..) {
            channel.voice(*talker, Voice::On).unwrap();
            let (seq, timestamp) = (u16::MAX - u16::from(n), u32::from(n).wrapping_mul(0x3fff_0000));
            mics.insert(*talker, Mic { seq, timestamp, marker: false });
        }
        Self { channel, start: Instant::now(), ms: 0, mics, heard: vec![], slots: [None; SLOTS], changes: 0 }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// All named talkers make their sound for `ms`.
    fn go(&mut self, ms: u64, sounds: &[(Talker, Sound)]) {
        for _ in 0..ms / PACKET {
            for (talker, sound) in sounds {
                self.packet(*talker, *sound);
            }
            self.pass(PACKET);
        }
    }

    fn pass(&mut self, ms: u64) {
        self.ms += ms;
        if self.channel.poll_timeout().is_some_and(|at| at <= self.now()) {
            self.channel.handle_timeout(self.now());
            self.listen();
        }
    }

    fn packet(&mut self, talker: Talker, sound: Sound) {
        let now = self.now();
        let mic = self.mics.get_mut(&talker).unwrap();
        mic.timestamp = mic.timestamp.wrapping_add(960);
        let (level, len) = match sound {
            Speech(level) => (level, 80),
            Silence => (127, 12),
            ComfortNoise => (0, 1),
            Nothing => return,
        };
        mic.seq = mic.seq.wrapping_add(1);
        let payload = vec![u8::try_from(talker.0).unwrap(); len];
        let marker = std::mem::take(&mut mic.marker);
        let level = Some(Level::from_wire(level));
        let packet = VoicePacket { seq: mic.seq, timestamp: mic.timestamp, marker, level, payload: &payload };
        self.channel.handle_packet(now, talker, packet);
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(frame) = self.channel.poll_frame() {
            self.heard.push((self.ms, frame));
        }
        if let Some(slots) = self.channel.poll_slots() {
            self.slots = slots;
            self.changes += 1;
        }
    }

    fn heard_of(&self, talker: Talker) -> usize {
        self.heard.iter().filter(|(_, frame)| frame.talker == talker).count()
    }

    fn is_heard(&self, talker: Talker) -> bool {
        self.slots.contains(&Some(talker))
    }

    /// Milliseconds at which frames of this talker left.
    fn times(&self, talker: Talker) -> Vec<u64> {
        self.heard.iter().filter(|(_, frame)| frame.talker == talker).map(|(ms, _)| *ms).collect()
    }
}

#[test]
fn the_first_syllable_survives() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(1000, &[(ANN, Silence)]);
    stage.go(40, &[(ANN, SPEAKS)]);
    assert_eq!(stage.heard.len(), 0, "two packets may still be a click");
    stage.go(20, &[(ANN, SPEAKS)]);
    // The three packets of speech and the one before them: nothing of the syllable is lost.
    assert_eq!(stage.times(ANN), [1040; 4]);
    let frames: Vec<&Frame> = stage.heard.iter().map(|(_, frame)| frame).collect();
    assert!(frames[0].marker && frames[1..].iter().all(|frame| !frame.marker));
    for pair in frames.windows(2) {
        assert_eq!(pair[1].timestamp.wrapping_sub(pair[0].timestamp), 960);
    }
    assert_eq!(frames[0].payload.len(), 12, "the soft beginning");
    assert_eq!(frames[1].payload.as_bytes(), [11; 80]);
}

#[test]
fn a_click_is_not_speech() {
    let mut stage = Stage::of(&[ANN]);
    for _ in 0..20 {
        stage.go(40, &[(ANN, Speech(10))]);
        stage.go(80, &[(ANN, Silence)]);
    }
    assert_eq!(stage.heard.len(), 0);
}

#[test]
fn silence_is_not_forwarded_after_the_hold() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(1000, &[(ANN, SPEAKS)]);
    stage.go(5000, &[(ANN, Silence)]);
    let last = *stage.times(ANN).last().unwrap();
    let hold = u64::try_from(limits::HOLD.as_millis()).unwrap();
    assert!((980 + hold - PACKET..=980 + hold).contains(&last), "{last}");
    assert!(!stage.is_heard(ANN));
    assert_eq!(stage.channel.poll_timeout(), None, "nobody speaks: nothing to wake up for");
}

#[test]
fn a_breath_does_not_cost_the_slot() {
    let mut stage = Stage::of(&[ANN]);
    for _ in 0..5 {
        stage.go(1000, &[(ANN, SPEAKS)]);
        stage.go(600, &[(ANN, Silence)]);
    }
    assert_eq!(stage.changes, 1);
    assert_eq!(stage.heard_of(ANN), 5 * 80);
}

#[test]
fn comfort_noise_never_holds_or_gets_a_slot() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(2000, &[(ANN, ComfortNoise)]);
    assert_eq!(stage.heard.len(), 0);
    stage.go(200, &[(ANN, SPEAKS)]);
    assert!(stage.is_heard(ANN));
    stage.go(1000, &[(ANN, ComfortNoise)]);
    assert!(!stage.is_heard(ANN));
}

#[test]
fn a_talker_whose_packets_stop_gives_the_slot_back_by_time_alone() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(200, &[(ANN, SPEAKS)]);
    assert!(stage.is_heard(ANN));
    stage.go(820, &[(ANN, Nothing)]);
    assert!(!stage.is_heard(ANN));
}

#[test]
fn three_are_heard_and_a_fourth_as_loud_waits() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let all = [(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, SPEAKS), (MO, SPEAKS)];
    stage.go(2000, &all);
    assert!([ANN, BEN, CLEO].iter().all(|talker| stage.is_heard(*talker)));
    assert_eq!(stage.heard_of(MO), 0);
    stage.go(1000, &[(ANN, Silence), (BEN, SPEAKS), (CLEO, SPEAKS), (MO, SPEAKS)]);
    assert!(stage.is_heard(MO) && !stage.is_heard(ANN), "Ann is done, it is Mo's turn");
}

#[test]
fn a_free_slot_goes_to_the_loudest_who_waits() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO, Talker(55)]);
    stage.go(
        2000,
        &[(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, SPEAKS), (MO, Speech(50)), (Talker(55), Speech(40))],
    );
    stage.channel.voice(ANN, Voice::Off).unwrap();
    stage.go(20, &[(MO, Speech(50)), (Talker(55), Speech(40)), (BEN, SPEAKS), (CLEO, SPEAKS)]);
    assert!(stage.is_heard(Talker(55)) && !stage.is_heard(MO));
}

#[test]
fn a_cough_does_not_take_the_floor() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let talk = [(ANN, Speech(45)), (BEN, Speech(42)), (CLEO, Speech(45))];
    stage.go(3000, &[&talk[..], &[(MO, Silence)]].concat());
    let before = stage.slots;
    for _ in 0..5 {
        stage.go(240, &[&talk[..], &[(MO, Speech(12))]].concat());
        stage.go(1000, &[&talk[..], &[(MO, Silence)]].concat());
    }
    assert_eq!(stage.slots, before);
    assert_eq!(stage.heard_of(MO), 0);
}

#[test]
fn somebody_clearly_louder_takes_the_quietest_slot_and_nobody_else_moves() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let talk = [(ANN, Speech(36)), (BEN, Speech(48)), (CLEO, Speech(36))];
    stage.go(3000, &[&talk[..], &[(MO, Silence)]].concat());
    let before = stage.slots;
    stage.go(600, &[&talk[..], &[(MO, Speech(38))]].concat());
    assert_eq!(stage.slots, before.map(|slot| if slot == Some(BEN) { Some(MO) } else { slot }));
}

#[test]
fn somebody_a_little_louder_waits() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let talk = [(ANN, Speech(40)), (BEN, Speech(40)), (CLEO, Speech(40)), (MO, Speech(35))];
    stage.go(5000, &talk);
    assert_eq!(stage.heard_of(MO), 0);
}

#[test]
fn a_word_is_finished_before_the_slot_is_taken() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    stage.go(2000, &[(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, Silence), (MO, Silence)]);
    let talk = [(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, Speech(50)), (MO, Silence)];
    stage.go(100, &talk);
    assert!(stage.is_heard(CLEO));
    stage.go(900, &[(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, Speech(50)), (MO, Speech(30))]);
    assert!(stage.is_heard(CLEO), "tenure");
    stage.go(200, &[(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, Speech(50)), (MO, Speech(30))]);
    assert!(stage.is_heard(MO));
}

#[test]
fn three_that_shout_for_ever_cannot_keep_a_fourth_from_being_heard() {
    let liars = [(ANN, Speech(0)), (BEN, Speech(0)), (CLEO, Speech(0))];
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    stage.go(5000, &liars);
    // Honest speech, with its pauses.
    for _ in 0..10 {
        stage.go(1500, &[&liars[..], &[(MO, Speech(34))]].concat());
        stage.go(200, &[&liars[..], &[(MO, Silence)]].concat());
    }
    assert!(stage.heard_of(MO) > 200, "{}", stage.heard_of(MO));
}

#[test]
fn background_noise_gets_no_turn() {
    let talk = [(ANN, SPEAKS), (BEN, SPEAKS), (CLEO, SPEAKS), (MO, Speech(52))];
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    stage.go(30_000, &talk);
    assert_eq!(stage.heard_of(MO), 0);
}

#[test]
fn a_client_that_flaps_between_loud_and_silent_runs_dry() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let talk = [(ANN, Speech(48)), (BEN, Speech(48)), (CLEO, Speech(48))];
    stage.go(3000, &talk);
    let before = stage.changes;
    for _ in 0..60 {
        // Push somebody out, and let go again at once.
        stage.go(400, &[&talk[..], &[(MO, Speech(0))]].concat());
        stage.go(800, &[&talk[..], &[(MO, Silence)]].concat());
    }
    let grabs = (stage.changes - before) / 2;
    assert!((1..=26).contains(&grabs), "in 72 s: two at once and one in three seconds, not {grabs}");
}

#[test]
fn muting_and_unmuting_pushes_nobody_out_at_once() {
    let mut stage = Stage::of(&[ANN, BEN, CLEO, MO]);
    let talk = [(ANN, Speech(48)), (BEN, Speech(48)), (CLEO, Speech(48))];
    stage.go(3000, &talk);
    let before = stage.slots;
    for _ in 0..10 {
        stage.channel.voice(MO, Voice::Off).unwrap();
        stage.channel.voice(MO, Voice::On).unwrap();
        stage.go(600, &[&talk[..], &[(MO, Speech(0))]].concat());
    }
    assert_eq!(stage.slots, before);
}

#[test]
fn a_returning_talker_gets_the_same_slot() {
    let mut stage = Stage::of(&[ANN, BEN]);
    stage.go(200, &[(ANN, SPEAKS), (BEN, Silence)]);
    stage.go(1000, &[(ANN, SPEAKS), (BEN, SPEAKS)]);
    let before = stage.slots;
    stage.go(1000, &[(ANN, Silence), (BEN, Silence)]);
    assert_eq!(stage.slots, [None; SLOTS]);
    stage.go(200, &[(ANN, Silence), (BEN, SPEAKS)]);
    stage.go(200, &[(ANN, SPEAKS), (BEN, SPEAKS)]);
    assert_eq!(stage.slots, before);
}

#[test]
fn a_muted_speaker_is_not_heard() {
    let mut stage = Stage::of(&[ANN, BEN]);
    stage.go(1000, &[(ANN, SPEAKS), (BEN, SPEAKS)]);
    stage.channel.voice(ANN, Voice::Off).unwrap();
    stage.listen();
    stage.heard.clear();
    stage.go(2000, &[(ANN, Speech(0)), (BEN, SPEAKS)]);
    assert_eq!(stage.heard_of(ANN), 0);
    assert_eq!(stage.heard_of(BEN), 100);
    assert!(!stage.is_heard(ANN));
}

#[test]
fn who_is_cut_off_in_a_word_ends_in_silence_at_once_without_anybody_else_having_to_speak() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(200, &[(ANN, SPEAKS)]);
    let (_, last) = stage.heard.last().unwrap().clone();
    stage.channel.voice(ANN, Voice::Off).unwrap();
    assert!(stage.channel.poll_timeout().is_some_and(|at| at <= stage.now()), "it wants to be polled");
    stage.heard.clear();
    stage.pass(0);
    let ends: Vec<_> =
        stage.heard.iter().map(|(_, frame)| (frame.slot, frame.timestamp, frame.payload.to_vec())).collect();
    let end = |n: u32| (last.slot, last.timestamp.wrapping_add(n * 960), SILENCE.to_vec());
    assert_eq!(ends, [end(1), end(2)], "behind the last word, in its slot");
    assert_eq!(stage.channel.poll_timeout(), None);
    stage.channel.voice(ANN, Voice::On).unwrap();
    stage.go(200, &[(ANN, SPEAKS)]);
    let (_, next) = stage.heard[2].clone();
    assert!(
        (3..8).contains(&(next.timestamp.wrapping_sub(last.timestamp) / 960)),
        "speaking again comes after it"
    );
}

#[test]
fn who_was_not_heard_when_they_were_cut_off_says_nothing_by_it() {
    let mut stage = Stage::of(&[ANN, BEN]);
    stage.go(200, &[(ANN, Silence), (BEN, SPEAKS)]);
    stage.channel.voice(ANN, Voice::Off).unwrap();
    stage.channel.voice(CLEO, Voice::Off).unwrap();
    assert_eq!(stage.channel.poll_frame(), None);
    let mut sealed = Channel::new(1, Form::Sealed);
    sealed.voice(ANN, Voice::On).unwrap();
    for seq in 0..10u16 {
        let (timestamp, level) = (u32::from(seq) * 960, Some(Level::from_wire(30)));
        let packet = VoicePacket { seq, timestamp, marker: false, level, payload: &[1; 80] };
        sealed.handle_packet(stage.now() + Duration::from_millis(u64::from(seq) * PACKET), ANN, packet);
    }
    let heard = std::iter::from_fn(|| sealed.poll_frame()).count();
    assert!(heard > 0 && sealed.slots().contains(&Some(ANN)));
    sealed.voice(ANN, Voice::Off).unwrap();
    assert_eq!(sealed.poll_frame(), None, "nobody but the talker could seal it");
}

#[test]
fn frames_that_wait_are_not_sent_for_somebody_just_cut_off() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(200, &[(ANN, SPEAKS)]);
    let now = stage.now();
    let payload = [11; 80];
    let level = Some(Level::from_wire(30));
    let (seq, timestamp) =
        (stage.mics[&ANN].seq.wrapping_add(1), stage.mics[&ANN].timestamp.wrapping_add(960));
    stage.channel.handle_packet(
        now,
        ANN,
        VoicePacket { seq, timestamp, marker: false, level, payload: &payload },
    );
    stage.channel.voice(ANN, Voice::Off).unwrap();
    stage.listen();
    assert!(stage.heard.iter().rev().take(2).all(|(_, frame)| *frame.payload == SILENCE));
    assert!(stage.heard.iter().rev().skip(2).all(|(_, frame)| frame.payload.len() == 80));
    assert_eq!(stage.heard_of(ANN), 12, "ten packets, and two of silence");
}

#[test]
fn a_reordered_packet_is_left_out_and_a_lost_one_leaves_a_gap() {
    let mut channel = Channel::new(1, Form::Opus);
    channel.voice(ANN, Voice::On).unwrap();
    let start = Instant::now();
    let mut heard = vec![];
    for (i, seq) in [0u16, 1, 2, 3, 5, 4, 6, 8].into_iter().enumerate() {
        let payload = [u8::try_from(seq).unwrap(); 40];
        let (timestamp, level) = (u32::from(seq) * 960, Some(Level::from_wire(35)));
        let packet = VoicePacket { seq, timestamp, marker: false, level, payload: &payload };
        channel.handle_packet(start + Duration::from_millis(i as u64 * 20), ANN, packet);
        while let Some(frame) = channel.poll_frame() {
            heard.push((frame.payload[0], frame.timestamp));
        }
    }
    let (who, when): (Vec<u8>, Vec<u32>) = heard.into_iter().unzip();
    assert_eq!(who, [0, 1, 2, 3, 5, 6, 8]);
    let steps: Vec<u32> = when.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    assert_eq!(steps, [960, 960, 960, 1920, 960, 1920]);
}

#[test]
fn a_sentence_after_a_pause_is_marked() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(400, &[(ANN, SPEAKS)]);
    stage.go(400, &[(ANN, Nothing)]);
    stage.heard.clear();
    stage.go(100, &[(ANN, SPEAKS)]);
    let markers: Vec<bool> = stage.heard.iter().map(|(_, frame)| frame.marker).collect();
    assert_eq!(markers, [true, false, false, false, false]);
}

#[test]
fn the_slot_clock_goes_on_between_two_talkers() {
    let mut stage = Stage::of(&[ANN, BEN]);
    stage.go(1000, &[(ANN, SPEAKS), (BEN, Silence)]);
    stage.go(3000, &[(ANN, Silence), (BEN, Silence)]);
    stage.go(1000, &[(ANN, Silence), (BEN, SPEAKS)]);
    // What was said at the moment of admission, after the pre-roll.
    let at = |talker| {
        let admitted = stage.times(talker)[0];
        stage.heard.iter().rfind(|(ms, frame)| frame.talker == talker && *ms == admitted).unwrap()
    };
    let (ann, ben) = (at(ANN), at(BEN));
    assert_eq!(ann.1.slot, ben.1.slot);
    let ticks = ben.1.timestamp.wrapping_sub(ann.1.timestamp);
    assert_eq!(ticks, u32::try_from(ben.0 - ann.0).unwrap() * 48, "as much as has passed");
}

#[test]
fn a_client_without_levels_is_heard() {
    let mut channel = Channel::new(1, Form::Opus);
    channel.voice(ANN, Voice::On).unwrap();
    let start = Instant::now();
    let mut heard = 0;
    for seq in 0..100u16 {
        let payload = vec![7; if seq < 50 { 10 } else { 90 }];
        let timestamp = u32::from(seq) * 960;
        let packet = VoicePacket { seq, timestamp, marker: false, level: None, payload: &payload };
        channel.handle_packet(start + Duration::from_millis(u64::from(seq) * 20), ANN, packet);
        heard += std::iter::from_fn(|| channel.poll_frame()).count();
    }
    assert_eq!(heard, 51);
}

#[test]
fn a_payload_that_is_too_long_is_dropped_alone() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(100, &[(ANN, SPEAKS)]);
    let heard = stage.heard.len();
    let long = vec![1; limits::VOICE_PAYLOAD + 1];
    let packet = VoicePacket { seq: 0, timestamp: 0, marker: false, level: None, payload: &long };
    stage.channel.handle_packet(stage.now(), ANN, packet);
    stage.go(20, &[(ANN, SPEAKS)]);
    assert_eq!(stage.heard.len(), heard + 1);
}

#[test]
fn one_voice_too_many_is_said() {
    let mut channel = Channel::new(1, Form::Opus);
    for n in 0..limits::TALKERS_PER_CHANNEL {
        assert_eq!(channel.voice(Talker(u32::try_from(n).unwrap()), Voice::On), Ok(()));
    }
    assert_eq!(channel.voice(Talker(9999), Voice::On), Err(TooManyVoices));
    channel.voice(Talker(5), Voice::Off).unwrap();
    assert_eq!(channel.voice(Talker(9999), Voice::On), Ok(()));
}

#[test]
fn a_new_connection_of_a_talker_goes_on_in_the_same_slot() {
    let mut stage = Stage::of(&[ANN]);
    stage.go(1000, &[(ANN, SPEAKS)]);
    let slots = stage.slots;
    // Sequence numbers of the new stream lie a little behind those of the old one: not late, new.
    let mic = stage.mics.get_mut(&ANN).unwrap();
    (mic.seq, mic.timestamp) = (mic.seq.wrapping_sub(50), 77);
    stage.channel.voice(ANN, Voice::On).unwrap();
    let before = stage.heard.len();
    stage.go(1000, &[(ANN, SPEAKS)]);
    assert_eq!(stage.slots, slots);
    assert!(stage.heard.len() >= before + 40, "at most 200 ms are lost: {}", stage.heard.len() - before);
}
