//! The system calls a process may make. Whoever adds one says what for.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use crate::May;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Allowed whatever their arguments. None of them takes a path, and none makes a descriptor that outlives the process.
#[rustfmt::skip]
const ALWAYS: &[c_long] = &[
    // Bytes through descriptors that exist already: sockets, the log pipe, wake-ups.
    libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev, libc::SYS_close,
    libc::SYS_dup, libc::SYS_dup3, libc::SYS_fcntl, libc::SYS_fstat,
    // Media, and the lines between our processes.
    libc::SYS_shutdown,
    libc::SYS_recvfrom, libc::SYS_sendto, libc::SYS_recvmsg, libc::SYS_sendmsg, libc::SYS_recvmmsg, libc::SYS_sendmmsg,
    libc::SYS_getsockopt, libc::SYS_setsockopt, libc::SYS_getsockname, libc::SYS_getpeername,
    // Waiting.
    libc::SYS_epoll_create1, libc::SYS_epoll_ctl, libc::SYS_epoll_pwait, libc::SYS_epoll_pwait2, libc::SYS_ppoll,
    libc::SYS_eventfd2, libc::SYS_timerfd_create, libc::SYS_timerfd_settime, libc::SYS_timerfd_gettime,
    // Time and chance, where the vDSO does not answer.
    libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_gettimeofday,
    libc::SYS_nanosleep, libc::SYS_clock_nanosleep, libc::SYS_getrandom,
    // Memory; mapping and protecting are below.
    libc::SYS_munmap, libc::SYS_mremap, libc::SYS_madvise, libc::SYS_brk, libc::SYS_membarrier,
    libc::SYS_mlock, libc::SYS_mlock2, libc::SYS_munlock,
    // Threads; starting one is below. clone3 is on this list only so that the other filter's ENOSYS is what shows.
    libc::SYS_clone3, libc::SYS_set_robust_list, libc::SYS_rseq, libc::SYS_set_tid_address, libc::SYS_futex,
    libc::SYS_sched_yield, libc::SYS_sched_getaffinity, libc::SYS_sched_setaffinity, libc::SYS_getcpu,
    libc::SYS_setpriority,
    libc::SYS_gettid, libc::SYS_getpid, libc::SYS_exit, libc::SYS_exit_group,
    libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn, libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // What glibc and musl ask about the machine: pages, processors, use so far.
    libc::SYS_sysinfo, libc::SYS_uname, libc::SYS_getrusage, libc::SYS_prlimit64,
];

/// Older forms of the same that only x86-64 has.
#[cfg(target_arch = "x86_64")]
const ALWAYS_HERE: &[c_long] = &[libc::SYS_poll, libc::SYS_epoll_wait, libc::SYS_dup2, libc::SYS_time];
#[cfg(not(target_arch = "x86_64"))]
const ALWAYS_HERE: &[c_long] = &[];

/// Of who serves: connections that somebody made to us.
const SERVES: &[c_long] = &[libc::SYS_accept, libc::SYS_accept4];

/// Of who calls out: where to, and from which port a question to a name server comes. Which sockets there may be is below.
const CALLS_OUT: &[c_long] = &[libc::SYS_connect, libc::SYS_bind];

/// Both filters for this machine, in the order in which to apply them.
pub(super) fn filters(may: May) -> Result<Vec<BpfProgram>, BackendError> {
    filters_for(std::env::consts::ARCH.try_into()?, may)
}

pub(super) fn filters_for(machine: TargetArch, may: May) -> Result<Vec<BpfProgram>, BackendError> {
    // glibc starts a thread by clone3 and falls back to clone on ENOSYS only. clone3 keeps its flags in memory, where
    // no filter can look, so it is not there; clone is, with its flags in a register.
    let no_clone3 = SeccompFilter::new(
        Rules::from([(libc::SYS_clone3, Vec::new())]),
        SeccompAction::Allow,
        SeccompAction::Errno(errno(libc::ENOSYS)),
        machine,
    )?;
    let allowed = SeccompFilter::new(
        rules(may)?,
        SeccompAction::Errno(errno(libc::EPERM)),
        SeccompAction::Allow,
        machine,
    )?;
    // The second forbids applying any more.
    Ok(vec![no_clone3.try_into()?, allowed.try_into()?])
}

fn rules(may: May) -> Result<Rules, BackendError> {
    let own = match may {
        May::Serve => SERVES,
        May::CallOut => CALLS_OUT,
    };
    let mut rules: Rules =
        ALWAYS.iter().chain(ALWAYS_HERE).chain(own).map(|call| (*call, Vec::new())).collect();

    if may == May::CallOut {
        // TCP and UDP over IP. No socket that could be connected or bound to a path, none that sees others' packets.
        let mut sockets = Vec::new();
        for family in [libc::AF_INET, libc::AF_INET6] {
            for kind in [libc::SOCK_STREAM, libc::SOCK_DGRAM] {
                let family = condition(0, Op::Eq, bits(family))?;
                sockets.push(rule(vec![family, condition(1, Op::MaskedEq(0xf), bits(kind))?])?);
            }
        }
        rules.insert(libc::SYS_socket, sockets);
    }

    // A thread of this process, never another process.
    let thread = bits(libc::CLONE_VM | libc::CLONE_THREAD);
    rules.insert(libc::SYS_clone, vec![rule(vec![condition(0, Op::MaskedEq(thread), thread)?])?]);

    // No memory that can be run: there is no code to add once the process is here.
    let no_exec = || rule(vec![condition(2, Op::MaskedEq(bits(libc::PROT_EXEC)), 0)?]);
    rules.insert(libc::SYS_mmap, vec![no_exec()?]);
    rules.insert(libc::SYS_mprotect, vec![no_exec()?]);

    // Connected to each other and to nothing else. A datagram socket could still send to a path such as journald's.
    let unix = condition(0, Op::Eq, bits(libc::AF_UNIX))?;
    let stream = condition(1, Op::MaskedEq(0xf), bits(libc::SOCK_STREAM))?;
    rules.insert(libc::SYS_socketpair, vec![rule(vec![unix, stream])?]);

    // A socket's blocking mode, what waits to be read, what waits to be sent.
    let requests = [libc::FIONBIO, libc::FIONREAD, libc::TIOCOUTQ];
    rules.insert(libc::SYS_ioctl, one_of(1, requests)?);

    // A thread's name and how precisely it wakes up.
    rules.insert(libc::SYS_prctl, one_of(0, [libc::PR_SET_NAME, libc::PR_SET_TIMERSLACK])?);

    // abort(3), to this process only.
    rules.insert(libc::SYS_tgkill, one_of(0, [std::process::id()])?);
    Ok(rules)
}

fn one_of<const N: usize>(
    argument: u8,
    values: [impl TryInto<i64>; N],
) -> Result<Vec<SeccompRule>, BackendError> {
    values.into_iter().map(|value| rule(vec![condition(argument, Op::Eq, bits(value))?])).collect()
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(conditions)
}

/// All these arguments are ints: their upper halves are not the kernel's business.
fn condition(argument: u8, op: Op, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Len::Dword, op, value)
}

/// The constants are small and not negative; anything else would match nothing.
fn bits(value: impl TryInto<i64>) -> u64 {
    value.try_into().ok().and_then(|value: i64| u64::try_from(value).ok()).unwrap_or(u64::from(u32::MAX))
}

fn errno(number: i32) -> u32 {
    number.unsigned_abs()
}
