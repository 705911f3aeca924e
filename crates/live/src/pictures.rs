//! Pictures of people and clubs on their way through: the last that were looked at, and room to make new ones small.
//!
//! A full house looks at the same few faces at once, and would ask the database for each of them for everybody. What is here
//! is forgotten after a while, and at once where the picture is changed or taken away.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use keeper_api::{PictureJpeg, Whose};
use picture::PictureError;
use protocol::ErrorCode;
use protocol::id::PictureId;
use protocol::limits::PICTURE_BYTES_MAX;
use tokio::sync::Semaphore;

use crate::limits::{PICTURES_AT_ONCE, PICTURES_BYTES_MAX, PICTURES_MAX, PICTURES_PERIOD, PICTURES_WAITING};

const _: () = assert!(picture::limits::KEPT_BYTES_MAX <= PICTURE_BYTES_MAX);

/// The lock is held for one look, never while anything waits.
pub(crate) struct Pictures {
    held: Mutex<Held>,
    /// Taken by each that is here to be made small, at a desk or waiting for one.
    places: Arc<Semaphore>,
    /// Taken by each that is being made small.
    desks: Arc<Semaphore>,
}

#[derive(Default)]
struct Held {
    /// The oldest first. In boxes, which are wiped when they are given back.
    kept: VecDeque<Box<Kept>>,
    bytes: usize,
    /// How often something was forgotten because it is not true any more.
    changes: u64,
}

struct Kept {
    id: PictureId,
    whose: Whose,
    jpeg: Bytes,
    until: Instant,
}

/// When the keeper was asked. What was forgotten since is not brought back by its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    changes: u64,
}

impl Pictures {
    pub(crate) fn new() -> Self {
        Self {
            held: Mutex::default(),
            places: Arc::new(Semaphore::new(PICTURES_AT_ONCE + PICTURES_WAITING)),
            desks: Arc::new(Semaphore::new(PICTURES_AT_ONCE)),
        }
    }

    /// The middle of a picture that somebody gave, as it is kept. The decoders work on threads of their own, few at a time.
    ///
    /// # Errors
    /// `BadPicture`, `TooLarge`; `Busy` where too many wait.
    pub(crate) async fn made_small(&self, given: Bytes) -> Result<PictureJpeg, ErrorCode> {
        self.made_by(picture::square, given).await
    }

    async fn made_by(
        &self,
        square: impl FnOnce(&[u8]) -> Result<Vec<u8>, PictureError> + Send + 'static,
        given: Bytes,
    ) -> Result<PictureJpeg, ErrorCode> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| ErrorCode::Busy)?;
        let desk = Arc::clone(&self.desks).acquire_owned().await.map_err(|_| ErrorCode::Busy)?;
        let made = tokio::task::spawn_blocking(move || {
            // Whoever asked may be gone: the work is not, and neither is what it takes.
            let _taken = (place, desk);
            square(&given)
        });
        // A decoder that breaks over a picture breaks nothing else.
        let jpeg = made.await.map_err(|_| ErrorCode::BadPicture)?.map_err(|why| match why {
            PictureError::TooLarge => ErrorCode::TooLarge,
            PictureError::NotAPicture | PictureError::CannotBeRead => ErrorCode::BadPicture,
        })?;
        PictureJpeg::try_from(jpeg).map_err(|_| ErrorCode::Internal)
    }

    pub(crate) fn get(&self, now: Instant, id: PictureId) -> Option<Bytes> {
        let held = self.held();
        held.kept.iter().find(|kept| kept.id == id && now < kept.until).map(|kept| kept.jpeg.clone())
    }

    /// To be called before the keeper is asked.
    pub(crate) fn ask(&self) -> Asked {
        Asked { changes: self.held().changes }
    }

    /// What the keeper said. The oldest go where there is no room.
    pub(crate) fn keep(&self, now: Instant, asked: Asked, id: PictureId, whose: Whose, jpeg: Bytes) {
        let mut held = self.held();
        if asked.changes != held.changes || held.kept.iter().any(|kept| kept.id == id) {
            return;
        }
        held.bytes += jpeg.len();
        held.kept.push_back(Box::new(Kept { id, whose, jpeg, until: now + PICTURES_PERIOD }));
        while held.kept.len() > PICTURES_MAX || held.bytes > PICTURES_BYTES_MAX {
            held.drop_oldest();
        }
    }

    /// Their picture has changed, or is gone.
    pub(crate) fn forget(&self, whose: Whose) {
        let mut held = self.held();
        held.changes += 1;
        held.kept.retain(|kept| kept.whose != whose);
        held.bytes = held.kept.iter().map(|kept| kept.jpeg.len()).sum();
    }

    /// Of nobody it is known any more whether they have changed.
    pub(crate) fn forget_all(&self) {
        let mut held = self.held();
        let changes = held.changes + 1;
        *held = Held { changes, ..Held::default() };
    }

    /// Lets go whatever has been here for long enough, whether somebody asks or not.
    pub(crate) async fn keep_time(&self) {
        loop {
            let now = tokio::time::Instant::now().into_std();
            let next = self.forget_old(now).unwrap_or(now + PICTURES_PERIOD);
            tokio::time::sleep_until(next.into()).await;
        }
    }

    /// When the next one goes.
    fn forget_old(&self, now: Instant) -> Option<Instant> {
        let mut held = self.held();
        while held.kept.front().is_some_and(|kept| kept.until <= now) {
            held.drop_oldest();
        }
        held.kept.front().map(|kept| kept.until)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn drop_oldest(&mut self) {
        if let Some(gone) = self.kept.pop_front() {
            self.bytes -= gone.jpeg.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use protocol::id::MemberId;

    use super::*;

    const ANN: Whose = Whose::Member(MemberId([1; 16]));
    const BEN: Whose = Whose::Member(MemberId([2; 16]));

    fn id(number: usize) -> PictureId {
        PictureId((number as u128).to_be_bytes())
    }

    fn keep(pictures: &Pictures, now: Instant, number: usize, whose: Whose, bytes: usize) {
        pictures.keep(now, pictures.ask(), id(number), whose, vec![7; bytes].into());
    }

    #[test]
    fn a_picture_that_is_changed_or_taken_away_is_forgotten_and_no_answer_brings_it_back() {
        let (pictures, now) = (Pictures::new(), Instant::now());
        keep(&pictures, now, 1, ANN, 10);
        keep(&pictures, now, 2, BEN, 10);
        let asked = pictures.ask();
        pictures.forget(ANN);
        assert_eq!([1, 2].map(|one| pictures.get(now, id(one)).is_some()), [false, true]);
        pictures.keep(now, asked, id(1), ANN, vec![7; 10].into());
        assert!(pictures.get(now, id(1)).is_none(), "what was on its way is not true any more");
        pictures.forget_all();
        assert!(pictures.get(now, id(2)).is_none());
        assert_eq!(pictures.held().bytes, 0);
    }

    #[tokio::test]
    async fn few_are_made_small_at_once_though_whoever_asked_is_gone_some_wait_and_others_hear_that_it_is_busy()
     {
        let pictures = Arc::new(Pictures::new());
        let (begun, begins) = std::sync::mpsc::channel();
        let go = Arc::new(AtomicBool::new(false));
        let asks: Vec<_> = (0..PICTURES_AT_ONCE + PICTURES_WAITING)
            .map(|_| {
                let (pictures, begun, go) = (Arc::clone(&pictures), begun.clone(), Arc::clone(&go));
                let square = move |_: &[u8]| {
                    begun.send(()).expect("counted");
                    while !go.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Err(PictureError::NotAPicture)
                };
                tokio::spawn(async move { pictures.made_by(square, Bytes::new()).await })
            })
            .collect();
        let full = async || {
            while pictures.places.available_permits() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), full()).await.expect("all have come");
        for _ in 0..PICTURES_AT_ONCE {
            begins.recv_timeout(Duration::from_secs(10)).expect("at a desk");
        }
        assert_eq!(pictures.made_small(Bytes::new()).await, Err(ErrorCode::Busy));
        // Whoever hangs up makes no place free at a desk where the work goes on.
        let mut asks = asks.into_iter();
        for ask in asks.by_ref().take(PICTURES_AT_ONCE) {
            ask.abort();
            assert!(ask.await.is_err_and(|ended| ended.is_cancelled()), "the asker is gone");
        }
        assert_eq!(pictures.desks.available_permits(), 0, "and the work is not");
        assert!(begins.try_recv().is_err(), "nobody else begins");
        go.store(true, Ordering::Relaxed);
        for ask in asks {
            assert_eq!(ask.await.expect("answered"), Err(ErrorCode::BadPicture));
        }
        assert_eq!(begins.try_iter().count(), PICTURES_WAITING);
        // Those whose askers hung up end when they end.
        let empty = async || {
            while pictures.places.available_permits() < PICTURES_AT_ONCE + PICTURES_WAITING {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), empty()).await.expect("all have gone");
    }

    #[test]
    fn however_many_are_looked_at_there_is_an_end_and_the_last_are_known() {
        let (pictures, now) = (Pictures::new(), Instant::now());
        for number in 0..3 * PICTURES_MAX {
            keep(&pictures, now, number, ANN, 10);
            assert!(pictures.get(now, id(number)).is_some());
        }
        assert_eq!(pictures.held().kept.len(), PICTURES_MAX);
        for number in 0..2 * PICTURES_BYTES_MAX / PICTURE_BYTES_MAX {
            keep(&pictures, now, 1_000_000 + number, BEN, PICTURE_BYTES_MAX);
        }
        let held = pictures.held();
        assert!(held.bytes <= PICTURES_BYTES_MAX);
        assert_eq!(held.bytes, held.kept.iter().map(|kept| kept.jpeg.len()).sum::<usize>());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_ten_minutes_after_it_was_first_asked_for() {
        let pictures = std::sync::Arc::new(Pictures::new());
        let keeps = std::sync::Arc::clone(&pictures);
        let task = tokio::spawn(async move { keeps.keep_time().await });
        tokio::time::sleep(Duration::from_secs(100)).await;
        for number in 0..5 {
            keep(&pictures, tokio::time::Instant::now().into_std(), number, ANN, 10);
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        assert_eq!(pictures.held().kept.len(), 5);
        tokio::time::sleep(PICTURES_PERIOD).await;
        assert_eq!(pictures.held().kept.len(), 0);
        task.abort();
    }
}
