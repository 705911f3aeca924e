//! The ICE-lite responder (RFC 8445, RFC 8489) over `is::stun`: connectivity checks are verified and answered, never
//! sent.

use std::net::SocketAddr;

use aws_lc_rs::hmac;
use is::stun::StunMessage;

use crate::ice::{Pwd, Ufrag};

/// A binding request that names one of our username fragments; not verified yet.
pub struct Check<'a> {
    message: StunMessage<'a>,
    pub ufrag: Ufrag,
}

/// What a check's sender wants with this path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nomination {
    /// USE-CANDIDATE: send here from now on.
    UseCandidate,
    /// Just checking, or keeping consent fresh.
    None,
}

impl<'a> Check<'a> {
    /// `None` for whatever is no connectivity check for us. A function of the bytes.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let message = StunMessage::parse(bytes).ok()?;
        if !message.is_binding_request() {
            return None;
        }
        let ufrag = Ufrag::parse(message.split_username()?.0)?;
        Some(Self { message, ufrag })
    }

    /// Did the holder of this password send it?
    #[must_use]
    pub fn verify(&self, pwd: &Pwd) -> bool {
        self.message.verify(pwd.as_bytes(), hmac_sha1)
    }

    pub fn nomination(&self) -> Nomination {
        if self.message.use_candidate() { Nomination::UseCandidate } else { Nomination::None }
    }

    /// A lite agent is always controlled; a peer that thinks the same has to change its mind (RFC 8445 section
    /// 7.3.1.1).
    pub fn is_role_conflict(&self) -> bool {
        self.message.ice_controlled().is_some()
    }

    /// Writes the answer to a verified check; returns its length.
    pub fn answer(&self, source: SocketAddr, pwd: &Pwd, out: &mut [u8]) -> Option<usize> {
        let id = self.message.trans_id();
        let answer = if self.is_role_conflict() {
            StunMessage::binding_role_conflict_reply(id)
        } else {
            StunMessage::binding_reply(id, source)
        };
        answer.to_bytes(Some(pwd.as_bytes()), out, hmac_sha1).ok()
    }
}

fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut context = hmac::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 20];
    out.copy_from_slice(context.sign().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ice::Credentials;
    use crate::key::{Incarnation, PeerKey, ShardIndex};
    use is::stun::TransId;
    use proptest::prelude::*;

    fn credentials() -> Credentials {
        let peer = PeerKey { shard: ShardIndex(1), index: 2, generation: 3 };
        Credentials::new(peer, Incarnation(4), [5; 18])
    }

    enum Role {
        Controlling,
        Controlled,
    }

    fn request(role: Role) -> Vec<u8> {
        let credentials = credentials();
        let username = format!("{}:them", credentials.ufrag);
        let controlling = matches!(role, Role::Controlling);
        let message = StunMessage::binding_request(&username, TransId::new(), controlling, 9, 7, true);
        let mut bytes = vec![0; 512];
        let length = message.to_bytes(Some(credentials.pwd.as_bytes()), &mut bytes, hmac_sha1).expect("fits");
        bytes.truncate(length);
        bytes
    }

    #[test]
    fn a_check_with_our_password_is_answered_with_its_own_address() {
        let (bytes, pwd) = (request(Role::Controlling), credentials().pwd);
        let check = Check::parse(&bytes).expect("a check");
        assert!(check.verify(&pwd));
        assert_eq!(check.nomination(), Nomination::UseCandidate);
        let source = SocketAddr::from(([192, 0, 2, 7], 5000));
        let mut out = [0; 256];
        let length = check.answer(source, &pwd, &mut out).expect("an answer");
        let answer = StunMessage::parse(&out[..length]).expect("a message");
        assert!(answer.verify(pwd.as_bytes(), hmac_sha1));
        assert_eq!(answer.mapped_address(), Some(source));
        assert_eq!(answer.trans_id(), check.message.trans_id());
    }

    #[test]
    fn a_check_with_another_password_is_not_believed() {
        let bytes = request(Role::Controlling);
        let check = Check::parse(&bytes).expect("a check");
        assert!(!check.verify(&Pwd::from_random([6; 18])));
    }

    #[test]
    fn a_peer_that_thinks_it_is_controlled_is_told_otherwise() {
        let (bytes, pwd) = (request(Role::Controlled), credentials().pwd);
        let check = Check::parse(&bytes).expect("a check");
        let mut out = [0; 256];
        let length =
            check.answer(SocketAddr::from(([192, 0, 2, 7], 5000)), &pwd, &mut out).expect("an answer");
        let answer = StunMessage::parse(&out[..length]).expect("a message");
        assert_eq!(answer.error_code().map(|(code, _)| code), Some(487));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_check_or_are_not(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Check::parse(&bytes);
        }

        #[test]
        fn a_mangled_check_is_never_believed(at in 0usize..100, flip in 1u8.., cut in 0usize..40) {
            let mut bytes = request(Role::Controlling);
            let fingerprint = bytes.len() - 8;
            let at = at % fingerprint;
            bytes[at] ^= flip;
            bytes.truncate(bytes.len() - cut * usize::from(cut < 8));
            if let Some(check) = Check::parse(&bytes) {
                prop_assert!(!check.verify(&credentials().pwd));
            }
        }
    }
}
