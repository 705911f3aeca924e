//! What the parent keeps: sealed blobs by tag. It has no key, and no rule but two: a version only grows, and a commit
//! happens whole or not at all.

use std::collections::{HashMap, HashSet};

use crate::blob::{Blob, Commit, Sealed, Tag, Version};
use crate::limits::{BLOB_COST, MAX_BLOB_BYTES, MAX_COMMIT_ENTRIES, MAX_STORE_BYTES};

/// Why a commit was not kept. `live` checks the same before it sends, so each of these means that it is not itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    #[error("a version that is not greater than the one kept")]
    NotNewer,
    #[error("one tag twice in one commit")]
    Twice,
    #[error("more entries or longer blobs than one commit may have")]
    TooLarge,
    #[error("more than is kept in all")]
    Full,
}

/// Sealed blobs in memory.
#[derive(Debug, Default)]
pub struct BlobStore {
    blobs: HashMap<Tag, (Version, Sealed)>,
    /// Of all of them, [`BLOB_COST`] each included.
    bytes: usize,
}

impl BlobStore {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps one commit whole, or changes nothing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub fn apply(&mut self, commit: Commit) -> Result<(), StoreError> {
        let bytes = self.after(&commit)?;
        if bytes > MAX_STORE_BYTES {
            return Err(StoreError::Full);
        }
        for tag in commit.forgets {
            self.blobs.remove(&tag);
        }
        for Blob { tag, version, sealed } in commit.puts {
            self.blobs.insert(tag, (version, sealed));
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Bytes that would be kept afterwards.
    fn after(&self, commit: &Commit) -> Result<usize, StoreError> {
        if commit.puts.len() + commit.forgets.len() > MAX_COMMIT_ENTRIES {
            return Err(StoreError::TooLarge);
        }
        let mut bytes = self.bytes;
        let mut named = HashSet::new();
        for tag in &commit.forgets {
            if !named.insert(*tag) {
                return Err(StoreError::Twice);
            }
            if let Some((_, old)) = self.blobs.get(tag) {
                bytes -= cost(old);
            }
        }
        for blob in &commit.puts {
            if !named.insert(blob.tag) {
                return Err(StoreError::Twice);
            }
            if blob.sealed.as_bytes().len() > MAX_BLOB_BYTES {
                return Err(StoreError::TooLarge);
            }
            match self.blobs.get(&blob.tag) {
                Some((kept, _)) if blob.version <= *kept => return Err(StoreError::NotNewer),
                Some((_, old)) => bytes -= cost(old),
                None => {}
            }
            bytes += cost(&blob.sealed);
        }
        Ok(bytes)
    }

    /// Drops everything: nobody is left who could open it.
    pub fn clear(&mut self) {
        self.blobs = HashMap::new();
        self.bytes = 0;
    }

    pub fn len(&self) -> usize {
        self.blobs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty()
    }

    /// All tags, to hand the blobs back one at a time.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + '_ {
        self.blobs.keys().copied()
    }

    /// One blob as it was last committed.
    pub fn get(&self, tag: Tag) -> Option<Blob> {
        let (version, sealed) = self.blobs.get(&tag)?;
        Some(Blob { tag, version: *version, sealed: sealed.clone() })
    }
}

fn cost(sealed: &Sealed) -> usize {
    BLOB_COST + sealed.as_bytes().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::limits::ROOMS_MAX;

    fn blob(tag: u8, version: u64, bytes: usize) -> Blob {
        let tag = Tag::from_random([tag; 16]);
        Blob { tag, version: Version(version), sealed: Sealed::from_bytes(vec![tag.as_bytes()[0]; bytes]) }
    }

    fn put(blobs: Vec<Blob>) -> Commit {
        Commit { puts: blobs, forgets: Vec::new() }
    }

    #[test]
    fn a_version_that_does_not_grow_is_refused_and_the_newer_one_stays() {
        let mut store = BlobStore::new();
        store.apply(put(vec![blob(1, 5, 10)])).expect("new");
        assert_eq!(store.apply(put(vec![blob(1, 5, 11)])), Err(StoreError::NotNewer));
        assert_eq!(store.apply(put(vec![blob(1, 4, 11)])), Err(StoreError::NotNewer));
        assert_eq!(store.get(Tag::from_random([1; 16])), Some(blob(1, 5, 10)));
    }

    #[test]
    fn a_commit_with_one_bad_entry_changes_nothing() {
        let mut store = BlobStore::new();
        store.apply(put(vec![blob(1, 1, 10), blob(2, 1, 10)])).expect("new");
        let mixed =
            Commit { puts: vec![blob(3, 1, 10), blob(2, 1, 10)], forgets: vec![Tag::from_random([1; 16])] };
        assert_eq!(store.apply(mixed), Err(StoreError::NotNewer));
        assert_eq!(store.len(), 2);
        assert!(store.get(Tag::from_random([1; 16])).is_some());
        let twice = Commit { puts: vec![blob(1, 2, 10)], forgets: vec![Tag::from_random([1; 16])] };
        assert_eq!(store.apply(twice), Err(StoreError::Twice));
    }

    #[test]
    fn a_blob_or_a_commit_beyond_its_bound_is_refused() {
        let mut store = BlobStore::new();
        assert_eq!(store.apply(put(vec![blob(1, 1, MAX_BLOB_BYTES + 1)])), Err(StoreError::TooLarge));
        let many = (0..=MAX_COMMIT_ENTRIES).map(|i| Tag::from_random((i as u128).to_le_bytes())).collect();
        assert_eq!(store.apply(Commit { puts: Vec::new(), forgets: many }), Err(StoreError::TooLarge));
    }

    #[test]
    fn a_full_store_refuses_more_and_takes_it_once_something_was_forgotten() {
        let mut store = BlobStore::new();
        let whole = MAX_STORE_BYTES / (MAX_BLOB_BYTES + BLOB_COST);
        let named = |i: usize| Blob {
            tag: Tag::from_random((i as u128).to_le_bytes()),
            version: Version::FIRST,
            sealed: Sealed::from_bytes(vec![0; MAX_BLOB_BYTES]),
        };
        for i in 0..whole {
            store.apply(put(vec![named(i)])).expect("room for it");
        }
        assert_eq!(store.apply(put(vec![named(whole)])), Err(StoreError::Full));
        store.apply(Commit { puts: Vec::new(), forgets: vec![named(0).tag] }).expect("forgotten");
        store.apply(put(vec![named(whole)])).expect("room again");
        store.clear();
        assert!(store.is_empty());
    }

    #[test]
    fn as_many_small_rooms_as_there_may_be_are_kept() {
        let mut store = BlobStore::new();
        for room in 0..ROOMS_MAX {
            let puts = (0..14u128).map(|part| Blob {
                tag: Tag::from_random((room as u128 * 14 + part).to_le_bytes()),
                version: Version::FIRST,
                sealed: Sealed::from_bytes(vec![0; 150]),
            });
            store.apply(put(puts.collect())).expect("room for a core and thirteen listeners");
        }
    }

    #[test]
    fn empty_blobs_are_not_kept_without_end() {
        let mut store = BlobStore::new();
        let refused = (0..MAX_STORE_BYTES / BLOB_COST + 1).find_map(|i| {
            let tag = Tag::from_random((i as u128).to_le_bytes());
            let empty = Blob { tag, version: Version::FIRST, sealed: Sealed::from_bytes(Vec::new()) };
            store.apply(put(vec![empty])).err()
        });
        assert_eq!(refused, Some(StoreError::Full));
    }

    proptest! {
        #[test]
        fn the_count_of_bytes_is_the_sum_of_what_the_blobs_cost(
            steps in proptest::collection::vec((0u8..6, 0u64..6, 0usize..40, any::<bool>()), 0..60),
        ) {
            let mut store = BlobStore::new();
            for (tag, version, bytes, forget) in steps {
                let commit = if forget {
                    Commit { puts: Vec::new(), forgets: vec![Tag::from_random([tag; 16])] }
                } else {
                    put(vec![blob(tag, version, bytes)])
                };
                let _ = store.apply(commit);
                let sum: usize =
                    store.blobs.values().map(|(_, sealed)| BLOB_COST + sealed.as_bytes().len()).sum();
                prop_assert_eq!(store.bytes, sum);
            }
        }
    }
}
