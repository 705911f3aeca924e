//! How many tests passed and failed, and which did not run, read from what each runner says.

use std::fmt;
use std::ops::AddAssign;

/// What a step found out. A test that was not run counts as failed: it proved nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0 };
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1 };

    /// Sums up `cargo test`: one line per test binary and crate of documentation tests.
    pub(crate) fn from_cargo(output: &str) -> Option<Self> {
        let mut sum = None;
        for line in output.lines().filter_map(|line| line.strip_prefix("test result: ")) {
            let sum = sum.get_or_insert_with(Self::default);
            sum.passed += number_before(line, " passed")?;
            sum.failed += number_before(line, " failed")? + number_before(line, " ignored")?;
        }
        sum
    }

    /// The same without those that only said that they did not run.
    pub(crate) fn without(self, not_run: &[NotRun]) -> Self {
        Self { passed: self.passed.saturating_sub(not_run.len() as u64), ..self }
    }

    /// Vitest's JSON report.
    pub(crate) fn from_vitest(report: &str) -> Option<Self> {
        let passed = number_after(report, "\"numPassedTests\":")?;
        let total = number_after(report, "\"numTotalTests\":")?;
        // A file that does not even load has no tests to count.
        let broken = number_after(report, "\"numFailedTestSuites\":")?;
        let failed = total.checked_sub(passed)?;
        Some(Self { passed, failed: failed.max(broken.min(1)) })
    }

    /// Playwright's JSON report; its retries are off, and a test that passed only at the second try has failed.
    pub(crate) fn from_playwright(report: &str) -> Option<Self> {
        let stats = &report[report.rfind("\"stats\":")?..];
        let [skipped, unexpected, flaky] =
            ["\"skipped\":", "\"unexpected\":", "\"flaky\":"].map(|key| number_after(stats, key));
        Some(Self { passed: number_after(stats, "\"expected\":")?, failed: skipped? + unexpected? + flaky? })
    }

    /// Counts that do not fit the exit code are not believed: a runner that fails has at least one failure, and
    /// one that ran nothing proved nothing.
    pub(crate) fn believed(count: Option<Self>, succeeded: Succeeded) -> Self {
        let mut count = count.unwrap_or_default();
        if count.failed == 0 && (succeeded == Succeeded::No || count.passed == 0) {
            count.failed = 1;
        }
        count
    }
}

/// A test that ran nothing, because the machine does not give it what it needs: the rights of root, or a program. Its runner
/// counts it among those that passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotRun {
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl NotRun {
    /// What such tests say, each on a line of its own: `not run: NAME: REASON`.
    pub(crate) fn all(output: &str) -> Vec<Self> {
        let said = output.lines().filter_map(|line| line.strip_prefix("not run: ")?.split_once(": "));
        said.map(|(name, reason)| Self { name: name.to_owned(), reason: reason.trim().to_owned() }).collect()
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.reason)
    }
}

/// What `cargo test` says of the tests that failed, of all binaries: their output, and where they stood. It stands in the
/// middle of everything, since the binaries after a failed one are run too.
pub(crate) fn cargo_failures(output: &str) -> String {
    let mut told = Vec::new();
    let mut of_a_failure = false;
    for line in output.lines() {
        if line.starts_with("---- ") && line.ends_with(" ----") {
            of_a_failure = true;
        } else if line == "failures:" {
            of_a_failure = false;
        }
        if of_a_failure {
            told.push(line);
        }
    }
    told.join("\n")
}

/// Of each test that Playwright calls failed, its name and what it said first: pages and traces that hang on it, and whatever
/// went wrong while it was cleared up, come after that and are long.
pub(crate) fn playwright_failures(output: &str) -> String {
    const LINES: usize = 20;
    let mut told = Vec::new();
    let mut left = 0;
    for line in output.lines().filter(|line| !line.trim().is_empty()) {
        if is_name_of_a_failure(line) {
            left = LINES;
        }
        if left > 0 {
            told.push(line);
            left -= 1;
        }
    }
    told.join("\n")
}

/// `  1) [firefox] › firefox/ears.spec.ts:16:1 › …`
fn is_name_of_a_failure(line: &str) -> bool {
    let number = line.trim_start().split_once(") [");
    number.is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a runner ended with exit code 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Succeeded {
    Yes,
    No,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn number_before(text: &str, word: &str) -> Option<u64> {
    let before = &text[..text.find(word)?];
    let digits = before.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    before[digits..].parse().ok()
}

fn number_after(text: &str, key: &str) -> Option<u64> {
    let after = text[text.find(key)? + key.len()..].trim_start();
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_add_up() {
        let output = "running 2 tests\n\
            test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(Count::from_cargo(output), Some(Count { passed: 13, failed: 2 }));
    }

    #[test]
    fn a_failed_test_is_told_of_wherever_it_stands() {
        let output = "test one ... ok\ntest two ... FAILED\n\nfailures:\n\n---- two stdout ----\n\
            thread 'two' panicked at tests/two.rs:7:5:\nnobody hears\n\nfailures:\n    two\n\n\
            test result: FAILED. 1 passed; 1 failed; 0 ignored\n   Doc-tests sfu\nrunning 0 tests\n";
        let told = cargo_failures(output);
        assert!(told.starts_with("---- two stdout ----\n"), "{told}");
        assert!(told.contains("nobody hears") && !told.contains("test result"), "{told}");
        assert_eq!(cargo_failures("test one ... ok\n"), "");
    }

    #[test]
    fn a_test_that_says_it_did_not_run_is_named_and_has_not_passed() {
        let output = "test one ... ok\n\nnot run: system_calls: it needs strace\ntest two ... ok\n\
            test three ... \nnot run: memory: it needs root: all of it\nok\n\
            test result: ok. 3 passed; 0 failed; 0 ignored\n";
        let not_run = NotRun::all(output);
        let told: Vec<String> = not_run.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["system_calls (it needs strace)", "memory (it needs root: all of it)"]);
        let count = Count::from_cargo(output).expect("counted").without(&not_run);
        assert_eq!(count, Count { passed: 1, failed: 0 });
    }

    #[test]
    fn an_ignored_test_is_a_failed_one() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!(Count::from_cargo(output), Some(Count { passed: 3, failed: 1 }));
    }

    #[test]
    fn vitest_counts_what_did_not_pass() {
        let report =
            r#"{"numTotalTestSuites":4,"numFailedTestSuites":0,"numTotalTests":9,"numPassedTests":7}"#;
        assert_eq!(Count::from_vitest(report), Some(Count { passed: 7, failed: 2 }));
        let broken = r#"{"numFailedTestSuites":1,"numTotalTests":7,"numPassedTests":7}"#;
        assert_eq!(Count::from_vitest(broken), Some(Count { passed: 7, failed: 1 }));
    }

    #[test]
    fn playwright_forgives_neither_a_skip_nor_a_second_try() {
        let report = r#"{"suites":[{"title":"\"stats\":"}],"stats": {"duration": 12.5, "expected": 6,
            "skipped": 1, "unexpected": 2, "flaky": 3}}"#;
        assert_eq!(Count::from_playwright(report), Some(Count { passed: 6, failed: 6 }));
    }

    #[test]
    fn of_a_failed_page_its_name_and_its_first_words_are_told() {
        let attached = "    <html>\n".repeat(60);
        let output = format!(
            "  ✓  1 [firefox] › a.spec.ts:9:1 › heard (3.8s)\n\n  1) [firefox] › b.spec.ts:9:1 › hears \n\n    Error: nobody is heard\n\n{attached}  2) [firefox] › c.spec.ts:1:1 › is heard \n    Error: late\n"
        );
        let told = playwright_failures(&output);
        let lines: Vec<&str> = told.lines().filter(|line| !line.contains("<html>")).collect();
        let names = ["  1) [firefox] › b.spec.ts:9:1 › hears ", "  2) [firefox] › c.spec.ts:1:1 › is heard "];
        assert_eq!(lines, [names[0], "    Error: nobody is heard", names[1], "    Error: late"]);
        assert!(told.lines().count() < 25, "{told}");
    }

    #[test]
    fn a_failing_runner_without_a_failed_test_still_failed() {
        assert_eq!(Count::believed(None, Succeeded::No), Count::FAILED);
        let crashed = Count { passed: 5, failed: 0 };
        assert_eq!(Count::believed(Some(crashed), Succeeded::No), Count { passed: 5, failed: 1 });
    }

    #[test]
    fn a_runner_that_ran_nothing_failed() {
        assert_eq!(Count::believed(Some(Count::default()), Succeeded::Yes), Count::FAILED);
        assert_eq!(Count::believed(None, Succeeded::Yes), Count::FAILED);
    }
}
