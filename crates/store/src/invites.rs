//! Invitations, and how many a member may give away.

use protocol::account::{Invite, InvitePreview, InviteState};
use protocol::id::{InviteId, MemberId};
use protocol::limits::{INVITE_ALLOWANCE, INVITE_REFILL_DAYS};
use protocol::text::DisplayName;
use sqlx::Row as _;

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::limits::{INVITE_KEPT_DAYS, INVITES_KEPT_MAX};
use crate::types::{Day, SecretHash};
use crate::{clubs, migrate, reports, rows, standing};

/// An invitation to be.
#[derive(Debug, Clone)]
pub struct NewInvite {
    pub id: InviteId,
    pub token: SecretHash,
    /// How many people may use it.
    pub uses: u32,
    pub note: Option<DisplayName>,
    pub day: Day,
    /// The first day on which it cannot be used any more.
    pub expires: Day,
}

/// Whether its uses come out of what the inviter may give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    Counted,
    Free,
}

impl Store {
    /// # Errors
    /// [`StoreError::NoInviteLeft`]; [`StoreError::Paused`]; [`StoreError::Full`] where too many are open; [`StoreError::NotThere`].
    pub async fn create_invite(
        &self,
        inviter: MemberId,
        invite: &NewInvite,
        allowance: Allowance,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        if !standing::may_invite(&mut tx, inviter).await? {
            return Err(StoreError::Paused);
        }
        let kept: i64 = sqlx::query("SELECT COUNT(*) AS kept FROM invites WHERE inviter = $1")
            .bind(inviter.0.as_slice())
            .fetch_one(&mut *tx)
            .await?
            .try_get("kept")?;
        if kept >= i64::from(INVITES_KEPT_MAX) {
            clear_oldest_past(&mut tx, inviter, invite.day).await?;
        }
        if allowance == Allowance::Counted {
            let purse = purse_of(&mut tx, inviter).await?.refilled(invite.day);
            let left = purse.left.checked_sub(invite.uses).ok_or(StoreError::NoInviteLeft)?;
            put_purse(&mut tx, inviter, Purse { left, ..purse }).await?;
        }
        sqlx::query(
            "INSERT INTO invites (id, token_hash, inviter, note, uses, used, revoked, allowance, day, expires_day) \
             VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7, $8)",
        )
        .bind(invite.id.0.as_slice())
        .bind(invite.token.0.as_slice())
        .bind(inviter.0.as_slice())
        .bind(invite.note.as_ref().map(DisplayName::as_str))
        .bind(i64::from(invite.uses))
        .bind(i64::from(allowance == Allowance::Counted))
        .bind(invite.day.sql())
        .bind(invite.expires.sql())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// What an invitation says before it is accepted. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Spent`].
    pub async fn preview_invite(&self, token: SecretHash, today: Day) -> Result<InvitePreview, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT m.id, m.name FROM invites i JOIN members m ON m.id = i.inviter \
             WHERE i.token_hash = $1 AND i.used < i.uses AND i.revoked = 0 AND i.expires_day > $2",
        )
        .bind(token.0.as_slice())
        .bind(today.sql())
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::Spent)?;
        // Why it opens nothing for now is nobody's business who is not here yet.
        if !standing::may_invite(&mut connection, MemberId(rows::id(&row, "id")?)).await? {
            return Err(StoreError::Spent);
        }
        drop(connection);
        let server = self.server_name().await?.ok_or(StoreError::Spent)?;
        Ok(InvitePreview { inviter: rows::name(&row, "name")?, server })
    }

    /// Those of one member, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn invites_of(&self, inviter: MemberId, today: Day) -> Result<Vec<Invite>, StoreError> {
        let accepted = sqlx::query(
            "SELECT invite, handle FROM members WHERE invite IN (SELECT id FROM invites WHERE inviter = $1) \
             ORDER BY handle",
        )
        .bind(inviter.0.as_slice())
        .fetch_all(&self.pool)
        .await?;
        let accepted = accepted
            .iter()
            .map(|row| Ok((InviteId(rows::id(row, "invite")?), rows::handle(row, "handle")?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let invites = sqlx::query(
            "SELECT id, note, uses, used, revoked, expires_day FROM invites WHERE inviter = $1 \
             ORDER BY day DESC, id LIMIT $2",
        )
        .bind(inviter.0.as_slice())
        .bind(i64::from(INVITES_KEPT_MAX))
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &rows::Row| {
            let id = InviteId(rows::id(row, "id")?);
            let (used, uses) = (rows::number(row, "used")?, rows::number(row, "uses")?);
            let expires_day = rows::number(row, "expires_day")?;
            let state = match rows::number(row, "revoked")? {
                0 if used >= uses => InviteState::Used,
                0 if expires_day <= today.0 => InviteState::Expired,
                0 => InviteState::Open,
                _ => InviteState::Revoked,
            };
            let by_this = accepted.iter().filter(|(invite, _)| *invite == id);
            Ok(Invite {
                id,
                note: rows::name_or_none(row, "note")?,
                state,
                used,
                uses,
                expires_day,
                accepted_by: by_this.map(|(_, handle)| handle.clone()).collect(),
            })
        };
        invites.iter().map(read).collect()
    }

    /// Takes an invitation back; what was not used of it goes back into the allowance. Twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] for one that is not theirs.
    pub async fn revoke_invite(
        &self,
        inviter: MemberId,
        invite: InviteId,
        today: Day,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "SELECT uses - used AS unused, revoked, allowance, expires_day FROM invites \
             WHERE id = $1 AND inviter = $2",
        )
        .bind(invite.0.as_slice())
        .bind(inviter.0.as_slice())
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::NotThere)?;
        let open = rows::number(&row, "revoked")? == 0 && rows::number(&row, "expires_day")? > today.0;
        if open && rows::number(&row, "allowance")? == 1 {
            let purse = purse_of(&mut tx, inviter).await?.refilled(today);
            let left = (purse.left + rows::number(&row, "unused")?).min(INVITE_ALLOWANCE);
            put_purse(&mut tx, inviter, Purse { left, ..purse }).await?;
        }
        sqlx::query("UPDATE invites SET revoked = 1 WHERE id = $1")
            .bind(invite.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Clears away what has lapsed: sessions, links, reports, copies, and invitations that are long past. Who came by them
    /// stays.
    ///
    /// # Errors
    /// [`StoreError::Database`]; [`StoreError::Copy`] where an old copy cannot be removed.
    pub async fn sweep(&self, now: protocol::Timestamp) -> Result<(), StoreError> {
        let today = Day::of(now);
        let mut tx = self.write().await?;
        sqlx::query("DELETE FROM sessions WHERE expires_day <= $1")
            .bind(today.sql())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM links WHERE expires_ms <= $1")
            .bind(i64::try_from(now.0).unwrap_or(i64::MAX))
            .execute(&mut *tx)
            .await?;
        let past = today.sql() - i64::from(INVITE_KEPT_DAYS);
        sqlx::query(
            "UPDATE members SET invite = NULL WHERE invite IN (SELECT id FROM invites WHERE expires_day <= $1)",
        )
        .bind(past)
        .execute(&mut *tx)
        .await?;
        reports::sweep(&mut tx, today).await?;
        clubs::sweep(&mut tx, today).await?;
        sqlx::query("DELETE FROM invites WHERE expires_day <= $1").bind(past).execute(&mut *tx).await?;
        tx.commit().await?;
        // The log beside the file still holds what the file does not.
        self.leave_no_trace().await?;
        migrate::clear_copies(&self.path, now).map_err(StoreError::Copy)
    }
}

/// An invitation of which a use was taken.
pub(crate) struct Taken {
    pub(crate) invite: InviteId,
    pub(crate) inviter: MemberId,
    /// How many may use it altogether.
    pub(crate) uses: u32,
}

/// Uses one use of an invitation up, in one statement: of two at once, one finds none left.
pub(crate) async fn take(tx: &mut Tx, token: SecretHash, today: Day) -> Result<Taken, StoreError> {
    let row = sqlx::query(
        "UPDATE invites SET used = used + 1 \
         WHERE token_hash = $1 AND used < uses AND revoked = 0 AND expires_day > $2 RETURNING id, inviter, uses",
    )
    .bind(token.0.as_slice())
    .bind(today.sql())
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Spent)?;
    let inviter = MemberId(rows::id(&row, "inviter")?);
    if !standing::may_invite(tx, inviter).await? {
        return Err(StoreError::Spent);
    }
    Ok(Taken { invite: InviteId(rows::id(&row, "id")?), inviter, uses: rows::number(&row, "uses")? })
}

/// Makes room for one more: of those that cannot be used any more, the oldest goes. Who came by it stays.
async fn clear_oldest_past(tx: &mut Tx, inviter: MemberId, today: Day) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT id FROM invites WHERE inviter = $1 AND (used >= uses OR revoked = 1 OR expires_day <= $2) \
         ORDER BY day, id LIMIT 1",
    )
    .bind(inviter.0.as_slice())
    .bind(today.sql())
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Full)?;
    let past: [u8; 16] = rows::id(&row, "id")?;
    for sql in ["UPDATE members SET invite = NULL WHERE invite = $1", "DELETE FROM invites WHERE id = $1"] {
        sqlx::query(sql).bind(past.as_slice()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// What a member may give away, counted in people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purse {
    pub(crate) left: u32,
    /// The day from which the next one is counted.
    pub(crate) since: Day,
}

impl Purse {
    /// With what has come back by `today`. A full purse counts from the day something is taken out.
    pub(crate) fn refilled(self, today: Day) -> Self {
        let weeks = today.0.saturating_sub(self.since.0) / INVITE_REFILL_DAYS;
        let left = self.left.saturating_add(weeks).min(INVITE_ALLOWANCE);
        let since = if left == INVITE_ALLOWANCE {
            self.since.max(today)
        } else {
            Day(self.since.0 + weeks * INVITE_REFILL_DAYS)
        };
        Self { left, since }
    }
}

async fn purse_of(tx: &mut Tx, member: MemberId) -> Result<Purse, StoreError> {
    let row = sqlx::query("SELECT allowance, allowance_day FROM members WHERE id = $1")
        .bind(member.0.as_slice())
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NotThere)?;
    Ok(Purse { left: rows::number(&row, "allowance")?, since: Day(rows::number(&row, "allowance_day")?) })
}

async fn put_purse(tx: &mut Tx, member: MemberId, purse: Purse) -> Result<(), StoreError> {
    sqlx::query("UPDATE members SET allowance = $2, allowance_day = $3 WHERE id = $1")
        .bind(member.0.as_slice())
        .bind(i64::from(purse.left))
        .bind(purse.since.sql())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_invitation_comes_back_a_week_and_never_more_than_the_allowance() {
        let empty = Purse { left: 0, since: Day(100) };
        assert_eq!(empty.refilled(Day(106)), empty);
        assert_eq!(empty.refilled(Day(107)), Purse { left: 1, since: Day(107) });
        assert_eq!(
            empty.refilled(Day(113)),
            Purse { left: 1, since: Day(107) },
            "the rest of a week is not lost"
        );
        assert_eq!(empty.refilled(Day(400)).left, INVITE_ALLOWANCE);
    }

    #[test]
    fn a_full_purse_saves_nothing_up() {
        let full = Purse { left: INVITE_ALLOWANCE, since: Day(0) }.refilled(Day(1000));
        assert_eq!(full, Purse { left: INVITE_ALLOWANCE, since: Day(1000) });
    }

    #[test]
    fn a_clock_that_was_set_back_takes_nothing_away() {
        let purse = Purse { left: 2, since: Day(100) };
        assert_eq!(purse.refilled(Day(50)), purse);
    }
}
