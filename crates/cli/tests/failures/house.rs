//! A server and the people who are signed in at it.

use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use client::api::{ApiError, Link, Secret, Server as Api, Socket, Token, Trust};
use client::peer::{Identity, Offering};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};

use crate::native;
use crate::server::{Server, vivavoce};

pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) owner: Token,
}

pub(crate) fn folder() -> tempfile::TempDir {
    let ours_alone = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(ours_alone).tempdir().expect("a folder")
}

pub(crate) fn database(data: &Path) -> PathBuf {
    data.join("vivavoce.db")
}

/// As another program opens it. Whoever is done says so and waits: a connection that is only dropped is closed by a thread of
/// its own, some time later, and until then the file is locked and others beside it come and go.
pub(crate) async fn open(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(database(data)).connect().await.expect("the database is there")
}

/// The server, started by a shell that does this first.
pub(crate) fn after(data: &Path, shell: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{shell}; exec \"$@\""), "sh"]).arg(env!("CARGO_BIN_EXE_vivavoce"));
    command.args(["--listen", "127.0.0.1:0", "--drain-seconds", "0", "--data"]).arg(data);
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The single sentence of a server that must not come up.
pub(crate) fn refused(mut command: Command) -> String {
    let output = command.output().expect("ran");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    // A `live` that waited for the keeper in vain may leave a record of its own.
    let sentences = said.lines().filter(|line| !line.starts_with("live: "));
    assert_eq!(sentences.count(), 1, "{said}");
    said
}

pub(crate) fn plainly(data: &Path) -> Command {
    vivavoce(data, &["--listen", "127.0.0.1:0"])
}

impl House {
    /// With its owner.
    pub(crate) async fn new(server: Server) -> Self {
        let link = Link::parse(&server.owner_link()).expect("a link");
        let mut house = Self { server, owner: Token::new("nobody yet") };
        house.owner = native::claims(&house.api(), &link, "Ann", "ann").await;
        house
    }

    /// The same data, another server.
    pub(crate) fn again(self, start: impl FnOnce() -> Server) -> Self {
        let Self { server, owner } = self;
        assert!(server.stop().success());
        Self { server: start(), owner }
    }

    pub(crate) fn api(&self) -> Api {
        let origin = format!("http://{}", self.server.address).parse().expect("an address");
        Api::new(origin, &Trust::System).expect("no certificates are needed")
    }

    /// Somebody comes by an invitation, from an address of their own: how much one address may do is counted.
    pub(crate) async fn comes(&self, secret: &Secret, who: u32) -> Result<Token, ApiError> {
        let api = self.api().from_address(IpAddr::from(Ipv4Addr::from(0x7f00_0200 + who)));
        let called = format!("guest{who}");
        native::comes(&api, secret, &called, &called).await
    }

    pub(crate) async fn socket(&self, token: &Token) -> Socket {
        let mut socket = self.api().open(token).await.expect("signed in");
        socket.hello().await.expect("welcome");
        socket
    }
}

pub(crate) fn offer() -> protocol::media::Sdp {
    let identity = Identity::generate().expect("cryptography works");
    Offering::new(&identity, Instant::now()).expect("an offer").sdp().clone()
}
