//! Datagrams from nobody: forged, replayed, torn, and made to be answered.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::random::Random;

/// Datagrams in a burst, from one address: some thousands a second in all. Faster than that they only crowd out the attackers
/// themselves, who share the processors with the server.
const BURST: usize = 20;
/// Between two bursts.
const PAUSE: Duration = Duration::from_millis(5);
/// What an address that nobody has validated may make the server send, of what it sent itself.
const ANSWERED_MAX: u64 = 3;

/// Of all kinds together.
#[derive(Debug, Default)]
pub(crate) struct Knocked {
    pub(crate) datagrams: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// Of the kind that was answered most: bytes out for each byte in.
    pub(crate) most_answered: f64,
}

/// What browsers sent, for other servers: the corpus of the media engine.
const SENT: [(&str, &[u8]); 6] = [
    ("a check", include_bytes!("../../../media/corpus/packets/chromium-156-nomination.bin")),
    ("half a hello", include_bytes!("../../../media/corpus/packets/chromium-156-hello-1.bin")),
    ("a hello", include_bytes!("../../../media/corpus/packets/firefox-153-hello-1.bin")),
    ("a voice", include_bytes!("../../../media/corpus/packets/chromium-156-voice.bin")),
    ("a report", include_bytes!("../../../media/corpus/packets/chromium-156-receiver-report.bin")),
    ("the end of a hello", include_bytes!("../../../media/corpus/packets/firefox-153-hello-2.bin")),
];

/// "Where am I?", without a name (RFC 8489 section 14).
const WHERE_AM_I: [u8; 20] = *b"\x00\x01\x00\x00\x21\x12\xa4\x42nobody here!";

/// One socket a kind, each counting what it says and what it is told.
pub(crate) fn knock(server: SocketAddr, span: Duration) -> Knocked {
    let mut random = Random::new(1);
    let mut kinds: Vec<(&str, UdpSocket, u64, u64)> = SENT
        .iter()
        .map(|(name, _)| *name)
        .chain(["where am I", "noise"])
        .map(|name| {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
            socket.set_nonblocking(true).expect("set");
            (name, socket, 0, 0)
        })
        .collect();
    let (begun, mut knocked) = (Instant::now(), Knocked::default());
    let mut buffer = [0; 2_048];
    while begun.elapsed() < span {
        for (name, socket, sent, told) in &mut kinds {
            for _ in 0..BURST {
                let bytes = datagram(name, &mut random);
                if socket.send_to(&bytes, server).is_ok() {
                    knocked.datagrams += 1;
                    *sent += bytes.len() as u64;
                }
            }
            while let Ok((length, _)) = socket.recv_from(&mut buffer) {
                *told += length as u64;
            }
            std::thread::sleep(PAUSE);
        }
    }
    for (name, _, sent, told) in kinds {
        assert!(told <= ANSWERED_MAX * sent, "{name}: {told} bytes for {sent}");
        knocked.bytes_in += sent;
        knocked.bytes_out += told;
        knocked.most_answered = knocked.most_answered.max(told as f64 / sent as f64);
    }
    assert!(knocked.bytes_out > 0, "the one question that may be answered was");
    knocked
}

/// As it was, or with something changed.
fn datagram(name: &str, random: &mut Random) -> Vec<u8> {
    let known = SENT.iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes.to_vec());
    let mut bytes = match name {
        "where am I" => return WHERE_AM_I.to_vec(),
        "noise" => (0..random.below(1_200) + 1).map(|_| random.next().to_le_bytes()[0]).collect(),
        _ => known.expect("in the corpus"),
    };
    for _ in 0..random.below(4) {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    bytes
}
