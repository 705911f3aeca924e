//! What keeps a process from writing anything down, applied before it has a second thread.
//!
//! Two processes are shut in: the one that serves people, and the one that calls out for it. What they may do differs in one
//! thing alone ([`May`]). Two locks. seccomp is required and complete by itself: an allow-list of system calls ([`calls`]) in which no call
//! opens, creates or names a file, starts a program, or looks into another process; everything else is EPERM.
//! Landlock, where the kernel has it, denies the same files, outgoing connections and signals a second time.
//!
//! Why an allow-list. A deny-list has to be right about every call of every kernel to come, and on x86-64 about the
//! x32 numbers of each; an allow-list has to be right only about what this process needs, and forgetting one shows in
//! the first test. It is one list for x86-64 and arm64, glibc and musl.
//!
//! Why so early. Landlock and no_new_privs bind the calling thread and those it starts later: a runtime that has its
//! workers already keeps them free, whatever the ruleset reports. [`enter`] therefore counts threads first.

mod calls;

/// How far it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locks {
    /// A kernel without Landlock gets the first alone.
    Both,
    /// The first alone, to prove that it holds by itself.
    Seccomp,
    None,
}

/// What a process may do beside working with what it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Answer those who come to it; it makes no connection.
    Serve,
    /// Make connections over IP; nobody comes to it.
    CallOut,
}

/// What holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    pub seccomp: Lock,
    pub landlock: Lock,
}

/// One of the two locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Holds,
    /// The kernel does not know it.
    Missing,
    /// Left off on purpose.
    Off,
}

impl Report {
    /// Nothing holds.
    pub const OFF: Self = Self { seccomp: Lock::Off, landlock: Lock::Off };
}

/// Why this process must not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SandboxError {
    /// A fault in code: something has started a thread before the sandbox.
    #[error("a second thread exists already")]
    TooLate,
    /// Not this kernel, or not from within another sandbox.
    #[error("the kernel refuses seccomp")]
    NoSeccomp,
    /// A fault in code: the filter does not compile.
    #[error("the filter cannot be built for this machine")]
    NoFilter,
}

/// Shuts this process in for good. Call it on the main thread, before anything starts another.
///
/// # Errors
/// See [`SandboxError`]; the process must end then.
pub fn enter(locks: Locks, may: May) -> Result<Report, SandboxError> {
    if locks == Locks::None {
        return Ok(Report::OFF);
    }
    if has_other_threads() {
        return Err(SandboxError::TooLate);
    }
    shut(locks, may)
}

/// The same without a look for other threads, which stay free: what a build would be that forgot to look. For the
/// self-test's control.
///
/// # Errors
/// As [`enter`].
pub fn enter_late() -> Result<Report, SandboxError> {
    shut(Locks::Both, May::Serve)
}

fn shut(locks: Locks, may: May) -> Result<Report, SandboxError> {
    warm_up();
    let landlock = if locks == Locks::Both { landlock_everything(may) } else { Lock::Off };
    for program in calls::filters(may).map_err(|_| SandboxError::NoFilter)? {
        // Sets no_new_privs as well.
        seccompiler::apply_filter(&program).map_err(|_| SandboxError::NoSeccomp)?;
    }
    Ok(Report { seccomp: Lock::Holds, landlock })
}

/// The second lock without the first, to see what it forbids by itself. For the self-test.
///
/// # Errors
/// [`SandboxError::TooLate`].
pub fn enter_landlock_alone() -> Result<Report, SandboxError> {
    if has_other_threads() {
        return Err(SandboxError::TooLate);
    }
    warm_up();
    Ok(Report { seccomp: Lock::Off, landlock: landlock_everything(May::Serve) })
}

/// Where /proc is missing nobody can tell, and the answer is no.
fn has_other_threads() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() > 1)
}

/// Lets libraries look at the machine while they still can. AWS-LC looks once for /dev/sysgenid (whether a virtual
/// machine was cloned) and refuses to give random numbers when that look fails in an unexpected way.
fn warm_up() {
    aws_lc_rs::init();
    let _ = aws_lc_rs::rand::fill(&mut [0; 16]);
}

/// Denies every file, every bind and, but for who calls out, connect of TCP, abstract sockets and signals to others. No rule
/// allows anything.
fn landlock_everything(may: May) -> Lock {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError,
        RulesetStatus, Scope,
    };
    let network = match may {
        May::Serve => AccessNet::from_all(ABI::V6),
        May::CallOut => AccessNet::BindTcp.into(),
    };
    let restrict = || -> Result<RulesetStatus, RulesetError> {
        let ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(network)?
            .scope(Scope::from_all(ABI::V6))?;
        Ok(ruleset.create()?.restrict_self()?.ruleset)
    };
    match restrict() {
        // Older kernels know fewer kinds of access; each of them still cannot open a file.
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Lock::Holds,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Lock::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_second_thread_is_not_called_sandboxed() {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let second = std::thread::spawn(move || stopped.recv());
        assert_eq!(enter(Locks::Both, May::Serve), Err(SandboxError::TooLate));
        drop(stop);
        let _ = second.join();
    }

    #[test]
    fn without_a_sandbox_the_report_says_so() {
        assert_eq!(enter(Locks::None, May::Serve), Ok(Report::OFF));
    }

    #[test]
    fn the_filter_compiles_for_both_machines() {
        for machine in [seccompiler::TargetArch::x86_64, seccompiler::TargetArch::aarch64] {
            for may in [May::Serve, May::CallOut] {
                assert_eq!(calls::filters_for(machine, may).expect("compiles").len(), 2);
            }
        }
    }
}
