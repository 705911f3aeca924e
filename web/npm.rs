//! Node, npm and the packages of the client. Shared, as a file, by `build.rs` and by `xtask`: both install into
//! the same `node_modules`, so both take the same lock and leave the same stamp.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which packages of `package.json` are installed.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "each user of this file needs one of them")]
pub(crate) enum Packages {
    /// What the product is built from.
    Product,
    /// Also type checker and test runner.
    All,
}

/// Held while packages are installed or a client is built; released when dropped or when the process dies.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for its turn: two builds may want the same folder at once.
    pub(crate) fn take(folder: &Path) -> Result<Self, String> {
        let path = folder.join(".npm-lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        file.and_then(|file| file.lock().map(|()| Self { _file: file }))
            .map_err(|e| format!("cannot lock {}: {e}", path.display()))
    }
}

/// Refuses a Node.js that cannot run Vite 8, with a sentence about what to install.
pub(crate) fn check_node() -> Result<(), String> {
    let wanted = "The web client is built with Node.js 20.19 or later (or 22.12 or later) and its npm.";
    let output = Command::new("node").arg("--version").output();
    let output = output.map_err(|e| format!("{wanted} `node` cannot be run: {e}."))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !node_suffices(&version) {
        return Err(format!("{wanted} Found: {version:?}."));
    }
    match npm().arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{wanted} `npm --version` failed: {}.", output.status)),
        Err(e) => Err(format!("{wanted} `npm` cannot be run: {e}.")),
    }
}

/// `^20.19 || >=22.12`, as in `package.json`.
pub(crate) fn node_suffices(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let major = numbers.next().unwrap_or(0);
    let minor = numbers.next().unwrap_or(0);
    (major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22
}

/// `npm ci`, unless exactly these packages are there already. The caller holds the [`Lock`].
///
/// What is there is told by a copy of the lock file inside `node_modules`, compared by content: a checkout changes
/// times and not contents, or the reverse. `npm install` by hand leaves the same copy (`prepare` in package.json).
pub(crate) fn install(folder: &Path, packages: Packages) -> Result<(), String> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).map_err(|e| format!("cannot read {}: {e}", lock.display()))?;
    let there = |packages: Packages| fs::read(stamp(folder, packages)).is_ok_and(|found| found == wanted);
    if there(Packages::All) || (packages == Packages::Product && there(Packages::Product)) {
        return Ok(());
    }
    let mut ci = npm();
    ci.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    if packages == Packages::Product {
        ci.arg("--omit=dev");
    }
    run(&mut ci)?;
    let stamp = stamp(folder, packages);
    fs::write(&stamp, wanted).map_err(|e| format!("cannot write {}: {e}", stamp.display()))
}

pub(crate) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// Runs to the end and keeps what was said for the error.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|e| format!("{command:?} cannot be run: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{command:?} failed ({}):\n{}", output.status, String::from_utf8_lossy(&said)))
}

/// Inside `node_modules`, so that it goes when they go.
fn stamp(folder: &Path, packages: Packages) -> PathBuf {
    folder.join("node_modules").join(match packages {
        Packages::Product => ".installed-product.json",
        Packages::All => ".installed-all.json",
    })
}

#[cfg(test)]
mod tests {
    use super::node_suffices;

    #[test]
    fn only_versions_that_can_run_vite_suffice() {
        for version in ["v20.19.0", "v20.20.2", "v22.12.0", "v24.0.0"] {
            assert!(node_suffices(version), "{version}");
        }
        for version in ["v18.20.4", "v20.18.3", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!node_suffices(version), "{version:?}");
        }
    }
}
