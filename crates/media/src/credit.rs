//! What may be sent to an address that has not shown yet that it hears us.
//!
//! A check is signed with a password that its sender was given, and comes from whatever address the sender wrote on it: a
//! member could have a handshake sent to somebody who never asked for one. So until the handshake is done, which nobody
//! finishes who does not read what we send, an address is sent at most three times what came from it (the rule of RFC 9000
//! section 8.1). Browsers begin with a kilobyte and a half, and have their answer three times over.

use crate::limits::UNPROVEN_FACTOR;

/// Of the address that a peer is sent to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    left: usize,
}

impl Credit {
    /// So much came from there.
    pub(crate) fn earn(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes.saturating_mul(UNPROVEN_FACTOR));
    }

    /// Whether so much may be sent there; it counts then.
    pub(crate) fn spend(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_sent_three_times_what_came_from_it_and_not_a_byte_more() {
        let mut credit = Credit::default();
        assert!(!credit.spend(1));
        credit.earn(100);
        assert!(credit.spend(200) && !credit.spend(101) && credit.spend(100) && !credit.spend(1));
        credit.earn(1);
        assert!(credit.spend(3));
    }
}
