use super::*;
use crate::doctor::finding::{Severity, worst};

const WELL: Process = Process { cores: Cores::Forbidden, memory: Memory::Locked, swapped_kib: 0 };

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn held(names: &[&str]) -> Seen<Vec<Descriptor>> {
    Seen::Is(names.iter().map(|name| Descriptor((*name).to_owned())).collect())
}

/// A server of which nothing is kept, seen by root.
fn well() -> (Running, Facts) {
    let running = Running {
        processes: vec![WELL; 4],
        threads: Threads { all: 7, shut_in: 7 },
        calling_out: Some(Threads { all: 2, shut_in: 2 }),
        descriptors: held(&[
            "socket:[1]",
            "pipe:[2]",
            "anon_inode:[eventfd]",
            "anon_inode:[eventpoll]",
            "/dev/null",
        ]),
        sandbox: Some(SandboxState::Full),
        columns: Some(keeper::published_columns().collect()),
        log: Seen::Is(Log::Elsewhere),
    };
    let facts = Facts {
        server: Server::Unseen(String::new()),
        swap: Vec::new(),
        hibernation: Hibernation::Impossible,
        folder: Seen::Is(Folder::default()),
    };
    (running, facts)
}

fn judged(change: impl FnOnce(&mut Running, &mut Facts)) -> Vec<Finding> {
    let (mut running, mut facts) = well();
    change(&mut running, &mut facts);
    judge(&Facts { server: Server::Runs(Box::new(running)), ..facts })
}

/// The only thing that is said besides praise.
fn complaint(change: impl FnOnce(&mut Running, &mut Facts)) -> (Check, Severity, String) {
    let mut bad: Vec<Finding> =
        judged(change).into_iter().filter(|finding| finding.severity != Severity::Ok).collect();
    assert_eq!(bad.len(), 1, "{bad:?}");
    let finding = bad.remove(0);
    assert!(!finding.advice.is_empty(), "a complaint comes with what to do");
    (finding.check, finding.severity, finding.what)
}

fn is(found: &(Check, Severity, String), check: Check, severity: Severity, words: &str) {
    assert_eq!((found.0, found.1), (check, severity), "{found:?}");
    assert!(found.2.contains(words), "{found:?}");
}

#[test]
fn a_server_that_keeps_nothing_is_praised_in_every_line() {
    let findings = judged(|_, _| {});
    assert_eq!(worst(&findings), Severity::Ok, "{findings:?}");
    for finding in &findings {
        assert!(finding.what.ends_with('.') && finding.advice.is_empty(), "{finding:?}");
    }
}

#[test]
fn of_a_server_that_cannot_be_seen_nothing_is_said_but_that() {
    let (_, facts) = well();
    let findings = judge(&Facts { server: Server::Unseen("No server runs.".to_owned()), ..facts });
    assert_eq!((findings.len(), worst(&findings)), (1, Severity::Fail));
}

#[test]
fn a_lock_that_does_not_hold_is_told() {
    let free = complaint(|running, _| running.threads.shut_in = 6);
    is(&free, Check::SystemCalls, Severity::Fail, "Of the 7 threads");
    let none = complaint(|running, _| running.threads = Threads { all: 0, shut_in: 0 });
    is(&none, Check::SystemCalls, Severity::Fail, "only 0");
    let out = complaint(|running, _| running.calling_out = Some(Threads { all: 2, shut_in: 1 }));
    is(&out, Check::SystemCalls, Severity::Fail, "sends notifications");
    for (sandbox, severity) in [
        (Some(SandboxState::WithoutLandlock), Severity::Warn),
        (Some(SandboxState::Off), Severity::Fail),
        (None, Severity::Warn),
    ] {
        is(&complaint(|running, _| running.sandbox = sandbox), Check::Landlock, severity, "It ");
    }
}

#[test]
fn whatever_is_open_besides_lines_is_told_by_name() {
    for strange in ["/tmp/evening.log", "/memfd:x (deleted)", "anon_inode:[io_uring]"] {
        let found = complaint(|running, _| running.descriptors = held(&["socket:[1]", strange]));
        is(&found, Check::OpenFiles, Severity::Fail, strange);
    }
    let pipes = complaint(|running, _| running.descriptors = held(&["pipe:[1]", "pipe:[1]", "pipe:[2]"]));
    is(&pipes, Check::OpenFiles, Severity::Fail, "pipe:[2]");
}

#[test]
fn memory_that_could_reach_a_disk_is_told() {
    let cores = complaint(|running, _| running.processes[1].cores = Cores::Allowed);
    is(&cores, Check::Cores, Severity::Fail, "1 of its processes");
    let loose = |running: &mut Running| running.processes[2].memory = Memory::Loose;
    let swap = |facts: &mut Facts| facts.swap = names(&["/dev/sda2"]);
    assert_eq!(
        worst(&judged(|running, _| loose(running))),
        Severity::Ok,
        "without swap it has nowhere to go"
    );
    assert_eq!(worst(&judged(|_, facts| swap(facts))), Severity::Ok, "it is locked");
    let both = complaint(|running, facts| {
        loose(running);
        swap(facts);
    });
    is(&both, Check::Memory, Severity::Warn, "/dev/sda2");
    let swapped = complaint(|running, _| running.processes[0].swapped_kib = 12);
    is(&swapped, Check::Memory, Severity::Fail, "12 KiB");
    let asleep = complaint(|_, facts| {
        swap(facts);
        facts.hibernation = Hibernation::Possible;
    });
    is(&asleep, Check::Hibernation, Severity::Warn, "locked or not");
    let nowhere = judged(|_, facts| facts.hibernation = Hibernation::Possible);
    assert_eq!(worst(&nowhere), Severity::Ok, "without swap there is nothing to hibernate to");
}

#[test]
fn what_lies_in_the_data_directory_or_the_database_and_is_not_ours_is_told() {
    let folder = |strangers: &[&str], open: &[&str]| {
        let folder = Folder { strangers: names(strangers), open: names(open) };
        complaint(|_, facts| facts.folder = Seen::Is(folder))
    };
    is(&folder(&["evening.log"], &[]), Check::Data, Severity::Warn, "evening.log");
    is(&folder(&[], &[".", "vivavoce.db"]), Check::Data, Severity::Fail, "., vivavoce.db");
    let more =
        complaint(|running, _| running.columns.iter_mut().for_each(|all| all.push("rooms.title".to_owned())));
    is(&more, Check::Columns, Severity::Fail, "rooms.title");
    let less = complaint(|running, _| running.columns = Some(keeper::published_columns().skip(1).collect()));
    is(&less, Check::Columns, Severity::Warn, "lacks");
    is(&complaint(|running, _| running.columns = None), Check::Columns, Severity::Warn, "did not say");
}

#[test]
fn what_only_root_can_see_is_said_and_not_guessed() {
    is(
        &complaint(|running, _| running.descriptors = Seen::RootOnly),
        Check::OpenFiles,
        Severity::Warn,
        "by root",
    );
    is(&complaint(|running, _| running.log = Seen::RootOnly), Check::Log, Severity::Warn, "by root");
    is(&complaint(|_, facts| facts.folder = Seen::RootOnly), Check::Data, Severity::Warn, "by root");
}
