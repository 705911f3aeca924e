//! What it knows of bells and of browsers that are told.

use std::sync::OnceLock;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use keeper_api::{Der, PushDevice, PushEndpoint, PushKeys, Reply};
use protocol::id::{MemberId, SessionId};
use protocol::push::Wishes;

use super::{FakeKeeper, State};

impl FakeKeeper {
    /// Rings the bell of somebody whom they follow.
    pub(in crate::tests) fn ring(&self, who: &str, whom: &str) {
        self.follow(who, whom);
        let mut state = self.state();
        let [who, whom] = [who, whom].map(|handle| state.by_handle(handle).person.id);
        state.bells.push((who, whom));
    }

    /// A browser of a member that is told.
    pub(in crate::tests) fn browser(&self, who: &str, endpoint: &str, keys: PushKeys, wishes: Wishes) {
        let mut state = self.state();
        let member = state.by_handle(who);
        let (member, session) = (member.person.id, member.sessions[0].1);
        let endpoint = PushEndpoint::new(endpoint).unwrap();
        state.devices.push(PushDevice { member, session, endpoint, keys, wishes });
    }

    pub(in crate::tests) fn browsers(&self) -> usize {
        self.state().devices.len()
    }
}

impl State {
    pub(super) fn whose_bell(&self, of: MemberId, after: Option<SessionId>) -> Reply {
        let rang = |device: &&PushDevice| self.bells.contains(&(device.member, of));
        let mut devices: Vec<PushDevice> = self.devices.iter().filter(rang).cloned().collect();
        devices.retain(|device| Some(device.session.0) > after.map(|after| after.0));
        devices.sort_by_key(|device| device.session.0);
        Reply::Devices(devices)
    }

    /// Everybody who has one.
    pub(super) fn devices_for_event(&self, after: Option<SessionId>) -> Reply {
        let mut devices = self.devices.clone();
        devices.retain(|device| Some(device.session.0) > after.map(|after| after.0));
        devices.sort_by_key(|device| device.session.0);
        Reply::Devices(devices)
    }

    pub(super) fn devices_of(&self, member: MemberId) -> Reply {
        Reply::Devices(self.devices.iter().filter(|device| device.member == member).cloned().collect())
    }
}

/// The same as long as the tests: browsers know it.
pub(super) fn push_key() -> Der {
    static KEY: OnceLock<Der> = OnceLock::new();
    let make = || {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Der::try_from(pair.to_pkcs8v1().unwrap().as_ref().to_vec()).unwrap()
    };
    KEY.get_or_init(make).clone()
}
