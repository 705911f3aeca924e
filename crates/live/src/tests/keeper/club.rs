//! The only club that the keeper of these tests knows.

use keeper_api::{ClubRequest, ClubRoll, OnRoll, Push, Reply, Request};
use protocol::ErrorCode;
use protocol::club::{
    BanPeriod, Club, ClubCharter, ClubDoor, ClubFollowing, ClubPage, ClubRules, ClubStanding, RoomStarters,
};
use protocol::id::{ClubId, MemberId};
use protocol::text::ClubName;

use super::FakeKeeper;

pub(in crate::tests) const CLUB: ClubId = ClubId([8; 16]);

/// What is true of it.
#[derive(Default)]
pub(super) struct Jazz {
    roll: Option<ClubRoll>,
    bans: Vec<BanPeriod>,
}

impl Jazz {
    /// What rooms ask and say.
    pub(super) fn room(&mut self, request: &Request) -> Result<Reply, ErrorCode> {
        match request {
            Request::BanFromClub { period, .. } => {
                self.bans.push(*period);
                Ok(Reply::Done)
            }
            Request::ClubRoll { club: CLUB } => Ok(Reply::ClubRoll(self.roll.clone().map(Box::new))),
            _ => Ok(Reply::ClubRoll(None)),
        }
    }

    /// Nothing is asked of it but how it is to somebody.
    pub(super) fn answer(&self, who: MemberId, request: &ClubRequest) -> Result<Reply, ErrorCode> {
        let roll = self.roll.as_ref().filter(|_| *request == ClubRequest::Page { club: CLUB });
        let roll = roll.ok_or(ErrorCode::NotThere)?;
        let standing = roll.people.iter().find(|one| one.member == who).map(|one| one.standing);
        Ok(Reply::ClubPage(Box::new(club_page(
            roll.name.clone(),
            standing.unwrap_or(ClubStanding::Stranger),
        ))))
    }
}

impl FakeKeeper {
    /// The only club there is, called Jazz: who is what to it, and whom it bans.
    pub(in crate::tests) fn club(&self, people: &[(&str, ClubStanding)], banned: &[&str]) {
        let mut state = self.state();
        let on_roll = |(handle, standing): &(&str, ClubStanding)| OnRoll {
            member: state.by_handle(handle).person.id,
            standing: *standing,
        };
        let people = people.iter().map(on_roll).collect();
        let banned = banned.iter().map(|handle| state.by_handle(handle).person.id).collect();
        let name = ClubName::parse("Jazz").unwrap();
        state.jazz.roll = Some(ClubRoll { name, picture: None, people, banned });
        drop(state);
        self.push(Push::ClubChanged { club: CLUB });
    }

    /// For how long people were banned from it.
    pub(in crate::tests) fn bans(&self) -> Vec<BanPeriod> {
        self.state().jazz.bans.clone()
    }
}

/// Of a club whose members start rooms.
fn club_page(name: ClubName, standing: ClubStanding) -> ClubPage {
    let charter = ClubCharter {
        name: name.clone(),
        about: None,
        door: ClubDoor::Open,
        rules: ClubRules::default(),
        starters: RoomStarters::Members,
        following: ClubFollowing::Anybody,
    };
    let club = Club {
        id: CLUB,
        name,
        picture: None,
        door: charter.door,
        members: 1,
        standing,
        starts_rooms: standing.is_in(),
        waiting: 0,
        offered: false,
    };
    ClubPage { club, charter, owner: None, followers: 0, offered_to: None }
}
