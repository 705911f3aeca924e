//! Who may do what to whom: one table. The room asks it before every command, and the client gets the same table as
//! `web/src/protocol/permissions.json`, so that it shows only what will work.

use protocol::id::ParticipantId;
use protocol::room::{Authority, RoomCommand};
use serde::Serialize;

/// What somebody does: a command without its arguments, under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "named and described as the variants of `RoomCommand`")]
pub enum Action {
    RaiseHand,
    LowerHand,
    NoteHand,
    AcceptInvitation,
    DeclineInvitation,
    StepDown,
    SetMic,
    React,
    InviteToStage,
    Dismiss,
    PinHand,
    SkipHand,
    MoveToAudience,
    Mute,
    Hold,
    Release,
    MuteAll,
    Remove,
    TimeOut,
    Ban,
    BanFromClub,
    Undo,
    Panic,
    SetDoor,
    SetHands,
    SetTitle,
    SetLine,
    PinCard,
    SetChat,
    Say,
    TakeAway,
    Widen,
    AskIn,
    MakeModerator,
    UnmakeModerator,
    HandOver,
    TakeOver,
    End,
    KeepGoing,
    Report,
    AskTalkTimes,
    CoSign,
}

/// To whom somebody does it. For `Undo` this is whoever did what is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Nobody in particular: the room, or one's own place in it.
    Room,
    /// A command about a person, about oneself.
    Myself,
    /// Somebody else.
    Other(Authority),
}

impl Action {
    /// Every action, in the order of [`RoomCommand`].
    pub const ALL: [Self; 42] = [
        Self::RaiseHand,
        Self::LowerHand,
        Self::NoteHand,
        Self::AcceptInvitation,
        Self::DeclineInvitation,
        Self::StepDown,
        Self::SetMic,
        Self::React,
        Self::InviteToStage,
        Self::Dismiss,
        Self::PinHand,
        Self::SkipHand,
        Self::MoveToAudience,
        Self::Mute,
        Self::Hold,
        Self::Release,
        Self::MuteAll,
        Self::Remove,
        Self::TimeOut,
        Self::Ban,
        Self::BanFromClub,
        Self::Undo,
        Self::Panic,
        Self::SetDoor,
        Self::SetHands,
        Self::SetTitle,
        Self::SetLine,
        Self::PinCard,
        Self::SetChat,
        Self::Say,
        Self::TakeAway,
        Self::Widen,
        Self::AskIn,
        Self::MakeModerator,
        Self::UnmakeModerator,
        Self::HandOver,
        Self::TakeOver,
        Self::End,
        Self::KeepGoing,
        Self::Report,
        Self::AskTalkTimes,
        Self::CoSign,
    ];
}

impl Target {
    /// Every target.
    pub const ALL: [Self; 6] = [
        Self::Room,
        Self::Myself,
        Self::Other(Authority::Guest),
        Self::Other(Authority::Member),
        Self::Other(Authority::Moderator),
        Self::Other(Authority::Owner),
    ];
}

/// The table. It says what somebody may ever do; whether it fits the moment is for the command to find out.
pub fn may(actor: Authority, action: Action, target: Target) -> bool {
    use Action as A;
    use Authority::{Guest, Member, Moderator, Owner};
    use Target::{Myself, Other, Room};

    let keeps_order = actor >= Moderator;
    match (action, target) {
        (
            A::RaiseHand
            | A::LowerHand
            | A::NoteHand
            | A::AcceptInvitation
            | A::DeclineInvitation
            | A::StepDown
            | A::SetMic
            | A::React
            | A::Say
            // What one wrote; whose else, the room decides, which knows who wrote what.
            | A::TakeAway
            | A::CoSign,
            Room,
        ) => true,
        // Whoever owns a room has an account.
        (A::TakeOver, Room) => actor >= Member,

        (
            A::MuteAll
            | A::Panic
            | A::SetDoor
            | A::SetHands
            | A::SetTitle
            | A::SetLine
            | A::PinCard
            | A::SetChat
            | A::AskTalkTimes
            | A::AskIn,
            Room,
        ) => keeps_order,
        // Cannot be taken back, so it is the owner's alone.
        (A::Widen | A::End | A::KeepGoing, Room) => actor == Owner,

        // An invitation touches nobody: it waits for a yes. Those who keep order come up by inviting themselves.
        (A::InviteToStage, Myself | Other(_)) => keeps_order,
        // An order in which people wait touches nobody's rights either.
        (A::PinHand | A::SkipHand, Myself | Other(_)) => keeps_order,

        (
            A::Dismiss | A::MoveToAudience | A::Mute | A::Hold | A::Release | A::Remove | A::TimeOut | A::Ban,
            Other(target),
        ) => keeps_order && target < actor,

        // Whoever keeps order in the club the room is held for, which is not an authority in the room. Whoever owns the room is
        // banned on the club's own page.
        (A::BanFromClub, Other(Member | Moderator)) => actor >= Member,

        // Moderators undo each other's removals and their own, never the owner's.
        (A::Undo, Myself) => keeps_order,
        (A::Undo, Other(remover)) => keeps_order && remover < Owner,

        // Nobody is above being reported, and nobody too small to report.
        (A::Report, Other(_)) => true,

        (A::MakeModerator, Other(Member)) | (A::UnmakeModerator, Other(Moderator)) => actor == Owner,
        // Whoever keeps order alone while the owner is gone hands over in the owner's place, or nobody would.
        (A::HandOver, Other(Member)) => keeps_order,
        (A::HandOver, Other(Moderator)) => actor == Owner,

        (_, Room | Myself | Other(Guest | Member | Moderator | Owner)) => false,
    }
}

/// Whether there is anybody to whom this actor may do it.
pub(crate) fn may_ever(actor: Authority, action: Action) -> bool {
    Target::ALL.into_iter().any(|target| may(actor, action, target))
}

/// What a command does, and to whom.
pub(crate) fn action(command: &RoomCommand) -> (Action, Option<ParticipantId>) {
    use RoomCommand as C;
    match *command {
        C::RaiseHand => (Action::RaiseHand, None),
        C::LowerHand => (Action::LowerHand, None),
        C::NoteHand { .. } => (Action::NoteHand, None),
        C::AcceptInvitation => (Action::AcceptInvitation, None),
        C::DeclineInvitation => (Action::DeclineInvitation, None),
        C::StepDown => (Action::StepDown, None),
        C::SetMic { .. } => (Action::SetMic, None),
        C::React { .. } => (Action::React, None),
        C::InviteToStage { who } => (Action::InviteToStage, Some(who)),
        C::Dismiss { who } => (Action::Dismiss, Some(who)),
        C::PinHand { who } => (Action::PinHand, Some(who)),
        C::SkipHand { who } => (Action::SkipHand, Some(who)),
        C::MoveToAudience { who } => (Action::MoveToAudience, Some(who)),
        C::Mute { who } => (Action::Mute, Some(who)),
        C::Hold { who } => (Action::Hold, Some(who)),
        C::Release { who } => (Action::Release, Some(who)),
        C::MuteAll => (Action::MuteAll, None),
        C::Remove { who } => (Action::Remove, Some(who)),
        C::TimeOut { who } => (Action::TimeOut, Some(who)),
        C::Ban { who } => (Action::Ban, Some(who)),
        C::BanFromClub { who, .. } => (Action::BanFromClub, Some(who)),
        C::Undo { who } => (Action::Undo, Some(who)),
        C::Panic => (Action::Panic, None),
        C::SetDoor { .. } => (Action::SetDoor, None),
        C::SetHands { .. } => (Action::SetHands, None),
        C::SetTitle { .. } => (Action::SetTitle, None),
        C::SetLine { .. } => (Action::SetLine, None),
        C::PinCard { .. } => (Action::PinCard, None),
        C::SetChat { .. } => (Action::SetChat, None),
        C::Say { .. } => (Action::Say, None),
        C::TakeAway { .. } => (Action::TakeAway, None),
        C::Widen { .. } => (Action::Widen, None),
        C::AskIn { .. } => (Action::AskIn, None),
        C::MakeModerator { who } => (Action::MakeModerator, Some(who)),
        C::UnmakeModerator { who } => (Action::UnmakeModerator, Some(who)),
        C::HandOver { who } => (Action::HandOver, Some(who)),
        C::TakeOver => (Action::TakeOver, None),
        C::End => (Action::End, None),
        C::KeepGoing => (Action::KeepGoing, None),
        C::Report { who, .. } => (Action::Report, Some(who)),
        C::AskTalkTimes => (Action::AskTalkTimes, None),
        C::CoSign { .. } => (Action::CoSign, None),
    }
}
