//! Members as others see them, and what they say of themselves.

use protocol::account::Profile;
use protocol::id::MemberId;
use protocol::limits::{FOUND_MAX, MUTUALS_SHOWN, PEOPLE_PAGE, SUGGESTED_MAX};
use protocol::profile::{Introduction, Languages, Nominator, ProfilePage};
use protocol::text::{Bio, Handle, Language, Pronunciation};
use sqlx::{Row as _, SqliteConnection};

use crate::db::Store;
use crate::error::StoreError;
use crate::members::folded;
use crate::rows;
use crate::types::Day;

/// Which way to look along the follows of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Those who follow them.
    Followers,
    /// Those whom they follow.
    Following,
}

/// Among whom somebody is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    Everybody,
    /// Those who follow whoever seeks.
    Followers,
}

/// Of members `m`, those whom `$1` may see, or whoever else is named: whoever blocks the asker is not there.
macro_rules! seen {
    () => {
        $crate::profiles::seen!("$1")
    };
    ($viewer:literal) => {
        concat!("NOT EXISTS(SELECT 1 FROM blocks x WHERE x.blocker = m.id AND x.blocked = ", $viewer, ")")
    };
}

/// The columns that [`profile()`] reads of a member `m` who came by `i`, as `$1` sees them. Who invited them is shown where
/// they show it, and to the inviter, to themselves and to whoever runs the server (role 0); never an inviter who blocks the
/// asker.
macro_rules! profile_columns {
    () => {
        "m.handle, m.name, CASE WHEN (m.nominator = 0 OR m.id = $1 OR i.id = $1 \
         OR EXISTS(SELECT 1 FROM members o WHERE o.id = $1 AND o.role = 0)) \
         AND NOT EXISTS(SELECT 1 FROM blocks y WHERE y.blocker = i.id AND y.blocked = $1) \
         THEN i.handle END AS invited_by, \
         EXISTS(SELECT 1 FROM follows f WHERE f.follower = $1 AND f.followed = m.id) AS followed, \
         EXISTS(SELECT 1 FROM follows f WHERE f.follower = m.id AND f.followed = $1) AS follows_me, \
         EXISTS(SELECT 1 FROM blocks b WHERE b.blocker = $1 AND b.blocked = m.id) AS blocked, \
         (SELECT v.id FROM pictures v WHERE v.member = m.id) AS picture"
    };
}
pub(crate) use {profile_columns, seen};

impl Store {
    /// All that `viewer` sees of a member.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn profile_page(
        &self,
        viewer: MemberId,
        handle: &Handle,
        today: Day,
    ) -> Result<ProfilePage, StoreError> {
        // One moment, for all of it.
        let mut tx = self.pool.begin().await?;
        let page = page_of(&mut tx, viewer, handle, today).await;
        tx.rollback().await?;
        page
    }

    /// What a member says of themselves from now on, as a whole.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn introduce(&self, member: MemberId, said: &Introduction) -> Result<(), StoreError> {
        let done = sqlx::query(
            "UPDATE members SET bio = $2, pronunciation = $3, speaks = $4, understands = $5, nominator = $6 WHERE id = $1",
        )
        .bind(member.0.as_slice())
        .bind(said.bio.as_ref().map_or("", Bio::as_str))
        .bind(said.pronunciation.as_ref().map_or("", Pronunciation::as_str))
        .bind(languages_sql(&said.speaks))
        .bind(languages_sql(&said.understands))
        .bind(match said.nominator {
            Nominator::Shown => 0i64,
            Nominator::Hidden => 1,
        })
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotThere) } else { Ok(()) }
    }

    /// Who follows a member, or whom they follow, by handle, after this one: at most [`PEOPLE_PAGE`]. Whoever blocks the
    /// viewer is not among them.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn people_along(
        &self,
        viewer: MemberId,
        handle: &Handle,
        along: Along,
        after: Option<&Handle>,
    ) -> Result<Vec<Profile>, StoreError> {
        let mut connection = self.pool.acquire().await?;
        let whose = crate::members::id_seen_by(&mut connection, viewer, handle).await?;
        let sql = match along {
            Along::Followers => concat!(
                "SELECT ",
                profile_columns!(),
                " FROM follows e JOIN members m ON m.id = e.follower LEFT JOIN members i ON i.id = m.invited_by \
                 WHERE e.followed = $2 AND m.handle > $3 AND ",
                seen!(),
                " ORDER BY m.handle LIMIT $4"
            ),
            Along::Following => concat!(
                "SELECT ",
                profile_columns!(),
                " FROM follows e JOIN members m ON m.id = e.followed LEFT JOIN members i ON i.id = m.invited_by \
                 WHERE e.follower = $2 AND m.handle > $3 AND ",
                seen!(),
                " ORDER BY m.handle LIMIT $4"
            ),
        };
        let found = sqlx::query(sql)
            .bind(viewer.0.as_slice())
            .bind(whose.0.as_slice())
            .bind(after.map_or("", Handle::as_str))
            .bind(limit(PEOPLE_PAGE))
            .fetch_all(&mut *connection)
            .await?;
        found.iter().map(profile).collect()
    }

    /// Whom a member may like to follow: who invited them, then those whom that person follows. Nobody whom they follow or
    /// block, nor who is suspended.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn suggested(&self, member: MemberId) -> Result<Vec<Profile>, StoreError> {
        let found = sqlx::query(concat!(
            "SELECT ",
            profile_columns!(),
            " FROM members s JOIN members m ON m.id = s.invited_by \
               OR m.id IN (SELECT e.followed FROM follows e WHERE e.follower = s.invited_by) \
             LEFT JOIN members i ON i.id = m.invited_by \
             WHERE s.id = $1 AND m.id <> $1 AND m.suspended = 0 AND ",
            seen!(),
            " AND NOT EXISTS(SELECT 1 FROM follows w WHERE w.follower = $1 AND w.followed = m.id) \
              AND NOT EXISTS(SELECT 1 FROM blocks z WHERE z.blocker = $1 AND z.blocked = m.id) \
             ORDER BY CASE WHEN m.id = s.invited_by THEN 0 ELSE 1 END, m.handle LIMIT $2",
        ))
        .bind(member.0.as_slice())
        .bind(limit(SUGGESTED_MAX))
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(profile).collect()
    }

    /// People whose handle, or a word of whose name, begins with `text`; everybody for an empty text. At most
    /// [`FOUND_MAX`], by handle, without the viewer.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn find(&self, viewer: MemberId, text: &str, among: Among) -> Result<Vec<Profile>, StoreError> {
        let plain = escaped(&folded(text.trim().trim_start_matches('@')));
        let found = sqlx::query(concat!(
            "SELECT ",
            profile_columns!(),
            " FROM members m LEFT JOIN members i ON i.id = m.invited_by WHERE m.id <> $1 AND ",
            seen!(),
            " AND (m.handle LIKE $2 ESCAPE '!' OR m.name_folded LIKE $2 ESCAPE '!' \
                   OR m.name_folded LIKE $3 ESCAPE '!') \
             AND ($5 = 0 OR EXISTS(SELECT 1 FROM follows g WHERE g.follower = m.id AND g.followed = $1)) \
             ORDER BY m.handle LIMIT $4",
        ))
        .bind(viewer.0.as_slice())
        .bind(format!("{plain}%"))
        .bind(format!("% {plain}%"))
        .bind(i64::try_from(FOUND_MAX).unwrap_or(i64::MAX))
        .bind(match among {
            Among::Everybody => 0i64,
            Among::Followers => 1,
        })
        .fetch_all(&self.pool)
        .await?;
        found.iter().map(profile).collect()
    }
}

async fn page_of(
    connection: &mut SqliteConnection,
    viewer: MemberId,
    handle: &Handle,
    today: Day,
) -> Result<ProfilePage, StoreError> {
    let profile = profile_of(connection, viewer, handle).await?;
    let row = sqlx::query(
        "SELECT id, day, bio, pronunciation, speaks, understands, nominator FROM members WHERE handle = $1",
    )
    .bind(handle.as_str())
    .fetch_one(&mut *connection)
    .await?;
    let (id, came) = (MemberId(rows::id(&row, "id")?), Day(rows::number(&row, "day")?));
    let mut counts = [0; 3];
    for (sql, count) in [FOLLOWERS, FOLLOWING, MUTUALS].into_iter().zip(&mut counts) {
        let query = sqlx::query(sql).bind(viewer.0.as_slice()).bind(id.0.as_slice());
        *count = rows::number(&query.fetch_one(&mut *connection).await?, "count")?;
    }
    let [followers, following, mutuals] = counts;
    let some = sqlx::query(concat!(
        "SELECT ",
        profile_columns!(),
        " FROM follows e JOIN follows k ON k.follower = e.followed JOIN members m ON m.id = e.followed \
         LEFT JOIN members i ON i.id = m.invited_by WHERE e.follower = $1 AND k.followed = $2 AND ",
        seen!(),
        " ORDER BY m.handle LIMIT $3",
    ))
    .bind(viewer.0.as_slice())
    .bind(id.0.as_slice())
    .bind(limit(MUTUALS_SHOWN))
    .fetch_all(&mut *connection)
    .await?;
    let bell = sqlx::query(
        "SELECT COALESCE(MAX(bell), 0) AS bell FROM follows WHERE follower = $1 AND followed = $2",
    )
    .bind(viewer.0.as_slice())
    .bind(id.0.as_slice())
    .fetch_one(&mut *connection)
    .await?;
    Ok(ProfilePage {
        profile,
        bell: rows::number(&bell, "bell")? == 1,
        introduction: introduction(&row)?,
        since_day: came.month().0,
        newcomer: rows::is_newcomer(&row, "day", today)?,
        followers,
        following,
        mutuals,
        mutuals_shown: some.iter().map(self::profile).collect::<Result<_, _>>()?,
    })
}

/// Of `$2`, as `$1` may see them: a list and its count say the same.
const FOLLOWERS: &str = concat!(
    "SELECT COUNT(*) AS count FROM follows e JOIN members m ON m.id = e.follower WHERE e.followed = $2 AND ",
    seen!()
);
const FOLLOWING: &str = concat!(
    "SELECT COUNT(*) AS count FROM follows e JOIN members m ON m.id = e.followed WHERE e.follower = $2 AND ",
    seen!()
);
const MUTUALS: &str = concat!(
    "SELECT COUNT(*) AS count FROM follows e JOIN follows k ON k.follower = e.followed \
     JOIN members m ON m.id = e.followed WHERE e.follower = $1 AND k.followed = $2 AND ",
    seen!()
);

pub(crate) async fn profile_of(
    connection: &mut SqliteConnection,
    viewer: MemberId,
    handle: &Handle,
) -> Result<Profile, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        profile_columns!(),
        " FROM members m LEFT JOIN members i ON i.id = m.invited_by WHERE m.handle = $2 AND ",
        seen!(),
    ))
    .bind(viewer.0.as_slice())
    .bind(handle.as_str())
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotThere)?;
    profile(&row)
}

/// Whose pings somebody does not want. Nothing that changes with a block is in it.
pub(crate) async fn pings_muted_by(
    pool: &sqlx::SqlitePool,
    muter: MemberId,
) -> Result<Vec<Profile>, StoreError> {
    let found = sqlx::query(
        "SELECT m.handle, m.name, NULL AS invited_by, FALSE AS followed, FALSE AS follows_me, FALSE AS blocked, \
         NULL AS picture FROM muted_pings p JOIN members m ON m.id = p.muted WHERE p.muter = $1 ORDER BY m.handle",
    )
    .bind(muter.0.as_slice())
    .fetch_all(pool)
    .await?;
    found.iter().map(profile).collect()
}

/// Whom somebody blocks.
pub(crate) async fn blocked_profiles(
    pool: &sqlx::SqlitePool,
    blocker: MemberId,
) -> Result<Vec<Profile>, StoreError> {
    let found = sqlx::query(
        "SELECT m.handle, m.name, i.handle AS invited_by, FALSE AS followed, FALSE AS follows_me, \
         TRUE AS blocked, (SELECT v.id FROM pictures v WHERE v.member = m.id) AS picture FROM blocks b JOIN members m ON m.id = b.blocked \
         LEFT JOIN members i ON i.id = m.invited_by WHERE b.blocker = $1 ORDER BY m.handle",
    )
    .bind(blocker.0.as_slice())
    .fetch_all(pool)
    .await?;
    found.iter().map(profile).collect()
}

pub(crate) fn profile(row: &rows::Row) -> Result<Profile, StoreError> {
    Ok(Profile {
        handle: rows::handle(row, "handle")?,
        name: rows::name(row, "name")?,
        invited_by: rows::handle_or_none(row, "invited_by")?,
        followed: row.try_get("followed")?,
        follows_me: row.try_get("follows_me")?,
        blocked: row.try_get("blocked")?,
        picture: rows::picture(row)?,
    })
}

/// From a row with the columns of that name.
pub(crate) fn introduction(row: &rows::Row) -> Result<Introduction, StoreError> {
    let (bio, said): (String, String) = (row.try_get("bio")?, row.try_get("pronunciation")?);
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let bio = optional(&bio).map(|text| Bio::parse(&text)).transpose();
    let pronunciation = optional(&said).map(|text| Pronunciation::parse(&text)).transpose();
    Ok(Introduction {
        bio: bio.map_err(|_| StoreError::Unreadable("bio"))?,
        pronunciation: pronunciation.map_err(|_| StoreError::Unreadable("pronunciation"))?,
        speaks: languages(row, "speaks")?,
        understands: languages(row, "understands")?,
        nominator: match rows::number(row, "nominator")? {
            0 => Nominator::Shown,
            1 => Nominator::Hidden,
            _ => return Err(StoreError::Unreadable("nominator")),
        },
    })
}

pub(crate) fn languages(row: &rows::Row, column: &'static str) -> Result<Languages, StoreError> {
    let text: String = row.try_get(column)?;
    let codes = text.split_whitespace().map(Language::parse).collect::<Result<Vec<_>, _>>();
    let languages = codes.ok().and_then(|codes| Languages::try_from(codes).ok());
    languages.ok_or(StoreError::Unreadable(column))
}

pub(crate) fn languages_sql(languages: &Languages) -> String {
    let codes: Vec<&str> = languages.as_slice().iter().map(Language::as_str).collect();
    codes.join(" ")
}

pub(crate) fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Text that means itself in a LIKE pattern with `!` as its escape.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
