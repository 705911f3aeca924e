//! Whose datagram is it? First byte and, for all but ICE checks, source address (RFC 7983, RFC 5761).

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::key::ShardIndex;

/// The protocols that share our port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Stun,
    Dtls,
    Rtp,
    Rtcp,
}

impl Protocol {
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        match first {
            0..=3 => Some(Self::Stun),
            20..=63 => Some(Self::Dtls),
            // RFC 5761 section 4: 64 to 95 without the marker bit.
            128..=191 => match rest.first()? {
                192..=223 => Some(Self::Rtcp),
                _ => Some(Self::Rtp),
            },
            _ => None,
        }
    }
}

/// Who uses an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Peer of this shard, by index.
    Here(u32),
    There(ShardIndex),
}

/// Authenticated addresses only: nobody can fill this table or be looked up in it without a password.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    owners: HashMap<SocketAddr, Owner>,
    /// Some were removed since the last wipe: their bytes lie in the table still.
    removed: bool,
}

impl Addresses {
    pub(crate) fn owner(&self, address: SocketAddr) -> Option<Owner> {
        self.owners.get(&address).copied()
    }

    /// The newest authenticated user of an address has it: ports are used again behind a NAT.
    pub(crate) fn set(&mut self, address: SocketAddr, owner: Owner) {
        self.owners.insert(address, owner);
    }

    /// Forgets the address if `owner` still has it.
    pub(crate) fn remove(&mut self, address: SocketAddr, owner: Owner) {
        if self.owners.get(&address) == Some(&owner) {
            self.owners.remove(&address);
            self.removed = true;
        }
    }

    /// Writes the table anew, if anybody is to be forgotten.
    pub(crate) fn wipe(&mut self) {
        if std::mem::take(&mut self.removed) {
            self.owners = self.owners.drain().collect();
        }
    }
}
