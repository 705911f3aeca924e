//! What people write to the room: remembered as far as anybody scrolls back, told to everybody at most once a second, and
//! committed nowhere. It goes with whoever wrote it, so that nobody who left is among what the room remembers.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use protocol::id::{CommandId, ParticipantId};
use protocol::limits::{CHAT_EACH, CHAT_MESSAGES_MAX, CHAT_PERIOD, CHAT_PERIOD_MAX, CHAT_SLOW_EACH};
use protocol::room::{Authority, Chat, ChatId, ChatMessage, RoomEvent};
use protocol::text::ChatText;
use protocol::{ErrorCode, Timestamp};

use crate::Room;
use crate::room::Actor;

#[derive(Debug, Clone, Default)]
pub(crate) struct Written {
    /// Oldest first. In boxes, which are wiped: a queue does not overwrite what is taken out of it.
    kept: VecDeque<Box<Kept>>,
    /// When somebody wrote last, for as long as that keeps them from writing.
    last: BTreeMap<ParticipantId, Timestamp>,
    next: u32,
    /// Those from this one on were not told yet.
    untold: u32,
    gone: Vec<ChatId>,
    /// Nothing is told before this.
    until: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Kept {
    id: ChatId,
    from: ParticipantId,
    /// Who repeats it after a torn line has not written it twice.
    command: CommandId,
    text: ChatText,
    at: Timestamp,
}

impl Written {
    /// When there is something to tell, or the second after the last word is over.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.until
    }

    pub(crate) fn leaves(&mut self, id: ParticipantId) {
        self.last.remove(&id);
        self.take_away(|kept| kept.from == id);
    }

    fn take_away(&mut self, which: impl Fn(&Kept) -> bool) {
        // Nobody has to be told that something is gone of which they were not told.
        let told = self.kept.iter().filter(|kept| which(kept) && kept.id.0 < self.untold);
        self.gone.extend(told.map(|kept| kept.id));
        self.kept.retain(|kept| !which(kept));
    }

    fn untold(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().map(Box::as_ref).filter(|kept| kept.id.0 >= self.untold)
    }
}

impl Room {
    pub(crate) fn set_chat(&mut self, chat: Chat) -> Result<(), ErrorCode> {
        if self.state.chat != chat {
            self.state_mut().chat = chat;
        }
        // That it is off says that nothing is there any more.
        if chat == Chat::Off {
            let next = self.written.next;
            self.written = Written { next, untold: next, ..Written::default() };
        }
        Ok(())
    }

    pub(crate) fn say(
        &mut self,
        now: Timestamp,
        from: ParticipantId,
        command: CommandId,
        text: ChatText,
    ) -> Result<(), ErrorCode> {
        let Actor { authority, .. } = self.actor(from)?;
        let each = match self.state.chat {
            Chat::Off => return Err(ErrorCode::NotNow),
            Chat::Slow if authority < Authority::Moderator => CHAT_SLOW_EACH,
            Chat::Slow | Chat::On => CHAT_EACH,
        };
        let written = &mut self.written;
        if written.kept.iter().any(|kept| kept.from == from && kept.command == command) {
            return Ok(());
        }
        let soon = written.last.get(&from).is_some_and(|last| last.plus(each) > now);
        if soon || written.untold().count() >= CHAT_PERIOD_MAX {
            return Err(ErrorCode::TooMany);
        }
        let id = ChatId(written.next);
        written.next = written.next.saturating_add(1);
        written.last.insert(from, now);
        if written.kept.len() >= CHAT_MESSAGES_MAX {
            written.kept.pop_front();
        }
        written.kept.push_back(Box::new(Kept { id, from, command, text, at: now }));
        Ok(())
    }

    /// What is not there any more is taken away already.
    pub(crate) fn take_away(&mut self, actor: Actor, message: ChatId) -> Result<(), ErrorCode> {
        let Some(from) = self.written.kept.iter().find(|kept| kept.id == message).map(|kept| kept.from)
        else {
            return Ok(());
        };
        let below = self.actor(from).is_ok_and(|author| author.authority < actor.authority);
        if from != actor.id && (actor.authority < Authority::Moderator || !below) {
            return Err(ErrorCode::NotAllowed);
        }
        self.written.take_away(|kept| kept.id == message);
        Ok(())
    }

    /// Forgets who wrote too long ago to be kept from writing.
    pub(crate) fn advance_chat(&mut self, now: Timestamp) {
        let longest: Duration = CHAT_SLOW_EACH.max(CHAT_EACH);
        self.written.last.retain(|_, last| last.plus(longest) > now);
    }

    /// All that is remembered and was told.
    pub(crate) fn chat(&self) -> Vec<ChatMessage> {
        let told = self.written.kept.iter().filter(|kept| kept.id.0 < self.written.untold);
        told.filter_map(|kept| self.message(kept)).collect()
    }

    /// What is to be told by now: the first at once, what follows within a second together.
    pub(crate) fn take_chat(&mut self, now: Timestamp) -> Option<RoomEvent> {
        if self.written.until.is_some_and(|until| now < until) {
            return None;
        }
        let said: Vec<ChatMessage> = self.written.untold().filter_map(|kept| self.message(kept)).collect();
        let gone = std::mem::take(&mut self.written.gone);
        self.written.untold = self.written.next;
        let some = !said.is_empty() || !gone.is_empty();
        self.written.until = some.then(|| now.plus(CHAT_PERIOD));
        some.then_some(RoomEvent::Chat { said, gone })
    }

    /// What must be true of it, whatever happened.
    pub(crate) fn check_chat(&self) -> Result<(), &'static str> {
        let written = &self.written;
        if written.kept.len() > CHAT_MESSAGES_MAX
            || (self.state.chat == Chat::Off && !written.kept.is_empty())
        {
            return Err("what is written is bounded, and nothing where nobody writes");
        }
        let gone = |id: &ParticipantId| self.people.get(*id).is_none();
        if written.last.keys().any(gone) || written.kept.iter().any(|kept| gone(&kept.from)) {
            return Err("nobody is remembered for what they wrote who is gone");
        }
        Ok(())
    }

    fn message(&self, kept: &Kept) -> Option<ChatMessage> {
        let Kept { id, from, text, at, .. } = kept;
        let person = self.people.get(*from)?;
        let (name, handle) = (person.name.clone(), person.handle.clone());
        Some(ChatMessage { id: *id, from: *from, name, handle, text: text.clone(), at: *at })
    }
}
