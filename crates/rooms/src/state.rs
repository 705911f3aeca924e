//! What a room remembers besides its people. All of it is committed, and none of it outlives the room.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::club::BanPeriod;
use protocol::id::{ClubId, CommandId, ParticipantId, ReportId, RoomId};
use protocol::limits::COMMAND_MEMORY;
use protocol::order::ReportReason;
use protocol::room::{AudienceShown, Board, Chat, Confidentiality, Door, HandPolicy, OfEvent, RoomKind};
use protocol::text::{DisplayName, Handle, Language, RoomTitle};
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Who;
use crate::arrival::AskedTo;
use crate::bars::Bars;
use crate::guests::Given;
use crate::limits::COMMANDS_EACH;
use crate::reports::About;

/// The room without its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) id: RoomId,
    pub(crate) started: Timestamp,
    pub(crate) title: Option<RoomTitle>,
    pub(crate) board: Board,
    pub(crate) chat: Chat,
    pub(crate) kind: RoomKind,
    /// From birth; nothing sets it again. What is true of it is asked for anew.
    pub(crate) club: Option<ClubId>,
    /// From birth; nothing sets it again.
    pub(crate) confidentiality: Confidentiality,
    /// From birth, as the next.
    pub(crate) language: Option<Language>,
    pub(crate) event: Option<OfEvent>,
    pub(crate) hands: HandPolicy,
    pub(crate) door: Door,
    pub(crate) audience: AudienceShown,
    /// Grows with every removal.
    pub(crate) epoch: u32,
    pub(crate) phase: Phase,
    /// Here or not.
    pub(crate) owner: Who,
    /// Here or not; never the owner, never a guest. In boxes, as all ids in trees.
    pub(crate) moderators: BTreeSet<Box<Who>>,
    pub(crate) asked: BTreeMap<Box<Who>, AskedIn>,
    pub(crate) bars: Bars,
    /// Seats that were given to guests, oldest first.
    pub(crate) guests: Vec<Given>,
    /// Removals that can still be undone, oldest first. In boxes, which are wiped: a queue does not overwrite what is
    /// taken out of it.
    pub(crate) removals: VecDeque<Box<Removal>>,
    /// Reports that others can still sign, oldest first.
    pub(crate) reports: VecDeque<Box<Report>>,
    /// The last commands and their answers, oldest first.
    pub(crate) commands: VecDeque<Answered>,
}

impl State {
    /// Remembers an answer. Where there is no more room, whoever has most remembered gives their oldest away: somebody
    /// who presses every button costs nobody else the memory of theirs.
    pub(crate) fn remember(&mut self, answered: Answered) {
        let mut each: BTreeMap<ParticipantId, usize> = BTreeMap::new();
        for known in &self.commands {
            *each.entry(known.from).or_default() += 1;
        }
        let gives = if each.get(&answered.from).is_some_and(|mine| *mine >= COMMANDS_EACH) {
            Some(answered.from)
        } else if self.commands.len() >= COMMAND_MEMORY {
            // Of several with as many, whoever's oldest is the oldest: hence the order, and `max_by_key` gives the last.
            let of = |known: &Answered| (each.get(&known.from).copied(), known.from);
            self.commands.iter().rev().map(of).max_by_key(|(count, _)| *count).map(|(_, from)| from)
        } else {
            None
        };
        if let Some(from) = gives
            && let Some(oldest) = self.commands.iter().position(|known| known.from == from)
        {
            self.commands.remove(oldest);
        }
        self.commands.push_back(answered);
    }

    /// Whether anything is remembered that somebody did in this seat.
    pub(crate) fn remembers(&self, from: ParticipantId) -> bool {
        self.commands.iter().any(|known| known.from == from)
    }
}

/// How the room stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Somebody keeps order.
    Live,
    /// Nobody does; they have until then to come back.
    Waiting { until: Timestamp },
    /// Somebody on stage is asked to take over.
    Asking {
        whom: ParticipantId,
        until: Timestamp,
        /// Those who were asked before and did not answer.
        tried: BTreeSet<ParticipantId>,
    },
    /// Nobody took over.
    Moderatorless { until: Timestamp },
    /// The room ends.
    Ending { at: Timestamp, because: EndCause },
    /// It has ended.
    Over,
}

/// Why a room ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EndCause {
    /// The owner said so.
    Owner,
    /// Nobody kept order.
    Unattended,
}

/// Somebody who was asked in: the right to come in, and to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AskedIn {
    pub(crate) handle: Option<Handle>,
    /// Who asked, as it is shown on the card.
    pub(crate) by: DisplayName,
    pub(crate) to: AskedTo,
    pub(crate) answer: Answer,
}

/// Whether somebody who was asked in came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Expected,
    Came,
}

/// A removal or ban that can still be undone; afterwards it is forgotten who it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Removal {
    pub(crate) id: ParticipantId,
    pub(crate) who: Who,
    pub(crate) name: DisplayName,
    pub(crate) handle: Option<Handle>,
    pub(crate) by: Who,
    pub(crate) until: Timestamp,
    /// For how long they are out of the club as well, once this cannot be taken back any more.
    pub(crate) club: Option<BanPeriod>,
}

/// A report that others can still sign. No name: who they are, or what they are called, is enough for the administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: ReportId,
    pub(crate) by: Who,
    pub(crate) about: About,
    pub(crate) reason: ReportReason,
    pub(crate) until: Timestamp,
    /// Who heard it too.
    pub(crate) heard: BTreeSet<Who>,
}

/// A command that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) from: ParticipantId,
    pub(crate) id: CommandId,
    pub(crate) error: Option<ErrorCode>,
}
