//! What people show of themselves: one small picture each, or none.

use protocol::id::{MemberId, PictureId};
use protocol::limits::PICTURE_BYTES_MAX;
use sqlx::Row as _;

use crate::db::Store;
use crate::error::StoreError;
use crate::rows;

/// A picture, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub member: MemberId,
    pub jpeg: Vec<u8>,
}

impl Store {
    /// In the place of the one they have.
    ///
    /// # Errors
    /// [`StoreError::NotThere`]; [`StoreError::Full`] for more bytes than [`PICTURE_BYTES_MAX`].
    pub async fn put_picture(&self, member: MemberId, id: PictureId, jpeg: &[u8]) -> Result<(), StoreError> {
        if jpeg.len() > PICTURE_BYTES_MAX {
            return Err(StoreError::Full);
        }
        let done = sqlx::query(
            "INSERT INTO pictures (member, id, jpeg) SELECT m.id, $2, $3 FROM members m WHERE m.id = $1 \
             ON CONFLICT (member) DO UPDATE SET id = excluded.id, jpeg = excluded.jpeg",
        )
        .bind(member.0.as_slice())
        .bind(id.0.as_slice())
        .bind(jpeg)
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotThere) } else { Ok(()) }
    }

    /// Whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn remove_picture(&self, member: MemberId) -> Result<bool, StoreError> {
        let gone = sqlx::query("DELETE FROM pictures WHERE member = $1").bind(member.0.as_slice());
        Ok(gone.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// For whoever may see whose it is: of somebody who blocks the viewer, there is none.
    ///
    /// # Errors
    /// [`StoreError::NotThere`].
    pub async fn picture(&self, viewer: MemberId, id: PictureId) -> Result<Picture, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT m.id, p.jpeg FROM pictures p JOIN members m ON m.id = p.member WHERE p.id = $2 AND ",
            crate::profiles::seen!()
        ))
        .bind(viewer.0.as_slice())
        .bind(id.0.as_slice())
        .fetch_optional(&self.pool)
        .await?
        .ok_or(StoreError::NotThere)?;
        Ok(Picture { member: MemberId(rows::id(&row, "id")?), jpeg: row.try_get("jpeg")? })
    }
}
