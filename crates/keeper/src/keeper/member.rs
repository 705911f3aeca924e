//! What a signed-in person asks.

use keeper_api::limits::{KEPT_PAGE, TIED_MAX};
use keeper_api::{KeptPeople, MemberRequest, PingsRequest, Push, Reply, Typed};
use protocol::account::Me;
use protocol::id::ReportNumber;
use protocol::text::{DisplayName, Handle};
use protocol::{ErrorCode, Timestamp};
use store::{Blocked, Change, Day, Followed, Named};

use super::{Aside, Keeper, person};
use crate::error::Refusal;
use crate::rates::Rate;

impl Keeper {
    pub(super) async fn for_member(
        &self,
        me: &Me,
        request: MemberRequest,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        let today = Day::of(now);
        match request {
            MemberRequest::Rename { name } => self.rename(me, &name, now, aside).await,
            MemberRequest::SignOut => {
                self.store.end_session(me.id, me.session).await?;
                aside.end(me.id, &[me.session]);
                Ok(Reply::Done)
            }
            MemberRequest::ListSessions => {
                Ok(Reply::SessionList(self.store.sessions_of(me.id, me.session, today).await?))
            }
            MemberRequest::RevokeSession { session } => {
                self.store.end_session(me.id, session).await?;
                aside.end(me.id, &[session]);
                Ok(Reply::Done)
            }
            MemberRequest::RevokeOtherSessions => {
                let ended = self.store.end_other_sessions(me.id, me.session).await?;
                aside.end(me.id, &ended);
                Ok(Reply::Done)
            }
            MemberRequest::StartPasskey => self.start_passkey(me, now).await,
            MemberRequest::FinishPasskey { ceremony, credential, device } => {
                self.finish_passkey(me, &ceremony, &credential, device, now).await
            }
            MemberRequest::ListPasskeys => Ok(Reply::Passkeys(self.store.passkeys_of(me.id).await?)),
            MemberRequest::RemovePasskey { passkey } => {
                self.store.remove_passkey(me.id, passkey).await?;
                Ok(Reply::Done)
            }
            MemberRequest::MakeRecoveryCodes => self.make_recovery_codes(me, now).await,
            MemberRequest::CreateInvite { uses, note } => self.create_invite(me, uses, note, now).await,
            MemberRequest::ListInvites => Ok(Reply::Invites(self.store.invites_of(me.id, today).await?)),
            MemberRequest::RevokeInvite { invite } => {
                self.store.revoke_invite(me.id, invite, today).await?;
                Ok(Reply::Done)
            }
            MemberRequest::CreateDeviceLink => self.create_device_link(me, now).await,
            MemberRequest::FindPeople { text, among } => self.find_people(me, &text, among, now).await,
            MemberRequest::Profile { handle } => self.profile_page(me, &handle, now).await,
            MemberRequest::PeopleAlong { handle, along, after } => {
                self.people_along(me, &handle, along, after.as_ref(), now).await
            }
            MemberRequest::SuggestPeople => self.suggest_people(me, now).await,
            MemberRequest::Introduce(said) => self.introduce(me, &said, now, aside).await,
            MemberRequest::SetPicture { jpeg } => self.set_picture(me, &jpeg, now, aside).await,
            MemberRequest::RemovePicture => self.remove_picture(me, now, aside).await,
            MemberRequest::Picture { picture } => self.picture(me, picture, now).await,
            MemberRequest::Bell { handle, bell } => self.set_bell(me, &handle, bell, now).await,
            MemberRequest::Notices(request) => self.notices(me, request, now).await,
            MemberRequest::Block { handle } => self.block(me, &handle, now, aside).await,
            MemberRequest::Unblock { handle } => self.unblock(me, &handle, now, aside).await,
            MemberRequest::ListBlocks => Ok(Reply::Profiles(self.store.blocks_of(me.id).await?)),
            MemberRequest::Pings(request) => self.pings(me, request, now).await,
            MemberRequest::ListReports => Ok(Reply::Reports(self.store.reports_of(me.id).await?)),
            MemberRequest::PutReportAway { report } => self.put_report_away(me, report, aside).await,
            MemberRequest::Follow { handle } => self.follow(me, &handle, now, aside).await,
            MemberRequest::Unfollow { handle } => self.unfollow(me, &handle, now, aside).await,
            MemberRequest::Kept => self.kept(me, now).await,
            MemberRequest::KeptPeople { which, after } => self.kept_people(me, which, after.as_ref()).await,
            MemberRequest::Erase { handle } => self.erase(me, &handle, aside).await,
            MemberRequest::Event(request) => self.event(me, request, now, aside).await,
            MemberRequest::Club(request) => self.club(me, request, now, aside).await,
            MemberRequest::Order(request) => self.order(me, request, now, aside).await,
        }
    }

    async fn put_report_away(
        &self,
        me: &Me,
        report: ReportNumber,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.store.put_report_away(me.id, report).await?;
        // My other screens still show it.
        let Me { id, handle, name, .. } = me.clone();
        aside.pushes.push(Push::MemberChanged(keeper_api::Person { id, handle, name }));
        Ok(Reply::Done)
    }

    async fn kept(&self, me: &Me, now: Timestamp) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Search, me.id, now)?;
        Ok(Reply::Kept(Box::new(self.store.kept(me.id, me.session, Day::of(now)).await?)))
    }

    async fn kept_people(
        &self,
        me: &Me,
        which: KeptPeople,
        after: Option<&Handle>,
    ) -> Result<Reply, Refusal> {
        let which = match which {
            KeptPeople::Followed => Named::Followed,
            KeptPeople::Invited => Named::Invited,
            KeptPeople::Blocked => Named::Blocked,
            KeptPeople::Belled => Named::Belled,
            KeptPeople::PingsMuted => Named::PingsMuted,
        };
        Ok(Reply::Handles(self.store.kept_people(me.id, which, after, KEPT_PAGE).await?))
    }

    /// Counted nowhere: it takes away, and only once.
    async fn erase(&self, me: &Me, typed: &Typed, aside: &mut Aside) -> Result<Reply, Refusal> {
        if Handle::parse(typed.as_str()).ok().as_ref() != Some(&me.handle) {
            return Err(ErrorCode::NotAllowed.into());
        }
        let erased = self.store.erase(me.id, TIED_MAX).await;
        let erased = erased
            .map_err(|error| Refusal::from(error).instead(ErrorCode::NotAllowed, ErrorCode::OwnerStays))?;
        aside.end(me.id, &erased.sessions);
        // What they had announced went along.
        aside.pushes.push(Push::EventsChanged);
        aside.pushes.push(Push::Erased { member: me.id, tied: erased.tied });
        Ok(Reply::Done)
    }

    async fn pings(&self, me: &Me, request: PingsRequest, now: Timestamp) -> Result<Reply, Refusal> {
        match request {
            PingsRequest::Mute { handle } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                self.store.mute_pings(me.id, &handle).await?;
                Ok(Reply::Done)
            }
            PingsRequest::Hear { handle } => {
                self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
                self.store.hear_pings(me.id, &handle).await?;
                Ok(Reply::Done)
            }
            PingsRequest::ListMuted => Ok(Reply::Profiles(self.store.muted_pings_of(me.id).await?)),
        }
    }

    async fn follow(
        &self,
        me: &Me,
        handle: &Handle,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        Ok(followed(me, self.store.follow(me.id, handle).await?, aside))
    }

    async fn unfollow(
        &self,
        me: &Me,
        handle: &Handle,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        Ok(followed(me, self.store.unfollow(me.id, handle).await?, aside))
    }

    async fn block(
        &self,
        me: &Me,
        handle: &Handle,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        Ok(blocked(me, self.store.block(me.id, handle).await?, aside))
    }

    /// As much as making one.
    async fn unblock(
        &self,
        me: &Me,
        handle: &Handle,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        Ok(blocked(me, self.store.unblock(me.id, handle).await?, aside))
    }

    async fn rename(
        &self,
        me: &Me,
        name: &DisplayName,
        now: Timestamp,
        aside: &mut Aside,
    ) -> Result<Reply, Refusal> {
        self.rates.borrow_mut().count(Rate::Write, me.id, now)?;
        let renamed = self.store.rename(me.id, name).await?;
        aside.pushes.push(Push::MemberChanged(person(renamed)));
        Ok(Reply::Me(self.store.me(me.id, me.session, Day::of(now)).await?))
    }
}

/// Rooms ask both anew whom they follow, and the blocker whom they block.
fn blocked(me: &Me, outcome: Blocked, aside: &mut Aside) -> Reply {
    aside.pushes.extend([me.id, outcome.member].map(|member| Push::FollowingChanged { member }));
    Reply::Profile(outcome.profile)
}

fn followed(me: &Me, outcome: Followed, aside: &mut Aside) -> Reply {
    if outcome.change == Change::Changed {
        aside.pushes.push(Push::FollowingChanged { member: me.id });
        aside.pushes.extend([me.id, outcome.member].map(|member| Push::AccountChanged { member }));
    }
    Reply::Profile(outcome.profile)
}
