//! Bounded mailboxes between threads. Posting never blocks; a full one is an answer, not a wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ring::{Claim, Giver, Taker, ring};
use crate::sys::Bell;

/// Wakes one thread, whatever of its mailboxes something was posted to.
///
/// The flag keeps the system calls away: only the first post after a look into the mailboxes rings.
#[derive(Clone)]
pub(crate) struct Waker {
    shared: Arc<Shared>,
}

struct Shared {
    bell: Bell,
    rung: AtomicBool,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { shared: Arc::new(Shared { bell: Bell::new()?, rung: AtomicBool::new(false) }) })
    }

    pub(crate) fn bell(&self) -> &Bell {
        &self.shared.bell
    }

    /// After a post.
    pub(crate) fn wake(&self) {
        // Sequentially consistent with `look`: whoever posts after the look sees the flag down and rings again.
        if !self.shared.rung.swap(true, Ordering::SeqCst) {
            self.shared.bell.ring();
        }
    }

    /// Before looking into the mailboxes, when the bell rang.
    pub(crate) fn look(&self) {
        self.shared.bell.silence();
        self.shared.rung.store(false, Ordering::SeqCst);
    }
}

/// The posting end. `T` goes to one thread.
pub(crate) struct Mailbox<T> {
    giver: Giver<T>,
    waker: Waker,
}

/// The end of the thread that owns the mailbox.
pub(crate) type Inbox<T> = Taker<T>;

/// Room for one value, sure to be free. Dropped unused, it is given back.
pub(crate) struct Room<'a, T> {
    claim: Claim<'a, T>,
    waker: &'a Waker,
}

/// A mailbox for `capacity` values. Memory for all of them is taken now, none when posting.
pub(crate) fn mailbox<T>(capacity: usize, waker: Waker) -> (Mailbox<T>, Inbox<T>) {
    let (giver, taker) = ring(capacity);
    (Mailbox { giver, waker }, taker)
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self { giver: self.giver.clone(), waker: self.waker.clone() }
    }
}

impl<T> Mailbox<T> {
    /// Gives the value back when there is no room, or nobody to read it.
    pub(crate) fn post(&self, value: T) -> Result<(), T> {
        match self.reserve() {
            Some(room) => room.post(value),
            None => Err(value),
        }
    }

    pub(crate) fn reserve(&self) -> Option<Room<'_, T>> {
        Some(Room { claim: self.giver.claim()?, waker: &self.waker })
    }
}

impl<T> Room<'_, T> {
    /// Fails only when the reading thread has ended.
    pub(crate) fn post(self, value: T) -> Result<(), T> {
        self.claim.give(value)?;
        self.waker.wake();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_mailbox_says_so_and_gives_the_value_back() {
        let (mailbox, inbox) = mailbox(2, Waker::new().unwrap());
        assert_eq!([mailbox.post(1), mailbox.post(2), mailbox.post(3)], [Ok(()), Ok(()), Err(3)]);
        assert_eq!(inbox.take(), Some(1));
        assert_eq!(mailbox.post(4), Ok(()));
        assert_eq!([inbox.take(), inbox.take(), inbox.take()], [Some(2), Some(4), None]);
    }

    #[test]
    fn room_that_is_not_used_is_given_back() {
        let (mailbox, inbox) = mailbox(1, Waker::new().unwrap());
        assert!(inbox.take().is_none());
        let room = mailbox.reserve().unwrap();
        assert_eq!(mailbox.post(1), Err(1), "promised to somebody else");
        drop(room);
        assert_eq!(mailbox.reserve().unwrap().post(2), Ok(()));
        assert_eq!(inbox.take(), Some(2));
    }

    #[test]
    fn a_reader_that_has_ended_is_noticed() {
        let (mailbox, inbox) = mailbox(1, Waker::new().unwrap());
        drop(inbox);
        assert_eq!(mailbox.post(1), Err(1));
    }
}
