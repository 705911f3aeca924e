//! All that a process holds: every page that can be read, and the registers that the kernel keeps of its threads.
#![expect(unsafe_code, reason = "the registers of a thread are asked for by ptrace")]

use std::fs::File;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use rustix::process::Pid;

use crate::marks::{Found, Marks};

/// Bytes of one read.
const CHUNK: usize = 1 << 20;

/// Looks for all marks in all of a process; says where they are.
pub(crate) fn look(process: Pid, marks: &Marks) -> Vec<String> {
    let memory = open(process);
    let mut places = Vec::new();
    each_piece(process, marks.longest(), |name, at, bytes| {
        let mut found = Vec::new();
        marks.find(at, bytes, &mut found);
        for Found { what, at } in found {
            places.push(format!("{what} at {at:x} in {name}: {}", around(&memory, at)));
        }
    });
    for (thread, bytes) in registers(process) {
        let mut found = Vec::new();
        marks.find(0, &bytes, &mut found);
        places.extend(found.into_iter().map(|found| format!("{} in a register of {thread}", found.what)));
    }
    places
}

/// Calls with all that can be read of a process, piece by piece: what the system calls the part of memory, where the piece
/// lies, and its bytes. Of two pieces that follow each other the second begins with the last `overlap` bytes of the first.
pub(crate) fn each_piece(process: Pid, overlap: usize, mut call: impl FnMut(&str, usize, &[u8])) {
    let memory = open(process);
    let mut buffer = vec![0; CHUNK + overlap];
    let mut read = 0;
    for Map { range: Range { start: mut at, end: to }, rights, name } in maps(process) {
        // Pages of the kernel's that cannot be read this way, and hold nothing of anybody.
        if !rights.starts_with('r') || name.starts_with("[vvar") || name.starts_with("[vsyscall") {
            continue;
        }
        while at < to {
            let most = buffer.len().min(to - at);
            // A page that went away meanwhile, or that nobody may read.
            let Ok(count) = memory.read_at(&mut buffer[..most], at as u64) else { break };
            read += count;
            call(&name, at, &buffer[..count]);
            if count < most || at + count >= to {
                break;
            }
            at += count - overlap;
        }
    }
    assert!(read > 1 << 20, "only {read} bytes could be read");
}

/// Where its functions lie.
pub(crate) fn code(process: Pid) -> Vec<Range<usize>> {
    maps(process).into_iter().filter(|map| map.rights.contains('x')).map(|map| map.range).collect()
}

/// A part of memory, as the system names it.
struct Map {
    range: Range<usize>,
    rights: String,
    name: String,
}

fn maps(process: Pid) -> Vec<Map> {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", process.as_raw_nonzero())).expect("it runs");
    let map = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let (range, rights) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (from, to) = range.split_once('-').expect("a range");
        let number = |text| usize::from_str_radix(text, 16).expect("a number");
        let name = words.nth(3).unwrap_or("without a name");
        Map { range: number(from)..number(to), rights: rights.to_owned(), name: name.to_owned() }
    };
    maps.lines().map(map).collect()
}

fn open(process: Pid) -> File {
    File::open(format!("/proc/{}/mem", process.as_raw_nonzero())).expect("root may read it")
}

/// What stands around it, for whoever has to find out who left it there.
fn around(memory: &File, at: usize) -> String {
    let mut bytes = [0; 160];
    let count = memory.read_at(&mut bytes, at.saturating_sub(64) as u64).unwrap_or(0);
    bytes[..count].escape_ascii().to_string().replace("\\x00", "·")
}

/// Of every thread, stopped for it one by one.
fn registers(process: Pid) -> Vec<(String, Vec<u8>)> {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero())).expect("it runs");
    let (mut all, mut threads) = (Vec::new(), 0);
    for task in tasks.map_while(Result::ok) {
        let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let Ok(thread) = task.file_name().to_string_lossy().parse::<libc::pid_t>() else { continue };
        let found: Vec<_> =
            KINDS.iter().filter_map(|kind| Some((*kind, of_thread(thread, *kind)?))).collect();
        // One that ended meanwhile has none; every other has all of them.
        if found.len() < KINDS.len() && !task.path().exists() {
            continue;
        }
        threads += 1;
        all.extend(found.into_iter().map(|(kind, bytes)| (format!("{} ({kind:#x})", name.trim()), bytes)));
    }
    assert!(threads > 0, "a process has threads");
    assert_eq!(all.len(), threads * KINDS.len(), "and threads have registers");
    all
}

/// The control: has a mark in a register that copies memory until somebody ends this process.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) fn holds(mark: &[u8; 16]) -> ! {
    // SAFETY: reads the sixteen bytes, touches no memory else, and never goes on.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::asm!("movdqu xmm7, [{mark}]", "2:", "pause", "jmp 2b", mark = in(reg) mark, options(noreturn))
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        std::arch::asm!("ldr q7, [{mark}]", "2:", "yield", "b 2b", mark = in(reg) mark, options(noreturn))
    }
}

/// What the kernel calls them: the general ones, and those that copy memory.
#[cfg(target_arch = "x86_64")]
const KINDS: &[libc::c_int] = &[1, 0x202];
#[cfg(not(target_arch = "x86_64"))]
const KINDS: &[libc::c_int] = &[1, 2];

fn of_thread(thread: libc::pid_t, kind: libc::c_int) -> Option<Vec<u8>> {
    let mut bytes = [MaybeUninit::<u8>::zeroed(); 16 * 1024];
    let mut into = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: ptrace of another process touches nothing of ours but the buffer that `into` names, which outlives the
    // calls; the thread is let go again whatever was answered.
    unsafe {
        if libc::ptrace(libc::PTRACE_SEIZE, thread, none, none) != 0 {
            return None;
        }
        libc::ptrace(libc::PTRACE_INTERRUPT, thread, none, none);
        let mut status = 0;
        libc::waitpid(thread, &raw mut status, libc::__WALL);
        let asked = libc::ptrace(libc::PTRACE_GETREGSET, thread, kind, &raw mut into);
        libc::ptrace(libc::PTRACE_DETACH, thread, none, none);
        if asked != 0 {
            return None;
        }
        Some(bytes[..into.iov_len].iter().map(|byte| byte.assume_init()).collect())
    }
}
