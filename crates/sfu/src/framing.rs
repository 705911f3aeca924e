//! Datagrams in a stream of bytes: two bytes of length before each (RFC 4571 section 2).

use media::limits::{DATAGRAM, MESSAGE};

/// Bytes before every frame.
pub(crate) const LENGTH: usize = 2;

/// The longest message as frames: no batch has more datagrams in one message than it has slots to fill.
pub(crate) const FRAMED_MESSAGE: usize = MESSAGE + 8 * LENGTH;

/// The stream is not one of frames that are looked at: nothing behind this place can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Takes whole frames off the front of what has come.
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    bytes: &'a [u8],
}

impl<'a> Frames<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next whole frame; `None` when the rest is not there yet.
    pub fn pop(&mut self) -> Result<Option<&'a [u8]>, TooLong> {
        let Some((length, rest)) = self.bytes.split_first_chunk::<LENGTH>() else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes(*length));
        if length > DATAGRAM {
            return Err(TooLong);
        }
        let Some((frame, rest)) = rest.split_at_checked(length) else { return Ok(None) };
        self.bytes = rest;
        Ok(Some(frame))
    }

    /// The beginning of a frame: shorter than the longest frame once [`Self::pop`] has said `None`.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

/// Writes datagrams as frames behind each other; `None` when they do not fit.
pub(crate) fn write<'a>(datagrams: impl Iterator<Item = &'a [u8]>, out: &mut [u8]) -> Option<usize> {
    let mut end = 0;
    for datagram in datagrams {
        let length = u16::try_from(datagram.len()).ok()?.to_be_bytes();
        out.get_mut(end..end + LENGTH)?.copy_from_slice(&length);
        end += LENGTH;
        out.get_mut(end..end + datagram.len())?.copy_from_slice(datagram);
        end += datagram.len();
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::ice::Credentials;
    use media::rtp::RtpPacket;
    use media::stun::Check;
    use media::{Incarnation, PeerKey, ShardIndex};
    use proptest::prelude::*;

    macro_rules! streams {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_bytes!(concat!("../../media/corpus/streams/", $name, ".bin")).as_slice())),*]
        };
    }

    /// How the connections of real browsers begin.
    const BROWSERS: [(&str, &[u8]); 2] = streams!["chromium-156-start", "firefox-153-start"];

    fn read_all(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let mut frames = Frames::new(bytes);
        let whole = std::iter::from_fn(|| frames.pop().expect("short").map(<[u8]>::to_vec)).collect();
        (whole, frames.rest().len())
    }

    proptest! {
        #[test]
        fn datagrams_come_out_of_the_stream_as_they_went_in_wherever_it_is_cut(
            datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..8),
            cut in 0usize..2_000,
        ) {
            let mut out = [0; FRAMED_MESSAGE];
            let end = write(datagrams.iter().map(Vec::as_slice), &mut out).expect("fits");
            let cut = cut.min(end);
            let (mut came, left) = read_all(&out[..cut]);
            let (later, nothing) = read_all(&out[cut - left..end]);
            came.extend(later);
            prop_assert_eq!(nothing, 0);
            prop_assert_eq!(came, datagrams);
        }

        #[test]
        fn a_browsers_stream_is_the_same_frames_however_it_comes(
            which in 0..BROWSERS.len(),
            pieces in proptest::collection::vec(1usize..1_500, 1..40),
        ) {
            let (_, stream) = BROWSERS[which];
            let (whole, _) = read_all(stream);
            let (mut came, mut kept, mut rest) = (Vec::new(), Vec::new(), stream);
            for piece in pieces.into_iter().chain([stream.len()]) {
                let (read, later) = rest.split_at(piece.min(rest.len()));
                kept.extend_from_slice(read);
                let (frames, left) = read_all(&kept);
                came.extend(frames);
                kept.drain(..kept.len() - left);
                prop_assert!(kept.len() < LENGTH + DATAGRAM);
                rest = later;
            }
            prop_assert_eq!(kept, b"");
            prop_assert_eq!(came, whole);
        }

        #[test]
        fn a_mangled_stream_is_frames_up_to_where_it_is_mangled(
            which in 0..BROWSERS.len(),
            at: prop::sample::Index,
            byte: u8,
            cut in 0usize..2_000,
        ) {
            let (_, stream) = BROWSERS[which];
            let mut mangled = stream.to_vec();
            let at = at.index(mangled.len());
            mangled[at] = byte;
            mangled.truncate(mangled.len() - cut);
            let (mut frames, mut same) = (Frames::new(&mangled), Frames::new(stream));
            while let Ok(Some(frame)) = frames.pop() {
                prop_assert!(frame.len() <= DATAGRAM);
                if mangled.len() - frames.rest().len() <= at {
                    prop_assert_eq!(same.pop(), Ok(Some(frame)));
                }
            }
        }

        #[test]
        fn any_bytes_are_frames_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
            let mut frames = Frames::new(&bytes);
            while let Ok(Some(frame)) = frames.pop() {
                prop_assert!(frame.len() <= DATAGRAM);
            }
        }
    }

    #[test]
    fn a_frame_longer_than_any_packet_is_refused_before_it_has_come() {
        assert_eq!(Frames::new(&[0xff, 0xff]).pop(), Err(TooLong));
        assert_eq!(Frames::new(&[0x05, 0xc0]).pop(), Ok(None), "1472 bytes may still come");
    }

    #[test]
    fn a_browsers_stream_begins_with_a_check_that_is_true_and_goes_on_to_voices() {
        let peer = PeerKey { shard: ShardIndex(0), index: 1, generation: 0 };
        let pwd = Credentials::new(peer, Incarnation(77), [2; 18]).pwd;
        for ((name, stream), format) in BROWSERS.into_iter().zip([63, 109]) {
            let (frames, left) = read_all(stream);
            assert_eq!(left, 0, "{name}");
            let (checks, others): (Vec<_>, Vec<_>) = frames.iter().partition(|frame| frame[0] == 0);
            for check in &checks {
                let check = Check::parse(check).expect(name);
                assert!(check.ufrag.peer == peer && check.verify(&pwd), "{name}");
            }
            assert_eq!(checks.first(), Some(&&frames[0]), "{name}");
            let (handshake, voices): (Vec<_>, Vec<_>) = others.into_iter().partition(|frame| frame[0] == 22);
            assert_eq!((handshake.len(), voices.len()), (3, 4), "{name}");
            for voice in voices {
                assert_eq!(RtpPacket::parse(voice).expect(name).payload_type, format, "{name}");
            }
        }
    }
}
