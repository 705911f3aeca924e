//! Who wants to be called when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// At most one moment each: a later wish replaces an earlier one only when that has come.
#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(Instant, u32)>>,
    due: Vec<Option<Instant>>,
}

impl Timers {
    pub(crate) fn new(count: usize) -> Self {
        Self { heap: BinaryHeap::new(), due: vec![None; count] }
    }

    /// Call me then, or earlier.
    pub(crate) fn ask(&mut self, who: u32, at: Instant) {
        let Some(due) = self.due.get_mut(who as usize) else { return };
        if due.is_none_or(|due| at < due) {
            *due = Some(at);
            self.heap.push(Reverse((at, who)));
        }
    }

    /// When somebody may want to be called next; perhaps too early.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    /// The next whose moment has come.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<u32> {
        loop {
            let Reverse((at, who)) = *self.heap.peek()?;
            if at > now {
                return None;
            }
            self.heap.pop();
            let due = self.due.get_mut(who as usize)?;
            if *due == Some(at) {
                *due = None;
                return Some(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn everybody_is_called_once_at_their_earliest_wish_in_order() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut timers = Timers::new(3);
        timers.ask(0, at(30));
        timers.ask(1, at(20));
        timers.ask(0, at(10));
        timers.ask(1, at(40));
        assert_eq!(timers.pop(at(5)), None);
        assert_eq!(timers.pop(at(50)), Some(0));
        assert_eq!(timers.pop(at(50)), Some(1));
        assert_eq!(timers.pop(at(50)), None, "the wish that was replaced is forgotten");
        timers.ask(0, at(60));
        assert_eq!(timers.pop(at(60)), Some(0));
    }
}
