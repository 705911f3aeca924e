use insta::assert_snapshot;
use protocol::Timestamp;
use protocol::room::{MyPlace, RoomView};

use super::super::scenes::{ANN, BEN, DORA, at, hand, person, scene, stage as on_stage, view};
use super::*;

fn drawn(scene: &Scene, told: &[&str], columns: usize, rows: usize) -> String {
    let told: Vec<String> = told.iter().map(|text| (*text).to_owned()).collect();
    let server = ServerName::parse("Home").expect("a name");
    let lines = draw(&Frame { scene, server: &server, kept: None, told: &told, columns, rows });
    assert!(lines.len() <= rows, "{lines:#?}");
    assert!(lines.iter().all(|line| line.width() <= columns), "{lines:#?}");
    lines.join("\n")
}

#[test]
fn a_listener_sees_who_is_on_stage_and_who_speaks() {
    assert_snapshot!(drawn(&at(MyPlace::Audience), &[], 50, 24), @"
    Tea and toast                                 Home
    3 on stage, 14 listening.
    You listen.

      Ann    ▮▮▮▮▮▮▮▯▯▯ −21 dB
      Ben    muted
      Clara  held by a moderator

    h raise your hand   q leave
    ");
}

#[test]
fn whoever_is_asked_to_the_stage_sees_what_to_press() {
    let invited = MyPlace::Invited { by: ANN, until: Timestamp(0) };
    let screen = drawn(&at(invited), &["Ben mutes you."], 60, 24);
    assert!(screen.contains("Ann asks you to the stage."), "{screen}");
    assert!(screen.ends_with("Ben mutes you.\na come to the stage   d not now   q leave"), "{screen}");
}

#[test]
fn a_speaker_sees_their_own_level_and_whoever_keeps_order_the_queue() {
    let view = RoomView {
        queue: vec![
            hand("Eve", HandState::Raised),
            hand("Finn", HandState::Invited),
            hand("Gus", HandState::Raised),
            hand("Hal", HandState::Raised),
        ],
        ..at(MyPlace::Stage { mic: Mic::Open }).room.view().clone()
    };
    let scene = Scene { my_level: Some(Level(0)), media: Link::Connecting, ..scene(view) };
    assert_snapshot!(drawn(&scene, &[], 70, 24), @"
    Tea and toast                                                     Home
    3 on stage, 14 listening, 4 hands up.
    You are on stage, microphone open. Sound is being connected.

      Ann    ▮▮▮▮▮▮▮▯▯▯ −21 dB
      Ben    muted
      Clara  held by a moderator
      Dora   ▮▮▮▮▮▮▮▮▮▮ −0 dB

    Hands: Eve, Finn (asked up), Gus and 1 more
    m mute   h step down   q leave
    ");
}

#[test]
fn without_levels_one_still_sees_who_speaks() {
    let scene = Scene { levels: Vec::new(), ..at(MyPlace::Audience) };
    assert!(drawn(&scene, &[], 60, 24).contains("Ann    speaks"));
}

#[test]
fn whoever_keeps_what_they_hear_is_told_so_all_the_time() {
    let (scene, server) = (at(MyPlace::Audience), ServerName::parse("Home").expect("a name"));
    let frame =
        Frame { scene: &scene, server: &server, kept: Some("tea.wav"), told: &[], columns: 60, rows: 24 };
    assert_eq!(draw(&frame)[3], "What you hear is kept in tea.wav; nobody here is told.");
}

#[test]
fn somebody_whose_line_is_lost_is_shown_so() {
    let mut lost = view();
    lost.people[1].presence = Presence::Reconnecting;
    let scene = Scene { socket: Link::Connecting, ..scene(lost) };
    let screen = drawn(&scene, &[], 60, 24);
    assert!(screen.contains("Ben    reconnecting"), "{screen}");
    assert!(screen.contains("You listen. The connection is lost; trying to get it back."), "{screen}");
}

#[test]
fn a_small_terminal_shows_what_fits() {
    let mut many = view();
    many.people =
        (1..40).map(|n| person(protocol::id::ParticipantId(n), "Zoë", on_stage(Mic::Muted))).collect();
    let screen = drawn(&scene(many), &["one", "two", "three", "four", "five"], 30, 13);
    assert_snapshot!(screen, @"
    Tea and toast             Home
    3 on stage, 14 listening.
    You listen.

      Zoë  muted
      Zoë  muted
      and 37 more

    two
    three
    four
    five
    h raise your hand   q leave
    ");
    for rows in 0..12 {
        drawn(&at(MyPlace::Audience), &["one"], 7, rows);
    }
    drawn(&at(MyPlace::Audience), &[], 0, 24);
}

#[test]
fn names_in_wide_letters_stand_in_the_same_column() {
    let mut wide = view();
    wide.people = vec![
        person(ANN, "田中さん", on_stage(Mic::Muted)),
        person(BEN, "Ben", on_stage(Mic::Muted)),
        person(DORA, "アナスタシア・アレクサンドロヴナ", on_stage(Mic::Muted)),
    ];
    let screen = drawn(&scene(wide), &[], 60, 24);
    let columns: Vec<usize> =
        screen.lines().filter_map(|line| line.find("muted").map(|at| line[..at].width())).collect();
    assert_eq!(columns, [2 + NAME_COLUMNS_MAX + 2; 3], "{screen}");
}

#[test]
fn a_bar_is_empty_at_sixty_below_and_full_at_nothing_below() {
    let full = |level| bar(Level(level)).matches('▮').count();
    assert_eq!([0, 6, 30, 59, 60, 127].map(full), [10, 9, 5, 1, 0, 0]);
    assert_eq!(bar(Level(0)).chars().count(), 10);
}
