//! A room's insurance against a crash: whatever is rebuilt is the room as people were last told it is, or nothing.
//!
//! Where a room cannot be committed any more, what was committed of it would bring back an older one, with people in
//! it who were banned since. So that is forgotten: a crash then ends the room. Every [`UNINSURED_PERIOD`] the whole room
//! is tried again.

use cluster::parent::Uncommittable;
use cluster::{CommitError, Coord};
use protocol::Timestamp;
use rooms::Room;

use super::commit::Committer;
use crate::limits::UNINSURED_PERIOD;
use crate::log::{Record, log};

/// One room's.
#[derive(Debug)]
pub(crate) struct Insurance {
    committer: Committer,
    coord: Coord,
    standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Insured,
    /// Nothing of this room is committed.
    Uninsured {
        again: Timestamp,
    },
}

impl Insurance {
    pub(crate) fn new(committer: Committer, coord: Coord) -> Self {
        Self { committer, coord, standing: Standing::Insured }
    }

    /// Commits what changed, all of it or nothing. Where it returns, either the room is committed as it is now, or
    /// nothing of it is.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] where somebody else owns the room; [`CommitError::Unavailable`] where nobody keeps
    /// anything any more.
    pub(crate) async fn commit(&mut self, now: Timestamp, room: &mut Room) -> Result<(), CommitError> {
        let was = self.standing;
        if let Standing::Uninsured { again } = was {
            if now < again {
                // It is all committed later, or none of it.
                drop(room.poll_changed_parts());
                return Ok(());
            }
            room.handle_forgotten();
        }
        let why = match self.committer.commit(&self.coord, room.poll_changed_parts()).await {
            Ok(()) => {
                self.standing = Standing::Insured;
                if was != Standing::Insured {
                    log(Record::RoomInsured);
                }
                return Ok(());
            }
            Err(CommitError::TooLarge) => Uncommittable::TooLarge,
            Err(CommitError::Full) => Uncommittable::Full,
            Err(error @ (CommitError::Conflict | CommitError::Unavailable)) => return Err(error),
        };
        if was == Standing::Insured {
            log(Record::RoomUninsured(why));
        }
        self.standing = Standing::Uninsured { again: now.plus(UNINSURED_PERIOD) };
        self.committer.forget(&self.coord).await
    }

    /// Where it is committed.
    pub(crate) fn coord(&self) -> Coord {
        self.coord.clone()
    }

    /// When to commit again, whether or not anything changes.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        match self.standing {
            Standing::Insured => None,
            Standing::Uninsured { again } => Some(again),
        }
    }

    /// The room is over.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub(crate) async fn end(&mut self) -> Result<(), CommitError> {
        self.committer.forget(&self.coord).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::commit::put_together;
    use super::super::commit::tests::{ROOM, bench_beside, committer, sealer};
    use super::*;
    use cluster::limits::{BLOB_COST, MAX_BLOB_BYTES, MAX_STORE_BYTES};
    use cluster::{Blob, Sealed, Tag, Version};
    use protocol::id::{CommandId, MemberId, ParticipantId};
    use protocol::limits::{
        ASKED_MAX, BANNED_MAX, CARD_CHARS_MAX, CARD_LINK_BYTES_MAX, FACES_MAX, HAND_TOPIC_CHARS_MAX,
        HANDLE_CHARS_MAX, HANDS_MAX, MODERATORS_MAX, NAME_CHARS_MAX, PEOPLE_PER_ROOM_MAX, STAGE_MAX,
        TALK_TOPIC_CHARS_MAX,
    };
    use protocol::room::{
        Confidentiality, HandNote, HandPolicy, LeftReason, PinnedCard, RoomCommand, RoomKind,
    };
    use protocol::text::{CardLink, CardText, DisplayName, HandTopic, Handle, Language, TalkTopic};
    use rooms::{Arrival, Asked, AskedAs, Joined, NewRoom, Part, Who};
    use std::collections::BTreeMap;

    const NOW: Timestamp = Timestamp(1_000_000_000_000);
    const OWNER: ParticipantId = ParticipantId(u32::MAX);

    fn who(number: u32) -> Who {
        let mut bytes = [0xff; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Who::Member(MemberId(bytes))
    }

    /// As long as names get: each of these characters has four bytes.
    fn longest(number: u32) -> Arrival {
        let text = |chars: usize| "\u{20000}".repeat(chars);
        Arrival {
            who: who(number),
            name: DisplayName::parse(&text(NAME_CHARS_MAX)).expect("a name"),
            handle: Some(Handle::parse(&text(HANDLE_CHARS_MAX)).expect("a handle")),
            guest_of: None,
            newcomer: false,
            picture: None,
            // Spread over the shares, and long when written.
            id: ParticipantId(u32::MAX - number),
        }
    }

    fn room() -> Room {
        let new = NewRoom {
            title: None,
            kind: RoomKind::Open,
            hands: HandPolicy::Everyone,
            confidentiality: Confidentiality::Relayed,
            language: None,
            club: None,
            asked: Vec::new(),
            event: None,
        };
        Room::start(NOW, ROOM, keyed::Key::from_random([9; 32]), new, longest(0)).expect("started")
    }

    fn comes(room: &mut Room, number: u32) -> ParticipantId {
        let (Joined::New(id) | Joined::Again(id)) = room.handle_join(NOW, longest(number)).expect("in");
        drain(room);
        id
    }

    fn drain(room: &mut Room) {
        while room.poll_effect().is_some() {}
    }

    struct Commands(u128);

    impl Commands {
        fn does(&mut self, room: &mut Room, from: ParticipantId, command: RoomCommand) {
            self.0 += 1;
            room.handle_command(NOW, from, CommandId(self.0.to_le_bytes()), command).expect("done");
            drain(room);
        }
    }

    /// A room at every limit there is.
    fn fullest_room() -> Room {
        let count = |n: usize| u32::try_from(n).expect("a count");
        let (mut room, mut commands) = (room(), Commands(0));
        let mut numbers = 1..;
        let mut next = || numbers.next().expect("without end");
        for _ in 0..BANNED_MAX {
            let who = comes(&mut room, next());
            commands.does(&mut room, OWNER, RoomCommand::Ban { who });
        }
        let asked = (0..count(ASKED_MAX)).map(|n| {
            let Arrival { who, handle, .. } = longest(u32::MAX - n);
            Asked { who, handle, role: AskedAs::Participant }
        });
        room.handle_ask(NOW, OWNER, CommandId([0xee; 16]), asked.collect()).expect("asked");
        for _ in 1..MODERATORS_MAX {
            let who = comes(&mut room, next());
            commands.does(&mut room, OWNER, RoomCommand::MakeModerator { who });
        }
        for _ in 1..STAGE_MAX {
            let who = comes(&mut room, next());
            commands.does(&mut room, OWNER, RoomCommand::InviteToStage { who });
            commands.does(&mut room, who, RoomCommand::AcceptInvitation);
        }
        for _ in 0..HANDS_MAX {
            let who = comes(&mut room, next());
            commands.does(&mut room, who, RoomCommand::RaiseHand);
            let topic = HandTopic::parse(&"\u{20000}".repeat(HAND_TOPIC_CHARS_MAX)).ok();
            let note = HandNote { topic, language: Language::parse("und").ok() };
            commands.does(&mut room, who, RoomCommand::NoteHand { note });
        }
        let about = TalkTopic::parse(&"\u{20000}".repeat(TALK_TOPIC_CHARS_MAX)).ok();
        commands.does(&mut room, OWNER, RoomCommand::SetLine { about });
        let text = CardText::parse(&"\u{20000}".repeat(CARD_CHARS_MAX)).expect("a text");
        let room_for_more = CARD_LINK_BYTES_MAX - "https://a/".len();
        let link = CardLink::parse(&format!("https://a/{}", "b".repeat(room_for_more))).ok();
        commands.does(&mut room, OWNER, RoomCommand::PinCard { card: Some(PinnedCard { text, link }) });
        while room.handle_join(NOW, longest(next())).is_ok() {
            drain(&mut room);
        }
        room
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_room_filled_to_every_limit_is_committed_whole_and_rebuilt() {
        let mut bench = bench_beside(&[]);
        // The parent reads while we write: such a commit is longer than a socket holds.
        let (done, kept) = std::sync::mpsc::channel();
        let coord = bench.coord.clone();
        std::thread::spawn(move || done.send(bench.kept(1)));
        let mut room = fullest_room();
        room.handle_forgotten();
        let parts: BTreeMap<Part, Option<Vec<u8>>> = room.poll_changed_parts().into_iter().collect();
        assert_eq!(parts.len(), 257);
        let core = parts.get(&Part::Core).and_then(Option::as_ref).expect("a core").len();
        assert!(core <= rooms::CORE_BYTES_MAX && core > rooms::CORE_BYTES_MAX / 2, "{core}");
        room.handle_forgotten();
        let mut insurance = Insurance::new(committer(), coord);
        insurance.commit(NOW, &mut room).await.expect("kept");
        assert_eq!(insurance.standing, Standing::Insured);
        let blobs = kept.recv().expect("read");
        let mut found = put_together(&blobs, &sealer());
        let whole = found.rooms.pop().expect("whole");
        let rebuilt = Room::restore(NOW, whole.parts, FACES_MAX).expect("rebuilt");
        assert_eq!(rebuilt.recipients(rooms::To::Everyone).len(), PEOPLE_PER_ROOM_MAX);
        assert_eq!(rebuilt.may_find(who(1)), rooms::Found::NotThere, "banned");
    }

    /// Other rooms take everything but this many bytes.
    fn others_leave(bytes: usize) -> Vec<Blob> {
        let mut others = Vec::new();
        let mut left = MAX_STORE_BYTES - bytes;
        while left > BLOB_COST {
            let size = (left - BLOB_COST).min(MAX_BLOB_BYTES);
            let tag = Tag::from_random((others.len() as u128).to_le_bytes());
            others.push(Blob { tag, version: Version::FIRST, sealed: Sealed::from_bytes(vec![0; size]) });
            left -= size + BLOB_COST;
        }
        others
    }

    #[tokio::test]
    async fn of_a_room_that_cannot_be_committed_nothing_older_stays() {
        let others = others_leave(4_000);
        let mut bench = bench_beside(&others);
        let mut room = room();
        let mut insurance = Insurance::new(committer(), bench.coord.clone());
        insurance.commit(NOW, &mut room).await.expect("kept");
        assert_eq!(bench.kept(1).len(), 1);

        let people: Vec<_> = (1..20).map(|number| comes(&mut room, number)).collect();
        let eve = people[0];
        Commands(0).does(&mut room, OWNER, RoomCommand::Ban { who: eve });
        insurance.commit(NOW, &mut room).await.expect("forgotten");
        assert!(bench.kept(1).is_empty(), "a room without the ban is no room");
        comes(&mut room, 20);
        insurance.commit(NOW, &mut room).await.expect("not yet");

        // Smaller, and some time later.
        for id in people {
            room.handle_leave(NOW, id, LeftReason::Left);
        }
        drain(&mut room);
        let later = insurance.due().expect("tried again");
        insurance.commit(later, &mut room).await.expect("kept again");
        assert_eq!(insurance.due(), None);
        let mut found = put_together(&bench.kept(1), &sealer());
        let whole = found.rooms.pop().expect("whole");
        let rebuilt = Room::restore(later, whole.parts, FACES_MAX).expect("rebuilt");
        assert_eq!(rebuilt.may_find(who(1)), rooms::Found::NotThere, "banned");
        assert_eq!(rebuilt.recipients(rooms::To::Everyone).len(), 2);
    }
}
