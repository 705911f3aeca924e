//! What an evening leaves on the disk, in the database, on the terminal and for the next run: nothing.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use client::peer::Identity;
use protocol::ErrorCode;
use protocol::id::ClubId;
use protocol::room::{RoomCommand, RoomKind};
use protocol::socket::NewRoom;
use serde_json::json;

use crate::evening::{House, ends, room, voice};
use crate::events::announce;
use crate::grammar::is_harmless;
use crate::marks::{Marks, Tag};
use crate::order;
use crate::people::Member;
use crate::server::{Home, Kind, Server};

/// Twenty people who have accounts already; what they are called is kept, and may be.
pub(crate) struct Twenty {
    pub(crate) house: House,
    pub(crate) ann: Member,
    pub(crate) members: Vec<Member>,
    /// Begins what they are called.
    names: Tag,
}

impl Twenty {
    pub(crate) async fn sign_up(home: Home) -> Self {
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

/// Comes in, speaks, keeps order, is removed, is thrown out by crashes, leaves: of all of it nothing may be kept.
pub(crate) async fn an_evening(
    house: &House,
    ann: Member,
    mut members: Vec<Member>,
    club: Option<ClubId>,
) -> (protocol::id::RoomId, Marks) {
    let radio = members.pop().expect("many");
    let mut marks = Marks::default();
    marks.tag(&house.tag);
    house.strangers();
    let identity = Identity::generate().expect("a certificate");
    let room = NewRoom { club, ..room(Some(&house.tag.mark(" title")), RoomKind::Open) };
    let mut ann = ann.starts(&identity, room).await;
    let id = ann.room();
    let mut guests = Vec::new();
    for member in members {
        guests.push(member.enters(&identity, id).await);
    }
    let says = voice(house.tag.mark(" voice").as_bytes());
    ann.says(&says).await;
    for guest in guests.iter_mut().take(2) {
        guest.comes_up(&ann).await;
        guest.says(&says).await;
    }
    order::is_kept(house, &mut ann, &mut guests, radio, &mut marks).await;
    house.server.crash_keeper();
    ann.member.is_known_again().await;
    let before = ann.sees("a voice", |scene| scene.heard > 5).await;
    let removed = guests.pop().expect("many");
    ann.does(RoomCommand::Remove { who: removed.id() }).await;
    house.server.crash_live();
    // What was on its way when it died is heard still.
    ann.sees("a voice again", |scene| scene.returns > before.returns && scene.heard > before.heard + 5).await;
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

/// How long the kernel may take to give a disk back.
const DISK_GONE: Duration = Duration::from_secs(30);
/// Blocks of the control: whatever else is written before the end does not take all of them.
const DELETED_BYTES: usize = 256 << 10;

/// The raw image, with what was deleted and what was never in a file.
pub(crate) fn on_a_disk_of_its_own() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, names } = Twenty::sign_up(Home::new(Kind::OwnDisk)).await;
        let gone = comes_and_goes(&house).await;
        let (_, marks) = an_evening(&house, ann, members, None).await;
        let deleted = write_and_delete(&house.server);
        assert!(is_mounted(&house.server.home.disk()), "whether it is would be seen");
        let (home, _) = house.server.stop();
        let image = image_of(&home);
        let found = marks.in_bytes(&image);
        assert!(found.is_empty(), "{found:#?}");

        let found = gone.in_bytes(&image);
        assert!(found.is_empty(), "who erased themselves is on the disk: {found:#?}");

        let mut kept = Marks::default();
        kept.tag(&names);
        kept.text("a handle", "guest19");
        let found = kept.in_bytes(&image);
        for what in ["marked as text", "a handle as text"] {
            assert!(found.iter().any(|found| found.what == what), "accounts are on this disk: {found:#?}");
        }
        let mut control = Marks::default();
        control.tag(&deleted);
        assert!(
            !control.in_bytes(&image).is_empty(),
            "what was deleted would be found in blocks that are free"
        );
    });
}

/// Pieces of a picture that are looked for, and from the beginning of one to the next.
const PIECE_BYTES: usize = 32;
const PIECE_EVERY: usize = 4_000;

/// A picture that stays large however small it is made.
fn noise() -> Vec<u8> {
    let mut random = crate::random::Random::new(7);
    let drawn = image::RgbImage::from_fn(400, 400, |_, _| {
        image::Rgb([(); 3].map(|()| u8::try_from(random.below(256)).expect("a byte")))
    });
    let mut png = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut png, image::ImageFormat::Png).expect("written");
    png.into_inner()
}

/// Somebody who has an account, shows and says something of themselves, and erases it all: what would show them.
async fn comes_and_goes(house: &House) -> Marks {
    const HANDLE: &str = "gone.for.good";
    let tag = Tag::draw();
    let mut marks = Marks::default();
    marks.tag(&tag);
    marks.text("a handle", HANDLE);
    let link = house.server.invitation(1);
    let gone = Member::invited(&house.server, &link, house.ip(40), HANDLE, &tag.mark(" Gone")).await;
    let said = json!({
        "bio": tag.mark(" bio"), "pronunciation": null, "speaks": [], "understands": [], "nominator": "shown",
    });
    gone.asks(&house.server, "PUT /me/introduction", Some(said)).await;
    let picture = gone.puts_up(&house.server, &noise()).await;
    // Longer than a page of the database: its pieces lie on several.
    assert!(picture.len() > 4 * PIECE_EVERY, "{}", picture.len());
    for piece in picture.chunks_exact(PIECE_EVERY) {
        marks.bytes("a piece of a picture", piece[..PIECE_BYTES].to_vec());
    }
    rustix::fs::sync();
    let image = std::fs::read(house.server.home.disk()).expect("readable");
    let found = marks.in_bytes(&image);
    for what in ["marked as text", "a handle as text", "a piece of a picture"] {
        assert!(found.iter().any(|found| found.what == what), "while they are here: {found:#?}");
    }
    gone.asks(&house.server, "POST /me/erase", Some(json!({ "handle": HANDLE }))).await;
    marks
}

/// A file beside the server's own folder, which was on the disk and is in no folder any more.
fn write_and_delete(server: &Server) -> Tag {
    let tag = Tag::draw();
    let text = tag.mark("\n").repeat(DELETED_BYTES / tag.mark("\n").len());
    let beside = server.home.data().parent().expect("the disk").join("another");
    let there = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(there.path(), text).expect("written");
    let mut command = Command::new("nsenter");
    command.args(["--mount", "--target", &server.parent().as_raw_nonzero().to_string(), "sh", "-c"]);
    command.args(["set -e; cat > \"$1\"; sync; rm \"$1\"; sync; [ ! -e \"$1\" ]", "sh"]).arg(&beside);
    command.stdin(there.reopen().expect("readable"));
    assert!(command.status().expect("it runs").success(), "written and deleted");
    tag
}

/// Whether something is mounted from it.
fn is_mounted(disk: &Path) -> bool {
    let disk = disk.canonicalize().expect("there");
    let devices = std::fs::read_dir("/sys/block").expect("readable");
    let backs = devices.map(|device| device.expect("an entry").path().join("loop/backing_file"));
    backs.filter_map(|file| std::fs::read_to_string(file).ok()).any(|file| Path::new(file.trim()) == disk)
}

/// All of a disk whose server has stopped.
pub(crate) fn image_of(home: &Home) -> Vec<u8> {
    given_back(&home.disk());
    std::fs::read(home.disk()).expect("readable")
}

/// A disk is unmounted when the last process that sees it is gone, some time after that: only then is all of it written.
fn given_back(disk: &Path) {
    rustix::fs::sync();
    let begun = Instant::now();
    while is_mounted(disk) {
        assert!(begun.elapsed() < DISK_GONE, "the disk is still mounted");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Twenty people who are signed in already spend an evening in rooms; and the next run of the server knows nothing of it.
pub(crate) fn in_the_database() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, mut members, names: called } = Twenty::sign_up(Home::new(Kind::Usual)).await;
        let (tag, ip) = (house.tag.clone(), house.net);
        // An event is kept; whether it took place is not.
        let host = members.pop().expect("many");
        let event = announce(&house.server, &host, &called).await;
        // It is kept, and what is held for it is not.
        let club = founded(&house.server, &ann, &called.mark(" club")).await;
        let (home, _) = house.server.stop();
        let before = files(&home.data());
        assert!(before.iter().any(|(name, _)| name == "vivavoce.db"), "{:?}", names(&before));

        let house = House { server: home.start(), tag, net: ip };
        let (ann, members) =
            (ann.at(&house.server), members.into_iter().map(|member| member.at(&house.server)));
        let again = ann.again();
        let held = host.at(&house.server).opens(&crate::evening::identity(), event).await;
        held.does(RoomCommand::Widen { kind: RoomKind::Open }).await;
        ends(held).await;
        let (room, _) = an_evening(&house, ann, members.collect(), Some(club)).await;
        let mut evening = Marks::default();
        evening.tag(&house.tag);
        evening.text("the room", &room.to_string());
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
        assert_eq!(again.tries_by_a_program(room).await, ErrorCode::NotThere, "nor that way in");
        let mut told = Vec::new();
        for what in TELL {
            told.extend(again.asks(&server, &format!("GET {what}"), None).await);
        }
        let found = evening.in_bytes(&told);
        assert!(found.is_empty(), "the next run tells of the evening: {found:#?}");
        let mut accounts = Marks::default();
        accounts.tag(&called);
        assert!(!accounts.in_bytes(&told).is_empty(), "what is told of people is looked through");
    });
}

/// A club of hers.
async fn founded(server: &Server, ann: &Member, name: &str) -> ClubId {
    let charter = json!({
        "name": name, "about": null, "door": "open", "rules": [], "starters": "admins", "following": "anybody"
    });
    let page = ann.asks(server, "POST /clubs", Some(charter)).await;
    serde_json::from_slice::<protocol::club::ClubPage>(&page).expect("a club").club.id
}

/// Everything that a server tells whoever runs it, and whoever else is in: each way to read something.
const TELL: &[&str] = &[
    "/server",
    "/me",
    "/me/kept",
    "/sessions",
    "/passkeys",
    "/invites",
    "/people?find=guest",
    "/people/guest2",
    "/people/guest2/followers",
    "/people/guest2/following",
    "/suggestions",
    "/clubs",
    "/clubs?find=",
    "/blocks",
    "/events",
    "/muted-pings",
    "/reports",
    "/order",
];

/// Everything that a server says all evening is of the form that cannot carry what anybody said or is called.
pub(crate) fn on_the_terminal() {
    for leak in [
        "live: said text=hello",
        "live: said why=hello",
        "live: said at=ann:1",
        "live: started shards=1.2",
        "live: started shards=",
        "live: Ann",
        "ann: started",
        "keeper_lost",
        "Rooms that go on: a title.",
        "The live process ended by signal 9; starting it again. Ann",
        "    Open       http://localhost:1/ann",
        "    Ann        http://localhost:1",
        "  │  Ann                                  │",
        "  Ann",
        "Ann",
    ] {
        assert!(!is_harmless(leak, "http://localhost:1"), "{leak}");
    }
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, names } = Twenty::sign_up(Home::new(Kind::Usual)).await;
        let (_, marks) = an_evening(&house, ann, members, None).await;
        let port = house.server.origin.to_string().rsplit_once(':').expect("a port").1.to_owned();
        let (_, said) = house.server.stop();
        let mut all = Marks::default();
        all.tag(&names);
        all.add(&marks);
        let found = all.in_bytes(said.as_bytes());
        assert!(found.is_empty(), "{found:?} in {said}");
        for expected in [
            "live: started ",
            "live: keeper_back",
            "The keeper ended by signal 9",
            "The live process ended by signal 9",
            "Rooms that go on: 1.",
        ] {
            assert!(said.lines().any(|line| line.starts_with(expected)), "{expected:?} in {said}");
        }
        let url = format!("http://localhost:{port}");
        for line in said.lines() {
            assert!(is_harmless(line, &url), "{line:?} in {said}");
        }
    });
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
