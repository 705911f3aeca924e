//! Packets as containers: ours against libopus, byte for byte.

use media::Form;
use media::limits::VOICE_PAYLOAD;
use media::pack::opus::{Frames, ticks};
use proptest::prelude::*;

use crate::reference::{frames, padded, repacketized};

fn ours(packet: &[u8]) -> Option<Vec<Vec<u8>>> {
    Some(Frames::parse(packet)?.iter().map(<[u8]>::to_vec).collect())
}

/// A packet of any shape: one frame or several, short and long, equally long or not, padded or not.
fn packet(toc: u8) -> impl Strategy<Value = Vec<u8>> {
    let frame = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..80),
        1 => proptest::collection::vec(any::<u8>(), 248..258),
    ];
    let lengths = proptest::collection::vec(frame, 1..5);
    (lengths, any::<bool>(), prop_oneof![3 => Just(0usize), 1 => 1usize..600]).prop_filter_map(
        "longer than 120 ms",
        move |(frames, equal, padding)| {
            let single = |mut frame: Vec<u8>| {
                // Also as long as those of the other packet.
                if equal {
                    frame.resize(40, 7);
                }
                [vec![toc & !3], frame].concat()
            };
            let packet = repacketized(&frames.into_iter().map(single).collect::<Vec<_>>())?;
            Some(if padding == 0 { packet } else { padded(&packet, packet.len() + padding) })
        },
    )
}

proptest! {
    #[test]
    fn any_bytes_are_the_frames_that_libopus_finds_in_them(bytes in proptest::collection::vec(any::<u8>(), 1..80)) {
        prop_assert_eq!(ours(&bytes), frames(&bytes));
    }

    #[test]
    fn frames_of_any_length_are_found(head: [u8; 4], long in 0usize..2_000) {
        let mut bytes = head.to_vec();
        bytes.resize(long.max(4), 3);
        prop_assert_eq!(ours(&bytes), frames(&bytes));
    }

    #[test]
    fn two_packets_join_as_libopus_joins_them(
        (first, next) in (any::<u8>(), prop_oneof![9 => Just(0u8), 1 => any::<u8>()])
            .prop_flat_map(|(toc, other)| (packet(toc), packet(toc ^ other)))
    ) {
        let joined = Form::Opus.join(&first, &next).map(|payload| payload.to_vec());
        let expected = repacketized(&[first, next]).filter(|packet| packet.len() <= VOICE_PAYLOAD);
        prop_assert_eq!(joined, expected);
    }

    #[test]
    fn any_two_payloads_join_or_do_not(
        first in proptest::collection::vec(any::<u8>(), 0..500),
        next in proptest::collection::vec(any::<u8>(), 0..500),
        form in prop_oneof![Just(Form::Opus), Just(Form::Sealed)],
    ) {
        let joined = form.join(&first, &next);
        prop_assert!(joined.is_none_or(|joined| joined.len() <= first.len() + next.len() + 8));
    }
}

#[test]
fn every_configuration_lasts_as_long_as_the_standard_says() {
    let ms = |config: u8| ticks(&[config << 3, 0]).map(|ticks| f64::from(ticks) / 48.0);
    let lengths: Vec<f64> = (0..32).map(|config| ms(config).expect("a packet")).collect();
    assert_eq!(lengths[..12], [10.0, 20.0, 40.0, 60.0].repeat(3));
    assert_eq!(lengths[12..16], [10.0, 20.0].repeat(2));
    assert_eq!(lengths[16..], [2.5, 5.0, 10.0, 20.0].repeat(4));
}

#[test]
fn more_than_120_ms_do_not_share_a_packet() {
    let sixty = [vec![0b0001_1000], vec![1; 50]].concat();
    let two = Form::Opus.join(&sixty, &sixty).expect("120 ms");
    assert_eq!(Form::Opus.join(&two, &sixty), None);
}
