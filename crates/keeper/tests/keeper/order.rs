//! Reports, and what the administrators do: as `live` and the shell see it.

use std::sync::atomic::{AtomicU32, Ordering};

use keeper_api::admin::{AdminReply, AdminReport, AdminRequest};
use keeper_api::limits::HEARD_MAX;
use keeper_api::{MemberRequest, Push, RecoveryCode, Reply, Reported, Request, ToLive, Typed};
use protocol::ErrorCode;
use protocol::account::DeviceLabel;
use protocol::id::{MemberId, ReportNumber};
use protocol::order::{BlockReach, OrderCounts, ReportOutcome, ReportReason};

use crate::admin::ask;
use crate::bench::{House, handle};

fn report(by: MemberId, about: MemberId, heard: Vec<MemberId>) -> Request {
    let (numbers, reason) = (drawn(), ReportReason::Hate);
    Request::Report { numbers, reporter: Some(by), reported: Some(Reported::Member(about)), reason, heard }
}

/// Numbers that nobody had yet.
pub(crate) fn drawn() -> Vec<ReportNumber> {
    static NEXT: AtomicU32 = AtomicU32::new(100_000);
    vec![ReportNumber(NEXT.fetch_add(1, Ordering::Relaxed))]
}

fn reports(house: &House) -> Vec<AdminReport> {
    match ask(&house.data(), &AdminRequest::ListReports { after: None }) {
        AdminReply::Reports(reports) => reports,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_report_reaches_the_administrators_and_its_outcome_whoever_made_it() {
    let mut house = House::of("ann");
    let (ben, cem) = (house.join("ben"), house.join("cem"));
    let filed = house.live.ask(report(ben.me.id, cem.me.id, vec![house.owner.me.id]));
    assert_eq!(filed, Ok(Reply::Done));
    let [filed] = reports(&house).try_into().expect("one");
    let AdminReport { number, reporter, reported, heard, outcome, .. } = filed;
    assert_eq!((reporter, reported, heard), (Some(handle("ben")), Some(handle("cem")), vec![handle("ann")]));
    assert_eq!(outcome, ReportOutcome::Open);
    assert!((100_000..1_000_000).contains(&number.0), "six digits: {number:?}");

    let Ok(Reply::Session(before)) = house.live.check(&ben.session) else { panic!("signed in") };
    assert_eq!(before.me.reports_decided, 0);
    let decide = AdminRequest::Resolve { report: number, outcome: ReportOutcome::ActedOn };
    assert_eq!(ask(&house.data(), &decide), AdminReply::Done);
    let word = house.live.receive();
    assert!(
        matches!(&word, Some(ToLive::Push(Push::MemberChanged(person))) if person.id == ben.me.id),
        "whoever reported is to look again: {word:?}"
    );
    let word = house.live.receive();
    assert!(
        matches!(&word, Some(ToLive::Push(Push::MemberChanged(person))) if person.id == house.owner.me.id),
        "and whoever heard it too: {word:?}"
    );
    let Ok(Reply::Session(after)) = house.live.check(&ben.session) else { panic!("signed in") };
    assert_eq!(after.me.reports_decided, 1);
    let Ok(Reply::Reports(mine)) = house.live.ask_for(&ben.session, MemberRequest::ListReports) else {
        panic!("a list")
    };
    assert_eq!((mine.len(), mine[0].number, mine[0].outcome), (1, number, ReportOutcome::ActedOn));
    assert_eq!(house.live.ask_for(&cem.session, MemberRequest::ListReports), Ok(Reply::Reports(vec![])));

    let away = MemberRequest::PutReportAway { report: number };
    assert_eq!(house.live.ask_for(&cem.session, away.clone()), Err(ErrorCode::NotThere));
    assert_eq!(house.live.ask_for(&ben.session, away), Ok(Reply::Done));
    let Ok(Reply::Session(read)) = house.live.check(&ben.session) else { panic!("signed in") };
    assert_eq!(read.me.reports_decided, 0);
    assert_eq!(reports(&house)[0].reporter, None, "nothing says that it was theirs");

    let unknown = AdminRequest::Resolve { report: ReportNumber(1), outcome: ReportOutcome::ActedOn };
    assert_eq!(ask(&house.data(), &unknown), AdminReply::Refused(ErrorCode::NotThere));
    house.server.stop();
}

#[test]
fn a_report_that_was_not_answered_and_is_brought_again_is_kept_once() {
    let mut house = House::of("ann");
    let (ben, cem, dan) = (house.join("ben"), house.join("cem"), house.join("dan"));
    let first = report(ben.me.id, cem.me.id, vec![dan.me.id]);
    for _ in 0..3 {
        assert_eq!(house.live.ask(first.clone()), Ok(Reply::Done));
    }
    assert_eq!(reports(&house).len(), 1);
    // Another that drew the same first number takes the next.
    let Request::Report { numbers, .. } = &first else { panic!("a report") };
    let numbers = [&numbers[..], &drawn()].concat();
    let (reporter, reported, reason, heard) =
        (Some(dan.me.id), Some(Reported::Member(cem.me.id)), ReportReason::Hate, Vec::new());
    let other = Request::Report { numbers, reporter, reported, reason, heard };
    assert_eq!(house.live.ask(other.clone()), Ok(Reply::Done));
    assert_eq!(house.live.ask(other), Ok(Reply::Done));
    assert_eq!(reports(&house).len(), 2);
    house.server.stop();
}

#[test]
fn who_had_left_is_reported_by_what_they_are_called_and_nothing_is_kept_of_a_name_that_nobody_has() {
    let mut house = House::of("ann");
    let (ben, cem, dan) = (house.join("ben"), house.join("cem"), house.join("dan"));
    // Of whoever blocks who reports, too: it is no way to be left alone.
    let block = MemberRequest::Block { handle: handle("ben") };
    house.live.ask_for(&cem.session, block).expect("blocked");
    let called = |name: &str, by: MemberId, heard: Vec<MemberId>| Request::Report {
        numbers: drawn(),
        reporter: Some(by),
        reported: Some(Reported::Called(handle(name))),
        reason: ReportReason::Hate,
        heard,
    };
    let taken = Ok(Reply::Done);
    assert_eq!(house.live.ask(called("cem", ben.me.id, vec![dan.me.id])), taken);
    let [filed] = reports(&house).try_into().expect("one");
    let AdminReport { reporter, reported, heard, .. } = filed;
    assert_eq!((reporter, reported, heard), (Some(handle("ben")), Some(handle("cem")), vec![handle("dan")]));

    assert_eq!(
        house.live.ask(called("nobody", ben.me.id, vec![])),
        taken,
        "and no answer tells the two apart"
    );
    // Whoever is called so by now may be one of the others.
    assert_eq!(house.live.ask(called("ben", ben.me.id, vec![])), taken);
    assert_eq!(reports(&house).len(), 1);
    assert_eq!(house.live.ask(called("cem", dan.me.id, vec![cem.me.id])), taken);
    assert!(reports(&house).iter().any(|report| report.heard.is_empty()), "nobody signs against themselves");
    house.server.stop();
}

#[test]
fn whoever_reports_without_end_is_refused_and_nobody_else_is() {
    let mut house = House::of("ann");
    let (ben, cem) = (house.join("ben"), house.join("cem"));
    let taken = (0..20).filter(|_| house.live.ask(report(ben.me.id, cem.me.id, vec![])).is_ok()).count();
    assert_eq!(taken, 10);
    assert_eq!(house.live.ask(report(cem.me.id, ben.me.id, vec![])), Ok(Reply::Done));
    let too_many = report(cem.me.id, ben.me.id, vec![ben.me.id; HEARD_MAX + 1]);
    assert_eq!(house.live.ask(too_many), Err(ErrorCode::TooLarge));
    house.server.stop();
}

#[test]
fn who_is_suspended_is_cut_off_at_once_and_told_so_when_they_come_back_with_a_proof() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let Ok(Reply::RecoveryCodes(codes)) = house.live.ask_for(&ben.session, MemberRequest::MakeRecoveryCodes)
    else {
        panic!("codes")
    };
    let by_code = |code: &str| Request::SignInByRecoveryCode {
        handle: Typed::new("ben").expect("short"),
        code: RecoveryCode::parse(code).expect("a code"),
        device: DeviceLabel::Linux,
    };
    let suspend = AdminRequest::Suspend { handle: handle("ben") };
    assert_eq!(ask(&house.data(), &suspend), AdminReply::Ended { sessions: 1 });
    let word = house.live.receive();
    let ended = Push::SessionEnded { session: ben.me.session, member: ben.me.id };
    assert!(matches!(&word, Some(ToLive::Push(push)) if *push == ended), "{word:?}");
    assert_eq!(house.live.check(&ben.session), Err(ErrorCode::SignedOut));
    assert_eq!(house.live.ask(by_code(&codes.codes[0])), Err(ErrorCode::Suspended));
    assert_eq!(
        house.live.ask(by_code("0000-0000-0000-0000")),
        Err(ErrorCode::LinkSpent),
        "no proof, no word"
    );

    let unsuspend = AdminRequest::Unsuspend { handle: handle("ben") };
    assert_eq!(ask(&house.data(), &unsuspend), AdminReply::Done);
    house.live.sign_in(by_code(&codes.codes[0])).expect("the code is still good");
    let owner = AdminRequest::Suspend { handle: handle("ann") };
    assert_eq!(ask(&house.data(), &owner), AdminReply::Refused(ErrorCode::NotAllowed));
    house.server.stop();
}

#[test]
fn whoever_is_part_of_a_paused_branch_is_told_why_they_invite_nobody() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    let open = house.live.invite(&ben.session);
    let pause = AdminRequest::PauseBranch { handle: handle("ben") };
    assert_eq!(ask(&house.data(), &pause), AdminReply::Branch { members: 1 });
    let invite = MemberRequest::CreateInvite { uses: 1, note: None };
    assert_eq!(house.live.ask_for(&ben.session, invite), Err(ErrorCode::InvitesPaused));
    assert_eq!(house.live.accept(open.secret.clone(), "cem"), Err(ErrorCode::LinkSpent));
    house.live.invite(&house.owner.session);
    let resume = AdminRequest::ResumeBranch { handle: handle("ben") };
    assert_eq!(ask(&house.data(), &resume), AdminReply::Branch { members: 1 });
    house.live.accept(open.secret, "cem").expect("the link is good again");
    let counts = OrderCounts { pauses: 1, ..OrderCounts::default() };
    assert_eq!(ask(&house.data(), &AdminRequest::Counts), AdminReply::Counts(counts));
    house.server.stop();
}

#[test]
fn whoever_is_blocked_gets_the_answers_of_somebody_who_asks_about_nobody_and_rooms_are_told_to_ask_anew() {
    let mut house = House::of("ann");
    let ben = house.join("ben");
    house.live.ask_for(&ben.session, MemberRequest::Follow { handle: handle("ann") }).expect("followed");
    house.live.pushes.clear();
    let block = MemberRequest::Block { handle: handle("ben") };
    let Ok(Reply::Profile(profile)) = house.live.ask_for(&house.owner.session.clone(), block) else {
        panic!("a profile")
    };
    assert!(profile.blocked);
    let (ann, follows) = (house.owner.me.id, |member| Push::FollowingChanged { member });
    // What is kept about the blocker is another now, on their own pages; to the other nothing is shown.
    let changed = [follows(ann), follows(ben.me.id), Push::AccountChanged { member: ann }];
    assert_eq!(house.live.pushes, changed);
    assert_eq!(house.live.ask(Request::Following { member: ben.me.id }), Ok(Reply::Members(vec![])));
    let blocked = Request::Blocked { member: house.owner.me.id };
    assert_eq!(
        house.live.ask(blocked),
        Ok(Reply::Blocks { blocked: vec![ben.me.id], reach: BlockReach::Stage })
    );

    for request in [
        |handle| MemberRequest::Profile { handle },
        |handle| MemberRequest::Follow { handle },
        |handle| MemberRequest::Unfollow { handle },
        |handle| MemberRequest::Block { handle },
        |handle| MemberRequest::Unblock { handle },
    ] {
        let mut ask = |name| house.live.ask_for(&ben.session, request(handle(name)));
        assert_eq!((ask("ann"), ask("nobody")), (Err(ErrorCode::NotThere), Err(ErrorCode::NotThere)));
    }
    let mut find = |text: &str| {
        let text = Typed::new(text).expect("short");
        house
            .live
            .ask_for(&ben.session, MemberRequest::FindPeople { text, among: keeper_api::Among::Everybody })
    };
    assert_eq!(find("ann"), find("nobody"));
    assert_eq!(house.live.ask_for(&ben.session, MemberRequest::ListBlocks), Ok(Reply::Profiles(vec![])));
    house.server.stop();
}

#[test]
fn a_report_that_cannot_be_kept_for_a_while_is_kept_when_it_can_however_often_it_was_brought() {
    let mut house = House::of("ann");
    let (ben, cem) = (house.join("ben"), house.join("cem"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let path = house.data().join("vivavoce.db");
    let change = |sql: &'static str| {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
        runtime.block_on(async {
            let mut other = sqlx::ConnectOptions::connect(&options).await.expect("a database");
            sqlx::query(sql).execute(&mut other).await.expect("done");
            sqlx::Connection::close(other).await.expect("closed");
        });
    };
    // As a disk without room refuses: each write is an error.
    change("CREATE TRIGGER full BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'no room'); END");
    let request = report(ben.me.id, cem.me.id, vec![]);
    for _ in 0..30 {
        assert_eq!(house.live.ask(request.clone()), Err(ErrorCode::Internal));
    }
    change("DROP TRIGGER full");
    assert_eq!(house.live.ask(request), Ok(Reply::Done));
    assert_eq!(reports(&house).len(), 1);
    house.server.stop();
}
