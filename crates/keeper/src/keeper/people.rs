//! What a signed-in person asks about others, and says of themselves.

use keeper_api::{Along, Among, PictureJpeg, Push, Reply, Typed, Whose};
use protocol::account::Me;
use protocol::id::{MemberId, PictureId};
use protocol::profile::Introduction;
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use store::{Day, StoreError};

use super::{Aside, Keeper, person};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::random;

impl Keeper {
    pub(super) async fn find_people(
        &self,
        me: &Me,
        text: &Typed,
        among: Among,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
        let among = match among {
            Among::Everybody => store::Among::Everybody,
            Among::Followers => store::Among::Followers,
        };
        Ok(Reply::Profiles(self.store.find(me.id, text.as_str(), among).await?))
    }

    pub(super) async fn resolve(&self, asker: MemberId, handles: &[Handle]) -> Result<Reply, Refusal> {
        if handles.len() > keeper_api::limits::RESOLVE_MAX {
            return Err(ErrorCode::TooLarge.into());
        }
        let people = self.store.resolve(asker, handles).await?;
        Ok(Reply::People(people.into_iter().map(person).collect()))
    }

    pub(super) async fn may_ping(&self, by: MemberId, who: &Handle) -> Result<Reply, Refusal> {
        Ok(Reply::Ping(match self.store.may_ping(by, who).await? {
            store::Ping::Reaches(member) => keeper_api::Ping::Reaches(member),
            store::Ping::Muted(member) => keeper_api::Ping::Muted(member),
        }))
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

    /// Under a new id each time, so that whoever kept the old address sees nothing there.
    pub(super) async fn set_picture(
        &self,
        me: &Me,
        jpeg: &PictureJpeg,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Picture, me.id, now)?;
        let picture = PictureId::from_random(random());
        self.store.put_picture(me.id, picture, jpeg.as_bytes()).await?;
        aside.pushes.push(Push::PictureChanged { member: me.id, picture: Some(picture) });
        Ok(Reply::Me(self.store.me(me.id, me.session, Day::of(now)).await?))
    }

    /// Counted nowhere: it takes away what was put up, and only once.
    pub(super) async fn remove_picture(
        &self,
        me: &Me,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        if self.store.remove_picture(me.id).await? {
            aside.pushes.push(Push::PictureChanged { member: me.id, picture: None });
        }
        Ok(Reply::Me(self.store.me(me.id, me.session, Day::of(now)).await?))
    }

    pub(super) async fn picture(
        &self,
        me: &Me,
        picture: PictureId,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let (whose, jpeg) = match self.store.picture(me.id, picture).await {
            Ok(store::Picture { member, jpeg }) => (Whose::Member(member), jpeg),
            Err(StoreError::NotThere) => {
                let (club, jpeg) = self.store.club_picture(me.id, picture, Day::of(now)).await?;
                (Whose::Club(club), jpeg)
            }
            Err(error) => return Err(error.into()),
        };
        let jpeg = PictureJpeg::try_from(jpeg).map_err(|_| ErrorCode::TooLarge)?;
        Ok(Reply::Picture { whose, jpeg })
    }

    pub(super) async fn introduce(
        &self,
        me: &Me,
        said: &Introduction,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        self.store.introduce(me.id, said).await?;
        // Their pages order rooms by what they speak.
        aside.pushes.push(Push::AccountChanged { member: me.id });
        self.profile_page(me, &me.handle, now).await
    }
}
