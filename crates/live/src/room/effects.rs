//! What the room's owner published, carried out: routes in the media engine and messages at sockets. The one file that
//! knows both.
//!
//! Of one batch, whatever concerns audio is done first: who is removed hears and says nothing more before any screen
//! shows it.

use std::collections::HashMap;

use media::Talker;
use protocol::id::{ParticipantId, RoomId};
use protocol::media::Channel;
use protocol::room::{LeftReason, RoomEvent};
use protocol::socket::ServerMessage;
use rooms::Voice;
use tungstenite::Utf8Bytes;

use super::media::Commands;
use super::message::{Batch, Outcome, Recipients};
use super::seat::{Media, Seat, Seats};
use crate::log::{Record, log};
use crate::socket::outbox::{Close, Farewell, encode};

/// One room's people here, and where their voices go.
pub(crate) struct Floor {
    pub(crate) room: RoomId,
    pub(crate) epoch: u32,
    pub(crate) seats: Seats,
    pub(crate) commands: Commands,
    /// Messages of events to everyone so far: where newcomers start to count.
    pub(crate) broadcasts: u64,
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    On,
    Ended,
}

impl Floor {
    /// Carries out one batch. The second value: those who did not keep up and are gone.
    pub(crate) fn carry_out(&mut self, batch: &Batch) -> (Goes, Vec<ParticipantId>) {
        let mut left: Vec<(ParticipantId, Seat, LeftReason)> = Vec::new();
        for effect in &batch.effects {
            match effect {
                Outcome::Voice { id, voice } => self.set_voice(*id, *voice),
                Outcome::Cut { id, reason } => {
                    left.extend(self.cut(*id).map(|seat| (*id, seat, *reason)));
                }
                Outcome::Ended { reason } => {
                    for id in self.seats.ids() {
                        left.extend(self.cut(id).map(|seat| (id, seat, *reason)));
                    }
                }
                Outcome::Tell { .. } => {}
            }
        }
        for (_, seat, reason) in &left {
            self.say_left(seat, *reason);
        }
        let slow = self.tell(batch);
        let ended = batch.effects.iter().any(|effect| matches!(effect, Outcome::Ended { .. }));
        (if ended { Goes::Ended } else { Goes::On }, slow)
    }

    /// Cuts somebody off and takes them out of their seat; their screen is for the caller.
    pub(crate) fn cut(&mut self, id: ParticipantId) -> Option<Seat> {
        let seat = self.seats.remove(id)?;
        self.cut_media(seat.media);
        Some(seat)
    }

    pub(crate) fn cut_media(&mut self, media: Media) {
        for peer in media.peers() {
            self.commands.cut(peer);
        }
    }

    pub(crate) fn set_voice(&mut self, id: ParticipantId, voice: Voice) {
        let Some(seat) = self.seats.get_mut(id) else { return };
        let before = std::mem::replace(&mut seat.voice, voice);
        let media = seat.media;
        // A fresh connection is given its voice when it has connected.
        if let Media::One { peer, .. } | Media::Swapping { old: peer, .. } = media {
            self.commands.voice(peer, Channel::Floor, Talker::from(id), as_media(voice));
            if ear(before) != ear(voice) {
                self.commands.listen(peer, Channel::Floor, Talker::from(id), ear(voice));
            }
        }
    }

    pub(crate) fn say_left(&self, seat: &Seat, reason: LeftReason) {
        let Some(outbox) = seat.outbox() else { return };
        let message = ServerMessage::Left { room: self.room, reason };
        match reason {
            LeftReason::TooSlow => {
                log(Record::SlowClient);
                outbox.dismiss(Farewell { last: Some(encode(&message)), close: Close::TooSlow });
            }
            LeftReason::SignedOut => {
                outbox.dismiss(Farewell { last: Some(encode(&message)), close: Close::SignedOut });
            }
            _ => outbox.say(&message),
        }
    }

    /// One message a person for all events of a batch that are for them. Most people get the same bytes.
    fn tell(&mut self, batch: &Batch) -> Vec<ParticipantId> {
        let events: Vec<(&Recipients, &RoomEvent)> = batch
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Outcome::Tell { to, event } => Some((to, event)),
                _ => None,
            })
            .collect();
        if events.is_empty() {
            return Vec::new();
        }
        // Those whom some event names get a selection of their own, all others the same.
        let mut named: Vec<ParticipantId> = Vec::new();
        for (to, _) in &events {
            match to {
                Recipients::Everyone => {}
                Recipients::EveryoneBut(id) => named.push(*id),
                Recipients::EveryoneButThese(ids) => named.extend(ids),
                Recipients::These(ids) => named.extend(ids),
            }
        }
        named.sort_unstable();
        named.dedup();
        let common = Selection::new(&events, |to| !matches!(to, Recipients::These(_)));
        if !common.is_empty() {
            self.broadcasts += 1;
        }
        let mut by_number: HashMap<u64, Utf8Bytes> = HashMap::new();
        let mut slow = Vec::new();
        let (room, epoch) = (self.room, self.epoch);
        for (id, seat) in self.seats.iter_mut() {
            let own = named.binary_search(&id).is_ok().then(|| {
                Selection::new(&events, |to| match to {
                    Recipients::Everyone => true,
                    Recipients::EveryoneBut(other) => *other != id,
                    Recipients::EveryoneButThese(others) => !others.contains(&id),
                    Recipients::These(ids) => ids.contains(&id),
                })
            });
            let selection = own.as_ref().unwrap_or(&common);
            if selection.is_empty() {
                continue;
            }
            seat.sequence += 1;
            let Some(outbox) = seat.outbox() else { continue };
            let frame = match own {
                Some(_) => selection.frame(room, epoch, seat.sequence),
                None => by_number
                    .entry(seat.sequence)
                    .or_insert_with(|| selection.frame(room, epoch, seat.sequence))
                    .clone(),
            };
            if outbox.send(frame).is_err() {
                slow.push(id);
            }
        }
        slow
    }
}

/// The events that somebody gets, written once.
struct Selection {
    json: String,
}

impl Selection {
    fn new(events: &[(&Recipients, &RoomEvent)], wanted: impl Fn(&Recipients) -> bool) -> Self {
        let chosen: Vec<&RoomEvent> =
            events.iter().filter(|(to, _)| wanted(to)).map(|(_, event)| *event).collect();
        // Nothing chosen is nothing to say, and no message.
        if chosen.is_empty() {
            return Self { json: String::new() };
        }
        Self { json: serde_json::to_string(&chosen).unwrap_or_default() }
    }

    fn is_empty(&self) -> bool {
        self.json.is_empty()
    }

    /// [`ServerMessage::Room`], put together around events that were written before.
    fn frame(&self, room: RoomId, epoch: u32, sequence: u64) -> Utf8Bytes {
        let events = &self.json;
        format!(
            r#"{{"type":"room","room":"{room}","epoch":{epoch},"sequence":{sequence},"events":{events}}}"#
        )
        .into()
    }
}

pub(crate) const fn as_media(voice: Voice) -> media::Voice {
    match voice {
        Voice::On => media::Voice::On,
        Voice::Off | Voice::Audience => media::Voice::Off,
    }
}

/// On stage people answer each other, and every 20 ms count; in the audience they may be saved.
pub(crate) const fn ear(voice: Voice) -> media::Ear {
    match voice {
        Voice::On | Voice::Off => media::Ear::Stage,
        Voice::Audience => media::Ear::Audience,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::room::Notice;

    #[test]
    fn a_message_put_together_by_hand_is_the_message_of_the_contract() {
        let event = RoomEvent::Notice { notice: Notice::HandLowered };
        let events = [(&Recipients::Everyone, &event), (&Recipients::Everyone, &event)];
        let room = RoomId([9; 16]);
        let frame = Selection::new(&events, |_| true).frame(room, 3, 17);
        let message =
            ServerMessage::Room { room, epoch: 3, sequence: 17, events: vec![event.clone(), event] };
        assert_eq!(frame.as_str(), serde_json::to_string(&message).expect("written"));
    }
}
