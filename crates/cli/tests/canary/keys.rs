//! Keys by their shape. Nobody gives out what sound is encrypted with; but AES works with a schedule, sixteen bytes for each
//! round of which each follows from those before it, and no other bytes in memory look like that by chance.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::memory::Copy;

/// Every key that is somebody's and lies in memory, by its bytes, and where.
pub(crate) type Keys = BTreeMap<Vec<u8>, Vec<String>>;

/// Bytes of the longest schedule: fifteen rounds.
const LONGEST: usize = 240;
/// Where one may begin: the library keeps them as words.
const STEP: usize = 4;
/// Where two pointers to functions follow the schedule that a thread draws random numbers with (`CTR_DRBG_STATE`). It is
/// nobody's, and another one after each draw.
const FUNCTIONS: Range<usize> = 248..264;

pub(crate) fn look(copy: &Copy) -> Keys {
    let substitution = substitution();
    let mut keys = Keys::new();
    for piece in copy.pieces() {
        for at in (0..piece.bytes.len()).step_by(STEP) {
            let bytes = &piece.bytes[at..];
            if let Some(key) = key_at(&substitution, bytes).filter(|_| !draws(bytes, &copy.code)) {
                keys.entry(key.to_vec()).or_default().push(copy.place(piece, piece.at + at));
            }
        }
    }
    keys
}

fn draws(bytes: &[u8], code: &[Range<usize>]) -> bool {
    bytes.get(FUNCTIONS).is_some_and(|pointers| {
        pointers.chunks_exact(8).all(|pointer| {
            let pointer = usize::from_le_bytes(pointer.try_into().expect("eight bytes"));
            code.iter().any(|range| range.contains(&pointer))
        })
    })
}

/// The key whose schedule these bytes begin with.
fn key_at<'a>(substitution: &[u8; 256], bytes: &'a [u8]) -> Option<&'a [u8]> {
    [(16, 176), (32, LONGEST)].into_iter().find_map(|(key, all)| {
        // Of nearly all bytes the first one says that they are nothing.
        let schedule = bytes.get(..all)?;
        let first = schedule[0] ^ substitution[usize::from(schedule[key - 3])] ^ 1;
        (schedule[key] == first && is_schedule(substitution, schedule, key)).then(|| &schedule[..key])
    })
}

/// FIPS 197 section 5.2.
fn is_schedule(substitution: &[u8; 256], bytes: &[u8], key: usize) -> bool {
    let word = |at: usize| [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    let substituted = |word: [u8; 4]| word.map(|byte| substitution[usize::from(byte)]);
    let mut round = 1;
    (key..bytes.len()).step_by(4).all(|at| {
        let mut before = word(at - 4);
        if at % key == 0 {
            before.rotate_left(1);
            before = substituted(before);
            before[0] ^= round;
            round = double(round);
        } else if key == 32 && at % key == 16 {
            before = substituted(before);
        }
        let first = word(at - key);
        word(at) == [0, 1, 2, 3].map(|i| first[i] ^ before[i])
    })
}

/// FIPS 197 section 5.1.1: the inverse in the field of 256, and a turn of its bits.
fn substitution() -> [u8; 256] {
    let mut table = [0x63; 256];
    // Every element is a power of 3; its inverse the same power of the inverse of 3.
    let (mut power, mut inverse) = (1u8, 1u8);
    for _ in 0..255 {
        power ^= double(power);
        inverse = (0..8)
            .filter(|bit| 0xf6 >> bit & 1 == 1)
            .fold(0, |sum, bit| sum ^ (0..bit).fold(inverse, |shifted, _| double(shifted)));
        table[usize::from(power)] = (1..5).fold(inverse, |sum, turn| sum ^ inverse.rotate_left(turn)) ^ 0x63;
    }
    table
}

fn double(byte: u8) -> u8 {
    byte << 1 ^ if byte >> 7 == 1 { 0x1b } else { 0 }
}
