//! A bounded queue of many writers and one reader that overwrites a place when its value is taken out.
//!
//! The channels of the standard library leave the bytes of a value in its place until the next one comes by, which in a
//! quiet server is never: what was said would lie there long after its room has ended.
//!
//! A writer first claims room, which the reader gives back only after a place is empty again. So whoever holds a claim
//! finds the next place free, and nobody waits for anybody.
#![expect(unsafe_code, reason = "values that are moved in and out of places which outlive them")]

use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The end of those who give. `T` goes to one [`Taker`].
pub(crate) struct Giver<T> {
    ring: Arc<Ring<T>>,
}

/// The end of the one who takes.
pub(crate) struct Taker<T> {
    ring: Arc<Ring<T>>,
    /// Values taken so far: the next one is in this place. A cell, so that nobody else reads beside its owner.
    head: Cell<usize>,
}

/// Room for one value, sure to be free. Dropped unused, it is given back.
pub(crate) struct Claim<'a, T> {
    ring: &'a Ring<T>,
}

struct Ring<T> {
    places: Box<[Place<T>]>,
    /// Claims that stand, and values not taken yet: never more than there are places.
    claimed: AtomicUsize,
    /// Values given so far.
    tail: AtomicUsize,
    /// The taker has ended.
    closed: AtomicBool,
}

struct Place<T> {
    full: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: a place is written by one claim, which finds it empty, and read by the one taker, who finds it full; the flag
// orders the two (release, acquire). So values cross threads and are never shared.
unsafe impl<T: Send> Sync for Ring<T> {}

/// A queue for `capacity` values, at least one. Memory for all of them is taken now, none when giving.
pub(crate) fn ring<T>(capacity: usize) -> (Giver<T>, Taker<T>) {
    let empty = || Place { full: AtomicBool::new(false), value: UnsafeCell::new(MaybeUninit::uninit()) };
    let ring = Arc::new(Ring {
        places: (0..capacity.max(1)).map(|_| empty()).collect(),
        claimed: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
        closed: AtomicBool::new(false),
    });
    (Giver { ring: Arc::clone(&ring) }, Taker { ring, head: Cell::new(0) })
}

impl<T> Clone for Giver<T> {
    fn clone(&self) -> Self {
        Self { ring: Arc::clone(&self.ring) }
    }
}

impl<T> Giver<T> {
    /// `None` when all places are full or claimed.
    pub(crate) fn claim(&self) -> Option<Claim<'_, T>> {
        let more = |claimed| (claimed < self.ring.places.len()).then_some(claimed + 1);
        self.ring.claimed.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Claim { ring: &self.ring })
    }
}

impl<T> Claim<'_, T> {
    /// Gives the value back when nobody takes any more.
    pub(crate) fn give(self, value: T) -> Result<(), T> {
        let ring = self.ring;
        if ring.closed.load(Ordering::Acquire) {
            return Err(value);
        }
        // From here on the value holds the claim, until it is taken.
        std::mem::forget(self);
        let at = ring.tail.fetch_add(1, Ordering::Relaxed) % ring.places.len();
        let place = &ring.places[at];
        // SAFETY: the place is empty. There are as many claims as places at the most, and one is given back only after
        // its place was emptied, so the value that was here a round ago has been taken; and no other claim was handed
        // this number.
        unsafe { (*place.value.get()).write(value) };
        place.full.store(true, Ordering::Release);
        Ok(())
    }
}

impl<T> Drop for Claim<'_, T> {
    fn drop(&mut self) {
        self.ring.claimed.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<T> Taker<T> {
    pub(crate) fn take(&self) -> Option<T> {
        let head = self.head.get();
        let value = self.ring.empty(head)?;
        self.head.set(head.wrapping_add(1));
        Some(value)
    }

    /// Something is here or about to be: one load, cheap enough to ask before every datagram.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ring.claimed.load(Ordering::Relaxed) > 0
    }
}

impl<T> Drop for Taker<T> {
    fn drop(&mut self) {
        self.ring.closed.store(true, Ordering::Release);
        while self.take().is_some() {}
    }
}

impl<T> Ring<T> {
    /// For the taker alone.
    fn empty(&self, at: usize) -> Option<T> {
        let place = &self.places[at % self.places.len()];
        if !place.full.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: the place is full, so a value is in it, and no claim is handed this place before it is given back
        // below. The value is moved out once, since the flag goes down before anybody looks here again; zeros are
        // bytes, of which a `MaybeUninit` may consist.
        let value = unsafe {
            let value = (*place.value.get()).assume_init_read();
            place.value.get().write_bytes(0, 1);
            value
        };
        place.full.store(false, Ordering::Relaxed);
        self.claimed.fetch_sub(1, Ordering::AcqRel);
        Some(value)
    }
}

/// What was given after the taker had ended.
impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        (0..self.places.len()).for_each(|at| drop(self.empty(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_place_that_was_taken_from_holds_nothing_of_what_was_in_it() {
        let (giver, taker) = ring::<[u8; 64]>(4);
        let bytes = || {
            let at = giver.ring.places.as_ptr().cast::<u8>();
            // SAFETY: the places, read as what they consist of while nobody writes. A place is initialised but for its
            // padding and what no value has been in yet, and that is zeroed first.
            unsafe { std::slice::from_raw_parts(at, size_of_val(&*giver.ring.places)) }
        };
        for place in &giver.ring.places {
            // SAFETY: nobody else has it.
            unsafe { place.value.get().write_bytes(0, 1) };
        }
        giver.claim().unwrap().give([0xa5; 64]).unwrap();
        assert!(bytes().contains(&0xa5), "or the next line proves nothing");
        assert_eq!(taker.take(), Some([0xa5; 64]));
        assert!(!bytes().contains(&0xa5));
    }

    #[test]
    fn what_many_give_at_once_comes_out_whole_and_in_the_order_of_each() {
        const EACH: u64 = 20_000;
        let (giver, taker) = ring::<[u64; 3]>(8);
        let givers: Vec<_> = (0..3)
            .map(|who| {
                let giver = giver.clone();
                thread::spawn(move || {
                    for n in 0..EACH {
                        let claim = std::iter::repeat_with(|| {
                            thread::yield_now();
                            giver.claim()
                        });
                        claim.flatten().next().unwrap().give([who, n, who ^ n]).unwrap();
                    }
                })
            })
            .collect();
        let mut next = [0; 3];
        while next.iter().sum::<u64>() < 3 * EACH {
            let Some([who, n, both]) = taker.take() else {
                thread::yield_now();
                continue;
            };
            assert_eq!((n, both), (next[usize::try_from(who).unwrap()], who ^ n));
            next[usize::try_from(who).unwrap()] += 1;
        }
        givers.into_iter().for_each(|giver| giver.join().unwrap());
        assert!(!taker.is_waiting());
    }

    #[test]
    fn nothing_that_was_given_is_lost_to_the_end_whoever_goes_first() {
        let value = Arc::new(());
        let (giver, taker) = ring(2);
        giver.claim().unwrap().give(Arc::clone(&value)).unwrap();
        let late = giver.claim().unwrap();
        drop(taker);
        assert_eq!(Arc::strong_count(&value), 1, "what waited is dropped with its reader");
        assert!(late.give(Arc::clone(&value)).is_err());
        let (giver, taker) = ring(2);
        giver.claim().unwrap().give(Arc::clone(&value)).unwrap();
        drop(giver);
        assert!(taker.take().is_some() && taker.take().is_none());
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
