//! The local form: one thread seals and writes to the parent's socket.

use tokio::sync::{mpsc, oneshot};

use super::{Change, CommitError, Coord, Ledger, ask};
use crate::blob::{Blob, Commit};
use crate::limits::COORD_MAILBOX;
use crate::parent::FromLive;
use crate::seal::{SealError, Sealer};

/// The mailbox of the writing thread.
#[derive(Debug, Clone)]
pub struct Local {
    jobs: mpsc::Sender<Job>,
}

/// Says everything else to the parent, in order with the commits.
#[derive(Debug, Clone)]
pub struct ToParent {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
enum Job {
    Commit(Change, oneshot::Sender<Result<(), CommitError>>),
    Say(FromLive, oneshot::Sender<Result<(), CommitError>>),
}

/// Starts the writing thread. `kept` is what the parent handed back, opened or not; what cannot be opened should be
/// forgotten in the first change.
///
/// # Errors
/// Where no thread can be started.
pub fn local(
    to_parent: line::Sender<FromLive>,
    sealer: Sealer,
    kept: &[Blob],
) -> std::io::Result<(Coord, ToParent)> {
    let (jobs, mailbox) = mpsc::channel(COORD_MAILBOX);
    let writer = Writer { to_parent, sealer, ledger: Ledger::of(kept) };
    std::thread::Builder::new().name("coord".to_owned()).spawn(move || writer.run(mailbox))?;
    Ok((Coord::Local(Local { jobs: jobs.clone() }), ToParent { jobs }))
}

impl Local {
    pub(super) async fn commit(&self, change: Change) -> Result<(), CommitError> {
        ask(&self.jobs, |reply| Job::Commit(change, reply)).await
    }
}

impl ToParent {
    /// Says something, after the commits that were asked for before it. Returns once it is in the socket.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`] where the parent is gone.
    pub async fn say(&self, message: FromLive) -> Result<(), CommitError> {
        ask(&self.jobs, |reply| Job::Say(message, reply)).await
    }
}

struct Writer {
    to_parent: line::Sender<FromLive>,
    sealer: Sealer,
    ledger: Ledger,
}

impl Writer {
    /// Ends with the last handle, or with the parent.
    fn run(mut self, mut mailbox: mpsc::Receiver<Job>) {
        while let Some(job) = mailbox.blocking_recv() {
            let (outcome, reply) = match job {
                Job::Commit(change, reply) => (self.commit(change), reply),
                Job::Say(message, reply) => (self.write(&message), reply),
            };
            // Nobody may be waiting any more; what was written stands all the same.
            let _ = reply.send(outcome);
            if outcome == Err(CommitError::Unavailable) {
                return;
            }
        }
    }

    fn commit(&mut self, change: Change) -> Result<(), CommitError> {
        self.ledger.check(&change)?;
        let Change { puts, forgets } = change;
        let sealed: Result<Vec<Blob>, SealError> =
            puts.iter().map(|put| self.sealer.seal(put.tag, put.version(), &put.plain)).collect();
        let puts = sealed.map_err(|error| match error {
            SealError::TooLong => CommitError::TooLarge,
            SealError::NoRandomness => CommitError::Unavailable,
        })?;
        let message = FromLive::Commit(Commit { puts, forgets });
        self.write(&message)?;
        if let FromLive::Commit(commit) = message {
            commit.puts.iter().for_each(|blob| self.ledger.note(blob));
            commit.forgets.iter().for_each(|tag| self.ledger.forget(*tag));
        }
        Ok(())
    }

    fn write(&mut self, message: &FromLive) -> Result<(), CommitError> {
        self.to_parent.send(message).map_err(|_| CommitError::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::{Tag, Version};
    use crate::coord::Put;
    use crate::limits::{MAX_BLOB_BYTES, MAX_COMMIT_BYTES};
    use crate::parent::ToLive;
    use crate::seal::{Format, MAX_PLAINTEXT, SealingKey};
    use crate::store::BlobStore;
    use std::os::unix::net::UnixStream;

    const TAG: Tag = Tag::from_random([9; 16]);

    struct Bench {
        coord: Coord,
        to_parent: ToParent,
        parent: line::Receiver<FromLive>,
        store: BlobStore,
    }

    fn sealer() -> Sealer {
        Sealer::new(&SealingKey::from_random([3; 32]), Format(1))
    }

    fn bench() -> Bench {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (sender, _) = line::pair::<FromLive, ToLive>(ours).expect("an end");
        let (_, parent) = line::pair::<ToLive, FromLive>(theirs).expect("an end");
        let (coord, to_parent) = local(sender, sealer(), &[]).expect("a thread");
        Bench { coord, to_parent, parent, store: BlobStore::new() }
    }

    impl Bench {
        fn keep(&mut self) {
            match self.parent.receive().expect("alive").message {
                FromLive::Commit(commit) => {
                    self.store.apply(commit).expect("the ledger agrees with the store")
                }
                other => panic!("not a commit: {other:?}"),
            }
        }
    }

    fn change(over: Option<Version>, plain: &[u8]) -> Change {
        Change { puts: vec![Put { tag: TAG, over, plain: plain.to_vec() }], forgets: Vec::new() }
    }

    #[tokio::test]
    async fn what_was_committed_is_what_the_next_process_opens() {
        let mut bench = bench();
        bench.coord.commit(change(None, b"ann talks")).await.expect("first");
        bench.coord.commit(change(Some(Version(1)), b"ann and ben talk")).await.expect("second");
        bench.keep();
        bench.keep();
        let blob = bench.store.get(TAG).expect("kept");
        assert_eq!(blob.version, Version(2));
        assert_eq!(sealer().open(&blob).expect("ours"), b"ann and ben talk");
    }

    #[tokio::test]
    async fn a_writer_that_missed_a_commit_is_told_and_nothing_is_written() {
        let mut bench = bench();
        bench.coord.commit(change(None, b"one")).await.expect("first");
        assert_eq!(bench.coord.commit(change(None, b"two")).await, Err(CommitError::Conflict));
        assert_eq!(bench.coord.commit(change(Some(Version(7)), b"two")).await, Err(CommitError::Conflict));
        bench.to_parent.say(FromLive::Drained).await.expect("said");
        bench.keep();
        assert!(matches!(bench.parent.receive().expect("alive").message, FromLive::Drained));
    }

    #[tokio::test]
    async fn a_change_beyond_one_commit_is_refused_whole() {
        let bench = bench();
        let long = change(None, &vec![0; MAX_PLAINTEXT + 1]);
        assert_eq!(bench.coord.commit(long).await, Err(CommitError::TooLarge));
        let many = (0..=MAX_COMMIT_BYTES / MAX_BLOB_BYTES)
            .map(|i| Put {
                tag: Tag::from_random((i as u128).to_le_bytes()),
                over: None,
                plain: vec![0; MAX_PLAINTEXT],
            })
            .collect();
        let many = Change { puts: many, forgets: Vec::new() };
        assert_eq!(bench.coord.commit(many).await, Err(CommitError::TooLarge));
    }

    #[tokio::test]
    async fn a_forgotten_tag_is_gone_from_both_sides() {
        let mut bench = bench();
        bench.coord.commit(change(None, b"room")).await.expect("first");
        let end = Change { puts: Vec::new(), forgets: vec![TAG] };
        bench.coord.commit(end).await.expect("forgotten");
        bench.keep();
        bench.keep();
        assert!(bench.store.is_empty());
    }

    #[tokio::test]
    async fn without_a_parent_nothing_is_committed() {
        let Bench { coord, parent, .. } = bench();
        drop(parent);
        assert_eq!(coord.commit(change(None, b"room")).await, Err(CommitError::Unavailable));
        assert_eq!(coord.commit(change(None, b"room")).await, Err(CommitError::Unavailable));
    }
}
