//! The ICE-lite responder (RFC 8445, RFC 8489) over `is::stun`: connectivity checks are verified and answered, never
//! sent.

use std::net::{IpAddr, SocketAddr};

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

/// The magic cookie of RFC 8489 section 5.
const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

/// The answer to a question without a name ("where am I?", RFC 8489 section 3). Whoever calls this sees to it that nobody
/// is answered who did not ask.
pub fn answer_to_nobody(bytes: &[u8], source: SocketAddr, out: &mut [u8]) -> Option<usize> {
    // A binding request without attributes.
    let (head, id) = bytes.split_at_checked(8)?;
    if head != [[0, 1, 0, 0], COOKIE].concat() || id.len() != 12 {
        return None;
    }
    // XOR-MAPPED-ADDRESS (section 14.2): address and port, each hidden behind cookie and transaction.
    let (family, address) = match source.ip() {
        IpAddr::V4(v4) => (1, v4.octets().to_vec()),
        IpAddr::V6(v6) => (2, v6.octets().to_vec()),
    };
    let port = source.port().to_be_bytes();
    let hidden = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().zip(COOKIE.iter().chain(id)).map(|(byte, mask)| byte ^ mask).collect()
    };
    let length = u8::try_from(address.len() + 4).ok()?;
    let answer = [
        &[1, 1, 0, length + 4][..],
        &COOKIE,
        id,
        &[0, 0x20, 0, length, 0, family],
        &hidden(&port),
        &hidden(&address),
    ]
    .concat();
    out.get_mut(..answer.len())?.copy_from_slice(&answer);
    Some(answer.len())
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

    #[test]
    fn a_question_without_a_name_is_answered_with_the_address_it_came_from() {
        // RFC 5769 section 2.2: this transaction and cookie hide 192.0.2.1:32853 so.
        let id = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];
        let question = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42][..], &id].concat();
        let mut out = [0; 64];
        let length = answer_to_nobody(&question, "192.0.2.1:32853".parse().expect("an address"), &mut out);
        let hidden = [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43];
        assert_eq!(length, Some(32));
        assert_eq!(out[..32], [&[1, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42][..], &id, &hidden].concat());
        let v6 = "[2001:db8::1]:9".parse().expect("an address");
        assert_eq!(answer_to_nobody(&question, v6, &mut out), Some(44));
        assert_eq!(answer_to_nobody(&question[1..], v6, &mut out), None);
        assert_eq!(answer_to_nobody(&request(Role::Controlling), v6, &mut out), None, "that one has a name");
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
