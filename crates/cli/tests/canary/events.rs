//! Announced events: what is kept of them, until when, and that nothing says whether one took place.

use std::time::{Duration, Instant, SystemTime};

use protocol::event::Event;
use protocol::id::EventId;
use protocol::room::{RoomCommand, RoomKind};
use serde_json::json;

use crate::evening::{House, ends, identity};
use crate::kept::image_of;
use crate::marks::{Marks, Tag};
use crate::needs::not_run;
use crate::people::Member;
use crate::server::{Home, Kind, Server};
use crate::wall::{DAY, Wall};

const HOUR: i64 = 3_600;
/// Far longer than the keeper's clock takes to come round.
const FORGOTTEN: Duration = Duration::from_secs(45);
/// Between two looks: no more often than a person may ask what is kept about them.
const LOOK_PERIOD: Duration = Duration::from_secs(1);

/// In some minutes, for an hour, with everything that is kept of it marked.
pub(crate) async fn announce(server: &Server, host: &Member, tag: &Tag) -> EventId {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    let draft = json!({
        "title": tag.mark(" evening"), "description": tag.mark(" described"), "kind": "open", "languages": ["en"],
        "start": (now.as_secs() / 60 + 10) * 60_000, "zone": "Europe/Berlin", "minutes": 60, "repeat": "once",
        "co_hosts": [], "speakers": [],
    });
    let answer = host.asks(server, "POST /events", Some(draft)).await;
    serde_json::from_slice::<Event>(&answer).expect("an event").id
}

/// The raw image: the marked event while it is kept, and no piece of it afterwards. Of its room nothing at any time.
pub(crate) fn until_a_day_after_its_end() {
    crate::evening::runtime().block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let wall = match Wall::hung_in(folder.path()) {
            Ok(wall) => wall,
            Err(reason) => {
                return not_run("an_announced_event_is_on_the_disk_until_a_day_after_its_end", &reason);
            }
        };
        let mut home = Home::new(Kind::OwnDisk);
        home.wall = Some(wall);
        let (server, owner) = home.start_first();
        let house = House::with(server);
        let (names, announced) = (Tag::draw(), Tag::draw());
        let ann = Member::owner(&house.server, &owner, house.ip(1), &names.mark(" Ann")).await;
        let again = ann.again();
        let event = announce(&house.server, &ann, &announced).await;
        let held = ann.opens(&identity(), event).await;
        let room = held.room();
        held.does(RoomCommand::Widen { kind: RoomKind::Open }).await;
        ends(held).await;

        let (home, _) = house.server.stop();
        let mut kept = Marks::default();
        kept.tag(&announced);
        let found = kept.in_bytes(&image_of(&home));
        assert!(found.iter().any(|found| found.what == "marked as text"), "announced and kept: {found:#?}");
        let mut of_the_room = Marks::default();
        of_the_room.text("the room", &room.to_string());
        of_the_room.bytes("the room, raw", room.0.to_vec());
        let found = of_the_room.in_bytes(&image_of(&home));
        assert!(found.is_empty(), "that it took place is on the disk: {found:#?}");

        home.wall.as_ref().expect("hung").is_ahead(DAY + 2 * HOUR);
        let server = home.start();
        let again = again.at(&server);
        let begun = Instant::now();
        let of_it = event.to_string();
        while String::from_utf8_lossy(&again.asks(&server, "GET /me/kept", None).await).contains(&of_it) {
            assert!(begun.elapsed() < FORGOTTEN, "it is kept still");
            std::thread::sleep(LOOK_PERIOD);
        }
        let (home, _) = server.stop();
        let image = image_of(&home);
        let found = kept.in_bytes(&image);
        assert!(found.is_empty(), "an event of the day before yesterday is on the disk: {found:#?}");
        let mut others = Marks::default();
        others.tag(&names);
        assert!(!others.in_bytes(&image).is_empty(), "accounts are on this disk");
    });
}
