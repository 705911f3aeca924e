//! Signed-in devices.

use protocol::account::{Me, Session};
use protocol::id::{MemberId, SessionId};
use protocol::limits::SESSIONS_MAX;
use sqlx::{Row as _, SqliteConnection};

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::types::{Day, NewSession, SecretHash};
use crate::{members, rows, standing};

/// A session that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub me: Me,
    /// The first day on which it does not stand any more.
    pub expires: Day,
}

/// A session that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub me: Me,
    /// Sessions of the same member that had to go for it.
    pub ended: Vec<SessionId>,
}

impl Store {
    /// Whose session this is, and whom they follow. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for one that never was, was revoked or has lapsed.
    pub async fn session(&self, token: SecretHash, today: Day) -> Result<(Held, Vec<MemberId>), StoreError> {
        let mut desk = self.desk.lock().await;
        let connection = match &mut *desk {
            Some(connection) => connection,
            none => none.insert(self.pool.acquire().await?.detach()),
        };
        let found = held(connection, &self.domain, token, today).await;
        if let Err(StoreError::Database(_)) = found {
            *desk = None;
        }
        found
    }

    /// A new session for a member whose proof the caller has verified.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for a member who is gone.
    pub async fn sign_in(&self, member: MemberId, session: &NewSession) -> Result<Signed, StoreError> {
        let mut tx = self.write().await?;
        let signed = add(&mut tx, &self.domain, member, session).await?;
        tx.commit().await?;
        Ok(signed)
    }

    /// Those of one member, the newest first; `current` is marked.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn sessions_of(
        &self,
        member: MemberId,
        current: SessionId,
        today: Day,
    ) -> Result<Vec<Session>, StoreError> {
        of(&mut *self.pool.acquire().await?, member, current, today).await
    }

    /// Ends one session of this member.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for one that is not theirs.
    pub async fn end_session(&self, member: MemberId, session: SessionId) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE id = $1 AND member = $2")
            .bind(session.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotThere) } else { Ok(()) }
    }

    /// Ends all sessions of this member but one; says which.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn end_other_sessions(
        &self,
        member: MemberId,
        kept: SessionId,
    ) -> Result<Vec<SessionId>, StoreError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE member = $1 AND id <> $2 RETURNING id")
            .bind(member.0.as_slice())
            .bind(kept.0.as_slice())
            .fetch_all(&self.pool)
            .await?;
        ended.iter().map(|row| Ok(SessionId(rows::id(row, "id")?))).collect()
    }

    /// Those of `sessions` that do not stand any more. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn ended(&self, sessions: &[SessionId], today: Day) -> Result<Vec<SessionId>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut ended = Vec::new();
        for session in sessions {
            let stands: bool = sqlx::query(
                "SELECT EXISTS(SELECT 1 FROM sessions WHERE id = $1 AND expires_day > $2) AS stands",
            )
            .bind(session.0.as_slice())
            .bind(today.sql())
            .fetch_one(&mut *connection)
            .await?
            .try_get("stands")?;
            if !stands {
                ended.push(*session);
            }
        }
        Ok(ended)
    }
}

pub(crate) async fn of(
    connection: &mut SqliteConnection,
    member: MemberId,
    current: SessionId,
    today: Day,
) -> Result<Vec<Session>, StoreError> {
    let found = sqlx::query(
        "SELECT id, device, day, expires_day FROM sessions WHERE member = $1 AND expires_day > $2 \
         ORDER BY day DESC, id",
    )
    .bind(member.0.as_slice())
    .bind(today.sql())
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        let id = SessionId(rows::id(row, "id")?);
        Ok(Session {
            id,
            device: rows::device(row, "device")?,
            day: rows::number(row, "day")?,
            expires_day: rows::number(row, "expires_day")?,
            current: id == current,
        })
    };
    found.iter().map(read).collect()
}

/// One statement, for each is carried to the connection's thread and back. Its rows differ in whom the member follows.
async fn held(
    connection: &mut SqliteConnection,
    domain: &str,
    token: SecretHash,
    today: Day,
) -> Result<(Held, Vec<MemberId>), StoreError> {
    let found = sqlx::query(concat!(
        "WITH held AS MATERIALIZED (SELECT s.id AS session, s.expires_day, m.id AS member, ",
        members::me_columns!(),
        " FROM sessions s JOIN members m ON m.id = s.member WHERE s.token_hash = $1 AND s.expires_day > $3) \
         SELECT held.*, f.followed FROM held LEFT JOIN follows f ON f.follower = held.member",
    ))
    .bind(token.0.as_slice())
    .bind(domain)
    .bind(today.sql())
    .fetch_all(&mut *connection)
    .await?;
    let first = found.first().ok_or(StoreError::NotThere)?;
    let (member, session) = (MemberId(rows::id(first, "member")?), SessionId(rows::id(first, "session")?));
    let me = members::read_me(first, connection, domain, member, session, today).await?;
    let expires = Day(rows::number(first, "expires_day")?);
    let follows = found.iter().filter_map(|row| rows::id_or_none(row, "followed").transpose());
    let follows = follows.map(|id| Ok(MemberId(id?))).collect::<Result<_, StoreError>>()?;
    Ok((Held { me, expires }, follows))
}

/// Adds a session within a transaction, unless the account is suspended, and lets one of the oldest day go where there are too many. Nothing that is kept
/// says which of two on one day came first: a time, or a number that grows, would be a record of sign-ins.
pub(crate) async fn add(
    tx: &mut Tx,
    domain: &str,
    member: MemberId,
    session: &NewSession,
) -> Result<Signed, StoreError> {
    if standing::is_suspended(tx, member).await? {
        return Err(StoreError::Suspended);
    }
    sqlx::query("DELETE FROM sessions WHERE member = $1 AND expires_day <= $2")
        .bind(member.0.as_slice())
        .bind(session.day.sql())
        .execute(&mut **tx)
        .await?;
    let room_for_others = i64::try_from(SESSIONS_MAX.saturating_sub(1)).unwrap_or(i64::MAX);
    let ended = sqlx::query(
        "DELETE FROM sessions WHERE member = $1 AND id NOT IN \
         (SELECT id FROM sessions WHERE member = $1 ORDER BY day DESC, id LIMIT $2) RETURNING id",
    )
    .bind(member.0.as_slice())
    .bind(room_for_others)
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query(
        "INSERT INTO sessions (id, token_hash, member, device, day, expires_day) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(session.id.0.as_slice())
    .bind(session.token.0.as_slice())
    .bind(member.0.as_slice())
    .bind(rows::device_sql(session.device))
    .bind(session.day.sql())
    .bind(session.expires.sql())
    .execute(&mut **tx)
    .await?;
    let ended = ended.iter().map(|row| Ok(SessionId(rows::id(row, "id")?)));
    let ended = ended.collect::<Result<Vec<_>, StoreError>>()?;
    let me = members::me(tx, domain, member, session.id, session.day).await?;
    Ok(Signed { me, ended })
}
