//! Ways back in without a passkey: recovery codes, and links from another device or the administrator.

use keeper_api::{DeviceCode, Link, LinkSecret, Push, RecoveryCode, Reply, SignInSecret, SignedIn, Typed};
use protocol::account::{DeviceLabel, Me, RecoveryCodes};
use protocol::limits::{DEVICE_LINK_PERIOD, RECOVERY_CODES};
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use store::{LinkProof, NewLink, NewSession, Signed};

use super::{Aside, Keeper, new_session};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::{hashed, random};

impl Keeper {
    /// One answer for a wrong code, a used code, an unknown handle and what cannot be a handle. Counted nowhere but by
    /// address, in `live`: eight codes of 80 bits are found by nobody, and a count for each handle would let strangers shut
    /// the way in of whoever they can name.
    pub(super) async fn sign_in_by_recovery_code(
        &self,
        handle: &Typed,
        code: &RecoveryCode,
        device: DeviceLabel,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let handle = Handle::parse(handle.as_str()).map_err(|_| ErrorCode::LinkSpent)?;
        let (session, token) = new_session(device, now);
        let signed = self.store.use_recovery_code(&handle, hashed(code.as_bytes()), &session).await?;
        Ok(signed_in(signed, &session, token, aside))
    }

    pub(super) async fn sign_in_by_link(
        &self,
        secret: &SignInSecret,
        device: DeviceLabel,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let (session, token) = new_session(device, now);
        let signed = match secret {
            // 128 bits need no counting.
            SignInSecret::Link(link) => {
                self.store.use_link(LinkProof::Token(hashed(link.as_bytes())), &session, now).await?
            }
            SignInSecret::Code(code) => {
                self.rates.borrow().looks_at_codes(now)?;
                match self.store.use_link(LinkProof::Code(hashed(code.as_bytes())), &session, now).await {
                    Ok(signed) => signed,
                    Err(error) => {
                        self.rates.borrow_mut().count_wrong_code(now)?;
                        return Err(error.into());
                    }
                }
            }
        };
        Ok(signed_in(signed, &session, token, aside))
    }

    pub(super) async fn create_device_link(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::DeviceLink, me.id, now)?;
        let secret = LinkSecret::from_random(random());
        let code = DeviceCode::from_random(random());
        let expires = now.plus(DEVICE_LINK_PERIOD);
        let link = NewLink { token: hashed(secret.as_bytes()), expires };
        self.store.put_device_link(me.id, link, hashed(code.as_bytes())).await?;
        Ok(Reply::Link(Link { invite: None, secret, code: Some(code), expires }))
    }

    pub(super) async fn make_recovery_codes(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::RecoveryCodes, me.id, now)?;
        let codes: Vec<RecoveryCode> =
            (0..RECOVERY_CODES).map(|_| RecoveryCode::from_random(random())).collect();
        let hashes: Vec<_> = codes.iter().map(|code| hashed(code.as_bytes())).collect();
        self.store.put_recovery_codes(me.id, &hashes).await?;
        Ok(Reply::RecoveryCodes(RecoveryCodes { codes: codes.iter().map(RecoveryCode::reveal).collect() }))
    }
}

/// A session that was made, with word to those that had to go for it, and to the others.
pub(super) fn signed_in(
    signed: Signed,
    session: &NewSession,
    token: keeper_api::SessionToken,
    aside: &mut Aside,
) -> Reply {
    aside.end(signed.me.id, &signed.ended);
    aside.pushes.push(Push::AccountChanged { member: signed.me.id });
    Reply::SignedIn(Box::new(SignedIn {
        me: signed.me,
        session: token,
        expires_day: session.expires.0,
        inviter: None,
        invite: None,
        greeter: None,
    }))
}
