//! Hands, invitations and one's own microphone.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::id::EventId;
use protocol::limits::{HANDS_MAX, STAGE_MAX};
use protocol::room::{Authority, HandPolicy, MyMic, MyPlace, OfEvent, RoomCommand as C, RoomKind};
use rooms::{AskedAs, NewRoom, Voice};

use crate::story::{START, Story, asked, card_line, new_room, sec, story};

#[test]
fn whoever_starts_a_room_is_on_its_stage_muted() {
    let room = story();
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    assert_eq!(room.is_heard("olga"), Voice::Off);
    assert_snapshot!(card_line(room.card("anybody")), @"open [olga] 1+0");
}

#[test]
fn a_hand_goes_up_is_called_and_its_owner_arrives_muted_and_opens_by_themself() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    assert_snapshot!(room.effects(), @r"
    moderators: queue [ann]
    ann: you hand raised, 1 in line
    ");
    room.forget();

    room.at(sec(5)).invites("olga", "ann");
    assert_snapshot!(room.effects(), @r"
    card changed
    moderators: queue [ann (invited)]
    ann: you invited by olga until 65s
    ");
    room.forget();

    room.accepts("ann");
    assert_snapshot!(room.effects(), @r"
    ! voice ann off
    ? whom ann follows
    everyone: person ann muted
    moderators: queue []
    ann: you on stage muted
    everyone: facts live, unlocked open, hands everyone, 2+1 faces, epoch 0
    card changed
    ");
    assert_eq!(room.is_heard("ann"), Voice::Off);
    room.forget();

    room.opens("ann");
    assert_snapshot!(room.effects(), @r"
    ! voice ann on
    everyone: person ann open
    ann: you on stage open
    ");
    assert_eq!(room.is_heard("ann"), Voice::On);
}

#[test]
fn the_hand_raised_first_is_called_first_and_everyone_sees_their_own_place_in_line() {
    let mut room = story().listeners(["ann", "ben", "cem"]);
    room.at(sec(1)).raises_hand("ben");
    room.at(sec(1)).raises_hand("ann");
    room.at(sec(3)).raises_hand("cem");
    assert_snapshot!(room.hands(), @"ben, ann, cem");
    room.forget();
    room.does("ben", C::LowerHand);
    assert_snapshot!(room.told("ann"), @"you hand raised, 1 in line");
    assert_snapshot!(room.told("cem"), @"you hand raised, 2 in line");
}

#[test]
fn raising_a_raised_hand_changes_nothing() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.raises_hand("ben");
    room.forget();
    room.at(sec(9)).raises_hand("ann");
    assert_snapshot!(room.effects(), @"card changed");
    assert_snapshot!(room.hands(), @"ann, ben");
}

#[test]
fn an_invited_hand_keeps_its_place_in_the_queue_and_is_not_counted_in_line() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.raises_hand("ben");
    room.forget();
    room.invites("olga", "ann");
    assert_snapshot!(room.hands(), @"ann (invited), ben");
    assert_snapshot!(room.told("ben"), @"you hand raised, 1 in line");
}

#[test]
fn only_those_who_keep_order_see_the_queue() {
    let mut room = story().moderator("mo").listeners(["ann", "ben"]);
    room.raises_hand("ann");
    assert_snapshot!(room.told("ben"), @"");
    assert_snapshot!(room.told("mo"), @"queue [ann]");
    assert!(room.view("ben").queue.is_empty());
    assert_eq!(room.view("mo").queue.len(), 1);
}

#[test]
fn nobody_comes_on_stage_without_a_yes() {
    let mut room = story().listeners(["ann"]);
    room.invites("olga", "ann");
    assert_eq!(room.tries("ann", C::SetMic { mic: MyMic::Open }), Err(ErrorCode::NotNow));
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    room.forget();
    room.does("ann", C::DeclineInvitation);
    assert_snapshot!(room.told("olga"), @r"
    queue []
    notice ann declined
    ");
    assert_eq!(room.tries("ann", C::AcceptInvitation), Err(ErrorCode::NotNow));
}

#[test]
fn an_invitation_lapses_after_a_minute_and_moderators_see_it() {
    let mut room = story().listeners(["ann"]);
    room.invites("olga", "ann");
    room.forget();
    room.at(sec(59));
    assert_snapshot!(room.effects(), @"");
    room.at(sec(60));
    assert_snapshot!(room.effects(), @r"
    moderators: queue []
    ann: you in the audience, may raise a hand
    ann: notice invitation gone
    ");
    assert_eq!(room.tries("ann", C::AcceptInvitation), Err(ErrorCode::NotNow));
}

#[test]
fn an_invitation_is_not_accepted_late_even_if_nobody_looked_at_the_clock() {
    let mut room = story().listeners(["ann"]);
    room.invites("olga", "ann");
    room.now = room.now.plus(sec(60));
    assert_eq!(room.tries("ann", C::AcceptInvitation), Err(ErrorCode::NotNow));
}

#[test]
fn two_moderators_who_invite_the_same_person_make_one_invitation() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    room.at(sec(10)).invites("olga", "ann");
    room.forget();
    room.at(sec(20)).invites("mo", "ann");
    assert_snapshot!(room.effects(), @"");
    let invited = MyPlace::Invited { by: room.id("olga"), until: START.plus(sec(70)) };
    assert_eq!(room.you("ann").place, invited);
}

#[test]
fn an_invitation_can_be_taken_back_and_a_hand_put_off_until_later() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.invites("olga", "ben");
    room.forget();
    for name in ["ann", "ben"] {
        let who = room.id(name);
        room.does("olga", C::Dismiss { who });
    }
    assert_snapshot!(room.told("ann"), @r"
    you in the audience, may raise a hand
    notice hand lowered
    ");
    assert_snapshot!(room.told("ben"), @r"
    you in the audience, may raise a hand
    notice invitation gone
    ");
    assert_snapshot!(room.hands(), @"");
}

#[test]
fn whoever_finds_the_stage_full_can_try_again_while_the_invitation_stands() {
    let mut room = story().listeners(["ann"]);
    room.invites("olga", "ann");
    for n in 1..STAGE_MAX {
        let name = format!("speaker{n}");
        room.comes(&name).unwrap();
        room.comes_up(&name);
    }
    assert_eq!(room.tries("ann", C::AcceptInvitation), Err(ErrorCode::Full));
    room.comes("ben").unwrap();
    let who = room.id("ben");
    assert_eq!(room.tries("olga", C::InviteToStage { who }), Err(ErrorCode::Full));
    room.does("speaker7", C::StepDown);
    room.accepts("ann");
    assert!(room.stage().ends_with("ann muted"));
}

#[test]
fn a_queue_of_a_hundred_is_full() {
    let mut room = story();
    for n in 0..HANDS_MAX {
        let name = format!("hand{n}");
        room.comes(&name).unwrap();
        room.raises_hand(&name);
    }
    room.comes("ann").unwrap();
    assert_eq!(room.tries("ann", C::RaiseHand), Err(ErrorCode::Full));
    room.does("hand50", C::LowerHand);
    room.raises_hand("ann");
}

#[test]
fn who_keeps_order_comes_up_by_inviting_themself() {
    let mut room = story().moderator("mo");
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    room.invites("mo", "mo");
    room.accepts("mo");
    assert_snapshot!(room.stage(), @"olga (owner) muted, mo (moderator) muted");
}

#[test]
fn stepping_down_is_silence_at_once() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.does("sam", C::StepDown);
    assert_snapshot!(room.effects(), @r"
    ! voice sam audience
    everyone: person sam in audience
    sam: you in the audience, may raise a hand
    everyone: facts live, unlocked open, hands everyone, 1+2 faces, epoch 0
    card changed
    ");
    room.raises_hand("sam");
}

#[test]
fn somebody_moved_to_the_audience_is_silenced_and_told_by_whom() {
    let mut room = story().speaker("sam").moderator("mo");
    let who = room.id("sam");
    room.does("mo", C::MoveToAudience { who });
    assert_snapshot!(room.told("sam"), @r"
    ! voice audience
    person sam in audience
    you in the audience, may raise a hand
    facts live, unlocked open, hands everyone, 1+2 faces, epoch 0
    notice moved to the audience by mo
    ");
    assert_snapshot!(room.stage(), @"olga (owner) muted");
}

#[test]
fn switching_hands_off_clears_the_queue_but_invitations_stand() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.invites("olga", "ben");
    room.forget();
    room.does("olga", C::SetHands { hands: HandPolicy::Off });
    assert_snapshot!(room.told("ann"), @r"
    you in the audience
    facts live, unlocked open, hands off, 1+2 faces, epoch 0
    notice hand lowered
    ");
    assert_snapshot!(room.hands(), @"ben (invited)");
    assert_eq!(room.tries("ann", C::RaiseHand), Err(ErrorCode::NotNow));
    room.accepts("ben");
}

#[test]
fn only_those_whom_a_speaker_follows_raise_a_hand_when_it_is_set_so() {
    let mut room = story().listeners(["ann", "ben"]);
    room.raises_hand("ann");
    room.raises_hand("ben");
    room.follows("olga", &["ben"]);
    room.forget();
    room.does("olga", C::SetHands { hands: HandPolicy::FollowedBySpeakers });
    assert_snapshot!(room.hands(), @"ben");
    assert_snapshot!(room.told("ann"), @r"
    you in the audience
    facts live, unlocked open, hands followedbyspeakers, 1+2 faces, epoch 0
    notice hand lowered
    ");
    assert_eq!(room.tries("ann", C::RaiseHand), Err(ErrorCode::NotAllowed));
}

#[test]
fn who_is_followed_by_the_speakers_changes_with_the_stage() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.follows("sam", &["ann", "zoe"]);
    assert_snapshot!(room.told("olga"), @"person ann in audience, followed");
    assert!(room.view("ann").people.iter().any(|person| person.followed_by_speakers));
    room.does("olga", C::SetHands { hands: HandPolicy::FollowedBySpeakers });
    assert!(room.you("ann").may_raise_hand);
    room.forget();
    room.does("sam", C::StepDown);
    assert_snapshot!(room.told("ann"), @r"
    person sam in audience
    person ann in audience
    you in the audience
    facts live, unlocked open, hands followedbyspeakers, 1+2 faces, epoch 0
    ");
}

#[test]
fn whom_a_listener_follows_is_not_kept() {
    let mut room = story().listeners(["ann", "ben"]);
    room.follows("ben", &["ann"]);
    room.comes_up("ben");
    assert!(room.view("ann").people.iter().all(|person| !person.followed_by_speakers));
    assert!(room.effects().contains("? whom ben follows"));
}

#[test]
fn a_repeated_command_gives_the_first_answer_and_changes_nothing() {
    let mut room = story().listeners(["ann"]);
    let (raise, accept) = (room.command(), room.command());
    assert_eq!(room.repeats("ann", raise, C::RaiseHand), Ok(()));
    assert_eq!(room.repeats("ann", accept, C::AcceptInvitation), Err(ErrorCode::NotNow));
    room.does("ann", C::LowerHand);
    room.invites("olga", "ann");
    room.forget();
    assert_eq!(room.repeats("ann", raise, C::RaiseHand), Ok(()));
    assert_eq!(room.repeats("ann", accept, C::AcceptInvitation), Err(ErrorCode::NotNow), "it was answered");
    assert_snapshot!(room.effects(), @"");
    room.accepts("ann");
    // Ids are the sender's own: somebody else's command of the same id is another command.
    assert_eq!(room.repeats("olga", raise, C::SetMic { mic: MyMic::Open }), Ok(()));
    assert_eq!(room.is_heard("olga"), Voice::On);
}

#[test]
fn whoever_is_to_be_on_the_stage_of_an_event_is_asked_up_as_they_come_and_comes_up_by_a_yes_of_their_own() {
    let people =
        vec![asked("ann", AskedAs::Host), asked("ben", AskedAs::Speaker), asked("cat", AskedAs::Speaker)];
    let event = OfEvent { id: EventId([3; 16]), kind: RoomKind::Open };
    let mut room = Story::start(NewRoom { event: Some(event), ..new_room(RoomKind::Closed, people) });
    for name in ["ann", "ben"] {
        room.comes(name).unwrap();
        assert!(matches!(room.you(name).place, MyPlace::Invited { .. }), "{name}");
    }
    assert_eq!(room.you("ann").authority, Authority::Moderator);
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    room.accepts("ann");
    room.does("ben", C::DeclineInvitation);
    assert_snapshot!(room.stage(), @"olga (owner) muted, ann (moderator) muted");
    room.leaves("ben");
    room.comes("ben").unwrap();
    assert_eq!(room.you("ben").place, MyPlace::Audience, "they were asked, and said no");

    assert!(room.card("dan").is_none(), "nobody else finds the green room");
    room.does("olga", C::Widen { kind: RoomKind::Open });
    assert_eq!(room.card("dan").map(|card| card.event), Some(Some(event.id)));
    room.comes("cat").unwrap();
    assert!(matches!(room.you("cat").place, MyPlace::Invited { .. }), "late, and asked all the same");
    room.comes("dan").unwrap();
    assert_eq!(room.you("dan").place, MyPlace::Audience);
}

#[test]
fn the_doors_of_an_event_are_opened_by_whoever_keeps_order_there_and_no_other_way_than_was_announced() {
    let people = vec![asked("ann", AskedAs::Host), asked("ben", AskedAs::Speaker)];
    let event = OfEvent { id: EventId([3; 16]), kind: RoomKind::Social };
    let mut room = Story::start(NewRoom { event: Some(event), ..new_room(RoomKind::Closed, people) });
    room.comes("ann").unwrap();
    room.comes("ben").unwrap();
    // Who opened the green room may be gone by then.
    assert_eq!(room.tries("ben", C::Widen { kind: RoomKind::Social }), Err(ErrorCode::NotAllowed));
    assert_eq!(room.tries("ann", C::Widen { kind: RoomKind::Open }), Err(ErrorCode::NotAllowed));
    room.does("ann", C::Widen { kind: RoomKind::Social });
    assert_eq!(room.view("ann").facts.kind, RoomKind::Social);
    assert_eq!(
        room.tries("ann", C::Widen { kind: RoomKind::Open }),
        Err(ErrorCode::NotAllowed),
        "the owner's alone"
    );
}
