//! Processes that stand still, all threads of all of them: what they hold does not change until they are let go.
#![expect(unsafe_code, reason = "threads are stopped, and their registers asked for, by ptrace")]

use std::fs::{read_dir, read_to_string};
use std::mem::MaybeUninit;

use rustix::process::Pid;

/// Until this is dropped, by the thread that made it.
pub(crate) struct Still(Vec<Thread>);

struct Thread {
    process: Pid,
    id: libc::pid_t,
    /// One that was on its way when it was stopped, and is not to be lost; 0 for none.
    signal: libc::c_int,
}

/// What a thread holds outside memory.
pub(crate) struct Registers {
    /// Of which thread.
    pub(crate) name: String,
    /// Where its stack ends. What lies below is left over.
    pub(crate) stack: usize,
    pub(crate) bytes: Vec<u8>,
}

impl Still {
    pub(crate) fn stop(processes: &[Pid]) -> Self {
        let mut still = Self(Vec::new());
        // One that still runs may start another.
        loop {
            let new: Vec<_> = processes
                .iter()
                .flat_map(|process| threads(*process).into_iter().map(|id| (*process, id)))
                .filter(|(_, id)| !still.0.iter().any(|known| known.id == *id))
                // One that has ended meanwhile is not to be stopped.
                .filter(|(_, id)| {
                    ask(libc::PTRACE_SEIZE, *id, 0, 0) && ask(libc::PTRACE_INTERRUPT, *id, 0, 0)
                })
                .collect();
            if new.is_empty() {
                break;
            }
            still.0.extend(
                new.into_iter()
                    .filter_map(|(process, id)| stopped(id).map(|signal| Thread { process, id, signal })),
            );
        }
        for process in processes {
            assert!(still.0.iter().any(|thread| thread.process == *process), "a process has threads");
        }
        still
    }

    /// Of every thread of a process, and all kinds of them.
    pub(crate) fn registers(&self, process: Pid) -> Vec<Registers> {
        let threads = self.0.iter().filter(|thread| thread.process == process);
        threads.map(|thread| Registers::of(process, thread.id)).collect()
    }
}

impl Drop for Still {
    fn drop(&mut self) {
        for thread in &self.0 {
            ask(libc::PTRACE_DETACH, thread.id, 0, usize::try_from(thread.signal).unwrap_or(0));
        }
    }
}

impl Registers {
    fn of(process: Pid, thread: libc::pid_t) -> Self {
        let name = read_to_string(format!("/proc/{}/task/{thread}/comm", process.as_raw_nonzero()));
        let [general, moving] = KINDS.map(|kind| registers(thread, kind).expect("a thread has registers"));
        let stack = general[STACK_POINTER..][..8].try_into().map(usize::from_le_bytes).expect("eight bytes");
        Self { name: name.unwrap_or_default().trim().to_owned(), stack, bytes: [general, moving].concat() }
    }
}

fn threads(process: Pid) -> Vec<libc::pid_t> {
    let tasks = read_dir(format!("/proc/{}/task", process.as_raw_nonzero())).expect("it runs");
    tasks.map_while(Result::ok).filter_map(|task| task.file_name().to_string_lossy().parse().ok()).collect()
}

/// What the kernel calls them: the general ones, and those that copy memory.
#[cfg(target_arch = "x86_64")]
const KINDS: [libc::c_int; 2] = [1, 0x202];
#[cfg(not(target_arch = "x86_64"))]
const KINDS: [libc::c_int; 2] = [1, 2];

/// Where among the general ones the pointer to the stack is.
#[cfg(target_arch = "x86_64")]
const STACK_POINTER: usize = 19 * 8;
#[cfg(not(target_arch = "x86_64"))]
const STACK_POINTER: usize = 31 * 8;

fn ask(what: libc::c_uint, thread: libc::pid_t, place: usize, data: usize) -> bool {
    // SAFETY: none of these requests touches memory of ours.
    unsafe { libc::ptrace(what, thread, place, data) == 0 }
}

/// Waits until a thread stands still: with what signal it is to go on. None for one that has ended.
fn stopped(thread: libc::pid_t) -> Option<libc::c_int> {
    let mut status = 0;
    // SAFETY: the status is ours, and outlives the call.
    let waited = unsafe { libc::waitpid(thread, &raw mut status, libc::__WALL) };
    if waited != thread || !libc::WIFSTOPPED(status) {
        return None;
    }
    // Stopped by us, or on the way to a signal before that.
    let by_us = status >> 16 == libc::PTRACE_EVENT_STOP;
    Some(if by_us { 0 } else { libc::WSTOPSIG(status) })
}

fn registers(thread: libc::pid_t, kind: libc::c_int) -> Option<Vec<u8>> {
    let mut bytes = [MaybeUninit::<u8>::zeroed(); 16 * 1024];
    let mut into = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
    // SAFETY: the kernel writes into nothing but the buffer that `into` names, which outlives the call.
    let asked = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, thread, kind, &raw mut into) };
    // SAFETY: zeroed bytes are bytes.
    (asked == 0).then(|| bytes[..into.iov_len].iter().map(|byte| unsafe { byte.assume_init() }).collect())
}
