//! Gathers the facts, from `/proc`, the data directory, and the server's own answers.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use client::api::{Server as Client, Trust};
use keeper_api::admin::{ADMIN_SOCKET, AdminReply, AdminRequest};
use live::Memory;
use protocol::sandbox::SandboxState;
use rustix::net::sockopt::socket_peercred;
use rustix::process::Pid;

use super::{Cores, Descriptor, Facts, Folder, Hibernation, Log, Process, Running, Seen, Server, Threads};
use crate::admin;
use crate::config::{Config, Front};
use crate::doctor::look::reachable;
use crate::memory;

/// The bits of a mode that let others in.
const OTHERS: u32 = 0o077;

pub(in crate::doctor) fn look(config: &Config) -> Facts {
    Facts {
        server: server(config),
        swap: memory::swap_areas(),
        hibernation: hibernation(&fs::read_to_string("/sys/power/state").unwrap_or_default()),
        folder: folder(&config.data),
    }
}

fn hibernation(states: &str) -> Hibernation {
    if states.split_whitespace().any(|state| state == "disk") {
        Hibernation::Possible
    } else {
        Hibernation::Impossible
    }
}

fn server(config: &Config) -> Server {
    let path = config.data.join(ADMIN_SOCKET);
    let keeper = match UnixStream::connect(&path).and_then(|socket| Ok(socket_peercred(socket)?.pid)) {
        Ok(keeper) => keeper,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let shown = path.display();
            return Server::Unseen(format!(
                "Only the server's own user and root may ask: {shown} cannot be opened."
            ));
        }
        Err(_) => {
            let shown = config.data.display();
            return Server::Unseen(format!("No server runs with the data directory {shown}."));
        }
    };
    running(config, keeper).map_or_else(
        || Server::Unseen("The server's processes cannot be seen from here (/proc).".to_owned()),
        |running| Server::Runs(Box::new(running)),
    )
}

fn running(config: &Config, keeper: Pid) -> Option<Running> {
    let parent = Pid::from_raw(number(&status(keeper)?, "PPid")?.try_into().ok()?)?;
    let live = children(parent).find(|child| is_named(*child, "vivavoce-live"))?;
    // The helper may just be on its way.
    let outbound = children(parent).find(|child| is_named(*child, "vivavoce-out"));
    let all = [parent, keeper, live].into_iter().chain(outbound);
    Some(Running {
        processes: all.map(process).collect::<Option<_>>()?,
        threads: threads(live)?,
        calling_out: outbound.and_then(threads),
        descriptors: descriptors(live),
        sandbox: sandbox(config),
        columns: columns(config),
        log: log(parent),
    })
}

fn file(process: Pid, name: &str) -> io::Result<String> {
    fs::read_to_string(format!("/proc/{}/{name}", process.as_raw_nonzero()))
}

fn status(process: Pid) -> Option<String> {
    file(process, "status").ok()
}

/// The number behind `key:` in a status.
fn number(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn children(parent: Pid) -> impl Iterator<Item = Pid> {
    let id = u64::try_from(parent.as_raw_nonzero().get()).unwrap_or_default();
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
    processes
        .filter(move |process| status(*process).is_some_and(|status| number(&status, "PPid") == Some(id)))
}

fn is_named(process: Pid, name: &str) -> bool {
    file(process, "comm").is_ok_and(|comm| comm.trim() == name)
}

fn process(process: Pid) -> Option<Process> {
    let status = status(process)?;
    let limits = file(process, "limits").ok()?;
    let (locked, resident) = (number(&status, "VmLck")?, number(&status, "VmRSS")?);
    Some(Process {
        cores: cores(&limits)?,
        memory: if locked >= resident { Memory::Locked } else { Memory::Loose },
        swapped_kib: number(&status, "VmSwap").unwrap_or_default(),
    })
}

fn cores(limits: &str) -> Option<Cores> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size"))?;
    let none = line.split_whitespace().take(2).all(|limit| limit == "0");
    Some(if none { Cores::Forbidden } else { Cores::Allowed })
}

fn threads(live: Pid) -> Option<Threads> {
    let tasks = fs::read_dir(format!("/proc/{}/task", live.as_raw_nonzero())).ok()?;
    // A thread that has ended meanwhile is none.
    let all: Vec<String> =
        tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("status")).ok()).collect();
    let shut_in = all.iter().filter(|status| is_shut_in(status)).count();
    Some(Threads { all: all.len(), shut_in })
}

/// Filtered, and without a way to be rid of it.
fn is_shut_in(status: &str) -> bool {
    number(status, "Seccomp") == Some(2) && number(status, "NoNewPrivs") == Some(1)
}

fn descriptors(live: Pid) -> Seen<Vec<Descriptor>> {
    let Ok(entries) = fs::read_dir(format!("/proc/{}/fd", live.as_raw_nonzero())) else {
        return Seen::RootOnly;
    };
    let links = entries.flatten().map(|entry| fs::read_link(entry.path()));
    let mut all = Vec::new();
    for link in links {
        match link {
            Ok(link) => all.push(Descriptor(link.to_string_lossy().into_owned())),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Seen::RootOnly,
            // Closed meanwhile.
            Err(_) => {}
        }
    }
    Seen::Is(all)
}

/// Asks the web side, where it is reached in clear text by its address and otherwise by the name that people use.
fn sandbox(config: &Config) -> Option<SandboxState> {
    let origin = match config.front {
        Front::Ourselves(_) => config.public_url(config.listen.port()).to_string(),
        Front::Plain | Front::Proxy(_) => format!("http://{}", reachable(config.listen)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let client = Client::new(origin.parse().ok()?, &Trust::System).ok()?;
    runtime.block_on(client.door()).ok().map(|door| door.sandbox)
}

fn columns(config: &Config) -> Option<Vec<String>> {
    match admin::ask(config, &AdminRequest::Columns).ok()?.reply {
        AdminReply::Columns(columns) => Some(columns.into_iter().map(String::from).collect()),
        _ => None,
    }
}

fn log(parent: Pid) -> Seen<Log> {
    let Ok(link) = fs::read_link(format!("/proc/{}/fd/2", parent.as_raw_nonzero())) else {
        return Seen::RootOnly;
    };
    let Ok(environment) = file(parent, "environ") else { return Seen::RootOnly };
    let in_journal = environment.split('\0').any(|pair| pair.starts_with("JOURNAL_STREAM="));
    Seen::Is(match link.to_string_lossy() {
        link if link.starts_with("socket:") && in_journal => {
            Log::Journal { on_disk: Path::new("/var/log/journal").is_dir() }
        }
        link if link.starts_with('/') && !link.starts_with("/dev/") => Log::File(link.into_owned()),
        _ => Log::Elsewhere,
    })
}

fn folder(data: &Path) -> Seen<Folder> {
    let (Ok(own), Ok(entries)) = (fs::metadata(data), fs::read_dir(data)) else { return Seen::RootOnly };
    let lets_others_in = |found: &fs::Metadata| found.permissions().mode() & OTHERS != 0;
    let mut folder = Folder::default();
    if lets_others_in(&own) {
        folder.open.push(".".to_owned());
    }
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // What is gone again is not there.
        let Ok(found) = entry.metadata() else { continue };
        if lets_others_in(&found) {
            folder.open.push(name.clone());
        }
        if !keeper::is_ours(&name) {
            folder.strangers.push(name);
        }
    }
    folder.strangers.sort_unstable();
    folder.open.sort_unstable();
    Seen::Is(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_and_limits_are_read_as_the_kernel_writes_them() {
        let status =
            "Name:\tx\nPPid:\t41\nVmLck:\t     120 kB\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t2\n";
        assert_eq!((number(status, "PPid"), number(status, "VmLck")), (Some(41), Some(120)));
        assert_eq!(number(status, "Vm"), None);
        assert!(is_shut_in(status));
        assert!(!is_shut_in(&status.replace("Seccomp:\t2", "Seccomp:\t0")));
        assert!(!is_shut_in(&status.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0")));
        let limits =
            |soft, hard| format!("Limit  Soft  Hard  Units\nMax core file size  {soft}  {hard}  bytes\n");
        assert_eq!(cores(&limits("0", "0")), Some(Cores::Forbidden));
        assert_eq!(cores(&limits("0", "unlimited")), Some(Cores::Allowed));
        assert_eq!(cores("nothing"), None);
        assert_eq!(hibernation("freeze mem disk\n"), Hibernation::Possible);
        assert_eq!(hibernation("freeze mem\n"), Hibernation::Impossible);
    }

    #[test]
    fn in_the_data_directory_whatever_is_not_the_servers_and_whatever_others_can_open_is_seen() {
        let data = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()
            .expect("a folder");
        let put = |name: &str, mode| {
            fs::write(data.path().join(name), "").expect("written");
            fs::set_permissions(data.path().join(name), fs::Permissions::from_mode(mode)).expect("set");
        };
        for name in ["vivavoce.db", "vivavoce.db-wal", "lock", ADMIN_SOCKET] {
            put(name, 0o600);
        }
        assert_eq!(folder(data.path()), Seen::Is(Folder::default()));
        put("evening.log", 0o600);
        put("vivavoce.db", 0o640);
        let seen = Folder { strangers: vec!["evening.log".to_owned()], open: vec!["vivavoce.db".to_owned()] };
        assert_eq!(folder(data.path()), Seen::Is(seen));
        assert_eq!(folder(&data.path().join("none")), Seen::RootOnly);
    }
}
