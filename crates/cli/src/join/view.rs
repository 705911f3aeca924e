//! A room as a screen: what is true now in, lines out. Draws nothing and knows no terminal.

#[cfg(test)]
mod tests;

use client::peer::Level;
use client::visit::{Link, Scene};
use protocol::room::{HandState, Mic, Person, Place, Presence};
use protocol::text::ServerName;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::keys;
use super::words::{counts, decibels, kept, mic, place};

/// What is shown besides the scene.
pub(super) struct Frame<'a> {
    pub(super) scene: &'a Scene,
    pub(super) server: &'a ServerName,
    /// The file that keeps what is heard.
    pub(super) kept: Option<&'a str>,
    /// What was told lately, the latest last.
    pub(super) told: &'a [String],
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// Words of the past that are shown.
pub(super) const TOLD_MAX: usize = 4;
/// Hands whose names are shown: those whose turn is next.
const HANDS_SHOWN: usize = 3;
/// Columns of names.
const NAME_COLUMNS_MAX: usize = 24;
/// Steps of a level bar, each of [`STEP_DB`].
const STEPS: u8 = 10;
const STEP_DB: u8 = 6;

/// At most as many lines as there are rows, none wider than there are columns.
pub(super) fn draw(frame: &Frame<'_>) -> Vec<String> {
    let room = &frame.scene.room;
    let title = room.view().facts.title.as_ref().map_or("(no title)", |title| title.as_str());
    let mut head = vec![ends(title, frame.server.as_str(), frame.columns), counts(room)];
    head.push(format!("{}{}", place(room), links(frame.scene)));
    head.extend(frame.kept.map(kept));
    head.push(String::new());
    let mut foot = vec![String::new()];
    foot.extend(hands(frame));
    let first = frame.told.len().saturating_sub(TOLD_MAX);
    foot.extend(frame.told.iter().skip(first).cloned());
    foot.push(keys::help(room.my_place()).to_owned());

    let left = frame.rows.saturating_sub(head.len() + foot.len());
    let lines = head.into_iter().chain(stage(frame, left)).chain(foot);
    let mut lines: Vec<String> = lines.map(|line| cut(&line, frame.columns)).collect();
    // A terminal of a few rows shows the head.
    lines.truncate(frame.rows);
    lines
}

/// Everybody on stage, one a line; those who are heard stand out by their level.
fn stage(frame: &Frame<'_>, rows: usize) -> Vec<String> {
    let people: Vec<&Person> = frame.scene.room.stage().collect();
    let widest = people.iter().map(|person| person.name.as_str().width()).max().unwrap_or(0);
    let columns = widest.min(NAME_COLUMNS_MAX);
    let shown = if people.len() > rows { rows.saturating_sub(1) } else { people.len() };
    let line = |person: &&Person| {
        let name = cut(person.name.as_str(), columns);
        let pad = " ".repeat(columns.saturating_sub(name.width()));
        format!("  {name}{pad}  {}", state(person, frame.scene))
    };
    let mut lines: Vec<String> = people.iter().take(shown).map(line).collect();
    if shown < people.len() && rows > 0 {
        lines.push(format!("  and {} more", people.len() - shown));
    }
    lines
}

fn state(person: &Person, scene: &Scene) -> String {
    if person.presence == Presence::Reconnecting {
        return "reconnecting".to_owned();
    }
    let mine = (person.id == scene.room.me()).then_some(scene.my_level).flatten();
    let heard = scene.levels.iter().find(|(who, _)| *who == person.id).map(|(_, level)| *level);
    match (person.place, mine.or(heard)) {
        (Place::Stage { mic: Mic::Open }, Some(level)) => format!("{} {}", bar(level), decibels(level)),
        // Without levels one still knows who speaks.
        (Place::Stage { mic: Mic::Open }, None) if scene.room.view().slots.contains(&Some(person.id)) => {
            "speaks".to_owned()
        }
        (Place::Stage { mic }, _) => self::mic(mic).to_owned(),
        (Place::Audience, _) => String::new(),
    }
}

/// Empty at −60 dB, full at 0.
fn bar(level: Level) -> String {
    let above = (STEPS * STEP_DB).saturating_sub(level.0);
    let full = usize::from(above.div_ceil(STEP_DB));
    format!("{}{}", "▮".repeat(full), "▯".repeat(usize::from(STEPS) - full))
}

/// Who wants to speak: only those who keep order are told.
fn hands(frame: &Frame<'_>) -> Option<String> {
    let queue = &frame.scene.room.view().queue;
    if queue.is_empty() {
        return None;
    }
    let named = queue.iter().take(HANDS_SHOWN).map(|hand| {
        let asked = if hand.state == HandState::Invited { " (asked up)" } else { "" };
        format!("{}{asked}", hand.name.as_str())
    });
    let more = queue.len().saturating_sub(HANDS_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("Hands: {}{more}", named.collect::<Vec<_>>().join(", ")))
}

fn links(scene: &Scene) -> &'static str {
    match (scene.socket, scene.media) {
        (Link::Stands, Link::Stands) => "",
        (Link::Stands, Link::Connecting) => " Sound is being connected.",
        (Link::Connecting, _) => " The connection is lost; trying to get it back.",
    }
}

/// Both at their end of the line; the first one counts more.
fn ends(first: &str, last: &str, columns: usize) -> String {
    let between = columns.saturating_sub(first.width() + last.width());
    if between < 2 { first.to_owned() } else { format!("{first}{}{last}", " ".repeat(between)) }
}

/// To so many columns, which wide letters fill two at a time.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = text.chars().take_while(|c| {
        let width = c.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    });
    let mut cut: String = fits.collect();
    if columns > 0 {
        cut.push('…');
    }
    cut
}
