//! What is told where, while no page is open.

use keeper_api::limits::DEVICES_PAGE;
use keeper_api::{EventNotice, NoticesRequest, Push, PushDevice, PushEndpoint, PushKeys, Reply};
use protocol::account::Me;
use protocol::id::{EventId, MemberId, SessionId};
use protocol::push::{PushKind, Switch, Wishes};
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use store::{Day, Pushed};

use super::events::to_store;
use super::{Aside, Keeper};
use crate::error::Refusal;
use crate::rates::Rate;

impl Keeper {
    pub(super) async fn set_bell(
        &self,
        me: &Me,
        handle: &Handle,
        bell: Switch,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        self.store.set_bell(me.id, handle, bell).await?;
        self.profile_page(me, handle, now).await
    }

    pub(super) async fn notices(
        &self,
        me: &Me,
        request: NoticesRequest,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        match request {
            NoticesRequest::Look => self.push_settings(me).await,
            NoticesRequest::Wish(wishes) => self.wish(me, &wishes, now).await,
            NoticesRequest::TurnOff { kind } => self.turn_off(me, kind).await,
            NoticesRequest::SetDevice { endpoint, keys } => self.set_device(me, &endpoint, keys, now).await,
            NoticesRequest::RemoveDevice => self.remove_device(me).await,
            NoticesRequest::ThisDevice => self.this_device(me, now).await,
        }
    }

    async fn push_settings(&self, me: &Me) -> Result<Reply, Refusal> {
        let Pushed { wishes, here, devices } = self.store.pushed(me.id, me.session).await?;
        Ok(Reply::PushSettings { wishes, here, devices })
    }

    async fn wish(&self, me: &Me, wishes: &Wishes, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        self.store.wish(me.id, wishes).await?;
        Ok(Reply::Done)
    }

    /// Counted nowhere: whoever wants to be left alone is.
    async fn turn_off(&self, me: &Me, kind: PushKind) -> Result<Reply, Refusal> {
        self.store.turn_off(me.id, kind).await?;
        Ok(Reply::Done)
    }

    async fn set_device(
        &self,
        me: &Me,
        endpoint: &PushEndpoint,
        keys: PushKeys,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        self.store.set_device(me.session, endpoint.as_str(), &Vec::from(keys)).await?;
        Ok(Reply::Done)
    }

    async fn remove_device(&self, me: &Me) -> Result<Reply, Refusal> {
        self.store.remove_device(me.session).await?;
        Ok(Reply::Done)
    }

    async fn this_device(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        devices(self.store.devices_of(me.id, Some(me.session), Day::of(now)).await?)
    }

    pub(super) async fn devices_of(&self, member: MemberId, now: Timestamp) -> Result<Reply, Refusal> {
        devices(self.store.devices_of(member, None, Day::of(now)).await?)
    }

    pub(super) async fn whose_bell(
        &self,
        of: MemberId,
        after: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        devices(self.store.whose_bell(of, after, Day::of(now), DEVICES_PAGE).await?)
    }

    pub(super) async fn devices_for_event(
        &self,
        event: EventId,
        notice: EventNotice,
        after: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let notice = to_store(notice);
        devices(self.store.devices_for_event(event, notice, after, Day::of(now), DEVICES_PAGE).await?)
    }

    pub(super) async fn device_gone(
        &self,
        session: SessionId,
        endpoint: &PushEndpoint,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let whose = self.store.device_gone(session, endpoint.as_str()).await?;
        aside.pushes.extend(whose.map(|member| Push::AccountChanged { member }));
        Ok(Reply::Done)
    }
}

fn devices(found: Vec<store::PushDevice>) -> Result<Reply, Refusal> {
    let device = |device: store::PushDevice| {
        let store::PushDevice { member, session, endpoint, keys, wishes } = device;
        let endpoint = PushEndpoint::new(endpoint).map_err(|_| ErrorCode::Internal)?;
        let keys = PushKeys::try_from(keys).map_err(|_| ErrorCode::Internal)?;
        Ok(PushDevice { member, session, endpoint, keys, wishes })
    };
    Ok(Reply::Devices(found.into_iter().map(device).collect::<Result<_, ErrorCode>>()?))
}
