//! `vivavoce admin …`, as the shell does it.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use keeper_api::admin::{ADMIN_SOCKET, AdminAnswer, AdminReply, AdminRequest};
use keeper_api::parent::FromKeeper;
use keeper_api::{Decoder, Request, SignInSecret, encode};
use protocol::ErrorCode;
use protocol::account::{DeviceLabel, LinkKind, Role};

use crate::bench::{House, Server, handle, start};

pub(crate) fn ask(data: &Path, request: &AdminRequest) -> AdminReply {
    let mut socket = UnixStream::connect(data.join(ADMIN_SOCKET)).expect("the server runs");
    socket.write_all(&encode(request).expect("small")).expect("sent");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("answered");
    let mut decoder = Decoder::new();
    decoder.push(&answer);
    let AdminAnswer { server, reply } = decoder.pop().expect("understood").expect("whole");
    assert_eq!(server.as_str(), "http://localhost:8080");
    reply
}

#[test]
fn the_shell_makes_a_new_owner_link_while_the_server_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut server = Server::run(start(&data));
    let old = server.ready().expect("a link");
    let AdminReply::Link { kind: LinkKind::Owner, secret, .. } =
        ask(&data, &AdminRequest::Invite { uses: 1 })
    else {
        panic!("a link")
    };
    assert_eq!(server.word(), FromKeeper::Owner(Some(secret.clone())));
    let mut live = server.live();
    live.greet(None);
    assert_eq!(live.claim(old, "ann"), Err(ErrorCode::LinkSpent));
    live.claim(secret, "ann").expect("claimed");
    server.stop();
}

#[test]
fn the_shell_invites_lists_and_signs_in() {
    let mut house = House::of("ann");
    let AdminReply::Link { kind: LinkKind::Invite, secret, .. } =
        ask(&house.data(), &AdminRequest::Invite { uses: 2 })
    else {
        panic!("a link")
    };
    let ben = house.live.accept(secret.clone(), "ben").expect("accepted");
    house.live.accept(secret, "mo").expect("accepted");

    let AdminReply::Members(members) = ask(&house.data(), &AdminRequest::ListMembers { after: None }) else {
        panic!("a list")
    };
    let lines: Vec<_> = members.iter().map(|one| (one.handle.as_str(), one.role)).collect();
    assert_eq!(lines, [("ann", Role::Owner), ("ben", Role::Member), ("mo", Role::Member)]);
    assert_eq!(members[1].invited_by, Some(handle("ann")));
    let after = AdminRequest::ListMembers { after: Some(handle("mo")) };
    assert_eq!(ask(&house.data(), &after), AdminReply::Members(vec![]));

    let AdminReply::Link { kind: LinkKind::SignIn, secret, .. } =
        ask(&house.data(), &AdminRequest::SigninLink { handle: handle("ben") })
    else {
        panic!("a link")
    };
    let sign_in = Request::SignInByLink { secret: SignInSecret::Link(secret), device: DeviceLabel::Terminal };
    assert_eq!(house.live.sign_in(sign_in).expect("signed in").me.id, ben.me.id);
    let nobody = AdminRequest::SigninLink { handle: handle("nobody") };
    assert_eq!(ask(&house.data(), &nobody), AdminReply::Refused(ErrorCode::NotThere));
    assert_eq!(
        ask(&house.data(), &AdminRequest::Invite { uses: 0 }),
        AdminReply::Refused(ErrorCode::Malformed)
    );
    house.server.stop();
}

#[test]
fn noise_on_the_socket_is_dropped_and_the_next_one_is_served() {
    let house = House::of("ann");
    let mut socket = UnixStream::connect(house.data().join(ADMIN_SOCKET)).expect("the server runs");
    socket.write_all(&[255; 64]).expect("sent");
    let mut answer = Vec::new();
    let end = socket.read_to_end(&mut answer);
    assert!(matches!(end, Ok(0)) || end.is_err(), "closed without a word");
    assert!(matches!(
        ask(&house.data(), &AdminRequest::ListMembers { after: None }),
        AdminReply::Members(members) if members.len() == 1
    ));
    house.server.stop();
}
