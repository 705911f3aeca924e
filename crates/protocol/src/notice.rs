//! What is said once to those it concerns.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ParticipantId, ReportId};
use crate::order::ReportReason;
use crate::room::{Authority, RoomKind};
use crate::text::{DisplayName, Handle};

/// Something said once to those it concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// A moderator muted me.
    Muted {
        /// Who did.
        by: ParticipantId,
    },
    /// A moderator holds my microphone.
    Held {
        /// Who does.
        by: ParticipantId,
    },
    /// A moderator released my microphone.
    Released {
        /// Who did.
        by: ParticipantId,
    },
    /// A moderator moved me to the audience.
    MovedToAudience {
        /// Who did.
        by: ParticipantId,
    },
    /// My hand was lowered by a moderator or because hands are off.
    HandLowered,
    /// The invitation was taken back, or nobody answered in time.
    InvitationGone,
    /// Somebody said no (to moderators).
    Declined {
        /// Who.
        who: ParticipantId,
    },
    /// My authority changed.
    AuthorityChanged {
        /// What I now may.
        authority: Authority,
    },
    /// The room has a new owner (to everyone).
    NewOwner {
        /// Who.
        who: ParticipantId,
    },
    /// More people may now come in (to everyone).
    Widened {
        /// The kind, now.
        kind: RoomKind,
    },
    /// All are held, hands are off and the door is locked (to everyone).
    Panic {
        /// Who pressed it.
        by: ParticipantId,
    },
    /// Somebody was removed, sent out for a time or banned, and can be let back (to moderators).
    Removed {
        /// Who.
        who: ParticipantId,
        /// What they are called.
        name: DisplayName,
        /// Who did.
        by: ParticipantId,
        /// Until when it can be undone.
        until: Timestamp,
        /// When they may come back by themselves, if they may.
        back: Option<Timestamp>,
    },
    /// A removal was undone (to moderators).
    Undone {
        /// Who may come back.
        who: ParticipantId,
        /// What they are called.
        name: DisplayName,
    },
    /// Somebody asked in said "not now" (to moderators).
    NotComing {
        /// Who.
        handle: Handle,
    },
    /// Somebody was reported; by whom is not said (to everyone but those two). Whoever heard it too can say so.
    Reported {
        /// Which report.
        report: ReportId,
        /// Who was reported, here or not any more.
        who: ParticipantId,
        /// What they are called, while they are here.
        name: Option<DisplayName>,
        /// Their handle; a guest has none.
        handle: Option<Handle>,
        /// Why.
        reason: ReportReason,
        /// Until when one can say so.
        until: Timestamp,
    },
}
