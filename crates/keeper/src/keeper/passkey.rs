//! Passkeys: ceremonies, and what is kept. What a browser answers is read in [`crate::webauthn`].

use keeper_api::{Ceremony, CredentialJson, Reply};
use protocol::account::{DeviceLabel, Me, PasskeyChallenge};
use protocol::id::{MemberId, PasskeyId};
use protocol::limits::PASSKEYS_MAX;
use protocol::{ErrorCode, Timestamp};
use store::{Day, NewPasskey, StoreError};

use super::{Aside, Keeper, new_session, signin};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::random;
use crate::webauthn::{Made, Owner, Passkeys, Registering};

/// A registration in progress.
#[derive(Debug)]
pub(super) struct Registration {
    member: MemberId,
    state: Registering,
}

impl Keeper {
    pub(super) async fn start_passkey(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        let passkeys = self.passkeys()?;
        self.rates.borrow_mut().count(Rate::Passkey, me.id, now)?;
        let known = self.store.credential_ids_of(me.id).await?;
        if known.len() >= PASSKEYS_MAX {
            return Err(ErrorCode::Full.into());
        }
        let server = self.store.server_name().await?;
        let (member, server) = (me.id, server.as_ref().map(|name| name.as_str()));
        let owner = Owner { member, handle: me.handle.as_str(), name: me.name.as_str(), server };
        let (options, state) = passkeys.start_registration(owner, known)?;
        let ceremony = Ceremony::from_random(random());
        let registration = Registration { member: me.id, state };
        self.registrations.borrow_mut().start(ceremony.clone(), registration, now);
        Ok(challenged(&ceremony, options))
    }

    pub(super) async fn finish_passkey(
        &self,
        me: &Me,
        ceremony: &Ceremony,
        credential: &CredentialJson,
        device: DeviceLabel,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let passkeys = self.passkeys()?;
        let begun = self.registrations.borrow_mut().take(ceremony, now);
        let begun = begun.filter(|begun| begun.member == me.id).ok_or(ErrorCode::PasskeyRefused)?;
        let Made { credential_id, credential } = passkeys.finish_registration(&begun.state, credential)?;
        let passkey = NewPasskey {
            id: PasskeyId::from_random(random()),
            credential_id,
            credential,
            device,
            day: Day::of(now),
        };
        let kept = self.store.add_passkey(me.id, &passkey).await;
        let kept = kept
            .map_err(|error| Refusal::from(error).instead(ErrorCode::NotAllowed, ErrorCode::PasskeyRefused));
        Ok(Reply::Passkey(kept?))
    }

    pub(super) fn start_passkey_sign_in(&self, now: Timestamp) -> Result<Reply, Refusal> {
        let passkeys = self.passkeys()?;
        let (options, state) = passkeys.start_sign_in()?;
        let ceremony = Ceremony::from_random(random());
        self.sign_ins.borrow_mut().start(ceremony.clone(), state, now);
        Ok(challenged(&ceremony, options))
    }

    pub(super) async fn finish_passkey_sign_in(
        &self,
        ceremony: &Ceremony,
        credential: &CredentialJson,
        device: DeviceLabel,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let passkeys = self.passkeys()?;
        let begun = self.sign_ins.borrow_mut().take(ceremony, now);
        let begun = begun.ok_or(ErrorCode::PasskeyRefused)?;
        let named = passkeys.name(credential)?;
        let known = self.store.credential(&named.credential_id).await;
        let (member, stored) = known
            .map_err(|error| Refusal::from(error).instead(ErrorCode::NotThere, ErrorCode::PasskeyUnknown))?;
        if member != named.member {
            return Err(ErrorCode::PasskeyRefused.into());
        }
        passkeys.finish_sign_in(begun, &named, &stored).map_err(|error| match error {
            ErrorCode::Internal => Refusal::Store(StoreError::Unreadable("passkeys.credential")),
            refused => refused.into(),
        })?;
        let (session, token) = new_session(device, now);
        let signed = self.store.sign_in(member, &session).await?;
        Ok(signin::signed_in(signed, &session, token, aside))
    }

    fn passkeys(&self) -> Result<&Passkeys, ErrorCode> {
        self.passkeys.as_ref().ok_or(ErrorCode::PasskeysUnavailable)
    }
}

fn challenged(ceremony: &Ceremony, options: String) -> Reply {
    Reply::PasskeyChallenge(PasskeyChallenge { ceremony: ceremony.reveal(), options })
}
