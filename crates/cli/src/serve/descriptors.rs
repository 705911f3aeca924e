//! Descriptors: how many connections there can be, and none of whoever started us for our children.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is asked for where the system lets us: the kernel's own default ceiling (fs.nr_open).
const WANTED: u64 = 1 << 20;
/// Below this the server says so: a few hundred people with some files in flight each.
const ENOUGH: u64 = 4_096;
/// Descriptors of one person at most: the socket, and a page's connection beside it.
const PER_PERSON: u64 = 2;
/// What the server needs for itself, generously.
const OWN: u64 = 128;

/// Raises the limit for this process and its children. Returns a sentence where it stays too low.
pub(super) fn raise() -> Option<String> {
    let old = getrlimit(Resource::Nofile);
    let both = Rlimit { current: Some(WANTED), maximum: Some(WANTED) };
    // Only a privileged process may raise the maximum; everybody may go up to it.
    if old.maximum.is_some_and(|maximum| maximum >= WANTED) || setrlimit(Resource::Nofile, both).is_err() {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: old.maximum, maximum: old.maximum });
    }
    warning(getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX))
}

/// The limit that [`raise`] would reach, and its sentence; nothing is changed.
pub(crate) fn could_be_raised_to() -> (u64, Option<String>) {
    let limit = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    (limit, warning(limit))
}

/// What a careless shell left open, a log file for one, would otherwise be inherited by `live`, whose promise is that it
/// holds no file.
#[expect(unsafe_code, reason = "no safe form marks descriptors that nobody here owns")]
pub(super) fn keep_to_ourselves() {
    // SAFETY: nothing is closed; each descriptor from 3 on is marked to be closed in programs that are started, which
    // ours are already. Kernels before 5.11 do not know the flag and change nothing.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC);
    }
}

fn warning(limit: u64) -> Option<String> {
    (limit < ENOUGH).then(|| {
        let people = limit.saturating_sub(OWN) / PER_PERSON;
        format!(
            "This system lets the server open only {limit} files, enough for about {people} people at once. Raise it \
             with `ulimit -n`, or LimitNOFILE= in the service."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_limit_is_said_in_people_and_a_high_one_is_not_mentioned() {
        assert!(warning(1_024).expect("too low").contains("about 448 people"));
        assert_eq!(warning(ENOUGH), None);
    }
}
