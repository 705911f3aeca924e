//! The WebSocket, one message at a time.

use std::collections::VecDeque;

use futures_util::{SinkExt, StreamExt};
use protocol::account::Me;
use protocol::hallway::RoomCard;
use protocol::id::{CommandId, EventId, Incarnation, RoomId, SeatToken};
use protocol::media::Sdp;
use protocol::room::{CommandResult, RoomCommand, RoomEvent, RoomView};
use protocol::socket::{ClientMessage, NewRoom, ServerFacts, ServerMessage};
use protocol::{ErrorCode, PROTOCOL_VERSION};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::Token;
use super::error::ApiError;
use super::http::{bearer, refusal};
use super::line::{Dialler, Line};
use crate::limits::{
    ANSWER_PERIOD, PASSED_OVER_MAX, SERVER_MESSAGE_BYTES_MAX, SOCKET_READ_BUFFER, SOCKET_SILENT_PERIOD,
    SOCKET_WRITE_BUFFER_MAX,
};

/// An open WebSocket. What the server says by itself comes out of [`Socket::next`]; requests wait for their own answer
/// and leave everything else for it. Keep calling something that reads: the server's pings are answered there.
pub struct Socket {
    stream: WebSocketStream<Line>,
    next_request: u32,
    /// Came while an answer was waited for.
    passed_over: VecDeque<ServerMessage>,
}

/// The answer to hello.
#[derive(Debug, Clone)]
pub struct Welcome {
    pub incarnation: Incarnation,
    pub server: ServerFacts,
    pub me: Me,
    pub hallway: Vec<RoomCard>,
}

/// The answer to going into a room.
#[derive(Debug, Clone)]
pub struct Entered {
    pub view: RoomView,
    /// For [`crate::peer::Offering::accept`]; none if no offer was sent.
    pub answer: Option<Sdp>,
    /// To come back with after a lost line.
    pub seat: SeatToken,
}

impl Socket {
    pub(super) async fn open(dialler: &Dialler, token: &Token) -> Result<Self, ApiError> {
        let address = format!("ws://{}/api/v1/socket", dialler.origin.authority());
        let mut request = address.into_client_request().map_err(|_| ApiError::NotUnderstood)?;
        request.headers_mut().insert("authorization", bearer(token)?);
        request.headers_mut().insert("user-agent", dialler.agent.clone());
        let config = WebSocketConfig::default()
            .read_buffer_size(SOCKET_READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(SOCKET_WRITE_BUFFER_MAX)
            .max_message_size(Some(SERVER_MESSAGE_BYTES_MAX))
            .max_frame_size(Some(SERVER_MESSAGE_BYTES_MAX));
        let line = dialler.dial().await?;
        let opened = timeout(ANSWER_PERIOD, client_async_with_config(request, line, Some(config)));
        match opened.await.map_err(|_| ApiError::Late)? {
            Ok((stream, _)) => Ok(Self { stream, next_request: 0, passed_over: VecDeque::new() }),
            Err(tungstenite::Error::Http(answer)) => {
                Err(refusal(answer.body().as_deref().unwrap_or_default()))
            }
            Err(error) => Err(ended(error)),
        }
    }

    /// Says hello and waits for the welcome.
    pub async fn hello(&mut self) -> Result<Welcome, ApiError> {
        let hello = ClientMessage::Hello {
            protocol: PROTOCOL_VERSION,
            bundle: None,
            capabilities: Vec::new(),
            guest: None,
        };
        self.send(&hello).await?;
        let answers = |message: &ServerMessage| {
            matches!(message, ServerMessage::Welcome { .. } | ServerMessage::Failed { request: None, .. })
        };
        match self.answer(answers).await? {
            ServerMessage::Welcome { incarnation, server, me: Some(me), hallway, .. } => {
                Ok(Welcome { incarnation, server, me, hallway })
            }
            other => Err(failed(other)),
        }
    }

    /// Starts a room and goes onto its stage.
    pub async fn start_room(&mut self, room: NewRoom, offer: Sdp) -> Result<Entered, ApiError> {
        let request = self.request();
        self.send(&ClientMessage::StartRoom { request, room, offer }).await?;
        self.entered(request).await
    }

    /// Opens the room of an event that this member hosts, or goes into it where it is open.
    pub async fn open_event(&mut self, event: EventId, offer: Sdp) -> Result<Entered, ApiError> {
        let request = self.request();
        self.send(&ClientMessage::OpenEvent { request, event, offer }).await?;
        self.entered(request).await
    }

    /// Goes into a room, or back to a seat in it.
    pub async fn enter_room(
        &mut self,
        room: RoomId,
        offer: Option<Sdp>,
        seat: Option<SeatToken>,
    ) -> Result<Entered, ApiError> {
        let request = self.request();
        self.send(&ClientMessage::EnterRoom { request, room, offer, seat }).await?;
        self.entered(request).await
    }

    /// Replaces the media connection of the room.
    pub async fn renew_media(&mut self, offer: Sdp) -> Result<Sdp, ApiError> {
        let asked = self.request();
        self.send(&ClientMessage::Media { request: asked, offer }).await?;
        match self.answer_to(asked).await? {
            ServerMessage::Answer { answer, .. } => Ok(answer),
            other => Err(failed(other)),
        }
    }

    /// Does something in the room, and waits until it is done.
    pub async fn command(&mut self, command: RoomCommand) -> Result<(), ApiError> {
        let id = CommandId(random()?);
        self.send(&ClientMessage::Command { id, command }).await?;
        let answers =
            |message: &ServerMessage| matches!(message, ServerMessage::Command { result } if result.id == id);
        match self.answer(answers).await? {
            ServerMessage::Command { result: CommandResult { error: Some(error), .. } } => {
                Err(ApiError::Refused(error))
            }
            _ => Ok(()),
        }
    }

    /// Leaves the room; the socket stays.
    pub async fn leave(&mut self) -> Result<(), ApiError> {
        self.send(&ClientMessage::Leave).await
    }

    /// Any message, as it is.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<(), ApiError> {
        let text = serde_json::to_string(message).map_err(|_| ApiError::NotUnderstood)?;
        timeout(ANSWER_PERIOD, self.stream.send(Message::text(text)))
            .await
            .map_err(|_| ApiError::Late)?
            .map_err(ended)
    }

    /// The next message that nobody waited for. Nothing is lost when this is dropped half-way.
    pub async fn next(&mut self) -> Result<ServerMessage, ApiError> {
        match self.passed_over.pop_front() {
            Some(message) => Ok(message),
            None => self.receive().await,
        }
    }

    /// The next message as it came, unread: for whoever only counts them. Not what was passed over for an answer.
    pub async fn next_text(&mut self) -> Result<Utf8Bytes, ApiError> {
        loop {
            let frame =
                timeout(SOCKET_SILENT_PERIOD, self.stream.next()).await.map_err(|_| ApiError::Late)?;
            match frame {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(frame))) => {
                    return Err(ApiError::Ended(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(ended(error)),
                None => return Err(ApiError::Ended(None)),
            }
        }
    }

    /// Says goodbye, and waits for the other side's: whatever was said before has then been read there.
    pub async fn close(mut self) {
        let goodbyes = async {
            self.stream.close(None).await?;
            while self.stream.next().await.transpose()?.is_some() {}
            Ok::<_, tungstenite::Error>(())
        };
        // Whether it is heard or not, this socket ends here.
        let _ = timeout(ANSWER_PERIOD, goodbyes).await;
    }

    /// A number for a message that wants one, when the answer is looked for among the others.
    pub fn request(&mut self) -> u32 {
        self.next_request = self.next_request.wrapping_add(1);
        self.next_request
    }

    async fn receive(&mut self) -> Result<ServerMessage, ApiError> {
        loop {
            let text = self.next_text().await?;
            if let Some(message) = read(&text)? {
                return Ok(message);
            }
        }
    }

    async fn entered(&mut self, asked: u32) -> Result<Entered, ApiError> {
        match self.answer_to(asked).await? {
            ServerMessage::Entered { view, answer, seat, .. } => Ok(Entered { view, answer, seat }),
            other => Err(failed(other)),
        }
    }

    async fn answer_to(&mut self, asked: u32) -> Result<ServerMessage, ApiError> {
        self.answer(|message| match message {
            ServerMessage::Entered { request, .. } | ServerMessage::Answer { request, .. } => {
                *request == asked
            }
            ServerMessage::Failed { request, .. } => *request == Some(asked),
            _ => false,
        })
        .await
    }

    /// The first message that fits; others come later.
    async fn answer(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> Result<ServerMessage, ApiError> {
        let fitting = async {
            loop {
                let message = self.receive().await?;
                if fits(&message) {
                    return Ok(message);
                }
                if self.passed_over.len() == PASSED_OVER_MAX {
                    return Err(ApiError::Late);
                }
                self.passed_over.push_back(message);
            }
        };
        timeout(ANSWER_PERIOD, fitting).await.unwrap_or(Err(ApiError::Late))
    }
}

/// From the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| ApiError::Unreachable(std::io::ErrorKind::Other.into()))?;
    Ok(bytes)
}

/// What a server says. Types of a newer version are passed over, as the contract says: a message as a whole, an event of
/// a room by itself, since the others count. Anything else is no server of ours.
fn read(text: &str) -> Result<Option<ServerMessage>, ApiError> {
    if let Ok(message) = serde_json::from_str(text) {
        return Ok(Some(message));
    }
    let mut value: Value = serde_json::from_str(text).map_err(|_| ApiError::NotUnderstood)?;
    if value.get("type").is_none() {
        return Err(ApiError::NotUnderstood);
    }
    if let Some(events) = value.get_mut("events").and_then(Value::as_array_mut) {
        events.retain(|event| RoomEvent::deserialize(event).is_ok());
    }
    Ok(serde_json::from_value(value).ok())
}

fn failed(message: ServerMessage) -> ApiError {
    match message {
        ServerMessage::Failed { error: ErrorCode::SignedOut, .. } => ApiError::Refused(ErrorCode::SignedOut),
        ServerMessage::Failed { error, .. } => ApiError::Refused(error),
        _ => ApiError::NotUnderstood,
    }
}

fn ended(error: tungstenite::Error) -> ApiError {
    match error {
        tungstenite::Error::Io(error) => ApiError::Unreachable(error),
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => ApiError::Ended(None),
        // The second: before the server had answered, as when it goes down just then.
        tungstenite::Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => ApiError::Ended(None),
        _ => ApiError::NotUnderstood,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Server, Trust};
    use super::*;
    use protocol::id::RoomId;
    use protocol::room::Notice;

    #[tokio::test]
    async fn a_server_that_hangs_up_before_it_answers_may_be_back_in_a_moment() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin: Origin =
            format!("http://{}", listener.local_addr().expect("bound")).parse().expect("an address");
        let server = Server::new(origin, &Trust::System).expect("no certificates are needed");
        let hangs_up = async {
            let (mut stream, _) = listener.accept().await.expect("somebody comes");
            let mut asked = [0; 64];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut asked).await;
            // What was not read would reset the connection, and that is another error.
            tokio::io::AsyncWriteExt::shutdown(&mut stream).await.expect("open");
            while tokio::io::AsyncReadExt::read(&mut stream, &mut asked).await.is_ok_and(|count| count > 0) {}
        };
        let token = Token::new("any");
        let (opened, ()) = tokio::join!(server.open(&token), hangs_up);
        let error = opened.map(drop).expect_err("nobody answered");
        assert!(error.may_pass(), "{error:?}");
    }

    #[test]
    fn what_a_newer_server_says_is_passed_over_and_the_rest_counts() {
        let known = RoomEvent::Notice { notice: Notice::HandLowered };
        let room = RoomId([3; 16]);
        let message =
            ServerMessage::Room { room, epoch: 1, sequence: 2, events: vec![known.clone(), known.clone()] };
        let mut value = serde_json::to_value(&message).expect("written");
        let news = serde_json::json!({ "type": "applause", "from": "everybody" });
        value["events"].as_array_mut().expect("a list").insert(1, news);
        assert_eq!(read(&value.to_string()).expect("understood"), Some(message));
        assert_eq!(read(r#"{"type":"weather","degrees":3}"#).expect("understood"), None);
        for other in ["", "[]", "{}", r#"{"type":"#] {
            assert!(matches!(read(other), Err(ApiError::NotUnderstood)), "{other}");
        }
    }
}
