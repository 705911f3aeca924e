//! People who wish a server ill, all at once, while two others talk.
//!
//! What is bounded: what strangers make the server send, hold and work; and the two hear each other all the while.

#![expect(clippy::print_stdout, reason = "figures are for people")]

mod crowd;
mod frames;
mod member;
mod pair;
#[path = "../support/random.rs"]
mod random;
#[path = "../support/server.rs"]
mod server;
mod strangers;

use std::path::Path;
use std::time::{Duration, Instant};

use client::api::{Link, Secret, Server as Api, Token, Trust};
use protocol::text::{DisplayName, Handle, ServerName};
use rustix::process::Pid;

use pair::{Lost, Pair};
use server::{Server, vivavoce};

/// How long it goes on, at least: longer than anything half-open is put up with (`live::limits`).
const SIEGE: Duration = Duration::from_secs(12);
/// Of `live`, beyond what it held before: some hundred connections at most at the bounds of what each may make it hold, a
/// member's queues, and what the allocator keeps for later.
const GROWN_MAX: u64 = 64 << 20;
/// Somebody with an account, on an address of their own.
pub(crate) struct Member {
    pub(crate) api: Api,
    pub(crate) token: Token,
}

fn api(server: &Server, number: u32) -> Api {
    let origin = format!("http://{}", server.address).parse().expect("an address");
    let from = std::net::Ipv4Addr::from(0x7f00_0300 + number);
    Api::new(origin, &Trust::System).expect("no certificates are needed").from_address(from.into())
}

async fn comes(server: &Server, secret: &Secret, number: u32) -> Member {
    let (api, called) = (api(server, number), format!("guest{number}"));
    let name = DisplayName::parse(&called).expect("a name");
    let handle = Handle::parse(&called).expect("a handle");
    let token = api.accept_invite(secret, name, handle).await.expect("came");
    Member { api, token }
}

/// Bytes in memory.
fn holds(process: Pid) -> u64 {
    let id = process.as_raw_nonzero();
    let pages = std::fs::read_to_string(format!("/proc/{id}/statm")).expect("it runs");
    let pages: u64 = pages.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number");
    pages * rustix::param::page_size() as u64
}

fn worked(process: Pid) -> Duration {
    let id = process.as_raw_nonzero();
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = behind.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 1_000 / rustix::param::clock_ticks_per_second())
}

async fn besieged(data: &Path) -> (Server, [Member; 4]) {
    let flags = ["--listen", "127.0.0.1:0", "--drain-seconds", "0", "--pack-under-load=false"];
    let server = Server::start_by(vivavoce(data, &flags));
    let link = Link::parse(&server.owner_link()).expect("a link");
    let owner_api = api(&server, 0);
    let home = ServerName::parse("Home").expect("a name");
    let ann = DisplayName::parse("Ann").expect("a name");
    let token = owner_api
        .claim(&link.secret, home, ann, Handle::parse("ann").expect("a handle"))
        .await
        .expect("owner");
    let owner = Member { api: owner_api, token };
    let invitation = owner.api.invite(&owner.token, 3).await.expect("a link");
    let ben = comes(&server, &invitation.secret, 1).await;
    let eve = comes(&server, &invitation.secret, 2).await;
    let mallory = comes(&server, &invitation.secret, 3).await;
    (server, [owner, ben, eve, mallory])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_attacks_is_bounded_and_the_others_hear_each_other_all_the_while() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (server, [ann, ben, eve, mallory]) = besieged(&data).await;
    let live = server.live();
    let pair = Pair::talk(&ann, &ben).await;
    // The floor: as long as one of the attacks, and nobody attacks.
    let quiet = pair.lost_while(tokio::time::sleep(Duration::from_secs(2))).await;
    let (held, did) = (holds(live), worked(live));

    let begun = Instant::now();
    let siege = async {
        let address = server.address;
        let slow = tokio::task::spawn_blocking(move || crowd::slow(address));
        let udp = tokio::task::spawn_blocking(move || strangers::knock(address, SIEGE));
        let oversized = tokio::task::spawn_blocking(move || crowd::oversized(address));
        let token = mallory.token.clone();
        let broken = tokio::task::spawn_blocking(move || frames::no_client_sends(address, &token));
        let everything = member::opens_everything(&eve, SIEGE);
        let (slow, udp, oversized, broken, everything) =
            tokio::join!(slow, udp, oversized, broken, everything);
        oversized.expect("refused");
        assert!(broken.expect("closed") > 0);
        Came { slow: slow.expect("all were closed"), udp: udp.expect("bounded"), everything }
    };
    let grown = async {
        let mut most = held;
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            most = most.max(holds(live));
            if begun.elapsed() > SIEGE {
                return most - held;
            }
        }
    };
    let ((came, grown), lost) = {
        let both = async { tokio::join!(siege, grown) };
        let mut answers = None;
        let lost = pair.lost_while(async { answers = Some(both.await) }).await;
        (answers.expect("over"), lost)
    };
    let busy = (worked(live) - did).as_secs_f64() / begun.elapsed().as_secs_f64();

    tell(&quiet, &lost, grown, busy);
    came.tell();
    assert!(lost.expected > 400, "they talked");
    assert!(lost.lost <= quiet.lost, "{} of {} packets were lost", lost.lost, lost.expected);
    assert!(grown < GROWN_MAX, "live holds {grown} bytes more");

    // And it is as open as before.
    assert_eq!(server.get("/healthz"), "HTTP/1.1 200 OK");
    let invitation = ann.api.invite(&ann.token, 1).await.expect("a link");
    let cat = comes(&server, &invitation.secret, 4).await;
    cat.api.me(&cat.token).await.expect("in");
    assert_eq!(server.live(), live, "the same process");
    assert!(!server.said().iter().any(|line| line.contains("panicked")), "nobody brought anything down");
}

fn tell(quiet: &Lost, lost: &Lost, grown: u64, busy: f64) {
    println!(
        "measured: of {} packets {} were lost in quiet, of {} {} while attacked",
        quiet.expected, quiet.lost, lost.expected, lost.lost
    );
    println!(
        "measured: live held {} KiB more at most, and worked {:.0} % of a processor",
        grown >> 10,
        busy * 100.0
    );
}

/// What each of those who attack came to.
struct Came {
    slow: crowd::Slow,
    udp: strangers::Knocked,
    everything: member::Opened,
}

impl Came {
    fn tell(&self) {
        let Self { slow, udp, everything } = self;
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
