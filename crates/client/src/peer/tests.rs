use super::*;

#[test]
fn an_offer_has_a_microphone_and_three_slots_in_that_order() {
    let identity = Identity::generate().expect("an identity");
    let offering = Offering::new(&identity, Instant::now()).expect("an offer");
    let directions: Vec<&str> = offering
        .sdp()
        .0
        .lines()
        .filter(|line| ["a=sendonly", "a=recvonly", "a=sendrecv", "a=inactive"].contains(line))
        .collect();
    assert_eq!(directions, ["a=sendonly", "a=recvonly", "a=recvonly", "a=recvonly"]);
}

#[test]
fn what_an_answer_says_about_slots_and_addresses_is_read() {
    let answer = Sdp("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:m\r\na=candidate:1 1 udp 7 192.0.2.1 3478 typ \
        host\r\na=candidate:2 1 tcp 7 192.0.2.1 80 typ host tcptype passive\r\na=candidate:3 1 UDP 6 2001:db8::1 3478 \
        typ host\r\nm=audio 9 X 111\r\na=mid:b\r\na=ssrc:9 cname:x\r\nm=audio 9 X 111\r\na=mid:a\r\na=ssrc:7 cname:x\r\n"
        .to_owned());
    let mids = ["a", "b", "c"].map(str::to_owned);
    assert_eq!(answer::ssrcs(&answer, &mids), [Some(7), Some(9), None]);
    let found: Vec<String> = candidates(&answer).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["192.0.2.1:3478", "[2001:db8::1]:3478"]);
}

#[test]
fn datagrams_are_told_apart_by_their_first_bytes() {
    let expected = [
        (&[0, 1][..], Kind::Stun),
        (&[22, 254], Kind::Dtls),
        (&[0x80, 111], Kind::Rtp),
        (&[0x90, 0x80 | 111], Kind::Rtp),
        (&[0x80, 200], Kind::Rtcp),
        (&[0xff, 0], Kind::Unknown),
        (&[], Kind::Unknown),
    ];
    for (bytes, kind_of_it) in expected {
        assert_eq!(kind(bytes), kind_of_it, "{bytes:?}");
    }
}

#[test]
fn loudness_is_what_rfc_6464_calls_it() {
    assert_eq!(Level::of(&[0; 960]), Level::SILENCE);
    assert_eq!(Level::of(&[i16::MAX; 960]), Level(0));
    assert_eq!(Level::of(&[i16::MAX / 10; 960]), Level(20));
    assert_eq!(Level::of(&[]), Level::SILENCE);
}

#[test]
fn an_answer_that_is_none_and_an_address_that_is_none_are_told() {
    let identity = Identity::generate().expect("an identity");
    let offering = || Offering::new(&identity, Instant::now()).expect("an offer");
    let local = "127.0.0.1:4000".parse().expect("an address");
    assert!(matches!(offering().accept(&Sdp("hello".to_owned()), &[local]), Err(PeerError::Answer)));
    let nowhere = "0.0.0.0:0".parse().expect("an address");
    assert!(matches!(offering().accept(&Sdp(String::new()), &[nowhere]), Err(PeerError::Address(_))));
}
