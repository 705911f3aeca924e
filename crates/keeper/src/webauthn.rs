//! Passkeys (WebAuthn level 3) without the database: discoverable credentials, user verification always, no attestation.
//! What a browser answers is read here and nowhere else.

use keeper_api::CredentialJson;
use protocol::ErrorCode;
use protocol::id::MemberId;
use webauthn_rs::prelude::{
    AttestationFormat, Credential, DiscoverableAuthentication, ParsedAttestation, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Uuid,
};
use webauthn_rs_proto::ResidentKeyRequirement;

pub use crate::domain::{Passkeys, passkeys};

/// A registration in progress.
#[derive(Debug)]
pub struct Registering(PasskeyRegistration);

/// A sign-in in progress: whose, the authenticator says at its end.
#[derive(Debug)]
pub struct SigningIn(DiscoverableAuthentication);

/// Whom a passkey is made for, and where, as the browser shows it.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub member: MemberId,
    pub handle: &'a str,
    pub name: &'a str,
    pub server: Option<&'a str>,
}

/// A passkey to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub credential_id: Vec<u8>,
    /// As JSON.
    pub credential: String,
}

/// An answer that says whose it is, and proves nothing yet.
#[derive(Debug)]
pub struct Named {
    pub member: MemberId,
    pub credential_id: Vec<u8>,
    answer: PublicKeyCredential,
}

impl Passkeys {
    /// `known` are those that this member has. With the options for the browser, as JSON.
    ///
    /// # Errors
    /// `Internal`.
    pub fn start_registration(
        &self,
        owner: Owner<'_>,
        known: Vec<Vec<u8>>,
    ) -> Result<(String, Registering), ErrorCode> {
        let user = Uuid::from_bytes(owner.member.0);
        let (mut challenge, state) = self
            .webauthn
            .start_passkey_registration(user, owner.handle, owner.name, Some(known))
            .map_err(|_| ErrorCode::Internal)?;
        // The library says "discouraged"; without a discoverable credential nobody can sign in without typing a name.
        if let Some(selection) = &mut challenge.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        if let Some(name) = owner.server {
            name.clone_into(&mut challenge.public_key.rp.name);
        }
        Ok((written(&challenge.public_key)?, Registering(state)))
    }

    /// # Errors
    /// `PasskeyRefused`; `Internal`.
    pub fn finish_registration(
        &self,
        begun: &Registering,
        credential: &CredentialJson,
    ) -> Result<Made, ErrorCode> {
        let answer: RegisterPublicKeyCredential = read(credential)?;
        let lingers =
            answer.extensions.cred_props.as_ref().is_none_or(|properties| properties.rk != Some(false));
        let passkey = self.webauthn.finish_passkey_registration(&answer, &begun.0);
        let mut stored: Credential = passkey.map_err(|_| ErrorCode::PasskeyRefused)?.into();
        if !lingers {
            return Err(ErrorCode::PasskeyRefused);
        }
        // Never counted on: a counter that is kept up would be a record of sign-ins.
        stored.counter = 0;
        stored.attestation = ParsedAttestation::default();
        stored.attestation_format = AttestationFormat::None;
        Ok(Made { credential_id: stored.cred_id.to_vec(), credential: written(&stored)? })
    }

    /// With the options for the browser, as JSON.
    ///
    /// # Errors
    /// `Internal`.
    pub fn start_sign_in(&self) -> Result<(String, SigningIn), ErrorCode> {
        let begun = self.webauthn.start_discoverable_authentication();
        let (challenge, state) = begun.map_err(|_| ErrorCode::Internal)?;
        // The library's "conditional" stays behind: the client knows whether a button was pressed.
        Ok((written(&challenge.public_key)?, SigningIn(state)))
    }

    /// Whose passkey this answer says it is.
    ///
    /// # Errors
    /// `PasskeyRefused`.
    pub fn name(&self, credential: &CredentialJson) -> Result<Named, ErrorCode> {
        let answer: PublicKeyCredential = read(credential)?;
        let (user, credential_id) = self
            .webauthn
            .identify_discoverable_authentication(&answer)
            .map_err(|_| ErrorCode::PasskeyRefused)?;
        let (member, credential_id) = (MemberId(*user.as_bytes()), credential_id.to_vec());
        Ok(Named { member, credential_id, answer })
    }

    /// Whether the answer is that of a passkey which is kept, for this ceremony.
    ///
    /// # Errors
    /// `PasskeyRefused`; `Internal` for what is kept and cannot be read.
    pub fn finish_sign_in(&self, begun: SigningIn, named: &Named, stored: &str) -> Result<(), ErrorCode> {
        let stored: Credential = serde_json::from_str(stored).map_err(|_| ErrorCode::Internal)?;
        self.webauthn
            .finish_discoverable_authentication_v2(&named.answer, begun.0, &stored)
            .map(drop)
            .map_err(|_| ErrorCode::PasskeyRefused)
    }
}

fn written(what: &impl serde::Serialize) -> Result<String, ErrorCode> {
    serde_json::to_string(what).map_err(|_| ErrorCode::Internal)
}

fn read<T: serde::de::DeserializeOwned>(credential: &CredentialJson) -> Result<T, ErrorCode> {
    serde_json::from_str(credential.as_str()).map_err(|_| ErrorCode::PasskeyRefused)
}
