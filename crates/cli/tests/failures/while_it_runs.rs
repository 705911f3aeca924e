//! What gives out in the middle of an evening: rooms go on, whoever is told no has lost nothing, and it is said why.

use std::net::TcpStream;

use client::api::ApiError;
use protocol::ErrorCode;
use protocol::room::{MyPlace, RoomCommand};
use protocol::socket::{ClientMessage, ServerMessage};
use sqlx::Executor as _;

use crate::house::{House, after, database, folder, offer, open};
use crate::ledger::{self, Erased};
use crate::new_room::open_room;
use crate::server::Server;

/// In blocks of 512 bytes: more than an empty database, and a few people's worth of changes beside it.
const SMALL_DISK: &str = "ulimit -f 1000";
/// More people than have room there.
const TOO_MANY: u32 = 40;

#[tokio::test]
async fn a_disk_that_fills_up_keeps_whoever_was_let_in_and_lets_the_room_go_on() {
    let data = folder();
    let house = House::new(Server::start_by(after(data.path(), SMALL_DISK))).await;
    let link = house.api().invite(&house.owner, 50).await.expect("a link");
    let mut ann = house.socket(&house.owner).await;
    let room = ann.start_room(open_room(None), offer()).await.expect("started").view.room;

    let mut tokens = Vec::new();
    let refusal = loop {
        match house.comes(&link.secret, u32::try_from(tokens.len()).expect("few")).await {
            Ok(token) => tokens.push(token),
            Err(refusal) => break refusal,
        }
        assert!(tokens.len() < TOO_MANY as usize, "the disk never filled up");
    };
    assert!(matches!(refusal, ApiError::Refused(ErrorCode::Internal)), "{refusal:?}");
    house.server.says("The database could not be read or written. Is the disk full?");
    let ben = tokens.first().expect("somebody came before");
    let mut ben = house.socket(ben).await;
    ben.enter_room(room, Some(offer()), None).await.expect("a room needs no disk");
    ben.command(RoomCommand::RaiseHand).await.expect("raised");

    let house = house.again(|| Server::start(data.path()));
    for token in &tokens {
        house.api().me(token).await.expect("whoever was let in is in");
    }
    let came = tokens.len();
    house.comes(&link.secret, u32::try_from(came).expect("few")).await.expect("the refusal used nothing up");
    drop(house);
    assert_eq!(ledger::check(&database(data.path()), Erased::Nobody).await.len(), came + 2);
}

#[tokio::test]
async fn a_database_that_another_program_holds_makes_newcomers_wait_and_nobody_else() {
    let data = folder();
    let house = House::new(Server::start(data.path())).await;
    let link = house.api().invite(&house.owner, 1).await.expect("a link");
    let mut ann = house.socket(&house.owner).await;
    ann.start_room(open_room(None), offer()).await.expect("started");

    let mut other = open(data.path()).await;
    other.execute("BEGIN EXCLUSIVE").await.expect("held");
    let refused = house.comes(&link.secret, 1).await.map(drop);
    assert!(matches!(refused, Err(ApiError::Refused(ErrorCode::Internal))), "{refused:?}");
    house
        .server
        .says("Another program holds the database: until it lets go, nobody can sign in, come or invite.");
    ann.command(RoomCommand::StepDown).await.expect("the room goes on");
    other.execute("ROLLBACK").await.expect("let go");

    house.comes(&link.secret, 1).await.expect("by the same invitation");
    drop(house);
    assert_eq!(ledger::check(&database(data.path()), Erased::Nobody).await.len(), 2);
}

/// Few enough to be used up by a test, and enough to serve a handful.
const FEW_FILES: &str = "ulimit -n 128; [ $(id -u) = 0 ] && set -- setpriv --bounding-set -sys_resource --inh-caps \
                         -sys_resource \"$@\"";

#[tokio::test]
async fn whoever_is_in_stays_when_there_are_no_descriptors_left_and_others_come_in_when_somebody_leaves() {
    let data = folder();
    let house = House::new(Server::start_by(after(data.path(), FEW_FILES))).await;
    let mut ann = house.socket(&house.owner).await;
    ann.start_room(open_room(None), offer()).await.expect("started");
    let mut crowd: Vec<TcpStream> = Vec::new();
    crowd.extend(
        (0..200).map(|_| TcpStream::connect(house.server.address).expect("the kernel's queue has room")),
    );
    house.server.says("live: no_descriptors");
    ann.send(&ClientMessage::Ping).await.expect("written");
    while ann.next().await.expect("the line stands") != ServerMessage::Pong {}
    ann.command(RoomCommand::StepDown).await.expect("done");
    drop(crowd);
    assert_eq!(house.server.get("/healthz"), "HTTP/1.1 200 OK");
    let house = house.again(|| Server::start(data.path()));
    house.api().me(&house.owner).await.expect("signed in as before");
}

#[tokio::test]
async fn a_room_that_is_on_when_the_keeper_cannot_come_back_goes_on_without_it() {
    let data = folder();
    let house = House::new(Server::start(data.path())).await;
    let mut ann = house.socket(&house.owner).await;
    let started = ann.start_room(open_room(None), offer()).await.expect("started");
    // The keeper dies, and the next one finds a database that it must not touch.
    let mut other = open(data.path()).await;
    other.execute("BEGIN EXCLUSIVE").await.expect("held");
    let keeper = house.server.keeper();
    rustix::process::kill_process(keeper, rustix::process::Signal::KILL).expect("it runs");
    house.server.says("Another program holds the database in ");
    ann.command(RoomCommand::StepDown).await.expect("done");
    other.execute("ROLLBACK").await.expect("let go");
    house.server.says("live: keeper_back");
    let mut again = house.socket(&house.owner).await;
    let back =
        again.enter_room(started.view.room, Some(offer()), Some(started.seat)).await.expect("the same room");
    assert_eq!(back.view.you.place, MyPlace::Audience);
}
