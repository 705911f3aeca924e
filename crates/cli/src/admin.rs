//! `vivavoce admin …`: one request to the running server, over the keeper's socket in the data directory.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

use keeper_api::admin::{ADMIN_SOCKET, AdminAnswer, AdminMember, AdminReply, AdminRequest, Branch, Standing};
use protocol::ErrorCode;
use protocol::account::{LinkKind, Role};
use protocol::limits::INVITE_USES_MAX;
use protocol::text::Handle;

use crate::config::Config;
use crate::say;

mod day;
mod order;
mod table;

pub(crate) use order::{Order, Which};

/// How long the keeper may take. Its slowest answer is a page of members.
const PATIENCE: Duration = Duration::from_secs(10);

/// Only another release than this one says it.
const ANOTHER_ANSWER: &str =
    "The server gave an answer to something else. It may run another release than this command.";

/// What the administrator asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// `None`: for one.
    Invite {
        uses: Option<u32>,
    },
    ListMembers,
    SigninLink {
        handle: String,
    },
    Order(Order),
    MakeOwner {
        handle: String,
    },
}

/// Asks, prints, and ends.
pub(crate) fn run(config: &Config, request: Request) -> ExitCode {
    match answer(config, request) {
        Ok(text) => {
            say::out(&text);
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            say::err(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn answer(config: &Config, request: Request) -> Result<String, String> {
    match request {
        Request::Invite { uses } => invite(config, uses),
        Request::SigninLink { handle } => {
            let handle = parse_handle(&handle).ok_or("That is not a handle.")?;
            link(config, AdminRequest::SigninLink { handle })
        }
        Request::ListMembers => members(config),
        Request::Order(order) => order::answer(config, order),
        Request::MakeOwner { handle } => {
            let handle = parse_handle(&handle).ok_or("That is not a handle.")?;
            let said = format!("@{} is the owner now.\n", handle.as_str());
            match ask(config, &AdminRequest::MakeOwner { handle })?.reply {
                AdminReply::Done => Ok(said),
                AdminReply::Refused(code) => Err(refusal(code)),
                _ => Err(ANOTHER_ANSWER.to_owned()),
            }
        }
    }
}

fn parse_handle(text: &str) -> Option<Handle> {
    Handle::parse(text).ok()
}

fn invite(config: &Config, uses: Option<u32>) -> Result<String, String> {
    let answer = ask(config, &AdminRequest::Invite { uses: uses.unwrap_or(1) })?;
    let for_the_owner = matches!(answer.reply, AdminReply::Link { kind: LinkKind::Owner, .. });
    let mut text = written(answer)?;
    if for_the_owner {
        text.push_str("The server has no owner yet: this makes one person its owner.\n");
        if uses.is_some() {
            text.push_str("--uses is for invitations and does not count here.\n");
        }
    }
    Ok(text)
}

fn link(config: &Config, request: AdminRequest) -> Result<String, String> {
    written(ask(config, &request)?)
}

fn written(AdminAnswer { server, reply }: AdminAnswer) -> Result<String, String> {
    match reply {
        AdminReply::Link { kind, secret, expires } => {
            let url = link_url(server.as_str(), kind, &secret.reveal());
            Ok(format!("{url}\nGood until {} (UTC).\n", day::to_the_minute(expires)))
        }
        AdminReply::Refused(code) => Err(refusal(code)),
        _ => Err(ANOTHER_ANSWER.to_owned()),
    }
}

/// As the web client reads it: the secret stays behind the #, which browsers never send.
pub(crate) fn link_url(public_url: &str, kind: LinkKind, secret: &str) -> String {
    let page = match kind {
        LinkKind::Owner => 'o',
        LinkKind::Invite => 'i',
        LinkKind::SignIn => 'l',
    };
    format!("{public_url}/{page}#{secret}")
}

fn members(config: &Config) -> Result<String, String> {
    let mut all: Vec<AdminMember> = Vec::new();
    loop {
        let after = all.last().map(|member| member.handle.clone());
        match ask(config, &AdminRequest::ListMembers { after })?.reply {
            AdminReply::Members(page) if page.is_empty() => return Ok(member_table(&all)),
            AdminReply::Members(page) => all.extend(page),
            AdminReply::Refused(code) => return Err(refusal(code)),
            _ => return Err(ANOTHER_ANSWER.to_owned()),
        }
    }
}

fn member_table(members: &[AdminMember]) -> String {
    let rows: Vec<[String; 6]> = members
        .iter()
        .map(|member| {
            let role = match member.role {
                Role::Owner => "owner",
                Role::Member => "member",
            };
            let standing = match (member.standing, member.branch) {
                (Standing::Good, Branch::Open) => "",
                (Standing::Suspended, Branch::Open) => "suspended",
                (Standing::Good, Branch::Paused) => "branch paused",
                (Standing::Suspended, Branch::Paused) => "suspended, branch paused",
            };
            [
                at(&member.handle),
                member.name.as_str().to_owned(),
                role.to_owned(),
                day::written(member.day.into()),
                member.invited_by.as_ref().map(at).unwrap_or_default(),
                standing.to_owned(),
            ]
        })
        .collect();
    table::of(["Handle", "Name", "Role", "Since", "Invited by", ""], &rows)
}

fn at(handle: &Handle) -> String {
    format!("@{}", handle.as_str())
}

/// What to do about it.
fn refusal(code: ErrorCode) -> String {
    match code {
        ErrorCode::Malformed => format!("An invitation is for 1 to {INVITE_USES_MAX} people."),
        ErrorCode::NotThere => "There is no member with that handle.".to_owned(),
        ErrorCode::NoOwnerYet => {
            "The server has no owner yet. `vivavoce admin invite` makes a new owner link.".to_owned()
        }
        // Between our question and its answer.
        ErrorCode::NotNow => "The server has just got its owner. Ask again for an invitation.".to_owned(),
        ErrorCode::NoInviteLeft => {
            "As many invitations of the owner are open as the server keeps. Some have to be used, \
                                    taken back in the owner's settings, or lapse after seven days."
                .to_owned()
        }
        ErrorCode::InvitesPaused => {
            "Invitations of the owner's branch are paused, and so are everybody's. `vivavoce admin branch resume` \
                                     with the owner's handle lets them begin again."
                .to_owned()
        }
        ErrorCode::NotAllowed => "The owner of the server cannot be suspended.".to_owned(),
        ErrorCode::TooMany => "Asked too often; try again later.".to_owned(),
        ErrorCode::Busy => "The server is busy; try again.".to_owned(),
        ErrorCode::Internal => {
            "The server could not read or write its data; its log says more. Is the disk full?".to_owned()
        }
        // Not for this socket: a keeper of this release says none of them here.
        ErrorCode::TooLarge
        | ErrorCode::OutOfOrder
        | ErrorCode::SignedOut
        | ErrorCode::WrongOrigin
        | ErrorCode::Suspended
        | ErrorCode::BadPicture
        | ErrorCode::PersonGone
        | ErrorCode::Full
        | ErrorCode::Locked
        | ErrorCode::NotYet
        | ErrorCode::LinkSpent
        | ErrorCode::HandleTaken
        | ErrorCode::NameTaken
        | ErrorCode::BadName
        | ErrorCode::BadHandle
        | ErrorCode::BadTitle
        | ErrorCode::BadDescription
        | ErrorCode::BadZone
        | ErrorCode::StartPast
        | ErrorCode::StartFar
        | ErrorCode::EventsFull
        | ErrorCode::PasskeyRefused
        | ErrorCode::PasskeyUnknown
        | ErrorCode::PasskeysUnavailable
        | ErrorCode::BadOffer
        | ErrorCode::OwnerStays
        | ErrorCode::Draining
        | ErrorCode::OldClient => {
            "The server did not take that. It may run another release than this command.".to_owned()
        }
    }
}

/// One request, one reply, one connection.
pub(crate) fn ask(config: &Config, request: &AdminRequest) -> Result<AdminAnswer, String> {
    let path = config.data.join(ADMIN_SOCKET);
    let mut socket = UnixStream::connect(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            format!("Only the server's own user may ask: {} cannot be opened.", path.display())
        }
        _ => format!("No server is running with the data directory {}.", config.data.display()),
    })?;
    exchange(&mut socket, request).ok_or_else(|| "The server gave no answer.".to_owned())
}

fn exchange(socket: &mut UnixStream, request: &AdminRequest) -> Option<AdminAnswer> {
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    socket.set_write_timeout(Some(PATIENCE)).ok()?;
    socket.write_all(&keeper_api::encode(request).ok()?).ok()?;
    let mut decoder = keeper_api::Decoder::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(reply) = decoder.pop().ok()? {
            return Some(reply);
        }
        let count = socket.read(&mut buffer).ok().filter(|count| *count > 0)?;
        decoder.push(buffer.get(..count)?);
    }
}
