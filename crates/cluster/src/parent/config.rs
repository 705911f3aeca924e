//! What `live` needs to know of the configuration. It reads no file and no environment of its own.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Settings of one `live`, checked by the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveConfig {
    /// The origin people use, without a slash at the end: `https://rooms.example.org`.
    pub public_url: String,
    pub http: HttpSide,
    /// The UDP port of all media sockets.
    pub media_port: u16,
    /// Addresses given by whoever runs the server, offered to clients first.
    pub public_addresses: Vec<IpAddr>,
    /// Addresses of this machine's interfaces, loopback last. [`super::ToLive::Addresses`] replaces them.
    pub interface_addresses: Vec<IpAddr>,
    pub packing: Packing,
    pub sandboxing: Sandboxing,
}

/// When the audience of a room is sent several frames in one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// Two, from so many listeners on.
    pub two_from: Option<NonZeroU32>,
    /// Three, from so many listeners on.
    pub three_from: Option<NonZeroU32>,
    /// Also when a processor has no time left.
    pub under_load: bool,
}

impl Default for Packing {
    fn default() -> Self {
        Self { two_from: None, three_from: None, under_load: true }
    }
}

/// What stands between a browser and our listening socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HttpSide {
    /// Nothing, and no encryption: fit for `localhost` only.
    Plain,
    /// We speak TLS ourselves; the keeper has the certificate.
    Tls,
    /// A proxy that speaks TLS. Only these may say in `X-Forwarded-For` whom they speak for.
    BehindProxy(Vec<Network>),
}

/// How far the sandbox goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sandboxing {
    /// Both locks; a kernel without Landlock gets the first alone.
    On,
    /// The first lock alone, to prove that it holds by itself.
    WithoutLandlock,
    /// None: said in the log and in every client.
    Off,
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    address: IpAddr,
    /// Leading bits that count: 0–32 or 0–128.
    prefix: u8,
}

/// Text that is neither an address nor `address/bits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a network such as 10.0.0.0/8")]
pub struct NotANetwork;

impl Network {
    /// One address.
    pub fn only(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether the address is inside. An IPv4 address in its IPv6 form counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |width: u32| width.saturating_sub(u32::from(self.prefix));
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                (net.to_bits() ^ one.to_bits()).checked_shr(shift(32)).unwrap_or(0) == 0
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                (net.to_bits() ^ one.to_bits()).checked_shr(shift(128)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let Some((address, bits)) = text.split_once('/') else {
            return text.parse().map(Self::only).map_err(|_| NotANetwork);
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let prefix: u8 = bits.parse().map_err(|_| NotANetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        if prefix > width { Err(NotANetwork) } else { Ok(Self { address, prefix }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(network: &str, address: &str) -> bool {
        network.parse::<Network>().expect("a network").contains(address.parse().expect("an address"))
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        assert!(inside("127.0.0.1", "127.0.0.1"));
        assert!(!inside("127.0.0.1", "127.0.0.2"));
        assert!(inside("10.0.0.0/8", "10.200.3.4"));
        assert!(!inside("10.0.0.0/8", "11.0.0.1"));
        assert!(inside("10.0.0.0/8", "::ffff:10.1.2.3"), "as a dual-stack socket reports it");
        assert!(inside("fd00::/8", "fd12::1"));
        assert!(!inside("fd00::/8", "10.0.0.1"));
        assert!(inside("0.0.0.0/0", "8.8.8.8"));
        assert!(!inside("0.0.0.0/0", "::1"));
        for bad in ["", "10.0.0.0/33", "::/129", "host", "10.0.0.0/-1", "10.0.0.0/"] {
            assert_eq!(bad.parse::<Network>(), Err(NotANetwork), "{bad}");
        }
    }
}
