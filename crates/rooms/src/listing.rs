//! The room in the hallway: what its card says, and for whom it is there or looks different.
//!
//! The hallway has many viewers and the room one owner: the room says once what everybody's card follows from, and
//! whoever holds a [`Listing`] can tell each viewer's card without asking again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::club::ClubStanding;
use protocol::hallway::{CardClub, CardDoor, Face, RoomCard};
use protocol::id::{ClubId, EventId, MemberId, PictureId, RoomId};
use protocol::limits::{CARD_FACES_MAX, STAGE_MAX};
use protocol::room::{AudienceShown, Door, RoomKind};
use protocol::text::{DisplayName, Handle, Language, RoomTitle};

use crate::bars::{Bars, ChangedBars};
use crate::club::Club;
use crate::people::Area;
use crate::view::count;
use crate::{Room, Who};

const _: () = assert!(STAGE_MAX <= 64, "one bit for each place on stage");

/// A room's card for every member there is. Plain data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    fixed: Fixed,
    moving: Moving,
}

/// What changes by what somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fixed {
    room: RoomId,
    title: Option<RoomTitle>,
    kind: RoomKind,
    language: Option<Language>,
    event: Option<EventId>,
    /// For which it is held.
    club: Option<(ClubId, Arc<Club>)>,
    /// For those whom nothing lets through it.
    door: CardDoor,
    /// In order.
    stage: Vec<OnStage>,
    welcome: Welcome,
    /// Those to whom something else applies than to everybody.
    known: BTreeMap<MemberId, Standing>,
    /// Those who are refused, whatever else they are.
    bars: Bars,
    /// Those who have a seat, where that makes a difference; in order.
    seated: Vec<MemberId>,
}

/// What changes by itself while people talk, come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moving {
    in_audience: u32,
    /// Members in the audience while its people are listed, in order; nobody where they are counted.
    listeners: Arc<[MemberId]>,
    liveliness: u8,
    /// Whose voice is heard: one bit for each place on stage.
    speaking: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct OnStage {
    /// None for a guest, whom nobody can follow.
    member: Option<MemberId>,
    name: DisplayName,
    handle: Option<Handle>,
    picture: Option<PictureId>,
}

/// For whom the room is there of whom it knows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Welcome {
    Everybody,
    /// Whom those who keep order follow.
    FollowedBy(Vec<Arc<BTreeSet<MemberId>>>),
    /// Who is in the club.
    Members,
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    ShutOut,
    Asked { by: DisplayName },
    KeepsOrder { asked_by: Option<DisplayName> },
}

/// In what one viewer's card differs from others': viewers with the same look see the same card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Whom they follow: one bit for each place on stage.
    followed: u64,
    /// How many in the audience they follow.
    listening: u32,
    asked_by: Option<DisplayName>,
    door: CardDoor,
    club: TheirClub,
}

/// Whether the club that a room is held for is one of theirs: they follow it, are in it, or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TheirClub {
    Theirs,
    Others,
}

/// Those to whom something else applies than before. Of whom a bar came or went nobody knows who they are: each can be
/// asked whether they are one of them.
#[derive(Debug, Clone, Default)]
pub struct Concerned {
    members: BTreeSet<MemberId>,
    bars: Vec<ChangedBars>,
}

impl Concerned {
    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.bars.is_empty()
    }

    /// Whether somebody is one of them.
    pub fn contains(&self, member: MemberId) -> bool {
        self.members.contains(&member) || self.bars.iter().any(|bars| bars.concern(Who::Member(member)))
    }

    /// And those.
    pub fn extend(&mut self, others: Self) {
        self.members.extend(others.members);
        self.bars.extend(others.bars);
    }
}

impl Look {
    /// How many on stage they follow.
    pub fn followed_on_stage(&self) -> u32 {
        self.followed.count_ones()
    }

    /// Whether it is held for a club of theirs.
    pub fn is_of_their_club(&self) -> bool {
        self.club == TheirClub::Theirs
    }

    /// How many in the audience they follow.
    pub fn followed_in_audience(&self) -> u32 {
        self.listening
    }

    /// Whether they were asked in.
    pub fn is_asked(&self) -> bool {
        self.asked_by.is_some()
    }
}

impl Listing {
    /// How a member sees the room; `follows` is whom they follow. None for those for whom it is not there, and the
    /// same as [`Room::may_find`].
    pub fn look(&self, viewer: MemberId, follows: &BTreeSet<MemberId>) -> Option<Look> {
        let fixed = &self.fixed;
        let standing = fixed.known.get(&viewer);
        let seated = fixed.seated.binary_search(&viewer).is_ok();
        let there = seated
            || match standing {
                _ if fixed.bars.has(Who::Member(viewer)) => false,
                Some(Standing::ShutOut) => false,
                Some(Standing::Asked { .. } | Standing::KeepsOrder { .. }) => true,
                None => match &fixed.welcome {
                    Welcome::Everybody => true,
                    Welcome::FollowedBy(keepers) => keepers.iter().any(|follows| follows.contains(&viewer)),
                    Welcome::Members => self.standing_in_club(viewer).is_in(),
                    Welcome::Nobody => false,
                },
            };
        if !there {
            return None;
        }
        let (keeps_order, asked_by) = match standing {
            Some(Standing::Asked { by }) => (false, Some(by.clone())),
            Some(Standing::KeepsOrder { asked_by }) => (true, asked_by.clone()),
            Some(Standing::ShutOut) | None => (false, None),
        };
        let followed = if follows.is_empty() { 0 } else { self.bits(|person| is_followed(person, follows)) };
        // Behind a locked door they are shown to those inside alone.
        let listening = match fixed.door {
            CardDoor::Locked if !seated && !keeps_order => 0,
            _ => in_both(follows, &self.moving.listeners),
        };
        let door = if seated || keeps_order { CardDoor::Open } else { fixed.door };
        let theirs = self.standing_in_club(viewer) != ClubStanding::Stranger;
        let club = if theirs { TheirClub::Theirs } else { TheirClub::Others };
        Some(Look { followed, listening, asked_by, door, club })
    }

    /// How those see it of whom nothing is known, and who follow nobody here.
    pub fn common_look(&self) -> Look {
        Look { followed: 0, listening: 0, asked_by: None, door: self.fixed.door, club: TheirClub::Others }
    }

    /// The card of those who see the room so.
    pub fn card(&self, look: &Look) -> RoomCard {
        let (fixed, moving) = (&self.fixed, &self.moving);
        let all = fixed.stage.iter().enumerate();
        let (mine, others): (Vec<_>, Vec<_>) = all.partition(|(place, _)| has(look.followed, *place));
        let face = |(place, person): &(usize, &OnStage)| Face {
            name: person.name.clone(),
            handle: person.handle.clone(),
            speaking: has(moving.speaking, *place),
            picture: person.picture,
        };
        RoomCard {
            room: fixed.room,
            title: fixed.title.clone(),
            kind: fixed.kind,
            language: fixed.language.clone(),
            club: fixed.club.as_ref().map(|(id, club)| CardClub {
                id: *id,
                name: club.name.clone(),
                picture: club.picture,
                mine: look.is_of_their_club(),
            }),
            faces: mine.iter().chain(&others).take(CARD_FACES_MAX).map(face).collect(),
            on_stage: self.on_stage(),
            in_audience: moving.in_audience,
            followed_on_stage: look.followed_on_stage(),
            followed_in_audience: look.followed_in_audience(),
            liveliness: moving.liveliness,
            asked_by: look.asked_by.clone(),
            door: look.door,
            event: fixed.event,
        }
    }

    /// What somebody is to the club.
    fn standing_in_club(&self, member: MemberId) -> ClubStanding {
        self.fixed.club.as_ref().map_or(ClubStanding::Stranger, |(_, club)| club.standing(member))
    }

    /// People on stage.
    pub fn on_stage(&self) -> u32 {
        count(self.fixed.stage.len())
    }

    /// Whether no more lies between the two than people coming, going and talking: the same viewers have the same looks.
    pub fn only_moved_since(&self, before: &Self) -> bool {
        self.fixed == before.fixed
    }

    /// Those to whom something else applies than before: they were asked in, removed, or made to keep order.
    pub fn concerned_since(&self, before: Option<&Self>) -> Concerned {
        let none = BTreeMap::new();
        let (now, then) = (&self.fixed.known, before.map_or(&none, |before| &before.fixed.known));
        let members = now.keys().chain(then.keys()).filter(|member| now.get(member) != then.get(member));
        let bars = &self.fixed.bars;
        let changed = match before {
            Some(before) => bars.changed_since(&before.fixed.bars),
            None => bars.changed_since(&bars.none()),
        };
        Concerned {
            members: members.copied().collect(),
            bars: if changed.is_empty() { Vec::new() } else { vec![changed] },
        }
    }

    /// Who listens and did not before: to those who follow them the room may look different. Whoever stopped listening
    /// makes a difference only to those for whom they had made one.
    pub fn listeners_since(&self, before: &Self) -> Vec<MemberId> {
        let before = &before.moving.listeners;
        let came = self.moving.listeners.iter().filter(|member| before.binary_search(member).is_err());
        came.copied().collect()
    }

    fn bits(&self, is: impl Fn(&OnStage) -> bool) -> u64 {
        let places = self.fixed.stage.iter().enumerate();
        places.filter(|(_, person)| is(person)).fold(0, |bits, (place, _)| bits | 1 << place)
    }
}

fn has(bits: u64, place: usize) -> bool {
    bits >> place & 1 == 1
}

fn is_followed(person: &OnStage, follows: &BTreeSet<MemberId>) -> bool {
    person.member.is_some_and(|member| follows.contains(&member))
}

/// How many are in both: the shorter is gone through.
fn in_both(follows: &BTreeSet<MemberId>, listeners: &[MemberId]) -> u32 {
    count(if listeners.len() <= follows.len() {
        listeners.iter().filter(|member| follows.contains(member)).count()
    } else {
        follows.iter().filter(|member| listeners.binary_search(member).is_ok()).count()
    })
}

impl Room {
    /// The room's card for every member, as things stand. None once it is over.
    pub fn listing(&self) -> Option<Listing> {
        if self.is_over() {
            return None;
        }
        let on_stage = self.people.on_stage().map(|person| OnStage {
            member: member(person.who),
            name: person.name.clone(),
            handle: person.handle.clone(),
            picture: person.picture,
        });
        let talk = self.people.stage().iter().enumerate().filter(|(_, id)| self.slots.contains(&Some(**id)));
        let fixed = Fixed {
            room: self.state.id,
            title: self.state.title.clone(),
            kind: self.state.kind,
            language: self.state.language.clone(),
            event: self.event(),
            club: self.state.club.zip(self.club.clone()),
            door: self.card_door(),
            stage: on_stage.collect(),
            welcome: self.welcome(),
            known: self.known(),
            bars: self.state.bars.clone(),
            seated: if self.seats_differ() {
                self.people.seated().filter_map(member).collect()
            } else {
                Vec::new()
            },
        };
        let moving = Moving {
            in_audience: count(self.people.len() - self.people.stage().len()),
            listeners: self.listeners(),
            liveliness: self.chatter.percent(),
            speaking: talk.fold(0, |bits, (place, _)| bits | 1 << place),
        };
        Some(Listing { fixed, moving })
    }

    /// The room's card for a member who may find it; `follows` is whom they follow.
    pub fn card(&self, viewer: MemberId, follows: &BTreeSet<MemberId>) -> Option<RoomCard> {
        let listing = self.listing()?;
        listing.look(viewer, follows).map(|look| listing.card(&look))
    }

    /// Members in the audience, in order. Above [`protocol::limits::FACES_MAX`] people nobody is shown them one by one,
    /// and no card tells of them.
    fn listeners(&self) -> Arc<[MemberId]> {
        match self.state.audience {
            AudienceShown::Faces => {
                let below = self.people.iter().filter(|person| person.place.area() != Area::Stage);
                let members: BTreeSet<_> = below.filter_map(|person| member(person.who)).collect();
                members.into_iter().collect()
            }
            AudienceShown::Counted => Arc::default(),
        }
    }

    /// Whether who has a seat makes a difference to somebody's card.
    pub(crate) fn seats_are_told(&self) -> bool {
        self.seats_differ() || self.state.audience == AudienceShown::Faces
    }

    /// Whether a seat makes a difference to the card of whoever has it.
    pub(crate) fn seats_differ(&self) -> bool {
        self.state.kind != RoomKind::Open || self.card_door() != CardDoor::Open
    }

    fn card_door(&self) -> CardDoor {
        match self.state.door {
            Door::Locked => CardDoor::Locked,
            Door::Unlocked if self.is_full() => CardDoor::Full,
            Door::Unlocked => CardDoor::Open,
        }
    }

    fn welcome(&self) -> Welcome {
        match self.state.kind {
            RoomKind::Open => Welcome::Everybody,
            RoomKind::Social => {
                Welcome::FollowedBy(self.keepers().filter_map(|keeper| self.follows.of(keeper)).collect())
            }
            RoomKind::Club => Welcome::Members,
            RoomKind::Closed => Welcome::Nobody,
        }
    }

    fn known(&self) -> BTreeMap<MemberId, Standing> {
        let state = &self.state;
        let asked = state.asked.iter().map(|(who, asked)| (**who, Standing::Asked { by: asked.by.clone() }));
        let keepers =
            std::iter::once(&state.owner).chain(state.moderators.iter().map(Box::as_ref)).map(|who| {
                let asked_by = state.asked.get(who).map(|asked| asked.by.clone());
                (*who, Standing::KeepsOrder { asked_by })
            });
        let shut_out = self.shutting_out().flat_map(|people| people.iter().copied().map(Who::Member));
        // Whoever is inside stays, and sees the card.
        let by_club = self.club.iter().flat_map(|club| club.banned.iter().copied().map(Who::Member));
        let by_club = by_club.filter(|who| self.people.seat(*who).is_none());
        let shut_out = shut_out.filter(|who| self.people.seat(*who).is_none() && self.is_shut_out(*who));
        let shut_out = shut_out.chain(by_club).map(|who| (who, Standing::ShutOut));
        // Whoever is refused is refused, whatever else they are.
        let all = asked.chain(keepers).chain(shut_out);
        all.filter_map(|(who, standing)| Some((member(who)?, standing))).collect()
    }
}

fn member(who: Who) -> Option<MemberId> {
    match who {
        Who::Member(member) => Some(member),
        Who::Guest(_) => None,
    }
}
