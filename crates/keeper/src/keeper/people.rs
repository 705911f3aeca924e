//! What a signed-in person asks about others, and says of themselves.

use keeper_api::{Along, Reply, Typed};
use protocol::Timestamp;
use protocol::account::Me;
use protocol::profile::Introduction;
use protocol::text::Handle;
use store::Day;

use super::Keeper;
use crate::error::Refusal;
use crate::rates::Rate;

impl Keeper {
    pub(super) async fn find_people(&self, me: &Me, text: &Typed, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
        Ok(Reply::Profiles(self.store.find(me.id, text.as_str()).await?))
    }

    pub(super) async fn profile_page(
        &self,
        me: &Me,
        handle: &Handle,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        Ok(Reply::ProfilePage(Box::new(self.store.profile_page(me.id, handle, Day::of(now)).await?)))
    }

    pub(super) async fn people_along(
        &self,
        me: &Me,
        handle: &Handle,
        along: Along,
        after: Option<&Handle>,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
        let along = match along {
            Along::Followers => store::Along::Followers,
            Along::Following => store::Along::Following,
        };
        Ok(Reply::Profiles(self.store.people_along(me.id, handle, along, after).await?))
    }

    pub(super) async fn suggest_people(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
        Ok(Reply::Profiles(self.store.suggested(me.id).await?))
    }

    pub(super) async fn introduce(
        &self,
        me: &Me,
        said: &Introduction,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        self.store.introduce(me.id, said).await?;
        self.profile_page(me, &me.handle, now).await
    }
}
