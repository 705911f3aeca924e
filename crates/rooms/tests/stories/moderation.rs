//! Keeping order.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::limits::{BANNED_MAX, TIME_OUT_PERIOD};
use protocol::room::{Chat, Door, MyMic, RoomCommand as C, RoomKind};
use protocol::text::ChatText;
use rooms::{Blocked, Found, Joined, Part, Refused, Voice};

use crate::story::{Story, card_line, member, sec, story, story_of};

#[test]
fn a_muted_speaker_is_not_heard_and_may_open_again() {
    let mut room = story().speaker("sam").moderator("mo").listeners(["ann"]);
    let who = room.id("sam");
    room.does("mo", C::Mute { who });
    assert_snapshot!(room.effects(), @r"
    ! voice sam off
    everyone: person sam muted
    sam: you on stage muted
    sam: notice muted by mo
    ");
    assert_eq!(room.is_heard("sam"), Voice::Off);
    room.opens("sam");
    assert_eq!(room.is_heard("sam"), Voice::On);
}

#[test]
fn a_held_speaker_cannot_open_and_a_released_one_is_muted() {
    let mut room = story().speaker("sam");
    room.holds("olga", "sam");
    assert_snapshot!(room.told("sam"), @r"
    ! voice off
    person sam held
    you on stage held
    notice held by olga
    ");
    for mic in [MyMic::Open, MyMic::Muted] {
        assert_eq!(room.tries("sam", C::SetMic { mic }), Err(ErrorCode::NotNow));
    }
    let who = room.id("sam");
    room.does("olga", C::Mute { who });
    assert_snapshot!(room.stage(), @"olga (owner) muted, sam held");
    room.forget();
    room.does("olga", C::Release { who });
    assert_snapshot!(room.told("sam"), @r"
    person sam muted
    you on stage muted
    notice released by olga
    ");
    assert_eq!(room.is_heard("sam"), Voice::Off);
}

#[test]
fn a_hold_survives_a_lost_line_and_another_device() {
    let mut room = story().speaker("sam");
    room.holds("olga", "sam");
    room.loses_the_line("sam");
    room.is_back("sam");
    assert_eq!(room.tries("sam", C::SetMic { mic: MyMic::Open }), Err(ErrorCode::NotNow));
    room.comes("sam").unwrap();
    assert_snapshot!(room.stage(), @"olga (owner) muted, sam held");
}

#[test]
fn muting_all_leaves_those_who_keep_order() {
    let mut room = story().speaker("sam").speaker("sue").moderator("mo").speaker("mo");
    room.opens("olga");
    room.holds("olga", "sue");
    room.forget();
    room.does("mo", C::MuteAll);
    assert_snapshot!(room.stage(), @"olga (owner) open, sam muted, sue held, mo (moderator) open");
    assert_snapshot!(room.told("sam"), @r"
    ! voice off
    person sam muted
    you on stage muted
    notice muted by mo
    ");
    assert_snapshot!(room.told("sue"), @"person sam muted");
}

#[test]
fn a_removed_person_is_cut_off_before_anybody_hears_of_it() {
    let mut room = story().speaker("sam").moderator("mo").listeners(["ann"]);
    room.heard([Some("sam"), None, None]);
    room.forget();
    room.removes("mo", "sam");
    assert_snapshot!(room.effects(), @r"
    ! voice sam audience
    ! cut sam removed
    everyone but sam: gone sam
    everyone: facts live, unlocked open, hands everyone, 1+2 faces, epoch 1
    everyone: slots - - -
    moderators: notice sam removed by mo, undo until 10s
    card changed
    ");
}

#[test]
fn a_removed_person_comes_back_on_no_device_until_asked_in_again() {
    let mut room = story().moderator("mo").listeners(["eve"]);
    room.removes("mo", "eve");
    room.wait(sec(11));
    assert_eq!(room.comes("eve"), Err(Refused::NotThere));
    assert_eq!(room.card("eve"), None);
    assert_eq!(room.asks("mo", &["eve"]), Ok(()));
    assert_snapshot!(card_line(room.card("eve")), @"open [olga] 1+1, asked by mo");
    assert!(matches!(room.comes("eve"), Ok(Joined::New(_))));
}

#[test]
fn who_was_sent_out_for_a_time_is_told_not_yet_and_comes_back_when_it_is_over() {
    let mut room = story().moderator("mo").listeners(["eve", "ann"]);
    room.forget();
    room.times_out("mo", "eve");
    assert_snapshot!(room.effects(), @r"
    ! cut eve timeout
    everyone but eve: gone eve
    everyone: facts live, unlocked open, hands everyone, 1+2 faces, epoch 1
    moderators: notice eve removed by mo, undo until 10s, back at 600s
    card changed
    ");
    room.at(TIME_OUT_PERIOD - sec(1));
    assert_eq!(room.comes("eve"), Err(Refused::NotYet));
    assert_eq!(room.card("eve"), None, "the hallway does not show what one cannot enter");
    room.forget();
    room.at(TIME_OUT_PERIOD);
    assert_snapshot!(room.effects(), @"card changed");
    assert_snapshot!(card_line(room.card("eve")), @"open [olga] 1+2");
    assert!(matches!(room.comes("eve"), Ok(Joined::New(_))));
}

#[test]
fn a_time_out_outlives_a_crash_and_goes_on_where_it_was() {
    let mut room = story().listeners(["eve"]);
    room.times_out("olga", "eve");
    room.at(sec(500));
    room.is_rebuilt();
    room.is_back("olga");
    assert_eq!(room.comes("eve"), Err(Refused::NotYet));
    room.at(TIME_OUT_PERIOD);
    room.comes("eve").unwrap();
}

#[test]
fn who_was_asked_into_a_closed_room_is_still_asked_when_their_time_is_over() {
    let mut room = story_of(RoomKind::Closed, &["eve", "mo"]).moderator("mo").listeners(["eve"]);
    room.times_out("olga", "mo");
    room.times_out("olga", "eve");
    room.at(TIME_OUT_PERIOD);
    room.comes("eve").unwrap();
    room.comes("mo").unwrap();
    assert_eq!(room.you("mo").authority, protocol::room::Authority::Member, "and nothing else");
}

#[test]
fn a_moderator_lets_somebody_back_before_their_time_is_over_by_asking_them_in() {
    let mut room = story_of(RoomKind::Closed, &["eve"]).listeners(["eve"]);
    room.times_out("olga", "eve");
    room.wait(sec(60));
    assert_eq!(room.comes("eve"), Err(Refused::NotYet));
    assert_eq!(room.asks("olga", &["eve"]), Ok(()));
    room.comes("eve").unwrap();
}

#[test]
fn who_is_sent_out_for_a_time_learns_of_no_block_by_it() {
    let mut room = story().listeners(["eve", "ann"]);
    let olga = room.id("olga");
    let eve = Blocked { people: [member("eve")].into(), ..Blocked::default() };
    room.room.handle_blocks(room.now, olga, eve);
    room.after();
    for name in ["eve", "ann"] {
        room.times_out("olga", name);
        assert_eq!(room.comes(name), Err(Refused::NotYet));
    }
}

#[test]
fn a_banned_person_cannot_even_be_asked_in() {
    let mut room = story().listeners(["eve", "ann"]);
    room.bans("olga", "eve");
    room.wait(sec(11));
    assert_eq!(room.asks("olga", &["eve"]), Err(ErrorCode::NotAllowed));
    assert_eq!(room.asks("olga", &["zoe", "eve"]), Err(ErrorCode::NotAllowed), "all or none");
    assert_eq!(room.view("olga").asked, []);
    assert_eq!(room.comes("eve"), Err(Refused::NotThere));
}

#[test]
fn a_removal_is_undone_within_ten_seconds_and_gives_back_the_right_to_come_back() {
    let mut room = story().moderator("mo").speaker("mo").listeners(["ann"]);
    let who = room.bans("olga", "mo");
    room.wait(sec(9));
    room.forget();
    room.does("olga", C::Undo { who });
    assert_snapshot!(room.effects(), @r"
    moderators: notice mo may come back
    card changed
    ");
    room.comes("mo").unwrap();
    assert_snapshot!(room.stage(), @"olga (owner) muted");
    assert_eq!(room.you("mo").authority, protocol::room::Authority::Member, "and nothing else");
}

#[test]
fn after_ten_seconds_nothing_is_undone() {
    let mut room = story().listeners(["eve"]);
    let who = room.removes("olga", "eve");
    room.now = room.now.plus(sec(10));
    assert_eq!(room.tries("olga", C::Undo { who }), Err(ErrorCode::NotNow));
    assert_eq!(room.comes("eve"), Err(Refused::NotThere));
}

#[test]
fn the_name_of_somebody_removed_is_forgotten_when_nothing_can_be_undone_any_more() {
    let mut room = story().listeners(["eve"]);
    room.removes("olga", "eve");
    let core = |room: &Story| room.kept[&Part::Core].clone();
    let holds_name = |bytes: Vec<u8>| bytes.windows(4).any(|window| window == b"\x03eve");
    assert!(holds_name(core(&room)));
    room.wait(sec(10));
    assert!(!holds_name(core(&room)));
}

#[test]
fn what_the_owner_did_only_the_owner_undoes() {
    let mut room = story().moderator("mo").moderator("may").listeners(["eve", "ann"]);
    let eve = room.removes("olga", "eve");
    let ann = room.removes("may", "ann");
    assert_eq!(room.tries("mo", C::Undo { who: eve }), Err(ErrorCode::NotAllowed));
    room.does("mo", C::Undo { who: ann });
    room.does("olga", C::Undo { who: eve });
}

#[test]
fn somebody_let_back_into_a_closed_room_is_asked_in_again() {
    let mut room = story_of(RoomKind::Closed, &["eve"]).listeners(["eve"]);
    let who = room.removes("olga", "eve");
    assert_eq!(room.found("eve"), Found::NotThere);
    room.forget();
    room.does("olga", C::Undo { who });
    assert_snapshot!(room.effects(), @r"
    moderators: asked [eve]
    moderators: notice eve may come back
    card changed
    ");
    assert_snapshot!(card_line(room.card("eve")), @"closed [olga] 1+0, asked by olga");
    room.comes("eve").unwrap();
}

#[test]
fn a_removal_never_fails_for_lack_of_space_and_bans_are_kept_longest() {
    let mut room = story().listeners(["eve"]);
    room.bans("olga", "eve");
    for n in 0..BANNED_MAX {
        let name = format!("p{n}");
        room.comes(&name).unwrap();
        room.removes("olga", &name);
        room.now = room.now.plus(sec(11));
    }
    assert_eq!(room.found("p0"), Found::There, "the oldest removal gave way");
    assert_eq!(room.found("p1"), Found::NotThere);
    assert_eq!(room.found("eve"), Found::NotThere);
}

#[test]
fn every_removal_begins_a_new_epoch() {
    let mut room = story().listeners(["eve", "ann"]);
    room.removes("olga", "eve");
    room.bans("olga", "ann");
    assert_eq!(room.view("olga").facts.epoch, 2);
}

#[test]
fn one_press_holds_all_but_those_who_keep_order_clears_the_queue_and_locks_the_door() {
    let mut room = story().speaker("sam").moderator("mo").speaker("mo").listeners(["ann", "ben", "cem"]);
    room.opens("olga");
    room.raises_hand("ann");
    room.invites("olga", "ben");
    room.forget();
    room.does("mo", C::Panic);
    assert_snapshot!(room.effects(), @r"
    ! voice sam off
    everyone: person sam held
    moderators: queue []
    sam: you on stage held
    ann: you in the audience
    ben: you in the audience
    cem: you in the audience
    everyone: facts live, locked open, hands off, 3+3 faces, epoch 0
    everyone: notice panic by mo
    card changed
    ");
    assert_snapshot!(room.stage(), @"olga (owner) open, sam held, mo (moderator) open");
    assert_snapshot!(room.hands(), @"");
    assert_eq!(room.comes("eve"), Err(Refused::Locked));
    assert_eq!(room.tries("cem", C::RaiseHand), Err(ErrorCode::NotNow));
}

#[test]
fn one_press_ends_the_chat_too_and_nothing_of_it_is_left() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    room.does("mo", C::SetChat { chat: Chat::On });
    let text = ChatText::parse("again and again").expect("a text");
    room.does("ann", C::Say { text });
    room.wait(sec(1));
    assert_eq!(room.view("mo").chat.len(), 1);
    room.does("mo", C::Panic);
    assert_eq!((room.view("mo").facts.chat, room.view("mo").chat.len()), (Chat::Off, 0));
}

#[test]
fn after_a_panic_everything_is_given_back_one_by_one() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    room.does("olga", C::Panic);
    let who = room.id("sam");
    room.does("olga", C::Release { who });
    room.does("olga", C::SetDoor { door: Door::Unlocked });
    room.does("olga", C::SetHands { hands: protocol::room::HandPolicy::Everyone });
    room.opens("sam");
    room.raises_hand("ann");
    room.comes("eve").unwrap();
}

#[test]
fn whoever_is_not_on_stage_cannot_be_muted_or_held() {
    let mut room = story().listeners(["ann"]);
    let who = room.id("ann");
    for command in [C::Mute { who }, C::Hold { who }, C::Release { who }] {
        assert_eq!(room.tries("olga", command), Err(ErrorCode::NotNow));
    }
}

#[test]
fn nobody_is_in_a_slot_who_was_silenced_a_moment_ago() {
    let mut room = story().speaker("sam").speaker("sue");
    room.heard([Some("sam"), Some("sue"), None]);
    room.forget();
    room.holds("olga", "sam");
    assert_snapshot!(room.told("sue"), @r"
    person sam held
    slots - sue -
    ");
    // A report that was under way.
    room.forget();
    room.heard([Some("sam"), Some("sue"), None]);
    assert_snapshot!(room.effects(), @"");
}
