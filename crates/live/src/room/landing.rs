//! Invitations to the server that were given in a room: whoever comes by one is waited for there.
//!
//! In memory only, and not for longer than the room: the keeper, which makes invitations, hears of no room, and what is
//! left after a restart of this process is an invitation like any other.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::id::{InviteId, RoomId};
use rooms::Inviter;

use crate::limits::LANDINGS_MAX;

/// Where whoever comes by an invitation lands, and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Landing {
    pub(crate) room: RoomId,
    pub(crate) by: Inviter,
}

/// All of this process. The lock is held for one look-up, at human rate.
#[derive(Debug, Default)]
pub(crate) struct Landings(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// In boxes, and so are the ids: what is removed is wiped (decision 0029).
    by_invite: BTreeMap<Box<InviteId>, Box<Landing>>,
    /// Oldest first.
    order: VecDeque<Box<InviteId>>,
}

impl Landings {
    /// Past [`LANDINGS_MAX`] the oldest gives way.
    pub(crate) fn remember(&self, invite: InviteId, landing: Landing) {
        let mut kept = self.lock();
        if kept.order.len() >= LANDINGS_MAX
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.by_invite.remove(&oldest);
        }
        if kept.by_invite.insert(Box::new(invite), Box::new(landing)).is_none() {
            kept.order.push_back(Box::new(invite));
        }
    }

    /// An invitation may be for several: it stays.
    pub(crate) fn of(&self, invite: InviteId) -> Option<Landing> {
        self.lock().by_invite.get(&invite).map(|landing| Landing::clone(landing))
    }

    /// The room is over, and nothing of it stays.
    pub(crate) fn forget(&self, room: RoomId) {
        let mut kept = self.lock();
        let Kept { by_invite, order } = &mut *kept;
        by_invite.retain(|_, landing| landing.room != room);
        order.retain(|invite| by_invite.contains_key(invite));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::id::MemberId;
    use protocol::text::DisplayName;
    use rooms::Who;

    fn invite(number: usize) -> InviteId {
        InviteId(u128::try_from(number).expect("small").to_be_bytes())
    }

    fn landing(room: u8) -> Landing {
        let by =
            Inviter { who: Who::Member(MemberId([1; 16])), name: DisplayName::parse("Ann").expect("a name") };
        Landing { room: RoomId([room; 16]), by }
    }

    #[test]
    fn nothing_is_remembered_of_a_room_that_is_over() {
        let all = Landings::default();
        all.remember(invite(1), landing(1));
        all.remember(invite(2), landing(2));
        all.remember(invite(3), landing(1));
        all.forget(RoomId([1; 16]));
        assert_eq!([1, 2, 3].map(|number| all.of(invite(number))), [None, Some(landing(2)), None]);
        assert_eq!(all.lock().order, [Box::new(invite(2))]);
    }

    #[test]
    fn the_oldest_gives_way() {
        let all = Landings::default();
        for number in 0..=LANDINGS_MAX {
            all.remember(invite(number), landing(1));
        }
        assert_eq!(all.of(invite(0)), None);
        assert!(all.of(invite(1)).is_some() && all.of(invite(LANDINGS_MAX)).is_some());
        let kept = all.lock();
        assert_eq!((kept.by_invite.len(), kept.order.len()), (LANDINGS_MAX, LANDINGS_MAX));
    }
}
