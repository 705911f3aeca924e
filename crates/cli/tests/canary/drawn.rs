//! Evenings in which chance decides what happens: who raises a hand, is muted, removed, crashes, and who leaves first. The
//! same for the same seed, but for the moments.
#![expect(clippy::print_stdout, reason = "seeds are for people")]

use std::time::{Duration, Instant};

use protocol::reaction::Reaction;
use protocol::room::{MyPlace, RoomCommand, RoomKind};

use crate::evening::{AFTER_THE_ROOM, House, ends, identity, room, runtime, voice};
use crate::marks::Marks;
use crate::order;
use crate::people::{Guest, Member};
use crate::program::Program;
use crate::random::Random;
use crate::server::Kind;

/// Who comes, beside the owner of the room.
const GUESTS: u8 = 5;
/// Things that happen after everybody is there.
const DEEDS: usize = 18;

#[derive(Debug, Clone, Copy)]
enum Deed {
    ComesUp,
    RaisesAndLowers,
    StepsDown,
    Reacts,
    IsMuted,
    IsSentDown,
    IsRemoved,
    IsBanned,
    Crashes,
    Leaves,
    ComesBack,
    IsReported,
    IsLetBack,
    Panics,
    IsHandedOver,
    IsCalledSomethingElse,
    IsJoinedByAProgram,
    KeeperDies,
    LiveDies,
}

const DEEDS_ALL: [Deed; 19] = [
    Deed::ComesUp,
    Deed::RaisesAndLowers,
    Deed::StepsDown,
    Deed::Reacts,
    Deed::IsMuted,
    Deed::IsSentDown,
    Deed::IsRemoved,
    Deed::IsBanned,
    Deed::Crashes,
    Deed::Leaves,
    Deed::ComesBack,
    Deed::IsReported,
    Deed::IsLetBack,
    Deed::Panics,
    Deed::IsHandedOver,
    Deed::IsCalledSomethingElse,
    Deed::IsJoinedByAProgram,
    Deed::KeeperDies,
    Deed::LiveDies,
];

/// How it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    ByTheOwner,
    /// Nobody is in it any more.
    Emptied,
}

struct Evening {
    random: Random,
    house: House,
    ann: Guest,
    guests: Vec<Guest>,
    /// Who stays connected.
    passers_by: (Guest, Guest),
    /// Who left and may come again.
    gone: Vec<Member>,
    removed: Vec<Guest>,
    marks: Marks,
    end: End,
    lives: u32,
    /// Ann may report so many still: who is reported a second time is not asked about again.
    reports: u32,
    /// One may come, once.
    programs: u32,
    program: Option<Program>,
}

/// What is left of it to people.
struct Ended {
    house: House,
    marks: Marks,
    /// How it came.
    told: String,
    _in_the_hallway: (Guest, Guest),
}

pub(crate) fn an_evening(seed: u64) {
    println!("an evening with VIVAVOCE_SEED={seed}");
    runtime().block_on(async {
        let (house, ann) = House::open(Kind::Usual).await;
        let _others = house.another_room().await;
        let mut evening = Evening::begins(Random::new(seed), house, ann).await;
        for _ in 0..DEEDS {
            evening.goes_on().await;
        }
        let Ended { house, marks, told, _in_the_hallway } = evening.ends().await;
        tokio::time::sleep(AFTER_THE_ROOM).await;
        house.nothing_left(&format!("the evening of seed {seed}, {told},"), &marks);
    });
}

/// Evening after evening until the time is over, with the seeds that follow.
pub(crate) fn evenings(first: u64, span: Duration) {
    let (begun, mut seed) = (Instant::now(), first);
    while seed == first || begun.elapsed() < span {
        an_evening(seed);
        seed += 1;
    }
    println!("measured: nothing was left of {} evenings", seed - first);
}

impl Evening {
    async fn begins(random: Random, house: House, ann: Member) -> Self {
        let mut marks = Marks::default();
        marks.tag(&house.tag);
        house.strangers();
        let title = house.tag.mark(" title");
        let ann = ann.starts(&identity(), room(Some(&title), RoomKind::Open)).await;
        ann.says(&voice(house.tag.mark(" voice").as_bytes())).await;
        let mut guests = Vec::new();
        for member in house.members(2, GUESTS).await {
            guests.push(member.enters(&identity(), ann.room()).await);
        }
        for guest in &mut guests {
            guest.sees("a voice", |scene| scene.heard > 5).await;
        }
        for guest in guests.iter().chain([&ann]) {
            marks.add(&guest.marks());
            marks.add(guest.ids());
        }
        house.all_there(&marks);
        let passers_by = house.passers_by(ann.room()).await;
        Self {
            random,
            house,
            ann,
            guests,
            passers_by,
            gone: Vec::new(),
            removed: Vec::new(),
            marks,
            end: End::Emptied,
            lives: 1,
            reports: 1,
            programs: 1,
            program: None,
        }
    }

    async fn goes_on(&mut self) {
        let Some(deed) = self.random.pick(&DEEDS_ALL).copied() else { return };
        // Whoever it happens to, if it can.
        let who = self.random.below(self.guests.len());
        let place = self.guests[who].place();
        let in_the_audience = matches!(place, MyPlace::Audience);
        let on_stage = matches!(place, MyPlace::Stage { .. });
        // Somebody has to hear what goes on.
        let many = self.guests.len() > 1;
        match deed {
            Deed::ComesUp if in_the_audience => {
                let says = voice(self.house.tag.mark(" voice of a guest").as_bytes());
                self.guests[who].comes_up(&self.ann).await;
                self.guests[who].says(&says).await;
            }
            Deed::RaisesAndLowers if in_the_audience => {
                order::waits(&self.guests[who], &self.house.tag.mark(" topic of a guest")).await;
                self.guests[who].does(RoomCommand::LowerHand).await;
            }
            Deed::StepsDown if on_stage => {
                self.guests[who].does(RoomCommand::StepDown).await;
                self.guests[who].comes_down().await;
            }
            Deed::Reacts => {
                self.guests[who].does(RoomCommand::React { reaction: Reaction::Applause }).await;
            }
            Deed::IsMuted if on_stage => {
                let id = self.guests[who].id();
                self.ann.does(RoomCommand::Mute { who: id }).await;
            }
            Deed::IsSentDown if on_stage => {
                let id = self.guests[who].id();
                self.ann.does(RoomCommand::MoveToAudience { who: id }).await;
                self.guests[who].comes_down().await;
            }
            Deed::IsRemoved | Deed::IsBanned if many => {
                let mut removed = self.guests.remove(who);
                let who = removed.id();
                // A bar names its member for as long as the room goes on, and no longer: their id is looked for, too.
                let command = match deed {
                    Deed::IsBanned => RoomCommand::Ban { who },
                    _ => RoomCommand::Remove { who },
                };
                self.ann.does(command).await;
                // Before anything else: who had not heard of it when `live` died would try to come back for a minute.
                removed.is_out().await;
                self.removed.push(removed);
            }
            Deed::Crashes if many => {
                self.guests.remove(who).crashes().await;
                // Their seat is kept for longer than this takes: the owner has to end it.
                self.end = End::ByTheOwner;
            }
            Deed::Leaves if many => {
                let guest = self.guests.remove(who);
                self.gone.push(guest.member.again());
                guest.leaves().await;
            }
            Deed::ComesBack => {
                let Some(member) = self.gone.pop() else { return };
                let mut guest = member.enters(&identity(), self.ann.room()).await;
                guest.sees("a voice", |scene| scene.heard > 5).await;
                self.marks.add(&guest.marks());
                self.guests.push(guest);
            }
            Deed::LiveDies if self.lives > 0 => {
                self.lives -= 1;
                self.live_dies().await;
            }
            _ => self.order_is_kept(deed, who).await,
        }
    }

    /// The rest of them.
    async fn order_is_kept(&mut self, deed: Deed, who: usize) {
        match deed {
            Deed::IsReported if self.guests.len() > 1 && self.reports > 0 => {
                self.reports -= 1;
                let next = (who + 1) % self.guests.len();
                let [who, heard] = self.guests.get_disjoint_mut([who, next]).expect("two");
                order::is_reported(who, &self.ann, heard).await;
            }
            Deed::IsLetBack => {
                let guest = self.guests.remove(who);
                let mut guest = order::is_put_out_and_let_back(guest, &self.ann).await;
                guest.sees("a voice", |scene| scene.heard > 5).await;
                self.marks.add(&guest.marks());
                self.guests.push(guest);
            }
            Deed::Panics => {
                let on_stage = |guest: &&mut Guest| matches!(guest.place(), MyPlace::Stage { .. });
                order::panics(&self.ann, self.guests.iter_mut().filter(on_stage)).await;
            }
            Deed::IsHandedOver => order::is_handed_over(&mut self.ann, &mut self.guests[who]).await,
            Deed::IsCalledSomethingElse => {
                let number = self.random.below(1_000);
                order::is_called(&mut self.ann, &self.house.tag.mark(&format!(" title {number}"))).await;
                order::is_written_on(&mut self.ann, &self.house.tag, &format!(" {number}")).await;
            }
            Deed::IsJoinedByAProgram if self.programs > 0 => {
                self.programs -= 1;
                self.a_program_joins(who).await;
            }
            Deed::KeeperDies => {
                self.house.server.crash_keeper();
                self.ann.member.is_known_again().await;
            }
            // Nothing, this time.
            _ => {}
        }
    }

    async fn a_program_joins(&mut self, heard: usize) {
        let member = order::radio(&self.house).await;
        let by = &mut self.guests[heard];
        let program = order::a_program_speaks(&self.house, member, &mut self.ann, by).await;
        self.marks.add(&program.marks);
        self.marks.add(&program.ids);
        self.program = Some(program);
    }

    async fn live_dies(&mut self) {
        if let Some(program) = self.program.take() {
            program.crashes();
            // It does not come back by itself, and its seat is kept for a while.
            self.end = End::ByTheOwner;
        }
        let stays = &mut self.passers_by.1;
        let returns = stays.returns();
        let before: Vec<u32> = self.guests.iter().chain([&self.ann]).map(Guest::returns).collect();
        self.house.server.crash_live();
        for (guest, before) in self.guests.iter_mut().chain([&mut self.ann]).zip(before) {
            guest.sees("the next one", |scene| scene.returns > before).await;
            self.marks.add(&guest.marks());
        }
        stays.sees("the next one", |scene| scene.returns > returns).await;
        for guest in &mut self.guests {
            let heard = guest.sees("anything", |_| true).await.heard;
            guest.sees("voices again", |scene| scene.heard > heard + 5).await;
        }
    }

    async fn ends(mut self) -> Ended {
        if self.random.below(4) == 0 {
            self.end = End::ByTheOwner;
        }
        let told = format!("of {} at the end, {:?}", self.guests.len(), self.end);
        for guest in self.guests.iter().chain([&self.ann]) {
            self.marks.add(&guest.marks());
        }
        // Half of them see the end, where it is said; who leaves first is drawn, too.
        while !self.guests.is_empty() && (self.end == End::Emptied || self.random.below(2) == 0) {
            let first = self.random.below(self.guests.len());
            self.guests.remove(first).leaves().await;
        }
        match self.end {
            End::Emptied => {
                if let Some(program) = self.program.take() {
                    program.ends().await;
                }
                self.passers_by.1.goes_out().await;
                self.ann.leaves().await;
            }
            End::ByTheOwner => ends(self.ann).await,
        }
        if let Some(program) = self.program {
            program.crashes();
        }
        for mut guest in self.guests.into_iter().chain(self.removed) {
            guest.is_out().await;
        }
        Ended { house: self.house, marks: self.marks, told, _in_the_hallway: self.passers_by }
    }
}
