//! A token bucket.

use std::time::Instant;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    tokens: f32,
    most: f32,
    per_second: f32,
    filled: Option<Instant>,
}

impl Bucket {
    pub(crate) fn full(most: f32, per_second: f32) -> Self {
        Self::holding(most, most, per_second)
    }

    pub(crate) fn holding(tokens: f32, most: f32, per_second: f32) -> Self {
        Self { tokens, most, per_second, filled: None }
    }

    /// Lets tokens grow up to now; from the first time on.
    pub(crate) fn fill(&mut self, now: Instant) {
        let since = *self.filled.get_or_insert(now);
        self.filled = Some(now.max(since));
        let grown = now.saturating_duration_since(since).as_secs_f32() * self.per_second;
        self.tokens = (self.tokens + grown).min(self.most);
    }

    /// Takes `price` tokens, or none.
    pub(crate) fn take(&mut self, now: Instant, price: f32) -> bool {
        self.fill(now);
        let enough = self.tokens >= price;
        if enough {
            self.tokens -= price;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_was_taken_comes_back_with_time_and_not_beyond_the_most() {
        let start = Instant::now();
        let mut bucket = Bucket::full(2.0, 1.0);
        assert!(bucket.take(start, 2.0));
        assert!(!bucket.take(start, 1.0));
        assert!(bucket.take(start + Duration::from_secs(1), 1.0));
        assert!(!bucket.take(start + Duration::from_secs(100), 3.0));
        assert!(bucket.take(start + Duration::from_secs(100), 2.0));
    }
}
