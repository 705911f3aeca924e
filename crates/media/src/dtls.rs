//! DTLS 1.2 in the server role, over `dimpl`: certificate, handshake, keys for SRTP, goodbye.
//!
//! `dimpl` ends a connection on any error and panics on some hostile handshakes; here both are one kind of failure of
//! one connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use dimpl::{Dtls, Output, SrtpProfile};

use crate::limits::{HANDSHAKE_RETRIES, HANDSHAKE_RETRY, MESSAGE};
use crate::residue;
use crate::sdp::Fingerprint;
use crate::srtp::{Profile, SessionKeys};

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
        // A cookie would cost whoever joins a round trip. What it is for, `credit` does.
        let config = dimpl::Config::builder()
            .use_server_cookie(false)
            .flight_start_rto(HANDSHAKE_RETRY)
            .flight_retries(HANDSHAKE_RETRIES);
        let config = Arc::new(config.build()?);
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

/// One connection's DTLS, about 9 KiB.
pub(crate) struct Connection {
    dtls: Box<Dtls>,
    expected: Fingerprint,
    seed: u64,
    certificate: Certificate,
    timeout: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certificate {
    NotSeen,
    AsPromised,
}

/// What a step of the connection brought.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The handshake is done and the certificate is the promised one.
    pub(crate) keys: Option<Box<SessionKeys>>,
    /// The peer said goodbye.
    pub(crate) closed: bool,
}

/// The connection is beyond repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the handshake broke")]
    Broken,
    #[error("another certificate than promised")]
    WrongCertificate,
    #[error("no common AEAD profile")]
    NoProfile,
    #[error("the library panicked")]
    Panicked,
}

impl Connection {
    /// `expected` is the fingerprint from the offer, `seed` fresh randomness for first sequence numbers.
    pub(crate) fn new(identity: &Identity, expected: Fingerprint, seed: u64, now: Instant) -> Self {
        let dtls = Box::new(Dtls::new_12(identity.config.clone(), identity.certificate.clone(), now));
        Self { dtls, expected, seed, certificate: Certificate::NotSeen, timeout: None }
    }

    /// Every datagram to send goes to `send`.
    #[inline(never)]
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        bytes: &[u8],
        send: &mut impl FnMut(&[u8]),
    ) -> Result<Progress, Failure> {
        self.guarded(send, |dtls| {
            // The library wants to know the time before its first packet.
            dtls.handle_timeout(now)?;
            dtls.handle_packet(bytes)
        })
    }

    #[inline(never)]
    pub(crate) fn handle_timeout(
        &mut self,
        now: Instant,
        send: &mut impl FnMut(&[u8]),
    ) -> Result<Progress, Failure> {
        if !self.is_due(now) {
            return Ok(Progress::default());
        }
        self.guarded(send, |dtls| dtls.handle_timeout(now))
    }

    /// Whether there is something to do without a datagram.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.timeout.is_some_and(|timeout| now >= timeout)
    }

    /// Ends the connection and returns the goodbye (a close_notify alert), to be sent now or kept for later: the state
    /// goes, the sealed record stays valid.
    pub(crate) fn close(mut self) -> Option<Box<[u8]>> {
        let mut goodbye = None;
        let closed = self.guarded(&mut |bytes| goodbye = Some(Box::from(bytes)), Dtls::close);
        closed.ok().and(goodbye)
    }

    fn guarded(
        &mut self,
        send: &mut impl FnMut(&[u8]),
        step: impl FnOnce(&mut Dtls) -> Result<(), dimpl::Error>,
    ) -> Result<Progress, Failure> {
        // After a panic the connection is thrown away by the caller, so nobody sees what it left behind.
        catch_unwind(AssertUnwindSafe(|| {
            step(&mut self.dtls).map_err(|_| Failure::Broken)?;
            self.drain(send)
        }))
        .unwrap_or(Err(Failure::Panicked))
    }

    fn drain(&mut self, send: &mut impl FnMut(&[u8])) -> Result<Progress, Failure> {
        let mut progress = Progress::default();
        let mut buffer = [0; MESSAGE];
        let mut done = false;
        loop {
            match self.dtls.poll_output(&mut buffer) {
                Output::Packet(bytes) => send(bytes),
                Output::PeerCert(der) => {
                    if fingerprint_of(der) != self.expected {
                        return Err(Failure::WrongCertificate);
                    }
                    self.certificate = Certificate::AsPromised;
                }
                Output::KeyingMaterial(material, profile) => {
                    if self.certificate == Certificate::NotSeen {
                        return Err(Failure::WrongCertificate);
                    }
                    let profile = match profile {
                        SrtpProfile::AEAD_AES_128_GCM => Profile::Aes128Gcm,
                        SrtpProfile::AEAD_AES_256_GCM => Profile::Aes256Gcm,
                        _ => return Err(Failure::NoProfile),
                    };
                    // The handshake's own keys have just been there.
                    residue::wipe_stack();
                    progress.keys = Some(session_keys(profile, &material, self.seed)?);
                }
                Output::CloseNotify => progress.closed = true,
                Output::Timeout(at) => {
                    self.timeout = Some(at);
                    // The keys come right behind the end of the handshake, unless the peer wants no SRTP.
                    return if done && progress.keys.is_none() {
                        Err(Failure::NoProfile)
                    } else {
                        Ok(progress)
                    };
                }
                Output::BufferTooSmall { .. } => return Err(Failure::Broken),
                Output::Connected => done = true,
                // There is no application data on an audio connection.
                _ => {}
            }
        }
    }
}

/// In frames of their own, which were overwritten: they stay for as long as the peer, with all of their bytes.
#[inline(never)]
fn session_keys(profile: Profile, material: &[u8], seed: u64) -> Result<Box<SessionKeys>, Failure> {
    SessionKeys::new(profile, material, seed).map(Box::new).map_err(|_| Failure::NoProfile)
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection(..)")
    }
}

fn fingerprint_of(der: &[u8]) -> Fingerprint {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    Fingerprint(bytes)
}
