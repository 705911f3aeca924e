//! What is done in a room by those who keep order and by those who want order kept, and what of it is left: everybody's
//! part in it is marked, as in every other evening.

use client::api::Link;
use protocol::order::ReportReason;
use protocol::room::{Authority, Chat, Door, HandNote, HandPolicy, MyMic, PinnedCard, RoomCommand, RoomKind};
use protocol::text::{CardLink, CardText, ChatText, HandTopic, RoomTitle, TalkTopic};

use crate::evening::{AFTER_THE_ROOM, House, ends, identity, room, runtime, voice};
use crate::marks::{Marks, Tag};
use crate::people::{Guest, Member, Scene};
use crate::program::Program;
use crate::server::Kind;

/// Somebody is reported by somebody, and somebody else has heard it, too.
pub(crate) async fn is_reported(who: &Guest, by: &Guest, heard: &mut Guest) {
    let before = heard.sees("anything", |_| true).await.asked;
    by.does(RoomCommand::Report {
        who: who.id(),
        handle: Some(who.member.handle()),
        reason: ReportReason::Threats,
    })
    .await;
    let scene = heard.sees("the question", |scene| scene.asked != before).await;
    let report = scene.asked.expect("nobody is asked about nothing");
    heard.does(RoomCommand::CoSign { report }).await;
}

/// Somebody is put out, is let back, and comes back.
pub(crate) async fn is_put_out_and_let_back(mut guest: Guest, by: &Guest) -> Guest {
    let (who, member) = (guest.id(), guest.member.again());
    by.does(RoomCommand::Remove { who }).await;
    guest.is_out().await;
    by.does(RoomCommand::Undo { who }).await;
    member.enters(&identity(), by.room()).await
}

/// One press; and then everything is as it was, step by step. Whoever spoke speaks again.
pub(crate) async fn panics<'a>(by: &Guest, speakers: impl Iterator<Item = &'a mut Guest>) {
    by.does(RoomCommand::Panic).await;
    by.does(RoomCommand::SetDoor { door: Door::Unlocked }).await;
    by.does(RoomCommand::SetHands { hands: HandPolicy::Everyone }).await;
    for speaker in speakers {
        speaker.is_held().await;
        by.does(RoomCommand::Release { who: speaker.id() }).await;
        speaker.does(RoomCommand::SetMic { mic: MyMic::Open }).await;
    }
}

/// To somebody else, and back; they keep order no longer than that.
pub(crate) async fn is_handed_over(ann: &mut Guest, to: &mut Guest) {
    ann.does(RoomCommand::HandOver { who: to.id() }).await;
    to.has(Authority::Owner).await;
    to.does(RoomCommand::HandOver { who: ann.id() }).await;
    ann.has(Authority::Owner).await;
    ann.does(RoomCommand::UnmakeModerator { who: to.id() }).await;
    to.has(Authority::Member).await;
}

pub(crate) async fn is_called(ann: &mut Guest, title: &str) {
    let title = RoomTitle::parse(title).expect("a title");
    ann.does(RoomCommand::SetTitle { title: Some(title.clone()) }).await;
    ann.sees("the title", |scene| scene.room.view().facts.title.as_ref() == Some(&title)).await;
}

/// What hangs in the room for everybody, all of it written anew.
pub(crate) async fn is_written_on(ann: &mut Guest, tag: &Tag, what: &str) {
    let about = TalkTopic::parse(&tag.mark(&format!(" line{what}"))).expect("a topic");
    ann.does(RoomCommand::SetLine { about: Some(about) }).await;
    let text = CardText::parse(&tag.mark(&format!(" card{what}"))).expect("a text");
    let link = CardLink::parse(&format!("https://example.org/{}", tag.mark("-link"))).expect("a link");
    let card = Some(PinnedCard { text, link: Some(link) });
    ann.does(RoomCommand::PinCard { card: card.clone() }).await;
    ann.sees("the card", |scene| scene.room.view().board.card == card).await;
}

/// Somebody writes to the room, of which nothing is left when they have gone.
pub(crate) async fn writes(ann: &mut Guest, guest: &Guest, tag: &Tag, what: &str) {
    ann.does(RoomCommand::SetChat { chat: Chat::On }).await;
    ann.sees("that people write", |scene| scene.room.view().facts.chat == Chat::On).await;
    let text = ChatText::parse(&tag.mark(&format!(" written{what}"))).expect("a text");
    guest.does(RoomCommand::Say { text }).await;
}

/// With a raised hand, and what they would like to talk about.
pub(crate) async fn waits(guest: &Guest, topic: &str) {
    guest.does(RoomCommand::RaiseHand).await;
    let topic = Some(HandTopic::parse(topic).expect("a topic"));
    guest.does(RoomCommand::NoteHand { note: HandNote { topic, language: None } }).await;
}

/// A program comes in, is asked up, and is heard.
pub(crate) async fn a_program_speaks(
    house: &House,
    member: Member,
    ann: &mut Guest,
    by: &mut Guest,
) -> Program {
    let (handle, says) = (member.handle(), voice(house.tag.mark(" voice of a program").as_bytes()));
    let program = Program::speaks(member, ann.room(), says).await;
    let there = |scene: &Scene| {
        let mut people = scene.room.view().people.iter();
        people.find(|person| person.handle.as_ref() == Some(&handle)).map(|person| person.id)
    };
    let who = there(&ann.sees("the program", |scene| there(scene).is_some()).await).expect("just seen");
    ann.does(RoomCommand::InviteToStage { who }).await;
    ann.sees("the program on stage", |scene| scene.room.stage().any(|person| person.id == who)).await;
    let heard = by.sees("anything", |_| true).await.heard;
    by.sees("more voices", |scene| scene.heard > heard + 5).await;
    program
}

/// All of it but reports, in a room where two of the guests speak. Gives the member whose program spoke, and may speak again.
pub(crate) async fn is_kept(
    house: &House,
    ann: &mut Guest,
    guests: &mut Vec<Guest>,
    radio: Member,
    marks: &mut Marks,
) -> Member {
    let [first, second, third, ..] = guests.as_mut_slice() else { panic!("several are there") };
    panics(ann, [first, second].into_iter()).await;
    is_handed_over(ann, third).await;
    is_called(ann, &house.tag.mark(" title, the second")).await;
    is_written_on(ann, &house.tag, ", the second").await;
    let out = guests.pop().expect("many");
    marks.add(&out.marks());
    guests.push(is_put_out_and_let_back(out, ann).await);
    let program = a_program_speaks(house, radio, ann, &mut guests[0]).await;
    marks.add(&program.marks);
    let member = program.member.again();
    program.ends().await;
    member
}

/// The member whose program it is.
pub(crate) async fn radio(house: &House) -> Member {
    let link = house.server.invitation(1);
    Member::invited(&house.server, &link, house.ip(205), "radio", &house.tag.mark(" radio")).await
}

/// The keeper does nothing any more, then is dead, then another takes its place. All the while people come on stage and keep
/// order, of whom `live` asks it whom they follow and block; and somebody is at the door.
pub(crate) async fn without_a_keeper(house: &House, ann: &mut Guest, guest: &mut Guest, marks: &mut Marks) {
    let held = house.server.keeper();
    house.server.hold_keeper_still();
    guest.comes_up(ann).await;
    ann.does(RoomCommand::MakeModerator { who: guest.id() }).await;
    guest.has(Authority::Moderator).await;
    somebody_is_at_the_door(house, marks).await;
    house.server.crash_keeper();
    ann.member.is_known_again().await;
    assert_ne!(house.server.keeper(), held, "another one");
    guest.does(RoomCommand::StepDown).await;
    guest.comes_down().await;
    ann.does(RoomCommand::UnmakeModerator { who: guest.id() }).await;
    guest.has(Authority::Member).await;
}

/// With an invitation that nobody can look at now, and with what they want to be called.
async fn somebody_is_at_the_door(house: &House, marks: &mut Marks) {
    let (origin, secret) = (&house.server.origin, Tag::draw().mark("aaaaaaaaaA"));
    let link = Link::parse(&format!("{origin}/i#{secret}")).expect("a link");
    let (called, ip) = (Tag::draw().mark(""), house.ip(206));
    marks.text("invitation", &secret[..20]);
    marks.text("handle of nobody", &called);
    marks.host("address of nobody", ip);
    Member::is_not_let_in(&house.server, &link, ip, &called, &house.tag.mark(" at the door")).await;
}

/// A room ends while nobody answers `live` what it asks about the people in it.
pub(crate) fn and_the_keeper_is_away() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let (bob, _eve) = house.another_room().await;
        let mut marks = Marks::default();
        marks.tag(&house.tag);
        let mut ann = ann.starts(&identity(), room(Some(&house.tag.mark(" title")), RoomKind::Open)).await;
        ann.says(&voice(house.tag.mark(" voice").as_bytes())).await;
        let mut guests = Vec::new();
        for member in house.members(2, 3).await {
            guests.push(member.enters(&identity(), ann.room()).await);
        }
        for guest in &mut guests {
            guest.sees("a voice", |scene| scene.heard > 5).await;
        }
        house.server.hold_keeper_still();
        guests[0].comes_up(&ann).await;
        ann.does(RoomCommand::MakeModerator { who: guests[1].id() }).await;
        guests[1].has(Authority::Moderator).await;
        somebody_is_at_the_door(&house, &mut marks).await;
        for guest in guests.iter().chain([&ann]) {
            marks.add(&guest.marks());
            marks.add(guest.ids());
        }
        house.all_there(&marks);
        is_handed_over(&mut ann, &mut guests[1]).await;
        ends(ann).await;
        for mut guest in guests {
            guest.is_out().await;
        }
        tokio::time::sleep(AFTER_THE_ROOM).await;
        house.nothing_left("a room that ended while the keeper did nothing", &marks);
        house.server.keeper_goes_on();
        bob.member.is_known_again().await;
        tokio::time::sleep(AFTER_THE_ROOM).await;
        house.nothing_left("the same, when the keeper had answered", &marks);
    });
}
