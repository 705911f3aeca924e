//! The configuration: defaults, then a file, then the environment, then flags.
//!
//! [`SETTINGS`] is the only list of settings: flags, environment variables, keys of the file and the documented file
//! all come from it. [`layers`] gathers raw values and knows where each came from; [`Config`] is what they mean.

mod layers;
mod print;
mod public_url;
mod settings;
mod url_rules;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cluster::parent::{HttpSide, Network, Packing, Sandboxing};
use keeper_api::parent::TlsFiles;
use outbound_api::parent::Place;

pub use crate::memory::Swap;
pub use layers::{ConfigError, Given, Layers};
pub use print::documented;
pub use public_url::{NotAnOrigin, PublicUrl};
pub use settings::{Kind, SETTINGS, Setting};

/// Media shards at most: each is a thread with a socket, and their descriptors travel in one message.
pub const MAX_MEDIA_THREADS: u16 = 64;
/// Seconds that draining may take at most: a service manager waits 90 before it kills.
pub const MAX_DRAIN_SECONDS: u16 = 60;

/// The settings of one server, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub listen: SocketAddr,
    /// Absolute.
    pub data: PathBuf,
    /// What the address bar shows; `None` until the port is known, and then `localhost`.
    pub public_url: Option<PublicUrl>,
    pub front: Front,
    pub public_addresses: Vec<IpAddr>,
    /// `None`: the number of the TCP port.
    pub media_port: Option<NonZeroU16>,
    pub media_threads: NonZeroU16,
    pub packing: Packing,
    /// Where metrics are read, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// A push service of the operator's own, which may be anywhere.
    pub push_allow: Option<Place>,
    /// Certificates that are trusted for push services beside the usual ones (PEM).
    pub push_ca: Option<PathBuf>,
    pub drain: Duration,
    pub swap: Swap,
    pub sandboxing: Sandboxing,
}

/// Who speaks TLS with browsers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Front {
    /// Nobody: fit for `localhost`.
    Plain,
    Ourselves(TlsFiles),
    Proxy(Vec<Network>),
}

impl Config {
    /// Where people find the server, once the port is known.
    pub fn public_url(&self, port: u16) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| match self.front {
            Front::Ourselves(_) => PublicUrl::localhost_tls(port),
            Front::Plain | Front::Proxy(_) => PublicUrl::localhost(port),
        })
    }

    /// What `live` is told about HTTP.
    pub fn http_side(&self) -> HttpSide {
        match &self.front {
            Front::Plain => HttpSide::Plain,
            Front::Ourselves(_) => HttpSide::Tls,
            Front::Proxy(trusted) => HttpSide::BehindProxy(trusted.clone()),
        }
    }

    /// What the values mean together.
    ///
    /// # Errors
    /// A sentence for each value that means nothing, and for those that contradict each other.
    pub fn from_layers(layers: &Layers, here: &Path) -> Result<Self, ConfigError> {
        let tls_cert = layers.optional("tls_cert").map(|path| here.join(path));
        let tls_key = layers.optional("tls_key").map(|path| here.join(path));
        let tls = match (tls_cert, tls_key) {
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (None, None) => None,
            (Some(_), None) => return Err(layers.clash("tls_cert", "needs its key: set tls_key too")),
            (None, Some(_)) => return Err(layers.clash("tls_key", "needs its certificate: set tls_cert too")),
        };
        let proxies = layers.list(
            "behind_proxy",
            "an address, a network such as 10.0.0.0/8, or `loopback`",
            proxies,
        )?;
        let front = match (tls, proxies.concat()) {
            (Some(_), proxies) if !proxies.is_empty() => {
                return Err(layers
                    .clash("behind_proxy", "and tls_cert exclude each other: one of the two speaks TLS"));
            }
            (Some(files), _) => Front::Ourselves(files),
            (None, proxies) if proxies.is_empty() => Front::Plain,
            (None, proxies) => Front::Proxy(proxies),
        };
        let public_url =
            layers.parse_optional("public_url", "an address such as https://rooms.example.org", |text| {
                text.parse::<PublicUrl>().ok()
            })?;
        url_rules::check(layers, public_url.as_ref(), &front)?;
        // Nothing would mean the folder that the shell happens to be in.
        if layers.text("data").is_empty() {
            return Err(layers.clash("data", "must name a folder"));
        }
        Ok(Self {
            listen: layers.parse("listen", "an address with a port, such as 127.0.0.1:8080", listen)?,
            // Without the dot of "./data": the path is shown to people.
            data: here.join(layers.text("data")).components().collect(),
            public_url,
            front,
            public_addresses: layers.list("public_address", "an IP address", |text| text.parse().ok())?,
            media_port: layers
                .parse("media_port", "a port number", |text| text.parse().ok().map(NonZeroU16::new))?,
            media_threads: layers.parse("media_threads", "a number from 0 to 64", media_threads)?,
            packing: Packing {
                two_from: layers.parse("pack_two_from", "a number of listeners", from)?,
                three_from: layers.parse("pack_three_from", "a number of listeners", from)?,
                under_load: layers.is_on("pack_under_load"),
            },
            metrics: layers.parse_optional(
                "metrics",
                "a port, or an address with a port such as 127.0.0.1:9464",
                metrics,
            )?,
            push_allow: layers.parse_optional("push_allow", "a host with a port", Place::parse)?,
            push_ca: layers.optional("push_ca").map(|path| here.join(path)),
            drain: layers.parse("drain_seconds", "a number from 0 to 60", drain)?,
            swap: layers.parse("swap", "`warn` or `refuse`", swap)?,
            sandboxing: if layers.is_on("unsandboxed") { Sandboxing::Off } else { Sandboxing::On },
        })
    }
}

/// `localhost` is spelled out: which of its addresses a resolver gives is not ours to guess.
fn listen(text: &str) -> Option<SocketAddr> {
    text.strip_prefix("localhost:")
        .map_or_else(|| text.parse().ok(), |port| format!("127.0.0.1:{port}").parse().ok())
}

/// A port alone is one that only this machine reaches.
fn metrics(text: &str) -> Option<SocketAddr> {
    text.parse()
        .map_or_else(|_| listen(text), |port: u16| Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
}

fn proxies(text: &str) -> Option<Vec<Network>> {
    if text == "loopback" {
        return Some(vec!["127.0.0.0/8".parse().ok()?, "::1".parse().ok()?]);
    }
    text.parse().ok().map(|network| vec![network])
}

fn media_threads(text: &str) -> Option<NonZeroU16> {
    let asked: u16 = text.parse().ok().filter(|asked| *asked <= MAX_MEDIA_THREADS)?;
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    NonZeroU16::new(asked).or_else(|| {
        NonZeroU16::new(u16::try_from(cores()).unwrap_or(MAX_MEDIA_THREADS).min(MAX_MEDIA_THREADS))
    })
}

/// 0 is never.
fn from(text: &str) -> Option<Option<NonZeroU32>> {
    text.parse().ok().map(NonZeroU32::new)
}

fn swap(text: &str) -> Option<Swap> {
    match text {
        "warn" => Some(Swap::Warn),
        "refuse" => Some(Swap::Refuse),
        _ => None,
    }
}

fn drain(text: &str) -> Option<Duration> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds <= MAX_DRAIN_SECONDS)
        .map(|s: u16| Duration::from_secs(s.into()))
}

#[cfg(test)]
mod tests;
