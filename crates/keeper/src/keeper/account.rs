//! How accounts come to be: the owner's first link, and invitations.

use keeper_api::parent::FromKeeper;
use keeper_api::{Link, LinkSecret, Push, Reply, SignedIn};
use protocol::account::{DeviceLabel, Me, Role};
use protocol::id::{InviteId, MemberId};
use protocol::limits::{INVITE_PERIOD, INVITE_USES_MAX, OWNER_LINK_PERIOD};
use protocol::text::{DisplayName, Handle, ServerName};
use protocol::{ErrorCode, Timestamp};
use store::{Allowance, Day, NewInvite, NewLink, NewMember, Store, StoreError};

use super::{Aside, Keeper, new_session};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::{hashed, random};

pub(super) fn newcomer(name: DisplayName, handle: Handle) -> NewMember {
    NewMember { id: MemberId::from_random(random()), handle, name }
}

/// A fresh link for the owner of a server that has none yet; older ones are void.
pub(crate) async fn owner_link(store: &Store, now: Timestamp) -> Result<Option<LinkSecret>, StoreError> {
    let secret = LinkSecret::from_random(random());
    let link = NewLink { token: hashed(secret.as_bytes()), expires: now.plus(OWNER_LINK_PERIOD) };
    match store.put_owner_link(link).await {
        Ok(()) => Ok(Some(secret)),
        Err(StoreError::NotAllowed) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Keeper {
    pub(super) async fn claim(
        &self,
        secret: &LinkSecret,
        server: &ServerName,
        newcomer: NewMember,
        device: DeviceLabel,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let (session, token) = new_session(device, now);
        let up = self.store.claim(hashed(secret.as_bytes()), server, &newcomer, &session, now).await?;
        aside.pushes.push(Push::DoorChanged(self.door().await?));
        aside.word = Some(FromKeeper::Owner(None));
        Ok(Reply::SignedIn(Box::new(SignedIn {
            me: up.me,
            session: token,
            expires_day: session.expires.0,
            inviter: up.inviter,
            invite: up.invite,
            greeter: up.meant_by,
        })))
    }

    pub(super) async fn preview_invite(&self, secret: &LinkSecret, now: Timestamp) -> Result<Reply, Refusal> {
        let preview = self.store.preview_invite(hashed(secret.as_bytes()), Day::of(now)).await?;
        Ok(Reply::InvitePreview(preview))
    }

    pub(super) async fn accept_invite(
        &self,
        secret: &LinkSecret,
        newcomer: NewMember,
        device: DeviceLabel,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let (session, token) = new_session(device, now);
        let up = self.store.accept(hashed(secret.as_bytes()), &newcomer, &session).await?;
        // One more line of the inviter's list.
        aside.pushes.extend(up.invited_by.map(|member| Push::AccountChanged { member }));
        Ok(Reply::SignedIn(Box::new(SignedIn {
            me: up.me,
            session: token,
            expires_day: session.expires.0,
            inviter: up.inviter,
            invite: up.invite,
            greeter: up.meant_by,
        })))
    }

    pub(super) async fn create_invite(
        &self,
        me: &Me,
        uses: u32,
        note: Option<DisplayName>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Invite, me.id, now)?;
        let allowance = match me.role {
            Role::Owner => Allowance::Free,
            Role::Member => Allowance::Counted,
        };
        Ok(Reply::Link(self.invite(me.id, uses, note, allowance, now).await?))
    }

    pub(super) async fn invite(
        &self,
        inviter: MemberId,
        uses: u32,
        note: Option<DisplayName>,
        allowance: Allowance,
        now: Timestamp,
    ) -> Result<Link, Refusal> {
        if uses == 0 || uses > INVITE_USES_MAX {
            return Err(ErrorCode::Malformed.into());
        }
        let secret = LinkSecret::from_random(random());
        let expires = Day::after(now.plus(INVITE_PERIOD));
        let id = InviteId::from_random(random());
        let token = hashed(secret.as_bytes());
        let invite = NewInvite { id, token, uses, note, day: Day::of(now), expires };
        let made = self.store.create_invite(inviter, &invite, allowance).await;
        made.map_err(|error| Refusal::from(error).instead(ErrorCode::Full, ErrorCode::NoInviteLeft))?;
        Ok(Link { invite: Some(id), secret, code: None, expires: expires.begins() })
    }
}
