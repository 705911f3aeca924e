//! Of somebody who spoke one thing is kept while the room goes on, so that they can still be reported: what they are called,
//! by handle. No name, no account, no session; and not for longer than ten minutes.

use std::time::Duration;

use client::api::Link;
use protocol::ErrorCode;
use protocol::id::RoomId;
use protocol::limits::{RECENT_SPEAKERS_PERIOD, UNDO_PERIOD};
use protocol::order::ReportReason;
use protocol::room::{RoomCommand, RoomKind};
use protocol::text::Handle;
use tokio::time::Instant;

use crate::evening::{AFTER_LEAVING, AFTER_THE_ROOM, House, identity, room, runtime, voice};
use crate::marks::{Marks, Tag};
use crate::memory;
use crate::people::{Guest, Member};
use crate::server::Kind;

/// Somebody in the room, and what is looked for when they have left.
struct Marked {
    guest: Guest,
    /// All but the handle.
    marks: Marks,
    handle: Marks,
}

impl Marked {
    /// By a handle and a name that nobody else has.
    async fn enters(house: &House, link: &Link, who: u8, room: RoomId) -> Self {
        let (called, named) = (Tag::draw().mark(""), Tag::draw().mark(" of the Lake"));
        let member = Member::invited(&house.server, link, house.ip(who), &called, &named).await;
        let guest = member.enters(&identity(), room).await;
        let (mut marks, mut handle) = (guest.marks(), Marks::default());
        marks.add(guest.own_ids());
        marks.text("name", &named);
        handle.text("handle", &called);
        Self { guest, marks, handle }
    }
}

impl House {
    fn in_live(&self, marks: &Marks) -> usize {
        memory::look(self.server.live(), marks).len()
    }
}

/// A room that goes on, and out of which somebody went who spoke and somebody who did not.
struct Left {
    house: House,
    ann: Guest,
    stays: Marked,
    spoke: Marks,
    called: Handle,
    since: Instant,
}

async fn somebody_spoke_and_left() -> Left {
    let (house, ann) = House::open(Kind::Usual).await;
    let mut ann = ann.starts(&identity(), room(Some("A title that stays"), RoomKind::Open)).await;
    let link = house.server.invitation(3);
    let mut speaker = Marked::enters(&house, &link, 2, ann.room()).await;
    let listener = Marked::enters(&house, &link, 3, ann.room()).await;
    let mut stays = Marked::enters(&house, &link, 4, ann.room()).await;
    let voices = Tag::draw();
    speaker.guest.comes_up(&ann).await;
    speaker.guest.says(&voice(voices.mark(" voice").as_bytes())).await;
    speaker.marks.text("voice", &voices.mark(""));
    ann.sees("the voice", |scene| scene.heard > 20).await;
    stays.guest.sees("the voice", |scene| scene.heard > 20).await;
    for (name, who) in [("who speaks", &speaker), ("who listens", &listener), ("who stays", &stays)] {
        assert!(house.in_live(&who.handle) > 0, "the handle of {name} is there");
        let found = memory::look(house.server.live(), &who.marks);
        for what in ["name as text", "address, ours", "password as text", "member, raw", "session, raw"] {
            assert!(found.iter().any(|place| place.starts_with(what)), "{what} of {name} is there");
        }
    }
    let there = memory::look(house.server.live(), &speaker.marks);
    assert!(there.iter().any(|place| place.starts_with("voice as text")), "the voice is there");

    let (id, called) = (speaker.guest.id(), speaker.guest.member.handle());
    speaker.guest.leaves().await;
    let since = Instant::now();
    listener.guest.leaves().await;
    tokio::time::sleep(AFTER_LEAVING).await;
    house.nothing_left("somebody who spoke, but for the handle,", &speaker.marks);
    house.nothing_left("somebody who listened", &listener.marks);
    house.nothing_left("somebody who listened, the handle,", &listener.handle);
    // A report says no more of them; of whoever makes it nothing is looked for here.
    let reports = RoomCommand::Report { who: id, handle: Some(called.clone()), reason: ReportReason::Spam };
    ann.does(reports).await;
    house.nothing_left("somebody who was reported, but for the handle,", &speaker.marks);
    Left { house, ann, stays, spoke: speaker.handle, called, since }
}

/// And with the room it goes, too.
pub(crate) fn and_left() {
    runtime().block_on(async {
        let Left { house, ann, stays, spoke, called, .. } = somebody_spoke_and_left().await;
        assert!(house.in_live(&spoke) > 0, "who spoke can be reported");
        assert!(memory::look(house.server.parent(), &spoke).is_empty(), "by what `live` knows alone");
        let _others = house.another_room().await;
        stays.guest.leaves().await;
        ann.leaves().await;
        tokio::time::sleep(AFTER_THE_ROOM).await;
        house.nothing_left("somebody who spoke in a room that is over", &spoke);
        house.nothing_left("somebody who stayed to the end", &stays.marks);
        let reports = house.server.reports();
        assert!(reports.contains(called.as_str()), "and what they were reported for: {reports}");
    });
}

/// The room refuses somebody for as long as it lives, and has forgotten who it is: until they come and are refused, and
/// again after that. Their ids are looked for, too, and in both processes: it is no list that lies with the parent.
pub(crate) fn and_is_refused() {
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let mut ann = ann.starts(&identity(), room(Some("A title that stays"), RoomKind::Open)).await;
        let link = house.server.invitation(2);
        let mut stays = Marked::enters(&house, &link, 3, ann.room()).await;
        let mut put_out = Marked::enters(&house, &link, 2, ann.room()).await;
        put_out.marks.add(&put_out.handle);
        let found = memory::look(house.server.live(), &put_out.marks);
        for what in ["name as text", "handle as text", "member, raw", "session, raw"] {
            assert!(found.iter().any(|place| place.starts_with(what)), "{what} is there");
        }
        let (who, member) = (put_out.guest.id(), put_out.guest.member.again());
        ann.does(RoomCommand::Ban { who }).await;
        put_out.guest.is_out().await;
        ann.sees("them gone", |scene| scene.room.person(who).is_none()).await;
        tokio::time::sleep(UNDO_PERIOD + AFTER_LEAVING).await;
        house.nothing_left("somebody whom the room refuses", &put_out.marks);

        assert_eq!(member.tries(ann.room()).await, ErrorCode::NotThere, "and it does refuse them");
        tokio::time::sleep(AFTER_LEAVING).await;
        house.nothing_left("somebody whom the room has refused", &put_out.marks);
        stays.guest.sees("the room", |_| true).await;
    });
}

/// The room goes on for longer than anybody who left it is remembered.
pub(crate) fn and_was_forgotten() {
    runtime().block_on(async {
        let Left { house, mut stays, spoke, since, .. } = somebody_spoke_and_left().await;
        // A minute before: still there.
        tokio::time::sleep_until(since + RECENT_SPEAKERS_PERIOD - Duration::from_secs(60)).await;
        assert!(house.in_live(&spoke) > 0, "who spoke can be reported for all of the time");
        tokio::time::sleep_until(since + RECENT_SPEAKERS_PERIOD + AFTER_LEAVING).await;
        house.nothing_left("somebody who spoke ten minutes ago", &spoke);
        stays.guest.sees("the room", |_| true).await;
        assert!(house.in_live(&stays.handle) > 0, "who stays is still there");
    });
}
