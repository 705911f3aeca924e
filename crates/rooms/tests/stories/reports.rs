//! Somebody is reported: who is asked, who is told nothing, and what reaches the administrators.

use insta::assert_snapshot;
use protocol::ErrorCode;
use protocol::id::{ParticipantId, ReportId};
use protocol::limits::{CO_SIGN_PERIOD, CO_SIGNATURES_MAX, RECENT_SPEAKERS_MAX, REPORTS_EACH};
use protocol::order::ReportReason;
use protocol::room::RoomCommand as C;

use crate::story::{Story, accuses, sec, story, story_of, who};

use protocol::room::RoomKind;

const HATE: ReportReason = ReportReason::Hate;

fn signs(room: &mut Story, name: &str, report: ReportId) -> Result<(), ErrorCode> {
    room.tries(name, C::CoSign { report })
}

#[test]
fn others_are_asked_whether_they_heard_it_too_and_neither_of_the_two_is() {
    let mut room = story().listeners(["ann", "ben"]).speaker("sam");
    let sam = room.id("sam");
    let report = room.reports("ann", sam, HATE);
    assert_snapshot!(room.effects(), @"everyone but ann and sam: notice sam (sam, sam) reported for hate until 120s");
    assert_snapshot!(room.told("ben"), @"notice sam (sam, sam) reported for hate until 120s");
    assert_eq!((room.told("ann"), room.told("sam")), (String::new(), String::new()));

    assert_eq!(signs(&mut room, "ben", report), Ok(()));
    room.forget();
    room.wait(CO_SIGN_PERIOD);
    assert_snapshot!(room.effects(), @"report by ann about sam for hate, heard by [ben]");
}

#[test]
fn an_answer_tells_the_reported_person_no_more_than_anybody_who_asks_about_nothing() {
    let mut room = story().listeners(["ann", "ben"]).speaker("sam");
    let sam = room.id("sam");
    let report = room.reports("ann", sam, HATE);
    let nothing = ReportId([9; 16]);
    for name in ["sam", "ann"] {
        assert_eq!(signs(&mut room, name, report), signs(&mut room, name, nothing), "{name}");
    }
    assert_eq!(signs(&mut room, "ben", report), Ok(()));
    assert_eq!(room.tries("sam", accuses(sam, "sam", HATE)), Err(ErrorCode::NotAllowed));

    // Two people of whom one is reported see the same of everything.
    let (mut reported, mut other) = (story(), story());
    for room in [&mut reported, &mut other] {
        for name in ["ann", "sam"] {
            room.comes(name).expect("in");
        }
        room.forget();
    }
    let sam = reported.id("sam");
    reported.reports("ann", sam, HATE);
    for room in [&mut reported, &mut other] {
        room.raises_hand("sam");
        room.wait(sec(200));
    }
    assert_eq!(reported.told("sam"), other.told("sam"));
    assert_eq!(reported.view("sam"), other.view("sam"));
}

#[test]
fn who_spoke_and_left_can_be_reported_for_ten_minutes_and_who_only_listened_cannot() {
    let mut room = story().listeners(["ann", "ben", "cem"]).speaker("sam");
    let (sam, cem) = (room.id("sam"), room.id("cem"));
    room.heard([Some("sam"), None, None]);
    room.wait(sec(300));
    room.leaves("sam");
    room.leaves("cem");
    room.wait(sec(599));
    room.forget();
    assert_eq!(room.tries("ann", accuses(cem, "cem", HATE)), Err(ErrorCode::PersonGone));
    room.reports("ann", sam, HATE);
    assert_snapshot!(room.told("ben"), @"notice sam (gone, sam) reported for hate until 1019s");
    room.wait(sec(1));
    assert_eq!(
        room.tries("ben", accuses(sam, "sam", ReportReason::Spam)),
        Err(ErrorCode::PersonGone),
        "ten minutes after the last word"
    );
}

#[test]
fn of_who_spoke_and_left_the_room_knows_what_they_are_called_and_nothing_else() {
    let mut room = story().listeners(["ann", "ben"]).speaker("sam");
    let (sam, seat) = (room.id("sam"), format!("{:?}", room.id("sam")));
    let sam_is = format!("{:?}", who("sam"));
    room.heard([Some("sam"), None, None]);
    let known = format!("{:?}", room.room);
    assert!([&seat, &sam_is].into_iter().all(|what| known.contains(what)), "they are here");
    room.leaves("sam");
    let known = format!("{:?}", room.room);
    for what in [&seat, &sam_is] {
        assert!(!known.contains(what), "{what} in {known}");
    }
    assert_eq!(known.matches("sam").count(), 1, "{known}");

    // Nor does a report say more, of either of them.
    room.reports("ben", sam, HATE);
    let ben = room.id("ben");
    room.leaves("ben");
    let known = format!("{:?}", room.room);
    for what in [seat, sam_is, format!("{ben:?}")] {
        assert!(!known.contains(&what), "{what} in {known}");
    }
    room.wait(CO_SIGN_PERIOD);
    let known = format!("{:?}", room.room);
    let of_ben = format!("{:?}", who("ben"));
    assert!(!known.contains(&of_ben), "who reported is counted by what stands for them: {known}");
    room.wait(sec(600));
    assert!(!format!("{:?}", room.room).contains("sam"), "ten minutes later");
}

#[test]
fn who_came_by_another_name_than_that_of_who_left_cannot_be_reported_in_their_place() {
    let mut room = story().listeners(["ann"]).speaker("sam");
    let (sam, ann) = (room.id("sam"), room.id("ann"));
    room.heard([Some("sam"), None, None]);
    room.leaves("sam");
    assert_eq!(room.tries("ann", accuses(sam, "cem", HATE)), Err(ErrorCode::PersonGone), "cem never spoke");
    assert_eq!(room.tries("ann", accuses(sam, "ann", HATE)), Err(ErrorCode::NotAllowed), "herself");
    room.forget();
    // A seat that somebody has says whom it is about, whatever name comes with it.
    assert_eq!(room.tries("olga", accuses(ann, "sam", HATE)), Ok(()));
    room.wait(CO_SIGN_PERIOD);
    let effects = room.effects();
    assert!(effects.contains("report by olga about ann for hate"), "{effects}");
}

#[test]
fn who_is_back_after_leaving_is_not_told_that_they_were_reported_in_the_seat_they_had() {
    let mut room = story().listeners(["ann", "ben"]).speaker("sam");
    let before = room.id("sam");
    room.heard([Some("sam"), None, None]);
    room.leaves("sam");
    room.comes("sam").expect("in");
    room.forget();
    let report = room.reports("ann", before, HATE);
    assert_eq!(room.told("sam"), "");
    assert_eq!(room.tries("sam", accuses(before, "sam", HATE)), Err(ErrorCode::NotAllowed));
    assert_eq!(signs(&mut room, "sam", report), Err(ErrorCode::NotNow));
}

#[test]
fn whoever_reports_what_others_are_asked_about_has_heard_it_too() {
    let mut room = story().listeners(["ann", "ben", "cem"]);
    let cem = room.id("cem");
    room.reports("ann", cem, HATE);
    room.forget();
    room.reports("ben", cem, HATE);
    room.reports("ann", cem, HATE);
    // Nobody is asked twice.
    assert_snapshot!(room.effects(), @"");
    room.reports("ben", cem, ReportReason::Spam);
    room.wait(sec(1));
    room.forget();
    room.wait(CO_SIGN_PERIOD);
    assert_snapshot!(room.effects(), @r"
    report by ann about cem for hate, heard by [ben]
    report by ben about cem for spam, heard by []
    ");
}

#[test]
fn nobody_reports_the_whole_room_and_ten_minutes_later_one_may_again() {
    let mut room = story().listeners(["ann", "ben", "cem", "dan", "eve"]);
    let others = ["ben", "cem", "dan", "eve"].map(|name| room.id(name));
    for who in &others[..REPORTS_EACH] {
        room.reports("ann", *who, HATE);
    }
    let one_more = accuses(others[REPORTS_EACH], "eve", HATE);
    assert_eq!(room.tries("ann", one_more.clone()), Err(ErrorCode::TooMany));
    assert_eq!(room.tries("ben", one_more.clone()), Ok(()), "Ben has reported nobody");
    room.wait(sec(600));
    assert_eq!(room.tries("ann", one_more), Ok(()));
}

#[test]
fn more_signatures_than_anybody_needs_are_taken_and_not_kept() {
    let mut room = story().listeners(["ann", "ben"]);
    let ben = room.id("ben");
    let report = room.reports("ann", ben, HATE);
    for number in 0..=CO_SIGNATURES_MAX {
        let name = format!("witness{number}");
        room.comes(&name).expect("in");
        assert_eq!(signs(&mut room, &name, report), Ok(()), "{name}");
    }
    room.forget();
    room.wait(CO_SIGN_PERIOD);
    assert_eq!(room.effects().matches("witness").count(), CO_SIGNATURES_MAX);
}

#[test]
fn a_guest_reports_and_is_reported_like_anybody() {
    let mut room =
        story_of(RoomKind::Closed, &["guest", "guest2", "ann"]).listeners(["guest", "guest2", "ann"]);
    let guest2 = room.id("guest2");
    let report = room.reports("guest", guest2, HATE);
    assert_eq!(signs(&mut room, "ann", report), Ok(()));
    room.wait(sec(1));
    room.forget();
    room.wait(CO_SIGN_PERIOD);
    assert_snapshot!(room.effects(), @"report by guest about guest2 for hate, heard by [ann]");
}

#[test]
fn what_was_reported_survives_a_crash_and_the_end_of_the_room() {
    let mut room = story().listeners(["ann", "ben", "cem"]);
    let cem = room.id("cem");
    let report = room.reports("ann", cem, HATE);
    room.wait(sec(20));
    room.is_rebuilt();
    for name in ["olga", "ann", "ben", "cem"] {
        room.is_back(name);
    }
    assert_eq!(signs(&mut room, "ben", report), Ok(()));
    room.forget();
    room.does("olga", C::End);
    room.wait(sec(10));
    let effects = room.effects();
    assert!(effects.contains("report by ann about cem for hate, heard by [ben]"), "{effects}");
    assert!(room.kept.is_empty(), "and nothing of it stays with the room");
}

#[test]
fn when_the_last_one_leaves_what_they_reported_goes_out() {
    let mut room = story().speaker("sam");
    let sam = room.id("sam");
    room.heard([Some("sam"), None, None]);
    room.leaves("sam");
    room.reports("olga", sam, HATE);
    room.forget();
    room.leaves("olga");
    let effects = room.effects();
    assert!(effects.contains("report by olga about sam for hate, heard by []"), "{effects}");
}

#[test]
fn who_spoke_is_remembered_for_so_many_and_by_no_commit() {
    let mut room = story().speaker("sam");
    room.heard([None; 3]);
    let kept = room.kept.clone();
    room.heard([Some("sam"), None, None]);
    assert_eq!(room.kept, kept, "nothing of it is committed");
    let sam = room.id("sam");
    room.leaves("sam");
    room.comes("ann").expect("in");
    for number in 0..RECENT_SPEAKERS_MAX {
        let name = format!("speaker{number}");
        room = room.speaker(&name);
        room.wait(sec(1));
        room.heard([Some(name.as_str()), None, None]);
        room.leaves(&name);
    }
    assert_eq!(
        room.tries("ann", accuses(sam, "sam", HATE)),
        Err(ErrorCode::PersonGone),
        "the first one gave way"
    );
    assert_eq!(room.tries("ann", accuses(ParticipantId(77_777), "nobody", HATE)), Err(ErrorCode::PersonGone));
}
