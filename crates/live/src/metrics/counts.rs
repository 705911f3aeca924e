//! What people did since this process started: how often, never who, to whom or where.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::room::RoomCommand;

use super::series::{ACTIONS, Action};

impl Action {
    /// What a command counts as, if anything.
    pub(crate) const fn of(command: &RoomCommand) -> Option<Self> {
        match command {
            RoomCommand::RaiseHand => Some(Self::Hand),
            RoomCommand::Mute { .. } | RoomCommand::MuteAll => Some(Self::Mute),
            RoomCommand::Hold { .. } | RoomCommand::Panic => Some(Self::Hold),
            RoomCommand::MoveToAudience { .. } => Some(Self::Move),
            RoomCommand::Remove { .. } | RoomCommand::TimeOut { .. } => Some(Self::Removal),
            RoomCommand::Ban { .. } | RoomCommand::BanFromClub { .. } => Some(Self::Ban),
            _ => None,
        }
    }
}

/// One for all rooms; at human rate.
#[derive(Clone, Default)]
pub(crate) struct Counts(Arc<[AtomicU64; ACTIONS.len()]>);

impl Counts {
    /// Somebody has done this.
    pub(crate) fn count(&self, action: Action) {
        if let Some(count) = self.0.get(action as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn of(&self, action: Action) -> u64 {
        self.0.get(action as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use protocol::id::ParticipantId;

    use super::*;

    #[test]
    fn each_action_has_its_own_count_and_what_is_nobody_elses_business_has_none() {
        let (counts, who) = (Counts::default(), ParticipantId(7));
        let done = [
            RoomCommand::Ban { who },
            RoomCommand::RaiseHand,
            RoomCommand::LowerHand,
            RoomCommand::RaiseHand,
        ];
        done.iter().filter_map(Action::of).for_each(|action| counts.count(action));
        assert_eq!(ACTIONS.map(|action| counts.of(action)), [2, 0, 0, 0, 0, 1]);
        assert_eq!(ACTIONS.map(|action| action as usize), [0, 1, 2, 3, 4, 5], "each in its place");
    }
}
