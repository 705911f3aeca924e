//! As whom: by a one-time link, or by a token that was kept.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use client::api::{Link, Server, Token, Trust};
use protocol::account::LinkKind;
use protocol::text::{DisplayName, Handle, ServerName, TextError};

use super::Sorry;
use super::terminal::{self, Keyboard};
use crate::args::{Called, Join, Room, Stop, To, destination};
use crate::say;

/// Bytes of a file with a token: far more than one has.
const TOKEN_BYTES_MAX: u64 = 4_096;

/// Somebody who is signed in.
pub(super) struct Arrived {
    pub(super) server: Server,
    pub(super) token: Token,
    /// That was typed with the address.
    pub(super) room: Option<Room>,
    session: Session,
}

/// What becomes of the session afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    /// Somebody has its token.
    Kept,
    /// Nobody will have: it ends.
    OfThisVisit,
}

impl Arrived {
    /// A session whose token nobody has is nobody's device.
    pub(super) async fn leave(self) {
        if self.session == Session::OfThisVisit && self.server.sign_out(&self.token).await.is_err() {
            say::err("This device could not be signed out; it is in the list of your devices in Settings.");
        }
    }
}

pub(super) async fn arrive(asked: &Join, keyboard: &mut Keyboard) -> Result<Arrived, Sorry> {
    let (to, room) = match &asked.to {
        To::Asked => typed(keyboard).await?,
        to => (to.clone(), None),
    };
    match to {
        To::Link(link) => {
            let file = asked.token_file.as_deref().map(new_file).transpose()?;
            let server = Server::new(link.origin.clone(), &Trust::System)?;
            let token = by_link(&server, &link, &asked.called, keyboard).await?;
            let session = match file {
                Some(mut file) => {
                    file.write_all(token.reveal().as_bytes())?;
                    Session::Kept
                }
                None => {
                    without_key(link.kind);
                    Session::OfThisVisit
                }
            };
            Ok(Arrived { server, token, room, session })
        }
        To::Server(origin) => {
            let token = match (&asked.token_file, &asked.token) {
                (Some(file), _) => read(file)?,
                (None, Some(token)) => token.clone(),
                (None, None) => return Err(nobody()),
            };
            let server = Server::new(origin, &Trust::System)?;
            Ok(Arrived { server, token, room, session: Session::Kept })
        }
        To::Asked => Err(nobody()),
    }
}

async fn typed(keyboard: &mut Keyboard) -> Result<(To, Option<Room>), Sorry> {
    if terminal::is_there() {
        say::out("The link: ");
    }
    let text = keyboard.line().await.unwrap_or_default();
    match destination(&text) {
        Ok((to, room)) => Ok((to, room.map(Room::Enter))),
        Err(Stop::Wrong(sentence) | Stop::Help(sentence)) => Err(Sorry(sentence)),
    }
}

async fn by_link(
    server: &Server,
    link: &Link,
    called: &Called,
    keyboard: &mut Keyboard,
) -> Result<Token, Sorry> {
    let token = match link.kind {
        LinkKind::SignIn => server.sign_in(&link.secret).await?,
        LinkKind::Invite => {
            let (name, handle) = names(called, keyboard).await?;
            server.accept_invite(&link.secret, name, handle).await?
        }
        LinkKind::Owner => {
            let server_name = match &called.server_name {
                Some(name) => name.clone(),
                None => {
                    asked("What is the server called? ", "--server-name", ServerName::parse, keyboard).await?
                }
            };
            let (name, handle) = names(called, keyboard).await?;
            server.claim(&link.secret, server_name, name, handle).await?
        }
    };
    Ok(token)
}

async fn names(called: &Called, keyboard: &mut Keyboard) -> Result<(DisplayName, Handle), Sorry> {
    let name = match &called.name {
        Some(name) => name.clone(),
        None => asked("What are you called? ", "--name", DisplayName::parse, keyboard).await?,
    };
    let handle = match &called.handle {
        Some(handle) => handle.clone(),
        None => {
            asked("Your handle, a short name that nobody else has: ", "--handle", Handle::parse, keyboard)
                .await?
        }
    };
    Ok((name, handle))
}

/// Until it is something that can be used.
async fn asked<T>(
    question: &str,
    flag: &str,
    parse: fn(&str) -> Result<T, TextError>,
    keyboard: &mut Keyboard,
) -> Result<T, Sorry> {
    let unasked = || Sorry(format!("This link is for somebody new: say {flag}."));
    if !terminal::is_there() {
        return Err(unasked());
    }
    loop {
        let text = keyboard.ask(question).await.ok_or_else(unasked)?;
        match parse(&text) {
            Ok(value) => return Ok(value),
            Err(why) => say::err(&format!("That cannot be used: {why}.")),
        }
    }
}

fn without_key(kind: LinkKind) {
    if client::api::wants_name(kind) {
        say::err(
            "This account has no other key than this session, which ends with this visit. --token-file keeps it; \
             without it, whoever runs the server can make a sign-in link.",
        );
    }
}

fn nobody() -> Sorry {
    Sorry(
        "The server lets members in: give a one-time link (Settings makes one for another device, and so does \
         `vivavoce admin signin-link` on the server), or a token by --token-file or VIVAVOCE_TOKEN."
            .to_owned(),
    )
}

/// Made before the link is used up, and readable for nobody else.
fn new_file(path: &Path) -> Result<File, Sorry> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => Sorry(format!(
                "{} exists already: give the server's address to use the token in it, or name another file.",
                path.display()
            )),
            _ => Sorry(format!("{}: {error}.", path.display())),
        }
    })
}

fn read(path: &Path) -> Result<Token, Sorry> {
    let sorry = |error: std::io::Error| Sorry(format!("{}: {error}.", path.display()));
    let mut text = String::new();
    let file = File::open(path).map_err(sorry)?;
    if file.metadata().map_err(sorry)?.mode() & 0o077 != 0 {
        say::err(&format!("{} can be read by others on this machine.", path.display()));
    }
    file.take(TOKEN_BYTES_MAX).read_to_string(&mut text).map_err(sorry)?;
    Ok(Token::new(text.trim()))
}
