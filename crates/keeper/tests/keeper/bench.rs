//! A keeper in a thread, and both of the ends it speaks to.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::JoinHandle;
use std::time::Duration;

use keeper_api::parent::{FromKeeper, KeeperNote, Run, Start, TlsFiles, ToKeeper as ParentSays};
use keeper_api::{
    AskNumber, Decoder, Hello, Link, LinkSecret, MemberRequest, Push, Reply, Request, SealingKey,
    SessionToken, SignedIn, ToKeeper, ToLive, Welcome, encode,
};
use protocol::ErrorCode;
use protocol::account::DeviceLabel;
use protocol::text::{DisplayName, Handle, ServerName};

/// Far longer than anything here takes: a keeper that hangs fails the test.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Server {
    to_keeper: ::line::Sender<ParentSays>,
    from_keeper: ::line::Receiver<FromKeeper>,
    thread: JoinHandle<ExitCode>,
    /// The other end of the first line, until somebody takes it.
    live: Option<UnixStream>,
}

pub(crate) fn start(data: &Path) -> Start {
    let public_url = "http://localhost:8080".to_owned();
    Start { run: Run::First, data: data.to_owned(), public_url, tls: None }
}

impl Server {
    pub(crate) fn run(start: Start) -> Self {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        let (to_keeper, from_keeper) = ::line::pair(ours).expect("an end");
        let (to_parent, from_parent) = ::line::pair(theirs).expect("an end");
        let (live, near) = UnixStream::pair().expect("a pair");
        let given = keeper::Given { start, to_parent, from_parent, live: near.into() };
        let thread = std::thread::spawn(move || keeper::run(given));
        Self { to_keeper, from_keeper, thread, live: Some(live) }
    }

    /// The keeper's next word to its parent.
    pub(crate) fn word(&mut self) -> FromKeeper {
        self.from_keeper.receive().expect("the keeper lives").message
    }

    /// Waits until it answers; the owner's link, if it waits for its owner.
    pub(crate) fn ready(&mut self) -> Option<LinkSecret> {
        match self.word() {
            FromKeeper::Ready { owner } => owner,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn note(&mut self) -> KeeperNote {
        match self.word() {
            FromKeeper::Note(note) => note,
            other => panic!("{other:?}"),
        }
    }

    /// The first `live`.
    pub(crate) fn live(&mut self) -> Live {
        Live::on(self.live.take().expect("not taken yet"))
    }

    /// Another one, after the first.
    pub(crate) fn new_live(&mut self) -> Live {
        let (live, near) = UnixStream::pair().expect("a pair");
        self.to_keeper.send_with(&ParentSays::NewLive, vec![near.into()]).expect("sent");
        Live::on(live)
    }

    pub(crate) fn say(&mut self, word: &ParentSays) {
        self.to_keeper.send(word).expect("sent");
    }

    pub(crate) fn stop(mut self) {
        self.say(&ParentSays::Stop);
        assert_eq!(
            format!("{:?}", self.thread.join().expect("no panic")),
            format!("{:?}", ExitCode::SUCCESS)
        );
    }

    /// The parent dies; the keeper has to follow.
    pub(crate) fn abandon(self) {
        drop((self.to_keeper, self.from_keeper));
        self.thread.join().expect("no panic");
    }
}

pub(crate) struct Live {
    socket: UnixStream,
    decoder: Decoder<ToLive>,
    next: u64,
    /// What the keeper said by itself, in order.
    pub(crate) pushes: Vec<Push>,
}

impl Live {
    fn on(socket: UnixStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        Self { socket, decoder: Decoder::new(), next: 0, pushes: Vec::new() }
    }

    pub(crate) fn greet(&mut self, sealing_key: Option<SealingKey>) -> Welcome {
        self.send(&ToKeeper::Hello(Hello { sealing_key }));
        match self.receive() {
            Some(ToLive::Welcome(welcome)) => welcome,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn send(&mut self, message: &ToKeeper) {
        self.write(&encode(message).expect("small"));
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("sent");
    }

    /// The next message; none at the end of the line.
    pub(crate) fn receive(&mut self) -> Option<ToLive> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(message) = self.decoder.pop().expect("understood") {
                return Some(message);
            }
            match self.socket.read(&mut buffer) {
                Ok(0) => return None,
                Ok(bytes) => self.decoder.push(&buffer[..bytes]),
                Err(gone) if gone.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn put(&mut self, request: Request) -> AskNumber {
        self.next += 1;
        let number = AskNumber(self.next);
        self.send(&ToKeeper::Ask { number, request });
        number
    }

    /// Sends the same request many times from a thread of its own.
    pub(crate) fn writer(&mut self, times: usize, request: Request) -> JoinHandle<()> {
        let mut socket = self.socket.try_clone().expect("cloned");
        std::thread::spawn(move || {
            for number in (1_000_000..).take(times) {
                let ask = ToKeeper::Ask { number: AskNumber(number), request: request.clone() };
                socket.write_all(&encode(&ask).expect("small")).expect("sent");
            }
        })
    }

    pub(crate) fn ask(&mut self, request: Request) -> Result<Reply, ErrorCode> {
        let asked = self.put(request);
        loop {
            match self.receive() {
                Some(ToLive::Answer { number, answer }) if number == asked => return answer,
                Some(ToLive::Push(push)) => self.pushes.push(push),
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) fn ask_for(
        &mut self,
        session: &SessionToken,
        request: MemberRequest,
    ) -> Result<Reply, ErrorCode> {
        self.ask(Request::ForMember { session: session.clone(), request })
    }

    pub(crate) fn sign_in(&mut self, request: Request) -> Result<SignedIn, ErrorCode> {
        match self.ask(request)? {
            Reply::SignedIn(signed) => Ok(*signed),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn claim(&mut self, secret: LinkSecret, who: &str) -> Result<SignedIn, ErrorCode> {
        self.sign_in(Request::ClaimServer {
            secret,
            server_name: ServerName::parse("The Kitchen").expect("a name"),
            name: name(who),
            handle: handle(who),
            device: DeviceLabel::Linux,
        })
    }

    pub(crate) fn accept(&mut self, secret: LinkSecret, who: &str) -> Result<SignedIn, ErrorCode> {
        self.sign_in(Request::AcceptInvite {
            secret,
            name: name(who),
            handle: handle(who),
            device: DeviceLabel::Android,
        })
    }

    pub(crate) fn link(&mut self, session: &SessionToken, request: MemberRequest) -> Link {
        match self.ask_for(session, request) {
            Ok(Reply::Link(link)) => link,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn invite(&mut self, session: &SessionToken) -> Link {
        self.link(session, MemberRequest::CreateInvite { uses: 1, note: None })
    }

    pub(crate) fn check(&mut self, session: &SessionToken) -> Result<Reply, ErrorCode> {
        self.ask(Request::CheckSession { session: session.clone() })
    }
}

/// A server with its owner, ready for more.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) live: Live,
    pub(crate) owner: SignedIn,
    folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn of(owner: &str) -> Self {
        Self::at("http://localhost:8080", owner)
    }

    pub(crate) fn at(public_url: &str, owner: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let mut server = Server::run(Start { public_url: public_url.to_owned(), ..start(&data) });
        let link = server.ready().expect("waits for its owner");
        let mut live = server.live();
        live.greet(None);
        let owner = live.claim(link, owner).expect("claimed");
        Self { server, live, owner, folder }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn join(&mut self, who: &str) -> SignedIn {
        let link = self.live.invite(&self.owner.session);
        self.live.accept(link.secret, who).expect("accepted")
    }

    /// Stops, and starts again on the same data.
    pub(crate) fn restart(self, change: impl FnOnce(&mut Start)) -> Self {
        self.server.stop();
        let mut again = start(&self.folder.path().join("data"));
        change(&mut again);
        let mut server = Server::run(again);
        assert_eq!(server.ready(), None, "it has its owner");
        let mut live = server.live();
        live.greet(None);
        Self { server, live, owner: self.owner, folder: self.folder }
    }
}

pub(crate) fn handle(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

pub(crate) fn files(cert: &Path, key: &Path) -> TlsFiles {
    TlsFiles { cert: cert.to_owned(), key: key.to_owned() }
}
