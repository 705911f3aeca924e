//! Order as whoever runs the server keeps it from their own page, and as nobody else does.

use keeper_api::admin::{AdminReply, AdminRequest};
use keeper_api::{MemberRequest, OrderRequest, Push, Reply, Reported, Request, SessionToken};
use protocol::ErrorCode;
use protocol::id::{MemberId, ReportNumber};
use protocol::limits::ORDER_REPORTS_MAX;
use protocol::order::{BlockReach, Measure, OpenReport, OrderCounts, OrderView, ReportOutcome, ReportReason};

use crate::admin;
use crate::bench::{House, Live, handle};
use crate::order::drawn;

const MEASURES: [Measure; 4] =
    [Measure::Dismiss, Measure::SettleOtherwise, Measure::Suspend, Measure::PauseBranch];

fn order(live: &mut Live, session: &SessionToken, request: OrderRequest) -> Result<Reply, ErrorCode> {
    live.ask_for(session, MemberRequest::Order(request))
}

fn view(house: &mut House) -> OrderView {
    match order(&mut house.live, &house.owner.session.clone(), OrderRequest::Look) {
        Ok(Reply::Order(view)) => *view,
        other => panic!("{other:?}"),
    }
}

fn decide(house: &mut House, report: ReportNumber, measure: Measure) -> Result<Reply, ErrorCode> {
    house.live.pushes.clear();
    order(&mut house.live, &house.owner.session.clone(), OrderRequest::Decide { report, measure })
}

/// The number of the report that was made now.
fn report(house: &mut House, by: Option<MemberId>, about: Option<MemberId>) -> ReportNumber {
    let before: Vec<_> = view(house).reports.iter().map(|report| report.number).collect();
    let reason = ReportReason::Hate;
    let (numbers, heard, reported) = (drawn(), vec![], about.map(Reported::Member));
    let filed = house.live.ask(Request::Report { numbers, reporter: by, reported, reason, heard });
    assert_eq!(filed, Ok(Reply::Done));
    let now = view(house).reports;
    now.iter().map(|report| report.number).find(|number| !before.contains(number)).expect("a new one")
}

fn names(people: &[protocol::order::OrderPerson]) -> Vec<&str> {
    people.iter().map(|person| person.handle.as_str()).collect()
}

fn open(live: &mut Live, session: &SessionToken) -> u32 {
    match live.check(session) {
        Ok(Reply::Session(session)) => session.me.reports_open,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_is_on_the_owners_page_at_once_with_who_heard_it_and_on_nobody_elses() {
    let mut house = House::of("ann");
    let (ben, cem, dan) = (house.join("ben"), house.join("cem"), house.join("dan"));
    let ann = house.owner.session.clone();
    assert_eq!(view(&mut house).reports, []);
    assert_eq!(open(&mut house.live, &ann), 0);
    house.live.pushes.clear();
    let filed = house.live.ask(Request::Report {
        numbers: drawn(),
        reporter: Some(ben.me.id),
        reported: Some(Reported::Member(cem.me.id)),
        reason: ReportReason::Threats,
        heard: vec![dan.me.id],
    });
    assert_eq!(filed, Ok(Reply::Done));
    let told = Push::AccountChanged { member: house.owner.me.id };
    assert_eq!(house.live.pushes, [told], "their pages are to look again, and nobody else's");
    assert_eq!(open(&mut house.live, &ann), 1, "whatever was remembered of them");
    assert_eq!([&ben, &cem, &dan].map(|one| open(&mut house.live, &one.session)), [0; 3]);
    let seen = view(&mut house);
    let [OpenReport { reporter, reported, reason, heard, .. }] = &*seen.reports else { panic!("{seen:?}") };
    assert_eq!((reporter.clone(), reported.clone()), (Some(handle("ben")), Some(handle("cem"))));
    assert_eq!((*reason, &**heard), (ReportReason::Threats, &[handle("dan")][..]));
    assert_eq!(seen.counts, OrderCounts { reports: 1, open: 1, ..OrderCounts::default() });
    house.server.stop();
}

/// Everything that can be asked, about whatever there may be.
fn everything(reports: &[ReportNumber], handles: &[&str]) -> Vec<OrderRequest> {
    let mut all = vec![OrderRequest::Look];
    for report in reports.iter().copied() {
        all.extend(MEASURES.map(|measure| OrderRequest::Decide { report, measure }));
    }
    for who in handles {
        let handle = handle(who);
        all.push(OrderRequest::Suspend { handle: handle.clone() });
        all.push(OrderRequest::Unsuspend { handle: handle.clone() });
        all.push(OrderRequest::PauseBranch { handle: handle.clone() });
        all.push(OrderRequest::ResumeBranch { handle: handle.clone() });
        all.push(OrderRequest::Protect { handle: handle.clone() });
        all.push(OrderRequest::Unprotect { handle });
    }
    all
}

#[test]
fn whoever_does_not_run_the_server_gets_the_same_refusal_whatever_there_is_and_nothing_happens() {
    let mut house = House::of("ann");
    let (ben, cem, dan) = (house.join("ben"), house.join("cem"), house.join("dan"));
    let (ben_id, cem_id) = (Some(ben.me.id), Some(cem.me.id));
    let suspending = report(&mut house, ben_id, Some(dan.me.id));
    decide(&mut house, suspending, Measure::Suspend).expect("done");
    let pausing = report(&mut house, ben_id, cem_id);
    decide(&mut house, pausing, Measure::PauseBranch).expect("done");
    let mine = report(&mut house, ben_id, cem_id);
    let about_me = report(&mut house, cem_id, ben_id);
    let before = view(&mut house);
    house.live.pushes.clear();

    let reports = [mine, about_me, suspending, ReportNumber(1)];
    let asked = everything(&reports, &["ann", "ben", "cem", "dan", "nobody"]);
    assert_eq!(asked.len(), 1 + 4 * MEASURES.len() + 5 * 6);
    for session in [&ben.session, &cem.session] {
        for request in asked.clone() {
            let answer = order(&mut house.live, session, request.clone());
            assert_eq!(answer, Err(ErrorCode::NotAllowed), "{request:?}");
        }
    }
    for request in asked {
        let answer = order(&mut house.live, &dan.session, request.clone());
        assert_eq!(answer, Err(ErrorCode::SignedOut), "suspended: {request:?}");
    }
    assert_eq!(house.live.pushes, []);
    assert_eq!(view(&mut house), before);
    house.server.stop();
}

#[test]
fn what_the_owner_decides_is_done_at_once_and_whoever_reported_hears_what_came_of_it() {
    for (measure, outcome) in [
        (Measure::Dismiss, ReportOutcome::NothingDone),
        (Measure::SettleOtherwise, ReportOutcome::ActedOn),
        (Measure::Suspend, ReportOutcome::ActedOn),
        (Measure::PauseBranch, ReportOutcome::ActedOn),
    ] {
        let mut house = House::of("ann");
        let (ben, cem) = (house.join("ben"), house.join("cem"));
        let number = report(&mut house, Some(ben.me.id), Some(cem.me.id));
        assert_eq!(decide(&mut house, number, measure), Ok(Reply::Done));

        let pushes = house.live.pushes.clone();
        let owners = Push::AccountChanged { member: house.owner.me.id };
        let cems = Push::AccountChanged { member: cem.me.id };
        let ended = Push::SessionEnded { session: cem.me.session, member: cem.me.id };
        let hears = |push: &Push| matches!(push, Push::MemberChanged(person) if person.id == ben.me.id);
        assert!(pushes.iter().any(hears), "{measure:?}: {pushes:?}");
        assert!(pushes.contains(&owners), "the owner's other screens");
        assert_eq!(pushes.contains(&ended), measure == Measure::Suspend);
        assert_eq!(pushes.contains(&cems), measure == Measure::PauseBranch, "it is kept about them");
        let Ok(Reply::Reports(reports)) = house.live.ask_for(&ben.session, MemberRequest::ListReports) else {
            panic!("a list")
        };
        assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [outcome]);

        let signed_in = house.live.check(&cem.session).map(|_| ());
        let seen = view(&mut house);
        match measure {
            Measure::Suspend => {
                assert_eq!(signed_in, Err(ErrorCode::SignedOut));
                assert_eq!((names(&seen.suspended), names(&seen.paused)), (vec!["cem"], vec![]));
            }
            Measure::PauseBranch => {
                assert_eq!((names(&seen.suspended), names(&seen.paused)), (vec![], vec!["cem"]));
                let invite = MemberRequest::CreateInvite { uses: 1, note: None };
                assert_eq!(house.live.ask_for(&cem.session, invite), Err(ErrorCode::InvitesPaused));
            }
            Measure::Dismiss | Measure::SettleOtherwise => {
                assert_eq!(signed_in, Ok(()));
                assert_eq!((names(&seen.suspended), names(&seen.paused)), (vec![], vec![]));
            }
        }
        assert_eq!((seen.reports, seen.counts.open, seen.counts.reports), (vec![], 0, 1));
        let owner = house.owner.session.clone();
        assert_eq!(open(&mut house.live, &owner), 0);
        for again in MEASURES {
            assert_eq!(decide(&mut house, number, again), Err(ErrorCode::NotNow), "it is decided");
        }
        assert_eq!(decide(&mut house, ReportNumber(1), measure), Err(ErrorCode::NotThere));
        house.server.stop();
    }
}

#[test]
fn whoever_was_suspended_or_paused_is_not_any_more_once_the_owner_lifts_it() {
    let mut house = House::of("ann");
    let (ben, cem) = (house.join("ben"), house.join("cem"));
    let ann = house.owner.session.clone();
    let number = report(&mut house, Some(ben.me.id), Some(cem.me.id));
    decide(&mut house, number, Measure::Suspend).expect("done");
    let number = report(&mut house, None, Some(ben.me.id));
    decide(&mut house, number, Measure::PauseBranch).expect("done");
    let link = AdminRequest::SigninLink { handle: handle("cem") };
    let AdminReply::Link { secret, .. } = admin::ask(&house.data(), &link) else { panic!("a link") };
    let sign_in = Request::SignInByLink {
        secret: keeper_api::SignInSecret::Link(secret),
        device: protocol::account::DeviceLabel::Android,
    };
    assert_eq!(house.live.ask(sign_in.clone()), Err(ErrorCode::Suspended));

    house.live.pushes.clear();
    let lift = |who: &str| OrderRequest::Unsuspend { handle: handle(who) };
    let resume = |who: &str| OrderRequest::ResumeBranch { handle: handle(who) };
    assert_eq!(order(&mut house.live, &ann, lift("cem")), Ok(Reply::Done));
    assert_eq!(order(&mut house.live, &ann, resume("ben")), Ok(Reply::Done));
    let (bens, owners) = (ben.me.id, house.owner.me.id);
    let told = [owners, bens, owners].map(|member| Push::AccountChanged { member });
    assert_eq!(house.live.pushes, told);
    house.live.sign_in(sign_in).expect("the link is good again");
    house.live.invite(&ben.session);
    let seen = view(&mut house);
    assert_eq!((names(&seen.suspended), names(&seen.paused)), (vec![], vec![]));
    let counts = OrderCounts { reports: 2, acted_on: 2, suspensions: 1, pauses: 1, ..OrderCounts::default() };
    assert_eq!(seen.counts, counts);
    for unknown in [lift("nobody"), resume("nobody")] {
        assert_eq!(order(&mut house.live, &ann, unknown), Err(ErrorCode::NotThere));
    }
    house.server.stop();
}

#[test]
fn the_owner_suspends_and_pauses_without_a_report_too() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    house.live.pushes.clear();
    let [suspend, pause] = [
        OrderRequest::Suspend { handle: handle("ben") },
        OrderRequest::PauseBranch { handle: handle("ben") },
    ];
    assert_eq!(order(&mut house.live, &ann, suspend), Ok(Reply::Done));
    let ended = Push::SessionEnded { session: ben.me.session, member: ben.me.id };
    assert_eq!(house.live.pushes.first(), Some(&ended));
    assert_eq!(house.live.check(&ben.session), Err(ErrorCode::SignedOut));
    assert_eq!(order(&mut house.live, &ann, pause), Ok(Reply::Done));
    let seen = view(&mut house);
    assert_eq!((names(&seen.suspended), names(&seen.paused)), (vec!["ben"], vec!["ben"]));
    let counts = OrderCounts { suspensions: 1, pauses: 1, suspended: 1, paused: 1, ..OrderCounts::default() };
    assert_eq!(seen.counts, counts);
    house.server.stop();
}

#[test]
fn an_owner_who_is_reported_is_told_nothing_and_the_shell_decides_it() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    let before = view(&mut house);
    house.live.pushes.clear();
    let owner = house.owner.me.id;
    let (reporter, reported) = (Some(ben.me.id), Some(Reported::Member(owner)));
    let filed =
        Request::Report { numbers: drawn(), reporter, reported, reason: ReportReason::Hate, heard: vec![] };
    assert_eq!(house.live.ask(filed), Ok(Reply::Done));
    let AdminReply::Reports(shell) = admin::ask(&house.data(), &AdminRequest::ListReports { after: None })
    else {
        panic!("a list")
    };
    let about_owner = shell[0].number;
    assert_eq!(house.live.pushes, [], "nobody is told that there is anything to look at");
    assert_eq!(open(&mut house.live, &ann), 0);
    assert_eq!(view(&mut house), before);
    for measure in MEASURES {
        assert_eq!(decide(&mut house, about_owner, measure), Err(ErrorCode::NotThere), "as of none at all");
    }
    let decided = AdminRequest::Resolve { report: about_owner, outcome: ReportOutcome::ActedOn };
    assert_eq!(admin::ask(&house.data(), &decided), AdminReply::Done);
    assert_eq!(view(&mut house), before);
    let Ok(Reply::Reports(reports)) = house.live.ask_for(&ben.session, MemberRequest::ListReports) else {
        panic!("a list")
    };
    assert_eq!(reports.iter().map(|report| report.outcome).collect::<Vec<_>>(), [ReportOutcome::ActedOn]);
    house.server.stop();
}

#[test]
fn nobody_suspends_whoever_runs_the_server_and_of_a_guest_there_is_no_account() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let guest = report(&mut house, Some(ben.me.id), None);
    for measure in [Measure::Suspend, Measure::PauseBranch] {
        assert_eq!(decide(&mut house, guest, measure), Err(ErrorCode::PersonGone));
    }
    assert_eq!(house.live.pushes, [], "nobody was told anything");
    let owner = house.owner.session.clone();
    let suspend = |who: &str| OrderRequest::Suspend { handle: handle(who) };
    assert_eq!(order(&mut house.live, &owner, suspend("ann")), Err(ErrorCode::NotAllowed));
    assert_eq!(order(&mut house.live, &owner, suspend("nobody")), Err(ErrorCode::NotThere));
    assert_eq!(house.live.pushes, [], "still");
    assert_eq!(view(&mut house).counts.open, 1);
    decide(&mut house, guest, Measure::SettleOtherwise).expect("done");
    house.live.check(&house.owner.session.clone()).expect("still here");
    house.server.stop();
}

#[test]
fn order_goes_to_the_next_owner_from_one_question_to_the_next() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let ann = house.owner.session.clone();
    assert!(order(&mut house.live, &ann, OrderRequest::Look).is_ok());
    assert_eq!(order(&mut house.live, &ben.session, OrderRequest::Look), Err(ErrorCode::NotAllowed));
    let make = AdminRequest::MakeOwner { handle: handle("ben") };
    assert_eq!(admin::ask(&house.data(), &make), AdminReply::Done);
    assert_eq!(order(&mut house.live, &ann, OrderRequest::Look), Err(ErrorCode::NotAllowed));
    assert!(order(&mut house.live, &ben.session, OrderRequest::Look).is_ok());
    house.server.stop();
}

#[test]
fn of_more_than_fit_on_a_page_the_first_are_shown_and_all_are_counted() {
    let mut house = House::of("ann");
    let ben = house.join("ben").me.id;
    for _ in 0..=ORDER_REPORTS_MAX {
        let (reason, heard) = (ReportReason::Spam, Vec::new());
        let filed = Request::Report {
            numbers: drawn(),
            reporter: None,
            reported: Some(Reported::Member(ben)),
            reason,
            heard,
        };
        assert_eq!(house.live.ask(filed), Ok(Reply::Done));
    }
    let seen = view(&mut house);
    assert_eq!(seen.reports.len(), ORDER_REPORTS_MAX);
    assert_eq!(seen.counts.open, ORDER_REPORTS_MAX as u64 + 1);
    let next = seen.reports[0].number;
    decide(&mut house, next, Measure::Dismiss).expect("done");
    let seen = view(&mut house);
    assert_eq!(seen.reports.len(), ORDER_REPORTS_MAX, "the next one came up");
    assert!(!seen.reports.iter().any(|report| report.number == next));
    house.server.stop();
}

#[test]
fn whom_the_owner_protects_blocks_further_and_rooms_are_told_to_ask_anew() {
    let mut house = House::of("ann");
    let (ben, cem) = (house.join("ben"), house.join("cem"));
    let ann = house.owner.session.clone();
    house.live.ask_for(&ben.session, MemberRequest::Block { handle: handle("cem") }).expect("blocked");
    let by_page = |house: &mut House, request: OrderRequest| {
        assert_eq!(order(&mut house.live, &ann, request), Ok(Reply::Done));
    };
    let by_shell = |house: &mut House, request: AdminRequest| {
        assert_eq!(admin::ask(&house.data(), &request), AdminReply::Done);
        // An answer comes after whatever was pushed before it.
        house.live.check(&house.owner.session.clone()).expect("signed in");
    };
    let who = || handle("ben");
    for reach in [BlockReach::Room, BlockReach::Stage] {
        house.live.pushes.clear();
        match reach {
            BlockReach::Room => by_page(&mut house, OrderRequest::Protect { handle: who() }),
            BlockReach::Stage => by_shell(&mut house, AdminRequest::Unprotect { handle: who() }),
        }
        assert!(house.live.pushes.contains(&Push::FollowingChanged { member: ben.me.id }), "{reach:?}");
        assert!(house.live.pushes.contains(&Push::AccountChanged { member: ben.me.id }), "and their page");
        let asked = house.live.ask(Request::Blocked { member: ben.me.id });
        assert_eq!(asked, Ok(Reply::Blocks { blocked: vec![cem.me.id], reach }));
        let seen = view(&mut house);
        let all = if reach == BlockReach::Room { vec!["ben"] } else { vec![] };
        assert_eq!((names(&seen.protected), seen.counts.protected), (all.clone(), all.len() as u64));
    }
    by_shell(&mut house, AdminRequest::Protect { handle: who() });
    by_page(&mut house, OrderRequest::Unprotect { handle: who() });
    let unknown = OrderRequest::Protect { handle: handle("nobody") };
    assert_eq!(order(&mut house.live, &ann, unknown), Err(ErrorCode::NotThere));
    house.server.stop();
}
