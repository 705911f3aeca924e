//! What every database has to do.

use crate::common::{Bench, NOW, TODAY, handle, hash, invite, member, name, session, session_on};
use protocol::Timestamp;
use protocol::account::{DeviceLabel, InviteState, PasskeyWorks, Role};
use protocol::id::{InviteId, PasskeyId, SessionId};
use protocol::limits::{INVITE_ALLOWANCE, PASSKEYS_MAX, SESSIONS_MAX};
use protocol::text::ServerName;
use store::limits::INVITES_KEPT_MAX;
use store::{Allowance, Change, Day, LinkProof, NewInvite, NewLink, NewPasskey, StoreError};

#[tokio::test]
async fn the_owner_claims_the_server_once() {
    let bench = Bench::new().await;
    let link = hash();
    let late = Timestamp(NOW.0 + 3_600_000);
    bench.store.put_owner_link(NewLink { token: link, expires: late }).await.expect("a link");
    assert_eq!(bench.store.server_name().await.expect("read"), None);
    let kitchen = ServerName::parse("The Kitchen").expect("a name");

    let wrong = bench.store.claim(hash(), &kitchen, &member("ann"), &session(), NOW).await;
    assert!(matches!(wrong, Err(StoreError::Spent)));
    let lapsed = bench.store.claim(link, &kitchen, &member("ann"), &session(), late).await;
    assert!(matches!(lapsed, Err(StoreError::Spent)));

    let claimed = bench.store.claim(link, &kitchen, &member("ann"), &session(), NOW).await.expect("claimed");
    assert_eq!((claimed.me.role, claimed.inviter), (Role::Owner, None));
    assert_eq!(bench.store.server_name().await.expect("read"), Some(kitchen.clone()));

    let again = bench.store.claim(link, &kitchen, &member("ben"), &session(), NOW).await;
    assert!(matches!(again, Err(StoreError::Spent)));
    let relinked = bench.store.put_owner_link(NewLink { token: hash(), expires: late }).await;
    assert!(matches!(relinked, Err(StoreError::NotAllowed)));
}

#[tokio::test]
async fn a_new_owner_link_voids_the_old_one() {
    let bench = Bench::new().await;
    let (old, new) = (hash(), hash());
    for token in [old, new] {
        bench.store.put_owner_link(NewLink { token, expires: Timestamp(NOW.0 + 1) }).await.expect("a link");
    }
    let kitchen = ServerName::parse("The Kitchen").expect("a name");
    let refused = bench.store.claim(old, &kitchen, &member("ann"), &session(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Spent)));
    bench.store.claim(new, &kitchen, &member("ann"), &session(), NOW).await.expect("claimed");
}

#[tokio::test]
async fn an_invitation_brings_one_person_in_and_shows_who_came() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let open = invite(1);
    bench.store.create_invite(ann, &open, Allowance::Free).await.expect("an invitation");
    let preview = bench.store.preview_invite(open.token, TODAY).await.expect("open");
    assert_eq!((preview.inviter.as_str(), preview.server.as_str()), ("ann", "The Kitchen"));

    let accepted = bench.store.accept(open.token, &member("ben"), &session()).await.expect("accepted");
    assert_eq!((accepted.me.role, accepted.inviter), (Role::Member, Some(handle("ann"))));

    assert!(matches!(bench.store.preview_invite(open.token, TODAY).await, Err(StoreError::Spent)));
    let again = bench.store.accept(open.token, &member("mo"), &session()).await;
    assert!(matches!(again, Err(StoreError::Spent)));
    let mine = bench.store.invites_of(ann, TODAY).await.expect("listed");
    assert_eq!(mine[0].state, InviteState::Used);
    assert_eq!(mine[0].accepted_by, [handle("ben")]);
    let profile = bench.profile(ann, "ben").await.expect("there");
    assert_eq!(profile.invited_by, Some(handle("ann")));
}

#[tokio::test]
async fn of_many_who_use_the_last_use_at_once_exactly_one_gets_in() {
    let (bench, ann) = Bench::with_owner("ann").await;
    for round in 0..10 {
        let open = invite(1);
        bench.store.create_invite(ann, &open, Allowance::Free).await.expect("an invitation");
        let tries = (0..8).map(|one| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                store.accept(open.token, &member(&format!("p{round}.{one}")), &session()).await
            })
        });
        let mut in_count = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.expect("ran") {
                Ok(_) => in_count += 1,
                Err(StoreError::Spent) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(in_count, 1);
    }
    assert_eq!(bench.store.list(None, 100).await.expect("listed").len(), 11);
}

#[tokio::test]
async fn a_taken_handle_leaves_the_invitation_unused() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "coco").await;
    let open = invite(1);
    bench.store.create_invite(ann, &open, Allowance::Free).await.expect("an invitation");
    for taken in ["ann", "coco", "сосо", "c0c0"] {
        let refused = bench.store.accept(open.token, &member(taken), &session()).await;
        assert!(matches!(refused, Err(StoreError::HandleTaken)), "{taken}");
    }
    bench.store.accept(open.token, &member("ben"), &session()).await.expect("still unused");
}

#[tokio::test]
async fn an_expired_and_a_revoked_invitation_are_spent() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let open = invite(2);
    bench.store.create_invite(ann, &open, Allowance::Free).await.expect("an invitation");
    let last_day = Day(open.expires.0 - 1);
    bench.store.accept(open.token, &member("ben"), &session_on(last_day)).await.expect("the last day");
    let late = bench.store.accept(open.token, &member("mo"), &session_on(open.expires)).await;
    assert!(matches!(late, Err(StoreError::Spent)));
    assert!(matches!(bench.store.preview_invite(open.token, open.expires).await, Err(StoreError::Spent)));
    let listed = bench.store.invites_of(ann, open.expires).await.expect("listed");
    assert_eq!(listed[0].state, InviteState::Expired);

    bench.store.revoke_invite(ann, open.id, TODAY).await.expect("taken back");
    bench.store.revoke_invite(ann, open.id, TODAY).await.expect("twice is once");
    let refused = bench.store.accept(open.token, &member("mo"), &session()).await;
    assert!(matches!(refused, Err(StoreError::Spent)));
    let ben = bench.store.resolve(ann, &[handle("ben")]).await.expect("read")[0].id;
    assert!(matches!(bench.store.revoke_invite(ben, open.id, TODAY).await, Err(StoreError::NotThere)));
    assert!(matches!(
        bench.store.revoke_invite(ann, InviteId([9; 16]), TODAY).await,
        Err(StoreError::NotThere)
    ));
}

#[tokio::test]
async fn the_allowance_runs_out_comes_back_weekly_and_unused_invitations_return_to_it() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let first = invite(INVITE_ALLOWANCE - 1);
    bench.store.create_invite(ben, &first, Allowance::Counted).await.expect("within");
    let too_many = bench.store.create_invite(ben, &invite(2), Allowance::Counted).await;
    assert!(matches!(too_many, Err(StoreError::NoInviteLeft)));
    bench.store.create_invite(ben, &invite(1), Allowance::Counted).await.expect("the last");
    let left = |day| {
        let store = bench.store.clone();
        async move { store.me(ben, SessionId([0; 16]), day).await.expect("there").invites_left }
    };
    assert_eq!((left(TODAY).await, left(Day(TODAY.0 + 7)).await), (0, 1));

    bench.store.accept(first.token, &member("mo"), &session()).await.expect("one used");
    bench.store.revoke_invite(ben, first.id, TODAY).await.expect("taken back");
    assert_eq!(left(TODAY).await, INVITE_ALLOWANCE - 2, "the three that nobody used");
    bench.store.revoke_invite(ben, first.id, TODAY).await.expect("again");
    assert_eq!(left(TODAY).await, INVITE_ALLOWANCE - 2, "only once");
}

#[tokio::test]
async fn whoever_has_invited_hundreds_may_go_on_as_long_as_not_all_of_those_are_open() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let free = async |one: NewInvite| bench.store.create_invite(ann, &one, Allowance::Free).await;
    bench.join(ann, "ben").await;
    let (revoked, open) = (invite(1), invite(1));
    free(revoked.clone()).await.expect("an invitation");
    bench.store.revoke_invite(ann, revoked.id, TODAY).await.expect("taken back");
    for _ in 2..INVITES_KEPT_MAX {
        free(invite(1)).await.expect("an invitation");
    }
    // One was used, one taken back: each makes room.
    free(open.clone()).await.expect("for one");
    free(invite(1)).await.expect("and for another");
    let mine = bench.store.invites_of(ann, TODAY).await.expect("listed");
    assert_eq!(u32::try_from(mine.len()), Ok(INVITES_KEPT_MAX));
    assert!(mine.iter().all(|one| one.state == InviteState::Open));
    assert!(matches!(free(invite(1)).await, Err(StoreError::Full)), "nobody's open invitation is voided");
    let profile = bench.profile(ann, "ben").await.expect("there");
    assert_eq!(profile.invited_by, Some(handle("ann")), "that stays");
    bench.store.accept(open.token, &member("mo"), &session()).await.expect("still good");
    free(invite(1)).await.expect("room again");
    let later = NewInvite { day: Day(TODAY.0 + 8), expires: Day(TODAY.0 + 16), ..invite(1) };
    free(later).await.expect("those that lapsed make room too");
}

#[tokio::test]
async fn a_session_stands_until_its_day_or_until_it_is_ended() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (phone, laptop) = (session(), session());
    for one in [&phone, &laptop] {
        bench.store.sign_in(ann, one).await.expect("signed in");
    }
    let (held, _) = bench.store.session(phone.token, TODAY).await.expect("stands");
    assert_eq!((held.me.id, held.me.session, held.expires), (ann, phone.id, phone.expires));
    assert!(bench.store.session(phone.token, Day(phone.expires.0 - 1)).await.is_ok());
    assert!(matches!(bench.store.session(phone.token, phone.expires).await, Err(StoreError::NotThere)));
    assert!(matches!(bench.store.session(hash(), TODAY).await, Err(StoreError::NotThere)));

    let ben = bench.join(ann, "ben").await;
    assert!(matches!(bench.store.end_session(ben, phone.id).await, Err(StoreError::NotThere)), "not Ben's");
    bench.store.end_session(ann, phone.id).await.expect("ended");
    assert!(matches!(bench.store.session(phone.token, TODAY).await, Err(StoreError::NotThere)));
    assert_eq!(
        bench.store.ended(&[phone.id, laptop.id], TODAY).await.expect("asked"),
        [phone.id],
        "only the one that was ended"
    );
    let listed = bench.store.sessions_of(ann, laptop.id, TODAY).await.expect("listed");
    assert_eq!(listed.iter().filter(|one| one.current).map(|one| one.id).collect::<Vec<_>>(), [laptop.id]);
    let others = bench.store.end_other_sessions(ann, laptop.id).await.expect("ended");
    assert_eq!(others.len(), 1, "the one from the claim");
    assert!(bench.store.session(laptop.token, TODAY).await.is_ok());
}

#[tokio::test]
async fn a_session_says_of_its_member_what_everything_else_says() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    bench.join(ann, "cat").await;
    let phone = session();
    bench.store.sign_in(ben, &phone).await.expect("signed in");
    let (held, follows) = bench.store.session(phone.token, TODAY).await.expect("stands");
    assert_eq!((held.me.invites_left, follows), (INVITE_ALLOWANCE, vec![]));

    bench.store.create_invite(ben, &invite(2), Allowance::Counted).await.expect("an invitation");
    bench.store.put_recovery_codes(ben, &[hash(), hash(), hash()]).await.expect("codes");
    for whom in ["ann", "cat"] {
        bench.store.follow(ben, &handle(whom)).await.expect("followed");
    }
    let (held, mut follows) = bench.store.session(phone.token, TODAY).await.expect("stands");
    assert_eq!(held.me, bench.store.me(ben, phone.id, TODAY).await.expect("there"));
    assert_eq!((held.me.invites_left, held.me.recovery_codes), (INVITE_ALLOWANCE - 2, 3));
    let mut known = bench.store.following(ben).await.expect("read");
    assert_eq!(known.len(), 2);
    known.sort();
    follows.sort();
    assert_eq!(follows, known);
    bench.store.close().await;
    assert!(matches!(bench.store.session(phone.token, TODAY).await, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn the_oldest_session_goes_first_where_there_are_too_many() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let oldest = bench.store.sessions_of(ben, SessionId([0; 16]), TODAY).await.expect("listed")[0].id;
    for _ in 1..SESSIONS_MAX {
        let signed = bench.store.sign_in(ben, &session_on(Day(TODAY.0 + 1))).await.expect("signed in");
        assert_eq!(signed.ended, []);
    }
    let last = session_on(Day(TODAY.0 + 1));
    assert_eq!(bench.store.sign_in(ben, &last).await.expect("signed in").ended, [oldest]);
    assert!(bench.store.session(last.token, Day(TODAY.0 + 1)).await.is_ok());
    let count = bench.store.sessions_of(ben, last.id, TODAY).await.expect("listed").len();
    assert_eq!(count, SESSIONS_MAX);
}

#[tokio::test]
async fn a_link_to_another_device_works_once_by_its_secret_or_its_code() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let until = Timestamp(NOW.0 + 120_000);
    let put = |token, code| {
        let store = bench.store.clone();
        async move { store.put_device_link(ann, NewLink { token, expires: until }, code).await.expect("a link") }
    };
    let (token, code) = (hash(), hash());
    put(token, code).await;
    assert!(matches!(
        bench.store.use_link(LinkProof::Code(token), &session(), NOW).await,
        Err(StoreError::Spent)
    ));
    assert!(matches!(
        bench.store.use_link(LinkProof::Token(token), &session(), until).await,
        Err(StoreError::Spent)
    ));
    let signed = bench.store.use_link(LinkProof::Code(code), &session(), NOW).await.expect("signed in");
    assert_eq!(signed.me.id, ann);
    assert!(matches!(
        bench.store.use_link(LinkProof::Token(token), &session(), NOW).await,
        Err(StoreError::Spent)
    ));

    let (older, newer) = (hash(), hash());
    put(older, hash()).await;
    put(newer, hash()).await;
    assert!(matches!(
        bench.store.use_link(LinkProof::Token(older), &session(), NOW).await,
        Err(StoreError::Spent)
    ));
    bench.store.use_link(LinkProof::Token(newer), &session(), NOW).await.expect("signed in");
}

#[tokio::test]
async fn the_administrators_link_signs_one_member_in_and_the_owners_link_signs_nobody_in() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let link = NewLink { token: hash(), expires: Timestamp(NOW.0 + 1) };
    assert!(matches!(bench.store.put_signin_link(&handle("mo"), link).await, Err(StoreError::NotThere)));
    bench.store.put_signin_link(&handle("ben"), link).await.expect("a link");
    let signed =
        bench.store.use_link(LinkProof::Token(link.token), &session(), NOW).await.expect("signed in");
    assert_eq!(signed.me.id, ben);

    let fresh = Bench::new().await;
    fresh.store.put_owner_link(link).await.expect("a link");
    let refused = fresh.store.use_link(LinkProof::Token(link.token), &session(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Spent)));
}

#[tokio::test]
async fn a_recovery_code_works_once_for_its_own_member_and_new_codes_void_the_old() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "ben").await;
    let codes = [hash(), hash()];
    bench.store.put_recovery_codes(ann, &codes).await.expect("kept");
    assert_eq!(bench.store.me(ann, SessionId([0; 16]), TODAY).await.expect("there").recovery_codes, 2);
    for (who, code) in [("ben", codes[0]), ("mo", codes[0]), ("ann", hash())] {
        let refused = bench.store.use_recovery_code(&handle(who), code, &session()).await;
        assert!(matches!(refused, Err(StoreError::Spent)), "{who}");
    }
    let signed =
        bench.store.use_recovery_code(&handle("ann"), codes[0], &session()).await.expect("signed in");
    assert_eq!((signed.me.id, signed.me.recovery_codes), (ann, 1));
    let again = bench.store.use_recovery_code(&handle("ann"), codes[0], &session()).await;
    assert!(matches!(again, Err(StoreError::Spent)));
    bench.store.put_recovery_codes(ann, &[hash()]).await.expect("kept");
    let void = bench.store.use_recovery_code(&handle("ann"), codes[1], &session()).await;
    assert!(matches!(void, Err(StoreError::Spent)));
}

#[tokio::test]
async fn a_passkey_belongs_to_one_member() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let passkey = |n: u8| NewPasskey {
        id: PasskeyId([n; 16]),
        credential_id: vec![n; 32],
        credential: format!("{{\"n\":{n}}}"),
        device: DeviceLabel::Android,
        day: TODAY,
    };
    bench.store.add_passkey(ann, &passkey(1)).await.expect("kept");
    let twice = bench.store.add_passkey(ben, &NewPasskey { id: PasskeyId([2; 16]), ..passkey(1) }).await;
    assert!(matches!(twice, Err(StoreError::NotAllowed)));
    assert_eq!(bench.store.credential(&[1; 32]).await.expect("known"), (ann, "{\"n\":1}".to_owned()));
    assert!(matches!(bench.store.credential(&[2; 32]).await, Err(StoreError::NotThere)));
    assert!(matches!(bench.store.remove_passkey(ben, PasskeyId([1; 16])).await, Err(StoreError::NotThere)));
    for n in (2..).take(PASSKEYS_MAX - 1) {
        bench.store.add_passkey(ann, &passkey(n)).await.expect("kept");
    }
    assert!(matches!(bench.store.add_passkey(ann, &passkey(99)).await, Err(StoreError::Full)));
    bench.store.remove_passkey(ann, PasskeyId([1; 16])).await.expect("removed");
    assert!(matches!(bench.store.credential(&[1; 32]).await, Err(StoreError::NotThere)));
    assert_eq!(bench.store.passkeys_of(ann).await.expect("listed").len(), PASSKEYS_MAX - 1);
    assert_eq!(bench.store.credential_ids_of(ann).await.expect("listed").len(), PASSKEYS_MAX - 1);
}

#[tokio::test]
async fn a_passkey_counts_where_it_was_made_and_whoever_has_only_others_is_counted_for_the_owner() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let passkey = |n: u8| NewPasskey {
        id: PasskeyId([n; 16]),
        credential_id: vec![n; 32],
        credential: "{}".to_owned(),
        device: DeviceLabel::Android,
        day: TODAY,
    };
    let [old, new] =
        ["old.example", "new.example"].map(|domain| bench.store.clone().with_passkeys_at(domain));
    old.add_passkey(ann, &passkey(1)).await.expect("kept");
    old.add_passkey(ben, &passkey(2)).await.expect("kept");
    new.add_passkey(ben, &passkey(3)).await.expect("kept");
    let session = SessionId([0; 16]);
    let (here, moved) = (old.me(ann, session, TODAY).await, new.me(ann, session, TODAY).await);
    assert_eq!(here.map(|me| (me.passkeys, me.cut_off)).expect("there"), (1, 0));
    assert_eq!(moved.map(|me| (me.passkeys, me.cut_off)).expect("there"), (0, 1), "only Ann has no other");
    assert_eq!(new.me(ben, session, TODAY).await.map(|me| (me.passkeys, me.cut_off)).expect("there"), (1, 0));
    let works = new.passkeys_of(ben).await.expect("listed").into_iter().map(|passkey| passkey.works);
    assert_eq!(works.collect::<Vec<_>>(), [PasskeyWorks::Elsewhere, PasskeyWorks::Here]);
    new.add_passkey(ann, &passkey(4)).await.expect("kept");
    assert_eq!(new.cut_off().await.expect("counted"), 0);
}

#[tokio::test]
async fn following_is_seen_from_both_sides_and_ends() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let followed = bench.store.follow(ben, &handle("ann")).await.expect("followed");
    assert_eq!((followed.profile.followed, followed.change), (true, Change::Changed));
    assert_eq!(bench.store.follow(ben, &handle("ann")).await.expect("again").change, Change::AsBefore);
    assert_eq!(bench.store.following(ben).await.expect("read"), [ann]);
    assert_eq!(bench.store.following(ann).await.expect("read"), []);
    assert!(bench.profile(ann, "ben").await.expect("there").follows_me);
    assert!(matches!(bench.store.follow(ben, &handle("ben")).await, Err(StoreError::NotAllowed)));
    assert!(matches!(bench.store.follow(ben, &handle("mo")).await, Err(StoreError::NotThere)));
    let unfollowed = bench.store.unfollow(ben, &handle("ann")).await.expect("unfollowed");
    assert_eq!((unfollowed.profile.followed, unfollowed.change), (false, Change::Changed));
    assert_eq!(bench.store.unfollow(ben, &handle("ann")).await.expect("again").change, Change::AsBefore);
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_a_handle_or_of_a_word_of_their_name() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    bench.join(ann, "мо").await;
    bench.store.rename(ben, &name("Ürsula Example_100%")).await.expect("renamed");
    let found = |text: &'static str| {
        let store = bench.store.clone();
        async move {
            let found = store.find(ann, text, store::Among::Everybody).await.expect("searched");
            found.into_iter().map(|one| one.handle.as_str().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(found("@be").await, ["ben"]);
    assert_eq!(found("ürs").await, ["ben"]);
    assert_eq!(found("EXAM").await, ["ben"]);
    assert_eq!(found("example_1").await, ["ben"]);
    assert_eq!(found("МО").await, ["мо"]);
    assert_eq!(found("xample").await, Vec::<String>::new(), "the middle of a word");
    assert_eq!(found("%").await, Vec::<String>::new(), "a letter like any other");
    assert_eq!(found("_e").await, Vec::<String>::new());
    assert_eq!(found("ann").await, Vec::<String>::new(), "not oneself");
    assert_eq!(found("").await, ["ben", "мо"]);
}

#[tokio::test]
async fn handles_are_resolved_and_strangers_left_out() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "ben").await;
    let people = bench.store.resolve(ann, &[handle("ben"), handle("mo"), handle("ann")]).await.expect("read");
    assert_eq!(people.iter().map(|one| one.handle.as_str()).collect::<Vec<_>>(), ["ben", "ann"]);
    assert_eq!(people[1].id, ann);
}

#[tokio::test]
async fn the_list_of_members_is_read_page_by_page() {
    let (bench, ann) = Bench::with_owner("ann").await;
    bench.join(ann, "ben").await;
    bench.join(ann, "mo").await;
    let first = bench.store.list(None, 2).await.expect("listed");
    assert_eq!(first.iter().map(|one| one.role).collect::<Vec<_>>(), [Role::Owner, Role::Member]);
    let rest = bench.store.list(Some(&first[1].handle), 2).await.expect("listed");
    assert_eq!(rest.len(), 1);
    assert_eq!((rest[0].handle.as_str(), &rest[0].invited_by), ("mo", &Some(handle("ann"))));
}

#[tokio::test]
async fn what_has_lapsed_is_cleared_away_and_who_came_stays() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let later = Day(TODAY.0 + 40);
    bench.store.sweep(later.begins()).await.expect("swept");
    assert_eq!(bench.store.invites_of(ann, later).await.expect("listed"), []);
    assert_eq!(bench.store.sessions_of(ben, SessionId([0; 16]), later).await.expect("listed").len(), 1);
    let profile = bench.profile(ann, "ben").await.expect("there");
    assert_eq!(profile.invited_by, Some(handle("ann")));
    let last = Day(TODAY.0 + 200);
    bench.store.sweep(last.begins()).await.expect("swept");
    assert_eq!(bench.store.sessions_of(ben, SessionId([0; 16]), TODAY).await.expect("listed"), []);
}
