//! Payloads of end-to-end encrypted rooms: frames that nobody here can read, each behind its length (two bytes, the
//! higher first). Always, also around a single frame, so that a listener need not guess.

/// Bytes of a length.
const LENGTH: usize = 2;

/// A payload of one frame; returns its length. `None` when there is no room, or nothing in the frame.
pub fn write(frame: &[u8], out: &mut [u8]) -> Option<usize> {
    let length = u16::try_from(frame.len()).ok().filter(|length| *length > 0)?;
    let (head, body) = out.get_mut(..LENGTH + frame.len())?.split_at_mut(LENGTH);
    head.copy_from_slice(&length.to_be_bytes());
    body.copy_from_slice(frame);
    Some(LENGTH + frame.len())
}

/// The frames of one payload and behind them those of another; returns the length. `None` when there is no room.
pub fn join(first: &[u8], next: &[u8], out: &mut [u8]) -> Option<usize> {
    let (head, tail) = out.get_mut(..first.len() + next.len())?.split_at_mut(first.len());
    head.copy_from_slice(first);
    tail.copy_from_slice(next);
    Some(first.len() + next.len())
}

/// Takes a payload apart. The frames before a broken end are given out.
pub fn split(payload: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = payload;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<LENGTH>()?;
        let (frame, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(frame)
    })
    .filter(|frame| !frame.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::VOICE_PAYLOAD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in(frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 1..4)) {
            let (mut all, mut one, mut both) = (Vec::new(), [0; VOICE_PAYLOAD], [0; VOICE_PAYLOAD]);
            for frame in &frames {
                let length = write(frame, &mut one).expect("room");
                let length = join(&all, &one[..length], &mut both).expect("room");
                all = both[..length].to_vec();
            }
            prop_assert_eq!(split(&all).collect::<Vec<_>>(), frames);
        }

        #[test]
        fn any_bytes_are_taken_apart(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            let frames: usize = split(&payload).map(|frame| LENGTH + frame.len()).sum();
            prop_assert!(frames <= payload.len());
        }
    }

    #[test]
    fn an_empty_frame_is_none_and_no_room_is_no_payload() {
        assert_eq!(write(&[], &mut [0; 10]), None);
        assert_eq!(write(&[1; 9], &mut [0; 10]), None);
        assert_eq!(join(&[1; 6], &[2; 6], &mut [0; 10]), None);
        assert_eq!(split(&[0, 0, 0, 1, 7]).collect::<Vec<_>>(), [[7]]);
        assert_eq!(split(&[0, 1, 7, 0, 5, 1]).collect::<Vec<_>>(), [[7]]);
    }
}
