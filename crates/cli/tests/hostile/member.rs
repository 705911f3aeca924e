//! Somebody with an account who opens everything at once, and says whatever comes to mind.

use std::time::{Duration, Instant};

use client::api::{ApiError, Socket};
use client::peer::{Identity, Offering};
use protocol::ErrorCode;
use protocol::id::ParticipantId;
use protocol::socket::ClientMessage;

use crate::Member;
use crate::new_room::open_room;
use crate::random::Random;

#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) sockets: usize,
    pub(crate) rooms: usize,
    pub(crate) messages: u64,
    /// Sockets that were closed on them for saying too much.
    pub(crate) cut_off: usize,
    pub(crate) links: usize,
    pub(crate) links_refused: usize,
}

/// More than anybody may have.
const SOCKETS: usize = 40;

pub(crate) async fn opens_everything(member: &Member, span: Duration) -> Opened {
    let mut opened = Opened::default();
    let begun = Instant::now();
    for _ in 0..200 {
        match member.api.device_link(&member.token).await {
            Ok(_) => opened.links += 1,
            Err(ApiError::Refused(ErrorCode::TooMany)) => opened.links_refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(opened.links_refused > 100, "links are counted: {opened:?}");
    let mut round = 0;
    while begun.elapsed() < span {
        round += 1;
        let sockets = sockets(member).await;
        opened.sockets = opened.sockets.max(sockets.len());
        let talks: Vec<_> = (0..)
            .zip(sockets)
            .map(|(nth, socket)| tokio::spawn(shouts(socket, Random::new(round * 100 + nth))))
            .collect();
        let mut rooms = 0;
        for talk in talks {
            let (room, messages, cut_off) = talk.await.expect("it shouts");
            rooms += usize::from(room);
            opened.messages += messages;
            opened.cut_off += usize::from(cut_off);
        }
        opened.rooms = opened.rooms.max(rooms);
    }
    assert!(opened.sockets <= 20, "{opened:?}");
    assert!(opened.rooms <= 1, "{opened:?}");
    assert!(opened.cut_off > 0, "{opened:?}");
    opened
}

async fn sockets(member: &Member) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        match member.api.open(&member.token).await {
            Ok(mut socket) => {
                if socket.hello().await.is_ok() {
                    sockets.push(socket);
                }
            }
            Err(ApiError::Refused(ErrorCode::TooMany)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    sockets
}

/// How long a member who has said a thousand things waits to be cut off for them.
const PATIENCE: Duration = Duration::from_secs(10);

/// Until it is cut off, or has said a thousand things. Whether it owned a room, what it said, and whether it was cut off.
async fn shouts(mut socket: Socket, mut random: Random) -> (bool, u64, bool) {
    let offer = {
        let identity = Identity::generate().expect("cryptography works");
        Offering::new(&identity, Instant::now()).expect("an offer").sdp().clone()
    };
    let new = open_room(None);
    let owns = socket.start_room(new, offer.clone()).await.is_ok();
    let mut said = 0;
    for request in 0..1_000 {
        let message = match random.below(6) {
            0 => ClientMessage::Ping,
            1 => ClientMessage::Resync,
            2 => ClientMessage::FindPeople { request, text: "a".repeat(random.below(5_000)) },
            3 => ClientMessage::Media { request, offer: offer.clone() },
            4 => {
                let to = (0..random.below(64)).map(|_| ParticipantId(u32::MAX)).collect();
                ClientMessage::Relay { to, sealed: "A".repeat(random.below(120_000)) }
            }
            _ => ClientMessage::DeclineRoom { room: protocol::id::RoomId([7; 16]) },
        };
        if socket.send(&message).await.is_err() {
            return (owns, said, true);
        }
        said += 1;
    }
    // What was written may not have been read yet.
    let cut_off = tokio::time::timeout(PATIENCE, async { while socket.next().await.is_ok() {} }).await;
    (owns, said, cut_off.is_ok())
}
