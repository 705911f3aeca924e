//! Hands, invitations, stepping up and down, and one's own microphone.
//!
//! What is already so stays so: raising a raised hand, or inviting somebody who is invited, is answered with success
//! and changes nothing, so that two people who press at once both get what they wanted.

use protocol::id::ParticipantId;
use protocol::limits::{HANDS_MAX, STAGE_INVITATION_PERIOD, STAGE_MAX};
use protocol::room::{HandPolicy, Mic, MyMic, Notice};
use protocol::{ErrorCode, Timestamp};

use crate::people::{Area, Participant, Place};
use crate::state::{EndCause, Phase};
use crate::{Room, To};

impl Room {
    pub(crate) fn raise_hand(&mut self, now: Timestamp, id: ParticipantId) -> Result<(), ErrorCode> {
        let person = self.people.get(id).ok_or(ErrorCode::NotThere)?;
        match person.place {
            Place::HandRaised { .. } | Place::Invited { .. } => Ok(()),
            Place::Stage { .. } => Err(ErrorCode::NotNow),
            Place::Audience => {
                self.hands_taken_from(person)?;
                if self.hands_raised() >= HANDS_MAX {
                    return Err(ErrorCode::Full);
                }
                self.set_place(id, Place::HandRaised { since: now });
                Ok(())
            }
        }
    }

    pub(crate) fn lower_hand(&mut self, id: ParticipantId) -> Result<(), ErrorCode> {
        if let Place::HandRaised { .. } = self.place(id)? {
            self.set_place(id, Place::Audience);
        }
        Ok(())
    }

    /// The invitation stands while the stage is full, so that one who finds it so can try again.
    pub(crate) fn accept_invitation(&mut self, id: ParticipantId) -> Result<(), ErrorCode> {
        let who = self.people.get(id).ok_or(ErrorCode::NotThere)?.who;
        match self.place(id)? {
            Place::Stage { .. } => Ok(()),
            // As if nobody had answered in time, or a moderator had taken the invitation back this moment.
            Place::Invited { .. } if self.is_blocked_on_stage(who) => {
                self.set_place(id, Place::Audience);
                self.outbox.notice(To::One(id), Notice::InvitationGone);
                Err(ErrorCode::NotNow)
            }
            Place::Invited { .. } if self.people.stage().len() >= STAGE_MAX => Err(ErrorCode::Full),
            Place::Invited { .. } => {
                self.set_place(id, Place::Stage { mic: Mic::Muted });
                Ok(())
            }
            Place::Audience | Place::HandRaised { .. } => Err(ErrorCode::NotNow),
        }
    }

    pub(crate) fn decline_invitation(&mut self, id: ParticipantId) -> Result<(), ErrorCode> {
        if let Place::Invited { .. } = self.place(id)? {
            self.set_place(id, Place::Audience);
            self.outbox.notice(To::Moderators, Notice::Declined { who: id });
        }
        Ok(())
    }

    pub(crate) fn step_down(&mut self, id: ParticipantId) -> Result<(), ErrorCode> {
        if let Place::Stage { .. } = self.place(id)? {
            self.set_place(id, Place::Audience);
        }
        Ok(())
    }

    pub(crate) fn set_mic(&mut self, id: ParticipantId, mic: MyMic) -> Result<(), ErrorCode> {
        let Place::Stage { mic: was } = self.place(id)? else { return Err(ErrorCode::NotNow) };
        let mic = match (was, mic) {
            (Mic::Held, MyMic::Open | MyMic::Muted) => return Err(ErrorCode::NotNow),
            (Mic::Open | Mic::Muted, MyMic::Open) => Mic::Open,
            (Mic::Open | Mic::Muted, MyMic::Muted) => Mic::Muted,
        };
        self.set_place(id, Place::Stage { mic });
        Ok(())
    }

    /// An invited hand keeps its place in the queue. A second invitation leaves the first one standing, with its end.
    pub(crate) fn invite_to_stage(
        &mut self,
        now: Timestamp,
        by: ParticipantId,
        whom: ParticipantId,
    ) -> Result<(), ErrorCode> {
        let since = match self.place(whom)? {
            Place::Stage { .. } | Place::Invited { .. } => return Ok(()),
            Place::HandRaised { since } => since,
            Place::Audience => now,
        };
        if self.people.stage().len() >= STAGE_MAX || self.invited() >= STAGE_MAX {
            return Err(ErrorCode::Full);
        }
        self.set_place(whom, Place::Invited { by, since, until: now.plus(STAGE_INVITATION_PERIOD) });
        Ok(())
    }

    /// Lowers a hand or takes an invitation back.
    pub(crate) fn dismiss(&mut self, whom: ParticipantId) -> Result<(), ErrorCode> {
        let notice = match self.place(whom)? {
            Place::HandRaised { .. } => Notice::HandLowered,
            Place::Invited { .. } => Notice::InvitationGone,
            Place::Audience => return Ok(()),
            Place::Stage { .. } => return Err(ErrorCode::NotNow),
        };
        self.set_place(whom, Place::Audience);
        self.outbox.notice(To::One(whom), notice);
        Ok(())
    }

    pub(crate) fn move_to_audience(
        &mut self,
        by: ParticipantId,
        whom: ParticipantId,
    ) -> Result<(), ErrorCode> {
        if let Place::Stage { .. } = self.place(whom)? {
            self.set_place(whom, Place::Audience);
            self.outbox.notice(To::One(whom), Notice::MovedToAudience { by });
        }
        Ok(())
    }

    /// Hands that would not be taken under the new policy go down. Invitations stand: somebody chose these people.
    pub(crate) fn set_hands(&mut self, hands: HandPolicy) -> Result<(), ErrorCode> {
        if self.state.hands == hands {
            return Ok(());
        }
        self.state_mut().hands = hands;
        let lowered: Vec<_> = self
            .people
            .queue()
            .filter(|person| matches!(person.place, Place::HandRaised { .. }) && !self.policy_takes(person))
            .map(|person| person.id)
            .collect();
        for id in lowered {
            self.set_place(id, Place::Audience);
            self.outbox.notice(To::One(id), Notice::HandLowered);
        }
        self.outbox.everyone_anew();
        Ok(())
    }

    /// Invitations that nobody answered lapse.
    pub(crate) fn lapse_invitations(&mut self, now: Timestamp) {
        let lapsed: Vec<_> = self
            .people
            .queue()
            .filter(|person| matches!(person.place, Place::Invited { until, .. } if until <= now))
            .map(|person| person.id)
            .collect();
        for id in lapsed {
            self.set_place(id, Place::Audience);
            self.outbox.notice(To::One(id), Notice::InvitationGone);
        }
    }

    pub(crate) fn next_lapse(&self) -> Option<Timestamp> {
        let until = |person: &Participant| match person.place {
            Place::Invited { until, .. } => Some(until),
            Place::Audience | Place::HandRaised { .. } | Place::Stage { .. } => None,
        };
        self.people.queue().filter_map(until).min()
    }

    pub(crate) fn place(&self, id: ParticipantId) -> Result<Place, ErrorCode> {
        self.people.get(id).map(|person| person.place).ok_or(ErrorCode::PersonGone)
    }

    /// Whether somebody in the audience may raise a hand now; a full queue is found out by trying.
    pub(crate) fn hands_taken_from(&self, person: &Participant) -> Result<(), ErrorCode> {
        if person.place.area() != Area::Audience || self.hands_locked() || self.state.hands == HandPolicy::Off
        {
            Err(ErrorCode::NotNow)
        } else if self.policy_takes(person) {
            Ok(())
        } else {
            Err(ErrorCode::NotAllowed)
        }
    }

    fn policy_takes(&self, person: &Participant) -> bool {
        match self.state.hands {
            HandPolicy::Off => false,
            HandPolicy::Everyone => true,
            HandPolicy::FollowedBySpeakers => self.follows.followed_by_speakers(person.who),
        }
    }

    /// Nobody is there to take a hand.
    pub(crate) fn hands_locked(&self) -> bool {
        matches!(
            self.state.phase,
            Phase::Moderatorless { .. } | Phase::Ending { because: EndCause::Unattended, .. } | Phase::Over
        )
    }

    fn hands_raised(&self) -> usize {
        self.people.queue().filter(|person| matches!(person.place, Place::HandRaised { .. })).count()
    }

    fn invited(&self) -> usize {
        self.people.queue().filter(|person| matches!(person.place, Place::Invited { .. })).count()
    }
}
