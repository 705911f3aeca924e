//! The line to the keeper: requests out, answers and pushes in.
//!
//! One task owns the line and both of its directions. It numbers requests, keeps who waits for which answer, and answers
//! `Busy` while there is no line. When the parent brings a new one (the keeper was started anew), it hands the sealing
//! key over first.

use std::collections::HashMap;
use std::os::unix::net::UnixStream as StdUnixStream;

use keeper_api::limits::ASKS_IN_FLIGHT_MAX;
use keeper_api::{
    AskNumber, Decoder, Door, Greeting, Hello, LiveSession, MemberRequest, Push, Reply, Request, SealingKey,
    SessionToken, ToKeeper, ToLive, Welcome,
};
use protocol::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use zeroize::Zeroize;

use crate::fresh;
use crate::limits::{KEEPER_MAILBOX, KEEPER_PERIOD, KEEPER_READ_BUFFER, KEEPER_WRITE_BUFFER, PUSH_MAILBOX};
use crate::log::{Record, log};

/// A cheap handle to ask with.
#[derive(Clone)]
pub(crate) struct Keeper {
    asks: mpsc::Sender<Ask>,
    door: watch::Receiver<Door>,
}

/// What the keeper says by itself, for whoever carries it out. In a box on its way, as an [`Ask`] is.
#[derive(Debug)]
pub(crate) enum Said {
    /// Something changed.
    Push(Push),
    /// There is a line again; what was said while there was none is lost.
    BackAgain,
}

/// The ends that belong to the wiring: new lines in, what the keeper says out.
pub(crate) struct Ends {
    pub(crate) lines: mpsc::Sender<StdUnixStream>,
    pub(crate) said: mpsc::Receiver<Box<Said>>,
}

/// Why there is no keeper to talk to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeeperError {
    #[error("the keeper's socket failed")]
    Io(#[from] std::io::Error),
    #[error("the keeper cannot be understood")]
    Malformed,
    #[error("the keeper did not greet")]
    NoWelcome,
}

struct Ask {
    /// In a box, which is wiped when it is given back: a mailbox leaves what was in it lying in its places.
    request: Box<Request>,
    answer: oneshot::Sender<Result<Reply, ErrorCode>>,
}

/// A line on which hello and welcome have been said.
pub(crate) struct Line {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    decoder: Decoder<ToLive>,
}

impl Line {
    /// Greets. `key` is the key the running rooms are sealed with, where there are any.
    ///
    /// # Errors
    /// See [`KeeperError`].
    pub(crate) async fn greet(
        socket: StdUnixStream,
        key: Option<SealingKey>,
    ) -> Result<(Self, Welcome), KeeperError> {
        socket.set_nonblocking(true)?;
        let (read, mut write) = UnixStream::from_std(socket)?.into_split();
        let hello = encode(&ToKeeper::Hello(Hello { sealing_key: key }))?;
        write.write_all(&hello).await?;
        let mut line = Self { read, write, decoder: Decoder::new() };
        match timeout(KEEPER_PERIOD, line.next()).await {
            Ok(Ok(message)) => match *message {
                ToLive::Welcome(welcome) => Ok((line, welcome)),
                _ => Err(KeeperError::NoWelcome),
            },
            Ok(Err(error)) => Err(error),
            Err(_) => Err(KeeperError::NoWelcome),
        }
    }

    async fn next(&mut self) -> Result<Box<ToLive>, KeeperError> {
        next(&mut self.read, &mut self.decoder).await
    }
}

impl Keeper {
    /// Starts the task that owns the line.
    pub(crate) fn start(line: Line, welcome: &Welcome) -> (Self, Ends) {
        let (asks, mailbox) = mpsc::channel(KEEPER_MAILBOX);
        let (lines, new_lines) = mpsc::channel(1);
        let (said, hears) = mpsc::channel(PUSH_MAILBOX);
        let (door_is, door) = watch::channel(welcome.door.clone());
        let driver = Driver { mailbox, new_lines, said, door: door_is, key: welcome.sealing_key.clone() };
        fresh::spawn(move || driver.run(line));
        (Self { asks, door }, Ends { lines, said: hears })
    }

    /// What anyone may know of the server.
    pub(crate) fn door(&self) -> Door {
        self.door.borrow().clone()
    }

    /// # Errors
    /// What the keeper refused it with, or `Busy` where there is no keeper now.
    pub(crate) async fn ask(&self, request: Request) -> Result<Reply, ErrorCode> {
        let (answer, answered) = oneshot::channel();
        self.asks.try_send(Ask { request: Box::new(request), answer }).map_err(|_| ErrorCode::Busy)?;
        match timeout(KEEPER_PERIOD, answered).await {
            Ok(Ok(answer)) => answer,
            _ => Err(ErrorCode::Busy),
        }
    }

    /// What a signed-in person asks.
    ///
    /// # Errors
    /// See [`Self::ask`]; `SignedOut` where the session does not stand.
    pub(crate) async fn ask_for(
        &self,
        session: &SessionToken,
        request: MemberRequest,
    ) -> Result<Reply, ErrorCode> {
        self.ask(Request::ForMember { session: session.clone(), request }).await
    }

    /// Whose session this is.
    ///
    /// # Errors
    /// `SignedOut`, `Busy`.
    pub(crate) async fn check(&self, session: &SessionToken) -> Result<LiveSession, ErrorCode> {
        match self.ask(Request::CheckSession { session: session.clone() }).await? {
            Reply::Session(session) => Ok(session),
            _ => Err(ErrorCode::Internal),
        }
    }

    /// Whose session this is, and whom they follow.
    ///
    /// # Errors
    /// `SignedOut`, `Busy`.
    pub(crate) async fn greet(&self, session: &SessionToken) -> Result<Greeting, ErrorCode> {
        match self.ask(Request::Greet { session: session.clone() }).await? {
            Reply::Greeting(greeting) => Ok(greeting),
            _ => Err(ErrorCode::Internal),
        }
    }
}

struct Driver {
    mailbox: mpsc::Receiver<Ask>,
    new_lines: mpsc::Receiver<StdUnixStream>,
    said: mpsc::Sender<Box<Said>>,
    door: watch::Sender<Door>,
    key: SealingKey,
}

impl Driver {
    /// Ends when nobody can ask any more.
    async fn run(mut self, first: Line) {
        let mut line = Some(first);
        loop {
            if let Some(open) = line.take() {
                if self.serve(open).await == Served::NobodyAsks {
                    return;
                }
                log(Record::KeeperLost);
            }
            line = match self.wait_for_line().await {
                Some(socket) => self.greet_again(socket).await,
                None => return,
            };
        }
    }

    /// Answers `Busy` until the parent brings a line.
    async fn wait_for_line(&mut self) -> Option<StdUnixStream> {
        loop {
            tokio::select! {
                socket = self.new_lines.recv() => return socket,
                ask = self.mailbox.recv() => {
                    let _ = ask?.answer.send(Err(ErrorCode::Busy));
                }
            }
        }
    }

    async fn greet_again(&mut self, socket: StdUnixStream) -> Option<Line> {
        let (line, welcome) = Line::greet(socket, Some(self.key.clone())).await.ok()?;
        self.door.send_replace(welcome.door);
        log(Record::KeeperBack);
        if let Some(keys) = welcome.tls {
            let _ = self.said.send(Box::new(Said::Push(Push::TlsKeys(keys)))).await;
        }
        let _ = self.said.send(Box::new(Said::BackAgain)).await;
        Some(line)
    }

    /// Until the line breaks. What waits for an answer then is told `Busy`: its sender is dropped.
    async fn serve(&mut self, line: Line) -> Served {
        let Line { mut read, write, mut decoder } = line;
        let mut out = Out { write, bytes: Vec::new() };
        let mut waiting = Waiting::default();
        let mut asks = Vec::new();
        let served = loop {
            // More than the keeper reads ahead would only wait in the socket.
            let may_ask = ASKS_IN_FLIGHT_MAX - waiting.answers.len();
            tokio::select! {
                message = next(&mut read, &mut decoder) => match message {
                    Ok(message) => {
                        let said = self.hear(*message, &mut waiting);
                        if let Some(said) = said {
                            let _ = self.said.send(said).await;
                        }
                    }
                    Err(_) => break Served::LineBroke,
                },
                // A keeper that waits for us to read does not keep us from reading.
                () = out.has_room(), if !out.bytes.is_empty() => {}
                count = self.mailbox.recv_many(&mut asks, may_ask), if may_ask > 0 => {
                    if count == 0 {
                        break Served::NobodyAsks;
                    }
                    asks.drain(..).for_each(|ask| waiting.put(ask, &mut out.bytes));
                }
            }
            if out.write_some().is_err() {
                break Served::LineBroke;
            }
        };
        for (_, answer) in waiting.answers {
            let _ = answer.send(Err(ErrorCode::Busy));
        }
        served
    }

    /// Gives what somebody else has to hear. Nothing waits in here: what the keeper said would stay in this task, which
    /// does not end, until the keeper says something else.
    fn hear(&mut self, message: ToLive, waiting: &mut Waiting) -> Option<Box<Said>> {
        match message {
            ToLive::Answer { number, answer } => {
                // Nobody waits for what took too long.
                if let Some(waits) = waiting.answers.remove(&number) {
                    let _ = waits.send(answer);
                }
                None
            }
            ToLive::Push(push) => {
                if let Push::DoorChanged(door) = &push {
                    self.door.send_replace(door.clone());
                }
                Some(Box::new(Said::Push(push)))
            }
            // A second welcome has no meaning.
            ToLive::Welcome(_) => None,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Served {
    LineBroke,
    NobodyAsks,
}

/// Who waits for which answer.
#[derive(Default)]
struct Waiting {
    asked: u64,
    answers: HashMap<AskNumber, oneshot::Sender<Result<Reply, ErrorCode>>>,
}

impl Waiting {
    /// Puts a request behind those that are to be written.
    fn put(&mut self, Ask { request, answer }: Ask, bytes: &mut Vec<u8>) {
        self.asked += 1;
        let number = AskNumber(self.asked);
        match encode(&ToKeeper::Ask { number, request: *request }) {
            Ok(frame) => {
                bytes.extend(frame);
                self.answers.insert(number, answer);
            }
            Err(_) => drop(answer.send(Err(ErrorCode::TooLarge))),
        }
    }
}

/// What is on its way to the keeper: requests whose answers are waited for, so no more than of those there may be.
struct Out {
    write: OwnedWriteHalf,
    bytes: Vec<u8>,
}

impl Out {
    async fn has_room(&self) {
        // The reading side sees a broken line too, and the next write does.
        let _ = self.write.writable().await;
    }

    /// As much as there is room for.
    fn write_some(&mut self) -> std::io::Result<()> {
        while !self.bytes.is_empty() {
            match self.write.try_write(&self.bytes) {
                Ok(count) => drop(self.bytes.drain(..count)),
                Err(full) if full.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(broken) => return Err(broken),
            }
        }
        self.bytes.shrink_to(KEEPER_WRITE_BUFFER);
        if self.bytes.is_empty() {
            // Tokens and handles that went out: the next ask may be long in coming. This wipes what is kept, too.
            self.bytes.zeroize();
        }
        Ok(())
    }
}

/// Safe to drop half-way: what was read is in the decoder. In a box, which is wiped.
async fn next(read: &mut OwnedReadHalf, decoder: &mut Decoder<ToLive>) -> Result<Box<ToLive>, KeeperError> {
    let mut buffer = [0; KEEPER_READ_BUFFER];
    loop {
        if let Some(message) = decoder.pop().map_err(|_| KeeperError::Malformed)? {
            return Ok(Box::new(message));
        }
        match read.read(&mut buffer).await? {
            0 => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            count => {
                let came = buffer.get_mut(..count).unwrap_or_default();
                decoder.push(came);
                // It lies here until the keeper says something again.
                came.zeroize();
            }
        }
    }
}

fn encode(message: &ToKeeper) -> Result<Vec<u8>, KeeperError> {
    keeper_api::encode(message).map_err(|_| KeeperError::Malformed)
}

/// What becomes of something that the keeper of a test is asked.
#[cfg(test)]
pub(crate) enum Heard {
    /// That it is done, or why not.
    Answered(Result<(), ErrorCode>),
    NotAnswered,
}

/// The other end of a keeper of a test.
#[cfg(test)]
pub(crate) struct Asked(mpsc::Receiver<Ask>);

#[cfg(test)]
impl Asked {
    /// None when nobody can ask any more.
    pub(crate) async fn hear(&mut self) -> Option<(Request, oneshot::Sender<Result<Reply, ErrorCode>>)> {
        self.0.recv().await.map(|Ask { request, answer }| (*request, answer))
    }
}

#[cfg(test)]
impl Keeper {
    /// Without a line: whoever tests answers.
    pub(crate) fn of_a_test() -> (Self, Asked) {
        let (asks, mailbox) = mpsc::channel(KEEPER_MAILBOX);
        let nowhere = Door { name: None, state: protocol::account::DoorState::Open, passkeys: None };
        (Self { asks, door: watch::channel(nowhere).1 }, Asked(mailbox))
    }
}
