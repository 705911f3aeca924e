//! One-time links that sign somebody in.

use protocol::Timestamp;
use protocol::id::MemberId;
use sqlx::Row as _;

use crate::db::{Store, Tx};
use crate::error::StoreError;
use crate::sessions::{self, Signed};
use crate::types::{NewSession, SecretHash};
use crate::{members, rows};
use protocol::text::Handle;

const OWNER: i64 = 0;
pub(crate) const DEVICE: i64 = 1;
pub(crate) const ADMINISTRATOR: i64 = 2;

/// A link to be.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    pub token: SecretHash,
    pub expires: Timestamp,
}

/// What somebody shows to be signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkProof {
    /// The link's own secret.
    Token(SecretHash),
    /// The short code beside it.
    Code(SecretHash),
}

impl Store {
    /// The owner's first link; older ones are void.
    ///
    /// # Errors
    /// [`StoreError::NotAllowed`] once the server has an owner.
    pub async fn put_owner_link(&self, link: NewLink) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let claimed: bool = sqlx::query("SELECT EXISTS(SELECT 1 FROM members WHERE role = $1) AS claimed")
            .bind(rows::role_sql(protocol::account::Role::Owner))
            .fetch_one(&mut *tx)
            .await?
            .try_get("claimed")?;
        if claimed {
            return Err(StoreError::NotAllowed);
        }
        sqlx::query("DELETE FROM links WHERE kind = $1").bind(OWNER).execute(&mut *tx).await?;
        insert(&mut tx, OWNER, None, link, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A link and a code for one more device of this member; older ones of theirs are void.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn put_device_link(
        &self,
        member: MemberId,
        link: NewLink,
        code: SecretHash,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        clear(&mut tx, DEVICE, member).await?;
        insert(&mut tx, DEVICE, Some(member), link, Some(code)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The administrator's link for a member; older ones are void.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn put_signin_link(&self, handle: &Handle, link: NewLink) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let member = members::id_of(&mut tx, handle).await?;
        clear(&mut tx, ADMINISTRATOR, member).await?;
        insert(&mut tx, ADMINISTRATOR, Some(member), link, None).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Uses a link up and signs its member in.
    ///
    /// # Errors
    /// [`StoreError::Spent`].
    pub async fn use_link(
        &self,
        proof: LinkProof,
        session: &NewSession,
        now: Timestamp,
    ) -> Result<Signed, StoreError> {
        let mut tx = self.write().await?;
        let (sql, hash) = match proof {
            LinkProof::Token(hash) => (
                "DELETE FROM links WHERE token_hash = $1 AND kind <> $2 AND expires_ms > $3 RETURNING member",
                hash,
            ),
            LinkProof::Code(hash) => (
                "DELETE FROM links WHERE code_hash = $1 AND kind <> $2 AND expires_ms > $3 RETURNING member",
                hash,
            ),
        };
        let row = sqlx::query(sql)
            .bind(hash.0.as_slice())
            .bind(OWNER)
            .bind(ms(now))
            .fetch_optional(&mut *tx)
            .await?
            .ok_or(StoreError::Spent)?;
        let member = MemberId(rows::id(&row, "member")?);
        let signed = sessions::add(&mut tx, &self.domain, member, session).await?;
        tx.commit().await?;
        Ok(signed)
    }
}

/// Uses the owner's link up.
pub(crate) async fn take_owner(tx: &mut Tx, token: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    let done = sqlx::query("DELETE FROM links WHERE token_hash = $1 AND kind = $2 AND expires_ms > $3")
        .bind(token.0.as_slice())
        .bind(OWNER)
        .bind(ms(now))
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Spent) }
}

async fn insert(
    tx: &mut Tx,
    kind: i64,
    member: Option<MemberId>,
    link: NewLink,
    code: Option<SecretHash>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO links (token_hash, kind, member, code_hash, expires_ms) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(link.token.0.as_slice())
    .bind(kind)
    .bind(member.map(|member| member.0.to_vec()))
    .bind(code.map(|code| code.0.to_vec()))
    .bind(ms(link.expires))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn clear(tx: &mut Tx, kind: i64, member: MemberId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM links WHERE kind = $1 AND member = $2")
        .bind(kind)
        .bind(member.0.as_slice())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn ms(moment: Timestamp) -> i64 {
    i64::try_from(moment.0).unwrap_or(i64::MAX)
}
