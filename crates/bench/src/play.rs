//! What happens on the server: rooms open, speakers go on stage, listeners come, somebody talks.

pub(crate) mod titles;

use std::sync::Arc;
use std::time::{Duration, Instant};

use client::peer::Identity;
use protocol::id::RoomId;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinSet, spawn_blocking};

use crate::crowd::Listens;
use crate::error::BenchError;
use crate::gathering::{Gathering, Size};
use crate::house::{Curtain, House, Place, Traffic};
use crate::limits::{
    AFTER, BASELINE_PERIOD, CONNECT_PERIOD, JOIN_TOGETHER, OPEN_TOGETHER, SAMPLE_EVERY, SAMPLE_MAX,
    SAMPLE_MIN, WARM_UP,
};
use crate::meter::{Meter, Worked, watch};
use crate::people::Account;
use crate::plan::Plan;
use crate::process::{Processes, Resident};
use crate::progress::Progress;
use crate::sent::{Sent, Window};
use crate::signals::{Signals, act};
use crate::summary::{Joining, Seen};
use crate::wires::Here;

pub(crate) struct Play<'a> {
    plan: &'a Plan,
    progress: &'a Progress,
    processes: Option<Processes>,
    house: House,
    stage: Gathering,
    audience: Gathering,
    window: Arc<Window>,
    /// By person: the stages of all rooms, then all audiences.
    accounts: Vec<Account>,
    rooms: Vec<RoomId>,
    /// When whoever listens asked for the room, by seat.
    asked: Vec<Option<i64>>,
    first_failure: Option<String>,
    /// Where titles change.
    signals: Option<Arc<Signals>>,
}

/// Which listeners of every room.
type Among = std::ops::Range<usize>;

impl<'a> Play<'a> {
    pub(crate) fn set(
        plan: &'a Plan,
        progress: &'a Progress,
        here: Here,
        accounts: Vec<Account>,
        processes: Option<Processes>,
        curtain: Curtain,
    ) -> Result<Self, BenchError> {
        let number = |n: usize| u32::try_from(n).map_err(|_| BenchError::Internal("a number"));
        let speakers = plan.all_speakers();
        let sent = Arc::new(Sent::new(speakers));
        let window = Arc::new(Window::default());
        let on_stage = Size { here, first: 0, seats: number(speakers)?, rooms: plan.rooms, speakers };
        let in_audience = Size { first: number(speakers)?, seats: number(plan.all_listeners())?, ..on_stage };
        let stage = Gathering::start(&on_stage, &sent, &window, None)?;
        let audience = Gathering::start(&in_audience, &sent, &window, plan.lose_one_in)?;
        let house = House {
            identity: Identity::generate()?,
            stage: stage.door.clone(),
            audience: audience.door.clone(),
            traffic: Arc::new(Traffic::default()),
            via: plan.via,
            curtain,
        };
        let asked = vec![None; plan.all_listeners()];
        Ok(Self {
            plan,
            progress,
            processes,
            house,
            stage,
            audience,
            window,
            accounts,
            rooms: Vec::new(),
            asked,
            first_failure: None,
            signals: None,
        })
    }

    pub(crate) async fn perform(mut self) -> Result<Seen, BenchError> {
        self.open_rooms().await?;
        let there = self.plan.already_there;
        let mut seen = Seen::default();
        if there > 0 {
            self.bring_in(0..there, Duration::from_millis(4) * u32_of(there * self.plan.rooms)).await?;
            self.talk().await?;
        }
        seen.before = self.resident()?;
        let baseline = Meter::start(self.processes.as_ref())?;
        tokio::time::sleep(BASELINE_PERIOD).await;
        let baseline = baseline.stop()?;
        let coming = there..self.plan.listeners;
        if there > 0 {
            seen.worked = Some(self.come_while_measured(coming.clone()).await?);
        } else {
            let joining = Meter::start(self.processes.as_ref())?;
            self.bring_in(coming.clone(), self.plan.ramp()).await?;
            seen.joining = Some(Joining { worked: joining.stop()?, baseline });
            seen.with_listeners = self.settle().await?.cores();
        }
        seen.after = self.resident()?;
        if there == 0 {
            self.talk().await?;
            self.progress.step(&format!("Measuring for {:?}", self.plan.duration));
            seen.worked = Some(self.watch(self.plan.duration).await?);
        }
        tokio::time::sleep(AFTER).await;
        self.end(seen, coming)
    }

    /// Rooms with everybody who speaks on their stages.
    async fn open_rooms(&mut self) -> Result<(), BenchError> {
        self.progress.step(&format!("{} rooms with {} speakers each", self.plan.rooms, self.plan.speakers));
        let places = Arc::new(Semaphore::new(OPEN_TOGETHER));
        let mut opening = JoinSet::new();
        for (room, accounts) in self.accounts.chunks(self.plan.speakers).take(self.plan.rooms).enumerate() {
            let (house, accounts, places) = (self.house.clone(), accounts.to_vec(), Arc::clone(&places));
            let acting = self.signals.clone().map(|signals| {
                let offset = signals.period.mul_f64(spread(u32_of(room)));
                (signals, offset)
            });
            opening.spawn(async move {
                let _place = places.acquire().await;
                Ok::<_, BenchError>((room, open(house, u32_of(room), accounts, acting).await?))
            });
        }
        let mut rooms = vec![None; self.plan.rooms];
        let mut opened = 0;
        while let Some(done) = opening.join_next().await {
            let (room, id) = done.map_err(|_| BenchError::Internal("a task"))??;
            if let Some(place) = rooms.get_mut(room) {
                *place = Some(id);
            }
            opened += 1;
            self.progress.count("Rooms", opened, self.plan.rooms);
        }
        self.rooms = rooms.into_iter().flatten().collect();
        let asked = self.plan.all_speakers();
        let connected = self.stage.wait_for(asked, CONNECT_PERIOD).await;
        if connected == asked { Ok(()) } else { Err(BenchError::Stage { asked, connected }) }
    }

    /// Lets these listeners of every room come in, evenly spread over this time, and waits until they are connected.
    async fn bring_in(&mut self, among: Among, over: Duration) -> Result<(), BenchError> {
        let seats: Vec<(usize, usize)> =
            among.flat_map(|listener| (0..self.plan.rooms).map(move |room| (room, listener))).collect();
        self.progress.step(&format!("{} listeners come in within {:.1} s", seats.len(), over.as_secs_f64()));
        let places = Arc::new(Semaphore::new(JOIN_TOGETHER));
        let (arrived, mut arrivals) = mpsc::channel(seats.len().max(1));
        let begin = Instant::now();
        let each = over / u32_of(seats.len()).max(1);
        for (n, (room, listener)) in (0u32..).zip(&seats) {
            tokio::time::sleep_until((begin + each * n).into()).await;
            let Some(coming) = self.coming(*room, *listener) else { continue };
            let (house, places, arrived) = (self.house.clone(), Arc::clone(&places), arrived.clone());
            tokio::spawn(async move {
                let place = places.acquire_owned().await;
                if house.curtain.is_down() {
                    return;
                }
                let (account, room, to) = coming;
                let result = house.come_in(account, room, to).await;
                drop(place);
                match result {
                    Ok((socket, asked)) => {
                        let _ = arrived.try_send(Ok((to.seat, asked)));
                        drop(arrived);
                        if let Some(socket) = socket {
                            house.keep(socket).await;
                        }
                    }
                    Err(error) => drop(arrived.try_send(Err(error.to_string()))),
                }
            });
            if n % 64 == 0 {
                self.audience.listen();
                self.progress.count("Connected", self.audience.count(), self.plan.all_listeners());
            }
        }
        drop(arrived);
        let mut inside = self.asked.iter().flatten().count();
        while let Some(arrival) = arrivals.recv().await {
            match arrival {
                Ok((seat, at)) => {
                    inside += 1;
                    if let Some(place) = self.asked.get_mut(seat as usize) {
                        *place = Some(at);
                    }
                }
                Err(why) => drop(self.first_failure.get_or_insert(why)),
            }
        }
        self.audience.wait_for(inside, CONNECT_PERIOD).await;
        Ok(())
    }

    fn coming(&self, room: usize, listener: usize) -> Option<(Account, RoomId, Place)> {
        let seat = room * self.plan.listeners + listener;
        let account = self.accounts.get(self.plan.all_speakers() + seat)?.clone();
        let closely = in_the_sample(listener, self.plan);
        let listens = if closely { Listens::Closely } else { Listens::Cheaply };
        let place = Place { seat: u32_of(seat), room: u32_of(room), listens, speaks: None };
        Some((account, *self.rooms.get(room)?, place))
    }

    async fn talk(&mut self) -> Result<(), BenchError> {
        self.progress.step("Somebody talks");
        self.stage.speak()?;
        tokio::time::sleep(WARM_UP).await;
        Ok(())
    }

    /// Begins at once; what it gives is for the end.
    fn watch(&self, lasts: Duration) -> impl Future<Output = Result<Worked, BenchError>> + use<> {
        let (processes, window) = (self.processes.clone(), Arc::clone(&self.window));
        let watched = spawn_blocking(move || watch(processes.as_ref(), &window, lasts));
        async move { Ok(watched.await.map_err(|_| BenchError::Internal("the measurement"))??) }
    }

    /// The others come while those who are there listen.
    async fn come_while_measured(&mut self, coming: Among) -> Result<Worked, BenchError> {
        let over = self.plan.ramp();
        let watched = self.watch(over.max(self.plan.duration));
        self.bring_in(coming, over).await?;
        watched.await
    }

    async fn settle(&self) -> Result<Worked, BenchError> {
        self.progress.step(&format!("Everybody is there and nobody talks, for {:?}", self.plan.settle));
        let meter = Meter::start(self.processes.as_ref())?;
        tokio::time::sleep(self.plan.settle).await;
        Ok(meter.stop()?)
    }

    fn resident(&self) -> Result<Vec<Resident>, BenchError> {
        Ok(self.processes.as_ref().map(Processes::resident).transpose()?.unwrap_or_default())
    }

    fn end(self, seen: Seen, coming: Among) -> Result<Seen, BenchError> {
        let rooms = self.plan.rooms;
        let asked = coming.len() * rooms;
        let sample = (0..self.plan.listeners).filter(|n| in_the_sample(*n, self.plan)).count();
        Ok(Seen {
            stage: Some(self.stage.stop()?),
            audience: Some(self.audience.stop()?),
            asked: self.asked,
            joined: asked,
            coming,
            first_failure: self.first_failure,
            sample: sample * rooms,
            traffic: self.house.traffic,
            ..seen
        })
    }
}

/// A room, its owner and everybody else who speaks in it; their sockets are read from then on.
async fn open(
    house: House,
    room: u32,
    accounts: Vec<Account>,
    acting: Option<(Arc<Signals>, Duration)>,
) -> Result<RoomId, BenchError> {
    let speakers = u32_of(accounts.len());
    let place = |speaker: u32| {
        let seat = room * speakers + speaker;
        Place { seat, room, listens: Listens::Closely, speaks: Some(seat) }
    };
    let mut accounts = (0u32..).zip(accounts);
    let (first, owner) = accounts.next().ok_or(BenchError::Internal("an owner"))?;
    let (id, mut owner) = house.open_room(owner, place(first)).await?;
    for (speaker, account) in accounts {
        let socket = house.bring_up(account, id, &mut owner, place(speaker)).await?;
        tokio::spawn(house.clone().keep(socket));
    }
    match acting {
        Some((signals, offset)) => drop(tokio::spawn(act(signals, owner, room, offset, house.curtain))),
        None => drop(tokio::spawn(house.keep(owner))),
    }
    Ok(id)
}

/// Where in a period a room has its turn, from 0 to 1: evenly, whichever rooms one looks at. A viewer is shown the rooms
/// that were opened first; in their order, all that one is shown would change within moments.
fn spread(room: u32) -> f64 {
    /// 2³² by the golden ratio: its multiples lie far from each other (Knuth, The Art of Computer Programming, 6.4).
    const STEP: u32 = 2_654_435_769;
    f64::from(room.wrapping_mul(STEP)) / f64::from(u32::MAX)
}

/// Spread over the room, because those who came early and late may sit on different shards. In many rooms fewer of each,
/// so that decrypting does not become the load.
fn in_the_sample(listener: usize, plan: &Plan) -> bool {
    let (listeners, most) = (plan.listeners, (SAMPLE_MAX / plan.rooms.max(1)).max(1));
    let size = (listeners / SAMPLE_EVERY).max(SAMPLE_MIN).min(most).min(listeners);
    listener * size / listeners != (listener + 1) * size / listeners
}

fn u32_of(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_small_and_spread_and_never_nobody() {
        let sample = |rooms: usize, listeners: usize| -> Vec<usize> {
            let plan = Plan { rooms, listeners, ..Plan::default() };
            (0..listeners).filter(|n| in_the_sample(*n, &plan)).collect()
        };
        for (rooms, listeners, size) in
            [(1, 1, 1), (1, 3, 3), (1, 10, 4), (1, 300, 6), (1, 10_000, 64), (2, 20, 4), (1_000, 4, 1)]
        {
            assert_eq!(sample(rooms, listeners).len(), size, "of {listeners} in each of {rooms}");
        }
        let gaps: Vec<usize> = sample(1, 10_000).windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| (150..165).contains(gap)), "{gaps:?}");
    }

    #[test]
    fn rooms_that_were_opened_one_after_the_other_act_all_over_a_period() {
        for first in [0, 500, 4_000_000] {
            let mut turns: Vec<f64> = (first..first + 200).map(spread).collect();
            turns.sort_by(f64::total_cmp);
            let widest = turns.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
            assert!(widest < 2.0 / 200.0, "{widest}");
            assert!(turns.iter().all(|turn| (0.0..=1.0).contains(turn)));
        }
    }
}
