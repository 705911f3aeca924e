//! The sockets, bound once and inherited by every `live`: clients that knock while one is being replaced wait in the
//! kernel's queue.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};

use crate::config::Config;

/// Connections the kernel keeps for us while no `live` accepts: a roomful of people who come back at once.
const BACKLOG: i32 = 4_096;
/// Attempts to find one number that is free for TCP and UDP, where the number is left to us.
const ATTEMPTS: u32 = 16;

/// What `live` is given.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub http: TcpListener,
    pub http_address: SocketAddr,
    /// Where metrics are read, if anywhere.
    pub metrics: Option<TcpListener>,
    /// As many as each shard wants, all on one port.
    pub media: Vec<UdpSocket>,
    pub media_port: u16,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("{0} is taken: another program listens there. Stop it, or choose another address with --listen.")]
    HttpTaken(SocketAddr),
    #[error("{0} cannot be listened on: only a privileged program may use a port below 1024.")]
    HttpDenied(SocketAddr),
    #[error("{0} cannot be listened on: {1}.")]
    Http(SocketAddr, io::Error),
    #[error("Metrics cannot be read at {0}: {1}. Choose another address with --metrics, or leave it out.")]
    Metrics(SocketAddr, io::Error),
    #[error("UDP port {0} is taken: another program uses it. Stop it, or choose another with --media-port.")]
    MediaTaken(u16),
    #[error("UDP port {0} cannot be used for audio: {1}.")]
    Media(u16, io::Error),
}

/// # Errors
/// See [`BindError`].
pub(crate) fn bind(config: &Config) -> Result<Sockets, BindError> {
    let mut attempt = 1;
    loop {
        let http = bind_http(config.listen)?;
        let http_address = http.local_addr().map_err(|error| BindError::Http(config.listen, error))?;
        let media_port = config.media_port.map_or(http_address.port(), std::num::NonZero::get);
        match bind_media(media_port, config.media_threads.get()) {
            Ok(media) => {
                let metrics = config.metrics.map(bind_metrics).transpose()?;
                return Ok(Sockets { http, http_address, metrics, media, media_port });
            }
            // The kernel chose a number that is free for TCP only: it may choose again.
            Err(BindError::MediaTaken(_))
                if config.listen.port() == 0 && config.media_port.is_none() && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn bind_metrics(address: SocketAddr) -> Result<TcpListener, BindError> {
    bind_tcp(address).map_err(|error| BindError::Metrics(address, error))
}

fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = open(address, SocketType::STREAM)?;
    // Lets a new server take over while connections of the old one still linger in TIME_WAIT.
    sockopt::set_socket_reuseaddr(&socket, true)?;
    rustix::net::bind(&socket, &address)?;
    rustix::net::listen(&socket, BACKLOG)?;
    Ok(TcpListener::from(socket))
}

fn bind_http(address: SocketAddr) -> Result<TcpListener, BindError> {
    bind_tcp(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::HttpTaken(address),
        io::ErrorKind::PermissionDenied => BindError::HttpDenied(address),
        _ => BindError::Http(address, error),
    })
}

/// All addresses, whatever HTTP listens on: a browser may refuse loopback for audio (Firefox does).
fn bind_media(port: u16, shards: u16) -> Result<Vec<UdpSocket>, BindError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => BindError::MediaTaken(port),
        _ => BindError::Media(port, error),
    };
    // Sockets of one user may share a port when all of them ask to. One that does not ask finds out whether
    // somebody else, another server of the same user for one, is there already.
    drop(bind_udp(port, Sharing::Alone).map_err(failed)?);
    let count = live::SOCKETS_PER_SHARD * usize::from(shards);
    (0..count).map(|_| bind_udp(port, Sharing::AmongShards).map_err(failed)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    AmongShards,
}

/// Both families in one socket; IPv4 alone where the machine has no IPv6.
fn bind_udp(port: u16, sharing: Sharing) -> io::Result<UdpSocket> {
    let both = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    match bind_udp_on(both, sharing) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            bind_udp_on(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), sharing)
        }
        other => other,
    }
}

fn bind_udp_on(address: SocketAddr, sharing: Sharing) -> io::Result<UdpSocket> {
    let socket = open(address, SocketType::DGRAM)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&socket, false)?;
    }
    if sharing == Sharing::AmongShards {
        sockopt::set_socket_reuseport(&socket, true)?;
    }
    rustix::net::bind(&socket, &address)?;
    Ok(UdpSocket::from(socket))
}

fn open(address: SocketAddr, kind: SocketType) -> io::Result<OwnedFd> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    Ok(rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_one_port_and_a_second_server_is_told_that_it_is_taken() {
        let first = bind_udp(0, Sharing::Alone).expect("a port");
        let port = first.local_addr().expect("bound").port();
        assert!(matches!(bind_media(port, 1), Err(BindError::MediaTaken(taken)) if taken == port));
        drop(first);
        let shards = bind_media(port, 3).expect("free again");
        assert_eq!(shards.len(), 3 * live::SOCKETS_PER_SHARD);
        assert!(
            matches!(bind_media(port, 1), Err(BindError::MediaTaken(_))),
            "although it would share as well"
        );
    }

    #[test]
    fn audio_uses_the_port_of_the_web_on_all_addresses() {
        let layers = crate::config::Layers::gather(&crate::config::Given::default(), std::iter::empty());
        let mut config =
            Config::from_layers(&layers.expect("defaults"), std::path::Path::new("/srv")).expect("good");
        config.listen = "127.0.0.1:0".parse().expect("an address");
        let Sockets { http_address, media, media_port, .. } = bind(&config).expect("free");
        assert_eq!(media_port, http_address.port());
        for shard in &media {
            let bound = shard.local_addr().expect("bound");
            assert_eq!((bound.port(), bound.ip().is_unspecified()), (media_port, true));
        }
    }

    #[test]
    fn a_shard_hears_ipv4_whatever_its_family() {
        let shard = bind_udp(0, Sharing::AmongShards).expect("a port");
        let port = shard.local_addr().expect("bound").port();
        let browser = UdpSocket::bind("127.0.0.1:0").expect("a port");
        browser.send_to(b"stun", (Ipv4Addr::LOCALHOST, port)).expect("sent");
        let mut datagram = [0; 16];
        let (length, _) = shard.recv_from(&mut datagram).expect("received");
        assert_eq!(&datagram[..length], b"stun");
    }
}
