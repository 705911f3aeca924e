//! Programs that the browser tests need from the operating system.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    Path::new("/proc/self").metadata().is_ok_and(|metadata| metadata.uid() == 0)
}
