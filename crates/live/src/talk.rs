//! What one client says, without input or output: what is counted, read, bounded and refused in which order, which seat is
//! whose, and what is left to be carried out.
//!
//! One frame is one [`Turn`]: so nobody is answered twice, and what is carried out is what this client may.

use std::collections::BTreeSet;
use std::time::Instant;

use media::sdp::Offer;
use protocol::company::Availability;
use protocol::guest::GuestHello;
use protocol::id::{CommandId, EventId, ParticipantId, RoomId, SeatToken};
use protocol::limits::{ASKED_MAX, CLIENT_MESSAGE_BYTES_MAX, OFFER_BYTES_MAX};
use protocol::media::Sdp;
use protocol::room::{CommandResult, Confidentiality, RoomCommand, RoomKind};
use protocol::socket::{ClientMessage, Looking, NewRoom};
use protocol::text::Handle;
use protocol::{ErrorCode, PROTOCOL_VERSION};

use crate::http::error::why_malformed;
use crate::limits::{MESSAGES_BURST, MESSAGES_PER_SECOND};
use crate::socket::rate::{Allowance, Rate, Verdict};
use crate::socket::{sealed, version};

/// Messages that are taken at once, after silence.
pub const TAKEN_AT_ONCE: u32 = MESSAGES_BURST;
/// And each second from then on.
pub const TAKEN_A_SECOND: u32 = MESSAGES_PER_SECOND;

/// Who somebody is in which room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub room: RoomId,
    pub who: ParticipantId,
}

/// What was given to somebody who came in.
pub trait Seat {
    /// None once no other device may have taken it and nobody was removed from it.
    fn place(&self) -> Option<Place>;
}

/// What a client sent.
#[derive(Debug, Clone, Copy)]
pub enum Frame<'a> {
    Text(&'a str),
    Bytes,
}

/// What comes of one frame.
#[derive(Debug)]
pub enum Turn<S> {
    Nothing,
    Pong,
    /// The only answer.
    Fail {
        request: Option<u32>,
        error: ErrorCode,
    },
    /// The only answer to a command.
    Answer(CommandResult),
    /// Whoever says so much is not listening.
    HangUp,
    /// The page is of a version that is not understood any more.
    OldClient,
    /// In a box: most that is said is nothing of it.
    Do(Box<Wish<S>>),
}

/// What is to be carried out. Whatever has a number is answered under it by whoever carries it out, once.
#[derive(Debug)]
pub enum Wish<S> {
    /// Whose session this is has to be asked again; [`Talk::welcome`] is called when it stands.
    Greet {
        protocol: u16,
        guest: Option<GuestHello>,
    },
    Start {
        request: u32,
        room: NewRoom,
        offer: Offer,
    },
    OpenEvent {
        request: u32,
        event: EventId,
        offer: Offer,
    },
    Enter {
        request: u32,
        room: RoomId,
        offer: Option<Offer>,
        seat: Option<SeatToken>,
    },
    RenewMedia {
        request: u32,
        offer: Offer,
    },
    Act {
        at: Place,
        id: CommandId,
        command: RoomCommand,
    },
    /// The seat is nobody's from now on.
    Leave(S),
    Away(S),
    Resync,
    Find {
        request: u32,
        at: Place,
        text: String,
    },
    Looking(Looking),
    Decline {
        room: RoomId,
    },
    Available {
        request: u32,
        to: Availability,
    },
    AskToTalk {
        request: u32,
        who: Handle,
    },
    TakeAskBack,
    AcceptTalk {
        request: u32,
        who: Handle,
        offer: Offer,
    },
    DeclineTalk {
        who: Handle,
    },
    PutArrivalAway {
        who: Handle,
    },
    PingIn {
        request: u32,
        room: RoomId,
        who: Handle,
    },
    Relay {
        to: BTreeSet<ParticipantId>,
        sealed: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeted {
    NotYet,
    Yes,
}

/// One socket's.
#[derive(Debug)]
pub struct Talk<S> {
    rate: Rate,
    relays: Allowance,
    searches: Allowance,
    greeted: Greeted,
    seat: Option<S>,
}

impl<S: Seat> Talk<S> {
    pub fn new(now: Instant) -> Self {
        Self {
            rate: Rate::new(now),
            relays: Allowance::to_relay(now),
            searches: Allowance::to_search(now),
            greeted: Greeted::NotYet,
            seat: None,
        }
    }

    pub fn is_welcome(&self) -> bool {
        self.greeted == Greeted::Yes
    }

    /// From now on everything else may be said.
    pub fn welcome(&mut self) {
        self.greeted = Greeted::Yes;
    }

    /// One room at a time on one socket: coming into another leaves the first, which is given back.
    #[must_use]
    pub fn take(&mut self, seat: S) -> Option<S> {
        self.seat.replace(seat)
    }

    /// The seat, as long as no other device has taken it and nobody was removed from it.
    pub fn seat(&self) -> Option<&S> {
        self.seat.as_ref().filter(|seat| seat.place().is_some())
    }

    /// The socket is over: whatever is held is given back.
    pub fn end(&mut self) -> Option<S> {
        self.seat.take()
    }

    /// One frame.
    pub fn hear(&mut self, now: Instant, frame: Frame<'_>) -> Turn<S> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Bytes => return failed(None, ErrorCode::Malformed),
        };
        let verdict = self.rate.count(now);
        if verdict == Verdict::HangUp {
            return Turn::HangUp;
        }
        if text.len() > CLIENT_MESSAGE_BYTES_MAX {
            return failed(None, ErrorCode::TooLarge);
        }
        let Ok(message) = serde_json::from_str::<ClientMessage>(text) else { return malformed(text) };
        if verdict == Verdict::Refuse {
            return refused(&message, ErrorCode::TooMany);
        }
        let before =
            matches!(message, ClientMessage::Hello { .. } | ClientMessage::Ping | ClientMessage::Unknown);
        if self.greeted == Greeted::NotYet && !before {
            return refused(&message, ErrorCode::OutOfOrder);
        }
        self.understand(now, message)
    }

    fn understand(&mut self, now: Instant, message: ClientMessage) -> Turn<S> {
        let wish = match message {
            ClientMessage::Hello { protocol, guest, .. } => {
                if self.is_welcome() {
                    return failed(None, ErrorCode::OutOfOrder);
                }
                if !version::is_understood(protocol, PROTOCOL_VERSION) {
                    return Turn::OldClient;
                }
                Ok(Wish::Greet { protocol, guest })
            }
            ClientMessage::StartRoom { request, room, offer } => start(request, room, &offer),
            ClientMessage::OpenEvent { request, event, offer } => parse_offer(&offer)
                .map(|offer| Wish::OpenEvent { request, event, offer })
                .map_err(|error| (Some(request), error)),
            ClientMessage::EnterRoom { request, room, offer, seat } => {
                let offer = offer.as_ref().map(parse_offer).transpose();
                match offer {
                    Ok(None) if seat.is_none() => Err((Some(request), ErrorCode::BadOffer)),
                    Ok(offer) => Ok(Wish::Enter { request, room, offer, seat }),
                    Err(error) => Err((Some(request), error)),
                }
            }
            ClientMessage::Media { request, offer } => {
                let offer = self.place().and_then(|_| parse_offer(&offer));
                offer.map(|offer| Wish::RenewMedia { request, offer }).map_err(|error| (Some(request), error))
            }
            ClientMessage::Command { id, command } => {
                return match self.command(id, command) {
                    Ok(wish) => Turn::Do(Box::new(wish)),
                    Err(error) => answered(id, error),
                };
            }
            ClientMessage::Leave => match self.give_up() {
                Some(seat) => Ok(Wish::Leave(seat)),
                None => Err((None, ErrorCode::OutOfOrder)),
            },
            // From here on this page has no seat, whenever its room gets to hear of it.
            ClientMessage::Away => match self.give_up() {
                Some(seat) => Ok(Wish::Away(seat)),
                None => return Turn::Nothing,
            },
            ClientMessage::Resync => self.place().map(|_| Wish::Resync).map_err(|error| (None, error)),
            ClientMessage::FindPeople { request, text } => {
                let at = self.find(now, &text);
                at.map(|at| Wish::Find { request, at, text }).map_err(|error| (Some(request), error))
            }
            ClientMessage::DeclineRoom { room } => Ok(Wish::Decline { room }),
            ClientMessage::Available { request, to } => Ok(Wish::Available { request, to }),
            ClientMessage::AskToTalk { request, who } => Ok(Wish::AskToTalk { request, who }),
            ClientMessage::TakeAskBack => Ok(Wish::TakeAskBack),
            ClientMessage::AcceptTalk { request, who, offer } => parse_offer(&offer)
                .map(|offer| Wish::AcceptTalk { request, who, offer })
                .map_err(|error| (Some(request), error)),
            ClientMessage::DeclineTalk { who } => Ok(Wish::DeclineTalk { who }),
            ClientMessage::Looking { now } => Ok(Wish::Looking(now)),
            ClientMessage::PutArrivalAway { who } => Ok(Wish::PutArrivalAway { who }),
            ClientMessage::PingIn { request, who } => self
                .place()
                .map(|Place { room, .. }| Wish::PingIn { request, room, who })
                .map_err(|error| (Some(request), error)),
            ClientMessage::Relay { to, sealed } => self.relay(now, to, sealed).map_err(|error| (None, error)),
            ClientMessage::Ping => return Turn::Pong,
            ClientMessage::Unknown => return Turn::Nothing,
        };
        match wish {
            Ok(wish) => Turn::Do(Box::new(wish)),
            Err((request, error)) => failed(request, error),
        }
    }

    fn place(&self) -> Result<Place, ErrorCode> {
        self.seat.as_ref().and_then(Seat::place).ok_or(ErrorCode::OutOfOrder)
    }

    /// Of a seat that is not held any more nobody has to hear.
    fn give_up(&mut self) -> Option<S> {
        self.seat.take().filter(|seat| seat.place().is_some())
    }

    fn command(&self, id: CommandId, command: RoomCommand) -> Result<Wish<S>, ErrorCode> {
        let at = self.place()?;
        match command {
            RoomCommand::AskIn { handles } if handles.len() > ASKED_MAX => Err(ErrorCode::Full),
            command => Ok(Wish::Act { at, id, command }),
        }
    }

    fn find(&mut self, now: Instant, text: &str) -> Result<Place, ErrorCode> {
        let at = self.place()?;
        if text.len() > keeper_api::limits::TYPED_BYTES_MAX {
            return Err(ErrorCode::TooLarge);
        }
        if self.searches.take(now, 1) != Verdict::Take {
            return Err(ErrorCode::TooMany);
        }
        Ok(at)
    }

    fn relay(&mut self, now: Instant, to: Vec<ParticipantId>, sealed: String) -> Result<Wish<S>, ErrorCode> {
        sealed::check(&to, &sealed)?;
        let to: BTreeSet<ParticipantId> = to.into_iter().collect();
        if self.relays.take(now, sealed.len() * to.len()) != Verdict::Take {
            return Err(ErrorCode::TooMany);
        }
        self.place().map(|_| Wish::Relay { to, sealed })
    }
}

fn start<S>(request: u32, room: NewRoom, offer: &Sdp) -> Result<Wish<S>, (Option<u32>, ErrorCode)> {
    let offer = parse_offer(offer).map_err(|error| (Some(request), error))?;
    if room.ask.len() + room.moderators.len() > ASKED_MAX {
        return Err((Some(request), ErrorCode::Full));
    }
    if room.kind == RoomKind::Club && room.club.is_none() {
        return Err((Some(request), ErrorCode::Malformed));
    }
    // The engine reads what it forwards (levels, bundles), so it cannot keep this promise yet.
    if room.confidentiality > Confidentiality::Relayed {
        return Err((Some(request), ErrorCode::NotAllowed));
    }
    Ok(Wish::Start { request, room, offer })
}

fn parse_offer(offer: &Sdp) -> Result<Offer, ErrorCode> {
    if offer.0.len() > OFFER_BYTES_MAX {
        return Err(ErrorCode::TooLarge);
    }
    // A person may be asked up at any moment: without a line to speak on they could not come.
    Offer::parse(&offer.0).ok().filter(Offer::speaks).ok_or(ErrorCode::BadOffer)
}

fn failed<S>(request: Option<u32>, error: ErrorCode) -> Turn<S> {
    Turn::Fail { request, error }
}

fn answered<S>(id: CommandId, error: ErrorCode) -> Turn<S> {
    Turn::Answer(CommandResult { id, error: Some(error) })
}

fn refused<S>(message: &ClientMessage, error: ErrorCode) -> Turn<S> {
    let request = match message {
        ClientMessage::Command { id, .. } => return answered(*id, error),
        ClientMessage::StartRoom { request, .. }
        | ClientMessage::OpenEvent { request, .. }
        | ClientMessage::EnterRoom { request, .. }
        | ClientMessage::Media { request, .. }
        | ClientMessage::Available { request, .. }
        | ClientMessage::AskToTalk { request, .. }
        | ClientMessage::AcceptTalk { request, .. }
        | ClientMessage::PingIn { request, .. }
        | ClientMessage::FindPeople { request, .. } => Some(*request),
        _ => None,
    };
    failed(request, error)
}

/// Answers under the number of what could not be read, where at least that much can be.
fn malformed<S>(text: &str) -> Turn<S> {
    let error = why_malformed(text.as_bytes());
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let id = value.get("id").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    match (value.get("type").and_then(|kind| kind.as_str()), id) {
        (Some("command"), Some(id)) => answered(id, error),
        _ => {
            let request = value.get("request").and_then(serde_json::Value::as_u64);
            failed(request.and_then(|request| u32::try_from(request).ok()), error)
        }
    }
}
