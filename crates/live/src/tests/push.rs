//! Who is told of what while no page of theirs is open: the process, with the end of the one that calls out in our hands.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use keeper_api::{EventNotice, SessionToken};
use outbound_api::{Answer, Letter, Outcome, Reading, Writing, split};
use protocol::company::Availability;
use protocol::push::{ClockOffset, MinuteOfDay, Quiet, Switch, Wishes};
use protocol::room::{RoomCommand, RoomKind};
use protocol::socket::{ClientMessage, Looking};
use protocol::text::Handle;
use tokio::time::timeout;

use super::client::{Client, request_as, room};
use super::house::House;
use crate::limits::EVENT_TOLD_MAX;
use crate::push::seal::Browser;

/// Longer than a bell takes to ring for a few people: what has not come by then does not.
const A_WHILE: Duration = Duration::from_millis(700);
/// What comes comes by then.
const PATIENCE: Duration = Duration::from_secs(20);

struct Told {
    house: Rc<House>,
    browsers: BTreeMap<String, Browser>,
    letters: Reading<Letter>,
    answers: Writing<Answer>,
}

impl Told {
    fn new() -> Self {
        let mut house = House::new();
        let (letters, answers) = split(house.calls_out()).expect("an end");
        Self { house: Rc::new(house), browsers: BTreeMap::new(), letters, answers }
    }

    /// Somebody with a browser that is told.
    fn member(&mut self, who: &str, wishes: Wishes) -> SessionToken {
        let token = self.house.keeper.member(who);
        let browser = Browser::new();
        self.house.keeper.browser(who, &format!("https://push.example.org/{who}"), browser.keys(), wishes);
        self.browsers.insert(who.to_owned(), browser);
        token
    }

    /// The same, and they have rung Ann's bell.
    fn rings(&mut self, who: &str, wishes: Wishes) -> SessionToken {
        let token = self.member(who, wishes);
        self.house.keeper.ring(who, "ann");
        token
    }

    /// Whose browser is told what next, if any soon is; answered so.
    /// The next one, however long that takes on a machine where much else is done.
    async fn next(&mut self, outcome: Outcome) -> (String, String) {
        let letter = timeout(PATIENCE, self.letters.next()).await.expect("in time").expect("a letter");
        self.take(letter, outcome).await
    }

    /// The next one, if there is one before long.
    async fn soon(&mut self, outcome: Outcome) -> Option<(String, String)> {
        let letter = timeout(A_WHILE, self.letters.next()).await.ok()?.expect("a letter");
        Some(self.take(letter, outcome).await)
    }

    async fn take(&mut self, letter: Letter, outcome: Outcome) -> (String, String) {
        self.answers.send(&Answer { number: letter.number, outcome }).await.expect("sent");
        let who = letter.address.get().rsplit('/').next().expect("an address").to_owned();
        assert!(letter.proof.get().starts_with("vapid t="));
        let said = self.browsers[&who].open(letter.body.get()).expect("for that browser");
        (who, said)
    }

    /// All that are told now, in the order of their names.
    async fn all(&mut self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        while let Some(one) = self.soon(Outcome::Delivered).await {
            all.push(one);
        }
        all.sort();
        all
    }
}

fn bell(who: &str) -> (String, String) {
    (who.to_owned(), r#"{"kind":"bell","from":"ann"}"#.to_owned())
}

fn ask(who: &str) -> (String, String) {
    (who.to_owned(), r#"{"kind":"ask","from":"ann"}"#.to_owned())
}

/// Since ten minutes, for twenty more.
fn quiet_now() -> Wishes {
    let minute = |minute: u16| MinuteOfDay::try_from(minute).expect("of a day");
    let now = u16::try_from(crate::clock::by_the_wall().0 / 60_000 % 1_440).expect("of a day");
    let quiet = Quiet {
        from: minute((now + 1_430) % 1_440),
        until: minute((now + 20) % 1_440),
        zone: ClockOffset::try_from(0).expect("a zone"),
    };
    Wishes { quiet: Some(quiet), ..Wishes::default() }
}

/// At a page that lies in front.
async fn looks(house: &House, token: &SessionToken) -> Client {
    let mut page = Client::hello(house, token).await;
    page.say(&ClientMessage::Looking { now: Looking::Here }).await;
    // Whatever was said before is heard once this is answered.
    page.done(|request| ClientMessage::Available { request, to: Availability::Off }).await.expect("done");
    page
}

#[tokio::test]
async fn who_rang_somebodys_bell_is_told_of_their_room_once_and_nobody_else_is() {
    let mut told = Told::new();
    let ann = told.member("ann", Wishes::default());
    told.rings("ben", Wishes::default());
    told.rings("cleo", Wishes { bells: Switch::Off, ..Wishes::default() });
    told.rings("dan", quiet_now());
    told.member("eve", Wishes::default());
    let fay = told.rings("fay", Wishes::default());
    let mut fay = looks(&told.house, &fay).await;
    let mut ann = Client::hello(&told.house, &ann).await;
    ann.start_room(room(RoomKind::Open, &[])).await;
    assert_eq!(told.all().await, [bell("ben")]);

    fay.say(&ClientMessage::Looking { now: Looking::Away }).await;
    ann.say(&ClientMessage::Leave).await;
    ann.start_room(room(RoomKind::Open, &[])).await;
    assert_eq!(told.all().await, [], "a bell does not ring again and again");
}

#[tokio::test]
async fn of_an_event_those_are_told_who_look_at_no_page_and_not_without_end() {
    let mut told = Told::new();
    told.member("ben", Wishes::default());
    told.member("cleo", Wishes { events: Switch::Off, ..Wishes::default() });
    told.member("dan", quiet_now());
    let eve = told.member("eve", Wishes::default());
    let eve = looks(&told.house, &eve).await;
    let said = |kind: &str| ("ben".to_owned(), format!(r#"{{"kind":"{kind}","from":"ann"}}"#));
    for (notice, kind) in [
        (EventNotice::Named, "event_named"),
        (EventNotice::Changed, "event_changed"),
        (EventNotice::Soon, "event_soon"),
        (EventNotice::Off, "event_off"),
    ] {
        told.house.keeper.push_event_notice("ann", notice, &[]);
        assert_eq!(told.all().await, [said(kind)]);
    }
    for _ in 1..EVENT_TOLD_MAX {
        told.house.keeper.push_event_notice("ann", EventNotice::Changed, &[]);
        assert_eq!(told.all().await, [said("event_changed")], "a time that is put right");
    }
    told.house.keeper.push_event_notice("ann", EventNotice::Changed, &[]);
    assert_eq!(told.all().await, [], "who changes an event again and again is not told of each time");
    told.house.keeper.push_event_notice("ann", EventNotice::Named, &["dan"]);
    assert_eq!(told.all().await, [], "who was named before is not asked again");
    told.house.keeper.push_event_notice("ann", EventNotice::Named, &["ben"]);
    assert_eq!(told.all().await, [said("event_named")]);
    drop(eve);
}

#[tokio::test]
async fn the_doors_of_a_closed_room_ring_the_bell_when_they_open() {
    let mut told = Told::new();
    let ann = told.member("ann", Wishes::default());
    told.rings("ben", Wishes::default());
    let mut ann = Client::hello(&told.house, &ann).await;
    ann.start_room(room(RoomKind::Closed, &[])).await;
    assert_eq!(told.all().await, []);
    ann.command(RoomCommand::Widen { kind: RoomKind::Open }).await.expect("the doors are open");
    assert_eq!(told.all().await, [bell("ben")]);
}

#[tokio::test]
async fn of_a_closed_room_nobody_is_told_who_was_not_asked() {
    let mut told = Told::new();
    let ann = told.member("ann", Wishes::default());
    told.rings("ben", Wishes::default());
    told.rings("cleo", Wishes::default());
    told.member("dan", Wishes { asks: Switch::Off, ..Wishes::default() });
    told.member("eve", Wishes::default());
    let mut ann = Client::hello(&told.house, &ann).await;
    ann.start_room(room(RoomKind::Closed, &["cleo", "dan"])).await;
    assert_eq!(told.all().await, [ask("cleo")], "and who was asked is told that, once");
    let handles = vec![Handle::parse("eve").expect("a handle"), Handle::parse("cleo").expect("a handle")];
    ann.command(RoomCommand::AskIn { handles }).await.expect("asked");
    assert_eq!(told.all().await, [ask("eve")]);
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_one_that_is_busy_is_tried_again() {
    let mut told = Told::new();
    let ann = told.member("ann", Wishes::default());
    told.rings("ben", Wishes::default());
    let mut ann = Client::hello(&told.house, &ann).await;
    ann.start_room(room(RoomKind::Open, &[])).await;
    assert_eq!(told.next(Outcome::Later { seconds: 0 }).await, bell("ben"));
    assert_eq!(told.next(Outcome::Gone).await, bell("ben"));
    assert_eq!(told.soon(Outcome::Gone).await, None);
    assert_eq!(told.house.keeper.browsers(), 1, "that of Ann");
}

#[tokio::test]
async fn a_letter_waits_for_the_next_process_that_calls_out_where_one_dies_over_it() {
    let mut told = Told::new();
    let ann = told.member("ann", Wishes::default());
    told.rings("ben", Wishes::default());
    let mut ann = Client::hello(&told.house, &ann).await;
    ann.start_room(room(RoomKind::Open, &[])).await;
    told.letters.next().await.expect("a letter");
    let (letters, answers) = split(Rc::get_mut(&mut told.house).expect("ours").calls_out()).expect("an end");
    (told.letters, told.answers) = (letters, answers);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(told.next(Outcome::Delivered).await, bell("ben"));
}

#[tokio::test]
async fn somebody_sees_one_at_their_own_device_and_hears_what_came_of_it() {
    let mut told = Told::new();
    let ben = told.member("ben", quiet_now());
    let eve = told.house.keeper.member("eve");
    let house = Rc::clone(&told.house);
    for (outcome, expected) in [
        (Outcome::Delivered, "\"sent\""),
        (Outcome::Refused, "\"failed\""),
        (Outcome::Later { seconds: 9 }, "\"failed\""),
        (Outcome::Gone, "\"not_here\""),
    ] {
        let (answer, letter) =
            tokio::join!(request_as(&house, &ben, "POST /api/v1/push/trial", ""), told.next(outcome));
        let said = r#"{"kind":"trial","from":null}"#.to_owned();
        assert_eq!(letter, ("ben".to_owned(), said), "whatever the hour");
        assert_eq!((answer.status, String::from_utf8_lossy(&answer.body).as_ref()), (200, expected));
    }
    let answer = request_as(&told.house, &eve, "POST /api/v1/push/trial", "").await;
    assert_eq!(String::from_utf8_lossy(&answer.body), "\"not_here\"", "who has none is told so");
}
