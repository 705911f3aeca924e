//! What comes over the network to the media engine.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use media::dtls::Identity;
use media::ice::Credentials;
use media::pack::{opus as frames, sealed};
use media::rtcp::{Block, Blocks, Nack, Report};
use media::rtp::RtpPacket;
use media::sdp::{AnswerParams, Candidates, Fingerprint, Hears, MicLine, Offer, answer as answer_to};
use media::stun::Check;
use media::{
    Admission, Channel, ChannelKey, Command, Egress, Form, Incarnation, Level, PackingRules, PeerKey,
    SendBatch, Shard, ShardConfig, ShardIndex, Talker, Voice, VoicePacket,
};
use protocol::media::Sdp;
use sfu::framing::Frames;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const BROWSER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 40_000);
/// Of audio that the server forwards.
const OPUS: u8 = 111;

/// The peers for whom the corpus was made.
fn peer(index: u32) -> PeerKey {
    PeerKey { shard: ShardIndex(0), index, generation: 0 }
}

fn credentials(index: u32) -> Credentials {
    let byte = u8::try_from(index + 1).expect("few peers");
    Credentials::new(peer(index), Incarnation(77), [byte; 18])
}

/// A check is believed only with its password, and answered within a datagram.
pub(super) fn stun(bytes: &[u8]) {
    let Some(check) = Check::parse(bytes) else { return };
    let _ = (check.nomination(), check.is_role_conflict());
    let index = if check.ufrag.peer.index == 2 { 2 } else { 0 };
    let pwd = credentials(index).pwd;
    let mut out = [0; 1_500];
    if check.verify(&pwd) {
        assert!(check.answer(BROWSER, &pwd, &mut out).is_some_and(|length| length <= bytes.len()));
    }
}

/// Header and body are the packet, and every extension lies in it.
pub(super) fn rtp(bytes: &[u8]) {
    let Some(packet) = RtpPacket::parse(bytes) else { return };
    assert_eq!([packet.header, packet.body].concat(), bytes);
    for id in 0..=255 {
        let data = packet.extension(id);
        assert_eq!(packet.level(id).is_some(), data.is_some_and(|data| !data.is_empty()));
    }
    assert!(packet.payload(packet.body).is_none_or(|payload| packet.body.starts_with(payload)));
}

pub(super) fn rtcp(bytes: &[u8]) {
    let mut blocks = 0;
    for block in Blocks::new(bytes) {
        blocks += 1;
        match block {
            Block::SenderReport { reports, .. } | Block::ReceiverReport { reports } => {
                assert!(reports.iter().map(Report::read).count() <= 31, "five bits of count");
            }
            Block::Nack { nacks, .. } => {
                nacks.iter().for_each(|nack| assert!(Nack::read(nack).lost().count() <= 17));
            }
            Block::Bye | Block::Other => {}
        }
    }
    assert!(blocks <= bytes.len() / 4, "a block is four bytes at least");
}

pub(super) fn red(bytes: &[u8]) {
    for format in [OPUS, 109] {
        let Some(red) = media::red::Red::read(bytes, format) else { continue };
        for back in 0..6 {
            if let Some(block) = red.block(back) {
                assert!(block.bytes.len() <= bytes.len());
                assert_eq!(block.earlier == 0, back == 0);
            }
        }
    }
}

/// What two packets become together has the frames of both, in order.
pub(super) fn opus(bytes: &[u8]) {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let of = |packet| {
        frames::Frames::parse(packet).map(|found| found.iter().map(<[u8]>::to_vec).collect::<Vec<_>>())
    };
    let mut out = [0; 2_048];
    let joined = frames::join(first, second, &mut out).map(|length| of(&out[..length]));
    if let Some(joined) = joined {
        let expected = [of(first).expect("was read"), of(second).expect("was read")].concat();
        assert_eq!(joined.expect("is a packet"), expected);
    }
    for packet in [bytes, first, second] {
        let _ = (of(packet), frames::ticks(packet));
    }
}

pub(super) fn sealed_frames(bytes: &[u8]) {
    assert!(sealed::split(bytes).map(<[u8]>::len).sum::<usize>() <= bytes.len());
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let (mut one, mut two) = ([0; 4_200], [0; 4_200]);
    let (Some(one_length), Some(two_length)) =
        (sealed::write(first, &mut one), sealed::write(second, &mut two))
    else {
        return;
    };
    let mut both = [0; 8_400];
    let length = sealed::join(&one[..one_length], &two[..two_length], &mut both).expect("there is room");
    assert_eq!(sealed::split(&both[..length]).collect::<Vec<_>>(), [first, second]);
}

/// Two people talk in one channel, each packet six bytes of header and some payload.
pub(super) fn channel(bytes: &[u8]) {
    let mut now = Instant::now();
    let mut channel = Channel::new(1, Form::Opus);
    let talkers = [Talker(1), Talker(2)];
    for talker in talkers {
        channel.voice(talker, Voice::On).expect("two");
    }
    let mut rest = bytes;
    while let Some(([who, seq, time, level, wait, length], behind)) = rest.split_first_chunk::<6>() {
        let (payload, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = behind;
        now += Duration::from_millis(u64::from(*wait));
        let talker = talkers[usize::from(who % 2)];
        match who >> 5 {
            0 => channel.voice(talker, Voice::Off).expect("off"),
            1 => drop(channel.voice(talker, Voice::On)),
            2 => channel.handle_timeout(now),
            _ => {
                let packet = VoicePacket {
                    seq: u16::from(*seq) << (who & 8),
                    timestamp: u32::from(*time) * 240,
                    marker: who & 4 != 0,
                    level: Some(Level::from_wire(*level)),
                    payload,
                };
                channel.handle_packet(now, talker, packet);
            }
        }
        while let Some(frame) = channel.poll_frame() {
            assert!(talkers.contains(&frame.talker));
        }
        if let Some(slots) = channel.poll_slots() {
            assert!(slots[0].is_none() || slots[0] != slots[1], "nobody is heard twice");
        }
    }
}

#[derive(Default)]
struct Sent(usize);

impl Egress for Sent {
    fn send(&mut self, batch: &mut SendBatch) {
        self.0 += batch.iter().map(|message| message.bytes.len()).sum::<usize>();
        batch.clear();
    }
}

thread_local! {
    /// Making one takes longer than most of what is tried.
    static IDENTITY: RefCell<Identity> = RefCell::new(Identity::generate().expect("cryptography works"));
}

/// A shard that expects two browsers, one of whom may speak. Each datagram behind a byte that says from where, and how long
/// it is. Nobody without keys is heard or sent much.
pub(super) fn datagrams(bytes: &[u8]) {
    let now = Instant::now();
    let config = ShardConfig {
        shard: ShardIndex(0),
        incarnation: Incarnation(77),
        identity: IDENTITY.with_borrow(Identity::clone),
        seed: 1,
        packing: PackingRules::default(),
    };
    let mut sent = Sent::default();
    let mut shard = Shard::new(config, now);
    for index in [0, 2] {
        let line = MicLine {
            payload_type: OPUS,
            redundant: None,
            level_extension: Some(1),
            mid_extension: None,
            mid: "0".into(),
            hears: Hears::Everybody,
        };
        let admission = Admission {
            peer: peer(index),
            pwd: credentials(index).pwd,
            fingerprint: Fingerprint([0; 32]),
            line,
        };
        shard.handle_command(now, Command::Admit(Box::new(admission)), &mut sent);
    }
    let channel = ChannelKey { index: 0, generation: 1 };
    let open = Command::OpenChannel { channel, home: ShardIndex(0), seed: 1, form: Form::Opus };
    let voice = Command::Voice { peer: peer(0), channel, talker: Talker(1), voice: Voice::On };
    for command in [open, voice] {
        shard.handle_command(now, command, &mut sent);
    }
    // A whole datagram too, as the corpus has them.
    let mut at = now;
    let mut came = 0;
    let mut take = |port: u16, datagram: &[u8], sent: &mut Sent| {
        at += Duration::from_millis(1);
        came += datagram.len();
        let from = SocketAddr::new(BROWSER.ip(), BROWSER.port() + port);
        shard.handle_datagram(at, from, HERE, datagram, sent);
        shard.flush(sent);
        while shard.handle_handshakes(at, 8, sent) > 0 {}
        assert_eq!(shard.stats().voice_in, 0, "nobody has keys");
    };
    take(0, bytes, &mut sent);
    let mut rest = bytes;
    while let Some(([head], behind)) = rest.split_first_chunk::<1>() {
        let (datagram, behind) = behind.split_at(behind.len().min(usize::from(head >> 2) * 8));
        rest = behind;
        take(u16::from(head & 3), datagram, &mut sent);
    }
}

/// Frames of a stream, and the beginning of the next.
pub(super) fn stream(bytes: &[u8]) {
    let mut frames = Frames::new(bytes);
    let mut length = 0;
    loop {
        match frames.pop() {
            Ok(Some(frame)) => length += 2 + frame.len(),
            Ok(None) => return assert_eq!(length + frames.rest().len(), bytes.len()),
            Err(_) => return,
        }
    }
}

/// A whole answer, or none.
pub(super) fn offer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(offer) = Offer::parse(text) else { return };
    let params = AnswerParams {
        credentials: &credentials(0),
        fingerprint: Fingerprint([0xab; 32]),
        candidates: &Candidates { udp: vec![SocketAddr::new(HERE, 3478)], tcp: Vec::new() },
    };
    let answer = answer_to(&offer, &params);
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
    assert_eq!(lines(text), lines(&answer));
    let is_line =
        |line: &str| line.as_bytes().get(1) == Some(&b'=') && line.as_bytes()[0].is_ascii_lowercase();
    assert!(answer.lines().all(is_line), "{answer}");
}

/// The native client's side: what a server may have answered.
pub(super) fn answer(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = client::peer::candidates(&Sdp(text.to_owned()));
}
