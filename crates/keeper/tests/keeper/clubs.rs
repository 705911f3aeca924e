//! Clubs, as `live` asks for them: who is told of what, and what a room hears of its club.

use keeper_api::{ClubRequest, ClubRoll, MemberRequest, Push, Reply, Request, SessionToken};
use protocol::ErrorCode;
use protocol::club::{
    BanPeriod, ClubAct, ClubCharter, ClubDoor, ClubFollowing, ClubPage, ClubRules, ClubStanding, RoomStarters,
};
use protocol::id::{ClubId, MemberId};
use protocol::text::ClubName;

use crate::bench::{House, Live, handle};

fn charter(name: &str) -> ClubCharter {
    ClubCharter {
        name: ClubName::parse(name).expect("a name"),
        about: None,
        door: ClubDoor::Request,
        rules: ClubRules::default(),
        starters: RoomStarters::Members,
        following: ClubFollowing::Anybody,
    }
}

fn ask(live: &mut Live, who: &SessionToken, request: ClubRequest) -> Result<Reply, ErrorCode> {
    live.ask_for(who, MemberRequest::Club(request))
}

fn page(live: &mut Live, who: &SessionToken, request: ClubRequest) -> ClubPage {
    match ask(live, who, request) {
        Ok(Reply::ClubPage(page)) => *page,
        other => panic!("{other:?}"),
    }
}

fn roll(live: &mut Live, club: ClubId) -> Option<ClubRoll> {
    match live.ask(Request::ClubRoll { club }) {
        Ok(Reply::ClubRoll(roll)) => roll.map(|roll| *roll),
        other => panic!("{other:?}"),
    }
}

/// Whose screens were told since, and whether rooms of the club were.
fn told(live: &mut Live, club: ClubId) -> (Vec<MemberId>, bool) {
    let mut members: Vec<MemberId> = Vec::new();
    for push in &live.pushes {
        if let Push::ClubsChanged { members: told } = push {
            members.extend(told);
        }
    }
    members.sort();
    members.dedup();
    let rooms = live.pushes.contains(&Push::ClubChanged { club });
    live.pushes.clear();
    (members, rooms)
}

fn sorted(mut members: Vec<MemberId>) -> Vec<MemberId> {
    members.sort();
    members
}

#[test]
fn whoever_it_is_about_hears_of_it_and_so_do_rooms_of_the_club() {
    let mut house = House::of("ann");
    let (ben, cat) = (house.join("ben"), house.join("cat"));
    let (ann, owner) = (house.owner.session.clone(), house.owner.me.id);
    let live = &mut house.live;
    let club = page(live, &ann, ClubRequest::Found { charter: charter("Jazz") }).club.id;
    assert_eq!(told(live, club), (vec![owner], true));
    let join = || ClubRequest::Join { club, rules: ClubRules::default() };
    page(live, &ben.session, join());
    assert_eq!(told(live, club), (sorted(vec![owner, ben.me.id]), true), "who lets in is asked");
    let act = |act| ClubRequest::Act { club, handle: handle("ben"), act };
    assert_eq!(ask(live, &cat.session, act(ClubAct::LetIn)), Err(ErrorCode::NotAllowed));
    page(live, &ann, act(ClubAct::LetIn));
    assert_eq!(told(live, club), (sorted(vec![owner, ben.me.id]), true));
    assert_eq!(page(live, &ben.session, ClubRequest::Page { club }).club.standing, ClubStanding::Member);
    assert_eq!(told(live, club), (vec![], false), "to look changes nothing");
    page(live, &cat.session, ClubRequest::Follow { club });

    let known = roll(live, club).expect("there");
    assert_eq!((known.people.len(), known.banned.len()), (3, 0));
    let ban = |by, member| Request::BanFromClub { club, by, member, period: BanPeriod::Week };
    assert_eq!(
        live.ask(ban(ben.me.id, cat.me.id)),
        Err(ErrorCode::NotAllowed),
        "no admin, whatever a room says"
    );
    assert_eq!(live.ask(ban(owner, owner)), Err(ErrorCode::NotAllowed));
    assert_eq!(live.ask(ban(owner, ben.me.id)), Ok(Reply::Done));
    let known = roll(live, club).expect("there");
    assert_eq!((known.people.len(), known.banned), (2, vec![ben.me.id]));
    assert_eq!(ask(live, &ben.session, ClubRequest::Page { club }), Err(ErrorCode::NotThere));
    assert_eq!(ask(live, &ben.session, join()), Err(ErrorCode::NotThere));

    told(live, club);
    let name = ClubName::parse("Jazz").expect("a name");
    assert_eq!(ask(live, &ann, ClubRequest::Dissolve { club, name }), Ok(Reply::Done));
    assert_eq!(told(live, club), (sorted(vec![owner, cat.me.id]), true));
    assert_eq!(roll(live, club), None);
    house.server.stop();
}

#[test]
fn a_name_that_is_taken_costs_nobody_their_tries() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    let live = &mut house.live;
    page(live, &ann, ClubRequest::Found { charter: charter("Jazz") });
    for _ in 0..20 {
        let taken = ask(live, &ben.session, ClubRequest::Found { charter: charter("jazz") });
        assert_eq!(taken, Err(ErrorCode::NameTaken));
    }
    page(live, &ben.session, ClubRequest::Found { charter: charter("Folk") });
    house.server.stop();
}
