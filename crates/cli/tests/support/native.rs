//! Somebody with a program instead of a browser, who reaches a server from an address that is theirs alone: what one address
//! may do is counted.
#![allow(dead_code, reason = "each test binary needs some of it")]

use std::net::IpAddr;

use client::api::{ApiError, Link, Origin, Secret, Server as Api, Token, Trust};
use protocol::text::{DisplayName, Handle, ServerName};

/// From this address of the machine.
pub(crate) fn reaches(origin: Origin, trust: &Trust, from: impl Into<IpAddr>) -> Api {
    Api::new(origin, trust).expect("a trust that can be read").from_address(from.into())
}

/// Becomes the owner of a server that is called Home.
pub(crate) async fn claims(api: &Api, link: &Link, called: &str, handle: &str) -> Token {
    let home = ServerName::parse("Home").expect("a name");
    api.claim(&link.secret, home, name(called), handle_of(handle)).await.expect("the owner")
}

/// Comes by an invitation.
pub(crate) async fn comes(
    api: &Api,
    invitation: &Secret,
    called: &str,
    handle: &str,
) -> Result<Token, ApiError> {
    api.accept_invite(invitation, name(called), handle_of(handle)).await
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).expect("a name")
}

pub(crate) fn handle_of(text: &str) -> Handle {
    Handle::parse(text).expect("a handle")
}
