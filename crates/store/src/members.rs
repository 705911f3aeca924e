//! Accounts: how one comes to be, and how others see it.

use protocol::account::{Me, Role};
use protocol::id::{InviteId, MemberId, SessionId};
use protocol::limits::INVITE_ALLOWANCE;
use protocol::text::{DisplayName, Handle, ServerName};
use protocol::{Timestamp, limits::INVITE_USES_MAX};
use sqlx::SqliteConnection;

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::profiles::{languages, seen};
use crate::sessions::Signed;
use crate::settings;
use crate::types::{Day, NewMember, NewSession, Person, SecretHash};
use crate::{invites, links, looks, passkeys, reports, rows, sessions};

/// A new account with its first session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUp {
    pub me: Me,
    /// Who invited them; none for the owner.
    pub inviter: Option<Handle>,
    /// By which invitation they came; none for the owner.
    pub invite: Option<InviteId>,
    /// The inviter's account.
    pub invited_by: Option<MemberId>,
    /// The same, where the invitation was for this one person.
    pub meant_by: Option<MemberId>,
}

/// One line of the administrator's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub handle: Handle,
    pub name: DisplayName,
    pub role: Role,
    pub day: Day,
    pub invited_by: Option<Handle>,
    pub standing: Standing,
    pub branch: Branch,
}

/// Whether somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Good,
    Suspended,
}

/// Whether somebody, and whoever came by them, invites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Branch {
    Open,
    Paused,
}

impl Store {
    /// The owner's account, by the one-time link. Whichever of two at once comes second finds the link spent.
    ///
    /// # Errors
    /// [`StoreError::Spent`].
    pub async fn claim(
        &self,
        link: SecretHash,
        server: &ServerName,
        member: &NewMember,
        session: &NewSession,
        now: Timestamp,
    ) -> Result<SignedUp, StoreError> {
        let mut tx = self.write().await?;
        links::take_owner(&mut tx, link, now).await?;
        insert(&mut tx, member, Role::Owner, None, session.day).await?;
        sqlx::query(settings::SET)
            .bind(settings::SERVER_NAME)
            .bind(server.as_str())
            .execute(&mut *tx)
            .await?;
        let Signed { me, .. } = sessions::add(&mut tx, &self.domain, member.id, session).await?;
        tx.commit().await?;
        Ok(SignedUp { me, inviter: None, invite: None, invited_by: None, meant_by: None })
    }

    /// An account by invitation. The use of the invitation and the account are one: a handle that is taken uses
    /// nothing up, and two at once cannot use the last use twice.
    ///
    /// # Errors
    /// [`StoreError::Spent`], [`StoreError::HandleTaken`].
    pub async fn accept(
        &self,
        invite: SecretHash,
        member: &NewMember,
        session: &NewSession,
    ) -> Result<SignedUp, StoreError> {
        let mut tx = self.write().await?;
        let by = invites::take(&mut tx, invite, session.day).await?;
        insert(&mut tx, member, Role::Member, Some((by.invite, by.inviter)), session.day).await?;
        let Signed { me, .. } = sessions::add(&mut tx, &self.domain, member.id, session).await?;
        let inviter = handle_of(&mut tx, by.inviter).await?;
        tx.commit().await?;
        Ok(SignedUp {
            me,
            inviter,
            invite: Some(by.invite),
            invited_by: Some(by.inviter),
            meant_by: (by.uses == 1).then_some(by.inviter),
        })
    }

    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn me(&self, member: MemberId, session: SessionId, today: Day) -> Result<Me, StoreError> {
        let mut connection = self.pool.acquire().await?;
        me(&mut connection, &self.domain, member, session, today).await
    }

    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn rename(&self, member: MemberId, name: &DisplayName) -> Result<Person, StoreError> {
        let row = sqlx::query(
            "UPDATE members SET name = $2, name_folded = $3 WHERE id = $1 RETURNING id, handle, name",
        )
        .bind(member.0.as_slice())
        .bind(name.as_str())
        .bind(folded(name.as_str()))
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NotThere)?;
        person(&row)
    }

    /// Whether the server has an owner.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn owner(&self) -> Result<Option<MemberId>, StoreError> {
        let row = sqlx::query("SELECT id FROM members WHERE role = $1")
            .bind(rows::role_sql(Role::Owner))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(MemberId(rows::id(&row, "id")?))).transpose()
    }

    /// This member runs the server from now on, and whoever did is a member like others. There is one at any moment.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn make_owner(&self, handle: &Handle) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let next = id_of(&mut tx, handle).await?;
        let roles = [Role::Member, Role::Owner].map(rows::role_sql);
        sqlx::query("UPDATE members SET role = $1 WHERE role = $2")
            .bind(roles[0])
            .bind(roles[1])
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE members SET role = $1 WHERE id = $2")
            .bind(roles[1])
            .bind(next.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Who is called so, whomever they block. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn called(&self, handle: &Handle) -> Result<Option<MemberId>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        match id_of(&mut connection, handle).await {
            Ok(member) => Ok(Some(member)),
            Err(StoreError::NotThere) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Those of these handles that exist, for this member: whoever blocks them does not. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn resolve(&self, asker: MemberId, handles: &[Handle]) -> Result<Vec<Person>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mut people = Vec::new();
        for handle in handles {
            let row = sqlx::query(concat!(
                "SELECT m.id, m.handle, m.name FROM members m WHERE m.handle = $2 AND ",
                seen!()
            ))
            .bind(asker.0.as_slice())
            .bind(handle.as_str())
            .fetch_optional(&mut *connection)
            .await?;
            people.extend(row.map(|row| person(&row)).transpose()?);
        }
        Ok(people)
    }

    /// All members by handle, after this one, at most `count`.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn list(&self, after: Option<&Handle>, count: usize) -> Result<Vec<Listed>, StoreError> {
        let found = sqlx::query(
            "SELECT m.handle, m.name, m.role, m.day, m.suspended, m.paused, i.handle AS invited_by FROM members m \
             LEFT JOIN members i ON i.id = m.invited_by WHERE m.handle > $1 ORDER BY m.handle LIMIT $2",
        )
        .bind(after.map_or("", Handle::as_str))
        .bind(i64::try_from(count).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        let read = |row: &rows::Row| {
            Ok(Listed {
                handle: rows::handle(row, "handle")?,
                name: rows::name(row, "name")?,
                role: rows::role(row, "role")?,
                day: Day(rows::number(row, "day")?),
                invited_by: rows::handle_or_none(row, "invited_by")?,
                standing: if rows::number(row, "suspended")? == 0 {
                    Standing::Good
                } else {
                    Standing::Suspended
                },
                branch: if rows::number(row, "paused")? == 0 { Branch::Open } else { Branch::Paused },
            })
        };
        found.iter().map(read).collect()
    }
}

async fn insert(
    tx: &mut Tx,
    member: &NewMember,
    role: Role,
    by: Option<(InviteId, MemberId)>,
    today: Day,
) -> Result<(), StoreError> {
    let done = sqlx::query(
        "INSERT INTO members (id, handle, handle_looks, name, name_folded, role, invited_by, invite, day, \
         allowance, allowance_day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)",
    )
    .bind(member.id.0.as_slice())
    .bind(member.handle.as_str())
    .bind(looks::of(&member.handle))
    .bind(member.name.as_str())
    .bind(folded(member.name.as_str()))
    .bind(rows::role_sql(role))
    .bind(by.map(|(_, inviter)| inviter.0.to_vec()))
    .bind(by.map(|(invite, _)| invite.0.to_vec()))
    .bind(today.sql())
    .bind(i64::from(INVITE_ALLOWANCE))
    .execute(&mut **tx)
    .await;
    match done {
        Ok(_) => Ok(()),
        Err(error) if StoreError::is_taken(&error, "handle") => Err(StoreError::HandleTaken),
        // The index on the owner's role: somebody was faster.
        Err(error) if StoreError::is_taken(&error, "role") || StoreError::is_taken(&error, "one_owner") => {
            Err(StoreError::Spent)
        }
        Err(error) => Err(error.into()),
    }
}

/// What [`read_me`] reads, of the member `m`; `$2` is the domain of passkeys.
macro_rules! me_columns {
    () => {
        "m.handle, m.name, m.role, m.speaks, m.understands, m.day AS came, m.allowance, m.allowance_day, \
         (SELECT v.id FROM pictures v WHERE v.member = m.id) AS picture, \
         (SELECT COUNT(*) FROM passkeys p WHERE p.member = m.id AND p.domain = $2) AS passkeys, \
         (SELECT COUNT(*) FROM recovery_codes r WHERE r.member = m.id) AS recovery_codes, \
         (SELECT COUNT(*) FROM reports d WHERE d.reporter = m.id AND d.outcome <> 0) \
         + (SELECT COUNT(*) FROM report_signatures s JOIN reports d ON d.number = s.report \
            WHERE s.member = m.id AND d.outcome <> 0) AS reports_decided"
    };
}
pub(crate) use me_columns;

pub(crate) async fn me(
    connection: &mut SqliteConnection,
    domain: &str,
    member: MemberId,
    session: SessionId,
    today: Day,
) -> Result<Me, StoreError> {
    let row = sqlx::query(concat!("SELECT ", me_columns!(), " FROM members m WHERE m.id = $1"))
        .bind(member.0.as_slice())
        .bind(domain)
        .fetch_optional(&mut *connection)
        .await?
        .ok_or(StoreError::NotThere)?;
    read_me(&row, connection, domain, member, session, today).await
}

/// From a row with the columns of [`me_columns`]. The owner's needs two more statements.
pub(crate) async fn read_me(
    row: &rows::Row,
    connection: &mut SqliteConnection,
    domain: &str,
    member: MemberId,
    session: SessionId,
    today: Day,
) -> Result<Me, StoreError> {
    let role = rows::role(row, "role")?;
    let purse = invites::Purse {
        left: rows::number(row, "allowance")?,
        since: Day(rows::number(row, "allowance_day")?),
    };
    Ok(Me {
        id: member,
        name: rows::name(row, "name")?,
        handle: rows::handle(row, "handle")?,
        role,
        session,
        passkeys: rows::number(row, "passkeys")?,
        recovery_codes: rows::number(row, "recovery_codes")?,
        invites_left: match role {
            Role::Owner => INVITE_USES_MAX,
            Role::Member => purse.refilled(today).left,
        },
        cut_off: match role {
            Role::Owner => passkeys::cut_off(&mut *connection, domain).await?,
            Role::Member => 0,
        },
        reports_decided: rows::number(row, "reports_decided")?,
        reports_open: match role {
            Role::Owner => reports::open(connection).await?,
            Role::Member => 0,
        },
        newcomer: rows::is_newcomer(row, "came", today)?,
        picture: rows::picture(row)?,
        speaks: languages(row, "speaks")?,
        understands: languages(row, "understands")?,
    })
}

pub(crate) async fn id_of(
    connection: &mut SqliteConnection,
    handle: &Handle,
) -> Result<MemberId, StoreError> {
    let row = sqlx::query("SELECT id FROM members WHERE handle = $1")
        .bind(handle.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotThere)?;
    Ok(MemberId(rows::id(&row, "id")?))
}

/// A member for whoever may see them: whoever blocks the asker is not there.
pub(crate) async fn id_seen_by(
    connection: &mut SqliteConnection,
    asker: MemberId,
    handle: &Handle,
) -> Result<MemberId, StoreError> {
    let row = sqlx::query(concat!("SELECT m.id FROM members m WHERE m.handle = $2 AND ", seen!()))
        .bind(asker.0.as_slice())
        .bind(handle.as_str())
        .fetch_optional(connection)
        .await?
        .ok_or(StoreError::NotThere)?;
    Ok(MemberId(rows::id(&row, "id")?))
}

async fn handle_of(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Option<Handle>, StoreError> {
    let row = sqlx::query("SELECT handle FROM members WHERE id = $1")
        .bind(member.0.as_slice())
        .fetch_optional(connection)
        .await?;
    row.map(|row| rows::handle(&row, "handle")).transpose()
}

pub(crate) async fn person_of(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Option<Person>, StoreError> {
    let row = sqlx::query("SELECT id, handle, name FROM members WHERE id = $1")
        .bind(member.0.as_slice())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(person).transpose()
}

fn person(row: &rows::Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: MemberId(rows::id(row, "id")?),
        handle: rows::handle(row, "handle")?,
        name: rows::name(row, "name")?,
    })
}

/// As names are searched. Full case folding is not needed: both sides go through the same.
pub(crate) fn folded(text: &str) -> String {
    text.to_lowercase()
}
