//! What anybody on the machine writes to any file while an evening goes on: nothing of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::kept::{Twenty, an_evening};
use crate::marks::{Marks, Tag};
use crate::needs::not_run;
use crate::server::{Home, Kind};
use crate::watch::{Did, Watch};

pub(crate) fn anywhere() {
    crate::evening::runtime().block_on(async {
        let Twenty { house, ann, members, .. } = Twenty::sign_up(Home::new(Kind::Usual)).await;
        let watch = match Watch::begin() {
            Ok(watch) => watch,
            Err(reason) => return not_run("files_that_anybody_writes", &reason),
        };
        let [parent, keeper, live] = [house.server.parent(), house.server.keeper(), house.server.live()]
            .map(|pid| pid.as_raw_nonzero().get());
        let tag = house.tag.clone();
        an_evening(&house, ann, members, None).await;
        let [next_keeper, next_live] =
            [house.server.keeper(), house.server.live()].map(|pid| pid.as_raw_nonzero().get());
        assert_ne!((keeper, live), (next_keeper, next_live), "one of each has crashed");
        let data = house.server.home.data();
        let _home = house.server.stop();
        let control = Tag::draw();
        let writer = writes_and_deletes(&control);

        let seen = Seen::all(watch, &[(&tag, "evening"), (&control, "control")]);
        assert_eq!(seen.of(live, Did::Open), BTreeSet::new(), "it opens nothing");
        // The next one opens its own program before it is shut in.
        for process in [live, next_live, parent] {
            assert_eq!(seen.of(process, Did::Write), BTreeSet::new(), "it writes nothing");
        }
        let keepers = [keeper, next_keeper].map(|keeper| seen.of(keeper, Did::Write));
        let beside: Vec<_> = keepers.into_iter().flatten().filter(|path| !path.starts_with(&data)).collect();
        assert!(beside.is_empty(), "the keeper writes where its data is and nowhere else: {beside:?}");
        let said = &seen.with["evening"];
        assert!(said.is_empty(), "somebody has written down what belongs to the evening: {said:?}");

        assert!(!seen.of(next_live, Did::Open).is_empty(), "what `live` opened would be seen");
        let left = seen.of(writer, Did::Write);
        assert!(!left.is_empty(), "who writes is seen");
        assert_eq!(seen.with["control"], left, "and so is what was written, though it is deleted");
    });
}

/// What happened to files.
struct Seen {
    did: BTreeSet<(i32, Did, PathBuf)>,
    /// Files that hold something marked, by what it is.
    with: BTreeMap<&'static str, BTreeSet<PathBuf>>,
}

impl Seen {
    fn all(watch: Watch, looked_for: &[(&Tag, &'static str)]) -> Self {
        let marks = looked_for.iter().map(|(tag, what)| {
            let mut marks = Marks::default();
            marks.tag(tag);
            (*what, marks)
        });
        let marks: Vec<_> = marks.collect();
        let with = looked_for.iter().map(|(_, what)| (*what, BTreeSet::new()));
        let mut seen = Self { did: BTreeSet::new(), with: with.collect() };
        let mut read = BTreeSet::new();
        watch.ends(|event| {
            let written = event.what == Did::Write
                && event.file.metadata().is_ok_and(|is| {
                    // Each once: this is read after everything was written.
                    is.is_file() && read.insert((is.dev(), is.ino()))
                });
            for (what, marks) in marks.iter().filter(|_| written) {
                if holds(&event.file, marks) {
                    seen.with.entry(what).or_default().insert(event.path.clone());
                }
            }
            seen.did.insert((event.who, event.what, event.path));
        });
        seen
    }

    fn of(&self, who: i32, what: Did) -> BTreeSet<PathBuf> {
        let theirs = self.did.iter().filter(|(by, did, _)| *by == who && *did == what);
        theirs.map(|(.., path)| path.clone()).collect()
    }
}

/// How much of a file is looked through at a time.
const PIECE_BYTES: usize = 4 << 20;

fn holds(file: &File, marks: &Marks) -> bool {
    let overlap = marks.longest();
    let mut piece = vec![0; PIECE_BYTES];
    let mut at = 0;
    loop {
        // One that cannot be read any more holds nothing that could be found later.
        let Ok(count @ 1..) = file.read_at(&mut piece, at) else { return false };
        if !marks.in_bytes(&piece[..count]).is_empty() {
            return true;
        }
        if count <= overlap {
            return false;
        }
        at += (count - overlap) as u64;
    }
}

/// The control: somebody who writes it to a file, which is in no folder any more when we look. Gives the process.
fn writes_and_deletes(tag: &Tag) -> i32 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut shell = Command::new("sh");
    shell.args(["-c", "printf '%s\\n' \"$1\" > \"$2\"; rm \"$2\"", "sh", &tag.mark(" said")]);
    let mut shell = shell.arg(folder.path().join("noted")).stdin(Stdio::null()).spawn().expect("started");
    let who = i32::try_from(shell.id()).expect("an id");
    assert!(shell.wait().expect("ended").success(), "written and deleted");
    who
}
