//! Passkeys (WebAuthn level 3): discoverable credentials, user verification always, no attestation.

use keeper_api::{Ceremony, CredentialJson, Reply};
use protocol::account::{DeviceLabel, Me, PasskeyChallenge};
use protocol::id::{MemberId, PasskeyId};
use protocol::limits::PASSKEYS_MAX;
use protocol::{ErrorCode, Timestamp};
use store::{Day, NewPasskey};
use webauthn_rs::prelude::{
    AttestationFormat, Credential, DiscoverableAuthentication, ParsedAttestation, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs_proto::ResidentKeyRequirement;

use super::{Aside, Keeper, new_session, signin};
use crate::domain::Passkeys;
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::random;

/// A registration in progress.
#[derive(Debug)]
pub(super) struct Registration {
    member: MemberId,
    state: PasskeyRegistration,
}

/// A sign-in in progress: whose, the authenticator says at its end.
#[derive(Debug)]
pub(super) struct SignInState(DiscoverableAuthentication);

impl Keeper {
    pub(super) async fn start_passkey(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        let passkeys = self.passkeys()?;
        self.rates.borrow_mut().count(Rate::Passkey, me.id, now)?;
        let known = self.store.credential_ids_of(me.id).await?;
        if known.len() >= PASSKEYS_MAX {
            return Err(ErrorCode::Full.into());
        }
        let user = Uuid::from_bytes(me.id.0);
        let (mut challenge, state) = passkeys
            .webauthn
            .start_passkey_registration(user, me.handle.as_str(), me.name.as_str(), Some(known))
            .map_err(|_| ErrorCode::Internal)?;
        // The library says "discouraged"; without a discoverable credential nobody can sign in without typing a name.
        if let Some(selection) = &mut challenge.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        if let Some(name) = self.store.server_name().await? {
            challenge.public_key.rp.name = name.into();
        }
        let ceremony = Ceremony::from_random(random());
        let registration = Registration { member: me.id, state };
        self.registrations.borrow_mut().start(ceremony.clone(), registration, now);
        challenged(&ceremony, &challenge.public_key)
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
        let answer: RegisterPublicKeyCredential = read(credential)?;
        let lingers =
            answer.extensions.cred_props.as_ref().is_none_or(|properties| properties.rk != Some(false));
        let passkey = passkeys.webauthn.finish_passkey_registration(&answer, &begun.state);
        let mut stored: Credential = passkey.map_err(|_| ErrorCode::PasskeyRefused)?.into();
        if !lingers {
            return Err(ErrorCode::PasskeyRefused.into());
        }
        // Never counted on: a counter that is kept up would be a record of sign-ins.
        stored.counter = 0;
        stored.attestation = ParsedAttestation::default();
        stored.attestation_format = AttestationFormat::None;
        let passkey = NewPasskey {
            id: PasskeyId::from_random(random()),
            credential_id: stored.cred_id.to_vec(),
            credential: serde_json::to_string(&stored).map_err(|_| ErrorCode::Internal)?,
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
        let begun = passkeys.webauthn.start_discoverable_authentication();
        let (challenge, state) = begun.map_err(|_| ErrorCode::Internal)?;
        let ceremony = Ceremony::from_random(random());
        self.sign_ins.borrow_mut().start(ceremony.clone(), SignInState(state), now);
        // The library's "conditional" stays behind: the client knows whether a button was pressed.
        challenged(&ceremony, &challenge.public_key)
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
        let SignInState(state) = begun.ok_or(ErrorCode::PasskeyRefused)?;
        let answer: PublicKeyCredential = read(credential)?;
        let (user, credential_id) = passkeys
            .webauthn
            .identify_discoverable_authentication(&answer)
            .map_err(|_| ErrorCode::PasskeyRefused)?;
        let known = self.store.credential(credential_id).await;
        let (member, stored) = known
            .map_err(|error| Refusal::from(error).instead(ErrorCode::NotThere, ErrorCode::PasskeyUnknown))?;
        if member.0 != *user.as_bytes() {
            return Err(ErrorCode::PasskeyRefused.into());
        }
        let stored: Credential = serde_json::from_str(&stored)
            .map_err(|_| Refusal::Store(store::StoreError::Unreadable("passkeys.credential")))?;
        passkeys
            .webauthn
            .finish_discoverable_authentication_v2(&answer, state, &stored)
            .map_err(|_| ErrorCode::PasskeyRefused)?;
        let (session, token) = new_session(device, now);
        let signed = self.store.sign_in(member, &session).await?;
        Ok(signin::signed_in(signed, &session, token, aside))
    }

    fn passkeys(&self) -> Result<&Passkeys, ErrorCode> {
        self.passkeys.as_ref().ok_or(ErrorCode::PasskeysUnavailable)
    }
}

fn challenged(ceremony: &Ceremony, options: &impl serde::Serialize) -> Result<Reply, Refusal> {
    let options = serde_json::to_string(options).map_err(|_| ErrorCode::Internal)?;
    Ok(Reply::PasskeyChallenge(PasskeyChallenge { ceremony: ceremony.reveal(), options }))
}

fn read<T: serde::de::DeserializeOwned>(credential: &CredentialJson) -> Result<T, ErrorCode> {
    serde_json::from_str(credential.as_str()).map_err(|_| ErrorCode::PasskeyRefused)
}
