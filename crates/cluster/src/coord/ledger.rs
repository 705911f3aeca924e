//! What is kept, as versions and sizes: enough to decide compare-and-set and the bounds without the blobs themselves.

use std::collections::{HashMap, HashSet};

use super::{Change, CommitError};
use crate::blob::{Blob, Tag, Version};
use crate::limits::{BLOB_COST, MAX_COMMIT_BYTES, MAX_STORE_BYTES};

/// The mirror of [`crate::store::BlobStore`] on the side that knows what a commit means.
#[derive(Debug, Default)]
pub struct Ledger {
    /// What each blob costs, [`BLOB_COST`] included.
    kept: HashMap<Tag, (Version, usize)>,
    bytes: usize,
}

impl Ledger {
    /// As things stand after a restart.
    pub fn of(blobs: &[Blob]) -> Self {
        let mut ledger = Self::default();
        for blob in blobs {
            ledger.note(blob);
        }
        ledger
    }

    /// May this change be committed? Decided before anything is sealed.
    ///
    /// # Errors
    /// [`CommitError::Conflict`], [`CommitError::TooLarge`] (also for a tag named twice), [`CommitError::Full`].
    pub fn check(&self, change: &Change) -> Result<(), CommitError> {
        let (mut bytes, mut written) = (self.bytes, 0);
        let mut named = HashSet::new();
        for tag in &change.forgets {
            if !named.insert(*tag) {
                return Err(CommitError::TooLarge);
            }
            if let Some((_, old)) = self.kept.get(tag) {
                bytes -= old;
            }
        }
        for put in &change.puts {
            if !named.insert(put.tag) {
                return Err(CommitError::TooLarge);
            }
            let kept = self.kept.get(&put.tag);
            if kept.map(|(version, _)| *version) != put.over {
                return Err(CommitError::Conflict);
            }
            bytes -= kept.map_or(0, |(_, old)| *old);
            let sealed = put.plain.len() + crate::seal::OVERHEAD;
            bytes += BLOB_COST + sealed;
            written += sealed;
        }
        if written > MAX_COMMIT_BYTES {
            return Err(CommitError::TooLarge);
        }
        if bytes > MAX_STORE_BYTES {
            return Err(CommitError::Full);
        }
        Ok(())
    }

    /// This blob is kept now.
    pub fn note(&mut self, blob: &Blob) {
        let size = BLOB_COST + blob.sealed.as_bytes().len();
        let old = self.kept.insert(blob.tag, (blob.version, size)).map_or(0, |(_, old)| old);
        self.bytes = self.bytes + size - old;
    }

    /// This one is not.
    pub fn forget(&mut self, tag: Tag) {
        if let Some((_, old)) = self.kept.remove(&tag) {
            self.bytes -= old;
        }
    }
}
