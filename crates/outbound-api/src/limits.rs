//! Bounds of what is sent out, each with unit and reason.

/// Bytes of an address. Those of the large browsers are 150 to 700.
pub const ADDRESS_BYTES_MAX: usize = 1_024;
/// Bytes of the proof: a signed token of some 250 with a key of 87, and the origin of this server and of the other.
pub const PROOF_BYTES_MAX: usize = 2_048;
/// Bytes of a sealed message: what every push service takes (RFC 8030 section 7.2).
pub const BODY_BYTES_MAX: usize = 4_096;
/// Bytes of the certificates that the operator trusts beside the usual ones, in PEM: some.
pub const ROOTS_BYTES_MAX: usize = 64 << 10;
/// Bytes of one read of a line.
pub(crate) const READ_CHUNK: usize = 8 << 10;
