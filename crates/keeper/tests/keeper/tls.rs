//! Certificates: read at the start and when asked again.

use std::path::{Path, PathBuf};

use keeper_api::parent::{Failure, FromKeeper, Run, ToKeeper};
use keeper_api::{Push, ToLive};

use crate::bench::{Server, files, start};

struct Pair {
    cert: PathBuf,
    key: PathBuf,
}

impl Pair {
    fn write(folder: &Path) -> Self {
        let pair = Self { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
        pair.renew();
        pair
    }

    fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["voice.example".to_owned()]).expect("made");
        std::fs::write(&self.cert, made.cert.pem()).expect("written");
        std::fs::write(&self.key, made.signing_key.serialize_pem()).expect("written");
    }
}

#[test]
fn live_gets_the_certificate_in_memory_and_its_renewal_without_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = Pair::write(folder.path());
    let mut given = start(&folder.path().join("data"));
    given.tls = Some(files(&pair.cert, &pair.key));
    let mut server = Server::run(given);
    server.ready();
    let mut live = server.live();
    let first = live.greet(None).tls.expect("keys");

    std::fs::write(&pair.key, "not a key").expect("written");
    server.say(&ToKeeper::Reload);
    assert_eq!(server.word(), FromKeeper::Reloaded(Err(Failure::TlsKey)));
    let mut second = server.new_live();
    assert_eq!(second.greet(None).tls.as_ref(), Some(&first), "the old one stays");

    pair.renew();
    server.say(&ToKeeper::Reload);
    assert_eq!(server.word(), FromKeeper::Reloaded(Ok(())));
    let Some(ToLive::Push(Push::TlsKeys(renewed))) = second.receive() else { panic!("new keys") };
    assert_ne!(renewed, first);
    let mut third = server.new_live();
    assert_eq!(third.greet(None).tls, Some(renewed));
    server.stop();
}

#[test]
fn a_keeper_that_is_started_again_answers_without_a_certificate_and_takes_it_once_it_is_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = Pair::write(folder.path());
    std::fs::write(&pair.cert, "half of a renewal").expect("written");
    let mut given = start(&folder.path().join("data"));
    given.tls = Some(files(&pair.cert, &pair.key));
    given.run = Run::Again;
    let mut server = Server::run(given);
    server.ready();
    assert_eq!(server.word(), FromKeeper::Reloaded(Err(Failure::TlsCert)), "and says so");
    let mut live = server.live();
    assert_eq!(live.greet(None).tls, None, "which has the one from before");

    pair.renew();
    server.say(&ToKeeper::Reload);
    assert_eq!(server.word(), FromKeeper::Reloaded(Ok(())));
    assert!(matches!(live.receive(), Some(ToLive::Push(Push::TlsKeys(_)))));
    server.stop();
}

#[test]
fn a_certificate_that_cannot_be_used_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let pair = Pair::write(folder.path());
    let other = tempfile::tempdir().expect("a folder");
    let stranger = Pair::write(other.path());
    let failed = |cert: &Path, key: &Path| {
        let mut given = start(&folder.path().join("data"));
        given.tls = Some(files(cert, key));
        Server::run(given).word()
    };
    let missing = folder.path().join("missing.pem");
    assert_eq!(failed(&missing, &pair.key), FromKeeper::Failed(Failure::TlsCert));
    assert_eq!(failed(&pair.key, &pair.key), FromKeeper::Failed(Failure::TlsCert), "no certificate in it");
    assert_eq!(failed(&pair.cert, &missing), FromKeeper::Failed(Failure::TlsKey));
    assert_eq!(failed(&pair.cert, &pair.cert), FromKeeper::Failed(Failure::TlsKey), "no key in it");
    assert_eq!(failed(&pair.cert, &stranger.key), FromKeeper::Failed(Failure::TlsMismatch));
}

#[test]
fn a_server_without_tls_has_nothing_to_reload_and_says_so_kindly() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::run(start(&folder.path().join("data")));
    server.ready();
    server.say(&ToKeeper::Reload);
    assert_eq!(server.word(), FromKeeper::Reloaded(Ok(())));
    server.stop();
}
