//! What real browsers say, word for word and mangled.

#![expect(clippy::unwrap_used, reason = "a test that is surprised fails")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use media::dtls::Identity;
use media::ice::Credentials;
use media::rtcp::{Block, Blocks, Report};
use media::rtp::RtpPacket;
use media::sdp::{AnswerParams, Candidates, Fingerprint, Hears, MicLine, Offer, OfferError, answer};
use media::stun::{Check, Nomination};
use media::{
    Admission, ChannelKey, Command, Egress, Form, Incarnation, Level, PackingRules, PeerKey, SendBatch,
    Shard, ShardConfig, ShardIndex, Talker, Voice,
};
use proptest::prelude::*;
use str0m::change::SdpAnswer;

macro_rules! offers {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../corpus/offers/", $name, ".sdp")))),*]
    };
}

const OFFERS: [(&str, &str); 8] = offers![
    "chromium-156-sendonly-3",
    "chromium-156-sendrecv-3",
    "chromium-156-mic-track-3",
    "chromium-156-with-video-and-data",
    "firefox-153-sendonly-3",
    "firefox-153-sendrecv-3",
    "firefox-153-mic-track-3",
    "firefox-153-with-video-and-data",
];

macro_rules! packet {
    ($name:literal) => {
        include_bytes!(concat!("../corpus/packets/", $name, ".bin")).as_slice()
    };
}

const CANDIDATES: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 3478),
    SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 3478),
];

fn answer_to(offer: &Offer) -> String {
    let web = SocketAddr::new(CANDIDATES[0].ip(), 443);
    let params = AnswerParams {
        credentials: &credentials(0),
        fingerprint: Fingerprint([0xab; 32]),
        candidates: &Candidates { udp: CANDIDATES.to_vec(), tcp: vec![web] },
    };
    answer(offer, &params)
}

fn peer(index: u32) -> PeerKey {
    PeerKey { shard: ShardIndex(0), index, generation: 0 }
}

fn credentials(index: u32) -> Credentials {
    Credentials::new(peer(index), Incarnation(77), [u8::try_from(index).unwrap() + 1; 18])
}

#[test]
fn every_browsers_offer_is_understood() {
    for (name, text) in OFFERS {
        let offer = Offer::parse(text).unwrap();
        let firefox = name.starts_with("firefox");
        let mic = MicLine {
            payload_type: if firefox { 109 } else { 111 },
            redundant: (!firefox).then_some(63),
            level_extension: Some(1),
            mid_extension: Some(if firefox { 3 } else { 4 }),
            mid: "0".to_owned(),
            hears: Hears::Everybody,
        };
        assert_eq!(offer.mic, mic, "{name}");
        assert_eq!(offer.slots(), 3, "{name}");
        assert!(text.contains(&offer.fingerprint.to_string()), "{name}");
    }
}

#[test]
fn every_offer_is_answered_line_by_line() {
    for (name, text) in OFFERS {
        let answer = answer_to(&Offer::parse(text).unwrap());
        let kinds = |text: &str| -> Vec<String> {
            let kind = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
            text.lines().filter(|line| line.starts_with("m=")).map(kind).collect()
        };
        assert_eq!(kinds(text), kinds(&answer), "{name}");
        let rejected =
            answer.lines().filter(|line| line.starts_with("m=") && line.contains(" 0 UDP")).count();
        assert_eq!(rejected, if name.ends_with("data") { 2 } else { 0 }, "{name}");
        assert!(answer.contains("a=group:BUNDLE 0 1 2 3\r\n"), "{name}");
        assert!(!answer.contains("abs-send-time") && !answer.contains("transport"), "{name}");
        if let Err(error) = SdpAnswer::from_sdp_string(&answer) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn only_a_single_line_that_does_not_speak_is_for_the_loudest() {
    for (name, text) in OFFERS {
        let silent = text.replace("a=sendonly", "a=inactive").replace("a=sendrecv", "a=inactive");
        let with_lines = |text: &str, lines: usize| {
            let mut parts = text.split("a=recvonly");
            let first = parts.next().unwrap().to_owned();
            let hears = Offer::parse(&(0..).zip(parts).fold(first, |offer, (line, part)| {
                offer + if line < lines { "a=recvonly" } else { "a=inactive" } + part
            }));
            hears.expect(name).mic.hears
        };
        assert_eq!(
            [1, 2, 3].map(|lines| with_lines(&silent, lines)),
            [Hears::Loudest, Hears::Everybody, Hears::Everybody]
        );
        assert_eq!(
            with_lines(text, 1),
            Hears::Everybody,
            "{name}: whoever speaks must not be left alone with themselves"
        );
    }
}

#[test]
fn whoever_only_listens_or_only_speaks_is_answered_just_that() {
    for (name, text) in OFFERS {
        let only_listens =
            Offer::parse(&text.replace("a=sendonly", "a=inactive").replace("a=sendrecv", "a=inactive"));
        let only_speaks = Offer::parse(&text.replace("a=recvonly", "a=inactive"));
        let (only_listens, only_speaks) = (only_listens.expect(name), only_speaks.expect(name));
        assert!(!only_listens.speaks() && only_listens.slots() == 3, "{name}");
        assert_eq!(
            (only_listens.mic.level_extension, only_listens.mic.mid_extension),
            (None, None),
            "{name}"
        );
        assert!(only_speaks.speaks() && only_speaks.slots() == 0, "{name}");
        let [listens, speaks] = [answer_to(&only_listens), answer_to(&only_speaks)];
        assert!(!listens.contains("a=recvonly") && listens.matches("a=sendonly").count() == 3, "{name}");
        assert!(speaks.contains("a=recvonly") && !speaks.contains("a=sendonly"), "{name}");
    }
}

#[test]
fn an_answer_is_this_text() {
    let offer = Offer::parse(OFFERS[0].1).unwrap();
    let answer = answer_to(&offer);
    let (session_and_mic, slots) = answer.split_at(answer.match_indices("m=audio").nth(1).unwrap().0);
    let pwd = credentials(0);
    let ab = ["AB"; 32].join(":");
    let transport = format!(
        "a=rtcp-mux\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:sha-256 {ab}\r\na=setup:passive\r\n\
         a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n\
         a=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host\r\n\
         a=candidate:2 1 udp 2130706175 2001:db8::1 3478 typ host\r\n\
         a=candidate:3 1 tcp 1520435199 192.0.2.1 443 typ host tcptype passive\r\n\
         a=end-of-candidates\r\n",
        pwd.ufrag,
        pwd.pwd.as_str()
    );
    assert_eq!(
        session_and_mic,
        format!(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE 0 1 2 3\r\n\
             a=msid-semantic: WMS *\r\n\
             m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n{transport}\
             a=recvonly\r\na=ptime:20\r\n\
             a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=40000\r\n\
             a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
             a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
        )
    );
    let slot = |mid: usize, ssrc: u32| {
        let slot = mid - 1;
        format!(
            "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\n{transport}\
             a=sendonly\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n\
             a=msid:slot{slot} slot{slot}\r\na=ssrc:{ssrc} cname:vivavoce\r\n"
        )
    };
    let [one, two, three] = media::SLOT_SSRC;
    assert_eq!(slots, [slot(1, one), slot(2, two), slot(3, three)].concat());
}

#[test]
fn redundancy_is_taken_where_every_line_has_it_for_opus() {
    let good = OFFERS[0].1;
    let redundant = |text: &str| Offer::parse(text).unwrap().mic.redundant;
    assert_eq!(redundant(good), Some(63));
    assert_eq!(redundant(&good.replace("a=fmtp:63 111/111", "a=fmtp:63 111/13")), None, "not of Opus alone");
    assert_eq!(redundant(&good.replace("a=fmtp:63 111/111", "a=fmtp:63 13/13")), None, "not of Opus");
    assert_eq!(redundant(&good.replace("red/48000/2", "red/8000")), None);
    let (first, rest) = good.split_at(good.match_indices("m=audio").nth(1).unwrap().0);
    let one_without = format!("{first}{}", rest.replacen("a=rtpmap:63 red/48000/2\r\n", "", 1));
    assert_ne!(one_without, good);
    assert_eq!(redundant(&one_without), None);
    let offer = Offer::parse(&one_without).unwrap();
    assert_eq!((offer.slots(), answer_to(&offer).contains(" 63")), (3, false));
}

#[test]
fn an_offer_that_cannot_be_served_is_refused_by_name() {
    let good = OFFERS[0].1;
    let without = |line: &str| {
        let kept = |text: &&str| !text.starts_with(line);
        good.lines().filter(kept).map(|text| format!("{text}\r\n")).collect::<String>()
    };
    assert_eq!(Offer::parse(""), Err(OfferError::Malformed));
    let deaf_and_mute = good.replace("a=sendonly", "a=inactive").replace("a=recvonly", "a=inactive");
    assert_eq!(Offer::parse(&deaf_and_mute), Err(OfferError::NoOpus));
    assert_eq!(Offer::parse(&without("a=rtpmap:111")), Err(OfferError::NoOpus));
    assert_eq!(Offer::parse(&without("a=fingerprint")), Err(OfferError::NoFingerprint));
    assert_eq!(Offer::parse(&good.replace("sha-256", "sha-512")), Err(OfferError::NoFingerprint));
    assert_eq!(Offer::parse(&without("a=ice-pwd")), Err(OfferError::NoIce));
    assert_eq!(Offer::parse(&good.replace("a=setup:actpass", "a=setup:passive")), Err(OfferError::NotActive));
    assert_eq!(Offer::parse(&without("a=group")), Err(OfferError::NotBundled));
    assert_eq!(Offer::parse(&without("a=rtcp-mux")), Err(OfferError::NotBundled));
    assert_eq!(Offer::parse(&good.repeat(20)), Err(OfferError::TooLarge));
    assert_eq!(Offer::parse(&without("a=mid")), Err(OfferError::NoOpus));
}

proptest! {
    #[test]
    fn a_mangled_offer_gets_a_whole_answer_or_none(
        which in 0..OFFERS.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..5, "\\PC{0,12}"), 1..12),
    ) {
        let mut lines: Vec<String> = OFFERS[which].1.lines().map(str::to_owned).collect();
        for (at, other, edit, text) in edits {
            let at = at.index(lines.len());
            let other = other.index(lines.len());
            match edit {
                0 => { lines.remove(at); }
                1 => { let line = lines[at].clone(); lines.insert(other, line); }
                2 => lines.swap(at, other),
                3 => { let half = lines[at].chars().count() / 2; lines[at] = lines[at].chars().take(half).chain(text.chars()).collect(); }
                _ => lines[at] = text,
            }
            if lines.is_empty() { break; }
        }
        let text = lines.join("\r\n");
        if let Ok(offer) = Offer::parse(&text) {
            let answer = answer_to(&offer);
            let count = |text: &str| text.lines().filter(|line| line.starts_with("m=")).count();
            prop_assert_eq!(count(&text), count(&answer));
            let is_line = |line: &str| line.as_bytes().get(1) == Some(&b'=') && line.as_bytes()[0].is_ascii_lowercase();
            prop_assert!(answer.lines().all(is_line), "{}", answer);
        }
    }

    #[test]
    fn any_text_is_an_offer_or_is_not(text in "\\PC{0,200}") {
        let _ = Offer::parse(&text);
        let _ = Offer::parse(&format!("v=0\r\nm={text}\r\na={text}"));
    }
}

/// The check, the peer it is for, and what it wants.
const CHECKS: [(&[u8], u32, Nomination); 3] = [
    (packet!("chromium-156-check"), 0, Nomination::None),
    (packet!("chromium-156-nomination"), 0, Nomination::UseCandidate),
    (packet!("firefox-153-nomination"), 2, Nomination::UseCandidate),
];

#[test]
fn a_browsers_checks_are_verified() {
    for (bytes, index, nomination) in CHECKS {
        let check = Check::parse(bytes).unwrap();
        assert_eq!(check.ufrag.peer, peer(index));
        assert_eq!(check.nomination(), nomination);
        assert!(check.verify(&credentials(index).pwd));
        assert!(!check.is_role_conflict());
    }
}

/// Of a check, behind what its password vouches for.
const FINGERPRINT: usize = 8;

/// Some bytes become others, and the end is cut off.
fn mangle(bytes: &[u8], changes: &[(prop::sample::Index, u8)], cut: usize) -> Vec<u8> {
    let mut mangled = bytes.to_vec();
    for (at, byte) in changes {
        let at = at.index(mangled.len());
        mangled[at] = *byte;
    }
    mangled.truncate(mangled.len().saturating_sub(cut));
    mangled
}

#[test]
fn a_mangled_check_is_neither_believed_nor_answered() {
    let identity = Identity::generate().unwrap();
    proptest!(ProptestConfig { cases: 512, ..ProptestConfig::default() }, |(
        which in 0..CHECKS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in 0usize..40,
    )| {
        let (genuine, index, _) = CHECKS[which];
        let mangled = mangle(genuine, &changes, cut);
        let vouched = genuine.len() - FINGERPRINT;
        // The length is what it is taken for, up to the proof (RFC 8489 section 14.5).
        let changed = |part: std::ops::Range<usize>| mangled.get(part.clone()) != genuine.get(part);
        if !changed(0..2) && !changed(4..vouched) {
            return Ok(());
        }
        prop_assert!(!Check::parse(&mangled).is_some_and(|check| check.verify(&credentials(index).pwd)));
        let mut door = Door::new(&identity, index);
        door.receive(&mangled);
        prop_assert!(door.sent.0.is_empty());
        door.receive(genuine);
        prop_assert_eq!(door.sent.0.len(), 1, "the next one is answered");
    });
}

#[test]
fn a_browsers_voice_says_how_loud_it_is_and_which_line_it_is() {
    let chromium = RtpPacket::parse(packet!("chromium-156-voice")).unwrap();
    assert_eq!((chromium.payload_type, chromium.marker), (111, true));
    assert_eq!((chromium.level(1), chromium.extension(4)), (Some(Level::SILENCE), Some(&b"0"[..])));
    let firefox = RtpPacket::parse(packet!("firefox-153-voice")).unwrap();
    assert_eq!(firefox.payload_type, 109);
    assert_eq!(firefox.level(1).map(Level::minus_dbov), Some(23));
    assert_eq!(firefox.extension(3), Some(&b"0"[..]));
}

#[test]
fn a_browser_says_which_line_it_is_until_that_is_known_and_goes_on_to_say_how_loud() {
    for (bytes, format, marker, minus_dbov, line) in [
        (packet!("chromium-156-redundant-first"), 63, true, 127, Some(4)),
        (packet!("chromium-156-redundant-voice"), 63, false, 17, None),
        (packet!("chromium-156-redundant-silence"), 63, false, 127, None),
        (packet!("firefox-153-silence"), 109, false, 127, Some(3)),
        (packet!("firefox-153-voice-later"), 109, false, 23, None),
    ] {
        let voice = RtpPacket::parse(bytes).unwrap();
        assert_eq!((voice.payload_type, voice.marker), (format, marker));
        assert_eq!(voice.level(1).map(Level::minus_dbov), Some(minus_dbov));
        for id in [3, 4] {
            assert_eq!(voice.extension(id), line.filter(|line| *line == id).map(|_| &b"0"[..]));
        }
    }
}

const VOICES: [&[u8]; 7] = [
    packet!("chromium-156-voice"),
    packet!("chromium-156-redundant-first"),
    packet!("chromium-156-redundant-voice"),
    packet!("chromium-156-redundant-silence"),
    packet!("firefox-153-voice"),
    packet!("firefox-153-silence"),
    packet!("firefox-153-voice-later"),
];

proptest! {
    #[test]
    fn a_mangled_voice_is_a_packet_in_all_its_parts_or_none(
        which in 0..VOICES.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        header in proptest::collection::vec((0usize..24, any::<u8>()), 0..3),
        cut in 0usize..120,
    ) {
        let mut mangled = mangle(VOICES[which], &changes, 0);
        // Where lengths and extensions are.
        header.into_iter().for_each(|(at, byte)| mangled[at] = byte);
        mangled.truncate(mangled.len().saturating_sub(cut));
        if let Some(voice) = RtpPacket::parse(&mangled) {
            prop_assert_eq!([voice.header, voice.body].concat(), &mangled[..]);
            for id in 0..=255 {
                if let Some(data) = voice.extension(id) {
                    // As long as the byte before it says, in either form (RFC 8285 sections 4.2 and 4.3).
                    let said = mangled[data.as_ptr().addr() - mangled.as_ptr().addr() - 1];
                    prop_assert!([usize::from(said), usize::from(said & 0x0f) + 1].contains(&data.len()));
                }
                prop_assert_eq!(voice.level(id).is_some(), voice.extension(id).is_some_and(|data| !data.is_empty()));
            }
            prop_assert!(voice.payload(voice.body).is_none_or(|payload| voice.body.starts_with(payload)));
        }
    }
}

#[test]
fn voices_mangled_or_not_of_somebody_without_keys_reach_nobody() {
    let identity = Identity::generate().unwrap();
    proptest!(ProptestConfig { cases: 128, ..ProptestConfig::default() }, |(
        which in 0..VOICES.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in 0usize..120,
    )| {
        let mut door = Door::new(&identity, 0);
        door.grant_voice(peer(0));
        door.receive(&mangle(VOICES[which], &changes, cut));
        prop_assert!(door.sent.0.is_empty());
        prop_assert_eq!(door.shard.poll_event(), None);
        prop_assert_eq!(door.shard.stats().voice_in, 0, "none is taken for a voice");
        door.receive(packet!("chromium-156-check"));
        prop_assert_eq!(door.sent.0.len(), 1, "and their next check is answered");
    });
}

const REPORTS: [&[u8]; 6] = [
    packet!("chromium-156-sender-report"),
    packet!("chromium-156-receiver-report"),
    packet!("chromium-156-empty-report"),
    packet!("firefox-153-sender-report"),
    packet!("firefox-153-receiver-report"),
    packet!("firefox-153-empty-report"),
];

#[test]
fn a_browsers_reports_say_when_it_spoke_and_what_it_hears() {
    let [spoke, hears, nothing, fox_spoke, fox_hears, fox_nothing] =
        REPORTS.map(|bytes| Blocks::new(bytes).collect::<Vec<_>>());
    let spoken = |ssrc, ntp_middle| {
        // With the name that holds its lines together, which nobody here asks for.
        vec![Block::SenderReport { ssrc, ntp_middle, reports: &[] }, Block::Other]
    };
    assert_eq!(spoke, spoken(0x9c65_88ba, 0x83a5_5b58));
    assert_eq!(fox_spoke, spoken(0x8bdf_4123, 0x83b5_c6b6));
    for empty in [nothing, fox_nothing] {
        assert_eq!(empty, [Block::ReceiverReport { reports: &[] }]);
    }
    for (hears, slot, highest) in [(hears, 1, 0x3a9f), (fox_hears, 0, 0x7a31)] {
        let [Block::ReceiverReport { reports: [report] }] = hears[..] else { panic!("{hears:?}") };
        let told = Report { ssrc: media::SLOT_SSRC[slot], fraction_lost: 0, highest };
        assert_eq!(Report::read(report), told);
    }
}

proptest! {
    #[test]
    fn a_mangled_report_is_read_as_far_as_it_is_one(
        which in 0..REPORTS.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in 0usize..80,
    ) {
        let mangled = mangle(REPORTS[which], &changes, cut);
        // A block is four bytes at least.
        prop_assert!(Blocks::new(&mangled).count() <= mangled.len() / 4);
    }
}

#[derive(Default)]
struct Sent(Vec<Vec<u8>>);

impl Egress for Sent {
    fn send(&mut self, batch: &mut SendBatch) {
        self.0.extend(batch.iter().map(|message| message.bytes.to_vec()));
        batch.clear();
    }
}

/// A shard that expects the two browsers, and has verified where they are.
struct Door {
    shard: Shard,
    now: Instant,
    sent: Sent,
}

const BROWSER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), 40_000);

impl Door {
    fn new(identity: &Identity, index: u32) -> Self {
        let now = Instant::now();
        let config = ShardConfig {
            shard: ShardIndex(0),
            incarnation: Incarnation(77),
            identity: identity.clone(),
            seed: 1,
            packing: PackingRules::default(),
        };
        let mut door = Self { shard: Shard::new(config, now), now, sent: Sent::default() };
        let line = MicLine {
            payload_type: 111,
            redundant: None,
            level_extension: None,
            mid_extension: None,
            mid: "0".into(),
            hears: Hears::Everybody,
        };
        let pwd = credentials(index).pwd;
        let admission = Admission { peer: peer(index), pwd, fingerprint: Fingerprint([0; 32]), line };
        door.shard.handle_command(now, Command::Admit(Box::new(admission)), &mut door.sent);
        let check =
            if index == 0 { packet!("chromium-156-nomination") } else { packet!("firefox-153-nomination") };
        door.receive(check);
        assert_eq!(door.sent.0.len(), 1, "the answer");
        door.sent.0.clear();
        door
    }

    /// All that it takes to be heard by a room, but for the keys.
    fn grant_voice(&mut self, peer: PeerKey) {
        let channel = ChannelKey { index: 0, generation: 1 };
        let open = Command::OpenChannel { channel, home: ShardIndex(0), seed: 1, form: Form::Opus };
        let voice = Command::Voice { peer, channel, talker: Talker(1), voice: Voice::On };
        for command in [open, voice] {
            self.shard.handle_command(self.now, command, &mut self.sent);
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.now += Duration::from_millis(1);
        self.shard.handle_datagram(self.now, BROWSER, CANDIDATES[0].ip(), bytes, &mut self.sent);
        self.shard.flush(&mut self.sent);
        while self.shard.handle_handshakes(self.now, 8, &mut self.sent) > 0 {}
    }
}

#[test]
fn a_browsers_first_flight_is_answered() {
    let identity = Identity::generate().unwrap();
    for (index, flight) in [
        (0, [packet!("chromium-156-hello-1"), packet!("chromium-156-hello-2")]),
        (2, [packet!("firefox-153-hello-1"), packet!("firefox-153-hello-2")]),
    ] {
        let mut door = Door::new(&identity, index);
        door.receive(flight[0]);
        assert!(door.sent.0.is_empty(), "half a hello");
        door.receive(flight[1]);
        assert!(door.sent.0.iter().any(|bytes| bytes[0] == 22), "a server hello");
        assert_eq!(door.shard.poll_event(), None);
    }
}

#[test]
fn mangled_first_flights_never_take_the_shard_down() {
    let identity = Identity::generate().unwrap();
    let flight = [packet!("chromium-156-hello-1"), packet!("chromium-156-hello-2")];
    proptest!(ProptestConfig { cases: 128, ..ProptestConfig::default() }, |(
        changes in proptest::collection::vec((0usize..2, any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in 0usize..300,
    )| {
        let mut door = Door::new(&identity, 0);
        let mut mangled = flight.map(<[u8]>::to_vec);
        for (datagram, at, byte) in changes {
            let at = at.index(mangled[datagram].len());
            mangled[datagram][at] = byte;
        }
        let keep = mangled[1].len().saturating_sub(cut / 2);
        mangled[1].truncate(keep);
        for datagram in &mangled {
            door.receive(datagram);
        }
        // Whatever became of that peer, the next one is served.
        let check = packet!("firefox-153-nomination");
        let line = MicLine { payload_type: 109, redundant: None, level_extension: None, mid_extension: None, mid: "0".into(), hears: Hears::Everybody };
        let admission =
            Admission { peer: peer(2), pwd: credentials(2).pwd, fingerprint: Fingerprint([0; 32]), line };
        door.shard.handle_command(door.now, Command::Admit(Box::new(admission)), &mut door.sent);
        door.sent.0.clear();
        door.receive(check);
        prop_assert_eq!(door.sent.0.len(), 1);
    });
}
