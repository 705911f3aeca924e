use super::super::finding::{Severity, worst};
use super::*;
use crate::memory::Complaint;

const DAY: Duration = Duration::from_secs(86_400);

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + FIRST_RELEASE + DAY
}

fn at(address: &str, origin: Origin, reached: Reached) -> Advertised {
    Advertised { address: address.parse().expect("an address"), origin, reached }
}

/// A server on the internet with nothing wrong.
fn healthy() -> Facts {
    Facts {
        now: now(),
        public_url: "https://rooms.example.org".parse().expect("an origin"),
        server: Server::Runs { date: Some(now()) },
        addresses: vec![
            at("203.0.113.7", Origin::Interface, Reached::Yes),
            at("127.0.0.1", Origin::Interface, Reached::Yes),
        ],
        media_port: Some(443),
        front: FrontFacts::Certificate {
            not_before: now() - DAY,
            not_after: now() + 60 * DAY,
            for_host: true,
        },
        descriptors: 1 << 20,
        few_descriptors: None,
        machine: Some(Machine {
            receive_buffer: 4 << 20,
            receive_buffer_wanted: 4 << 20,
            segmentation: Segmentation::Offloaded,
        }),
        sandbox: SandboxFacts::Full,
        swap: Verdict::Fine,
    }
}

/// The only thing that is said about these facts besides praise.
fn complaint(change: impl FnOnce(&mut Facts)) -> (Check, Severity, String) {
    let mut facts = healthy();
    change(&mut facts);
    let mut bad: Vec<Finding> =
        judge(&facts).into_iter().filter(|finding| finding.severity != Severity::Ok).collect();
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
fn a_healthy_server_is_praised_in_every_line() {
    let findings = judge(&healthy());
    assert_eq!(worst(&findings), Severity::Ok, "{findings:?}");
    for finding in &findings {
        assert!(finding.what.ends_with('.') && finding.advice.is_empty(), "{finding:?}");
    }
}

#[test]
fn a_server_that_answers_by_half_or_could_not_start_is_told() {
    let half = complaint(|facts| facts.server = Server::HalfRuns);
    is(&half, Check::Server, Severity::Fail, "web side does not answer");
    let taken = complaint(|facts| facts.server = Server::CannotStart("0.0.0.0:443 is taken.".to_owned()));
    is(&taken, Check::Ports, Severity::Fail, "0.0.0.0:443 is taken.");
    let mut stopped = healthy();
    stopped.server = Server::Stopped;
    assert_eq!(worst(&judge(&stopped)), Severity::Ok, "it need not run to be asked about");
}

#[test]
fn a_page_without_https_has_no_microphone() {
    let found = complaint(|facts| {
        facts.public_url = "http://192.168.1.5:8080".parse().expect("an origin");
        facts.front = FrontFacts::Plain;
    });
    is(&found, Check::Microphone, Severity::Fail, "no microphone");
}

#[test]
fn every_fault_of_a_certificate_has_its_word() {
    let with = |from: SystemTime, until: SystemTime, for_host: bool| {
        complaint(|facts| {
            facts.front = FrontFacts::Certificate { not_before: from, not_after: until, for_host };
        })
    };
    let (check, before, after) = (Check::Certificate, now() - DAY, now() + 60 * DAY);
    is(&with(before, now() - DAY, true), check, Severity::Fail, "has expired");
    is(&with(after, after + DAY, true), check, Severity::Fail, "not good yet");
    is(&with(before, after, false), check, Severity::Fail, "not for rooms.example.org");
    is(&with(before, now() + 3 * DAY, true), check, Severity::Warn, "3 days");
    for (why, words) in [
        (Failure::TlsCert, "certificate cannot be used"),
        (Failure::TlsKey, "key cannot be used"),
        (Failure::TlsMismatch, "do not belong together"),
    ] {
        is(&complaint(|facts| facts.front = FrontFacts::Broken(why)), check, Severity::Fail, words);
    }
}

#[test]
fn addresses_that_do_not_reach_people_are_told() {
    let with = |addresses: &[&str]| {
        let addresses: Vec<Advertised> =
            addresses.iter().map(|address| at(address, Origin::Interface, Reached::Yes)).collect();
        complaint(|facts| facts.addresses = addresses)
    };
    is(&with(&[]), Check::Address, Severity::Fail, "no address");
    is(&with(&["127.0.0.1", "::1"]), Check::Address, Severity::Fail, "this machine alone");
    for private in ["192.168.1.5", "10.0.0.3", "172.16.0.1", "100.64.0.9", "fd00::5"] {
        is(&with(&[private, "127.0.0.1"]), Check::Address, Severity::Warn, "private addresses alone");
    }
}

#[test]
fn on_one_machine_or_in_one_network_its_addresses_are_enough() {
    for (url, address) in [("http://localhost:8080", "127.0.0.1"), ("https://192.168.1.5", "192.168.1.5")] {
        let mut facts = healthy();
        facts.public_url = url.parse().expect("an origin");
        facts.addresses = vec![at(address, Origin::Interface, Reached::Yes)];
        assert_eq!(worst(&judge(&facts)), Severity::Ok, "{url}");
    }
}

#[test]
fn a_udp_port_that_does_not_answer_is_told_for_each_address() {
    let with = |origin, reached| complaint(|facts| facts.addresses.push(at("203.0.113.8", origin, reached)));
    is(&with(Origin::Interface, Reached::Silence), Check::Udp, Severity::Fail, "firewall");
    is(&with(Origin::Interface, Reached::Refused), Check::Udp, Severity::Fail, "Nobody listens");
    is(&with(Origin::Named, Reached::Silence), Check::Udp, Severity::Warn, "may mean nothing");
}

#[test]
fn behind_a_proxy_there_is_no_sound_over_tcp() {
    is(&complaint(|facts| facts.front = FrontFacts::Proxy), Check::TcpFallback, Severity::Warn, "no UDP");
}

#[test]
fn a_wrong_clock_is_told() {
    let past = complaint(|facts| {
        facts.now = SystemTime::UNIX_EPOCH + DAY;
        facts.server = Server::Stopped;
        facts.front = FrontFacts::Certificate {
            not_before: SystemTime::UNIX_EPOCH,
            not_after: facts.now + 60 * DAY,
            for_host: true,
        };
    });
    is(&past, Check::Clock, Severity::Fail, "in the past");
    let apart =
        complaint(|facts| facts.server = Server::Runs { date: Some(now() + Duration::from_secs(90)) });
    is(&apart, Check::Clock, Severity::Warn, "90 seconds apart");
}

#[test]
fn what_the_system_grants_too_little_of_is_told() {
    let few = complaint(|facts| facts.few_descriptors = Some("Only 1024 files.".to_owned()));
    is(&few, Check::Descriptors, Severity::Warn, "1024");
    let machine = |change: fn(&mut Machine)| complaint(|facts| facts.machine.iter_mut().for_each(change));
    let small = machine(|machine| machine.receive_buffer = 208 << 10);
    is(&small, Check::ReceiveBuffer, Severity::Warn, "208 KiB of the 4096 KiB");
    let own = machine(|machine| machine.segmentation = Segmentation::Own);
    is(&own, Check::Segmentation, Severity::Warn, "alone");
}

#[test]
fn a_sandbox_that_does_not_hold_is_told() {
    for (sandbox, severity, words) in [
        (SandboxFacts::WithoutLandlock, Severity::Warn, "Landlock"),
        (SandboxFacts::None, Severity::Fail, "will not start"),
        (SandboxFacts::Off, Severity::Warn, "off by setting"),
    ] {
        is(&complaint(|facts| facts.sandbox = sandbox), Check::Sandbox, severity, words);
    }
}

#[test]
fn memory_that_could_reach_a_disk_is_told() {
    let told = || Complaint { what: "Swap is on.".to_owned(), advice: "Turn it off." };
    let warned = complaint(|facts| facts.swap = Verdict::Warning(told()));
    is(&warned, Check::Swap, Severity::Warn, "Swap is on.");
    is(&complaint(|facts| facts.swap = Verdict::Refusal(told())), Check::Swap, Severity::Fail, "Swap is on.");
}
