//! What an evening leaves on the disk, in the database, on the terminal and for the next run: nothing.

use std::path::Path;

use client::peer::Identity;
use protocol::ErrorCode;
use protocol::room::RoomKind;

use crate::evening::{House, ends, room, voice};
use crate::marks::{Marks, Tag};
use crate::people::Member;
use crate::server::{Home, Kind};

/// Twenty people who have accounts already; what they are called is kept, and may be.
struct Twenty {
    house: House,
    ann: Member,
    members: Vec<Member>,
    /// Begins what they are called.
    names: Tag,
}

impl Twenty {
    async fn sign_up(home: Home) -> Self {
        let (server, owner) = home.start_first();
        let house = House::with(server);
        let names = Tag::draw();
        let ann = Member::owner(&house.server, &owner, house.ip(1), &names.mark(" Ann")).await;
        let link = house.server.invitation(19);
        let mut members = Vec::new();
        for who in 2..21 {
            let (handle, name) = (format!("guest{who}"), names.mark(&format!(" {who}")));
            members.push(Member::invited(&house.server, &link, house.ip(who), &handle, &name).await);
        }
        Self { house, ann, members, names }
    }
}

/// Comes in, speaks, is removed, is thrown out by a crash, leaves: of all of it nothing may be kept.
async fn an_evening(house: &House, ann: Member, members: Vec<Member>) -> (protocol::id::RoomId, Marks) {
    let mut marks = Marks::default();
    marks.tag(&house.tag);
    house.strangers();
    let identity = Identity::generate().expect("a certificate");
    let mut ann = ann.starts(&identity, room(Some(&house.tag.mark(" title")), RoomKind::Open)).await;
    let id = ann.room();
    let mut guests = Vec::new();
    for member in members {
        guests.push(member.enters(&identity, id).await);
    }
    let says = voice(house.tag.mark(" voice").as_bytes());
    ann.says(&says).await;
    guests[0].comes_up(&ann).await;
    guests[0].says(&says).await;
    let heard = ann.sees("a voice", |scene| scene.heard > 5).await.heard;
    let removed = guests.pop().expect("many");
    ann.does(protocol::room::RoomCommand::Remove { who: removed.id() }).await;
    house.server.crash_live();
    ann.sees("a voice again", |scene| scene.heard > heard + 5).await;
    for guest in guests.iter().chain([&ann, &removed]) {
        marks.add(&guest.marks());
    }
    let crashed = guests.pop().expect("many");
    crashed.crashes().await;
    for guest in guests {
        guest.leaves().await;
    }
    ends(ann).await;
    (id, marks)
}

/// The raw image, with what was deleted and what was never in a file.
pub(crate) fn on_a_disk_of_its_own() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, names } = Twenty::sign_up(Home::new(Kind::OwnDisk)).await;
        let (_, marks) = an_evening(&house, ann, members).await;
        let (home, _) = house.server.stop();
        let image = std::fs::read(home.disk()).expect("readable");
        let found = marks.in_bytes(&image);
        assert!(found.is_empty(), "{found:#?}");

        let mut kept = Marks::default();
        kept.tag(&names);
        kept.text("a handle", "guest19");
        let found = kept.in_bytes(&image);
        for what in ["marked as text", "a handle as text"] {
            assert!(found.iter().any(|found| found.what == what), "accounts are on this disk: {found:#?}");
        }
    });
}

/// Twenty people who are signed in already spend an evening in rooms; and the next run of the server knows nothing of it.
pub(crate) fn in_the_database() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, .. } = Twenty::sign_up(Home::new(Kind::Usual)).await;
        let (tag, ip) = (house.tag.clone(), house.net);
        let (home, _) = house.server.stop();
        let before = files(&home.data());
        assert!(before.iter().any(|(name, _)| name == "vivavoce.db"), "{:?}", names(&before));

        let house = House { server: home.start(), tag, net: ip };
        let (ann, members) =
            (ann.at(&house.server), members.into_iter().map(|member| member.at(&house.server)));
        let again = ann.again();
        let (room, _) = an_evening(&house, ann, members.collect()).await;
        let (home, _) = house.server.stop();
        let after = files(&home.data());
        assert_eq!(names(&after), names(&before));
        for ((name, before), (_, after)) in before.iter().zip(&after) {
            assert!(before == after, "{name} is not what it was");
        }

        let server = home.start();
        let again = again.at(&server);
        assert!(again.hallway().await.is_empty(), "no room is there");
        let refused = again.tries(room).await;
        let unknown = again.tries(protocol::id::RoomId([7; 16])).await;
        assert_eq!((refused, unknown), (ErrorCode::NotThere, ErrorCode::NotThere), "as one that never was");
    });
}

/// Everything that a server says all evening is of the form that cannot carry what anybody said or is called.
pub(crate) fn on_the_terminal() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, names } = Twenty::sign_up(Home::new(Kind::Usual)).await;
        let (_, marks) = an_evening(&house, ann, members).await;
        let (_, said) = house.server.stop();
        let mut all = Marks::default();
        all.tag(&names);
        all.add(&marks);
        let found = all.in_bytes(said.as_bytes());
        assert!(found.is_empty(), "{found:?} in {said}");
        let records: Vec<&str> = said.lines().filter(|line| line.contains("live: ")).collect();
        assert!(records.iter().any(|line| line.contains("live: started ")), "records come this way: {said}");
        for line in records {
            assert!(is_record(line), "{line}");
        }
    });
}

/// `live: code key=number …`
fn is_record(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("live: ") else { return false };
    let word = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let mut words = rest.split(' ');
    words.next().is_some_and(word)
        && words.all(|pair| {
            pair.split_once('=').is_some_and(|(key, value)| {
                word(key) && (word(value) || value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
            })
        })
}

/// What lies in a folder; sockets and locks are nothing that is kept.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("read"))
        })
        .collect();
    all.sort();
    all
}

fn names(files: &[(String, Vec<u8>)]) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}
