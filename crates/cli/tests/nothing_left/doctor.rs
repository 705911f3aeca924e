//! `vivavoce doctor --no-records`, asked of a server that runs.

use std::process::Output;

use serde_json::Value;

use crate::needs::{is_root, not_run};
use crate::people::{Server, vivavoce};

/// Its exit code, and what it found: check, severity, sentence.
fn asks(server: &Server) -> (Option<i32>, Vec<[String; 3]>) {
    let Output { status, stdout, stderr, .. } =
        vivavoce(&["doctor", "--no-records", "--json", "--listen", &server.address.to_string(), "--data"])
            .arg(server.path("data"))
            .output()
            .expect("it runs");
    let report: Value = serde_json::from_slice(&stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr)));
    let text = |finding: &Value, key: &str| finding[key].as_str().expect("a text").to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let findings = findings.map(|finding| ["check", "severity", "what"].map(|key| text(finding, key)));
    (status.code(), findings.collect())
}

fn severity<'a>(findings: &'a [[String; 3]], check: &str) -> &'a str {
    let found = findings.iter().find(|finding| finding[0] == check);
    found.map_or_else(|| panic!("{check} is missing in {findings:#?}"), |finding| &finding[1])
}

#[test]
fn an_operator_sees_that_a_server_keeps_nothing_and_what_would_let_it() {
    if !is_root() {
        return not_run("doctor_no_records", "it needs root: nobody else may look into the process");
    }
    let server = Server::start();
    let live = server.live();
    let (code, findings) = asks(&server);
    for check in ["server", "system_calls", "open_files", "cores", "memory", "data", "columns", "log"] {
        assert_eq!(severity(&findings, check), "ok", "{findings:#?}");
    }
    // The second lock and hibernation are the machine's.
    assert!(matches!(code, Some(0 | 1)), "{findings:#?}");
    assert_eq!(server.live(), live, "it was not disturbed");

    std::fs::write(server.path("data").join("evening.log"), "who was there").expect("written");
    let (code, findings) = asks(&server);
    assert_eq!((severity(&findings, "data"), code), ("fail", Some(2)), "others can open it");

    let open = Server::start_by(vivavoce(&["--unsandboxed"]));
    let (code, findings) = asks(&open);
    assert_eq!((severity(&findings, "system_calls"), severity(&findings, "landlock")), ("fail", "fail"));
    assert_eq!(code, Some(2));
}

#[test]
fn of_a_server_that_does_not_run_nothing_is_guessed() {
    let data = tempfile::tempdir().expect("a folder");
    let asked = vivavoce(&["doctor", "--no-records", "--data"]).arg(data.path()).output().expect("it runs");
    let said = String::from_utf8(asked.stdout).expect("text");
    assert!(said.starts_with("FAIL  No server runs with the data directory "), "{said}");
    assert_eq!((said.matches("FAIL").count(), said.matches("ok  ").count()), (1, 0), "{said}");
    assert_eq!(asked.status.code(), Some(2));
}
