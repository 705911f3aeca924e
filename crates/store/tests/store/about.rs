//! What a member is shown of what is kept about them, and what is left when they erase it.

use protocol::Timestamp;
use protocol::account::{DeviceLabel, Role};
use protocol::id::{MemberId, PasskeyId, ReportNumber};
use protocol::kept::{Kept, KeptLinkKind};
use protocol::order::ReportReason;
use serde_json::Value;
use store::kept::{COLUMNS, SeenBy};
use store::{Allowance, Erased, LinkProof, Named, NewInvite, NewLink, NewPasskey, NewReport, StoreError};

use crate::common::{Bench, NOW, TODAY, handle, hash, invite, member, name, session};

/// A member about whom there is something of everything.
async fn settle(bench: &Bench, inviter: MemberId, who: &str) -> MemberId {
    let id = bench.join(inviter, who).await;
    let store = &bench.store;
    let passkey = NewPasskey {
        id: PasskeyId(id.0),
        credential_id: id.0.to_vec(),
        credential: format!("{{\"of\":\"{who}\"}}"),
        device: DeviceLabel::Mac,
        day: TODAY,
    };
    store.add_passkey(id, &passkey).await.expect("added");
    store.put_recovery_codes(id, &[hash(), hash()]).await.expect("made");
    let link = NewLink { token: hash(), expires: Timestamp(NOW.0 + 60_000) };
    store.put_device_link(id, link, hash()).await.expect("made");
    let note = Some(name(&format!("A friend of {who}")));
    store.create_invite(id, &NewInvite { note, ..invite(2) }, Allowance::Counted).await.expect("made");
    let (reporter, reported) = (Some(id), Some(inviter));
    let report = NewReport { reporter, reported, reason: ReportReason::Spam, heard: Vec::new(), day: TODAY };
    store.put_report(&[ReportNumber(123_456)], &report).await.expect("filed");
    id
}

async fn kept(bench: &Bench, who: MemberId) -> Kept {
    bench.store.kept(who, session().id, TODAY).await.expect("there")
}

#[tokio::test]
async fn a_member_is_shown_every_column_that_is_about_them() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = settle(&bench, ann, "ben").await;
    let shown = serde_json::to_value(kept(&bench, ben).await).expect("written");
    let first = |list: &str| shown[list][0].clone();
    let tables = [
        ("members", shown["account"].clone()),
        ("passkeys", first("passkeys")),
        ("sessions", first("sessions")),
        ("links", first("links")),
        ("invites", first("invites")),
        ("reports", first("reports")),
    ];
    for (table, row) in tables {
        let Value::Object(fields) = row else { panic!("{table}: nothing is shown") };
        for column in COLUMNS.iter().filter(|column| column.table == table) {
            // Whose row it is goes without saying; a finer time has another name.
            let named = match column.name {
                "member" | "inviter" | "reporter" => continue,
                "expires_ms" => "expires",
                name => name,
            };
            let hidden = column.seen_by == SeenBy::Nobody;
            assert_eq!(fields.contains_key(named), !hidden, "{table}.{}", column.name);
        }
    }
    assert_eq!((&shown["recovery_codes"], &shown["followers"]), (&Value::from(2), &Value::from(0)));
}

#[tokio::test]
async fn what_is_shown_is_what_is_kept() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = settle(&bench, ann, "ben").await;
    let cat = bench.join(ben, "cat").await;
    for (who, whom) in [(ben, "ann"), (ben, "cat"), (ann, "ben"), (cat, "ben")] {
        bench.store.follow(who, &handle(whom)).await.expect("followed");
    }
    let shown = kept(&bench, ben).await;
    let account = &shown.account;
    assert_eq!((account.id, account.role, account.day), (ben, Role::Member, TODAY.0));
    assert_eq!((account.handle.clone(), account.invited_by.clone()), (handle("ben"), Some(handle("ann"))));
    assert_eq!((account.allowance, account.name_folded.as_str()), (3, "ben"));
    assert_eq!(shown.passkeys[0].credential, r#"{"of":"ben"}"#);
    assert_eq!((shown.sessions.len(), shown.recovery_codes, shown.followers), (1, 2, 2));
    assert_eq!((shown.links[0].kind, shown.links[0].expires.0), (KeptLinkKind::Device, NOW.0 + 60_000));
    let notes: Vec<_> = shown.invites.iter().filter_map(|one| one.note.clone()).collect();
    assert_eq!(notes, [name("A friend of ben")]);
    assert_eq!(shown.copy_until_day, None);

    let people = |which, after, count| bench.store.kept_people(ben, which, after, count);
    let followed = [handle("ann"), handle("cat")];
    assert_eq!(people(Named::Followed, None, 9).await.expect("read"), followed);
    assert_eq!(people(Named::Followed, None, 1).await.expect("read"), followed[..1]);
    assert_eq!(people(Named::Followed, Some(&followed[0]), 9).await.expect("read"), followed[1..]);
    assert_eq!(people(Named::Invited, None, 9).await.expect("read"), [handle("cat")]);
}

#[tokio::test]
async fn whoever_erases_their_account_is_gone_and_whom_they_invited_stays() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = settle(&bench, ann, "ben").await;
    let store = &bench.store;
    let open = invite(2);
    store.create_invite(ben, &open, Allowance::Free).await.expect("made");
    let cat = member("cat");
    store.accept(open.token, &cat, &session()).await.expect("accepted");
    let dan = bench.join(ann, "dan").await;
    let eve = bench.join(ann, "eve").await;
    store.follow(dan, &handle("ben")).await.expect("followed");
    store.follow(ben, &handle("eve")).await.expect("followed");
    let phone = session();
    store.sign_in(ben, &phone).await.expect("signed in");
    let link = hash();
    let expires = Timestamp(NOW.0 + 60_000);
    store.put_signin_link(&handle("ben"), NewLink { token: link, expires }).await.expect("made");

    let Erased { sessions, tied } = store.erase(ben, 100).await.expect("erased");
    assert_eq!((sessions.len(), sessions.contains(&phone.id)), (2, true));
    assert_eq!(tied[0], dan, "followers first");
    assert_eq!(tied.len(), 4);
    assert!([ann, cat.id, dan, eve].iter().all(|one| tied.contains(one)));

    let gone = |error| matches!(error, StoreError::NotThere | StoreError::Spent);
    assert!(gone(store.session(phone.token, TODAY).await.expect_err("no session")));
    assert!(gone(store.kept(ben, phone.id, TODAY).await.expect_err("no account")));
    assert!(gone(store.profile(ann, &handle("ben")).await.expect_err("no profile")));
    assert!(gone(store.credential(&ben.0).await.expect_err("no passkey")));
    assert!(gone(store.preview_invite(open.token, TODAY).await.expect_err("no invitation")));
    assert!(gone(store.use_link(LinkProof::Token(link), &session(), NOW).await.expect_err("no link")));
    assert!(gone(store.erase(ben, 100).await.expect_err("a second time")));
    assert_eq!(store.following(dan).await.expect("read"), []);
    assert_eq!(kept(&bench, eve).await.followers, 0);

    let account = kept(&bench, cat.id).await.account;
    assert_eq!((account.handle, account.invited_by, account.invite), (handle("cat"), None, None));
    let again = bench.join(ann, "ben").await;
    assert_ne!(again, ben, "somebody else may have the handle");
}

#[tokio::test]
async fn only_so_many_are_named_who_were_tied_to_an_erased_account() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    for who in ["cat", "dan", "eve"] {
        let follower = bench.join(ann, who).await;
        bench.store.follow(follower, &handle("ben")).await.expect("followed");
    }
    assert_eq!(bench.store.erase(ben, 2).await.expect("erased").tied.len(), 2);
}

#[tokio::test]
async fn the_owner_stays_until_somebody_else_is_owner() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    assert!(matches!(bench.store.erase(ann, 9).await, Err(StoreError::NotAllowed)));
    assert!(matches!(bench.store.make_owner(&handle("nobody")).await, Err(StoreError::NotThere)));
    assert_eq!(bench.store.owner().await.expect("read"), Some(ann));
    bench.store.make_owner(&handle("ben")).await.expect("handed over");
    bench.store.make_owner(&handle("ben")).await.expect("twice is once");
    assert_eq!(bench.store.owner().await.expect("read"), Some(ben));
    bench.store.erase(ann, 9).await.expect("erased");
    assert!(matches!(bench.store.erase(ben, 9).await, Err(StoreError::NotAllowed)));
}
