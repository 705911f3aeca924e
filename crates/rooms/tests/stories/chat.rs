//! What people write to the room.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::limits::{CHAT_EACH, CHAT_MESSAGES_MAX, CHAT_PERIOD_MAX, CHAT_SLOW_EACH};
use protocol::room::{Chat, ChatId, LeftReason, RoomCommand as C};
use protocol::text::ChatText;

use crate::story::{Story, chat_line, sec, story};

fn says(text: &str) -> C {
    C::Say { text: ChatText::parse(text).expect("a text") }
}

fn writing() -> Story {
    let mut room = story().moderator("mo").listeners(["ann", "ben"]);
    room.does("mo", C::SetChat { chat: Chat::On });
    room.forget();
    room
}

/// What somebody who comes in finds.
fn found(room: &Story, name: &str) -> String {
    chat_line(&room.view(name).chat, &[])
}

#[test]
fn nobody_writes_before_somebody_who_keeps_order_says_so() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    assert_eq!(room.view("ann").facts.chat, Chat::Off);
    for name in ["ann", "mo", "olga"] {
        assert_eq!(room.tries(name, says("hello")), Err(ErrorCode::NotNow));
    }
    assert_eq!(room.tries("ann", C::SetChat { chat: Chat::On }), Err(ErrorCode::NotAllowed));
    room.does("mo", C::SetChat { chat: Chat::On });
    room.forget();
    room.does("ann", says("hello"));
    assert_snapshot!(room.told("olga"), @"chat ann: hello");
    assert_eq!(room.told("ann"), room.told("olga"), "whoever wrote it, too");
}

#[test]
fn the_first_is_told_at_once_and_what_follows_within_a_second_together() {
    let mut room = writing();
    room.does("ann", says("one"));
    room.does("ben", says("two"));
    room.does("olga", says("three"));
    assert_snapshot!(room.told("mo"), @"chat ann: one");
    room.forget();
    room.wait(sec(1));
    assert_snapshot!(room.told("mo"), @"chat ben: two, olga: three");
    room.comes("cem").expect("in");
    assert_snapshot!(found(&room, "cem"), @"ann: one, ben: two, olga: three");
}

#[test]
fn one_person_writes_a_sentence_at_a_time_and_in_a_slow_room_a_thought() {
    let mut room = writing();
    room.does("ann", says("one"));
    assert_eq!(room.tries("ann", says("two")), Err(ErrorCode::TooMany));
    room.wait(CHAT_EACH);
    room.does("ann", says("two"));

    room.does("mo", C::SetChat { chat: Chat::Slow });
    room.wait(CHAT_EACH);
    assert_eq!(room.tries("ann", says("three")), Err(ErrorCode::TooMany));
    room.does("mo", says("slowly, please"));
    room.wait(CHAT_EACH);
    room.does("mo", says("thank you"));
    room.wait(CHAT_SLOW_EACH);
    room.does("ann", says("three"));
}

#[test]
fn a_crowd_that_writes_is_told_no_more_than_can_be_read() {
    let mut room = writing();
    let names: Vec<String> = (0..2 * CHAT_PERIOD_MAX).map(|n| format!("p{n}")).collect();
    for name in &names {
        room.comes(name).expect("in");
    }
    let taken = names.iter().filter(|name| room.tries(name, says("me too")).is_ok()).count();
    assert_eq!(taken, 1 + CHAT_PERIOD_MAX, "the first, and those that wait");
}

#[test]
fn what_somebody_wrote_is_taken_away_by_themselves_and_by_those_above_them() {
    let mut room = writing();
    for name in ["ann", "mo", "olga"] {
        room.does(name, says("hello"));
        room.wait(CHAT_EACH);
    }
    room.forget();
    let [of_ann, of_mo, of_olga] = [0, 1, 2].map(|id| C::TakeAway { message: ChatId(id) });
    assert_eq!(room.tries("ben", of_ann.clone()), Err(ErrorCode::NotAllowed));
    assert_eq!(room.tries("ann", of_mo.clone()), Err(ErrorCode::NotAllowed));
    assert_eq!(room.tries("mo", of_olga.clone()), Err(ErrorCode::NotAllowed));
    room.does("mo", of_ann.clone());
    assert_snapshot!(room.told("ben"), @"chat 0 is gone");
    room.wait(sec(1));
    room.does("olga", of_mo);
    room.does("olga", of_olga);
    room.wait(sec(1));
    assert_snapshot!(found(&room, "ben"), @"");
    room.does("mo", of_ann);
}

#[test]
fn what_somebody_wrote_goes_with_them_however_they_go() {
    let mut room = writing();
    room.does("ann", says("hello"));
    room.wait(CHAT_EACH);
    room.does("ben", says("I sell things"));
    room.wait(CHAT_EACH);
    room.forget();
    room.removes("mo", "ben");
    assert_snapshot!(found(&room, "olga"), @"ann: hello");
    room.wait(sec(1));
    room.leaves("ann");
    room.wait(sec(1));
    assert_snapshot!(found(&room, "olga"), @"");
    assert!(room.told("olga").contains("chat 1 is gone"), "{}", room.told("olga"));
    assert!(room.told("olga").contains("chat 0 is gone"), "{}", room.told("olga"));
}

#[test]
fn whoever_goes_before_their_word_was_told_has_said_nothing() {
    let mut room = writing();
    room.does("ann", says("one"));
    room.does("ben", says("two"));
    room.leaves("ben");
    room.forget();
    room.wait(sec(1));
    assert!(!room.told("olga").contains("chat"), "{}", room.told("olga"));
}

#[test]
fn off_takes_everything_away_and_on_begins_anew() {
    let mut room = writing();
    room.does("ann", says("hello"));
    room.does("mo", C::SetChat { chat: Chat::Off });
    assert_snapshot!(found(&room, "ben"), @"");
    assert_eq!(room.tries("ann", says("hello")), Err(ErrorCode::NotNow));
    room.does("mo", C::SetChat { chat: Chat::On });
    room.does("ann", says("again"));
    room.wait(sec(1));
    assert_snapshot!(found(&room, "ben"), @"ann: again");
}

#[test]
fn the_room_remembers_as_far_as_anybody_scrolls_back() {
    let mut room = writing();
    for n in 0..CHAT_MESSAGES_MAX + 5 {
        room.does("ann", says(&format!("word {n}")));
        room.wait(CHAT_EACH);
    }
    let chat = room.view("ben").chat;
    assert_eq!(chat.len(), CHAT_MESSAGES_MAX);
    assert_eq!(chat.first().map(|one| one.text.as_str()), Some("word 5"));
}

#[test]
fn a_message_that_is_repeated_after_a_torn_line_was_written_once_and_nothing_of_it_is_committed() {
    let mut room = writing();
    let kept = room.kept.clone();
    let once = room.command();
    assert_eq!(room.repeats("ann", once, says("hello")), Ok(()));
    assert_eq!(room.repeats("ann", once, says("hello")), Ok(()));
    room.wait(sec(1));
    assert_snapshot!(found(&room, "ben"), @"ann: hello");
    assert_eq!(room.kept, kept);

    room.is_rebuilt();
    assert_eq!(room.view("ben").facts.chat, Chat::On, "whether people write is kept");
    assert_snapshot!(found(&room, "ben"), @"");
}

#[test]
fn whoever_was_removed_writes_nothing_any_more() {
    let mut room = writing();
    let ann: ParticipantId = room.id("ann");
    room.room.handle_leave(room.now, ann, LeftReason::Left);
    room.after();
    let (now, id) = (room.now, room.command());
    assert_eq!(room.room.handle_command(now, ann, id, says("hello")), Err(ErrorCode::NotThere));
    room.after();
}
