//! What hangs in the room for everybody.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::room::{Board, PinnedCard, RoomCommand as C};
use protocol::text::{CardLink, CardText, TalkTopic};

use crate::story::{Story, board_line, sec, story};

fn talks_about(about: &str) -> C {
    C::SetLine { about: TalkTopic::parse(about).ok() }
}

fn hangs_up(text: &str, link: &str) -> C {
    let card = CardText::parse(text).ok().map(|text| PinnedCard { text, link: CardLink::parse(link).ok() });
    C::PinCard { card }
}

fn board(room: &Story, name: &str) -> String {
    board_line(&room.view(name).board)
}

#[test]
fn everybody_is_told_what_is_being_talked_about_and_whoever_comes_later_sees_since_when() {
    let mut room = story().moderator("mo").listeners(["ann"]);
    room.at(sec(5)).does("mo", talks_about("how long tea draws"));
    assert_snapshot!(room.told("ann"), @r#"board "how long tea draws" since 5s, no card"#);
    room.at(sec(700)).comes("ben").expect("in");
    assert_snapshot!(board(&room, "ben"), @r#""how long tea draws" since 5s, no card"#);

    room.forget();
    room.does("olga", talks_about("how long tea draws"));
    assert_snapshot!(room.told("ann"), @r#"board "how long tea draws" since 700s, no card"#);
    room.forget();
    room.does("olga", talks_about(""));
    assert_snapshot!(room.told("ann"), @"board nothing, no card");
}

#[test]
fn a_card_hangs_until_it_is_taken_down_and_hanging_it_up_again_tells_nobody_anything() {
    let mut room = story().listeners(["ann"]);
    room.does("olga", hangs_up("the kettle", "https://example.org/tea"));
    assert_snapshot!(room.told("ann"), @r#"board nothing, card "the kettle" (https://example.org/tea)"#);
    room.forget();
    room.does("olga", hangs_up("the kettle", "https://example.org/tea"));
    assert_snapshot!(room.effects(), @"");
    room.does("olga", hangs_up("the pot", ""));
    assert_snapshot!(board(&room, "ann"), @r#"nothing, card "the pot""#);
    room.does("olga", hangs_up("", ""));
    assert_eq!(room.view("ann").board, Board::default());
}

#[test]
fn only_those_who_keep_order_write_there() {
    let mut room = story().speaker("sam").listeners(["ann"]);
    for name in ["sam", "ann"] {
        assert_eq!(room.tries(name, talks_about("tea")), Err(ErrorCode::NotAllowed));
        assert_eq!(room.tries(name, hangs_up("tea", "")), Err(ErrorCode::NotAllowed));
    }
    assert_eq!(room.view("ann").board, Board::default());
}

#[test]
fn a_room_that_is_rebuilt_has_what_hung_there_and_a_clock_that_was_set_back_makes_nothing_of_the_future() {
    let mut room = story().listeners(["ann"]);
    room.at(sec(90)).does("olga", talks_about("tea"));
    room.does("olga", hangs_up("the kettle", ""));
    let hung = board(&room, "ann");
    room.is_rebuilt();
    assert_eq!(board(&room, "ann"), hung);

    room.now = crate::story::START;
    room.is_rebuilt();
    assert_snapshot!(board(&room, "ann"), @r#""tea" since 0s, card "the kettle""#);
}
