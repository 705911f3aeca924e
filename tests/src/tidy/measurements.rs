//! A figure without its command is a rumour.

use crate::repository::{assert_none, read};

/// Sections of `docs/measurements.md` with figures in them, and without what it takes to repeat them.
fn complaints(markdown: &str) -> Vec<String> {
    let sections = markdown.split("\n## ").skip(1);
    let mut complaints = Vec::new();
    for section in sections {
        let title = section.lines().next().unwrap_or_default();
        for wanted in ["Command: `", "Machine: ", "Date: "] {
            let said = section
                .lines()
                .any(|line| line.strip_prefix(wanted).is_some_and(|rest| !rest.trim().is_empty()));
            if !said {
                complaints
                    .push(format!("\"{title}\" has no line \"{}\"", wanted.trim_end_matches('`').trim_end()));
            }
        }
    }
    complaints
}

#[test]
fn a_section_without_its_command_is_told() {
    let page = "# Measurements\n\n## Whole\nDate: today\nMachine: two cores\nCommand: `x`\n| 1 |\n\n## Rumour\nMachine: \n| 2 |\n";
    let told = complaints(page);
    assert_eq!(
        told,
        [
            "\"Rumour\" has no line \"Command:\"",
            "\"Rumour\" has no line \"Machine:\"",
            "\"Rumour\" has no line \"Date:\""
        ]
    );
}

#[test]
fn every_figure_can_be_measured_again() {
    assert_none(complaints(&read("docs/measurements.md")));
}
