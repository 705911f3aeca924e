//! Guests: who gives a seat away, who takes it, and what becomes of it.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told is a failed test")]

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::guest::{GuestPass, GuestState};
use protocol::id::{GuestSecret, RoomId, SeatId};
use protocol::limits::{GUEST_LINK_PERIOD, GUESTS_MAX};
use protocol::room::{Authority, MyPlace, RoomCommand as C, RoomKind};
use protocol::text::DisplayName;
use rooms::{Found, Held, Refused, Who};

use crate::story::{Story, sec, story, story_of, who};

const LINK: u8 = 1;
/// The page that comes first.
const PAGE: u8 = 1;
const OTHER_PAGE: u8 = 2;

fn pass(link: u8, page: u8) -> GuestPass {
    let [link, page] = [link, page].map(|byte| GuestSecret([byte; 16]));
    GuestPass { room: RoomId([7; 16]), link, page }
}

fn called(name: &str) -> DisplayName {
    DisplayName::parse(name).unwrap()
}

fn seat(name: &str) -> SeatId {
    match who(name) {
        Who::Guest(seat) => seat,
        Who::Member(_) => panic!("{name} has an account"),
    }
}

impl Story {
    fn gives(&mut self, by: &str, guest: &str, link: u8) -> Result<(), ErrorCode> {
        let link = GuestSecret([link; 16]);
        let given = self.room.handle_give_seat(self.now, who(by), seat(guest), &link, called(guest));
        self.after();
        given.map(drop)
    }

    fn takes(&mut self, link: u8, page: u8, name: &str) -> Result<Held, ErrorCode> {
        let held = self.room.handle_take_seat(self.now, &pass(link, page), called(name));
        self.after();
        held
    }

    fn takes_back(&mut self, by: &str, guest: &str) -> Result<(), ErrorCode> {
        let taken = self.room.handle_take_seat_back(self.now, who(by), seat(guest));
        self.after();
        taken
    }

    /// What whoever gave them is told that their guests are called.
    fn names(&self, by: &str) -> Vec<Option<DisplayName>> {
        self.room.given_seats(self.now, who(by)).unwrap().into_iter().map(|link| link.name).collect()
    }

    fn states(&self, by: &str) -> Vec<GuestState> {
        self.room.given_seats(self.now, who(by)).unwrap().into_iter().map(|link| link.state).collect()
    }

    /// A closed room of olga's with a guest in it.
    fn with_guest() -> Self {
        let mut room = story_of(RoomKind::Closed, &[]);
        room.gives("olga", "guest", LINK).unwrap();
        room.takes(LINK, PAGE, "guest").unwrap();
        room.comes("guest").unwrap();
        room
    }
}

#[test]
fn a_guest_comes_by_a_link_and_is_asked_to_the_stage_by_who_is_there() {
    let mut room = story_of(RoomKind::Closed, &[]);
    room.gives("olga", "guest", LINK).unwrap();
    assert_eq!(room.found("guest"), Found::NotThere, "nobody is let in by a link that nobody took up");
    let shown = room.room.look_at_seat(room.now, &pass(LINK, PAGE)).unwrap();
    assert_eq!((shown.name, shown.guest_of.as_str()), (Some(called("guest")), "olga"));
    assert_eq!(room.states("olga"), [GuestState::Open]);

    let held = room.takes(LINK, PAGE, "guest").unwrap();
    assert_eq!(held.seat, seat("guest"));
    room.comes("guest").unwrap();
    assert_eq!(room.states("olga"), [GuestState::Here]);
    let you = room.you("guest");
    assert_eq!(you.authority, Authority::Guest);
    assert!(matches!(you.place, MyPlace::Invited { .. }), "{:?}", you.place);
    room.does("guest", C::AcceptInvitation);
    assert_eq!(room.room.guest_of(who("guest")).unwrap().as_str(), "olga");
}

#[test]
fn the_first_page_that_takes_a_link_up_has_it_and_a_second_is_told_so() {
    let mut room = Story::with_guest();
    assert_eq!(room.room.look_at_seat(room.now, &pass(LINK, OTHER_PAGE)), Err(ErrorCode::NotNow));
    assert_eq!(room.takes(LINK, OTHER_PAGE, "guest"), Err(ErrorCode::NotNow));
    // The first may come again, as often as its page is loaded, as the same device.
    let first = room.takes(LINK, PAGE, "guest").unwrap();
    assert_eq!(room.takes(LINK, PAGE, "guest").unwrap(), first);
    room.leaves("guest");
    assert_eq!(room.states("olga"), [GuestState::Away]);
    assert_eq!(room.takes(LINK, OTHER_PAGE, "guest"), Err(ErrorCode::NotNow), "also while nobody sits there");
    room.takes(LINK, PAGE, "guest").unwrap();
    room.comes("guest").unwrap();
}

#[test]
fn a_guest_may_correct_what_they_are_called() {
    let mut room = story();
    room.gives("olga", "guest", LINK).unwrap();
    assert_eq!(room.takes(LINK, PAGE, "Dr Guest").unwrap().name.as_str(), "Dr Guest");
}

#[test]
fn what_a_guest_is_called_is_known_while_they_are_expected_or_here_and_no_longer() {
    let mut room = story();
    room.gives("olga", "guest", LINK).unwrap();
    room.gives("olga", "guest2", 2).unwrap();
    room.gives("olga", "guest3", 3).unwrap();
    assert_eq!(room.names("olga"), ["guest", "guest2", "guest3"].map(|name| Some(called(name))));
    room.takes(LINK, PAGE, "guest").unwrap();
    room.comes("guest").unwrap();
    room.takes_back("olga", "guest2").unwrap();
    assert_eq!(room.names("olga"), [Some(called("guest")), None, Some(called("guest3"))]);
    room.leaves("guest");
    assert_eq!(room.room.look_at_seat(room.now, &pass(LINK, PAGE)).unwrap().name, None);
    // Nobody has to do anything for the rest to be forgotten.
    let lapses = room.now.plus(GUEST_LINK_PERIOD);
    room.wait(GUEST_LINK_PERIOD);
    assert!(room.room.poll_timeout().is_none_or(|next| next > lapses), "it woke up for that");
    assert_eq!(room.names("olga"), [None, None, None]);
    let kept = format!("{:?}", room.room);
    assert!(!["guest2", "guest3"].iter().any(|name| kept.contains(name)), "{kept}");
}

#[test]
fn a_link_that_was_taken_back_leads_nowhere_and_whoever_came_by_it_is_out() {
    let mut room = story_of(RoomKind::Closed, &[]);
    room.gives("olga", "guest", LINK).unwrap();
    room.takes_back("olga", "guest").unwrap();
    assert_eq!(room.takes(LINK, PAGE, "guest"), Err(ErrorCode::LinkSpent));

    let mut room = Story::with_guest();
    room.does("guest", C::AcceptInvitation);
    room.forget();
    room.takes_back("olga", "guest").unwrap();
    assert_snapshot!(room.effects(), @r"
    ! voice guest audience
    ! cut guest removed
    everyone but guest: gone guest
    everyone: facts live, unlocked closed, hands everyone, 1+0 faces, epoch 1
    card changed
    ");
    assert_eq!(room.states("olga"), [GuestState::TakenBack]);
    assert_eq!(room.comes("guest"), Err(Refused::NotThere));
    assert_eq!(room.takes(LINK, PAGE, "guest"), Err(ErrorCode::LinkSpent));
}

#[test]
fn a_removal_that_is_undone_does_not_bring_back_whose_link_was_taken_back() {
    let mut room = Story::with_guest();
    let removed = room.removes("olga", "guest");
    assert_eq!(room.comes("guest"), Err(Refused::NotThere));
    room.takes_back("olga", "guest").unwrap();
    assert_eq!(room.tries("olga", C::Undo { who: removed }), Err(ErrorCode::NotNow));
    assert_eq!(room.found("guest"), Found::NotThere);
}

#[test]
fn whoever_is_banned_does_not_come_back_by_their_link() {
    let mut room = Story::with_guest();
    room.bans("olga", "guest");
    room.takes(LINK, PAGE, "guest").unwrap();
    assert_eq!(room.comes("guest"), Err(Refused::NotThere));
    room.wait(sec(700));
    assert_eq!(room.comes("guest"), Err(Refused::NotThere));
}

#[test]
fn seats_are_given_and_taken_back_by_those_who_keep_order_each_their_own() {
    let mut room = story().listeners(["ann"]).moderator("mo");
    assert_eq!(room.gives("ann", "guest", LINK), Err(ErrorCode::NotAllowed));
    assert_eq!(room.gives("eve", "guest", LINK), Err(ErrorCode::NotThere), "who is not here");
    room.gives("mo", "guest", LINK).unwrap();
    assert_eq!(room.takes_back("ann", "guest"), Err(ErrorCode::NotThere), "it is none of hers");
    assert_eq!(room.states("olga"), []);
    assert_eq!(room.room.given_seats(room.now, who("eve")), Err(ErrorCode::NotThere));
    // Whoever lost their part lets nobody in by what they gave before, and takes back what nobody took up.
    room.does("olga", C::UnmakeModerator { who: room.id("mo") });
    assert_eq!(room.takes(LINK, PAGE, "guest"), Err(ErrorCode::LinkSpent));
    room.takes_back("mo", "guest").unwrap();
}

#[test]
fn whoever_may_remove_a_guest_takes_any_seat_back() {
    let mut room = story().moderator("mo");
    room.gives("mo", "guest", LINK).unwrap();
    room.gives("olga", "guest2", 2).unwrap();
    room.takes(LINK, PAGE, "guest").unwrap();
    room.comes("guest").unwrap();
    room.takes_back("olga", "guest").unwrap();
    room.takes_back("mo", "guest2").unwrap();
    assert_eq!(room.takes(LINK, PAGE, "guest"), Err(ErrorCode::LinkSpent));
    assert_eq!(room.takes(2, PAGE, "guest2"), Err(ErrorCode::LinkSpent));
}

#[test]
fn whoever_lost_their_part_ends_no_visit_that_they_gave() {
    let mut room = story().moderator("mo");
    room.gives("mo", "guest", LINK).unwrap();
    room.takes(LINK, PAGE, "guest").unwrap();
    room.comes("guest").unwrap();
    room.does("olga", C::UnmakeModerator { who: room.id("mo") });
    assert_eq!(room.takes_back("mo", "guest"), Err(ErrorCode::NotAllowed));
    assert_eq!(room.states("mo"), [GuestState::Here]);
}

#[test]
fn nobody_takes_a_seat_back_from_outside_the_room_nor_learns_that_it_is_there() {
    let mut room = story().moderator("mo").moderator("max");
    room.gives("mo", "guest", LINK).unwrap();
    room.gives("max", "guest2", 2).unwrap();
    room.takes(LINK, PAGE, "guest").unwrap();
    room.comes("guest").unwrap();
    room.leaves("mo");
    room.bans("olga", "max");
    for (by, guest) in [("mo", "guest"), ("max", "guest2"), ("eve", "guest")] {
        assert_eq!(room.takes_back(by, guest), Err(ErrorCode::NotThere), "{by}");
    }
    assert!(room.room.seat(who("guest")).is_some(), "and the guest stays");
}

#[test]
fn a_link_lapses_and_whoever_took_it_up_in_time_stays() {
    let mut room = story();
    room.gives("olga", "guest", LINK).unwrap();
    room.gives("olga", "guest2", 2).unwrap();
    room.takes(LINK, PAGE, "guest").unwrap();
    room.wait(GUEST_LINK_PERIOD);
    assert_eq!(room.takes(2, PAGE, "guest2"), Err(ErrorCode::LinkSpent));
    assert_eq!(room.states("olga"), [GuestState::Away, GuestState::Lapsed]);
    room.takes(LINK, PAGE, "guest").unwrap();
}

#[test]
fn links_outlive_a_crash_with_the_room_and_not_the_room() {
    let mut room = Story::with_guest();
    room.gives("olga", "guest2", 2).unwrap();
    let held = room.takes(LINK, PAGE, "guest").unwrap();
    room.is_rebuilt();
    room.is_back("olga");
    assert_eq!(room.takes(LINK, PAGE, "guest").unwrap(), held, "the same seat, on the same device");
    assert_eq!(room.takes(LINK, OTHER_PAGE, "guest"), Err(ErrorCode::NotNow));
    room.takes(2, OTHER_PAGE, "guest2").unwrap();
    room.leaves("guest");
    room.leaves("olga");
    assert!(room.kept.is_empty(), "nothing is kept of a room that is over");
    assert_eq!(room.takes(LINK, PAGE, "guest"), Err(ErrorCode::LinkSpent));
    assert_eq!(room.gives("olga", "guest3", 3), Err(ErrorCode::NotThere));
}

#[test]
fn nobody_knows_a_link_by_another_and_there_are_so_many() {
    let mut room = story();
    let many = u8::try_from(GUESTS_MAX).unwrap();
    for link in 0..many {
        room.gives("olga", &format!("guest{link}"), link).unwrap();
    }
    assert_eq!(room.gives("olga", "guest", many), Err(ErrorCode::Full));
    // One that leads nowhere any more takes nobody's place.
    room.takes_back("olga", "guest0").unwrap();
    room.gives("olga", "guest", many).unwrap();
    assert_eq!(room.states("olga"), vec![GuestState::Open; GUESTS_MAX]);
    room.takes_back("olga", "guest").unwrap();
    assert_eq!(room.takes(many, PAGE, "guest"), Err(ErrorCode::LinkSpent));
    assert_eq!(room.takes(2, PAGE, "guest").unwrap().seat, seat("guest2"));
}
