//! How much of a shard's time is used.

use std::time::Duration;

/// Thousandths of the time in which a thread did not wait for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Load(u16);

impl Load {
    pub(crate) const fn from_permille(permille: u16) -> Self {
        Self(permille)
    }

    /// Of `span`, so much was spent waiting.
    pub fn of(span: Duration, waited: Duration) -> Self {
        let busy = span.saturating_sub(waited).as_micros();
        let permille = (busy * 1000).checked_div(span.as_micros()).unwrap_or(0).min(1000);
        Self(u16::try_from(permille).unwrap_or(1000))
    }

    pub const fn permille(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_waited_is_load() {
        let load =
            |span, waited| Load::of(Duration::from_millis(span), Duration::from_millis(waited)).permille();
        assert_eq!([load(1000, 1000), load(1000, 250), load(1000, 0)], [0, 750, 1000]);
        assert_eq!([load(0, 0), load(10, 20)], [0, 0], "clocks are read one after the other");
    }
}
