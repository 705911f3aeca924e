//! What happens when processes die, signals come, and things are in the way.

use std::net::{TcpListener, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::server::{Gone, Server};

macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        pub(crate) const ALL: &[(&str, fn())] = &[$((stringify!($name), $name)),*];
    };
}

stories!(
    people_reach_live_through_the_sockets_the_parent_bound,
    after_live_is_killed_the_next_one_has_its_blobs_and_nothing_older,
    what_live_committed_just_before_it_died_is_not_lost,
    blobs_larger_than_any_socket_buffer_are_handed_back_whole,
    a_live_that_keeps_dying_is_started_ever_more_slowly,
    after_the_keeper_is_killed_live_goes_on_with_a_new_one,
    after_both_are_killed_at_once_the_rooms_are_lost,
    a_live_that_commits_an_older_version_is_replaced_by_one_that_has_the_newer,
    told_to_stop_the_server_tells_people_first_and_ends_well,
    a_live_that_does_not_drain_is_not_waited_for_longer_than_said,
    told_twice_the_server_stops_at_once,
    a_server_that_a_program_started_for_itself_stops_with_it_and_tells_people_too,
    when_the_parent_is_killed_its_children_go_with_it,
    a_hangup_reads_the_certificate_again,
    a_hangup_without_a_certificate_is_harmless,
    the_owner_link_is_shown_until_there_is_an_owner,
    what_is_not_a_record_is_not_shown,
    a_keeper_that_says_why_it_cannot_work_is_quoted_and_not_restarted,
    a_keeper_that_never_starts_is_given_up_with_a_sentence,
    a_port_that_is_taken_is_named,
    a_media_port_that_is_taken_is_named_even_by_a_socket_that_would_share,
    live_holds_no_file,
    a_panic_says_where_and_never_what,
);

fn people_reach_live_through_the_sockets_the_parent_bound() {
    let server = Server::start_with(&["--media-threads", "3"], |_| {});
    let about = server.ask("about");
    let sockets = 3 * live::SOCKETS_PER_SHARD;
    assert!(about.ends_with(&format!(" {sockets}")), "{about}");
    assert_ne!(server.live(), server.keeper());
}

fn after_live_is_killed_the_next_one_has_its_blobs_and_nothing_older() {
    let server = Server::start();
    let (first, about) = (server.live(), server.ask("about"));
    for question in ["commit 1 1 10", "commit 2 1 20", "commit 1 2 30"] {
        server.ask(question);
    }
    Server::kill(first);
    assert_eq!(server.ask("blobs"), "1@2:30x2 2@1:20x1");
    assert_ne!(server.live(), first);
    let again = server.ask("about");
    assert_ne!(again.split(' ').next(), about.split(' ').next(), "another incarnation");
    server.hears("ended by signal 9; starting it again");
    assert_ne!(server.keeper(), first, "the line to the keeper works again");
}

fn what_live_committed_just_before_it_died_is_not_lost() {
    let server = Server::start();
    assert_eq!(server.try_ask("commit-many-and-die 7 300 60000"), None);
    assert_eq!(server.ask("blobs"), format!("7@300:60000x{}", 300 % 256));
}

fn blobs_larger_than_any_socket_buffer_are_handed_back_whole() {
    let server = Server::start();
    for tag in 0..200 {
        server.ask(&format!("commit {tag} 1 65000"));
    }
    Server::kill(server.live());
    assert_eq!(server.ask("blobs").split(' ').count(), 200);
}

fn a_live_that_keeps_dying_is_started_ever_more_slowly() {
    let server = Server::start();
    // What the supervisor waits before each start; how long a start takes besides is the machine's affair.
    for wait in [0, 200, 500].map(Duration::from_millis) {
        let live = server.live();
        let before = Instant::now();
        Server::kill(live);
        server.ask("pid");
        assert!(before.elapsed() >= wait, "{:?} instead of {wait:?}", before.elapsed());
    }
}

fn after_the_keeper_is_killed_live_goes_on_with_a_new_one() {
    let server = Server::start();
    let (live, first) = (server.live(), server.keeper());
    server.ask("commit 1 1 10");
    assert!(!server.has("again"));
    Server::kill(first);
    assert_ne!(server.keeper(), first);
    assert!(server.has("again"), "it knows that people are being served");
    assert_eq!(server.live(), live, "nobody in a room noticed");
    Server::kill(live);
    assert_eq!(server.ask("blobs"), "1@1:10x1");
}

fn after_both_are_killed_at_once_the_rooms_are_lost() {
    let server = Server::start();
    let (live, keeper) = (server.live(), server.keeper());
    server.ask("commit 1 1 10");
    // Held still, the parent sees both deaths together.
    server.hold_still();
    Server::kill(live);
    Server::kill(keeper);
    server.signal(Signal::CONT);
    assert_eq!(server.ask("blobs"), "");
    server.hears("the rooms that were open are lost");
}

fn a_live_that_commits_an_older_version_is_replaced_by_one_that_has_the_newer() {
    let server = Server::start();
    let first = server.live();
    let gone = Gone::watch(first);
    server.ask("commit 1 5 50");
    let _ = server.try_ask("commit 1 4 40");
    gone.wait();
    assert_eq!(server.ask("blobs"), "1@5:50x5");
    server.hears("commit_refused_by_parent");
}

fn told_to_stop_the_server_tells_people_first_and_ends_well() {
    let server = Server::start_with(&["--drain-seconds", "7"], |_| {});
    let live = Gone::watch(server.live());
    server.signal(Signal::TERM);
    assert_eq!(server.ask("wait-for-drain"), "7");
    assert!(!server.has("stopped"), "the keeper is needed until people are told");
    // Its answer may be cut short: it has said what it was there for.
    let _ = server.try_ask("drained");
    live.wait();
    server.hears("Stopped.");
    assert!(server.has("stopped"), "the keeper finished by itself");
    assert!(server.ended().success());
}

fn a_live_that_does_not_drain_is_not_waited_for_longer_than_said() {
    let server = Server::start_with(&["--drain-seconds", "0"], |_| {});
    server.signal(Signal::INT);
    assert!(server.ended().success());
}

fn told_twice_the_server_stops_at_once() {
    let server = Server::start_with(&["--drain-seconds", "60"], |_| {});
    server.signal(Signal::TERM);
    assert_eq!(server.ask("wait-for-drain"), "60");
    server.signal(Signal::TERM);
    assert!(server.ended().success());
}

fn a_server_that_a_program_started_for_itself_stops_with_it_and_tells_people_too() {
    let mut server = Server::start_with(&["--drain-seconds", "7", "serve", "--until-stdin-closes"], |_| {});
    let live = Gone::watch(server.live());
    server.let_go();
    assert_eq!(server.ask("wait-for-drain"), "7");
    let _ = server.try_ask("drained");
    live.wait();
    assert!(server.ended().success());
}

fn when_the_parent_is_killed_its_children_go_with_it() {
    let server = Server::start();
    let children = [Gone::watch(server.live()), Gone::watch(server.keeper())];
    server.signal(Signal::KILL);
    children.into_iter().for_each(Gone::wait);
}

fn a_hangup_reads_the_certificate_again() {
    let server = Server::start_with(&["--tls-cert", "/c.pem", "--tls-key", "/k.pem"], |_| {});
    server.signal(Signal::HUP);
    server.hears("The certificate was read again.");
}

fn a_hangup_without_a_certificate_is_harmless() {
    let server = Server::start();
    let live = server.live();
    server.signal(Signal::HUP);
    server.hears("There is no certificate to read again.");
    assert_eq!(server.live(), live);
}

fn the_owner_link_is_shown_until_there_is_an_owner() {
    Server::start().reads("/o#BwcHBwcHBwcHBwcHBwcHBw");
    let owned = Server::start_with(&[], |data| std::fs::write(data.join("owned"), "").expect("written"));
    owned.ask("pid");
}

fn what_is_not_a_record_is_not_shown() {
    let server = Server::start();
    server.ask("say live: slow_client");
    server.ask("say ann said hello to ben");
    let heard = server.hears("live: slow_client") + &server.hears("lines_withheld count=1");
    assert!(!heard.contains("ann"), "{heard}");
}

fn a_keeper_that_says_why_it_cannot_work_is_quoted_and_not_restarted() {
    let ended = Server::fails(&["--listen", "127.0.0.1:0"], |data| {
        std::fs::write(data.join("broken"), "").expect("written");
    });
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("Another server is using the data directory"), "{}", ended.stderr);
    assert_eq!(ended.stderr.trim().lines().count(), 1, "{}", ended.stderr);
}

fn a_keeper_that_never_starts_is_given_up_with_a_sentence() {
    let ended = Server::fails(&["--listen", "127.0.0.1:0"], |data| {
        std::fs::write(data.join("crash"), "").expect("written");
    });
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains("The keeper could not be started."), "{}", ended.stderr);
}

fn a_port_that_is_taken_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = other.local_addr().expect("bound").to_string();
    let ended = Server::fails(&["--listen", &address], |_| {});
    assert_eq!(ended.status.code(), Some(1));
    let expected =
        format!("{address} is taken: another program listens there. Stop it, or choose another address");
    assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
}

fn a_media_port_that_is_taken_is_named_even_by_a_socket_that_would_share() {
    let other = UdpSocket::bind("127.0.0.1:0").expect("a port");
    rustix::net::sockopt::set_socket_reuseport(&other, true).expect("set");
    let port = other.local_addr().expect("bound").port().to_string();
    let ended = Server::fails(&["--listen", "127.0.0.1:0", "--media-port", &port], |_| {});
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.stderr.contains(&format!("UDP port {port} is taken")), "{}", ended.stderr);
}

/// Although whoever started the server has one open (see `server::command`).
fn live_holds_no_file() {
    let server = Server::start();
    let folder = format!("/proc/{}/fd", server.live().as_raw_nonzero());
    for entry in std::fs::read_dir(folder).expect("readable") {
        let link = std::fs::read_link(entry.expect("an entry").path()).unwrap_or_default();
        let link = link.to_string_lossy();
        let known =
            ["socket:", "pipe:", "anon_inode:", "/dev/null"].iter().any(|kind| link.starts_with(kind));
        assert!(known, "{link}");
    }
}

fn a_panic_says_where_and_never_what() {
    let payload = "Quillon said Brackwater";
    let said = |how: &str| {
        let mut process = Command::new(std::env::current_exe().expect("this test"));
        let output = process.args(["fake-panic", how, payload]).output().expect("started");
        assert_eq!(output.status.code(), Some(101), "it panicked");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("text")
    };
    let hardened = said("hardened");
    let lines: Vec<&str> = hardened.lines().collect();
    assert_eq!(lines.len(), 2, "one for each thread: {hardened}");
    for line in lines {
        assert!(line.starts_with("vivavoce: panicked at=crates/cli/tests/parent/fake.rs:"), "{line}");
    }
    // The control: what any program would have said.
    assert_eq!(said("plain").matches(payload).count(), 2);
}
