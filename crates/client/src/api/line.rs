//! A byte stream to the server: TCP, with TLS around it where the address says https.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::header::HeaderValue;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::ApiError;
use super::http::AGENT;
use super::link::{Origin, Scheme};
use crate::limits::ANSWER_PERIOD;

/// Whose word counts for who a server is.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Those that this machine trusts.
    System,
    /// These certificates and nobody else, in PEM.
    Pem(Vec<u8>),
}

/// How to get to a server.
#[derive(Clone)]
pub(super) struct Dialler {
    pub(super) origin: Origin,
    pub(super) local: Option<IpAddr>,
    /// What it says that it is.
    pub(super) agent: HeaderValue,
    tls: Option<TlsConnector>,
}

impl std::fmt::Debug for Dialler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialler").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Dialler {
    pub(super) fn new(origin: Origin, trust: &Trust) -> Result<Self, ApiError> {
        let tls = match origin.scheme {
            Scheme::Http => None,
            Scheme::Https => Some(connector(trust)?),
        };
        Ok(Self { origin, local: None, agent: HeaderValue::from_static(AGENT), tls })
    }

    /// A fresh connection.
    pub(super) async fn dial(&self) -> Result<Line, ApiError> {
        timeout(ANSWER_PERIOD, self.connect()).await.unwrap_or(Err(ApiError::Late))
    }

    async fn connect(&self) -> Result<Line, ApiError> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in tokio::net::lookup_host((self.origin.host.as_str(), self.origin.port)).await? {
            match self.tcp(address).await {
                Ok(stream) => return self.secure(stream).await,
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    async fn tcp(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(local) = self.local {
            socket.bind(SocketAddr::new(local, 0))?;
        }
        let stream = socket.connect(address).await?;
        // Messages are small and wait for nobody.
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn secure(&self, stream: TcpStream) -> Result<Line, ApiError> {
        let Some(tls) = &self.tls else { return Ok(Line::Plain(stream)) };
        let name = ServerName::try_from(self.origin.host.clone())
            .map_err(|_| ApiError::Untrusted("its name is no host name".to_owned()))?;
        match tls.connect(name, stream).await {
            Ok(stream) => Ok(Line::Tls(Box::new(stream))),
            Err(error) => {
                Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                    Some(why) => ApiError::Untrusted(why.to_string()),
                    None => error.into(),
                })
            }
        }
    }
}

fn connector(trust: &Trust) -> Result<TlsConnector, ApiError> {
    let mut roots = RootCertStore::empty();
    match trust {
        // A machine's store may hold what this library does not read; the rest of it counts.
        Trust::System => roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs),
        Trust::Pem(pem) => {
            roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).filter_map(Result::ok))
        }
    };
    if roots.is_empty() {
        let nothing = match trust {
            Trust::System => "this machine has no list of certificates to trust",
            Trust::Pem(_) => "the file has no certificate in PEM",
        };
        return Err(ApiError::Untrusted(nothing.to_owned()));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ApiError::Untrusted(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A connection.
pub(super) enum Line {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
