//! Who blocks whom, as far as a room knows.

use super::*;

impl Naive {
    pub(crate) fn blocks(&mut self, by: usize, whom: u8) -> bool {
        if self.blocks_count(by) && self.seat(by).is_some() && !self.over {
            self.blocked[by] = whom;
        }
        true
    }

    /// Of those who keep order, here or not, and of those on stage.
    fn blocks_count(&self, person: usize) -> bool {
        self.rank(person) >= 2 || matches!(self.spot(person), Some(Spot::Stage(_)))
    }

    pub(super) fn forget_blocks(&mut self) {
        for person in 0..CAST.len() {
            if !self.blocks_count(person) {
                self.blocked[person] = 0;
            }
        }
    }

    pub(super) fn is_shut_out(&self, person: usize) -> bool {
        let shuts_out = |other| self.rank(other) >= 2 || other == PROTECTED && self.blocks_count(other);
        person != GUEST
            && (0..CAST.len()).any(|other| shuts_out(other) && self.blocked[other] & (1 << person) != 0)
    }

    pub(super) fn is_blocked_on_stage(&self, person: usize) -> bool {
        let on_stage = |other| matches!(self.spot(other), Some(Spot::Stage(_)));
        person != GUEST
            && (0..CAST.len()).any(|other| on_stage(other) && self.blocked[other] & (1 << person) != 0)
    }
}
