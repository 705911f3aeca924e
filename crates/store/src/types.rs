//! Small types of the whole crate.

use protocol::Timestamp;
use protocol::account::DeviceLabel;
use protocol::id::{MemberId, SessionId};
use protocol::text::{DisplayName, Handle};

const MS_PER_DAY: u64 = 24 * 3600 * 1000;

/// Days since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u32);

impl Day {
    /// The day of a moment.
    pub fn of(moment: Timestamp) -> Self {
        Self(u32::try_from(moment.0 / MS_PER_DAY).unwrap_or(u32::MAX))
    }

    /// The first day that begins after `moment`: what lapses "at" a moment stands to the end of that day, so that no
    /// finer time is kept.
    pub fn after(moment: Timestamp) -> Self {
        Self(Self::of(moment).0.saturating_add(1))
    }

    /// The moment it begins.
    pub fn begins(self) -> Timestamp {
        Timestamp(u64::from(self.0) * MS_PER_DAY)
    }

    /// The first day of its month.
    pub fn month(self) -> Self {
        let date =
            time::OffsetDateTime::UNIX_EPOCH.date().checked_add(time::Duration::days(i64::from(self.0)));
        let before = date.map_or(0, |date| u32::from(date.day()) - 1);
        Self(self.0.saturating_sub(before))
    }

    pub(crate) fn sql(self) -> i64 {
        i64::from(self.0)
    }
}

/// SHA-256 of a secret. The secrets are random and long, so the hash needs no salt and no work factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

/// A member to be.
#[derive(Debug, Clone)]
pub struct NewMember {
    pub id: MemberId,
    pub handle: Handle,
    pub name: DisplayName,
}

/// A session to be.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub id: SessionId,
    pub token: SecretHash,
    pub device: DeviceLabel,
    pub day: Day,
    /// The first day on which it does not stand any more.
    pub expires: Day,
}

/// A member as rooms know them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: MemberId,
    pub handle: Handle,
    pub name: DisplayName,
}
