//! Whose request it is, where somebody brings it who stands in front of the server.

use std::net::IpAddr;

use cluster::parent::Network;

/// Whether somebody at this address is believed when they say whom they speak for.
pub fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// The other end of the connection, or, where that is trusted, whom it says it speaks for: the last entry of all the values
/// of `X-Forwarded-For` that is not trusted itself. Entries before it are that client's own words, whatever they are; so what
/// cannot be read is passed over only where it stands before.
pub fn client<'a>(
    trusted: &[Network],
    peer: IpAddr,
    values: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> IpAddr {
    let peer = peer.to_canonical();
    if !is_trusted(trusted, peer) {
        return peer;
    }
    let hops = values.rev().flat_map(|value| value.rsplit(|byte| *byte == b','));
    let read = |hop: &[u8]| std::str::from_utf8(hop).ok()?.trim().parse::<IpAddr>().ok();
    hops.map_while(read).map(|hop| hop.to_canonical()).find(|hop| !is_trusted(trusted, *hop)).unwrap_or(peer)
}
