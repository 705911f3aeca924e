//! Who opens and who writes files, whichever these are and whoever that is, as the kernel tells it (fanotify).

#![expect(unsafe_code, reason = "two calls to the system, and its descriptors, that no library here has")]

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What has no blocks and no pages of anybody's: what stands there is made while it is read.
const WITHOUT_FILES: [&str; 13] = [
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "mqueue",
    "debugfs",
    "tracefs",
    "securityfs",
    "bpf",
    "pstore",
    "binfmt_misc",
    "autofs",
];

/// Every file system of the machine that we see, from now on.
pub(crate) struct Watch {
    group: File,
}

/// Somebody did something with a file, once or more often.
#[derive(Debug)]
pub(crate) struct Event {
    /// The process.
    pub(crate) who: i32,
    pub(crate) what: Did,
    /// Where it was when we looked.
    pub(crate) path: PathBuf,
    /// The same file, though it may be in no folder any more.
    pub(crate) file: File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Did {
    /// Opened it, for whatever.
    Open,
    /// Wrote to it, or closed what it had opened for that.
    Write,
}

impl Watch {
    /// An error says why nobody can watch here.
    pub(crate) fn begin() -> Result<Self, String> {
        let flags = libc::FAN_CLASS_NOTIF
            | libc::FAN_CLOEXEC
            | libc::FAN_NONBLOCK
            | libc::FAN_UNLIMITED_QUEUE
            | libc::FAN_UNLIMITED_MARKS;
        let opens = libc::O_RDONLY | libc::O_LARGEFILE | libc::O_CLOEXEC | libc::O_NOATIME;
        // SAFETY: it takes two numbers.
        let group = unsafe { libc::fanotify_init(flags, opens.cast_unsigned()) };
        if group < 0 {
            return Err(format!("this kernel has no fanotify for us: {}", Error::last_os_error()));
        }
        // SAFETY: it was made just now, and is nobody else's.
        let group = unsafe { File::from_raw_fd(group) };
        for (at, kind) in file_systems() {
            mark(&group, &at)
                .map_err(|error| format!("{} ({kind}) cannot be watched: {error}", at.display()))?;
        }
        Ok(Self { group })
    }

    /// All that was done until now, in this order.
    ///
    /// # Panics
    /// Where the kernel could not remember all of it.
    pub(crate) fn ends(mut self, mut tell: impl FnMut(Event)) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            match self.group.read(&mut buffer) {
                Ok(count) => parse(&buffer[..count], &mut tell),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // One that cannot be opened once more: no file, but a device or a terminal.
                Err(error)
                    if matches!(error.raw_os_error(), Some(libc::ENXIO | libc::ENODEV | libc::EIO)) => {}
                Err(error) => panic!("what was done cannot be read: {error}"),
            }
        }
    }
}

/// One place and the kind of each file system that has files.
fn file_systems() -> BTreeMap<PathBuf, String> {
    let table = std::fs::read_to_string("/proc/self/mounts").expect("readable");
    let lines = table.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let with_files = lines.filter(|(_, kind)| !WITHOUT_FILES.contains(kind));
    with_files.map(|(at, kind)| (PathBuf::from(at.replace("\\040", " ")), kind.to_owned())).collect()
}

fn mark(group: &File, at: &Path) -> Result<(), Error> {
    let at = CString::new(at.as_os_str().as_bytes())?;
    let what = libc::FAN_OPEN | libc::FAN_MODIFY | libc::FAN_CLOSE_WRITE;
    let how = libc::FAN_MARK_ADD | libc::FAN_MARK_FILESYSTEM;
    // SAFETY: the path ends with a zero and outlives the call.
    let result = unsafe { libc::fanotify_mark(group.as_raw_fd(), how, what, libc::AT_FDCWD, at.as_ptr()) };
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// `struct fanotify_event_metadata`, as often as it stands there.
fn parse(mut bytes: &[u8], tell: &mut impl FnMut(Event)) {
    while let Some((head, _)) = bytes.split_first_chunk::<{ size_of::<libc::fanotify_event_metadata>() }>() {
        let word = |at: usize| i32::from_ne_bytes(head[at..at + 4].try_into().expect("four"));
        let mask = u64::from_ne_bytes(head[8..16].try_into().expect("eight"));
        assert_eq!(head[4], libc::FANOTIFY_METADATA_VERSION, "the form that we know");
        assert_eq!(mask & libc::FAN_Q_OVERFLOW, 0, "more was done than the kernel could remember");
        let (length, descriptor, who) = (word(0), word(16), word(20));
        // SAFETY: the kernel made it for us with this event.
        let file = unsafe { File::from_raw_fd(descriptor) };
        let path = std::fs::read_link(format!("/proc/self/fd/{descriptor}")).unwrap_or_default();
        let what =
            if mask & (libc::FAN_MODIFY | libc::FAN_CLOSE_WRITE) == 0 { Did::Open } else { Did::Write };
        tell(Event { who, what, path, file });
        bytes = bytes.get(usize::try_from(length).expect("a length")..).unwrap_or_default();
    }
}
