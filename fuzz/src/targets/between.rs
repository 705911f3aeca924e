//! What our processes say to each other. A process that was taken over may say anything.

use std::collections::BTreeMap;

use cluster::parent::{FromLive, ToLive};
use cluster::{Blob, Format, Sealed, Sealer, SealingKey, Tag, Version};
use keeper_api::admin::{AdminAnswer, AdminRequest};
use protocol::Timestamp;
use protocol::limits::FACES_MAX;
use rooms::{Part, Room};
use serde::de::DeserializeOwned;

fn read_line<M: DeserializeOwned>(bytes: &[u8]) {
    let mut decoder = line::Decoder::<M>::new();
    for piece in bytes.chunks(bytes.len().max(3) / 3) {
        if decoder.push(piece, Vec::new()).is_err() {
            return;
        }
        while let Ok(Some(_)) = decoder.pop() {}
    }
}

/// The lines of the parent.
pub(super) fn line(bytes: &[u8]) {
    read_line::<FromLive>(bytes);
    read_line::<ToLive>(bytes);
    read_line::<keeper_api::parent::FromKeeper>(bytes);
    read_line::<keeper_api::parent::ToKeeper>(bytes);
}

fn read_frames<M: DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let mut decoder = keeper_api::Decoder::<M>::new();
    for piece in bytes.chunks(bytes.len().max(3) / 3) {
        decoder.push(piece);
        while let Ok(Some(message)) = decoder.pop() {
            let mut again = keeper_api::Decoder::<M>::new();
            again.push(&keeper_api::encode(&message).expect("what was read can be written"));
            assert_eq!(again.pop(), Ok(Some(message)));
        }
    }
}

/// What `live` asks of the keeper and is told, and what the administrator asks.
pub(super) fn keeper(bytes: &[u8]) {
    read_frames::<keeper_api::ToKeeper>(bytes);
    read_frames::<keeper_api::ToLive>(bytes);
    read_frames::<AdminRequest>(bytes);
    read_frames::<AdminAnswer>(bytes);
}

/// Nothing that was not sealed here is opened.
pub(super) fn blob(bytes: &[u8]) {
    let sealer = Sealer::new(&SealingKey::from_random([7; 32]), Format(1));
    let tag = Tag::from_random([1; 16]);
    let forged = Blob { tag, version: Version(3), sealed: Sealed::from_bytes(bytes.to_vec()) };
    assert!(sealer.open(&forged).is_err());
    let genuine = sealer.seal(tag, Version(3), bytes).expect("short");
    assert_eq!(sealer.open(&genuine).as_deref(), Ok(bytes));
    for other in
        [Blob { version: Version(4), ..genuine.clone() }, Blob { tag: Tag::from_random([2; 16]), ..genuine }]
    {
        assert!(sealer.open(&other).is_err(), "of another time or place");
    }
}

/// A room from parts as they might have been committed: whole, or none.
pub(super) fn kept_room(bytes: &[u8]) {
    let (mut parts, mut rest) = (BTreeMap::new(), bytes);
    while let Some(([which, long, short], behind)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*long, *short])).min(behind.len());
        let (part, behind) = behind.split_at(length);
        rest = behind;
        let place = if *which == 0 { Part::Core } else { Part::Audience(*which) };
        parts.insert(place, part.to_vec());
    }
    let now = Timestamp(1_000_000);
    if let Ok(mut room) = Room::restore(now, parts, FACES_MAX) {
        assert_eq!(room.check_invariants(), Ok(()));
        while room.poll_effect().is_some() {}
        room.handle_timeout(now.plus(std::time::Duration::from_secs(3_600)));
        assert_eq!(room.check_invariants(), Ok(()));
    }
}
