//! Clubs: who comes in, who keeps order, and to whom they go.

use protocol::club::{
    BanPeriod, ClubAct, ClubCharter, ClubDoor, ClubFollowing, ClubList, ClubRules, ClubStanding, RoomStarters,
};
use protocol::id::{ClubId, MemberId, PictureId};
use protocol::limits::{CLUBS_EACH_MAX, CLUBS_OWNED_MAX};
use protocol::text::{ClubName, ClubRule};
use store::{Day, StoreError};

use crate::common::{Bench, NOW, TODAY, handle};

pub(crate) fn charter(name: &str, door: ClubDoor) -> ClubCharter {
    ClubCharter {
        name: ClubName::parse(name).expect("a name"),
        about: None,
        door,
        rules: ClubRules::try_from(vec![ClubRule::parse("Listen first").expect("a rule")]).expect("one"),
        starters: RoomStarters::Admins,
        following: ClubFollowing::Anybody,
    }
}

/// Ann's club, and Ann, Ben and Cat.
struct Scene {
    bench: Bench,
    club: ClubId,
    ann: MemberId,
    ben: MemberId,
    cat: MemberId,
}

impl Scene {
    async fn of(door: ClubDoor) -> Self {
        let (bench, owner) = Bench::with_owner("owner").await;
        let mut people = Vec::new();
        for who in ["ann", "ben", "cat"] {
            people.push(bench.join(owner, who).await);
        }
        let (club, [ann, ben, cat]) = (ClubId([1; 16]), [people[0], people[1], people[2]]);
        bench.store.found_club(ann, club, &charter("Jazz", door), TODAY).await.expect("founded");
        Self { bench, club, ann, ben, cat }
    }

    async fn join(&self, who: MemberId) -> Result<ClubStanding, StoreError> {
        let rules = charter("Jazz", ClubDoor::Open).rules;
        self.bench.store.join_club(who, self.club, &rules, TODAY).await?;
        self.standing(who).await
    }

    async fn standing(&self, who: MemberId) -> Result<ClubStanding, StoreError> {
        Ok(self.bench.store.club_page(who, self.club, TODAY).await?.club.standing)
    }

    async fn act(&self, who: MemberId, whom: &str, act: ClubAct) -> Result<MemberId, StoreError> {
        self.bench.store.act_in_club(who, self.club, &handle(whom), act, TODAY).await
    }

    async fn listed(&self, who: MemberId, which: ClubList) -> Result<Vec<String>, StoreError> {
        let people = self.bench.store.club_people(who, self.club, which, None, TODAY).await?;
        Ok(people.into_iter().map(|person| person.profile.handle.into()).collect())
    }
}

#[tokio::test]
async fn two_clubs_cannot_be_taken_for_each_other() {
    let Scene { bench, ben, .. } = Scene::of(ClubDoor::Open).await;
    for other in ["Jazz", "jazz", "JAZZ", "Jаzz", "J azz"] {
        let found =
            bench.store.found_club(ben, ClubId([2; 16]), &charter(other, ClubDoor::Open), TODAY).await;
        assert!(matches!(found, Err(StoreError::NameTaken)), "{other}");
    }
    bench
        .store
        .found_club(ben, ClubId([2; 16]), &charter("Folk", ClubDoor::Open), TODAY)
        .await
        .expect("free");
    let changed =
        bench.store.change_club(ben, ClubId([2; 16]), &charter("jazz", ClubDoor::Open), TODAY).await;
    assert!(matches!(changed, Err(StoreError::NameTaken)));
}

#[tokio::test]
async fn whoever_joins_has_agreed_to_the_rules_of_now() {
    let scene = Scene::of(ClubDoor::Open).await;
    let none = scene.bench.store.join_club(scene.ben, scene.club, &ClubRules::default(), TODAY).await;
    assert!(matches!(none, Err(StoreError::NotNow)));
    assert_eq!(scene.join(scene.ben).await.expect("joined"), ClubStanding::Member);
    let page = scene.bench.store.club_page(scene.ben, scene.club, TODAY).await.expect("there");
    assert_eq!((page.club.members, page.club.starts_rooms), (2, false));
    assert_eq!(page.owner.map(|owner| owner.handle), Some(handle("ann")));
}

#[tokio::test]
async fn a_door_by_request_is_opened_by_an_admin_and_one_by_invitation_from_inside() {
    let scene = Scene::of(ClubDoor::Request).await;
    assert_eq!(scene.join(scene.ben).await.expect("asked"), ClubStanding::Asking);
    assert!(matches!(scene.act(scene.cat, "ben", ClubAct::LetIn).await, Err(StoreError::NotAllowed)));
    assert!(matches!(scene.listed(scene.ben, ClubList::Members).await, Err(StoreError::NotAllowed)));
    assert_eq!(scene.listed(scene.ann, ClubList::Waiting).await.expect("listed"), ["ben"]);
    scene.act(scene.ann, "ben", ClubAct::LetIn).await.expect("let in");
    assert_eq!(scene.listed(scene.ben, ClubList::Members).await.expect("listed"), ["ann", "ben"]);
    assert!(matches!(scene.act(scene.ann, "ben", ClubAct::LetIn).await, Err(StoreError::NotNow)));

    let private = charter("Jazz", ClubDoor::Invitation);
    scene.bench.store.change_club(scene.ann, scene.club, &private, TODAY).await.expect("changed");
    assert!(matches!(scene.join(scene.cat).await, Err(StoreError::NotAllowed)));
    scene.act(scene.ann, "cat", ClubAct::Invite).await.expect("invited");
    assert_eq!(scene.bench.store.clubs_of(scene.cat, TODAY).await.expect("listed").len(), 1);
    assert_eq!(scene.join(scene.cat).await.expect("joined"), ClubStanding::Member);
}

#[tokio::test]
async fn for_somebody_who_is_banned_there_is_no_such_club_until_the_day_is_over() {
    let scene = Scene::of(ClubDoor::Open).await;
    let store = &scene.bench.store;
    scene.join(scene.ben).await.expect("joined");
    scene.act(scene.ann, "ben", ClubAct::Ban(BanPeriod::Day)).await.expect("banned");
    let never = ClubId([9; 16]);
    let [closed, none] = [scene.club, never];
    let rules = charter("Jazz", ClubDoor::Open).rules;
    for club in [closed, none] {
        assert!(matches!(store.club_page(scene.ben, club, TODAY).await, Err(StoreError::NotThere)));
        assert!(matches!(store.join_club(scene.ben, club, &rules, TODAY).await, Err(StoreError::NotThere)));
        assert!(matches!(store.follow_club(scene.ben, club, TODAY).await, Err(StoreError::NotThere)));
        assert!(matches!(store.leave_club(scene.ben, club, TODAY).await, Err(StoreError::NotThere)));
        let listed = store.club_people(scene.ben, club, ClubList::Members, None, TODAY).await;
        assert!(matches!(listed, Err(StoreError::NotThere)));
    }
    assert!(store.find_clubs(scene.ben, "", TODAY).await.expect("read").is_empty());
    let invited = scene.act(scene.ann, "ben", ClubAct::Invite).await;
    assert!(matches!(invited, Err(StoreError::NotNow)), "who is banned is let in by lifting it");
    assert_eq!(scene.listed(scene.ann, ClubList::Banned).await.expect("listed"), ["ben"]);

    let over = Day(TODAY.0 + 2);
    assert!(store.club_page(scene.ben, closed, Day(TODAY.0 + 1)).await.is_err(), "a whole day");
    assert!(store.club_page(scene.ben, closed, over).await.is_ok());
    store.sweep(over.begins()).await.expect("swept");
    assert!(scene.listed(scene.ann, ClubList::Banned).await.expect("listed").is_empty());

    scene.act(scene.ann, "cat", ClubAct::Ban(BanPeriod::ForGood)).await.expect("banned");
    store.sweep(protocol::Timestamp(NOW.0 * 2)).await.expect("swept");
    assert!(matches!(scene.join(scene.cat).await, Err(StoreError::NotThere)));
    scene.act(scene.ann, "cat", ClubAct::LiftBan).await.expect("lifted");
    assert_eq!(scene.join(scene.cat).await.expect("joined"), ClubStanding::Member);
}

#[tokio::test]
async fn a_club_is_handed_over_when_the_other_says_yes() {
    let scene = Scene::of(ClubDoor::Open).await;
    let store = &scene.bench.store;
    for who in [scene.ben, scene.cat] {
        scene.join(who).await.expect("joined");
    }
    let yes = store.take_club_over(scene.ben, scene.club, TODAY).await;
    assert!(matches!(yes, Err(StoreError::NotNow)), "nobody takes what was not offered");
    scene.act(scene.ann, "ben", ClubAct::Offer).await.expect("asked");
    scene.act(scene.ann, "cat", ClubAct::Offer).await.expect("and somebody else instead");
    let yes = store.take_club_over(scene.ben, scene.club, TODAY).await;
    assert!(matches!(yes, Err(StoreError::NotNow)));
    assert_eq!(store.refuse_club(scene.cat, scene.club, TODAY).await.expect("no"), scene.ann);
    scene.act(scene.ann, "cat", ClubAct::Offer).await.expect("asked again");
    assert_eq!(store.take_club_over(scene.cat, scene.club, TODAY).await.expect("yes"), scene.ann);
    assert_eq!(scene.standing(scene.ann).await.expect("there"), ClubStanding::Admin);
    assert_eq!(scene.standing(scene.cat).await.expect("there"), ClubStanding::Owner);
    assert!(matches!(store.leave_club(scene.cat, scene.club, TODAY).await, Err(StoreError::NotAllowed)));
}

#[tokio::test]
async fn the_club_of_somebody_who_erases_their_account_goes_to_the_longest_standing_admin_then_member() {
    let scene = Scene::of(ClubDoor::Open).await;
    let store = &scene.bench.store;
    let rules = charter("Jazz", ClubDoor::Open).rules;
    store.join_club(scene.cat, scene.club, &rules, Day(TODAY.0 - 5)).await.expect("joined first");
    scene.join(scene.ben).await.expect("joined");
    scene.act(scene.ann, "ben", ClubAct::MakeAdmin).await.expect("made");
    let erased = store.erase(scene.ann, 9).await.expect("erased");
    assert!(erased.tied.contains(&scene.ben));
    assert_eq!(scene.standing(scene.ben).await.expect("there"), ClubStanding::Owner);
    store.erase(scene.ben, 9).await.expect("erased");
    assert_eq!(scene.standing(scene.cat).await.expect("there"), ClubStanding::Owner);
    let dan = scene.bench.store.owner().await.expect("read").expect("an owner");
    store.follow_club(dan, scene.club, TODAY).await.expect("followed");
    let erased = store.erase(scene.cat, 9).await.expect("erased");
    assert!(erased.tied.contains(&dan), "who follows it hears that it is gone");
    assert!(store.clubs_of(dan, TODAY).await.expect("read").is_empty());
}

#[tokio::test]
async fn a_dissolved_club_leaves_nothing_and_is_dissolved_by_its_name_alone() {
    let scene = Scene::of(ClubDoor::Open).await;
    let store = &scene.bench.store;
    scene.join(scene.ben).await.expect("joined");
    let picture = PictureId([7; 16]);
    store.put_club_picture(scene.ann, scene.club, Some((picture, b"jpeg")), TODAY).await.expect("put up");
    assert_eq!(store.club_picture(scene.cat, picture, TODAY).await.expect("seen").1, b"jpeg");
    let [wrong, right] = ["Folk", "jazz"].map(|name| ClubName::parse(name).expect("a name"));
    for (who, name) in [(scene.ann, &wrong), (scene.ben, &right)] {
        let refused = store.dissolve_club(who, scene.club, name, TODAY).await;
        assert!(matches!(refused, Err(StoreError::NotAllowed)));
    }
    let mut told = store.dissolve_club(scene.ann, scene.club, &right, TODAY).await.expect("dissolved");
    told.sort();
    let mut both = vec![scene.ann, scene.ben];
    both.sort();
    assert_eq!(told, both);
    assert!(matches!(store.club_picture(scene.cat, picture, TODAY).await, Err(StoreError::NotThere)));
    store
        .found_club(scene.ben, ClubId([3; 16]), &charter("Jazz", ClubDoor::Open), TODAY)
        .await
        .expect("free");
}

#[tokio::test]
async fn following_is_less_than_being_in_it_and_can_be_switched_off() {
    let scene = Scene::of(ClubDoor::Request).await;
    let store = &scene.bench.store;
    store.follow_club(scene.ben, scene.club, TODAY).await.expect("followed");
    assert_eq!(store.club_page(scene.ann, scene.club, TODAY).await.expect("there").followers, 1);
    let off = ClubCharter { following: ClubFollowing::Off, ..charter("Jazz", ClubDoor::Request) };
    store.change_club(scene.ann, scene.club, &off, TODAY).await.expect("changed");
    assert_eq!(scene.standing(scene.ben).await.expect("there"), ClubStanding::Stranger);
    assert!(matches!(store.follow_club(scene.ben, scene.club, TODAY).await, Err(StoreError::NotAllowed)));
}

#[tokio::test]
async fn nobody_runs_or_joins_clubs_without_end() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let found = |who, number: usize| {
        let (id, store) = (ClubId((number as u128 + 1).to_be_bytes()), &bench.store);
        async move {
            store.found_club(who, id, &charter(&format!("Club no {number}"), ClubDoor::Open), TODAY).await
        }
    };
    for number in 0..CLUBS_OWNED_MAX {
        found(ann, number).await.expect("founded");
    }
    assert!(matches!(found(ann, 900).await, Err(StoreError::Full)));
    let mut number = 100;
    for crowd in 0.. {
        if number - 100 >= CLUBS_EACH_MAX {
            break;
        }
        let founder = bench.join(ann, &format!("m{crowd}")).await;
        for _ in 0..CLUBS_OWNED_MAX {
            found(founder, number).await.expect("founded");
            let id = ClubId((number as u128 + 1).to_be_bytes());
            let joined = bench.store.follow_club(ben, id, TODAY).await;
            assert_eq!(joined.is_ok(), number - 100 < CLUBS_EACH_MAX, "{number}");
            number += 1;
        }
    }
}
