//! Who blocks whom: what that changes, and what nobody learns by it.

use protocol::limits::BLOCKS_MAX;
use protocol::order::BlockReach;
use store::StoreError;

use crate::common::{Bench, TODAY, handle};

#[tokio::test]
async fn for_whoever_is_blocked_the_other_is_as_little_there_as_somebody_who_never_was() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    bench.store.follow(ben, &handle("ann")).await.expect("followed");
    bench.store.follow(ann, &handle("ben")).await.expect("followed");
    let blocked = bench.store.block(ann, &handle("ben")).await.expect("blocked");
    assert_eq!((blocked.member, blocked.profile.blocked, blocked.profile.followed), (ben, true, false));
    assert_eq!(bench.store.following(ben).await.expect("read"), [], "neither follows the other");
    assert_eq!(bench.store.following(ann).await.expect("read"), []);

    for name in ["ann", "nobody"] {
        let name = handle(name);
        let said = [
            bench.store.profile_page(ben, &name, TODAY).await.map(|_| ()),
            bench.store.follow(ben, &name).await.map(|_| ()),
            bench.store.unfollow(ben, &name).await.map(|_| ()),
            bench.store.block(ben, &name).await.map(|_| ()),
        ];
        assert!(said.iter().all(|said| matches!(said, Err(StoreError::NotThere))), "{said:?}");
        assert_eq!(bench.store.resolve(ben, &[name]).await.expect("read"), [], "nor asked in anywhere");
    }
    for text in ["", "ann", "@ann"] {
        let found = bench.store.find(ben, text, store::Among::Everybody).await.expect("read");
        assert!(found.iter().all(|one| one.handle != handle("ann")), "{text}");
    }
    // Everybody else sees everybody, and Ann sees Ben.
    bench.profile(cem, "ann").await.expect("there");
    assert_eq!(bench.store.resolve(cem, &[handle("ann"), handle("ben")]).await.expect("read").len(), 2);
    assert!(bench.profile(ann, "ben").await.expect("there").blocked);
    assert!(bench.store.find(ann, "ben", store::Among::Everybody).await.expect("read")[0].blocked);
    assert!(matches!(bench.store.follow(ann, &handle("ben")).await, Err(StoreError::NotAllowed)));

    assert_eq!(bench.store.blocked_by(ann).await.expect("read").0, [ben]);
    let listed = bench.store.blocks_of(ann).await.expect("read");
    assert_eq!(listed.iter().map(|one| one.handle.clone()).collect::<Vec<_>>(), [handle("ben")]);
    assert_eq!(bench.store.blocks_of(ben).await.expect("read"), [], "whoever is blocked sees no list");
    assert_eq!(bench.store.blocked_by(ben).await.expect("read").0, []);
}

#[tokio::test]
async fn a_block_is_made_once_and_taken_back_even_of_somebody_who_blocks_in_turn() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    for _ in 0..2 {
        bench.store.block(ann, &handle("ben")).await.expect("blocked");
    }
    assert!(matches!(bench.store.block(ann, &handle("ann")).await, Err(StoreError::NotAllowed)), "herself");
    assert!(!bench.store.unblock(ann, &handle("ben")).await.expect("free").profile.blocked);
    bench.profile(ben, "ann").await.expect("there again");

    bench.store.block(ben, &handle("ann")).await.expect("blocked");
    assert!(matches!(bench.store.block(ann, &handle("ben")).await, Err(StoreError::NotThere)));
    bench.store.unblock(ben, &handle("ann")).await.expect("free");
    bench.store.block(ann, &handle("ben")).await.expect("blocked");
    assert!(matches!(bench.store.unblock(ben, &handle("ann")).await, Err(StoreError::NotThere)));
    assert_eq!(
        bench.store.blocked_by(ann).await.expect("read").0,
        [ben],
        "a block is its maker's to take back"
    );
}

#[tokio::test]
async fn nobody_blocks_without_end() {
    let (bench, ann) = Bench::with_owner("ann").await;
    for number in 0..=BLOCKS_MAX {
        let name = format!("member{number}");
        bench.join(ann, &name).await;
        let blocked = bench.store.block(ann, &handle(&name)).await;
        assert_eq!(blocked.is_err(), number == BLOCKS_MAX, "{number}");
    }
    bench.store.block(ann, &handle("member0")).await.expect("of somebody who is on the list");
}

#[tokio::test]
async fn of_whom_the_administrators_protect_a_block_reaches_further_until_they_take_it_back() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    for (by, whom) in [(ben, "cem"), (cem, "ann")] {
        bench.store.block(by, &handle(whom)).await.expect("blocked");
    }
    assert_eq!(bench.store.protect(&handle("ben")).await.expect("protected"), ben);
    assert_eq!(bench.store.blocked_by(ben).await.expect("read"), (vec![cem], BlockReach::Room));
    assert_eq!(bench.store.blocked_by(cem).await.expect("read"), (vec![ann], BlockReach::Stage));
    let named: Vec<_> =
        bench.store.protected(10).await.expect("read").into_iter().map(|one| one.handle).collect();
    assert_eq!((named, bench.store.counts().await.expect("read").protected), (vec![handle("ben")], 1));
    assert_eq!(bench.store.unprotect(&handle("ben")).await.expect("as everybody"), ben);
    assert_eq!(bench.store.blocked_by(ben).await.expect("read").1, BlockReach::Stage);
    assert!(matches!(bench.store.protect(&handle("nobody")).await, Err(StoreError::NotThere)));
}
