//! Who somebody is, for others: what they say of themselves, and whom they know.

use protocol::id::{MemberId, PictureId, SessionId};
use protocol::limits::{NEWCOMER_DAYS, PEOPLE_PAGE, PICTURE_BYTES_MAX};
use protocol::profile::{Introduction, Languages, Nominator, ProfilePage};
use protocol::text::{Bio, Language, Pronunciation};
use store::{Along, Day, StoreError};

use crate::common::{Bench, TODAY, handle};

fn languages(codes: &[&str]) -> Languages {
    let codes = codes.iter().map(|code| Language::parse(code).expect("a language"));
    codes.collect::<Vec<_>>().try_into().expect("a few, each once")
}

fn bassoonist() -> Introduction {
    Introduction {
        bio: Some(Bio::parse("I play the bassoon.\n\nBadly.").expect("a bio")),
        pronunciation: Some(Pronunciation::parse("sen, like ten").expect("a pronunciation")),
        speaks: languages(&["tr", "en"]),
        understands: languages(&["de"]),
        nominator: Nominator::Hidden,
    }
}

async fn page(bench: &Bench, viewer: MemberId, who: &str) -> ProfilePage {
    bench.store.profile_page(viewer, &handle(who), TODAY).await.expect("there")
}

async fn along(bench: &Bench, viewer: MemberId, who: &str, along: Along) -> Vec<String> {
    let people = bench.store.people_along(viewer, &handle(who), along, None).await.expect("there");
    people.into_iter().map(|profile| profile.handle.into()).collect()
}

async fn suggested(bench: &Bench, member: MemberId) -> Vec<String> {
    let people = bench.store.suggested(member).await.expect("read");
    people.into_iter().map(|profile| profile.handle.into()).collect()
}

#[tokio::test]
async fn what_somebody_says_of_themselves_is_read_as_they_said_it_and_can_be_unsaid() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let sen = bench.join(ann, "sen").await;
    let nothing = page(&bench, ann, "sen").await.introduction;
    assert_eq!((&nothing.bio, nothing.nominator), (&None, Nominator::Shown));
    bench.store.introduce(sen, &bassoonist()).await.expect("said");
    assert_eq!(page(&bench, ann, "sen").await.introduction, bassoonist());
    bench.store.introduce(sen, &nothing).await.expect("unsaid");
    assert_eq!(page(&bench, ann, "sen").await.introduction, nothing);
    let nobody = MemberId([0; 16]);
    assert!(matches!(bench.store.introduce(nobody, &nothing).await, Err(StoreError::NotThere)));
}

#[tokio::test]
async fn who_invited_somebody_is_hidden_from_all_but_the_two_and_whoever_runs_the_server() {
    let (bench, olga) = Bench::with_owner("olga").await;
    let ann = bench.join(olga, "ann").await;
    let sen = bench.join(ann, "sen").await;
    let cem = bench.join(olga, "cem").await;
    let by = async |viewer| bench.profile(viewer, "sen").await.expect("there").invited_by.map(String::from);
    for viewer in [olga, ann, sen, cem] {
        assert_eq!(by(viewer).await.as_deref(), Some("ann"));
    }
    bench.store.introduce(sen, &bassoonist()).await.expect("said");
    for (viewer, seen) in [(olga, Some("ann")), (ann, Some("ann")), (sen, Some("ann")), (cem, None)] {
        assert_eq!(by(viewer).await.as_deref(), seen);
    }
    let found = bench.store.find(cem, "sen", store::Among::Everybody).await.expect("found");
    assert_eq!(found.first().map(|profile| profile.invited_by.clone()), Some(None), "in lists as well");
}

#[tokio::test]
async fn somebody_who_blocks_me_is_not_named_as_anybodys_inviter_nor_as_a_follower_nor_counted() {
    let (bench, olga) = Bench::with_owner("olga").await;
    let ann = bench.join(olga, "ann").await;
    bench.join(ann, "sen").await;
    let cem = bench.join(olga, "cem").await;
    bench.store.follow(ann, &handle("sen")).await.expect("followed");
    bench.store.follow(cem, &handle("sen")).await.expect("followed");
    bench.store.follow(olga, &handle("ann")).await.expect("followed");
    assert_eq!(along(&bench, cem, "sen", Along::Followers).await, ["ann", "cem"]);
    bench.store.block(ann, &handle("cem")).await.expect("blocked");
    let seen = page(&bench, cem, "sen").await;
    assert_eq!((seen.profile.invited_by, seen.followers), (None, 1));
    assert_eq!(along(&bench, cem, "sen", Along::Followers).await, ["cem"]);
    assert_eq!(along(&bench, cem, "olga", Along::Following).await, [""; 0]);
    assert_eq!(page(&bench, cem, "olga").await.following, 0);
    let gone = bench.store.people_along(cem, &handle("ann"), Along::Followers, None).await;
    assert!(matches!(gone, Err(StoreError::NotThere)));
    assert_eq!(
        along(&bench, olga, "sen", Along::Followers).await,
        ["ann", "cem"],
        "for others nothing changes"
    );
}

#[tokio::test]
async fn a_list_of_followers_is_read_page_by_page() {
    let (bench, olga) = Bench::with_owner("olga").await;
    for number in 0..PEOPLE_PAGE + 2 {
        let member = bench.join(olga, &format!("fan{number:02}")).await;
        bench.store.follow(member, &handle("olga")).await.expect("followed");
    }
    let first = bench.store.people_along(olga, &handle("olga"), Along::Followers, None).await.expect("read");
    assert_eq!(first.len(), PEOPLE_PAGE);
    let last = first.last().map(|profile| &profile.handle);
    let rest = bench.store.people_along(olga, &handle("olga"), Along::Followers, last).await.expect("read");
    assert_eq!(rest.iter().map(|profile| profile.handle.as_str()).collect::<Vec<_>>(), ["fan50", "fan51"]);
}

#[tokio::test]
async fn those_whom_i_follow_and_who_follow_somebody_are_named_and_counted() {
    let (bench, olga) = Bench::with_owner("olga").await;
    bench.join(olga, "sen").await;
    for name in ["bea", "cem", "dan", "eva", "fay"] {
        let member = bench.join(olga, name).await;
        bench.store.follow(member, &handle("sen")).await.expect("followed");
        if name != "fay" {
            bench.store.follow(olga, &handle(name)).await.expect("followed");
        }
    }
    let seen = page(&bench, olga, "sen").await;
    let named: Vec<&str> = seen.mutuals_shown.iter().map(|profile| profile.handle.as_str()).collect();
    assert_eq!((named, seen.mutuals, seen.followers), (vec!["bea", "cem", "dan"], 4, 5));
}

#[tokio::test]
async fn a_newcomer_is_offered_whoever_invited_them_and_those_whom_that_person_follows() {
    let (bench, olga) = Bench::with_owner("olga").await;
    let zoe = bench.join(olga, "zoe").await;
    for name in ["bea", "cem", "dan", "eva"] {
        bench.join(olga, name).await;
        if name != "eva" {
            bench.store.follow(zoe, &handle(name)).await.expect("followed");
        }
    }
    let sen = bench.join(zoe, "sen").await;
    assert_eq!(suggested(&bench, sen).await, ["zoe", "bea", "cem", "dan"]);
    bench.store.follow(sen, &handle("bea")).await.expect("followed");
    bench.store.block(sen, &handle("cem")).await.expect("blocked");
    bench.store.suspend(&handle("dan")).await.expect("suspended");
    assert_eq!(suggested(&bench, sen).await, ["zoe"]);
    assert_eq!(suggested(&bench, olga).await, [""; 0], "nobody invited the owner");
}

#[tokio::test]
async fn somebody_is_new_for_a_week_and_afterwards_has_been_here_since_a_month() {
    let (bench, olga) = Bench::with_owner("olga").await;
    let sen = bench.join(olga, "sen").await;
    for (day, newcomer) in [(0, true), (NEWCOMER_DAYS - 1, true), (NEWCOMER_DAYS, false)] {
        let page = bench.store.profile_page(olga, &handle("sen"), Day(TODAY.0 + day)).await.expect("there");
        assert_eq!(page.newcomer, newcomer, "{day}");
        let me = bench.store.me(sen, SessionId([1; 16]), Day(TODAY.0 + day)).await.expect("there");
        assert_eq!(me.newcomer, newcomer, "and so they are marked in rooms");
        // 20,000 days after the first of January 1970 it is the fourth of October 2024.
        assert_eq!(page.since_day, TODAY.0 - 3);
    }
}

#[tokio::test]
async fn a_picture_is_with_its_member_wherever_they_are_shown_and_nobody_sees_that_of_whoever_blocks_them() {
    let (bench, olga) = Bench::with_owner("olga").await;
    let [ann, ben] = [bench.join(olga, "ann").await, bench.join(olga, "ben").await];
    let store = &bench.store;
    let [first, second] = [PictureId([1; 16]), PictureId([2; 16])];
    assert_eq!(bench.profile(ben, "ann").await.expect("there").picture, None);
    store.put_picture(ann, first, b"one").await.expect("put up");
    store.put_picture(ann, second, b"two").await.expect("in its place");
    assert!(matches!(store.picture(ben, first).await, Err(StoreError::NotThere)), "that is gone");
    let seen = store.picture(ben, second).await.expect("there");
    assert_eq!((seen.member, seen.jpeg.as_slice()), (ann, b"two".as_slice()));
    store.follow(ben, &handle("ann")).await.expect("followed");
    let me = store.me(ann, SessionId([1; 16]), TODAY).await.expect("there");
    let lists = [
        store.find(ben, "ann", store::Among::Everybody).await.expect("found"),
        store.people_along(ben, &handle("ben"), Along::Following, None).await.expect("read"),
        vec![bench.profile(ben, "ann").await.expect("there")],
    ];
    assert!(lists.iter().flatten().all(|one| one.picture == Some(second)) && me.picture == Some(second));
    store.block(ben, &handle("ann")).await.expect("blocked");
    assert_eq!(store.blocks_of(ben).await.expect("read")[0].picture, Some(second));
    store.unblock(ben, &handle("ann")).await.expect("let go");
    store.block(ann, &handle("ben")).await.expect("blocked");
    assert!(
        matches!(store.picture(ben, second).await, Err(StoreError::NotThere)),
        "for him she is not there"
    );
    store.picture(olga, second).await.expect("for others she is");
    store.remove_picture(ann).await.expect("taken away");
    store.remove_picture(ann).await.expect("twice is once");
    assert!(matches!(store.picture(olga, second).await, Err(StoreError::NotThere)));

    let heavy = vec![7; PICTURE_BYTES_MAX + 1];
    assert!(matches!(store.put_picture(ann, first, &heavy).await, Err(StoreError::Full)));
    assert!(matches!(store.put_picture(MemberId([9; 16]), first, b"x").await, Err(StoreError::NotThere)));
}
