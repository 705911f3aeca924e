//! A room as blobs.
//!
//! Each part that `rooms` gives becomes one blob under a random tag. The core's blob also names the tags and versions
//! of all others: whoever rebuilds the room can tell a whole from a mixture of moments. Blobs say which room they are
//! of only inside the seal.

use std::collections::BTreeMap;

use cluster::bus::Epoch;
use cluster::limits::{MAX_BLOB_BYTES, MAX_COMMIT_BYTES, MAX_COMMIT_ENTRIES};
use cluster::seal::MAX_PLAINTEXT;
use cluster::{Blob, Change, CommitError, Coord, Format, Put, Sealer, Tag, Version};
use protocol::Timestamp;
use protocol::id::{ReportNumber, RoomId};
use rooms::{Filed, Part};
use serde::{Deserialize, Serialize};

use crate::clock::random;

/// The layout of what is inside the blobs, below.
pub(crate) const FORMAT: Format = Format(1);

/// What a room's owner remembers besides `rooms::Room`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keepsakes {
    pub(crate) epoch: Epoch,
    /// Seat tokens are made with it, so that they outlive this process.
    pub(crate) seat_key: [u8; 32],
}

/// Bytes inside a blob besides the part, at most (postcard): which of the two, the room, the keepsakes, the share, the
/// part's length; in the core for each share its number, tag and version too.
const INSIDE: usize = 1 + 16 + 5 + 32 + 2 + 5;
const SHARE_NAMED: usize = 2 + 16 + 10;
const SHARES: usize = 256;

const _: () = assert!(rooms::CORE_BYTES_MAX + INSIDE + SHARES * SHARE_NAMED <= MAX_PLAINTEXT);
const _: () = assert!(rooms::SHARE_BYTES_MAX + INSIDE <= MAX_PLAINTEXT);
const _: () = assert!(SHARES < MAX_COMMIT_ENTRIES);
const _: () = assert!(
    rooms::ROOM_BYTES_MAX + (1 + SHARES) * (INSIDE + MAX_BLOB_BYTES - MAX_PLAINTEXT) + SHARES * SHARE_NAMED
        <= MAX_COMMIT_BYTES,
    "all of the largest room is one commit, and so is whatever changes of it"
);

/// Inside a blob.
#[derive(Debug, Serialize, Deserialize)]
enum Inside {
    Core {
        room: RoomId,
        keepsakes: Keepsakes,
        shares: Vec<(u8, Tag, Version)>,
        bytes: Vec<u8>,
    },
    Share {
        room: RoomId,
        share: u8,
        bytes: Vec<u8>,
    },
    /// Of no room any more.
    Report(Filing),
}

/// A report that has left its room, until the keeper has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Filing {
    /// Under the first of them that is free; the same for every try, so that it is kept once.
    pub(crate) numbers: Vec<ReportNumber>,
    /// Then it is forgotten.
    pub(crate) until: Timestamp,
    pub(crate) filed: Filed,
}

impl Filing {
    /// Committed by itself: its room may be over.
    pub(crate) fn put(&self, tag: Tag) -> Put {
        Put { tag, over: None, plain: written(&Inside::Report(self.clone())) }
    }
}

/// Commits one room's parts.
#[derive(Debug)]
pub(crate) struct Committer {
    room: RoomId,
    keepsakes: Keepsakes,
    core_tag: Tag,
    core_version: Option<Version>,
    core_bytes: Vec<u8>,
    shares: BTreeMap<u8, (Tag, Version)>,
    /// What was refused and is tried again with the next change.
    owed: BTreeMap<Part, Option<Vec<u8>>>,
}

impl Committer {
    pub(crate) fn new(room: RoomId, keepsakes: Keepsakes) -> Self {
        Self {
            room,
            keepsakes,
            core_tag: Tag::from_random(random()),
            core_version: None,
            core_bytes: Vec::new(),
            shares: BTreeMap::new(),
            owed: BTreeMap::new(),
        }
    }

    pub(crate) fn keepsakes(&self) -> &Keepsakes {
        &self.keepsakes
    }

    /// Commits what changed, all of it or nothing.
    ///
    /// # Errors
    /// See [`CommitError`]. What was not committed is, with the next call.
    pub(crate) async fn commit(
        &mut self,
        coord: &Coord,
        parts: Vec<(Part, Option<Vec<u8>>)>,
    ) -> Result<(), CommitError> {
        self.owed.extend(parts);
        if self.owed.is_empty() {
            return Ok(());
        }
        let mut change = Change::default();
        let mut shares = self.shares.clone();
        let mut core = &self.core_bytes;
        for (part, bytes) in &self.owed {
            match (part, bytes) {
                (Part::Core, Some(bytes)) => core = bytes,
                (Part::Core, None) => return self.forget(coord).await,
                (Part::Audience(share), Some(bytes)) => {
                    let over = shares.get(share).copied();
                    let tag = over.map_or_else(|| Tag::from_random(random()), |(tag, _)| tag);
                    let inside = Inside::Share { room: self.room, share: *share, bytes: bytes.clone() };
                    let put = Put { tag, over: over.map(|(_, version)| version), plain: written(&inside) };
                    shares.insert(*share, (tag, put.version()));
                    change.puts.push(put);
                }
                (Part::Audience(share), None) => {
                    change.forgets.extend(shares.remove(share).map(|(tag, _)| tag))
                }
            }
        }
        let inside = Inside::Core {
            room: self.room,
            keepsakes: self.keepsakes,
            shares: shares.iter().map(|(share, (tag, version))| (*share, *tag, *version)).collect(),
            bytes: core.clone(),
        };
        let put = Put { tag: self.core_tag, over: self.core_version, plain: written(&inside) };
        let version = put.version();
        change.puts.push(put);
        coord.commit(change).await?;
        self.core_version = Some(version);
        self.shares = shares;
        if let Some(Some(bytes)) = self.owed.remove(&Part::Core) {
            self.core_bytes = bytes;
        }
        self.owed.clear();
        Ok(())
    }

    /// Everything of this room is forgotten. The next commit has to bring all parts; it writes under new tags.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub(crate) async fn forget(&mut self, coord: &Coord) -> Result<(), CommitError> {
        let mut forgets: Vec<Tag> = self.shares.values().map(|(tag, _)| *tag).collect();
        forgets.extend(self.core_version.map(|_| self.core_tag));
        self.owed.clear();
        if forgets.is_empty() {
            return Ok(());
        }
        coord.commit(Change { puts: Vec::new(), forgets }).await?;
        self.shares.clear();
        self.core_version = None;
        self.core_tag = Tag::from_random(random());
        Ok(())
    }
}

/// One room, put together from its blobs.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) room: RoomId,
    pub(crate) parts: Vec<(Part, Vec<u8>)>,
    pub(crate) committer: Committer,
}

/// What an earlier run left behind.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rooms: Vec<Whole>,
    pub(crate) reports: Vec<(Tag, Filing)>,
    /// Blobs that are of no use and have to be forgotten.
    pub(crate) useless: Vec<Tag>,
    /// Rooms whose core was there and which cannot be put together all the same.
    pub(crate) broken: u32,
}

/// Opens the blobs and puts rooms together. A room is whole if its core opens and its shares are
/// exactly those that the core names, in the versions that it names.
///
/// That the blobs are the newest there are cannot be seen here: an older room that is whole looks like any other. It is
/// the parent's store that keeps one version of each tag, the newest, and takes a commit whole or not at all
/// ([`cluster::store::BlobStore`]).
pub(crate) fn put_together(blobs: &[Blob], sealer: &Sealer) -> Found {
    let mut found = Found::default();
    let mut shares = BTreeMap::new();
    let mut cores = Vec::new();
    for blob in blobs {
        match sealer.open(blob).ok().and_then(|plain| postcard::from_bytes::<Inside>(&plain).ok()) {
            Some(Inside::Core { room, keepsakes, shares, bytes }) => {
                cores.push((room, keepsakes, shares, bytes, blob.tag, blob.version));
            }
            Some(Inside::Share { room, share, bytes }) => {
                shares.insert((room, share, blob.tag, blob.version), bytes);
            }
            Some(Inside::Report(filing)) => found.reports.push((blob.tag, filing)),
            None => found.useless.push(blob.tag),
        }
    }
    // A blob that does not open may have been any room's core or share.
    if cores.is_empty() && !found.useless.is_empty() {
        found.broken = 1;
    }
    for (room, keepsakes, named, bytes, core_tag, core_version) in cores {
        let taken: Option<Vec<(Part, Vec<u8>)>> = named
            .iter()
            .map(|(share, tag, version)| {
                shares.remove(&(room, *share, *tag, *version)).map(|bytes| (Part::Audience(*share), bytes))
            })
            .collect();
        // One share too many is as bad as one too few: it is of another moment than the core.
        let taken = taken.filter(|_| !shares.keys().any(|(of, ..)| *of == room));
        let Some(mut parts) = taken else {
            found.broken += 1;
            found.useless.push(core_tag);
            found.useless.extend(named.iter().map(|(_, tag, _)| *tag));
            continue;
        };
        parts.push((Part::Core, bytes.clone()));
        // Owed from the start: an epoch that stayed with this process would be given out again by the next.
        let owed = BTreeMap::from([(Part::Core, Some(bytes.clone()))]);
        let keepsakes = Keepsakes { epoch: keepsakes.epoch.next(), ..keepsakes };
        let committer = Committer {
            room,
            keepsakes,
            core_tag,
            core_version: Some(core_version),
            core_bytes: bytes,
            shares: named.into_iter().map(|(share, tag, version)| (share, (tag, version))).collect(),
            owed,
        };
        found.rooms.push(Whole { room, parts, committer });
    }
    found.useless.extend(shares.into_keys().map(|(_, _, tag, _)| tag));
    found.useless.sort_unstable();
    found.useless.dedup();
    found
}

fn written(inside: &Inside) -> Vec<u8> {
    postcard::to_stdvec(inside).expect("plain data in memory is always written")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use cluster::SealingKey;
    use cluster::parent::{FromLive, ToLive};
    use cluster::store::BlobStore;
    use std::os::unix::net::UnixStream;

    pub(crate) const ROOM: RoomId = RoomId([5; 16]);

    pub(crate) struct Bench {
        pub(crate) coord: Coord,
        parent: line::Receiver<FromLive>,
        pub(crate) store: BlobStore,
    }

    pub(crate) fn sealer() -> Sealer {
        Sealer::new(&SealingKey::from_random([3; 32]), FORMAT)
    }

    fn bench() -> Bench {
        bench_beside(&[])
    }

    /// Beside what is kept of other rooms.
    pub(crate) fn bench_beside(others: &[Blob]) -> Bench {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (sender, _) = line::pair::<FromLive, ToLive>(ours).expect("an end");
        let (_, parent) = line::pair::<ToLive, FromLive>(theirs).expect("an end");
        let (coord, _) = cluster::coord::local(sender, sealer(), others).expect("a thread");
        Bench { coord, parent, store: BlobStore::new() }
    }

    impl Bench {
        /// What the parent keeps after so many commits more.
        pub(crate) fn kept(&mut self, commits: usize) -> Vec<Blob> {
            for _ in 0..commits {
                let FromLive::Commit(commit) = self.parent.receive().expect("alive").message else {
                    panic!("not a commit")
                };
                self.store.apply(commit).expect("applied");
            }
            self.store.tags().filter_map(|tag| self.store.get(tag)).collect()
        }
    }

    pub(crate) fn committer() -> Committer {
        Committer::new(ROOM, Keepsakes { epoch: Epoch::FIRST, seat_key: [8; 32] })
    }

    fn part(part: Part, bytes: &[u8]) -> (Part, Option<Vec<u8>>) {
        (part, Some(bytes.to_vec()))
    }

    #[tokio::test]
    async fn a_room_is_put_together_as_it_was_last_committed() {
        let (mut bench, mut room) = (bench(), committer());
        let (core, one, two) = (Part::Core, Part::Audience(1), Part::Audience(2));
        room.commit(&bench.coord, vec![part(core, b"a"), part(one, b"b"), part(two, b"c")])
            .await
            .expect("first");
        room.commit(&bench.coord, vec![part(one, b"d"), (two, None)]).await.expect("second");
        let blobs = bench.kept(2);
        assert_eq!(blobs.len(), 2);
        let mut found = put_together(&blobs, &sealer());
        assert_eq!((found.rooms.len(), found.useless.len(), found.broken), (1, 0, 0));
        let mut whole = found.rooms.remove(0);
        assert_eq!(whole.room, ROOM);
        assert_eq!(whole.parts, [(one, b"d".to_vec()), (core, b"a".to_vec())]);
        assert_eq!(whole.committer.keepsakes().epoch, Epoch::FIRST.next());
        assert_eq!(whole.committer.keepsakes().seat_key, [8; 32]);
        whole.committer.commit(&bench.coord, vec![part(core, b"e")]).await.expect("goes on where it was");
        whole.committer.forget(&bench.coord).await.expect("forgotten");
        assert!(bench.kept(2).is_empty());
    }

    #[tokio::test]
    async fn an_older_share_beside_a_newer_core_is_no_room() {
        let (mut bench, mut room) = (bench(), committer());
        let share = Part::Audience(1);
        room.commit(&bench.coord, vec![part(Part::Core, b"a"), part(share, b"ann")]).await.expect("first");
        let older = bench.kept(1);
        room.commit(&bench.coord, vec![part(share, b"ben")]).await.expect("second");
        let newer = bench.kept(1);
        let core = |blob: &&Blob| Some(blob.tag) == room.core_version.map(|_| room.core_tag);
        let mixture: Vec<Blob> =
            newer.iter().filter(core).chain(older.iter().filter(|blob| !core(blob))).cloned().collect();
        let found = put_together(&mixture, &sealer());
        assert_eq!((found.rooms.len(), found.useless.len(), found.broken), (0, 2, 1));
        let missing: Vec<Blob> = newer.iter().filter(core).cloned().collect();
        assert_eq!(put_together(&missing, &sealer()).broken, 1);
    }

    #[tokio::test]
    async fn what_another_key_sealed_is_useless_and_said_to_be() {
        let (mut bench, mut room) = (bench(), committer());
        room.commit(&bench.coord, vec![part(Part::Core, b"a")]).await.expect("first");
        let other = Sealer::new(&SealingKey::from_random([4; 32]), FORMAT);
        let found = put_together(&bench.kept(1), &other);
        assert_eq!((found.rooms.len(), found.useless.len(), found.broken), (0, 1, 1));
    }
}
