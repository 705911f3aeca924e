//! From the owner's link to the last session.

use keeper_api::parent::FromKeeper;
use keeper_api::{
    LinkSecret, MemberRequest, Push, RecoveryCode, Reply, Request, SessionToken, SignInSecret, Typed,
};
use protocol::ErrorCode;
use protocol::account::{DeviceLabel, DoorState, InviteState, Role};
use protocol::id::SessionId;
use protocol::limits::{INVITE_ALLOWANCE, INVITE_USES_MAX, RECOVERY_CODES, SESSIONS_MAX};

use crate::bench::{House, Server, handle, name, start};

#[test]
fn a_new_server_waits_for_its_owner_and_opens_when_it_is_claimed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::run(start(&folder.path().join("data")));
    let link = server.ready().expect("a link to print");
    let mut live = server.live();
    assert_eq!(live.greet(None).door.state, DoorState::WaitingForOwner);

    assert_eq!(live.claim(LinkSecret::from_random([0; 16]), "ann"), Err(ErrorCode::LinkSpent));
    let ann = live.claim(link.clone(), "ann").expect("claimed");
    assert_eq!((ann.me.role, ann.me.invites_left), (Role::Owner, INVITE_USES_MAX));
    assert!(matches!(live.pushes.as_slice(), [Push::DoorChanged(door)] if door.state == DoorState::Open
            && door.name.as_ref().is_some_and(|name| name.as_str() == "The Kitchen")));
    assert_eq!(server.word(), FromKeeper::Owner(None), "nothing left to print");
    assert_eq!(live.claim(link, "ben"), Err(ErrorCode::LinkSpent));
    assert!(matches!(live.check(&ann.session), Ok(Reply::Session(held)) if held.me == ann.me));
    server.stop();
}

#[test]
fn an_invited_person_gets_an_account_and_may_invite_a_few() {
    let mut house = House::of("ann");
    let link = house.live.invite(&house.owner.session);
    let Ok(Reply::InvitePreview(preview)) =
        house.live.ask(Request::PreviewInvite { secret: link.secret.clone() })
    else {
        panic!("a preview")
    };
    assert_eq!((preview.inviter.as_str(), preview.server.as_str()), ("ann", "The Kitchen"));
    assert_eq!(
        house.live.accept(link.secret.clone(), "ann"),
        Err(ErrorCode::HandleTaken),
        "and nothing is used up"
    );
    let ben = house.live.accept(link.secret, "ben").expect("accepted");
    assert_eq!((ben.me.role, ben.inviter.clone()), (Role::Member, Some(handle("ann"))));
    assert_eq!(ben.me.invites_left, INVITE_ALLOWANCE);
    assert_eq!(ben.greeter, Some(house.owner.me.id), "it was for one person");

    let few = MemberRequest::CreateInvite { uses: INVITE_ALLOWANCE, note: Some(name("the band")) };
    let band = house.live.link(&ben.session, few.clone());
    assert_eq!(house.live.ask_for(&ben.session, few), Err(ErrorCode::NoInviteLeft));
    let Ok(Reply::Invites(mine)) = house.live.ask_for(&ben.session, MemberRequest::ListInvites) else {
        panic!("a list")
    };
    assert_eq!((mine[0].state, mine[0].note.clone()), (InviteState::Open, Some(name("the band"))));
    let cat = house.live.accept(band.secret, "cat").expect("accepted");
    assert_eq!((cat.inviter, cat.greeter), (Some(handle("ben")), None), "nobody greets a crowd one by one");
    for uses in [0, INVITE_USES_MAX + 1] {
        let odd = MemberRequest::CreateInvite { uses, note: None };
        assert_eq!(house.live.ask_for(&house.owner.session, odd), Err(ErrorCode::Malformed));
    }
    house.server.stop();
}

#[test]
fn a_link_that_is_wrong_used_taken_back_or_for_something_else_gets_one_and_the_same_answer() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let used = house.live.invite(&owner);
    house.live.accept(used.secret.clone(), "ben").expect("accepted");
    let taken_back = house.live.invite(&owner);
    let invite = taken_back.invite.expect("its id");
    assert_eq!(house.live.ask_for(&owner, MemberRequest::RevokeInvite { invite }), Ok(Reply::Done));
    let device = house.live.link(&owner, MemberRequest::CreateDeviceLink);
    let unknown = LinkSecret::from_random([3; 16]);

    for secret in [used.secret, taken_back.secret, device.secret, unknown.clone()] {
        let preview = house.live.ask(Request::PreviewInvite { secret: secret.clone() });
        assert_eq!(preview, Err(ErrorCode::LinkSpent));
        assert_eq!(house.live.accept(secret.clone(), "mo"), Err(ErrorCode::LinkSpent));
        assert_eq!(house.live.claim(secret, "mo"), Err(ErrorCode::LinkSpent));
    }
    let open = house.live.invite(&owner);
    for secret in [open.secret, unknown] {
        let sign_in =
            Request::SignInByLink { secret: SignInSecret::Link(secret), device: DeviceLabel::Other };
        assert_eq!(house.live.ask(sign_in), Err(ErrorCode::LinkSpent));
    }
    for (who, code) in [("ann", [1; 10]), ("nobody", [1; 10]), ("not a handle!", [1; 10]), ("", [0; 10])] {
        let sign_in = Request::SignInByRecoveryCode {
            handle: Typed::new(who).expect("short"),
            code: RecoveryCode::from_random(code),
            device: DeviceLabel::Other,
        };
        assert_eq!(house.live.ask(sign_in), Err(ErrorCode::LinkSpent), "{who}");
    }
    house.server.stop();
}

#[test]
fn two_handles_that_look_the_same_cannot_both_exist() {
    let mut house = House::of("coco");
    let link = house.live.invite(&house.owner.session);
    for lookalike in ["coco", "сосо", "c0c0", "ＣＯＣＯ"] {
        assert_eq!(house.live.accept(link.secret.clone(), lookalike), Err(ErrorCode::HandleTaken));
    }
    house.live.accept(link.secret, "coco2").expect("different enough");
    house.server.stop();
}

#[test]
fn a_revoked_session_is_ended_before_the_answer_that_says_so() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let link = house.live.link(&owner, MemberRequest::CreateDeviceLink);
    let phone = house
        .live
        .sign_in(Request::SignInByLink {
            secret: SignInSecret::Link(link.secret),
            device: DeviceLabel::AppleMobile,
        })
        .expect("signed in");
    let Ok(Reply::SessionList(sessions)) = house.live.ask_for(&owner, MemberRequest::ListSessions) else {
        panic!("a list")
    };
    let devices: Vec<_> = sessions.iter().map(|one| (one.device, one.current)).collect();
    assert!(
        devices.contains(&(DeviceLabel::AppleMobile, false)) && devices.contains(&(DeviceLabel::Linux, true))
    );

    house.live.pushes.clear();
    let session = phone.me.session;
    assert_eq!(house.live.ask_for(&owner, MemberRequest::RevokeSession { session }), Ok(Reply::Done));
    let (ended, told) =
        (Push::SessionEnded { session, member: phone.me.id }, Push::AccountChanged { member: phone.me.id });
    assert_eq!(house.live.pushes, [ended, told]);
    assert_eq!(house.live.check(&phone.session), Err(ErrorCode::SignedOut));
    assert_eq!(
        house.live.ask(Request::WhichEnded { sessions: vec![session, house.owner.me.session] }),
        Ok(Reply::Sessions(vec![session]))
    );
    assert_eq!(
        house.live.ask_for(&owner, MemberRequest::RevokeSession { session }),
        Err(ErrorCode::NotThere)
    );

    let ben = house.join("ben");
    let not_mine = MemberRequest::RevokeSession { session: house.owner.me.session };
    assert_eq!(house.live.ask_for(&ben.session, not_mine), Err(ErrorCode::NotThere));
    house.live.pushes.clear();
    assert_eq!(house.live.ask_for(&ben.session, MemberRequest::SignOut), Ok(Reply::Done));
    assert_eq!(
        house.live.pushes,
        [
            Push::SessionEnded { session: ben.me.session, member: ben.me.id },
            Push::AccountChanged { member: ben.me.id }
        ],
        "signing out ends one's sockets too"
    );
    assert_eq!(house.live.ask_for(&ben.session, MemberRequest::ListSessions), Err(ErrorCode::SignedOut));
    house.server.stop();
}

#[test]
fn all_other_sessions_can_be_ended_at_once_and_too_many_push_the_oldest_out() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let mut latest = owner.clone();
    for _ in 0..SESSIONS_MAX {
        let link = house.live.link(&latest, MemberRequest::CreateDeviceLink);
        let request =
            Request::SignInByLink { secret: SignInSecret::Link(link.secret), device: DeviceLabel::Mac };
        latest = house.live.sign_in(request).expect("signed in").session;
    }
    let ended = |pushes: &[Push]| -> Vec<SessionId> {
        pushes
            .iter()
            .filter_map(|push| match push {
                Push::SessionEnded { session, .. } => Some(*session),
                _ => None,
            })
            .collect()
    };
    assert_eq!(ended(&house.live.pushes).len(), 1, "one too many");
    house.live.pushes.clear();
    assert_eq!(house.live.ask_for(&latest, MemberRequest::RevokeOtherSessions), Ok(Reply::Done));
    assert_eq!(ended(&house.live.pushes).len(), SESSIONS_MAX - 1);
    assert!(house.live.check(&latest).is_ok());
    house.server.stop();
}

#[test]
fn recovery_codes_are_shown_once_work_once_and_are_void_once_there_are_new_ones() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let codes = |house: &mut House| match house.live.ask_for(&owner, MemberRequest::MakeRecoveryCodes) {
        Ok(Reply::RecoveryCodes(made)) => made.codes,
        other => panic!("{other:?}"),
    };
    let sign_in = |house: &mut House, code: &str| {
        house.live.sign_in(Request::SignInByRecoveryCode {
            handle: Typed::new(" @Ann ").expect("short"),
            code: RecoveryCode::parse(code).expect("a code"),
            device: DeviceLabel::Windows,
        })
    };
    let first = codes(&mut house);
    assert_eq!(first.len(), RECOVERY_CODES);
    assert!(first.iter().all(|code| code.len() == 19), "80 bits in four groups: {first:?}");
    let back = sign_in(&mut house, &first[0].to_lowercase().replace('-', " ")).expect("in again");
    assert_eq!((back.me.id, back.me.recovery_codes), (house.owner.me.id, 7));
    assert_eq!(sign_in(&mut house, &first[0]), Err(ErrorCode::LinkSpent), "used");
    let second = codes(&mut house);
    assert_eq!(sign_in(&mut house, &first[1]), Err(ErrorCode::LinkSpent), "void");
    assert!(sign_in(&mut house, &second[1]).is_ok());
    house.server.stop();
}

#[test]
fn people_find_follow_and_rename() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let ben = house.join("ben");
    house.live.pushes.clear();

    let Ok(Reply::Profile(seen)) =
        house.live.ask_for(&ben.session, MemberRequest::Follow { handle: handle("ann") })
    else {
        panic!("a profile")
    };
    assert!(seen.followed && !seen.follows_me);
    let told = [
        Push::FollowingChanged { member: ben.me.id },
        Push::AccountChanged { member: ben.me.id },
        Push::AccountChanged { member: house.owner.me.id },
    ];
    assert_eq!(house.live.pushes, told);
    assert_eq!(
        house.live.ask(Request::Following { member: ben.me.id }),
        Ok(Reply::Members(vec![house.owner.me.id]))
    );
    house.live.pushes.clear();
    house.live.ask_for(&ben.session, MemberRequest::Follow { handle: handle("ann") }).expect("again");
    assert_eq!(house.live.pushes, [], "nothing changed");
    for (who, code) in [("ben", ErrorCode::NotAllowed), ("mo", ErrorCode::NotThere)] {
        let follow = MemberRequest::Follow { handle: handle(who) };
        assert_eq!(house.live.ask_for(&ben.session, follow), Err(code));
    }

    let renamed = house.live.ask_for(&ben.session, MemberRequest::Rename { name: name("Benjamin") });
    assert!(matches!(renamed, Ok(Reply::Me(me)) if me.name == name("Benjamin") && me.id == ben.me.id));
    assert!(
        matches!(house.live.pushes.as_slice(), [Push::MemberChanged(person)] if person.name == name("Benjamin"))
    );
    let find = MemberRequest::FindPeople {
        text: Typed::new("benj").expect("short"),
        among: keeper_api::Among::Everybody,
    };
    let Ok(Reply::Profiles(found)) = house.live.ask_for(&owner, find) else { panic!("people") };
    assert!(found[0].handle == handle("ben") && found[0].follows_me && !found[0].followed);
    let profile = house.live.ask_for(&owner, MemberRequest::Profile { handle: handle("mo") });
    assert_eq!(profile, Err(ErrorCode::NotThere));
    let resolve = Request::Resolve { asker: house.owner.me.id, handles: vec![handle("mo"), handle("ben")] };
    assert!(
        matches!(house.live.ask(resolve), Ok(Reply::People(people)) if people.len() == 1 && people[0].id == ben.me.id)
    );
    house.live.ask_for(&ben.session, MemberRequest::Unfollow { handle: handle("ann") }).expect("unfollowed");
    assert_eq!(house.live.ask(Request::Following { member: ben.me.id }), Ok(Reply::Members(vec![])));
    house.server.stop();
}

#[test]
fn nobody_asks_anything_without_a_session() {
    let mut house = House::of("ann");
    let stranger = SessionToken::from_random([9; 32]);
    for request in [
        MemberRequest::ListSessions,
        MemberRequest::MakeRecoveryCodes,
        MemberRequest::CreateInvite { uses: 1, note: None },
        MemberRequest::CreateDeviceLink,
        MemberRequest::StartPasskey,
        MemberRequest::Follow { handle: handle("ann") },
    ] {
        assert_eq!(house.live.ask_for(&stranger, request), Err(ErrorCode::SignedOut));
    }
    house.server.stop();
}

#[test]
fn whoever_asks_too_often_waits() {
    let mut house = House::of("ann");
    let owner = house.owner.session.clone();
    let mut answers =
        (0..50).map(|_| house.live.ask_for(&owner, MemberRequest::MakeRecoveryCodes)).collect::<Vec<_>>();
    assert!(answers[0].is_ok());
    assert_eq!(answers.pop(), Some(Err(ErrorCode::TooMany)));
    assert!(house.live.check(&owner).is_ok(), "and is otherwise well");
    house.server.stop();
}
