//! Clubs as members see them, and what their admins say of them. Who is in them is in [`people`].

mod act;
mod people;

use protocol::club::{
    Club, ClubCharter, ClubDoor, ClubFollowing, ClubPage, ClubRules, ClubStanding, RoomStarters,
};
use protocol::id::{ClubId, MemberId, PictureId};
use protocol::kept::{KeptClub, KeptClubBan};
use protocol::limits::{CLUBS_EACH_MAX, CLUBS_MAX, CLUBS_OWNED_MAX, FOUND_MAX, PICTURE_BYTES_MAX};
use protocol::text::{ClubAbout, ClubName, ClubRule};
use sqlx::{Row as _, SqliteConnection};

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::members::folded;
use crate::profiles::{self, escaped, limit, profile_columns, seen};
use crate::types::Day;
use crate::{looks, rows};

pub use people::Roll;
pub(crate) use people::{pass_on, sweep};

/// Of clubs `c`, those that there are for `$1` on the day `$2`: to somebody who is banned there is no such club.
macro_rules! there {
    () => {
        "NOT EXISTS(SELECT 1 FROM club_bans x WHERE x.club = c.id AND x.member = $1 \
         AND (x.until_day IS NULL OR x.until_day > $2))"
    };
}

/// The columns that [`club`] reads of a club `c`, to which `$1` is `s`.
macro_rules! columns {
    () => {
        "c.id, c.name, c.picture, c.door, c.starters, s.standing, COALESCE(s.offered, 0) AS offered, \
         (SELECT COUNT(*) FROM club_people n WHERE n.club = c.id AND n.standing >= 3) AS members, \
         CASE WHEN s.standing >= 4 THEN (SELECT COUNT(*) FROM club_people w WHERE w.club = c.id AND w.standing = 1) \
         ELSE 0 END AS waiting"
    };
}

/// The numbers of standings in the database; never reused. A stranger has no row.
const STANDINGS: [(ClubStanding, i64); 6] = [
    (ClubStanding::Follower, 0),
    (ClubStanding::Asking, 1),
    (ClubStanding::Invited, 2),
    (ClubStanding::Member, 3),
    (ClubStanding::Admin, 4),
    (ClubStanding::Owner, 5),
];

impl Store {
    /// A new club, run by whoever founds it.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`]; [`StoreError::Full`].
    pub async fn found_club(
        &self,
        founder: MemberId,
        id: ClubId,
        charter: &ClubCharter,
        today: Day,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM clubs) AS clubs, \
             (SELECT COUNT(*) FROM club_people WHERE member = $1) AS ties, \
             (SELECT COUNT(*) FROM club_people WHERE member = $1 AND standing = 5) AS owned",
        )
        .bind(founder.0.as_slice())
        .fetch_one(&mut *tx)
        .await?;
        for (count, max) in [("clubs", CLUBS_MAX), ("ties", CLUBS_EACH_MAX), ("owned", CLUBS_OWNED_MAX)] {
            full_at(rows::number(&row, count)?, max)?;
        }
        let done = sqlx::query(
            "INSERT INTO clubs (id, name, name_looks, name_folded, about, rules, door, starters, following) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        );
        said(done.bind(id.0.as_slice()), charter).execute(&mut *tx).await.map_err(taken)?;
        people::put(&mut tx, id, founder, ClubStanding::Owner, today).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What its admins say of it from now on, as a whole.
    ///
    /// # Errors
    /// [`StoreError::NotThere`], [`StoreError::NotAllowed`], [`StoreError::NameTaken`].
    pub async fn change_club(
        &self,
        admin: MemberId,
        id: ClubId,
        charter: &ClubCharter,
        today: Day,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        keeps_order(&mut tx, admin, id, today).await?;
        let done = sqlx::query(
            "UPDATE clubs SET name = $2, name_looks = $3, name_folded = $4, about = $5, rules = $6, door = $7, \
             starters = $8, following = $9 WHERE id = $1",
        );
        said(done.bind(id.0.as_slice()), charter).execute(&mut *tx).await.map_err(taken)?;
        if charter.following == ClubFollowing::Off {
            let gone = sqlx::query("DELETE FROM club_people WHERE club = $1 AND standing = 0");
            gone.bind(id.0.as_slice()).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// In the place of the one it has; none takes it away.
    ///
    /// # Errors
    /// [`StoreError::NotThere`], [`StoreError::NotAllowed`]; [`StoreError::Full`] for more bytes than
    /// [`PICTURE_BYTES_MAX`].
    pub async fn put_club_picture(
        &self,
        admin: MemberId,
        id: ClubId,
        picture: Option<(PictureId, &[u8])>,
        today: Day,
    ) -> Result<(), StoreError> {
        if picture.is_some_and(|(_, jpeg)| jpeg.len() > PICTURE_BYTES_MAX) {
            return Err(StoreError::Full);
        }
        let mut tx = self.write().await?;
        keeps_order(&mut tx, admin, id, today).await?;
        sqlx::query("UPDATE clubs SET picture = $2, jpeg = $3 WHERE id = $1")
            .bind(id.0.as_slice())
            .bind(picture.map(|(picture, _)| picture.0.to_vec()))
            .bind(picture.map(|(_, jpeg)| jpeg.to_vec()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// For whoever may see the club.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn club_picture(
        &self,
        viewer: MemberId,
        id: PictureId,
        today: Day,
    ) -> Result<(ClubId, Vec<u8>), StoreError> {
        let row =
            sqlx::query(concat!("SELECT c.id, c.jpeg FROM clubs c WHERE c.picture = $3 AND ", there!()))
                .bind(viewer.0.as_slice())
                .bind(today.sql())
                .bind(id.0.as_slice())
                .fetch_optional(&self.pool)
                .await?
                .ok_or(StoreError::NotThere)?;
        Ok((ClubId(rows::id(&row, "id")?), row.try_get("jpeg")?))
    }

    /// All that somebody sees of a club. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn club_page(&self, viewer: MemberId, id: ClubId, today: Day) -> Result<ClubPage, StoreError> {
        // One moment, for all of it.
        let mut tx = self.pool.begin().await?;
        let page = page(&mut tx, viewer, id, today).await;
        tx.rollback().await?;
        page
    }

    /// Those that somebody is anything to, by name: first where something is asked of them. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn clubs_of(&self, viewer: MemberId, today: Day) -> Result<Vec<Club>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM club_people s JOIN clubs c ON c.id = s.club WHERE s.member = $1 AND ",
            there!(),
            " ORDER BY CASE WHEN s.standing = 2 OR s.offered = 1 THEN 0 ELSE 1 END, c.name_folded, c.id",
        ))
        .bind(viewer.0.as_slice())
        .bind(today.sql())
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(club).collect()
    }

    /// Clubs of which a word of the name begins with `text`, those with the most members first; at most [`FOUND_MAX`].
    /// Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn find_clubs(
        &self,
        viewer: MemberId,
        text: &str,
        today: Day,
    ) -> Result<Vec<Club>, StoreError> {
        let plain = escaped(&folded(text.trim()));
        let found = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM clubs c LEFT JOIN club_people s ON s.club = c.id AND s.member = $1 WHERE ",
            there!(),
            " AND (c.name_folded LIKE $3 ESCAPE '!' OR c.name_folded LIKE $4 ESCAPE '!') \
             ORDER BY members DESC, c.name_folded, c.id LIMIT $5",
        ))
        .bind(viewer.0.as_slice())
        .bind(today.sql())
        .bind(format!("{plain}%"))
        .bind(format!("% {plain}%"))
        .bind(limit(FOUND_MAX))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(club).collect()
    }
}

async fn page(
    connection: &mut SqliteConnection,
    viewer: MemberId,
    id: ClubId,
    today: Day,
) -> Result<ClubPage, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        ", c.about, c.rules, c.following, \
         (SELECT COUNT(*) FROM club_people f WHERE f.club = c.id AND f.standing = 0) AS followers, \
         CASE WHEN s.standing = 5 THEN (SELECT m.handle FROM club_people h JOIN members m ON m.id = h.member \
         WHERE h.club = c.id AND h.offered = 1) END AS offered_to \
         FROM clubs c LEFT JOIN club_people s ON s.club = c.id AND s.member = $1 WHERE c.id = $3 AND ",
        there!(),
    ))
    .bind(viewer.0.as_slice())
    .bind(today.sql())
    .bind(id.0.as_slice())
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(StoreError::NotThere)?;
    let owner = sqlx::query(concat!(
        "SELECT ",
        profile_columns!(),
        " FROM club_people k JOIN members m ON m.id = k.member LEFT JOIN members i ON i.id = m.invited_by \
         WHERE k.club = $2 AND k.standing = 5 AND ",
        seen!(),
    ))
    .bind(viewer.0.as_slice())
    .bind(id.0.as_slice())
    .fetch_optional(connection)
    .await?;
    Ok(ClubPage {
        club: club(&row)?,
        charter: charter(&row)?,
        owner: owner.as_ref().map(profiles::profile).transpose()?,
        followers: rows::number(&row, "followers")?,
        offered_to: rows::handle_or_none(&row, "offered_to")?,
    })
}

/// What somebody is to a club that there is for them.
async fn standing(
    connection: &mut SqliteConnection,
    member: MemberId,
    id: ClubId,
    today: Day,
) -> Result<ClubStanding, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT s.standing FROM clubs c LEFT JOIN club_people s ON s.club = c.id AND s.member = $1 \
         WHERE c.id = $3 AND ",
        there!(),
    ))
    .bind(member.0.as_slice())
    .bind(today.sql())
    .bind(id.0.as_slice())
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotThere)?;
    read_standing(&row)
}

async fn keeps_order(tx: &mut Tx, member: MemberId, id: ClubId, today: Day) -> Result<(), StoreError> {
    if standing(tx, member, id, today).await?.keeps_order() { Ok(()) } else { Err(StoreError::NotAllowed) }
}

fn read_standing(row: &rows::Row) -> Result<ClubStanding, StoreError> {
    let stored: Option<i64> = row.try_get("standing")?;
    let Some(stored) = stored else { return Ok(ClubStanding::Stranger) };
    let known = STANDINGS.iter().find(|(_, number)| *number == stored);
    known.map(|(standing, _)| *standing).ok_or(StoreError::Unreadable("standing"))
}

fn standing_sql(standing: ClubStanding) -> Option<i64> {
    STANDINGS.iter().find(|(known, _)| *known == standing).map(|(_, number)| *number)
}

/// From a row with the columns of that name.
fn club(row: &rows::Row) -> Result<Club, StoreError> {
    let standing = read_standing(row)?;
    let starters = starters(row)?;
    Ok(Club {
        id: ClubId(rows::id(row, "id")?),
        name: name(row)?,
        picture: rows::picture(row)?,
        door: door(row)?,
        members: rows::number(row, "members")?,
        standing,
        starts_rooms: starts_rooms(standing, starters),
        waiting: rows::number(row, "waiting")?,
        offered: rows::number(row, "offered")? != 0,
    })
}

fn starts_rooms(standing: ClubStanding, starters: RoomStarters) -> bool {
    match starters {
        RoomStarters::Admins => standing.keeps_order(),
        RoomStarters::Members => standing.is_in(),
    }
}

fn charter(row: &rows::Row) -> Result<ClubCharter, StoreError> {
    let about: String = row.try_get("about")?;
    let about = (!about.is_empty()).then(|| ClubAbout::parse(&about)).transpose();
    Ok(ClubCharter {
        name: name(row)?,
        about: about.map_err(|_| StoreError::Unreadable("about"))?,
        door: door(row)?,
        rules: rules(row)?,
        starters: starters(row)?,
        following: match rows::number(row, "following")? {
            0 => ClubFollowing::Off,
            1 => ClubFollowing::Anybody,
            _ => return Err(StoreError::Unreadable("following")),
        },
    })
}

fn name(row: &rows::Row) -> Result<ClubName, StoreError> {
    let text: String = row.try_get("name")?;
    ClubName::parse(&text).map_err(|_| StoreError::Unreadable("name"))
}

fn rules(row: &rows::Row) -> Result<ClubRules, StoreError> {
    let text: String = row.try_get("rules")?;
    let rules = text.lines().map(ClubRule::parse).collect::<Result<Vec<_>, _>>();
    let rules = rules.ok().and_then(|rules| ClubRules::try_from(rules).ok());
    rules.ok_or(StoreError::Unreadable("rules"))
}

fn door(row: &rows::Row) -> Result<ClubDoor, StoreError> {
    match rows::number(row, "door")? {
        0 => Ok(ClubDoor::Open),
        1 => Ok(ClubDoor::Request),
        2 => Ok(ClubDoor::Invitation),
        _ => Err(StoreError::Unreadable("door")),
    }
}

fn starters(row: &rows::Row) -> Result<RoomStarters, StoreError> {
    match rows::number(row, "starters")? {
        0 => Ok(RoomStarters::Admins),
        1 => Ok(RoomStarters::Members),
        _ => Err(StoreError::Unreadable("starters")),
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds what is said of a club, from `$2` on.
fn said<'q>(query: Query<'q>, charter: &ClubCharter) -> Query<'q> {
    let rules: Vec<&str> = charter.rules.as_slice().iter().map(ClubRule::as_str).collect();
    query
        .bind(charter.name.as_str().to_owned())
        .bind(looks::of_club(&charter.name))
        .bind(folded(charter.name.as_str()))
        .bind(charter.about.as_ref().map_or("", ClubAbout::as_str).to_owned())
        .bind(rules.join("\n"))
        .bind(match charter.door {
            ClubDoor::Open => 0i64,
            ClubDoor::Request => 1,
            ClubDoor::Invitation => 2,
        })
        .bind(match charter.starters {
            RoomStarters::Admins => 0i64,
            RoomStarters::Members => 1,
        })
        .bind(match charter.following {
            ClubFollowing::Off => 0i64,
            ClubFollowing::Anybody => 1,
        })
}

fn taken(error: sqlx::Error) -> StoreError {
    if StoreError::is_taken(&error, "name_looks") { StoreError::NameTaken } else { error.into() }
}

fn full_at(count: u32, max: usize) -> Result<(), StoreError> {
    if usize::try_from(count).is_ok_and(|count| count >= max) { Err(StoreError::Full) } else { Ok(()) }
}

/// What is kept about somebody and clubs.
pub(crate) async fn kept(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<(Vec<KeptClub>, Vec<KeptClubBan>), StoreError> {
    let found = sqlx::query(
        "SELECT s.club, c.name, s.standing, s.day, s.offered FROM club_people s JOIN clubs c ON c.id = s.club \
         WHERE s.member = $1 ORDER BY c.name_folded, c.id",
    )
    .bind(member.0.as_slice())
    .fetch_all(&mut *connection)
    .await?;
    let read = |row: &rows::Row| {
        Ok(KeptClub {
            club: ClubId(rows::id(row, "club")?),
            name: name(row)?,
            standing: read_standing(row)?,
            day: rows::number(row, "day")?,
            offered: rows::number(row, "offered")? != 0,
        })
    };
    let clubs = found.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    let found = sqlx::query(
        "SELECT b.club, c.name, b.until_day FROM club_bans b JOIN clubs c ON c.id = b.club WHERE b.member = $1 \
         ORDER BY c.name_folded, c.id",
    )
    .bind(member.0.as_slice())
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        Ok(KeptClubBan {
            club: ClubId(rows::id(row, "club")?),
            name: name(row)?,
            until_day: rows::number_or_none(row, "until_day")?,
        })
    };
    Ok((clubs, found.iter().map(read).collect::<Result<_, StoreError>>()?))
}
