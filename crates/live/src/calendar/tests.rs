use icalendar::{Calendar, CalendarComponent, Component as _, DatePerhapsTime};
use protocol::event::{EventKind, Going};
use protocol::id::EventId;
use protocol::profile::Languages;
use protocol::text::{EventDescription, EventTitle, Zone};

use super::*;

const NOW: Timestamp = Timestamp(1_795_960_800_000);

fn event(number: u8, title: &str, description: Option<&str>) -> Event {
    Event {
        id: EventId([number; 16]),
        title: EventTitle::parse(title).expect("a title"),
        description: description.map(|text| EventDescription::parse(text).expect("a description")),
        kind: EventKind::Open,
        languages: Languages::default(),
        start: Timestamp(1_796_065_200_000),
        zone: Zone::parse("Europe/Berlin").expect("a zone"),
        minutes: 90,
        repeat: Repeat::Once,
        then: Vec::new(),
        state: EventState::Announced,
        sequence: 0,
        people: Vec::new(),
        going: 3,
        my_part: None,
        my_going: Going::Yes,
        news: Vec::new(),
    }
}

/// Three that have everything a reader can stumble over.
fn events() -> Vec<Event> {
    let plain = event(1, "Poems, tea; and a back\\slash", Some("Bring: cups.\nAnd a poem, if you like."));
    let long = "Самое длинное название вечера, какое только можно придумать";
    let called_off = Event { state: EventState::CalledOff, sequence: 2, ..event(2, long, None) };
    let weekly = Event {
        repeat: Repeat::Weekly,
        then: vec![Timestamp(1_796_670_000_000), Timestamp(1_797_274_800_000)],
        sequence: 1,
        ..event(
            3,
            "🎙️ وقت الشاي",
            Some("أهلا وسهلا بكم جميعا في مجلسنا الأسبوعي، نتحدث فيه عن الكتب والسفر والطعام"),
        )
    };
    vec![plain, called_off, weekly]
}

fn written() -> String {
    let name = ServerName::parse("Kitchen, Radio").expect("a name");
    calendar(Some(&name), "https://rooms.example.org", &events(), NOW)
}

#[test]
fn a_calendar_is_what_it_was_to_whoever_reads_it() {
    assert_eq!(
        written(),
        include_str!("../../../protocol/fixtures/calendar.ics"),
        "the other reader reads the file"
    );
}

#[test]
fn lines_are_short_and_no_letter_is_cut() {
    let text = written();
    for line in text.split_terminator("\r\n") {
        assert!(line.len() <= LINE_BYTES_MAX, "{line}");
        assert!(!line.contains(['\r', '\n']), "{line}");
    }
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    assert!(text.split_terminator("\r\n").any(|line| line.starts_with(' ')), "something was folded");
}

#[test]
fn another_reader_finds_the_titles_the_times_and_what_was_called_off() {
    let read: Calendar = written().parse().expect("a calendar");
    let entries: Vec<_> = read
        .components
        .iter()
        .filter_map(|component| match component {
            CalendarComponent::Event(event) => Some(event),
            _ => None,
        })
        .collect();
    assert_eq!(entries.len(), 5, "one, one, and three times the same");
    let of = events();
    let plain = entries[0];
    let unescaped =
        |text: &str| text.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
    assert_eq!(plain.get_summary().map(unescaped).as_deref(), Some(of[0].title.as_str()));
    let said = of[0].description.as_ref().map(EventDescription::as_str);
    assert_eq!(plain.get_description().map(unescaped).as_deref(), said);
    assert_eq!(plain.get_status(), Some(icalendar::EventStatus::Confirmed));
    let starts = |index: usize| match entries[index].get_start() {
        Some(DatePerhapsTime::DateTime(icalendar::CalendarDateTime::Utc(at))) => at.timestamp_millis(),
        other => panic!("{other:?}"),
    };
    assert_eq!(starts(0), 1_796_065_200_000);
    assert_eq!(entries[1].get_summary().map(unescaped).as_deref(), Some(of[1].title.as_str()));
    assert_eq!(entries[1].get_status(), Some(icalendar::EventStatus::Cancelled));
    assert_eq!(entries[1].get_sequence(), Some(2));
    assert_eq!([2, 3, 4].map(starts), [1_796_065_200_000, 1_796_670_000_000, 1_797_274_800_000]);
    let names: std::collections::BTreeSet<_> = entries.iter().map(|entry| entry.get_uid()).collect();
    assert_eq!(names.len(), 5, "each has a name of its own");
}
