//! People who wish a server ill, all at once, while two others talk, and two more come and go and raise hands.
//!
//! What is bounded: what strangers make the server send, hold and work; the two hear each other all the while, and nobody
//! waits long. And whatever the server says of it cannot carry what anybody sent.

#![expect(clippy::print_stdout, reason = "figures are for people")]

mod crowd;
mod frames;
mod garbled;
#[path = "../support/grammar.rs"]
mod grammar;
mod half_open;
mod handshakes;
mod member;
#[path = "../support/native.rs"]
mod native;
#[path = "../support/new_room.rs"]
mod new_room;
mod others;
mod pair;
#[path = "../support/random.rs"]
mod random;
#[path = "../support/server.rs"]
mod server;
mod strangers;
mod toll;

use std::path::Path;
use std::time::Duration;

use client::api::{Link, Secret, Server as Api, Token, Trust};
use others::Others;
use pair::Pair;
use server::{Server, vivavoce};
use toll::Toll;

/// How long it goes on, at least: longer than anything half-open is put up with (`live::limits`).
const SIEGE: Duration = Duration::from_secs(12);

/// One siege at a time: each measures what the server loses by it.
static SIEGES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Somebody with an account, on an address of their own.
pub(crate) struct Member {
    pub(crate) api: Api,
    pub(crate) token: Token,
}

/// The server under attack, and how it is reached.
struct House {
    server: Server,
    origin: String,
    trust: Trust,
}

impl House {
    fn plain(data: &Path) -> Self {
        let server = Server::start_by(talkative(data, &FLAGS));
        Self { origin: format!("http://{}", server.address), server, trust: Trust::System }
    }

    /// It speaks TLS itself, with a certificate of its own making in this folder.
    fn with_tls(folder: &Path) -> Self {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("made");
        let [cert, key] = ["cert.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
        std::fs::write(&cert, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let flags = [&FLAGS[..], &["--tls-cert", &cert, "--tls-key", &key]].concat();
        let server = Server::start_by(talkative(&folder.join("data"), &flags));
        let trust = Trust::Pem(made.cert.pem().into_bytes());
        Self { origin: format!("https://{}", server.address), server, trust }
    }

    fn api(&self, number: u32) -> Api {
        let origin = self.origin.parse().expect("an address");
        let from = std::net::Ipv4Addr::from(0x7f00_0300 + number);
        native::reaches(origin, &self.trust, from)
    }

    async fn comes(&self, secret: &Secret, number: u32) -> Member {
        let (api, called) = (self.api(number), format!("guest{number}"));
        let token = native::comes(&api, secret, &called, &called).await.expect("came");
        Member { api, token }
    }

    /// Two who talk, two who come and go, and two who do not mean well.
    async fn six(&self) -> [Member; 6] {
        let link = Link::parse(&self.server.owner_link()).expect("a link");
        let owner_api = self.api(0);
        let token = native::claims(&owner_api, &link, "Ann", "ann").await;
        let owner = Member { api: owner_api, token };
        let invitation = owner.api.invite(&owner.token, 5).await.expect("a link");
        let ben = self.comes(&invitation.secret, 1).await;
        let eve = self.comes(&invitation.secret, 2).await;
        let mallory = self.comes(&invitation.secret, 3).await;
        let dora = self.comes(&invitation.secret, 5).await;
        let emil = self.comes(&invitation.secret, 6).await;
        [owner, ben, dora, emil, eve, mallory]
    }

    /// As open as before, and the same.
    async fn stands(&self, live: rustix::process::Pid, owner: &Member) {
        let invitation = owner.api.invite(&owner.token, 1).await.expect("a link");
        let cat = self.comes(&invitation.secret, 4).await;
        cat.api.me(&cat.token).await.expect("in");
        assert_eq!(self.server.live(), live, "the same process");
    }

    /// Every line that it ever said is of the form that cannot carry what anybody sent, and its processes wrote nothing else,
    /// which would have been withheld.
    fn said_nothing_of_it(self) {
        let url = self.origin.replace("127.0.0.1", "localhost");
        let (status, said) = self.server.stop_and_tell();
        assert!(status.success(), "{status}: {said}");
        for line in said.lines() {
            assert!(grammar::is_harmless(line, &url), "{line:?} in {said}");
            assert!(!line.contains("panicked"), "nobody brought anything down: {said}");
            assert!(!line.contains("withheld"), "something else was written: {said}");
        }
        assert!(said.contains("live: started "), "it speaks: {said}");
        assert!(!said.contains(garbled::MARK), "{said}");
    }
}

/// As verbose as a program in our language can be asked to be: it has no levels of its own, and whatever it is built of may
/// have some.
fn talkative(data: &Path, flags: &[&str]) -> std::process::Command {
    let mut command = vivavoce(data, flags);
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    command
}

const FLAGS: [&str; 5] = ["--listen", "127.0.0.1:0", "--drain-seconds", "0", "--pack-under-load=false"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_attacks_is_bounded_and_the_others_hear_each_other_all_the_while() {
    let _alone = SIEGES.lock().await;
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::plain(&folder.path().join("data"));
    let [ann, ben, dora, emil, eve, mallory] = house.six().await;
    let live = house.server.live();
    let pair = Pair::talk(&ann, &ben).await;
    let others = Others::begin(dora, emil);

    let siege = async {
        let address = house.server.address;
        let slow = tokio::task::spawn_blocking(move || crowd::slow(address));
        let udp = tokio::task::spawn_blocking(move || strangers::knock(address, SIEGE));
        let oversized = tokio::task::spawn_blocking(move || crowd::oversized(address));
        let token = mallory.token.clone();
        let broken = tokio::task::spawn_blocking(move || frames::no_client_sends(address, &token));
        let garbled = tokio::task::spawn_blocking(move || garbled::requests(address, SIEGE));
        let everything = member::opens_everything(&eve, SIEGE);
        let (slow, udp, oversized, broken, garbled, everything) =
            tokio::join!(slow, udp, oversized, broken, garbled, everything);
        oversized.expect("refused");
        let garbled = garbled.expect("answered or cut off");
        assert!(broken.expect("closed") > 0);
        Came { slow: slow.expect("all were closed"), udp: udp.expect("bounded"), garbled, everything }
    };
    let (came, toll) = Toll::of(live, &pair, &others, siege).await;
    toll.tell();
    came.tell();
    toll.is_bounded();
    assert_eq!(house.server.get("/healthz"), "HTTP/1.1 200 OK");
    house.stands(live, &ann).await;
    drop((pair, others));
    house.said_nothing_of_it();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_begins_handshakes_and_leaves_is_bounded_and_the_others_lose_nothing() {
    let _alone = SIEGES.lock().await;
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::with_tls(folder.path());
    let [ann, ben, dora, emil, eve, mallory] = house.six().await;
    let live = house.server.live();
    let pair = Pair::talk(&ann, &ben).await;
    let others = Others::begin(dora, emil);

    let (address, room) = (house.server.address, pair.room);
    let siege = async {
        tokio::join!(
            handshakes::begun_and_left(address, SIEGE),
            handshakes::from_one_address(address),
            half_open::says_hello_again_and_again(&eve, room, SIEGE),
            half_open::stops_midway(&mallory, room, SIEGE),
        )
    };
    let ((left, greedy, hellos, midway), toll) = Toll::of(live, &pair, &others, siege).await;
    toll.tell();
    println!(
        "measured: {} handshakes of TLS were begun and left when they were answered: {} KiB in, {} KiB out",
        left.answered,
        left.bytes_in >> 10,
        left.bytes_out >> 10
    );
    println!(
        "measured: one address held {} connections that said half a hello, for {:?}; somebody else was answered within {:?}",
        greedy.held, greedy.put_up_with, greedy.others_wait
    );
    for (who, came) in [("said hello over and over", hellos), ("stopped midway over and over", midway)] {
        println!(
            "measured: a member who {who} did so {} times: {} KiB in, {} KiB out, {:.2} times at most",
            came.handshakes,
            came.bytes_in >> 10,
            came.bytes_out >> 10,
            came.most_answered
        );
    }
    toll.is_bounded();
    house.stands(live, &ann).await;
    drop((pair, others));
    house.said_nothing_of_it();
}

/// What each of those who attack came to.
struct Came {
    slow: crowd::Slow,
    udp: strangers::Knocked,
    garbled: garbled::Garbled,
    everything: member::Opened,
}

impl Came {
    fn tell(&self) {
        let Self { slow, udp, garbled, everything } = self;
        println!(
            "measured: {} silent or slow connections were closed within {:?}",
            slow.connections, slow.put_up_with
        );
        println!(
            "measured: {} datagrams of {} KiB from nobody made it send {} KiB; the kind that is answered most got {:.2} times what it sent",
            udp.datagrams,
            udp.bytes_in >> 10,
            udp.bytes_out >> 10,
            udp.most_answered
        );
        println!(
            "measured: {} requests were garbled: {} were refused, {} got no answer",
            garbled.requests, garbled.refused, garbled.unanswered
        );
        println!(
            "measured: one member had {} sockets and {} room, made {} links of {} asked for, and was cut off {} times after {} messages",
            everything.sockets,
            everything.rooms,
            everything.links,
            everything.links + everything.links_refused,
            everything.cut_off,
            everything.messages
        );
    }
}
