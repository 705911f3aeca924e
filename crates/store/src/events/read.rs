//! Events as their members see them.

use protocol::Timestamp;
use protocol::account::Profile;
use protocol::event::{Event, EventNews, EventPart, EventPerson, Going};
use protocol::id::{EventId, MemberId};
use protocol::kept::{KeptEvent, KeptEventPart, KeptGoing};
use protocol::limits::{EVENT_PEOPLE_MAX, EVENTS_SHOWN_MAX, GOING_SHOWN_MAX};
use protocol::text::{EventDescription, EventTitle, Zone};
use sqlx::{Row as _, SqliteConnection};

use super::{KINDS, MINUTE_MS, NEWS, PARTS, REPEATS, STATES, ms, timestamp, value_of};
use crate::db::Store;
use crate::error::StoreError;
use crate::profiles::{languages, limit, profile, profile_columns, seen};
use crate::rows;

/// An event, and what its next times are counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedEvent {
    /// Without the times after the next one.
    pub event: Event,
    pub first: Timestamp,
}

/// The columns of an event `e` as `$1` sees it.
macro_rules! columns {
    () => {
        "e.id, e.title, e.description, e.kind, e.languages, e.start_ms, e.first_ms, e.zone, e.minutes, e.repeats, e.state, \
         e.sequence, CASE WHEN e.host = $1 THEN 0 ELSE (SELECT p.part FROM event_people p WHERE p.event = e.id AND p.member = $1) \
         END AS my_part, EXISTS(SELECT 1 FROM event_going g WHERE g.event = e.id AND g.member = $1) AS my_going, \
         COALESCE((SELECT g.news FROM event_going g WHERE g.event = e.id AND g.member = $1), 0) \
         | COALESCE((SELECT p.news FROM event_people p WHERE p.event = e.id AND p.member = $1), 0) AS my_news, \
         (SELECT COUNT(*) FROM event_going g WHERE g.event = e.id) AS going"
    };
}

/// Of events `e` by a host `m`, those that are there for `$1`, or whoever else is named: their own; and of a host who does not block them and is not
/// suspended, those they are named with, those for everybody, and those for people whom a host follows.
macro_rules! there {
    () => {
        $crate::events::there!("$1")
    };
    ($viewer:literal) => {
        concat!(
            "(e.host = ",
            $viewer,
            " OR (m.suspended = 0 AND ",
            $crate::profiles::seen!($viewer),
            " AND (e.kind = 2 OR EXISTS(SELECT 1 FROM event_people p WHERE p.event = e.id AND p.member = ",
            $viewer,
            ") OR (e.kind = 1 AND EXISTS(SELECT 1 FROM follows f WHERE f.followed = ",
            $viewer,
            " AND (f.follower = e.host OR f.follower IN \
             (SELECT p.member FROM event_people p WHERE p.event = e.id AND p.part = 1)))))))"
        )
    };
}
pub(crate) use there;

impl Store {
    /// One event, for whom it is there.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn event(&self, viewer: MemberId, id: EventId) -> Result<ListedEvent, StoreError> {
        let mut tx = self.pool.begin().await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM events e JOIN members m ON m.id = e.host WHERE e.id = $2 AND ",
            there!()
        ))
        .bind(viewer.0.as_slice())
        .bind(id.0.as_slice())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::NotThere)?;
        let event = listed(&mut tx, viewer, &row).await;
        tx.rollback().await?;
        event
    }

    /// Those to come, and those that go on, the next first. Of more than [`EVENTS_SHOWN_MAX`] their own are among those that are
    /// given, or they would not hear of a change. What was called off is shown to
    /// those who would have been there.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn events(&self, viewer: MemberId, now: Timestamp) -> Result<Vec<ListedEvent>, StoreError> {
        self.some_events(
            concat!(
                "SELECT ",
                columns!(),
                " FROM events e JOIN members m ON m.id = e.host WHERE ",
                there!(),
                " AND e.start_ms + e.minutes * $3 > $2 AND (e.state = 0 OR e.host = $1 \
                 OR EXISTS(SELECT 1 FROM event_people p WHERE p.event = e.id AND p.member = $1) \
                 OR EXISTS(SELECT 1 FROM event_going g WHERE g.event = e.id AND g.member = $1)) \
                 ORDER BY CASE WHEN e.host = $1 \
                 OR EXISTS(SELECT 1 FROM event_people p WHERE p.event = e.id AND p.member = $1) \
                 OR EXISTS(SELECT 1 FROM event_going g WHERE g.event = e.id AND g.member = $1) THEN 0 ELSE 1 END, \
                 e.start_ms, e.id LIMIT $4"
            ),
            viewer,
            now,
        )
        .await
        .map(|mut events| {
            events.sort_by_key(|one| one.event.start);
            events
        })
    }

    /// Those that a member's calendar has: their own, those they are named with, and those they would like to come to.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn calendar(&self, member: MemberId) -> Result<Vec<ListedEvent>, StoreError> {
        self.some_events(
            concat!(
                "SELECT ",
                columns!(),
                " FROM events e JOIN members m ON m.id = e.host WHERE ",
                there!(),
                " AND e.start_ms + e.minutes * $3 > $2 AND (e.host = $1 \
                 OR EXISTS(SELECT 1 FROM event_people p WHERE p.event = e.id AND p.member = $1) \
                 OR EXISTS(SELECT 1 FROM event_going g WHERE g.event = e.id AND g.member = $1)) \
                 ORDER BY e.start_ms, e.id LIMIT $4"
            ),
            member,
            Timestamp(0),
        )
        .await
    }

    async fn some_events(
        &self,
        sql: &'static str,
        viewer: MemberId,
        after: Timestamp,
    ) -> Result<Vec<ListedEvent>, StoreError> {
        let mut tx = self.pool.begin().await?;
        let found = sqlx::query(sql)
            .bind(viewer.0.as_slice())
            .bind(ms(after))
            .bind(MINUTE_MS)
            .bind(limit(EVENTS_SHOWN_MAX))
            .fetch_all(&mut *tx)
            .await?;
        let mut events = Vec::with_capacity(found.len());
        for row in &found {
            events.push(listed(&mut tx, viewer, row).await?);
        }
        tx.rollback().await?;
        Ok(events)
    }

    /// Who would like to come, by handle: at most [`GOING_SHOWN_MAX`]. Whether the viewer may know the caller has asked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn going(&self, viewer: MemberId, id: EventId) -> Result<Vec<Profile>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            profile_columns!(),
            " FROM event_going g JOIN members m ON m.id = g.member LEFT JOIN members i ON i.id = m.invited_by \
             WHERE g.event = $2 AND ",
            seen!(),
            " ORDER BY m.handle LIMIT $3"
        ))
        .bind(viewer.0.as_slice())
        .bind(id.0.as_slice())
        .bind(limit(GOING_SHOWN_MAX))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(profile).collect()
    }
}

async fn listed(
    connection: &mut SqliteConnection,
    viewer: MemberId,
    row: &rows::Row,
) -> Result<ListedEvent, StoreError> {
    let id = EventId(rows::id(row, "id")?);
    let kept = kept_event(row)?;
    let my_part: Option<i64> = row.try_get("my_part")?;
    let my_going: bool = row.try_get("my_going")?;
    let event = Event {
        id,
        title: kept.title,
        description: kept.description,
        kind: kept.kind,
        languages: kept.languages,
        start: kept.start,
        zone: kept.zone,
        minutes: kept.minutes,
        repeat: kept.repeat,
        then: Vec::new(),
        state: kept.state,
        sequence: kept.sequence,
        people: people(connection, viewer, id).await?,
        going: rows::number(row, "going")?,
        my_part: my_part.map(|part| value_of(&PARTS, part, "event_people.part")).transpose()?,
        my_going: if my_going { Going::Yes } else { Going::No },
        news: news(row.try_get("my_news")?),
    };
    Ok(ListedEvent { event, first: kept.first })
}

async fn people(
    connection: &mut SqliteConnection,
    viewer: MemberId,
    id: EventId,
) -> Result<Vec<EventPerson>, StoreError> {
    let found = sqlx::query(concat!(
        "SELECT m.handle, m.name, (SELECT v.id FROM pictures v WHERE v.member = m.id) AS picture, n.part FROM \
         (SELECT host AS member, 0 AS part FROM events WHERE id = $2 \
          UNION ALL SELECT member, part FROM event_people WHERE event = $2) n JOIN members m ON m.id = n.member WHERE ",
        seen!(),
        " ORDER BY n.part, m.handle LIMIT $3"
    ))
    .bind(viewer.0.as_slice())
    .bind(id.0.as_slice())
    .bind(limit(EVENT_PEOPLE_MAX))
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        Ok(EventPerson {
            handle: rows::handle(row, "handle")?,
            name: rows::name(row, "name")?,
            picture: rows::picture(row)?,
            part: value_of(&PARTS, row.try_get("part")?, "event_people.part")?,
        })
    };
    found.iter().map(read).collect()
}

fn news(bits: i64) -> Vec<EventNews> {
    NEWS.iter().filter(|(_, bit)| bits & bit != 0).map(|(news, _)| *news).collect()
}

/// From a row with the columns of that name.
fn kept_event(row: &rows::Row) -> Result<KeptEvent, StoreError> {
    let (title, zone): (String, String) = (row.try_get("title")?, row.try_get("zone")?);
    let said: String = row.try_get("description")?;
    let description = (!said.is_empty()).then(|| EventDescription::parse(&said)).transpose();
    Ok(KeptEvent {
        id: EventId(rows::id(row, "id")?),
        title: EventTitle::parse(&title).map_err(|_| StoreError::Unreadable("events.title"))?,
        description: description.map_err(|_| StoreError::Unreadable("events.description"))?,
        kind: value_of(&KINDS, row.try_get("kind")?, "events.kind")?,
        languages: languages(row, "languages")?,
        start: timestamp(row, "start_ms")?,
        first: timestamp(row, "first_ms")?,
        zone: Zone::parse(&zone).map_err(|_| StoreError::Unreadable("events.zone"))?,
        minutes: rows::number(row, "minutes")?,
        repeat: value_of(&REPEATS, row.try_get("repeats")?, "events.repeats")?,
        state: value_of(&STATES, row.try_get("state")?, "events.state")?,
        sequence: rows::number(row, "sequence")?,
    })
}

/// What a member has announced.
pub(crate) async fn kept(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Vec<KeptEvent>, StoreError> {
    let found = sqlx::query(
        "SELECT id, title, description, kind, languages, start_ms, first_ms, zone, minutes, repeats, state, sequence \
         FROM events WHERE host = $1 ORDER BY start_ms, id",
    )
    .bind(member.0.as_slice())
    .fetch_all(connection)
    .await?;
    found.iter().map(kept_event).collect()
}

/// What they are named with.
pub(crate) async fn kept_parts(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Vec<KeptEventPart>, StoreError> {
    let found = sqlx::query("SELECT event, part, news FROM event_people WHERE member = $1 ORDER BY event")
        .bind(member.0.as_slice())
        .fetch_all(connection)
        .await?;
    let read = |row: &rows::Row| {
        let part: EventPart = value_of(&PARTS, row.try_get("part")?, "event_people.part")?;
        let event = EventId(rows::id(row, "event")?);
        Ok(KeptEventPart { event, part, news: news(row.try_get("news")?) })
    };
    found.iter().map(read).collect()
}

/// Where they would like to come.
pub(crate) async fn kept_going(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Vec<KeptGoing>, StoreError> {
    let found = sqlx::query("SELECT event, news FROM event_going WHERE member = $1 ORDER BY event")
        .bind(member.0.as_slice())
        .fetch_all(connection)
        .await?;
    let read = |row: &rows::Row| {
        Ok(KeptGoing { event: EventId(rows::id(row, "event")?), news: news(row.try_get("news")?) })
    };
    found.iter().map(read).collect()
}
