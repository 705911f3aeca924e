//! What a member asks about clubs. Whatever changes is told to those whom it is about.

use keeper_api::{ClubRequest, ClubRoll, OnRoll, PictureJpeg, Push, Reply};
use protocol::Timestamp;
use protocol::account::Me;
use protocol::club::{BanPeriod, ClubAct, ClubCharter};
use protocol::id::{ClubId, MemberId, PictureId};
use protocol::text::Handle;
use store::{Day, Roll};

use super::{Aside, Keeper};
use crate::error::Refusal;
use crate::rates::Rate;
use crate::secrets::random;

impl Keeper {
    pub(super) async fn club(
        &self,
        me: &Me,
        request: ClubRequest,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let today = Day::of(now);
        let asking = Asking { me, now, today };
        match request {
            ClubRequest::Mine => Ok(Reply::Clubs(self.store.clubs_of(me.id, today).await?)),
            ClubRequest::Find { text } => {
                self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
                Ok(Reply::Clubs(self.store.find_clubs(me.id, text.as_str(), today).await?))
            }
            ClubRequest::Page { club } => {
                self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
                self.club_page(me, club, today).await
            }
            ClubRequest::People { club, which, after } => {
                self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
                let people = self.store.club_people(me.id, club, which, after.as_ref(), today).await?;
                Ok(Reply::ClubPeople(people))
            }
            ClubRequest::Found { charter } => self.found_club(asking, &charter, aside).await,
            ClubRequest::Change { club, charter } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                self.store.change_club(me.id, club, &charter, today).await?;
                aside.pushes.push(Push::ClubChanged { club });
                self.club_page(me, club, today).await
            }
            ClubRequest::SetPicture { club, jpeg } => {
                self.set_club_picture(asking, club, Some(jpeg), aside).await
            }
            ClubRequest::RemovePicture { club } => self.set_club_picture(asking, club, None, aside).await,
            ClubRequest::Join { club, rules } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                let told = self.store.join_club(me.id, club, &rules, today).await?;
                self.changed(me, club, told, today, aside).await
            }
            ClubRequest::Leave { club } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                self.store.leave_club(me.id, club, today).await?;
                self.changed(me, club, vec![me.id], today, aside).await
            }
            ClubRequest::Follow { club } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                self.store.follow_club(me.id, club, today).await?;
                self.changed(me, club, vec![me.id], today, aside).await
            }
            ClubRequest::Act { club, handle, act } => {
                self.act_in_club(asking, club, &handle, act, aside).await
            }
            ClubRequest::TakeOver { club } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                let before = self.store.take_club_over(me.id, club, today).await?;
                self.changed(me, club, vec![me.id, before], today, aside).await
            }
            ClubRequest::Refuse { club } => {
                let owner = self.store.refuse_club(me.id, club, today).await?;
                self.changed(me, club, vec![me.id, owner], today, aside).await
            }
            ClubRequest::Dissolve { club, name } => {
                let members = self.store.dissolve_club(me.id, club, &name, today).await?;
                aside.pushes.extend([Push::ClubChanged { club }, Push::ClubsChanged { members }]);
                Ok(Reply::Done)
            }
        }
    }

    pub(super) async fn club_roll(&self, club: ClubId, now: Timestamp) -> Result<Reply, Refusal> {
        let roll = self.store.club_roll(club, Day::of(now)).await?;
        let on_roll = |(member, standing)| OnRoll { member, standing };
        Ok(Reply::ClubRoll(roll.map(|Roll { name, picture, people, banned }| {
            Box::new(ClubRoll { name, picture, people: people.into_iter().map(on_roll).collect(), banned })
        })))
    }

    pub(super) async fn ban_from_club(
        &self,
        by: MemberId,
        club: ClubId,
        member: MemberId,
        period: BanPeriod,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.store.ban_from_club(by, club, member, period, Day::of(now)).await?;
        aside.pushes.extend([Push::ClubChanged { club }, Push::ClubsChanged { members: vec![by, member] }]);
        Ok(Reply::Done)
    }

    async fn club_page(&self, me: &Me, club: ClubId, today: Day) -> Result<Reply, Refusal> {
        Ok(Reply::ClubPage(Box::new(self.store.club_page(me.id, club, today).await?)))
    }

    /// What somebody is to a club has changed: they hear of it, and whoever asked sees the club as it is now.
    async fn changed(
        &self,
        me: &Me,
        club: ClubId,
        members: Vec<MemberId>,
        today: Day,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        aside.pushes.extend([Push::ClubChanged { club }, Push::ClubsChanged { members }]);
        self.club_page(me, club, today).await
    }

    async fn found_club(
        &self,
        Asking { me, now, today }: Asking<'_>,
        charter: &ClubCharter,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Club, me.id, now)?;
        let club = ClubId::from_random(random());
        if let Err(error) = self.store.found_club(me.id, club, charter, today).await {
            // A name that is taken is tried with another.
            self.rates.borrow_mut().give_back(Rate::Club, me.id);
            return Err(error.into());
        }
        self.changed(me, club, vec![me.id], today, aside).await
    }

    /// Under a new id each time, as those of people.
    async fn set_club_picture(
        &self,
        Asking { me, now, today }: Asking<'_>,
        club: ClubId,
        jpeg: Option<PictureJpeg>,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        if jpeg.is_some() {
            self.rates.borrow_mut().count(Rate::Picture, me.id, now)?;
        }
        let picture = jpeg.as_ref().map(|jpeg| (PictureId::from_random(random()), jpeg.as_bytes()));
        self.store.put_club_picture(me.id, club, picture, today).await?;
        aside.pushes.push(Push::ClubChanged { club });
        self.club_page(me, club, today).await
    }

    async fn act_in_club(
        &self,
        Asking { me, now, today }: Asking<'_>,
        club: ClubId,
        handle: &Handle,
        act: ClubAct,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        // What keeps somebody out must be possible as often as it takes.
        if matches!(
            act,
            ClubAct::LetIn | ClubAct::Invite | ClubAct::Offer | ClubAct::MakeAdmin | ClubAct::LiftBan
        ) {
            self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        }
        let whom = self.store.act_in_club(me.id, club, handle, act, today).await?;
        self.changed(me, club, vec![me.id, whom], today, aside).await
    }
}

/// Who asks, and when.
#[derive(Debug, Clone, Copy)]
struct Asking<'a> {
    me: &'a Me,
    now: Timestamp,
    today: Day,
}

const _: () = assert!(protocol::limits::CLUB_PEOPLE_MAX < keeper_api::limits::TIED_MAX);
