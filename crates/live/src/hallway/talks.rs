//! Who would like to talk, and asks whom, carried to and from the sockets of those it concerns.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::ErrorCode;
use protocol::Timestamp;
use protocol::company::Company as Told;
use protocol::id::{MemberId, RoomId};
use protocol::socket::ServerMessage;
use protocol::text::Handle;
use tokio::sync::oneshot;

use super::shown::{AskedLast, Shown};
use super::{Hallway, Running, ToHallway, send};
use crate::clock;
use crate::company::{Known, Word};
use crate::limits::COMPANY_TOLD_TOGETHER;
use crate::socket::ConnectionId;
use crate::socket::outbox::encode;

/// What is said of it. Whoever says it waits for the answer.
pub(crate) enum Talks {
    Available { connection: ConnectionId, who: Known },
    NotAvailable { member: MemberId },
    Ask { connection: ConnectionId, asker: Known, asked: MemberId },
    TakeBack { asker: MemberId },
    Decline { asked: MemberId, asker: Handle },
    Accept { asked: MemberId, asker: Handle },
    Opened { asker: MemberId, by: Known, room: RoomId },
    NotOpened { asker: MemberId, by: Known },
    Engaged { member: MemberId },
    Arrived { inviter: MemberId, newcomer: Known },
    PutArrivalAway { inviter: MemberId, who: Handle },
    Called(Known),
}

/// Who asked, where that was the question.
pub(super) type Answer = Result<Option<Box<Known>>, ErrorCode>;

impl Hallway {
    /// # Errors
    /// What [`crate::company`] says.
    pub(crate) async fn talks(&self, word: Talks) -> Result<Option<Box<Known>>, ErrorCode> {
        let (reply, answer) = oneshot::channel();
        self.say(ToHallway::Talks { word: Box::new(word), reply }).await;
        answer.await.unwrap_or(Err(ErrorCode::Internal))
    }
}

impl Running {
    pub(super) fn hear_of_talks(&mut self, word: Talks) -> Answer {
        let now = clock::now();
        match word {
            Talks::Available { connection, who } => {
                let follows = self.follows_at(connection).ok_or(ErrorCode::OutOfOrder)?;
                self.company.available(now, who, follows)?;
            }
            Talks::NotAvailable { member } => self.company.not_available(now, member),
            Talks::Ask { connection, asker, asked } => {
                let follows = self.follows_at(connection).ok_or(ErrorCode::OutOfOrder)?;
                let member = asker.member;
                self.company.ask(now, asker, &follows, asked)?;
                for shown in self.viewers.values_mut().filter(|shown| shown.viewer.member == member) {
                    let here = shown.viewer.connection == connection;
                    shown.asked = if here { AskedLast::Here } else { AskedLast::Elsewhere };
                }
            }
            Talks::TakeBack { asker } => self.company.take_back(now, asker),
            Talks::Decline { asked, asker } => self.company.decline(now, asked, &asker)?,
            Talks::Accept { asked, asker } => {
                return self.company.accept(now, asked, &asker).map(|asker| Some(Box::new(asker)));
            }
            Talks::Opened { asker, by, room } => self.company.opened(now, asker, &by, room),
            Talks::NotOpened { asker, by } => self.company.not_opened(now, asker, &by),
            Talks::Engaged { member } => self.company.engaged(now, member),
            Talks::Arrived { inviter, newcomer } if self.is_here(inviter) => {
                self.company.arrived(now, inviter, newcomer);
            }
            // Nobody there to be told, and nothing is kept for later.
            Talks::Arrived { .. } => {}
            Talks::PutArrivalAway { inviter, who } => self.company.put_arrival_away(inviter, &who),
            Talks::Called(who) => self.company.called(now, &who),
        }
        Ok(None)
    }

    /// A page of somebody is gone.
    pub(super) fn page_gone(&mut self, member: MemberId) {
        if self.company.concerns(member) && !self.is_here(member) {
            self.company.left(clock::now(), member);
        }
    }

    /// A device of somebody was signed out; nothing of theirs stands without another one.
    pub(super) fn device_gone(&mut self, shown: impl Fn(&Shown) -> bool) {
        let theirs: BTreeSet<MemberId> =
            self.viewers.values().filter(|one| shown(one)).map(|one| one.viewer.member).collect();
        for member in theirs {
            // One that was dismissed is nobody's page any more: with an account all of its sessions end, one after the other.
            let another =
                |one: &Shown| one.viewer.member == member && !shown(one) && !one.viewer.outbox.is_dismissed();
            if !self.viewers.values().any(|one| another(one)) {
                self.company.signed_out(clock::now(), member);
            }
        }
    }

    /// What was said once goes out at once.
    pub(super) fn pass_on(&mut self) {
        while let Some(said) = self.company.poll_said() {
            self.tell_once(said.to, &said.word);
        }
    }

    /// What is new to those it concerns, some at a time, and once a round: whoever switches something on and off all the time
    /// keeps nobody busy with it.
    pub(super) fn tell_of_talks(&mut self, now: Timestamp) {
        self.company.advance(now);
        self.pass_on();
        let concerned = self.company.poll_concerned();
        if concerned.is_empty() {
            return;
        }
        let mut left = COMPANY_TOLD_TOGETHER;
        let mut later = BTreeSet::new();
        for shown in self.viewers.values_mut().filter(|shown| concerned.contains(&shown.viewer.member)) {
            if left == 0 {
                later.insert(Box::new(shown.viewer.member));
                continue;
            }
            left -= 1;
            let Some(follows) = shown.follows() else { continue };
            let company = self.company.seen_by(shown.viewer.member, &follows);
            if shown.knows(&company) {
                continue;
            }
            send(&shown.viewer.outbox, encode(&ServerMessage::Company { company: company.clone() }));
            shown.company = (company != Told::default()).then(|| Box::new(company));
        }
        self.company.wait(later);
    }

    /// On every page of theirs; where to come in, on the one that asked alone.
    fn tell_once(&self, to: MemberId, word: &Word) {
        let theirs =
            || self.viewers.values().filter(|one| one.viewer.member == to && one.follows().is_some());
        match word.clone() {
            Word::Over { who, why } => {
                let over = encode(&ServerMessage::TalkOver { who, why });
                theirs().for_each(|shown| send(&shown.viewer.outbox, over.clone()));
            }
            Word::Opened { who, room } => {
                // Where that page is gone, the one that was opened last is the one that somebody looks at.
                let page = theirs().find(|one| one.asked == AskedLast::Here).or_else(|| theirs().next_back());
                if let Some(shown) = page {
                    send(&shown.viewer.outbox, encode(&ServerMessage::TalkOpened { who, room }));
                }
            }
        }
    }

    fn is_here(&self, member: MemberId) -> bool {
        self.viewers.values().any(|shown| shown.viewer.member == member)
    }

    fn follows_at(&self, connection: ConnectionId) -> Option<Arc<BTreeSet<MemberId>>> {
        self.viewers.get(&connection)?.follows()
    }
}

impl Shown {
    /// Nothing is what they know from the start.
    fn knows(&self, company: &Told) -> bool {
        match &self.company {
            Some(told) => **told == *company,
            None => *company == Told::default(),
        }
    }
}
