//! Who may ping whom.

use keeper_api::{Person, Ping, Reply};
use protocol::ErrorCode;
use protocol::id::MemberId;
use protocol::text::Handle;

use super::{FakeKeeper, Member, State};

impl FakeKeeper {
    pub(in super::super) fn mute_pings(&self, who: &str, whom: &str) {
        let mut state = self.state();
        let whom = state.by_handle(whom).person.id;
        state.by_handle(who).unpinged_by.insert(whom);
    }
}

impl State {
    /// Those of these who are there for whoever asks.
    pub(super) fn resolve(&self, asker: MemberId, handles: &[Handle]) -> Reply {
        let people = self.members.iter().map(|member| member.person.clone());
        let seen = |person: &Person| !self.blocks.contains(&(person.id, asker));
        Reply::People(people.filter(|person| handles.contains(&person.handle) && seen(person)).collect())
    }

    pub(super) fn may_ping(&self, by: MemberId, who: &Handle) -> Result<Reply, ErrorCode> {
        let seen = |m: &&Member| m.person.handle == *who && !self.blocks.contains(&(m.person.id, by));
        let member = self.members.iter().find(seen).ok_or(ErrorCode::NotThere)?;
        let id = member.person.id;
        match (member.follows.contains(&by), member.unpinged_by.contains(&by)) {
            (false, _) => Err(ErrorCode::NotAllowed),
            (true, true) => Ok(Reply::Ping(Ping::Muted(id))),
            (true, false) => Ok(Reply::Ping(Ping::Reaches(id))),
        }
    }
}
