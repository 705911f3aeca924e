//! What the administrators do about members: suspend an account, pause a branch of those who came by somebody.

use protocol::account::Role;
use protocol::id::{MemberId, SessionId};
use protocol::order::OrderPerson;
use protocol::text::Handle;
use sqlx::{Row as _, SqliteConnection};

use crate::counts::{self, Count};
use crate::db::Store;
use crate::error::StoreError;
use crate::{members, rows};

/// Whose sessions ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    pub member: MemberId,
    pub ended: Vec<SessionId>,
}

/// The branch of those who came by somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BranchOf {
    pub root: MemberId,
    /// How many these are, the root included.
    pub members: u32,
}

impl Store {
    /// Ends every session and every link of a member, and lets none begin. Twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for the owner.
    pub async fn suspend(&self, handle: &Handle) -> Result<Suspended, StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query("SELECT id, role, suspended FROM members WHERE handle = $1")
            .bind(handle.as_str())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::NotThere)?;
        if rows::role(&row, "role")? == Role::Owner {
            return Err(StoreError::NotAllowed);
        }
        let member = MemberId(rows::id(&row, "id")?);
        if rows::number(&row, "suspended")? == 0 {
            counts::add(&mut tx, Count::Suspensions).await?;
        }
        sqlx::query("UPDATE members SET suspended = 1 WHERE id = $1")
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM links WHERE member = $1")
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        let ended = sqlx::query("DELETE FROM sessions WHERE member = $1 RETURNING id")
            .bind(member.0.as_slice())
            .fetch_all(&mut *tx)
            .await?;
        let ended = ended.iter().map(|row| Ok(SessionId(rows::id(row, "id")?)));
        let ended = ended.collect::<Result<Vec<_>, StoreError>>()?;
        tx.commit().await?;
        Ok(Suspended { member, ended })
    }

    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn unsuspend(&self, handle: &Handle) -> Result<(), StoreError> {
        let done = sqlx::query("UPDATE members SET suspended = 0 WHERE handle = $1")
            .bind(handle.as_str())
            .execute(&self.pool)
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotThere) } else { Ok(()) }
    }

    /// From now on neither this member nor whoever came by them, however far down, invites anybody. Twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn pause_branch(&self, handle: &Handle) -> Result<BranchOf, StoreError> {
        self.set_paused(handle, 1).await
    }

    /// They invite again, unless another branch they are part of is paused.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn resume_branch(&self, handle: &Handle) -> Result<BranchOf, StoreError> {
        self.set_paused(handle, 0).await
    }

    /// Whoever is suspended, by handle, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn suspended(&self, count: usize) -> Result<Vec<OrderPerson>, StoreError> {
        self.people("SELECT handle, name FROM members WHERE suspended = 1 ORDER BY handle LIMIT $1", count)
            .await
    }

    /// The roots of branches that are paused, by handle, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn paused(&self, count: usize) -> Result<Vec<OrderPerson>, StoreError> {
        self.people("SELECT handle, name FROM members WHERE paused = 1 ORDER BY handle LIMIT $1", count).await
    }

    /// From now on whom this member blocks does not come into rooms where they are on stage. Twice is once.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn protect(&self, handle: &Handle) -> Result<MemberId, StoreError> {
        self.set_protected(handle, 1).await
    }

    /// Their blocks are like everybody's again.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn unprotect(&self, handle: &Handle) -> Result<MemberId, StoreError> {
        self.set_protected(handle, 0).await
    }

    /// Whoever is protected, by handle, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn protected(&self, count: usize) -> Result<Vec<OrderPerson>, StoreError> {
        self.people("SELECT handle, name FROM members WHERE protected = 1 ORDER BY handle LIMIT $1", count)
            .await
    }

    async fn set_protected(&self, handle: &Handle, protected: i64) -> Result<MemberId, StoreError> {
        let row = sqlx::query("UPDATE members SET protected = $2 WHERE handle = $1 RETURNING id")
            .bind(handle.as_str())
            .bind(protected)
            .fetch_optional(&self.pool)
            .await?
            .ok_or(StoreError::NotThere)?;
        Ok(MemberId(rows::id(&row, "id")?))
    }

    async fn people(&self, which: &'static str, count: usize) -> Result<Vec<OrderPerson>, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let found = sqlx::query(which).bind(count).fetch_all(&self.pool).await?;
        let read = |row: &rows::Row| {
            Ok(OrderPerson { handle: rows::handle(row, "handle")?, name: rows::name(row, "name")? })
        };
        found.iter().map(read).collect()
    }

    async fn set_paused(&self, handle: &Handle, paused: i64) -> Result<BranchOf, StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_of(&mut tx, handle).await?;
        let done = sqlx::query("UPDATE members SET paused = $2 WHERE id = $1 AND paused <> $2")
            .bind(member.0.as_slice())
            .bind(paused)
            .execute(&mut *tx)
            .await?;
        if paused == 1 && done.rows_affected() == 1 {
            counts::add(&mut tx, Count::Pauses).await?;
        }
        let row = sqlx::query(
            "WITH RECURSIVE down (id) AS (SELECT id FROM members WHERE id = $1 \
             UNION SELECT m.id FROM members m JOIN down ON m.invited_by = down.id) \
             SELECT COUNT(*) AS members FROM down",
        )
        .bind(member.0.as_slice())
        .fetch_one(&mut *tx)
        .await?;
        let members = rows::number(&row, "members")?;
        tx.commit().await?;
        Ok(BranchOf { root: member, members })
    }
}

/// Whether somebody invites for now: not where they are suspended, and not where they or anybody above them is paused.
pub(crate) async fn may_invite(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "WITH RECURSIVE up (id, invited_by, paused) AS \
         (SELECT id, invited_by, paused FROM members WHERE id = $1 \
         UNION SELECT m.id, m.invited_by, m.paused FROM members m JOIN up ON m.id = up.invited_by) \
         SELECT EXISTS(SELECT 1 FROM up WHERE paused = 1) \
         OR EXISTS(SELECT 1 FROM members WHERE id = $1 AND suspended = 1) AS stopped",
    )
    .bind(member.0.as_slice())
    .fetch_one(connection)
    .await?;
    let stopped: bool = row.try_get("stopped")?;
    Ok(!stopped)
}

/// Whether the account is suspended.
pub(crate) async fn is_suspended(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<bool, StoreError> {
    let row =
        sqlx::query("SELECT EXISTS(SELECT 1 FROM members WHERE id = $1 AND suspended = 1) AS suspended")
            .bind(member.0.as_slice())
            .fetch_one(connection)
            .await?;
    Ok(row.try_get("suspended")?)
}
