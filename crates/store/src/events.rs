//! Announced events: who announced what for when, who is named with it, and who would like to come until it begins.
//!
//! Nothing here says whether one took place: there is no message that could bring it, and no column.

mod clock;
mod read;

use std::collections::{BTreeMap, BTreeSet};

use protocol::Timestamp;
use protocol::event::{EventDraft, EventKind, EventNews, EventPart, EventState, Repeat};
use protocol::id::{EventId, MemberId};
use protocol::limits::{EVENTS_MAX, EVENTS_PER_MEMBER_MAX};
use protocol::text::EventDescription;
use sqlx::Row as _;

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::profiles::languages_sql;
use crate::{members, rows};

pub use clock::Over;
pub use read::ListedEvent;
pub(crate) use read::{kept, kept_going, kept_parts, there};

/// What people are told of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventNotice {
    /// It begins soon: whoever announced it, is named with it or would like to come.
    Soon,
    /// They are named with it, and have not seen that.
    Named,
    /// Its time or its people have changed, and they have not seen that.
    Changed,
    /// It was called off, and they have not seen that.
    Off,
}

impl EventNotice {
    /// What they have not seen; none for those who are told in any case.
    pub(crate) fn bits(self) -> i64 {
        let unseen = |news: &[EventNews]| news.iter().map(|news| number_of(&NEWS, *news)).sum();
        match self {
            Self::Soon => 0,
            Self::Named => unseen(&[EventNews::Named]),
            Self::Changed => unseen(&[EventNews::Time, EventNews::People]),
            Self::Off => unseen(&[EventNews::CalledOff]),
        }
    }
}

/// What came of changing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventChange {
    /// Whoever is or was named with it.
    pub touched: Vec<MemberId>,
    /// Whoever is new to it.
    pub named: Vec<MemberId>,
    /// Whether somebody else has anything to see since.
    pub changed: bool,
}

/// Milliseconds of a minute.
const MINUTE_MS: i64 = 60_000;

impl Store {
    /// Gives whoever is named with it.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for somebody who is named and is not there for the host; [`StoreError::Full`].
    pub async fn announce(
        &self,
        host: MemberId,
        id: EventId,
        draft: &EventDraft,
    ) -> Result<Vec<MemberId>, StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "SELECT COUNT(*) AS all_of_them, COALESCE(SUM(CASE WHEN host = $1 THEN 1 ELSE 0 END), 0) AS mine FROM events",
        )
        .bind(host.0.as_slice())
        .fetch_one(&mut *tx)
        .await?;
        let full = |column, max| rows::number(&row, column).map(|count| count as usize >= max);
        if full("all_of_them", EVENTS_MAX)? || full("mine", EVENTS_PER_MEMBER_MAX)? {
            return Err(StoreError::Full);
        }
        sqlx::query(
            "INSERT INTO events (id, host, title, description, kind, languages, start_ms, first_ms, zone, minutes, repeats) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)",
        )
        .bind(id.0.as_slice())
        .bind(host.0.as_slice())
        .bind(draft.title.as_str())
        .bind(draft.description.as_ref().map_or("", EventDescription::as_str))
        .bind(number_of(&KINDS, draft.kind))
        .bind(languages_sql(&draft.languages))
        .bind(ms(draft.start))
        .bind(draft.zone.as_str())
        .bind(i64::from(draft.minutes))
        .bind(number_of(&REPEATS, draft.repeat))
        .execute(&mut *tx)
        .await?;
        let named = draft_people(&mut tx, host, draft).await?;
        name(&mut tx, id, &named).await?;
        tx.commit().await?;
        Ok(named.into_keys().collect())
    }

    /// Changes an event of the host's own, as a whole. Whoever said that they would like to come or is named has it to see. Gives whoever
    /// is or was named with it, and what there is to see.
    ///
    /// # Errors
    /// As [`Self::announce`]; [`StoreError::NotThere`] for an event that is not the host's.
    pub async fn change_event(
        &self,
        host: MemberId,
        id: EventId,
        draft: &EventDraft,
    ) -> Result<EventChange, StoreError> {
        let mut tx = self.write().await?;
        let row =
            sqlx::query("SELECT start_ms, minutes, repeats, zone FROM events WHERE id = $1 AND host = $2")
                .bind(id.0.as_slice())
                .bind(host.0.as_slice())
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(StoreError::NotThere)?;
        let same_start = timestamp(&row, "start_ms")? == draft.start;
        let same_time = same_start && rows::number(&row, "minutes")? == draft.minutes;
        // Later times are reckoned from the first one, in its zone.
        let same_zone = row.try_get::<String, _>("zone")? == draft.zone.as_str();
        let same_repeat = row.try_get::<i64, _>("repeats")? == number_of(&REPEATS, draft.repeat);
        sqlx::query(
            "UPDATE events SET title = $3, description = $4, kind = $5, languages = $6, start_ms = $7, \
             first_ms = CASE WHEN $8 = 1 THEN first_ms ELSE $7 END, zone = $9, minutes = $10, repeats = $11, \
             sequence = sequence + 1 WHERE id = $1 AND host = $2",
        )
        .bind(id.0.as_slice())
        .bind(host.0.as_slice())
        .bind(draft.title.as_str())
        .bind(draft.description.as_ref().map_or("", EventDescription::as_str))
        .bind(number_of(&KINDS, draft.kind))
        .bind(languages_sql(&draft.languages))
        .bind(ms(draft.start))
        .bind(i64::from(same_start && same_repeat && same_zone))
        .bind(draft.zone.as_str())
        .bind(i64::from(draft.minutes))
        .bind(number_of(&REPEATS, draft.repeat))
        .execute(&mut *tx)
        .await?;
        let before = named(&mut tx, id).await?;
        let after = draft_people(&mut tx, host, draft).await?;
        // Whoever is new to it is told that instead.
        if !same_time {
            tell(&mut tx, id, EventNews::Time).await?;
        }
        if before != after {
            tell(&mut tx, id, EventNews::People).await?;
        }
        let changed = !same_time || before != after;
        let new: Vec<MemberId> =
            after.keys().copied().filter(|member| !before.contains_key(member)).collect();
        for member in &new {
            forget_people(&mut tx, id, *member).await?;
        }
        for member in before.keys().filter(|member| !after.contains_key(member)) {
            let gone = sqlx::query("DELETE FROM event_people WHERE event = $1 AND member = $2");
            gone.bind(id.0.as_slice()).bind(member.0.as_slice()).execute(&mut *tx).await?;
        }
        name(&mut tx, id, &after).await?;
        tx.commit().await?;
        let touched: BTreeSet<MemberId> = before.into_keys().chain(after.into_keys()).collect();
        Ok(EventChange { touched: touched.into_iter().collect(), named: new, changed })
    }

    /// Calls an event of the host's own off; called off it stays as long as it would have.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for an event that is not the host's, or was called off before.
    pub async fn call_off(&self, host: MemberId, id: EventId) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let done = sqlx::query(
            "UPDATE events SET state = 1, sequence = sequence + 1 WHERE id = $1 AND host = $2 AND state = 0",
        )
        .bind(id.0.as_slice())
        .bind(host.0.as_slice())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotThere);
        }
        tell(&mut tx, id, EventNews::CalledOff).await?;
        tx.commit().await.map_err(StoreError::from)
    }

    /// Somebody would like to come. Whether the event is there for them the caller has asked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn go_to(&self, member: MemberId, id: EventId) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO event_going (event, member) SELECT e.id, $2 FROM events e WHERE e.id = $1 ON CONFLICT DO NOTHING",
        )
        .bind(id.0.as_slice())
        .bind(member.0.as_slice())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Or would not, after all.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn stay_away(&self, member: MemberId, id: EventId) -> Result<(), StoreError> {
        self.of_mine("DELETE FROM event_going WHERE event = $1 AND member = $2", member, id).await
    }

    /// Somebody has seen what changed.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn see_event_news(&self, member: MemberId, id: EventId) -> Result<(), StoreError> {
        self.of_mine("UPDATE event_going SET news = 0 WHERE event = $1 AND member = $2", member, id).await?;
        self.of_mine("UPDATE event_people SET news = 0 WHERE event = $1 AND member = $2", member, id).await
    }

    /// Somebody does not want to be named with an event any more. Gives whether they were.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn step_back(&self, member: MemberId, id: EventId) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let gone = sqlx::query("DELETE FROM event_people WHERE event = $1 AND member = $2")
            .bind(id.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        if gone.rows_affected() > 0 {
            let changed = sqlx::query("UPDATE events SET sequence = sequence + 1 WHERE id = $1");
            changed.bind(id.0.as_slice()).execute(&mut *tx).await?;
            tell(&mut tx, id, EventNews::People).await?;
            forget_people(&mut tx, id, member).await?;
        }
        tx.commit().await?;
        Ok(gone.rows_affected() > 0)
    }

    async fn of_mine(&self, sql: &'static str, member: MemberId, id: EventId) -> Result<(), StoreError> {
        sqlx::query(sql).bind(id.0.as_slice()).bind(member.0.as_slice()).execute(&self.pool).await?;
        Ok(())
    }
}

/// Whoever said that they would like to come, and whoever is named, has this to see.
async fn tell(tx: &mut Tx, id: EventId, news: EventNews) -> Result<(), StoreError> {
    for sql in [
        "UPDATE event_going SET news = news | $2 WHERE event = $1",
        "UPDATE event_people SET news = news | $2 WHERE event = $1",
    ] {
        sqlx::query(sql).bind(id.0.as_slice()).bind(number_of(&NEWS, news)).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Who changed that themselves, or is told it in another word, and would like to come as well.
async fn forget_people(tx: &mut Tx, id: EventId, member: MemberId) -> Result<(), StoreError> {
    sqlx::query("UPDATE event_going SET news = news & ~$3 WHERE event = $1 AND member = $2")
        .bind(id.0.as_slice())
        .bind(member.0.as_slice())
        .bind(number_of(&NEWS, EventNews::People))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Whom a draft names: whoever stands in both lists is a co-host. The host is named already.
async fn draft_people(tx: &mut Tx, host: MemberId, draft: &EventDraft) -> Result<People, StoreError> {
    let mut people = People::new();
    for (handles, part) in [(&draft.speakers, EventPart::Speaker), (&draft.co_hosts, EventPart::CoHost)] {
        for handle in handles {
            let member = members::id_seen_by(&mut *tx, host, handle).await?;
            if member != host {
                people.insert(member, number_of(&PARTS, part));
            }
        }
    }
    Ok(people)
}

/// Who was not named before has that to see.
async fn name(tx: &mut Tx, id: EventId, people: &People) -> Result<(), StoreError> {
    for (member, part) in people {
        sqlx::query(
            "INSERT INTO event_people (event, member, part, news) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (event, member) DO UPDATE SET part = excluded.part",
        )
        .bind(id.0.as_slice())
        .bind(member.0.as_slice())
        .bind(part)
        .bind(number_of(&NEWS, EventNews::Named))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

async fn named(tx: &mut Tx, id: EventId) -> Result<People, StoreError> {
    let found = sqlx::query("SELECT member, part FROM event_people WHERE event = $1")
        .bind(id.0.as_slice())
        .fetch_all(&mut **tx)
        .await?;
    found.iter().map(|row| Ok((MemberId(rows::id(row, "member")?), row.try_get("part")?))).collect()
}

/// Who is named with an event beside its host, and as what.
type People = BTreeMap<MemberId, i64>;

const KINDS: [(EventKind, i64); 3] = [(EventKind::Closed, 0), (EventKind::Social, 1), (EventKind::Open, 2)];
const REPEATS: [(Repeat, i64); 5] = [
    (Repeat::Once, 0),
    (Repeat::Weekdays, 1),
    (Repeat::Weekly, 2),
    (Repeat::Fortnightly, 3),
    (Repeat::Monthly, 4),
];
const PARTS: [(EventPart, i64); 3] = [(EventPart::Host, 0), (EventPart::CoHost, 1), (EventPart::Speaker, 2)];
const STATES: [(EventState, i64); 2] = [(EventState::Announced, 0), (EventState::CalledOff, 1)];
/// One bit each.
const NEWS: [(EventNews, i64); 4] =
    [(EventNews::Time, 1), (EventNews::People, 2), (EventNews::CalledOff, 4), (EventNews::Named, 8)];

fn number_of<T: Copy + PartialEq>(all: &[(T, i64)], value: T) -> i64 {
    all.iter().find(|(known, _)| *known == value).map_or(0, |(_, number)| *number)
}

fn value_of<T: Copy>(all: &[(T, i64)], number: i64, column: &'static str) -> Result<T, StoreError> {
    let known = all.iter().find(|(_, known)| *known == number);
    known.map(|(value, _)| *value).ok_or(StoreError::Unreadable(column))
}

fn ms(moment: Timestamp) -> i64 {
    i64::try_from(moment.0).unwrap_or(i64::MAX)
}

fn timestamp(row: &rows::Row, column: &'static str) -> Result<Timestamp, StoreError> {
    let stored: i64 = row.try_get(column)?;
    u64::try_from(stored).map(Timestamp).map_err(|_| StoreError::Unreadable(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_as_a_number_has_one_of_its_own() {
        let distinct = |numbers: Vec<i64>| {
            let count = numbers.len();
            numbers.into_iter().collect::<std::collections::BTreeSet<_>>().len() == count
        };
        assert!(distinct(KINDS.map(|(_, number)| number).to_vec()));
        assert!(distinct(REPEATS.map(|(_, number)| number).to_vec()));
        assert!(distinct(PARTS.map(|(_, number)| number).to_vec()));
        assert_eq!(
            NEWS.iter().fold(0, |sum, (_, bit)| sum | bit),
            NEWS.iter().map(|(_, bit)| bit).sum::<i64>()
        );
    }
}
