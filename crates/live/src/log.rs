//! What this process says about itself: a fixed list of records with numbers, and with reasons out of a fixed list. No
//! text from outside can be in one, so no name, title, address or token can.

use std::io::Write;

use cluster::parent::{CannotServe, Uncommittable};

use crate::Memory;

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// Serving.
    Started { shards: usize, listeners: usize, memory: Memory },
    /// Told to stop; this long is left.
    Draining { seconds: u16 },
    /// The line to the keeper broke; requests are answered `busy` until it is back.
    KeeperLost,
    /// It is back.
    KeeperBack,
    /// A room ended by a fault of its own; the others go on.
    RoomFailed,
    /// The people of one room on this machine lost their connection to it by a fault.
    EdgeFailed,
    /// A room's state was not committed; it goes on and is committed with its next change.
    CommitRefused,
    /// A room cannot be committed. What was committed of it is forgotten, so that a crash ends it instead of making it
    /// an older one; it is tried again, whole, every so often.
    RoomUninsured(Uncommittable),
    /// Such a room is committed again.
    RoomInsured,
    /// Somebody else owns this room now.
    CommitConflict,
    /// A client that did not keep up was dropped.
    SlowClient,
    /// The media engine has no place left.
    MediaFull,
    /// The system gives this process no more descriptors: whoever comes waits until somebody leaves.
    NoDescriptors,
    /// Some address holds all the connections that it may; more of its own are closed. Said once a minute at most.
    AddressFull,
    /// Media events could not be delivered; people may be shown longer than they are there.
    MediaEventsDropped { count: u64 },
    /// The audience of some room gets so many frames in one packet from now on: its size or the load asks for it.
    Packed { frames: u32 },
    /// The certificate could not be used; the old one stays.
    CertificateRefused,
    /// The process ends, because of this.
    CannotServe(CannotServe),
}

impl Record {
    fn line(self) -> String {
        match self {
            Self::Started { shards, listeners, memory } => {
                let locked = u8::from(memory == Memory::Locked);
                format!("started shards={shards} listeners={listeners} memory_locked={locked}")
            }
            Self::Draining { seconds } => format!("draining seconds={seconds}"),
            Self::KeeperLost => "keeper_lost".to_owned(),
            Self::KeeperBack => "keeper_back".to_owned(),
            Self::RoomFailed => "room_failed".to_owned(),
            Self::EdgeFailed => "edge_failed".to_owned(),
            Self::CommitRefused => "commit_refused".to_owned(),
            Self::RoomUninsured(why) => format!("{} why={}", Uncommittable::CODE, why.word()),
            Self::RoomInsured => "room_insured".to_owned(),
            Self::CommitConflict => "commit_conflict".to_owned(),
            Self::SlowClient => "slow_client".to_owned(),
            Self::MediaFull => "media_full".to_owned(),
            Self::NoDescriptors => "no_descriptors".to_owned(),
            Self::AddressFull => "address_full".to_owned(),
            Self::MediaEventsDropped { count } => format!("media_events_dropped count={count}"),
            Self::Packed { frames } => format!("audience_packed frames={frames}"),
            Self::CertificateRefused => "certificate_refused".to_owned(),
            Self::CannotServe(why) => format!("{} why={}", CannotServe::CODE, why.word()),
        }
    }
}

/// Writes one record to the standard error, which the parent reads.
pub(crate) fn log(record: Record) {
    // A log that cannot be written is no reason to stop a conversation.
    let _ = writeln!(std::io::stderr(), "live: {}", record.line());
}
