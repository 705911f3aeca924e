//! What a key means, where one is.

use client::visit::Scene;
use protocol::room::{Mic, MyMic, MyPlace, RoomCommand};

/// What is done about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    Wish(RoomCommand),
    Leave,
    /// It cannot be done, and why.
    Say(&'static str),
    Nothing,
}

/// Whether there is anything to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    There,
    None,
}

pub(super) fn act(key: u8, scene: &Scene, voice: Voice) -> Act {
    let place = scene.room.my_place();
    match (key.to_ascii_lowercase(), place) {
        (b'q', _) => Act::Leave,
        (b'm', MyPlace::Stage { mic }) => mic_key(mic, voice),
        (b'm', _) => Act::Say("Your microphone is on when you are on stage."),
        (b'h', MyPlace::Audience) if !scene.room.view().you.may_raise_hand => {
            Act::Say("Hands cannot be raised now.")
        }
        (b'h', MyPlace::Audience) => wish(RoomCommand::RaiseHand),
        (b'h', MyPlace::HandRaised { .. }) => wish(RoomCommand::LowerHand),
        (b'h', MyPlace::Stage { .. }) => wish(RoomCommand::StepDown),
        (b'a', MyPlace::Invited { .. }) => wish(RoomCommand::AcceptInvitation),
        (b'd', MyPlace::Invited { .. }) => wish(RoomCommand::DeclineInvitation),
        (b'a' | b'd', _) => Act::Say("Nobody asks you to the stage."),
        _ => Act::Nothing,
    }
}

fn mic_key(mic: Mic, voice: Voice) -> Act {
    match (mic, voice) {
        (Mic::Open, _) => wish(RoomCommand::SetMic { mic: MyMic::Muted }),
        (Mic::Held, _) => Act::Say("A moderator holds your microphone."),
        (Mic::Muted, Voice::None) => Act::Say("There is nothing to say: begin with --play."),
        (Mic::Muted, Voice::There) => wish(RoomCommand::SetMic { mic: MyMic::Open }),
    }
}

fn wish(command: RoomCommand) -> Act {
    Act::Wish(command)
}

/// The keys that do something here, for the last line.
pub(super) fn help(place: MyPlace) -> &'static str {
    match place {
        MyPlace::Audience => "h raise your hand   q leave",
        MyPlace::HandRaised { .. } => "h lower your hand   q leave",
        MyPlace::Invited { .. } => "a come to the stage   d not now   q leave",
        MyPlace::Stage { mic: Mic::Open } => "m mute   h step down   q leave",
        MyPlace::Stage { mic: Mic::Muted } => "m open the microphone   h step down   q leave",
        MyPlace::Stage { mic: Mic::Held } => "h step down   q leave",
    }
}

#[cfg(test)]
mod tests {
    use protocol::Timestamp;

    use super::super::scenes::{ANN, at, scene, view};
    use super::*;

    const HAND_UP: MyPlace = MyPlace::HandRaised { since: Timestamp(0), position: 2 };
    const INVITED: MyPlace = MyPlace::Invited { by: ANN, until: Timestamp(0) };

    fn on_stage(mic: Mic) -> MyPlace {
        MyPlace::Stage { mic }
    }

    #[test]
    fn a_key_does_what_one_can_do_here() {
        let told = |key, place| act(key, &at(place), Voice::There);
        assert_eq!(told(b'h', MyPlace::Audience), wish(RoomCommand::RaiseHand));
        assert_eq!(told(b'H', HAND_UP), wish(RoomCommand::LowerHand));
        assert_eq!(told(b'h', on_stage(Mic::Muted)), wish(RoomCommand::StepDown));
        assert_eq!(told(b'a', INVITED), wish(RoomCommand::AcceptInvitation));
        assert_eq!(told(b'd', INVITED), wish(RoomCommand::DeclineInvitation));
        assert_eq!(told(b'm', on_stage(Mic::Muted)), wish(RoomCommand::SetMic { mic: MyMic::Open }));
        assert_eq!(told(b'm', on_stage(Mic::Open)), wish(RoomCommand::SetMic { mic: MyMic::Muted }));
        assert_eq!(told(b'q', INVITED), Act::Leave);
        assert_eq!(told(b'\n', MyPlace::Audience), Act::Nothing);
    }

    #[test]
    fn what_cannot_be_done_here_is_said_and_not_sent() {
        let told = |key, place| act(key, &at(place), Voice::There);
        for (key, place) in [
            (b'm', MyPlace::Audience),
            (b'm', on_stage(Mic::Held)),
            (b'a', HAND_UP),
            (b'd', MyPlace::Audience),
        ] {
            assert!(matches!(told(key, place), Act::Say(_)), "{key} {place:?}");
        }
        let mute = act(b'm', &at(on_stage(Mic::Muted)), Voice::None);
        assert!(matches!(mute, Act::Say(_)), "an open microphone with nothing behind it is a lie");
        let mut locked = view();
        locked.you.may_raise_hand = false;
        assert!(matches!(act(b'h', &scene(locked), Voice::There), Act::Say(_)));
    }
}
