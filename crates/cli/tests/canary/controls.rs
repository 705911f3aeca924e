//! Controls for the search itself: processes that have a mark where it is easily overlooked, and end when it was found.
#![expect(unsafe_code, reason = "what a register holds is said in the language of the machine")]

use std::hint::{black_box, spin_loop};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::marks::Marks;
use crate::memory;
use crate::people::PATIENCE;

/// Bytes of what is looked for.
const LENGTH: usize = 16;
/// Bytes between the two ends: what is read of them in the time of one stay.
const FAR: usize = 32 << 20;
/// How long the mark stays at one end.
const STAY: Duration = Duration::from_micros(300);
/// How often it is looked for: one look at a process that goes on would find it by luck.
const LOOKS: usize = 20;

/// Where such a process has its mark.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    /// In a register alone.
    Register,
    /// Now at one end of its memory, now at the other.
    Moving,
}

impl How {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Register, Self::Moving].into_iter().find(|how| how.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Register => "holds-in-a-register",
            Self::Moving => "holds-and-moves",
        }
    }

    /// What such a process does. Comes back only where nobody says what to hold.
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Self::Register => {
                let mut mark = [0; LENGTH];
                if std::io::stdin().read_exact(&mut mark).is_ok() {
                    holds(&mark);
                }
            }
            Self::Moving => moves(),
        }
        ExitCode::FAILURE
    }
}

/// A process that holds what is looked for, until this is dropped.
struct Holder {
    child: Child,
    marks: Marks,
}

impl Holder {
    fn start(how: How) -> Self {
        let mut mark = [0; LENGTH];
        rustix::rand::getrandom(&mut mark, rustix::rand::GetRandomFlags::empty()).expect("randomness");
        let mut marks = Marks::default();
        marks.bytes("a mark", mark.to_vec());
        let program = std::env::current_exe().expect("this test");
        let mut child = Command::new(program).arg(how.word()).stdin(Stdio::piped()).spawn().expect("started");
        child.stdin.take().expect("a pipe").write_all(&mark).expect("it reads");
        Self { child, marks }
    }

    fn look(&self) -> Vec<String> {
        memory::look(Pid::from_child(&self.child), &self.marks)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn registers_are_searched() {
    let (holder, begun) = (Holder::start(How::Register), Instant::now());
    let mut found = false;
    while !found && begun.elapsed() < PATIENCE {
        found = holder.look().iter().any(|place| place.contains("in a register"));
    }
    assert!(found, "then the others prove nothing of registers");
}

/// What is now here and now there is seen wherever it is: the copy is of one moment, however large.
pub(crate) fn all_is_of_one_moment() {
    let (holder, begun) = (Holder::start(How::Moving), Instant::now());
    let in_memory = || holder.look().into_iter().filter(|place| !place.contains("in a register")).count();
    while in_memory() == 0 {
        assert!(begun.elapsed() < PATIENCE, "it never came");
    }
    for look in 0..LOOKS {
        // Two while it is on its way.
        assert!((1..=2).contains(&in_memory()), "look {look} proves nothing: it was elsewhere");
    }
}

/// Only ever in one of two places: what it was read with keeps none of it.
fn moves() {
    let mut far = vec![1u8; FAR];
    let (mut from, mut to) = (0, FAR - LENGTH);
    if !matches!(rustix::io::read(std::io::stdin(), &mut far[..LENGTH]), Ok(LENGTH)) {
        return;
    }
    loop {
        let since = Instant::now();
        while since.elapsed() < STAY {
            spin_loop();
        }
        far.copy_within(from..from + LENGTH, to);
        black_box(&mut far);
        far[from..from + LENGTH].fill(1);
        black_box(&mut far);
        (from, to) = (to, from);
    }
}

/// Has a mark in a register that copies memory until somebody ends this process.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn holds(mark: &[u8; LENGTH]) -> ! {
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
