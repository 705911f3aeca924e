//! What each step does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::count::{self, Count, NotRun, Succeeded};
use crate::machine;
use crate::npm::{self, Lock, Packages};
use crate::plan::Step;
use crate::process::{self, End};
use crate::test::Extent;

/// Lines of a failed step's log that are shown; the rest is in the file.
const SHOWN_LINES: usize = 60;

pub(crate) struct Context<'a> {
    pub(crate) root: &'a Path,
    pub(crate) logs: &'a Path,
    pub(crate) extent: Extent,
    pub(crate) step: &'a Step,
}

pub(crate) struct Outcome {
    pub(crate) count: Count,
    /// What went wrong, for people; its first line stands for all of it.
    pub(crate) trouble: Option<String>,
    pub(crate) not_run: Vec<NotRun>,
}

impl Outcome {
    const PASSED: Self = Self { count: Count::PASSED, trouble: None, not_run: Vec::new() };

    pub(crate) fn failed(sentence: String) -> Self {
        Self { count: Count::FAILED, trouble: Some(sentence), not_run: Vec::new() }
    }
}

pub(crate) fn format(context: &Context<'_>) -> Outcome {
    context.check(context.cargo(&["fmt", "--all", "--", "--check", "--color=never"]))
}

/// Type checker and test runner of the client, into the same folder that the build uses.
pub(crate) fn packages(context: &Context<'_>) -> Outcome {
    let installed = npm::check_node().and_then(|()| {
        let _lock = Lock::take(&context.web())?;
        npm::install(&context.web(), Packages::All)
    });
    outcome(installed)
}

pub(crate) fn client_check(context: &Context<'_>) -> Outcome {
    context.check(context.npm(&context.web(), &["run", "check"]))
}

pub(crate) fn client_test(context: &Context<'_>) -> Outcome {
    let report = context.report();
    let output = format!("--outputFile.json={}", report.display());
    let vitest =
        context.npm(&context.web(), &["run", "test", "--", "--reporter=default", "--reporter=json", &output]);
    context.counted(vitest, |_| Count::from_vitest(&fs::read_to_string(&report).ok()?))
}

/// Without the client: lints say nothing about it, and must work where there is no Node, so they are run without.
pub(crate) fn lints(context: &Context<'_>) -> Outcome {
    let path = match machine::path_without_node(&context.logs.join("without-node")) {
        Ok(path) => path,
        Err(sentence) => return Outcome::failed(sentence),
    };
    let mut clippy = context.cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    clippy.env("VIVAVOCE_WEB", "skip").env("PATH", path);
    context.check(clippy)
}

/// Everything that the Rust tests and the browsers run, with one set of features.
pub(crate) fn build(context: &Context<'_>) -> Outcome {
    context.check(context.built(&["build", "--workspace", "--lib", "--bins", "--tests"]))
}

pub(crate) fn rust_test(context: &Context<'_>) -> Outcome {
    let mut cargo = context.built(&["test", "--workspace", "--no-fail-fast"]);
    cargo.envs(machine::tracer());
    context.cargo_tests(cargo)
}

pub(crate) fn browsers(_: &Context<'_>) -> Outcome {
    outcome(machine::programs().map(|_| ()))
}

pub(crate) fn e2e_check(context: &Context<'_>) -> Outcome {
    let folder = context.e2e();
    let installed = npm::check_node().and_then(|()| {
        let _lock = Lock::take(&folder)?;
        npm::install(&folder, Packages::All)
    });
    match installed {
        Ok(()) => context.check(context.npm(&folder, &["run", "check"])),
        Err(sentence) => Outcome::failed(sentence),
    }
}

/// Two at a time: nothing in it is measured in real time.
pub(crate) fn pages(context: &Context<'_>) -> Outcome {
    context.playwright(&["--project=pages", "--workers=2"])
}

pub(crate) fn chromium(context: &Context<'_>) -> Outcome {
    context.playwright(&["--project=chromium", "--project=capture"])
}

pub(crate) fn firefox(context: &Context<'_>) -> Outcome {
    context.playwright(&["--project=firefox"])
}

/// The server as `cargo run --release` builds it: it comes up, answers, cannot get out of its sandbox, and leaves nothing
/// in memory, where frames lie otherwise than without optimisation.
pub(crate) fn release(context: &Context<'_>) -> Outcome {
    let mut test = vec!["test", "--release", "--package", "cli", "--no-fail-fast"];
    for binary in ["whole", "sandbox", "nothing_left", "canary"] {
        test.extend(["--test", binary]);
    }
    context.cargo_tests(context.cargo(&test))
}

impl Context<'_> {
    fn web(&self) -> PathBuf {
        self.root.join("web")
    }

    fn e2e(&self) -> PathBuf {
        self.root.join("web/e2e")
    }

    fn log(&self) -> PathBuf {
        self.logs.join(format!("{}.log", self.step.name))
    }

    /// The server as the build step leaves it.
    fn binary(&self) -> PathBuf {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), PathBuf::from);
        target.join("debug/vivavoce")
    }

    /// A runner's own report, absent until this run has written it.
    fn report(&self) -> PathBuf {
        let report = self.logs.join(format!("{}.json", self.step.name));
        let _ = fs::remove_file(&report);
        report
    }

    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).current_dir(self.root);
        cargo
    }

    /// Cargo with the client, or without it where nobody will look at it.
    fn built(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.cargo(arguments);
        if self.extent == Extent::Quick {
            cargo.env("VIVAVOCE_WEB", "skip");
        }
        cargo
    }

    fn npm(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut npm = npm::npm();
        npm.args(arguments).current_dir(folder);
        npm
    }

    fn playwright(&self, arguments: &[&str]) -> Outcome {
        let programs = match machine::programs() {
            Ok(programs) => programs,
            Err(sentence) => return Outcome::failed(sentence),
        };
        let report = self.report();
        let mut playwright = self.npm(&self.e2e(), &["run", "test", "--"]);
        playwright.args(arguments);
        playwright.env("VIVAVOCE_E2E_REPORT", &report);
        playwright.env("VIVAVOCE_SERVER_BINARY", self.binary());
        for (name, path) in programs.variables() {
            playwright.env(name, path);
        }
        let counted =
            self.counted(playwright, |_| Count::from_playwright(&fs::read_to_string(&report).ok()?));
        self.with_failures(counted, count::playwright_failures)
    }

    /// A step that is one question with one answer.
    fn check(&self, command: Command) -> Outcome {
        match self.run(command) {
            Ok(()) => Outcome::PASSED,
            Err(trouble) => Outcome::failed(trouble),
        }
    }

    /// Tests of Rust, and of those that fail what they say.
    fn cargo_tests(&self, command: Command) -> Outcome {
        self.with_failures(self.counted(command, Count::from_cargo), count::cargo_failures)
    }

    /// What the tests that failed said first, where the runner says that before everything else and much after it.
    fn with_failures(&self, mut outcome: Outcome, failures: impl FnOnce(&str) -> String) -> Outcome {
        let said = fs::read(self.log()).unwrap_or_default();
        let failures = failures(&String::from_utf8_lossy(&said));
        if let (Some(trouble), false) = (&mut outcome.trouble, failures.is_empty()) {
            let first = trouble.lines().next().unwrap_or_default();
            *trouble = format!("{first}\n{}", process::last(&failures, SHOWN_LINES));
        }
        outcome
    }

    /// A step that counts its tests, and of those that did not run says why.
    fn counted(&self, command: Command, count: impl FnOnce(&str) -> Option<Count>) -> Outcome {
        let ran = self.run(command);
        let said = fs::read(self.log()).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let succeeded = if ran.is_ok() { Succeeded::Yes } else { Succeeded::No };
        let count = Count::believed(count(&said), succeeded);
        let trouble = (count.failed > 0).then(|| ran.err().unwrap_or_else(|| self.tail()));
        let not_run = NotRun::all(&said);
        Outcome { count: count.without(&not_run), trouble, not_run }
    }

    /// Runs to exit code 0, or tells why not and what was said last.
    fn run(&self, mut command: Command) -> Result<(), String> {
        let _ = fs::remove_file(self.log());
        match process::run(&mut command, self.step.name, &self.log(), self.step.limit)? {
            End::Exit(status) if status.success() => Ok(()),
            End::Exit(status) => Err(format!("{status}\n{}", self.tail())),
            End::Hung => Err(format!("ended after {} s\n{}", self.step.limit.as_secs(), self.tail())),
        }
    }

    fn tail(&self) -> String {
        process::tail(&self.log(), SHOWN_LINES)
    }
}

fn outcome(result: Result<(), String>) -> Outcome {
    match result {
        Ok(()) => Outcome::PASSED,
        Err(sentence) => Outcome::failed(sentence),
    }
}
