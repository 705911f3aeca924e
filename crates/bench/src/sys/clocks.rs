//! What time it is, and how much of it a process or a thread has worked.

use std::io;
use std::time::Duration;

use super::check;

/// Nanoseconds since 1970, by the clock that stamps received datagrams.
pub(crate) fn wall() -> i64 {
    nanoseconds(read(libc::CLOCK_REALTIME).unwrap_or(EMPTY))
}

/// How long the calling thread has worked, for itself and in the kernel.
pub(crate) fn thread_cpu() -> Duration {
    duration(read(libc::CLOCK_THREAD_CPUTIME_ID).unwrap_or(EMPTY))
}

/// How long a process has worked, all its threads together, for themselves and in the kernel.
///
/// # Errors
/// When there is no such process.
pub(crate) fn process_cpu(pid: u32) -> io::Result<Duration> {
    let pid = libc::pid_t::try_from(pid).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
    let mut clock: libc::clockid_t = 0;
    // SAFETY: room for a clock's id. Unlike the rest, this call returns its error.
    let error = unsafe { libc::clock_getcpuclockid(pid, &raw mut clock) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    read(clock).map(duration)
}

/// Puts the calling thread ahead of others, where that is allowed, as the server's media threads are.
pub(crate) fn come_first() -> io::Result<()> {
    // SAFETY: no pointers; 0 is the calling thread.
    check(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -11) })?;
    Ok(())
}

/// Keeps the calling thread on the `n`th of the processors it may use, counted round.
pub(crate) fn stay_on_processor(n: usize) -> io::Result<()> {
    // SAFETY: cpu_set_t is plain bits, for which zero is a value.
    let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a valid set of the given size; 0 is the calling thread.
    check(unsafe { libc::sched_getaffinity(0, size, &raw mut allowed) })?;
    let most = usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    // SAFETY: below CPU_SETSIZE, so within the set.
    let processors: Vec<usize> = (0..most).filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &allowed) }).collect();
    let Some(mine) = processors.get(n % processors.len().max(1)) else { return Ok(()) };
    // SAFETY: as above, and `mine` was found within the set.
    unsafe {
        let mut only: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(*mine, &mut only);
        check(libc::sched_setaffinity(0, size, &raw const only))?;
    }
    Ok(())
}

const EMPTY: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 0 };

fn read(clock: libc::clockid_t) -> io::Result<libc::timespec> {
    let mut time = EMPTY;
    // SAFETY: room for a time.
    check(unsafe { libc::clock_gettime(clock, &raw mut time) })?;
    Ok(time)
}

pub(super) fn nanoseconds(time: libc::timespec) -> i64 {
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

fn duration(time: libc::timespec) -> Duration {
    Duration::from_nanos(nanoseconds(time).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_is_seen_to_work() {
        let (process, thread) = (process_cpu(std::process::id()).expect("this one"), thread_cpu());
        let mut number = 1u64;
        while thread_cpu() < thread + Duration::from_millis(2) {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
        assert!(process_cpu(std::process::id()).expect("this one") > process + Duration::from_millis(1));
    }

    #[test]
    fn a_process_that_is_not_there_has_no_clock() {
        assert!(process_cpu(u32::MAX).is_err());
        assert!(process_cpu(0x3fff_fff0).is_err());
    }
}
