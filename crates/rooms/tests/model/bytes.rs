//! Sequences out of bytes, for whoever draws bytes: three for each step.

use protocol::room::{Confidentiality, RoomKind};

use super::naive::CAST;
use super::{DEEDS, Step, hold};

/// More find nothing that fewer do not.
const STEPS_MAX: usize = 300;
const SECONDS: [u64; 11] = [1, 9, 10, 29, 30, 31, 59, 60, 90, 590, 600];

/// # Panics
/// Where room and model disagree.
pub(crate) fn sequence(bytes: &[u8]) {
    let (head, rest) = bytes.split_first().unwrap_or((&0, &[]));
    let kind = [RoomKind::Open, RoomKind::Social, RoomKind::Closed][usize::from(head % 3)];
    let secrecy = [Confidentiality::Relayed, Confidentiality::Sealed][usize::from(head / 3 % 2)];
    let steps: Vec<Step> = rest.as_chunks::<3>().0.iter().take(STEPS_MAX).map(step).collect();
    hold(kind, secrecy, &steps).unwrap_or_else(|error| panic!("{error}; {steps:?}"));
}

/// Mostly what people do to each other.
fn step([what, by, to]: &[u8; 3]) -> Step {
    let person = |byte: &u8| usize::from(*byte) % CAST.len();
    match what {
        0..=23 => Step::Comes(person(by)),
        24..=31 => Step::Leaves(person(by)),
        32..=39 => Step::LosesTheLine(person(by)),
        40..=47 => Step::IsBack(person(by)),
        48..=51 => Step::Declines(person(by)),
        52..=59 => Step::Reacts(person(by), 1 + usize::from(to % 6)),
        60..=67 => Step::Asks(person(by), person(to)),
        68..=71 => Step::ComesToTheServer(person(by), person(to)),
        72..=79 => Step::Follows(person(by), *to),
        80..=95 => Step::Seconds(SECONDS[usize::from(*by) % SECONDS.len()]),
        96..=99 => Step::Crash,
        100..=105 => Step::Speaks(person(by)),
        106..=109 => Step::Reports(person(by), person(to)),
        110..=113 => Step::CoSigns(person(by), person(to)),
        deed => {
            let deed = DEEDS[usize::from(*deed) % DEEDS.len()];
            // Olga, who may do most, does a third of it.
            let by = if by % 3 == 0 { 0 } else { person(by) };
            Step::Does(by, deed, person(to))
        }
    }
}

#[test]
fn bytes_of_every_kind_are_steps_of_every_kind() {
    let all: Vec<Step> = (0..=255).map(|what| step(&[what, 1, 2])).collect();
    for deed in DEEDS {
        assert!(all.iter().any(|step| matches!(step, Step::Does(_, does, _) if *does == deed)), "{deed:?}");
    }
    let mut kinds = Vec::new();
    for kind in all.iter().map(std::mem::discriminant) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    assert_eq!(kinds.len(), 15);
    for head in 0..6 {
        sequence(&[&[head][..], &all.iter().flat_map(|_| [200, 4, 5]).collect::<Vec<_>>()].concat());
    }
}
