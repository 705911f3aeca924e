//! One certificate and one validated DTLS configuration for all connections of a process.
//!
//! The stack by itself builds a configuration for each connection, and building one runs the self-tests of the
//! cryptography: 1.1 ms of CPU, five times the rest of a handshake. Shared, a thousand handshakes are a quarter second.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use dimpl::{Dtls, DtlsCertificate};
use str0m::RtcConfig;
use str0m::config::{CryptoProvider, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion};

/// Who this client is to the server's DTLS: self-signed, made anew in each process, and known to nobody else.
#[derive(Clone)]
pub struct Identity {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

/// The cryptography of this machine does not work.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("a DTLS certificate cannot be made: {0}")]
    Certificate(#[from] dimpl::certificate::CertificateError),
    #[error("the DTLS configuration is refused: {0}")]
    Config(#[from] dimpl::Error),
}

impl Identity {
    /// Draws randomness from the operating system. Make one, and pass it to every connection.
    pub fn generate() -> Result<Self, IdentityError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()?;
        if SHARED.0.get().is_none() {
            // ICE has proved the return path before: a cookie would prove it again.
            let config = dimpl::Config::builder().use_server_cookie(false).build()?;
            // Another thread may have been faster; its configuration is the same.
            let _ = SHARED.0.set(Arc::new(config));
        }
        let crypto = CryptoProvider { dtls_provider: &SHARED, ..str0m::crypto::from_feature_flags() };
        Ok(Self { crypto: Arc::new(crypto), certificate })
    }

    pub(super) fn config(&self) -> RtcConfig {
        RtcConfig::new().set_crypto_provider(Arc::clone(&self.crypto)).set_dtls_cert(self.certificate.clone())
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// The stack asks for a provider that lives for ever.
static SHARED: SharedConfig = SharedConfig(OnceLock::new());

#[derive(Debug)]
struct SharedConfig(OnceLock<Arc<dimpl::Config>>);

impl DtlsProvider for SharedConfig {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        dimpl::certificate::generate_self_signed_certificate().ok()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCertificate,
        now: Instant,
        _version: DtlsVersion,
        _mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let config = self.0.get().ok_or_else(|| CryptoError::Other("no identity was made".to_owned()))?;
        Ok(Box::new(Connection(Dtls::new_12(Arc::clone(config), certificate.clone(), now))))
    }
}

struct Connection(Dtls);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection(..)")
    }
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}
