//! Links for guests, as a room's owner is asked about them. What holds of them is in `rooms`.

use protocol::guest::{GuestLink, GuestPass};
use protocol::id::{GuestSecret, RoomId, SeatId};
use protocol::text::DisplayName;
use protocol::{ErrorCode, Timestamp};
use rooms::{Held, Room, Shown, Who};

use super::message::{Answer, OfGuests, ToOwner, as_code};
use super::registry::{Rooms, envelope};
use crate::clock::{now, random};

/// What a room answers to it.
pub(super) fn answer(room: &mut Room, asked: OfGuests) -> Answer {
    let now = now();
    let answer = match asked {
        OfGuests::Give { by, seat, link, name } => {
            room.handle_give_seat(now, by, seat, &link, name).map(Answer::SeatGiven)
        }
        OfGuests::Given { by } => room.given_seats(now, by).map(Answer::SeatsGiven),
        OfGuests::TakeBack { by, seat } => room.handle_take_seat_back(now, by, seat).map(|()| Answer::Done),
        OfGuests::Look { pass } => {
            room.look_at_seat(now, &pass).map(|shown| Answer::SeatShown(Box::new(shown)))
        }
        OfGuests::Take { pass, name } => {
            room.handle_take_seat(now, &pass, name).map(|held| Answer::SeatHeld(Box::new(held)))
        }
    };
    answer.unwrap_or_else(Answer::Refused)
}

impl Rooms {
    /// Somebody gives a seat away. Says until when it can be taken up.
    ///
    /// # Errors
    /// `NotThere`, whether there is such a room or not; `NotAllowed`, `Full`, `Busy`.
    pub(crate) async fn give_seat(
        &self,
        room: RoomId,
        by: Who,
        link: GuestSecret,
        name: DisplayName,
    ) -> Result<Timestamp, ErrorCode> {
        let seat = SeatId::from_random(random());
        match self.asked(room, OfGuests::Give { by, seat, link, name }).await? {
            Answer::SeatGiven(until) => Ok(until),
            _ => Err(ErrorCode::Internal),
        }
    }

    /// # Errors
    /// `NotThere`, `Busy`.
    pub(crate) async fn given_seats(&self, room: RoomId, by: Who) -> Result<Vec<GuestLink>, ErrorCode> {
        match self.asked(room, OfGuests::Given { by }).await? {
            Answer::SeatsGiven(links) => Ok(links),
            _ => Err(ErrorCode::Internal),
        }
    }

    /// # Errors
    /// `NotThere`, `Busy`.
    pub(crate) async fn take_seat_back(&self, room: RoomId, by: Who, seat: SeatId) -> Result<(), ErrorCode> {
        self.asked(room, OfGuests::TakeBack { by, seat }).await.map(drop)
    }

    /// # Errors
    /// `LinkSpent`, for a room that never was as well; `NotNow`, `Busy`.
    pub(crate) async fn look_at_seat(&self, pass: GuestPass) -> Result<Shown, ErrorCode> {
        match self.asked(pass.room, OfGuests::Look { pass: Box::new(pass) }).await.map_err(spent)? {
            Answer::SeatShown(shown) => Ok(*shown),
            _ => Err(ErrorCode::Internal),
        }
    }

    /// # Errors
    /// `LinkSpent`, for a room that never was as well; `NotNow`, `Full`, `Busy`.
    pub(crate) async fn take_seat(&self, pass: GuestPass, name: DisplayName) -> Result<Held, ErrorCode> {
        match self.asked(pass.room, OfGuests::Take { pass: Box::new(pass), name }).await.map_err(spent)? {
            Answer::SeatHeld(held) => Ok(*held),
            _ => Err(ErrorCode::Internal),
        }
    }

    async fn asked(&self, room: RoomId, question: OfGuests) -> Result<Answer, ErrorCode> {
        match self.bus().request(envelope(room, ToOwner::OfGuests(question))).await {
            Ok(Answer::Refused(code)) => Err(code),
            Ok(answer) => Ok(answer),
            Err(error) => Err(as_code(error)),
        }
    }
}

/// Of a room that is over, or never was, its link is spent.
fn spent(code: ErrorCode) -> ErrorCode {
    if code == ErrorCode::NotThere { ErrorCode::LinkSpent } else { code }
}
