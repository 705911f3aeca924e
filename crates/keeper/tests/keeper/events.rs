//! Announced events, as their hosts and others ask about them.

use std::time::{SystemTime, UNIX_EPOCH};

use keeper_api::{EventNotice, EventRequest, MemberRequest, Push, Reply, Request, SessionToken};
use protocol::event::{Event, EventDraft, EventKind, EventNews, EventState, Going, Repeat};
use protocol::id::EventId;
use protocol::limits::{EVENT_PEOPLE_MAX, EVENT_THEN_MAX, EVENT_THEN_SHOWN};
use protocol::profile::Languages;
use protocol::text::{EventTitle, Zone};
use protocol::{ErrorCode, Timestamp};

use crate::bench::{House, Live, handle};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// To the minute.
fn in_minutes(minutes: i64) -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 60;
    Timestamp(now.checked_add_signed(minutes).expect("after 1970") * MINUTE)
}

pub(crate) fn draft() -> EventDraft {
    EventDraft {
        title: EventTitle::parse("A reading").expect("a title"),
        description: None,
        kind: EventKind::Open,
        languages: Languages::default(),
        start: in_minutes(120),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        minutes: 60,
        repeat: Repeat::Once,
        co_hosts: Vec::new(),
        speakers: Vec::new(),
    }
}

fn ask(live: &mut Live, who: &SessionToken, request: EventRequest) -> Result<Reply, ErrorCode> {
    live.ask_for(who, MemberRequest::Event(request))
}

pub(crate) fn one(live: &mut Live, who: &SessionToken, request: EventRequest) -> Result<Event, ErrorCode> {
    match ask(live, who, request)? {
        Reply::Event(event) => Ok(*event),
        other => panic!("{other:?}"),
    }
}

fn list(live: &mut Live, who: &SessionToken) -> Vec<Event> {
    match ask(live, who, EventRequest::List) {
        Ok(Reply::Events(events)) => events,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_announced_is_refused_by_its_reason() {
    let mut house = House::of("ann");
    let (ann, live) = (&house.owner.session, &mut house.live);
    let nowhere = Zone::parse("Europe/Nowhere").expect("a name");
    let crowd: Vec<_> = (0..EVENT_PEOPLE_MAX).map(|n| handle(&format!("guest{n}"))).collect();
    for (wrong, why) in [
        (EventDraft { start: in_minutes(-2), ..draft() }, ErrorCode::StartPast),
        (EventDraft { start: in_minutes(500 * 24 * 60), ..draft() }, ErrorCode::StartFar),
        (EventDraft { start: Timestamp(draft().start.0 + 1), ..draft() }, ErrorCode::Malformed),
        (EventDraft { minutes: 4, ..draft() }, ErrorCode::Malformed),
        (EventDraft { minutes: 24 * 60 + 1, ..draft() }, ErrorCode::Malformed),
        (EventDraft { zone: nowhere, ..draft() }, ErrorCode::BadZone),
        (EventDraft { speakers: vec![handle("nobody")], ..draft() }, ErrorCode::PersonGone),
        (EventDraft { speakers: crowd, ..draft() }, ErrorCode::Full),
    ] {
        assert_eq!(one(live, ann, EventRequest::Announce(wrong)), Err(why));
    }
    for _ in 0..20 {
        one(live, ann, EventRequest::Announce(draft())).expect("announced");
    }
    assert_eq!(one(live, ann, EventRequest::Announce(draft())), Err(ErrorCode::EventsFull));
    let unknown = EventId([7; 16]);
    assert_eq!(one(live, ann, EventRequest::Look { event: unknown }), Err(ErrorCode::NotThere));
    house.server.stop();
}

#[test]
fn who_would_like_to_come_is_named_to_hosts_alone_and_told_what_changes() {
    let mut house = House::of("ann");
    let (ben, cat) = (house.join("ben"), house.join("cat"));
    let (ann, live) = (house.owner.session.clone(), &mut house.live);
    let first = EventDraft { co_hosts: vec![handle("ben")], ..draft() };
    let event = one(live, &ann, EventRequest::Announce(first.clone())).expect("announced").id;
    assert!(live.pushes.contains(&Push::EventsChanged), "every page asks again");
    let host = handle("ann");
    let elsewhere = move |notice| Push::EventNotice { event, host: host.clone(), notice, to: Vec::new() };
    let names = |push: &Push| matches!(push, Push::EventNotice { notice: EventNotice::Named, to, .. } if to.len() == 1);
    assert!(live.pushes.iter().any(names), "and who is named hears of it");
    let go = EventRequest::Go { event, going: Going::Yes };
    assert_eq!(one(live, &cat.session, go).expect("said").going, 1);
    let who = EventRequest::WhoComes { event };
    for (host, shown) in [(&ann, true), (&ben.session, true), (&cat.session, false)] {
        match ask(live, host, who.clone()) {
            Ok(Reply::Profiles(all)) if shown => assert_eq!(all[0].handle, handle("cat")),
            Err(ErrorCode::NotAllowed) if !shown => {}
            other => panic!("{other:?}"),
        }
    }
    let later = EventDraft { start: in_minutes(180), ..first };
    let change = EventRequest::Change { event, draft: later };
    assert_eq!(
        one(live, &ben.session, change.clone()),
        Err(ErrorCode::NotAllowed),
        "a co-host opens, and that is all"
    );
    one(live, &ann, change).expect("changed");
    assert_eq!(list(live, &cat.session)[0].news, [EventNews::Time]);
    assert!(live.pushes.contains(&elsewhere(EventNotice::Changed)));
    assert!(!live.pushes.contains(&elsewhere(EventNotice::Off)));
    assert_eq!(one(live, &cat.session, EventRequest::SeeNews { event }).expect("seen").news, []);
    assert_eq!(one(live, &cat.session, EventRequest::CallOff { event }), Err(ErrorCode::NotThere));
    let off = one(live, &ann, EventRequest::CallOff { event }).expect("called off");
    assert_eq!(
        (off.state, one(live, &ann, EventRequest::CallOff { event }).map(|event| event.sequence)),
        (EventState::CalledOff, Ok(off.sequence))
    );
    assert_eq!(list(live, &cat.session)[0].news, [EventNews::CalledOff]);
    assert!(live.pushes.contains(&elsewhere(EventNotice::Off)));
    let again = EventRequest::Go { event, going: Going::Yes };
    assert_eq!(one(live, &ben.session, again), Err(ErrorCode::NotNow));
    house.server.stop();
}

#[test]
fn what_has_begun_takes_nobody_more_and_its_words_can_still_be_put_right() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let (ann, live) = (house.owner.session.clone(), &mut house.live);
    let now = EventDraft { start: in_minutes(0), ..draft() };
    let event = one(live, &ann, EventRequest::Announce(now.clone())).expect("this minute goes on").id;
    let go = EventRequest::Go { event, going: Going::Yes };
    assert_eq!(one(live, &ben.session, go), Err(ErrorCode::NotNow));
    let title = EventTitle::parse("Another reading").expect("a title");
    let words = EventDraft { title: title.clone(), ..now };
    assert_eq!(
        one(live, &ann, EventRequest::Change { event, draft: words }).map(|event| event.title),
        Ok(title)
    );
    assert_eq!(ask(live, &ann, EventRequest::WhoComes { event }), Err(ErrorCode::NotAllowed));
    house.server.stop();
}

#[test]
fn what_repeats_says_its_next_times_and_a_calendar_is_given_more_of_them() {
    let mut house = House::of("ann");
    let (ann, live) = (house.owner.session.clone(), &mut house.live);
    let weekly = EventDraft { repeat: Repeat::Weekly, ..draft() };
    let shown = one(live, &ann, EventRequest::Announce(weekly)).expect("announced");
    assert_eq!(shown.then.len(), EVENT_THEN_SHOWN);
    let apart = shown.then[0].0 - shown.start.0;
    assert!(
        [-1i64, 0, 1]
            .iter()
            .any(|hour| apart == (7 * 24 * HOUR).checked_add_signed(hour * HOUR as i64).expect("weeks"))
    );
    let Ok(Reply::Calendar(secret)) = ask(live, &ann, EventRequest::MakeCalendar) else {
        panic!("no address")
    };
    assert_eq!(ask(live, &ann, EventRequest::HasCalendar), Ok(Reply::Done));
    let calendar = Request::Calendar { secret };
    match live.ask(calendar.clone()) {
        Ok(Reply::Events(events)) => assert_eq!((events.len(), events[0].then.len()), (1, EVENT_THEN_MAX)),
        other => panic!("{other:?}"),
    }
    assert_eq!(ask(live, &ann, EventRequest::DropCalendar), Ok(Reply::Done));
    assert_eq!(live.ask(calendar), Err(ErrorCode::LinkSpent));
    assert_eq!(ask(live, &ann, EventRequest::HasCalendar), Err(ErrorCode::NotThere));
    house.server.stop();
}
