//! What somebody gets who has just cloned: a client, built with the product's packages alone, or a sentence that says what
//! is missing. `cargo build -p web` is the part of `cargo run --release` that is about it, and has no dependencies.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::count::Count;
use crate::machine;
use crate::npm::Lock;
use crate::process::{self, End};
use crate::steps::{Context, Outcome};

type Check = fn(&Clone<'_>) -> Result<(), String>;

/// In this order: each begins with what the one before it left.
const CHECKS: [(&str, Check); 5] = [
    ("two builds at once share one installation of what the product needs", two_at_once),
    ("a lock file that was only touched installs nothing", a_touched_lock_file),
    ("a lock file that was changed installs anew", a_changed_lock_file),
    ("without Node the build says what to install", without_node),
    ("with a Node that is too old, too", with_an_old_node),
];

/// A tree with what git has of this one, and nothing that was built or installed here.
struct Clone<'a> {
    context: &'a Context<'a>,
    tree: PathBuf,
    scratch: PathBuf,
}

pub(crate) fn run(context: &Context<'_>) -> Outcome {
    let clone = match Clone::make(context) {
        Ok(clone) => clone,
        Err(sentence) => return Outcome::failed(sentence),
    };
    let mut outcome = Outcome { count: Count::default(), trouble: None, not_run: Vec::new() };
    for (name, check) in CHECKS {
        match check(&clone) {
            Ok(()) => outcome.count += Count::PASSED,
            Err(sentence) => {
                outcome.count += Count::FAILED;
                outcome.trouble.get_or_insert_with(|| format!("{name}: {sentence}"));
            }
        }
    }
    outcome
}

fn two_at_once(clone: &Clone<'_>) -> Result<(), String> {
    let folder = clone.tree.join("web");
    // Held until both wait for it: two installations at once may go well by luck.
    let lock = Lock::take(&folder)?;
    thread::scope(|scope| {
        let builds = ["one", "two"].map(|name| scope.spawn(move || clone.builds(name)));
        while waiting_for(&folder.join(".npm-lock"))? < builds.len() {
            if builds.iter().any(thread::ScopedJoinHandle::is_finished) {
                return Err("a build did not wait for the one before it".to_owned());
            }
            thread::sleep(LOOK);
        }
        drop(lock);
        builds.into_iter().try_for_each(|build| build.join().map_err(|_| "panicked".to_owned())?)
    })?;
    for (file, expected) in [(".installed-product.json", true), ("svelte", true), ("vitest", false)] {
        if clone.installed(file).exists() != expected {
            let is = if expected { "is missing" } else { "should not be there" };
            return Err(format!("node_modules/{file} {is}"));
        }
    }
    let page = clone.page("one")?;
    if page.contains("<script") { Ok(()) } else { Err(format!("the client is no client: {page}")) }
}

/// How often it is looked whether builds wait for each other.
const LOOK: Duration = Duration::from_millis(50);

/// Processes that wait for a lock on this file, as the kernel lists them (proc_locks(5)).
fn waiting_for(file: &Path) -> Result<usize, String> {
    let inode = fs::metadata(file).map_err(|e| format!("{}: {e}", file.display()))?.ino();
    let locks = fs::read_to_string("/proc/locks").map_err(|e| format!("/proc/locks: {e}"))?;
    let of_it = format!(":{inode} ");
    Ok(locks.lines().filter(|line| line.contains(" -> ") && line.contains(&of_it)).count())
}

/// Gone with the next `npm ci`, which begins with an empty folder.
const MARK: &str = ".not-installed-since";

fn a_touched_lock_file(clone: &Clone<'_>) -> Result<(), String> {
    let lock = clone.lock_file();
    let same = fs::read(&lock).map_err(|e| e.to_string())?;
    fs::write(clone.installed(MARK), "").and_then(|()| fs::write(&lock, same)).map_err(|e| e.to_string())?;
    clone.builds("one")?;
    if clone.installed(MARK).exists() { Ok(()) } else { Err("it was installed again".to_owned()) }
}

fn a_changed_lock_file(clone: &Clone<'_>) -> Result<(), String> {
    let lock = clone.lock_file();
    let mut other = fs::read(&lock).map_err(|e| e.to_string())?;
    other.push(b'\n');
    fs::write(&lock, other).map_err(|e| e.to_string())?;
    clone.builds("one")?;
    if clone.installed(MARK).exists() { Err("it was not installed again".to_owned()) } else { Ok(()) }
}

/// The beginning of what is said, whatever is wrong with Node.
const WANTED: &str = "The web client is built with Node.js 20.19 or later (or 22.12 or later) and its npm.";

fn without_node(clone: &Clone<'_>) -> Result<(), String> {
    let path = machine::path_without_node(&clone.scratch)?;
    clone.refuses("without-node", path, &[WANTED, "`node` cannot be run"])
}

fn with_an_old_node(clone: &Clone<'_>) -> Result<(), String> {
    let old = clone.scratch.join("old-node");
    let mut path = OsString::from(&old);
    path.push(":");
    path.push(machine::path_without_node(&clone.scratch)?);
    fs::create_dir_all(&old)
        .and_then(|()| fs::write(old.join("node"), "#!/bin/sh\necho v18.20.4\n"))
        .and_then(|()| machine::make_executable(&old.join("node")))
        .map_err(|e| format!("cannot write {}: {e}", old.display()))?;
    clone.refuses("old-node", path, &[WANTED, "Found: \"v18.20.4\""])
}

impl<'a> Clone<'a> {
    fn make(context: &'a Context<'a>) -> Result<Self, String> {
        let scratch = context.logs.join("clean-clone");
        let tree = scratch.join("tree");
        if scratch.exists() {
            fs::remove_dir_all(&scratch).map_err(|e| format!("cannot empty {}: {e}", scratch.display()))?;
        }
        fs::create_dir_all(&tree).map_err(|e| format!("cannot create {}: {e}", tree.display()))?;
        let clone = Self { context, tree, scratch };
        // What is changed and not committed yet belongs to it; what git does not know does not.
        let changed = clone.git(&["stash", "create"])?;
        let commit = if changed.is_empty() { "HEAD".to_owned() } else { changed };
        let archive = clone.scratch.join("tree.tar");
        clone.git(&["archive", "--output", &archive.to_string_lossy(), &commit])?;
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(&archive).arg("-C").arg(&clone.tree);
        clone.said(tar)?;
        Ok(clone)
    }

    fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(self.context.root);
        self.said(git)
    }

    fn said(&self, mut command: Command) -> Result<String, String> {
        let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{command:?}: {e}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn lock_file(&self) -> PathBuf {
        self.tree.join("web/package-lock.json")
    }

    fn installed(&self, name: &str) -> PathBuf {
        self.tree.join("web/node_modules").join(name)
    }

    /// A folder for what Cargo builds, so that builds with different names wait for each other in npm only.
    fn target(&self, name: &str) -> PathBuf {
        self.scratch.join("target").join(name)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.context.logs.join(format!("{}-{name}.log", self.context.step.name))
    }

    fn build(&self, name: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--locked", "--package", "web"]).current_dir(&self.tree);
        cargo.env("CARGO_TARGET_DIR", self.target(name));
        for variable in ["VIVAVOCE_WEB", "VIVAVOCE_WEB_DIST", "RUSTFLAGS"] {
            cargo.env_remove(variable);
        }
        cargo
    }

    /// Builds from where the last build of this name ended.
    fn builds(&self, name: &str) -> Result<(), String> {
        match self.ran(self.build(name), name)? {
            End::Exit(status) if status.success() => Ok(()),
            End::Exit(status) => Err(format!("{status}\n{}", process::tail(&self.log(name), 30))),
            End::Hung => Err("it took too long".to_owned()),
        }
    }

    /// Fails, and says all of this.
    fn refuses(&self, name: &str, path: OsString, words: &[&str]) -> Result<(), String> {
        let mut build = self.build(name);
        build.env("PATH", path);
        let end = self.ran(build, name)?;
        let said = process::tail(&self.log(name), 30);
        match end {
            End::Exit(status) if status.success() => Err("it was built all the same".to_owned()),
            End::Exit(_) if words.iter().all(|word| said.contains(word)) => Ok(()),
            End::Exit(_) => Err(format!("it does not say so:\n{said}")),
            End::Hung => Err("it took too long".to_owned()),
        }
    }

    fn ran(&self, mut command: Command, name: &str) -> Result<End, String> {
        let log = self.log(name);
        let _ = fs::remove_file(&log);
        process::run(&mut command, self.context.step.name, &log, self.context.step.limit)
    }

    /// The page that was embedded by the build of this name.
    fn page(&self, name: &str) -> Result<String, String> {
        let built = self.target(name).join("release/build");
        let entries = fs::read_dir(&built).map_err(|e| format!("{}: {e}", built.display()))?;
        let pages = entries.filter_map(|entry| Some(entry.ok()?.path().join("out/dist/index.html")));
        let page = pages.into_iter().find(|page: &PathBuf| Path::is_file(page));
        fs::read_to_string(page.ok_or("no page was built")?).map_err(|e| e.to_string())
    }
}
