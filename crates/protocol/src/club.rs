//! Clubs: people who come back to the same rooms. What a club is, who is in it, and what its admins may do there.
//!
//! `GET /api/v1/clubs` lists mine, `GET /api/v1/clubs?find=…` what there is by name; both are lists of [`Club`].
//! `GET /api/v1/clubs/CLUB` is a [`ClubPage`], and every request that changes one answers it as it is then: `POST /clubs`
//! founds one and `PUT /clubs/CLUB` changes it (both [`ClubCharter`]), `PUT` and `DELETE /clubs/CLUB/picture`,
//! `POST /clubs/CLUB/join` ([`JoinClub`]), `POST /clubs/CLUB/leave`, `PUT /clubs/CLUB/follow`,
//! `POST` and `DELETE /clubs/CLUB/offer` (yes and no to taking it over), `POST /clubs/CLUB/people/HANDLE` ([`ActInClub`]).
//! `POST /clubs/CLUB/dissolve` ([`Dissolve`]) answers nothing. To somebody who is banned there is no such club.

use serde::{Deserialize, Serialize};

use crate::account::Profile;
use crate::id::{ClubId, PictureId};
use crate::limits::CLUB_RULES_MAX;
use crate::text::{ClubAbout, ClubName, ClubRule, Handle};

/// What a club is, as its admins say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ClubCharter {
    /// Unlike any other here, also in looks.
    pub name: ClubName,
    /// What it is about.
    pub about: Option<ClubAbout>,
    /// How one becomes a member.
    pub door: ClubDoor,
    /// What members agree to before they join.
    pub rules: ClubRules,
    /// Who may start rooms of it.
    pub starters: RoomStarters,
    /// Whether people follow it who are not members.
    pub following: ClubFollowing,
}

/// How one becomes a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ClubDoor {
    /// By joining.
    Open,
    /// By asking: an admin lets them in.
    Request,
    /// An admin invites them.
    Invitation,
}

/// Who may start rooms of a club.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum RoomStarters {
    /// Whoever runs it and its admins.
    Admins,
    /// Every member.
    Members,
}

/// Whether people follow a club who are not members of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ClubFollowing {
    /// Anybody may.
    Anybody,
    /// Nobody does.
    Off,
}

/// At most [`CLUB_RULES_MAX`] rules, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(try_from = "Vec<ClubRule>", into = "Vec<ClubRule>")]
#[ts(type = "string[]")]
pub struct ClubRules(Vec<ClubRule>);

/// More than [`CLUB_RULES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many rules")]
pub struct TooManyRules;

impl ClubRules {
    /// In their order.
    pub fn as_slice(&self) -> &[ClubRule] {
        &self.0
    }
}

impl TryFrom<Vec<ClubRule>> for ClubRules {
    type Error = TooManyRules;
    fn try_from(rules: Vec<ClubRule>) -> Result<Self, TooManyRules> {
        if rules.len() > CLUB_RULES_MAX { Err(TooManyRules) } else { Ok(Self(rules)) }
    }
}

impl From<ClubRules> for Vec<ClubRule> {
    fn from(rules: ClubRules) -> Self {
        rules.0
    }
}

/// What somebody is to a club: the later, the more they may do there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ClubStanding {
    /// Nothing.
    Stranger,
    /// Follows it.
    Follower,
    /// Asked to be let in.
    Asking,
    /// Is invited, and has not said anything yet.
    Invited,
    /// Is in it.
    Member,
    /// Keeps order in it.
    Admin,
    /// Runs it.
    Owner,
}

impl ClubStanding {
    /// In the club, whatever else.
    pub fn is_in(self) -> bool {
        self >= Self::Member
    }

    /// Lets in, invites, removes and bans.
    pub fn keeps_order(self) -> bool {
        self >= Self::Admin
    }
}

/// A club in a list, as one member sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Club {
    /// Which.
    pub id: ClubId,
    /// What it is called.
    pub name: ClubName,
    /// Its picture, at the same place as those of people.
    pub picture: Option<PictureId>,
    /// How one becomes a member.
    pub door: ClubDoor,
    /// How many members it has.
    pub members: u32,
    /// What I am to it.
    pub standing: ClubStanding,
    /// I may start a room of it.
    pub starts_rooms: bool,
    /// For those who keep order: how many ask to be let in. Zero for others.
    pub waiting: u32,
    /// I am asked to take it over.
    pub offered: bool,
}

/// All that a member sees of a club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ClubPage {
    /// The short of it, as in lists.
    pub club: Club,
    /// What it is.
    pub charter: ClubCharter,
    /// Who runs it; none where that person blocks me.
    pub owner: Option<Profile>,
    /// How many follow it without being members.
    pub followers: u32,
    /// For whoever runs it: who was asked to take it over.
    pub offered_to: Option<Handle>,
}

/// Somebody of a club. `GET /api/v1/clubs/CLUB/people?which=…&after=HANDLE`: by handle, at most
/// [`crate::limits::PEOPLE_PAGE`] at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ClubPerson {
    /// Who.
    pub profile: Profile,
    /// What they are to it.
    pub standing: ClubStanding,
    /// Of somebody who is banned: the first day on which they are not any more, since the Unix epoch; none for good.
    pub until_day: Option<u32>,
}

/// Which people of a club.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ClubList {
    /// Who is in it; for members.
    Members,
    /// Who keeps order there, whoever runs it included; for members.
    Admins,
    /// Who asks to be let in, and who is invited; for those who keep order.
    Waiting,
    /// Who is banned; for those who keep order.
    Banned,
}

/// `POST /api/v1/clubs/CLUB/join`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct JoinClub {
    /// The rules that I read and agree to. Where they have changed since, the answer is `NotNow`.
    pub rules: ClubRules,
}

/// `POST /api/v1/clubs/CLUB/people/HANDLE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ActInClub {
    /// What.
    pub act: ClubAct,
}

/// What those who keep order do about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ClubAct {
    /// Says yes to somebody who asks.
    LetIn,
    /// Says no to somebody who asks, or takes an invitation back.
    Decline,
    /// Invites somebody. Whoever asks already is let in.
    Invite,
    /// A member keeps order from now on; whoever runs the club says so.
    MakeAdmin,
    /// And does not any more.
    UnmakeAdmin,
    /// Somebody is not a member any more, and may come again.
    Remove,
    /// Neither a member nor let in again, for so long: for them there is no such club.
    Ban(BanPeriod),
    /// Takes a ban back.
    LiftBan,
    /// Asks a member to take the club over; it is theirs when they say yes.
    Offer,
    /// Takes that back.
    WithdrawOffer,
}

/// How long somebody is banned from a club: to the end of a day, since nothing finer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum BanPeriod {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// Until it is lifted.
    ForGood,
}

impl BanPeriod {
    /// Days from the one on which it begins, which is not counted; none for good.
    pub const fn days(self) -> Option<u32> {
        match self {
            Self::Day => Some(1),
            Self::Week => Some(7),
            Self::Month => Some(30),
            Self::ForGood => None,
        }
    }
}

/// `POST /api/v1/clubs/CLUB/dissolve`: the end of a club, with everything that is kept about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Dissolve {
    /// What it is called, typed: whoever did not mean this does not send it by mistake.
    pub name: ClubName,
}
