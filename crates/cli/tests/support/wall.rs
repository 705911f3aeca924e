//! A wall clock that can be set for one server alone, while it runs.
//!
//! Nothing in the product knows of it. What a process asks for the time is a function of the C library; a library that is
//! loaded before it (`preload.rs`) answers in its place, in the parent and in both children, since the system's own list of such
//! libraries names it where they look: in a copy of `/etc` that nobody else sees.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its name in the copy of `/etc`.
const AHEAD: &str = "seconds-ahead";

pub(crate) const DAY: i64 = 24 * 3600;

pub(crate) struct Wall {
    ahead: File,
    etc: PathBuf,
}

impl Wall {
    /// Nothing but what this folder holds is changed. An error says why it does not work here.
    pub(crate) fn hung_in(folder: &Path) -> Result<Self, String> {
        let etc = folder.join("etc");
        let copied = Command::new("cp").args(["-a", "/etc"]).arg(&etc).status().expect("it is installed");
        assert!(copied.success(), "copied");
        let library = folder.join("clock.so");
        compiled(&library)?;
        std::fs::write(etc.join("ld.so.preload"), library.to_str().expect("text")).expect("written");
        let path = etc.join(AHEAD);
        let ahead = OpenOptions::new().write(true).create_new(true).open(&path).expect("a file");
        let wall = Self { ahead, etc };
        wall.is_ahead(0);
        Ok(wall)
    }

    /// By so many seconds, from now on.
    pub(crate) fn is_ahead(&self, seconds: i64) {
        self.ahead.write_all_at(&seconds.to_ne_bytes(), 0).expect("written");
    }

    /// The copy of `/etc` that a server has to see in its place, to look at this clock.
    pub(crate) fn etc(&self) -> &Path {
        &self.etc
    }
}

fn compiled(library: &Path) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failures/preload.rs");
    let mut compiler = Command::new("rustc");
    compiler
        .args(["--edition=2024", "--crate-type=cdylib", "--crate-name=clock", "-o"])
        .arg(library)
        .arg(source);
    let output = compiler.output().map_err(|error| format!("it needs rustc: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
