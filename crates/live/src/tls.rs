//! HTTPS spoken by this process, with keys that are only ever in memory.

use std::sync::{Arc, PoisonError, RwLock};

use keeper_api::TlsKeys;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs as provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// The keys cannot be used; those of before stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the certificate and its key cannot be used")]
pub(crate) struct Unusable;

/// The certificate of now; renewed without touching connections that stand.
#[derive(Debug, Clone)]
pub(crate) struct Certificate(Arc<Current>);

#[derive(Debug)]
struct Current {
    /// Read once a handshake, written once a renewal.
    key: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn new(keys: &TlsKeys) -> Result<Self, Unusable> {
        Ok(Self(Arc::new(Current { key: RwLock::new(Arc::new(certified(keys)?)) })))
    }

    /// Uses these from the next handshake on.
    ///
    /// # Errors
    /// [`Unusable`].
    pub(crate) fn renew(&self, keys: &TlsKeys) -> Result<(), Unusable> {
        let key = Arc::new(certified(keys)?);
        *self.0.key.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }

    /// TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// [`Unusable`], where the library has no safe versions left.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, Unusable> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| Unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn certified(keys: &TlsKeys) -> Result<CertifiedKey, Unusable> {
    let chain = keys.chain.iter().map(|der| CertificateDer::from(der.as_bytes().to_vec())).collect();
    let key = PrivateKeyDer::try_from(keys.key.as_bytes().to_vec()).map_err(|_| Unusable)?;
    let key = provider::sign::any_supported_type(&key).map_err(|_| Unusable)?;
    Ok(CertifiedKey::new(chain, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use keeper_api::Der;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    struct Made {
        keys: TlsKeys,
        certificate: CertificateDer<'static>,
    }

    fn made() -> Made {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        let der = |bytes: &[u8]| Der::try_from(bytes.to_vec()).expect("short");
        let keys =
            TlsKeys::new(vec![der(made.cert.der())], der(&made.signing_key.serialize_der())).expect("few");
        Made { keys, certificate: made.cert.der().clone() }
    }

    /// Whether a client that trusts only this certificate gets a line; and the protocol both agree on.
    async fn connects(acceptor: &TlsAcceptor, trusted: &Made) -> Option<Vec<u8>> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.certificate.clone()).expect("a certificate");
        let mut config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let (client, _server) = tokio::join!(connector.connect(name, theirs), acceptor.accept(ours));
        client.ok()?.get_ref().1.alpn_protocol().map(<[u8]>::to_vec)
    }

    #[tokio::test]
    async fn a_renewed_certificate_counts_from_the_next_handshake_on() {
        let (first, second) = (made(), made());
        let certificate = Certificate::new(&first.keys).expect("usable");
        let acceptor = certificate.acceptor().expect("an acceptor");
        assert_eq!(connects(&acceptor, &first).await.as_deref(), Some(&b"h2"[..]));
        assert_eq!(connects(&acceptor, &second).await, None, "not yet");
        certificate.renew(&second.keys).expect("usable");
        assert_eq!(connects(&acceptor, &second).await.as_deref(), Some(&b"h2"[..]));
        assert_eq!(connects(&acceptor, &first).await, None, "not any more");
    }

    #[tokio::test]
    async fn keys_that_cannot_be_used_leave_the_old_ones() {
        let first = made();
        let certificate = Certificate::new(&first.keys).expect("usable");
        let der = |bytes: &[u8]| Der::try_from(bytes.to_vec()).expect("short");
        let nonsense = TlsKeys::new(vec![der(b"no certificate")], der(b"no key")).expect("few");
        assert_eq!(certificate.renew(&nonsense), Err(Unusable));
        let acceptor = certificate.acceptor().expect("an acceptor");
        assert!(connects(&acceptor, &first).await.is_some());
    }
}
