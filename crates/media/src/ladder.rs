//! The overload ladder of one channel: how many frames its audience gets in one packet.

use std::time::Instant;

use crate::limits::{CROWD, OVERLOADED, OVERLOADED_FOR, RELAXED, RELAXED_FOR, SIZE_MARGIN};
use crate::load::Load;
use crate::pack::Packing;

/// When audiences are sent several frames in one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackingRules {
    /// Whatever the load: from so many listeners on, two.
    pub two_from: Option<u32>,
    /// Whatever the load: from so many listeners on, three.
    pub three_from: Option<u32>,
    pub under_load: UnderLoad,
}

/// What happens when a shard's time runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnderLoad {
    /// Its crowds are sent more frames in one packet.
    Pack,
    /// Nothing: packets are late or lost.
    Carry,
}

impl Default for PackingRules {
    fn default() -> Self {
        Self { two_from: None, three_from: None, under_load: UnderLoad::Pack }
    }
}

/// Where one channel stands. Steps up soon and down late: a step down brings back half of the load at least.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ladder {
    by_size: Packing,
    by_load: Packing,
    /// Since when the load has asked for a step up, or for one down.
    asked: Option<(Direction, Instant)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Ladder {
    /// What the audience's size and the highest load of the shards that feed it ask for.
    pub(crate) fn handle(&mut self, now: Instant, rules: PackingRules, audience: u32, load: Load) -> Packing {
        self.by_size = by_size(rules, audience, self.by_size);
        match rules.under_load {
            UnderLoad::Pack => self.weigh(now, audience, load),
            UnderLoad::Carry => self.by_load = Packing::One,
        }
        self.by_size.max(self.by_load)
    }

    fn weigh(&mut self, now: Instant, audience: u32, load: Load) {
        let asks = if load >= OVERLOADED && audience >= CROWD {
            Some(Direction::Up)
        } else if load <= RELAXED || audience < CROWD {
            Some(Direction::Down)
        } else {
            None
        };
        let since = self.asked.filter(|(before, _)| asks == Some(*before)).map_or(now, |(_, since)| since);
        self.asked = asks.map(|asks| (asks, since));
        let asked_for = now.saturating_duration_since(since);
        let (step, patience) = match asks {
            Some(Direction::Up) => (up(self.by_load.max(self.by_size)), OVERLOADED_FOR),
            Some(Direction::Down) => (down(self.by_load), RELAXED_FOR),
            None => return,
        };
        if asked_for >= patience {
            self.by_load = step;
            // The next step waits as long again: by then the load shows what this one has done.
            self.asked = None;
        }
    }
}

/// A little less than the number that began it does not end it.
fn by_size(rules: PackingRules, audience: u32, now: Packing) -> Packing {
    let reaches = |from: Option<u32>, packing: Packing| {
        from.is_some_and(|from| {
            let from = if now >= packing { from - from / SIZE_MARGIN } else { from };
            audience >= from
        })
    };
    if reaches(rules.three_from, Packing::Three) {
        Packing::Three
    } else if reaches(rules.two_from, Packing::Two) {
        Packing::Two
    } else {
        Packing::One
    }
}

fn up(packing: Packing) -> Packing {
    match packing {
        Packing::One => Packing::Two,
        Packing::Two | Packing::Three => Packing::Three,
    }
}

fn down(packing: Packing) -> Packing {
    match packing {
        Packing::Three => Packing::Two,
        Packing::Two | Packing::One => Packing::One,
    }
}

const _: () = assert!(OVERLOADED_FOR.as_millis() < RELAXED_FOR.as_millis());
const _: () = assert!(OVERLOADED.permille() > 2 * RELAXED.permille(), "or one step up asks for one down");

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const SECOND: Duration = Duration::from_secs(1);
    const IDLE: Load = Load::from_permille(100);
    const BUSY: Load = Load::from_permille(500);
    const FULL: Load = Load::from_permille(900);

    /// Once a second with this load, so many times; the packing after each.
    fn seconds(
        ladder: &mut Ladder,
        now: &mut Instant,
        count: u32,
        audience: u32,
        load: Load,
    ) -> Vec<Packing> {
        let rules = PackingRules::default();
        (0..count)
            .map(|_| {
                *now += SECOND;
                ladder.handle(*now, rules, audience, load)
            })
            .collect()
    }

    #[test]
    fn an_overloaded_shard_goes_up_step_by_step_and_comes_down_late() {
        use Packing::{One, Three, Two};
        let (mut ladder, mut now) = (Ladder::default(), Instant::now());
        assert_eq!(seconds(&mut ladder, &mut now, 7, 500, FULL), [One, One, Two, Two, Two, Three, Three]);
        assert!(seconds(&mut ladder, &mut now, 100, 500, BUSY).iter().all(|packing| *packing == Three));
        let down = seconds(&mut ladder, &mut now, 70, 500, IDLE);
        assert_eq!(down[..30], [Three; 30]);
        assert_eq!(down[30..61], [Two; 31]);
        assert_eq!(down[61..], [One; 9]);
    }

    #[test]
    fn a_second_of_load_is_no_overload() {
        let (mut ladder, mut now) = (Ladder::default(), Instant::now());
        for _ in 0..20 {
            assert_eq!(seconds(&mut ladder, &mut now, 2, 500, FULL), [Packing::One; 2]);
            assert_eq!(seconds(&mut ladder, &mut now, 1, 500, BUSY), [Packing::One]);
        }
    }

    #[test]
    fn a_small_room_is_never_why() {
        let (mut ladder, mut now) = (Ladder::default(), Instant::now());
        let packings = seconds(&mut ladder, &mut now, 60, CROWD - 1, FULL);
        assert!(packings.iter().all(|packing| *packing == Packing::One));
    }

    #[test]
    fn a_size_counts_at_once_and_a_few_who_leave_change_nothing() {
        let rules =
            PackingRules { two_from: Some(100), three_from: Some(1000), under_load: UnderLoad::Carry };
        let (mut ladder, now) = (Ladder::default(), Instant::now());
        let mut at = |audience| ladder.handle(now, rules, audience, FULL);
        use Packing::{One, Three, Two};
        assert_eq!([99, 100, 91, 90, 89, 99].map(&mut at), [One, Two, Two, Two, One, One]);
        assert_eq!([1000, 900, 899, 999, 5].map(&mut at), [Three, Three, Two, Two, One]);
    }

    #[test]
    fn where_the_load_does_not_count_nothing_is_packed_for_it() {
        let rules = PackingRules { under_load: UnderLoad::Carry, ..PackingRules::default() };
        let (mut ladder, mut now) = (Ladder::default(), Instant::now());
        for _ in 0..60 {
            now += SECOND;
            assert_eq!(ladder.handle(now, rules, 10_000, FULL), Packing::One);
        }
    }
}
