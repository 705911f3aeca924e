//! Reports: one person reports another, others may say that they heard it too, and after [`CO_SIGN_PERIOD`] it goes to
//! the administrators, or when the room ends, if that comes first.
//!
//! Nobody is told who reported, and whoever is reported is told nothing: neither by an event, nor by an answer. An open
//! report is committed with the room, so that a crash loses none; who spoke and who reported how often is not.

use std::collections::BTreeSet;

use protocol::id::{ParticipantId, ReportId};
use protocol::limits::{CO_SIGN_PERIOD, CO_SIGNATURES_MAX, REPORTS_MAX};
use protocol::order::ReportReason;
use protocol::room::{Notice, RoomCommand};
use protocol::text::Handle;
use protocol::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::effect::Effect;
use crate::people::Participant;
use crate::room::Actor;
use crate::state::Report;
use crate::{Room, To, Who};

/// Whom a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// Somebody who was here when it was made.
    Here {
        /// Who.
        who: Who,
        /// What they are called; nothing for a guest.
        handle: Option<Handle>,
    },
    /// Somebody who had left: what they are called, since nothing else is known.
    Left {
        /// That.
        handle: Handle,
    },
}

impl About {
    fn of(person: &Participant) -> Self {
        Self::Here { who: person.who, handle: person.handle.clone() }
    }

    fn handle(&self) -> Option<&Handle> {
        match self {
            Self::Here { handle, .. } => handle.as_ref(),
            Self::Left { handle } => Some(handle),
        }
    }

    /// Whether this is the same person. Nobody is called something else while they have an account.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Here { who, .. }, Self::Here { who: other, .. }) => who == other,
            _ => self.handle().is_some() && self.handle() == other.handle(),
        }
    }
}

/// A report as it leaves the room: nothing in it says which room it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// Who reported.
    pub by: Who,
    /// Whom.
    pub about: About,
    /// Why.
    pub reason: ReportReason,
    /// Who heard it too.
    pub heard: BTreeSet<Who>,
}

impl Room {
    /// Whoever reports what others are being asked about already has heard it too.
    pub(crate) fn report(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        id: ReportId,
        (whom, handle): (ParticipantId, Option<Handle>),
        reason: ReportReason,
    ) -> Result<(), ErrorCode> {
        // Whoever left that seat may be back in another.
        let here = self.people.get(whom).or_else(|| self.people.called(handle.as_ref()?));
        let (seat, name) = here.map(|person| (person.id, person.name.clone())).unzip();
        let who = seat.unwrap_or(whom);
        let about = here.map(About::of).or_else(|| Some(About::Left { handle: handle.clone()? }));
        let actor = self.authorise(from, &RoomCommand::Report { who, handle, reason })?;
        let about = about.ok_or(ErrorCode::PersonGone)?;
        let known = self.state.reports.iter().position(|open| open.about.is(&about) && open.reason == reason);
        if let Some(position) = known {
            self.sign(position, actor.who);
            return Ok(());
        }
        if self.state.reports.len() >= REPORTS_MAX {
            return Err(ErrorCode::TooMany);
        }
        self.recent.count_report(now, self.state.bars.tag(actor.who))?;
        let until = now.plus(CO_SIGN_PERIOD);
        let handle = about.handle().cloned();
        let report = Report { id, by: actor.who, about, reason, until, heard: BTreeSet::new() };
        self.state_mut().reports.push_back(Box::new(report));
        let others = To::EveryoneButThese([from, seat.unwrap_or(from)]);
        self.outbox.notice(others, Notice::Reported { report: id, who, name, handle, reason, until });
        Ok(())
    }

    /// One answer for a report that is not there any more and for one that is not theirs to sign.
    pub(crate) fn co_sign(&mut self, actor: Actor, report: ReportId) -> Result<(), ErrorCode> {
        let me = About::of(self.people.get(actor.id).ok_or(ErrorCode::NotThere)?);
        let may = |open: &Report| open.id == report && open.by != actor.who && !open.about.is(&me);
        let mut open = self.state.reports.iter();
        let position = open.position(|open| may(open)).ok_or(ErrorCode::NotNow)?;
        self.sign(position, actor.who);
        Ok(())
    }

    /// Past the bound one more signature says nothing new.
    fn sign(&mut self, position: usize, who: Who) {
        if let Some(open) = self.state_mut().reports.get_mut(position)
            && open.by != who
            && open.heard.len() < CO_SIGNATURES_MAX
        {
            open.heard.insert(who);
        }
    }

    /// Whatever nobody can sign any more goes to the administrators.
    pub(crate) fn file_due(&mut self, now: Timestamp) {
        while self.state.reports.front().is_some_and(|open| open.until <= now) {
            if let Some(report) = self.state_mut().reports.pop_front() {
                self.outbox.file(Effect::Report((*report).into()));
            }
        }
    }

    /// The room is over, and what was reported in it is not.
    pub(crate) fn file_all(&mut self) {
        for report in std::mem::take(&mut self.state.reports) {
            self.outbox.file(Effect::Report((*report).into()));
        }
    }

    /// As far as can be told: of somebody who left it is not known what they are called.
    fn is(&self, who: Who, about: &About) -> bool {
        let here = self.people.seat(who).and_then(|seat| self.people.get(seat));
        here.map_or(About::Here { who, handle: None }, About::of).is(about)
    }

    pub(crate) fn check_reports(&self) -> Result<(), &'static str> {
        let reports = &self.state.reports;
        if reports.len() > REPORTS_MAX || reports.iter().any(|open| open.heard.len() > CO_SIGNATURES_MAX) {
            return Err("reports and their signatures are bounded");
        }
        if reports.iter().any(|open| self.is(open.by, &open.about)) {
            return Err("nobody reports themselves");
        }
        let heard = |open: &Report, who: &Who| *who == open.by || self.is(*who, &open.about);
        if reports.iter().any(|open| open.heard.iter().any(|who| heard(open, who))) {
            return Err("neither of the two signs");
        }
        Ok(())
    }
}

impl From<Report> for Filed {
    fn from(report: Report) -> Self {
        let Report { by, about, reason, heard, .. } = report;
        Self { by, about, reason, heard }
    }
}
