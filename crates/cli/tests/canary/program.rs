//! A program that speaks in a room by one request (WHIP): without a socket, by the session of a member.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::peer::{Identity, Level, Offering, Spurt, Voice};
use protocol::id::{ProgramId, RoomId};
use protocol::media::Sdp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio::time::{sleep_until, timeout};

use crate::marks::Marks;
use crate::people::{Line, Member, PATIENCE, ids, secrets_of_a_line};

/// Speaks until it is ended.
pub(crate) struct Program {
    pub(crate) member: Member,
    pub(crate) marks: Marks,
    /// Of the member whose it is, and of the session.
    pub(crate) ids: Marks,
    /// Where it is ended.
    location: String,
    speaks: JoinHandle<()>,
}

impl Program {
    pub(crate) async fn speaks(member: Member, room: RoomId, says: Vec<u8>) -> Self {
        let identity = Identity::generate().expect("a certificate");
        let offering = Offering::new(&identity, Instant::now()).expect("an offer");
        let path = format!("/api/v1/rooms/{room}/whip");
        let answer = asks(&member, "POST", &path, &offering.sdp().0).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 201 "), "{head}");
        let location =
            head.lines().find_map(|line| line.strip_prefix("location: ")).expect("said").to_owned();
        let answer = Sdp(body.to_owned());
        let line = Line::new(member.ip, offering, &answer).await;
        let mut marks = secrets_of_a_line(&member.token, &answer, &line);
        let ids = ids(&member.server.me(&member.token).await.expect("signed in"));
        let name = location.rsplit('/').next().expect("a name");
        marks.text("program", name);
        marks.bytes("program, raw", name.parse::<ProgramId>().expect("an id").0.to_vec());
        let speaks = tokio::spawn(speaks(line, says));
        Self { member, marks, ids, location, speaks }
    }

    /// As it says goodbye: by a request.
    pub(crate) async fn ends(self) {
        let answer = asks(&self.member, "DELETE", &self.location, "").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        self.speaks.abort();
    }

    /// Without a word.
    pub(crate) fn crashes(self) {
        self.speaks.abort();
    }
}

async fn speaks(mut line: Line, says: Vec<u8>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let (mut buffer, mut timestamp) = (vec![0; 2_048], 0_u32);
    loop {
        let (_, wakes) = line.turn();
        tokio::select! {
            arrived = line.udp.recv_from(&mut buffer) => if let Ok((count, from)) = arrived {
                let local = line.local;
                line.peer.handle_datagram(Instant::now(), from, local, &buffer[..count]);
            },
            () = sleep_until(wakes.into()) => line.peer.handle_timeout(Instant::now()),
            _ = ticks.tick() => {
                let voice = Voice { payload: &says, timestamp, level: Level(20), spurt: Spurt::GoesOn };
                line.peer.send_voice(Instant::now(), voice);
                timestamp = timestamp.wrapping_add(960);
            }
        }
    }
}

/// One request from where they are; all that is answered.
async fn asks(member: &Member, method: &str, path: &str, body: &str) -> String {
    let origin = member.server.origin();
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::new(member.ip, 0)).expect("an address of ours");
    let server = SocketAddr::from(([127, 0, 0, 1], origin.port));
    let mut stream = socket.connect(server).await.expect("it listens");
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}:{}\r\nauthorization: Bearer {}\r\ncontent-type: application/sdp\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        origin.host,
        origin.port,
        member.token.reveal(),
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.expect("sent");
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("in time").expect("an answer");
    answer
}
