//! Gathers the facts. Takes seconds at most, and leaves nothing behind.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::num::NonZeroU16;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use cluster::parent::Sandboxing;
use keeper_api::admin::ADMIN_SOCKET;

use super::facts::{Advertised, Facts, FrontFacts, Origin, Reached, SandboxFacts, Server};
use super::{http, udp};
use crate::config::{Config, Front};
use crate::memory::{self, Memory, Verdict};
use crate::serve::{addresses, descriptors, sockets};

pub(super) fn look(config: &Config) -> Facts {
    let public_url = config.public_url(config.listen.port());
    let (server, ours) = server(config);
    let media_port = config.media_port.map(NonZeroU16::get).or_else(|| Some(config.listen.port()));
    let media_port = media_port.filter(|port| *port != 0);
    let (descriptors, few_descriptors) = descriptors::could_be_raised_to();
    Facts {
        now: SystemTime::now(),
        addresses: advertised(config, media_port, &server, ours.as_ref()),
        front: front(config, public_url.host()),
        public_url,
        server,
        media_port,
        descriptors,
        few_descriptors,
        machine: live::probe().ok(),
        sandbox: sandbox(config.sandboxing),
        swap: swap(config),
    }
}

/// The server; and where none runs, the socket of audio that it would have.
fn server(config: &Config) -> (Server, Option<UdpSocket>) {
    if UnixStream::connect(config.data.join(ADMIN_SOCKET)).is_ok() {
        let web = reachable(config.listen);
        return match config.front {
            // We do not speak TLS to ourselves: the certificate is looked at where it is kept.
            Front::Ourselves(_) if http::accepts(web) => (Server::Runs { date: None }, None),
            Front::Ourselves(_) => (Server::HalfRuns, None),
            Front::Plain | Front::Proxy(_) => match http::health(web) {
                Some(date) => (Server::Runs { date }, None),
                None => (Server::HalfRuns, None),
            },
        };
    }
    let one_thread = Config { media_threads: NonZeroU16::MIN, ..config.clone() };
    match sockets::bind(&one_thread) {
        Ok(bound) => (Server::Stopped, bound.media.into_iter().next()),
        Err(error) => (Server::CannotStart(error.to_string()), None),
    }
}

/// Where a socket bound there is reached from here.
pub(super) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn advertised(
    config: &Config,
    port: Option<u16>,
    server: &Server,
    ours: Option<&UdpSocket>,
) -> Vec<Advertised> {
    let named = config.public_addresses.iter().map(|address| (*address, Origin::Named));
    let interfaces = addresses::of_this_machine().into_iter().map(|address| (address, Origin::Interface));
    let reached = |address| match (server, ours, port) {
        (Server::Runs { .. } | Server::HalfRuns, _, Some(port)) => udp::ask(SocketAddr::new(address, port)),
        (Server::Stopped, Some(ours), _) => udp::arrives(ours, address),
        _ => Reached::NotAsked,
    };
    named
        .chain(interfaces)
        .map(|(address, origin)| Advertised { address, origin, reached: reached(address) })
        .collect()
}

fn front(config: &Config, host: &str) -> FrontFacts {
    match &config.front {
        Front::Plain => FrontFacts::Plain,
        Front::Proxy(_) => FrontFacts::Proxy,
        Front::Ourselves(files) => match keeper::certificate::inspect(files) {
            Ok(inspected) => FrontFacts::Certificate {
                not_before: inspected.not_before,
                not_after: inspected.not_after,
                for_host: inspected.is_for(host.trim_start_matches('[').trim_end_matches(']')),
            },
            Err(why) => FrontFacts::Broken(why),
        },
    }
}

fn swap(config: &Config) -> Verdict {
    let memory = if memory::may_lock() { Memory::Locked } else { Memory::Loose };
    memory::judge(&memory::swap_areas(), memory, config.swap)
}

/// Lets a process of the server's kind shut itself in and try to get out.
fn sandbox(mode: Sandboxing) -> SandboxFacts {
    if mode == Sandboxing::Off {
        return SandboxFacts::Off;
    }
    let output = std::env::current_exe().and_then(|program| {
        Command::new(program).arg("live-self-test").env_clear().stdin(Stdio::null()).output()
    });
    match output {
        Ok(output) if output.status.success() => {
            let landlock = String::from_utf8_lossy(&output.stdout).contains("landlock: Holds");
            if landlock { SandboxFacts::Full } else { SandboxFacts::WithoutLandlock }
        }
        _ => SandboxFacts::None,
    }
}
