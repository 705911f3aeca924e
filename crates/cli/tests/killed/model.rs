//! Rooms as simply as they can be written down: who is in them, what they may decide, and where they are.

use std::collections::BTreeMap;

use protocol::room::{Authority, Mic, MyMic, MyPlace, RoomCommand};

/// A person's number in the evening.
pub(crate) type Number = usize;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Audience,
    Hand,
    Invited,
    Stage(Mic),
}

impl From<MyPlace> for Spot {
    fn from(place: MyPlace) -> Self {
        match place {
            MyPlace::Audience => Self::Audience,
            MyPlace::HandRaised { .. } => Self::Hand,
            MyPlace::Invited { .. } => Self::Invited,
            MyPlace::Stage { mic } => Self::Stage(mic),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) authority: Authority,
    pub(crate) spot: Spot,
}

impl Standing {
    pub(crate) const STARTS: Self = Self { authority: Authority::Owner, spot: Spot::Stage(Mic::Muted) };
    pub(crate) const COMES: Self = Self { authority: Authority::Member, spot: Spot::Audience };
}

/// One room.
pub(crate) type Standings = BTreeMap<Number, Standing>;

/// What people do to each other, and to themselves; a command without its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Raise,
    Lower,
    Accept,
    StepDown,
    Open,
    Close,
    Invite,
    Dismiss,
    Move,
    Mute,
    Hold,
    Release,
    Make,
    Unmake,
    HandOver,
    Remove,
}

impl Act {
    /// Those that lead somewhere more often than those that end it.
    pub(crate) const DRAWN: [Self; 25] = [
        Self::Raise,
        Self::Raise,
        Self::Lower,
        Self::Accept,
        Self::Accept,
        Self::Accept,
        Self::StepDown,
        Self::Open,
        Self::Open,
        Self::Close,
        Self::Invite,
        Self::Invite,
        Self::Invite,
        Self::Dismiss,
        Self::Move,
        Self::Mute,
        Self::Hold,
        Self::Hold,
        Self::Release,
        Self::Make,
        Self::Make,
        Self::Unmake,
        Self::HandOver,
        Self::HandOver,
        Self::Remove,
    ];

    pub(crate) fn command(self, who: protocol::id::ParticipantId) -> RoomCommand {
        match self {
            Self::Raise => RoomCommand::RaiseHand,
            Self::Lower => RoomCommand::LowerHand,
            Self::Accept => RoomCommand::AcceptInvitation,
            Self::StepDown => RoomCommand::StepDown,
            Self::Open => RoomCommand::SetMic { mic: MyMic::Open },
            Self::Close => RoomCommand::SetMic { mic: MyMic::Muted },
            Self::Invite => RoomCommand::InviteToStage { who },
            Self::Dismiss => RoomCommand::Dismiss { who },
            Self::Move => RoomCommand::MoveToAudience { who },
            Self::Mute => RoomCommand::Mute { who },
            Self::Hold => RoomCommand::Hold { who },
            Self::Release => RoomCommand::Release { who },
            Self::Make => RoomCommand::MakeModerator { who },
            Self::Unmake => RoomCommand::UnmakeModerator { who },
            Self::HandOver => RoomCommand::HandOver { who },
            Self::Remove => RoomCommand::Remove { who },
        }
    }

    /// What is so once it was answered with yes.
    pub(crate) fn done(self, room: &Standings, by: Number, to: Number) -> Standings {
        let mut after = room.clone();
        let spot = |after: &mut Standings, who: Number, change: fn(Spot) -> Spot| {
            if let Some(standing) = after.get_mut(&who) {
                standing.spot = change(standing.spot);
            }
        };
        let authority = |after: &mut Standings, who: Number, is: Authority| {
            if let Some(standing) = after.get_mut(&who) {
                standing.authority = is;
                // Who keeps order is not held by others who do.
                if is > Authority::Member && standing.spot == Spot::Stage(Mic::Held) {
                    standing.spot = Spot::Stage(Mic::Muted);
                }
            }
        };
        match self {
            Self::Raise => spot(&mut after, by, |s| if s == Spot::Audience { Spot::Hand } else { s }),
            Self::Lower => spot(&mut after, by, |s| if s == Spot::Hand { Spot::Audience } else { s }),
            Self::Accept => {
                spot(&mut after, by, |s| if s == Spot::Invited { Spot::Stage(Mic::Muted) } else { s });
            }
            Self::StepDown => spot(&mut after, by, off_the_stage),
            Self::Open => spot(&mut after, by, |_| Spot::Stage(Mic::Open)),
            Self::Close => spot(&mut after, by, |_| Spot::Stage(Mic::Muted)),
            Self::Invite => {
                spot(&mut after, to, |s| if matches!(s, Spot::Stage(_)) { s } else { Spot::Invited });
            }
            Self::Dismiss => spot(&mut after, to, |s| match s {
                Spot::Hand | Spot::Invited => Spot::Audience,
                Spot::Audience | Spot::Stage(_) => s,
            }),
            Self::Move => spot(&mut after, to, off_the_stage),
            Self::Mute => {
                spot(
                    &mut after,
                    to,
                    |s| if s == Spot::Stage(Mic::Open) { Spot::Stage(Mic::Muted) } else { s },
                );
            }
            Self::Hold => spot(&mut after, to, |_| Spot::Stage(Mic::Held)),
            Self::Release => {
                spot(
                    &mut after,
                    to,
                    |s| if s == Spot::Stage(Mic::Held) { Spot::Stage(Mic::Muted) } else { s },
                );
            }
            Self::Make => authority(&mut after, to, Authority::Moderator),
            Self::Unmake => authority(&mut after, to, Authority::Member),
            Self::HandOver => {
                let owner = room.iter().find(|(_, standing)| standing.authority == Authority::Owner);
                if let Some((owner, _)) = owner {
                    authority(&mut after, *owner, Authority::Moderator);
                }
                authority(&mut after, to, Authority::Owner);
            }
            Self::Remove => drop(after.remove(&to)),
        }
        after
    }
}

fn off_the_stage(spot: Spot) -> Spot {
    if matches!(spot, Spot::Stage(_)) { Spot::Audience } else { spot }
}
