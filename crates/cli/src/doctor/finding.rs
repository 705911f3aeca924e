//! What the doctor says about one thing.

use serde::Serialize;

/// How bad it is; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    Ok,
    /// It works, but not for everybody or not for long.
    Warn,
    /// It does not work.
    Fail,
}

/// What was looked at: stable words for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Check {
    Server,
    Ports,
    Address,
    Udp,
    TcpFallback,
    Microphone,
    Certificate,
    Clock,
    Descriptors,
    ReceiveBuffer,
    Segmentation,
    Sandbox,
    Swap,
    SystemCalls,
    Landlock,
    OpenFiles,
    Cores,
    Memory,
    Hibernation,
    Data,
    Columns,
    Log,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) check: Check,
    pub(super) severity: Severity,
    pub(super) what: String,
    /// What to do about it; empty when there is nothing to do.
    pub(super) advice: String,
}

impl Finding {
    pub(super) fn ok(check: Check, what: impl Into<String>) -> Self {
        Self { check, severity: Severity::Ok, what: what.into(), advice: String::new() }
    }

    pub(super) fn warn(check: Check, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, severity: Severity::Warn, what: what.into(), advice: advice.into() }
    }

    pub(super) fn fail(check: Check, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, severity: Severity::Fail, what: what.into(), advice: advice.into() }
    }
}

pub(super) fn worst(findings: &[Finding]) -> Severity {
    findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
}
