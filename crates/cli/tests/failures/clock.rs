//! The wall clock of a server jumps while people are in its rooms.

use client::api::{Entered, Socket, Token};
use client::room::Room;
use protocol::id::{RoomId, SeatToken};
use protocol::room::{LeftReason, MyPlace, RoomCommand};
use protocol::socket::ServerMessage;
use rustix::process::{Signal, kill_process};
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;

use crate::house::{House, database, folder, offer, open};
use crate::ledger::{self, Erased};
use crate::needs::{is_root, not_run};
use crate::new_room::open_room;
use crate::server::{PATIENCE, Server, wait_for, watch};
use crate::wall::{DAY, Wall};

/// `None` says that it does not run, and why.
fn hung_in(folder: &std::path::Path, name: &str) -> Option<Wall> {
    if !is_root() {
        not_run(name, "a clock of a server's own needs root");
        return None;
    }
    Wall::hung_in(folder).map_err(|reason| not_run(name, &reason)).ok()
}

/// Somebody's place in the room.
struct Seated {
    token: Token,
    socket: Socket,
    room: Room,
    seat: SeatToken,
}

impl Seated {
    fn new(token: Token, socket: Socket, entered: Entered) -> Self {
        Self { token, socket, seat: entered.seat, room: Room::new(entered.view) }
    }

    async fn enters(house: &House, token: Token, room: RoomId) -> Self {
        let mut socket = house.socket(&token).await;
        let entered = socket.enter_room(room, Some(offer()), None).await.expect("in");
        Self::new(token, socket, entered)
    }

    /// After their line broke: the same seat, as they were told.
    async fn comes_back(self, house: &House) -> Self {
        let mut socket = house.socket(&self.token).await;
        let room = self.room.view().room;
        let entered =
            socket.enter_room(room, Some(offer()), Some(self.seat)).await.expect("their seat is kept");
        Self::new(self.token, socket, entered)
    }

    fn place(&self) -> MyPlace {
        self.room.my_place()
    }

    async fn does(&mut self, command: RoomCommand) {
        self.socket.command(command).await.expect("the room goes on");
    }
}

async fn dies(server: &Server, name: &str, back: &str) {
    let process = server.process(name);
    let gone = watch(process);
    kill_process(process, Signal::KILL).expect("it runs");
    wait_for(&gone);
    server.says(back);
}

#[tokio::test]
async fn people_in_a_room_stay_and_others_come_when_the_clock_jumps_a_day_ahead_and_back_though_each_process_dies()
 {
    let clock = folder();
    let Some(wall) = hung_in(clock.path(), "a_clock_that_jumps_while_people_are_in_a_room") else { return };
    let data = folder();
    let house = House::new(Server::start_by(wall.server(data.path()))).await;
    let link = house.api().invite(&house.owner, 5).await.expect("a link");
    let mut ann = house.socket(&house.owner).await;
    let entered = ann.start_room(open_room(None), offer()).await.expect("started");
    let room = entered.view.room;
    let mut all = vec![Seated::new(house.owner.clone(), ann, entered)];
    let ben = house.comes(&link.secret, 0).await.expect("came");
    all.push(Seated::enters(&house, ben, room).await);
    all[1].does(RoomCommand::RaiseHand).await;
    for (who, ahead) in [(1, DAY), (2, -DAY), (3, 0)] {
        wall.is_ahead(ahead);
        for seated in &all {
            house.api().me(&seated.token).await.expect("still signed in");
        }
        let token = house.comes(&link.secret, who).await.expect("the invitation stands");
        all.push(Seated::enters(&house, token, room).await);
        all[0].does(RoomCommand::SetTitle { title: None }).await;
        dies(&house.server, "vivavoce-keeper", "live: keeper_back").await;
        all[1].does(RoomCommand::RaiseHand).await;
        dies(&house.server, "vivavoce-live", "live: started").await;
        let mut back = Vec::new();
        for seated in all {
            back.push(seated.comes_back(&house).await);
        }
        all = back;
        assert!(matches!(all[0].place(), MyPlace::Stage { .. }), "{:?}", all[0].place());
        assert!(matches!(all[1].place(), MyPlace::HandRaised { .. }), "{:?}", all[1].place());
        assert!(all[2..].iter().all(|seated| seated.place() == MyPlace::Audience));
    }
    drop(house);
    assert_eq!(ledger::check(&database(data.path()), Erased::Nobody).await.len(), 5);

    let mut database = open(data.path()).await;
    let days = sqlx::query("SELECT day FROM members WHERE handle IN ('guest1', 'guest2') ORDER BY handle");
    let days = days.fetch_all(&mut database).await.expect("read");
    let days: Vec<i64> = days.iter().map(|row| row.get(0)).collect();
    database.close().await.expect("closed");
    // Midnight may have passed between the two.
    assert!(matches!(days[0] - days[1], 1 | 2), "the server's clock did jump: {days:?}");
}

#[tokio::test]
async fn a_room_that_is_told_to_end_ends_though_the_clock_is_set_back_and_live_dies() {
    let clock = folder();
    let Some(wall) = hung_in(clock.path(), "a_clock_that_is_set_back_while_a_room_ends") else { return };
    let data = folder();
    let house = House::new(Server::start_by(wall.server(data.path()))).await;
    let mut ann = house.socket(&house.owner).await;
    let entered = ann.start_room(open_room(None), offer()).await.expect("started");
    let mut ann = Seated::new(house.owner.clone(), ann, entered);
    ann.does(RoomCommand::End).await;
    wall.is_ahead(-DAY);
    dies(&house.server, "vivavoce-live", "live: started").await;
    let mut ann = ann.comes_back(&house).await;
    let left = async {
        loop {
            if let ServerMessage::Left { reason, .. } = ann.socket.next().await.expect("the line stands") {
                return reason;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, left).await.expect("within seconds"), LeftReason::Ended);
}
