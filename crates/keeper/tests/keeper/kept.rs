//! What is kept about somebody, told to nobody else, and erased.

use keeper_api::admin::{AdminReply, AdminRequest};
use keeper_api::limits::KEPT_PAGE;
use keeper_api::{
    EventRequest, KeptPeople, MemberRequest, PictureJpeg, Push, Reply, Request, SessionToken, SignInSecret,
    Typed, Whose,
};
use protocol::ErrorCode;
use protocol::account::DeviceLabel;
use protocol::event::{EventDraft, Going};
use protocol::kept::Kept;

use crate::admin;
use crate::authenticator::Authenticator;
use crate::bench::{House, Live, handle, name};
use crate::events::{draft, one};
use crate::passkeys::save;

fn kept(live: &mut Live, session: &SessionToken) -> Kept {
    match live.ask_for(session, MemberRequest::Kept) {
        Ok(Reply::Kept(kept)) => *kept,
        other => panic!("{other:?}"),
    }
}

fn people(live: &mut Live, session: &SessionToken, which: KeptPeople) -> Vec<String> {
    match live.ask_for(session, MemberRequest::KeptPeople { which, after: None }) {
        Ok(Reply::Handles(handles)) => handles.iter().map(|handle| handle.as_str().to_owned()).collect(),
        other => panic!("{other:?}"),
    }
}

fn jpeg(bytes: &str) -> PictureJpeg {
    PictureJpeg::try_from(bytes.as_bytes().to_vec()).expect("small")
}

fn erase(live: &mut Live, session: &SessionToken, typed: &str) -> Result<Reply, ErrorCode> {
    live.ask_for(session, MemberRequest::Erase { handle: Typed::new(typed).expect("short") })
}

/// What changes of what is kept about Ben, by him and by Cat, who announces something with him.
fn something_of_events(live: &mut Live, step: usize, ben: &SessionToken, cat: &SessionToken) {
    let with_ben = EventDraft { speakers: vec![handle("ben")], ..draft() };
    let request = match step {
        17 => EventRequest::Announce(draft()),
        18 => return drop(one(live, cat, EventRequest::Announce(with_ben)).expect("announced")),
        19 => EventRequest::Go { event: kept(live, ben).event_parts[0].event, going: Going::Yes },
        _ => EventRequest::MakeCalendar,
    };
    drop(live.ask_for(ben, MemberRequest::Event(request)).expect("done"));
}

#[test]
fn whatever_changes_of_what_is_kept_about_somebody_is_told_to_their_screens() {
    let mut house = House::of("ann");
    let (ben, cat) = (house.join("ben"), house.join("cat"));
    let live = &mut house.live;
    let told = |live: &mut Live| {
        let told = live.pushes.iter().any(|push| match push {
            Push::AccountChanged { member } => *member == ben.me.id,
            Push::MemberChanged(person) => person.id == ben.me.id,
            Push::Erased { tied, .. } => tied.contains(&ben.me.id),
            _ => false,
        });
        live.pushes.clear();
        told
    };
    let mut finger = Authenticator::at("http://localhost:8080");
    let mut before = kept(live, &ben.session);
    let mut follows = people(live, &ben.session, KeptPeople::Followed);
    let mut invited = people(live, &ben.session, KeptPeople::Invited);
    let mut link = None;
    let mut changes = 0;
    for step in 0..22 {
        live.pushes.clear();
        let bens = |live: &mut Live, request| live.ask_for(&ben.session, request).expect("done");
        match step {
            0 => drop(bens(live, MemberRequest::Rename { name: name("Benjamin") })),
            1 => drop(bens(live, MemberRequest::MakeRecoveryCodes)),
            2 => drop(save(live, &ben.session, &mut finger).expect("saved")),
            3 => link = Some(live.link(&ben.session, MemberRequest::CreateDeviceLink).secret),
            4 => {
                let secret = SignInSecret::Link(link.take().expect("made before"));
                let request = Request::SignInByLink { secret, device: DeviceLabel::Android };
                live.sign_in(request).expect("signed in");
            }
            5 => drop(bens(live, MemberRequest::RevokeOtherSessions)),
            6 => link = Some(live.invite(&ben.session).secret),
            7 => drop(live.accept(link.take().expect("made before"), "dan").expect("accepted")),
            8 => drop(bens(live, MemberRequest::RevokeInvite { invite: before.invites[0].id })),
            9 => drop(bens(live, MemberRequest::RemovePasskey { passkey: before.passkeys[0].id })),
            10 => drop(bens(live, MemberRequest::Follow { handle: handle("cat") })),
            11 => drop(bens(live, MemberRequest::Unfollow { handle: handle("cat") })),
            12 => drop(
                live.ask_for(&cat.session, MemberRequest::Follow { handle: handle("ben") }).expect("done"),
            ),
            13 => drop(
                live.ask_for(&cat.session, MemberRequest::Unfollow { handle: handle("ben") }).expect("done"),
            ),
            14 => drop(
                live.ask_for(&cat.session, MemberRequest::Follow { handle: handle("ben") }).expect("done"),
            ),
            15 => drop(bens(live, MemberRequest::SetPicture { jpeg: jpeg("a face") })),
            16 => drop(bens(live, MemberRequest::RemovePicture)),
            17..21 => something_of_events(live, step, &ben.session, &cat.session),
            _ => drop(erase(live, &cat.session, "cat").expect("erased")),
        }
        assert!(told(live), "step {step}");
        let now = (kept(live, &ben.session), people(live, &ben.session, KeptPeople::Followed));
        let came = people(live, &ben.session, KeptPeople::Invited);
        changes += usize::from((&now.0, &now.1, &came) != (&before, &follows, &invited));
        (before, follows) = now;
        invited = came;
    }
    assert_eq!(changes, 22, "each of them changed something");

    for quiet in
        [MemberRequest::ListSessions, MemberRequest::Kept, MemberRequest::Profile { handle: handle("ann") }]
    {
        live.ask_for(&ben.session, quiet).expect("answered");
    }
    assert!(!told(live), "looking changes nothing");
    house.server.stop();
}

#[test]
fn of_whoever_erases_their_account_every_session_ends_at_once_before_the_answer() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let link = house.live.link(&ben.session, MemberRequest::CreateDeviceLink).secret;
    let request = Request::SignInByLink { secret: SignInSecret::Link(link), device: DeviceLabel::Android };
    let phone = house.live.sign_in(request).expect("signed in");
    house.live.ask_for(&house.owner.session, MemberRequest::Follow { handle: handle("ben") }).expect("done");
    house.live.check(&phone.session).expect("known from here on");

    for typed in ["", "be", "ann", "benn"] {
        assert_eq!(erase(&mut house.live, &ben.session, typed), Err(ErrorCode::NotAllowed), "{typed}");
    }
    house.live.check(&ben.session).expect("nothing has happened");
    house.live.pushes.clear();
    assert_eq!(erase(&mut house.live, &phone.session, " @Ben "), Ok(Reply::Done));
    let mut ended: Vec<_> = house
        .live
        .pushes
        .iter()
        .filter_map(|push| match push {
            Push::SessionEnded { session, member } if *member == ben.me.id => Some(*session),
            _ => None,
        })
        .collect();
    ended.sort();
    let mut sessions = [ben.me.session, phone.me.session];
    sessions.sort();
    assert_eq!(ended, sessions);
    let erased = Push::Erased { member: ben.me.id, tied: vec![house.owner.me.id] };
    assert_eq!(house.live.pushes.last(), Some(&erased), "after the word that they ended");
    for session in [&ben.session, &phone.session] {
        assert_eq!(house.live.check(session), Err(ErrorCode::SignedOut));
        assert_eq!(house.live.ask_for(session, MemberRequest::Kept), Err(ErrorCode::SignedOut));
    }
    assert_eq!(house.live.ask(Request::Following { member: house.owner.me.id }), Ok(Reply::Members(vec![])));
    let again = house.join("ben");
    assert_ne!(again.me.id, ben.me.id, "the handle is free");
    house.server.stop();
}

#[test]
fn the_owner_is_told_that_they_stay_and_the_shell_makes_somebody_else_the_owner() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    assert_eq!(erase(&mut house.live, &ann, "ann"), Err(ErrorCode::OwnerStays));
    house.live.check(&ann).expect("nothing has happened");
    let owner = |who| AdminRequest::MakeOwner { handle: handle(who) };
    let nobody = admin::ask(&house.data(), &owner("nobody"));
    assert_eq!(nobody, AdminReply::Refused(ErrorCode::NotThere));
    assert_eq!(admin::ask(&house.data(), &owner("ben")), AdminReply::Done);
    assert_eq!(erase(&mut house.live, &ann, "ann"), Ok(Reply::Done));
    assert_eq!(erase(&mut house.live, &ben.session, "ben"), Err(ErrorCode::OwnerStays));
    house.live.invite(&ben.session);
    house.server.stop();
}

#[test]
fn people_whom_a_page_has_no_room_for_are_on_the_next() {
    let mut house = House::of("ann");
    let ann = house.owner.session.clone();
    for who in ["cat", "ben"] {
        house.join(who);
    }
    let which = KeptPeople::Invited;
    assert_eq!(people(&mut house.live, &ann, which), ["ben", "cat"]);
    let after = Some(handle("ben"));
    let rest = house.live.ask_for(&ann, MemberRequest::KeptPeople { which, after });
    assert_eq!(rest, Ok(Reply::Handles(vec![handle("cat")])));
    const { assert!(KEPT_PAGE > 2) };
    house.server.stop();
}

#[test]
fn a_picture_has_another_address_each_time_it_changes_and_whoever_shows_people_is_told() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    let live = &mut house.live;
    let put = |live: &mut Live, bytes| match live
        .ask_for(&ben.session, MemberRequest::SetPicture { jpeg: jpeg(bytes) })
    {
        Ok(Reply::Me(me)) => me.picture.expect("a picture"),
        other => panic!("{other:?}"),
    };
    let (first, second) = (put(live, "one"), put(live, "two"));
    assert_ne!(first, second);
    let look = |live: &mut Live, picture| live.ask_for(&ann, MemberRequest::Picture { picture });
    assert_eq!(look(live, first), Err(ErrorCode::NotThere));
    let two = Reply::Picture { whose: Whose::Member(ben.me.id), jpeg: jpeg("two") };
    assert_eq!(look(live, second), Ok(two));
    let Ok(Reply::Session(session)) = live.check(&ben.session) else { panic!("signed in") };
    assert_eq!(session.me.picture, Some(second), "whatever was remembered of him");
    live.ask_for(&ben.session, MemberRequest::RemovePicture).expect("taken away");
    assert_eq!(look(live, second), Err(ErrorCode::NotThere));
    let told: Vec<_> = live
        .pushes
        .iter()
        .filter_map(|push| match push {
            Push::PictureChanged { member, picture } if *member == ben.me.id => Some(*picture),
            _ => None,
        })
        .collect();
    assert_eq!(told, [Some(first), Some(second), None]);
    let tries = (0..40)
        .map(|_| live.ask_for(&ben.session, MemberRequest::SetPicture { jpeg: jpeg("again and again") }));
    assert!(tries.into_iter().any(|answer| answer == Err(ErrorCode::TooMany)), "not for ever");
    house.server.stop();
}
