//! Bounded mailboxes between threads. Posting never blocks; a full one is an answer, not a wait.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

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
    sender: SyncSender<T>,
    /// Values posted or promised, and not taken out yet.
    taken: Arc<AtomicUsize>,
    capacity: usize,
    waker: Waker,
}

/// The end of the thread that owns the mailbox.
pub(crate) struct Inbox<T> {
    receiver: Receiver<T>,
    taken: Arc<AtomicUsize>,
}

/// Room for one value, sure to be free. Dropped unused, it is given back.
pub(crate) struct Room<'a, T> {
    mailbox: &'a Mailbox<T>,
    used: bool,
}

/// A mailbox for `capacity` values. Memory for all of them is taken now, none when posting.
pub(crate) fn mailbox<T>(capacity: usize, waker: Waker) -> (Mailbox<T>, Inbox<T>) {
    let (sender, receiver) = sync_channel(capacity);
    let taken = Arc::new(AtomicUsize::new(0));
    (Mailbox { sender, taken: Arc::clone(&taken), capacity, waker }, Inbox { receiver, taken })
}

impl<T> Clone for Mailbox<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            taken: Arc::clone(&self.taken),
            capacity: self.capacity,
            waker: self.waker.clone(),
        }
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
        let more = |taken| (taken < self.capacity).then_some(taken + 1);
        self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).ok()?;
        Some(Room { mailbox: self, used: false })
    }
}

impl<T> Room<'_, T> {
    /// Fails only when the reading thread has ended.
    pub(crate) fn post(mut self, value: T) -> Result<(), T> {
        use std::sync::mpsc::TrySendError::{Disconnected, Full};
        match self.mailbox.sender.try_send(value) {
            Ok(()) => {
                self.used = true;
                self.mailbox.waker.wake();
                Ok(())
            }
            Err(Full(value) | Disconnected(value)) => Err(value),
        }
    }
}

impl<T> Drop for Room<'_, T> {
    fn drop(&mut self) {
        if !self.used {
            self.mailbox.taken.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl<T> Inbox<T> {
    pub(crate) fn take(&self) -> Option<T> {
        let value = self.receiver.try_recv().ok()?;
        self.taken.fetch_sub(1, Ordering::AcqRel);
        Some(value)
    }

    /// Something is here or about to be: one load, cheap enough to ask before every datagram.
    pub(crate) fn is_waiting(&self) -> bool {
        self.taken.load(Ordering::Relaxed) > 0
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
