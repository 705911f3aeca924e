//! From facts to findings. A function of the facts.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use keeper_api::parent::Failure;
use live::{Machine, Segmentation};

use super::facts::{Advertised, Facts, FrontFacts, Origin, Reached, SandboxFacts, Server};
use super::finding::{Check, Finding};
use crate::memory::Verdict;

/// A certificate that ends sooner is worth a word: renewal happens at a third of ninety days, and has failed by then.
const RENEW_WITHIN: Duration = Duration::from_secs(14 * 86_400);
/// Two clocks that differ by more are two clocks.
const CLOCKS_AGREE: Duration = Duration::from_secs(5);
/// No clock is right that is before this program was written: 1 November 2026.
const FIRST_RELEASE: Duration = Duration::from_secs(1_793_491_200);

/// In the order in which things go wrong.
pub(super) fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![server(&facts.server), microphone(facts)];
    findings.extend(certificate(facts));
    findings.push(addresses(facts));
    findings.extend(facts.addresses.iter().filter_map(|address| udp(facts, address)));
    findings.push(tcp_fallback(facts));
    findings.push(clock(facts));
    findings.push(descriptors(facts));
    findings
        .extend(facts.machine.iter().flat_map(|machine| [receive_buffer(machine), segmentation(machine)]));
    findings.push(sandbox(facts.sandbox));
    findings.push(swap(&facts.swap));
    findings
}

fn server(server: &Server) -> Finding {
    match server {
        Server::Runs { .. } => Finding::ok(Check::Server, "The server runs and answers."),
        Server::HalfRuns => Finding::fail(
            Check::Server,
            "The keeper runs, and the web side does not answer where these settings say it listens.",
            "Ask with the settings that the server was started with, and look at what it said last.",
        ),
        Server::Stopped => {
            Finding::ok(Check::Server, "The server does not run, and the ports that it needs are free.")
        }
        Server::CannotStart(why) => Finding::fail(
            Check::Ports,
            format!("The server does not run, and it could not start: {why}"),
            "If that is this server with other settings, ask with those settings.",
        ),
    }
}

fn microphone(facts: &Facts) -> Finding {
    let url = &facts.public_url;
    if url.is_secure() {
        Finding::ok(Check::Microphone, format!("Browsers give {url} the microphone."))
    } else {
        Finding::fail(
            Check::Microphone,
            format!("Browsers give {url} no microphone: it is neither https nor this machine."),
            "Use https: --public-url with --tls-cert and --tls-key, or --behind-proxy.",
        )
    }
}

fn certificate(facts: &Facts) -> Option<Finding> {
    let check = Check::Certificate;
    let (not_before, not_after, for_host) = match facts.front {
        FrontFacts::Plain | FrontFacts::Proxy => return None,
        FrontFacts::Broken(why) => {
            let what = match why {
                Failure::TlsKey => "The TLS key cannot be used.",
                Failure::TlsMismatch => "The certificate and its key do not belong together.",
                _ => "The certificate cannot be used.",
            };
            let advice = "Give --tls-cert the certificate with its chain and --tls-key its key, both in PEM.";
            return Some(Finding::fail(check, what, advice));
        }
        FrontFacts::Certificate { not_before, not_after, for_host } => (not_before, not_after, for_host),
    };
    let host = facts.public_url.host();
    let renew = "Renew it, and send the server SIGHUP: nobody is disconnected.";
    let left = not_after.duration_since(facts.now);
    Some(match left {
        _ if !for_host => Finding::fail(
            check,
            format!("The certificate is not for {host}, and browsers will say so."),
            "Get one for the host of --public-url.",
        ),
        Err(_) => Finding::fail(check, "The certificate has expired.", renew),
        Ok(_) if facts.now < not_before => {
            Finding::fail(check, "The certificate is not good yet.", "Is the clock right?")
        }
        Ok(left) if left < RENEW_WITHIN => {
            Finding::warn(check, format!("The certificate ends in {}.", days(left)), renew)
        }
        Ok(left) => Finding::ok(check, format!("The certificate is for {host} and good for {}.", days(left))),
    })
}

fn days(span: Duration) -> String {
    match span.as_secs() / 86_400 {
        0 => "less than a day".to_owned(),
        1 => "one day".to_owned(),
        days => format!("{days} days"),
    }
}

/// Whom the addresses reach.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Machine,
    Network,
    Everybody,
}

fn scope(address: IpAddr) -> Scope {
    match address.to_canonical() {
        address if address.is_loopback() => Scope::Machine,
        // Also the networks behind a provider's own address translation (RFC 6598).
        IpAddr::V4(v4) if v4.is_private() || v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64 => {
            Scope::Network
        }
        IpAddr::V6(v6) if v6.is_unique_local() => Scope::Network,
        _ => Scope::Everybody,
    }
}

fn addresses(facts: &Facts) -> Finding {
    let check = Check::Address;
    let reach = facts.addresses.iter().map(|advertised| scope(advertised.address)).max();
    let url = &facts.public_url;
    // Whoever opens the page by a loopback name is on this machine.
    let meant_for_here = url.is_loopback();
    match reach {
        None => Finding::fail(
            check,
            "This machine has no address that browsers could send sound to.",
            "Name one with --public-address.",
        ),
        Some(Scope::Machine) if !meant_for_here => Finding::fail(
            check,
            format!("Sound is offered on this machine alone, and people come to {url} from elsewhere."),
            "Name the address under which they reach this machine with --public-address.",
        ),
        Some(Scope::Network) if !meant_for_here && !facts.public_url.is_private() => Finding::warn(
            check,
            "Sound is offered on private addresses alone: people outside this network will see the room and hear nothing.",
            "Name the public address with --public-address, and let the router pass the UDP port on to this machine.",
        ),
        Some(_) => Finding::ok(check, format!("Sound is offered on {}.", listed(&facts.addresses))),
    }
}

fn listed(addresses: &[Advertised]) -> String {
    addresses.iter().map(|advertised| advertised.address.to_string()).collect::<Vec<_>>().join(", ")
}

fn udp(facts: &Facts, advertised: &Advertised) -> Option<Finding> {
    let (check, port) = (Check::Udp, facts.media_port?);
    let address = advertised.address;
    Some(match (advertised.reached, advertised.origin) {
        (Reached::NotAsked, _) => return None,
        (Reached::Yes, _) => Finding::ok(check, format!("UDP port {port} on {address} answers.")),
        (Reached::Silence | Reached::Refused, Origin::Named) => Finding::warn(
            check,
            format!(
                "UDP port {port} on {address} does not answer this machine, which may mean nothing: many routers \
                     do not lead a machine back to itself."
            ),
            "Ask somebody outside whether they hear. If not, let the router and the provider's firewall pass this UDP \
             port on to this machine.",
        ),
        (Reached::Refused, Origin::Interface) => Finding::fail(
            check,
            format!("Nobody listens on UDP port {port} of {address}."),
            "Ask with the settings that the server was started with (--media-port, --listen).",
        ),
        (Reached::Silence, Origin::Interface) => Finding::fail(
            check,
            format!("UDP port {port} on {address} does not answer even this machine: a firewall drops it."),
            format!(
                "Open it, for example with `ufw allow {port}/udp` or `firewall-cmd --add-port={port}/udp`."
            ),
        ),
    })
}

fn tcp_fallback(facts: &Facts) -> Finding {
    let check = Check::TcpFallback;
    if facts.front == FrontFacts::Proxy {
        return Finding::warn(
            check,
            "Behind a proxy, people whose network lets no UDP through hear nothing: the proxy passes on HTTP alone, so \
             sound cannot come over TCP (ICE-TCP).",
            "If such people matter, let this server speak TLS itself (--tls-cert, --tls-key) on a port of its own.",
        );
    }
    Finding::ok(check, "People whose network lets no UDP through are heard over TCP, on the port of the web.")
}

fn clock(facts: &Facts) -> Finding {
    let check = Check::Clock;
    let advice =
        "Set it, and keep it set (systemd-timesyncd or chrony): links and certificates depend on it.";
    if facts.now < SystemTime::UNIX_EPOCH + FIRST_RELEASE {
        return Finding::fail(
            check,
            "The clock of this machine is wrong: it shows a day in the past.",
            advice,
        );
    }
    let apart = match &facts.server {
        Server::Runs { date: Some(date) } => {
            date.duration_since(facts.now).or_else(|_| facts.now.duration_since(*date)).unwrap_or_default()
        }
        _ => Duration::ZERO,
    };
    if apart > CLOCKS_AGREE {
        return Finding::warn(
            check,
            format!("The clock here and the server's clock are {} seconds apart.", apart.as_secs()),
            advice,
        );
    }
    Finding::ok(check, "The clock is plausible.")
}

fn descriptors(facts: &Facts) -> Finding {
    match &facts.few_descriptors {
        Some(sentence) => Finding::warn(Check::Descriptors, sentence.clone(), "Then start the server anew."),
        None => Finding::ok(
            Check::Descriptors,
            format!("The server may open {} files and connections.", facts.descriptors),
        ),
    }
}

fn receive_buffer(machine: &Machine) -> Finding {
    let (granted, wanted) = (machine.receive_buffer, machine.receive_buffer_wanted);
    if granted >= wanted {
        return Finding::ok(
            Check::ReceiveBuffer,
            format!("Sound waits in a buffer of {} KiB.", granted >> 10),
        );
    }
    Finding::warn(
        Check::ReceiveBuffer,
        format!(
            "The system grants {} KiB of the {} KiB that sound should have to wait in: when a large room is busy, \
             packets will be lost.",
            granted >> 10,
            wanted >> 10
        ),
        format!("sysctl -w net.core.rmem_max={wanted} (and in /etc/sysctl.d, for the next start)."),
    )
}

fn segmentation(machine: &Machine) -> Finding {
    match machine.segmentation {
        Segmentation::Offloaded => Finding::ok(
            Check::Segmentation,
            "Several packets leave as one where several people talk (UDP GSO).",
        ),
        Segmentation::Own => Finding::warn(
            Check::Segmentation,
            "This kernel sends every packet alone (no UDP GSO): large rooms in which several people talk cost twice as \
             much.",
            "Linux 4.18 or newer can do it.",
        ),
    }
}

fn sandbox(facts: SandboxFacts) -> Finding {
    let check = Check::Sandbox;
    match facts {
        SandboxFacts::Full => {
            Finding::ok(check, "The process that hears rooms can be shut in, by both locks.")
        }
        SandboxFacts::WithoutLandlock => Finding::warn(
            check,
            "This kernel has no Landlock: the sandbox holds by its first lock, seccomp, alone.",
            "Linux 5.13 or newer has it; some systems need it named in the lsm= parameter of the kernel.",
        ),
        SandboxFacts::None => Finding::fail(
            check,
            "This system does not let the server shut itself in, so it will not start.",
            "A container may need the default seccomp profile of its runtime. --unsandboxed runs without; everybody who \
             uses the server is then shown that.",
        ),
        SandboxFacts::Off => Finding::warn(
            check,
            "The sandbox is off by setting: nothing stops the server from writing down what is said.",
            "Everybody is shown that. Leave out --unsandboxed.",
        ),
    }
}

fn swap(verdict: &Verdict) -> Finding {
    let check = Check::Swap;
    match verdict {
        Verdict::Fine => {
            Finding::ok(check, "Memory stays memory: there is no swap, or the server may lock its own.")
        }
        Verdict::Warning(complaint) => Finding::warn(check, complaint.what.clone(), complaint.advice),
        Verdict::Refusal(complaint) => Finding::fail(check, complaint.what.clone(), complaint.advice),
    }
}

#[cfg(test)]
mod tests;
