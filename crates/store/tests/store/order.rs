//! Reports, suspended accounts and paused branches.

use protocol::Timestamp;
use protocol::id::{MemberId, ReportNumber};
use protocol::limits::{REPORT_KEPT_DAYS, REPORTS_OPEN_MAX};
use protocol::order::{OrderCounts, OrderPerson, ReportOutcome, ReportPart, ReportReason};
use store::limits::REPORT_OPEN_DAYS;
use store::{Allowance, Branch, Day, LinkProof, NewLink, NewReport, Standing, StoreError};

use crate::common::{Bench, NOW, TODAY, handle, hash, invite, member, session};

const FIRST: ReportNumber = ReportNumber(100_001);

fn about(reporter: MemberId, reported: MemberId) -> NewReport {
    let reason = ReportReason::Threats;
    NewReport { reporter: Some(reporter), reported: Some(reported), reason, heard: Vec::new(), day: TODAY }
}

fn noon(day: Day) -> Timestamp {
    Timestamp(day.begins().0 + 12 * 3_600_000)
}

#[tokio::test]
async fn a_report_is_kept_with_who_heard_it_until_it_is_decided_and_read() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    let unknown = MemberId([9; 16]);
    let report = NewReport { heard: vec![cem, unknown, cem], ..about(ben, ann) };
    bench.store.put_report(&[FIRST], &report).await.expect("kept");
    let next = ReportNumber(100_002);
    bench
        .store
        .put_report(&[FIRST, next], &about(cem, ben))
        .await
        .expect("the number is taken, the next is not");

    let listed = bench.store.list_reports(None, 10).await.expect("read");
    assert_eq!(listed.iter().map(|one| one.number).collect::<Vec<_>>(), [FIRST, next]);
    assert_eq!(
        (listed[0].reporter.clone(), listed[0].reported.clone()),
        (Some(handle("ben")), Some(handle("ann")))
    );
    assert_eq!((listed[0].reason, listed[0].day), (ReportReason::Threats, TODAY));
    assert_eq!(listed[0].heard, [handle("cem")]);
    assert_eq!(bench.store.list_reports(Some(FIRST), 10).await.expect("read").len(), 1);

    let mine = bench.store.reports_of(ben).await.expect("read");
    assert_eq!((mine.len(), mine[0].outcome), (1, ReportOutcome::Open));
    let open = bench.store.put_report_away(ben, FIRST).await;
    assert!(matches!(open, Err(StoreError::NotThere)), "not before it is decided");
    let told = bench.store.decide_report(FIRST, ReportOutcome::ActedOn, TODAY).await.expect("decided");
    assert_eq!(told.iter().map(|one| one.id).collect::<Vec<_>>(), [ben, cem]);
    for who in [ben, cem] {
        let me = bench.store.me(who, session().id, TODAY).await.expect("there");
        assert_eq!(me.reports_decided, 1);
    }
    assert!(matches!(bench.store.put_report_away(ann, FIRST).await, Err(StoreError::NotThere)), "not hers");
    bench.store.put_report_away(ben, FIRST).await.expect("read");
    assert_eq!(bench.store.reports_of(ben).await.expect("read"), []);
    let listed = bench.store.list_reports(None, 1).await.expect("read");
    assert_eq!((listed[0].reporter.clone(), listed[0].outcome), (None, ReportOutcome::ActedOn));
    let unknown = bench.store.decide_report(ReportNumber(1), ReportOutcome::ActedOn, TODAY).await;
    assert!(matches!(unknown, Err(StoreError::NotThere)));
}

#[tokio::test]
async fn whoever_heard_it_too_hears_what_came_of_it_and_puts_it_away() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    let dan = bench.join(ann, "dan").await;
    let store = &bench.store;
    store.put_report(&[FIRST], &NewReport { heard: vec![cem], ..about(ben, dan) }).await.expect("kept");
    let next = ReportNumber(100_002);
    store.put_report(&[next], &about(cem, dan)).await.expect("kept");

    let of = async |who| {
        let all = store.reports_of(who).await.expect("read");
        all.into_iter().map(|one| (one.number, one.part, one.outcome)).collect::<Vec<_>>()
    };
    let open = ReportOutcome::Open;
    assert_eq!(of(cem).await, [(next, ReportPart::Made, open), (FIRST, ReportPart::Heard, open)]);
    assert_eq!(of(ben).await, [(FIRST, ReportPart::Made, open)]);
    assert_eq!(of(dan).await, [], "whom it is about is told nothing");
    assert!(matches!(store.put_report_away(cem, FIRST).await, Err(StoreError::NotThere)), "still open");

    store.decide_report(FIRST, ReportOutcome::NothingDone, TODAY).await.expect("decided");
    assert_eq!(store.me(cem, session().id, TODAY).await.expect("there").reports_decided, 1);
    assert_eq!(of(cem).await[1], (FIRST, ReportPart::Heard, ReportOutcome::NothingDone));
    store.put_report_away(cem, FIRST).await.expect("read");
    assert_eq!(of(cem).await, [(next, ReportPart::Made, open)]);
    assert_eq!(of(ben).await.len(), 1, "whoever made it has still to read it");
    let listed = store.list_reports(None, 1).await.expect("read");
    assert_eq!((listed[0].reporter.clone(), listed[0].heard.len()), (Some(handle("ben")), 0));
}

#[tokio::test]
async fn a_report_goes_after_its_time_and_what_is_counted_stays() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    let numbers = [100_001, 100_002].map(ReportNumber);
    for number in numbers {
        bench.store.put_report(&[number], &about(ben, cem)).await.expect("kept");
    }
    bench.store.decide_report(numbers[0], ReportOutcome::NothingDone, TODAY).await.expect("decided");
    for (days, left) in
        [(REPORT_KEPT_DAYS - 1, 2), (REPORT_KEPT_DAYS, 1), (REPORT_OPEN_DAYS - 1, 1), (REPORT_OPEN_DAYS, 0)]
    {
        bench.store.sweep(noon(Day(TODAY.0 + days))).await.expect("swept");
        assert_eq!(bench.store.list_reports(None, 10).await.expect("read").len(), left, "after {days} days");
    }
    let counts = bench.store.counts().await.expect("counted");
    assert_eq!(counts, OrderCounts { reports: 2, nothing_done: 1, ..OrderCounts::default() });
}

#[tokio::test]
async fn guests_are_named_by_nothing_and_nobody_fills_the_list() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let guest = NewReport { reporter: None, reported: None, ..about(ann, ann) };
    bench.store.put_report(&[FIRST], &guest).await.expect("kept");
    let gone = NewReport { reported: Some(MemberId([9; 16])), ..about(ann, ann) };
    bench.store.put_report(&[ReportNumber(100_002)], &gone).await.expect("and nothing is kept");
    let listed = bench.store.list_reports(None, 10).await.expect("read");
    assert_eq!((listed.len(), listed[0].reporter.clone(), listed[0].reported.clone()), (1, None, None));

    let ben = bench.join(ann, "ben").await;
    for number in 0..=REPORTS_OPEN_MAX {
        let number = ReportNumber(200_000 + u32::try_from(number).expect("few"));
        let kept = bench.store.put_report(&[number], &about(ben, ann)).await;
        assert_eq!(kept.is_err(), number.0 == 200_000 + 20, "{number:?}");
    }
}

#[tokio::test]
async fn whoever_is_suspended_is_signed_out_everywhere_and_comes_in_by_no_way() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let phone = session();
    bench.store.sign_in(ben, &phone).await.expect("signed in");
    let code = hash();
    bench.store.put_recovery_codes(ben, &[code]).await.expect("kept");
    let link = |token| NewLink { token, expires: Timestamp(NOW.0 + 1_000) };
    let (device, short) = (hash(), hash());
    bench.store.put_device_link(ben, link(device), short).await.expect("a link");
    let of_ben = invite(1);
    bench.store.create_invite(ben, &of_ben, Allowance::Free).await.expect("an invitation");

    let suspended = bench.store.suspend(&handle("ben")).await.expect("suspended");
    assert_eq!((suspended.member, suspended.ended.len()), (ben, 2));
    assert!(suspended.ended.contains(&phone.id));
    assert!(bench.store.session(phone.token, TODAY).await.is_err());
    assert!(matches!(bench.store.sign_in(ben, &session()).await, Err(StoreError::Suspended)));
    let by_code = bench.store.use_recovery_code(&handle("ben"), code, &session()).await;
    assert!(matches!(by_code, Err(StoreError::Suspended)));
    let wrong = bench.store.use_recovery_code(&handle("ben"), hash(), &session()).await;
    assert!(matches!(wrong, Err(StoreError::Spent)), "whoever has no proof learns nothing");
    for proof in [LinkProof::Token(device), LinkProof::Code(short)] {
        let by_link = bench.store.use_link(proof, &session(), NOW).await;
        assert!(matches!(by_link, Err(StoreError::Spent)), "links went with the sessions");
    }
    assert_eq!(bench.store.suspend(&handle("ben")).await.expect("again").ended, []);
    let newer = hash();
    bench.store.put_signin_link(&handle("ben"), link(newer)).await.expect("a link");
    let by_link = bench.store.use_link(LinkProof::Token(newer), &session(), NOW).await;
    assert!(matches!(by_link, Err(StoreError::Suspended)));
    assert!(matches!(bench.store.preview_invite(of_ben.token, TODAY).await, Err(StoreError::Spent)));

    let listed = bench.store.list(None, 10).await.expect("read");
    assert_eq!(
        listed.iter().map(|one| one.standing).collect::<Vec<_>>(),
        [Standing::Good, Standing::Suspended]
    );
    let counts = bench.store.counts().await.expect("counted");
    assert_eq!((counts.suspensions, counts.suspended), (1, 1));

    bench.store.unsuspend(&handle("ben")).await.expect("back");
    bench.store.use_recovery_code(&handle("ben"), code, &session()).await.expect("the code was not used up");
    bench.store.use_link(LinkProof::Token(newer), &session(), NOW).await.expect("nor the link");
    bench.store.preview_invite(of_ben.token, TODAY).await.expect("and the invitation stands");
    assert!(matches!(bench.store.suspend(&handle("ann")).await, Err(StoreError::NotAllowed)), "the owner");
    assert!(matches!(bench.store.suspend(&handle("nobody")).await, Err(StoreError::NotThere)));
    assert!(matches!(bench.store.unsuspend(&handle("nobody")).await, Err(StoreError::NotThere)));
}

#[tokio::test]
async fn of_a_paused_branch_nobody_invites_however_far_down_and_everybody_else_does() {
    // ann → ben → cem → dan, and ann → eve.
    let (bench, ann) = Bench::with_owner("ann").await;
    let ben = bench.join(ann, "ben").await;
    let cem = bench.join(ben, "cem").await;
    let dan = bench.join(cem, "dan").await;
    let eve = bench.join(ann, "eve").await;
    let open = invite(5);
    bench.store.create_invite(dan, &open, Allowance::Free).await.expect("an invitation");
    let invites = async |member| {
        bench
            .store
            .create_invite(member, &invite(1), Allowance::Counted)
            .await
            .map_err(|error| error.to_string())
    };

    assert_eq!(bench.store.pause_branch(&handle("ben")).await.expect("paused").members, 3);
    for (member, may) in [(ann, true), (ben, false), (cem, false), (dan, false), (eve, true)] {
        assert_eq!(invites(member).await.is_ok(), may, "{member:?}");
    }
    assert!(matches!(
        bench.store.create_invite(dan, &invite(1), Allowance::Free).await,
        Err(StoreError::Paused)
    ));
    assert!(matches!(bench.store.preview_invite(open.token, TODAY).await, Err(StoreError::Spent)));
    let late = bench.store.accept(open.token, &member("fay"), &session()).await;
    assert!(matches!(late, Err(StoreError::Spent)), "a link of the branch opens nothing");

    // Two that overlap end one after the other.
    assert_eq!(bench.store.pause_branch(&handle("cem")).await.expect("paused").members, 2);
    bench.store.resume_branch(&handle("ben")).await.expect("resumed");
    for (member, may) in [(ben, true), (cem, false), (dan, false)] {
        assert_eq!(invites(member).await.is_ok(), may, "{member:?}");
    }
    let listed = bench.store.list(None, 10).await.expect("read");
    let paused: Vec<_> =
        listed.iter().filter(|one| one.branch == Branch::Paused).map(|one| &one.handle).collect();
    assert_eq!(paused, [&handle("cem")]);
    bench.store.resume_branch(&handle("cem")).await.expect("resumed");
    bench.store.accept(open.token, &member("fay"), &session()).await.expect("nothing of it was used up");
    assert_eq!(bench.store.counts().await.expect("counted").pauses, 2);
}

#[tokio::test]
async fn whoever_keeps_order_sees_the_reports_that_wait_longest_first_and_who_is_suspended_or_paused() {
    let (bench, ann) = Bench::with_owner("ann").await;
    let (ben, cem) = (bench.join(ann, "ben").await, bench.join(ann, "cem").await);
    for (number, day) in [(100_001, TODAY.0), (100_002, TODAY.0 - 2), (100_003, TODAY.0 - 1)] {
        let report = NewReport { day: Day(day), heard: vec![ann], ..about(ben, cem) };
        bench.store.put_report(&[ReportNumber(number)], &report).await.expect("kept");
    }
    bench
        .store
        .decide_report(ReportNumber(100_003), ReportOutcome::NothingDone, TODAY)
        .await
        .expect("decided");
    let open = bench.store.open_reports(10).await.expect("read");
    assert_eq!(open.iter().map(|one| one.number.0).collect::<Vec<_>>(), [100_002, 100_001]);
    assert_eq!((&open[0].reporter, &open[0].reported), (&Some(handle("ben")), &Some(handle("cem"))));
    assert_eq!((open[0].day, &*open[0].heard), (TODAY.0 - 2, &[handle("ann")][..]));
    assert_eq!(bench.store.open_reports(1).await.expect("read"), open[..1]);
    let me = bench.store.me(ann, session().id, TODAY).await.expect("there");
    assert_eq!(me.reports_open, 2);
    assert_eq!(bench.store.me(ben, session().id, TODAY).await.expect("there").reports_open, 0);
    let about = bench.store.report_about(ReportNumber(100_003)).await.expect("there");
    assert_eq!(about, (Some(handle("cem")), ReportOutcome::NothingDone));
    assert!(matches!(bench.store.report_about(ReportNumber(1)).await, Err(StoreError::NotThere)));

    for who in ["cem", "ben"] {
        bench.store.suspend(&handle(who)).await.expect("suspended");
        assert_eq!(bench.store.pause_branch(&handle(who)).await.expect("paused").members, 1);
    }
    bench.store.unsuspend(&handle("ben")).await.expect("lifted");
    let named = |people: Vec<OrderPerson>| people.into_iter().map(|one| one.handle).collect::<Vec<_>>();
    assert_eq!(named(bench.store.suspended(10).await.expect("read")), [handle("cem")]);
    assert_eq!(named(bench.store.paused(10).await.expect("read")), [handle("ben"), handle("cem")]);
    assert_eq!(named(bench.store.paused(1).await.expect("read")), [handle("ben")]);
}
