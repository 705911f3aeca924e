//! Findings, for people and for programs.

use std::fmt::Write;

use super::finding::{Finding, Severity, worst};

pub(super) fn sentences(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { severity, what, advice, .. } in findings {
        let word = match severity {
            Severity::Ok => "ok  ",
            Severity::Warn => "warn",
            Severity::Fail => "FAIL",
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "{word}  {what}");
        if !advice.is_empty() {
            let _ = writeln!(text, "      → {advice}");
        }
    }
    text
}

pub(super) fn json(findings: &[Finding]) -> String {
    let report = serde_json::json!({ "worst": worst(findings), "findings": findings });
    format!("{report:#}\n")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Check;
    use super::*;

    fn findings() -> [Finding; 2] {
        [Finding::ok(Check::Clock, "Good."), Finding::warn(Check::TcpFallback, "Not for all.", "Do this.")]
    }

    #[test]
    fn people_read_a_word_a_sentence_and_what_to_do() {
        assert_eq!(sentences(&findings()), "ok    Good.\nwarn  Not for all.\n      → Do this.\n");
    }

    #[test]
    fn programs_read_stable_words() {
        let report: serde_json::Value = serde_json::from_str(&json(&findings())).expect("JSON");
        assert_eq!(report["worst"], "warn");
        assert_eq!(report["findings"][1]["check"], "tcp_fallback");
        assert_eq!(report["findings"][1]["severity"], "warn");
        assert_eq!(report["findings"][0]["advice"], "");
    }
}
