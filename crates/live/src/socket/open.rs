//! How many sockets each member, or guest, has open.
//!
//! By ids in boxes: a tree leaves what was removed lying in its places, a box is wiped (decision 0029).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use protocol::ErrorCode;
use rooms::Who;

use crate::limits::SOCKETS_PER_MEMBER_MAX;

/// Counts; the lock is held for one look-up.
#[derive(Clone, Default)]
pub(crate) struct OpenSockets(Arc<Mutex<BTreeMap<Box<Who>, usize>>>);

/// One open socket; it counts until this is dropped.
pub(crate) struct OpenSocket {
    all: OpenSockets,
    who: Who,
}

impl OpenSockets {
    /// Counts one more.
    ///
    /// # Errors
    /// `TooMany`; it is not counted then.
    pub(crate) fn open(&self, who: Who) -> Result<OpenSocket, ErrorCode> {
        let mut counts = self.counts();
        let count = counts.entry(Box::new(who)).or_default();
        if *count >= SOCKETS_PER_MEMBER_MAX {
            return Err(ErrorCode::TooMany);
        }
        *count += 1;
        Ok(OpenSocket { all: self.clone(), who })
    }

    /// How many people have any.
    pub(crate) fn members(&self) -> usize {
        self.counts().len()
    }

    /// How many guests have any.
    pub(crate) fn guests(&self) -> usize {
        self.counts().keys().filter(|who| matches!(***who, Who::Guest(_))).count()
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<Box<Who>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        if let Some(count) = counts.get_mut(&self.who) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::id::MemberId;

    use super::*;

    #[test]
    fn one_member_has_so_many_sockets_and_no_more_until_one_is_closed() {
        let sockets = OpenSockets::default();
        let (ann, ben) = (Who::Member(MemberId([1; 16])), Who::Member(MemberId([2; 16])));
        let mut open: Vec<_> = (0..SOCKETS_PER_MEMBER_MAX).map(|_| sockets.open(ann).ok()).collect();
        assert!(open.iter().all(Option::is_some));
        assert_eq!(sockets.open(ann).err(), Some(ErrorCode::TooMany));
        assert!(sockets.open(ben).is_ok(), "others have their own");
        open.pop();
        assert!(sockets.open(ann).is_ok());
        drop(open);
        assert!(sockets.counts().is_empty(), "nothing is remembered of who is gone");
    }
}
