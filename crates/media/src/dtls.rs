//! DTLS 1.2 in the server role, over `dimpl`: certificate, handshake, keys for SRTP, goodbye.

use std::sync::Arc;

use crate::sdp::Fingerprint;

/// Our certificate and the one validated configuration that all connections share: building it runs the self-tests of
/// the cryptography, which cost five times a handshake.
#[derive(Clone)]
pub struct Identity {
    config: Arc<dimpl::Config>,
    certificate: dimpl::DtlsCertificate,
    fingerprint: Fingerprint,
}

/// The cryptography of this machine does not work: nothing can be served.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("a DTLS certificate cannot be made: {0}")]
    Certificate(#[from] dimpl::certificate::CertificateError),
    #[error("the DTLS configuration is refused: {0}")]
    Config(#[from] dimpl::Error),
}

impl Identity {
    /// A fresh certificate, for the life of this process. Draws randomness from the operating system.
    pub fn generate() -> Result<Self, IdentityError> {
        let certificate = dimpl::certificate::generate_self_signed_certificate()?;
        // STUN has proved the return path before any handshake byte is looked at: a cookie would prove it again.
        let config = Arc::new(dimpl::Config::builder().use_server_cookie(false).build()?);
        let fingerprint = fingerprint_of(&certificate.certificate);
        Ok(Self { config, certificate, fingerprint })
    }

    /// For the answer.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

fn fingerprint_of(der: &[u8]) -> Fingerprint {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    Fingerprint(bytes)
}
