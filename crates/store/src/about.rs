//! What is kept about one member, all of it; and the end of it.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use protocol::id::{InviteId, MemberId, PasskeyId, PictureId, SessionId};
use protocol::kept::{
    KEPT_VERSION, Kept, KeptAccount, KeptInvite, KeptLink, KeptLinkKind, KeptPasskey, KeptPicture,
    KeptPushDevice,
};
use protocol::order::ReportPart;
use protocol::profile::Introduction;
use protocol::text::Handle;
use protocol::{Timestamp, account::Role};
use sqlx::{Row as _, SqliteConnection};

use crate::db::Store;
use crate::error::StoreError;
use crate::types::Day;
use crate::{clubs, events, links, migrate, profiles, push, reports, rows, sessions, settings};

/// An account that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Its sessions.
    pub sessions: Vec<SessionId>,
    /// Who was tied to it: followers, followed, the inviter and the invited; those to whom its clubs went, and everybody of
    /// clubs that went along. Not more than was asked for.
    pub tied: Vec<MemberId>,
}

/// People whom what is kept about a member names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    Followed,
    Invited,
    Blocked,
    Belled,
    PingsMuted,
}

impl Store {
    /// Everything, but for the lists of people ([`Self::kept_people`]), which are empty here. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn kept(&self, member: MemberId, current: SessionId, today: Day) -> Result<Kept, StoreError> {
        // One moment, for all of it.
        let mut tx = self.pool.begin().await?;
        let (clubs, club_bans) = clubs::kept(&mut tx, member).await?;
        let kept = Kept {
            version: KEPT_VERSION,
            account: account(&mut tx, member).await?,
            picture: picture(&mut tx, member).await?,
            passkeys: passkeys(&mut tx, member).await?,
            sessions: sessions::of(&mut tx, member, current, today).await?,
            recovery_codes: count(
                &mut tx,
                "SELECT COUNT(*) AS count FROM recovery_codes WHERE member = $1",
                member,
            )
            .await?,
            links: waiting(&mut tx, member).await?,
            invites: invites(&mut tx, member).await?,
            reports: reports::of(&mut tx, member, ReportPart::Made).await?,
            heard: reports::of(&mut tx, member, ReportPart::Heard).await?,
            signed: count(
                &mut tx,
                "SELECT COUNT(*) AS count FROM report_signatures WHERE member = $1",
                member,
            )
            .await?,
            invited: Vec::new(),
            follows: Vec::new(),
            blocks: Vec::new(),
            events: events::kept(&mut tx, member).await?,
            event_parts: events::kept_parts(&mut tx, member).await?,
            event_going: events::kept_going(&mut tx, member).await?,
            calendars: count(&mut tx, "SELECT COUNT(*) AS count FROM calendars WHERE member = $1", member)
                .await?,
            bells: Vec::new(),
            wishes: push::wishes_of(&mut tx, member).await?,
            push_devices: push_devices(&mut tx, member).await?,
            clubs,
            club_bans,
            pings_muted: Vec::new(),
            followers: count(&mut tx, "SELECT COUNT(*) AS count FROM follows WHERE followed = $1", member)
                .await?,
            copy_until_day: migrate::copies_until(&self.path).map_err(StoreError::Copy)?.map(|day| day.0),
        };
        tx.rollback().await?;
        Ok(kept)
    }

    /// By handle, after this one, at most `count`. Writes nothing.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn kept_people(
        &self,
        member: MemberId,
        which: Named,
        after: Option<&Handle>,
        count: usize,
    ) -> Result<Vec<Handle>, StoreError> {
        let sql = match which {
            Named::Followed => {
                "SELECT m.handle FROM follows f JOIN members m ON m.id = f.followed \
                 WHERE f.follower = $1 AND m.handle > $2 ORDER BY m.handle LIMIT $3"
            }
            Named::Belled => {
                "SELECT m.handle FROM follows f JOIN members m ON m.id = f.followed \
                 WHERE f.follower = $1 AND f.bell = 1 AND m.handle > $2 ORDER BY m.handle LIMIT $3"
            }
            Named::Blocked => {
                "SELECT m.handle FROM blocks b JOIN members m ON m.id = b.blocked \
                 WHERE b.blocker = $1 AND m.handle > $2 ORDER BY m.handle LIMIT $3"
            }
            Named::PingsMuted => {
                "SELECT m.handle FROM muted_pings p JOIN members m ON m.id = p.muted \
                 WHERE p.muter = $1 AND m.handle > $2 ORDER BY m.handle LIMIT $3"
            }
            Named::Invited => {
                "SELECT m.handle FROM members m WHERE m.invited_by = $1 AND m.handle > $2 ORDER BY m.handle LIMIT $3"
            }
        };
        let found = sqlx::query(sql)
            .bind(member.0.as_slice())
            .bind(after.map_or("", Handle::as_str))
            .bind(i64::try_from(count).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        found.iter().map(|row| rows::handle(row, "handle")).collect()
    }

    /// Erases an account with everything that is its own; whom it invited stays. Then the file is written anew and the log
    /// beside it emptied, so that no byte of it is left anywhere.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::NotAllowed`] for the owner.
    pub async fn erase(&self, member: MemberId, tied_max: usize) -> Result<Erased, StoreError> {
        let mut tx = self.write().await?;
        let row = sqlx::query("SELECT role FROM members WHERE id = $1")
            .bind(member.0.as_slice())
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::NotThere)?;
        if rows::role(&row, "role")? == Role::Owner {
            return Err(StoreError::NotAllowed);
        }
        let sessions = sqlx::query("SELECT id FROM sessions WHERE member = $1")
            .bind(member.0.as_slice())
            .fetch_all(&mut *tx)
            .await?;
        let sessions = sessions.iter().map(|row| Ok(SessionId(rows::id(row, "id")?)));
        let sessions = sessions.collect::<Result<Vec<_>, StoreError>>()?;
        let tied = sqlx::query(
            "SELECT other FROM (SELECT follower AS other, 0 AS turn FROM follows WHERE followed = $1 \
             UNION ALL SELECT followed, 1 FROM follows WHERE follower = $1 \
             UNION ALL SELECT id, 1 FROM members WHERE invited_by = $1 \
             UNION ALL SELECT invited_by, 1 FROM members WHERE id = $1 AND invited_by IS NOT NULL) AS tied \
             GROUP BY other ORDER BY MIN(turn) LIMIT $2",
        )
        .bind(member.0.as_slice())
        .bind(i64::try_from(tied_max).unwrap_or(i64::MAX))
        .fetch_all(&mut *tx)
        .await?;
        let tied = tied.iter().map(|row| Ok(MemberId(rows::id(row, "other")?)));
        let mut tied = tied.collect::<Result<Vec<_>, StoreError>>()?;
        tied.extend(clubs::pass_on(&mut tx, member).await?);
        tied.truncate(tied_max);
        for sql in [
            "UPDATE members SET invite = NULL WHERE invite IN (SELECT id FROM invites WHERE inviter = $1)",
            // Whatever belongs to it goes along, by the tables' own rules.
            "DELETE FROM members WHERE id = $1",
        ] {
            sqlx::query(sql).bind(member.0.as_slice()).execute(&mut *tx).await?;
        }
        sqlx::query(settings::SET).bind(settings::OWED).bind("").execute(&mut *tx).await?;
        tx.commit().await?;
        // The account is gone in any case; the hourly sweep does what could not be done now.
        let _ = self.leave_no_trace().await;
        Ok(Erased { sessions, tied })
    }
}

async fn account(connection: &mut SqliteConnection, member: MemberId) -> Result<KeptAccount, StoreError> {
    let row = sqlx::query(
        "SELECT m.handle, m.handle_looks, m.name, m.name_folded, m.role, i.handle AS invited_by, m.invite, m.day, \
         m.bio, m.pronunciation, m.speaks, m.understands, m.nominator, m.suspended, m.paused, m.protected, m.allowance, m.allowance_day FROM members m LEFT JOIN members i ON i.id = m.invited_by WHERE m.id = $1",
    )
    .bind(member.0.as_slice())
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotThere)?;
    let Introduction { bio, pronunciation, speaks, understands, nominator } = profiles::introduction(&row)?;
    Ok(KeptAccount {
        id: member,
        handle: rows::handle(&row, "handle")?,
        handle_looks: row.try_get("handle_looks")?,
        name: rows::name(&row, "name")?,
        name_folded: row.try_get("name_folded")?,
        role: rows::role(&row, "role")?,
        invited_by: rows::handle_or_none(&row, "invited_by")?,
        invite: rows::id_or_none(&row, "invite")?.map(InviteId),
        bio,
        pronunciation,
        speaks,
        understands,
        nominator,
        day: rows::number(&row, "day")?,
        suspended: rows::number(&row, "suspended")? != 0,
        paused: rows::number(&row, "paused")? != 0,
        protected: rows::number(&row, "protected")? != 0,
        allowance: rows::number(&row, "allowance")?,
        allowance_day: rows::number(&row, "allowance_day")?,
    })
}

async fn picture(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Option<KeptPicture>, StoreError> {
    let found = sqlx::query("SELECT id, jpeg FROM pictures WHERE member = $1")
        .bind(member.0.as_slice())
        .fetch_optional(connection)
        .await?;
    let read = |row: &rows::Row| {
        let jpeg = base64(row.try_get("jpeg")?);
        Ok(KeptPicture {
            id: PictureId(rows::id(row, "id")?),
            jpeg: format!("data:image/jpeg;base64,{jpeg}"),
        })
    };
    found.as_ref().map(read).transpose()
}

async fn push_devices(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Vec<KeptPushDevice>, StoreError> {
    let found = sqlx::query(
        "SELECT d.session, d.endpoint, d.keys FROM push_devices d JOIN sessions s ON s.id = d.session \
         WHERE s.member = $1 ORDER BY s.day DESC, s.id",
    )
    .bind(member.0.as_slice())
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        let keys: &[u8] = row.try_get("keys")?;
        let (point, auth) = keys.split_at_checked(PUSH_POINT).ok_or(StoreError::Unreadable("keys"))?;
        Ok(KeptPushDevice {
            session: SessionId(rows::id(row, "session")?),
            endpoint: row.try_get("endpoint")?,
            p256dh: base64url(point),
            auth: base64url(auth),
        })
    };
    found.iter().map(read).collect()
}

/// Bytes of a browser's public point, in front of its secret.
const PUSH_POINT: usize = 65;

async fn passkeys(
    connection: &mut SqliteConnection,
    member: MemberId,
) -> Result<Vec<KeptPasskey>, StoreError> {
    let found = sqlx::query(
        "SELECT id, credential_id, credential, device, day, domain FROM passkeys WHERE member = $1 ORDER BY day, id",
    )
    .bind(member.0.as_slice())
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        Ok(KeptPasskey {
            id: PasskeyId(rows::id(row, "id")?),
            credential_id: base64url(row.try_get("credential_id")?),
            credential: row.try_get("credential")?,
            device: rows::device(row, "device")?,
            day: rows::number(row, "day")?,
            domain: row.try_get("domain")?,
        })
    };
    found.iter().map(read).collect()
}

async fn waiting(connection: &mut SqliteConnection, member: MemberId) -> Result<Vec<KeptLink>, StoreError> {
    let found = sqlx::query("SELECT kind, expires_ms FROM links WHERE member = $1 ORDER BY expires_ms")
        .bind(member.0.as_slice())
        .fetch_all(connection)
        .await?;
    let read = |row: &rows::Row| {
        let kind: i64 = row.try_get("kind")?;
        let kind = match kind {
            links::DEVICE => KeptLinkKind::Device,
            links::ADMINISTRATOR => KeptLinkKind::Administrator,
            _ => return Err(StoreError::Unreadable("links.kind")),
        };
        let expires: i64 = row.try_get("expires_ms")?;
        let expires = u64::try_from(expires).map_err(|_| StoreError::Unreadable("links.expires_ms"))?;
        Ok(KeptLink { kind, expires: Timestamp(expires) })
    };
    found.iter().map(read).collect()
}

async fn invites(connection: &mut SqliteConnection, member: MemberId) -> Result<Vec<KeptInvite>, StoreError> {
    let found = sqlx::query(
        "SELECT id, note, uses, used, revoked, allowance, day, expires_day FROM invites WHERE inviter = $1 \
         ORDER BY day DESC, id",
    )
    .bind(member.0.as_slice())
    .fetch_all(connection)
    .await?;
    let read = |row: &rows::Row| {
        Ok(KeptInvite {
            id: InviteId(rows::id(row, "id")?),
            note: rows::name_or_none(row, "note")?,
            uses: rows::number(row, "uses")?,
            used: rows::number(row, "used")?,
            revoked: rows::number(row, "revoked")? != 0,
            allowance: rows::number(row, "allowance")? != 0,
            day: rows::number(row, "day")?,
            expires_day: rows::number(row, "expires_day")?,
        })
    };
    found.iter().map(read).collect()
}

async fn count(
    connection: &mut SqliteConnection,
    sql: &'static str,
    member: MemberId,
) -> Result<u32, StoreError> {
    let row = sqlx::query(sql).bind(member.0.as_slice()).fetch_one(connection).await?;
    rows::number(&row, "count")
}

/// As browsers write the names of credentials (RFC 4648 section 5, without padding).
fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// As `data:` addresses have it (section 4, with padding).
fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_named_as_browsers_name_them() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        assert_eq!((base64(&[0xfb, 0xff]), base64(b"foo")), ("+/8=".to_owned(), "Zm9v".to_owned()));
    }

    #[tokio::test]
    async fn what_is_owed_to_somebody_who_was_erased_is_done_with_the_next_sweep() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let store = Store::open(&path).await.expect("opens");
        let owe = "INSERT INTO settings (name, value) VALUES ($1, '')";
        sqlx::query(owe).bind(settings::OWED).execute(&store.pool).await.expect("written");
        // Room that only writing the file anew gives back.
        for sql in
            ["CREATE TABLE big (bytes BYTEA)", "INSERT INTO big VALUES (zeroblob(100000))", "DROP TABLE big"]
        {
            sqlx::query(sql).execute(&store.pool).await.expect("done");
        }
        store.checkpoint().await.expect("written out");
        let size = || std::fs::metadata(&path).expect("a file").len();
        let before = size();
        store.sweep(Timestamp(0)).await.expect("swept");
        assert!(size() + 90_000 < before, "{before} and {}", size());
        let left = sqlx::query("SELECT name FROM settings").fetch_all(&store.pool).await.expect("read");
        assert!(left.is_empty(), "once");
    }
}
