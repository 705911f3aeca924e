//! What the same packets cost at least, on this machine, in this minute: sealed under each listener's own key and sent in
//! batches, and nothing else. Below this no server gets that sends every listener their own packet.
//!
//! *Flat*: as fast as one thread can, into sockets that drop. *Paced*: in the server's rhythm (every room's packet once
//! in 20 ms), spread over threads as the server spreads it, into sockets that are read as those of the bench are.

use std::io;
use std::net::{SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use protocol::media::SLOTS;

use crate::gathering::halls;
use crate::limits::SWEEP_PERIOD;
use crate::rtp::glimpse;
use crate::sequence::{Sequence, Step};
use crate::speech::{PACKET, TICKS};
use crate::sys::{Batch, come_first, stay_on_processor, thread_cpu, whole_packets};
use crate::wires::{Here, Wires};

/// A room's packets leave together; its rooms one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) rooms: usize,
    pub(crate) listeners: usize,
    pub(crate) threads: usize,
    /// By how many one thread may have more of a room than the emptiest.
    pub(crate) leaning: usize,
    pub(crate) flat_for: Duration,
    pub(crate) paced_for: Duration,
}

/// Nanoseconds of CPU for each packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor {
    pub(crate) flat: f64,
    pub(crate) paced: f64,
    /// Packets that the paced floor sent and nobody got.
    pub(crate) paced_sent: u64,
    pub(crate) paced_lost: u64,
}

/// Measures both.
///
/// # Errors
/// When there are no sockets, or no threads.
pub(crate) fn measure(shape: Shape) -> io::Result<Floor> {
    let flat = flat(shape)?;
    let paced = paced(shape)?;
    Ok(Floor {
        flat,
        paced: paced.each(),
        paced_sent: paced.packets,
        paced_lost: paced.packets.saturating_sub(paced.received),
    })
}

fn flat(shape: Shape) -> io::Result<f64> {
    let count = u32::try_from(shape.rooms * shape.listeners).unwrap_or(u32::MAX);
    let wires = Wires::open(Here::Loopback, 0, count)?;
    wires.drop_everything()?;
    let mut recipients = recipients(|person| wires.address(person), 0..count)?;
    on_a_thread(move || {
        let _ = stay_on_processor(0);
        let socket = UdpSocket::bind(("0.0.0.0", 0))?;
        whole_packets(&socket)?;
        let mut batch = Batch::new();
        // The first round meets cold caches and new routes.
        send(&mut recipients, &mut batch, &socket);
        let (from, begun, mut packets) = (thread_cpu(), Instant::now(), 0);
        while begun.elapsed() < shape.flat_for {
            packets += send(&mut recipients, &mut batch, &socket);
        }
        Ok(Work { packets, cpu: thread_cpu() - from, received: 0 }.each())
    })
    .join()
    .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

fn paced(shape: Shape) -> io::Result<Work> {
    let count = u32::try_from(shape.rooms * shape.listeners).unwrap_or(u32::MAX);
    // As many threads read as listen in the bench.
    let halls = halls(shape.rooms, count)
        .into_iter()
        .map(|seats| Ok((seats.start, Wires::open(Here::Loopback, seats.start, seats.end - seats.start)?)))
        .collect::<io::Result<Vec<_>>>()?;
    let address = |person: u32| {
        let (first, wires) = halls.iter().rev().find(|(first, _)| *first <= person)?;
        wires.address(person - first)
    };
    let threads = shape.threads.max(1);
    let bursts = bursts(shape.rooms, shape.listeners, threads, shape.leaning);
    let bursts: Vec<Vec<Burst>> = bursts
        .into_iter()
        .map(|of_thread| {
            let burst = |(offset, people)| Ok(Burst { offset, recipients: recipients(address, people)? });
            of_thread.into_iter().map(burst).collect::<io::Result<_>>()
        })
        .collect::<io::Result<_>>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = halls
        .into_iter()
        .map(|(_, wires)| {
            let stop = Arc::clone(&stop);
            on_a_thread(move || read(wires, count, &stop))
        })
        .collect();
    let begin = Instant::now() + Duration::from_millis(50);
    let senders: Vec<_> = (0usize..)
        .zip(bursts)
        .map(|(n, bursts)| on_a_thread(move || beat(n, bursts, begin, shape.paced_for)))
        .collect();
    let mut total = Work::default();
    for sender in senders {
        let work = sender.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
        total.packets += work.packets;
        total.cpu += work.cpu;
    }
    stop.store(true, Ordering::Release);
    for reader in readers {
        total.received += reader.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
    }
    Ok(total)
}

/// Listeners as numbers, by thread, then by burst with its place within the 20 ms. One room is spread as the server
/// spreads it: on the first thread until that has so many more than the others. Many rooms are dealt out.
fn bursts(
    rooms: usize,
    listeners: usize,
    threads: usize,
    leaning: usize,
) -> Vec<Vec<(Duration, std::ops::Range<u32>)>> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    if rooms == 1 {
        let others = listeners.saturating_sub(leaning) / threads;
        let first = listeners - others * (threads - 1);
        let mut next = 0;
        return std::iter::once(first)
            .chain(std::iter::repeat_n(others, threads - 1))
            .map(|count| {
                let from = next;
                next += count;
                vec![(Duration::ZERO, number(from)..number(next))]
            })
            .filter(|bursts| bursts.iter().all(|(_, people)| !people.is_empty()))
            .collect();
    }
    let mut dealt: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
    for room in 0..rooms {
        let offset = RHYTHM * number(room) / number(rooms);
        if let Some(thread) = dealt.get_mut(room % threads) {
            thread.push((offset, number(room * listeners)..number((room + 1) * listeners)));
        }
    }
    dealt
}

const RHYTHM: Duration = Duration::from_millis(20);

struct Burst {
    offset: Duration,
    recipients: Vec<Recipient>,
}

#[derive(Default)]
struct Work {
    packets: u64,
    cpu: Duration,
    received: u64,
}

impl Work {
    fn each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e9 / self.packets.max(1) as f64
    }
}

fn beat(n: usize, mut bursts: Vec<Burst>, begin: Instant, lasts: Duration) -> io::Result<Work> {
    let _ = stay_on_processor(n);
    // As the server's threads are, and its sockets.
    let _ = come_first();
    let socket = UdpSocket::bind(("0.0.0.0", 0))?;
    whole_packets(&socket)?;
    let mut batch = Batch::new();
    let (mut beat, end) = (begin, begin + lasts);
    let (from, mut packets) = (thread_cpu(), 0);
    while beat < end {
        for burst in &mut bursts {
            thread::sleep((beat + burst.offset).saturating_duration_since(Instant::now()));
            packets += send(&mut burst.recipients, &mut batch, &socket);
        }
        beat += RHYTHM;
    }
    Ok(Work { packets, cpu: thread_cpu() - from, received: 0 })
}

/// As the bench's listeners read.
fn read(mut wires: Wires, count: u32, stop: &AtomicBool) -> io::Result<u64> {
    let mut sequences = vec![[Sequence::default(); SLOTS]; count as usize];
    let mut received = 0;
    loop {
        // Looked at once more after everything was sent.
        let last = stop.load(Ordering::Acquire);
        wires.sweep(|_, seat, packet| {
            let Some(glimpse) = glimpse(packet.bytes) else { return };
            let Some([sequence, ..]) = sequences.get_mut(seat as usize) else { return };
            received += u64::from(sequence.step(glimpse.seq) != Step::Twice);
        })?;
        if last {
            return Ok(received);
        }
        thread::sleep(SWEEP_PERIOD);
    }
}

struct Recipient {
    key: LessSafeKey,
    to: SocketAddrV4,
    index: u64,
}

/// Our header: fixed part and one CSRC, as the server's.
const HEADER: usize = 16;
const TAG: usize = 16;
const SSRC: [u8; 4] = *b"VIV\x01";

fn recipients(
    address: impl Fn(u32) -> Option<SocketAddrV4>,
    people: std::ops::Range<u32>,
) -> io::Result<Vec<Recipient>> {
    people
        .map(|person| {
            let to = address(person).ok_or(io::ErrorKind::AddrNotAvailable)?;
            let mut secret = [0; 32];
            aws_lc_rs::rand::fill(&mut secret).map_err(|_| io::ErrorKind::Other)?;
            let key = UnboundKey::new(&AES_256_GCM, &secret).map_err(|_| io::ErrorKind::Other)?;
            Ok(Recipient { key: LessSafeKey::new(key), to, index: 0 })
        })
        .collect()
}

/// One packet for each; how many the kernel took.
fn send(recipients: &mut [Recipient], batch: &mut Batch, socket: &UdpSocket) -> u64 {
    let mut sent = 0;
    for recipient in recipients {
        batch.push(recipient.to, |bytes| recipient.seal(bytes));
        if batch.is_full() {
            sent += batch.send(socket);
        }
    }
    (sent + batch.send(socket)) as u64
}

impl Recipient {
    /// RFC 7714 section 8.1, without a salt: it is the same work.
    #[inline]
    fn seal(&mut self, out: &mut [u8]) -> Option<usize> {
        let index = self.index;
        self.index += 1;
        let [.., s0, s1] = index.to_be_bytes();
        #[expect(clippy::cast_possible_truncation, reason = "timestamps wrap")]
        let [t0, t1, t2, t3] = (index as u32).wrapping_mul(TICKS).to_be_bytes();
        let [c0, c1, c2, c3] = SSRC;
        let header: [u8; HEADER] = [0x81, 111, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3, 0, 0, 0, 7];
        let (head, rest) = out.split_at_mut_checked(HEADER)?;
        let (body, rest) = rest.split_at_mut_checked(PACKET)?;
        head.copy_from_slice(&header);
        let mut iv = [0; 12];
        iv[4..].copy_from_slice(&index.to_be_bytes());
        let nonce = Nonce::assume_unique_for_key(iv);
        let tag = rest.get_mut(..TAG)?;
        self.key
            .seal_out_of_place_scatter(nonce, Aad::from(&header), &[0xa5; PACKET], body, &[], tag)
            .ok()?;
        Some(HEADER + PACKET + TAG)
    }
}

fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::spawn(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_in_one_burst_of_one_thread() {
        for (rooms, listeners, threads) in [(1, 10, 2), (1, 1, 2), (3, 4, 2), (7, 1, 4)] {
            let bursts = bursts(rooms, listeners, threads, 0);
            assert!(bursts.len() <= threads);
            let mut all: Vec<u32> = bursts.iter().flatten().flat_map(|(_, people)| people.clone()).collect();
            all.sort_unstable();
            assert_eq!(all, (0..u32::try_from(rooms * listeners).expect("few")).collect::<Vec<_>>());
            assert!(bursts.iter().flatten().all(|(offset, _)| *offset < RHYTHM));
        }
    }

    #[test]
    fn a_room_is_spread_over_threads_as_the_server_spreads_it() {
        let spread = |listeners, threads, leaning| -> Vec<usize> {
            bursts(1, listeners, threads, leaning).iter().map(|bursts| bursts[0].1.len()).collect()
        };
        assert_eq!(spread(1_000, 2, 1_024), [1_000], "one thread, and the others are not woken");
        assert_eq!(spread(5_000, 2, 1_024), [3_012, 1_988]);
        assert_eq!(spread(10, 2, 0), [5, 5]);
        assert_eq!(spread(9_216, 3, 1_024), [3_756, 2_730, 2_730]);
    }

    #[test]
    fn the_floor_is_packets_that_arrive_and_what_they_cost() {
        let short = Duration::from_millis(100);
        let shape =
            Shape { rooms: 1, listeners: 200, threads: 2, leaning: 0, flat_for: short, paced_for: short };
        let floor = measure(shape).expect("measured");
        assert_eq!(floor.paced_sent, 200 * 5, "five beats of 20 ms");
        assert_eq!(floor.paced_lost, 0);
        assert!(floor.flat > 100.0 && floor.paced > 100.0, "{floor:?}");
    }

    #[test]
    fn its_packets_are_as_long_as_the_servers() {
        let wires = Wires::open(Here::Loopback, 0, 1).expect("a socket");
        let mut people = recipients(|person| wires.address(person), 0..1).expect("a key");
        let mut bytes = [0; 512];
        let len = people[0].seal(&mut bytes).expect("sealed");
        assert_eq!(len, 112);
        assert_eq!(glimpse(&bytes[..len]).map(|glimpse| (glimpse.talker, glimpse.frames)), Some((7, 1)));
    }
}
