//! Events as calendar programs read them (RFC 5545): text alone, without input or output.
//!
//! Every time is in UTC, and one that repeats stands there as its next times, each an entry of its own: so no program has to know
//! a time zone, and none is an hour off when summer ends. What was called off stays in as cancelled, under the name it had.

use std::fmt::Write as _;

use protocol::Timestamp;
use protocol::event::{Event, EventState, Repeat};
use protocol::text::ServerName;
use time::OffsetDateTime;

/// Bytes of a line, without its end (RFC 5545 section 3.1).
const LINE_BYTES_MAX: usize = 75;

/// A calendar of these events, as it is now. `public_url` is where people open them.
pub(crate) fn calendar(
    server: Option<&ServerName>,
    public_url: &str,
    events: &[Event],
    now: Timestamp,
) -> String {
    let mut text = Lines::default();
    text.line("BEGIN", "VCALENDAR");
    text.line("VERSION", "2.0");
    text.line("PRODID", "-//Vivavoce//Vivavoce//EN");
    text.line("CALSCALE", "GREGORIAN");
    text.line("METHOD", "PUBLISH");
    if let Some(name) = server {
        text.line("X-WR-CALNAME", &escaped(name.as_str()));
    }
    text.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    text.line("X-PUBLISHED-TTL", "PT1H");
    for event in events {
        for start in std::iter::once(&event.start).chain(&event.then) {
            entry(&mut text, public_url, event, *start, now);
        }
    }
    text.line("END", "VCALENDAR");
    text.0
}

fn entry(text: &mut Lines, public_url: &str, event: &Event, start: Timestamp, now: Timestamp) {
    let end = Timestamp(start.0.saturating_add(u64::from(event.minutes) * 60_000));
    let address = format!("{public_url}/e/{}", event.id);
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    // Of what repeats, each day has a name of its own, and keeps it when the hour changes.
    let day = match event.repeat {
        Repeat::Once => String::new(),
        _ => utc(start)
            .map(|at| format!("-{:04}{:02}{:02}", at.year(), u8::from(at.month()), at.day()))
            .unwrap_or_default(),
    };
    text.line("BEGIN", "VEVENT");
    text.line("UID", &format!("{}{day}@{host}", event.id));
    text.line("DTSTAMP", &stamp(now));
    text.line("SEQUENCE", &event.sequence.to_string());
    text.line("DTSTART", &stamp(start));
    text.line("DTEND", &stamp(end));
    text.line("SUMMARY", &escaped(event.title.as_str()));
    if let Some(description) = &event.description {
        text.line("DESCRIPTION", &escaped(description.as_str()));
    }
    text.line("LOCATION", &escaped(&address));
    text.line("URL", &address);
    text.line(
        "STATUS",
        match event.state {
            EventState::Announced => "CONFIRMED",
            EventState::CalledOff => "CANCELLED",
        },
    );
    text.line("END", "VEVENT");
}

fn utc(moment: Timestamp) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(moment.0 / 1000).ok()?).ok()
}

/// `20261130T190000Z`
fn stamp(moment: Timestamp) -> String {
    utc(moment).map_or_else(String::new, |at| {
        let (date, month) = (at.date(), u8::from(at.month()));
        format!(
            "{:04}{month:02}{:02}T{:02}{:02}{:02}Z",
            date.year(),
            date.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    })
}

/// Text that means itself (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Lines of content, folded where they are too long: between letters, never within one.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, name: &str, value: &str) {
        let mut left = LINE_BYTES_MAX;
        for letter in name.chars().chain([':']).chain(value.chars()) {
            if letter.len_utf8() > left {
                self.0.push_str("\r\n ");
                // The space counts.
                left = LINE_BYTES_MAX - 1;
            }
            left -= letter.len_utf8();
            let _ = self.0.write_char(letter);
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests;
