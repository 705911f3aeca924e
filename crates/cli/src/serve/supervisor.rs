//! When the parent starts, tells, kills and stops its children. Decides only: events go in with the time, actions come out;
//! `serve` carries them out.
//!
//! Two of them are the server: it is up when both answer, and ends when one never does. The third, which calls out, is a helper:
//! whatever becomes of it, people go on.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a child must have answered before its next death counts as the first again.
const STABLE: Duration = Duration::from_secs(60);
/// Waits before the second, third, … start in a row. The first restart is immediate: rooms wait for it.
const BACK_OFF: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];
/// Deaths of a child that has never answered after which the server gives up: it will not get better by itself.
const FIRST_STARTS: u32 = 4;
/// How long the helper rests after so many.
const HELPER_RESTS: Duration = Duration::from_secs(600);
/// What `live` gets beyond its time to drain before it is killed.
const DRAIN_SLACK: Duration = Duration::from_secs(1);
/// How long the keeper may finish what it writes.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// One of the children.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    Keeper,
    Live,
    /// The helper.
    Outbound,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Start(Who),
    /// Tell `live` to tell people.
    Drain(Duration),
    /// Tell the keeper to finish.
    StopKeeper,
    Kill(Who),
    /// Both were gone at once, and with them the key: what is kept can never be opened again.
    ForgetRooms,
    /// Everything answers for the first time.
    Welcome,
    Exit(End),
}

/// How the server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As it was told.
    Stopped,
    /// A child said why it cannot work.
    Failed,
    /// A child died over and over before it ever answered.
    NeverStarted(Who),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Down { start_at: Instant },
    Starting,
    Up { since: Instant },
}

#[derive(Debug)]
struct Child {
    state: State,
    /// Deaths in a row without a stable time between them.
    deaths: u32,
    answered_once: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Draining {
        until: Instant,
    },
    /// `live` is gone or going; the keeper finishes.
    Stopping {
        until: Instant,
        end: End,
    },
    Killing {
        end: End,
    },
    Ended,
}

/// The state of all children.
#[derive(Debug)]
pub struct Supervisor {
    keeper: Child,
    live: Child,
    outbound: Child,
    phase: Phase,
    drain: Duration,
    actions: VecDeque<Action>,
    welcomed: bool,
}

impl Supervisor {
    /// `drain` is how long people are told before the server stops.
    pub fn new(drain: Duration, now: Instant) -> Self {
        let child = || Child { state: State::Down { start_at: now }, deaths: 0, answered_once: false };
        Self {
            keeper: child(),
            live: child(),
            outbound: child(),
            phase: Phase::Running,
            drain,
            actions: VecDeque::new(),
            welcomed: false,
        }
    }

    /// A child says that it answers.
    pub fn handle_ready(&mut self, who: Who, now: Instant) {
        let child = self.child(who);
        child.state = State::Up { since: now };
        child.answered_once = true;
        let both = self.keeper.is_up() && self.live.is_up();
        if both && !self.welcomed && self.phase == Phase::Running {
            self.welcomed = true;
            self.actions.push_back(Action::Welcome);
        }
    }

    /// A child's process has ended, and its line was read to the end. Returns whether that is news: nobody asked for
    /// it.
    pub fn handle_exit(&mut self, who: Who, now: Instant) -> bool {
        let child = self.child(who);
        if child.is_down() {
            return false;
        }
        if matches!(child.state, State::Up { since } if now.duration_since(since) >= STABLE) {
            child.deaths = 0;
        }
        child.deaths += 1;
        let wait = BACK_OFF.get(child.deaths as usize - 1).or(BACK_OFF.last()).copied().unwrap_or_default();
        let hopeless = !child.answered_once && child.deaths >= FIRST_STARTS;
        let wait = if hopeless && who == Who::Outbound { HELPER_RESTS } else { wait };
        child.state = State::Down { start_at: now + wait };
        let at_work = matches!(self.phase, Phase::Running | Phase::Draining { .. });
        if who != Who::Outbound && self.keeper.is_down() && self.live.is_down() && at_work {
            self.actions.push_back(Action::ForgetRooms);
        }
        match (self.phase, who) {
            (Phase::Running, Who::Outbound) => return true,
            (Phase::Running, _) if hopeless => self.stop_keeper(End::NeverStarted(who), now),
            (Phase::Draining { .. }, Who::Live) => self.stop_keeper(End::Stopped, now),
            (Phase::Running, _) => return true,
            _ => {}
        }
        false
    }

    /// A child says that it cannot work; it is about to end. One that did work before is started again all the same:
    /// a full disk is no reason to end a conversation.
    pub fn handle_failed(&mut self, who: Who) {
        if self.phase == Phase::Running && who != Who::Outbound && !self.child(who).answered_once {
            self.kill_rest(End::Failed);
        }
    }

    /// A child broke the rules of its line, or closed it while it goes on running.
    pub fn handle_fault(&mut self, who: Who) {
        // One that is finishing may close its line first; its time is limited in any case.
        let running = matches!(self.phase, Phase::Running | Phase::Draining { .. });
        if running && !self.child(who).is_down() {
            self.actions.push_back(Action::Kill(who));
        }
    }

    /// The server is told to stop. Told again, it does so at once.
    pub fn handle_stop(&mut self, now: Instant) {
        match self.phase {
            Phase::Running if self.live.is_up() => {
                self.phase = Phase::Draining { until: now + self.drain + DRAIN_SLACK };
                self.actions.push_back(Action::Drain(self.drain));
            }
            Phase::Running => self.stop_keeper(End::Stopped, now),
            Phase::Draining { .. } | Phase::Stopping { .. } => self.kill_rest(End::Stopped),
            Phase::Killing { .. } | Phase::Ended => {}
        }
    }

    /// Everybody was told.
    pub fn handle_drained(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Draining { .. }) {
            self.stop_keeper(End::Stopped, now);
        }
    }

    /// Whether this one answers.
    pub fn is_up(&self, who: Who) -> bool {
        match who {
            Who::Keeper => self.keeper.is_up(),
            Who::Live => self.live.is_up(),
            Who::Outbound => self.outbound.is_up(),
        }
    }

    /// When to ask again if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Running => {
                [&self.keeper, &self.live, &self.outbound].into_iter().filter_map(Child::start_at).min()
            }
            Phase::Draining { until } => self.keeper.start_at().into_iter().chain([until]).min(),
            Phase::Stopping { until, .. } => Some(until),
            Phase::Killing { .. } | Phase::Ended => None,
        }
    }

    /// The next thing to do now.
    pub fn poll_action(&mut self, now: Instant) -> Option<Action> {
        match self.phase {
            Phase::Draining { until } if now >= until => self.stop_keeper(End::Stopped, now),
            Phase::Stopping { until, end } if now >= until => self.kill_rest(end),
            _ => {}
        }
        if let Some(action) = self.actions.pop_front() {
            return Some(action);
        }
        // While people are told, the keeper is still needed; the others are not started only to be stopped.
        let wanted: &[Who] = match self.phase {
            Phase::Running => &[Who::Keeper, Who::Live, Who::Outbound],
            Phase::Draining { .. } => &[Who::Keeper],
            Phase::Stopping { .. } | Phase::Killing { .. } | Phase::Ended => &[],
        };
        for who in wanted {
            let child = self.child(*who);
            if child.start_at().is_some_and(|at| now >= at) {
                child.state = State::Starting;
                return Some(Action::Start(*who));
            }
        }
        match self.phase {
            Phase::Stopping { end, .. } | Phase::Killing { end }
                if self.keeper.is_down() && self.live.is_down() && self.outbound.is_down() =>
            {
                self.phase = Phase::Ended;
                Some(Action::Exit(end))
            }
            _ => None,
        }
    }

    fn stop_keeper(&mut self, end: End, now: Instant) {
        self.phase = Phase::Stopping { until: now + STOP_PATIENCE, end };
        for who in [Who::Live, Who::Outbound] {
            if !self.child(who).is_down() {
                self.actions.push_back(Action::Kill(who));
            }
        }
        if !self.keeper.is_down() {
            self.actions.push_back(Action::StopKeeper);
        }
    }

    fn kill_rest(&mut self, end: End) {
        self.phase = Phase::Killing { end };
        for who in [Who::Live, Who::Keeper, Who::Outbound] {
            if !self.child(who).is_down() {
                self.actions.push_back(Action::Kill(who));
            }
        }
    }

    fn child(&mut self, who: Who) -> &mut Child {
        match who {
            Who::Keeper => &mut self.keeper,
            Who::Live => &mut self.live,
            Who::Outbound => &mut self.outbound,
        }
    }
}

impl Child {
    fn is_up(&self) -> bool {
        matches!(self.state, State::Up { .. })
    }

    fn is_down(&self) -> bool {
        matches!(self.state, State::Down { .. })
    }

    fn start_at(&self) -> Option<Instant> {
        match self.state {
            State::Down { start_at } => Some(start_at),
            State::Starting | State::Up { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Story {
        supervisor: Supervisor,
        now: Instant,
    }

    fn story() -> Story {
        let now = Instant::now();
        Story { supervisor: Supervisor::new(Duration::from_secs(10), now), now }
    }

    const STOPPING: [Action; 3] = [Action::Kill(Who::Live), Action::Kill(Who::Outbound), Action::StopKeeper];

    impl Story {
        fn running() -> Self {
            let mut story = story();
            let all = [Who::Keeper, Who::Live, Who::Outbound].map(Action::Start);
            assert_eq!(story.actions(), all);
            story.ready(Who::Keeper);
            story.ready(Who::Live);
            assert_eq!(story.actions(), [Action::Welcome], "nobody waits for the helper");
            story.ready(Who::Outbound);
            story
        }

        fn actions(&mut self) -> Vec<Action> {
            std::iter::from_fn(|| self.supervisor.poll_action(self.now)).collect()
        }

        fn ready(&mut self, who: Who) {
            self.supervisor.handle_ready(who, self.now);
        }

        fn dies(&mut self, who: Who) {
            self.supervisor.handle_exit(who, self.now);
        }

        fn stop(&mut self) {
            self.supervisor.handle_stop(self.now);
        }

        fn wait(&mut self, duration: Duration) {
            self.now += duration;
        }

        /// Waits as long as the supervisor asks to.
        fn wait_as_told(&mut self) -> Duration {
            let until = self.supervisor.poll_timeout().expect("something is planned");
            let waited = until.saturating_duration_since(self.now);
            self.now = self.now.max(until);
            waited
        }
    }

    #[test]
    fn a_child_that_dies_is_started_again_at_once() {
        let mut story = Story::running();
        story.dies(Who::Live);
        assert_eq!(story.actions(), [Action::Start(Who::Live)]);
        story.ready(Who::Live);
        assert_eq!(story.actions(), [], "people are welcomed once");
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), [Action::Start(Who::Keeper)]);
    }

    #[test]
    fn one_that_keeps_dying_is_started_ever_more_slowly_until_it_was_stable_for_a_while() {
        let mut story = Story::running();
        let mut waits = Vec::new();
        for _ in 0..8 {
            story.dies(Who::Live);
            waits.push(story.wait_as_told().as_millis());
            assert_eq!(story.actions(), [Action::Start(Who::Live)]);
            story.ready(Who::Live);
        }
        assert_eq!(waits, [0, 200, 500, 1000, 2000, 5000, 5000, 5000]);
        story.wait(STABLE);
        story.dies(Who::Live);
        assert_eq!(story.wait_as_told(), Duration::ZERO);
    }

    #[test]
    fn a_child_that_never_answered_is_given_up() {
        let mut story = story();
        story.actions();
        story.ready(Who::Keeper);
        for _ in 1..FIRST_STARTS {
            story.dies(Who::Live);
            story.wait_as_told();
            assert_eq!(story.actions(), [Action::Start(Who::Live)]);
        }
        story.dies(Who::Live);
        assert_eq!(story.actions(), [Action::Kill(Who::Outbound), Action::StopKeeper]);
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), [], "the helper is not gone yet");
        story.dies(Who::Outbound);
        assert_eq!(story.actions(), [Action::Exit(End::NeverStarted(Who::Live))]);
    }

    #[test]
    fn a_helper_that_dies_is_started_again_and_one_that_never_answers_keeps_nobody_from_anything() {
        let mut running = Story::running();
        assert!(running.supervisor.handle_exit(Who::Outbound, running.now), "it is said");
        assert_eq!(running.actions(), [Action::Start(Who::Outbound)]);

        let mut story = story();
        story.actions();
        story.ready(Who::Keeper);
        story.ready(Who::Live);
        assert_eq!(story.actions(), [Action::Welcome]);
        for _ in 1..FIRST_STARTS {
            story.supervisor.handle_failed(Who::Outbound);
            story.dies(Who::Outbound);
            story.wait_as_told();
            assert_eq!(story.actions(), [Action::Start(Who::Outbound)]);
        }
        story.dies(Who::Outbound);
        assert_eq!(story.wait_as_told(), HELPER_RESTS);
        assert_eq!(story.actions(), [Action::Start(Who::Outbound)]);
    }

    #[test]
    fn when_both_are_gone_at_once_their_rooms_are_forgotten() {
        let mut story = Story::running();
        story.dies(Who::Live);
        story.dies(Who::Keeper);
        assert_eq!(
            story.actions(),
            [Action::ForgetRooms, Action::Start(Who::Keeper), Action::Start(Who::Live)]
        );
        story.dies(Who::Keeper);
        assert!(!story.actions().contains(&Action::ForgetRooms), "live holds the key");
    }

    #[test]
    fn told_to_stop_it_tells_people_first() {
        let mut story = Story::running();
        story.stop();
        assert_eq!(story.actions(), [Action::Drain(Duration::from_secs(10))]);
        story.wait(Duration::from_secs(3));
        story.supervisor.handle_drained(story.now);
        assert_eq!(story.actions(), STOPPING);
        story.dies(Who::Live);
        story.dies(Who::Outbound);
        assert_eq!(story.actions(), [], "the keeper has its time");
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), [Action::Exit(End::Stopped)]);
        assert_eq!(story.actions(), []);
    }

    #[test]
    fn a_live_that_does_not_drain_and_a_keeper_that_does_not_stop_are_killed() {
        let mut story = Story::running();
        story.stop();
        story.actions();
        assert_eq!(story.wait_as_told(), Duration::from_secs(10) + DRAIN_SLACK);
        assert_eq!(story.actions(), STOPPING);
        story.dies(Who::Live);
        story.dies(Who::Outbound);
        assert_eq!(story.wait_as_told(), STOP_PATIENCE);
        assert_eq!(story.actions(), [Action::Kill(Who::Keeper)]);
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), [Action::Exit(End::Stopped)]);
    }

    #[test]
    fn told_twice_it_stops_at_once() {
        let mut story = Story::running();
        story.stop();
        story.actions();
        story.stop();
        assert_eq!(story.actions(), [Who::Live, Who::Keeper, Who::Outbound].map(Action::Kill));
        story.dies(Who::Keeper);
        story.dies(Who::Outbound);
        story.dies(Who::Live);
        assert_eq!(story.actions(), [Action::Exit(End::Stopped)]);
    }

    #[test]
    fn told_to_stop_before_it_answers_it_just_stops() {
        let mut story = story();
        story.actions();
        story.stop();
        assert_eq!(story.actions(), STOPPING);
    }

    #[test]
    fn a_keeper_that_dies_while_people_are_told_is_replaced_and_a_live_is_not() {
        let mut story = Story::running();
        story.stop();
        story.actions();
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), [Action::Start(Who::Keeper)]);
        story.dies(Who::Live);
        assert_eq!(story.actions(), [Action::Kill(Who::Outbound), Action::StopKeeper]);
    }

    #[test]
    fn a_child_that_says_why_it_cannot_work_ends_the_server() {
        let mut story = story();
        story.actions();
        story.supervisor.handle_failed(Who::Keeper);
        assert_eq!(story.actions(), [Who::Live, Who::Keeper, Who::Outbound].map(Action::Kill));
        story.dies(Who::Keeper);
        story.dies(Who::Outbound);
        story.dies(Who::Live);
        assert_eq!(story.actions(), [Action::Exit(End::Failed)]);
    }

    #[test]
    fn one_that_did_work_before_is_started_again_and_the_other_goes_on() {
        let mut story = Story::running();
        story.dies(Who::Keeper);
        story.actions();
        story.supervisor.handle_failed(Who::Keeper);
        story.dies(Who::Keeper);
        assert_eq!(story.actions(), []);
        story.wait_as_told();
        assert_eq!(story.actions(), [Action::Start(Who::Keeper)]);
    }

    #[test]
    fn a_child_that_breaks_the_rules_is_killed_and_started_again() {
        let mut story = Story::running();
        story.supervisor.handle_fault(Who::Live);
        assert_eq!(story.actions(), [Action::Kill(Who::Live)]);
        story.dies(Who::Live);
        story.supervisor.handle_fault(Who::Live);
        assert_eq!(story.actions(), [Action::Start(Who::Live)], "nothing is killed that is dead");
    }
}
