//! Whose request it is, as whoever stands in front of the server says it, and what a process that was taken over writes to
//! its log.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use cli::serve::log_pipe::{Lines, MAX_LINE, MAX_LINES, PERIOD, Shown};
use cluster::parent::Network;
use live::forwarded::{client, is_trusted};

#[path = "../../../crates/cli/tests/support/grammar.rs"]
#[allow(dead_code, reason = "of what the parent lets through only records are lines of its children")]
mod grammar;

const TRUSTED: [&[&str]; 4] = [&["127.0.0.1"], &["10.0.0.0/8", "::1"], &["0.0.0.0/0"], &[]];
const PEERS: [&str; 6] = ["127.0.0.1", "10.1.2.3", "::ffff:10.0.0.1", "::1", "203.0.113.9", "2001:db8::7"];

/// Which proxies are trusted, who asks, and values of the header, a line each. Only a trusted proxy is believed, and of what
/// it says only what it added itself.
pub(super) fn forwarded(bytes: &[u8]) {
    let Some(([trusted, peer], values)) = bytes.split_first_chunk::<2>() else { return };
    let trusted = TRUSTED[usize::from(*trusted) % TRUSTED.len()];
    let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().expect("a network")).collect();
    let peer: IpAddr = PEERS[usize::from(*peer) % PEERS.len()].parse().expect("an address");
    let values: Vec<&[u8]> = values.split(|byte| *byte == b'\n').collect();
    let whose = |values: &[&[u8]]| client(&trusted, peer, values.iter().copied());
    let here = peer.to_canonical();
    let found = whose(&values);
    if !is_trusted(&trusted, here) {
        return assert_eq!(found, here, "whoever is not trusted speaks for themselves");
    }
    assert!(found == here || !is_trusted(&trusted, found), "no proxy is anybody's client");
    if found != here {
        let written = |hop: &[u8]| {
            let hop = std::str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok());
            hop.is_some_and(|hop| hop.to_canonical() == found)
        };
        let mut hops = values.iter().flat_map(|value| value.split(|byte| *byte == b','));
        assert!(hops.any(written), "nobody wrote {found}");
    }
    // What the client wrote stands before what its proxy adds, and changes nothing of it.
    let added = b"198.51.100.7".as_slice();
    let expected: IpAddr = "198.51.100.7".parse().expect("an address");
    if !is_trusted(&trusted, expected) {
        let apart: Vec<&[u8]> = values.iter().copied().chain([added]).collect();
        assert_eq!(whose(&apart), expected);
        let (last, before) = values.split_last().expect("one at least");
        let together = [last, &b", "[..], added].concat();
        let together: Vec<&[u8]> = before.iter().copied().chain([together.as_slice()]).collect();
        assert_eq!(whose(&together), expected);
    }
}

/// What stands on a child's standard error: pieces, each after a byte of tenths of a second and one of its length.
pub(super) fn log_pipe(bytes: &[u8]) {
    let begun = Instant::now();
    let (mut lines, mut at, mut rest) = (Lines::default(), begun, bytes);
    let (mut all, mut shown) = (Vec::new(), Vec::new());
    while let Some(([wait, length], behind)) = rest.split_first_chunk::<2>() {
        let (piece, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = behind;
        at += Duration::from_millis(100 * u64::from(*wait));
        all.extend_from_slice(piece);
        shown.extend(lines.push(piece, at).into_iter().map(|shown| (at, shown)));
    }
    all.push(b'\n');
    let end = at + PERIOD;
    shown.extend(lines.push(b"\n", end).into_iter().map(|shown| (end, shown)));

    let written: BTreeSet<&[u8]> = all.split(|byte| *byte == b'\n').collect();
    let mut told = 0;
    for (_, shown) in &shown {
        match shown {
            Shown::Line(line) => {
                assert!(line.len() <= MAX_LINE && grammar::is_record(line), "{line:?}");
                assert!(written.contains(line.as_bytes()), "nobody wrote {line:?}");
                told += 1;
            }
            Shown::Withheld(count) => told += *count,
        }
    }
    let came = all.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(told as usize, came, "each line is shown or counted, and once");
    for (at, _) in &shown {
        let soon = shown.iter().filter(|(other, _)| other >= at && *other < *at + PERIOD).count();
        assert!(soon <= 2 * MAX_LINES as usize, "{soon} lines in {PERIOD:?}");
    }
    // However the pipe cuts it.
    let once = |piece: usize| {
        let mut lines = Lines::default();
        let mut shown: Vec<Shown> = all.chunks(piece).flat_map(|piece| lines.push(piece, begun)).collect();
        shown.retain(|shown| matches!(shown, Shown::Line(_)));
        shown
    };
    if came <= MAX_LINES as usize / 2 {
        assert_eq!(once(1), once(all.len()));
    }
}
