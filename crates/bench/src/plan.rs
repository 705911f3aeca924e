//! What is to be measured.

use std::time::Duration;

use client::api::{Link, Origin, Token};
use protocol::limits::{PEOPLE_PER_ROOM_MAX, ROOMS_MAX};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::{DURATION_MAX, OWN_DESCRIPTORS, PEOPLE_MAX, SEATS_PER_WIRE, SPEAKERS_MAX};

/// One run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In each room.
    pub speakers: usize,
    /// In each room.
    pub listeners: usize,
    pub rooms: usize,
    pub duration: Duration,
    /// Over how long the listeners come in; none leaves it to the bench.
    pub ramp: Option<Duration>,
    /// How long after the last has come in the server's memory is looked at.
    pub settle: Duration,
    /// So many listeners of each room are there before the others come, and hear talk meanwhile.
    pub already_there: usize,
    pub what: What,
    pub via: Via,
    pub floor: WithFloor,
    /// How many more of a room's people than on its emptiest thread the server has on one, before it spreads the room: the
    /// floor does the same.
    pub leaning: usize,
    pub target: Target,
    /// Loses one packet in so many on purpose, on the listeners' side: a bench that does not see it measures nothing.
    pub lose_one_in: Option<u32>,
}

impl Default for Plan {
    /// Somebody talks to a thousand for half a minute, on a server of our own.
    fn default() -> Self {
        Self {
            speakers: 1,
            listeners: 1_000,
            rooms: 1,
            duration: Duration::from_secs(30),
            ramp: None,
            settle: Duration::from_secs(3),
            already_there: 0,
            what: What::Voice,
            via: Via::Socket,
            floor: WithFloor::Yes,
            leaning: 0,
            target: Target::Own { settings: Vec::new() },
            lose_one_in: None,
        }
    }
}

/// Whether the floor is measured too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithFloor {
    Yes,
    No,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody talks.
    Voice,
    /// Nobody talks; titles change, and everybody is told. So many more people are in the hallway.
    Signalling { viewers: usize },
}

/// How listeners come in. Speakers and owners have sockets in any case: somebody has to bring people up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// As the web client does, told of everything that happens in the room.
    Socket,
    /// By one request, as programs of others do, and told nothing.
    Whep,
}

/// Which server.
#[derive(Debug, Clone)]
pub enum Target {
    /// One that is started for this, with these flags.
    Own { settings: Vec<String> },
    /// One that runs.
    Running {
        origin: Origin,
        ticket: Ticket,
        /// Its first process, if that is on this machine.
        pid: Option<u32>,
    },
}

/// By what the bench becomes a member of a running server.
#[derive(Debug, Clone)]
pub enum Ticket {
    Token(Token),
    /// An owner's link, an invitation, or a link that signs somebody in.
    Link(Link),
}

/// What cannot be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error("A room has 1 to {SPEAKERS_MAX} speakers.")]
    Speakers,
    #[error("Nobody is there to be told anything.")]
    Nobody,
    #[error(
        "A room holds at most {PEOPLE_PER_ROOM_MAX} people, speakers included; and somebody has to listen."
    )]
    Listeners,
    #[error("There are 1 to {ROOMS_MAX} rooms.")]
    Rooms,
    #[error("A measurement lasts a second to an hour.")]
    Duration,
    #[error("More people than a room has cannot be there already.")]
    AlreadyThere,
    #[error("{people} people are more than the bench has addresses for ({PEOPLE_MAX}).")]
    People { people: usize },
    #[error(
        "This system lets a program open only {limit} files, and {people} people need {needed}. Raise it with \
         `ulimit -n`, or ask for fewer people."
    )]
    Descriptors { limit: u64, people: usize, needed: u64 },
}

impl Plan {
    /// All rooms together.
    pub(crate) fn people(&self) -> usize {
        self.rooms * (self.speakers + self.listeners) + self.viewers()
    }

    pub(crate) fn viewers(&self) -> usize {
        match self.what {
            What::Voice => 0,
            What::Signalling { viewers } => viewers,
        }
    }

    pub(crate) fn all_listeners(&self) -> usize {
        self.rooms * self.listeners
    }

    pub(crate) fn all_speakers(&self) -> usize {
        self.rooms * self.speakers
    }

    /// Two hundred and fifty a second, unless something else is asked for.
    pub(crate) fn ramp(&self) -> Duration {
        let coming = self.rooms * (self.listeners - self.already_there.min(self.listeners));
        let coming = u32::try_from(coming).unwrap_or(u32::MAX);
        self.ramp.unwrap_or(Duration::from_millis(4) * coming)
    }

    pub(crate) fn check(&self) -> Result<(), PlanError> {
        if self.speakers == 0 || self.speakers > SPEAKERS_MAX {
            return Err(PlanError::Speakers);
        }
        if self.listeners + self.speakers > PEOPLE_PER_ROOM_MAX
            || (self.listeners == 0 && self.what == What::Voice)
        {
            return Err(PlanError::Listeners);
        }
        if self.listeners + self.viewers() == 0 {
            return Err(PlanError::Nobody);
        }
        if self.rooms == 0 || self.rooms > ROOMS_MAX {
            return Err(PlanError::Rooms);
        }
        if self.duration < Duration::from_secs(1) || self.duration > DURATION_MAX {
            return Err(PlanError::Duration);
        }
        if self.already_there > self.listeners {
            return Err(PlanError::AlreadyThere);
        }
        if self.people() > PEOPLE_MAX {
            return Err(PlanError::People { people: self.people() });
        }
        Ok(())
    }

    /// A socket for what each says, and few for all they hear.
    fn descriptors(&self) -> u64 {
        let media = match self.target {
            Target::Own { .. } => self.people().div_ceil(SEATS_PER_WIRE),
            Target::Running { .. } => self.people(),
        };
        (self.people() + media + OWN_DESCRIPTORS) as u64
    }
}

/// Raises the limit of open files as far as it goes, and says whether that is enough. The server started from here
/// inherits it.
pub(crate) fn raise_descriptors(plan: &Plan) -> Result<(), PlanError> {
    let needed = plan.descriptors();
    let old = getrlimit(Resource::Nofile);
    let wanted = old.maximum.map_or(needed, |maximum| maximum.max(needed));
    // Only a privileged process may raise the maximum; everybody may go up to it.
    if setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: Some(wanted) }).is_err() {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: old.maximum, maximum: old.maximum });
    }
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < needed => Err(PlanError::Descriptors { limit, people: plan.people(), needed }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_measured_is_said() {
        let refused = |change: fn(&mut Plan)| {
            let mut plan = Plan::default();
            change(&mut plan);
            plan.check().expect_err("too much, or nothing")
        };
        assert_eq!(Plan::default().check(), Ok(()));
        assert_eq!(refused(|plan| plan.speakers = 0), PlanError::Speakers);
        assert_eq!(refused(|plan| plan.speakers = 51), PlanError::Speakers);
        assert_eq!(refused(|plan| plan.listeners = 20_000), PlanError::Listeners);
        assert_eq!(refused(|plan| plan.rooms = 5_001), PlanError::Rooms);
        assert_eq!(refused(|plan| plan.duration = Duration::from_millis(999)), PlanError::Duration);
        assert_eq!(refused(|plan| plan.already_there = 1_001), PlanError::AlreadyThere);
        let too_many = refused(|plan| plan.rooms = 2_000);
        assert_eq!(too_many, PlanError::People { people: 2_002_000 });
    }

    #[test]
    fn more_people_than_the_system_has_files_for_is_a_sentence() {
        let plan = Plan { listeners: 15_000, rooms: 60, ..Plan::default() };
        let sentence = raise_descriptors(&plan).expect_err("no system has so many").to_string();
        assert!(sentence.contains("ulimit -n") && sentence.contains("900060 people"), "{sentence}");
    }
}
