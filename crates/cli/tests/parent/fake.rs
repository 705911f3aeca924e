//! The small processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::mpsc;

use cli::Command;
use cli::children::line_to_parent;
use cluster::parent::{FromLive, ToLive, receive_blobs, receive_start};
use cluster::{Blob, Commit, Sealed, Tag, Version};
use keeper_api::LinkSecret;
use keeper_api::parent::{Failure, FromKeeper, Run, ToKeeper};
use outbound_api::parent::{FromOutbound, ToOutbound};

/// The real parent with the given flags.
pub(crate) fn serve(flags: &[String]) -> ExitCode {
    let line = std::iter::once("vivavoce").chain(flags.iter().map(String::as_str)).map(Into::into);
    match cli::ask(line, std::iter::empty()) {
        Ok(Command::Serve(config, until)) => cli::serve::run(&config, until),
        other => panic!("not a server: {other:?}"),
    }
}

/// Panics on another thread and on its own with what it is given, as each process of the server would, or, for the
/// control, as any program.
pub(crate) fn panic(given: &[String]) -> ExitCode {
    let [how, payload] = given else { panic!("not a panic: {given:?}") };
    if how == "hardened" {
        cli::harden::this_process();
    }
    let theirs = payload.clone();
    let other = std::thread::spawn(move || panic!("{theirs}"));
    assert!(other.join().is_err(), "it panics");
    panic!("{payload}")
}

/// Answers every byte on the line to `live` with its process id. Leaves a file for every thing it was told.
pub(crate) fn keeper() -> ExitCode {
    let (mut to_parent, mut from_parent) =
        line_to_parent::<FromKeeper, ToKeeper>().expect("started by the parent");
    let (start, live) = keeper_api::parent::receive_start(&mut from_parent).expect("started first");
    if start.data.join("broken").exists() {
        to_parent.send(&FromKeeper::Failed(Failure::DataInUse)).expect("the parent is there");
        return ExitCode::FAILURE;
    }
    if start.run == Run::Again {
        std::fs::write(start.data.join("again"), "").expect("written");
    }
    if start.data.join("crash").exists() {
        return ExitCode::FAILURE;
    }
    answer(live.into());
    let owner = (!start.data.join("owned").exists()).then(|| LinkSecret::from_random([7; 16]));
    to_parent.send(&FromKeeper::Ready { owner }).expect("the parent is there");
    loop {
        let Ok(mut received) = from_parent.receive() else { return ExitCode::FAILURE };
        match received.message {
            ToKeeper::NewLive => answer(received.descriptors.remove(0).into()),
            ToKeeper::Reload => {
                to_parent.send(&FromKeeper::Reloaded(Ok(()))).expect("the parent is there");
            }
            ToKeeper::Stop => {
                std::fs::write(start.data.join("stopped"), "").expect("written");
                return ExitCode::SUCCESS;
            }
            ToKeeper::Start(_) => panic!("started twice"),
        }
    }
}

fn answer(mut live: UnixStream) {
    std::thread::spawn(move || {
        let mut byte = [0];
        while live.read_exact(&mut byte).is_ok() {
            if live.write_all(&std::process::id().to_le_bytes()).is_err() {
                return;
            }
        }
    });
}

/// Answers, and waits for its end.
pub(crate) fn outbound() -> ExitCode {
    let (mut to_parent, mut from_parent) =
        line_to_parent::<FromOutbound, ToOutbound>().expect("started by the parent");
    to_parent.send(&FromOutbound::Ready).expect("the parent is there");
    while from_parent.receive().is_ok() {}
    ExitCode::FAILURE
}

/// Does what it is asked over TCP, one word line a connection.
pub(crate) fn live() -> ExitCode {
    let (to_parent, mut from_parent) = line_to_parent::<FromLive, ToLive>().expect("started by the parent");
    let started = receive_start(&mut from_parent).expect("started first");
    let mut blobs = receive_blobs(&mut from_parent, started.start.blobs).expect("as many as were said");
    blobs.sort_by_key(|blob| blob.tag);
    let (keepers, new_keepers) = mpsc::channel();
    let (drains, told) = mpsc::channel();
    std::thread::spawn(move || {
        while let Ok(mut received) = from_parent.receive() {
            match received.message {
                ToLive::NewKeeper => drop(keepers.send(UnixStream::from(received.descriptors.remove(0)))),
                ToLive::Drain { seconds } => drop(drains.send(seconds)),
                ToLive::Start(_) | ToLive::Blob(_) | ToLive::Addresses(_) | ToLive::NewOutbound => {}
            }
        }
        // The parent is gone.
        std::process::exit(1);
    });
    let mut fake = Fake {
        about: format!("{:?} {}", started.start.incarnation, started.media.len()),
        blobs,
        to_parent,
        keeper: started.keeper.into(),
        new_keepers,
        told,
    };
    fake.to_parent.send(&FromLive::Ready).expect("the parent is there");
    let mut listeners: Vec<TcpListener> = started.listeners.into_iter().map(Into::into).collect();
    let listener = listeners.remove(0);
    loop {
        let (asker, _) = listener.accept().expect("somebody asks");
        fake.serve(asker);
    }
}

struct Fake {
    about: String,
    blobs: Vec<Blob>,
    to_parent: line::Sender<FromLive>,
    keeper: UnixStream,
    new_keepers: mpsc::Receiver<UnixStream>,
    told: mpsc::Receiver<u16>,
}

impl Fake {
    fn serve(&mut self, mut asker: TcpStream) {
        let mut question = String::new();
        BufReader::new(asker.try_clone().expect("a clone")).read_line(&mut question).expect("a line");
        let words: Vec<&str> = question.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["pid"] => std::process::id().to_string(),
            ["about"] => self.about.clone(),
            ["blobs"] => self.blobs.iter().map(shown).collect::<Vec<_>>().join(" "),
            ["keeper"] => self.ask_keeper().to_string(),
            ["commit", tag, version, bytes] => {
                self.commit(number(tag), number(version), number(bytes));
                "sent".to_owned()
            }
            ["commit-many-and-die", tag, count, bytes] => {
                (1..=number(count)).for_each(|version| self.commit(number(tag), version, number(bytes)));
                std::process::abort();
            }
            ["say", ..] => {
                let text = question.trim_start_matches("say ").trim_end();
                writeln!(std::io::stderr(), "{text}").expect("the parent reads it");
                "said".to_owned()
            }
            ["wait-for-drain"] => self.told.recv().expect("told").to_string(),
            ["drained"] => {
                self.to_parent.send(&FromLive::Drained).expect("the parent is there");
                "said".to_owned()
            }
            other => panic!("not a question: {other:?}"),
        };
        let _ = writeln!(asker, "{answer}");
    }

    fn commit(&mut self, tag: u64, version: u64, bytes: u64) {
        let tag = Tag::from_random(u128::from(tag).to_le_bytes());
        let fill = u8::try_from(version % 256).expect("a byte");
        let sealed = Sealed::from_bytes(vec![fill; usize::try_from(bytes).expect("fits")]);
        let puts = vec![Blob { tag, version: Version(version), sealed }];
        self.to_parent
            .send(&FromLive::Commit(Commit { puts, forgets: Vec::new() }))
            .expect("the parent is there");
    }

    /// The id of the keeper that answers, after however many had to be started.
    fn ask_keeper(&mut self) -> u32 {
        loop {
            let mut id = [0; 4];
            if self.keeper.write_all(b"?").is_ok() && self.keeper.read_exact(&mut id).is_ok() {
                return u32::from_le_bytes(id);
            }
            self.keeper = self.new_keepers.recv().expect("a new keeper comes");
        }
    }
}

fn shown(blob: &Blob) -> String {
    let bytes = blob.sealed.as_bytes();
    let tag = u128::from_le_bytes(*blob.tag.as_bytes());
    format!("{tag}@{}:{}x{}", blob.version.0, bytes.len(), bytes.first().copied().unwrap_or(0))
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}
