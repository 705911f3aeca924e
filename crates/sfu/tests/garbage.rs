//! Datagrams from nobody: they are thrown away, and nothing is kept of them. A program of its own, since it counts the
//! memory of a whole process.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on is a failed test")]
#![expect(unsafe_code, reason = "counting what is held means being the allocator")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use media::{Ear, Form};
use sfu::Handle;
use support::{PATIENCE, Server, on_stage};

/// How long garbage comes, and how much of it at least.
const SPAN: Duration = Duration::from_secs(3);
const LEAST: usize = 10_000;

/// Sent without waiting for the server to have read them: a sixteenth of what its buffer holds.
const BURST: usize = 250;

/// What the clients of the test hold more of after some seconds: words that nobody has listened to yet. A tenth of the
/// garbage would be as much.
const GROWN_MAX: usize = 128 << 10;

struct Counting;

/// Bytes that this process holds, clients of the test included.
static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[test]
fn garbage_is_thrown_away_and_nothing_is_kept_of_it() {
    let mut server = Server::start("127.0.0.1:0", 2, &["127.0.0.1"]);
    let channel = server.handle.open_channel(Form::Opus).unwrap();
    let [ann, cat] = ["127.0.0.1"; 2].map(|ip| server.join(ip));
    on_stage(&server, channel, &ann, 1001);
    server.handle.listen(cat.peer, channel, None, Ear::Audience).unwrap();
    ann.speak(b'a');
    let (handle, address) = (&server.handle, server.address());
    // Whatever is made once has been made.
    garbage(&server.handle, address, BURST, Duration::ZERO);
    cat.hears(b'a', 50);
    let before = HELD.load(Ordering::Relaxed);
    let sent = std::thread::scope(|scope| {
        let sender = scope.spawn(|| garbage(handle, address, LEAST, SPAN));
        cat.hears_all(b'a', 100);
        sender.join().unwrap()
    });
    let grown = HELD.load(Ordering::Relaxed).saturating_sub(before);
    println!("{sent} datagrams of garbage, {grown} bytes more");
    assert!(grown < GROWN_MAX, "{grown} bytes more after {sent} datagrams");
    for shard in server.handle.stats().shards.iter().flatten() {
        assert_eq!((shard.panics, shard.missed, shard.undelivered), (0, 0, 0));
    }
}

/// Datagrams that look like something, from somebody who is nobody, so many and for so long. Not faster than they are
/// thrown away: what is tested is what is kept, not who is faster.
fn garbage(server: &Handle, address: SocketAddr, least: usize, span: Duration) -> usize {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let until = Instant::now() + span;
    let before = received(server);
    let mut sent = 0;
    // First bytes of a check, of DTLS, of voice, of RTCP, of nothing; then whatever.
    let firsts = [[0, 1], [22, 254], [0x80, 111], [0x80, 201], [0xff, 0xff]];
    while sent < least || Instant::now() < until {
        let burst_end = sent + BURST;
        for first in firsts.iter().cycle().take(BURST) {
            let mut bytes = [0; 200];
            bytes[..2].copy_from_slice(first);
            for (at, byte) in bytes.iter_mut().enumerate().skip(2) {
                *byte = (sent.wrapping_mul(31) ^ at.wrapping_mul(17)).to_le_bytes()[0];
            }
            sent += usize::from(socket.send_to(&bytes[..20 + sent % 180], address).is_ok());
        }
        assert_eq!(sent, burst_end, "the system takes them");
        let given_up = Instant::now() + PATIENCE;
        while received(server).saturating_sub(before) < sent as u64 {
            assert!(Instant::now() < given_up, "{sent} sent: {:?}", server.stats());
        }
    }
    sent
}

fn received(server: &Handle) -> u64 {
    server.stats().shards.iter().flatten().map(|shard| shard.received).sum()
}
