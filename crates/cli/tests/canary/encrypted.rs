//! What sound was encrypted with goes with those whose sound it was.

use std::time::{Duration, Instant};

use protocol::room::RoomKind;

use crate::evening::{AFTER_LEAVING, AFTER_THE_ROOM, House, identity, room, runtime, voice};
use crate::keys::{self, Keys};
use crate::marks::Marks;
use crate::memory::{self, Copies};
use crate::people::Guest;
use crate::server::Kind;

/// Of each person, while they are connected: sound and its reports, there and back.
const EACH: usize = 4;
/// Bytes of such a key. Those of a handshake are shorter.
const OF_SOUND: usize = 32;

/// How long a handshake is kept at most, so that its last flight can be sent again, and how long the clock may take over it.
const HANDSHAKE_KEPT: Duration = Duration::from_secs(30 + 2);

impl House {
    /// Until nothing is there of anybody's handshake: with the first that they seal by the keys that came of it, its own go.
    async fn all_hands_are_shaken(&self) -> Keys {
        let since = Instant::now();
        loop {
            let keys = self.keys();
            let others: Vec<_> = keys.iter().filter(|(key, _)| key.len() != OF_SOUND).collect();
            if others.is_empty() {
                return keys;
            }
            assert!(since.elapsed() < HANDSHAKE_KEPT, "keys of handshakes are still there: {others:#?}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    fn keys(&self) -> Keys {
        let Copies { all: [live], .. } = memory::copies([self.server.live()]);
        keys::look(&live)
    }
}

fn of_sound(keys: &Keys) -> usize {
    keys.keys().filter(|key| key.len() == OF_SOUND).count()
}

/// No more than these: for each of so many people.
fn of_no_more_than(people: usize, keys: &Keys) {
    let others: Vec<_> = keys.iter().filter(|(key, _)| key.len() != OF_SOUND).collect();
    assert_eq!(keys.len(), people * EACH, "as many for each, and none of a handshake: {others:#?}");
}

/// Those that the others have not got, as they are: wherever they lie.
fn marks(keys: &Keys, others: &Keys) -> Marks {
    let mut marks = Marks::default();
    for key in keys.keys().filter(|key| !others.contains_key(*key)) {
        marks.bytes("a key", key.clone());
    }
    marks
}

pub(crate) fn as_long_as_they_are_there() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let _others = house.another_room().await;
        let before = house.keys();
        assert!(of_sound(&before) >= 2 * EACH, "of Bob and Eve");

        let ann = ann.starts(&identity(), room(Some("A title"), RoomKind::Open)).await;
        ann.says(&voice(b"not looked for")).await;
        let mut guests: Vec<Guest> = Vec::new();
        let mut there = vec![before.clone()];
        for member in house.members(2, 3).await {
            let mut guest = member.enters(&identity(), ann.room()).await;
            guest.sees("a voice", |scene| scene.heard > 5).await;
            guests.push(guest);
            there.push(house.keys());
            // What they are made of may still lie on a stack, so there may be more.
            assert!(of_sound(&there[guests.len()]) >= (3 + guests.len()) * EACH, "as many for each");
        }
        let shaken = house.all_hands_are_shaken().await;
        of_no_more_than(3 + guests.len(), &shaken);
        let (last, all) = (guests.pop().expect("three"), &there[3]);
        last.leaves().await;
        tokio::time::sleep(AFTER_LEAVING).await;
        let now = house.keys();
        of_no_more_than(3 + guests.len(), &now);
        house.nothing_left("what somebody's sound was encrypted with", &marks(all, &now));
        for guest in guests {
            guest.leaves().await;
        }
        ann.leaves().await;
        tokio::time::sleep(AFTER_THE_ROOM).await;
        let now = house.keys();
        assert!(now.keys().all(|key| before.contains_key(key)), "none came after Bob's and Eve's");
        of_no_more_than(2, &now);
        house.nothing_left("what the room's sound was encrypted with", &marks(all, &now));
    });
}
