//! All that processes hold at one moment: they stand still while every page that is there is copied, and the registers of
//! their threads. What is looked for is looked for in the copies, however long that takes.

use std::fs::{File, read_to_string};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use rustix::param::page_size;
use rustix::process::Pid;

use crate::marks::{Found, Marks};
use crate::still::{Registers, Still};

/// Of what the kernel says of a page: that it is in memory, or on a swap.
const IS_THERE: u64 = 0b11 << 62;
/// What is read of that at a time: of so many pages.
const PAGES_TOGETHER: usize = 16 * 1024;

/// How long it may take until all stand still: that much later than it says is what is looked at. Mostly it is a third of a
/// millisecond; on a machine with four times as much to do as it can, 212 ms were seen.
const STANDS_STILL_WITHIN: Duration = Duration::from_millis(500);
/// How long they may be kept from their work: shorter than any silence after which a server or its people do something. 20 to
/// 100 ms, and 383 on a busy machine.
const GOES_ON_WITHIN: Duration = Duration::from_secs(2);

/// What one process held.
pub(crate) struct Copy {
    pieces: Vec<Piece>,
    registers: Vec<Registers>,
    /// Where its functions lie.
    pub(crate) code: Vec<Range<usize>>,
}

/// Pages one after the other.
pub(crate) struct Piece {
    pub(crate) at: usize,
    pub(crate) bytes: Vec<u8>,
    /// What the system calls the part of memory in which it lies.
    name: String,
    /// All of that part.
    part: Range<usize>,
}

/// Copies of several, all of the same moment.
pub(crate) struct Copies<const N: usize> {
    pub(crate) all: [Copy; N],
    stood_still: Duration,
    went_on: Duration,
}

/// Looks for all marks in all of a process; says where they are.
pub(crate) fn look(process: Pid, marks: &Marks) -> Vec<String> {
    let Copies { all: [copy], .. } = copies([process]);
    copy.find(marks)
}

pub(crate) fn copies<const N: usize>(processes: [Pid; N]) -> Copies<N> {
    let begun = Instant::now();
    let still = Still::stop(&processes);
    let stood_still = begun.elapsed();
    let all = processes.map(|process| Copy::of(process, &still));
    drop(still);
    let went_on = begun.elapsed();
    let copies = Copies { all, stood_still, went_on };
    let told = copies.told();
    assert!(stood_still <= STANDS_STILL_WITHIN && went_on <= GOES_ON_WITHIN, "{told}");
    copies
}

impl<const N: usize> Copies<N> {
    /// How large they are, and how long it took.
    pub(crate) fn told(&self) -> String {
        let sizes = self.all.each_ref().map(|copy| copy.bytes() >> 20);
        format!(
            "{sizes:?} MiB were there; stood still after {:?}, went on after {:?}",
            self.stood_still, self.went_on
        )
    }
}

impl Copy {
    fn of(process: Pid, still: &Still) -> Self {
        let (pages, memory) = (open(process, "pagemap"), open(process, "mem"));
        let (mut pieces, mut code) = (Vec::new(), Vec::new());
        for Map { range, rights, name } in maps(process) {
            // Pages of the kernel's that cannot be read this way, and hold nothing of anybody.
            if name.starts_with("[vvar") || name.starts_with("[vsyscall") {
                continue;
            }
            for there in pages_there(&pages, &range) {
                let mut bytes = vec![0; there.len()];
                memory.read_exact_at(&mut bytes, there.start as u64).expect("root may read what is there");
                pieces.push(Piece { at: there.start, bytes, name: name.clone(), part: range.clone() });
            }
            if rights.contains('x') {
                code.push(range);
            }
        }
        let copy = Self { pieces, registers: still.registers(process), code };
        let (copied, resident) = (copy.bytes(), resident(process));
        assert!(copied >= resident, "{copied} bytes of {resident} were copied");
        copy
    }

    fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.bytes.len()).sum()
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Looks for all marks in all of it; says where they are.
    pub(crate) fn find(&self, marks: &Marks) -> Vec<String> {
        let mut places = Vec::new();
        for piece in &self.pieces {
            let mut found = Vec::new();
            marks.find(piece.at, &piece.bytes, &mut found);
            places.extend(
                found.into_iter().map(|Found { what, at }| format!("{what} {}", self.place(piece, at))),
            );
        }
        for Registers { name, bytes, .. } in &self.registers {
            let mut found = Vec::new();
            marks.find(0, bytes, &mut found);
            places.extend(found.into_iter().map(|found| format!("{} in a register of {name}", found.what)));
        }
        places
    }

    /// Where something lies, and what stands around it: for whoever has to find out who left it there.
    pub(crate) fn place(&self, piece: &Piece, at: usize) -> String {
        let stack = self.registers.iter().find(|thread| piece.part.contains(&thread.stack));
        let stack = stack.map(|Registers { name, stack, .. }| {
            let (bytes, side) = (stack.abs_diff(at), if at < *stack { "below" } else { "above" });
            format!(", {bytes} bytes {side} where the stack of {name} ends")
        });
        let offset = at - piece.at;
        let around = &piece.bytes[offset.saturating_sub(64)..piece.bytes.len().min(offset + 96)];
        let around = around.escape_ascii().to_string().replace("\\x00", "·");
        format!("at {at:x} in {}{}: {around}", piece.name, stack.unwrap_or_default())
    }
}

/// A part of memory, as the system names it.
struct Map {
    range: Range<usize>,
    rights: String,
    name: String,
}

fn maps(process: Pid) -> Vec<Map> {
    let map = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (from, to) = range.split_once('-').expect("a range");
        let number = |text| usize::from_str_radix(text, 16).expect("a number");
        let name = words.nth(3).unwrap_or("without a name");
        Map { range: number(from)..number(to), rights: rights.to_owned(), name: name.to_owned() }
    };
    told(process, "maps").lines().map(map).collect()
}

/// Those of its pages that hold anything. The others are as they are in the file of the program, or empty.
fn pages_there(pages: &File, part: &Range<usize>) -> Vec<Range<usize>> {
    let page = page_size();
    let mut there: Vec<Range<usize>> = Vec::new();
    let mut entries = vec![0; 8 * PAGES_TOGETHER];
    let mut at = part.start;
    while at < part.end {
        let count = ((part.end - at) / page).min(PAGES_TOGETHER);
        let some = &mut entries[..8 * count];
        pages.read_exact_at(some, (at / page * 8) as u64).expect("one for each page");
        for entry in some.chunks_exact(8) {
            if u64::from_le_bytes(entry.try_into().expect("eight bytes")) & IS_THERE != 0 {
                match there.last_mut() {
                    Some(last) if last.end == at => last.end += page,
                    _ => there.push(at..at + page),
                }
            }
            at += page;
        }
    }
    there
}

/// Bytes of a process that are in memory, as the kernel counts them.
fn resident(process: Pid) -> usize {
    let all = told(process, "smaps_rollup");
    let kilobytes =
        all.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB")?.parse().ok());
    kilobytes.map(|kilobytes: usize| kilobytes << 10).expect("counted")
}

fn open(process: Pid, what: &str) -> File {
    File::open(format!("/proc/{}/{what}", process.as_raw_nonzero())).expect("root may read it")
}

fn told(process: Pid, what: &str) -> String {
    read_to_string(format!("/proc/{}/{what}", process.as_raw_nonzero())).expect("it runs")
}
