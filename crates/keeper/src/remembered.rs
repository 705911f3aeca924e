//! Answers about sessions, kept in memory until something may have changed them, so that a house full of people that comes
//! in at once does not ask the database for each of them twice.
//!
//! Here is nothing that the database does not keep; only that somebody was asked about, and that goes with the hour's
//! sweep, with the day and with the process. That a session does not stand is not remembered: strangers could fill this.

use std::collections::HashMap;

use protocol::id::MemberId;
use store::{Day, Held, SecretHash};

use crate::limits::{FOLLOWED_REMEMBERED_MAX, SESSIONS_REMEMBERED_MAX};

/// What is remembered.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// The day of all answers here: sessions lapse and invitations come back when it changes.
    day: Day,
    /// How often something was forgotten.
    changes: u64,
    sessions: HashMap<SecretHash, Held>,
    members: HashMap<MemberId, OfMember>,
    /// Ids of all whom somebody here follows, together.
    followed: usize,
}

/// What belongs to one member.
#[derive(Debug, Default)]
struct OfMember {
    /// Keys of their sessions.
    sessions: Vec<SecretHash>,
    follows: Option<Box<[MemberId]>>,
}

/// Which answers may not be true any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touched {
    Nothing,
    /// Whom this member follows.
    Follows(MemberId),
    /// Everything about this member.
    Member(MemberId),
    Everything,
}

/// When the database was asked. What was forgotten while it looked is not brought back by its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    changes: u64,
}

impl Remembered {
    pub(crate) fn new() -> Self {
        Self { day: Day(0), changes: 0, sessions: HashMap::new(), members: HashMap::new(), followed: 0 }
    }

    pub(crate) fn session(&self, token: SecretHash, today: Day) -> Option<&Held> {
        self.sessions.get(&token).filter(|_| self.day == today)
    }

    pub(crate) fn follows(&self, member: MemberId, today: Day) -> Option<&[MemberId]> {
        self.members.get(&member).filter(|_| self.day == today)?.follows.as_deref()
    }

    /// To be called before the database is asked.
    pub(crate) fn ask(&mut self, today: Day) -> Asked {
        if self.day != today {
            self.forget(Touched::Everything);
            self.day = today;
        }
        Asked { changes: self.changes }
    }

    /// What the database said of a session. Where there is no room, everything else goes.
    pub(crate) fn keep_session(&mut self, asked: Asked, token: SecretHash, held: &Held) {
        if asked.changes != self.changes {
            return;
        }
        if self.sessions.len() >= SESSIONS_REMEMBERED_MAX {
            self.clear();
        }
        if self.sessions.insert(token, held.clone()).is_none() {
            self.members.entry(held.me.id).or_default().sessions.push(token);
        }
    }

    /// What the database said of whom a member follows. Where there is no room, everything else goes.
    pub(crate) fn keep_follows(&mut self, asked: Asked, member: MemberId, follows: &[MemberId]) {
        if asked.changes != self.changes {
            return;
        }
        self.forget_follows(member);
        if self.followed + follows.len() > FOLLOWED_REMEMBERED_MAX
            || self.members.len() >= SESSIONS_REMEMBERED_MAX && !self.members.contains_key(&member)
        {
            self.clear();
        }
        self.followed += follows.len();
        self.members.entry(member).or_default().follows = Some(follows.into());
    }

    /// To be called after a change has come true, before anybody hears of it.
    pub(crate) fn forget(&mut self, touched: Touched) {
        match touched {
            Touched::Nothing => return,
            Touched::Follows(member) => self.forget_follows(member),
            Touched::Member(member) => {
                self.forget_follows(member);
                for token in self.members.remove(&member).unwrap_or_default().sessions {
                    self.sessions.remove(&token);
                }
            }
            Touched::Everything => self.clear(),
        }
        self.changes += 1;
    }

    fn forget_follows(&mut self, member: MemberId) {
        let follows = self.members.get_mut(&member).and_then(|member| member.follows.take());
        self.followed -= follows.map_or(0, |follows| follows.len());
    }

    fn clear(&mut self) {
        self.sessions.clear();
        self.members.clear();
        self.followed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::account::{Me, Role};
    use protocol::id::SessionId;
    use protocol::text::{DisplayName, Handle};

    const TODAY: Day = Day(20_000);
    const ANN: MemberId = MemberId([1; 16]);
    const BEN: MemberId = MemberId([2; 16]);

    fn token(number: u64) -> SecretHash {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        SecretHash(bytes)
    }

    fn held(member: MemberId) -> Held {
        let me = Me {
            id: member,
            name: DisplayName::parse("Ann").expect("a name"),
            handle: Handle::parse("ann").expect("a handle"),
            role: Role::Member,
            session: SessionId([0; 16]),
            passkeys: 0,
            recovery_codes: 0,
            invites_left: 0,
            cut_off: 0,
            reports_decided: 0,
            reports_open: 0,
            newcomer: false,
            picture: None,
            speaks: protocol::profile::Languages::default(),
            understands: protocol::profile::Languages::default(),
        };
        Held { me, expires: Day(TODAY.0 + 1) }
    }

    /// Ann on two devices and Ben on one; both follow Ann.
    fn house() -> Remembered {
        let mut remembered = Remembered::new();
        let asked = remembered.ask(TODAY);
        for (device, member) in [(1, ANN), (2, ANN), (3, BEN)] {
            remembered.keep_session(asked, token(device), &held(member));
            remembered.keep_follows(asked, member, &[ANN]);
        }
        remembered
    }

    /// On which of the three devices somebody is known, and whether it is known whom Ann and Ben follow.
    fn known(remembered: &Remembered, today: Day) -> ([bool; 3], [bool; 2]) {
        (
            [1, 2, 3].map(|device| remembered.session(token(device), today).is_some()),
            [ANN, BEN].map(|member| remembered.follows(member, today).is_some()),
        )
    }

    #[test]
    fn whoever_was_asked_about_is_known_until_something_of_theirs_changes() {
        for (touched, sessions, follows) in [
            (Touched::Nothing, [true; 3], [true; 2]),
            (Touched::Follows(ANN), [true; 3], [false, true]),
            (Touched::Member(ANN), [false, false, true], [false, true]),
            (Touched::Member(BEN), [true, true, false], [true, false]),
            (Touched::Everything, [false; 3], [false; 2]),
        ] {
            let mut remembered = house();
            remembered.forget(touched);
            assert_eq!(known(&remembered, TODAY), (sessions, follows), "{touched:?}");
            let ids = follows.into_iter().filter(|known| *known).count();
            assert_eq!(remembered.followed, ids, "{touched:?}");
        }
    }

    #[test]
    fn an_answer_that_was_on_its_way_while_something_changed_is_not_kept() {
        let mut remembered = house();
        let asked = remembered.ask(TODAY);
        remembered.forget(Touched::Member(ANN));
        remembered.keep_session(asked, token(1), &held(ANN));
        remembered.keep_follows(asked, ANN, &[BEN]);
        assert_eq!(known(&remembered, TODAY), ([false, false, true], [false, true]));
    }

    #[test]
    fn nothing_is_known_on_another_day() {
        let mut remembered = house();
        let yesterday = Day(TODAY.0 - 1);
        for other in [yesterday, Day(TODAY.0 + 1)] {
            assert_eq!(known(&remembered, other), ([false; 3], [false; 2]));
        }
        let asked = remembered.ask(TODAY);
        remembered.ask(yesterday);
        remembered.keep_session(asked, token(1), &held(ANN));
        remembered.ask(TODAY);
        assert_eq!(known(&remembered, TODAY), ([false; 3], [false; 2]), "a clock that is set back and on");
    }

    #[test]
    fn however_many_come_and_however_many_they_follow_there_is_an_end() {
        let mut remembered = Remembered::new();
        let asked = remembered.ask(TODAY);
        let member = |number: u64| MemberId(u128::from(number).to_be_bytes());
        for number in 0..3 * SESSIONS_REMEMBERED_MAX as u64 {
            remembered.keep_session(asked, token(number), &held(member(number)));
            remembered.keep_follows(asked, member(number), &[]);
            assert!(remembered.session(token(number), TODAY).is_some(), "whoever came last is known");
        }
        assert!(remembered.sessions.len() <= SESSIONS_REMEMBERED_MAX);
        assert!(remembered.members.len() <= SESSIONS_REMEMBERED_MAX);
        let many = vec![ANN; FOLLOWED_REMEMBERED_MAX / 10];
        for number in 0..100 {
            remembered.keep_follows(asked, member(number), &many);
            assert!(remembered.follows(member(number), TODAY).is_some());
            assert!(remembered.followed <= FOLLOWED_REMEMBERED_MAX);
        }
    }
}
