//! What the kernel tells of a process.

use rustix::process::Pid;

pub(crate) fn proc(process: Pid, file: &str) -> String {
    let path = format!("/proc/{}/{file}", process.as_raw_nonzero());
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A line of its status that counts KiB.
pub(crate) fn kib(process: Pid, line: &str) -> u64 {
    let status = proc(process, "status");
    let found = status.lines().find_map(|is| is.strip_prefix(line)?.strip_prefix(':'));
    let number = found.and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{line} in {status}"))
}
