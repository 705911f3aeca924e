//! The room as people see it.

use std::collections::BTreeSet;

use protocol::id::ParticipantId;
use protocol::limits::FOUND_MAX;
use protocol::room::{
    AudienceShown, Authority, Hand, HandState, MyPlace, Person, Phase as ShownPhase, Place as ShownPlace,
    Presence as ShownPresence, RoomFacts, RoomView, You,
};

use crate::Room;
use crate::effect::To;
use crate::people::{Area, Participant, Place, Presence, Spoken};
use crate::state::Phase;

impl Room {
    /// The room as one person in it sees it; epoch and sequence are zero, for the caller to number.
    pub fn view(&self, viewer: ParticipantId) -> Option<RoomView> {
        let me = self.people.get(viewer).filter(|_| !self.is_over())?;
        let keeps_order = self.authority(me.who) >= Authority::Moderator;
        let below = |person: &&Participant| person.place.area() != Area::Stage;
        // Of whom nobody was told yet, this one is told with the others: should they leave before, nobody else hears of it.
        let told = |person: &&Participant| self.is_listed(person) && !self.outbox.is_waiting(person.id);
        let shown = |person: &&Participant| below(person) && (person.id == viewer || told(person));
        let listed: Vec<&Participant> = match self.state.audience {
            AudienceShown::Faces => self.people.iter().filter(shown).collect(),
            // Thousands, of whom all but these are counted.
            AudienceShown::Counted => {
                let ids: BTreeSet<_> = self.keepers().chain([viewer]).collect();
                ids.into_iter().filter_map(|id| self.people.get(id)).filter(shown).collect()
            }
        };
        Some(RoomView {
            room: self.state.id,
            epoch: 0,
            sequence: 0,
            facts: self.facts(),
            you: self.you(me),
            people: self.people.on_stage().chain(listed).map(|person| self.person(person)).collect(),
            queue: if keeps_order { self.queue() } else { Vec::new() },
            slots: self.slots,
            board: self.state.board.clone(),
            chat: self.chat(),
            asked: if keeps_order { self.expected() } else { Vec::new() },
        })
    }

    /// People in the room by part of a name or handle, those who begin with it first; at most [`FOUND_MAX`].
    pub fn find_people(&self, viewer: ParticipantId, text: &str) -> Vec<Person> {
        let wanted = text.trim().trim_start_matches('@').to_lowercase();
        if wanted.is_empty() || self.people.get(viewer).is_none() || self.is_over() {
            return Vec::new();
        }
        let mut found: Vec<_> =
            self.people.iter().filter_map(|person| Some((rank(person, &wanted)?, person))).collect();
        found.sort_by(|(a_rank, a), (b_rank, b)| (a_rank, &a.name, a.id).cmp(&(b_rank, &b.name, b.id)));
        found.into_iter().take(FOUND_MAX).map(|(_, person)| self.person(person)).collect()
    }

    /// The people an event is for, those reconnecting included.
    pub fn recipients(&self, to: To) -> Vec<ParticipantId> {
        match to {
            To::One(id) => self.people.get(id).map(|person| person.id).into_iter().collect(),
            To::Moderators => self.keepers().collect(),
            To::Everyone => self.people.iter().map(|person| person.id).collect(),
            To::EveryoneBut(but) => {
                self.people.iter().map(|person| person.id).filter(|id| *id != but).collect()
            }
            To::EveryoneButThese(but) => {
                self.people.iter().map(|person| person.id).filter(|id| !but.contains(id)).collect()
            }
        }
    }

    /// Whether everyone sees this person, rather than a count of which they are part.
    pub(crate) fn is_listed(&self, person: &Participant) -> bool {
        self.state.audience == AudienceShown::Faces
            || person.place.area() == Area::Stage
            || self.authority(person.who) >= Authority::Moderator
    }

    pub(crate) fn person(&self, person: &Participant) -> Person {
        Person {
            id: person.id,
            name: person.name.clone(),
            handle: person.handle.clone(),
            guest_of: person.guest_of.clone(),
            authority: self.authority(person.who),
            place: match person.place {
                Place::Audience | Place::HandRaised { .. } | Place::Invited { .. } => ShownPlace::Audience,
                Place::Stage { mic } => ShownPlace::Stage { mic },
            },
            presence: match person.presence {
                Presence::Here => ShownPresence::Here,
                Presence::Reconnecting { .. } => ShownPresence::Reconnecting,
            },
            followed_by_speakers: self.follows.followed_by_speakers(person.who),
            newcomer: person.newcomer,
            picture: person.picture,
        }
    }

    pub(crate) fn you(&self, person: &Participant) -> You {
        let asked_to_take_over = match self.state.phase {
            Phase::Asking { whom, until, .. } if whom == person.id => Some(until),
            _ => None,
        };
        You {
            id: person.id,
            authority: self.authority(person.who),
            place: match person.place {
                Place::Audience => MyPlace::Audience,
                Place::HandRaised { since } => {
                    MyPlace::HandRaised { since, position: self.position(person.id) }
                }
                Place::Invited { by, until, .. } => MyPlace::Invited { by, until },
                Place::Stage { mic } => MyPlace::Stage { mic },
            },
            bans_from_club: self.standing_in_club(person.who).keeps_order(),
            may_raise_hand: self.hands_taken_from(person).is_ok(),
            asked_to_take_over,
            note: person.note.clone(),
        }
    }

    pub(crate) fn facts(&self) -> RoomFacts {
        let state = &self.state;
        let on_stage = self.people.stage().len();
        RoomFacts {
            title: state.title.clone(),
            club: self.room_club(),
            kind: state.kind,
            hands: state.hands,
            door: state.door,
            confidentiality: state.confidentiality,
            phase: match state.phase {
                Phase::Live => ShownPhase::Live,
                Phase::Waiting { until } | Phase::Asking { until, .. } => ShownPhase::Waiting { until },
                Phase::Moderatorless { until } => ShownPhase::Moderatorless { until },
                Phase::Ending { at, .. } => ShownPhase::Ending { at },
                // Nobody is shown a room that is over.
                Phase::Over => ShownPhase::Ending { at: state.started },
            },
            started: state.started,
            on_stage: count(on_stage),
            in_audience: count(self.people.len() - on_stage),
            audience: state.audience,
            epoch: state.epoch,
            event: state.event,
            chat: state.chat,
        }
    }

    /// Hands and invitations, in order.
    pub(crate) fn queue(&self) -> Vec<Hand> {
        self.people
            .queue()
            .filter_map(|person| {
                let (since, state) = match person.place {
                    Place::HandRaised { since } => (since, HandState::Raised),
                    Place::Invited { since, .. } => (since, HandState::Invited),
                    Place::Audience | Place::Stage { .. } => return None,
                };
                Some(Hand {
                    id: person.id,
                    name: person.name.clone(),
                    since,
                    state,
                    note: person.note.clone(),
                    first: person.spoken == Spoken::NotYet,
                })
            })
            .collect()
    }

    /// Place in line among the raised hands, from 1.
    fn position(&self, id: ParticipantId) -> u32 {
        let raised = self.people.queue().filter(|person| matches!(person.place, Place::HandRaised { .. }));
        count(raised.take_while(|person| person.id != id).count() + 1)
    }
}

/// Lower is better; none for those who do not fit.
fn rank(person: &Participant, wanted: &str) -> Option<u8> {
    let name = person.name.as_str().to_lowercase();
    let handle = person.handle.as_ref().map_or("", |handle| handle.as_str());
    if name.starts_with(wanted) || handle.starts_with(wanted) {
        Some(0)
    } else if name.contains(wanted) || handle.contains(wanted) {
        Some(1)
    } else {
        None
    }
}

/// People are bounded far below this.
pub(crate) fn count(people: usize) -> u32 {
    u32::try_from(people).unwrap_or(u32::MAX)
}
