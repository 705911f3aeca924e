//! Pictures that were changed or taken away, told to the rooms of whoever did it: of one member one after the other, so that the
//! last one stands, and of several at the same time, so that a room in trouble keeps nobody else waiting.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use protocol::id::{MemberId, PictureId};
use tokio::sync::mpsc;

use crate::limits::PUSH_MAILBOX;

/// In a box on its way: a mailbox leaves what was in it lying in its places.
pub(super) struct Changed {
    pub(super) member: MemberId,
    pub(super) picture: Option<PictureId>,
}

/// Until nobody says anything any more. Of several changes that wait the last one is told.
pub(super) async fn tell<Told: Future<Output = ()>>(
    mut changed: mpsc::Receiver<Box<Changed>>,
    tell: impl Fn(MemberId, Option<PictureId>) -> Told,
) {
    let mut waiting: BTreeMap<Box<MemberId>, Box<Option<PictureId>>> = BTreeMap::new();
    let mut busy: BTreeSet<Box<MemberId>> = BTreeSet::new();
    let mut telling = FuturesUnordered::new();
    let begin = |member: MemberId, picture: Option<PictureId>| {
        let told = tell(member, picture);
        async move {
            told.await;
            member
        }
    };
    loop {
        tokio::select! {
            one = changed.recv(), if telling.len() < PUSH_MAILBOX => match one.map(|one| *one) {
                Some(Changed { member, picture }) if busy.contains(&member) => {
                    waiting.insert(Box::new(member), Box::new(picture));
                }
                Some(Changed { member, picture }) => {
                    busy.insert(Box::new(member));
                    telling.push(begin(member, picture));
                }
                None => return,
            },
            Some(member) = telling.next() => match waiting.remove(&member) {
                Some(picture) => telling.push(begin(member, *picture)),
                None => drop(busy.remove(&member)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::Semaphore;
    use tokio::task::yield_now;

    use super::*;

    const ANN: MemberId = MemberId([1; 16]);
    const BEN: MemberId = MemberId([2; 16]);

    fn picture(n: u8) -> Option<PictureId> {
        Some(PictureId([n; 16]))
    }

    #[tokio::test]
    async fn the_last_picture_of_somebody_stands_though_a_room_took_its_time_and_nobody_else_waits() {
        let (changes, changed) = mpsc::channel(8);
        let (told, room) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(0)));
        let (begun, slow) = (Arc::clone(&told), Arc::clone(&room));
        let work = tokio::spawn(tell(changed, move |member, picture| {
            let (begun, slow) = (Arc::clone(&begun), Arc::clone(&slow));
            async move {
                begun.lock().unwrap().push((member, picture));
                if member == ANN {
                    slow.acquire().await.unwrap().forget();
                }
            }
        }));
        for (member, picture) in
            [(ANN, picture(1)), (ANN, picture(2)), (BEN, picture(3)), (ANN, None), (ANN, picture(4))]
        {
            changes.send(Box::new(Changed { member, picture })).await.unwrap();
        }
        for _ in 0..50 {
            yield_now().await;
        }
        assert_eq!(*told.lock().unwrap(), [(ANN, picture(1)), (BEN, picture(3))]);
        room.add_permits(2);
        for _ in 0..50 {
            yield_now().await;
        }
        assert_eq!(*told.lock().unwrap(), [(ANN, picture(1)), (BEN, picture(3)), (ANN, picture(4))]);
        drop(changes);
        work.await.unwrap();
    }
}
