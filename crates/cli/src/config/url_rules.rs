//! How the public address and whoever speaks TLS must fit together.

use super::layers::{ConfigError, Layers};
use super::{Front, PublicUrl};

pub(super) fn check(layers: &Layers, url: Option<&PublicUrl>, front: &Front) -> Result<(), ConfigError> {
    match (front, url) {
        (Front::Proxy(_), None) => {
            Err(layers.clash("behind_proxy", "needs public_url: the address that people type"))
        }
        (Front::Plain, Some(url)) if url.is_https() => Err(layers.clash(
            "public_url",
            "is https, so somebody has to speak TLS: set tls_cert and tls_key, or behind_proxy",
        )),
        (Front::Ourselves(_), Some(url)) if !url.is_https() => {
            Err(layers.clash("public_url", "is http, but the server has a certificate: write https"))
        }
        _ => Ok(()),
    }
}
