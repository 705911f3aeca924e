//! A client: plain HTTP by hand, and one WebSocket.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use futures_util::{SinkExt, StreamExt};
use keeper_api::SessionToken;
use protocol::guest::{GuestHello, GuestPass};
use protocol::id::{CommandId, RoomId, SeatToken};
use protocol::media::Sdp;
use protocol::room::{
    CommandResult, Confidentiality, HandPolicy, RoomCommand, RoomEvent, RoomKind, RoomView,
};
use protocol::socket::{ClientMessage, NewRoom, ServerMessage};
use protocol::text::DisplayName;
use protocol::{ErrorCode, PROTOCOL_VERSION};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::house::{House, PATIENCE};

/// An offer of a real browser; nobody ever connects by it.
pub(super) const OFFER: &str = include_str!("../../../media/corpus/offers/chromium-156-sendonly-3.sdp");

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn error(&self) -> ErrorCode {
        serde_json::from_slice::<protocol::error::ErrorBody>(&self.body).expect("an error body").error
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// One request; `headers` are whole lines.
pub(super) async fn request(house: &House, line: &str, headers: &[&str], body: &str) -> Answer {
    request_from(house, Ipv4Addr::LOCALHOST, line, headers, body).await
}

/// One request of somebody with this address.
pub(super) async fn request_from(
    house: &House,
    from: Ipv4Addr,
    line: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let length = format!("Content-Length: {}", body.len());
    let mut headers = headers.to_vec();
    if !body.is_empty() {
        headers.extend(["Content-Type: application/json", &length]);
    }
    send(house, from, line, &headers, body).await
}

pub(super) async fn send(
    house: &House,
    from: Ipv4Addr,
    line: &str,
    headers: &[&str],
    body: impl AsRef<[u8]>,
) -> Answer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(house.address).await.unwrap();
    let host = house.address;
    let mut text = format!("{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(&format!("{header}\r\n"));
    }
    text.push_str("\r\n");
    stream.write_all(&[text.as_bytes(), body.as_ref()].concat()).await.unwrap();
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("headers end");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
        .collect();
    Answer { status, headers, body: bytes[end + 4..].to_vec() }
}

/// A program's offer, with a bearer token.
pub(super) async fn offer_as(house: &House, token: &SessionToken, path: &str, offer: &str) -> Answer {
    let bearer = format!("Authorization: Bearer {}", token.reveal());
    let length = format!("Content-Length: {}", offer.len());
    let headers = [bearer.as_str(), "Content-Type: application/sdp", &length];
    send(house, Ipv4Addr::LOCALHOST, &format!("POST {path}"), &headers, offer).await
}

/// With the cookie of a signed-in member.
pub(super) async fn request_as(house: &House, token: &SessionToken, line: &str, body: &str) -> Answer {
    request(house, line, &[&format!("Cookie: s={}", token.reveal())], body).await
}

pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    next_request: u32,
    /// Came while an answer was waited for.
    passed_over: VecDeque<ServerMessage>,
}

/// What a client has after it went into a room.
#[derive(Debug)]
pub(super) struct InRoom {
    pub(super) view: RoomView,
    pub(super) answer: Option<Sdp>,
    pub(super) seat: SeatToken,
}

impl Client {
    /// A socket that has said nothing yet.
    pub(super) async fn connect(house: &House, token: &SessionToken) -> Self {
        Self::try_connect(house, token, &[]).await.unwrap()
    }

    pub(super) async fn try_connect(
        house: &House,
        token: &SessionToken,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let stream = TcpStream::connect(house.address).await.unwrap();
        Self::try_connect_by(stream, house, token, headers).await
    }

    /// By a connection that is there.
    pub(super) async fn try_connect_by(
        stream: TcpStream,
        house: &House,
        token: &SessionToken,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/api/v1/socket", house.address).into_client_request().unwrap();
        let bearer = format!("Bearer {}", token.reveal()).parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self { socket, next_request: 1, passed_over: VecDeque::new() })
    }

    /// A guest's socket, that has said hello.
    pub(super) async fn guest(house: &House, pass: &GuestPass, name: &str) -> Self {
        let guest = GuestHello { pass: pass.clone(), name: DisplayName::parse(name).unwrap() };
        let (protocol, capabilities) = (PROTOCOL_VERSION, Vec::new());
        let hello = ClientMessage::Hello { protocol, bundle: None, capabilities, guest: Some(guest) };
        Self::guest_saying(house, &serde_json::to_string(&hello).unwrap()).await
    }

    /// With a hello as it is.
    pub(super) async fn guest_saying(house: &House, hello: &str) -> Self {
        let stream = TcpStream::connect(house.address).await.unwrap();
        let address = format!("ws://{}/api/v1/guests/socket", house.address);
        let request = address.into_client_request().unwrap();
        let (socket, _) = client_async(request, stream).await.unwrap();
        let mut client = Self { socket, next_request: 1, passed_over: VecDeque::new() };
        client.socket.send(Message::text(hello)).await.unwrap();
        client
    }

    /// A socket that was welcomed.
    pub(super) async fn hello(house: &House, token: &SessionToken) -> Self {
        let mut client = Self::connect(house, token).await;
        client.welcome().await;
        client
    }

    pub(super) async fn welcome(&mut self) -> ServerMessage {
        self.say(&hello(PROTOCOL_VERSION)).await;
        self.until(|message| matches!(message, ServerMessage::Welcome { .. })).await
    }

    pub(super) async fn say(&mut self, message: &ClientMessage) {
        self.say_text(&serde_json::to_string(message).unwrap()).await;
    }

    pub(super) async fn try_say(&mut self, message: &ClientMessage) -> Result<(), tungstenite::Error> {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).await
    }

    pub(super) async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(super) async fn say_bytes(&mut self, bytes: &[u8]) {
        self.socket.send(Message::binary(bytes.to_vec())).await.unwrap();
    }

    /// The next message.
    pub(super) async fn next(&mut self) -> ServerMessage {
        match self.passed_over.pop_front() {
            Some(message) => message,
            None => self.receive().await,
        }
    }

    async fn receive(&mut self) -> ServerMessage {
        serde_json::from_str(&self.next_text().await).expect("a message of the contract")
    }

    pub(super) async fn next_text(&mut self) -> String {
        let text = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return text.as_str().to_owned(),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    other => panic!("the socket ended: {other:?}"),
                }
            }
        };
        timeout(PATIENCE, text).await.expect("a message in time")
    }

    /// The first message that fits; others are lost.
    pub(super) async fn until(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        let fitting = async {
            loop {
                let message = self.next().await;
                if fits(&message) {
                    return message;
                }
            }
        };
        timeout(PATIENCE, fitting).await.expect("a message that fits")
    }

    /// The first message that fits; others come later.
    async fn answer(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        let fitting = async {
            loop {
                let message = self.receive().await;
                if fits(&message) {
                    return message;
                }
                self.passed_over.push_back(message);
            }
        };
        timeout(PATIENCE, fitting).await.expect("an answer")
    }

    /// The first event of the room that fits.
    pub(super) async fn event(&mut self, fits: impl Fn(&RoomEvent) -> bool) -> RoomEvent {
        let fitting = async {
            loop {
                if let ServerMessage::Room { events, .. } = self.next().await
                    && let Some(event) = events.into_iter().find(&fits)
                {
                    return event;
                }
            }
        };
        timeout(PATIENCE, fitting).await.expect("an event that fits")
    }

    /// The next message, or how the socket ends.
    pub(super) async fn next_or_end(&mut self) -> Result<ServerMessage, Option<u16>> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("something in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("a message")),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| CloseCode::into(frame.code))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// How the socket ends; whatever comes before is passed over.
    pub(super) async fn end(&mut self) -> Option<u16> {
        let end = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| CloseCode::into(frame.code)),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        timeout(PATIENCE, end).await.expect("an end in time")
    }

    /// Goes away without a word.
    pub(super) fn vanish(self) {
        drop(self);
    }

    pub(super) async fn start_room(&mut self, room: NewRoom) -> InRoom {
        self.start_room_with(room, OFFER).await
    }

    pub(super) async fn try_start_room(&mut self, room: NewRoom) -> Result<InRoom, ErrorCode> {
        let request = self.request();
        self.say(&ClientMessage::StartRoom { request, room, offer: Sdp(OFFER.to_owned()) }).await;
        self.entered(request).await
    }

    pub(super) async fn start_room_with(&mut self, room: NewRoom, offer: &str) -> InRoom {
        let request = self.request();
        self.say(&ClientMessage::StartRoom { request, room, offer: Sdp(offer.to_owned()) }).await;
        self.entered(request).await.expect("started")
    }

    pub(super) async fn enter(&mut self, room: RoomId) -> Result<InRoom, ErrorCode> {
        self.enter_with(room, Some(OFFER), None).await
    }

    pub(super) async fn enter_with(
        &mut self,
        room: RoomId,
        offer: Option<&str>,
        seat: Option<SeatToken>,
    ) -> Result<InRoom, ErrorCode> {
        let request = self.request();
        let offer = offer.map(|offer| Sdp(offer.to_owned()));
        self.say(&ClientMessage::EnterRoom { request, room, offer, seat }).await;
        self.entered(request).await
    }

    /// Into a room by whatever says so.
    pub(super) async fn enter_by(
        &mut self,
        message: impl FnOnce(u32) -> ClientMessage,
    ) -> Result<InRoom, ErrorCode> {
        let request = self.request();
        self.say(&message(request)).await;
        self.entered(request).await
    }

    /// Something that is answered by "done".
    pub(super) async fn done(&mut self, message: impl FnOnce(u32) -> ClientMessage) -> Result<(), ErrorCode> {
        let asked = self.request();
        self.say(&message(asked)).await;
        let answers = |message: &ServerMessage| match message {
            ServerMessage::Done { request } => *request == asked,
            ServerMessage::Failed { request, .. } => *request == Some(asked),
            _ => false,
        };
        match self.answer(answers).await {
            ServerMessage::Failed { error, .. } => Err(error),
            _ => Ok(()),
        }
    }

    async fn entered(&mut self, asked: u32) -> Result<InRoom, ErrorCode> {
        let answers = |message: &ServerMessage| match message {
            ServerMessage::Entered { request, .. } => *request == asked,
            ServerMessage::Failed { request, .. } => *request == Some(asked),
            _ => false,
        };
        match self.answer(answers).await {
            ServerMessage::Entered { view, answer, seat, .. } => Ok(InRoom { view, answer, seat }),
            ServerMessage::Failed { error, .. } => Err(error),
            other => unreachable!("{other:?}"),
        }
    }

    pub(super) async fn command(&mut self, command: RoomCommand) -> Result<(), ErrorCode> {
        let id = CommandId(crate::clock::random());
        self.say(&ClientMessage::Command { id, command }).await;
        let answers =
            |message: &ServerMessage| matches!(message, ServerMessage::Command { result } if result.id == id);
        match self.answer(answers).await {
            ServerMessage::Command { result: CommandResult { error: Some(error), .. } } => Err(error),
            _ => Ok(()),
        }
    }

    fn request(&mut self) -> u32 {
        self.next_request += 1;
        self.next_request
    }
}

pub(super) fn hello(protocol: u16) -> ClientMessage {
    ClientMessage::Hello { protocol, bundle: None, capabilities: Vec::new(), guest: None }
}

pub(super) fn open_room() -> NewRoom {
    room(RoomKind::Open, &[])
}

pub(super) fn room(kind: RoomKind, ask: &[&str]) -> NewRoom {
    let ask = ask.iter().map(|handle| protocol::text::Handle::parse(handle).unwrap()).collect();
    let confidentiality = Confidentiality::Relayed;
    NewRoom {
        title: None,
        kind,
        hands: HandPolicy::Everyone,
        confidentiality,
        language: None,
        club: None,
        ask,
        moderators: Vec::new(),
    }
}
