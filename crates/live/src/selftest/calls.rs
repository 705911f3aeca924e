//! System calls that ordinary code does not make, with arguments that can do no harm where they are let through.
#![expect(unsafe_code, reason = "raw system calls are the point: what matters is the kernel's answer")]

use std::mem::MaybeUninit;

use libc::{c_int, c_long};

use super::{Outcome, is_refusal};

/// Name, number, arguments. Pointers are null, descriptors and processes do not exist: a kernel that looks at them
/// answers EFAULT, EBADF, ESRCH or EINVAL.
#[rustfmt::skip]
fn table() -> Vec<(&'static str, c_long, [c_long; 4])> {
    let here = c_long::from(libc::AT_FDCWD);
    let parent = c_long::from(std::os::unix::process::parent_id().cast_signed());
    let me = c_long::from(std::process::id().cast_signed());
    let exec = c_long::from(libc::PROT_EXEC);
    vec![
        // Files by other ways.
        ("memfd_create", libc::SYS_memfd_create, [0, 0, 0, 0]),
        ("memfd_secret", libc::SYS_memfd_secret, [0, 0, 0, 0]),
        ("openat", libc::SYS_openat, [here, 0, 0, 0]),
        ("openat2", libc::SYS_openat2, [here, 0, 0, 0]),
        ("name_to_handle_at", libc::SYS_name_to_handle_at, [here, 0, 0, 0]),
        ("open_by_handle_at", libc::SYS_open_by_handle_at, [-1, 0, 0, 0]),
        ("mkdirat", libc::SYS_mkdirat, [here, 0, 0, 0]),
        ("mknodat", libc::SYS_mknodat, [here, 0, 0, 0]),
        ("symlinkat", libc::SYS_symlinkat, [0, here, 0, 0]),
        ("linkat", libc::SYS_linkat, [here, 0, here, 0]),
        ("renameat2", libc::SYS_renameat2, [here, 0, here, 0]),
        ("unlinkat", libc::SYS_unlinkat, [here, 0, 0, 0]),
        ("truncate", libc::SYS_truncate, [0, 0, 0, 0]),
        ("statx", libc::SYS_statx, [here, 0, 0, 0]),
        ("readlinkat", libc::SYS_readlinkat, [here, 0, 0, 0]),
        ("chdir", libc::SYS_chdir, [0, 0, 0, 0]),
        ("chroot", libc::SYS_chroot, [0, 0, 0, 0]),
        ("mount", libc::SYS_mount, [0, 0, 0, 0]),
        ("fsopen", libc::SYS_fsopen, [0, 0, 0, 0]),
        ("open_tree", libc::SYS_open_tree, [here, 0, 0, 0]),
        ("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0, 0]),
        ("splice", libc::SYS_splice, [-1, 0, -1, 0]),
        ("sendfile", libc::SYS_sendfile, [-1, -1, 0, 0]),
        ("copy_file_range", libc::SYS_copy_file_range, [-1, 0, -1, 0]),
        // Memory that outlives the process, or that others can reach.
        ("shmget", libc::SYS_shmget, [0, 0, 0, 0]),
        ("msgget", libc::SYS_msgget, [c_long::from(i32::MAX), 0, 0, 0]),
        ("semget", libc::SYS_semget, [c_long::from(i32::MAX), 0, 0, 0]),
        ("mq_open", libc::SYS_mq_open, [0, 0, 0, 0]),
        ("add_key", libc::SYS_add_key, [0, 0, 0, 0]),
        ("request_key", libc::SYS_request_key, [0, 0, 0, 0]),
        ("keyctl", libc::SYS_keyctl, [-1, 0, 0, 0]),
        // Other programs and processes.
        ("execve", libc::SYS_execve, [0, 0, 0, 0]),
        ("execveat", libc::SYS_execveat, [here, 0, 0, 0]),
        ("clone a process", libc::SYS_clone, [c_long::from(libc::CLONE_SIGHAND), 0, 0, 0]),
        ("clone3", libc::SYS_clone3, [0, 0, 0, 0]),
        ("ptrace", libc::SYS_ptrace, [c_long::from(PTRACE_ATTACH), 0, 0, 0]),
        ("process_vm_readv", libc::SYS_process_vm_readv, [me, 0, 0, 0]),
        ("process_vm_writev", libc::SYS_process_vm_writev, [me, 0, 0, 0]),
        ("pidfd_open", libc::SYS_pidfd_open, [me, 0, 0, 0]),
        ("pidfd_getfd", libc::SYS_pidfd_getfd, [-1, 0, 0, 0]),
        ("kill", libc::SYS_kill, [parent, 0, 0, 0]),
        ("tgkill another process", libc::SYS_tgkill, [parent, parent, 0, 0]),
        // Ways into the kernel or to looser rules.
        ("bpf", libc::SYS_bpf, [-1, 0, 0, 0]),
        ("perf_event_open", libc::SYS_perf_event_open, [0, 0, -1, -1]),
        ("userfaultfd", libc::SYS_userfaultfd, [-1, 0, 0, 0]),
        ("inotify_init1", libc::SYS_inotify_init1, [-1, 0, 0, 0]),
        ("fanotify_init", libc::SYS_fanotify_init, [-1, 0, 0, 0]),
        ("setns", libc::SYS_setns, [-1, 0, 0, 0]),
        ("unshare", libc::SYS_unshare, [0, 0, 0, 0]),
        ("personality", libc::SYS_personality, [0xffff_ffff, 0, 0, 0]),
        ("seccomp", libc::SYS_seccomp, [-1, 0, 0, 0]),
        ("become dumpable", libc::SYS_prctl, [c_long::from(libc::PR_SET_DUMPABLE), -1, 0, 0]),
        ("map memory that runs", libc::SYS_mmap, [0, 0, exec, 0]),
        ("make memory run", libc::SYS_mprotect, [0, 0, exec, 0]),
        // Sockets: new ones, and addresses for old ones.
        ("a netlink socket", libc::SYS_socket, [c_long::from(libc::AF_NETLINK), -1, 0, 0]),
        ("a packet socket", libc::SYS_socket, [c_long::from(libc::AF_PACKET), -1, 0, 0]),
        ("a datagram pair", libc::SYS_socketpair, [c_long::from(libc::AF_UNIX), c_long::from(libc::SOCK_DGRAM), 0, 0]),
        ("bind", libc::SYS_bind, [-1, 0, 0, 0]),
        ("connect", libc::SYS_connect, [-1, 0, 0, 0]),
        ("listen", libc::SYS_listen, [-1, 0, 0, 0]),
    ]
}

const PTRACE_ATTACH: c_int = 16;
/// The same calls by their x32 numbers, which a list of what is denied would have to name one by one.
#[cfg(target_arch = "x86_64")]
const OTHER_NUMBERS: [(&str, c_long); 4] = [
    ("open by its x32 number", 0x4000_0000 + libc::SYS_open),
    ("execve by its x32 number", 0x4000_0000 + 520),
    ("open by its old number", libc::SYS_open),
    ("creat by its old number", libc::SYS_creat),
];
#[cfg(not(target_arch = "x86_64"))]
const OTHER_NUMBERS: [(&str, c_long); 0] = [];

/// Whether this kernel knows Landlock and has it switched on: asked by itself, so that a sandbox that says "missing" can
/// be believed or not. Worth nothing within the sandbox.
#[must_use]
pub fn kernel_has_landlock() -> bool {
    /// `LANDLOCK_CREATE_RULESET_VERSION` of linux/landlock.h: gives the version, and makes nothing.
    const VERSION: c_long = 1;
    let nothing: c_long = 0;
    // SAFETY: with this flag the kernel takes a null pointer of no size, and only answers with a number.
    (unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, nothing, VERSION) }) > 0
}

pub(super) fn attempts() -> Vec<(String, Outcome)> {
    let others = OTHER_NUMBERS.into_iter().map(|(name, number)| (name, number, [0; 4]));
    let mut all: Vec<_> = table()
        .into_iter()
        .chain(others)
        .map(|(name, number, arguments)| (name.to_owned(), try_call(number, arguments)))
        .collect();
    all.push(("hold a descriptor of a file".to_owned(), files_held()));
    all
}

fn try_call(number: c_long, [a, b, c, d]: [c_long; 4]) -> Outcome {
    // SAFETY: every pointer argument is null and every descriptor invalid, so that the kernel neither reads nor
    // writes memory of ours; the sixth argument and the fifth are zero likewise.
    let result = unsafe { libc::syscall(number, a, b, c, d, 0 as c_long, 0 as c_long) };
    let errno = std::io::Error::last_os_error().raw_os_error();
    if result == -1 && is_refusal(errno) { Outcome::Refused } else { Outcome::Open }
}

/// A file that was open before the sandbox could still be written to. Only sockets, pipes, wake-ups and /dev/null are
/// expected.
fn files_held() -> Outcome {
    let is_file = |descriptor: c_int| {
        let mut about = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: the kernel writes one `stat` into space for one `stat`, or fails; it is read only where it was
        // written. The raw call is used because glibc's fstat is a call by path on some versions.
        let mode = unsafe {
            let result = libc::syscall(libc::SYS_fstat, descriptor, about.as_mut_ptr());
            if result != 0 {
                return false;
            }
            about.assume_init().st_mode
        };
        matches!(mode & libc::S_IFMT, libc::S_IFREG | libc::S_IFDIR | libc::S_IFBLK)
    };
    if (0..1024).any(is_file) { Outcome::Open } else { Outcome::Refused }
}
