//! Who is told of what while no page of theirs is open, and where.

use protocol::id::{EventId, MemberId, SessionId};
use protocol::push::{ClockOffset, MinuteOfDay, PushKind, Quiet, Switch, Wishes};
use protocol::text::Handle;
use sqlx::{Row as _, SqliteConnection};

use crate::db::Store;
use crate::error::StoreError;
use crate::events::{EventNotice, there};
use crate::types::Day;
use crate::{members, rows};

/// A browser that is told, and what its member wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDevice {
    pub member: MemberId,
    pub session: SessionId,
    pub endpoint: String,
    pub keys: Vec<u8>,
    pub wishes: Wishes,
}

/// What a member has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    pub wishes: Wishes,
    /// The session that asks.
    pub here: Switch,
    pub devices: u32,
}

/// Columns of a device and of its member's wishes; `s` is the session, `d` the device, `w` the wishes.
macro_rules! device {
    () => {
        "s.member, d.session, d.endpoint, d.keys, w.bells, w.asks, w.events, w.quiet_from, w.quiet_until, w.quiet_zone \
         FROM push_devices d JOIN sessions s ON s.id = d.session LEFT JOIN push_wishes w ON w.member = s.member"
    };
}

impl Store {
    /// Whether somebody is told when this person starts a room.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for whom they do not follow.
    pub async fn set_bell(
        &self,
        follower: MemberId,
        handle: &Handle,
        bell: Switch,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let followed = members::id_seen_by(&mut tx, follower, handle).await?;
        let done = sqlx::query("UPDATE follows SET bell = $3 WHERE follower = $1 AND followed = $2")
            .bind(follower.0.as_slice())
            .bind(followed.0.as_slice())
            .bind(switch_sql(bell))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // Whom they do not follow they are not told of either way.
        if done.rows_affected() == 0 && bell == Switch::On { Err(StoreError::NotAllowed) } else { Ok(()) }
    }

    /// # Errors
    /// [`StoreError::Database`].
    pub async fn pushed(&self, member: MemberId, session: SessionId) -> Result<Pushed, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let wishes = wishes_of(&mut connection, member).await?.unwrap_or_default();
        let row = sqlx::query(
            "SELECT COUNT(*) AS devices, COALESCE(SUM(CASE WHEN s.id = $2 THEN 1 ELSE 0 END), 0) AS here \
             FROM push_devices d JOIN sessions s ON s.id = d.session WHERE s.member = $1",
        )
        .bind(member.0.as_slice())
        .bind(session.0.as_slice())
        .fetch_one(&mut *connection)
        .await?;
        let here = if rows::number(&row, "here")? == 0 { Switch::Off } else { Switch::On };
        Ok(Pushed { wishes, here, devices: rows::number(&row, "devices")? })
    }

    /// # Errors
    /// [`StoreError::Database`].
    pub async fn wish(&self, member: MemberId, wishes: &Wishes) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        put_wishes(&mut tx, member, wishes).await?;
        Ok(tx.commit().await?)
    }

    /// One thing is off, and the rest as it was.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn turn_off(&self, member: MemberId, kind: PushKind) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let mut wishes = wishes_of(&mut tx, member).await?.unwrap_or_default();
        match kind {
            PushKind::Bell => wishes.bells = Switch::Off,
            PushKind::Ask => wishes.asks = Switch::Off,
            PushKind::EventSoon | PushKind::EventNamed | PushKind::EventChanged | PushKind::EventOff => {
                wishes.events = Switch::Off;
            }
            // It comes when it is asked for alone.
            PushKind::Trial => return Ok(()),
        }
        put_wishes(&mut tx, member, &wishes).await?;
        Ok(tx.commit().await?)
    }

    /// The browser of a session, in the place of the one it had. Another session that had the same browser has none.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_device(
        &self,
        session: SessionId,
        endpoint: &str,
        keys: &[u8],
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM push_devices WHERE session = $1 OR endpoint = $2")
            .bind(session.0.as_slice())
            .bind(endpoint)
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO push_devices (session, endpoint, keys) VALUES ($1, $2, $3)")
            .bind(session.0.as_slice())
            .bind(endpoint)
            .bind(keys)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// # Errors
    /// [`StoreError::Database`].
    pub async fn remove_device(&self, session: SessionId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM push_devices WHERE session = $1")
            .bind(session.0.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Nobody takes messages there any more. Whose it is, where it is still that one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn device_gone(
        &self,
        session: SessionId,
        endpoint: &str,
    ) -> Result<Option<MemberId>, StoreError> {
        let mut tx = self.write().await?;
        let whose = sqlx::query(
            "SELECT s.member FROM push_devices d JOIN sessions s ON s.id = d.session \
             WHERE d.session = $1 AND d.endpoint = $2",
        )
        .bind(session.0.as_slice())
        .bind(endpoint)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(whose) = whose else { return Ok(None) };
        sqlx::query("DELETE FROM push_devices WHERE session = $1")
            .bind(session.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(MemberId(rows::id(&whose, "member")?)))
    }

    /// Of those who follow somebody and want to be told of their rooms, in the order of sessions, after this one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn whose_bell(
        &self,
        of: MemberId,
        after: Option<SessionId>,
        today: Day,
        count: usize,
    ) -> Result<Vec<PushDevice>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            device!(),
            " JOIN follows f ON f.follower = s.member AND f.followed = $1 AND f.bell = 1 \
             WHERE s.id > $2 AND s.expires_day > $3 ORDER BY s.id LIMIT $4",
        ))
        .bind(of.0.as_slice())
        .bind(after.map(|after| after.0.to_vec()).unwrap_or_default())
        .bind(i64::from(today.0))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(device).collect()
    }

    /// Of those whom an event concerns and for whom it is there, in the order of sessions, after this one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn devices_for_event(
        &self,
        event: EventId,
        notice: EventNotice,
        after: Option<SessionId>,
        today: Day,
        count: usize,
    ) -> Result<Vec<PushDevice>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            device!(),
            " JOIN events e ON e.id = $1 JOIN members m ON m.id = e.host \
             LEFT JOIN event_people p ON p.event = e.id AND p.member = s.member \
             LEFT JOIN event_going g ON g.event = e.id AND g.member = s.member \
             WHERE ((COALESCE(p.news, 0) | COALESCE(g.news, 0)) & $5 <> 0 \
             OR ($5 = 0 AND (e.host = s.member OR p.member IS NOT NULL OR g.member IS NOT NULL))) AND ",
            there!("s.member"),
            " AND s.id > $2 AND s.expires_day > $3 ORDER BY s.id LIMIT $4",
        ))
        .bind(event.0.as_slice())
        .bind(after.map(|after| after.0.to_vec()).unwrap_or_default())
        .bind(i64::from(today.0))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .bind(notice.bits())
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(device).collect()
    }

    /// All devices of a member that are told, or of one session of theirs.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn devices_of(
        &self,
        member: MemberId,
        only: Option<SessionId>,
        today: Day,
    ) -> Result<Vec<PushDevice>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            device!(),
            " WHERE s.member = $1 AND s.expires_day > $2 AND ($3 IS NULL OR s.id = $3) ORDER BY s.id",
        ))
        .bind(member.0.as_slice())
        .bind(i64::from(today.0))
        .bind(only.map(|only| only.0.to_vec()))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(device).collect()
    }

    /// The key by which push services know this server, if it has one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn push_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT key FROM push_keys").fetch_optional(&self.pool).await?;
        row.map(|row| row.try_get("key").map_err(StoreError::from)).transpose()
    }

    /// From now on. Browsers that were told by another are told no more.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn set_push_key(&self, key: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM push_keys").execute(&mut *tx).await?;
        sqlx::query("INSERT INTO push_keys (key) VALUES ($1)").bind(key).execute(&mut *tx).await?;
        Ok(tx.commit().await?)
    }
}

/// None where they have said nothing.
pub(crate) async fn wishes_of(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Option<Wishes>, StoreError> {
    let row = sqlx::query(
        "SELECT bells, asks, events, quiet_from, quiet_until, quiet_zone FROM push_wishes WHERE member = $1",
    )
    .bind(member.0.as_slice())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(wishes).transpose().map(Option::flatten)
}

async fn put_wishes(
    connection: &mut SqliteConnection,
    member: MemberId,
    wishes: &Wishes,
) -> Result<(), StoreError> {
    let minute =
        |pick: fn(&Quiet) -> MinuteOfDay| wishes.quiet.as_ref().map(|quiet| i64::from(pick(quiet).get()));
    sqlx::query(
        "INSERT INTO push_wishes (member, bells, asks, events, quiet_from, quiet_until, quiet_zone) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (member) DO UPDATE SET bells = excluded.bells, \
         asks = excluded.asks, events = excluded.events, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, \
         quiet_zone = excluded.quiet_zone",
    )
    .bind(member.0.as_slice())
    .bind(switch_sql(wishes.bells))
    .bind(switch_sql(wishes.asks))
    .bind(switch_sql(wishes.events))
    .bind(minute(|quiet| quiet.from))
    .bind(minute(|quiet| quiet.until))
    .bind(wishes.quiet.map(|quiet| i64::from(quiet.zone.minutes())))
    .execute(connection)
    .await?;
    Ok(())
}

fn switch_sql(switch: Switch) -> i64 {
    i64::from(switch == Switch::On)
}

fn device(row: &rows::Row) -> Result<PushDevice, StoreError> {
    Ok(PushDevice {
        member: MemberId(rows::id(row, "member")?),
        session: SessionId(rows::id(row, "session")?),
        endpoint: row.try_get("endpoint")?,
        keys: row.try_get("keys")?,
        wishes: wishes(row)?.unwrap_or_default(),
    })
}

/// None in a row of somebody who has none.
fn wishes(row: &rows::Row) -> Result<Option<Wishes>, StoreError> {
    let switch = |column: &'static str| -> Result<Option<Switch>, StoreError> {
        let stored: Option<i64> = row.try_get(column)?;
        match stored {
            None => Ok(None),
            Some(0) => Ok(Some(Switch::Off)),
            Some(1) => Ok(Some(Switch::On)),
            Some(_) => Err(StoreError::Unreadable(column)),
        }
    };
    let (Some(bells), Some(asks), Some(events)) = (switch("bells")?, switch("asks")?, switch("events")?)
    else {
        return Ok(None);
    };
    let number = |column: &'static str| -> Result<Option<i16>, StoreError> {
        let stored: Option<i64> = row.try_get(column)?;
        stored.map(|stored| i16::try_from(stored).map_err(|_| StoreError::Unreadable(column))).transpose()
    };
    let quiet = match (number("quiet_from")?, number("quiet_until")?, number("quiet_zone")?) {
        (Some(from), Some(until), Some(zone)) => {
            let minute = |minute: i16| {
                u16::try_from(minute).ok().and_then(|minute| MinuteOfDay::try_from(minute).ok())
            };
            let read = || {
                Some(Quiet {
                    from: minute(from)?,
                    until: minute(until)?,
                    zone: ClockOffset::try_from(zone).ok()?,
                })
            };
            Some(read().ok_or(StoreError::Unreadable("push_wishes"))?)
        }
        _ => None,
    };
    Ok(Some(Wishes { bells, asks, events, quiet }))
}
