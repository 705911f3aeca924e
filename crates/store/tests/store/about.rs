//! What a member is shown of what is kept about them, and what is left when they erase it.

use protocol::Timestamp;
use protocol::account::{DeviceLabel, Role};
use protocol::club::{BanPeriod, ClubAct, ClubDoor};
use protocol::event::{EventDraft, EventKind};
use protocol::id::{ClubId, EventId, MemberId, PasskeyId, PictureId, ReportNumber};
use protocol::kept::{Kept, KeptLinkKind};
use protocol::order::ReportReason;
use protocol::push::{ClockOffset, MinuteOfDay, Quiet, Switch, Wishes};
use serde_json::Value;
use store::kept::{COLUMNS, Column, SeenBy};
use store::{Allowance, Erased, LinkProof, Named, NewInvite, NewLink, NewPasskey, NewReport, StoreError};

use crate::clubs::charter;
use crate::common::{Bench, NOW, TODAY, handle, hash, invite, member, name, session};
use crate::events::draft;

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
    store.put_picture(id, PictureId(id.0), who.as_bytes()).await.expect("put up");
    let signed_in = store.sessions_of(id, session().id, TODAY).await.expect("read")[0].id;
    store.set_device(signed_in, &format!("https://push.example.org/{who}"), &[7; 81]).await.expect("set");
    let minute = |minute| MinuteOfDay::try_from(minute).expect("of a day");
    let quiet =
        Quiet { from: minute(1_320), until: minute(420), zone: ClockOffset::try_from(60).expect("a zone") };
    store.wish(id, &Wishes { quiet: Some(quiet), ..Wishes::default() }).await.expect("said");
    let link = NewLink { token: hash(), expires: Timestamp(NOW.0 + 60_000) };
    store.put_device_link(id, link, hash()).await.expect("made");
    let note = Some(name(&format!("A friend of {who}")));
    store.create_invite(id, &NewInvite { note, ..invite(2) }, Allowance::Counted).await.expect("made");
    let (reporter, reported) = (Some(id), Some(inviter));
    let report = NewReport { reporter, reported, reason: ReportReason::Spam, heard: Vec::new(), day: TODAY };
    store.put_report(&[ReportNumber(123_456)], &report).await.expect("filed");
    store.announce(id, EventId(id.0), &draft(EventKind::Open)).await.expect("announced");
    let theirs = EventDraft { speakers: vec![handle(who)], ..draft(EventKind::Closed) };
    let mut other = id.0;
    other[15] = 1;
    store.announce(inviter, EventId(other), &theirs).await.expect("announced");
    store.go_to(id, EventId(other)).await.expect("said");
    store.set_calendar(id, hash()).await.expect("made");
    let ids = [1, 2].map(|number: u8| ClubId([number; 16]));
    for (club, name) in ids.into_iter().zip(["Jazz", "Folk"]) {
        store.found_club(inviter, club, &charter(name, ClubDoor::Open), TODAY).await.expect("founded");
    }
    store.follow_club(id, ids[0], TODAY).await.expect("followed");
    let ban = ClubAct::Ban(BanPeriod::Week);
    store.act_in_club(inviter, ids[1], &handle(who), ban, TODAY).await.expect("banned");
    id
}

async fn kept(bench: &Bench, who: MemberId) -> Kept {
    bench.store.kept(who, session().id, TODAY).await.expect("there")
}

/// Where the rows of a table that are about a member stand in what they are shown.
#[derive(Debug, Clone, Copy)]
enum Where {
    /// Field by field: one object, or the first of a list.
    Fields(&'static str),
    /// As handles of those in this column; the other says whose row it is.
    People { list: &'static str, of: &'static str },
    /// How many there are, no more.
    Count(&'static str),
    /// Nowhere, for nothing in it is about a member.
    OfNobody,
    /// Nowhere, for it is about a club: everybody sees it on its page.
    OfAClub,
}

fn place(table: &str) -> Where {
    match table {
        "members" => Where::Fields("account"),
        "passkeys" => Where::Fields("passkeys"),
        "sessions" => Where::Fields("sessions"),
        "links" => Where::Fields("links"),
        "invites" => Where::Fields("invites"),
        "reports" => Where::Fields("reports"),
        "pictures" => Where::Fields("picture"),
        "events" => Where::Fields("events"),
        "event_people" => Where::Fields("event_parts"),
        "event_going" => Where::Fields("event_going"),
        "calendars" => Where::Count("calendars"),
        "push_devices" => Where::Fields("push_devices"),
        "push_wishes" => Where::Fields("wishes"),
        "club_people" => Where::Fields("clubs"),
        "club_bans" => Where::Fields("club_bans"),
        "clubs" => Where::OfAClub,
        "blocks" => Where::People { list: "blocks", of: "blocked" },
        "muted_pings" => Where::People { list: "pings_muted", of: "muted" },
        "follows" => Where::People { list: "follows", of: "followed" },
        "recovery_codes" => Where::Count("recovery_codes"),
        "report_signatures" => Where::Count("signed"),
        "counts" | "push_keys" | "schema" | "settings" => Where::OfNobody,
        table => panic!("{table}: where is a member shown what is in it about them?"),
    }
}

/// Columns that are not shown by their own name, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("blocks", "blocker", "whose row it is goes without saying"),
    ("club_people", "member", "whose row it is goes without saying"),
    ("club_bans", "member", "whose row it is goes without saying"),
    ("follows", "follower", "whose row it is goes without saying; those who follow them are counted"),
    ("calendars", "member", "whose row it is goes without saying"),
    ("event_going", "member", "whose row it is goes without saying"),
    ("event_people", "member", "whose row it is goes without saying"),
    ("events", "host", "whose row it is goes without saying"),
    ("events", "start_ms", "shown under another name: `start`"),
    ("events", "first_ms", "shown under another name: `first`"),
    ("events", "repeats", "shown under another name: `repeat`"),
    ("follows", "bell", "as a list of its own, `bells`"),
    ("push_devices", "keys", "under two names, as browsers have them: `p256dh` and `auth`"),
    ("push_wishes", "member", "whose row it is goes without saying"),
    ("push_wishes", "quiet_from", "within `quiet`"),
    ("push_wishes", "quiet_until", "within `quiet`"),
    ("push_wishes", "quiet_zone", "within `quiet`"),
    ("invites", "inviter", "whose row it is goes without saying"),
    ("links", "member", "whose row it is goes without saying"),
    ("muted_pings", "muter", "whose row it is goes without saying"),
    ("passkeys", "member", "whose row it is goes without saying"),
    ("pictures", "member", "whose row it is goes without saying"),
    ("reports", "reporter", "whose row it is goes without saying"),
    ("sessions", "member", "whose row it is goes without saying"),
    ("recovery_codes", "member", "whose row it is goes without saying"),
    ("report_signatures", "member", "whose row it is goes without saying"),
    ("report_signatures", "report", "it is somebody else's: how many they signed is shown"),
    ("links", "expires_ms", "a finer time than a day is shown under another name: `expires`"),
];

/// What is shown to a member of these rows, be it a list of people that is asked for by itself.
async fn shown_to(bench: &Bench, who: MemberId) -> Value {
    let mut all = kept(bench, who).await;
    let people = |which| bench.store.kept_people(who, which, None, 9);
    all.follows = people(Named::Followed).await.expect("read");
    all.bells = people(Named::Belled).await.expect("read");
    all.blocks = people(Named::Blocked).await.expect("read");
    all.pings_muted = people(Named::PingsMuted).await.expect("read");
    serde_json::to_value(all).expect("written")
}

#[tokio::test]
async fn a_member_is_shown_every_column_that_is_about_them() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = settle(&bench, ann, "ben").await;
    let cat = bench.join(ann, "cat").await;
    bench.store.follow(ben, &handle("cat")).await.expect("followed");
    bench.store.set_bell(ben, &handle("cat"), Switch::On).await.expect("rung");
    bench.join(ann, "dan").await;
    bench.store.block(ben, &handle("dan")).await.expect("blocked");
    bench.store.mute_pings(ben, &handle("cat")).await.expect("muted");
    let heard = NewReport {
        reporter: Some(cat),
        reported: Some(ann),
        reason: ReportReason::Spam,
        heard: vec![ben],
        day: TODAY,
    };
    bench.store.put_report(&[ReportNumber(234_567)], &heard).await.expect("filed");
    let shown = shown_to(&bench, ben).await;
    for (table, name, _) in OTHERWISE {
        let there = COLUMNS.iter().any(|column| (column.table, column.name) == (*table, *name));
        assert!(there, "{table}.{name} is not there any more");
    }
    for column in COLUMNS {
        let Column { table, name, seen_by, .. } = *column;
        let otherwise = OTHERWISE.iter().any(|(in_table, named, _)| (*in_table, *named) == (table, name));
        let hidden = seen_by == SeenBy::Nobody;
        match place(table) {
            Where::Fields(at) => {
                let row = if shown[at].is_array() { &shown[at][0] } else { &shown[at] };
                let Value::Object(fields) = row else { panic!("{table}: nothing is shown") };
                assert_eq!(fields.contains_key(name), !hidden && !otherwise, "{table}.{name}");
            }
            Where::People { list, of } => {
                assert!(shown[list].as_array().is_some_and(|all| all.len() == 1), "{table}: {shown}");
                assert!(otherwise || name == of, "{table}.{name}");
            }
            Where::Count(at) => {
                assert!(shown[at].as_u64().is_some_and(|count| count > 0), "{table}: {shown}");
                assert!(otherwise || hidden, "{table}.{name}");
            }
            Where::OfAClub => assert_ne!(seen_by, SeenBy::Own, "{table}.{name}"),
            Where::OfNobody => assert!(!otherwise && about_nobody(seen_by), "{table}.{name}"),
        }
    }
    assert!(shown["links"][0].get("expires").is_some(), "under another name");
    for other in ["start", "first", "repeat"] {
        assert!(shown["events"][0].get(other).is_some(), "{other}");
    }
    assert_eq!(shown["bells"][0], "cat");
    assert_eq!(shown["wishes"]["quiet"]["until"], 420);
    let people = (&shown["follows"][0], &shown["blocks"][0]);
    assert_eq!(people, (&Value::from("cat"), &Value::from("dan")));
    let counted = (&shown["recovery_codes"], &shown["followers"], &shown["signed"]);
    assert_eq!(counted, (&Value::from(2), &Value::from(0), &Value::from(1)));
}

/// What the server keeps of itself.
fn about_nobody(seen_by: SeenBy) -> bool {
    match seen_by {
        SeenBy::Nobody | SeenBy::Anyone => true,
        SeenBy::Words(words) => words == "Whoever runs the server.",
        SeenBy::Members | SeenBy::Own => false,
    }
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
    let [club, ban] = [&shown.clubs[0].name, &shown.club_bans[0].name].map(|name| name.as_str());
    assert_eq!((club, ban, shown.club_bans[0].until_day), ("Jazz", "Folk", Some(TODAY.0 + 8)));
    let picture = shown.picture.as_ref().map(|picture| (picture.id, picture.jpeg.as_str()));
    assert_eq!(picture, Some((PictureId(ben.0), "data:image/jpeg;base64,YmVu")));

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
    assert!(gone(store.profile_page(ann, &handle("ben"), TODAY).await.expect_err("no profile")));
    assert!(gone(store.picture(ann, PictureId(ben.0)).await.expect_err("no picture")));
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
