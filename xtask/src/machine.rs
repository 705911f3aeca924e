//! Programs of the operating system: those that tests need, and those that are not there for others.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

/// One program: where it may be, and which Debian package has it.
struct Wanted {
    /// Names another place for it.
    variable: &'static str,
    names: &'static [&'static str],
    package: &'static str,
}

const CHROMIUM: Wanted = Wanted {
    variable: "VIVAVOCE_CHROMIUM",
    names: &["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
};
const FIREFOX: Wanted =
    Wanted { variable: "VIVAVOCE_FIREFOX", names: &["firefox-esr", "firefox"], package: "firefox-esr" };
/// Firefox keeps its audio suspended on a machine without any sound server.
const PULSEAUDIO: Wanted =
    Wanted { variable: "VIVAVOCE_PULSEAUDIO", names: &["pulseaudio"], package: "pulseaudio" };
/// Signs the certificates of the test over HTTPS.
const OPENSSL: Wanted = Wanted { variable: "VIVAVOCE_OPENSSL", names: &["openssl"], package: "openssl" };

/// Shows the system calls of the process that must not open a file.
const STRACE: Wanted = Wanted { variable: "VIVAVOCE_STRACE", names: &["strace"], package: "strace" };

/// Makes the file systems of the tests that read a whole disk, and of the one that fills it.
const MKFS: Wanted = Wanted { variable: "VIVAVOCE_MKFS", names: &["mkfs.ext4"], package: "e2fsprogs" };

/// What browsers need.
const ALL: [&Wanted; 4] = [&CHROMIUM, &FIREFOX, &PULSEAUDIO, &OPENSSL];

/// Where the programs are.
pub(crate) struct Programs(Vec<(&'static str, PathBuf)>);

impl Programs {
    /// Environment variables that tell a test where to look.
    pub(crate) fn variables(&self) -> &[(&'static str, PathBuf)] {
        &self.0
    }
}

/// Finds the programs. What is missing is installed if that can be done without asking, or else named.
pub(crate) fn programs() -> Result<Programs, String> {
    let missing = missing();
    if !missing.is_empty() {
        install(&missing)?;
    }
    let found = ALL.iter().map(|wanted| find(wanted).map(|path| (wanted.variable, path)));
    let found: Option<Vec<_>> = found.collect();
    found
        .map(Programs)
        .ok_or_else(|| format!("still missing after the installation: {}", self::missing().join(", ")))
}

/// What the tests of Rust use where it is there: installed if that can be done without asking. Without it, the test that
/// needs it says that it did not run.
pub(crate) fn tracer() -> Option<(&'static str, PathBuf)> {
    let missing: Vec<_> = [&STRACE, &MKFS].into_iter().filter(|wanted| find(wanted).is_none()).collect();
    let packages: Vec<_> = missing.iter().map(|wanted| wanted.package).collect();
    if !packages.is_empty()
        && let Err(sentence) = install(&packages)
    {
        println!("{sentence}");
    }
    find(&STRACE).map(|path| (STRACE.variable, path))
}

fn missing() -> Vec<&'static str> {
    ALL.iter().filter(|wanted| find(wanted).is_none()).map(|wanted| wanted.package).collect()
}

fn install(packages: &[&str]) -> Result<(), String> {
    let names = packages.join(" ");
    let line = format!("apt-get update && apt-get install --yes --no-install-recommends {names}");
    if !is_root() || on_path("apt-get").is_none() {
        return Err(format!("Please install {names}. On Debian, as root: {line}"));
    }
    println!("installing {names}");
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let output = shell.output().map_err(|e| format!("sh cannot be run: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("`{line}` failed ({}):\n{said}", output.status))
}

fn find(wanted: &Wanted) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(wanted.variable) {
        return Some(PathBuf::from(path)).filter(|path| path.is_file());
    }
    wanted.names.iter().find_map(|name| on_path(name))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The search path with all that is on it but Node, as on a machine that never had it. `scratch` is for what that takes.
pub(crate) fn path_without_node(scratch: &Path) -> Result<OsString, String> {
    let mut folders = Vec::new();
    for (number, folder) in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).enumerate() {
        if !NODE.iter().any(|name| folder.join(name).exists()) {
            folders.push(folder);
            continue;
        }
        let instead = scratch.join(format!("path-{number}"));
        mirror(&folder, &instead).map_err(|e| format!("cannot mirror {}: {e}", folder.display()))?;
        folders.push(instead);
    }
    std::env::join_paths(folders).map_err(|e| e.to_string())
}

/// What comes with Node.
const NODE: [&str; 5] = ["node", "nodejs", "npm", "npx", "corepack"];

/// Links to everything in a folder but [`NODE`].
fn mirror(folder: &Path, instead: &Path) -> io::Result<()> {
    if instead.exists() {
        fs::remove_dir_all(instead)?;
    }
    fs::create_dir_all(instead)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !NODE.iter().any(|name| entry.file_name() == *name) {
            std::os::unix::fs::symlink(entry.path(), instead.join(entry.file_name()))?;
        }
    }
    Ok(())
}

pub(crate) fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_node_everything_else_is_still_found() {
        let scratch = std::env::temp_dir().join(format!("vivavoce-xtask-{}-path", std::process::id()));
        let path = path_without_node(&scratch).unwrap();
        let found = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).exists());
        assert_eq!((found("node"), found("npm"), found("sh"), found("cargo")), (false, false, true, true));
        let _ = fs::remove_dir_all(scratch);
    }
}
