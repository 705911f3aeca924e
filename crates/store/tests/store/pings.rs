//! Who may ping whom into a room, and whose pings are not heard.

use protocol::limits::{FOUND_MAX, MUTED_PINGS_MAX};
use store::{Among, Ping, StoreError};

use crate::common::{Bench, handle};

#[tokio::test]
async fn those_who_follow_me_can_be_pinged_until_they_ask_for_no_more() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let may = || async { bench.store.may_ping(ann, &handle("ben")).await };
    assert!(matches!(may().await, Err(StoreError::NotAllowed)), "they do not follow me");
    bench.store.follow(ben, &handle("ann")).await.expect("followed");
    assert_eq!(may().await.expect("there"), Ping::Reaches(ben));
    for _ in 0..2 {
        bench.store.mute_pings(ben, &handle("ann")).await.expect("muted");
    }
    assert_eq!(may().await.expect("there"), Ping::Muted(ben));
    let listed = bench.store.muted_pings_of(ben).await.expect("read");
    assert_eq!(listed.iter().map(|one| one.handle.clone()).collect::<Vec<_>>(), [handle("ann")]);
    assert_eq!(bench.store.muted_pings_of(ann).await.expect("read"), [], "whoever pings sees no list");
    bench.store.hear_pings(ben, &handle("ann")).await.expect("heard");
    assert_eq!(may().await.expect("there"), Ping::Reaches(ben));
}

#[tokio::test]
async fn whoever_blocks_me_cannot_be_pinged_and_is_not_there() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    bench.store.follow(ben, &handle("ann")).await.expect("followed");
    bench.store.block(ben, &handle("ann")).await.expect("blocked");
    for name in ["ben", "nobody"] {
        let said = [
            bench.store.may_ping(ann, &handle(name)).await.map(|_| ()),
            bench.store.mute_pings(ann, &handle(name)).await,
            bench.store.hear_pings(ann, &handle(name)).await,
        ];
        assert!(said.iter().all(|said| matches!(said, Err(StoreError::NotThere))), "{said:?}");
    }
    assert!(matches!(bench.store.mute_pings(ann, &handle("ann")).await, Err(StoreError::NotAllowed)));
}

#[tokio::test]
async fn of_those_who_follow_me_somebody_is_found_among_very_many_others_of_that_name() {
    let (bench, ann) = Bench::with_owner("ann").await;
    for n in 0..FOUND_MAX {
        bench.join(ann, &format!("mar{n:02}")).await;
    }
    let last = bench.join(ann, "mary").await;
    bench.store.follow(last, &handle("ann")).await.expect("followed");
    let named = bench.store.find(ann, "mar", Among::Followers).await.expect("read");
    assert_eq!(named.iter().map(|one| one.handle.clone()).collect::<Vec<_>>(), [handle("mary")]);
}

#[tokio::test]
async fn nobody_asks_for_no_more_pings_of_people_without_end() {
    let (bench, ann) = Bench::with_owner("ann").await;
    for n in 0..MUTED_PINGS_MAX {
        let name = format!("p{n}");
        bench.join(ann, &name).await;
        bench.store.mute_pings(ann, &handle(&name)).await.expect("muted");
    }
    bench.join(ann, "one.more").await;
    let more = handle("one.more");
    assert!(matches!(bench.store.mute_pings(ann, &more).await, Err(StoreError::Full)));
    bench.store.mute_pings(ann, &handle("p0")).await.expect("once more is nothing more");
}
