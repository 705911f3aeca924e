//! libopus, as transpiled to Rust: C in all but name, behind a few safe types.

#![expect(unsafe_code, reason = "the reference speaks in pointers")]

use std::ffi::c_int;
use std::ptr::null_mut;

use unsafe_libopus::varargs;

/// 48 kHz ticks of the longest packet.
const LONGEST: usize = 5_760;

pub(crate) struct Encoder(*mut unsafe_libopus::OpusEncoder);

impl Encoder {
    /// Mono, for voices.
    pub(crate) fn new() -> Self {
        // SAFETY: no error is asked for; the result is checked.
        let encoder = unsafe {
            unsafe_libopus::opus_encoder_create(48_000, 1, unsafe_libopus::OPUS_APPLICATION_VOIP, null_mut())
        };
        assert!(!encoder.is_null());
        Self(encoder)
    }

    /// One of the `OPUS_SET_…` requests.
    pub(crate) fn set(&mut self, request: c_int, value: c_int) {
        // SAFETY: the encoder lives, and every such request takes one number.
        let result = unsafe { unsafe_libopus::opus_encoder_ctl_impl(self.0, request, varargs!(value)) };
        assert_eq!(result, unsafe_libopus::OPUS_OK, "{request} {value}");
    }

    pub(crate) fn encode(&mut self, pcm: &[i16]) -> Vec<u8> {
        let mut packet = vec![0; 960];
        // SAFETY: mono, so as many samples as `pcm` has; at most as many bytes as `packet` has.
        let length = unsafe {
            unsafe_libopus::opus_encode(
                self.0,
                pcm.as_ptr(),
                int(pcm.len()),
                packet.as_mut_ptr(),
                int(packet.len()),
            )
        };
        packet.truncate(usize::try_from(length).expect("encoded"));
        packet
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_encoder_create`, and not used any more.
        unsafe { unsafe_libopus::opus_encoder_destroy(self.0) }
    }
}

pub(crate) struct Decoder(*mut unsafe_libopus::OpusDecoder);

impl Decoder {
    pub(crate) fn new() -> Self {
        // SAFETY: no error is asked for; the result is checked.
        let decoder = unsafe { unsafe_libopus::opus_decoder_create(48_000, 1, null_mut()) };
        assert!(!decoder.is_null());
        Self(decoder)
    }

    pub(crate) fn decode(&mut self, packet: &[u8]) -> Vec<i16> {
        let mut pcm = vec![0; LONGEST];
        // SAFETY: mono, so `pcm` holds as many samples as it is said to.
        let samples = unsafe {
            unsafe_libopus::opus_decode(
                self.0,
                packet.as_ptr(),
                int(packet.len()),
                pcm.as_mut_ptr(),
                int(pcm.len()),
                0,
            )
        };
        pcm.truncate(usize::try_from(samples).expect("a packet that libopus takes"));
        pcm
    }

    /// What is invented for so many samples of which no packet came.
    pub(crate) fn conceal(&mut self, samples: u32) -> Vec<i16> {
        let mut pcm = vec![0; usize::try_from(samples).expect("few")];
        // SAFETY: mono, so `pcm` holds as many samples as it is said to; no packet is a null pointer.
        let made = unsafe {
            unsafe_libopus::opus_decode(self.0, std::ptr::null(), 0, pcm.as_mut_ptr(), int(pcm.len()), 0)
        };
        pcm.truncate(usize::try_from(made).expect("something is always invented"));
        pcm
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: made by `opus_decoder_create`, and not used any more.
        unsafe { unsafe_libopus::opus_decoder_destroy(self.0) }
    }
}

/// The frames of a packet; `None` when libopus finds it broken.
pub(crate) fn frames(packet: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (mut toc, mut frames, mut sizes) = (0, [std::ptr::null(); 48], [0; 48]);
    // SAFETY: a packet has at most 48 frames; the offset of the payload is not asked for.
    let count = unsafe {
        unsafe_libopus::opus_packet_parse(
            packet.as_ptr(),
            int(packet.len()),
            &raw mut toc,
            frames.as_mut_ptr(),
            sizes.as_mut_ptr(),
            null_mut(),
        )
    };
    let count = usize::try_from(count).ok()?;
    let frame = |(start, size): (*const u8, i16)| {
        // SAFETY: libopus points into `packet`, and says how far.
        unsafe { std::slice::from_raw_parts(start, usize::try_from(size).expect("a size")) }.to_vec()
    };
    Some(frames.into_iter().zip(sizes).take(count).map(frame).collect())
}

/// One packet with the frames of all. `None` when they cannot share one.
pub(crate) fn repacketized(packets: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut out = vec![0; 100_000];
    // SAFETY: the packets outlive the repacketizer, which points into them; `out` is as long as it is said to be.
    let length = unsafe {
        let all = unsafe_libopus::opus_repacketizer_create();
        let taken = packets.iter().all(|packet| {
            unsafe_libopus::opus_repacketizer_cat(all, packet.as_ptr(), int(packet.len()))
                == unsafe_libopus::OPUS_OK
        });
        let length = if taken {
            unsafe_libopus::opus_repacketizer_out(all, out.as_mut_ptr(), int(out.len()))
        } else {
            -1
        };
        unsafe_libopus::opus_repacketizer_destroy(all);
        length
    };
    out.truncate(usize::try_from(length).ok()?);
    Some(out)
}

/// The packet, padded to `length`.
pub(crate) fn padded(packet: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = packet.to_vec();
    bytes.resize(length.max(packet.len()), 0);
    // SAFETY: there is room for the new length.
    let result =
        unsafe { unsafe_libopus::opus_packet_pad(bytes.as_mut_ptr(), int(packet.len()), int(bytes.len())) };
    assert_eq!(result, unsafe_libopus::OPUS_OK);
    bytes
}

fn int(length: usize) -> c_int {
    c_int::try_from(length).expect("small")
}
