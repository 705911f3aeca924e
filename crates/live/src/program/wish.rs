//! What a speaking program does by itself. Whoever started it said yes to being heard, so it asks once, accepts, and
//! opens its microphone when it arrives on stage. It takes back nothing that a moderator did.

use protocol::room::{Mic, MyMic, MyPlace, RoomCommand, You};

/// How far the wish to speak has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wish {
    hand: Hand,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Hand {
    #[default]
    NotRaisedYet,
    /// Once is enough: whoever lowered it meant it.
    WasRaised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Below,
    /// The microphone was opened; muted since then, it stays so until its owner comes up again.
    Arrived,
}

impl Wish {
    /// What to do, now that this is true of the program's person.
    pub(super) fn handle_you(&mut self, you: &You) -> Option<RoomCommand> {
        match you.place {
            MyPlace::Stage { mic } => {
                let before = std::mem::replace(&mut self.stage, Stage::Arrived);
                self.hand = Hand::WasRaised;
                (before == Stage::Below && mic == Mic::Muted)
                    .then_some(RoomCommand::SetMic { mic: MyMic::Open })
            }
            MyPlace::Invited { .. } => {
                self.stage = Stage::Below;
                Some(RoomCommand::AcceptInvitation)
            }
            MyPlace::HandRaised { .. } => {
                (self.hand, self.stage) = (Hand::WasRaised, Stage::Below);
                None
            }
            MyPlace::Audience => {
                self.stage = Stage::Below;
                if self.hand == Hand::WasRaised || !you.may_raise_hand {
                    return None;
                }
                self.hand = Hand::WasRaised;
                Some(RoomCommand::RaiseHand)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;
    use protocol::id::ParticipantId;
    use protocol::room::{Authority, HandNote};

    fn you(place: MyPlace) -> You {
        let (id, authority) = (ParticipantId(1), Authority::Member);
        You {
            id,
            authority,
            place,
            bans_from_club: false,
            may_raise_hand: true,
            asked_to_take_over: None,
            note: HandNote::default(),
        }
    }

    const INVITED: MyPlace = MyPlace::Invited { by: ParticipantId(2), until: Timestamp(9) };
    const RAISED: MyPlace = MyPlace::HandRaised { since: Timestamp(1), position: 1 };
    const OPEN: RoomCommand = RoomCommand::SetMic { mic: MyMic::Open };

    fn on_stage(mic: Mic) -> MyPlace {
        MyPlace::Stage { mic }
    }

    #[test]
    fn a_program_raises_its_hand_comes_up_and_speaks() {
        let mut wish = Wish::default();
        let mut sees = |place| wish.handle_you(&you(place));
        assert_eq!(sees(MyPlace::Audience), Some(RoomCommand::RaiseHand));
        assert_eq!(sees(RAISED), None);
        assert_eq!(sees(INVITED), Some(RoomCommand::AcceptInvitation));
        assert_eq!(sees(on_stage(Mic::Muted)), Some(OPEN));
        assert_eq!(sees(on_stage(Mic::Open)), None);
    }

    #[test]
    fn whoever_is_muted_held_or_released_by_a_moderator_stays_silent() {
        let mut wish = Wish::default();
        let mut sees = |place| wish.handle_you(&you(place));
        assert_eq!(sees(on_stage(Mic::Muted)), Some(OPEN));
        for mic in [Mic::Muted, Mic::Held, Mic::Muted, Mic::Open, Mic::Muted] {
            assert_eq!(sees(on_stage(mic)), None, "{mic:?}");
        }
    }

    #[test]
    fn whoever_was_sent_down_does_not_push_back_up_and_may_be_asked_again() {
        let mut wish = Wish::default();
        let mut sees = |place| wish.handle_you(&you(place));
        sees(on_stage(Mic::Muted));
        assert_eq!(sees(MyPlace::Audience), None);
        assert_eq!(sees(INVITED), Some(RoomCommand::AcceptInvitation));
        assert_eq!(sees(on_stage(Mic::Muted)), Some(OPEN));
    }

    #[test]
    fn a_hand_that_may_not_go_up_yet_goes_up_when_it_may() {
        let mut wish = Wish::default();
        let hands_off = You { may_raise_hand: false, ..you(MyPlace::Audience) };
        assert_eq!(wish.handle_you(&hands_off), None);
        assert_eq!(wish.handle_you(&you(MyPlace::Audience)), Some(RoomCommand::RaiseHand));
        assert_eq!(wish.handle_you(&you(MyPlace::Audience)), None, "lowered by a moderator");
    }
}
