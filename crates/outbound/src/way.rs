//! The way to a host: from its name to a connection that is encrypted, out in the public.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hickory_resolver::config::{ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::{Hosts, TokioResolver};
use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use outbound_api::parent::{Failure, Place, Start};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::Service;

use crate::limits::{ADDRESSES_TRIED, CONNECT_PERIOD, NAME_PERIOD, NAMES_REMEMBERED};
use crate::public::is_public;
use crate::whither::{MayBe, Whither};

/// What is read of this machine before the process is shut in.
pub struct Surroundings {
    /// Its name servers, if it has any.
    names: Option<(ResolverConfig, ResolverOpts)>,
    /// The names that it knows by itself.
    hosts: Hosts,
    roots: RootCertStore,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(…)")
    }
}

/// Reads `/etc/resolv.conf` and `/etc/hosts`; trusts the authorities that browsers trust, and the operator's own.
///
/// # Errors
/// [`Failure::Roots`].
pub fn look_around(start: &Start) -> Result<Surroundings, Failure> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = &start.roots {
        let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let own = own.ok().filter(|own| !own.is_empty()).ok_or(Failure::Roots)?;
        for one in own {
            roots.add(one).map_err(|_| Failure::Roots)?;
        }
    }
    Ok(Surroundings {
        names: hickory_resolver::system_conf::read_system_conf().ok(),
        hosts: Hosts::from_system().unwrap_or_default(),
        roots,
    })
}

/// Makes connections; a cheap handle.
#[derive(Clone)]
pub(crate) struct Way(Arc<Parts>);

struct Parts {
    resolver: Option<TokioResolver>,
    tls: TlsConnector,
    allowed: Option<Place>,
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreached {
    /// It may not be called.
    Forbidden,
    /// Nobody knows where it is, nobody answers there, or it is not whom it says.
    Nobody,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not reached")
    }
}

impl Error for Unreached {}

impl Way {
    /// In a runtime.
    pub(crate) fn new(surroundings: Surroundings, allowed: Option<Place>) -> Result<Self, Unreached> {
        let Surroundings { names, hosts, roots } = surroundings;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Unreached::Nobody)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let resolver = names.and_then(|(config, mut options)| {
            // They were read before; there is no file any more.
            options.use_hosts_file = ResolveHosts::Never;
            options.timeout = NAME_PERIOD / 2;
            options.attempts = 2;
            options.cache_size = NAMES_REMEMBERED;
            let made = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
            let mut resolver = made.with_options(options).build().ok()?;
            resolver.set_hosts(Arc::new(hosts));
            Some(resolver)
        });
        Ok(Self(Arc::new(Parts { resolver, tls: TlsConnector::from(Arc::new(tls)), allowed })))
    }

    async fn connect(self, address: Uri) -> Result<Secured, Unreached> {
        let whither = Whither::of(&address, self.0.allowed.as_ref()).ok_or(Unreached::Forbidden)?;
        let name = bare(&whither.host).to_owned();
        let addresses = self.addresses(&whither).await?;
        for address in addresses.into_iter().take(ADDRESSES_TRIED) {
            let to = SocketAddr::new(address, whither.port);
            let Ok(Ok(stream)) = timeout(CONNECT_PERIOD, TcpStream::connect(to)).await else { continue };
            // Letters are one write, and nothing is gained by waiting for more.
            let _ = stream.set_nodelay(true);
            let name = ServerName::try_from(name).map_err(|_| Unreached::Nobody)?;
            // By itself, too: what nobody waits for any more is finished in the background.
            let shaken = timeout(CONNECT_PERIOD, self.0.tls.connect(name, stream)).await;
            let tls = shaken.map_err(|_| Unreached::Nobody)?.map_err(|_| Unreached::Nobody)?;
            return Ok(Secured(TokioIo::new(tls)));
        }
        Err(Unreached::Nobody)
    }

    /// Those that may be called. What is decided is the very address that is connected to: a name server that answers
    /// otherwise the next time changes nothing.
    async fn addresses(&self, Whither { host, may_be, .. }: &Whither) -> Result<Vec<IpAddr>, Unreached> {
        let found = match bare(host).parse() {
            Ok(address) => vec![address],
            Err(_) => self.look_up(host).await?,
        };
        let may = |address: &IpAddr| *may_be == MayBe::Anywhere || is_public(*address);
        let allowed: Vec<IpAddr> = found.into_iter().filter(may).collect();
        if allowed.is_empty() { Err(Unreached::Forbidden) } else { Ok(allowed) }
    }

    async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, Unreached> {
        let resolver = self.0.resolver.as_ref().ok_or(Unreached::Nobody)?;
        // With a dot at its end: it is not looked for in this machine's own domain.
        let whole = format!("{}.", host.trim_end_matches('.'));
        let found = timeout(NAME_PERIOD, resolver.lookup_ip(whole)).await;
        let found = found.map_err(|_| Unreached::Nobody)?.map_err(|_| Unreached::Nobody)?;
        Ok(found.iter().collect())
    }
}

/// An address of IPv6 without its brackets.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

impl Service<Uri> for Way {
    type Response = Secured;
    type Error = Unreached;
    type Future = Pin<Box<dyn Future<Output = Result<Secured, Unreached>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreached>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        Box::pin(self.clone().connect(address))
    }
}

/// A connection, as the client of HTTP wants it.
pub(crate) struct Secured(TokioIo<TlsStream<TcpStream>>);

impl Connection for Secured {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Secured {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(context, buffer)
    }
}

impl Write for Secured {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(context)
    }
}
