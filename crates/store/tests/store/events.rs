//! Announced events: for whom they are there, what changes, and what the clock takes.

use protocol::Timestamp;
use protocol::event::{EventDraft, EventKind, EventNews, EventPart, EventState, Going, Repeat};
use protocol::id::{EventId, MemberId};
use protocol::limits::{EVENTS_PER_MEMBER_MAX, EVENTS_SHOWN_MAX};
use protocol::profile::Languages;
use protocol::text::{EventDescription, EventTitle, Zone};
use store::{SecretHash, StoreError};

use crate::common::{Bench, NOW, handle, hash};

const HOUR: u64 = 3_600_000;

pub(crate) fn draft(kind: EventKind) -> EventDraft {
    EventDraft {
        title: EventTitle::parse("A reading").expect("a title"),
        description: Some(EventDescription::parse("Poems.\nAnd tea.").expect("a description")),
        kind,
        languages: Languages::default(),
        start: Timestamp(NOW.0 + 2 * HOUR),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        minutes: 60,
        repeat: Repeat::Once,
        co_hosts: Vec::new(),
        speakers: Vec::new(),
    }
}

fn id(number: u8) -> EventId {
    EventId([number; 16])
}

async fn sees(bench: &Bench, who: MemberId, event: EventId) -> bool {
    let one = bench.store.event(who, event).await.is_ok();
    let all = bench.store.events(who, NOW).await.expect("read");
    assert_eq!(all.iter().any(|listed| listed.event.id == event), one, "the list and the page agree");
    one
}

#[tokio::test]
async fn an_event_is_there_for_those_it_is_for() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let [ben, cat, dan, eve] = [
        bench.join(ann, "ben").await,
        bench.join(ann, "cat").await,
        bench.join(ann, "dan").await,
        bench.join(ann, "eve").await,
    ];
    let store = &bench.store;
    store.follow(ben, &handle("dan")).await.expect("followed");
    let with =
        |kind| EventDraft { co_hosts: vec![handle("ben")], speakers: vec![handle("cat")], ..draft(kind) };
    for (number, kind) in [(1, EventKind::Closed), (2, EventKind::Social), (3, EventKind::Open)] {
        let mut named = store.announce(ann, id(number), &with(kind)).await.expect("announced");
        named.sort_unstable();
        let mut both = [ben, cat];
        both.sort_unstable();
        assert_eq!(named, both);
    }
    for (who, seen) in [
        (ann, [true, true, true]),
        (ben, [true, true, true]),
        (cat, [true, true, true]),
        (dan, [false, true, true]),
        (eve, [false, false, true]),
    ] {
        for (number, expected) in (1..).zip(seen) {
            assert_eq!(sees(&bench, who, id(number)).await, expected, "{who:?} {number}");
        }
    }
    store.block(ann, &handle("eve")).await.expect("blocked");
    assert!(!sees(&bench, eve, id(3)).await, "whom its host blocks");
    store.suspend(&handle("ben")).await.expect("suspended");
    assert!(sees(&bench, dan, id(3)).await);

    let shown = store.event(cat, id(1)).await.expect("there").event;
    let parts: Vec<_> = shown.people.iter().map(|one| (one.handle.as_str().to_owned(), one.part)).collect();
    let expected = [("ann", EventPart::Host), ("ben", EventPart::CoHost), ("cat", EventPart::Speaker)];
    assert_eq!(parts, expected.map(|(handle, part)| (handle.to_owned(), part)));
    assert_eq!((shown.my_part, shown.my_going, shown.going), (Some(EventPart::Speaker), Going::No, 0));
    store.step_back(cat, id(1)).await.expect("not named any more");
    assert!(!sees(&bench, cat, id(1)).await);
    let nobody = EventDraft { speakers: vec![handle("nobody")], ..draft(EventKind::Open) };
    assert!(matches!(store.announce(ann, id(9), &nobody).await, Err(StoreError::NotThere)));
    assert!(store.event(ann, id(9)).await.is_err(), "as a whole or not at all");
}

#[tokio::test]
async fn whoever_would_like_to_come_has_to_see_what_changed_until_they_have() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cat) = (bench.join(ann, "ben").await, bench.join(ann, "cat").await);
    let store = &bench.store;
    let first = draft(EventKind::Open);
    store.announce(ann, id(1), &first).await.expect("announced");
    store.go_to(ben, id(1)).await.expect("said");
    store.go_to(ben, id(1)).await.expect("twice is once");
    let look = async |who| store.event(who, id(1)).await.expect("there").event;
    assert_eq!((look(cat).await.going, look(ben).await.my_going), (1, Going::Yes));
    let going = store.going(ann, id(1)).await.expect("read");
    assert_eq!(going.iter().map(|one| one.handle.as_str()).collect::<Vec<_>>(), ["ben"]);

    let words = EventDraft { description: None, ..first.clone() };
    store.change_event(ann, id(1), &words).await.expect("changed");
    assert_eq!((look(ben).await.news, look(ben).await.sequence), (vec![], 1), "words are no news");
    let later = EventDraft { start: Timestamp(first.start.0 + HOUR), speakers: vec![handle("cat")], ..words };
    assert_eq!(store.change_event(ann, id(1), &later).await.expect("changed").touched, [cat]);
    assert_eq!(look(ben).await.news, [EventNews::Time, EventNews::People]);
    assert_eq!(look(cat).await.news, [EventNews::Named], "whoever is new to it is told that alone");
    store.see_event_news(ben, id(1)).await.expect("seen");
    assert!(matches!(store.change_event(ben, id(1), &later).await, Err(StoreError::NotThere)), "not Ben's");
    assert!(matches!(store.call_off(ben, id(1)).await, Err(StoreError::NotThere)));
    store.call_off(ann, id(1)).await.expect("called off");
    assert_eq!(
        (look(ben).await.news, look(ben).await.state),
        (vec![EventNews::CalledOff], EventState::CalledOff)
    );
    let shown = async |who| store.events(who, NOW).await.expect("read").len();
    let dan = bench.join(ann, "dan").await;
    assert_eq!([shown(ann).await, shown(ben).await, shown(cat).await, shown(dan).await], [1, 1, 1, 0]);
    store.stay_away(ben, id(1)).await.expect("said");
    assert_eq!(look(ben).await.going, 0);
}

#[tokio::test]
async fn the_clock_takes_who_would_come_at_the_start_and_the_event_a_day_after_its_end() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let store = &bench.store;
    let once = draft(EventKind::Open);
    store.announce(ann, id(1), &once).await.expect("announced");
    let weekly = EventDraft { repeat: Repeat::Weekly, ..once.clone() };
    store.announce(ann, id(2), &weekly).await.expect("announced");
    for event in [id(1), id(2)] {
        store.go_to(ben, event).await.expect("said");
    }
    let start = once.start.0;
    let end = start + HOUR;
    assert!(
        !store.forget_events(Timestamp(start - 1)).await.expect("nothing"),
        "nothing is written for nothing"
    );
    assert!(store.forget_events(Timestamp(start)).await.expect("done"));
    let look = async |event| store.event(ben, event).await.map(|listed| listed.event);
    assert_eq!(look(id(1)).await.map(|event| (event.going, event.my_going)).ok(), Some((0, Going::No)));
    assert_eq!(
        store.kept(ben, crate::common::session().id, crate::common::TODAY).await.expect("there").event_going,
        []
    );

    assert_eq!(store.events_that_come_again(Timestamp(end - 1)).await.expect("read"), []);
    let again = store.events_that_come_again(Timestamp(end)).await.expect("read");
    assert_eq!(again.iter().map(|over| over.id).collect::<Vec<_>>(), [id(2)]);
    let next = Timestamp(start + 7 * 24 * HOUR);
    store.move_event(&again[0], next).await.expect("moved");
    store.move_event(&again[0], Timestamp(1)).await.expect("moved by somebody else since");
    assert_eq!(look(id(2)).await.map(|event| event.start).ok(), Some(next));

    assert!(!store.forget_events(Timestamp(end + 24 * HOUR - 1)).await.expect("nothing"));
    assert!(store.forget_events(Timestamp(end + 24 * HOUR)).await.expect("done"));
    assert!(matches!(look(id(1)).await, Err(StoreError::NotThere)));
    assert!(look(id(2)).await.is_ok(), "it comes again");
    store.call_off(ann, id(2)).await.expect("called off");
    assert!(store.forget_events(Timestamp(next.0 + HOUR + 24 * HOUR)).await.expect("done"));
    assert!(look(id(2)).await.is_err(), "and not any more");
}

#[tokio::test]
async fn one_member_announces_so_many_and_no_more() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let all = (1..).take(EVENTS_PER_MEMBER_MAX + 1);
    for number in all.clone().take(EVENTS_PER_MEMBER_MAX) {
        bench.store.announce(ann, id(number), &draft(EventKind::Closed)).await.expect("announced");
    }
    let more = id(all.last().expect("one more"));
    assert!(matches!(
        bench.store.announce(ann, more, &draft(EventKind::Closed)).await,
        Err(StoreError::Full)
    ));
    bench.store.announce(ben, more, &draft(EventKind::Closed)).await.expect("Ben has announced nothing");
}

#[tokio::test]
async fn a_calendar_has_one_address_at_a_time_and_only_what_concerns_its_member() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let store = &bench.store;
    for number in 1..=3 {
        store.announce(ann, id(number), &draft(EventKind::Open)).await.expect("announced");
    }
    let spoken = EventDraft { speakers: vec![handle("ben")], ..draft(EventKind::Open) };
    store.change_event(ann, id(2), &spoken).await.expect("changed");
    store.go_to(ben, id(3)).await.expect("said");
    let (old, new): (SecretHash, SecretHash) = (hash(), hash());
    store.set_calendar(ben, old).await.expect("made");
    assert_eq!(store.calendar_of(old).await.expect("known"), ben);
    store.set_calendar(ben, new).await.expect("made");
    assert!(matches!(store.calendar_of(old).await, Err(StoreError::Spent)), "the one before is void");
    let listed = store.calendar(ben).await.expect("read");
    assert_eq!(listed.iter().map(|one| one.event.id).collect::<Vec<_>>(), [id(2), id(3)]);
    store.suspend(&handle("ben")).await.expect("suspended");
    assert!(store.calendar_of(new).await.is_err());
    store.unsuspend(&handle("ben")).await.expect("let in");
    store.drop_calendar(ben).await.expect("ended");
    assert!(store.calendar_of(new).await.is_err());
    assert!(!store.has_calendar(ben).await.expect("read"));
}

#[tokio::test]
async fn a_block_takes_both_out_of_each_others_events_and_whoever_does_not_see_one_any_more_can_still_go() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cat) = (bench.join(ann, "ben").await, bench.join(ann, "cat").await);
    let store = &bench.store;
    let with = EventDraft { speakers: vec![handle("ben")], ..draft(EventKind::Open) };
    store.announce(ann, id(1), &with).await.expect("announced");
    store.go_to(cat, id(1)).await.expect("comes");
    store.block(ann, &handle("ben")).await.expect("blocked");
    store.block(cat, &handle("ann")).await.expect("blocked");
    let shown = store.event(ann, id(1)).await.expect("there").event;
    assert_eq!((shown.people.len(), shown.going), (1, 0), "the host, and nobody else");
    assert!(!store.step_back(ben, id(1)).await.expect("nothing to take back"));
    store.stay_away(cat, id(1)).await.expect("nothing to take back");
}

#[tokio::test]
async fn of_very_many_events_somebodys_own_are_among_those_they_are_shown() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let mut number = 0;
    let mut host = ann;
    while number <= EVENTS_SHOWN_MAX {
        host = bench.join(ann, &format!("host{number}")).await;
        for _ in 0..EVENTS_PER_MEMBER_MAX {
            number += 1;
            let id = EventId(u128::try_from(number).expect("few").to_be_bytes());
            bench.store.announce(host, id, &draft(EventKind::Open)).await.expect("announced");
        }
    }
    let ben = bench.join(host, "ben").await;
    let late = EventDraft { start: Timestamp(NOW.0 + 20 * HOUR), ..draft(EventKind::Open) };
    bench.store.announce(ben, id(255), &late).await.expect("announced");
    for (who, last) in [(ben, true), (ann, false)] {
        let all = bench.store.events(who, NOW).await.expect("read");
        assert_eq!(all.len(), EVENTS_SHOWN_MAX);
        assert_eq!(all.last().map(|one| one.event.id == id(255)), Some(last));
    }
}
