//! Who is what to a club, and how that changes.

use protocol::club::{
    BanPeriod, ClubAct, ClubDoor, ClubFollowing, ClubList, ClubPerson, ClubRules, ClubStanding,
};
use protocol::id::{ClubId, MemberId, PictureId};
use protocol::limits::{
    CLUB_ADMINS_MAX, CLUB_BANS_MAX, CLUB_PEOPLE_MAX, CLUB_WAITING_MAX, CLUBS_EACH_MAX, CLUBS_OWNED_MAX,
    PEOPLE_PAGE,
};
use protocol::text::{ClubName, Handle};
use sqlx::SqliteConnection;

use super::act::{Deed, deed};
use super::{charter, full_at, read_standing, standing, standing_sql};
use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::profiles::{self, limit, profile_columns, seen};
use crate::types::Day;
use crate::{looks, members, rows};

/// Of club people `k`, those that [`ClubList`] names.
const LISTS: [(ClubList, &str); 4] = [
    (
        ClubList::Members,
        concat!(
            "SELECT ",
            profile_columns!(),
            ", k.standing, NULL AS until_day FROM club_people k JOIN members m ON m.id = k.member \
             LEFT JOIN members i ON i.id = m.invited_by \
             WHERE k.club = $2 AND k.standing >= 3 AND m.handle > $3 AND ",
            seen!(),
            " ORDER BY m.handle LIMIT $4"
        ),
    ),
    (
        ClubList::Admins,
        concat!(
            "SELECT ",
            profile_columns!(),
            ", k.standing, NULL AS until_day FROM club_people k JOIN members m ON m.id = k.member \
             LEFT JOIN members i ON i.id = m.invited_by \
             WHERE k.club = $2 AND k.standing >= 4 AND m.handle > $3 AND ",
            seen!(),
            " ORDER BY m.handle LIMIT $4"
        ),
    ),
    (
        ClubList::Waiting,
        concat!(
            "SELECT ",
            profile_columns!(),
            ", k.standing, NULL AS until_day FROM club_people k JOIN members m ON m.id = k.member \
             LEFT JOIN members i ON i.id = m.invited_by \
             WHERE k.club = $2 AND k.standing IN (1, 2) AND m.handle > $3 AND ",
            seen!(),
            " ORDER BY m.handle LIMIT $4"
        ),
    ),
    (
        ClubList::Banned,
        concat!(
            "SELECT ",
            profile_columns!(),
            ", NULL AS standing, k.until_day FROM club_bans k JOIN members m ON m.id = k.member \
             LEFT JOIN members i ON i.id = m.invited_by WHERE k.club = $2 AND m.handle > $3 AND ",
            seen!(),
            " ORDER BY m.handle LIMIT $4"
        ),
    ),
];

/// What is true of a club now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roll {
    pub name: ClubName,
    pub picture: Option<PictureId>,
    /// Who follows it, is in it, or more.
    pub people: Vec<(MemberId, ClubStanding)>,
    pub banned: Vec<MemberId>,
}

impl Store {
    /// Some of the people of a club, by handle, after this one: at most [`PEOPLE_PAGE`]. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for whoever is not in it, or does not keep order there.
    pub async fn club_people(
        &self,
        viewer: MemberId,
        club: ClubId,
        which: ClubList,
        after: Option<&Handle>,
        today: Day,
    ) -> Result<Vec<ClubPerson>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let mine = standing(&mut connection, viewer, club, today).await?;
        let may = match which {
            ClubList::Members | ClubList::Admins => mine.is_in(),
            ClubList::Waiting | ClubList::Banned => mine.keeps_order(),
        };
        let sql = LISTS.iter().find(|(list, _)| *list == which && may).map(|(_, sql)| *sql);
        let found = sqlx::query(sql.ok_or(StoreError::NotAllowed)?)
            .bind(viewer.0.as_slice())
            .bind(club.0.as_slice())
            .bind(after.map_or("", Handle::as_str))
            .bind(limit(PEOPLE_PAGE))
            .fetch_all(&mut *connection)
            .await?;
        let read = |row: &rows::Row| {
            Ok(ClubPerson {
                profile: profiles::profile(row)?,
                standing: read_standing(row)?,
                until_day: rows::number_or_none(row, "until_day")?,
            })
        };
        found.iter().map(read).collect()
    }

    /// Joins, or asks to: whoever was invited is in. Agreed to the rules that it has now, or not at all. Who has to be told
    /// is the answer.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotNow`] where the rules are others; [`StoreError::NotAllowed`] where one is
    /// invited; [`StoreError::Full`].
    pub async fn join_club(
        &self,
        member: MemberId,
        club: ClubId,
        agreed: &ClubRules,
        today: Day,
    ) -> Result<Vec<MemberId>, StoreError> {
        let mut tx = self.write().await?;
        let before = standing(&mut tx, member, club, today).await?;
        if before.is_in() || before == ClubStanding::Asking {
            return Ok(Vec::new());
        }
        let charter = charter_of(&mut tx, club).await?;
        if charter.rules != *agreed {
            return Err(StoreError::NotNow);
        }
        let next = match (before, charter.door) {
            (ClubStanding::Invited, _) | (_, ClubDoor::Open) => ClubStanding::Member,
            (_, ClubDoor::Request) => ClubStanding::Asking,
            (_, ClubDoor::Invitation) => return Err(StoreError::NotAllowed),
        };
        put(&mut tx, club, member, next, today).await?;
        let mut told = admins(&mut tx, club).await?;
        told.push(member);
        tx.commit().await?;
        Ok(told)
    }

    /// Follows it; nothing changes for whoever is more to it.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] where nobody follows it; [`StoreError::Full`].
    pub async fn follow_club(&self, member: MemberId, club: ClubId, today: Day) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        if standing(&mut tx, member, club, today).await? != ClubStanding::Stranger {
            return Ok(());
        }
        if charter_of(&mut tx, club).await?.following == ClubFollowing::Off {
            return Err(StoreError::NotAllowed);
        }
        put(&mut tx, club, member, ClubStanding::Follower, today).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Is nothing to it any more: leaves, stops following, takes a question back, says no to an invitation.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for whoever runs it.
    pub async fn leave_club(&self, member: MemberId, club: ClubId, today: Day) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        if standing(&mut tx, member, club, today).await? == ClubStanding::Owner {
            return Err(StoreError::NotAllowed);
        }
        put(&mut tx, club, member, ClubStanding::Stranger, today).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What an admin does about somebody, who is the answer.
    ///
    /// # Errors
    /// [`StoreError::NotThere`], [`StoreError::NotAllowed`], [`StoreError::Full`]; [`StoreError::NotNow`] where they are not
    /// what it is done about any more.
    pub async fn act_in_club(
        &self,
        actor: MemberId,
        club: ClubId,
        handle: &Handle,
        act: ClubAct,
        today: Day,
    ) -> Result<MemberId, StoreError> {
        let mut tx = self.write().await?;
        let mine = standing(&mut tx, actor, club, today).await?;
        // Whoever asks in vain learns nothing about whom they ask.
        if !mine.keeps_order() {
            return Err(StoreError::NotAllowed);
        }
        let target = members::id_seen_by(&mut tx, actor, handle).await?;
        done(&mut tx, club, (actor, mine), target, act, today).await?;
        tx.commit().await?;
        Ok(target)
    }

    /// The same of a ban, by ids: of somebody who was met where nobody asks for handles.
    ///
    /// # Errors
    /// [`StoreError::NotThere`], [`StoreError::NotAllowed`], [`StoreError::Full`].
    pub async fn ban_from_club(
        &self,
        actor: MemberId,
        club: ClubId,
        target: MemberId,
        period: BanPeriod,
        today: Day,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let mine = standing(&mut tx, actor, club, today).await?;
        if members::person_of(&mut tx, target).await?.is_none() {
            return Err(StoreError::NotThere);
        }
        done(&mut tx, club, (actor, mine), target, ClubAct::Ban(period), today).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What is true of a club now, for rooms that are held for it; none of one that is not there. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn club_roll(&self, club: ClubId, today: Day) -> Result<Option<Roll>, StoreError> {
        // One moment, for all of it.
        let mut tx = self.pool.begin().await?;
        let row = sqlx::query("SELECT name, picture FROM clubs WHERE id = $1")
            .bind(club.0.as_slice())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found = sqlx::query(
            "SELECT member, standing FROM club_people WHERE club = $1 AND (standing = 0 OR standing >= 3)",
        )
        .bind(club.0.as_slice())
        .fetch_all(&mut *tx)
        .await?;
        let read = |row: &rows::Row| Ok((MemberId(rows::id(row, "member")?), read_standing(row)?));
        let people = found.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
        let banned = sqlx::query(
            "SELECT member FROM club_bans WHERE club = $1 AND (until_day IS NULL OR until_day > $2)",
        )
        .bind(club.0.as_slice())
        .bind(today.sql())
        .fetch_all(&mut *tx)
        .await?;
        let banned = banned.iter().map(|row| Ok(MemberId(rows::id(row, "member")?)));
        let banned = banned.collect::<Result<Vec<_>, StoreError>>()?;
        let roll = Roll { name: super::name(&row)?, picture: rows::picture(&row)?, people, banned };
        tx.rollback().await?;
        Ok(Some(roll))
    }

    /// Says yes to taking it over: whoever ran it is an admin from now on, and the answer.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotNow`] for whoever is not asked; [`StoreError::Full`].
    pub async fn take_club_over(
        &self,
        member: MemberId,
        club: ClubId,
        today: Day,
    ) -> Result<MemberId, StoreError> {
        let mut tx = self.write().await?;
        standing(&mut tx, member, club, today).await?;
        let asked = "UPDATE club_people SET offered = 0 WHERE club = $1 AND member = $2 AND offered = 1";
        let asked = sqlx::query(asked).bind(club.0.as_slice()).bind(member.0.as_slice());
        if asked.execute(&mut *tx).await?.rows_affected() == 0 {
            return Err(StoreError::NotNow);
        }
        let owned = "SELECT COUNT(*) AS count FROM club_people WHERE member = $1 AND standing = 5";
        let owned = sqlx::query(owned).bind(member.0.as_slice()).fetch_one(&mut *tx).await?;
        full_at(rows::number(&owned, "count")?, CLUBS_OWNED_MAX)?;
        let before = "UPDATE club_people SET standing = 4 WHERE club = $1 AND standing = 5 RETURNING member";
        let before = sqlx::query(before).bind(club.0.as_slice()).fetch_one(&mut *tx).await?;
        sqlx::query("UPDATE club_people SET standing = 5 WHERE club = $1 AND member = $2")
            .bind(club.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(MemberId(rows::id(&before, "member")?))
    }

    /// Says no to it, and whoever runs it is the answer.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn refuse_club(
        &self,
        member: MemberId,
        club: ClubId,
        today: Day,
    ) -> Result<MemberId, StoreError> {
        let mut tx = self.write().await?;
        standing(&mut tx, member, club, today).await?;
        let offered = sqlx::query(
            "UPDATE club_people SET offered = 0 WHERE club = $1 AND member = $2 AND offered <> 0",
        )
        .bind(club.0.as_slice())
        .bind(member.0.as_slice())
        .execute(&mut *tx)
        .await?;
        if offered.rows_affected() == 0 {
            return Err(StoreError::NotNow);
        }
        let owner = sqlx::query("SELECT member FROM club_people WHERE club = $1 AND standing = 5")
            .bind(club.0.as_slice())
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(MemberId(rows::id(&owner, "member")?))
    }

    /// The end of it, by whoever runs it: everybody it was something to is the answer.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for anybody else, or where that is not its name.
    pub async fn dissolve_club(
        &self,
        owner: MemberId,
        club: ClubId,
        typed: &ClubName,
        today: Day,
    ) -> Result<Vec<MemberId>, StoreError> {
        let mut tx = self.write().await?;
        let is_owner = standing(&mut tx, owner, club, today).await? == ClubStanding::Owner;
        let name = charter_of(&mut tx, club).await?.name;
        if !is_owner || looks::of_club(&name) != looks::of_club(typed) {
            return Err(StoreError::NotAllowed);
        }
        let everybody = everybody(&mut tx, club).await?;
        dissolve(&mut tx, club).await?;
        tx.commit().await?;
        Ok(everybody)
    }
}

/// Carries out what [`deed`] allows.
async fn done(
    tx: &mut Tx,
    club: ClubId,
    (actor, mine): (MemberId, ClubStanding),
    target: MemberId,
    act: ClubAct,
    today: Day,
) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT standing FROM club_people WHERE club = $1 AND member = $2")
        .bind(club.0.as_slice())
        .bind(target.0.as_slice())
        .fetch_optional(&mut **tx)
        .await?;
    let before = row.as_ref().map_or(Ok(ClubStanding::Stranger), read_standing)?;
    match deed(mine, before, act)? {
        Deed::Become(next) => {
            // Whoever is banned is let in by whoever lifts that.
            if !matches!(next, ClubStanding::Stranger) && is_banned(tx, club, target, today).await? {
                return Err(StoreError::NotNow);
            }
            put(tx, club, target, next, today).await
        }
        Deed::Ban { .. } if actor == target => Err(StoreError::NotAllowed),
        Deed::Ban { days } => {
            full_at(
                count(tx, "SELECT COUNT(*) AS count FROM club_bans WHERE club = $1", club).await?,
                CLUB_BANS_MAX,
            )?;
            put(tx, club, target, ClubStanding::Stranger, today).await?;
            sqlx::query(
                "INSERT INTO club_bans (club, member, until_day) VALUES ($1, $2, $3) \
                 ON CONFLICT (club, member) DO UPDATE SET until_day = excluded.until_day",
            )
            .bind(club.0.as_slice())
            .bind(target.0.as_slice())
            // To the end of a day.
            .bind(days.map(|days| today.sql() + i64::from(days) + 1))
            .execute(&mut **tx)
            .await?;
            Ok(())
        }
        Deed::LiftBan => {
            sqlx::query("DELETE FROM club_bans WHERE club = $1 AND member = $2")
                .bind(club.0.as_slice())
                .bind(target.0.as_slice())
                .execute(&mut **tx)
                .await?;
            Ok(())
        }
        Deed::Offer => offered(tx, club, Some(target)).await,
        Deed::WithdrawOffer => offered(tx, club, None).await,
    }
}

/// Who is asked to take it over: one, or nobody.
async fn offered(tx: &mut Tx, club: ClubId, whom: Option<MemberId>) -> Result<(), StoreError> {
    sqlx::query("UPDATE club_people SET offered = CASE WHEN member = $2 THEN 1 ELSE 0 END WHERE club = $1")
        .bind(club.0.as_slice())
        .bind(whom.map(|member| member.0.to_vec()))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn is_banned(tx: &mut Tx, club: ClubId, member: MemberId, today: Day) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT 1 FROM club_bans WHERE club = $1 AND member = $2 AND (until_day IS NULL OR until_day > $3)",
    )
    .bind(club.0.as_slice())
    .bind(member.0.as_slice())
    .bind(today.sql())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

/// Somebody is this to a club from now on. The day they joined stays theirs, whatever they become in it.
pub(super) async fn put(
    tx: &mut Tx,
    club: ClubId,
    member: MemberId,
    next: ClubStanding,
    today: Day,
) -> Result<(), StoreError> {
    let Some(number) = standing_sql(next) else {
        sqlx::query("DELETE FROM club_people WHERE club = $1 AND member = $2")
            .bind(club.0.as_slice())
            .bind(member.0.as_slice())
            .execute(&mut **tx)
            .await?;
        return Ok(());
    };
    has_room(tx, club, member, next).await?;
    sqlx::query(
        "INSERT INTO club_people (club, member, standing, day, offered) VALUES ($1, $2, $3, $4, 0) \
         ON CONFLICT (club, member) DO UPDATE SET standing = excluded.standing, offered = 0, \
         day = CASE WHEN club_people.standing >= 3 THEN club_people.day ELSE excluded.day END",
    )
    .bind(club.0.as_slice())
    .bind(member.0.as_slice())
    .bind(number)
    .bind(today.sql())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether the club, and this member, have room for one more such tie.
async fn has_room(tx: &mut Tx, club: ClubId, member: MemberId, next: ClubStanding) -> Result<(), StoreError> {
    let others = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM club_people WHERE club = $1 AND member <> $2) AS people, \
         (SELECT COUNT(*) FROM club_people WHERE club = $1 AND member <> $2 AND standing >= 4) AS admins, \
         (SELECT COUNT(*) FROM club_people WHERE club = $1 AND member <> $2 AND standing IN (1, 2)) AS waiting, \
         (SELECT COUNT(*) FROM club_people WHERE member = $2 AND club <> $1) AS ties",
    )
    .bind(club.0.as_slice())
    .bind(member.0.as_slice())
    .fetch_one(&mut **tx)
    .await?;
    let bounds: &[(&'static str, usize)] = match next {
        ClubStanding::Admin => &[("admins", CLUB_ADMINS_MAX)],
        ClubStanding::Asking | ClubStanding::Invited => {
            &[("people", CLUB_PEOPLE_MAX), ("ties", CLUBS_EACH_MAX), ("waiting", CLUB_WAITING_MAX)]
        }
        _ => &[("people", CLUB_PEOPLE_MAX), ("ties", CLUBS_EACH_MAX)],
    };
    for (column, max) in bounds {
        full_at(rows::number(&others, column)?, *max)?;
    }
    Ok(())
}

async fn charter_of(tx: &mut Tx, club: ClubId) -> Result<protocol::club::ClubCharter, StoreError> {
    let row = sqlx::query("SELECT name, about, rules, door, starters, following FROM clubs WHERE id = $1")
        .bind(club.0.as_slice())
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NotThere)?;
    charter(&row)
}

async fn count(tx: &mut Tx, sql: &'static str, club: ClubId) -> Result<u32, StoreError> {
    rows::number(&sqlx::query(sql).bind(club.0.as_slice()).fetch_one(&mut **tx).await?, "count")
}

async fn admins(connection: &mut SqliteConnection, club: ClubId) -> Result<Vec<MemberId>, StoreError> {
    people(connection, "SELECT member FROM club_people WHERE club = $1 AND standing >= 4", club).await
}

async fn everybody(connection: &mut SqliteConnection, club: ClubId) -> Result<Vec<MemberId>, StoreError> {
    people(connection, "SELECT member FROM club_people WHERE club = $1", club).await
}

async fn people(
    connection: &mut SqliteConnection,
    sql: &'static str,
    club: ClubId,
) -> Result<Vec<MemberId>, StoreError> {
    let found = sqlx::query(sql).bind(club.0.as_slice()).fetch_all(connection).await?;
    found.iter().map(|row| Ok(MemberId(rows::id(row, "member")?))).collect()
}

async fn dissolve(tx: &mut Tx, club: ClubId) -> Result<(), StoreError> {
    // Whatever belongs to it goes along, by the tables' own rules.
    sqlx::query("DELETE FROM clubs WHERE id = $1").bind(club.0.as_slice()).execute(&mut **tx).await?;
    Ok(())
}

/// Clubs of somebody who erases their account go to whoever keeps order in them longest, else to whoever has been in them
/// longest; one that has nobody else is dissolved. Who has to be told is the answer.
pub(crate) async fn pass_on(tx: &mut Tx, owner: MemberId) -> Result<Vec<MemberId>, StoreError> {
    let owned = sqlx::query("SELECT club FROM club_people WHERE member = $1 AND standing = 5")
        .bind(owner.0.as_slice())
        .fetch_all(&mut **tx)
        .await?;
    let mut told = Vec::new();
    for row in &owned {
        let club = ClubId(rows::id(row, "club")?);
        let heir = sqlx::query(
            "SELECT p.member FROM club_people p JOIN members m ON m.id = p.member \
             WHERE p.club = $1 AND p.standing IN (3, 4) AND m.suspended = 0 ORDER BY p.standing DESC, p.day, p.member LIMIT 1",
        )
        .bind(club.0.as_slice())
        .fetch_optional(&mut **tx)
        .await?;
        let Some(heir) = heir else {
            told.extend(everybody(tx, club).await?);
            dissolve(tx, club).await?;
            continue;
        };
        let heir = MemberId(rows::id(&heir, "member")?);
        for (sql, member) in [
            ("DELETE FROM club_people WHERE club = $1 AND member = $2", owner),
            ("UPDATE club_people SET standing = 5, offered = 0 WHERE club = $1 AND member = $2", heir),
        ] {
            sqlx::query(sql).bind(club.0.as_slice()).bind(member.0.as_slice()).execute(&mut **tx).await?;
        }
        told.push(heir);
    }
    told.retain(|member| *member != owner);
    Ok(told)
}

/// Bans that are over.
pub(crate) async fn sweep(tx: &mut Tx, today: Day) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM club_bans WHERE until_day <= $1").bind(today.sql()).execute(&mut **tx).await?;
    Ok(())
}
