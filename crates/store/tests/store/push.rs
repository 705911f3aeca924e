//! Who is told of what, and where.

use protocol::Timestamp;
use protocol::event::{EventDraft, EventKind, EventNews};
use protocol::id::{EventId, MemberId, SessionId};
use protocol::push::{PushKind, Switch, Wishes};
use store::{Day, EventChange, EventNotice, PushDevice, StoreError};

use crate::common::{Bench, TODAY, handle, session};
use crate::events::draft;

async fn session_of(bench: &Bench, who: MemberId) -> SessionId {
    bench.store.sessions_of(who, session().id, TODAY).await.expect("read")[0].id
}

/// Somebody whose browser is told, and who rang Ann's bell.
async fn rings(bench: &Bench, ann: MemberId, who: &str) -> MemberId {
    let id = bench.join(ann, who).await;
    bench.store.follow(id, &handle("ann")).await.expect("followed");
    bench.store.set_bell(id, &handle("ann"), Switch::On).await.expect("rung");
    let session = session_of(bench, id).await;
    bench.store.set_device(session, &format!("https://push.example.org/{who}"), &[7; 81]).await.expect("set");
    id
}

fn endpoints(found: &[PushDevice]) -> Vec<&str> {
    let mut all: Vec<&str> = found.iter().filter_map(|device| device.endpoint.rsplit('/').next()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn those_who_rang_a_bell_are_found_page_by_page_until_they_hush_it_unfollow_block_or_are_signed_out() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let mut all = Vec::new();
    for who in ["ben", "cat", "dan", "eve", "fay"] {
        all.push(rings(&bench, ann, who).await);
    }
    let found = bench.store.whose_bell(ann, None, TODAY, 9).await.expect("read");
    assert_eq!(endpoints(&found), ["ben", "cat", "dan", "eve", "fay"]);
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = bench.store.whose_bell(ann, after, TODAY, 2).await.expect("read");
        let Some(last) = page.last() else { break };
        after = Some(last.session);
        paged.extend(page);
    }
    assert_eq!(paged, found, "each once");
    bench.store.set_bell(all[0], &handle("ann"), Switch::Off).await.expect("hushed");
    bench.store.unfollow(all[1], &handle("ann")).await.expect("unfollowed");
    bench.store.block(all[2], &handle("ann")).await.expect("blocked");
    bench.store.end_session(all[3], session_of(&bench, all[3]).await).await.expect("signed out");
    let found = bench.store.whose_bell(ann, None, TODAY, 9).await.expect("read");
    assert_eq!(endpoints(&found), ["fay"]);
    let later = bench.store.whose_bell(ann, None, Day(TODAY.0 + 181), 9).await.expect("read");
    assert_eq!(endpoints(&later), [""; 0], "sessions end by themselves");
}

#[tokio::test]
async fn a_bell_is_rung_of_whom_one_follows_and_is_silent_when_they_are_followed_anew() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let refused = bench.store.set_bell(ben, &handle("ann"), Switch::On).await;
    assert!(matches!(refused, Err(StoreError::NotAllowed)));
    let bell = async || bench.store.profile_page(ben, &handle("ann"), TODAY).await.expect("there").bell;
    bench.store.follow(ben, &handle("ann")).await.expect("followed");
    assert!(!bell().await, "nobody asked for it");
    bench.store.set_bell(ben, &handle("ann"), Switch::On).await.expect("rung");
    assert!(bell().await);
    bench.store.unfollow(ben, &handle("ann")).await.expect("unfollowed");
    assert!(!bell().await);
    bench.store.set_bell(ben, &handle("ann"), Switch::Off).await.expect("it is off");
    bench.store.follow(ben, &handle("ann")).await.expect("followed");
    assert!(!bell().await);
}

#[tokio::test]
async fn a_browser_belongs_to_whoever_named_it_last_and_goes_with_its_session() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = rings(&bench, ann, "ben").await;
    let cat = bench.join(ann, "cat").await;
    let (of_ben, of_cat) = (session_of(&bench, ben).await, session_of(&bench, cat).await);
    bench.store.set_device(of_cat, "https://push.example.org/ben", &[8; 81]).await.expect("set");
    let count = async |who, session| bench.store.pushed(who, session).await.expect("read").devices;
    assert_eq!((count(ben, of_ben).await, count(cat, of_cat).await), (0, 1));
    assert_eq!(bench.store.device_gone(of_cat, "https://push.example.org/other").await.expect("read"), None);
    let gone = bench.store.device_gone(of_cat, "https://push.example.org/ben").await.expect("read");
    assert_eq!((gone, count(cat, of_cat).await), (Some(cat), 0));
}

#[tokio::test]
async fn whoever_says_nothing_wants_everything_and_one_thing_is_turned_off_by_itself() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let session = session_of(&bench, ann).await;
    let wishes = async || bench.store.pushed(ann, session).await.expect("read").wishes;
    assert_eq!(wishes().await, Wishes::default());
    bench.store.turn_off(ann, PushKind::Ask).await.expect("off");
    assert_eq!(wishes().await, Wishes { asks: Switch::Off, ..Wishes::default() });
    bench.store.turn_off(ann, PushKind::Trial).await.expect("nothing to do");
    bench.store.turn_off(ann, PushKind::Bell).await.expect("off");
    assert_eq!(wishes().await, Wishes { asks: Switch::Off, bells: Switch::Off, ..Wishes::default() });
}

#[tokio::test]
async fn of_an_event_those_are_told_whom_it_concerns_and_of_news_those_who_have_not_seen_them() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let mut all = Vec::new();
    for who in ["ben", "cat", "dan", "eve"] {
        all.push(rings(&bench, ann, who).await);
    }
    let own = session_of(&bench, ann).await;
    bench.store.set_device(own, "https://push.example.org/ann", &[7; 81]).await.expect("set");
    let event = EventId([1; 16]);
    let told = async |notice| {
        endpoints(&bench.store.devices_for_event(event, notice, None, TODAY, 9).await.expect("read"))
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let first = EventDraft { speakers: vec![handle("ben")], ..draft(EventKind::Open) };
    bench.store.announce(ann, event, &first).await.expect("announced");
    bench.store.go_to(all[1], event).await.expect("would like to");
    assert_eq!(told(EventNotice::Soon).await, ["ann", "ben", "cat"], "and nobody else");
    assert_eq!(told(EventNotice::Named).await, ["ben"]);
    assert_eq!(told(EventNotice::Changed).await, [""; 0]);
    bench.store.see_event_news(all[0], event).await.expect("seen");
    assert_eq!(told(EventNotice::Named).await, [""; 0]);

    let later = Timestamp(first.start.0 + 60_000);
    let second = EventDraft { start: later, speakers: vec![handle("ben"), handle("dan")], ..first.clone() };
    let EventChange { touched, named, changed } =
        bench.store.change_event(ann, event, &second).await.expect("changed");
    assert_eq!((touched.len(), named, changed), (2, vec![all[2]], true));
    assert_eq!(told(EventNotice::Changed).await, ["ben", "cat"]);
    assert_eq!(told(EventNotice::Named).await, ["dan"], "who was named before is not named again");
    let of_ben = bench.store.event(all[0], event).await.expect("there").event;
    assert_eq!(of_ben.news, [EventNews::Time, EventNews::People], "whoever is named has it to see");
    let same = bench.store.change_event(ann, event, &second).await.expect("nothing changed");
    assert_eq!((same.named, same.changed), (vec![], false));

    // Who would like to come and is named is told that, and nothing of other people; nor whoever steps back.
    bench.store.see_event_news(all[1], event).await.expect("seen");
    let third = EventDraft { speakers: vec![handle("ben"), handle("dan"), handle("cat")], ..second.clone() };
    assert_eq!(bench.store.change_event(ann, event, &third).await.expect("changed").named, [all[1]]);
    assert_eq!(bench.store.event(all[1], event).await.expect("there").event.news, [EventNews::Named]);
    bench.store.see_event_news(all[1], event).await.expect("seen");
    assert!(bench.store.step_back(all[1], event).await.expect("not named any more"));
    assert_eq!(bench.store.event(all[1], event).await.expect("there").event.news, []);

    // Not there for them any more.
    bench.store.block(ann, &handle("cat")).await.expect("blocked");
    assert_eq!(told(EventNotice::Changed).await, ["ben", "dan"]);
    assert_eq!(told(EventNotice::Soon).await, ["ann", "ben", "dan"]);
    bench.store.call_off(ann, event).await.expect("called off");
    assert_eq!(told(EventNotice::Off).await, ["ben", "dan"]);
    let paged = bench.store.devices_for_event(event, EventNotice::Off, None, TODAY, 1).await.expect("read");
    let rest = bench
        .store
        .devices_for_event(event, EventNotice::Off, Some(paged[0].session), TODAY, 9)
        .await
        .expect("read");
    assert_eq!((paged.len(), rest.len()), (1, 1), "page by page");
}

#[tokio::test]
async fn what_begins_within_a_time_is_found_once_and_what_was_called_off_is_not() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let first = draft(EventKind::Open);
    for number in [1, 2] {
        bench.store.announce(ann, EventId([number; 16]), &first).await.expect("announced");
    }
    bench.store.call_off(ann, EventId([2; 16])).await.expect("called off");
    let ms = |by: i64| Timestamp(first.start.0.checked_add_signed(by).expect("a time"));
    let found = async |after, until| {
        let found = bench.store.events_between(ms(after), ms(until)).await.expect("read");
        found.into_iter().map(|(id, host)| (id.0[0], host)).collect::<Vec<_>>()
    };
    assert_eq!(found(-10_000, -1).await, []);
    assert_eq!(found(-1, 0).await, [(1, handle("ann"))]);
    assert_eq!(found(0, 10_000).await, []);
}
