//! The certificate and its key, read and checked before `live` sees them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use keeper_api::parent::{Failure, TlsFiles};
use keeper_api::{Der, TlsKeys};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::limits::TLS_FILE_BYTES_MAX;

/// Reads both files.
///
/// # Errors
/// Which of them cannot be used, or that they do not belong together.
pub(crate) fn read(files: &TlsFiles) -> Result<TlsKeys, Failure> {
    let chain = certificates(&contents(&files.cert).ok_or(Failure::TlsCert)?).ok_or(Failure::TlsCert)?;
    let key = contents(&files.key).ok_or(Failure::TlsKey)?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| Failure::TlsKey)?;
    fit(&chain, &key)?;
    let ders = chain.iter().map(|one| Der::try_from(one.to_vec())).collect::<Result<_, _>>();
    let key = Der::try_from(key.secret_der().to_vec()).map_err(|_| Failure::TlsKey)?;
    TlsKeys::new(ders.map_err(|_| Failure::TlsCert)?, key).map_err(|_| Failure::TlsCert)
}

pub(crate) fn contents(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).ok()?.take(TLS_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).ok()?;
    u64::try_from(read).is_ok_and(|read| read <= TLS_FILE_BYTES_MAX).then_some(bytes)
}

pub(crate) fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().ok()?;
    (!chain.is_empty()).then_some(chain)
}

fn fit(chain: &[CertificateDer<'static>], key: &PrivateKeyDer<'static>) -> Result<(), Failure> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(key.clone_key()).map_err(|_| Failure::TlsKey)?;
    match CertifiedKey::new(chain.to_vec(), key).keys_match() {
        // A key that cannot say its public half is not found wrong.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => Err(Failure::TlsMismatch),
        Err(_) => Err(Failure::TlsCert),
    }
}
